/* story: what happened in a run, in sentences. One note or event gives at most one; how loud it is decides who prints it. */
#ifndef TAGOUT_CLI_STORY_H
#define TAGOUT_CLI_STORY_H

#include "lang/buf.h"
#include "runtime/engine.h"

typedef enum Loudness {
  STORY_DETAIL,   /* single members, actions that went well, single locks: thousands of them */
  STORY_EVENT,    /* steps, gates, people */
  STORY_TROUBLE   /* what went wrong */
} Loudness;

typedef struct Story {
  const Program *program;
  const Fleet *fleet;
  const Zone *zone;
  const char *crowd;         /* not NULL: the sentence is about all of these, in place of its one member */
} Story;

Loudness story_loudness(const Note *n);
/* Appends the sentence, without its time and without a full stop. */
void story_note(const Story *s, const Note *n, Buf *out);
/* What people and processes did. Only BEGIN, ANSWER, CONTROL, RESUMED and ALARM have a sentence: false for others. */
bool story_event(const Story *s, const Event *e, Buf *out);

void story_entity(const Story *s, uint32_t kind, uint32_t entity, Buf *out); /* "rack r03", "cooling unit r06-cu" */
const char *story_name(const Story *s, uint32_t kind, uint32_t entity);      /* "r03"; "" none */
const char *story_gate(const Story *s, uint32_t gate);                       /* "electrical_go" */
void story_time(const Story *s, int64_t at, Buf *out);                       /* "Mon 11:00:07" in the zone */
const char *run_outcome_sentence(RunOutcome o);                              /* "completed", "rolled back" */

#endif
