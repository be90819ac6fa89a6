/* engine_fan: fans. Members start in their order while every limit admits one more, the window is open, and nothing has
 * stopped the fan; a stopped fan starts nobody, waits for those under way, and then says how it stopped. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_parts.h"
#include "runtime/worst.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FAN_NEW, FAN_SENSE, FAN_RUN };

static const FanRow *fan_row(const Engine *e, const Fan *f) { return &e->program->fans[f->row]; }

/* ---- limits ---- */

static FanLimit open_limit(Engine *e, const LimitRow *row, const Strand *s) {
  int64_t amount = region_value(e, s, row->amount, 1);
  uint32_t n = amount >= 1 ? (amount < INT32_MAX ? (uint32_t)amount : INT32_MAX) : 1;
  FanLimit l = {.group = row->group, .count = row->group == NONE_INDEX ? 1 : fleet_count(e->fleet, row->group) + 1};
  l.throttles = xcalloc(l.count, sizeof *l.throttles);
  for (uint32_t i = 0; i < l.count; i++) {
    if (row->rule == LIMIT_RULE_AT_ONCE) l.throttles[i].at_once = n;
    if (row->rule == LIMIT_RULE_PER_TIME) l.throttles[i] = (Throttle){.amount = n, .per = row->per};
  }
  return l;
}

static void open_limits(Engine *e, Fan *f, const FanRow *row, const Strand *s) {
  f->limit_count = row->limits.count ? row->limits.count : 1;
  f->limits = xcalloc(f->limit_count, sizeof *f->limits);
  for (uint32_t i = 0; i < row->limits.count; i++) {
    f->limits[i] = open_limit(e, &e->program->limits[row->limits.first + i], s);
    if (f->limits[i].group != NONE_INDEX && f->group_kind == NONE_INDEX) f->group_kind = f->limits[i].group;
  }
  if (row->limits.count > 0) return;
  f->limits[0] = (FanLimit){.group = NONE_INDEX, .count = 1, .throttles = xcalloc(1, sizeof(Throttle))};
  f->limits[0].throttles[0].at_once = 1;
}

static Throttle *throttle_for(Engine *e, const FanLimit *l, uint32_t kind, uint32_t member) {
  if (l->group == NONE_INDEX) return &l->throttles[0];
  Entity up = fleet_up(e->fleet, kind, member, l->group);
  return &l->throttles[up == ENTITY_NONE ? l->count - 1 : up];
}

/* When the limits admit this member; `grouped` looks at those per group, else at the others. */
static int64_t limits_when(Engine *e, const Fan *f, uint32_t member, bool grouped) {
  int64_t when = e->now;
  for (uint32_t i = 0; i < f->limit_count; i++) {
    if ((f->limits[i].group != NONE_INDEX) != grouped) continue;
    int64_t t = throttle_when(throttle_for(e, &f->limits[i], fan_row(e, f)->kind, member), e->now);
    if (t > when) when = t;
  }
  return when;
}

/* ---- who is next: a cursor, or chains per group so that a full group holds up nobody else ---- */

static void chain_members(Engine *e, Fan *f) {
  uint32_t kind = fan_row(e, f)->kind, groups = fleet_count(e->fleet, f->group_kind) + 1;
  uint32_t *tail = xcalloc(groups, sizeof *tail);
  f->head = xcalloc(groups, sizeof *f->head);
  f->groups = xcalloc(groups, sizeof *f->groups);
  f->link = xcalloc(f->members.len + 1, sizeof *f->link);
  for (uint32_t i = 0; i < groups; i++) f->head[i] = NONE_INDEX;
  for (uint32_t i = 0; i < f->members.len; i++) {
    Entity up = fleet_up(e->fleet, kind, f->members.items[i], f->group_kind);
    uint32_t g = up == ENTITY_NONE ? groups - 1 : up;
    f->link[i] = NONE_INDEX;
    if (f->head[g] == NONE_INDEX) {
      f->head[g] = i;
      f->groups[f->group_count++] = g;
    } else {
      f->link[tail[g]] = i;
    }
    tail[g] = i;
  }
  free(tail);
}

static void drop_empty_groups(Fan *f) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < f->group_count; i++)
    if (f->head[f->groups[i]] != NONE_INDEX) f->groups[kept++] = f->groups[i];
  f->group_count = kept;
}

