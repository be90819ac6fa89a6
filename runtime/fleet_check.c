/* fleet_check.c: what must hold of an inventory as a whole. Two rules are about every kind: what is mentioned
 * must have a row where its kind has a table, and two ways up from a thing must end in the same container.
 * The others are about the kinds of the library and hold where a schema has them:
 *
 *     sku    of a thing and of what it is in are the same; one that is not given is taken from the other
 *     slot   is used once: by nodes of a rack or a pod, by racks of a row, by shelves of a rack
 *     place  a node is in a rack or in a pod, not in both */
#include <config.h>

#include "lang/arena.h"
#include "runtime/fleet_data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const FleetKind *kind_at(const Fleet *f, uint32_t k) { return &f->schema->kinds[k]; }

/* A diagnostic at the line that named the entity; its column is not kept. */
static Diag *diag_entity(const Fleet *f, DiagSink *sink, DiagCode code, uint32_t kind, Entity e,
                         const char *format, ...) __attribute__((format(printf, 6, 7)));

static Diag *diag_entity(const Fleet *f, DiagSink *sink, DiagCode code, uint32_t kind, Entity e,
                         const char *format, ...) {
  Buf b = BUF_INIT;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(&b, format, ap);
  va_end(ap);
  uint32_t line;
  const char *file = fleet_place(f, kind, e, &line);
  Diag *d = diag_at(sink, code, file, line, 1, "%s", b.data);
  buf_done(&b);
  return d;
}

static void note_place(const Fleet *f, DiagSink *sink, Diag *d, uint32_t kind, Entity e) {
  uint32_t line;
  const char *file = fleet_place(f, kind, e, &line);
  diag_note(sink, d, "`%s` is at %s:%" PRIu32, fleet_name(f, kind, e), file, line);
}

void fleet_check_references(Fleet *f, const uint8_t *tabled, DiagSink *sink) {
  for (uint32_t k = 0; k < f->schema->kind_count; k++) {
    for (Entity e = 0; tabled[k] && e < f->kinds[k].count; e++) {
      if (f->kinds[k].defined[e]) continue;
      Diag *d = diag_entity(f, sink, E_FLEET_REFERENCE, k, e, "no %s is called `%s`", kind_at(f, k)->name,
                            fleet_name(f, k, e));
      diag_note(sink, d, "the table `%s` of the inventory has a row for every %s", kind_at(f, k)->plural,
                kind_at(f, k)->name);
    }
  }
}

/* ---- one container of a kind ---- */

static void report_two_ways(const Fleet *f, DiagSink *sink, uint32_t kind, Entity e, uint32_t to,
                            Entity by_first, FleetEdge edge) {
  Entity through = fleet_edge_target(f, kind, edge, e);
  Entity other = fleet_up(f, edge.to, through, to);
  const char *name = kind_at(f, to)->name;
  Diag *d =
      diag_entity(f, sink, E_FLEET_CONFLICT, kind, e, "%s `%s` is in %s `%s`, but its %s `%s` is in `%s`",
                  kind_at(f, kind)->name, fleet_name(f, kind, e), name, fleet_name(f, to, by_first),
                  kind_at(f, edge.to)->name, fleet_name(f, edge.to, through), fleet_name(f, to, other));
  diag_note(sink, d, "a thing is in one %s, whichever way one looks", name);
}

/* Every way up from an entity to a kind must end where the first one does. */
static void check_ways(const Fleet *f, DiagSink *sink, uint32_t kind, uint32_t to) {
  const FleetGraph *g = &f->graph;
  const Entity *up = f->kinds[kind].up[to];
  if (!up || !f->kinds[kind].up_owned[to]) return; /* only one way */
  for (uint32_t i = g->first[kind] + 1; i < g->first[kind + 1]; i++) {
    FleetEdge edge = g->edges[i];
    if (edge.to != to && !fleet_graph_leads(g, edge.to, to)) continue;
    for (Entity e = 0; e < f->kinds[kind].count; e++) {
      Entity through = fleet_edge_target(f, kind, edge, e);
      Entity found = through == ENTITY_NONE ? ENTITY_NONE : fleet_up(f, edge.to, through, to);
      if (found != ENTITY_NONE && found != up[e]) report_two_ways(f, sink, kind, e, to, up[e], edge);
    }
  }
}

/* ---- sku ---- */

static uint32_t sku_of(const Fleet *f, uint32_t kind) {
  uint32_t a = fleet_attr_index(f->schema, kind, "sku");
  if (a == UINT32_MAX) return a;
  return kind_at(f, kind)->attrs[a].type == FLEET_ENUM ? a : UINT32_MAX;
}

