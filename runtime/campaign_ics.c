/* campaign_ics: a calendar for calendars (RFC 5545): an event per visit, in the zone of its member, with that zone's offsets. A visit
 * keeps its UID for ever; its SEQUENCE rises when its day changes; what is not in the campaign any more is cancelled. The clock is
 * not asked: DTSTAMP is the day from which on was planned. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define FOLD 75u  /* octets of a line, its end not counted */

/* ---- lines ---- */

/* Ends the line that began at `begin`: folded between characters, never inside of one. */
static void end_line(Buf *out, size_t begin) {
  Buf line = BUF_INIT;
  buf_add(&line, out->data + begin, out->len - begin);
  out->len = begin;
  for (size_t at = 0, room = FOLD; at < line.len; room = FOLD - 1) {
    size_t n = line.len - at < room ? line.len - at : room;
    while (at + n < line.len && n > 1 && ((unsigned char)line.data[at + n] & 0xc0u) == 0x80u) n--;
    if (at) buf_str(out, "\r\n ");
    buf_add(out, line.data + at, n);
    at += n;
  }
  buf_str(out, "\r\n");
  buf_done(&line);
}

__attribute__((format(printf, 2, 3))) static void line(Buf *out, const char *format, ...) {
  size_t begin = out->len;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(out, format, ap);
  va_end(ap);
  end_line(out, begin);
}

/* TEXT of a property: what ends it or separates it is escaped. */
static void put_text(const char *text, Buf *out) {
  for (; *text; text++) {
    if (*text == '\n') {
      buf_str(out, "\\n");
      continue;
    }
    if (strchr("\\;,", *text)) buf_char(out, '\\');
    buf_char(out, *text);
  }
}

