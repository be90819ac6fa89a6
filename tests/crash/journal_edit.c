/* journal_edit: changes a run's journal behind its back, as a bad disk or another program would.
 *
 *   journal_edit FOLDER SQL */
#include <sqlite3.h>
#include <stdio.h>

int main(int argc, char **argv) {
  char path[4096];
  sqlite3 *db = NULL;
  char *why = NULL;
  if (argc != 3) return fprintf(stderr, "usage: journal_edit FOLDER SQL\n"), 2;
  snprintf(path, sizeof path, "%s/journal.db", argv[1]);
  int r = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
  if (r == SQLITE_OK) r = sqlite3_exec(db, argv[2], NULL, NULL, &why);
  if (r != SQLITE_OK) fprintf(stderr, "journal_edit: %s: %s\n", path, why ? why : sqlite3_errmsg(db));
  sqlite3_free(why);
  sqlite3_close(db);
  return r == SQLITE_OK ? 0 : 1;
}
