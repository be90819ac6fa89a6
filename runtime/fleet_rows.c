/* fleet_rows.c: one row of cells becomes entities, links and values. A row is done in three passes: whom
 * it names, what that links, what it says about them. A cell that repeats the one of the row before costs
 * one comparison, and links and values between things that both repeat cost none. */
#include <config.h>

#include "lang/suggest.h"
#include "runtime/fleet_table_data.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_SUGGESTED = 100000 }; /* entities that are searched for a similar name */

static Fleet *fleet_of(FleetTable *t) { return t->load->f; }
static const FleetKind *kind_at(const FleetTable *t, uint32_t k) { return &t->load->f->schema->kinds[k]; }

static bool reporting(const FleetTable *t) { return diag_count(t->load->sink) < LIMIT_DIAGNOSTICS; }

/* Is the cell the last good one of its column again? */
static bool repeats(Column *c, FleetCell cell, uint32_t row) {
  if (!c->last || c->last_len != cell.len || memcmp(c->last, cell.bytes, cell.len) != 0) return false;
  c->given = true;
  c->again = c->last_row + 1 == row;
  c->last_row = row;
  return true;
}

static void remember(Column *c, FleetCell cell, uint32_t row, int64_t value) {
  c->last = cell.bytes;
  c->last_len = cell.len;
  c->last_row = row;
  c->value = value;
  c->given = true;
}

/* ---- whom the row names ---- */

static bool has_room(FleetTable *t, uint32_t kind, FleetCell cell, FleetRow row) {
  if (fleet_of(t)->kinds[kind].count < LIMIT_ENTITIES) return true;
  fleet_table_diag(t, E_FLEET_LIMIT, row, cell.at, "more than %u entities of the kind %s", LIMIT_ENTITIES,
                   kind_at(t, kind)->name);
  return false;
}

static Entity define(FleetTable *t, uint32_t name, FleetCell cell, FleetRow row) {
  Fleet *f = fleet_of(t);
  KindStore *s = &f->kinds[t->kind];
  Entity e = fleet_find_text(f, t->kind, name);
  if (e == ENTITY_NONE) {
    if (!has_room(t, t->kind, cell, row)) return ENTITY_NONE;
    e = fleet_add(f, t->kind, name, t->file, row.line);
  } else if (s->defined[e]) {
    uint32_t line;
    const char *file = fleet_place(f, t->kind, e, &line);
    Diag *d = fleet_table_diag(t, E_FLEET_NAME_TWICE, row, cell.at, "a second %s is called `%s`",
                               kind_at(t, t->kind)->name, fleet_name(f, t->kind, e));
    diag_note(t->load->sink, d, "the first is at %s:%" PRIu32 "; names are unique within a kind", file, line);
    return ENTITY_NONE;
  } else {
    s->lines[e] = row.line;
    s->files[e] = (uint8_t)t->file;
  }
  s->defined[e] = 1;
  return e;
}

static void name_own(FleetTable *t, const FleetCell *cells, FleetRow row) {
  Mention *own = &t->mentions.items[0];
  own->entity = ENTITY_NONE;
  own->named = true; /* badly named, it still stands for something */
  if (t->key == NO_INDEX || cells[t->key].len == 0) {
    if (t->key == NO_INDEX && t->fixed) return;
    const char *kind = kind_at(t, t->kind)->name;
    Diag *d = fleet_table_diag(t, E_FLEET_NAME, row, t->key == NO_INDEX ? row.start : cells[t->key].at,
                               "a %s without a name", kind);
    diag_note(t->load->sink, d, "every %s has a name of its own, in the column `%s`", kind,
              kind_at(t, t->kind)->attrs[kind_at(t, t->kind)->key].name);
    return;
  }
  uint32_t name = fleet_cell_name(t, &t->columns[t->key], cells[t->key], row);
  if (name != TEXT_NONE) own->entity = define(t, name, cells[t->key], row);
}

