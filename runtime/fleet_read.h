/* fleet_read: the two readers of inventory files, and what they share. For the files fleet*.c only. */
#ifndef TAGOUT_RUNTIME_FLEET_READ_H
#define TAGOUT_RUNTIME_FLEET_READ_H

#include "runtime/fleet_table.h"

/* One file in memory: valid UTF-8, but for bytes that were found bad, reported, and overwritten with
 * FLEET_BAD_BYTE. The readers write into it: a NUL behind every cell. */
typedef struct FleetFile {
  char *bytes;     /* len bytes and a NUL; belongs to the text table */
  size_t len;
  uint32_t number; /* of the file in the fleet */
  int buffer;      /* of the bytes in the text table */
  bool damaged;    /* has bad bytes */
} FleetFile;

#define FLEET_BAD_BYTE '\xff' /* never part of UTF-8 */

/* One table of the rows of kind. */
void fleet_read_csv(FleetLoad *load, uint32_t kind, FleetFile *file);
/* One array of rows of the schema's row kind, or an object with an array per kind. */
void fleet_read_json(FleetLoad *load, FleetFile *file);

/* The kind whose table is called so (`racks`), or UINT32_MAX; then *ret_near, if not NULL, is a similar
 * name or NULL. */
uint32_t fleet_table_named(const FleetSchema *schema, const char *name, size_t len, const char **ret_near);

#endif
