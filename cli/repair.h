/* repair: edits that would mend what a proof found. Each is tried before it is offered: the edited sources are compiled and proved. */
#ifndef TAGOUT_CLI_REPAIR_H
#define TAGOUT_CLI_REPAIR_H

#include "lang/compilation.h"
#include "lang/proof/proof_report.h"

/* What is left of trials, and of states of all of them, for all runbooks of a check: a trial costs as much as a proof. */
typedef struct RepairBudget { uint32_t trials, states; } RepairBudget;

typedef struct Repair {
  const ModuleLoader *loader;
  const Compilation *compilation; /* of the sources that the program was compiled from */
  const Program *program;         /* what the findings are about */
  const Proof *proof;             /* that found them */
  RepairBudget *budget;
  struct Offered *offered;        /* what helped before: the next finding may have the same cause */
  const Source *layout_of;        /* the source whose layout is known */
  bool layout;                    /* it is canonical */
} Repair;

/* Keeps a check of a large runbook with mistakes below one and a half seconds. */
#define REPAIR_TRIALS 160u
#define REPAIR_STATES 300000u

/* Adds a fix to the diagnostic of a finding where one helps: true. ctx: a Repair, all of one proof. */
bool repair_offer(void *ctx, const Finding *f, DiagSink *sink, Diag *d);

#endif
