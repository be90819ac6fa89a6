/* replay_script: move by move. `now` is what the simulated world holds true of the witness, `may` what the way allows behind each
 * move: where these differ, a rule makes it so. */
#include <config.h>

#include "cli/replay_script.h"

#include "lang/waiver.h"
#include "runtime/possible.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define SILENT_MS (30 * MINUTE_MS)

typedef struct Count { uint32_t action; Entity on; uint32_t n; } Count;
typedef VEC(Count) Counts;
typedef VEC(Fault) FaultList;

typedef struct Script {
  const ReplayStage *s;
  const Program *p;
  const uint16_t *may;       /* rows of traced_count, one per move */
  uint32_t *now;             /* per traced */
  uint8_t *written;          /* per traced: by something on the way */
  uint32_t at;               /* the move */
  Moment here;               /* the last moment that the run tells of */
  Counts counts;             /* of calls so far */
  uint32_t roll_backs;
  bool unordered;            /* the automations were last released in no order of the runbook's */
  FaultList out;
} Script;

static const Moment no_moment = {.kind = MOMENT_NONE, .subject = NONE_INDEX, .on_kind = NONE_INDEX, .on = ENTITY_NONE};

static void add(Script *c, Fault f) { vec_push(&c->out, f); }

static Fault rule(FaultKind kind, uint32_t subject, uint32_t on_kind, Entity on, Moment at) {
  if (on == ENTITY_NONE) on_kind = NONE_INDEX;
  return (Fault){.kind = kind, .subject = subject, .on_kind = on_kind, .on = on, .times = 1, .at = at};
}

static Moment moment(MomentKind kind, uint32_t subject, uint32_t on_kind, Entity on, uint32_t nth) {
  if (on == ENTITY_NONE) on_kind = NONE_INDEX;
  return (Moment){.kind = kind, .subject = subject, .on_kind = on_kind, .on = on, .nth = nth};
}

/* ---- who ---- */

static Entity who(const Script *c, uint32_t kind) { return kind == NONE_INDEX ? ENTITY_NONE : c->s->who[kind]; }

/* The first that is not the example. */
static Entity other(const Script *c, uint32_t kind) {
  if (kind == NONE_INDEX || fleet_count(c->s->fleet, kind) < 2) return ENTITY_NONE;
  return who(c, kind) == 0 ? 1 : 0;
}

static uint32_t subject_kind(const Program *p, uint32_t action) {
  const ActionRow *a = &p->actions[action];
  ValueType t = a->params.count ? p->param_types[a->params.first] : (ValueType){0};
  return a->params.count && t.klass == VALUE_ENTITY ? t.ref : NONE_INDEX;
}

static uint32_t *count_of(Script *c, uint32_t action, Entity on) {
  for (uint32_t i = 0; i < c->counts.len; i++)
    if (c->counts.items[i].action == action && c->counts.items[i].on == on) return &c->counts.items[i].n;
  vec_push(&c->counts, ((Count){action, on, 0}));
  return &c->counts.items[c->counts.len - 1].n;
}

/* ---- facts ---- */

static uint32_t lowest(uint16_t mask) { return mask ? (uint32_t)__builtin_ctz(mask) + 1 : 0; }

/* Backwards: what is asked later was true from when it was written. */
static const uint16_t *narrowed(const Finding *f, uint32_t n, Arena *arena) {
  uint16_t *may = arena_new_array(arena, uint16_t, size_product(f->len, n) + 1);
  memcpy(may, f->trace, size_product(f->len, n) * sizeof *may);
  for (uint32_t j = f->len - 1; j-- > 0;)
    for (uint32_t i = 0; i < n; i++) {
      uint16_t both = may[j * n + i] & may[(j + 1) * n + i];
      if (both) may[j * n + i] = both;
    }
  return may;
}

static bool is_fact(const Script *c, uint32_t i) { return c->s->proof->traced[i].kind == TRACED_FACT; }

static uint16_t may_be(const Script *c, uint32_t i) { return c->may[c->at * c->s->proof->traced_count + i]; }

