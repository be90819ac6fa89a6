/* judge_limits: every limit counted again, from what began and what was sent. */
#include <config.h>

#include "tests/sim/judge.h"

#include "runtime/engine_state.h"

/* ---- fans ---- */

static int64_t amount_of(Judge *j, CodeRef region, const Strand *s) {
  return vm_value(j->engine->vm, region, s->slots, LIMIT_SLOTS);
}

static uint32_t under_way(const Judge *j, uint32_t fan, uint32_t kind, uint32_t group, Entity of) {
  Engine *e = j->engine;
  uint32_t n = 0;
  for (uint32_t id = 0; id < e->strand_count; id++) {
    const Strand *s = strand_at(e, id);
    if (s->task != TASK_CODE || s->fan != fan) continue;
    n += group == NONE_INDEX || fleet_up(j->fleet, kind, s->member, group) == of;
  }
  return n;
}

static void hold_fan(Judge *j, uint32_t fan, const LimitRow *limit, uint32_t most) {
  const Fan *f = &j->engine->fans.items[fan];
  const FanRow *row = &j->program->fans[f->row];
  uint32_t group = limit ? limit->group : NONE_INDEX, groups = group == NONE_INDEX ? 1 : fleet_count(j->fleet, group);
  for (uint32_t g = 0; g < groups; g++) {
    uint32_t n = under_way(j, fan, row->kind, group, g);
    if (n > most) judge_break(j, "AT_ONCE", "%u members of the fan of line %u are under way, at most %u may be", n, row->line, most);
  }
}

static void hold_fans(Judge *j) {
  for (uint32_t i = 0; i < j->engine->fans.len; i++) {
    const Fan *f = &j->engine->fans.items[i];
    if (!f->used || !f->limits) continue;
    const FanRow *row = &j->program->fans[f->row];
    const Strand *parent = strand_at(j->engine, f->strand);
    if (row->limits.count == 0) hold_fan(j, i, NULL, 1);
    for (uint32_t l = 0; l < row->limits.count; l++) {
      const LimitRow *limit = &j->program->limits[row->limits.first + l];
      int64_t amount = limit->rule == LIMIT_RULE_AT_ONCE ? amount_of(j, limit->amount, parent) : INT64_MAX;
      if (amount < INT32_MAX) hold_fan(j, i, limit, amount < 1 ? 1 : (uint32_t)amount);
    }
  }
}

static uint32_t fan_of(const Judge *j, const Note *n) {
  for (uint32_t i = 0; i < j->program->fans_count; i++) {
    const FanRow *row = &j->program->fans[i];
    if (row->line == n->line && row->kind == n->kind_of_entity && row->step == n->subject) return i;
  }
  return NONE_INDEX;
}

/* Of the fan of this member, so far. */
static void hold_rate(Judge *j, uint32_t fan, const LimitRow *limit, const Note *n) {
  const FanRow *row = &j->program->fans[fan];
  int64_t most = amount_of(j, limit->amount, strand_at(j->engine, j->engine->main)), count = 0;
  for (uint32_t i = j->begun.len; i > 0; i--) {
    const Begun *b = &j->begun.items[i - 1];
    if (b->fan != fan || b->at <= n->at - limit->per) continue;
    if (limit->group == NONE_INDEX ||
        fleet_up(j->fleet, row->kind, b->member, limit->group) == fleet_up(j->fleet, row->kind, n->entity, limit->group))
      count++;
  }
  if (count > (most < 1 ? 1 : most))
    judge_break(j, "RATE", "%lld members of the fan of line %u began within its span, at most %lld may", (long long)count, row->line, (long long)most);
}

static int64_t tolerated(Judge *j, uint32_t tolerance) {
  for (uint32_t i = 0; i < j->tolerated.len; i++)
    if (j->tolerated.items[i].tolerance == tolerance) return j->tolerated.items[i].most;
  int64_t most = amount_of(j, j->program->tolerances[tolerance].amount, strand_at(j->engine, j->engine->main));
  vec_push(&j->tolerated, ((Tolerated){tolerance, most}));
  return most;
}

