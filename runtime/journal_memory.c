/* journal_memory: where SQLite gets its memory. A database that cannot be read for lack of memory looks like one that is damaged;
 * with the allocator of everything else a lack of memory is a lack of memory. */
#include <config.h>

#include "runtime/journal.h"

#include "lang/arena.h"

#include <malloc.h>
#include <sqlite3.h>
#include <stdlib.h>

static void *take(int size) { return xmalloc((size_t)size); }
static void *grow(void *p, int size) { return xrealloc(p, (size_t)size); }
static int size_of(void *p) { return (int)malloc_usable_size(p); }
static int round_up(int size) { return (size + 7) & ~7; }
static int begin(void *ctx) { return (void)ctx, SQLITE_OK; }
static void end(void *ctx) { (void)ctx; }

void journal_memory(void) {
  static const sqlite3_mem_methods methods = {.xMalloc = take, .xFree = free, .xRealloc = grow, .xSize = size_of,
                                              .xRoundup = round_up, .xInit = begin, .xShutdown = end};
  sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
