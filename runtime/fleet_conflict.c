/* fleet_conflict.c: what is said when two rows of an inventory disagree about the same thing. Both sides
 * are named, and where the thing was named first. */
#include <config.h>

#include "lang/quantity.h"
#include "runtime/fleet_table_data.h"

#include <inttypes.h>

static const FleetKind *kind_at(const FleetTable *t, uint32_t k) { return &t->load->f->schema->kinds[k]; }
static uint32_t kind_of(const FleetTable *t, const Column *c) { return t->mentions.items[c->of].kind; }

static void note_first(FleetTable *t, Diag *d, uint32_t kind, Entity e) {
  uint32_t line;
  const char *file = fleet_place(t->load->f, kind, e, &line);
  diag_note(t->load->sink, d, "`%s` is named first at %s:%" PRIu32, fleet_name(t->load->f, kind, e), file,
            line);
  diag_note(t->load->sink, d, "correct one of the rows: an inventory says one thing about one thing");
}

static void show_value(const FleetTable *t, uint32_t kind, uint32_t a, Entity e, Buf *out) {
  const FleetAttr *attr = &kind_at(t, kind)->attrs[a];
  int64_t v = fleet_value(t->load->f, kind, a, e);
  switch (attr->type) {
  case FLEET_TEXT: buf_str(out, fleet_text(t->load->f, v)); return;
  case FLEET_BOOL: buf_str(out, v ? "yes" : "no"); return;
  case FLEET_ENUM: buf_str(out, attr->words[v - 1]); return;
  case FLEET_QUANTITY: quantity_show((QuantityKind)attr->dimension, v, out); return;
  case FLEET_INT: buf_printf(out, "%" PRId64, v); return;
  case FLEET_REF: buf_str(out, fleet_name(t->load->f, attr->kind, (Entity)v)); return;
  case FLEET_REFS: return; /* has no single value */
  }
}

static void report(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e,
                   const char *before) {
  uint32_t kind = kind_of(t, c);
  Diag *d = fleet_table_diag(t, E_FLEET_CONFLICT, row, cell.at,
                             "%s `%s`: column `%s` says `%.*s`, but before it was `%s`",
                             kind_at(t, kind)->name, fleet_name(t->load->f, kind, e), c->name,
                             fleet_shown(cell.bytes, cell.len), cell.bytes, before);
  note_first(t, d, kind, e);
}

void fleet_conflict_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e) {
  Buf b = BUF_INIT;
  show_value(t, kind_of(t, c), c->index, e, &b);
  report(t, c, cell, row, e, b.data ? b.data : "");
  buf_done(&b);
}

void fleet_conflict_fact(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e) {
  uint32_t kind = kind_of(t, c);
  report(t, c, cell, row, e,
         kind_at(t, kind)->facts[c->index].values[fleet_fact(t->load->f, kind, c->index, e) - 1]);
}

void fleet_conflict_list(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e) {
  uint32_t kind = kind_of(t, c);
  FleetMembers m = fleet_refs(t->load->f, kind, c->index, e);
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < m.count && b.len < 60; i++)
    buf_printf(&b, "%s%s", i ? ";" : "",
               fleet_name(t->load->f, kind_at(t, kind)->attrs[c->index].kind, fleet_member(m, i)));
  report(t, c, cell, row, e, b.data ? b.data : "");
  buf_done(&b);
}

void fleet_conflict_link(FleetTable *t, uint32_t kind, uint32_t attr, Entity e, Entity other, const char *at,
                         FleetRow row) {
  const Fleet *f = t->load->f;
  const FleetKind *k = kind_at(t, kind);
  bool parent = attr == FLEET_BY_PARENT;
  uint32_t to = parent ? k->parent : k->attrs[attr].kind;
  const char *before = fleet_name(f, to, fleet_edge_target(f, kind, (FleetEdge){attr, to}, e));
  Diag *d;
  if (parent)
    d = fleet_table_diag(t, E_FLEET_CONFLICT, row, at, "%s `%s` is in %s `%s` here, but in `%s` before",
                         k->name, fleet_name(f, kind, e), kind_at(t, to)->name, fleet_name(f, to, other),
                         before);
  else
    d = fleet_table_diag(t, E_FLEET_CONFLICT, row, at, "%s `%s`: %s is `%s` here, but `%s` before", k->name,
                         fleet_name(f, kind, e), k->attrs[attr].name, fleet_name(f, to, other), before);
  note_first(t, d, kind, e);
}
