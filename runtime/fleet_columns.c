/* fleet_columns.c: the names of a table's columns become ways through the schema, and what a row names
 * becomes links between its entities. See fleet_table.h for the rule that an owner of a fleet reads. */
#include <config.h>

#include "lang/suggest.h"
#include "lang/utf8.h"
#include "runtime/fleet_table_data.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

enum { MOST_SHOWN = 60 }; /* bytes of a cell that a message repeats */

typedef enum StepKind { STEP_NONE, STEP_KEY, STEP_ATTR, STEP_FACT, STEP_PARENT, STEP_KIND } StepKind;
/* One word of a column's name, seen from an entity of some kind; index of the attribute, the fact or the
 * kind. */
typedef struct Step {
  StepKind kind;
  uint32_t index;
} Step;

/* ---- places and names ---- */

void fleet_table_place(FleetRow row, const char *at, uint32_t *ret_line, uint32_t *ret_column) {
  const char *line = row.start;
  *ret_line = row.line;
  for (const char *p = row.start; p < at; p++) {
    if (*p != '\n') continue;
    ++*ret_line;
    line = p + 1;
  }
  *ret_column = (uint32_t)utf8_clusters(line, (size_t)(at - line)) + 1;
}

Diag *fleet_table_diag(FleetTable *t, DiagCode code, FleetRow row, const char *at, const char *format, ...) {
  uint32_t line, column;
  Buf b = BUF_INIT;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(&b, format, ap);
  va_end(ap);
  fleet_table_place(row, at, &line, &column);
  Diag *d = diag_at(t->load->sink, code, t->load->f->files[t->file], line, column, "%s", b.data);
  buf_done(&b);
  return d;
}

int fleet_shown(const char *s, size_t len) {
  if (len <= MOST_SHOWN) return (int)len;
  len = MOST_SHOWN;
  while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80) len--;
  return (int)len;
}

static const FleetKind *kind_at(const FleetTable *t, uint32_t k) { return &t->load->f->schema->kinds[k]; }

/* CoolingUnit -> cooling_unit, in the arena. */
static const char *snake(const FleetTable *t, const char *name) {
  Buf b = BUF_INIT;
  for (const char *p = name; *p; p++) {
    if (isupper((unsigned char)*p) && p > name) buf_char(&b, '_');
    buf_char(&b, (char)tolower((unsigned char)*p));
  }
  const char *s = arena_string(t->load->arena, b.data ? b.data : "", b.len);
  buf_done(&b);
  return s;
}

static const char *mention_word(const FleetTable *t, const Mention *m) {
  if (m->of == NO_INDEX || m->attr == FLEET_BY_PARENT) return snake(t, kind_at(t, m->kind)->name);
  return kind_at(t, t->mentions.items[m->of].kind)->attrs[m->attr].name;
}

/* The column that names the entity of a mention: `rack`, `rack.cooling`. */
static const char *mention_path(const FleetTable *t, uint32_t i) {
  const Mention *m = &t->mentions.items[i];
  const char *word = mention_word(t, m);
  if (m->of == NO_INDEX || m->of == 0) return word;
  return arena_printf(t->load->arena, "%s.%s", mention_path(t, m->of), word);
}

/* ---- one word ---- */

static bool same(const char *name, const char *word, size_t len) {
  return strlen(name) == len && memcmp(name, word, len) == 0;
}

static Step find_step(const FleetTable *t, uint32_t kind, bool first, const char *word, size_t len) {
  const FleetKind *k = kind_at(t, kind);
  const FleetSchema *schema = t->load->f->schema;
  for (uint32_t a = 0; a < k->attr_count; a++)
    if (same(k->attrs[a].name, word, len)) return (Step){a == k->key ? STEP_KEY : STEP_ATTR, a};
  for (uint32_t i = 0; i < k->fact_count; i++)
    if (same(k->facts[i].name, word, len)) return (Step){STEP_FACT, i};
  for (uint32_t other = 0; other < schema->kind_count; other++) {
    if (!same(snake(t, schema->kinds[other].name), word, len)) continue;
    if (other == k->parent) return (Step){STEP_PARENT, other};
    if (first) return other == kind ? (Step){STEP_KEY, k->key} : (Step){STEP_KIND, other};
  }
  return (Step){STEP_NONE, 0};
}

static void offer_words(const FleetTable *t, uint32_t kind, Suggest *s) {
  const FleetKind *k = kind_at(t, kind);
  for (uint32_t a = 0; a < k->attr_count; a++) suggest_offer(s, k->attrs[a].name);
  for (uint32_t i = 0; i < k->fact_count; i++) suggest_offer(s, k->facts[i].name);
  if (k->parent != FLEET_NO_KIND) suggest_offer(s, snake(t, kind_at(t, k->parent)->name));
}

