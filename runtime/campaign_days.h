/* campaign_days: what is taken of every day while a calendar is made: nodes, places, shares. */
#ifndef TAGOUT_RUNTIME_CAMPAIGN_DAYS_H
#define TAGOUT_RUNTIME_CAMPAIGN_DAYS_H

#include "runtime/campaign.h"

typedef struct CampaignDays {
  const CampaignProblem *p;
  uint32_t *out;      /* per day */
  uint32_t *places;   /* per day and limit */
  uint32_t *shares;   /* per day and group */
} CampaignDays;

void campaign_days_new(CampaignDays *d, const CampaignProblem *p, Arena *arena);
void campaign_days_clear(CampaignDays *d);
/* CAMPAIGN_FREE when the cluster can start at that day, or what bars it. */
CampaignWhy campaign_days_fit(const CampaignDays *d, uint32_t cluster, uint32_t day);
void campaign_days_put(CampaignDays *d, uint32_t cluster, uint32_t day);
void campaign_days_take(CampaignDays *d, uint32_t cluster, uint32_t day);

#endif
