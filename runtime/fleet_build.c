/* fleet_build.c: a fleet while it grows: entities, values, the name index. It trusts its callers (the
 * readers of rows check what they read) and reports nothing. Columns are made when the first value comes
 * and grow with their kind, by half as much again; a new entity is unknown in every column that exists. */
#include <config.h>

#include "lang/arena.h"
#include "lang/limits.h"
#include "runtime/fleet_data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ENTITIES = 64 };

static FleetWidth width_of(const FleetAttr *a) {
  switch (a->type) {
  case FLEET_BOOL: return FLEET_W8;
  case FLEET_ENUM: return a->word_count < UINT8_MAX ? FLEET_W8 : FLEET_W32;
  case FLEET_TEXT:
  case FLEET_REF:
  case FLEET_REFS: return FLEET_W32;
  case FLEET_INT:
  case FLEET_QUANTITY: return FLEET_W64;
  }
  return FLEET_W64;
}

static size_t width_bytes(FleetWidth w) { return w == FLEET_W64 ? 8 : w == FLEET_W32 ? 4 : 1; }

Fleet *fleet_new(const FleetSchema *schema) {
  Fleet *f = xcalloc(1, sizeof *f);
  f->schema = schema;
  fleet_graph_init(&f->graph, schema);
  f->texts = text_table_new();
  f->kinds = xcalloc(schema->kind_count + 1u, sizeof *f->kinds);
  for (uint32_t k = 0; k < schema->kind_count; k++) {
    const FleetKind *kind = &schema->kinds[k];
    KindStore *s = &f->kinds[k];
    s->attrs = xcalloc(kind->attr_count + 1u, sizeof *s->attrs);
    s->facts = xcalloc(kind->fact_count + 1u, sizeof *s->facts);
    s->up = xcalloc(schema->kind_count + 1u, sizeof *s->up);
    s->up_owned = xcalloc(schema->kind_count + 1u, 1);
    s->members = xcalloc(schema->kind_count + 1u, sizeof *s->members);
    for (uint32_t a = 0; a < kind->attr_count; a++) s->attrs[a].width = width_of(&kind->attrs[a]);
  }
  return f;
}

static void free_kind(Fleet *f, uint32_t k) {
  KindStore *s = &f->kinds[k];
  for (uint32_t a = 0; a < f->schema->kinds[k].attr_count; a++) {
    free(s->attrs[a].data);
    free(s->attrs[a].lengths);
  }
  for (uint32_t i = 0; i < f->schema->kinds[k].fact_count; i++) free(s->facts[i]);
  for (uint32_t to = 0; to < f->schema->kind_count; to++) {
    if (s->up_owned[to]) free(s->up[to]);
    free(s->members[to].start);
    free(s->members[to].count);
    free(s->members[to].items);
  }
  free(s->names);
  free(s->parents);
  free(s->lines);
  free(s->files);
  free(s->defined);
  free(s->attrs);
  free(s->facts);
  free(s->slots);
  free(s->up);
  free(s->up_owned);
  free(s->members);
}

void fleet_free(Fleet *f) {
  if (!f) return;
  for (uint32_t k = 0; k < f->schema->kind_count; k++) free_kind(f, k);
  for (uint32_t i = 0; i < f->file_count; i++) free(f->files[i]);
  free(f->kinds);
  free(f->lists);
  fleet_graph_done(&f->graph);
  text_table_free(f->texts);
  free(f);
}

uint32_t fleet_add_file(Fleet *f, const char *path) {
  assert(f->file_count < LIMIT_FLEET_TABLES);
  f->files[f->file_count] = xstrdup(path);
  return f->file_count++;
}

/* ---- the name index ---- */

static uint32_t name_slot(const KindStore *s, uint32_t name) {
  uint32_t mask = s->slot_count - 1, i = (name * UINT32_C(0x9e3779b1)) >> 7 & mask;
  while (s->slots[i] && s->names[s->slots[i] - 1] != name) i = (i + 1) & mask;
  return i;
}

static void grow_slots(KindStore *s) {
  free(s->slots);
  s->slot_count = s->slot_count ? s->slot_count * 2 : 2 * FIRST_ENTITIES;
  s->slots = xcalloc(s->slot_count, sizeof *s->slots);
  for (Entity e = 0; e < s->count; e++) s->slots[name_slot(s, s->names[e])] = e + 1;
}

Entity fleet_find_text(const Fleet *f, uint32_t kind, uint32_t name) {
  const KindStore *s = &f->kinds[kind];
  if (!s->slot_count || name == TEXT_NONE) return ENTITY_NONE;
  uint32_t slot = name_slot(s, name);
  return s->slots[slot] ? s->slots[slot] - 1 : ENTITY_NONE;
}

/* ---- columns ---- */

