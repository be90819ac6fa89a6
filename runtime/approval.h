/* approval: people's signatures under a plan. Each is a small text file in the folder PLAN.approvals/, beside the plan, so that
 * it can be committed and reviewed with it:
 *
 *   tagout approval 1
 *   plan DIGEST             the SHA-256 of everything in the plan
 *   runbook NAME
 *   role ROLE
 *   person PERSON           as the role's signers list them
 *   at 2026-01-05T18:00:00Z
 *   -----BEGIN SSH SIGNATURE-----    over the lines above, for the use plan@tagout
 *
 * What counts is decided anew every time from the signers as they are then: the lines above only say what to look for. */
#ifndef TAGOUT_RUNTIME_APPROVAL_H
#define TAGOUT_RUNTIME_APPROVAL_H

#include "runtime/plan.h"
#include "runtime/signature.h"

typedef struct Approval {
  const char *file;                      /* its path */
  const char *digest, *role, *person, *at; /* as it says; "" where it cannot be read */
  char key[SIGNATURE_KEY];               /* fingerprint of the key that signed; "" unknown */
  DiagCode wrong;                        /* E_APPROVAL_...; DIAG_COUNT: it counts */
  const char *why;                       /* a sentence, when it does not */
} Approval;
typedef struct Approvals { Approval *items; uint32_t count; } Approvals;

/* The folder of a plan's approvals. */
const char *approvals_folder(const char *plan_file, Arena *arena);
/* The text that is signed. */
void approval_text(const Plan *plan, const char *role, const char *person, int64_t at, Buf *out);
/* The file of an approval: role and person, so that nobody approves twice. */
const char *approval_file(const char *folder, const char *role, const char *person, Arena *arena);

/* Every approval of the folder, judged: its signature, its signers as they are now, whether the person made the plan, owns the
 * runbook, or is the starter (NULL: nobody starts it yet). site_dir: where the signers' files are looked for. */
Approvals approvals_read(const Plan *plan, const char *folder, const char *site_dir, const char *starter, Arena *arena);

/* One approval, as it would stand in the file: judged likewise. */
Approval approval_judge(const Plan *plan, const char *file, const char *bytes, const char *site_dir, const char *starter, Arena *arena);

/* Are there as many of each role as the site asks for? If not, one diagnostic per role (E_APPROVALS) and one per approval that
 * does not count. A person counts once, and so does a key. */
bool approvals_suffice(const Plan *plan, Approvals all, const char *plan_file, DiagSink *sink);
/* An approval that does not count, as a diagnostic. */
void approval_report(const Approval *a, DiagSink *sink);
/* How many of the role count. */
uint32_t approvals_count(Approvals all, const char *role);

/* "board: ann, bob; facility: cay": those that count. */
const char *approvals_sentence(const Plan *plan, Approvals all, Arena *arena);

const SiteSigners *site_role(const SiteImage *site, const char *name);      /* NULL: the site says nothing of it */
const char *site_role_file(const char *site_dir, const char *path, Arena *arena);
/* "ann" is "ann@example.org". */
bool same_person(const char *a, const char *b);

#endif
