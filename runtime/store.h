/* store: what the small databases of the state folder have in common (ledger, intake): a SQLite file in which every change is one
 * transaction, synced before the call returns; several processes use it at once, IMMEDIATE transactions make look-and-change one
 * step. Calls that fail return a negative errno, and `why` says what is wrong. Only they include this. */
#ifndef TAGOUT_RUNTIME_STORE_H
#define TAGOUT_RUNTIME_STORE_H

#include "lang/arena.h"
#include "lang/buf.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Store {
  sqlite3 *db;
  char *path;
  const char *what;       /* "ledger": how messages call it */
  char why[400];
} Store;

/* Makes the file and its folder when they are missing. format: what its row in the table `meta` must say, which `schema` makes. In
 * both cases store_close. */
int store_open(Store *s, const char *path, const char *what, const char *schema, const char *format);
void store_close(Store *s);

int store_fail(Store *s, int error, const char *what);  /* -error */
int store_fail_sql(Store *s);
bool store_exec(Store *s, const char *sql);
bool store_begin(Store *s);
/* Ends what store_begin began: COMMIT when it went well and something is to be kept. */
int store_finish(Store *s, bool ok, bool keep, int result);

/* Texts are bound first, then numbers; they must live until the statement is finalized. NULL when SQLite refuses. */
sqlite3_stmt *store_prepare(Store *s, const char *sql, uint32_t texts, const char *const *text, uint32_t numbers, const int64_t *number);
bool store_change(Store *s, const char *sql, uint32_t texts, const char *const *text, uint32_t numbers, const int64_t *number);
/* The first number of the first row; -1 when there is none or it cannot be asked. */
int64_t store_ask(Store *s, const char *sql, uint32_t texts, const char *const *text, uint32_t numbers, const int64_t *number);
/* A column of the present row, "" for NULL; in the arena. */
const char *store_text(sqlite3_stmt *s, int column, Arena *arena);

#endif
