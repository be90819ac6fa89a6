/* replay_script: the way to a finding as a fault file. Of every move the proof has kept what it may have known of the witness; what
 * the simulated world would not do by itself becomes a rule, at the moment where the way has it. */
#ifndef TAGOUT_CLI_REPLAY_SCRIPT_H
#define TAGOUT_CLI_REPLAY_SCRIPT_H

#include "lang/proof/proof.h"
#include "runtime/faults.h"

/* What the way leaves open is tried one after the other. */
typedef struct ReplayTry {
  uint32_t of, others;    /* so many others of that kind, beside the example */
  bool outside;           /* they are no members of what is selected */
  uint32_t in_others;     /* so many in each, where they are containers */
  uint32_t upset;         /* all others of the smallest kind have that fact otherwise from the start: 1 + its place among those that the runbook asks for; 0 none */
  bool from_start;        /* what was found otherwise was so from the start, not only when it was read */
  uint32_t elsewhere;     /* 1 + the parameter that names another than what the example is in; 0 none */
  uint32_t act;           /* of others: which action of the fan-out's body fails */
  uint32_t delay;         /* ms that others than the run are behind the last moment that it told of */
  bool in_step;           /* a person cancels when the first step of the attempt begins */
  uint64_t seed;          /* of durations */
  uint32_t reading;       /* what cannot be read, or cannot be unlocked: 0 the lock, 1 the reading */
  bool last;              /* the example comes last */
} ReplayTry;

typedef struct ReplayStage {
  const Program *program;
  const Proof *proof;
  const Finding *finding;
  const Fleet *fleet;
  const Entity *who;      /* per kind: the example; ENTITY_NONE: none */
  uint32_t rows;          /* the smallest kind */
  int64_t pass;           /* ms from the start until the window has closed */
  ReplayTry attempt;
} ReplayStage;

/* In the arena. */
const Faults *replay_script(const ReplayStage *stage, Arena *arena);
/* The value that the way wants of a traced attribute or parameter; 0: any. A truth: 1 yes, 2 no. */
uint32_t replay_wants(const Proof *proof, const Finding *f, uint32_t traced);
/* How many facts of the kind the runbook itself asks for, over all of its members or some. */
uint32_t replay_upsets(const Program *p, uint32_t kind);
/* The kind whose others the way needs, or NONE_INDEX. *ret_before: they come before the example. */
uint32_t replay_others(const Program *p, const Finding *f, bool *ret_before);

#endif