/* What the simulated world does by itself. */
static void take_effects(Script *c, Slice effects) {
  for (uint32_t e = 0; e < effects.count; e++) {
    const EffectRow *row = &c->p->effects[effects.first + e];
    for (uint32_t i = 0; i < c->s->proof->traced_count; i++) {
      const Traced *t = &c->s->proof->traced[i];
      uint32_t code = row->values.count ? c->p->index_list[row->values.first] : 0;
      uint16_t all = 0;
      for (uint32_t k = 0; k < row->values.count; k++) all |= (uint16_t)(1u << (c->p->index_list[row->values.first + k] - 1));
      if (t->kind != TRACED_FACT || t->row != row->fact || t->member_kind != row->kind || code == 0) continue;
      uint16_t may = may_be(c, i);
      if (may == 0 || (may & all)) c->now[i] = code, c->written[i] = 1; /* else it is not the witness's */
    }
  }
}

/* Rules that make true what the way has behind this move. True: there was something to do. */
static bool make_true(Script *c, Moment at, bool found_only) {
  bool any = false;
  for (uint32_t i = 0; i < c->s->proof->traced_count; i++) {
    const Traced *t = &c->s->proof->traced[i];
    uint16_t may = may_be(c, i);
    if (!is_fact(c, i) || may == 0 || (may >> (c->now[i] - 1) & 1)) continue;
    if (found_only && c->written[i]) continue;
    c->now[i] = lowest(may);
    bool early = c->s->attempt.from_start && !c->written[i];
    Fault f = rule(FAULT_FACT, t->row, t->member_kind, who(c, t->member_kind), early ? no_moment : at);
    f.value = c->now[i];
    add(c, f);
    any = true;
  }
  return any;
}

static bool set_facts(Script *c, Moment at) { return make_true(c, at, false); }

/* After a failure it may have written what it writes. */
static void may_have_written(Script *c, const ActionRow *a) {
  const Slice effects[] = {a->makes, a->on_failure};
  for (uint32_t k = 0; k < 2; k++)
    for (uint32_t e = 0; e < effects[k].count; e++)
      for (uint32_t i = 0; i < c->s->proof->traced_count; i++) {
        const Traced *t = &c->s->proof->traced[i];
        const EffectRow *row = &c->p->effects[effects[k].first + e];
        if (t->kind == TRACED_FACT && t->row == row->fact && t->member_kind == row->kind) c->written[i] = 1;
      }
}

typedef void FactAsked(Script *c, uint32_t fact, uint32_t kind);

static void each_fact(Script *c, CodeRef region, FactAsked *visit) {
  if (!region) return;
  for (uint32_t pc = region, end = possible_region_end(c->p, region); pc < end; pc += code_words(code_op(c->p->code[pc])))
    if (code_op(c->p->code[pc]) == OPCODE_FACT) visit(c, code_a(c->p->code[pc]), c->p->code[pc + 1]);
}

static void silence(Script *c, uint32_t fact, uint32_t kind) {
  Fault f = rule(FAULT_READ, fact, kind, who(c, kind), c->here);
  f.times = 0;
  f.lasts = SILENT_MS;
  add(c, f);
}

/* Another one is not as the witness is: where that is off, it is on. */
static void upset_other(Script *c, uint32_t fact, uint32_t kind) {
  uint32_t value = 2;
  for (uint32_t i = 0; i < c->s->proof->traced_count; i++) {
    const Traced *t = &c->s->proof->traced[i];
    if (t->kind == TRACED_FACT && t->row == fact && t->member_kind == kind && c->now[i] != 1) value = 1;
  }
  if (other(c, kind) == ENTITY_NONE) return;
  Fault f = rule(FAULT_FACT, fact, kind, other(c, kind), c->here);
  f.value = value;
  add(c, f);
}

/* ---- others ---- */

static uint32_t body_end(const Program *p, uint32_t fan) {
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) != OPCODE_FAN || code_a(p->code[pc]) != fan) continue;
    uint32_t behind = pc + code_words(OPCODE_FAN);
    return code_op(p->code[behind]) == OPCODE_JUMP ? code_a(p->code[behind]) : p->code_count;
  }
  return p->code_count;
}

/* The nth action of the fan-out's body. */
static uint32_t body_act(const Program *p, uint32_t fan, uint32_t nth) {
  uint32_t found = NONE_INDEX;
  for (uint32_t pc = p->fans[fan].body, end = body_end(p, fan); pc < end; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) != OPCODE_ACT) continue;
    found = p->calls[code_a(p->code[pc])].action;
    if (nth-- == 0) return found;
  }
  return found;
}

