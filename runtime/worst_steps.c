/* worst_steps: what a step takes in the worst case, and what the way back takes: of a whole step for the plan, which says when to turn
 * back at the latest; of a member for the engine, which starts none under a hard end unless both fit. */
#include <config.h>

#include "runtime/worst_core.h"

#include "runtime/fixed.h"
#include "runtime/possible.h"
#include "runtime/vm_core.h"

#include <stdlib.h>

#define EVERY UINT32_MAX

/* ---- steps of the main strand ---- */

typedef struct Scopes { uint32_t attempt; int64_t unlock; } Scopes; /* around a place: the attempt, NONE_INDEX none; what closing the lockouts takes */

/* Blocks lie within each other as in the text, so what is open at a place is what began before it and ends behind it. */
static Scopes scopes_at(const Walk *w, const Way *way, uint32_t at, const int64_t *slots) {
  Scopes s = {NONE_INDEX, 0};
  for (uint32_t i = 0; i < way->places.len; i++) {
    uint32_t word = w->p->code[way->places.items[i].pc], a = code_a(word);
    if (i > at && code_op(word) == OPCODE_UNLOCK) {
      bool open = false;
      for (uint32_t j = 0; j < at && !open; j++) open = w->p->code[way->places.items[j].pc] == (a << 8 | OPCODE_LOCK);
      if (open) s.unlock = worst_cap(s.unlock + worst_release(w, a, slots));
    }
    if (code_op(word) != OPCODE_ATTEMPT || i > at) continue;
    uint32_t undo = place_at(way, w->p->attempts[a].undo);
    if (undo != NONE_INDEX && at < undo) s.attempt = a;
  }
  return s;
}

/* The longest way from one place to another, or out of the step. */
static Cost between(const Walk *w, const Way *way, uint32_t from, uint32_t to) {
  Cost *far = xcalloc((size_t)way->places.len + 1, sizeof *far);
  for (uint32_t i = to; i-- > from;) {
    const WayPlace *at = &way->places.items[i];
    uint32_t on[] = {at->next, at->jump, turns_to(w, way, i)};
    Cost most = {0};
    for (size_t k = 0; k < sizeof on / sizeof *on; k++)
      if (on[k] != NONE_INDEX && on[k] > i && on[k] < to) most = cost_greater(most, far[on[k]]);
    far[i] = cost_plus(way->spans[i].cost, most);
  }
  Cost c = far[from];
  free(far);
  return c;
}

/* What is under way when people turn back is finished first: of a fan, the members at work. */
static int64_t under_way(const Walk *w, const Way *way, uint32_t from, uint32_t to) {
  int64_t most = 0;
  for (uint32_t i = from; i < to; i++) {
    Opcode op = code_op(w->p->code[way->places.items[i].pc]);
    Cost c = op == OPCODE_FAN ? way->spans[i].each : op == OPCODE_ACT ? way->spans[i].cost : (Cost){0};
    if (cost_sum(c) > most) most = cost_sum(c);
  }
  return worst_cap(most);
}

static WorstStep step_worst(const Walk *w, const Way *way, uint32_t from, uint32_t to, const int64_t *slots) {
  Scopes s = scopes_at(w, way, from, slots);
  Cost lasts = between(w, way, from, to);
  WorstStep r = {.lasts = cost_sum(lasts), .back = -1, .starts = -1};
  if (s.attempt == NONE_INDEX) return r;
  Cost undo = way->spans[place_at(way, w->p->attempts[s.attempt].undo)].worst;
  r.finish = under_way(w, way, from, to);
  r.undo = cost_sum(undo);
  r.release = s.unlock;
  r.back = worst_cap(r.finish + r.undo + r.release);
  return r;
}

/* ---- the way back of a member ---- */

/* How many members of the fan may be at work together. */
static uint32_t in_flight(const Walk *w, const FanRow *f, const EntityVec *members, const int64_t *slots) {
  int64_t most = f->limits.count ? members->len : 1;
  for (uint32_t i = 0; i < f->limits.count; i++) {
    const LimitRow *l = &w->p->limits[f->limits.first + i];
    if (l->rule != LIMIT_RULE_AT_ONCE) continue;
    int64_t n = worst_amount(w, l->amount, slots);
    if (l->group != NONE_INDEX) n *= fleet_count(w->vm->fleet, l->group) + (int64_t)1;
    if (n < most) most = n;
  }
  return most > members->len ? members->len : (uint32_t)most;
}

/* What `count` of these are in, or have in them, of each kind. */
static void touched(const Walk *w, uint32_t kind, const EntityVec *of, uint32_t count, uint32_t *ret_most) {
  const FleetSchema *schema = fleet_schema(w->vm->fleet);
  for (uint32_t k = 0; k < w->p->kinds_count; k++) {
    uint64_t n = EVERY, each = 0;
    if (k == kind || fleet_leads_up(schema, kind, k)) n = count;
    for (uint32_t i = 0; n == EVERY && fleet_leads_up(schema, k, kind) && i < of->len; i++) {
      uint32_t in = fleet_members(w->vm->fleet, kind, of->items[i], k).count;
      if (in > each) each = in;
    }
    if (n == EVERY && each > 0) n = each * count;
    ret_most[k] = n > EVERY ? EVERY : (uint32_t)n;
  }
}

