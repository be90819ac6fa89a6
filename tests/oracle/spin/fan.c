/* fan: fan-outs, a process per member; who leaves, and what a tolerance makes of it. Of a fan-out there are: who takes part,
 * how many run, why it stops (1 its tolerance, 2 a member failed the scope, 3 a guard), and a count per tolerance. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

static const char *fan_var(World *w, const char *what, uint32_t fan, uint32_t at, uint32_t size) {
  return array_at(w, TEXT(w, "%s_%u", what, fan), size, at, 0);
}

static const char *busy(World *w, uint32_t fan) { return fan_var(w, "busy", fan, 0, 1); }
static const char *stop(World *w, uint32_t fan) { return fan_var(w, "stop", fan, 0, 1); }
static const char *count(World *w, uint32_t fan, uint32_t tolerance) { return fan_var(w, "count", fan, tolerance, 4); }

/* ---- leaving ---- */

static void count_units(World *w, const FanUse *f, uint32_t tolerance, Thing t) {
  const char *c = count(w, f->id, tolerance);
  uint32_t unit = f->units[tolerance];
  if (unit == TYPE_NO_KIND || unit == t.kind) {
    buf_printf(w->out, "%s++;\n", c);
  } else {
    for (uint32_t i = 0; i < w->count[unit]; i++)
      if (thing_in(w, (Thing){unit, i}, t))
        buf_printf(w->out, "%s = %s + (%s == 0 -> 1 : 0);\n", c, c, (w->out_read[unit] = true, out_name(w, (Thing){unit, i})));
  }
  buf_printf(w->out, "if :: %s > %u && %s == 0 -> %s = 1 :: else -> skip fi;\n", c, f->amounts[tolerance], stop(w, f->id), stop(w, f->id));
}

static void count_aside(World *w, const Strand *s, Thing t) {
  for (const Strand *x = s; x->fan; x = x->outer)
    for (uint32_t i = 0; i < x->fan->tolerances; i++) count_units(w, x->fan, i, t);
}

/* It leaves, and takes along what is in it. Where something in it, or around it, has failed it has failed itself. */
void write_put_out(World *w, const Strand *s, Thing t, bool aside) {
  const char *out = out_name(w, t);
  buf_printf(w->out, "atomic {\nif\n:: %s == 0 ->\n", out);
  if (w->abandons) {
    const char *near = either(w, near_name(w, hurt_name, t, false), near_name(w, hurt_name, t, true));
    buf_printf(w->out, "if :: %s -> %s = 1 :: else -> skip fi;\n", near, hurt_name(w, t));
  }
  if (aside) count_aside(w, s, t);
  buf_printf(w->out, "%s = %u;\n", out, s->attempts + 1);
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    for (uint32_t i = 0; i < w->count[k] && w->out_read[k]; i++)
      if (thing_in(w, (Thing){k, i}, t)) {
        const char *below = out_name(w, (Thing){k, i});
        buf_printf(w->out, "if :: %s == 0 -> %s = %u :: else -> skip fi;\n", below, below, s->attempts + 1);
      }
  buf_str(w->out, ":: else -> skip\nfi;\n}\n");
}

/* ---- limits and tolerances ---- */

static uint32_t limit_of(const Fan *f) {
  uint32_t least = f->limits.len ? 255 : 1;
  for (uint32_t i = 0; i < f->limits.len; i++) {
    const Limit *l = (const Limit *)f->limits.items[i];
    int64_t n;
    if (l->mode == LIMIT_AT_ONCE && !l->group.atom && constant_value(l->amount, &n) && !type_is(l->amount->type, TYPE_FRACTION) &&
        n >= 1 && n < least)
      least = (uint32_t)n;
  }
  return least;
}

