/* plan_rows: the columns collected, to JSON and back, and compared. */
#include <config.h>

#include "runtime/plan_rows.h"

#include "lang/quantity.h"
#include "runtime/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMES_SHOWN 5u /* members that a diagnostic names */
#define REVIEW "make a new plan and have it reviewed"

/* ---- values ---- */

/* A value as a text, short, the same on every machine. */
static const char *value_text(const Fleet *f, uint32_t kind, uint32_t attr, Entity e, Arena *arena) {
  const FleetAttr *a = &fleet_schema(f)->kinds[kind].attrs[attr];
  int64_t value = a->type == FLEET_REFS ? FLEET_UNKNOWN : fleet_value(f, kind, attr, e);
  if (value == FLEET_UNKNOWN) return "";
  switch (a->type) {
  case FLEET_TEXT: return arena_string(arena, fleet_text(f, value), fleet_text_length(f, value));
  case FLEET_ENUM: return a->words[value - 1];
  case FLEET_REF: return fleet_name(f, a->kind, (Entity)value);
  default: return arena_printf(arena, "%" PRId64, value);
  }
}

/* Is the attribute handed to a program by some binding? The bindings name it by itself: `n.bmc`. */
static bool handed(const SiteImage *site, const char *attr) {
  for (uint32_t b = 0; site && b < site->binding_count; b++)
    for (uint32_t a = 0; a < site->bindings[b].arg_count; a++)
      for (uint32_t i = 0; i < site->bindings[b].args[a].part_count; i++) {
        const SitePart *part = &site->bindings[b].args[a].parts[i];
        if (!part->literal && part->path_len == 1 && strcmp(part->path[0], attr) == 0) return true;
      }
  return false;
}

/* ---- collecting ---- */

typedef VEC(PlanColumn) Columns;

static bool has(const Columns *all, const char *kind, const char *attr, const char *const *members) {
  for (uint32_t i = 0; i < all->len; i++)
    if (strcmp(all->items[i].kind, kind) == 0 && strcmp(all->items[i].attr, attr) == 0 && all->items[i].members == members) return true;
  return false;
}

static void add(Columns *all, const Fleet *f, uint32_t kind, uint32_t attr, const PlanSet *set, Arena *arena) {
  const FleetKind *k = &fleet_schema(f)->kinds[kind];
  if (has(all, k->name, k->attrs[attr].name, set->members)) return;
  const char **values = arena_new_array(arena, const char *, set->count);
  for (uint32_t i = 0; i < set->count; i++) {
    Entity e = fleet_find(f, kind, set->members[i], strlen(set->members[i]));
    values[i] = e == ENTITY_NONE ? "" : value_text(f, kind, attr, e, arena);
  }
  vec_push(all, ((PlanColumn){k->name, k->attrs[attr].name, set->members, values, set->count}));
}

static uint32_t kind_of_set(const Plan *plan, const char *name) {
  const Program *p = plan->program;
  for (uint32_t s = 0; s < p->sets_count; s++)
    if (strcmp(program_str(p, p->sets[s].name), name) == 0) return p->sets[s].kind;
  return NONE_INDEX;
}

/* The largest set of a kind holds what the others of it hold, or nearly: one column each would repeat thousands of rows. */
static const PlanSet *largest_of(const Plan *plan, uint32_t kind) {
  const PlanSet *best = NULL;
  for (uint32_t i = 0; i < plan->target_count; i++)
    if (kind_of_set(plan, plan->targets[i].name) == kind && (!best || plan->targets[i].count > best->count)) best = &plan->targets[i];
  return best;
}

PlanColumns plan_columns(const Plan *plan, const Fleet *fleet, Arena *arena) {
  Columns all = {0};
  const FleetSchema *schema = fleet_schema(fleet);
  for (uint32_t k = 0; k < schema->kind_count; k++) {
    const PlanSet *set = largest_of(plan, k);
    for (uint32_t a = 0; set && a < schema->kinds[k].attr_count; a++)
      if (a != schema->kinds[k].key && handed(plan->site, schema->kinds[k].attrs[a].name)) add(&all, fleet, k, a, set, arena);
  }
  PlanColumns out = {arena_copy(arena, all.items, size_product(all.len, sizeof *all.items)), all.len};
  vec_done(&all);
  return out;
}

/* ---- JSON ---- */

json_t *plan_columns_to_json(PlanColumns columns) {
  json_t *out = json_object();
  for (uint32_t i = 0; i < columns.count; i++) {
    const PlanColumn *c = &columns.items[i];
    json_t *values = json_object();
    for (uint32_t m = 0; m < c->count; m++) json_object_set_new(values, c->members[m], json_string(c->values[m]));
    char name[256];
    snprintf(name, sizeof name, "%.120s.%.120s", c->kind, c->attr);
    json_object_set_new(out, name, values);
  }
  return out;
}

