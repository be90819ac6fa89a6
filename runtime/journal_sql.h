/* journal_sql: what the files of the journal share: its state, the schema's text, the inbox. Nobody else includes this. */
#ifndef TAGOUT_RUNTIME_JOURNAL_SQL_H
#define TAGOUT_RUNTIME_JOURNAL_SQL_H

#include "runtime/journal.h"
#include "runtime/journal_chain.h"

#include <sqlite3.h>

#define JOURNAL_FORMAT 2
#define JOURNAL_NOT_OPENED "cannot be opened with its log: see that files can be made in its folder, and raise `ulimit -n`"
#define JOURNAL_DAMAGED \
  "not a journal, or damaged beyond reading: restore it from a copy; until then what the run locked stays locked"

typedef struct Inbox Inbox;
typedef enum Statement { SQL_EVENT, SQL_COMMAND, SQL_NOTE, SQL_TURN, SQL_BEGIN, SQL_COMMIT, SQL_COUNT } Statement;

/* How far the tables go: the last row of each that a turn holds. */
typedef struct TurnRow { int64_t n, seq, command, note, inbox; } TurnRow;

struct Journal {
  sqlite3 *db;
  char *dir, *path;
  sqlite3_stmt *statements[SQL_COUNT];
  int owner_fd;             /* -1 for readers */
  int head_fd;              /* of journal.head; -1: it is not written */
  int64_t noted_turn;       /* what journal.head said when it was opened; -1: nothing */
  char noted_head[JOURNAL_HEAD];
  TurnRow at;               /* rows written, turns committed, messages marked as taken */
  Chain chain;              /* over what `at` counts */
  bool noted;               /* the last event has notes */
  bool open_turn;           /* a transaction is open */
  Inbox *inbox;             /* NULL for readers */
  int64_t inbox_taken;
  int error;                /* first failure of a write: nothing is accepted after it */
  JournalError first;       /* what it said */
  char *version;            /* of the program that made it */
  char *record;             /* what record.json held then */
  char *plan;
  size_t plan_len;
};

/* journal_head.c */
void head_read(Journal *j);                      /* before the database is looked at: it may be written meanwhile */
void head_write_begin(Journal *j, bool made);
void head_write(const Journal *j);               /* a turn was committed */
void head_write_end(Journal *j);
bool head_fits(Journal *j);                      /* the journal has the turn that was noted, as it was */

int journal_fail(JournalError *error, int code, const char *path, const char *what); /* code */
int journal_fail_sql(Journal *j, JournalError *error);  /* for a writer: nothing is accepted after it */
int journal_fail_code(Journal *j, int code, JournalError *error); /* the same for SQLite's extended code of an earlier call */
int journal_sql_errno(int code);                        /* SQLite's code as a negative errno that a caller can act on */
int journal_own(Journal *j, JournalError *error);

/* The value that the chain begins with, from what the making of the journal wrote. False: a table cannot be read. */
bool journal_genesis(sqlite3 *db, Chain *ret);
/* The numbers of a turn under the hash, which is closed then. */
void journal_chain_turn(Chain *c, const TurnRow *t);

int inbox_open(const char *run_dir, Inbox **ret, JournalError *error); /* creates the file when there is none */
void inbox_close(Inbox *in);                                           /* accepts NULL */
/* Those with an id above `taken`, for whoever only looks; no file is no message. */
int inbox_look(const char *run_dir, int64_t taken, void (*each)(void *ctx, const Event *e), void *ctx, JournalError *error);
/* Messages with an id above *taken, which is moved on. Texts live until the turn is committed and the next call comes. Cheap when nothing has come. */
uint32_t inbox_read(Inbox *in, int64_t *taken, Event *ret, uint32_t max);
bool inbox_broken(const Inbox *in); /* the last read met an error: it has not seen everything */
void inbox_committed(Inbox *in); /* the turn that took them is over; accepts NULL */

#endif