/* As many members as the fan tolerates to lose may be slow, and one at least: more than that stop it. */
static void slow_ones(const Walk *w, const FanRow *f, const EntityVec *members, const int64_t *slots, uint32_t *ret_slow) {
  EntityVec of = {0};
  uint32_t unit = f->kind, n = 1;
  for (uint32_t i = 0; i < f->tolerances.count; i++) {
    const ToleranceRow *t = &w->p->tolerances[f->tolerances.first + i];
    int64_t amount = t->each || t->reach == REACH_DAY || t->group != NONE_INDEX ? INT32_MAX : worst_amount(w, t->amount, slots);
    if (i > 0 && amount >= n) continue;
    unit = t->unit == NONE_INDEX ? f->kind : t->unit;
    n = (uint32_t)amount;
  }
  for (uint32_t i = 0; i < members->len; i++) {
    Entity up = fleet_up(w->vm->fleet, f->kind, members->items[i], unit);
    if (up != ENTITY_NONE && (of.len == 0 || of.items[of.len - 1] != up)) vec_push(&of, up);
  }
  touched(w, unit, &of, n, ret_slow);
  vec_done(&of);
}

/* The way back of those that are at work together in the FAN at pc of the main strand: the roll backs of the attempts around it
 * over as many members as its limits let in at once. As many as the fan tolerates to lose, one at least, need every deadline, the
 * others what is ordinary at most; every person answers at the last moment. What it asks of facts that nobody writes on the way is taken as read, or as ordinary. undo: -1: none is around it. */
typedef struct WorstBack { int64_t undo, release; } WorstBack;

/* Roll backs of all attempts around the place, from the innermost outwards, and the locks around it. */
static WorstBack back_from(Walk *w, uint32_t pc, const int64_t *slots) {
  Walk main = {.vm = w->vm, .p = w->p, .all = true};
  const Way *way = way_at(&main, w->p->entry);
  uint32_t at = place_at(way, pc);
  WorstBack back = {.undo = -1};
  for (uint32_t i = 0; i < at && at != NONE_INDEX; i++) {
    uint32_t word = w->p->code[way->places.items[i].pc];
    if (code_op(word) != OPCODE_ATTEMPT) continue;
    uint32_t undo = place_at(way, w->p->attempts[code_a(word)].undo);
    if (undo == NONE_INDEX || at >= undo) continue;
    back.undo = worst_cap((back.undo < 0 ? 0 : back.undo) + cost_sum(way_worst(w, way->places.items[undo].pc, slots)));
  }
  if (back.undo >= 0) back.release = scopes_at(&main, way, at, slots).unlock;
  walk_done(&main);
  return back;
}

static WorstBack worst_back(Vm *vm, uint32_t pc, const uint32_t *members, uint32_t count, const int64_t *slots) {
  const Program *p = vm->program;
  const FanRow *f = &p->fans[code_a(p->code[pc])];
  uint8_t *fixed = fixed_facts(p);
  uint32_t *most = xcalloc(p->kinds_count + 1, sizeof *most), *slow = xcalloc(p->kinds_count + 1, sizeof *slow);
  EntityVec all = {.items = (uint32_t *)members, .len = count};
  fixed_until(p, p->entry, pc + 1, fixed);
  Walk usual = {.vm = vm, .p = p, .most = most, .fixed = fixed, .ordinary = true};
  Walk w = {.vm = vm, .p = p, .most = most, .fixed = fixed, .slow = slow, .usual = &usual};
  touched(&w, f->kind, &all, in_flight(&w, f, &all, slots), most);
  slow_ones(&w, f, &all, slots, slow);
  vm->fixed = fixed;
  WorstBack back = back_from(&w, pc, slots);
  vm->fixed = NULL;
  walk_done(&w);
  walk_done(&usual);
  free(fixed);
  free(most);
  free(slow);
  return back;
}

int64_t worst_start(Vm *vm, uint32_t pc, const uint32_t *members, uint32_t count, const int64_t *slots, bool hard) {
  const FanRow *f = &vm->program->fans[code_a(vm->program->code[pc])];
  int64_t own = worst_member(vm, f, members, count, slots, hard);
  if (!hard || f->fits || count == 0) return own;
  WorstBack back = worst_back(vm, pc, members, count, slots);
  return back.undo < 0 ? own : worst_cap(own + back.undo + back.release);
}

/* ---- a statement of the main strand ---- */

