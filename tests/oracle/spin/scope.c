/* scope: lockouts, attempts, guards, settings: what every way out leads through. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

/* ---- lockouts: per member, 1 it is of it, 2 it may be released ---- */

typedef struct Held {
  uint32_t id, line;
  const Lockout *l;
  const Release *release;
  Entries members;
  const Thing *below; /* only what is this, or in it, goes now */
} Held;

static const char *held(World *w, const Held *h, uint32_t i) { return array_at(w, TEXT(w, "held_%u", h->id), h->members.len, i, 0); }

static bool goes(const World *w, const Held *h, uint32_t i) {
  Thing t = h->members.items[i].thing;
  return !h->below || thing_same(t, *h->below) || thing_in(w, t, *h->below);
}

/* Does the automation on this entity cover the member? */
static bool covers(const World *w, Thing item, Thing member) {
  return thing_same(item, member) || thing_in(w, member, item) || thing_in(w, item, member);
}

static const char *covered(World *w, const Held *h, Thing item, bool all_free) {
  const char *any = "0", *all = "1";
  for (uint32_t i = 0; i < h->members.len; i++) {
    if (!covers(w, item, h->members.items[i].thing)) continue;
    any = either(w, any, TEXT(w, "%s != 0", held(w, h, i)));
    all = both(w, all, TEXT(w, "%s != 1", held(w, h, i)));
  }
  return all_free ? both(w, any, all) : any;
}

static void write_take(World *w, const Held *h, const Symbol *a, Thing item, uint32_t failed) {
  const char *lock = lock_name(w, a, item.at);
  buf_printf(w->out, "atomic {\nif\n:: %s && %s == 0 ->\nif\n:: %s = %u\n:: faults < MAXF -> faults++; o = 1;", covered(w, h, item, false),
             lock, lock, h->id);
  write_hurt(w, item);
  buf_printf(w->out, "\n:: faults < MAXF -> faults++; %s = %u; o = 1;", lock, h->id);
  write_hurt(w, item);
  buf_printf(w->out, "\nfi\n:: else -> skip\nfi;\nif :: o != 0 -> goto L%u :: else -> skip fi;\n}\n", failed);
}

static void write_let_go(World *w, const Held *h, const char *lock, Thing item) {
  buf_printf(w->out, "atomic { if :: %s == %u && %s -> %s = 0 :: else -> skip fi }\n", lock, h->id, covered(w, h, item, true), lock);
}

static void each_item(World *w, const Held *h, const Symbol *a, uint32_t failed, bool take) {
  for (uint32_t e = 0; e < w->count[a->entity_kind]; e++) {
    Thing item = {a->entity_kind, e};
    const char *lock = lock_name(w, a, e);
    if (take) write_take(w, h, a, item, failed);
    else write_let_go(w, h, lock, item);
  }
}

static const Symbol *automation_at(const NodeList *list, uint32_t i) { return ((const Word *)list->items[i])->name.symbol; }

static bool is_among(const NodeList *list, const Symbol *a) {
  for (uint32_t i = 0; i < list->len; i++)
    if (automation_at(list, i) == a) return true;
  return false;
}

static void write_locking(World *w, const Held *h, uint32_t failed) {
  for (uint32_t i = 0; i < h->l->automations.len; i++) {
    const Symbol *a = automation_at(&h->l->automations, i);
    bool known = false;
    for (uint32_t j = 0; j < w->locked.len; j++) known |= w->locked.items[j] == a;
    if (!known) vec_push(&w->locked, a);
    each_item(w, h, a, failed, true);
  }
}

static void write_unlocking(World *w, const Held *h) {
  static const NodeList none = {0};
  const NodeList *order = h->release ? &h->release->order : &none;
  for (uint32_t i = 0; i < order->len; i++) each_item(w, h, automation_at(order, i), 0, false);
  for (uint32_t i = 0; i < h->l->automations.len; i++)
    if (!is_among(order, automation_at(&h->l->automations, i))) each_item(w, h, automation_at(&h->l->automations, i), 0, false);
}

static void write_judged(World *w, const Strand *s, const Held *h) {
  const Binder *b = h->release ? (const Binder *)h->release->binder : NULL;
  VEC(const char *) free = {0};
  asking(w);
  for (uint32_t i = 0; i < h->members.len; i++) {
    Thing t = h->members.items[i].thing;
    Env in = b ? bound(s->env, b, t) : (Env){0};
    const char *yes = !goes(w, h, i) ? "0" : b && b->where ? truth_of(w, &in, b->where, SIGHT_READ).yes : "1";
    w->out_read[t.kind] = true;
    vec_push(&free, both(w, TEXT(w, "%s == 0", out_name(w, t)), yes));
  }
  buf_str(w->out, "atomic {\n");
  write_reading(w);
  for (uint32_t i = 0; i < h->members.len; i++)
    buf_printf(w->out, "if :: %s == 1 && %s -> %s = 2 :: else -> skip fi;\n", held(w, h, i), free.items[i], held(w, h, i));
  write_read_over(w);
  buf_str(w->out, "skip }\n");
  vec_done(&free);
}

