/* campaign_facts: a campaign and an inventory as plain numbers: who its members are, what each takes of a day, to which phase,
 * group and limit it belongs, on which days a window of its own opens. Everything that a code region says was asked here; what
 * may be turned to make a campaign possible (CampaignLevers) stands apart, so that it can be planned again and again. */
#ifndef TAGOUT_RUNTIME_CAMPAIGN_FACTS_H
#define TAGOUT_RUNTIME_CAMPAIGN_FACTS_H

#include "runtime/calendar.h"
#include "runtime/campaign.h"
#include "runtime/freeze.h"

#define CAMPAIGN_HORIZON_DAYS 400u  /* looked ahead from the first day */
#define CAMPAIGN_RULES 32u          /* rolling, spread and limit lines of one campaign */

/* What a member can use of a day; open == close: nothing. */
typedef struct DayWindow { int64_t open, close; } DayWindow;

typedef struct MemberFacts {
  Entity entity;
  const char *name;
  uint32_t nodes;           /* what it takes of the budget, all of it */
  uint32_t phase;
  uint32_t roll;            /* the rule that it rolls by, or CAMPAIGN_NEVER: whole */
  uint32_t group;           /* of CampaignFacts.groups, or CAMPAIGN_NEVER */
  uint32_t classes;         /* bit i: rule i limits it */
  int64_t takes;            /* ms; 0: not said */
  const Zone *zone;         /* of its windows */
  const DayWindow *windows; /* per day of the horizon */
  const char *run;          /* the parameters of its visits, "cluster=PHX62"; "" */
} MemberFacts;

typedef struct GroupFacts { const char *name; uint32_t nodes, rule; } GroupFacts;

/* What a line says in numbers. by rule: share in ppm, or how many until a day, and how many then. */
typedef struct CampaignLevers {
  uint32_t days;            /* nothing is placed behind it */
  uint32_t per_day, at_once, rate; /* CAMPAIGN_NEVER: no such limit */
  PhaseRule phases;
  uint32_t share[CAMPAIGN_RULES], most[CAMPAIGN_RULES], until[CAMPAIGN_RULES], then[CAMPAIGN_RULES];
} CampaignLevers;

typedef struct CampaignFacts {
  const Program *program;
  const Fleet *fleet;
  const CampaignRow *row;
  const char *unit, *unit_plural, *member, *member_plural; /* "node", "nodes", "cluster", "clusters" */
  const Zone *zone;         /* whose days they are: of the budget */
  int32_t first;            /* days since 1970 */
  uint32_t deadline;        /* good days from the first on; CAMPAIGN_NEVER: none */
  int64_t rate_per;         /* ms */
  bool hard;
  uint32_t stop;            /* failed days that end it; CAMPAIGN_NEVER: none do */
  const MemberFacts *members;
  uint32_t count, phases;
  const GroupFacts *groups;
  uint32_t group_count;
  CampaignLevers levers;    /* as written */
} CampaignFacts;

/* In the arena; program and fleet must outlive it. NULL when it cannot be: the sink says why. */
const CampaignFacts *campaign_facts(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count,
                                    Arena *arena, DiagSink *sink);
/* The day of the horizon that an instant is in, in the campaign's zone; may be below zero or beyond. */
int64_t campaign_day_of(const CampaignFacts *f, int64_t t);

/* campaign_windows.c: the windows of the members, by day; in a zone of that name. False: reported. */
bool campaign_windows(CampaignFacts *f, MemberFacts *members, const char *const *zones, Arena *arena, DiagSink *sink);

/* campaign_problem.c: what the planner is asked, with these levers. */
const CampaignProblem *campaign_problem(const CampaignFacts *f, const CampaignLevers *levers, Arena *arena);
/* Units that may be out on a day, and which limit says so; what a day's windows leave to the rate. */
typedef enum RoomRule { ROOM_PER_DAY, ROOM_AT_ONCE, ROOM_RATE } RoomRule;
uint32_t campaign_room(const CampaignFacts *f, const CampaignLevers *levers, uint32_t day, RoomRule *ret_rule);
uint32_t campaign_visits(uint32_t nodes, uint32_t share); /* days of a member that rolls at so many ppm a day */
uint32_t campaign_a_day(uint32_t nodes, uint32_t share);  /* what a day does of it, rounded up */

#endif