/* Fan-outs before the place, with at least one attempt around both: what they have at work may be on the way back. False: there is none. */
static bool touched_before(Walk *w, const Way *way, uint32_t at, const int64_t *slots, uint32_t *most, uint32_t *slow) {
  uint32_t kinds = w->p->kinds_count, *one = xcalloc(kinds + 1, sizeof *one);
  bool any = false;
  Scopes around = scopes_at(w, way, at, slots);
  for (uint32_t i = 0; i < at && around.attempt != NONE_INDEX; i++) {
    uint32_t word = w->p->code[way->places.items[i].pc];
    if (code_op(word) == OPCODE_ATTEMPT && code_a(word) == around.attempt) any = false;
    if (code_op(word) != OPCODE_FAN) continue;
    const FanRow *f = &w->p->fans[code_a(word)];
    EntityVec members = {0};
    possible_members(w->vm, f->members, f->kind, slots, &members);
    for (uint32_t k = 0; k < kinds && !any; k++) most[k] = slow[k] = 0;
    touched(w, f->kind, &members, in_flight(w, f, &members, slots), one);
    for (uint32_t k = 0; k < kinds; k++) most[k] = one[k] > most[k] ? one[k] : most[k];
    slow_ones(w, f, &members, slots, one);
    for (uint32_t k = 0; k < kinds; k++) slow[k] = one[k] > slow[k] ? one[k] : slow[k];
    vec_done(&members);
    any = true;
  }
  free(one);
  return any;
}

static int64_t back_alone(Vm *vm, uint32_t pc, const int64_t *slots) {
  const Program *p = vm->program;
  uint8_t *fixed = fixed_facts(p);
  uint32_t *most = xcalloc(p->kinds_count + 1, sizeof *most), *slow = xcalloc(p->kinds_count + 1, sizeof *slow);
  fixed_until(p, p->entry, pc + 1, fixed);
  Walk usual = {.vm = vm, .p = p, .most = most, .fixed = fixed, .ordinary = true};
  Walk w = {.vm = vm, .p = p, .most = most, .fixed = fixed, .slow = slow, .usual = &usual}, main = {.vm = vm, .p = p, .all = true};
  const Way *way = way_at(&main, p->entry);
  uint32_t at = place_at(way, pc);
  if (at == NONE_INDEX || !touched_before(&main, way, at, slots, most, slow))
    for (uint32_t k = 0; k < p->kinds_count; k++) most[k] = EVERY, slow[k] = 1;
  vm->fixed = fixed;
  WorstBack back = back_from(&w, pc, slots);
  vm->fixed = NULL;
  walk_done(&w);
  walk_done(&usual);
  walk_done(&main);
  free(fixed);
  free(most);
  free(slow);
  return back.undo < 0 ? 0 : worst_cap(back.undo + back.release);
}

int64_t worst_alone(Vm *vm, uint32_t pc, const int64_t *slots, bool hard) {
  Walk w = {.vm = vm, .p = vm->program, .all = true};
  way_worst(&w, pc, slots);
  int64_t own = cost_sum(way_at(&w, pc)->spans[0].cost);
  walk_done(&w);
  return hard ? worst_cap(own + back_alone(vm, pc, slots)) : own;
}

/* ---- */

/* Of the fan of a step, with the members that it may have. */
static int64_t starts(Vm *vm, uint32_t pc, const int64_t *slots, bool hard) {
  const FanRow *f = &vm->program->fans[code_a(vm->program->code[pc])];
  EntityVec members = {0};
  if (!hard && !f->fits) return -1;
  possible_members(vm, f->members, f->kind, slots, &members);
  int64_t t = worst_start(vm, pc, members.items, members.len, slots, hard);
  vec_done(&members);
  return t;
}

void worst_steps(Vm *vm, bool hard, WorstStep *out) {
  const Program *p = vm->program;
  Walk w = {.vm = vm, .p = p, .all = true};
  int64_t slots[LIMIT_SLOTS];
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) slots[i] = VALUE_UNKNOWN;
  for (uint32_t i = 0; i < p->steps_count; i++) out[i] = (WorstStep){.lasts = -1, .back = -1, .starts = -1};
  way_worst(&w, p->entry, slots);
  const Way *main = way_at(&w, p->entry);
  for (uint32_t i = 0; i < main->places.len; i++) {
    uint32_t word = p->code[main->places.items[i].pc], a = code_a(word), end;
    if (code_op(word) != OPCODE_STEP_BEGIN) continue;
    for (end = i + 1; end < main->places.len && p->code[main->places.items[end].pc] != (a << 8 | OPCODE_STEP_END); end++) {}
    out[a] = step_worst(&w, main, i, end, slots);
    for (uint32_t k = i; k < end && p->steps[a].fan != NONE_INDEX; k++)
      if (p->code[main->places.items[k].pc] == (p->steps[a].fan << 8 | OPCODE_FAN)) out[a].starts = starts(vm, main->places.items[k].pc, slots, hard);
  }
  walk_done(&w);
}
