/* fleet_graph.c: which kinds contain which. Every parent and every attribute that refers to one entity is
 * an edge, unless it would close a circle; parents come first, then attributes in the order of the schema.
 * Invariant: the accepted edges never form a circle, so every walk upwards ends. */
#include <config.h>

#include "lang/arena.h"
#include "runtime/fleet_data.h"

#include <stdlib.h>
#include <string.h>

static void connect(FleetGraph *g, uint32_t from, uint32_t to) {
  uint32_t n = g->kind_count;
  for (uint32_t a = 0; a < n; a++) {
    if (a != from && !fleet_graph_leads(g, a, from)) continue;
    g->reach[(size_t)a * n + to] = 1;
    for (uint32_t b = 0; b < n; b++) g->reach[(size_t)a * n + b] |= g->reach[(size_t)to * n + b];
  }
}

/* Takes the edge unless it closes a circle. */
static bool accept(FleetGraph *g, uint32_t from, uint32_t to) {
  if (to >= g->kind_count || to == from || fleet_graph_leads(g, to, from)) return false;
  connect(g, from, to);
  return true;
}

/* Containers first: again and again the first kind of the schema that leads only to kinds already placed. */
static void order_kinds(FleetGraph *g) {
  uint32_t n = g->kind_count, placed = 0;
  uint8_t *done = xcalloc(n + 1, 1);
  while (placed < n) {
    for (uint32_t k = 0; k < n; k++) {
      bool free_to_go = !done[k];
      for (uint32_t i = g->first[k]; i < g->first[k + 1]; i++)
        free_to_go = free_to_go && done[g->edges[i].to];
      if (!free_to_go) continue;
      done[k] = 1;
      g->order[placed++] = k;
      break;
    }
  }
  free(done);
}

void fleet_graph_init(FleetGraph *g, const FleetSchema *schema) {
  uint32_t n = schema->kind_count, slots = 0;
  for (uint32_t k = 0; k < n; k++) slots += 1 + schema->kinds[k].attr_count;
  *g = (FleetGraph){.kind_count = n};
  g->first = xcalloc(n + 1u, sizeof *g->first);
  g->edges = xcalloc(slots + 1u, sizeof *g->edges);
  g->reach = xcalloc(size_product(n, n) + 1, 1);
  g->order = xcalloc(n + 1u, sizeof *g->order);
  uint8_t *parents = xcalloc(n + 1u, 1);
  for (uint32_t k = 0; k < n; k++) parents[k] = accept(g, k, schema->kinds[k].parent);
  uint32_t count = 0;
  for (uint32_t k = 0; k < n; k++) {
    const FleetKind *kind = &schema->kinds[k];
    g->first[k] = count;
    if (parents[k]) g->edges[count++] = (FleetEdge){FLEET_BY_PARENT, kind->parent};
    for (uint32_t a = 0; a < kind->attr_count; a++)
      if (kind->attrs[a].type == FLEET_REF && accept(g, k, kind->attrs[a].kind))
        g->edges[count++] = (FleetEdge){a, kind->attrs[a].kind};
  }
  g->first[n] = count;
  free(parents);
  order_kinds(g);
}

void fleet_graph_done(FleetGraph *g) {
  free(g->first);
  free(g->edges);
  free(g->reach);
  free(g->order);
  *g = (FleetGraph){0};
}

bool fleet_leads_up(const FleetSchema *schema, uint32_t kind, uint32_t to) {
  FleetGraph g;
  fleet_graph_init(&g, schema);
  bool leads = fleet_graph_leads(&g, kind, to);
  fleet_graph_done(&g);
  const FleetKind *k = &schema->kinds[kind];
  for (uint32_t a = 0; a < k->attr_count; a++)
    leads |= k->attrs[a].type == FLEET_REFS && k->attrs[a].kind == to;
  return leads;
}