static bool column_from_json(const char *name, json_t *json, Arena *arena, PlanColumn *ret) {
  const char *dot = strchr(name, '.'), *member;
  json_t *value;
  if (!dot || !json_is_object(json)) return false;
  const char **members = arena_new_array(arena, const char *, json_object_size(json)), **values = arena_new_array(arena, const char *, json_object_size(json));
  *ret = (PlanColumn){arena_string(arena, name, (size_t)(dot - name)), arena_string(arena, dot + 1, strlen(dot + 1)), members, values, 0};
  json_object_foreach(json, member, value) {
    if (!json_is_string(value)) return false;
    members[ret->count] = arena_string(arena, member, strlen(member));
    values[ret->count++] = arena_string(arena, json_string_value(value), json_string_length(value));
  }
  return true;
}

bool plan_columns_from_json(const json_t *json, Arena *arena, PlanColumns *ret) {
  const char *name;
  json_t *column, *object = (json_t *)json; /* the macro wants it writable, and writes nothing */
  if (!json_is_object(json)) return false;
  PlanColumn *items = arena_new_array(arena, PlanColumn, json_object_size(json));
  *ret = (PlanColumns){items, 0};
  json_object_foreach(object, name, column)
    if (!column_from_json(name, column, arena, &items[ret->count++])) return false;
  return true;
}

json_t *plan_sources_to_json(PlanSources sources) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < sources.count; i++)
    json_array_append_new(out, json_pack("{s:s,s:s,s:b}", "name", sources.items[i].name, "digest", sources.items[i].digest, "library",
                                         (int)sources.items[i].library));
  return out;
}

bool plan_sources_from_json(const json_t *json, Arena *arena, PlanSources *ret) {
  if (!json_is_array(json)) return false;
  PlanSource *items = arena_new_array(arena, PlanSource, json_array_size(json));
  *ret = (PlanSources){items, (uint32_t)json_array_size(json)};
  for (uint32_t i = 0; i < ret->count; i++) {
    const json_t *source = json_array_get(json, i);
    const char *name = json_string_value(json_object_get(source, "name")), *digest = json_string_value(json_object_get(source, "digest"));
    if (!name || !digest || strlen(digest) != 64) return false;
    items[i] = (PlanSource){.name = arena_string(arena, name, strlen(name)), .library = json_is_true(json_object_get(source, "library"))};
    memcpy(items[i].digest, digest, 65);
  }
  return true;
}

/* ---- staleness ---- */

static bool column_fresh(const PlanColumn *c, const Fleet *fleet, const char *ago, Arena *arena, DiagSink *sink) {
  const FleetSchema *schema = fleet_schema(fleet);
  uint32_t kind = fleet_kind_index(schema, c->kind), attr = kind == UINT32_MAX ? UINT32_MAX : fleet_attr_index(schema, kind, c->attr), n = 0;
  Buf text = BUF_INIT;
  for (uint32_t i = 0; attr != UINT32_MAX && i < c->count; i++) {
    Entity e = fleet_find(fleet, kind, c->members[i], strlen(c->members[i]));
    const char *now = e == ENTITY_NONE ? c->values[i] : value_text(fleet, kind, attr, e, arena); /* who is gone is told by the selection */
    if (strcmp(now, c->values[i]) == 0) continue;
    if (n < NAMES_SHOWN) buf_printf(&text, "%s%s was `%s` and is `%s`", n ? ", " : "", c->members[i], c->values[i], now);
    if (n++ == NAMES_SHOWN) buf_str(&text, ", ...");
  }
  if (n) {
    Diag *d = diag_new(sink, E_PLAN_STALE, (Span){0, 0}, "`%s` has changed since the plan was made%s for %u of %u %s: %s", c->attr, ago, n, c->count,
                       schema->kinds[kind].plural, text.data);
    diag_note(sink, d, "bindings of the site hand it to programs; " REVIEW);
  }
  buf_done(&text);
  return n == 0;
}

bool plan_columns_fresh(const Plan *plan, const Fleet *fleet, const char *ago, DiagSink *sink) {
  Arena *arena = arena_new();
  bool fresh = true;
  for (uint32_t i = 0; i < plan->columns.count; i++) fresh &= column_fresh(&plan->columns.items[i], fleet, ago, arena, sink);
  arena_free(arena);
  return fresh;
}

bool plan_sources_fresh(PlanSources sources, const char (*now)[DIGEST_HEX], const char *ago, DiagSink *sink) {
  bool fresh = true;
  for (uint32_t i = 0; i < sources.count; i++) {
    const PlanSource *s = &sources.items[i];
    if (!now[i][0] || strcmp(now[i], s->digest) == 0) continue;
    fresh = false;
    Diag *d = diag_new(sink, E_PLAN_STALE, (Span){0, 0}, "%s%s has changed since the plan was made%s: its text was %.12s... and is %.12s...",
                       s->library ? "the library's " : "", s->name, ago, s->digest, now[i]);
    diag_note(sink, d, "the run would follow the old text; " REVIEW);
  }
  return fresh;
}
