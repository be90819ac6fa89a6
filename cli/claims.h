/* claims: a live run takes its members in the fleet's ledger before it begins: two runs never work on one member. */
#ifndef TAGOUT_CLI_CLAIMS_H
#define TAGOUT_CLI_CLAIMS_H

#include "cli/run_state.h"
#include "cli/verb.h"
#include "runtime/ledger.h"

/* The ledger of a site in the state folder, and the folder of all of them; in the arena. */
const char *ledger_folder(Arena *arena, const char *state);
const char *ledger_path(Arena *arena, const char *state, const char *site);
/* NULL after saying why. */
Ledger *claims_open(const char *path);

/* Claims every member that the run may ever work on, and what is in them. EXIT_DONE, or after saying who has them. Runs that have
 * ended, or whose folder is gone, are removed from the ledger on the way. ret_by: the run that has them; NULL: nobody wants to know. */
ExitCode claims_take(Ledger *l, const char *dir, const Program *p, const Fleet *fleet, const Frozen *frozen, int64_t now, Buf *ret_by);
/* The entity, and all that is in it. In the arena. */
const Member *claims_within(const Program *p, const Fleet *fleet, uint32_t kind, uint32_t entity, Arena *arena, uint32_t *ret_count);
bool claims_over(const char *dir); /* nobody can resume the run: it has ended, or its folder is gone */
/* What the run has given back by what it knows now, and what a death or an error kept from the ledger. False: it could not be written, as is said. */
bool claims_settle(Ledger *l, const RunState *r);
/* The run has ended. */
void claims_end(Ledger *l, const char *dir);

#endif
