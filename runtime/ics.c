/* ics: lines, components, events; then each event's days by its rule. One pass over the text: an event is spread out where
 * it ends, so nothing but the closed times is kept. */
#include <config.h>

#include "runtime/ics.h"

#include "lang/limits.h"
#include "lang/quantity.h"
#include "runtime/ics_rule.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAY_MS INT64_C(86400000)
#define DEPTH 8u            /* components within each other */
#define FIRST_YEAR 1970     /* years that an event may begin in: bounds how long a counted rule is followed */
#define LAST_YEAR 2199
#define ZONES 16u           /* remembered */

typedef struct IcsTime { int32_t day, ms; const Zone *zone; bool whole_day; } IcsTime;
typedef VEC(IcsTime) TimeVec;

typedef struct IcsEvent {
  uint32_t line;            /* of its BEGIN */
  IcsTime start, end;
  bool has_start, has_end, has_duration, cancelled, repeats;
  int32_t lasts_days;       /* of its DURATION, on the clock */
  int64_t lasts_ms;
  IcsRule rule;
  TimeVec except, extra;
} IcsEvent;

typedef struct IcsLine { const char *name, *params, *value; size_t name_len, params_len, value_len; uint32_t number; } IcsLine;

typedef struct Reader {
  const char *file, *at;
  uint32_t line;            /* of `at`, from 1 */
  Buf unfolded;
  const Zone *zone;
  struct { const char *name; const Zone *zone; } zones[ZONES];
  uint32_t zone_count;
  int64_t from, to;
  const char *open[DEPTH];  /* names of the components that are open */
  uint32_t depth;
  IcsEvent event;
  VEC(Closed) closed;
  Arena *arena;
  DiagSink *sink;
} Reader;

__attribute__((format(printf, 3, 4))) static bool wrong(Reader *r, uint32_t line, const char *format, ...) {
  Buf why = BUF_INIT;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(&why, format, ap);
  va_end(ap);
  Diag *d = diag_at(r->sink, E_CALENDAR_TEXT, r->file, line, 0, "%s", why.data);
  diag_note(r->sink, d, "a calendar is read whole or not at all: what is not understood might be a freeze");
  buf_done(&why);
  return false;
}

static bool same(const char *text, size_t len, const char *word) { return len == strlen(word) && strncasecmp(text, word, len) == 0; }
static bool is(const IcsLine *l, const char *name) { return same(l->name, l->name_len, name); }

/* ---- lines ---- */

/* The next line, folded ones put together; false at the end. */
static bool next_line(Reader *r, IcsLine *ret) {
  buf_reset(&r->unfolded);
  *ret = (IcsLine){.number = r->line};
  if (!*r->at) return false;
  do {
    if (r->unfolded.len || *r->at == ' ' || *r->at == '\t') r->at++;
    size_t len = strcspn(r->at, "\n");
    buf_add(&r->unfolded, r->at, len > 0 && r->at[len - 1] == '\r' ? len - 1 : len);
    r->at += len + (r->at[len] == '\n');
    r->line++;
  } while (*r->at == ' ' || *r->at == '\t');
  return true;
}

/* NAME;PARAM=VALUE;PARAM="VALUE":VALUE */
static bool split_line(Reader *r, IcsLine *l) {
  const char *text = r->unfolded.data ? r->unfolded.data : "";
  size_t len = r->unfolded.len, i = 0;
  bool quoted = false;
  while (i < len && text[i] != ';' && text[i] != ':') i++;
  l->name = text;
  l->name_len = i;
  l->params = text + i;
  for (; i < len && (quoted || text[i] != ':'); i++) quoted ^= text[i] == '"';
  if (i == len || l->name_len == 0) return wrong(r, l->number, "this is no line of a calendar: expected NAME:VALUE");
  l->params_len = (size_t)(text + i - l->params);
  l->value = text + i + 1;
  l->value_len = len - i - 1;
  return true;
}

/* The value of a parameter, without quotes; NULL: not given. */
static const char *param(const IcsLine *l, const char *name, size_t *ret_len) {
  size_t n = strlen(name);
  for (const char *p = l->params, *end = p + l->params_len; p < end;) {
    const char *next = p + 1;
    for (bool quoted = false; next < end && (quoted || *next != ';'); next++) quoted ^= *next == '"';
    if ((size_t)(next - p) > n + 1 && strncasecmp(p + 1, name, n) == 0 && p[n + 1] == '=') {
      const char *value = p + n + 2, *last = next;
      if (last - value >= 2 && *value == '"' && last[-1] == '"') value++, last--;
      *ret_len = (size_t)(last - value);
      return value;
    }
    p = next;
  }
  return NULL;
}