/* `zone` in a table of nodes: site.zone was meant. */
static const char *container_with(const FleetTable *t, const char *word, size_t len) {
  const FleetSchema *schema = t->load->f->schema;
  for (uint32_t k = 0; k < schema->kind_count; k++) {
    if (!fleet_graph_leads(&t->load->f->graph, t->kind, k)) continue;
    Step step = find_step(t, k, false, word, len);
    if (step.kind == STEP_ATTR || step.kind == STEP_FACT)
      return arena_printf(t->load->arena, "%s.%.*s", snake(t, schema->kinds[k].name), (int)len, word);
  }
  return NULL;
}

static void unknown_word(FleetTable *t, uint32_t kind, FleetCell name, FleetRow row, const char *word,
                         size_t len) {
  const FleetSchema *schema = t->load->f->schema;
  bool first = word == name.bytes;
  Diag *d = fleet_table_diag(t, E_FLEET_COLUMN_UNKNOWN, row, word, "column `%.*s`: a %s has no `%.*s`",
                             fleet_shown(name.bytes, name.len), name.bytes, kind_at(t, kind)->name,
                             fleet_shown(word, len), word);
  const char *better = first ? container_with(t, word, len) : NULL;
  if (!better) {
    Suggest s = suggest_begin(arena_string(t->load->arena, word, len), len);
    offer_words(t, kind, &s);
    for (uint32_t k = 0; first && k < schema->kind_count; k++)
      suggest_offer(&s, snake(t, schema->kinds[k].name));
    better = suggest_best(&s);
  }
  if (better)
    diag_note(t->load->sink, d, "did you mean `%s`?", better);
  else
    diag_note(t->load->sink, d, "remove the column, or declare what it holds in the library");
}

/* ---- columns ---- */

static uint32_t mention_of(FleetTable *t, uint32_t of, uint32_t attr, uint32_t kind) {
  for (uint32_t i = 1; i < t->mentions.len; i++) {
    const Mention *m = &t->mentions.items[i];
    if (m->of == of && m->attr == attr && m->kind == kind) return i;
  }
  Mention m = {.kind = kind, .of = of, .attr = attr, .column = NO_INDEX, .entity = ENTITY_NONE};
  vec_push(&t->mentions, m);
  return t->mentions.len - 1;
}

/* Follows the words of the name; false and reported when one of them leads nowhere. */
static bool resolve(FleetTable *t, Column *c, FleetCell name, FleetRow row) {
  const char *end = name.bytes + name.len;
  uint32_t of = 0;
  for (const char *word = name.bytes;;) {
    const char *dot = memchr(word, '.', (size_t)(end - word));
    size_t len = (size_t)((dot ? dot : end) - word);
    uint32_t kind = t->mentions.items[of].kind;
    Step step = find_step(t, kind, word == name.bytes, word, len);
    const FleetAttr *attr = step.kind == STEP_ATTR ? &kind_at(t, kind)->attrs[step.index] : NULL;
    uint32_t next = NO_INDEX;
    if (step.kind == STEP_PARENT) next = mention_of(t, of, FLEET_BY_PARENT, step.index);
    if (step.kind == STEP_KIND) next = mention_of(t, NO_INDEX, NO_INDEX, step.index);
    if (attr && attr->type == FLEET_REF) next = mention_of(t, of, step.index, attr->kind);
    bool good = step.kind != STEP_NONE && (step.kind != STEP_KEY || of == 0) && (!dot || next != NO_INDEX);
    if (!good) {
      unknown_word(t, kind, name, row, word, len);
      return false;
    }
    if (!dot) {
      c->of = of;
      c->index = step.index;
      c->target = next;
      if (step.kind == STEP_KEY)
        c->role = COLUMN_KEY;
      else if (step.kind == STEP_FACT)
        c->role = COLUMN_FACT;
      else if (next != NO_INDEX)
        c->role = COLUMN_MENTION;
      else
        c->role = attr->type == FLEET_REFS ? COLUMN_LIST : COLUMN_VALUE;
      return true;
    }
    of = next;
    word = dot + 1;
  }
}

static bool fills_the_same(const Column *a, const Column *b) {
  if (a->role != b->role || a->role == COLUMN_BAD) return false;
  if (a->role == COLUMN_KEY) return true;
  return a->role == COLUMN_MENTION ? a->target == b->target : a->of == b->of && a->index == b->index;
}