static void unknown_reference(FleetTable *t, const Column *c, uint32_t kind, FleetCell cell, FleetRow row) {
  const Fleet *f = fleet_of(t);
  Diag *d = fleet_table_diag(t, E_FLEET_REFERENCE, row, cell.at, "column `%s`: no %s is called `%.*s`",
                             c->name, kind_at(t, kind)->name, fleet_shown(cell.bytes, cell.len), cell.bytes);
  Suggest s = suggest_begin(cell.bytes, cell.len);
  uint32_t count = reporting(t) ? f->kinds[kind].count : 0;
  for (Entity e = 0; e < count && e < MOST_SUGGESTED; e++) suggest_offer(&s, fleet_name(f, kind, e));
  if (suggest_best(&s))
    diag_note(t->load->sink, d, "did you mean `%s`?", suggest_best(&s));
  else
    diag_note(t->load->sink, d, "the table `%s` of the inventory has a row for every %s",
              kind_at(t, kind)->plural, kind_at(t, kind)->name);
}

/* The entity that a cell names: found, or made here when its kind has no table to be found in. */
static Entity entity_named(FleetTable *t, const Column *c, uint32_t kind, FleetCell cell, FleetRow row) {
  uint32_t name = fleet_cell_name(t, c, cell, row);
  if (name == TEXT_NONE) return ENTITY_NONE;
  Entity e = fleet_find_text(fleet_of(t), kind, name);
  if (e != ENTITY_NONE) return e;
  if (t->load->complete[kind]) {
    unknown_reference(t, c, kind, cell, row);
    return ENTITY_NONE;
  }
  return has_room(t, kind, cell, row) ? fleet_add(fleet_of(t), kind, name, t->file, row.line) : ENTITY_NONE;
}

static void name_mention(FleetTable *t, Column *c, FleetCell cell, FleetRow row) {
  Mention *m = &t->mentions.items[c->target];
  m->named = cell.len > 0;
  m->again = false;
  m->entity = ENTITY_NONE;
  if (!m->named) return;
  if (!repeats(c, cell, t->row)) {
    Entity e = entity_named(t, c, m->kind, cell, row);
    if (e == ENTITY_NONE) return;
    remember(c, cell, t->row, e);
  }
  m->again = c->again;
  m->entity = (Entity)c->value;
}

/* ---- lists ---- */

static bool holds(const Fleet *f, uint32_t start, Entity item) {
  for (uint32_t i = start; i < f->list_len; i++)
    if (f->lists[i] == item) return true;
  return false;
}

/* One name of a list; false when it is not good. */
static bool add_item(FleetTable *t, const Column *c, uint32_t start, FleetCell item, FleetRow row) {
  uint32_t kind = kind_at(t, t->mentions.items[c->of].kind)->attrs[c->index].kind;
  const char *fault = item.len == 0 ? "has an empty name in its list" : NULL;
  Entity e = fault ? ENTITY_NONE : entity_named(t, c, kind, item, row);
  if (e != ENTITY_NONE && holds(fleet_of(t), start, e)) fault = "names the same thing twice";
  if (fault) {
    Diag *d = fleet_table_diag(t, E_FLEET_NAME, row, item.at, "column `%s` %s", c->name, fault);
    diag_note(t->load->sink, d, "write the names with one `;` between them");
  }
  if (fault || e == ENTITY_NONE) return false;
  fleet_push_item(fleet_of(t), e);
  return true;
}

static void read_list(FleetTable *t, Column *c, FleetCell cell, FleetRow row) {
  if (cell.len == 0 || repeats(c, cell, t->row)) return;
  uint32_t start = fleet_of(t)->list_len;
  bool good = true;
  const char *end = cell.bytes + cell.len;
  for (const char *p = cell.bytes;;) {
    const char *semicolon = memchr(p, ';', (size_t)(end - p));
    const char *stop = semicolon ? semicolon : end;
    FleetCell item = {.bytes = p,
                      .at = cell.quoted ? cell.at : p,
                      .len = (uint32_t)(stop - p),
                      .plain = cell.plain,
                      .part = true};
    good = add_item(t, c, start, item, row) && good;
    if (!semicolon) break;
    p = semicolon + 1;
  }
  if (!good) return;
  remember(c, cell, t->row, start);
  c->list_len = fleet_of(t)->list_len - start;
}

