/* unlock_sign: who takes locks off by hand, where the site names signers of the role to which they are handed over: both people sign, with
 * keys of their own, for these locks of this run, and for a day. Elsewhere, and in a drill, they are believed, and that is said. */
#ifndef TAGOUT_CLI_UNLOCK_SIGN_H
#define TAGOUT_CLI_UNLOCK_SIGN_H

#include "cli/run_state.h"
#include "runtime/ack.h"

typedef struct UnlockSign {
  const char *who, *key;     /* key: its file, NULL the user's own */
  const char *says;          /* what the journal will have: "by ann: the ticket is closed" */
  const LockView *const *locks;
  uint32_t count;
  const char *not_with;      /* fingerprint of the other's key, "" none: two people have two keys */
} UnlockSign;

/* What is sent, in the run's arena: what it says and a reference to the signature; the text alone where nobody signs, which is said. NULL
 * after saying why it would not count. */
const char *unlock_sign(RunState *r, const UnlockSign *s);

/* Is what was asked for this lock worth anything? NULL: it is, with the key that signed it, "" where nobody signs. Else why not. */
const char *unlock_vouched(const RunState *r, const LockView *lock, char key[SIGNATURE_KEY]);

#endif
