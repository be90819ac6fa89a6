/* proof_certificate: writes what the search has found reachable as a certificate. */
#ifndef TAGOUT_LANG_PROOF_PROOF_CERTIFICATE_H
#define TAGOUT_LANG_PROOF_PROOF_CERTIFICATE_H

#include "lang/proof/prover.h"

/* Only of a search that went to its end and found nothing. */
void proof_certificate(const Prover *v, Buf *out);

#endif