/* Do holds count here? A cancel goes before them, and no roll back waits for them. */
static bool holds_count(Engine *e, const Fan *f) {
  return e->held.len > 0 && !e->cancelled && !strand_at(e, f->strand)->masked;
}

/* Members that people hold back let the next one go first; of those that are held the order stays as it was. */
static bool unhold_cursor(Engine *e, Fan *f) {
  uint32_t kind = fan_row(e, f)->kind, at = f->next, *items = f->members.items;
  while (at < f->members.len && !member_out(e, kind, items[at]) && member_held(e, kind, items[at])) at++;
  if (at == f->members.len) return false;
  uint32_t first = items[at];
  memmove(&items[f->next + 1], &items[f->next], (at - f->next) * sizeof *items);
  items[f->next] = first;
  return true;
}

static bool unhold_group(Engine *e, Fan *f, uint32_t group) {
  uint32_t kind = fan_row(e, f)->kind, before = NONE_INDEX, at = f->head[group];
  for (; at != NONE_INDEX; before = at, at = f->link[at])
    if (member_out(e, kind, f->members.items[at]) || !member_held(e, kind, f->members.items[at])) break;
  if (at == NONE_INDEX) return false;
  if (before == NONE_INDEX) return true;
  f->link[before] = f->link[at];
  f->link[at] = f->head[group];
  f->head[group] = at;
  return true;
}

/* The first member that may start now, NONE_INDEX: none; *ret_when: the earliest time at which a limit in time lets one. */
static uint32_t next_grouped(Engine *e, Fan *f, int64_t *ret_when) {
  uint32_t best = NONE_INDEX;
  for (uint32_t i = 0; i < f->group_count; i++) {
    uint32_t head = f->head[f->groups[i]];
    if (holds_count(e, f) && head != NONE_INDEX && !unhold_group(e, f, f->groups[i])) continue;
    head = f->head[f->groups[i]];
    if (head == NONE_INDEX || head >= best) continue;
    int64_t when = limits_when(e, f, f->members.items[head], true);
    if (when <= e->now) best = head;
    else if (when < *ret_when) *ret_when = when;
  }
  return best;
}

static uint32_t next_member(Engine *e, Fan *f, int64_t *ret_when) {
  int64_t when = limits_when(e, f, 0, false);
  *ret_when = when > e->now ? when : INT64_MAX;
  if (when > e->now) return NONE_INDEX;
  if (holds_count(e, f) && f->group_kind == NONE_INDEX && !unhold_cursor(e, f)) return NONE_INDEX;
  return f->group_kind == NONE_INDEX ? f->next : next_grouped(e, f, ret_when);
}

static void take_member(Engine *e, Fan *f, uint32_t ordinal) {
  f->left--;
  if (f->group_kind == NONE_INDEX) {
    f->next++;
    return;
  }
  Entity up = fleet_up(e->fleet, fan_row(e, f)->kind, f->members.items[ordinal], f->group_kind);
  uint32_t g = up == ENTITY_NONE ? fleet_count(e->fleet, f->group_kind) : up;
  assert(f->head[g] == ordinal);
  f->head[g] = f->link[ordinal];
  if (f->head[g] == NONE_INDEX) drop_empty_groups(f);
}

/* ---- counts of a step ---- */

static StepCount *step_of(Engine *e, const Fan *f) {
  uint32_t step = fan_row(e, f)->step;
  return step == NONE_INDEX ? NULL : &e->steps[step];
}

static void count_start(Engine *e, const Fan *f) {
  StepCount *c = step_of(e, f);
  if (!c) return;
  c->waiting--;
  c->busy++;
}

static void count_end(Engine *e, const Fan *f, bool was_busy, bool aside) {
  StepCount *c = step_of(e, f);
  if (!c) return;
  if (was_busy) c->busy--;
  else c->waiting--;
  if (aside) c->aside++;
  else c->done++;
}

static void count_back(Engine *e, const Fan *f) {
  StepCount *c = step_of(e, f);
  if (!c) return;
  c->busy--;
  c->waiting++;
}

/* ---- starting ---- */

