/* fleet: the inventory. Entities of many kinds in columns, loaded once, then immutable and shared by every
 * run. Which kinds, attributes and facts there are is not known here: a FleetSchema says it, plain data that
 * the loader of a compiled program fills (tests write it by hand). Nothing here changes while a run goes on:
 * what a run learns about facts lives in the engine; a fleet knows only what its files said.
 *
 * An entity is a dense index per kind, in the order in which the files name it first:
 *
 *     kind Node:   0 1 2 3 4 ...            name  [text id per entity]
 *                  | | |                    slot  [int64 per entity]
 *     kind Rack:   0---' 1 ...              up to Rack, Row, Cluster ... [entity per entity]
 *
 * Containers. The parent of a kind and every attribute that refers to one entity make a link. Links that
 * would close a circle of kinds are plain references; all others lead upwards: `fleet_up` follows them
 * (parent first, then attributes in the order of the schema; the first that is known wins), so a Node reaches
 * its Cluster through its Rack or through its Pod. `fleet_members` is the same relation read downwards, with
 * lists of references besides: the nodes of a leaf switch are those whose list of leaves holds it.
 *
 * Every query is O(1). An Entity argument must be below fleet_count of its kind (asserted). */
#ifndef TAGOUT_RUNTIME_FLEET_H
#define TAGOUT_RUNTIME_FLEET_H

#include "lang/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t Entity;
#define ENTITY_NONE UINT32_MAX       /* no such entity, or not known */
#define FLEET_NO_KIND UINT32_MAX     /* a kind without a parent */
#define FLEET_UNKNOWN INT64_MIN      /* the inventory does not say */

/* ---- the schema: plain data, owned by whoever made it, outlives the fleet ---- */

typedef enum FleetType {
  FLEET_TEXT,     /* value: text id, see fleet_text */
  FLEET_INT,      /* value: the number */
  FLEET_BOOL,     /* value: 0 or 1; written yes, no, true, false */
  FLEET_ENUM,     /* value: position in words, counted from 1, as in a program */
  FLEET_QUANTITY, /* value: in base units of its dimension (lang/quantity.h) */
  FLEET_REF,      /* value: Entity of the kind it refers to */
  FLEET_REFS      /* a list of entities: fleet_refs, not fleet_value */
} FleetType;

typedef struct FleetAttr {
  const char *name;
  FleetType type;
  uint32_t dimension;       /* FLEET_QUANTITY: a dimension of lang/quantity.h */
  uint32_t kind;            /* FLEET_REF, FLEET_REFS: index of the kind referred to */
  const char *const *words; /* FLEET_ENUM */
  uint32_t word_count;
  bool own;                 /* FLEET_REF: no two entities may refer to the same one */
} FleetAttr;

/* A fact that may be given as a column: the state in which the inventory believes the entity to be. */
typedef struct FleetFact {
  const char *name;
  const char *const *values; /* at most 254 */
  uint32_t value_count;
} FleetFact;

typedef struct FleetKind {
  const char *name;         /* "CoolingUnit"; in a file `cooling_unit` */
  const char *plural;       /* "cooling_units": the name of its table */
  uint32_t parent;          /* index of the kind it is in, or FLEET_NO_KIND */
  uint32_t key;             /* index of the FLEET_TEXT attribute that names an entity */
  const FleetAttr *attrs;
  uint32_t attr_count;
  const FleetFact *facts;
  uint32_t fact_count;
} FleetKind;

typedef struct FleetSchema {
  const FleetKind *kinds;
  uint32_t kind_count;
  uint32_t row_kind;        /* the kind of the rows of a single file: Node, or what lies innermost */
} FleetSchema;

/* ---- loading ---- */

typedef struct Fleet Fleet;

typedef enum FleetFormat { FLEET_BY_NAME, FLEET_CSV, FLEET_JSON } FleetFormat;

/* Reads the inventory at path (fleet_load.c says which files that may be). NULL when anything in it is wrong:
 * the sink then holds every mistake, up to its limit, with file, line and column. */
Fleet *fleet_load(const FleetSchema *schema, const char *path, FleetFormat format, DiagSink *sink);
/* The same from memory: one CSV or JSON text; file is its name in diagnostics. */
Fleet *fleet_load_text(const FleetSchema *schema, const char *file, FleetFormat format, const char *bytes,
                       size_t len, DiagSink *sink);
void fleet_free(Fleet *f); /* accepts NULL */

/* ---- queries ---- */

