/* journal: the durable record of a run. Law 2: no command leaves before the event that caused it and the intent to send it
 * are durable; the events of one loop turn share one commit. Format, order of writes and recovery: journal.c. A journal is
 * one SQLite file, `journal.db` in the run's folder, readable with any SQL client. The writer holds an exclusive lock for
 * as long as it owns the run; other processes read, and leave control messages in the inbox (a second file, `inbox.db`). */
#ifndef TAGOUT_RUNTIME_JOURNAL_H
#define TAGOUT_RUNTIME_JOURNAL_H

#include "lang/diag.h"
#include "runtime/engine.h"
#include "runtime/world.h"

typedef struct Journal Journal;
typedef enum JournalMode { JOURNAL_CREATE, JOURNAL_RESUME, JOURNAL_READ } JournalMode;

typedef struct JournalError { int code; char text[400]; } JournalError; /* negative errno; text for people, names the file */

/* What a journal begins with: the bytes of the plan file, kept so that a run needs nothing else; the text of the run's record;
 * the version of the program. */
typedef struct JournalBirth { const char *plan; size_t plan_len; const char *record, *version; } JournalBirth;

/* birth: for CREATE, else NULL. RESUME takes the run over: fails with -EBUSY and the owner's pid and host when another process
 * is alive on it, and with -EBADMSG when anything in it was changed since it was written. */
int journal_open(const char *run_dir, JournalMode mode, const JournalBirth *birth, Journal **ret, JournalError *error);
void journal_close(Journal *j);
const char *journal_plan(Journal *j, size_t *ret_len);
const char *journal_version(const Journal *j); /* of the program that made it */
const char *journal_record(const Journal *j);  /* what record.json held then */

/* For runs that change nothing real: a commit no longer waits for the disk. It still survives the death of the process, not
 * that of the machine. */
int journal_relax(Journal *j);
/* Is a living process the owner of the run? Then who: "process 12 on host"; ret_who may be NULL. */
bool journal_owned(const char *run_dir, char *ret_who, size_t size);

/* One loop turn: events, each followed by its commands and then its notes, and the commit. Nothing is durable before commit returned 0. */
int journal_event(Journal *j, const Event *e);
int journal_command(Journal *j, const Command *c);
int journal_note(Journal *j, const Note *n);
int journal_commit(Journal *j, JournalError *error);

/* The journal is a hash chain (journal_chain.h); its head stands for everything before it. In hex; of an open turn: before it. */
#define JOURNAL_HEAD 65
void journal_head(const Journal *j, char ret[JOURNAL_HEAD]);

/* What journal_verify found. bad_event: the first event that is not as it was written, or after which something is not; 0: what
 * the journal began with. what: a sentence. Numbers and head are of the part that is whole. */
typedef struct JournalCheck {
  bool whole;
  char what[160];
  uint64_t bad_event;
  int64_t bad_at;            /* ms UTC as the journal has it; 0: nothing known */
  uint32_t bad_line;         /* of the runbook; 0: none known */
  uint64_t turns, events;
  char head[JOURNAL_HEAD];
  bool noted_found;          /* the head that was given is that of a turn */
  uint64_t noted_events;     /* events up to there */
} JournalCheck;
/* Goes through the whole chain. noted: a head that was noted elsewhere, hex, or NULL. Negative errno when it cannot be read. */
int journal_verify(Journal *j, const char *noted, JournalCheck *ret, JournalError *error);

/* All events in order, for a replay; texts live until the callback returns. */
int journal_replay(Journal *j, void (*each)(void *ctx, const Event *e, uint64_t seq), void *ctx, JournalError *error);
/* The intents in order, one by one beside a replay, to check law 1: a run of weeks has more of them than should be held at
 * once. `command` and its text are good until the next call; more: there is one; broken: SQLite's code of the read that failed,
 * 0 none. close: 0, or why they ended before their end. */
typedef struct CommandCursor { Command command; uint64_t seq; bool more; int broken; void *statement; } CommandCursor;
int journal_commands_open(Journal *j, CommandCursor *ret, JournalError *error);
void journal_commands_next(CommandCursor *c);
int journal_commands_close(Journal *j, CommandCursor *c, JournalError *error);
int journal_notes(Journal *j, void (*each)(void *ctx, const Note *n, uint64_t seq), void *ctx, JournalError *error);

/* The inbox: control from other processes (ack, pause, cancel); durable before inbox_send returns. */
int inbox_send(const char *run_dir, const Event *e, JournalError *error);
/* Messages that nobody has taken yet: what was said of a run while its process is dead, or behind its end. */
int inbox_left(Journal *j, void (*each)(void *ctx, const Event *e), void *ctx, JournalError *error);
/* Marks them taken in the commit of this turn; texts live until a call behind that commit. */
uint32_t inbox_take(Journal *j, Event *ret, uint32_t max);
bool inbox_failed(const Journal *j); /* the last take could not read to the end: try again */

/* Before the first database is opened: a lack of memory in it ends the process with a line that says so, as everywhere else. */
void journal_memory(void);

#endif