static bool is_second(FleetTable *t, const Column *c, FleetCell name, FleetRow row) {
  for (uint32_t i = 0; i < t->column_count; i++) {
    const Column *other = &t->columns[i];
    if (!fills_the_same(c, other) && strcmp(c->name, other->name) != 0) continue;
    Diag *d = fleet_table_diag(t, E_FLEET_COLUMN_TWICE, row, name.at, "column `%s` stands twice", c->name);
    diag_note(t->load->sink, d, "column %u, `%s`, fills the same", i + 1, other->name);
    return true;
  }
  return false;
}

uint32_t fleet_table_column(FleetTable *t, FleetCell name, FleetRow row) {
  if (t->column_count == LIMIT_FLEET_COLUMNS) {
    Diag *d = fleet_table_diag(t, E_FLEET_LIMIT, row, name.at, "more than %u columns", LIMIT_FLEET_COLUMNS);
    diag_note(t->load->sink, d, "put attributes of containers into a table of their own");
    return NO_INDEX;
  }
  Column c = {.name = arena_string(t->load->arena, name.bytes ? name.bytes : "", name.len),
              .at = name.at,
              .role = COLUMN_BAD};
  if (name.len == 0) {
    Diag *d = fleet_table_diag(t, E_FLEET_COLUMN_UNKNOWN, row, name.at, "column %u has no name",
                               t->column_count + 1);
    diag_note(t->load->sink, d, "the first line names the columns: is there a comma too many?");
  } else if (!resolve(t, &c, name, row)) {
    c.role = COLUMN_BAD;
  } else if (is_second(t, &c, name, row)) {
    c.role = COLUMN_BAD;
  }
  if (c.role == COLUMN_KEY) t->key = t->column_count;
  if (c.role == COLUMN_MENTION) t->mentions.items[c.target].column = t->column_count;
  t->stale = true;
  t->columns[t->column_count] = c;
  return t->column_count++;
}

/* ---- links ---- */

/* The mention that an entity of kind `kind` may be in without saying so: one that the row names at the
 * first level. */
static uint32_t implied_target(const FleetTable *t, uint32_t from, uint32_t kind) {
  for (uint32_t i = 1; i < t->mentions.len; i++) {
    const Mention *m = &t->mentions.items[i];
    if (i != from && m->kind == kind && (m->of == NO_INDEX || m->of == 0) && m->column != NO_INDEX) return i;
  }
  return NO_INDEX;
}

static void add_link(FleetTable *t, Link link) { vec_push(&t->links, link); }

static uint32_t explicit_mention(const FleetTable *t, uint32_t of, uint32_t attr) {
  for (uint32_t i = 1; i < t->mentions.len; i++)
    if (t->mentions.items[i].of == of && t->mentions.items[i].attr == attr) return i;
  return NO_INDEX;
}

static void link_mention(FleetTable *t, uint32_t from) {
  const FleetGraph *g = &t->load->f->graph;
  uint32_t kind = t->mentions.items[from].kind;
  for (uint32_t i = g->first[kind]; i < g->first[kind + 1]; i++) {
    uint32_t said = explicit_mention(t, from, g->edges[i].attr), to = implied_target(t, from, g->edges[i].to);
    if (to != NO_INDEX && to != said) add_link(t, (Link){from, to, g->edges[i].attr, said, false});
  }
}

void fleet_table_make_links(FleetTable *t) {
  t->links.len = 0;
  t->stale = false;
  for (uint32_t i = 1; i < t->mentions.len; i++) {
    const Mention *m = &t->mentions.items[i];
    if (m->of != NO_INDEX) add_link(t, (Link){m->of, i, m->attr, NO_INDEX, false});
  }
  for (uint32_t i = 0; i < t->mentions.len; i++) link_mention(t, i);
  for (uint32_t i = 0; i < t->column_count; i++) {
    const Column *c = &t->columns[i];
    if (c->role != COLUMN_LIST) continue;
    uint32_t kind = kind_at(t, t->mentions.items[c->of].kind)->attrs[c->index].kind;
    uint32_t to = implied_target(t, NO_INDEX, kind_at(t, kind)->parent);
    if (to != NO_INDEX) add_link(t, (Link){i, to, FLEET_BY_PARENT, NO_INDEX, true});
  }
}

/* ---- the header as a whole ---- */

static void spoil_columns_of(FleetTable *t, uint32_t mention) {
  for (uint32_t i = 0; i < t->column_count; i++) {
    Column *c = &t->columns[i];
    bool fills = c->role == COLUMN_VALUE || c->role == COLUMN_FACT || c->role == COLUMN_LIST;
    if ((fills && c->of == mention) || (c->role == COLUMN_MENTION && c->target == mention))
      c->role = COLUMN_BAD;
  }
}

