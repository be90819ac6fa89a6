/* campaign_windows: on which days of the campaign's zone a window of a member opens, and for how long. A window belongs to the
 * day in which it opens, whatever date its own zone has then; what a freeze calendar leaves of it is its longest piece. */
#include <config.h>

#include "runtime/campaign_facts.h"

#include "runtime/ics.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)

int64_t campaign_day_of(const CampaignFacts *f, int64_t t) { return (int64_t)zone_day(f->zone, t) - f->first; }

/* Members of one zone share their days. */
typedef struct ZoneDays { const char *name; const Zone *zone; const DayWindow *windows; } ZoneDays;

static DayWindow longest_left(Opening o, const Closed *closed, uint32_t count) {
  DayWindow best = {o.open, o.open};
  int64_t at = o.open;
  for (uint32_t i = 0; i <= count && at < o.close; i++) {
    int64_t end = i < count && closed[i].from < o.close ? closed[i].from : o.close;
    if (end - at > best.close - best.open) best = (DayWindow){at, end};
    if (i < count && closed[i].to > at) at = closed[i].to;
  }
  return best;
}

static bool read_freeze(const CampaignFacts *f, const Zone *zone, int64_t from, int64_t to, Arena *arena, DiagSink *sink, const Closed **ret,
                        uint32_t *ret_count) {
  const Program *p = f->program;
  const char *text = program_str(p, p->windows[0].calendar);
  *ret_count = 0;
  return !*text || ics_closed(program_str(p, p->windows[0].freeze), text, zone, from, to, arena, sink, ret, ret_count);
}

static bool fill_windows(const CampaignFacts *f, const Zone *zone, DayWindow *days, Arena *arena, DiagSink *sink) {
  const Program *p = f->program;
  const WindowRow *row = &p->windows[0];
  Window w = {.zone = zone, .days = (uint8_t)row->days, .from = (int32_t)row->from, .to = (int32_t)row->to, .hard = row->hard != 0,
              .except = (const int32_t *)(p->index_list + row->except.first), .except_count = row->except.count};
  int64_t begin = zone_day_start(f->zone, f->first), end = zone_day_start(f->zone, f->first + (int32_t)CAMPAIGN_HORIZON_DAYS);
  const Closed *closed = NULL;
  uint32_t count;
  Opening o;
  if (!read_freeze(f, zone, begin - 3 * DAY_MS, end + 3 * DAY_MS, arena, sink, &closed, &count)) return false;
  for (int64_t t = begin - 2 * DAY_MS; window_next(&w, t, &o) && o.open < end; t = o.close) {
    int64_t day = campaign_day_of(f, o.open);
    if (day < 0 || day >= CAMPAIGN_HORIZON_DAYS) continue;
    DayWindow left = longest_left(o, closed, count);
    if (left.close - left.open > days[day].close - days[day].open) days[day] = left;
  }
  return true;
}

static void fill_whole_days(const CampaignFacts *f, DayWindow *days) {
  for (uint32_t i = 0; i < CAMPAIGN_HORIZON_DAYS; i++)
    days[i] = (DayWindow){zone_day_start(f->zone, f->first + (int32_t)i), zone_day_start(f->zone, f->first + (int32_t)i + 1)};
}

static const ZoneDays *days_of_zone(const CampaignFacts *f, ZoneDays *known, uint32_t *count, const char *name, Arena *arena, DiagSink *sink) {
  for (uint32_t i = 0; i < *count; i++)
    if ((!name && !known[i].name) || (name && known[i].name && strcmp(known[i].name, name) == 0)) return &known[i];
  DayWindow *days = arena_new_array(arena, DayWindow, CAMPAIGN_HORIZON_DAYS);
  const Zone *zone = !name ? f->zone : strcmp(name, "UTC") == 0 ? zone_utc() : zone_load(arena, NULL, name, sink, (Span){0, 0});
  if (!zone) return NULL;
  if (!name) fill_whole_days(f, days);
  else if (!fill_windows(f, zone, days, arena, sink)) return NULL;
  known[*count] = (ZoneDays){name, zone, days};
  return &known[(*count)++];
}

bool campaign_windows(CampaignFacts *f, MemberFacts *members, const char *const *zones, Arena *arena, DiagSink *sink) {
  ZoneDays *known = arena_new_array(arena, ZoneDays, f->count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < f->count; i++) {
    const ZoneDays *z = days_of_zone(f, known, &count, zones[i], arena, sink);
    if (!z) return false;
    members[i].zone = z->zone;
    members[i].windows = z->windows;
  }
  return true;
}
