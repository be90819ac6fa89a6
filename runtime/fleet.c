/* fleet.c: the questions that may be asked of a loaded fleet. Each is an index or two into a column. */
#include <config.h>

#include "runtime/fleet.h"

#include "runtime/fleet_data.h"

#include <assert.h>
#include <string.h>

const FleetSchema *fleet_schema(const Fleet *f) { return f->schema; }
uint32_t fleet_count(const Fleet *f, uint32_t kind) { return f->kinds[kind].count; }

Entity fleet_find(const Fleet *f, uint32_t kind, const char *name, size_t len) {
  return fleet_find_text(f, kind, text_table_find(f->texts, name, len));
}

const char *fleet_name(const Fleet *f, uint32_t kind, Entity e) {
  assert(e < f->kinds[kind].count);
  return text_table_text(f->texts, f->kinds[kind].names[e], NULL);
}

size_t fleet_name_length(const Fleet *f, uint32_t kind, Entity e) {
  assert(e < f->kinds[kind].count);
  size_t len;
  text_table_text(f->texts, f->kinds[kind].names[e], &len);
  return len;
}

uint32_t fleet_kind_index(const FleetSchema *schema, const char *name) {
  for (uint32_t k = 0; k < schema->kind_count; k++)
    if (strcmp(schema->kinds[k].name, name) == 0) return k;
  return UINT32_MAX;
}

uint32_t fleet_attr_index(const FleetSchema *schema, uint32_t kind, const char *name) {
  const FleetKind *k = &schema->kinds[kind];
  for (uint32_t a = 0; a < k->attr_count; a++)
    if (strcmp(k->attrs[a].name, name) == 0) return a;
  return UINT32_MAX;
}

uint32_t fleet_fact_index(const FleetSchema *schema, uint32_t kind, const char *name) {
  const FleetKind *k = &schema->kinds[kind];
  for (uint32_t i = 0; i < k->fact_count; i++)
    if (strcmp(k->facts[i].name, name) == 0) return i;
  return UINT32_MAX;
}

/* ---- containers and members ---- */

Entity fleet_parent(const Fleet *f, uint32_t kind, Entity e) {
  assert(e < f->kinds[kind].count);
  return f->kinds[kind].parents ? f->kinds[kind].parents[e] : ENTITY_NONE;
}

Entity fleet_edge_target(const Fleet *f, uint32_t kind, FleetEdge edge, Entity e) {
  if (edge.attr == FLEET_BY_PARENT) return fleet_parent(f, kind, e);
  const uint32_t *column = f->kinds[kind].attrs[edge.attr].data;
  return column ? column[e] : ENTITY_NONE;
}

Entity fleet_up(const Fleet *f, uint32_t kind, Entity e, uint32_t to) {
  assert(e < f->kinds[kind].count);
  if (to == kind) return e;
  const Entity *column = f->kinds[kind].up[to];
  return column ? column[e] : ENTITY_NONE;
}

FleetMembers fleet_members(const Fleet *f, uint32_t kind, Entity e, uint32_t member) {
  assert(e < f->kinds[kind].count);
  if (member == kind) return (FleetMembers){NULL, e, 1};
  const MemberStore *m = &f->kinds[kind].members[member];
  if (!m->start) return (FleetMembers){NULL, 0, 0};
  return (FleetMembers){m->items ? m->items + m->start[e] : NULL, m->items ? 0 : m->start[e], m->count[e]};
}

/* ---- values ---- */

FleetColumn fleet_column(const Fleet *f, uint32_t kind, uint32_t attr) {
  if (attr == f->schema->kinds[kind].key) return (FleetColumn){f->kinds[kind].names, FLEET_W32};
  const AttrStore *c = &f->kinds[kind].attrs[attr];
  return (FleetColumn){f->schema->kinds[kind].attrs[attr].type == FLEET_REFS ? NULL : c->data, c->width};
}

FleetColumn fleet_fact_column(const Fleet *f, uint32_t kind, uint32_t fact) {
  return (FleetColumn){f->kinds[kind].facts[fact], FLEET_W8};
}

FleetColumn fleet_up_column(const Fleet *f, uint32_t kind, uint32_t to) {
  return (FleetColumn){to == kind ? NULL : f->kinds[kind].up[to], FLEET_W32};
}

int64_t fleet_value(const Fleet *f, uint32_t kind, uint32_t attr, Entity e) {
  assert(e < f->kinds[kind].count);
  return fleet_column_value(fleet_column(f, kind, attr), e);
}

FleetMembers fleet_refs(const Fleet *f, uint32_t kind, uint32_t attr, Entity e) {
  assert(e < f->kinds[kind].count && f->schema->kinds[kind].attrs[attr].type == FLEET_REFS);
  const AttrStore *c = &f->kinds[kind].attrs[attr];
  if (!c->data || !c->lengths[e]) return (FleetMembers){NULL, 0, 0};
  return (FleetMembers){f->lists + ((const uint32_t *)c->data)[e], 0, c->lengths[e]};
}

uint32_t fleet_fact(const Fleet *f, uint32_t kind, uint32_t fact, Entity e) {
  assert(e < f->kinds[kind].count);
  return f->kinds[kind].facts[fact] ? f->kinds[kind].facts[fact][e] : 0;
}