static void write_not_abandoned(World *w, const Held *h, Thing t, const char *when) {
  if (!w->abandons) return;
  buf_printf(w->out, "if :: %s && !(%s) -> c_code { hit(\"ABANDON\", %u); } :: else -> skip fi;\n", when, near_name(w, hurt_name, t, false),
             h->line);
}

/* Who is not released is handed over; what is in a container that is out, with it. */
static bool all_go(const World *w, const Held *h, Thing item) {
  for (uint32_t i = 0; i < h->members.len; i++)
    if (covers(w, item, h->members.items[i].thing) && !goes(w, h, i)) return false;
  return true;
}

static void write_handing(World *w, const Held *h) {
  buf_str(w->out, "atomic {\n");
  for (uint32_t i = 0; i < h->l->automations.len; i++) {
    const Symbol *a = automation_at(&h->l->automations, i);
    for (uint32_t e = 0; e < w->count[a->entity_kind]; e++)
      if (all_go(w, h, (Thing){a->entity_kind, e}))
        buf_printf(w->out, "if :: %s == %u -> %s = %d :: else -> skip fi;\n", lock_name(w, a, e), h->id, lock_name(w, a, e), LOCK_HANDED);
  }
  for (uint32_t i = 0; i < h->members.len; i++) {
    Thing t = h->members.items[i].thing;
    if (!goes(w, h, i)) continue;
    buf_printf(w->out, "if\n:: %s == 1 -> %s = 1;\n", held(w, h, i), handed_name(w, t));
    write_not_abandoned(w, h, t, "true");
    for (uint32_t k = 0; k < w->c->kinds.len; k++)
      for (uint32_t e = 0; e < w->count[k] && w->out_read[k]; e++)
        if (thing_in(w, t, (Thing){k, e})) write_not_abandoned(w, h, (Thing){k, e}, TEXT(w, "%s != 0", out_name(w, (Thing){k, e})));
    buf_printf(w->out, ":: else -> skip\nfi;\n%s = 0;\n", held(w, h, i));
  }
  buf_str(w->out, "skip }\n");
}

/* ---- as soon as it is done: behind the last fan-out that no attempt is around ---- */

static const Fan *last_fan(const Node *n, const Fan *last, bool in_attempt);

static const Fan *last_fan_of(const NodeList *list, const Fan *last, bool in_attempt) {
  for (uint32_t i = 0; i < list->len; i++) last = last_fan(list->items[i], last, in_attempt);
  return last;
}

static const Fan *last_fan(const Node *n, const Fan *last, bool in_attempt) {
  if (!n) return last;
  switch (n->kind) {
  case AST_BLOCK: return last_fan_of(&((const Block *)n)->stmts, last, in_attempt);
  case AST_EACH: return in_attempt ? NULL : (const Fan *)((const Each *)n)->fan;
  case AST_STEP:
    if (!((const Step *)n)->fan) return last_fan(((const Step *)n)->body, last, in_attempt);
    return in_attempt ? NULL : (const Fan *)((const Step *)n)->fan;
  case AST_ATTEMPT: return last_fan(((const Attempt *)n)->undo, last_fan(((const Attempt *)n)->body, last, true), true);
  case AST_LOCKOUT: return last_fan(((const Lockout *)n)->body, last, in_attempt);
  case AST_THROUGHOUT: return last_fan(((const Throughout *)n)->body, last, in_attempt);
  case AST_WITH_SETTING: return last_fan(((const WithSetting *)n)->body, last, in_attempt);
  case AST_RUN: return last_fan(((const ProcedureDecl *)((const Run *)n)->name.symbol->decl)->body, last, in_attempt);
  case AST_WHEN:
    last = last_fan(((const When *)n)->otherwise, last_fan(((const When *)n)->then, last, in_attempt), in_attempt);
    return last_fan(((const When *)n)->unknown, last, in_attempt);
  case AST_DECIDE: return last_fan_of(&((const Decide *)n)->arms, last, in_attempt);
  case AST_ARM: return last_fan(((const Arm *)n)->body, last, in_attempt);
  default: return last;
  }
}

void write_early_release(World *w, const Strand *member) {
  Held h = *member->outer->early;
  Strand s = *member;
  s.env = member->outer->env;
  h.below = &member->member;
  write_judged(w, &s, &h);
  write_unlocking(w, &h);
  write_handing(w, &h);
}