/* ---- what that links ---- */

/* Entity e of kind gets the entity of mention `to`. A contradiction is reported in every row that has it:
 * the cell is not remembered. */
static void set_link(FleetTable *t, uint32_t kind, uint32_t attr, Entity e, const Mention *to, const char *at,
                     FleetRow row) {
  Fleet *f = fleet_of(t);
  Entity have = fleet_edge_target(f, kind, (FleetEdge){.attr = attr}, e);
  if (have == to->entity) return;
  if (have != ENTITY_NONE) {
    fleet_conflict_link(t, kind, attr, e, to->entity, at, row);
    t->columns[to->column].last = NULL;
  } else if (attr == FLEET_BY_PARENT) {
    fleet_set_parent(f, kind, e, to->entity);
  } else {
    fleet_set(f, kind, attr, e, to->entity);
    if (kind_at(t, kind)->attrs[attr].own) fleet_own_claim(t, kind, attr, e, to->entity, at, row);
  }
}

static void link_list(FleetTable *t, const Link *l, const char *at, FleetRow row) {
  const Column *c = &t->columns[l->from];
  Mention *to = &t->mentions.items[l->to];
  if (!c->given) return;
  to->linked = true;
  if (to->entity == ENTITY_NONE || (c->again && to->again)) return;
  uint32_t kind = kind_at(t, t->mentions.items[c->of].kind)->attrs[c->index].kind;
  for (uint32_t i = 0; i < c->list_len; i++)
    set_link(t, kind, l->attr, fleet_of(t)->lists[c->value + i], to, at, row);
}

static void link_row(FleetTable *t, const FleetCell *cells, FleetRow row) {
  for (uint32_t i = 0; i < t->links.len; i++) {
    const Link *l = &t->links.items[i];
    Mention *to = &t->mentions.items[l->to];
    if (!to->named) continue;
    const char *at = cells[to->column].at;
    if (l->list) {
      link_list(t, l, at, row);
      continue;
    }
    const Mention *from = &t->mentions.items[l->from];
    if (!from->named || (l->unless != NO_INDEX && t->mentions.items[l->unless].named)) continue;
    to->linked = true;
    if (from->entity == ENTITY_NONE || to->entity == ENTITY_NONE) continue;
    if (from->again && to->again && l->unless == NO_INDEX) continue; /* was set by the row before */
    set_link(t, from->kind, l->attr, from->entity, to, at, row);
  }
}

/* A cell that says something about nobody. */
static void loose_cell(FleetTable *t, const Column *c, uint32_t kind, FleetCell cell, FleetRow row) {
  Diag *d = fleet_table_diag(t, E_FLEET_LOOSE, row, cell.at, "column `%s`: the row does not say of which %s",
                             c->name, kind_at(t, kind)->name);
  diag_note(t->load->sink, d, "name the %s in this row, or leave the cell empty", kind_at(t, kind)->name);
}

static void loose_mention(FleetTable *t, const Mention *m, const FleetCell *cells, FleetRow row) {
  const Column *c = &t->columns[m->column];
  if (m->of != NO_INDEX) {
    loose_cell(t, c, t->mentions.items[m->of].kind, cells[m->column], row);
    return;
  }
  Diag *d =
      fleet_table_diag(t, E_FLEET_LOOSE, row, cells[m->column].at,
                       "column `%s`: nothing in this row is in a %s", c->name, kind_at(t, m->kind)->name);
  diag_note(t->load->sink, d, "name what stands between the %s and the %s too", kind_at(t, t->kind)->name,
            kind_at(t, m->kind)->name);
}

/* ---- what it says ---- */