static bool same_words(const FleetAttr *a, const FleetAttr *b) {
  if (a->word_count != b->word_count) return false;
  for (uint32_t i = 0; i < a->word_count; i++)
    if (strcmp(a->words[i], b->words[i]) != 0) return false;
  return true;
}

/* A kind with a sku, and one that it may be in, with a sku of the same words. */
typedef struct SkuPair {
  uint32_t kind, attr, to, to_attr;
  const Entity *up;
} SkuPair;

enum { MOST_PAIRS = 8 };

/* The containers of kind, nearest first: the graph's order backwards. */
static uint32_t sku_pairs(const Fleet *f, uint32_t kind, SkuPair *pairs) {
  const FleetGraph *g = &f->graph;
  uint32_t attr = sku_of(f, kind), n = 0;
  for (uint32_t i = g->kind_count; attr != UINT32_MAX && i-- > 0 && n < MOST_PAIRS;) {
    uint32_t to = g->order[i], to_attr = sku_of(f, to);
    if (to_attr == UINT32_MAX || !f->kinds[kind].up[to]) continue;
    if (same_words(&kind_at(f, kind)->attrs[attr], &kind_at(f, to)->attrs[to_attr]))
      pairs[n++] = (SkuPair){kind, attr, to, to_attr, f->kinds[kind].up[to]};
  }
  return n;
}

/* What is unknown is taken from the other: downwards into the things, or else upwards into the container. */
static void complete_sku(Fleet *f, SkuPair p, bool down) {
  FleetColumn from = down ? fleet_column(f, p.to, p.to_attr) : fleet_column(f, p.kind, p.attr);
  if (!from.data) return;
  for (Entity e = 0; e < f->kinds[p.kind].count; e++) {
    Entity c = p.up[e];
    if (c == ENTITY_NONE) continue;
    int64_t value = fleet_column_value(from, down ? c : e);
    if (value == FLEET_UNKNOWN) continue;
    if (down && fleet_column_value(fleet_column(f, p.kind, p.attr), e) == FLEET_UNKNOWN)
      fleet_set(f, p.kind, p.attr, e, value);
    if (!down && fleet_column_value(fleet_column(f, p.to, p.to_attr), c) == FLEET_UNKNOWN)
      fleet_set(f, p.to, p.to_attr, c, value);
  }
}

static void report_sku(const Fleet *f, DiagSink *sink, SkuPair p, Entity e, int64_t own, int64_t theirs) {
  const FleetAttr *attr = &kind_at(f, p.kind)->attrs[p.attr];
  Diag *d = diag_entity(f, sink, E_FLEET_SKU, p.kind, e, "%s `%s` is %s, but its %s `%s` is %s",
                        kind_at(f, p.kind)->name, fleet_name(f, p.kind, e), attr->words[own - 1],
                        kind_at(f, p.to)->name, fleet_name(f, p.to, p.up[e]), attr->words[theirs - 1]);
  note_place(f, sink, d, p.to, p.up[e]);
  diag_note(sink, d, "correct the sku, or the place");
}

/* Everything is compared with its nearest container only: that one is compared with its own. */
static void compare_sku(const Fleet *f, DiagSink *sink, const SkuPair *pairs, uint32_t n) {
  uint32_t kind = pairs[0].kind;
  FleetColumn own = fleet_column(f, kind, pairs[0].attr), theirs[MOST_PAIRS];
  for (uint32_t i = 0; i < n; i++) theirs[i] = fleet_column(f, pairs[i].to, pairs[i].to_attr);
  for (Entity e = 0; own.data && e < f->kinds[kind].count; e++) {
    uint32_t i = 0;
    while (i < n && pairs[i].up[e] == ENTITY_NONE) i++;
    if (i == n) continue;
    int64_t mine = fleet_column_value(own, e), other = fleet_column_value(theirs[i], pairs[i].up[e]);
    if (mine != other && mine != FLEET_UNKNOWN && other != FLEET_UNKNOWN)
      report_sku(f, sink, pairs[i], e, mine, other);
  }
}

/* Downwards first: what is said of a cluster is said of its racks, whatever one node claims. */
static void check_sku(Fleet *f, DiagSink *sink) {
  const FleetGraph *g = &f->graph;
  SkuPair pairs[MOST_PAIRS];
  for (int pass = 0; pass < 3; pass++) {
    bool down = pass != 1;
    for (uint32_t i = 0; i < g->kind_count; i++) {
      uint32_t n = sku_pairs(f, down ? g->order[i] : g->order[g->kind_count - 1 - i], pairs);
      for (uint32_t k = 0; k < n; k++) complete_sku(f, pairs[k], down);
    }
  }
  for (uint32_t i = 0; i < g->kind_count; i++) {
    uint32_t n = sku_pairs(f, g->order[i], pairs);
    if (n > 0) compare_sku(f, sink, pairs, n);
  }
}