static void set_cell(void *data, FleetWidth width, Entity e, int64_t value) {
  switch (width) {
  case FLEET_W8: ((uint8_t *)data)[e] = value == FLEET_UNKNOWN ? UINT8_MAX : (uint8_t)value; return;
  case FLEET_W32: ((uint32_t *)data)[e] = value == FLEET_UNKNOWN ? UINT32_MAX : (uint32_t)value; return;
  case FLEET_W64: ((int64_t *)data)[e] = value; return;
  }
}

static void grow_kind(KindStore *s, const FleetKind *kind) {
  s->cap = s->cap ? s->cap + s->cap / 2 : FIRST_ENTITIES;
  s->names = xrealloc(s->names, size_product(s->cap, sizeof *s->names));
  s->lines = xrealloc(s->lines, size_product(s->cap, sizeof *s->lines));
  s->files = xrealloc(s->files, s->cap);
  s->defined = xrealloc(s->defined, s->cap);
  if (s->parents) s->parents = xrealloc(s->parents, size_product(s->cap, sizeof *s->parents));
  for (uint32_t a = 0; a < kind->attr_count; a++) {
    AttrStore *c = &s->attrs[a];
    if (c->data) c->data = xrealloc(c->data, size_product(s->cap, width_bytes(c->width)));
    if (c->lengths) c->lengths = xrealloc(c->lengths, size_product(s->cap, sizeof *c->lengths));
  }
  for (uint32_t i = 0; i < kind->fact_count; i++)
    if (s->facts[i]) s->facts[i] = xrealloc(s->facts[i], s->cap);
}

Entity fleet_add(Fleet *f, uint32_t kind, uint32_t name, uint32_t file, uint32_t line) {
  KindStore *s = &f->kinds[kind];
  const FleetKind *info = &f->schema->kinds[kind];
  if (s->count == s->cap) grow_kind(s, info);
  if (2 * (s->count + 1) > s->slot_count) grow_slots(s);
  uint32_t slot = name_slot(s, name);
  assert(!s->slots[slot] && s->count < LIMIT_ENTITIES);
  Entity e = s->count++;
  s->slots[slot] = e + 1;
  s->names[e] = name;
  s->lines[e] = line;
  s->files[e] = (uint8_t)file;
  s->defined[e] = 0;
  if (s->parents) s->parents[e] = ENTITY_NONE;
  for (uint32_t a = 0; a < info->attr_count; a++) {
    if (s->attrs[a].data) set_cell(s->attrs[a].data, s->attrs[a].width, e, FLEET_UNKNOWN);
    if (s->attrs[a].lengths) s->attrs[a].lengths[e] = 0;
  }
  for (uint32_t i = 0; i < info->fact_count; i++)
    if (s->facts[i]) s->facts[i][e] = 0;
  return e;
}

void fleet_set(Fleet *f, uint32_t kind, uint32_t attr, Entity e, int64_t value) {
  KindStore *s = &f->kinds[kind];
  AttrStore *c = &s->attrs[attr];
  assert(e < s->count && attr != f->schema->kinds[kind].key);
  if (!c->data) {
    c->data = xmalloc(size_product(s->cap, width_bytes(c->width)));
    for (Entity i = 0; i < s->count; i++) set_cell(c->data, c->width, i, FLEET_UNKNOWN);
  }
  set_cell(c->data, c->width, e, value);
}

void fleet_set_parent(Fleet *f, uint32_t kind, Entity e, Entity parent) {
  KindStore *s = &f->kinds[kind];
  assert(e < s->count);
  if (!s->parents) {
    s->parents = xmalloc(size_product(s->cap, sizeof *s->parents));
    for (Entity i = 0; i < s->count; i++) s->parents[i] = ENTITY_NONE;
  }
  s->parents[e] = parent;
}

void fleet_set_fact(Fleet *f, uint32_t kind, uint32_t fact, Entity e, uint32_t code) {
  KindStore *s = &f->kinds[kind];
  assert(e < s->count && code <= f->schema->kinds[kind].facts[fact].value_count);
  if (!s->facts[fact]) s->facts[fact] = xcalloc(s->cap, 1);
  s->facts[fact][e] = (uint8_t)code;
}

void fleet_set_list(Fleet *f, uint32_t kind, uint32_t attr, Entity e, uint32_t start, uint32_t length) {
  fleet_set(f, kind, attr, e, start);
  AttrStore *c = &f->kinds[kind].attrs[attr];
  if (!c->lengths) c->lengths = xcalloc(f->kinds[kind].cap, sizeof *c->lengths);
  c->lengths[e] = length;
}

uint32_t fleet_push_item(Fleet *f, Entity item) {
  vec_grow((void **)&f->lists, f->list_len, &f->list_cap, sizeof *f->lists);
  f->lists[f->list_len] = item;
  return f->list_len++;
}