static void start_member(Engine *e, uint32_t fan, uint32_t ordinal) {
  Fan *f = &e->fans.items[fan];
  const FanRow *row = fan_row(e, f);
  uint32_t member = f->members.items[ordinal];
  take_member(e, f, ordinal);
  if (e->people_aside > 0) aside_passed(e, row->kind, member);
  for (uint32_t i = 0; i < f->limit_count; i++) throttle_start(throttle_for(e, &f->limits[i], row->kind, member), e->now);
  const Strand *parent = strand_at(e, f->strand);
  uint32_t id = strand_new(e, TASK_CODE);
  Strand *s = strand_at(e, id);
  memcpy(s->slots, parent->slots, sizeof s->slots);
  s->slots[row->slot] = member;
  s->pc = row->body;
  s->fan = fan;
  s->member = member;
  s->ordinal = ordinal;
  s->scope = s->base = parent->scope;
  s->masked = parent->masked;
  s->emergency = parent->emergency;
  f->running++;
  count_start(e, f);
  if (!s->emergency) member_claim(e, row->kind, member);
  note(e, NOTE_MEMBER_BEGIN, row->step, row->kind, member, 0, row->line, 0);
  ready_strand(e, id);
}

static void pass_over(Engine *e, uint32_t fan, uint32_t ordinal) {
  Fan *f = &e->fans.items[fan];
  if (e->people_aside > 0) aside_passed(e, fan_row(e, f)->kind, f->members.items[ordinal]);
  take_member(e, f, ordinal);
  f->aside++;
  count_end(e, f, false, true);
}

/* The window has no room left for those that wait: they are healthy, and come again. What the main strand does later rests
 * on what it did before: shorter work, on what contains them, must not begin without them. */
static void keep_out_rest(Engine *e, uint32_t fan) {
  TextId why = text_printf(e, "the window closes before it could be done");
  for (uint32_t ordinal; e->fans.items[fan].left > 0;) {
    Fan *f = &e->fans.items[fan];
    const FanRow *row = fan_row(e, f);
    ordinal = f->group_kind == NONE_INDEX ? f->next : f->head[f->groups[0]];
    uint32_t member = f->members.items[ordinal];
    pass_over(e, fan, ordinal);
    if (member_put_out(e, row->kind, member, MEMBER_KEPT_OUT, why) == NONE_INDEX) continue;
    note(e, NOTE_KEPT_OUT, row->step, row->kind, member, MEMBER_KEPT_OUT, row->line, why);
    if (strand_at(e, f->strand)->fan == NONE_INDEX) e->window_over = true;
  }
}

/* How long the window must be open when a member starts: only those that fit are started, where that is asked for. A hard end
 * asks it of every step, and for the way back, too. */
static int64_t needed_time(Engine *e, const Fan *f) {
  const Strand *outer = strand_at(e, f->strand);
  bool hard = e->frozen->window_hard && outer->fan == NONE_INDEX;
  if (!fan_row(e, f)->fits && !hard) return 0;
  return worst_start(e->vm, outer->pc, f->members.items, f->members.len, outer->slots, hard);
}

static int64_t window_when(Engine *e, Fan *f) {
  const Strand *outer = strand_at(e, f->strand);
  if (outer->masked || e->frozen->opening_count == 0) return e->now;
  if (outer->fan != NONE_INDEX && !fan_row(e, f)->fits) return e->now; /* a member that has started goes on with what it holds */
  if (f->needs < 0) f->needs = needed_time(e, f);
  if (e->window_over && outer->fan == NONE_INDEX) return INT64_MAX;
  return window_open_at(e, f->needs);
}

/* Once per opening that it waits for, and once when that has come: between the two the story would fall silent. */
static void say_window(Engine *e, uint32_t fan, int64_t open) {
  Fan *f = &e->fans.items[fan];
  const FanRow *row = fan_row(e, f);
  int64_t parked = open > e->now ? open : 0;
  if (parked == f->parked || row->step == NONE_INDEX) return;
  const char *step = program_str(e->program, e->program->steps[row->step].name);
  bool shut = parked && window_open_at(e, 0) > e->now;
  TextId text = parked == 0 ? text_printf(e, "step %s goes on: the window is open", step)
                            : text_printf(e, "%s; step %s starts nobody, %u %s left%s",
                                          shut ? "the window is closed" : "what is left of the window is too short for one more", step, f->left,
                                          f->left == 1 ? "is" : "are", e->lockouts.len ? ", every lock stands" : "");
  f->parked = parked;
  note(e, NOTE_WAITING, NONE_INDEX, NONE_INDEX, NONE_INDEX, parked ? parked : e->now, row->line, text);
}