/* Only what is set aside still: a person may have taken it back. Per fleet: in the whole run, and by others. */
static void hold_tolerance(Judge *j, uint32_t fan, uint32_t tolerance, const Note *n) {
  const FanRow *row = &j->program->fans[fan];
  const ToleranceRow *t = &j->program->tolerances[tolerance];
  bool fleet = t->reach == REACH_FLEET;
  if (t->each || t->unit != row->kind || t->group != NONE_INDEX || t->reach == REACH_DAY || (fleet && j->back)) return;
  int64_t most = tolerated(j, tolerance), count = fleet ? j->others : 0;
  for (uint32_t i = 0; i < j->aside.len; i++) {
    const Note *a = &j->aside.items[i];
    bool here = fleet;
    for (uint32_t b = 0; b < j->begun.len && !here; b++)
      here = j->begun.items[b].fan == fan && j->begun.items[b].member == a->entity && j->begun.items[b].at <= a->at;
    count += here && a->kind_of_entity == row->kind && a->at < n->at && engine_member(j->engine, row->kind, a->entity, NULL) == MEMBER_SET_ASIDE;
  }
  if (count > most)
    judge_break(j, "TOLERANCE", "%s began, and %lld had been set aside, at most %lld may be: line %u", fleet_name(j->fleet, row->kind, n->entity),
                (long long)count, (long long)most, row->line);
}

static void hold_window(Judge *j, const FanRow *row, const Note *n) {
  const Frozen *f = j->frozen;
  bool open = f->opening_count == 0;
  for (uint32_t i = 0; i < f->opening_count && !open; i++) open = n->at >= f->openings[i].open && n->at < f->openings[i].close;
  if (!open) judge_break(j, "WINDOW", "%s began at %lld ms, when the window was closed: line %u", fleet_name(j->fleet, row->kind, n->entity), (long long)n->at, row->line);
}

void limits_begun(Judge *j, const Note *n) {
  uint32_t fan = fan_of(j, n);
  if (fan == NONE_INDEX) return;
  const FanRow *row = &j->program->fans[fan];
  vec_push(&j->begun, ((Begun){fan, n->entity, n->at}));
  if (!j->back && !row->inner && row->step != NONE_INDEX) hold_window(j, row, n); /* what is in no step is an emergency's */
  if (row->inner) return; /* there is one of it per member of the outer fan */
  for (uint32_t l = 0; l < row->limits.count; l++) {
    const LimitRow *limit = &j->program->limits[row->limits.first + l];
    if (limit->rule == LIMIT_RULE_PER_TIME) hold_rate(j, fan, limit, n);
  }
  for (uint32_t t = 0; t < row->tolerances.count; t++) hold_tolerance(j, fan, row->tolerances.first + t, n);
}

/* ---- services ---- */

static bool goes_through(const Judge *j, uint32_t action, uint32_t service) {
  Slice s = j->program->actions[action].services;
  for (uint32_t i = 0; i < s.count; i++)
    if (j->program->index_list[s.first + i] == service) return true;
  return false;
}

static bool gives_up(const Judge *j, uint32_t action, uint32_t service) {
  return j->program->services[service].overdue > 0 && j->program->actions[action].takes_high > 0;
}

/* Both are of one group of the service's, or it has none. */
static bool same_group(const Judge *j, uint32_t group, uint32_t kind, uint32_t entity, const Command *c) {
  if (group == NONE_INDEX) return true;
  Entity a = kind == NONE_INDEX ? ENTITY_NONE : fleet_up(j->fleet, kind, entity, group);
  return a == (c->kind_of_entity == NONE_INDEX ? ENTITY_NONE : fleet_up(j->fleet, c->kind_of_entity, c->entity, group));
}

/* What an emergency sends counts, and does not wait. */
static bool of_emergency(const Judge *j, const Command *c) {
  for (uint32_t id = 0; id < j->engine->strand_count; id++)
    if (strand_at(j->engine, id)->command == c->id && strand_at(j->engine, id)->emergency) return true;
  return false;
}

