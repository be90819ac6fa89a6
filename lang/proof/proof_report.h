/* proof_report: what a proof found, as diagnostics of the runbook's sources. */
#ifndef TAGOUT_LANG_PROOF_PROOF_REPORT_H
#define TAGOUT_LANG_PROOF_PROOF_REPORT_H

#include "lang/diag.h"
#include "lang/proof/proof.h"

/* Adds a fix to the diagnostic of a finding, and says whether there is one: then no other help is given. */
typedef bool ProofFixer(void *ctx, const Finding *f, DiagSink *sink, Diag *d);

/* What came of it when the way was replayed on the engine. names: per kind, the example that the sentences are about; NULL: it is called
 * by its kind. */
typedef struct ProofExample { const char *const *names; const char *note; DiagReplay data; } ProofExample;
typedef const ProofExample *ProofReplayer(void *ctx, const Proof *proof, const Finding *f); /* NULL: it is not one that can be replayed */

typedef struct ProofShow {
  const SourceMap *map;     /* the sources that the program was compiled from; NULL: the places are file and line only */
  ProofFixer *fixer;        /* may be NULL, as may the replayer */
  void *fixer_ctx;
  ProofReplayer *replayer;
  void *replayer_ctx;
} ProofShow;
DiagCode proof_code(FindingKind k);
void proof_report(const Program *p, const Proof *proof, const ProofShow *show, DiagSink *sink);

#endif
