/* campaign_json: a calendar for programs. Version 1: keys may be added, none changes its meaning; what is not there is null or
 * left out. The same campaign, inventory and slip give the same bytes. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <jansson.h>
#include <stdlib.h>

#define CALENDAR_FORMAT 1

static void set_text(json_t *o, const char *key, Buf *text) {
  json_object_set_new(o, key, json_string(text->data ? text->data : ""));
  buf_done(text);
}

static void set_date(json_t *o, const char *key, const CampaignFacts *f, uint32_t day) {
  Buf text = BUF_INIT;
  campaign_date(f, day, &text);
  set_text(o, key, &text);
}

static void set_count(json_t *o, const char *key, uint32_t n) {
  json_object_set_new(o, key, n == CAMPAIGN_NEVER ? json_null() : json_integer(n));
}

static void set_instant(json_t *o, const char *key, int64_t t) {
  Buf text = BUF_INIT;
  int64_t y, m, d, day = t / 86400000, ms = t % 86400000;
  date_from_days(day, &y, &m, &d);
  buf_printf(&text, "%04d-%02d-%02dT%02d:%02dZ", (int)y, (int)m, (int)d, (int)(ms / 3600000), (int)(ms / 60000 % 60));
  set_text(o, key, &text);
}

static json_t *visit_json(const CampaignPlan *p, const CalendarVisit *v) {
  const MemberFacts *m = &p->facts->members[v->member];
  json_t *o = json_object();
  Buf local = BUF_INIT;
  json_object_set_new(o, "visit", json_integer(v->number));
  set_date(o, "date", p->facts, v->day);
  campaign_local_date(m, v->day, &local);
  set_text(o, "local_date", &local);
  set_instant(o, "opens", m->windows[v->day].open);
  set_instant(o, "closes", m->windows[v->day].close);
  json_object_set_new(o, "units", json_integer(v->nodes));
  json_object_set_new(o, "sequence", json_integer(v->sequence));
  if (v->past) json_object_set_new(o, "past", json_true());
  if (v->before != CAMPAIGN_NEVER && v->before != v->day) set_date(o, "was", p->facts, v->before);
  return o;
}

static json_t *member_json(const CampaignPlan *p, uint32_t i) {
  const MemberFacts *m = &p->facts->members[i];
  const CalendarMember *k = &p->members[i];
  json_t *o = json_object(), *visits = json_array();
  json_object_set_new(o, "name", json_string(m->name));
  json_object_set_new(o, "units", json_integer(m->nodes));
  json_object_set_new(o, "phase", json_integer(m->phase + 1));
  json_object_set_new(o, "zone", json_string(zone_name(m->zone)));
  if (m->group != CAMPAIGN_NEVER) json_object_set_new(o, "group", json_string(p->facts->groups[m->group].name));
  if (*m->run) json_object_set_new(o, "run", json_sprintf("%s %s", program_str(p->facts->program, p->facts->row->run), m->run));
  if (k->failed) json_object_set_new(o, "failed", json_true());
  for (uint32_t v = 0; v < k->visit_count; v++) json_array_append_new(visits, visit_json(p, &p->visits[k->first_visit + v]));
  json_object_set_new(o, "visits", visits);
  return o;
}

static json_t *day_json(const CampaignPlan *p, uint32_t day) {
  static const char *const rooms[] = {"budget per day", "budget at once", "rate"};
  json_t *o = json_object(), *begins = json_array();
  RoomRule rule;
  Buf why = BUF_INIT;
  uint32_t rolling = 0;
  set_date(o, "date", p->facts, day);
  json_object_set_new(o, "weekday", json_string(campaign_weekday(p->facts, day)));
  json_object_set_new(o, "out", json_integer(p->out[day]));
  set_count(o, "room", campaign_room_of(p, day, &rule));
  json_object_set_new(o, "room_by", json_string(rooms[rule]));
  campaign_why_text(p, p->binds[day], &why);
  set_text(o, "binds", &why);
  for (uint32_t i = 0; i < p->visit_count; i++) {
    if (p->visits[i].day != day) continue;
    if (p->visits[i].number > 1) rolling++;
    else json_array_append_new(begins, json_string(p->facts->members[p->visits[i].member].name));
  }
  json_object_set_new(o, "begins", begins);
  json_object_set_new(o, "rolling", json_integer(rolling));
  return o;
}

static json_t *relaxations_json(const CampaignPlan *p) {
  static const char *const levers[] = {"share", "per day", "at once", "rate", "limit", "then", "spread", "phases", "deadline"};
  json_t *all = json_array();
  for (uint32_t i = 0; i < p->relaxation_count; i++) {
    const Relaxation *r = &p->relaxations[i];
    json_t *o = json_object();
    Buf text = BUF_INIT;
    bool share = r->kind == LEVER_SHARE || r->kind == LEVER_SPREAD;
    json_object_set_new(o, "what", json_string(levers[r->kind]));
    json_object_set_new(o, share ? "from_ppm" : "from", json_integer(r->from));
    json_object_set_new(o, share ? "to_ppm" : "to", json_integer(r->to));
    json_object_set_new(o, "days", json_integer(r->days));
    campaign_relaxation_text(p, r, &text);
    set_text(o, "text", &text);
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *bound_json(const CampaignPlan *p) {
  json_t *o = json_object();
  set_count(o, "days", p->calendar->bound.days);
  json_object_set_new(o, "why", json_string(p->calendar->bound.why));
  return o;
}

static json_t *peak_json(const CampaignPlan *p) {
  json_t *o = json_object();
  json_object_set_new(o, "out", json_integer(p->peak));
  if (p->peak) set_date(o, "date", p->facts, p->peak_day);
  return o;
}

static json_t *calendar_json(const CampaignPlan *p) {
  const CampaignFacts *f = p->facts;
  json_t *o = json_object(), *members = json_array(), *days = json_array(), *gone = json_array();
  Buf head = BUF_INIT;
  json_object_set_new(o, "format_version", json_integer(CALENDAR_FORMAT));
  json_object_set_new(o, "campaign", json_string(program_str(f->program, f->program->name)));
  json_object_set_new(o, "title", json_string(program_str(f->program, f->program->title)));
  json_object_set_new(o, "verdict", json_string(campaign_verdict_word(p->verdict)));
  campaign_headline(p, &head);
  set_text(o, "says", &head);
  json_object_set_new(o, "zone", json_string(zone_name(f->zone)));
  json_object_set_new(o, "unit", json_string(f->unit_plural));
  set_date(o, "from", f, 0);
  if (f->deadline != CAMPAIGN_NEVER) set_date(o, "by", f, f->deadline - 1);
  if (p->days) set_date(o, "finish", f, p->days - 1);
  json_object_set_new(o, "days", json_integer(p->days));
  json_object_set_new(o, "without_place", json_integer(p->calendar->unplaced));
  json_object_set_new(o, "bound", bound_json(p));
  json_object_set_new(o, "peak", peak_json(p));
  for (uint32_t day = 0; day < p->days; day++) json_array_append_new(days, day_json(p, day));
  json_object_set_new(o, "calendar", days);
  for (uint32_t i = 0; i < f->count; i++) json_array_append_new(members, member_json(p, i));
  json_object_set_new(o, "members", members);
  json_object_set_new(o, "relaxations", relaxations_json(p));
  if (p->relaxed_late) json_object_set_new(o, "relaxations_late", json_true());
  if (p->published) json_object_set_new(o, "moved", json_integer(p->moved));
  for (uint32_t i = 0; i < p->gone_count; i++) json_array_append_new(gone, json_string(p->gone[i]));
  if (p->published) json_object_set_new(o, "gone", gone);
  else json_decref(gone);
  return o;
}

void campaign_json(const CampaignPlan *p, Buf *out) {
  json_t *root = calendar_json(p);
  char *text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
  json_decref(root);
  if (!text) return;
  buf_str(out, text);
  buf_char(out, '\n');
  free(text);
}
