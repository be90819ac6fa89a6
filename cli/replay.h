/* replay: what a proof has found is carried out on the engine before it is shown: on the inventory that was named, or on a small one
 * that is made up, with the way as faults, and with a monitor that must see what the finding says. */
#ifndef TAGOUT_CLI_REPLAY_H
#define TAGOUT_CLI_REPLAY_H

#include "lang/arena.h"
#include "lang/program.h"
#include "lang/proof/proof_report.h"

typedef struct ReplayOptions {
  const char *fleet;          /* inventory that the example is of; NULL: one is made up */
  const char *const *words;   /* the files of the command line, and name=value for the parameters; borrowed */
  int word_count;
  const char *save;           /* folder for fault files; NULL: nothing is saved */
} ReplayOptions;

typedef struct Replay Replay;
Replay *replay_new(const ReplayOptions *options);
void replay_free(Replay *r);
/* What the next findings are about; it must outlive them. False: the inventory cannot be read, which has been said. */
bool replay_of(Replay *r, const Program *p);
/* ctx: a Replay. */
const ProofExample *replay_finding(void *ctx, const Proof *proof, const Finding *f);

#endif
