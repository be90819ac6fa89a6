/* campaign_place: a calendar from an order of the clusters. */
#ifndef TAGOUT_RUNTIME_CAMPAIGN_PLACE_H
#define TAGOUT_RUNTIME_CAMPAIGN_PLACE_H

#include "runtime/campaign_days.h"

typedef struct CampaignScore { uint32_t unplaced, days, moved, peak; } CampaignScore;

typedef struct CampaignPlace {
  CampaignDays days;
  uint32_t *start;        /* per cluster */
  uint32_t *floors;       /* per phase: the day before which it cannot begin */
  CampaignScore score;
} CampaignPlace;

void campaign_place_new(CampaignPlace *m, const CampaignProblem *p, Arena *arena);
/* order: all clusters, sorted by phase. pinned: per cluster whether it stays where it was published; NULL: none does. A pinned
 * cluster that does not fit there, or stands before its phase, counts as one without a place. */
CampaignScore campaign_place(CampaignPlace *m, const uint32_t *order, const bool *pinned);

#endif
