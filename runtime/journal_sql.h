/* journal_sql: what journal.c shares with its inbox: the schema's text and the second file. Nobody else includes this. */
#ifndef TAGOUT_RUNTIME_JOURNAL_SQL_H
#define TAGOUT_RUNTIME_JOURNAL_SQL_H

#include "runtime/journal.h"

extern const char journal_schema[];

typedef struct Inbox Inbox;
int inbox_open(const char *run_dir, Inbox **ret, JournalError *error); /* creates the file when there is none */
void inbox_close(Inbox *in);                                           /* accepts NULL */
/* Messages with an id above *taken, which is moved on. Texts live until the next call. Cheap when nothing has come. */
uint32_t inbox_read(Inbox *in, int64_t *taken, Event *ret, uint32_t max);

#endif
