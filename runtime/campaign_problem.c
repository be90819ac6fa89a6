/* campaign_problem: from facts and levers to what the planner is asked. Shares are rounded so that every rule is kept: what a day
 * does of a member up, what a group may have out down. */
#include <config.h>

#include "runtime/campaign_facts.h"

#include <string.h>

uint32_t campaign_a_day(uint32_t nodes, uint32_t share) { return (uint32_t)(((uint64_t)nodes * share + 999999) / 1000000); }

uint32_t campaign_visits(uint32_t nodes, uint32_t share) {
  uint32_t by_share = (1000000 + share - 1) / share, a_day = campaign_a_day(nodes, share), by_nodes = (nodes + a_day - 1) / a_day;
  return by_nodes < by_share ? by_nodes : by_share; /* rounding up may leave nothing for the last one */
}

static bool fits_into(const CampaignFacts *f, const MemberFacts *m, uint32_t day) {
  const DayWindow *w = &m->windows[day];
  return w->close > w->open && (!f->hard || m->takes <= w->close - w->open);
}

/* ms of a day in which a node may go through: of the shortest window that is open on it, with the longest visit. */
static int64_t usable(const CampaignFacts *f, uint32_t day) {
  int64_t least = INT64_MAX;
  for (uint32_t i = 0; i < f->count; i++) {
    const MemberFacts *m = &f->members[i];
    if (!fits_into(f, m, day)) continue;
    int64_t left = m->windows[day].close - m->windows[day].open - (f->hard ? m->takes : 0);
    if (left < least) least = left;
  }
  return least == INT64_MAX ? 0 : least;
}

uint32_t campaign_room(const CampaignFacts *f, const CampaignLevers *levers, uint32_t day, RoomRule *ret_rule) {
  uint32_t room = levers->per_day;
  *ret_rule = ROOM_PER_DAY;
  if (levers->at_once < room) room = levers->at_once, *ret_rule = ROOM_AT_ONCE;
  if (levers->rate == CAMPAIGN_NEVER) return room;
  uint64_t through = (uint64_t)levers->rate * (uint64_t)usable(f, day) / (uint64_t)f->rate_per;
  if (through < room) room = (uint32_t)through, *ret_rule = ROOM_RATE;
  return room;
}

static const uint8_t *open_days(const CampaignFacts *f, const MemberFacts *m, uint32_t days, Arena *arena) {
  uint8_t *open = arena_new_array(arena, uint8_t, days);
  for (uint32_t i = 0; i < days; i++) open[i] = fits_into(f, m, i);
  return open;
}

/* As it is written, without its word. */
static const char *limit_text(const char *text) { return strncmp(text, "limit ", 6) == 0 ? text + 6 : text; }

static void fill_limits(const CampaignFacts *f, const CampaignLevers *l, CampaignProblem *p, Arena *arena) {
  CampaignLimit *limits = arena_new_array(arena, CampaignLimit, f->row->rules.count);
  for (uint32_t i = 0; i < f->row->rules.count; i++) {
    const CampaignRuleRow *r = &f->program->campaign_rules[f->row->rules.first + i];
    uint32_t *most = arena_new_array(arena, uint32_t, p->days);
    bool counts = r->form == CAMPAIGN_RULE_STARTS || r->form == CAMPAIGN_RULE_AT_WORK;
    for (uint32_t day = 0; day < p->days; day++) most[day] = !counts ? CAMPAIGN_NEVER : day < l->until[i] ? l->most[i] : l->then[i];
    limits[i] = (CampaignLimit){most, r->form == CAMPAIGN_RULE_STARTS, limit_text(program_str(f->program, r->text))};
  }
  p->limits = limits;
  p->limit_count = f->row->rules.count;
}

static void fill_groups(const CampaignFacts *f, const CampaignLevers *l, CampaignProblem *p, Arena *arena) {
  CampaignGroup *groups = arena_new_array(arena, CampaignGroup, f->group_count);
  for (uint32_t g = 0; g < f->group_count; g++)
    groups[g] = (CampaignGroup){f->groups[g].name, f->groups[g].nodes,
                                (uint32_t)((uint64_t)f->groups[g].nodes * l->share[f->groups[g].rule] / 1000000)};
  p->groups = groups;
  p->group_count = f->group_count;
}

const CampaignProblem *campaign_problem(const CampaignFacts *f, const CampaignLevers *l, Arena *arena) {
  CampaignProblem *p = arena_new_object(arena, CampaignProblem);
  CampaignCluster *clusters = arena_new_array(arena, CampaignCluster, f->count);
  uint32_t *room = arena_new_array(arena, uint32_t, l->days);
  const uint8_t *open = NULL;
  RoomRule rule;
  *p = (CampaignProblem){.clusters = clusters, .count = f->count, .days = l->days, .room = room, .phases = f->phases, .rule = l->phases};
  for (uint32_t day = 0; day < l->days; day++) room[day] = campaign_room(f, l, day, &rule);
  for (uint32_t i = 0; i < f->count; i++) {
    const MemberFacts *m = &f->members[i], *before = i ? m - 1 : NULL;
    bool whole = m->roll == CAMPAIGN_NEVER;
    if (!before || before->windows != m->windows || before->takes != m->takes) open = open_days(f, m, l->days, arena);
    clusters[i] = (CampaignCluster){.name = m->name, .nodes = m->nodes, .phase = m->phase, .group = m->group, .classes = m->classes,
                                    .open = open, .published = CAMPAIGN_NEVER};
    clusters[i].visits = whole ? 1 : campaign_visits(m->nodes, l->share[m->roll]);
    clusters[i].out = whole ? m->nodes : campaign_a_day(m->nodes, l->share[m->roll]);
  }
  fill_limits(f, l, p, arena);
  fill_groups(f, l, p, arena);
  return p;
}