static void start_members(Engine *e, uint32_t fan) {
  Fan *f = &e->fans.items[fan];
  uint32_t kind = fan_row(e, f)->kind;
  bool urgent = strand_at(e, f->strand)->emergency != 0; /* it is about what has left */
  timers_remove(&e->timers, &f->timer);
  if (e->paused && !e->cancelled && !strand_at(e, f->strand)->masked) return; /* going on makes it ready again */
  while (f->left > 0 && !f->stop) {
    int64_t when, open = window_when(e, f);
    if (open == INT64_MAX) {
      keep_out_rest(e, fan);
      return;
    }
    if (embargo_keeps(e, f)) return; /* each reading of it looks again */
    uint32_t next = next_member(e, f, &when);
    if (next != NONE_INDEX && !urgent && member_out(e, kind, f->members.items[next])) {
      pass_over(e, fan, next);
      continue;
    }
    if (open > e->now) when = open;
    say_window(e, fan, open);
    f = &e->fans.items[fan];
    if (open > e->now || next == NONE_INDEX) {
      if (when != INT64_MAX) f->timer = timers_add(&e->timers, when, TIMER_FAN, fan);
      return;
    }
    if (!strand_at(e, f->strand)->masked && tallies_stop(e, fan, f->members.items[next])) return;
    if (!urgent && !risk_taken(e, fan, next)) return;
    start_member(e, fan, next);
    f = &e->fans.items[fan];
  }
}

void fan_pump(Engine *e, uint32_t fan) {
  start_members(e, fan);
  Fan *f = &e->fans.items[fan];
  if (f->running == 0 && (f->stop || f->left == 0)) ready_strand(e, f->strand);
}

void fan_stop(Engine *e, uint32_t fan, StopKind stop, TextId why) {
  Fan *f = &e->fans.items[fan];
  if (f->stop) return;
  if (e->people_aside > 0) aside_passed(e, NONE_INDEX, NONE_INDEX);
  f->stop = (uint8_t)stop;
  f->why = why;
  if (e->program->embargoes_count > 0) queue_wake_all(e, &e->paused_queue); /* who a hold keeps at a safe point finishes */
  ready_fan(e, fan);
}

/* ---- ends ---- */

static MemberState state_at_end(const Engine *e, const Fan *f, const Strand *s, ExitKind how) {
  if (how == EXIT_ROLLED_BACK) return MEMBER_ROLLED_BACK;
  MemberState state = member_state(e, fan_row(e, f)->kind, s->member);
  return state == MEMBER_IN && (how == EXIT_DONE || how == EXIT_END) ? MEMBER_DONE : state;
}

void member_end(Engine *e, uint32_t id, ExitKind how) {
  Strand *s = strand_at(e, id);
  uint32_t fan = s->fan, member = s->member;
  TextId why = s->why;
  Fan *f = &e->fans.items[fan];
  const FanRow *row = fan_row(e, f);
  bool good = (how == EXIT_DONE || how == EXIT_END) && !member_out(e, row->kind, member);
  note(e, NOTE_MEMBER_END, row->step, row->kind, member, state_at_end(e, f, s, how), row->line, why);
  for (uint32_t i = 0; i < f->limit_count; i++) throttle_end(throttle_for(e, &f->limits[i], row->kind, member), false);
  f->running--;
  if (good) f->done++;
  else if (how == EXIT_CANCEL) f->left++; /* it never began */
  else f->aside++;
  if (how == EXIT_CANCEL) count_back(e, f);
  else count_end(e, f, true, !good);
  if (how == EXIT_ROLLED_BACK) {
    tally_lost(e, row->kind, member, NONE_INDEX);
    tolerance_count(e, id, row->kind, member, NONE_INDEX, why);
  }
  if (how == EXIT_FAIL || how == EXIT_REFUSED || how == EXIT_STALE) fan_stop(e, fan, STOP_FAIL, why);
  risk_over(e, f, member);
  if (good) release_early(e, fan, member);
  strand_free(e, id);
  ready_fan(e, fan);
}

void fan_free(Engine *e, uint32_t fan) {
  Fan *f = &e->fans.items[fan];
  timers_remove(&e->timers, &f->timer);
  for (uint32_t i = 0; i < f->limit_count; i++) {
    for (uint32_t j = 0; j < f->limits[i].count; j++) throttle_done(&f->limits[i].throttles[j]);
    free(f->limits[i].throttles);
  }
  tolerances_close(f);
  free(f->limits);
  free(f->link);
  free(f->head);
  free(f->groups);
  vec_done(&f->members);
  bool ready = f->ready;
  *f = (Fan){.timer = TIMER_NONE, .ready = ready};
  vec_push(&e->spare_fans, fan);
}