/* ---- times ---- */

static const Zone *zone_named(Reader *r, const char *name) {
  for (uint32_t i = 0; i < r->zone_count; i++)
    if (strcmp(r->zones[i].name, name) == 0) return r->zones[i].zone;
  const Zone *zone = zone_load(r->arena, NULL, name, diag_sink_new(r->arena, NULL), (Span){0, 0});
  if (zone && r->zone_count < ZONES) {
    r->zones[r->zone_count].name = name;
    r->zones[r->zone_count++].zone = zone;
  }
  return zone;
}

static bool digits(const char *text, size_t len, int64_t *ret) {
  for (*ret = 0; len > 0; text++, len--) {
    if (*text < '0' || *text > '9') return false;
    *ret = *ret * 10 + (*text - '0');
  }
  return true;
}

/* 20260105, 20260105T110000, 20260105T110000Z. */
static bool parse_time(const char *text, size_t len, IcsTime *ret) {
  int64_t year, month, day, hour, minute, second;
  if (len < 8 || !digits(text, 4, &year) || !digits(text + 4, 2, &month) || !digits(text + 6, 2, &day)) return false;
  if (year < FIRST_YEAR || year > LAST_YEAR || !date_is_valid(year, month, day)) return false;
  ret->day = (int32_t)date_to_days(year, month, day);
  ret->ms = 0;
  ret->whole_day = len == 8;
  if (ret->whole_day) return true;
  if (len < 15 || len > 16 || text[8] != 'T' || (len == 16 && text[15] != 'Z')) return false;
  if (!digits(text + 9, 2, &hour) || !digits(text + 11, 2, &minute) || !digits(text + 13, 2, &second)) return false;
  if (hour > 23 || minute > 59 || second > 60) return false;
  ret->ms = (int32_t)((hour * 3600 + minute * 60 + (second > 59 ? 59 : second)) * 1000);
  if (len == 16) ret->zone = zone_utc();
  return true;
}

static bool read_time(Reader *r, const IcsLine *l, const char *text, size_t len, IcsTime *ret) {
  size_t zone_len;
  const char *zone = param(l, "TZID", &zone_len);
  *ret = (IcsTime){.zone = r->zone};
  if (zone) {
    const char *name = arena_string(r->arena, zone, zone_len);
    ret->zone = zone_named(r, name);
    if (!ret->zone) return wrong(r, l->number, "no time zone is called `%s`: a calendar names zones as the IANA database does", name);
  }
  if (parse_time(text, len, ret)) return true;
  return wrong(r, l->number, "`%.*s` is no date or time between %d and %d", (int)(len < 40 ? len : 40), text, FIRST_YEAR, LAST_YEAR);
}

static int64_t instant(const IcsTime *t, int32_t day) { return zone_instant(t->zone, day, t->ms, false); }

static bool read_times(Reader *r, const IcsLine *l, TimeVec *ret) {
  const char *at = l->value, *end = at + l->value_len;
  while (at <= end) {
    const char *comma = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
    size_t len = (size_t)((comma ? comma : end) - at);
    IcsTime t;
    if (!read_time(r, l, at, len, &t)) return false;
    vec_push(ret, t);
    at += len + 1;
  }
  return true;
}

/* P1W, P2D, PT1H30M, P1DT12H: days are of the clock, the rest is time. */
static bool read_duration(Reader *r, const IcsLine *l, IcsEvent *e) {
  const char *at = l->value, *end = at + l->value_len;
  bool time = false, any = false, good = true;
  if (at < end && *at == '+') at++;
  good = at < end && *at++ == 'P';
  while (good && at < end) {
    int64_t n = 0;
    if (*at == 'T' && !time) {
      time = true;
      at++;
      continue;
    }
    const char *from = at;
    while (at < end && *at >= '0' && *at <= '9') at++;
    good = at < end && at > from && at - from <= 6 && digits(from, (size_t)(at - from), &n);
    if (!good) break;
    char unit = *at++;
    any = true;
    if (!time && unit == 'W') e->lasts_days += (int32_t)n * 7;
    else if (!time && unit == 'D') e->lasts_days += (int32_t)n;
    else if (time && unit == 'H') e->lasts_ms += n * 3600000;
    else if (time && unit == 'M') e->lasts_ms += n * 60000;
    else if (time && unit == 'S') e->lasts_ms += n * 1000;
    else good = false;
  }
  e->has_duration = true;
  return (good && any && e->lasts_days < 100000) || wrong(r, l->number, "`%.*s` is no duration", (int)(l->value_len < 40 ? l->value_len : 40), l->value);
}

