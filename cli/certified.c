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

#define ORDINARY 1u /* the first word of a fact: what it is when nobody has changed it */

/* What only makes things ordinary again is a recovery: nobody needs a way back from it. */
static bool leaves_the_ordinary(const Program *p, const ActionRow *a) {
  for (uint32_t i = 0; i < a->makes.count; i++) {
    Slice values = p->effects[a->makes.first + i].values;
    for (uint32_t k = 0; k < values.count; k++)
      if (p->index_list[values.first + k] != ORDINARY) return true;
    if (values.count == 0) return true;
  }
  return false;
}

uint32_t certified_no_way_back(const Program *p) {
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) != OPCODE_ACT) continue;
    const ActionRow *a = &p->actions[p->calls[code_a(p->code[pc])].action];
    if (a->has_undo_none && leaves_the_ordinary(p, a)) return program_line(p, pc, NULL);
  }
  return 0;
}
