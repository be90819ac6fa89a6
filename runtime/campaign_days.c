/* campaign_days: does a cluster fit, and what is taken when it is put there. */
#include <config.h>

#include "runtime/campaign_days.h"

#include <string.h>

void campaign_days_new(CampaignDays *d, const CampaignProblem *p, Arena *arena) {
  d->p = p;
  d->out = arena_new_array(arena, uint32_t, p->days);
  d->places = arena_new_array(arena, uint32_t, size_product(p->days, p->limit_count));
  d->shares = arena_new_array(arena, uint32_t, size_product(p->days, p->group_count));
}

void campaign_days_clear(CampaignDays *d) {
  memset(d->out, 0, sizeof *d->out * d->p->days);
  memset(d->places, 0, sizeof *d->places * d->p->days * d->p->limit_count);
  memset(d->shares, 0, sizeof *d->shares * d->p->days * d->p->group_count);
}

uint32_t campaign_span(const CampaignProblem *p, uint32_t cluster, uint32_t from, uint32_t *ret_last) {
  const CampaignCluster *c = &p->clusters[cluster];
  uint32_t first = CAMPAIGN_NEVER, left = c->visits;
  for (uint32_t day = from; day < p->days; day++) {
    if (!c->open[day]) continue;
    if (first == CAMPAIGN_NEVER) first = day;
    *ret_last = day;
    if (--left == 0) return first;
  }
  return CAMPAIGN_NEVER;
}

static CampaignWhy fits_day(const CampaignDays *d, const CampaignCluster *c, uint32_t day, bool first) {
  const CampaignProblem *p = d->p;
  if (c->out > p->room[day] || d->out[day] > p->room[day] - c->out) return (CampaignWhy){CAMPAIGN_ROOM, 0, day};
  for (uint32_t i = 0; i < p->limit_count; i++) {
    if (!(c->classes >> i & 1u) || (p->limits[i].starts && !first)) continue;
    if (d->places[day * p->limit_count + i] >= p->limits[i].most[day]) return (CampaignWhy){CAMPAIGN_LIMIT, i, day};
  }
  if (c->group == CAMPAIGN_NEVER) return (CampaignWhy){CAMPAIGN_FREE, 0, day};
  uint32_t most = p->groups[c->group].most;
  if (c->out > most || d->shares[day * p->group_count + c->group] > most - c->out)
    return (CampaignWhy){CAMPAIGN_GROUP, c->group, day};
  return (CampaignWhy){CAMPAIGN_FREE, 0, day};
}

CampaignWhy campaign_days_fit(const CampaignDays *d, uint32_t cluster, uint32_t day) {
  const CampaignCluster *c = &d->p->clusters[cluster];
  uint32_t left = c->visits;
  if (day >= d->p->days) return (CampaignWhy){CAMPAIGN_HORIZON, 0, day};
  if (!c->open[day]) return (CampaignWhy){CAMPAIGN_CLOSED, 0, day};
  for (uint32_t at = day; at < d->p->days; at++) {
    if (!c->open[at]) continue;
    CampaignWhy why = fits_day(d, c, at, at == day);
    if (why.rule != CAMPAIGN_FREE) return why;
    if (--left == 0) return (CampaignWhy){CAMPAIGN_FREE, 0, day};
  }
  return (CampaignWhy){CAMPAIGN_HORIZON, 0, day};
}

/* by: 1 to take, -1 to give back. */
static void book(CampaignDays *d, uint32_t cluster, uint32_t day, int by) {
  const CampaignProblem *p = d->p;
  const CampaignCluster *c = &p->clusters[cluster];
  uint32_t left = c->visits;
  for (uint32_t at = day; left > 0; at++) {
    if (!c->open[at]) continue;
    left--;
    d->out[at] += (uint32_t)by * c->out;
    for (uint32_t i = 0; i < p->limit_count; i++)
      if ((c->classes >> i & 1u) && (!p->limits[i].starts || at == day)) d->places[at * p->limit_count + i] += (uint32_t)by;
    if (c->group != CAMPAIGN_NEVER) d->shares[at * p->group_count + c->group] += (uint32_t)by * c->out;
  }
}

void campaign_days_put(CampaignDays *d, uint32_t cluster, uint32_t day) { book(d, cluster, day, 1); }
void campaign_days_take(CampaignDays *d, uint32_t cluster, uint32_t day) { book(d, cluster, day, -1); }