/* ---- events ---- */

static bool is_excepted(const IcsEvent *e, int32_t day) {
  for (uint32_t i = 0; i < e->except.len; i++) {
    const IcsTime *t = &e->except.items[i];
    if (t->whole_day == e->start.whole_day && (t->whole_day ? t->day == day : instant(t, t->day) == instant(&e->start, day))) return true;
  }
  return false;
}

/* One occurrence, of the event's length, as far as it lies in what was asked for. */
static bool close_time(Reader *r, const IcsEvent *e, const IcsTime *start, int32_t day) {
  int64_t from = instant(start, day), to = zone_instant(start->zone, day + e->lasts_days, start->ms, false) + e->lasts_ms;
  if (to <= from || to <= r->from || from >= r->to) return true;
  if (r->closed.len == LIMIT_CALENDAR_TIMES) return wrong(r, e->line, "the calendar closes more than %u times", LIMIT_CALENDAR_TIMES);
  vec_push(&r->closed, ((Closed){from < r->from ? r->from : from, to > r->to ? r->to : to}));
  return true;
}

static bool measure(Reader *r, IcsEvent *e) {
  if (!e->has_start) return wrong(r, e->line, "this event has no DTSTART");
  if (e->has_end && e->has_duration) return wrong(r, e->line, "this event has both DTEND and DURATION");
  if (e->start.whole_day && e->lasts_ms) return wrong(r, e->line, "this event is of whole days and lasts a part of one");
  if (!e->has_end) {
    if (!e->has_duration && e->start.whole_day) e->lasts_days = 1;
    return true;
  }
  if (e->end.whole_day != e->start.whole_day) return wrong(r, e->line, "this event begins with a day and ends with a time, or the reverse");
  if (e->start.whole_day) e->lasts_days = e->end.day - e->start.day;
  else e->lasts_ms = instant(&e->end, e->end.day) - instant(&e->start, e->start.day);
  return (e->lasts_days >= 0 && e->lasts_ms >= 0) || wrong(r, e->line, "this event ends before it begins");
}

static bool spread_rule(Reader *r, IcsEvent *e) {
  const IcsRule *rule = &e->rule;
  IcsTime until = {.zone = e->start.zone};
  if (rule->until && !parse_time(rule->until, rule->until_len, &until)) return wrong(r, e->line, "the UNTIL of this event's rule is no date or time");
  int32_t first = e->start.day, last = zone_day(e->start.zone, r->to), day = first;
  int64_t reaches = e->lasts_days + e->lasts_ms / DAY_MS + 2;
  if (!rule->count && zone_day(e->start.zone, r->from) - reaches > first) day = (int32_t)(zone_day(e->start.zone, r->from) - reaches);
  for (uint32_t n = 0; day <= last; day++) {
    if (day != first && !ics_rule_names(rule, first, day)) continue;
    if (rule->count && ++n > rule->count) break;
    if (rule->until && (until.whole_day ? day > until.day : instant(&e->start, day) > instant(&until, until.day))) break;
    if (!is_excepted(e, day) && !close_time(r, e, &e->start, day)) return false;
  }
  return true;
}

static bool end_event(Reader *r) {
  IcsEvent *e = &r->event;
  if (e->cancelled) return true;
  if (!measure(r, e)) return false;
  for (uint32_t i = 0; i < e->extra.len; i++) {
    if (e->extra.items[i].whole_day != e->start.whole_day) return wrong(r, e->line, "an RDATE of this event is of another kind than its DTSTART");
    if (!close_time(r, e, &e->extra.items[i], e->extra.items[i].day)) return false;
  }
  if (e->repeats) return spread_rule(r, e);
  return is_excepted(e, e->start.day) || close_time(r, e, &e->start, e->start.day);
}

static bool once(Reader *r, const IcsLine *l, bool *given, const char *name) {
  if (*given) return wrong(r, l->number, "this event has a second %s", name);
  return *given = true;
}

