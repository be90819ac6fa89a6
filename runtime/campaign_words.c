/* campaign_words: what every form of a calendar says in the same words. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <string.h>

static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

const char *campaign_verdict_word(CampaignVerdict v) {
  static const char *const words[] = {"meets", "misses", "cannot", "stopped"};
  return words[v];
}

static void put_date(int64_t day, Buf *out) {
  int64_t y, m, d;
  date_from_days(day, &y, &m, &d);
  buf_printf(out, "%04d-%02d-%02d", (int)y, (int)m, (int)d);
}

void campaign_date(const CampaignFacts *f, uint32_t day, Buf *out) { put_date((int64_t)f->first + day, out); }
const char *campaign_weekday(const CampaignFacts *f, uint32_t day) { return weekdays[calendar_weekday(f->first + (int32_t)day)]; }
void campaign_local_date(const MemberFacts *m, uint32_t day, Buf *out) { put_date(zone_day(m->zone, m->windows[day].open), out); }

uint32_t campaign_room_of(const CampaignPlan *p, uint32_t day, RoomRule *ret_rule) {
  return campaign_room(p->facts, &p->facts->levers, day, ret_rule);
}


static uint32_t rule_line(const CampaignPlan *p, uint32_t rule) {
  return p->facts->program->campaign_rules[p->facts->row->rules.first + rule].line;
}

static void room_text(const CampaignPlan *p, uint32_t day, Buf *out) {
  RoomRule rule;
  campaign_room_of(p, day, &rule);
  if (rule == ROOM_RATE) buf_printf(out, "the rate of %s", program_str(p->facts->program, p->facts->row->service));
  else buf_str(out, rule == ROOM_PER_DAY ? "the budget per day" : "the budget at once");
}

void campaign_why_text(const CampaignPlan *p, CampaignWhy why, Buf *out) {
  if (why.day < p->today && why.rule == CAMPAIGN_FREE) {
    buf_str(out, "past");
    return;
  }
  switch (why.rule) {
  case CAMPAIGN_FREE: buf_str(out, "nothing waits"); return;
  case CAMPAIGN_CLOSED: buf_str(out, "no window is open"); return;
  case CAMPAIGN_ROOM: room_text(p, why.day, out); return;
  case CAMPAIGN_LIMIT: buf_printf(out, "the limit of line %u", rule_line(p, why.which)); return;
  case CAMPAIGN_GROUP: buf_printf(out, "the spread over %s", p->facts->groups[why.which].name); return;
  case CAMPAIGN_PHASE: buf_str(out, "the order"); return;
  case CAMPAIGN_CHAIN: case CAMPAIGN_CONFLICT: case CAMPAIGN_HORIZON: break;
  }
  buf_str(out, "the days that are left");
}

/* ---- the first line ---- */

static void put_day(const CampaignFacts *f, uint32_t day, Buf *out) {
  buf_printf(out, "%s ", campaign_weekday(f, day));
  campaign_date(f, day, out);
}

static void by_days(const CampaignPlan *p, Buf *out) {
  const CampaignFacts *f = p->facts;
  uint32_t early = f->deadline - p->days;
  if (f->deadline == CAMPAIGN_NEVER) buf_str(out, "; it has no deadline");
  else if (early == 0) buf_str(out, ", the day of its deadline");
  else buf_printf(out, ", %u day%s before its deadline", early, early == 1 ? "" : "s");
}

void campaign_headline(const CampaignPlan *p, Buf *out) {
  const CampaignFacts *f = p->facts;
  switch (p->verdict) {
  case CAMPAIGN_MEETS:
    buf_str(out, "MEETS: done on ");
    put_day(f, p->days ? p->days - 1 : 0, out);
    by_days(p, out);
    return;
  case CAMPAIGN_MISSES:
    buf_printf(out, "MISSES by %u day%s: done on ", p->days - f->deadline, p->days - f->deadline == 1 ? "" : "s");
    put_day(f, p->days - 1, out);
    buf_str(out, ", the deadline is ");
    put_day(f, f->deadline - 1, out);
    return;
  case CAMPAIGN_CANNOT:
    if (p->calendar->bound.days == CAMPAIGN_NEVER) buf_printf(out, "CANNOT: %s", p->calendar->bound.why);
    else buf_printf(out, "CANNOT: no place within %u days for %u of the %s", p->problem->days, p->calendar->unplaced, f->member_plural);
    return;
  case CAMPAIGN_STOPPED:
    buf_printf(out, "STOPPED: %u %s failed, and it stops after %u", p->failed_count, p->failed_count == 1 ? "day" : "days", f->stop);
    return;
  }
}

/* ---- what would make it possible ---- */

static void percent(uint32_t ppm, Buf *out) { quantity_show(QUANTITY_FRACTION, ppm, out); }

void campaign_relaxation_text(const CampaignPlan *p, const Relaxation *r, Buf *out) {
  const CampaignFacts *f = p->facts;
  switch (r->kind) {
  case LEVER_SHARE: case LEVER_SPREAD:
    buf_printf(out, "the share of line %u from ", rule_line(p, r->rule));
    percent(r->from, out);
    buf_str(out, " to ");
    percent(r->to, out);
    break;
  case LEVER_PER_DAY: buf_printf(out, "the budget from %u to %u %s per day", r->from, r->to, f->unit_plural); break;
  case LEVER_AT_ONCE: buf_printf(out, "the budget from %u to %u %s at once", r->from, r->to, f->unit_plural); break;
  case LEVER_RATE:
    buf_printf(out, "the rate of %s from %u to %u per ", program_str(f->program, f->row->service), r->from, r->to);
    if (f->rate_per == 3600000) buf_str(out, "hour");
    else quantity_show(QUANTITY_DURATION, f->rate_per, out);
    break;
  case LEVER_MOST: buf_printf(out, "the limit of line %u from %u to %u", rule_line(p, r->rule), r->from, r->to); break;
  case LEVER_THEN: buf_printf(out, "what line %u says then from %u to %u", rule_line(p, r->rule), r->from, r->to); break;
  case LEVER_PHASES: buf_str(out, "`next phase when started`"); break;
  case LEVER_DEADLINE:
    buf_str(out, "the deadline to ");
    put_day(f, r->to - 1, out);
    return;
  }
  buf_str(out, ": done on ");
  put_day(f, r->days ? r->days - 1 : 0, out);
}
