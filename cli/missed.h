/* missed: actions that failed or had no answer. What comes of it is told next, another way or the member that leaves; of the rest it is
 * said once per action, with all its members. */
#ifndef TAGOUT_CLI_MISSED_H
#define TAGOUT_CLI_MISSED_H

#include "cli/story.h"

/* Members on which an action failed, or had no answer, in this step; those from `told` on are not told yet. */
typedef struct Missed { uint32_t action, kind, told; int64_t outcome, at; VEC(uint32_t) members; } Missed; /* at: the first untold one */
typedef VEC(Missed) MissedList;

void missed_add(MissedList *l, const Note *end);             /* of an action; one that was tried again is kept once */
bool missed_untold(const Missed *m);
void missed_told_by_leaving(MissedList *l, const Note *n);   /* when nobody else is untold: why it leaves says enough */
void missed_tell(Missed *m, const Story *s, Buf *out);       /* "drain failed on 3 nodes (...)": told from now on */
void missed_forget(MissedList *l);                           /* the next step may do the same to the same members */
void missed_done(MissedList *l);

#endif
