/* signature: SSH signatures by the real `ssh-keygen -Y`, run as a program. Nothing is signed or verified here; what is here is
 * how it is called and what its answer means. The formats are OpenSSH's: ssh-keygen(1), ALLOWED SIGNERS. */
#ifndef TAGOUT_RUNTIME_SIGNATURE_H
#define TAGOUT_RUNTIME_SIGNATURE_H

#include "lang/buf.h"
#include <stdbool.h>

/* What is signed for: a signature for one is none for another. */
#define SIGNATURE_PLAN "plan@tagout"
#define SIGNATURE_ACK "ack@tagout"

typedef enum SignatureVerdict {
  SIGNATURE_GOOD,
  SIGNATURE_OTHER,    /* not over this text, not for this use, or no signature at all */
  SIGNATURE_UNKNOWN,  /* by a key that the signers do not list for this person */
  SIGNATURE_REVOKED,
  SIGNATURE_EXPIRED,  /* listed, and not valid any more, or not yet */
  SIGNATURE_BROKEN    /* nothing could be found out: no program, no file */
} SignatureVerdict;

#define SIGNATURE_WHY 240
#define SIGNATURE_KEY 80

typedef struct SignatureCheck {
  const char *use, *person;
  const char *text, *signature;    /* what is signed; the armoured block */
  const char *signers, *revoked;   /* files; revoked may be NULL */
} SignatureCheck;

/* key: the fingerprint of the key that signed, "" where it is not known. why: in ssh-keygen's words, where it says something. */
SignatureVerdict signature_verify(const SignatureCheck *check, char key[SIGNATURE_KEY], char why[SIGNATURE_WHY]);

/* Signs text with a private key's file, or a public one's whose private key the agent has. It may ask for a passphrase on the
 * terminal. The block is appended to out. False with the reason in why. */
bool signature_make(const char *use, const char *key_file, const char *text, Buf *out, char why[SIGNATURE_WHY]);

#endif