static bool of_example(const Script *c, uint32_t kind, Entity e) {
  for (uint32_t k = 0; k < c->p->kinds_count; k++)
    if (k == kind && who(c, k) == e) return true;
  return false;
}

/* All others of the fan-out fail at one action of its body. */
static void fail_others(Script *c, uint32_t fan) {
  uint32_t action = body_act(c->p, fan, c->s->attempt.act), kind = c->p->fans[fan].kind;
  uint32_t on_kind = action == NONE_INDEX ? NONE_INDEX : subject_kind(c->p, action);
  if (on_kind == NONE_INDEX) return;
  uint32_t step = c->p->fans[fan].step;
  Moment at = step == NONE_INDEX ? no_moment : moment(MOMENT_STEP_BEGINS, step, NONE_INDEX, ENTITY_NONE, 1);
  for (Entity e = 0; e < fleet_count(c->s->fleet, kind); e++) {
    if (of_example(c, kind, e)) continue;
    Entity on = fleet_up(c->s->fleet, kind, e, on_kind);
    Fault f = rule(FAULT_ACTION, action, on == ENTITY_NONE || on == who(c, on_kind) ? kind : on_kind,
                   on == ENTITY_NONE || on == who(c, on_kind) ? e : on, at);
    f.outcome = OUT_FAILED;
    f.times = 0;
    add(c, f);
  }
}

/* ---- counted ---- */

/* Contracts have addresses of their own, before the runbook's. */
static uint32_t upset_fact(const Program *p, uint32_t kind, uint32_t nth, uint32_t *ret_count) {
  uint32_t seen[32], n = 0;
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) != OPCODE_FACT || p->code[pc + 1] != kind) continue;
    bool known = false;
    for (uint32_t i = 0; i < n; i++) known |= seen[i] == code_a(p->code[pc]);
    if (!known && n < sizeof seen / sizeof *seen) seen[n++] = code_a(p->code[pc]);
  }
  *ret_count = n;
  return nth < n ? seen[nth] : NONE_INDEX;
}

uint32_t replay_upsets(const Program *p, uint32_t kind) {
  uint32_t n;
  upset_fact(p, kind, 0, &n);
  return n;
}

static void upset_all(Script *c) {
  uint32_t kind = c->s->rows, n, fact = upset_fact(c->p, kind, c->s->attempt.upset - 1, &n);
  if (fact == NONE_INDEX || c->p->facts[fact].type.klass != VALUE_ENUM) return;
  for (Entity e = 0; e < fleet_count(c->s->fleet, kind); e++) {
    if (of_example(c, kind, e)) continue;
    Fault f = rule(FAULT_FACT, fact, kind, e, no_moment);
    f.value = 2;
    add(c, f);
  }
}

/* ---- moves ---- */

static void move_act(Script *c, const Move *m) {
  uint32_t kind = subject_kind(c->p, m->subject);
  Entity on = m->of_sibling ? other(c, kind) : who(c, kind);
  if (m->outcome == 3) return;
  uint32_t n = ++*count_of(c, m->subject, on);
  if (!m->of_sibling) may_have_written(c, &c->p->actions[m->subject]);
  make_true(c, c->here, true); /* read in between */
  if (m->outcome) {
    Fault f = rule(FAULT_ACTION, m->subject, kind, on, no_moment);
    f.outcome = m->outcome == 1 ? OUT_FAILED : OUT_UNKNOWN;
    f.nth = n;
    add(c, f);
  } else if (!m->of_sibling) {
    take_effects(c, c->p->actions[m->subject].makes);
  }
  Moment ends = moment(MOMENT_ACTION_ENDS, m->subject, kind, on, n);
  if (!m->of_sibling) c->here = ends;
  set_facts(c, c->here);
}

static bool makes_fact(const Program *p, const ActionRow *a, const RuleRow *r) {
  for (uint32_t i = 0; i < a->makes.count; i++)
    if (p->effects[a->makes.first + i].fact == r->fact && p->effects[a->makes.first + i].kind == r->kind) return true;
  return false;
}