const FleetSchema *fleet_schema(const Fleet *f);
uint32_t fleet_count(const Fleet *f, uint32_t kind);
Entity fleet_find(const Fleet *f, uint32_t kind, const char *name, size_t len); /* or ENTITY_NONE */
const char *fleet_name(const Fleet *f, uint32_t kind, Entity e);
size_t fleet_name_length(const Fleet *f, uint32_t kind, Entity e);

/* Index in the schema by name; UINT32_MAX when there is none. For tests, reports and the plan. */
uint32_t fleet_kind_index(const FleetSchema *schema, const char *name);
uint32_t fleet_attr_index(const FleetSchema *schema, uint32_t kind, const char *name);
uint32_t fleet_fact_index(const FleetSchema *schema, uint32_t kind, const char *name);

/* The entity of kind `to` that e is in, through any number of links; e itself when to is its own kind. */
Entity fleet_up(const Fleet *f, uint32_t kind, Entity e, uint32_t to);
Entity fleet_parent(const Fleet *f, uint32_t kind, Entity e);
/* Does some chain of links, or a list of references, lead from kind to the kind `to`? */
bool fleet_leads_up(const FleetSchema *schema, uint32_t kind, uint32_t to);

/* A run of entities in inventory order: items[0..count), or first, first + 1, ... when items is NULL. */
typedef struct FleetMembers {
  const Entity *items; /* owned by the fleet */
  Entity first;
  uint32_t count;
} FleetMembers;

static inline Entity fleet_member(FleetMembers m, uint32_t i) { return m.items ? m.items[i] : m.first + i; }

/* All entities of kind `member` that are in e; e alone when member is its own kind. Empty when the kinds are
 * not linked. */
FleetMembers fleet_members(const Fleet *f, uint32_t kind, Entity e, uint32_t member);

int64_t fleet_value(const Fleet *f, uint32_t kind, uint32_t attr, Entity e);
/* Of a FLEET_REFS attribute, in the order of the cell. */
FleetMembers fleet_refs(const Fleet *f, uint32_t kind, uint32_t attr, Entity e);
/* What the inventory says of a fact: 0 when nothing, else the position of the value, counted from 1. */
uint32_t fleet_fact(const Fleet *f, uint32_t kind, uint32_t fact, Entity e);

/* Texts: equal texts have the equal id, over all kinds and attributes. */
const char *fleet_text(const Fleet *f, int64_t id);       /* NUL-terminated; "" for FLEET_UNKNOWN */
size_t fleet_text_length(const Fleet *f, int64_t id);
int64_t fleet_text_find(const Fleet *f, const char *bytes, size_t len); /* FLEET_UNKNOWN: no entity has it */
int64_t fleet_text_count(const Fleet *f); /* ids are below it: further texts may be numbered from here */

/* ---- about the inventory ---- */

/* The file and 1-based line that named the entity first. */
const char *fleet_place(const Fleet *f, uint32_t kind, Entity e, uint32_t *ret_line);
/* Of the content: names, links, values, facts in order; not of the files' layout. The same on every
 * machine. */
uint64_t fleet_digest(const Fleet *f);
size_t fleet_bytes(const Fleet *f);    /* memory that the fleet holds, in all */

/* ---- columns, for the VM: the whole of an attribute without a call per entity ---- */

typedef enum FleetWidth { FLEET_W8, FLEET_W32, FLEET_W64 } FleetWidth;
typedef struct FleetColumn {
  const void *data;  /* NULL: unknown for all. W8: uint8_t, W32: uint32_t, W64: int64_t */
  FleetWidth width;  /* unknown is UINT8_MAX, UINT32_MAX, INT64_MIN; in the column of a fact, 0 */
} FleetColumn;

FleetColumn fleet_column(const Fleet *f, uint32_t kind, uint32_t attr);
FleetColumn fleet_fact_column(const Fleet *f, uint32_t kind, uint32_t fact); /* always W8 or NULL */
FleetColumn fleet_up_column(const Fleet *f, uint32_t kind, uint32_t to);     /* always W32 or NULL */

static inline int64_t fleet_column_value(FleetColumn c, Entity e) {
  if (!c.data) return FLEET_UNKNOWN;
  if (c.width == FLEET_W64) return ((const int64_t *)c.data)[e];
  if (c.width == FLEET_W32) {
    uint32_t v = ((const uint32_t *)c.data)[e];
    return v == UINT32_MAX ? FLEET_UNKNOWN : (int64_t)v;
  }
  uint8_t v = ((const uint8_t *)c.data)[e];
  return v == UINT8_MAX ? FLEET_UNKNOWN : (int64_t)v;
}

#endif
