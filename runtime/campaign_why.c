/* campaign_why: the rule that keeps a cluster from a day, everything else where it is. */
#include <config.h>

#include "runtime/campaign_days.h"

/* Phases: may this cluster begin at that day, with all others where they are? */
static bool phase_bars(const CampaignProblem *p, const CampaignCalendar *calendar, uint32_t cluster, uint32_t day) {
  for (uint32_t i = 0; i < p->count; i++) {
    uint32_t last = calendar->start[i];
    if (p->clusters[i].phase >= p->clusters[cluster].phase || last == CAMPAIGN_NEVER) continue;
    if (p->rule == PHASE_BY_FINISH) campaign_span(p, i, calendar->start[i], &last);
    if (last > day) return true;
  }
  return false;
}

static void load_days(CampaignDays *d, const CampaignProblem *p, const CampaignCalendar *calendar, Arena *arena) {
  campaign_days_new(d, p, arena);
  for (uint32_t i = 0; i < p->count; i++)
    if (calendar->start[i] != CAMPAIGN_NEVER) campaign_days_put(d, i, calendar->start[i]);
}

static CampaignWhy why_at(CampaignDays *d, const CampaignCalendar *calendar, uint32_t cluster, uint32_t day) {
  const CampaignProblem *p = d->p;
  bool placed = calendar->start[cluster] != CAMPAIGN_NEVER;
  if (placed) campaign_days_take(d, cluster, calendar->start[cluster]);
  CampaignWhy why = campaign_days_fit(d, cluster, day);
  if (placed) campaign_days_put(d, cluster, calendar->start[cluster]);
  if (why.rule == CAMPAIGN_CLOSED || !phase_bars(p, calendar, cluster, day)) return why;
  return (CampaignWhy){CAMPAIGN_PHASE, p->clusters[cluster].phase, day};
}

CampaignWhy campaign_why(const CampaignProblem *p, const CampaignCalendar *calendar, uint32_t cluster, uint32_t day, Arena *arena) {
  CampaignDays d;
  load_days(&d, p, calendar, arena);
  return why_at(&d, calendar, cluster, day);
}

CampaignWhy campaign_binds(const CampaignProblem *p, const CampaignCalendar *calendar, uint32_t day, Arena *arena) {
  CampaignDays d;
  uint32_t count[CAMPAIGN_HORIZON + 1] = {0};
  CampaignWhy first[CAMPAIGN_HORIZON + 1], best = {CAMPAIGN_FREE, 0, day};
  load_days(&d, p, calendar, arena);
  for (uint32_t i = 0; i < p->count; i++) {
    if (calendar->start[i] <= day) continue;
    CampaignWhy why = why_at(&d, calendar, i, day);
    if (count[why.rule]++ == 0) first[why.rule] = why;
    if (best.rule == CAMPAIGN_FREE || count[why.rule] > count[best.rule]) best = first[why.rule];
  }
  return best;
}
