/* ack: a person's signed yes or no to questions of a run. One text, one signature, for one member or for thousands; kept in
 * the run's folder as acks/REF.ack, REF being the first half of its SHA-256 in hex, by which the answers in the journal name it:
 *
 *   tagout ack 1
 *   plan DIGEST
 *   run ID
 *   gate NAME               of a question that is no gate's: its number
 *   role ROLE
 *   answer yes              or no
 *   person PERSON           as the role's signers list them
 *   at 2026-01-05T18:00:00Z
 *   until 2026-01-05T19:00:00Z       it counts no longer
 *   says PERSON; NAME=VALUE          the answer as the journal has it, with its evidence
 *   ask 17 r03              one line per question: its number and the member, for which it was asked
 *   -----BEGIN SSH SIGNATURE-----    over the lines above, for the use ack@tagout
 *
 * The number of a question is of one pass through one gate of one run: a yes is never good for another. */
#ifndef TAGOUT_RUNTIME_ACK_H
#define TAGOUT_RUNTIME_ACK_H

#include "lang/site.h"
#include "runtime/plan.h"
#include "runtime/signature.h"

#define ACK_REF 33

typedef struct Ack {
  const char *plan, *run, *gate, *role, *person, *says;
  bool yes;
  int64_t at, until;         /* ms UTC, of whole seconds */
  const char *asks;          /* the lines of questions, "ask 17 r03\n..." */
} Ack;

void ack_write(const Ack *a, Buf *out);                            /* the text that is signed */
bool ack_read(const char *bytes, Arena *arena, Ack *ret);          /* false: none */
void ack_ask_line(uint64_t command, const char *member, Buf *out);
void ack_ref(const char *bytes, size_t len, char ret[ACK_REF]);

/* Is it signed by who it says, as a signer of the role? NULL: it is; else a sentence. key: fingerprint. */
const char *ack_verify(const Ack *a, const char *bytes, const SiteSigners *role, const char *site_dir, Arena *arena, char key[SIGNATURE_KEY]);

#endif
