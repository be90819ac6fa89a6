/* schema: program tables -> fleet schema. Built once per load, lives in an arena. */
#include <config.h>

#include "runtime/schema.h"

#include <string.h>

static FleetType fleet_type(ValueType t) {
  switch ((ValueClass)t.klass) {
  case VALUE_INT: return FLEET_INT;
  case VALUE_BOOL: return FLEET_BOOL;
  case VALUE_TEXT: return FLEET_TEXT;
  case VALUE_ENUM: return FLEET_ENUM;
  case VALUE_QUANTITY: return FLEET_QUANTITY;
  case VALUE_ENTITY: return FLEET_REF;
  case VALUE_LIST: return FLEET_REFS;
  }
  return FLEET_TEXT;
}

static const char *const *enum_words(const Program *p, uint32_t row, uint32_t *ret_count, Arena *arena) {
  Slice words = p->enums[row].words;
  const char **out = arena_new_array(arena, const char *, words.count);
  for (uint32_t i = 0; i < words.count; i++) out[i] = program_str(p, p->enum_words[words.first + i]);
  *ret_count = words.count;
  return out;
}

static FleetAttr attribute(const Program *p, const AttrRow *row, Arena *arena) {
  FleetAttr a = {.name = program_str(p, row->name), .type = fleet_type(row->type)};
  if (a.type == FLEET_ENUM) a.words = enum_words(p, row->type.ref, &a.word_count, arena);
  if (a.type == FLEET_QUANTITY) a.dimension = row->type.ref;
  if (a.type == FLEET_REF || a.type == FLEET_REFS) a.kind = row->type.ref;
  a.own = row->own;
  return a;
}

static bool fact_is_of(const Program *p, const FactRow *fact, uint32_t kind) {
  for (uint32_t i = 0; i < fact->kinds.count; i++)
    if (p->index_list[fact->kinds.first + i] == kind) return true;
  return false;
}

/* Facts of one kind, and their places in the translation. Only facts with named values can be columns. */
static void facts_of_kind(const Program *p, uint32_t kind, FleetKind *out, uint32_t *local, Arena *arena) {
  FleetFact *facts = arena_new_array(arena, FleetFact, p->facts_count);
  for (uint32_t f = 0; f < p->facts_count; f++) {
    local[f] = NONE_INDEX;
    const FactRow *row = &p->facts[f];
    if (row->type.klass != VALUE_ENUM || !fact_is_of(p, row, kind)) continue;
    FleetFact *fact = &facts[out->fact_count];
    fact->name = program_str(p, row->name);
    fact->values = enum_words(p, row->type.ref, &fact->value_count, arena);
    local[f] = out->fact_count++;
  }
  out->facts = facts;
}

/* A single file has a row for each of what lies innermost: Node, or without one the kind with the most kinds around it. */
static uint32_t row_kind(const Program *p) {
  uint32_t best = 0, most = 0;
  for (uint32_t k = 0; k < p->kinds_count; k++) {
    uint32_t depth = 1;
    if (strcmp(program_str(p, p->kinds[k].name), "Node") == 0) return k;
    for (uint32_t up = p->kinds[k].parent; up != NONE_INDEX && depth <= p->kinds_count; up = p->kinds[up].parent) depth++;
    if (depth > most) best = k, most = depth;
  }
  return best;
}

const Schema *schema_of_program(const Program *p, Arena *arena) {
  Schema *s = arena_new_object(arena, Schema);
  FleetKind *kinds = arena_new_array(arena, FleetKind, p->kinds_count);
  uint32_t *attr_kind = arena_new_array(arena, uint32_t, p->attrs_count);
  uint32_t *attr_local = arena_new_array(arena, uint32_t, p->attrs_count);
  uint32_t *fact_local = arena_new_array(arena, uint32_t, size_product(p->kinds_count, p->facts_count));
  for (uint32_t k = 0; k < p->kinds_count; k++) {
    const KindRow *row = &p->kinds[k];
    FleetAttr *attrs = arena_new_array(arena, FleetAttr, row->attrs.count);
    for (uint32_t i = 0; i < row->attrs.count; i++) {
      uint32_t a = row->attrs.first + i;
      attrs[i] = attribute(p, &p->attrs[a], arena);
      attr_kind[a] = k;
      attr_local[a] = i;
    }
    kinds[k] = (FleetKind){.name = program_str(p, row->name),
                           .plural = program_str(p, row->plural),
                           .parent = row->parent == NONE_INDEX ? FLEET_NO_KIND : row->parent,
                           .key = row->key - row->attrs.first,
                           .attrs = attrs,
                           .attr_count = row->attrs.count};
    facts_of_kind(p, k, &kinds[k], fact_local + (size_t)k * p->facts_count, arena);
  }
  s->fleet.row_kind = row_kind(p);
  s->fleet.kinds = kinds;
  s->fleet.kind_count = p->kinds_count;
  s->attr_kind = attr_kind;
  s->attr_local = attr_local;
  s->fact_local = fact_local;
  s->fact_count = p->facts_count;
  return s;
}

int64_t schema_value(const Schema *s, const Program *p, const Fleet *f, uint32_t attr, Entity e) {
  (void)p;
  return fleet_value(f, s->attr_kind[attr], s->attr_local[attr], e);
}

int64_t schema_fact(const Schema *s, const Fleet *f, uint32_t fact, uint32_t kind, Entity e) {
  uint32_t local = s->fact_local[(size_t)kind * s->fact_count + fact];
  if (local == NONE_INDEX) return VALUE_UNKNOWN;
  uint32_t code = fleet_fact(f, kind, local, e);
  return code == 0 ? VALUE_UNKNOWN : (int64_t)code;
}
