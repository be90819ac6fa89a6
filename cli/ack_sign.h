/* ack_sign: an answer signed before it is sent: what is signed, the key, the file in the run's folder. */
#ifndef TAGOUT_CLI_ACK_SIGN_H
#define TAGOUT_CLI_ACK_SIGN_H

#include "cli/run_state.h"
#include "runtime/ack.h"

typedef struct AckSign {
  const char *who, *key;             /* key: its file, NULL the user's own */
  const char *says;                  /* the answer as the journal will have it */
  bool yes;
  const Command *const *questions;   /* all of one gate */
  uint32_t count;
} AckSign;

/* The text that is sent, in the run's arena: what it says and a reference to the signature. The text alone where the site names no
 * signers of the role that is asked, which is said. NULL after saying why it cannot be signed, or would not count. */
const char *ack_sign(RunState *r, const AckSign *s);

/* Signs a text, looks whether it counts, and keeps it in the run's folder: what it says with a reference to it, in the run's arena. NULL
 * after saying why not. key_file: NULL the user's own; verb: for the message. */
const char *ack_keep(RunState *r, const Ack *a, const SiteSigners *role, const char *key_file, const char *verb);

/* The key to sign with: given, or ~/.ssh/id_ed25519. NULL after saying that there is none. verb: for the message. */
const char *signing_key(const char *given, const char *verb, Arena *arena);

#endif