/* ---- the instruction ---- */

static uint32_t new_fan(Engine *e) {
  if (e->spare_fans.len) return e->spare_fans.items[--e->spare_fans.len];
  vec_push(&e->fans, ((Fan){.timer = TIMER_NONE}));
  return e->fans.len - 1;
}

static const FanRow *row_of(const Engine *e, const Strand *s) { return &e->program->fans[strand_op_a(e, s)]; }

static void collect_members(Engine *e, Strand *s, CodeRef region) {
  e->scratch.len = 0;
  vm_collect(e->vm, region, s->slots, LIMIT_SLOTS, &e->scratch);
}

static void ask_members(Engine *e, Strand *s) { collect_members(e, s, row_of(e, s)->sense); }

static void take_members(Engine *e, Fan *f, const FanRow *row, Strand *s) {
  collect_members(e, s, row->members);
  for (uint32_t i = 0; i < e->scratch.len; i++)
    if (s->emergency || !member_out(e, row->kind, e->scratch.items[i])) vec_push(&f->members, e->scratch.items[i]);
  fan_order(e, row, s, &f->members);
}

static void open_fan(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const FanRow *row = row_of(e, s);
  uint32_t fan = new_fan(e);
  Fan *f = &e->fans.items[fan];
  bool ready = f->ready;
  *f = (Fan){.row = strand_op_a(e, s), .strand = id, .timer = TIMER_NONE, .group_kind = NONE_INDEX, .used = 1, .needs = -1, .ready = ready};
  take_members(e, f, row, s);
  f->left = f->members.len;
  open_limits(e, f, row, s);
  tolerances_open(e, f, row, s);
  if (e->uncounted.len > 0 && s->fan == NONE_INDEX && !row->inner && !s->emergency) aside_counts(e, fan);
  if (f->group_kind != NONE_INDEX) chain_members(e, f);
  if (step_of(e, f)) {
    step_of(e, f)->total += f->members.len;
    step_of(e, f)->waiting += f->members.len;
  }
  s->job = fan;
  s->phase = FAN_RUN;
  uint32_t guard = tripped_guard(e, s);
  if (e->cancelled && !s->masked && s->fan == NONE_INDEX) fan_stop(e, fan, STOP_CANCEL, e->reason);
  if (guard != NONE_INDEX) fan_stop(e, fan, STOP_GUARD, e->scopes.items[guard].why);
  ready_fan(e, fan);
}

static Flow close_fan(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Fan *f = &e->fans.items[s->job];
  const FanRow *row = fan_row(e, f);
  StopKind stop = (StopKind)f->stop;
  TextId why = f->why;
  if (stop && step_of(e, f)) {
    step_of(e, f)->ended = 1;
    note(e, NOTE_STEP_END, row->step, NONE_INDEX, NONE_INDEX, OUT_FAILED, row->line, why);
  }
  risks_close(e, s->job);
  fan_free(e, s->job);
  s->job = NONE_INDEX;
  switch (stop) {
    case STOP_NOT: return flow_next(e, s);
    case STOP_FAIL: return flow_exit(s, EXIT_FAIL, why);
    case STOP_CANCEL: return flow_exit(s, EXIT_CANCEL, why);
    case STOP_GUARD: return flow_exit(s, EXIT_GUARD, why);
    case STOP_TOLERANCE: break;
  }
  if (!row->on_stop) return flow_exit(s, EXIT_FAIL, why);
  s->pc = row->on_stop;
  s->phase = 0;
  return FLOW_ON;
}

Flow op_fan(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == FAN_NEW) {
    if (row_of(e, s)->sense) {
      sense_begin(e, s);
      s->phase = FAN_SENSE;
    } else {
      open_fan(e, id);
      return FLOW_WAIT;
    }
  }
  if (s->phase == FAN_SENSE) {
    if (s->outstanding > 0 || !sense_round(e, id, ask_members)) return FLOW_WAIT;
    open_fan(e, id);
    return FLOW_WAIT;
  }
  const Fan *f = &e->fans.items[s->job];
  if (f->running > 0 || (f->left > 0 && !f->stop) || risks_open(e, f)) return FLOW_WAIT;
  return close_fan(e, id);
}
