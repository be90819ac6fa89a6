/* fmt_stmt: statements, exits, fan-outs, limits. */
#include <config.h>

#include "lang/fmt_state.h"

/* ---- limits and fan-outs ---- */

void fmt_limit(Fmt *f, const Node *n) {
  const Limit *l = (const Limit *)n;
  switch ((LimitMode)l->mode) {
  case LIMIT_ALL_AT_ONCE: fmt_put(f, "all at once"); break;
  case LIMIT_AT_ONCE:
    fmt_put(f, l->group.atom ? "%o at once per %n" : "%o at once", l->amount, &l->group);
    break;
  case LIMIT_PER_TIME:
    fmt_put(f, "%o per ", l->amount);
    fmt_period(f, l->per);
    if (l->zone) fmt_put(f, " in %o", l->zone);
    break;
  }
}

static void put_order(Fmt *f, const NodeList *keys) {
  for (uint32_t i = 0; i < keys->len; i++) {
    const OrderKey *k = (const OrderKey *)keys->items[i];
    fmt_put(f, i ? "^then %o" : "~ordered by %o", k->key);
    if (k->words.len) fmt_put(f, " as %w", &k->words);
    if (k->descending) fmt_put(f, " descending");
  }
}

static void put_exit(Fmt *f, const Node *n);

void fmt_fan(Fmt *f, const Node *n) {
  const Fan *fan = (const Fan *)n;
  const Binder *b = (const Binder *)fan->binder;
  fmt_put(f, "for each ");
  if (fan->given.atom) {
    fmt_put(f, "%n given %n", &b->name, &fan->given);
    if (b->where) fmt_put(f, "~where %e", b->where);
  } else {
    fmt_binder(f, fan->binder, LEVEL_FULL);
  }
  put_order(f, &fan->order);
  for (uint32_t i = 0; i < fan->limits.len; i++) {
    fmt_put(f, ",~");
    fmt_limit(f, fan->limits.items[i]);
  }
  for (uint32_t i = 0; i < fan->tolerances.len; i++) {
    const Tolerance *t = (const Tolerance *)fan->tolerances.items[i];
    fmt_put(f, t->unit.atom ? ",~stop after %o %n set aside" : ",~stop after %o set aside", t->amount, &t->unit);
    if (t->scope.atom) fmt_put(f, t->zone ? " per %n in %o" : " per %n", &t->scope, t->zone);
  }
  if (fan->fits) fmt_put(f, ",~starts only while it fits");
  if (fan->on_stop) {
    fmt_put(f, "~else ");
    put_exit(f, fan->on_stop);
  }
}

/* ---- exits and handlers ---- */

static void put_exit(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_SET_ASIDE: fmt_put(f, "set aside %o%t", ((const SetAside *)n)->target, ((const SetAside *)n)->why); break;
  case AST_KEEP_OUT: {
    const KeepOut *k = (const KeepOut *)n;
    fmt_put(f, k->target ? "keep out %o" : "keep out", k->target);
    fmt_put(f, "%t", k->why);
    break;
  }
  case AST_ROLL_BACK: fmt_put(f, "roll back%t", ((const RollBack *)n)->why); break;
  case AST_END: fmt_put(f, "end%t", ((const End *)n)->why); break;
  case AST_FAIL: fmt_put(f, "fail%t", ((const Fail *)n)->why); break;
  case AST_HOLD: {
    const Hold *h = (const Hold *)n;
    fmt_put(f, "hold%t for %n %o,^then ", h->why, &h->role, h->duration);
    put_exit(f, h->then);
    break;
  }
  default: fmt_expr(f, n, LEVEL_FULL); break;
  }
}

static void put_call_options(Fmt *f, const Call *c) {
  if (c->within) fmt_put(f, "~within %o", c->within);
  if (c->retries) fmt_put(f, ",~retry %o after %o", c->retries, c->retry_after);
}

static void put_handlers(Fmt *f, const NodeList *handlers, bool stops) {
  static const char *const words[] = {"~else ", "~on failed ", "~on unknown ", "~on no ", "~on silence "};
  for (uint32_t i = 0; i < handlers->len; i++) {
    const Handler *h = (const Handler *)handlers->items[i];
    fmt_put(f, words[h->on]);
    if (stops) fmt_put(f, "start no more,^");
    if (h->stmt->kind == AST_BLOCK) {
      f->line.len--; /* the brace brings its own blank */
      fmt_braces(f, h->stmt);
      continue;
    }
    put_exit(f, h->stmt);
    if (h->stmt->kind != AST_CALL) continue;
    put_call_options(f, (const Call *)h->stmt);
    put_handlers(f, &((const Call *)h->stmt)->handlers, false);
  }
}

/* ---- blocks ---- */

