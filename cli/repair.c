/* repair: the kinds of edit, in the order in which they are tried, and what is offered of them: the first with which the whole
 * runbook is proved, or else the first with which the finding is gone and nothing else is worse. */
#include <config.h>

#include "cli/repair_state.h"

#include <stdlib.h>
#include <string.h>

#define EDITS_MOST 12u        /* of an offer: a person reads them */
#define TRIALS_OF_ONE 48u     /* of one finding */
#define TRIALS_BEHIND 12u     /* of them when one helped that does not mend everything */

/* What says more about the cause comes first; a question that turns members away comes last. */
static void (*const kinds[])(Mender *m) = {
    repair_skip,  repair_excuse,    repair_wait,  repair_lock_more, repair_lock_other, repair_join,  repair_lock_around, repair_hold, repair_ask_first, repair_given,  repair_alone,
    repair_words, repair_exit, repair_tolerate,  repair_turn,       repair_where, repair_forward,     repair_make, repair_swap,      repair_return, repair_move,
    repair_confirm};

struct Offered { Proposal proposal; Trial trial; struct Offered *next; };

/* The program stays what it is, so the same edits are the same trial. */
static bool is_same(const Proposal *a, const Proposal *b) {
  if (a->count != b->count) return false;
  for (uint32_t i = 0; i < a->count; i++)
    if (a->edits[i].span.lo != b->edits[i].span.lo || a->edits[i].span.hi != b->edits[i].span.hi || strcmp(a->edits[i].text, b->edits[i].text) != 0)
      return false;
  return true;
}

static bool is_repeated(const ProposalList *list, uint32_t at) {
  for (uint32_t i = 0; i < at; i++)
    if (is_same(&list->items[i], &list->items[at])) return true;
  return false;
}

static void propose_all(const Repair *r, Mender *m) {
  for (const struct Offered *o = r->offered; o; o = o->next)
    if (source_of(m->c->map, o->proposal.edits[0].span.lo) == m->source) vec_push(&m->out, o->proposal);
  for (uint32_t i = 0; i < sizeof kinds / sizeof *kinds; i++) kinds[i](m);
}

/* The best of what was proposed: its number, or NONE_INDEX. */
static uint32_t best(Repair *r, const Mender *m, Trial *ret) {
  uint32_t found = NONE_INDEX, tried = 0;
  for (uint32_t i = 0; i < m->out.len && r->budget->trials > 0 && r->budget->states > 0 && tried < TRIALS_OF_ONE; i++) {
    Trial trial;
    if (is_repeated(&m->out, i)) continue;
    trial_run(r, m, &m->out.items[i], &trial);
    r->budget->states -= trial.states < r->budget->states ? trial.states : r->budget->states;
    if (!trial.compiles) continue; /* that costs little */
    r->budget->trials--, tried++;
    if (!trial.gone || !trial.harmless) continue;
    if (found == NONE_INDEX || trial.proved) *ret = trial, found = i;
    if (trial.proved) break;
    if (tried + TRIALS_BEHIND < TRIALS_OF_ONE) tried = TRIALS_OF_ONE - TRIALS_BEHIND;
  }
  return found;
}

/* The edit with which everything was proved mends this as well, as long as it does what this is about. */
static const struct Offered *mended(const Repair *r, const Mender *m) {
  for (const struct Offered *o = r->offered; o; o = o->next)
    if (o->trial.proved && m->f->kind != FINDING_LEFT && source_of(m->c->map, o->proposal.edits[0].span.lo) == m->source && trial_does(r, m->f, &o->trial))
      return o;
  return NULL;
}

static void remember(Repair *r, const Proposal *p, const Trial *trial) {
  struct Offered *o = arena_new_object(r->compilation->arena, struct Offered);
  *o = (struct Offered){*p, *trial, r->offered};
  r->offered = o;
}

static bool offer(const Mender *m, const Proposal *p, const Trial *trial, DiagSink *sink, Diag *d) {
  SourceEdit edits[EDITS_MOST];
  uint32_t count = diff_edits(m->source, trial->text, trial->len, edits, EDITS_MOST, m->arena);
  for (uint32_t i = 0; i < count; i++) {
    if (i == 0)
      diag_fix(sink, d, edits[i].span, false, edits[i].text, "%s (tried: %s)", p->what,
               trial->proved ? "the runbook is proved then" : "this finding is gone then");
    else diag_fix_part(sink, d, edits[i].span, edits[i].text, *edits[i].text ? "and here" : "and take it away here");
  }
  return count > 0;
}

bool repair_offer(void *ctx, const Finding *f, DiagSink *sink, Diag *d) {
  Repair *r = ctx;
  Mender *m = xcalloc(1, sizeof *m);
  Trial trial;
  *m = (Mender){.c = r->compilation, .p = r->program, .f = f, .arena = r->compilation->arena};
  bool looked = mender_look(m), offered = false;
  const struct Offered *before = looked ? mended(r, m) : NULL;
  if (before) {
    offered = offer(m, &before->proposal, &before->trial, sink, d);
  } else if (looked && r->budget->trials > 0) {
    propose_all(r, m);
    uint32_t found = best(r, m, &trial);
    offered = found != NONE_INDEX && offer(m, &m->out.items[found], &trial, sink, d);
    if (offered) remember(r, &m->out.items[found], &trial);
  }
  vec_done(&m->out);
  free(m);
  return offered;
}
