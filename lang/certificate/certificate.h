/* certificate: what a proof leaves behind, so that it can be believed without believing the prover: every state that the run of a
 * program can be in, over one witness. Whoever reads it checks that the first state is among them, that no step from any of them
 * leads outside, and that none of them is bad. The checker (check_*.c beside this) shares no code with lang/proof; the trusted base is
 * the checker and what it reads of the program, not the compiler and not the prover.
 *
 * The file. Integers are little-endian, nothing is aligned, a VAR is 7 bits a byte, the lowest first, bit 7: more follow.
 *
 *   8 bytes   magic: 89 'T' 'G' 'C' 0d 0a 1a 0a
 *   4         format version, 3
 *   32        digest of the program (program.h): it covers bytecode, contracts, policies, and the digest of every source and library
 *   4         number of facts that are followed, then of each: 1 class, 4 row, 4 kind of entity, 4 until
 *   4         number of pairs that `tried` asks for, then of each: 4 action, 4 since
 *   4         number of actions whose effect may land late, then of each: 4 action
 *   4         number of states, then the states
 *   32        SHA-256 of all before
 *
 * A state is a row of bytes, as wide as cert_width says: its fields in the order of CERT_STATE below. States ascend, each once, as
 * memcmp compares, and each is written as what differs from the one before (the first: from zeros): per byte that differs a VAR, how far it
 * is behind the last one that differed (the first: 1 is offset 0), and the byte's value; then a 0.
 *
 * A fact is followed until the main strand stands behind `until` (an address; UINT32_MAX: to the end): behind it, its values and origin
 * are 0, and a step that reads it is a reason to refuse the certificate. So `until` need not be trusted. */
#ifndef TAGOUT_LANG_CERTIFICATE_H
#define TAGOUT_LANG_CERTIFICATE_H

#include "lang/buf.h"
#include "lang/limits.h"
#include "lang/program.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CERT_MAGIC "\x89TGC\r\n\x1a\n"
#define CERT_VERSION 3u

enum { CERT_FACTS = 48, CERT_AUTOS = 12, CERT_SETS = 16, CERT_KINDS = 32, CERT_GATES = 24, CERT_TRIED = 16, CERT_LATES = 16,
       CERT_FRAMES_OF_RUN = 5, CERT_FRAMES = 7 /* with those of an emergency */, CERT_EMERGENCIES = 8, CERT_SCOPES = 8, CERT_VALUES = 15, CERT_STATES = 1 << 20 };

typedef enum CertClass { CERT_FACT, CERT_ATTR, CERT_PARAM } CertClass;
typedef struct CertFact { uint32_t klass, row, kind, until; } CertFact; /* kind: of the entity that has it; of a parameter NONE_INDEX */
typedef struct CertTried { uint32_t action, since; } CertTried;

typedef struct CertTables {
  CertFact facts[CERT_FACTS];
  CertTried tried[CERT_TRIED];
  uint32_t lates[CERT_LATES];
  uint32_t fact_count, tried_count, late_count;
} CertTables;

/* ---- the words of a state ---- */

enum { ORIGIN_FOUND = 1 /* never written by the run: ordinary, or as a reading found it */, ORIGIN_OURS = 2 /* by the run, or by what it caused */,
       ORIGIN_WAY_BACK = 4 /* out of service by an action that has an undo */, ORIGIN_UNSURE = 8 /* its last reading failed */,
       ORIGIN_EXPOSED = 16 /* an automation could write it when the run did */,
       ORIGIN_THEIRS = 32 /* ours, by what an automation did */ };