void write_lockout(World *w, Strand *s, const Lockout *l) {
  Held h = {.id = ++w->next_lockout, .line = line_of(w, &l->node), .l = l};
  uint32_t outer = s->leave, failed = new_label(w), inside = new_label(w), way_out = new_label(w);
  for (uint32_t i = 0; i < l->release.len; i++)
    if (l->release.items[i]->kind == AST_RELEASE) h.release = (const Release *)l->release.items[i];
  among(w, s->env, l->set, SIGHT_TRUTH, &h.members);
  write_diverted(w, s);
  buf_str(w->out, "atomic {\n");
  for (uint32_t i = 0; i < h.members.len; i++) buf_printf(w->out, "%s = (%s -> 1 : 0);\n", held(w, &h, i), h.members.items[i].in);
  buf_str(w->out, "skip }\n");
  write_locking(w, &h, failed);
  buf_printf(w->out, "goto L%u;\nL%u: skip;\natomic {\n", inside, failed);
  for (uint32_t i = 0; i < h.members.len; i++)
    buf_printf(w->out, "if :: %s == 1 -> %s = 2 :: else -> skip fi;\n", held(w, &h, i), held(w, &h, i));
  buf_str(w->out, "skip }\n");
  write_unlocking(w, &h);
  buf_str(w->out, "atomic {\n");
  for (uint32_t i = 0; i < h.members.len; i++) buf_printf(w->out, "%s = 0;\n", held(w, &h, i));
  buf_str(w->out, "skip }\n");
  write_handlers(w, s, &l->handlers, inside);
  buf_printf(w->out, "L%u: skip;\n", inside);
  const struct Held *outer_early = s->early;
  const Fan *outer_fan = s->early_fan;
  s->leave = way_out;
  if (h.release && h.release->each_when_done) s->early = &h, s->early_fan = last_fan(l->body, NULL, false);
  write_block(w, s, l->body);
  s->leave = outer;
  s->early = outer_early;
  s->early_fan = outer_fan;
  buf_printf(w->out, "L%u: skip;\n", way_out);
  write_judged(w, s, &h);
  write_unlocking(w, &h);
  write_handing(w, &h);
  buf_printf(w->out, "if :: x != 0 -> goto L%u :: else -> skip fi;\n", outer);
  vec_done(&h.members);
}

/* ---- attempts ---- */

static void write_voided(World *w, uint32_t first_gate) {
  for (uint32_t i = first_gate; i < w->gates.len; i++) {
    const GateUse *g = &w->gates.items[i];
    for (uint32_t e = 0; e < (g->kind == TYPE_NO_KIND ? 1 : w->count[g->kind]); e++)
      buf_printf(w->out, "%s = 0;\n", gate_name(w, g->id, g->kind, e));
  }
}

static void write_taken_in(World *w, uint32_t attempts) {
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    for (uint32_t e = 0; e < w->count[k] && w->out_read[k]; e++) {
      const char *out = out_name(w, (Thing){k, e});
      buf_printf(w->out, "if :: %s > %u -> %s = 0 :: else -> skip fi;\n", out, attempts, out);
    }
}

void write_attempt(World *w, Strand *s, const Attempt *a) {
  Strand outer = *s;
  uint32_t first_gate = w->gates.len, undo = new_label(w), over = new_label(w), through = new_label(w);
  s->leave = undo;
  s->attempts++;
  write_block(w, s, a->body);
  buf_printf(w->out, "goto L%u;\nL%u: skip;\nif :: x == %d || x == %d -> goto L%u :: else -> skip fi;\natomic {\n", through, undo, EXIT_END,
             EXIT_OUT, outer.leave);
  write_voided(w, first_gate);
  write_taken_in(w, s->attempts);
  buf_str(w->out, "x = 0; o = 0; t = 0;\n}\n");
  *s = outer;
  s->leave = over;
  s->masked = true;
  s->guard = false;
  s->again = 0;
  if (a->undo) write_block(w, s, a->undo);
  *s = outer;
  buf_printf(w->out, "x = %d; goto L%u;\nL%u: skip;\n", EXIT_BACK, outer.leave, over);
  buf_printf(w->out, "if :: x == %d || x == %d -> skip :: else -> x = %d fi;\ngoto L%u;\nL%u: skip;\n", EXIT_END, EXIT_OUT, EXIT_FAIL,
             outer.leave, through);
}

/* ---- guards and settings ---- */

void write_guarded(World *w, Strand *s, const Throughout *t, NodeList rest) {
  Strand outer = *s;
  uint32_t tripped = new_label(w), over = new_label(w);
  s->leave = tripped;
  s->guard = true;
  if (t->body) write_block(w, s, t->body);
  for (uint32_t i = 0; i < rest.len; i++) write_statement(w, s, rest.items[i]);
  *s = outer;
  buf_printf(w->out, "goto L%u;\nL%u: skip;\n", over, tripped);
  buf_printf(w->out, "if :: x != %d -> goto L%u :: else -> x = 0; o = 1 fi;\n", EXIT_GUARD, outer.leave);
  write_handlers(w, s, &t->handlers, over);
  buf_printf(w->out, "L%u: skip;\n", over);
}

/* What a setting is makes no difference to anything that is modelled; that it cannot be changed does. */
void write_setting(World *w, Strand *s, const WithSetting *t) {
  uint32_t set = new_label(w);
  write_diverted(w, s);
  buf_printf(w->out, "if :: goto L%u :: faults < MAXF -> faults++; o = 1 :: faults < MAXF -> faults++; o = 2 fi;\n", set);
  write_handlers(w, s, &t->handlers, set);
  buf_printf(w->out, "L%u: skip;\n", set);
  write_block(w, s, t->body);
}
