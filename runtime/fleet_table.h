/* fleet_table: rows of cells become entities. Both readers (CSV, JSON) hand their columns and rows to it; for
 * the files fleet*.c only.
 *
 * A table has the rows of one kind. A column is named by the way from the row's entity to what it fills, as a
 * runbook would write it after `n.`:
 *
 *     name, node        the key of the row's own kind, under either name
 *     slot, service     an attribute, a fact of the entity
 *     rack, pod         the entity that it is in, or refers to: by its name
 *     leaves            a list of references: names with `;` between them
 *     cluster, row      any other kind: an entity that the things of this row are in
 *     rack.kw           an attribute or a fact of an entity that the row names
 *     rack.cooling.kw   and so on
 *
 * Everything that a row names belongs together: where the rack is in a row and the row in a cluster, a
 * table of nodes with the columns rack, row and cluster says all three. Entities of a kind that has a
 * table of its own must be named there; others are made when they are named first. Two rows that say
 * different things are an error. */
#ifndef TAGOUT_RUNTIME_FLEET_TABLE_H
#define TAGOUT_RUNTIME_FLEET_TABLE_H

#include "lang/arena.h"
#include "runtime/fleet_data.h"

typedef struct FleetClaims FleetClaims;

/* Every table of one inventory. */
typedef struct FleetLoad {
  Fleet *f;
  DiagSink *sink;
  Arena *arena;      /* names of columns and the like; dies with the loading */
  uint8_t *tabled;   /* per kind: it has a table of its own */
  uint8_t *complete; /* per kind: that table has been read */
  FleetClaims **claims; /* per kind and attribute: what is whose own */
} FleetLoad;

/* Nothing claimed yet, in the arena; done frees what is not (fleet_own.c). */
FleetClaims **fleet_claims_new(const FleetSchema *schema, Arena *arena);
void fleet_claims_done(FleetClaims **all, const FleetSchema *schema);

/* Where a row lies. Places of cells are counted from here, and only when something is wrong with them. */
typedef struct FleetRow {
  const char *start; /* of the row's first line */
  uint32_t line;     /* 1-based */
} FleetRow;

typedef struct FleetCell {
  const char *bytes; /* followed by a NUL unless part; len 0: the row does not say */
  const char *at;    /* where it stands, for places; between row.start and the row's end */
  uint32_t len;
  bool plain;        /* printing ASCII only */
  bool quoted;       /* blanks around it are meant */
  bool part;         /* of a list: no NUL behind it */
} FleetCell;

typedef struct FleetTable FleetTable;

/* The rows of kind in this file; buffer holds its bytes (text_table_adopt). In load->arena. */
FleetTable *fleet_table_new(FleetLoad *load, uint32_t kind, uint32_t file, int buffer);
uint32_t fleet_table_kind(const FleetTable *t);
/* A further column; columns are numbered from 0. What is wrong with its name is reported here. */
uint32_t fleet_table_column(FleetTable *t, FleetCell name, FleetRow row);
uint32_t fleet_table_columns(const FleetTable *t);
const char *fleet_table_column_name(const FleetTable *t, uint32_t column);
/* No further columns: reports those that are missing. Only for tables that name their columns first. */
void fleet_table_header_done(FleetTable *t, FleetRow row);
/* One row; cells has one per column. */
void fleet_table_row(FleetTable *t, const FleetCell *cells, FleetRow row);

void fleet_table_done(FleetTable *t); /* frees what is not in the arena */

/* A diagnostic at a byte of a row. */
Diag *fleet_table_diag(FleetTable *t, DiagCode code, FleetRow row, const char *at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
