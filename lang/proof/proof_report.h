/* proof_report: what a proof found, as diagnostics of the runbook's sources. */
#ifndef TAGOUT_LANG_PROOF_PROOF_REPORT_H
#define TAGOUT_LANG_PROOF_PROOF_REPORT_H

#include "lang/diag.h"
#include "lang/proof/proof.h"

/* Adds a fix to the diagnostic of a finding, and says whether there is one: then no other help is given. */
typedef bool ProofFixer(void *ctx, const Finding *f, DiagSink *sink, Diag *d);
/* fixer: NULL: none. map: the sources that the program was compiled from, or NULL: then the places are file and line only. */
void proof_report(const Program *p, const Proof *proof, const SourceMap *map, DiagSink *sink, ProofFixer *fixer, void *ctx);

#endif
