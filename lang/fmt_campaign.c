/* fmt_campaign: the lines of a campaign beyond those of a runbook's head. */
#include <config.h>

#include "lang/fmt_state.h"

static void put_where(Fmt *f, const Node *where) {
  if (where) fmt_put(f, "~where %c", where);
}

static void put_keys(Fmt *f, const NodeList *keys) {
  for (uint32_t i = 0; i < keys->len; i++) {
    const OrderKey *k = (const OrderKey *)keys->items[i];
    fmt_put(f, i ? "~then " : "order ");
    fmt_put(f, k->first ? "%c first" : "%o", k->key);
    if (k->words.len) fmt_put(f, " as %w", &k->words);
    if (k->descending) fmt_put(f, " descending");
  }
}

static void put_share(Fmt *f, const char *what, const Node *share, const Node *per) {
  fmt_put(f, what, share);
  fmt_period(f, per);
}

static void put_places(Fmt *f, const Places *p) {
  fmt_put(f, "limit ");
  fmt_limit(f, p->limit);
  put_where(f, p->where);
  if (p->until) fmt_put(f, "~until %o", p->until);
  if (p->then) fmt_put(f, ",~then %o", p->then);
}

static void put_failed_day(Fmt *f, const FailedDay *s) {
  const char *comma = "";
  fmt_put(f, "after a failed day: ");
  if (s->skip) fmt_put(f, "next date skipped"), comma = ",~";
  if (s->last.atom) fmt_put(f, comma), fmt_put(f, "that %n last", &s->last), comma = ",~";
  if (s->stop) fmt_put(f, comma), fmt_put(f, "stop after %o", s->stop);
}

bool fmt_campaign(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_TERM:
    fmt_put(f, "from %o", ((const Term *)n)->from);
    if (((const Term *)n)->by) fmt_put(f, " by %o", ((const Term *)n)->by);
    break;
  case AST_VISIT_SIZE: fmt_put(f, "size %o", ((const VisitSize *)n)->amount); break;
  case AST_PHASES: put_keys(f, &((const Phases *)n)->keys); break;
  case AST_NEXT_PHASE: fmt_put(f, "next phase when %n", &((const NextPhase *)n)->when); break;
  case AST_ROLLING: {
    const Rolling *r = (const Rolling *)n;
    fmt_put(f, "rolling");
    put_where(f, r->where);
    put_share(f, ": %o per ", r->share, r->per);
    break;
  }
  case AST_SPREAD: {
    const Spread *s = (const Spread *)n;
    fmt_put(f, "spread over %o", s->over);
    put_where(f, s->where);
    put_share(f, ":~at most %o per ", s->share, s->per);
    break;
  }
  case AST_PLACES: put_places(f, (const Places *)n); break;
  case AST_FAILED_DAY: put_failed_day(f, (const FailedDay *)n); break;
  default: return false;
  }
  return true;
}