static void put_time(int64_t ms, Buf *out) { /* of a local time as if it were UTC */
  int64_t day = ms / DAY_MS, rest = ms % DAY_MS, y, m, d;
  if (rest < 0) rest += DAY_MS, day--;
  date_from_days(day, &y, &m, &d);
  buf_printf(out, "%04d%02d%02dT%02d%02d%02d", (int)y, (int)m, (int)d, (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
}

static bool is_utc(const Zone *z) { return strcmp(zone_name(z), "UTC") == 0; }

static void put_instant(const char *property, const Zone *z, int64_t t, Buf *out) {
  size_t begin = out->len;
  buf_str(out, property);
  if (is_utc(z)) buf_char(out, ':');
  else buf_printf(out, ";TZID=%s:", zone_name(z));
  put_time(t + (int64_t)zone_offset(z, t, NULL) * 1000, out);
  if (is_utc(z)) buf_char(out, 'Z');
  end_line(out, begin);
}

/* ---- zones ---- */

static void put_offset(const char *property, int32_t seconds, Buf *out) {
  int32_t s = seconds < 0 ? -seconds : seconds;
  if (s % 60) line(out, "%s:%c%02d%02d%02d", property, seconds < 0 ? '-' : '+', s / 3600, s / 60 % 60, s % 60);
  else line(out, "%s:%c%02d%02d", property, seconds < 0 ? '-' : '+', s / 3600, s / 60 % 60);
}

static void observance(const Zone *z, int64_t onset, int32_t from, int32_t to, bool summer, Buf *out) {
  const char *name, *what = summer ? "DAYLIGHT" : "STANDARD";
  size_t begin;
  zone_offset(z, onset, &name);
  line(out, "BEGIN:%s", what);
  begin = out->len;
  buf_str(out, "DTSTART:");
  put_time(onset + (int64_t)from * 1000, out);
  end_line(out, begin);
  put_offset("TZOFFSETFROM", from, out);
  put_offset("TZOFFSETTO", to, out);
  line(out, "TZNAME:%s", name);
  line(out, "END:%s", what);
}

/* The first instant from `low` to `high` with high's offset: they differ, and it changes once between them. */
static int64_t change_between(const Zone *z, int64_t low, int64_t high) {
  int32_t after = zone_offset(z, high, NULL);
  while (high - low > 1000) {
    int64_t mid = low + (high - low) / 2000 * 1000;
    if (mid == low) break;
    if (zone_offset(z, mid, NULL) == after) high = mid;
    else low = mid;
  }
  return high;
}

/* Every offset that the zone has from the year before the first event to the last. */
static void put_zone(const Zone *z, int64_t from, int64_t to, Buf *out) {
  int32_t least = INT32_MAX, offset = zone_offset(z, from, NULL);
  for (int64_t t = from; t <= to; t += DAY_MS)
    if (zone_offset(z, t, NULL) < least) least = zone_offset(z, t, NULL);
  line(out, "BEGIN:VTIMEZONE");
  line(out, "TZID:%s", zone_name(z));
  observance(z, from, offset, offset, offset > least, out);
  for (int64_t t = from; t < to; t += DAY_MS) {
    int32_t next = zone_offset(z, t + DAY_MS, NULL);
    if (next == offset) continue;
    observance(z, change_between(z, t, t + DAY_MS), offset, next, next > least, out);
    offset = next;
  }
  line(out, "END:VTIMEZONE");
}

static void put_zones(const CampaignPlan *p, Buf *out) {
  const CampaignFacts *f = p->facts;
  int64_t from = zone_day_start(f->zone, f->first) - 366 * DAY_MS, to = zone_day_start(f->zone, f->first + (int32_t)p->days + 1) + DAY_MS;
  from -= from % DAY_MS;
  for (uint32_t i = 0; i < f->count; i++) {
    bool said = is_utc(f->members[i].zone);
    for (uint32_t k = 0; k < i && !said; k++) said = strcmp(zone_name(f->members[k].zone), zone_name(f->members[i].zone)) == 0;
    if (!said) put_zone(f->members[i].zone, from, to, out);
  }
}

/* ---- events ---- */

static void begin_event(const CampaignPlan *p, const char *member, uint32_t number, uint32_t sequence, const char *status, Buf *out) {
  size_t begin;
  line(out, "BEGIN:VEVENT");
  begin = out->len;
  buf_printf(out, "UID:%s-", program_str(p->facts->program, p->facts->program->name));
  put_text(member, out);
  buf_printf(out, "-%u@tagout", number);
  end_line(out, begin);
  begin = out->len;
  buf_str(out, "DTSTAMP:");
  put_time(((int64_t)p->facts->first + p->today) * DAY_MS, out);
  buf_char(out, 'Z');
  end_line(out, begin);
  line(out, "SEQUENCE:%u", sequence);
  line(out, "STATUS:%s", status);
}

static void put_event(const CampaignPlan *p, const CalendarVisit *v, Buf *out) {
  const CampaignFacts *f = p->facts;
  const MemberFacts *m = &f->members[v->member];
  size_t begin;
  begin_event(p, m->name, v->number, v->sequence, "CONFIRMED", out);
  put_instant("DTSTART", m->zone, m->windows[v->day].open, out);
  put_instant("DTEND", m->zone, m->windows[v->day].close, out);
  begin = out->len;
  buf_str(out, "SUMMARY:");
  put_text(program_str(f->program, f->program->title), out);
  buf_str(out, ": ");
  put_text(m->name, out);
  if (p->members[v->member].visit_count > 1) buf_printf(out, " (%u of %u)", v->number, p->members[v->member].visit_count);
  buf_printf(out, "\\, %u %s", v->nodes, v->nodes == 1 ? f->unit : f->unit_plural);
  end_line(out, begin);
  if (*m->run) {
    begin = out->len;
    buf_str(out, "DESCRIPTION:");
    put_text(program_str(f->program, f->row->run), out);
    buf_char(out, ' ');
    put_text(m->run, out);
    end_line(out, begin);
  }
  line(out, "END:VEVENT");
}

static bool is_planned(const CampaignPlan *p, const PublishedVisit *had) {
  for (uint32_t i = 0; i < p->visit_count; i++)
    if (p->visits[i].number == had->number && strcmp(p->facts->members[p->visits[i].member].name, had->member) == 0) return true;
  return false;
}

static void put_cancelled(const CampaignPlan *p, const PublishedVisit *had, Buf *out) {
  size_t begin;
  int64_t y, m, d;
  date_from_days(had->date, &y, &m, &d);
  begin_event(p, had->member, had->number, had->sequence + 1, "CANCELLED", out);
  line(out, "DTSTART;VALUE=DATE:%04d%02d%02d", (int)y, (int)m, (int)d);
  begin = out->len;
  buf_str(out, "SUMMARY:");
  put_text(program_str(p->facts->program, p->facts->program->title), out);
  buf_str(out, ": ");
  put_text(had->member, out);
  end_line(out, begin);
  line(out, "END:VEVENT");
}

void campaign_ics(const CampaignPlan *p, Buf *out) {
  size_t begin;
  line(out, "BEGIN:VCALENDAR");
  line(out, "VERSION:2.0");
  line(out, "PRODID:-//tagout//calendar 1//EN");
  begin = out->len;
  buf_str(out, "NAME:");
  put_text(program_str(p->facts->program, p->facts->program->title), out);
  end_line(out, begin);
  put_zones(p, out);
  for (uint32_t i = 0; i < p->visit_count; i++) put_event(p, &p->visits[i], out);
  for (uint32_t i = 0; p->published && i < p->published->count; i++)
    if (!is_planned(p, &p->published->visits[i])) put_cancelled(p, &p->published->visits[i], out);
  line(out, "END:VCALENDAR");
}