/* release ... and otherwise ... stand first in the block, and are no statements of it. */
static void put_lockout(Fmt *f, const Lockout *l) {
  fmt_put(f, "lockout %w on %o", &l->automations, l->set);
  for (uint32_t i = 0; i < l->limits.len; i++) {
    fmt_put(f, ",~");
    fmt_limit(f, l->limits.items[i]);
  }
  if (l->because) fmt_put(f, "~because %o", l->because);
  put_handlers(f, &l->handlers, false);
  const Block *body = (const Block *)l->body;
  NodeList all = {arena_new_array(f->arena, Node *, l->release.len + body->stmts.len), 0};
  for (uint32_t i = 0; i < l->release.len; i++) all.items[all.len++] = l->release.items[i];
  for (uint32_t i = 0; i < body->stmts.len; i++) all.items[all.len++] = body->stmts.items[i];
  fmt_block(f, &all, body->node.span.lo, body->node.span.hi - 1, 0);
}

static void put_release(Fmt *f, const Release *r) {
  const Binder *b = (const Binder *)r->binder;
  const char *comma = "";
  fmt_put(f, "release each %n when %e", &b->name, b->where);
  if (r->order.len) {
    fmt_put(f, "~in order %w", &r->order);
    comma = ",";
  }
  if (r->first) {
    fmt_put(f, r->first_kind.atom ? "%s~first %o %n" : "%s~first %o", comma, r->first, &r->first_kind);
    comma = ",";
  }
  if (r->watch) {
    fmt_put(f, "%s~watch %o", comma, r->watch);
    comma = ",";
  }
  if (r->each_when_done) fmt_put(f, "%s~as soon as it is done", comma);
}

static void put_gate(Fmt *f, const Gate *g) {
  fmt_put(f, "gate%t by %n as %n", g->text, &g->role, &g->name);
  if (g->fan) {
    fmt_put(f, "~");
    fmt_fan(f, g->fan);
  }
  if (g->within) fmt_put(f, "~within %o", g->within);
  if (g->until_last_safe) fmt_put(f, "~until last safe moment");
  for (uint32_t i = 0; i < g->asks.len; i++) {
    const Asks *a = (const Asks *)g->asks.items[i];
    fmt_put(f, "~asks %n : ", &a->name);
    fmt_type(f, a->type);
  }
  put_handlers(f, &g->handlers, false);
}

static void put_when(Fmt *f, const When *w) {
  fmt_put(f, "when %e", w->condition);
  fmt_braces(f, w->then);
  if (w->otherwise) {
    fmt_put(f, " otherwise");
    fmt_braces(f, w->otherwise);
  }
  if (w->unknown) {
    fmt_put(f, " unknown");
    fmt_braces(f, w->unknown);
  }
}

static void put_step(Fmt *f, const Step *s) {
  fmt_put(f, "step %n%t", &s->name, s->title);
  if (s->fan) {
    fmt_put(f, "~");
    fmt_fan(f, s->fan);
  }
  fmt_braces(f, s->body);
}

static void put_setting(Fmt *f, const WithSetting *s) {
  fmt_put(f, "setting %n of %o is %v", &s->name, s->set, s->value);
  put_handlers(f, &s->handlers, false);
  fmt_braces(f, s->body);
}

/* The brace that closes a block, looked for from `from`, where at most comments stand before it. */
static SrcPos find_closer(const Fmt *f, SrcPos from, SrcPos limit) {
  const char *text = f->source->text;
  for (SrcPos at = from; at < limit; at++) {
    if (text[at - f->source->base] == '}') return at;
    if (text[at - f->source->base] != '#') continue;
    while (at < limit && text[at - f->source->base] != '\n') at++;
  }
  return limit;
}

static void put_throughout(Fmt *f, const Throughout *t) {
  fmt_put(f, "throughout");
  SrcPos lo = t->node.span.lo, hi = t->body ? t->body->span.lo : t->node.span.hi;
  if (t->handlers.len) hi = t->handlers.items[0]->span.lo;
  NodeList lines = t->conditions;
  SrcPos last = lines.len ? lines.items[lines.len - 1]->span.hi : lo;
  fmt_block(f, &lines, lo + (SrcPos)sizeof "throughout" - 1, find_closer(f, last, hi), 0);
  put_handlers(f, &t->handlers, true);
  if (t->body) fmt_braces(f, t->body);
}

static void put_decide(Fmt *f, const Decide *d) {
  fmt_put(f, "decide on %e", d->on);
  fmt_block(f, &d->arms, d->on->span.hi, d->node.span.hi - 1, 0);
}

static void put_arm(Fmt *f, const Arm *a) {
  switch ((ArmMode)a->mode) {
  case ARM_AT_LEAST: fmt_put(f, "at least %w", &a->values); break;
  case ARM_AT_MOST: fmt_put(f, "at most %w", &a->values); break;
  case ARM_IS: fmt_put(f, "is %w", &a->values); break;
  case ARM_UNKNOWN: fmt_put(f, "unknown"); break;
  case ARM_OTHERWISE: fmt_put(f, "otherwise"); break;
  }
  fmt_braces(f, a->body);
}