enum { CERT_FREE, CERT_HELD, CERT_HANDED };                         /* locks */
enum { CERT_OPEN, CERT_IN, CERT_NOT_IN };                           /* sets */
enum { CERT_STAYS, CERT_LEFT_OUT, CERT_ASIDE, CERT_KEPT };          /* out */
enum { CERT_FAILED = 1 };                                           /* hurt: something of it failed */
enum { CERT_NO_YES, CERT_YES, CERT_YES_USED, CERT_REFUSED };        /* gates */
enum { CERT_GOES_ON, CERT_DONE, CERT_LEFT, CERT_ENDS, CERT_FAILS, CERT_CANCELS, CERT_TRIPS, CERT_REQUIREMENT, CERT_ROLLED_BACK }; /* leaving; ended: one more */
enum { CERT_NO_MEMBER, CERT_WAITS, CERT_RUNS, CERT_THROUGH };       /* the witness in a fan-out */
enum { CERT_NOT_STOPPED, CERT_BY_TOLERANCE, CERT_BY_FAILURE, CERT_BY_CANCEL, CERT_BY_GUARD }; /* a fan-out */
enum { CERT_LOCKOUT = 1, CERT_ATTEMPT, CERT_ADJUST, CERT_GUARD };   /* scopes */

typedef struct CertScope {
  uint8_t kind, on;      /* on: of a lockout: the witness is in it; of an attempt: it is rolled back */
  uint16_t row, owns;    /* owns: automations that it locked, as bits */
} CertScope;

typedef struct CertFrame { /* a strand: the main one, one for each fan-out that is open within it, above them those of an emergency */
  uint32_t pc;
  uint16_t fan;          /* row + 1 of the fan-out whose member it is; 0: the main strand, or the block of an emergency */
  uint16_t during;       /* of an emergency: 1 + the action that was under way when it came */
  uint8_t sibling;       /* not the witness's own strand but another member's */
  uint8_t outcome, tries, leaving, masked, out, tripped; /* masked: no cancel; out: the sibling left; tripped: scope + 1 of the guard */
  uint8_t open, member, stopped, others; /* of the fan-out at pc; others: 2: another member's strand was run */
  uint8_t emergency;     /* row + 1 of the emergency whose block this is a strand of; 0: of none */
  uint8_t scope_count;
  CertScope scopes[CERT_SCOPES];
  uint8_t slots[LIMIT_SLOTS];        /* 0 unset, 255 opaque, else 1 + 2 * kind: the witness, 2 + 2 * kind: another */
  uint8_t args[LIMIT_ACTION_PARAMS]; /* of the call that is tried again */
} CertFrame;

typedef struct CertState {
  uint8_t ended, cancelled, window_over, frame_count;
  uint8_t struck, settled; /* emergencies that have hit the witness, as bits; of these those whose block is through */
  uint32_t taken;        /* kinds of which the emergency of another run has taken the witness's, as bits */
  CertFrame frames[CERT_FRAMES];
  uint8_t set[CERT_SETS], lock[CERT_AUTOS];
  uint16_t queued;       /* automations that have seen, while they were locked, what they act on when they are let go; as bits */
  uint8_t out[CERT_KINDS], out_depth[CERT_KINDS], hurt[CERT_KINDS]; /* depth: attempts that were open */
  uint8_t yes[CERT_GATES], yes_depth[CERT_GATES];
  uint8_t tried[CERT_TRIED], late[CERT_LATES];
  uint16_t values[CERT_FACTS];       /* bit v - 1: value v is possible; of a truth: true is bit 0, false bit 1 */
  uint8_t origin[CERT_FACTS];
} CertState;

/* ---- rows ---- */

uint32_t cert_width(const Program *p, const CertTables *t); /* bytes of a state; 0: the program has more than a state holds */
void cert_pack(const Program *p, const CertTables *t, CertState *s, uint8_t *row); /* leaves s as it is */
void cert_unpack(const Program *p, const CertTables *t, const uint8_t *row, CertState *s);

/* rows: count states of cert_width bytes each, in any order, also twice. */
void cert_write(const Program *p, const CertTables *t, const uint8_t *rows, uint32_t count, Buf *out);

typedef struct Certificate {
  CertTables tables;
  uint32_t width, count;
  uint8_t *rows;         /* count of width bytes; the caller's to free */
} Certificate;

/* Of this program and intact, else false and why. Nothing of what its states say is looked at. */
bool cert_read(const Program *p, const uint8_t *bytes, size_t len, Certificate *ret, Buf *ret_why);

/* Is every state that the program can reach in the certificate, and none of them bad? Else false and why, in one sentence. */
bool cert_check(const Program *p, const uint8_t *bytes, size_t len, Buf *ret_why);

#endif