static void hold_service(Judge *j, uint32_t service, const Command *c) {
  const ServiceRow *row = &j->program->services[service];
  if (of_emergency(j, c)) return;
  uint32_t working = 0, overdue = 0, sent = 0;
  for (uint32_t i = 0; i < j->flying.len; i++) {
    const Flying *f = &j->flying.items[i];
    if (!goes_through(j, f->action, service) || !same_group(j, row->group, f->kind, f->entity, c)) continue;
    bool late = gives_up(j, f->action, service) && c->issued - f->sent >= j->program->actions[f->action].takes_high;
    overdue += late, working += !late;
  }
  for (uint32_t i = 0; i < j->services.len; i++)
    sent += j->services.items[i].service == service && j->services.items[i].at > c->issued - row->per;
  const char *name = program_str(j->program, row->name);
  if (row->in_flight && working > row->in_flight) judge_break(j, "PLACES", "%u calls work in %s, at most %u may", working, name, row->in_flight);
  if (row->in_flight && row->overdue && overdue >= row->overdue + row->in_flight && !c->again) /* those that work may all become so */
    judge_break(j, "PLACES", "a call is sent through %s while %u are overdue, at most %u may be", name, overdue, row->overdue);
  if (row->per > 0 && row->amount && sent > row->amount) judge_break(j, "RATE", "%u calls through %s within its span, at most %u may", sent, name, row->amount);
}

/* ---- the budget ---- */

static void take_out(Judge *j, const Command *c) {
  const Budget *b = &j->engine->budget;
  Slice makes = j->program->actions[c->subject].makes;
  EntityVec who = {0};
  for (uint32_t i = 0; b->kind != NONE_INDEX && i < makes.count; i++) {
    const EffectRow *row = &j->program->effects[makes.first + i];
    if (row->fact != b->service || row->kind != b->kind || row->values.count == 0) continue;
    if (j->program->index_list[row->values.first] == (uint32_t)b->in_service) continue;
    who.len = 0;
    vm_collect(j->engine->vm, row->targets, c->args, c->arg_count, &who);
    for (uint32_t k = 0; k < who.len; k++) j->out[who.items[k]] = c->id;
  }
  vec_done(&who);
}

static void hold_budget(Judge *j) {
  const Budget *b = &j->engine->budget;
  uint32_t out = 0;
  if (b->kind == NONE_INDEX || j->program->budgets_count == 0) return;
  for (uint32_t e = 0; e < fleet_count(j->fleet, b->kind); e++) out += j->out[e] != 0;
  Slice limits = j->program->budgets[0].limits;
  for (uint32_t i = 0; i < limits.count; i++) {
    const LimitRow *limit = &j->program->limits[limits.first + i];
    if (limit->rule != LIMIT_RULE_AT_ONCE) continue;
    int64_t most = amount_of(j, limit->amount, strand_at(j->engine, j->engine->main));
    if (out > most) judge_break(j, "BUDGET", "%u are out of service, at most %lld may be", out, (long long)most);
  }
}

static int64_t sent_first(const Judge *j, const Command *c) {
  for (uint32_t i = 0; i < j->cut_off.len; i++)
    if (j->cut_off.items[i].id == c->id) return j->cut_off.items[i].sent;
  return c->issued;
}

void limits_sent(Judge *j, const Command *c) {
  for (uint32_t s = 0; s < j->program->services_count; s++) {
    if (!goes_through(j, c->subject, s)) continue;
    if (!c->again) vec_push(&j->services, ((SentAt){s, c->kind_of_entity, c->entity, c->issued})); /* what a death has cut off is sent once more, and counts once */
  }
  vec_push(&j->flying, ((Flying){c->id, c->subject, c->kind_of_entity, c->entity, sent_first(j, c)}));
  for (uint32_t s = 0; s < j->program->services_count; s++)
    if (goes_through(j, c->subject, s)) hold_service(j, s, c);
  take_out(j, c);
  hold_budget(j);
}

void limits_event(Judge *j, int64_t now) {
  (void)now;
  hold_fans(j);
}
