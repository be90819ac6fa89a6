/* campaign_plan: the calendar of a campaign: each visit of each member on its day, what binds, whether it meets its deadline, and,
 * where it does not, which single line would have to say something else. And the same again after a slip: what lies before today
 * stays, the rest moves as little as can be. Pure: today is an argument. */
#ifndef TAGOUT_RUNTIME_CAMPAIGN_PLAN_H
#define TAGOUT_RUNTIME_CAMPAIGN_PLAN_H

#include "runtime/campaign_facts.h"

/* STOPPED: so many days failed that the campaign ends by its own rule. */
typedef enum CampaignVerdict { CAMPAIGN_MEETS, CAMPAIGN_MISSES, CAMPAIGN_CANNOT, CAMPAIGN_STOPPED } CampaignVerdict;

typedef struct CalendarVisit {
  uint32_t member, number;  /* number: from 1 */
  uint32_t day, nodes;
  uint32_t before, sequence; /* its day in the published calendar, or CAMPAIGN_NEVER; how often its day changed */
  bool past;                /* it lies before today */
} CalendarVisit;

typedef struct CalendarMember { uint32_t first_visit, visit_count; bool failed, moved; } CalendarMember; /* in CampaignPlan.visits */

/* One line that would make it possible, all others as they are; it was planned so. */
typedef enum LeverKind { LEVER_SHARE, LEVER_PER_DAY, LEVER_AT_ONCE, LEVER_RATE, LEVER_MOST, LEVER_THEN, LEVER_SPREAD, LEVER_PHASES, LEVER_DEADLINE } LeverKind;
typedef struct Relaxation { LeverKind kind; uint32_t rule, from, to, days; double change; } Relaxation; /* days: with it; change: of the number, relative */

/* ---- what people have: campaign_published.c ---- */
typedef struct PublishedVisit { const char *member; uint32_t number, sequence; int32_t date; } PublishedVisit; /* date: days since 1970 */
typedef struct Published { const PublishedVisit *visits; uint32_t count; } Published;
/* The JSON or the CSV of an earlier calendar. False: E_PUBLISHED says why. */
bool published_read(const char *file, const char *bytes, size_t len, Arena *arena, Published *ret, DiagSink *sink);

typedef struct Slip {
  const Published *published; /* NULL: nothing was said to anybody */
  int32_t today;            /* days since 1970; before the first day: nothing lies behind */
  const char *const *failed; uint32_t failed_count; /* members whose last day before today was lost */
} Slip;

typedef struct CampaignPlan {
  const CampaignFacts *facts;
  const CampaignProblem *problem; /* of the members that are not done */
  const uint32_t *of_member;      /* per cluster of it: the member */
  const CampaignCalendar *calendar;
  CampaignVerdict verdict;
  const CalendarVisit *visits; uint32_t visit_count; /* by member, then by number; none of a member without a place */
  const CalendarMember *members;
  const char *const *gone; uint32_t gone_count; /* published, and not in the campaign any more */
  const Published *published; /* NULL: a first calendar */
  uint32_t days;            /* until the last visit, the first day counted */
  const uint32_t *out;      /* per day of `days` */
  uint32_t peak, peak_day;
  const CampaignWhy *binds; /* per day of `days`; of those behind, nothing */
  const Relaxation *relaxations; uint32_t relaxation_count; /* the least change first */
  bool relaxed_late;        /* none of them meets the deadline; with these every member has a place */
  uint32_t moved;           /* members with a visit on another day than published */
  uint32_t today;           /* first day that can still be planned */
  uint32_t failed_count;
} CampaignPlan;

/* In the arena. slip: published NULL for a first calendar. NULL: the sink says what of the slip does not fit. */
const CampaignPlan *campaign_make(const CampaignFacts *f, const Slip *slip, Arena *arena, DiagSink *sink);

/* campaign_replan.c: what is left to do, of a problem of all members. NULL: reported. */
typedef struct Remaining { const CampaignProblem *problem; const uint32_t *of_member; } Remaining;
bool campaign_remaining(const CampaignFacts *f, const CampaignProblem *all, const Slip *slip, Arena *arena, DiagSink *sink, Remaining *ret);
/* The published days of a member, in order; *ret_done: how many of them are behind and were not lost. */
const PublishedVisit *const *campaign_published_of(const Slip *slip, const MemberFacts *m, Arena *arena, uint32_t *ret_count);
uint32_t campaign_done_of(const CampaignFacts *f, const Slip *slip, const MemberFacts *m, Arena *arena, bool *ret_failed);

/* campaign_relax.c */
void campaign_relax(CampaignPlan *plan, const Slip *slip, Arena *arena);

/* ---- as text of some form: one room each ---- */
void campaign_text(const CampaignPlan *p, const char *next, Buf *out);      /* for people: 24 lines of 80 columns */
void campaign_json(const CampaignPlan *p, Buf *out);
void campaign_csv(const CampaignPlan *p, Buf *out);                         /* a row per visit */
void campaign_markdown(const CampaignPlan *p, Buf *out);
void campaign_ics(const CampaignPlan *p, Buf *out);                         /* RFC 5545 */

/* Why it is not worked on earlier, a line per answer. False: nobody of that name is still to be done. */
bool campaign_explain(const CampaignPlan *p, const char *member, Buf *out);

/* campaign_words.c: what the forms have in common. */
const char *campaign_verdict_word(CampaignVerdict v);                       /* "meets" */
void campaign_date(const CampaignFacts *f, uint32_t day, Buf *out);         /* 2026-01-05, in the campaign's zone */
const char *campaign_weekday(const CampaignFacts *f, uint32_t day);         /* "Mon" */
uint32_t campaign_room_of(const CampaignPlan *p, uint32_t day, RoomRule *ret_rule);
void campaign_why_text(const CampaignPlan *p, CampaignWhy why, Buf *out);   /* "budget per day", "rate of nsd", a limit's line */
void campaign_relaxation_text(const CampaignPlan *p, const Relaxation *r, Buf *out);
void campaign_local_date(const MemberFacts *m, uint32_t day, Buf *out);     /* of the member's own zone: when its window opens */
void campaign_headline(const CampaignPlan *p, Buf *out);                    /* "MEETS its deadline ...", without a line's end */

#endif