/* False when something else was said before. */
static bool give_fact(FleetTable *t, const Column *c, uint32_t kind, FleetCell cell, FleetRow row, Entity e) {
  uint32_t have = fleet_fact(fleet_of(t), kind, c->index, e);
  if (have == c->value) return true;
  if (have == 0)
    fleet_set_fact(fleet_of(t), kind, c->index, e, (uint32_t)c->value);
  else
    fleet_conflict_fact(t, c, cell, row, e);
  return have == 0;
}

static bool give_list(FleetTable *t, const Column *c, uint32_t kind, FleetCell cell, FleetRow row, Entity e) {
  FleetMembers have = fleet_refs(fleet_of(t), kind, c->index, e);
  const Entity *list = fleet_of(t)->lists + c->value;
  if (have.count == c->list_len && memcmp(have.items, list, c->list_len * sizeof *list) == 0) return true;
  if (have.count == 0)
    fleet_set_list(fleet_of(t), kind, c->index, e, (uint32_t)c->value, c->list_len);
  else
    fleet_conflict_list(t, c, cell, row, e);
  return have.count == 0;
}

static bool give_value(FleetTable *t, const Column *c, uint32_t kind, FleetCell cell, FleetRow row,
                       Entity e) {
  int64_t have = fleet_value(fleet_of(t), kind, c->index, e);
  if (have == c->value) return true;
  if (have == FLEET_UNKNOWN)
    fleet_set(fleet_of(t), kind, c->index, e, c->value);
  else
    fleet_conflict_value(t, c, cell, row, e);
  return have == FLEET_UNKNOWN;
}

static bool give(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e) {
  uint32_t kind = t->mentions.items[c->of].kind;
  if (c->role == COLUMN_FACT) return give_fact(t, c, kind, cell, row, e);
  if (c->role == COLUMN_LIST) return give_list(t, c, kind, cell, row, e);
  return give_value(t, c, kind, cell, row, e);
}

static void read_value(FleetTable *t, Column *c, FleetCell cell, FleetRow row) {
  int64_t value;
  if (cell.len == 0 || repeats(c, cell, t->row)) return;
  bool good = c->role == COLUMN_FACT ? fleet_cell_fact(t, c, cell, row, &value)
                                     : fleet_cell_value(t, c, cell, row, &value);
  if (good) remember(c, cell, t->row, value);
}

static void say(FleetTable *t, Column *c, FleetCell cell, FleetRow row) {
  const Mention *m = &t->mentions.items[c->of];
  if (c->role != COLUMN_LIST) read_value(t, c, cell, row);
  if (cell.len > 0 && !m->named) loose_cell(t, c, m->kind, cell, row);
  if (!c->given || m->entity == ENTITY_NONE || (c->again && m->again)) return;
  if (!give(t, c, cell, row, m->entity)) c->last = NULL; /* to be reported in the next row too */
}

void fleet_table_row(FleetTable *t, const FleetCell *cells, FleetRow row) {
  if (t->stale) fleet_table_make_links(t);
  t->row++;
  for (uint32_t i = 0; i < t->mentions.len; i++)
    t->mentions.items[i].linked = t->mentions.items[i].named = false;
  name_own(t, cells, row);
  for (uint32_t i = 0; i < t->column_count; i++) {
    t->columns[i].given = t->columns[i].again = false;
    if (t->columns[i].role == COLUMN_MENTION) name_mention(t, &t->columns[i], cells[i], row);
    if (t->columns[i].role == COLUMN_LIST) read_list(t, &t->columns[i], cells[i], row);
  }
  link_row(t, cells, row);
  for (uint32_t i = 1; i < t->mentions.len; i++)
    if (t->mentions.items[i].named && !t->mentions.items[i].linked)
      loose_mention(t, &t->mentions.items[i], cells, row);
  for (uint32_t i = 0; i < t->column_count; i++) {
    ColumnRole role = t->columns[i].role;
    if (role == COLUMN_VALUE || role == COLUMN_FACT || role == COLUMN_LIST)
      say(t, &t->columns[i], cells[i], row);
  }
}