static void move_refused(Script *c, const Move *m) {
  const ActionRow *a = &c->p->actions[m->subject];
  if (set_facts(c, c->here) || !m->fault) return;
  for (uint32_t i = 0; i < a->needs.count; i++) each_fact(c, c->p->need_rows[a->needs.first + i].condition, silence);
  for (uint32_t i = 0; i < c->p->rules_count; i++) {
    const RuleRow *r = &c->p->rules[i];
    bool concerned = r->form == RULE_FORM_CALL ? r->action == m->subject : r->form == RULE_FORM_MAKE && makes_fact(c->p, a, r);
    if (concerned && r->unless) each_fact(c, r->unless, silence);
  }
}

static void move_confirm(Script *c, const Move *m) {
  CodeRef condition = c->p->confirms[m->subject].condition;
  bool set = set_facts(c, c->here);
  if (m->outcome == 2) each_fact(c, condition, silence);
  if (m->outcome == 1 && !set && c->s->attempt.others) each_fact(c, condition, upset_other);
}

static void move_gate(Script *c, const Move *m) {
  uint32_t kind = c->p->gates[m->subject].kind;
  bool own = m->outcome != 0;
  if (own || m->value) {
    Entity on = c->p->gates[m->subject].once ? ENTITY_NONE : own ? who(c, kind) : other(c, kind);
    Fault f = rule(FAULT_ANSWER, m->subject, kind, on, no_moment);
    f.value = (own ? m->outcome : m->value) == 1 ? 0 : VALUE_UNKNOWN;
    f.times = 0;
    add(c, f);
  }
  c->here = moment(MOMENT_GATE_ENDS, m->subject, NONE_INDEX, ENTITY_NONE, 1);
  set_facts(c, c->here);
}

static void move_lock(Script *c, const Move *m) {
  const LockoutRow *row = &c->p->lockouts[m->subject];
  if (row->automations.count == 0) return;
  uint32_t first = c->p->index_list[row->automations.first], last = c->p->index_list[row->automations.first + row->automations.count - 1];
  uint32_t kind = c->p->automations[first].kind;
  if (m->outcome) {
    Fault f = rule(FAULT_LOCK, first, kind, m->of_sibling ? other(c, kind) : who(c, kind), c->here);
    f.outcome = m->outcome == 1 ? OUT_FAILED : OUT_UNKNOWN;
    f.times = 0;
    add(c, f);
  } else if (!m->of_sibling) {
    c->here = moment(MOMENT_LOCKED, last, c->p->automations[last].kind, who(c, c->p->automations[last].kind), 1);
  }
  set_facts(c, c->here);
}

static void move_release(Script *c, const Move *m) {
  const LockoutRow *row = &c->p->lockouts[m->subject];
  if (row->automations.count == 0) return;
  uint32_t first = c->p->index_list[row->automations.first];
  uint32_t kind = c->p->automations[first].kind;
  bool set = set_facts(c, c->here);
  if (m->kind == MOVE_RELEASE) {
    uint32_t last = row->release_order.count ? c->p->index_list[row->release_order.first + row->release_order.count - 1]
                                             : c->p->index_list[row->automations.first + row->automations.count - 1];
    c->unordered = row->release_order.count == 0;
    c->here = moment(MOMENT_UNLOCKED, last, c->p->automations[last].kind, who(c, c->p->automations[last].kind), 1);
  } else if (m->fault && !set && c->s->attempt.reading) {
    each_fact(c, row->release, silence);
  } else if (m->fault && !set) {
    Fault f = rule(FAULT_UNLOCK, first, kind, who(c, kind), no_moment);
    f.outcome = OUT_FAILED;
    f.times = 0;
    add(c, f);
  }
}

/* While an action is under way what it writes may be seen half done. */
static void move_automation(Script *c, const Move *m) {
  uint32_t kind = c->p->automations[m->subject].kind;
  Moment at = c->here;
  if (at.kind == MOMENT_UNLOCKED && c->unordered) at = moment(MOMENT_UNLOCKED, m->subject, kind, who(c, kind), 1); /* not before it is free itself */
  if (m->pc) {
    uint32_t action = c->p->calls[code_a(c->p->code[m->pc])].action, on_kind = subject_kind(c->p, action);
    at = moment(MOMENT_ACTION_BEGINS, action, on_kind, who(c, on_kind), *count_of(c, action, who(c, on_kind)) + 1);
  }
  for (uint32_t i = 0; i < c->p->triggers_count; i++)
    if (c->p->triggers[i].effects.first == m->value && c->p->triggers[i].effects.count) take_effects(c, c->p->triggers[i].effects);
  set_facts(c, at);
  Fault f = rule(FAULT_AUTOMATION, m->subject, kind, who(c, kind), at);
  f.after = m->pc ? 0 : c->s->attempt.delay;
  add(c, f);
}

