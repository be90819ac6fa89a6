/* fleet_table_data: what fleet_columns.c makes of a header and fleet_rows.c uses for every row. For these
 * two. */
#ifndef TAGOUT_RUNTIME_FLEET_TABLE_DATA_H
#define TAGOUT_RUNTIME_FLEET_TABLE_DATA_H

#include "lang/limits.h"
#include "runtime/fleet_table.h"

#define NO_INDEX UINT32_MAX

typedef enum ColumnRole {
  COLUMN_BAD,     /* its name was reported; its cells are not looked at */
  COLUMN_KEY,
  COLUMN_VALUE,   /* attribute `index` of the entity that mention `of` names */
  COLUMN_FACT,    /* fact `index` of it */
  COLUMN_MENTION, /* the name of the entity of mention `target` */
  COLUMN_LIST     /* the names of the entities of attribute `index` of it */
} ColumnRole;

typedef struct Column {
  const char *name;
  const char *at;      /* its name's place in the file, as long as the header is read */
  ColumnRole role;
  uint32_t of, index, target;
  /* The last good cell and what it meant: cells repeat. */
  const char *last;
  uint32_t last_len;
  uint32_t last_row;   /* the latest row that had it */
  int64_t value;       /* of the last good cell; COLUMN_LIST: the offset of the list */
  uint32_t list_len;
  bool given;          /* in this row: the cell is good */
  bool again;          /* in this row: it is as in the row before */
} Column;

/* An entity that each row names. Mention 0 is the row's own. */
typedef struct Mention {
  uint32_t kind;
  uint32_t of;      /* the mention whose edge leads here; NO_INDEX: named by its kind alone */
  uint32_t attr;    /* that edge: an attribute, or FLEET_BY_PARENT */
  uint32_t column;  /* that gives its name, or NO_INDEX */
  Entity entity;    /* in this row; ENTITY_NONE: not named, or badly */
  bool named;       /* in this row: the cell is not empty */
  bool again;       /* in this row: the entity is that of the row before */
  bool linked;      /* in this row: some link leads to it */
} Mention;

/* In every row: the entity of mention `from` has that of mention `to` as its attribute or parent, unless
 * mention `unless` is named, which says the same explicitly. list: from is a COLUMN_LIST instead, and each
 * of its items gets the parent. */
typedef struct Link { uint32_t from, to, attr, unless; bool list; } Link;

struct FleetTable {
  FleetLoad *load;
  uint32_t kind, file;
  int buffer;
  Column columns[LIMIT_FLEET_COLUMNS];
  uint32_t column_count;
  uint32_t key;     /* the column of the key, or NO_INDEX */
  VEC(Mention) mentions;
  VEC(Link) links;
  uint32_t row;     /* rows begun */
  bool stale;       /* links must be made again: a column came */
  bool fixed;       /* no further columns; what is missing was reported */
};

/* The links of all mentions, from the columns there are (fleet_columns.c). */
void fleet_table_make_links(FleetTable *t);

int fleet_shown(const char *s, size_t len); /* bytes of a cell that a message repeats: a long one is cut */

/* Of a cell: its value for the attribute; false and reported when it has none (fleet_cells.c). */
bool fleet_cell_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, int64_t *ret);
bool fleet_cell_fact(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, int64_t *ret);
/* Two rows that disagree (fleet_conflict.c): about a value, a fact, a list, a container. */
void fleet_conflict_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e);
void fleet_conflict_fact(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e);
void fleet_conflict_list(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, Entity e);
void fleet_conflict_link(FleetTable *t, uint32_t kind, uint32_t attr, Entity e, Entity other, const char *at,
                         FleetRow row);

/* Entity e of kind has target as its own now. Reported when another has it already (fleet_own.c). */
void fleet_own_claim(FleetTable *t, uint32_t kind, uint32_t attr, Entity e, Entity target, const char *at,
                     FleetRow row);

/* Line and 1-based column in characters of a byte of the row. */
void fleet_table_place(FleetRow row, const char *at, uint32_t *ret_line, uint32_t *ret_column);

/* A name as a text id; TEXT_NONE and reported when it is no name. */
uint32_t fleet_cell_name(FleetTable *t, const Column *c, FleetCell cell, FleetRow row);

#endif