/* A share of the members, rounded down; what is not constant tolerates nobody. */
static uint32_t tolerated(const World *w, const Tolerance *t, uint32_t unit, uint32_t members, uint32_t kind) {
  const Share *share = t->amount->kind == AST_SHARE ? (const Share *)t->amount : NULL;
  int64_t n = 0;
  if (!constant_value(share ? share->amount : t->amount, &n)) return 0;
  if (type_is(share ? share->amount->type : t->amount->type, TYPE_FRACTION)) n = n * (unit == kind ? members : w->count[unit]) / 1000000;
  return n > 255 ? 255 : (uint32_t)n;
}

static FanUse fan_use(World *w, const Fan *f, uint32_t kind, uint32_t members, bool inner) {
  FanUse u = {.id = ++w->next_fan, .kind = kind};
  for (uint32_t i = 0; i < f->tolerances.len && u.tolerances < 4; i++) {
    const Tolerance *t = (const Tolerance *)f->tolerances.items[i];
    uint32_t unit = kind;
    if (t->unit.symbol) unit = t->unit.symbol->index;
    else if (type_is(t->amount->type, TYPE_COUNT)) unit = type_ref(t->amount->type);
    u.units[u.tolerances] = unit;
    u.amounts[u.tolerances++] = tolerated(w, t, unit, members, kind);
  }
  if (!u.tolerances && !inner) u.units[u.tolerances++] = TYPE_NO_KIND;
  return u;
}

/* ---- members ---- */

static void given(World *w, const Fan *f, const Env *env, Entries *ret) {
  const Binder *b = (const Binder *)f->binder;
  const GateUse *g = NULL;
  for (uint32_t i = 0; i < w->gates.len; i++)
    if (w->gates.items[i].name == f->given.atom) g = &w->gates.items[i];
  for (uint32_t i = 0; g && g->kind != TYPE_NO_KIND && i < w->count[g->kind]; i++) {
    const char *yes = gate_name(w, g->id, g->kind, i);
    Thing t = {g->kind, i};
    const char *in = TEXT(w, "(%s == 1 || %s == 2)", yes, yes);
    Env inner = bound(env, b, t);
    if (b->where) in = both(w, in, truth_of(w, &inner, b->where, SIGHT_READ).yes);
    vec_push(ret, ((Entry){t, in}));
  }
}

void write_members(World *w, const Env *env, const Fan *f, Entries *ret) {
  if (f->given.atom) given(w, f, env, ret);
  else binder_of(w, env, (const Binder *)f->binder, SIGHT_READ, ret);
  for (uint32_t i = 0; i < ret->len; i++) {
    if (w->urgent) continue; /* all are out by then */
    w->out_read[ret->items[i].thing.kind] = true;
    ret->items[i].in = both(w, ret->items[i].in, TEXT(w, "%s == 0", out_name(w, ret->items[i].thing)));
  }
}

static void write_member_process(World *w, const Strand *outer, const Fan *f, const FanUse *use, Thing member, const Node *body) {
  Buf text = BUF_INIT, *before = w->out;
  Env in = bound(outer->env, (const Binder *)f->binder, member);
  Strand s = {.outer = outer, .fan = use, .member = member, .env = &in, .masked = outer->masked, .attempts = outer->attempts,
              .leave = new_label(w)};
  w->out = &text;
  buf_printf(w->out, "proctype member_%u_%u() {\nbyte o, t, x;\n", use->id, member.at);
  write_block(w, &s, body);
  buf_printf(w->out, "L%u: skip;\n", s.leave);
  if (outer->early_fan == f) {
    w->out_read[member.kind] = true;
    buf_printf(w->out, "if\n:: (x == %d || x == %d) && %s == 0 ->\n", EXIT_NONE, EXIT_END, out_name(w, member));
    write_early_release(w, &s);
    buf_str(w->out, ":: else -> skip\nfi;\n");
  }
  buf_printf(w->out, "atomic {\nif\n:: x == %d && %s == 0 -> %s = 2\n:: x == %d ->\n", EXIT_FAIL, stop(w, use->id),
             stop(w, use->id), EXIT_BACK);
  count_aside(w, &s, member);
  buf_printf(w->out, ":: else -> skip\nfi;\n%s--;\n}\n}\n\n", busy(w, use->id));
  buf_add(&w->processes, text.data, text.len);
  buf_done(&text);
  w->out = before;
}

