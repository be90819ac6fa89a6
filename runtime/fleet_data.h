/* fleet_data: how a fleet lies in memory. For the files fleet*.c only; everybody else asks through
 * fleet.h. */
#ifndef TAGOUT_RUNTIME_FLEET_DATA_H
#define TAGOUT_RUNTIME_FLEET_DATA_H

#include "lang/limits.h"
#include "runtime/fleet.h"
#include "runtime/text_table.h"

#define FLEET_BY_PARENT UINT32_MAX /* an edge that is the parent, not an attribute */

/* One way up: entities of a kind name one of kind `to` as parent or in attribute attr. */
typedef struct FleetEdge { uint32_t attr, to; } FleetEdge;

/* The kinds as a graph without circles. Edges of kind k: edges[first[k]] up to edges[first[k + 1]], parent
 * first. */
typedef struct FleetGraph {
  uint32_t kind_count;
  uint32_t *first;  /* kind_count + 1 */
  FleetEdge *edges;
  uint8_t *reach;   /* [k * kind_count + to]: some chain of edges leads from k to `to` */
  uint32_t *order;  /* every kind after the kinds it leads up to */
} FleetGraph;

void fleet_graph_init(FleetGraph *g, const FleetSchema *schema);
void fleet_graph_done(FleetGraph *g);
static inline bool fleet_graph_leads(const FleetGraph *g, uint32_t kind, uint32_t to) {
  return g->reach[(size_t)kind * g->kind_count + to];
}

typedef struct AttrStore {
  void *data;        /* see FleetColumn; NULL while nobody gave a value. FLEET_REFS: offset in Fleet.lists */
  uint32_t *lengths; /* FLEET_REFS: length of each list */
  FleetWidth width;
} AttrStore;

/* Entities of one kind in e: items[start[e] ..+ count[e]], or the range itself when items is NULL. */
typedef struct MemberStore { uint32_t *start, *count; Entity *items; uint32_t item_count; } MemberStore;

typedef struct KindStore {
  uint32_t count, cap;
  uint32_t *names;      /* text ids; the key attribute has no store of its own */
  Entity *parents;      /* NULL while nobody has one */
  uint32_t *lines;      /* where it was named first */
  uint8_t *files;
  uint8_t *defined;     /* named by a row of its own table; otherwise only mentioned */
  AttrStore *attrs;     /* per attribute of the kind */
  uint8_t **facts;      /* per fact of the kind; NULL while nobody gave a value */
  uint32_t *slots;      /* name index: open addressing over entity + 1, at most half full */
  uint32_t slot_count;
  Entity **up;          /* per kind: its column of containers, or NULL */
  uint8_t *up_owned;    /* 0: the column is that of the parent or of an attribute */
  MemberStore *members; /* per member kind */
} KindStore;

struct Fleet {
  const FleetSchema *schema;
  FleetGraph graph;
  KindStore *kinds;
  TextTable *texts;
  Entity *lists;        /* the items of all lists of references; equal neighbours share theirs */
  uint32_t list_len, list_cap;
  char *files[LIMIT_FLEET_TABLES];
  uint32_t file_count;
};

/* ---- building (fleet_build.c) ---- */

Fleet *fleet_new(const FleetSchema *schema);
uint32_t fleet_add_file(Fleet *f, const char *path);   /* its number */
Entity fleet_add(Fleet *f, uint32_t kind, uint32_t name, uint32_t file, uint32_t line); /* the name is new */
Entity fleet_find_text(const Fleet *f, uint32_t kind, uint32_t name);
void fleet_set(Fleet *f, uint32_t kind, uint32_t attr, Entity e, int64_t value);
void fleet_set_parent(Fleet *f, uint32_t kind, Entity e, Entity parent);
void fleet_set_fact(Fleet *f, uint32_t kind, uint32_t fact, Entity e, uint32_t code);
void fleet_set_list(Fleet *f, uint32_t kind, uint32_t attr, Entity e, uint32_t start, uint32_t length);
uint32_t fleet_push_item(Fleet *f, Entity item);       /* its offset in lists */

/* The direct container by one edge, ENTITY_NONE when not known. */
Entity fleet_edge_target(const Fleet *f, uint32_t kind, FleetEdge edge, Entity e);

/* Columns of containers and members, once nothing changes any more (fleet_relate.c). */
void fleet_relate_up(Fleet *f);
void fleet_relate_members(Fleet *f);

/* What an inventory must obey beyond the form of its rows (fleet_check.c). Both want the columns of
 * fleet_relate_up. */
void fleet_check_references(Fleet *f, const uint8_t *tabled, DiagSink *sink); /* every mention has its row */
void fleet_check_rules(Fleet *f, DiagSink *sink); /* one container; sku (completed too), slot, rack or pod */

#endif