/* ---- texts ---- */

const char *fleet_text(const Fleet *f, int64_t id) {
  return id == FLEET_UNKNOWN ? "" : text_table_text(f->texts, (uint32_t)id, NULL);
}

size_t fleet_text_length(const Fleet *f, int64_t id) {
  size_t len = 0;
  if (id != FLEET_UNKNOWN) text_table_text(f->texts, (uint32_t)id, &len);
  return len;
}

int64_t fleet_text_find(const Fleet *f, const char *bytes, size_t len) {
  uint32_t id = text_table_find(f->texts, bytes, len);
  return id == TEXT_NONE ? FLEET_UNKNOWN : (int64_t)id;
}

int64_t fleet_text_count(const Fleet *f) { return text_table_count(f->texts); }

/* ---- about the inventory ---- */

const char *fleet_place(const Fleet *f, uint32_t kind, Entity e, uint32_t *ret_line) {
  assert(e < f->kinds[kind].count);
  *ret_line = f->kinds[kind].lines[e];
  return f->files[f->kinds[kind].files[e]];
}

static size_t kind_bytes(const Fleet *f, uint32_t k) {
  const FleetKind *kind = &f->schema->kinds[k];
  const KindStore *s = &f->kinds[k];
  size_t n = s->cap * (sizeof *s->names + sizeof *s->lines + 2) + s->slot_count * sizeof *s->slots;
  if (s->parents) n += s->cap * sizeof *s->parents;
  for (uint32_t a = 0; a < kind->attr_count; a++) {
    size_t width = s->attrs[a].width == FLEET_W64 ? 8 : s->attrs[a].width == FLEET_W32 ? 4 : 1;
    if (s->attrs[a].data) n += s->cap * width;
    if (s->attrs[a].lengths) n += s->cap * sizeof *s->attrs[a].lengths;
  }
  for (uint32_t i = 0; i < kind->fact_count; i++)
    if (s->facts[i]) n += s->cap;
  for (uint32_t to = 0; to < f->schema->kind_count; to++) {
    if (s->up_owned[to]) n += s->count * sizeof(Entity);
    if (s->members[to].start) n += 2 * s->count * sizeof(uint32_t);
    n += s->members[to].item_count * sizeof(Entity);
  }
  return n;
}

size_t fleet_bytes(const Fleet *f) {
  size_t n = sizeof *f + text_table_bytes(f->texts) + f->list_cap * sizeof *f->lists;
  for (uint32_t k = 0; k < f->schema->kind_count; k++) n += kind_bytes(f, k);
  return n;
}

/* FNV-1a over bytes and little-endian numbers: the same on every machine. */
static uint64_t digest_bytes(uint64_t h, const void *bytes, size_t len) {
  const uint8_t *p = bytes;
  for (size_t i = 0; i < len; i++) h = (h ^ p[i]) * UINT64_C(0x100000001b3);
  return h;
}

static uint64_t digest_number(uint64_t h, uint64_t v) {
  for (int i = 0; i < 8; i++) h = (h ^ (v >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
  return h;
}

static uint64_t digest_text(uint64_t h, const char *s, size_t len) {
  return digest_bytes(digest_number(h, len), s, len);
}

static uint64_t digest_attr(const Fleet *f, uint64_t h, uint32_t k, uint32_t a) {
  const FleetAttr *attr = &f->schema->kinds[k].attrs[a];
  if (!f->kinds[k].attrs[a].data && a != f->schema->kinds[k].key) return h;
  h = digest_text(h, attr->name, strlen(attr->name));
  for (Entity e = 0; e < f->kinds[k].count; e++) {
    if (attr->type == FLEET_REFS) {
      FleetMembers m = fleet_refs(f, k, a, e);
      h = digest_number(h, m.count);
      for (uint32_t i = 0; i < m.count; i++) h = digest_number(h, fleet_member(m, i));
      continue;
    }
    int64_t v = fleet_value(f, k, a, e);
    h = attr->type == FLEET_TEXT ? digest_text(h, fleet_text(f, v), fleet_text_length(f, v))
                                 : digest_number(h, (uint64_t)v);
  }
  return h;
}

uint64_t fleet_digest(const Fleet *f) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (uint32_t k = 0; k < f->schema->kind_count; k++) {
    const FleetKind *kind = &f->schema->kinds[k];
    if (!f->kinds[k].count) continue;
    h = digest_text(h, kind->name, strlen(kind->name));
    h = digest_number(h, f->kinds[k].count);
    for (uint32_t a = 0; a < kind->attr_count; a++) h = digest_attr(f, h, k, a);
    for (Entity e = 0; f->kinds[k].parents && e < f->kinds[k].count; e++)
      h = digest_number(h, f->kinds[k].parents[e]);
    for (uint32_t i = 0; i < kind->fact_count; i++) {
      if (!f->kinds[k].facts[i]) continue;
      h = digest_text(h, kind->facts[i].name, strlen(kind->facts[i].name));
      h = digest_bytes(h, f->kinds[k].facts[i], f->kinds[k].count);
    }
  }
  return h;
}