static void move_late(Script *c, const Move *m) {
  uint32_t kind = subject_kind(c->p, m->subject);
  Fault f = rule(FAULT_LATE, m->subject, kind, who(c, kind), c->here);
  f.after = c->s->attempt.delay;
  add(c, f);
  take_effects(c, c->p->actions[m->subject].makes);
  set_facts(c, c->here);
}

static void move_trip(Script *c, const Move *m) {
  const GuardRow *row = &c->p->guards[m->subject];
  set_facts(c, c->here);
  for (uint32_t i = 0; i < row->conditions.count; i++) each_fact(c, c->p->need_rows[row->conditions.first + i].condition, silence);
}

static void move_member(Script *c, const Move *m) {
  const FanRow *row = &c->p->fans[m->subject];
  MomentKind kind = m->kind == MOVE_MEMBER ? MOMENT_STEP_BEGINS : MOMENT_STEP_ENDS;
  if (row->step != NONE_INDEX && !m->of_sibling) c->here = moment(kind, row->step, row->kind, who(c, row->kind), 1);
  set_facts(c, c->here);
}

static void move_pass_by(Script *c, const Move *m) {
  CodeRef asked = m->kind == MOVE_FAN ? c->p->fans[m->subject].members : c->p->leave_outs[m->subject].condition;
  if (!set_facts(c, c->here) && m->fault) each_fact(c, asked, silence);
}

/* Before anything has happened a person cannot cancel: as soon as the first step begins. */
static Moment here_or_first(const Script *c) {
  if (c->here.kind != MOMENT_NONE || c->p->steps_count == 0) return c->here;
  return moment(MOMENT_STEP_BEGINS, 0, NONE_INDEX, ENTITY_NONE, 1);
}

/* The first step of the attempt that is rolled back next. */
static Moment in_attempt(const Script *c) {
  uint32_t i = c->at;
  while (i < c->s->finding->len && c->s->finding->path[i].kind != MOVE_ROLL_BACK) i++;
  if (i == c->s->finding->len) return here_or_first(c);
  uint32_t row = c->s->finding->path[i].subject, pc = 0;
  while (pc < c->p->code_count && !(code_op(c->p->code[pc]) == OPCODE_ATTEMPT && code_a(c->p->code[pc]) == row)) pc += code_words(code_op(c->p->code[pc]));
  while (pc < c->p->code_count && code_op(c->p->code[pc]) != OPCODE_STEP_BEGIN) pc += code_words(code_op(c->p->code[pc]));
  if (pc >= c->p->code_count) return here_or_first(c);
  return moment(MOMENT_STEP_BEGINS, code_a(c->p->code[pc]), NONE_INDEX, ENTITY_NONE, 1);
}

/* Before anything has happened: a minute into the run. */
static void move_cancel(Script *c) {
  Fault f = rule(FAULT_CANCEL, NONE_INDEX, NONE_INDEX, ENTITY_NONE, c->s->attempt.in_step ? in_attempt(c) : c->here);
  if (f.at.kind == MOMENT_NONE) f.after = MINUTE_MS;
  add(c, f);
}

/* The world tells of it, so the run looks at once. */
static void move_emergency(Script *c, const Move *m) {
  Moment at = c->here;
  uint32_t before = c->out.len;
  if (m->value != NONE_INDEX) {
    uint32_t kind = subject_kind(c->p, m->value);
    at = moment(MOMENT_ACTION_BEGINS, m->value, kind, who(c, kind), *count_of(c, m->value, who(c, kind)) + 1);
  }
  set_facts(c, at);
  for (uint32_t i = before; i < c->out.len; i++) c->out.items[i].told = c->out.items[i].at.kind != MOMENT_NONE;
}

