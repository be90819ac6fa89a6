/* repair: edits that would mend what a proof found. Each is tried before it is offered: the edited source is compiled and proved. */
#ifndef TAGOUT_CLI_REPAIR_H
#define TAGOUT_CLI_REPAIR_H

#include "lang/compilation.h"
#include "lang/proof/proof_report.h"

typedef struct Repair {
  const ModuleLoader *loader;
  const SourceMap *map;
  const Program *program;    /* what the finding is about */
  uint32_t tries;            /* left: a trial costs as much as the proof itself */
} Repair;

/* Adds a fix to the diagnostic of a finding where one helps. ctx: a Repair. */
void repair_offer(void *ctx, const Finding *f, DiagSink *sink, Diag *d);

#endif
