/* campaign_place: a calendar from an order: each cluster in turn takes the first day on which it fits (serial schedule
 * generation). Some order of the clusters gives a shortest calendar, so that searching orders loses nothing. */
#include <config.h>

#include "runtime/campaign_place.h"

void campaign_place_new(CampaignPlace *m, const CampaignProblem *p, Arena *arena) {
  campaign_days_new(&m->days, p, arena);
  m->start = arena_new_array(arena, uint32_t, p->count);
  m->floors = arena_new_array(arena, uint32_t, p->phases + 1);
}

/* The day that a phase waits for, of the clusters placed so far. */
static void raise_floors(CampaignPlace *m, uint32_t cluster, uint32_t first, uint32_t last) {
  const CampaignProblem *p = m->days.p;
  uint32_t day = p->rule == PHASE_BY_START ? first : last;
  for (uint32_t k = p->clusters[cluster].phase + 1; k <= p->phases; k++)
    if (day > m->floors[k]) m->floors[k] = day;
}

static void put(CampaignPlace *m, uint32_t cluster, uint32_t day) {
  uint32_t last = day;
  campaign_days_put(&m->days, cluster, day);
  campaign_span(m->days.p, cluster, day, &last);
  raise_floors(m, cluster, day, last);
  m->start[cluster] = day;
  if (last + 1 > m->score.days) m->score.days = last + 1;
}

static void place_first(CampaignPlace *m, uint32_t cluster) {
  const CampaignProblem *p = m->days.p;
  for (uint32_t day = m->floors[p->clusters[cluster].phase]; day < p->days; day++) {
    CampaignWhy why = campaign_days_fit(&m->days, cluster, day);
    if (why.rule == CAMPAIGN_HORIZON) break;
    if (why.rule != CAMPAIGN_FREE) continue;
    put(m, cluster, day);
    return;
  }
  m->score.unplaced++;
}

/* Nobody begins before the phase before it has, nor does a pinned cluster. */
static bool phases_hold(const CampaignPlace *m) {
  const CampaignProblem *p = m->days.p;
  for (uint32_t i = 0; i < p->count; i++)
    if (m->start[i] != CAMPAIGN_NEVER && m->start[i] < m->floors[p->clusters[i].phase]) return false;
  return true;
}

static void measure(CampaignPlace *m) {
  const CampaignProblem *p = m->days.p;
  for (uint32_t i = 0; i < p->count; i++)
    if (p->clusters[i].published != CAMPAIGN_NEVER && m->start[i] != p->clusters[i].published) m->score.moved++;
  for (uint32_t day = 0; day < p->days; day++)
    if (m->days.out[day] > m->score.peak) m->score.peak = m->days.out[day];
}

static bool stays(const CampaignProblem *p, const bool *pinned, uint32_t i) { return p->clusters[i].fixed || (pinned && pinned[i]); }

CampaignScore campaign_place(CampaignPlace *m, const uint32_t *order, const bool *pinned) {
  const CampaignProblem *p = m->days.p;
  campaign_days_clear(&m->days);
  m->score = (CampaignScore){0, 0, 0, 0};
  for (uint32_t k = 0; k <= p->phases; k++) m->floors[k] = 0;
  for (uint32_t i = 0; i < p->count; i++) m->start[i] = CAMPAIGN_NEVER;
  for (uint32_t i = 0; i < p->count; i++) {
    if (!stays(p, pinned, i)) continue;
    if (campaign_days_fit(&m->days, i, p->clusters[i].published).rule == CAMPAIGN_FREE) put(m, i, p->clusters[i].published);
    else m->score.unplaced++;
  }
  for (uint32_t i = 0; i < p->count; i++)
    if (!stays(p, pinned, order[i])) place_first(m, order[i]);
  if (pinned && !phases_hold(m)) m->score.unplaced++;
  measure(m);
  return m->score;
}
