/* fleet_relate.c: the relation "is in", made once when nothing changes any more: a column of containers
 * for every pair of kinds that a chain of edges connects, and the same read downwards. In an inventory
 * that is sorted the members of a container are neighbours, and then only a start and a count are kept. */
#include <config.h>

#include "lang/arena.h"
#include "runtime/fleet_data.h"

#include <assert.h>
#include <stdlib.h>

/* The edges of kind from which `to` can be reached at once or further on. */
static uint32_t edges_towards(const FleetGraph *g, uint32_t kind, uint32_t to, FleetEdge *ret_first) {
  uint32_t n = 0;
  for (uint32_t i = g->first[kind]; i < g->first[kind + 1]; i++) {
    FleetEdge edge = g->edges[i];
    if (edge.to != to && !fleet_graph_leads(g, edge.to, to)) continue;
    if (n++ == 0) *ret_first = edge;
  }
  return n;
}

static Entity *edge_column(const Fleet *f, uint32_t kind, FleetEdge edge) {
  return edge.attr == FLEET_BY_PARENT ? f->kinds[kind].parents : f->kinds[kind].attrs[edge.attr].data;
}

/* Columns of the containers' kind are complete: kinds are taken in graph order. */
static Entity find_up(const Fleet *f, uint32_t kind, Entity e, uint32_t to) {
  const FleetGraph *g = &f->graph;
  for (uint32_t i = g->first[kind]; i < g->first[kind + 1]; i++) {
    FleetEdge edge = g->edges[i];
    if (edge.to != to && !fleet_graph_leads(g, edge.to, to)) continue;
    Entity next = fleet_edge_target(f, kind, edge, e);
    if (next == ENTITY_NONE) continue;
    Entity found = fleet_up(f, edge.to, next, to);
    if (found != ENTITY_NONE) return found;
  }
  return ENTITY_NONE;
}

static void relate_pair(Fleet *f, uint32_t kind, uint32_t to) {
  KindStore *s = &f->kinds[kind];
  FleetEdge only = {0};
  uint32_t n = edges_towards(&f->graph, kind, to, &only);
  if (n == 0 || !s->count) return;
  if (n == 1 && only.to == to) {
    s->up[to] = edge_column(f, kind, only);
    return;
  }
  s->up[to] = xmalloc(size_product(s->count, sizeof(Entity)));
  s->up_owned[to] = 1;
  for (Entity e = 0; e < s->count; e++) s->up[to][e] = find_up(f, kind, e, to);
}

void fleet_relate_up(Fleet *f) {
  for (uint32_t i = 0; i < f->graph.kind_count; i++)
    for (uint32_t to = 0; to < f->graph.kind_count; to++)
      if (fleet_graph_leads(&f->graph, f->graph.order[i], to)) relate_pair(f, f->graph.order[i], to);
}

/* ---- downwards ---- */

static void members_alloc(MemberStore *m, uint32_t containers) {
  m->start = xcalloc(containers + 1u, sizeof *m->start);
  m->count = xcalloc(containers + 1u, sizeof *m->count);
}

/* Start of each container's items from the counts; the sum. Counts are reset, to count again while
 * filling. */
static uint32_t members_layout(MemberStore *m, uint32_t containers) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < containers; i++) {
    m->start[i] = sum;
    sum += m->count[i];
    m->count[i] = 0;
  }
  return sum;
}

static void members_put(MemberStore *m, Entity container, Entity e) {
  m->items[m->start[container] + m->count[container]++] = e;
}

/* Counts, and whether the members of every container are neighbours in the inventory. */
static bool count_up(MemberStore *m, const Entity *up, uint32_t count) {
  bool neighbours = true;
  for (Entity e = 0; e < count; e++) {
    Entity c = up[e];
    if (c == ENTITY_NONE) continue;
    if (m->count[c] == 0) m->start[c] = e;
    neighbours = neighbours && e == m->start[c] + m->count[c];
    m->count[c]++;
  }
  return neighbours;
}

static void members_by_up(Fleet *f, uint32_t to, uint32_t kind) {
  const Entity *up = f->kinds[kind].up[to];
  MemberStore *m = &f->kinds[to].members[kind];
  if (!up || !f->kinds[to].count) return;
  members_alloc(m, f->kinds[to].count);
  if (count_up(m, up, f->kinds[kind].count)) return;
  m->item_count = members_layout(m, f->kinds[to].count);
  m->items = xmalloc(size_product(m->item_count, sizeof(Entity)));
  for (Entity e = 0; e < f->kinds[kind].count; e++)
    if (up[e] != ENTITY_NONE) members_put(m, up[e], e);
}

static void members_by_list(Fleet *f, uint32_t to, uint32_t kind, uint32_t attr) {
  MemberStore *m = &f->kinds[to].members[kind];
  if (m->start || !f->kinds[to].count || !f->kinds[kind].attrs[attr].data) return;
  members_alloc(m, f->kinds[to].count);
  for (int fill = 0; fill < 2; fill++) {
    for (Entity e = 0; e < f->kinds[kind].count; e++) {
      FleetMembers list = fleet_refs(f, kind, attr, e);
      for (uint32_t i = 0; i < list.count; i++) {
        if (fill)
          members_put(m, list.items[i], e);
        else
          m->count[list.items[i]]++;
      }
    }
    if (fill) break;
    m->item_count = members_layout(m, f->kinds[to].count);
    m->items = xmalloc(size_product(m->item_count, sizeof(Entity)) + 1);
  }
}

void fleet_relate_members(Fleet *f) {
  const FleetSchema *schema = f->schema;
  for (uint32_t kind = 0; kind < schema->kind_count; kind++) {
    for (uint32_t to = 0; to < schema->kind_count; to++)
      if (fleet_graph_leads(&f->graph, kind, to)) members_by_up(f, to, kind);
    for (uint32_t a = 0; a < schema->kinds[kind].attr_count; a++) {
      const FleetAttr *attr = &schema->kinds[kind].attrs[a];
      if (attr->type == FLEET_REFS && attr->kind != kind && !fleet_graph_leads(&f->graph, kind, attr->kind))
        members_by_list(f, attr->kind, kind, a);
    }
  }
}