/* ---- slot, place ---- */

/* The set of (container, slot) pairs: open addressing over entity + 1, at most half full. */
typedef struct Taken {
  const Entity *containers;
  FleetColumn slots;
  Entity *who;
  uint64_t mask;
} Taken;

/* Who has the pair of e already; otherwise e has it now and is returned. */
static Entity take(Taken *taken, Entity e) {
  Entity container = taken->containers[e];
  int64_t slot = fleet_column_value(taken->slots, e);
  uint64_t i =
      (((uint64_t)container << 32 ^ (uint64_t)slot) * UINT64_C(0x9e3779b97f4a7c15)) >> 36 & taken->mask;
  for (; taken->who[i]; i = (i + 1) & taken->mask) {
    Entity other = taken->who[i] - 1;
    if (taken->containers[other] == container && fleet_column_value(taken->slots, other) == slot)
      return other;
  }
  taken->who[i] = e + 1;
  return e;
}

static void report_slot(const Fleet *f, DiagSink *sink, uint32_t kind, uint32_t to, const Taken *taken,
                        Entity e, Entity other) {
  Diag *d = diag_entity(f, sink, E_FLEET_SLOT_TWICE, kind, e,
                        "%s `%s` has slot %" PRId64 " of %s `%s`, which `%s` has too", kind_at(f, kind)->name,
                        fleet_name(f, kind, e), fleet_column_value(taken->slots, e), kind_at(f, to)->name,
                        fleet_name(f, to, taken->containers[e]), fleet_name(f, kind, other));
  note_place(f, sink, d, kind, other);
}

static void check_slots(const Fleet *f, DiagSink *sink, uint32_t kind, uint32_t to) {
  uint32_t attr = fleet_attr_index(f->schema, kind, "slot"), count = f->kinds[kind].count;
  if (attr == UINT32_MAX || kind_at(f, kind)->attrs[attr].type != FLEET_INT) return;
  Taken taken = {f->kinds[kind].up[to], fleet_column(f, kind, attr), NULL, 64};
  if (!taken.containers || !taken.slots.data) return;
  while (taken.mask < 2 * (uint64_t)count) taken.mask *= 2;
  taken.who = xcalloc(taken.mask, sizeof *taken.who);
  taken.mask--;
  for (Entity e = 0; e < count; e++) {
    if (taken.containers[e] == ENTITY_NONE || fleet_column_value(taken.slots, e) == FLEET_UNKNOWN) continue;
    Entity other = take(&taken, e);
    if (other != e) report_slot(f, sink, kind, to, &taken, e, other);
  }
  free(taken.who);
}

static void check_place(const Fleet *f, DiagSink *sink, uint32_t kind, uint32_t rack, uint32_t pod) {
  const Entity *racks = f->kinds[kind].up[rack], *pods = f->kinds[kind].up[pod];
  for (Entity e = 0; racks && pods && e < f->kinds[kind].count; e++) {
    if (racks[e] == ENTITY_NONE || pods[e] == ENTITY_NONE) continue;
    Diag *d = diag_entity(f, sink, E_FLEET_TWO_PLACES, kind, e, "%s `%s` is in %s `%s` and in %s `%s`",
                          kind_at(f, kind)->name, fleet_name(f, kind, e), kind_at(f, rack)->name,
                          fleet_name(f, rack, racks[e]), kind_at(f, pod)->name, fleet_name(f, pod, pods[e]));
    diag_note(sink, d, "a GB200 node is in a rack, a Hopper node in a pod: leave one of the cells empty");
  }
}

void fleet_check_rules(Fleet *f, DiagSink *sink) {
  static const char *const slots[][2] = {
      {"Node", "Rack"}, {"Node", "Pod"}, {"Rack", "Row"}, {"PowerShelf", "Rack"}};
  for (uint32_t k = 0; k < f->schema->kind_count; k++)
    for (uint32_t to = 0; to < f->schema->kind_count; to++) check_ways(f, sink, k, to);
  check_sku(f, sink);
  for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
    uint32_t kind = fleet_kind_index(f->schema, slots[i][0]), to = fleet_kind_index(f->schema, slots[i][1]);
    if (kind != UINT32_MAX && to != UINT32_MAX) check_slots(f, sink, kind, to);
  }
  uint32_t node = fleet_kind_index(f->schema, "Node"), rack = fleet_kind_index(f->schema, "Rack"),
           pod = fleet_kind_index(f->schema, "Pod");
  if (node != UINT32_MAX && rack != UINT32_MAX && pod != UINT32_MAX) check_place(f, sink, node, rack, pod);
}