static bool event_line(Reader *r, const IcsLine *l) {
  IcsEvent *e = &r->event;
  size_t len;
  if (is(l, "DTSTART")) return once(r, l, &e->has_start, "DTSTART") && read_time(r, l, l->value, l->value_len, &e->start);
  if (is(l, "DTEND")) return once(r, l, &e->has_end, "DTEND") && read_time(r, l, l->value, l->value_len, &e->end);
  if (is(l, "DURATION")) return once(r, l, &e->has_duration, "DURATION") && read_duration(r, l, e);
  if (is(l, "EXDATE")) return read_times(r, l, &e->except);
  if (is(l, "RDATE")) return read_times(r, l, &e->extra);
  if (is(l, "STATUS")) e->cancelled = same(l->value, l->value_len, "CANCELLED");
  if (is(l, "EXRULE")) return wrong(r, l->number, "EXRULE is not understood");
  if (is(l, "RECURRENCE-ID") && param(l, "RANGE", &len)) return wrong(r, l->number, "a change of all later occurrences is not understood");
  if (!is(l, "RRULE")) return true;
  if (!once(r, l, &e->repeats, "RRULE")) return false;
  const char *rule = arena_string(r->arena, l->value, l->value_len), *why = ics_rule_parse(rule, l->value_len, &e->rule);
  return !why || wrong(r, l->number, "a rule of recurrence: %s", why);
}

/* ---- components ---- */

static bool in_event(const Reader *r) { return r->depth == 2 && strcasecmp(r->open[1], "VEVENT") == 0; }

static void event_done(IcsEvent *e) {
  vec_done(&e->except);
  vec_done(&e->extra);
}

static bool begin(Reader *r, const IcsLine *l) {
  if (r->depth == DEPTH) return wrong(r, l->number, "components lie more than %u deep", DEPTH);
  if (r->depth == 0 && !same(l->value, l->value_len, "VCALENDAR")) return wrong(r, l->number, "expected BEGIN:VCALENDAR");
  r->open[r->depth++] = arena_string(r->arena, l->value, l->value_len);
  if (!in_event(r)) return true;
  event_done(&r->event);
  r->event = (IcsEvent){.line = l->number};
  return true;
}

static bool end(Reader *r, const IcsLine *l) {
  if (r->depth == 0 || !same(l->value, l->value_len, r->open[r->depth - 1])) return wrong(r, l->number, "this END has no BEGIN of its name");
  bool good = !in_event(r) || end_event(r);
  r->depth--;
  return good;
}

static bool read_lines(Reader *r) {
  bool any = false;
  for (IcsLine l; next_line(r, &l);) {
    if (r->unfolded.len == 0) continue;
    if (!split_line(r, &l)) return false;
    if (!any && !is(&l, "BEGIN")) return wrong(r, l.number, "this is no calendar: it does not begin with BEGIN:VCALENDAR");
    any = true;
    if (is(&l, "BEGIN") ? !begin(r, &l) : is(&l, "END") ? !end(r, &l) : in_event(r) && !event_line(r, &l)) return false;
    if (r->depth == 0 && !is(&l, "END")) return wrong(r, l.number, "this stands outside of the calendar");
  }
  if (!any) return wrong(r, 0, "this is no calendar: it is empty");
  return r->depth == 0 || wrong(r, r->line, "the calendar ends in the middle: %s has no END", r->open[r->depth - 1]);
}

/* ---- the whole ---- */

static int by_begin(const void *l, const void *r) {
  const Closed *a = l, *b = r;
  return (a->from > b->from) - (a->from < b->from);
}

static uint32_t joined(Closed *c, uint32_t count) {
  uint32_t kept = 0;
  if (count) qsort(c, count, sizeof *c, by_begin);
  for (uint32_t i = 0; i < count; i++) {
    if (kept && c[i].from <= c[kept - 1].to) {
      if (c[i].to > c[kept - 1].to) c[kept - 1].to = c[i].to;
    } else {
      c[kept++] = c[i];
    }
  }
  return kept;
}

bool ics_closed(const char *file, const char *bytes, const Zone *zone, int64_t from, int64_t to, Arena *arena, DiagSink *sink,
                const Closed **ret, uint32_t *ret_count) {
  Reader r = {.file = file, .at = bytes, .line = 1, .unfolded = BUF_INIT, .zone = zone, .from = from, .to = to, .arena = arena, .sink = sink};
  if (strncmp(bytes, "\xef\xbb\xbf", 3) == 0) r.at += 3;
  bool good = read_lines(&r);
  if (good) {
    *ret_count = joined(r.closed.items, r.closed.len);
    *ret = arena_copy(arena, r.closed.items, size_product(*ret_count, sizeof **ret));
  }
  event_done(&r.event);
  vec_done(&r.closed);
  buf_done(&r.unfolded);
  return good;
}
