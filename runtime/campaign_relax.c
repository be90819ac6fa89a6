/* campaign_relax: which single line would have to say something else. Each number is turned as little as it must be, and the
 * campaign is planned with it: what is offered is a calendar that was found, not a guess. */
#include <config.h>

#include "runtime/campaign_plan.h"

#define TRIES 60u          /* orders looked at per trial: a trial that fails costs all of them */
#define MOST_RELAXATIONS (CAMPAIGN_RULES * 2 + 8)

typedef struct Trials {
  const CampaignPlan *plan;
  const CampaignFacts *f;
  const Slip *slip;
  uint32_t deadline;       /* days */
  Relaxation *found;
  uint32_t count;
  uint32_t days;           /* of the last trial that was possible */
} Trials;

/* Is there a calendar until the deadline? The bound says no quickly. */
static bool possible(Trials *t, const CampaignLevers *l) {
  Arena *arena = arena_new();
  DiagSink *quiet = diag_sink_new(arena, NULL);
  Remaining left;
  CampaignLevers within = *l;
  within.days = t->deadline;
  bool ok = campaign_remaining(t->f, campaign_problem(t->f, &within, arena), t->slip, arena, quiet, &left);
  CampaignBound bound = ok ? campaign_bound(left.problem, arena) : (CampaignBound){CAMPAIGN_NEVER, CAMPAIGN_FREE, 0, ""};
  ok = ok && bound.days != CAMPAIGN_NEVER && bound.days <= t->deadline;
  if (ok) {
    const CampaignCalendar *c = campaign_plan(left.problem, TRIES, false, arena);
    ok = c->unplaced == 0;
    t->days = c->days;
  }
  arena_free(arena);
  return ok;
}

static void offer(Trials *t, LeverKind kind, uint32_t rule, uint32_t from, uint32_t to) {
  double change = from && from != CAMPAIGN_NEVER ? (double)to / from - 1 : 1;
  Relaxation r = {kind, rule, from, to, t->days, change};
  uint32_t at = t->count++;
  for (; at > 0 && t->found[at - 1].change > change; at--) t->found[at] = t->found[at - 1];
  t->found[at] = r;
}

/* The least value from low + 1 to high with which it is possible; more helps, or does no harm. */
static void turn(Trials *t, LeverKind kind, uint32_t rule, CampaignLevers *l, uint32_t *value, uint32_t high) {
  uint32_t from = *value, low = from, days = 0, best = CAMPAIGN_NEVER;
  if (from >= high) return;
  *value = high;
  if (!possible(t, l)) {
    *value = from;
    return;
  }
  for (best = high, days = t->days; high - low > 1;) {
    uint32_t mid = low + (high - low) / 2;
    *value = mid;
    if (possible(t, l)) best = high = mid, days = t->days;
    else low = mid;
  }
  *value = from;
  t->days = days;
  offer(t, kind, rule, from, best);
}

/* A share matters by the days that it takes: those are tried, one less each time, with the share in tenths of a percent. */
static void turn_share(Trials *t, uint32_t rule, CampaignLevers *l) {
  uint32_t from = l->share[rule];
  for (uint32_t visits = (1000000 + from - 1) / from; visits-- > 1;) {
    uint32_t share = ((1000000 + visits - 1) / visits + 999) / 1000 * 1000;
    if (share <= from) continue;
    l->share[rule] = share > 1000000 ? 1000000 : share;
    if (!possible(t, l)) continue;
    offer(t, LEVER_SHARE, rule, from, l->share[rule]);
    break;
  }
  l->share[rule] = from;
}

/* Whole percents. */
static void turn_spread(Trials *t, uint32_t rule, CampaignLevers *l) {
  uint32_t from = l->share[rule];
  for (uint32_t low = from / 10000, high = 100; low < high;) {
    uint32_t mid = (low + high) / 2;
    l->share[rule] = (mid + 1) * 10000 > 1000000 ? 1000000 : (mid + 1) * 10000;
    if (possible(t, l)) high = mid;
    else low = mid + 1;
    if (low != high) continue;
    l->share[rule] = (low + 1) * 10000 > 1000000 ? 1000000 : (low + 1) * 10000;
    if (l->share[rule] > from && possible(t, l)) offer(t, LEVER_SPREAD, rule, from, l->share[rule]);
  }
  l->share[rule] = from;
}

static void turn_rules(Trials *t, CampaignLevers *l) {
  for (uint32_t i = 0; i < t->f->row->rules.count; i++) {
    switch ((CampaignRuleForm)t->f->program->campaign_rules[t->f->row->rules.first + i].form) {
    case CAMPAIGN_RULE_ROLL: turn_share(t, i, l); break;
    case CAMPAIGN_RULE_SPREAD: turn_spread(t, i, l); break;
    case CAMPAIGN_RULE_STARTS: case CAMPAIGN_RULE_AT_WORK:
      turn(t, LEVER_MOST, i, l, &l->most[i], t->f->count);
      if (l->then[i] != CAMPAIGN_NEVER && l->until[i] != CAMPAIGN_NEVER) turn(t, LEVER_THEN, i, l, &l->then[i], t->f->count);
      break;
    case CAMPAIGN_RULE_COUNT: break;
    }
  }
}

static uint32_t all_nodes(const CampaignFacts *f) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < f->count; i++) sum += f->members[i].nodes;
  return sum > INT32_MAX ? INT32_MAX : (uint32_t)sum;
}

static void turn_pace(Trials *t, CampaignLevers *l) {
  uint32_t all = all_nodes(t->f);
  if (l->per_day != CAMPAIGN_NEVER) turn(t, LEVER_PER_DAY, 0, l, &l->per_day, all);
  if (l->at_once != CAMPAIGN_NEVER) turn(t, LEVER_AT_ONCE, 0, l, &l->at_once, all);
  if (l->rate != CAMPAIGN_NEVER) turn(t, LEVER_RATE, 0, l, &l->rate, all > l->rate ? all : l->rate);
  if (l->phases == PHASE_BY_START) return;
  l->phases = PHASE_BY_START;
  if (possible(t, l)) offer(t, LEVER_PHASES, 0, 0, 1);
  l->phases = PHASE_BY_FINISH;
}

static void turn_all(Trials *t, CampaignLevers *l) {
  turn_rules(t, l);
  turn_pace(t, l);
}

void campaign_relax(CampaignPlan *plan, const Slip *slip, Arena *arena) {
  const CampaignFacts *f = plan->facts;
  Trials t = {.plan = plan, .f = f, .slip = slip, .deadline = f->deadline == CAMPAIGN_NEVER ? f->levers.days : f->deadline};
  CampaignLevers l = f->levers;
  t.found = arena_new_array(arena, Relaxation, MOST_RELAXATIONS);
  turn_all(&t, &l);
  if (t.count == 0 && plan->verdict == CAMPAIGN_CANNOT && t.deadline < f->levers.days) {
    t.deadline = f->levers.days;
    turn_all(&t, &l);
    plan->relaxed_late = t.count > 0;
  }
  t.days = plan->days;
  if (plan->verdict == CAMPAIGN_MISSES) offer(&t, LEVER_DEADLINE, 0, f->deadline, plan->days);
  plan->relaxations = t.found;
  plan->relaxation_count = t.count;
}