static void take(Script *c, const Move *m) {
  switch ((MoveKind)m->kind) {
    case MOVE_ACT: move_act(c, m); break;
    case MOVE_REFUSED: move_refused(c, m); break;
    case MOVE_CONFIRM: move_confirm(c, m); break;
    case MOVE_GATE: move_gate(c, m); break;
    case MOVE_LOCK: move_lock(c, m); break;
    case MOVE_RELEASE: case MOVE_HAND_OVER: move_release(c, m); break;
    case MOVE_AUTOMATION: move_automation(c, m); break;
    case MOVE_LATE: move_late(c, m); break;
    case MOVE_OTHER_OUT: fail_others(c, m->value); break;
    case MOVE_OTHER_STOP: fail_others(c, m->pc ? code_a(c->p->code[m->pc]) : 0); break;
    case MOVE_CANCEL: move_cancel(c); break;
    case MOVE_WINDOW: {
      Fault f = rule(FAULT_PASS, NONE_INDEX, NONE_INDEX, ENTITY_NONE, here_or_first(c));
      f.value = c->s->pass;
      add(c, f);
      break;
    }
    case MOVE_TRIP: move_trip(c, m); break;
    case MOVE_EMERGENCY: move_emergency(c, m); break;
    case MOVE_MEMBER: case MOVE_DONE: move_member(c, m); break;
    case MOVE_FAN: case MOVE_LEFT_OUT: move_pass_by(c, m); break;
    case MOVE_ROLL_BACK:
      c->here = moment(MOMENT_ROLL_BACK, NONE_INDEX, NONE_INDEX, ENTITY_NONE, ++c->roll_backs);
      set_facts(c, c->here);
      break;
    case MOVE_END: c->here = moment(MOMENT_RUN_ENDS, NONE_INDEX, NONE_INDEX, ENTITY_NONE, 1); break;
    default: set_facts(c, c->here); break;
  }
}

/* Two emergencies meet where both are: everything that one asks for is so everywhere. */
static void everywhere(Script *c, uint32_t fact, uint32_t kind) {
  Fault f = rule(FAULT_FACT, fact, kind, ENTITY_NONE, no_moment);
  if (c->p->facts[fact].type.klass != VALUE_ENUM) return;
  f.value = 2;
  add(c, f);
}

const Faults *replay_script(const ReplayStage *stage, Arena *arena) {
  const Finding *f = stage->finding;
  uint32_t n = stage->proof->traced_count;
  Script c = {.s = stage, .p = stage->program, .may = narrowed(f, n, arena), .here = no_moment};
  c.now = arena_new_array(arena, uint32_t, n + 1);
  c.written = arena_new_array(arena, uint8_t, n + 1);
  for (uint32_t i = 0; i < n; i++) c.now[i] = 1;
  if (stage->attempt.upset) upset_all(&c);
  uint32_t emergency = f->kind == FINDING_CONFLICT ? emergency_at(c.p, f->pc) : NONE_INDEX;
  if (emergency != NONE_INDEX) each_fact(&c, c.p->emergencies[emergency].condition, everywhere);
  for (c.at = 0; c.at < f->len; c.at++) take(&c, &f->path[c.at]);
  Faults *out = arena_new_object(arena, Faults);
  *out = (Faults){.items = arena_copy(arena, c.out.items ? c.out.items : (Fault[]){{0}}, c.out.len * sizeof(Fault)),
                  .count = c.out.len, .seed = stage->attempt.seed, .as_written = true};
  vec_done(&c.out);
  vec_done(&c.counts);
  return out;
}

uint32_t replay_wants(const Proof *proof, const Finding *f, uint32_t traced) {
  uint16_t may = UINT16_MAX;
  for (uint32_t j = 0; j < f->len; j++) {
    uint16_t row = f->trace[j * proof->traced_count + traced];
    if (row) may &= row;
  }
  return may == UINT16_MAX || may == proof->traced[traced].ordinary ? 0 : lowest(may);
}

uint32_t replay_others(const Program *p, const Finding *f, bool *ret_before) {
  uint32_t kind = NONE_INDEX;
  bool began = false;
  *ret_before = false;
  for (uint32_t i = 0; i < f->len; i++) {
    const Move *m = &f->path[i];
    uint32_t fan = m->kind == MOVE_OTHER_OUT ? m->value : m->kind == MOVE_OTHER ? m->subject
                 : m->kind == MOVE_OTHER_STOP && m->pc ? code_a(p->code[m->pc]) : NONE_INDEX;
    began = m->kind == MOVE_MEMBER || (began && m->kind != MOVE_FAN);
    if (fan == NONE_INDEX) continue;
    kind = p->fans[fan].kind;
    *ret_before |= !began;
  }
  return kind;
}