/* ---- the fan-out ---- */

static void write_start(World *w, Strand *s, const FanUse *use, Thing t, uint32_t i, uint32_t size, uint32_t limit) {
  bool main = !s->fan && !s->masked, window = main && w->windowed;
  buf_printf(w->out, "if\n:: %s == 1 ->\n", fan_var(w, "part", use->id, i, size));
  if (limit < size) buf_printf(w->out, "(%s < %u);\n", busy(w, use->id), limit);
  if (s->guard) buf_printf(w->out, "if :: skip :: faults < MAXF && %s == 0 -> faults++; %s = 3 fi;\n", stop(w, use->id), stop(w, use->id));
  if (window) buf_str(w->out, "if :: skip :: !window_over && faults < MAXF -> faults++; window_over = 1 fi;\n");
  buf_printf(w->out, "atomic {\nif\n:: %s != 0 || %s || %s -> skip\n", stop(w, use->id), main ? "cancelled" : "false",
             w->urgent ? "false" : TEXT(w, "%s != 0", out_name(w, t)));
  if (window) {
    buf_printf(w->out, ":: %s == 0 && !cancelled && %s == 0 && window_over ->", stop(w, use->id), out_name(w, t));
    write_hurt(w, t); /* it is not its fault, but nobody has forgotten it */
    write_put_out(w, s, t, false);
  }
  buf_printf(w->out, ":: else -> %s++; run member_%u_%u()\nfi;\n}\n:: else -> skip\nfi;\n", busy(w, use->id), use->id, t.at);
}

void write_fan(World *w, Strand *s, const Fan *f, const Node *body, bool inner) {
  Entries m = {0};
  write_diverted(w, s);
  asking(w);
  write_members(w, s->env, f, &m);
  uint32_t kind = m.len ? m.items[0].thing.kind : 0, limit = limit_of(f);
  FanUse use = fan_use(w, f, kind, m.len, inner);
  buf_str(w->out, "atomic {\n");
  write_reading(w);
  for (uint32_t i = 0; i < m.len; i++)
    buf_printf(w->out, "%s = (%s -> 1 : 0);\n", fan_var(w, "part", use.id, i, m.len), m.items[i].in);
  write_read_over(w);
  for (uint32_t i = 0; i < use.tolerances; i++) buf_printf(w->out, "%s = 0;\n", count(w, use.id, i));
  buf_printf(w->out, "%s = 0;\n}\n", stop(w, use.id));
  for (uint32_t i = 0; i < m.len; i++) {
    write_start(w, s, &use, m.items[i].thing, i, m.len, limit);
    write_member_process(w, s, f, &use, m.items[i].thing, body);
  }
  buf_printf(w->out, "atomic { (%s == 0); o = %s; %s = 0;", busy(w, use.id), stop(w, use.id), stop(w, use.id));
  for (uint32_t i = 0; i < use.tolerances; i++) buf_printf(w->out, " %s = 0;", count(w, use.id, i));
  for (uint32_t i = 0; i < m.len; i++) buf_printf(w->out, " %s = 0;", fan_var(w, "part", use.id, i, m.len));
  buf_str(w->out, " }\nif\n:: o == 1 -> o = 0;\n");
  if (f->on_stop) write_statement(w, s, f->on_stop);
  else write_leave(w, s, EXIT_FAIL);
  buf_str(w->out, ":: o == 2 ->\n");
  write_leave(w, s, EXIT_FAIL);
  buf_str(w->out, ":: o == 3 ->\n");
  write_leave(w, s, EXIT_GUARD);
  buf_str(w->out, ":: o == 0 -> skip\nfi;\n");
  write_diverted(w, s);
  vec_done(&m);
}
