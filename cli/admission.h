/* admission: what a person's answer is worth, before the run takes it. Where the site names signers of the role that is asked, an
 * answer counts when it is signed (runtime/ack.h), by another person than who started the run or is on duty, for this plan, run, gate, question
 * and member, in its time; a yes waits until as many people as the site's quorum have said it. Where the site names none, who answers
 * is believed, and the answer is marked as a claim. In a drill nobody is hurt, and everybody is believed.
 *
 * An answer that does not count goes into the journal with its reason (ANSWER_VOID), one of several yeses as ANSWER_VOICE. */
#ifndef TAGOUT_CLI_ADMISSION_H
#define TAGOUT_CLI_ADMISSION_H

#include "cli/run_state.h"
#include "runtime/ack.h"

typedef struct Admission Admission;
/* For a run that is led live; the voices that its journal holds count. NULL after saying why not. */
Admission *admission_new(RunState *r);
void admission_free(Admission *a); /* accepts NULL */
/* An answer from the inbox is turned into what it is worth; other events stay as they are. Texts live as long as the run. */
void admission_take(Admission *a, Event *e);

/* The role that a question asks; NULL: the site says nothing of who signs for it. */
const SiteSigners *admission_role(const RunState *r, const Command *question);
/* Where a signed answer is kept in a run's folder. */
const char *admission_file(const RunState *r, const char *ref, Arena *arena);
/* The signed answer of that reference, read and verified as the role's signers are now: NULL, or why it does not count. */
const char *admission_read(const RunState *r, const char *ref, const SiteSigners *role, Ack *ret, char key[SIGNATURE_KEY]);
/* The reference in the mark behind what a person said (answer_mark); false: none. */
bool admission_ref(const char *mark, char ret[ACK_REF]);
/* What the question is called in an ack: the gate's name, or the number. */
const char *admission_gate(const RunState *r, const Command *question, Arena *arena);

#endif