/* Does some good column say something about the mention, at once or further on? */
static bool is_wanted(const FleetTable *t, uint32_t mention) {
  for (uint32_t i = 0; i < t->column_count; i++) {
    const Column *c = &t->columns[i];
    if (c->role == COLUMN_BAD || c->role == COLUMN_KEY) continue;
    if (c->of == mention) return true;
  }
  return false;
}

static void report_nameless(FleetTable *t, uint32_t i, FleetRow row) {
  const char *path = mention_path(t, i);
  Diag *d = fleet_table_diag(t, E_FLEET_COLUMN_MISSING, row, row.start,
                             "no column `%s`, but columns that say something about it", path);
  diag_note(t->load->sink, d, "add the column `%s` with the name of each %s", path,
            kind_at(t, t->mentions.items[i].kind)->name);
  spoil_columns_of(t, i);
}

/* Words for the columns that would connect the row's entity with kind. */
static const char *bridges(const FleetTable *t, uint32_t kind) {
  const FleetGraph *g = &t->load->f->graph;
  Buf b = BUF_INIT;
  for (uint32_t k = 0; k < g->kind_count; k++) {
    bool between = fleet_graph_leads(g, t->kind, k);
    bool direct = false;
    for (uint32_t i = g->first[k]; i < g->first[k + 1]; i++) direct = direct || g->edges[i].to == kind;
    if (between && direct) buf_printf(&b, "%s`%s`", b.len ? " or " : "", snake(t, kind_at(t, k)->name));
  }
  const char *s = arena_string(t->load->arena, b.data ? b.data : "", b.len);
  buf_done(&b);
  return s;
}

static void report_loose(FleetTable *t, uint32_t i, FleetRow row) {
  const Mention *m = &t->mentions.items[i];
  const char *name = kind_at(t, m->kind)->name, *through = bridges(t, m->kind);
  Diag *d =
      fleet_table_diag(t, E_FLEET_COLUMN_UNKNOWN, row, t->columns[m->column].at,
                       "column `%s`: nothing in this table is in a %s", t->columns[m->column].name, name);
  if (*through)
    diag_note(t->load->sink, d, "add the column %s, which stands between", through);
  else
    diag_note(t->load->sink, d, "no %s is ever in a %s: remove the column", kind_at(t, t->kind)->name, name);
  spoil_columns_of(t, i);
}

void fleet_table_header_done(FleetTable *t, FleetRow row) {
  fleet_table_make_links(t);
  t->fixed = true;
  if (t->key == NO_INDEX) {
    const char *key = kind_at(t, t->kind)->attrs[kind_at(t, t->kind)->key].name;
    Diag *d = fleet_table_diag(t, E_FLEET_COLUMN_MISSING, row, row.start,
                               "no column `%s` with the name of each %s", key, kind_at(t, t->kind)->name);
    diag_note(t->load->sink, d, "the first line of a table names its columns; `%s` may also be called `%s`",
              key, snake(t, kind_at(t, t->kind)->name));
  }
  for (uint32_t i = 1; i < t->mentions.len; i++) {
    const Mention *m = &t->mentions.items[i];
    bool linked = false;
    for (uint32_t l = 0; l < t->links.len; l++) linked = linked || t->links.items[l].to == i;
    if (m->column == NO_INDEX && is_wanted(t, i))
      report_nameless(t, i, row);
    else if (m->column != NO_INDEX && !linked && m->of == NO_INDEX)
      report_loose(t, i, row);
  }
}

/* ---- life ---- */

FleetTable *fleet_table_new(FleetLoad *load, uint32_t kind, uint32_t file, int buffer) {
  FleetTable *t = arena_new_object(load->arena, FleetTable);
  t->load = load;
  t->kind = kind;
  t->file = file;
  t->buffer = buffer;
  t->key = NO_INDEX;
  Mention own = {.kind = kind, .of = NO_INDEX, .attr = NO_INDEX, .column = NO_INDEX, .entity = ENTITY_NONE};
  vec_push(&t->mentions, own);
  return t;
}

void fleet_table_done(FleetTable *t) {
  vec_done(&t->mentions);
  vec_done(&t->links);
}

uint32_t fleet_table_kind(const FleetTable *t) { return t->kind; }
uint32_t fleet_table_columns(const FleetTable *t) { return t->column_count; }
const char *fleet_table_column_name(const FleetTable *t, uint32_t column) { return t->columns[column].name; }
