/* campaign_make: the best calendar that is found, laid out visit by visit. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <string.h>

#define TRIES 2000u  /* orders looked at: well under a second at 72 clusters */

static uint32_t today_of(const CampaignFacts *f, const Slip *slip) {
  if (!slip->published || slip->today <= f->first) return 0;
  return (uint32_t)(slip->today - f->first);
}

/* ---- visits ---- */

static uint32_t cluster_of(const CampaignPlan *plan, uint32_t member) {
  for (uint32_t i = 0; i < plan->problem->count; i++)
    if (plan->of_member[i] == member) return i;
  return CAMPAIGN_NEVER;
}

typedef struct Layout { CampaignPlan *plan; const Slip *slip; const CampaignProblem *all; CalendarVisit *visits; CalendarMember *members; Arena *arena; } Layout;

static void add_visit(Layout *l, uint32_t member, uint32_t number, uint32_t day, const PublishedVisit *before) {
  CampaignPlan *plan = l->plan;
  const CampaignCluster *c = &l->all->clusters[member];
  uint32_t behind = (number - 1) * c->out, left = c->nodes > behind ? c->nodes - behind : 0;
  CalendarVisit *v = &l->visits[plan->visit_count++];
  *v = (CalendarVisit){.member = member, .number = number, .day = day, .nodes = left < c->out ? left : c->out, .before = CAMPAIGN_NEVER,
                       .past = day < plan->today};
  l->members[member].visit_count++;
  if (!before) return;
  v->before = before->date < plan->facts->first ? 0 : (uint32_t)(before->date - plan->facts->first);
  v->sequence = before->sequence + (v->before != day);
  if (v->before != day) l->members[member].moved = true;
}

static const PublishedVisit *numbered(const PublishedVisit *const *had, uint32_t count, uint32_t number) {
  for (uint32_t i = 0; i < count; i++)
    if (had[i]->number == number) return had[i];
  return NULL;
}

/* Those behind are as they were published, the others as planned. */
static void lay_member(Layout *l, uint32_t member) {
  CampaignPlan *plan = l->plan;
  const MemberFacts *m = &plan->facts->members[member];
  uint32_t had_count = 0, number = 1, cluster = cluster_of(plan, member);
  const PublishedVisit *const *had = campaign_published_of(l->slip, m, l->arena, &had_count);
  CalendarMember *k = &l->members[member];
  *k = (CalendarMember){.first_visit = plan->visit_count};
  uint32_t done = campaign_done_of(plan->facts, l->slip, m, l->arena, &k->failed);
  if (done > l->all->clusters[member].visits) done = l->all->clusters[member].visits;
  for (; number <= done; number++) add_visit(l, member, number, (uint32_t)(had[number - 1]->date - plan->facts->first), had[number - 1]);
  if (cluster == CAMPAIGN_NEVER || plan->calendar->start[cluster] == CAMPAIGN_NEVER) return;
  const CampaignCluster *c = &plan->problem->clusters[cluster];
  uint32_t left = c->visits;
  for (uint32_t day = plan->calendar->start[cluster]; left > 0; day++) {
    if (!c->open[day]) continue;
    add_visit(l, member, number, day, numbered(had, had_count, number));
    number++;
    left--;
  }
}

static void lay_out(CampaignPlan *plan, const CampaignProblem *all, const Slip *slip, Arena *arena) {
  uint32_t most = 0;
  for (uint32_t i = 0; i < all->count; i++) most += all->clusters[i].visits;
  Layout l = {plan, slip, all, arena_new_array(arena, CalendarVisit, most), arena_new_array(arena, CalendarMember, all->count), arena};
  plan->visits = l.visits;
  plan->members = l.members;
  for (uint32_t i = 0; i < all->count; i++) {
    lay_member(&l, i);
    plan->moved += l.members[i].moved;
    plan->failed_count += l.members[i].failed;
  }
}

/* ---- days ---- */

static void count_days(CampaignPlan *plan, Arena *arena) {
  for (uint32_t i = 0; i < plan->visit_count; i++)
    if (plan->visits[i].day + 1 > plan->days) plan->days = plan->visits[i].day + 1;
  uint32_t *out = arena_new_array(arena, uint32_t, plan->days);
  CampaignWhy *binds = arena_new_array(arena, CampaignWhy, plan->days);
  for (uint32_t i = 0; i < plan->visit_count; i++) out[plan->visits[i].day] += plan->visits[i].nodes;
  for (uint32_t day = 0; day < plan->days; day++) {
    binds[day] = day < plan->today ? (CampaignWhy){CAMPAIGN_FREE, 0, day} : campaign_binds(plan->problem, plan->calendar, day, arena);
    if (out[day] <= plan->peak) continue;
    plan->peak = out[day];
    plan->peak_day = day;
  }
  plan->out = out;
  plan->binds = binds;
}

/* ---- what is not in it any more ---- */

static bool has_member(const CampaignFacts *f, const char *name) {
  for (uint32_t i = 0; i < f->count; i++)
    if (strcmp(f->members[i].name, name) == 0) return true;
  return false;
}

static void find_gone(CampaignPlan *plan, const Slip *slip, Arena *arena) {
  const Published *p = slip->published;
  const char **gone = arena_new_array(arena, const char *, p ? p->count : 0);
  for (uint32_t i = 0; p && i < p->count; i++) {
    const char *name = p->visits[i].member;
    if (has_member(plan->facts, name) || (plan->gone_count && strcmp(gone[plan->gone_count - 1], name) == 0)) continue;
    gone[plan->gone_count++] = name;
  }
  plan->gone = gone;
}

static CampaignVerdict judge(const CampaignPlan *plan) {
  const CampaignFacts *f = plan->facts;
  if (plan->failed_count >= f->stop) return CAMPAIGN_STOPPED;
  if (plan->calendar->unplaced) return CAMPAIGN_CANNOT;
  return plan->days <= f->deadline ? CAMPAIGN_MEETS : CAMPAIGN_MISSES;
}

const CampaignPlan *campaign_make(const CampaignFacts *f, const Slip *slip, Arena *arena, DiagSink *sink) {
  CampaignPlan *plan = arena_new_object(arena, CampaignPlan);
  const CampaignProblem *all = campaign_problem(f, &f->levers, arena);
  Remaining left;
  if (!campaign_remaining(f, all, slip, arena, sink, &left)) return NULL;
  *plan = (CampaignPlan){.facts = f, .problem = left.problem, .of_member = left.of_member, .published = slip->published, .today = today_of(f, slip)};
  plan->calendar = campaign_plan(plan->problem, TRIES, slip->published != NULL, arena);
  lay_out(plan, all, slip, arena);
  count_days(plan, arena);
  find_gone(plan, slip, arena);
  plan->verdict = judge(plan);
  if (plan->verdict == CAMPAIGN_MISSES || plan->verdict == CAMPAIGN_CANNOT) campaign_relax(plan, slip, arena);
  return plan;
}
