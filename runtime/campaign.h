/* campaign: which cluster is worked on at which day: the fewest days, a proof how few they can be, and the rule that binds.
 * Pure: days are numbers from 0, the campaign's first; nothing is read, no clock is asked, chance has a fixed seed, so that the
 * same problem gives the same calendar everywhere.
 *
 * A cluster is worked on for `visits` of its open days, one after the other (a closed day between two of them is passed over);
 * on each of them `out` nodes of it are out of service at most. Whole clusters have one visit. A phase begins when the one before
 * has begun everywhere (PHASE_BY_START), or is done everywhere (PHASE_BY_FINISH); the day of the one is also good for the other.
 *
 * Sources: serial schedule generation [Kolisch, EJOR 90, 1996]; bounds of bin packing [Martello & Toth, DAM 28, 1990]. */
#ifndef TAGOUT_RUNTIME_CAMPAIGN_H
#define TAGOUT_RUNTIME_CAMPAIGN_H

#include "lang/arena.h"
#include <stdbool.h>
#include <stdint.h>

#define CAMPAIGN_NEVER UINT32_MAX   /* no day; no limit */
#define CAMPAIGN_LIMITS 32u         /* limits of one campaign: bits of `classes` */

typedef struct CampaignCluster {
  const char *name;
  uint32_t nodes;
  uint32_t visits, out;     /* at least 1 each */
  uint32_t phase;           /* 0 is first; every phase below the largest may be empty */
  uint32_t group;           /* of groups, or CAMPAIGN_NEVER */
  uint32_t classes;         /* bit i: limits[i] counts it */
  const uint8_t *open;      /* per day: 1 when it may be worked on */
  uint32_t published;       /* its first day in the calendar that people have, or CAMPAIGN_NEVER */
  bool fixed;               /* it begins on that day, whatever comes of it: it is under way */
} CampaignCluster;

/* So many clusters per day at most, of those whose class it is. starts: only their first days count. */
typedef struct CampaignLimit { const uint32_t *most; bool starts; const char *text; } CampaignLimit;
/* So many nodes of a group (a region, a tier) out on a day at most. */
typedef struct CampaignGroup { const char *name; uint32_t nodes, most; } CampaignGroup;
typedef enum PhaseRule { PHASE_BY_START, PHASE_BY_FINISH } PhaseRule;

typedef struct CampaignProblem {
  const CampaignCluster *clusters;
  uint32_t count;
  uint32_t days;            /* the horizon: nothing is placed behind it */
  const uint32_t *room;     /* per day: nodes that may be out */
  const CampaignLimit *limits;
  uint32_t limit_count;
  const CampaignGroup *groups;
  uint32_t group_count;
  uint32_t phases;
  PhaseRule rule;
} CampaignProblem;

/* What keeps a cluster from a day, or a campaign from being shorter. */
typedef enum CampaignRule {
  CAMPAIGN_FREE,            /* nothing does */
  CAMPAIGN_CLOSED,          /* no window of it is open */
  CAMPAIGN_ROOM,            /* nodes out */
  CAMPAIGN_LIMIT,           /* a limit on clusters: `which` */
  CAMPAIGN_GROUP,           /* a group's share: `which` */
  CAMPAIGN_PHASE,           /* an earlier phase */
  CAMPAIGN_CHAIN,           /* its own visits */
  CAMPAIGN_CONFLICT,        /* clusters that no day has room for together */
  CAMPAIGN_HORIZON          /* no day is left */
} CampaignRule;

typedef struct CampaignBound { uint32_t days; CampaignRule rule; uint32_t which; const char *why; } CampaignBound; /* why: one line */

typedef struct CampaignCalendar {
  const uint32_t *start;    /* per cluster: its first day; CAMPAIGN_NEVER: it has no place */
  uint32_t days;            /* until the last is done, the first day counted; CAMPAIGN_NEVER: some have no place */
  uint32_t unplaced;
  uint32_t peak, peak_day;  /* nodes out */
  const uint32_t *out;      /* per day: nodes out */
  uint32_t moved;           /* clusters that are not where they were published */
  CampaignBound bound;      /* days >= bound.days for every calendar; equal: it is optimal */
} CampaignCalendar;

/* The best calendar that was found, in the arena. tries: orders looked at when the bound is not reached (a few thousand take
 * well under a second at 72 clusters). keep: as few moves from the published calendar as can be, after the number of days. */
const CampaignCalendar *campaign_plan(const CampaignProblem *p, uint32_t tries, bool keep, Arena *arena);

/* No calendar is shorter. days CAMPAIGN_NEVER: there is none at all, and why says which cluster has no place. */
CampaignBound campaign_bound(const CampaignProblem *p, Arena *arena);

/* Why cluster c does not start at that day in this calendar, everything else where it is. */
typedef struct CampaignWhy { CampaignRule rule; uint32_t which, day; } CampaignWhy; /* day: of its visits, the one that is barred */
CampaignWhy campaign_why(const CampaignProblem *p, const CampaignCalendar *calendar, uint32_t cluster, uint32_t day, Arena *arena);
/* The rule that keeps the next cluster from that day: of those that come later, the one that bars most. */
CampaignWhy campaign_binds(const CampaignProblem *p, const CampaignCalendar *calendar, uint32_t day, Arena *arena);

/* The first of a cluster's open days at or after `from` such that all of its visits are within the horizon, else CAMPAIGN_NEVER;
 * *ret_last is the day of its last visit. */
uint32_t campaign_span(const CampaignProblem *p, uint32_t cluster, uint32_t from, uint32_t *ret_last);

#endif