/* ---- standing runbooks ---- */

static void put_one_per(Fmt *f, const OnePer *o) {
  fmt_put(f, "one run per %o", o->member);
  if (o->join) fmt_put(f, ",~repeats within %o join it", o->join);
  if (o->at_once) fmt_put(f, ",~at most %o at once", o->at_once);
  if (o->most) {
    fmt_put(f, ",~at most %o per %n per ", o->most, &o->group);
    fmt_period(f, o->period);
  }
  if (!o->otherwise) return;
  fmt_put(f, "~else ");
  if (o->otherwise->kind == AST_RUN) fmt_statement(f, o->otherwise);
  else put_exit(f, o->otherwise);
}

/* How its runs are limited stands first. */
static void put_on_incident(Fmt *f, const OnIncident *o) {
  fmt_put(f, "on incident %n as %n", &o->incident, &o->alias);
  const Block *body = (const Block *)o->body;
  NodeList all = {arena_new_array(f->arena, Node *, o->runs.len + body->stmts.len), 0};
  for (uint32_t i = 0; i < o->runs.len; i++) all.items[all.len++] = o->runs.items[i];
  for (uint32_t i = 0; i < body->stmts.len; i++) all.items[all.len++] = body->stmts.items[i];
  fmt_block(f, &all, body->node.span.lo, body->node.span.hi - 1, 0);
}

static void put_unless(Fmt *f, const Unless *u) {
  put_exit(f, u->exit);
  fmt_put(f, "~unless %e", u->condition);
}

/* ---- statements ---- */

static bool put_block_statement(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_LOCKOUT: put_lockout(f, (const Lockout *)n); break;
  case AST_ATTEMPT:
    fmt_put(f, "attempt");
    fmt_braces(f, ((const Attempt *)n)->body);
    fmt_put(f, " roll back");
    fmt_braces(f, ((const Attempt *)n)->undo);
    break;
  case AST_STEP: put_step(f, (const Step *)n); break;
  case AST_EACH:
    fmt_fan(f, ((const Each *)n)->fan);
    fmt_braces(f, ((const Each *)n)->body);
    break;
  case AST_WHEN: put_when(f, (const When *)n); break;
  case AST_DECIDE: put_decide(f, (const Decide *)n); break;
  case AST_ARM: put_arm(f, (const Arm *)n); break;
  case AST_THROUGHOUT: put_throughout(f, (const Throughout *)n); break;
  case AST_WITH_SETTING: put_setting(f, (const WithSetting *)n); break;
  case AST_ON_INCIDENT: put_on_incident(f, (const OnIncident *)n); break;
  default: return false;
  }
  return true;
}

bool fmt_statement(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_CALL:
    fmt_expr(f, n, LEVEL_FULL);
    put_call_options(f, (const Call *)n);
    put_handlers(f, &((const Call *)n)->handlers, false);
    break;
  case AST_CONFIRM: {
    const Confirm *c = (const Confirm *)n;
    fmt_put(f, "confirm %e", c->condition);
    if (c->held) fmt_put(f, " held for %o", c->held);
    if (c->within) fmt_put(f, "~within %o", c->within);
    put_handlers(f, &c->handlers, false);
    break;
  }
  case AST_WAIT: fmt_put(f, "wait %o", ((const Wait *)n)->duration); break;
  case AST_GATE: put_gate(f, (const Gate *)n); break;
  case AST_REMEMBER:
    fmt_put(f, "remember %o as %n", ((const Remember *)n)->fact, &((const Remember *)n)->name);
    break;
  case AST_NOTIFY: fmt_put(f, "notify %n%t", &((const Notify *)n)->channel, ((const Notify *)n)->text); break;
  case AST_RUN: {
    const Run *r = (const Run *)n;
    fmt_put(f, "run %n(", &r->name);
    for (uint32_t i = 0; i < r->args.len; i++) fmt_put(f, i ? ",^%e" : "%e", r->args.items[i]);
    fmt_put(f, ")");
    break;
  }
  case AST_SAFE_POINT: fmt_put(f, "safe point"); break;
  case AST_UNLESS: put_unless(f, (const Unless *)n); break;
  case AST_ONE_PER: put_one_per(f, (const OnePer *)n); break;
  case AST_RELEASE: put_release(f, (const Release *)n); break;
  case AST_HAND_OVER: fmt_put(f, "otherwise hand over to %n", &((const HandOver *)n)->role); break;
  case AST_SET_ASIDE: case AST_KEEP_OUT: case AST_ROLL_BACK: case AST_END: case AST_FAIL: case AST_HOLD:
    put_exit(f, n);
    break;
  default: return put_block_statement(f, n);
  }
  return true;
}
