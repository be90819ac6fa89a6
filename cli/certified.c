/* certified: the plan's certificate through the checker. */
#include <config.h>

#include "cli/certified.h"

#include "lang/certificate/certificate.h"

bool certificate_holds(const Plan *plan, const char *file, DiagSink *sink) {
  const char *name = program_str(plan->program, plan->program->name);
  Buf why = BUF_INIT;
  bool there = plan->certificate_len > 0;
  bool holds = there && cert_check(plan->program, plan->certificate, plan->certificate_len, &why);
  if (!there) {
    Diag *d = diag_at(sink, E_CERTIFICATE, file, 0, 0, "`%s` is not proved safe: the plan has no certificate", name);
    diag_note(sink, d, "plan it without --unproved; `tagout check` says why it is not proved");
  } else if (!holds) {
    Diag *d = diag_at(sink, E_CERTIFICATE, file, 0, 0, "the certificate of `%s` is refused: %s", name, why.data);
    diag_note(sink, d, "make the plan again; when that does not help, this version of Tagout is at fault: the proof and its checker disagree");
  }
  buf_done(&why);
  return holds;
}
