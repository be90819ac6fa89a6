/* zone_rule.c: see zone_rule.h. */
#include <config.h>

#include "runtime/zone_rule.h"

#include "lang/quantity.h"

#include <string.h>

#define DAY_SECONDS INT64_C(86400)

/* ---- reading ---- */

typedef struct Reader {
  const char *p, *end;
} Reader;

static bool next_is(const Reader *r, char c) { return r->p < r->end && *r->p == c; }

static bool step(Reader *r, char c) {
  if (!next_is(r, c)) return false;
  r->p++;
  return true;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool read_number(Reader *r, int32_t low, int32_t high, int32_t *ret) {
  int32_t v = 0;
  const char *start = r->p;
  while (r->p < r->end && is_digit(*r->p) && r->p - start < 4) v = v * 10 + (*r->p++ - '0');
  if (r->p == start || v < low || v > high) return false;
  *ret = v;
  return true;
}

/* Letters, or anything but > in angle brackets. */
static bool read_abbreviation(Reader *r, char *ret) {
  bool angle = step(r, '<');
  size_t n = 0;
  while (r->p < r->end && (angle ? *r->p != '>' : is_letter(*r->p))) {
    if (n == ZONE_ABBREVIATION - 1) return false;
    ret[n++] = *r->p++;
  }
  ret[n] = '\0';
  return n >= 3 && (!angle || step(r, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool read_clock(Reader *r, int32_t most_hours, int32_t *ret) {
  bool negative = next_is(r, '-');
  if (negative || next_is(r, '+')) r->p++;
  int32_t hours, minutes = 0, seconds = 0;
  if (!read_number(r, 0, most_hours, &hours)) return false;
  if (step(r, ':') && !read_number(r, 0, 59, &minutes)) return false;
  if (step(r, ':') && !read_number(r, 0, 59, &seconds)) return false;
  *ret = (hours * 60 + minutes) * 60 + seconds;
  if (negative) *ret = -*ret;
  return true;
}

static bool read_change(Reader *r, RuleChange *ret) {
  *ret = (RuleChange){.seconds = 2 * 3600};
  if (step(r, 'M')) {
    ret->form = RULE_WEEKDAY;
    if (!read_number(r, 1, 12, &ret->month) || !step(r, '.')) return false;
    if (!read_number(r, 1, 5, &ret->week) || !step(r, '.')) return false;
    if (!read_number(r, 0, 6, &ret->day)) return false;
  } else if (step(r, 'J')) {
    ret->form = RULE_JULIAN;
    if (!read_number(r, 1, 365, &ret->day)) return false;
  } else {
    ret->form = RULE_ORDINAL;
    if (!read_number(r, 0, 365, &ret->day)) return false;
  }
  return !step(r, '/') || read_clock(r, 167, &ret->seconds);
}

bool zone_rule_parse(const char *text, size_t len, ZoneRule *ret) {
  Reader r = {text, text + len};
  ZoneRule rule = {0};
  if (!read_abbreviation(&r, rule.standard) || !read_clock(&r, 24, &rule.standard_offset)) return false;
  rule.standard_offset = -rule.standard_offset; /* POSIX counts west */
  rule.has_summer = r.p < r.end;
  if (rule.has_summer) {
    if (!read_abbreviation(&r, rule.summer)) return false;
    rule.summer_offset = rule.standard_offset + 3600;
    if (!next_is(&r, ',')) {
      if (!read_clock(&r, 24, &rule.summer_offset)) return false;
      rule.summer_offset = -rule.summer_offset;
    }
    if (!step(&r, ',') || !read_change(&r, &rule.begins)) return false;
    if (!step(&r, ',') || !read_change(&r, &rule.ends)) return false;
  }
  if (r.p != r.end) return false;
  *ret = rule;
  return true;
}

/* ---- using ---- */

static bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* The day of the change in the year, since 1970. */
static int64_t change_day(const RuleChange *c, int64_t year) {
  int64_t first = date_to_days(year, 1, 1);
  switch (c->form) {
  case RULE_ORDINAL: return first + c->day;
  case RULE_JULIAN: return first + c->day - 1 + (is_leap(year) && c->day > 59);
  case RULE_WEEKDAY: break;
  }
  int64_t month = date_to_days(year, c->month, 1);
  int64_t next = c->month == 12 ? date_to_days(year + 1, 1, 1) : date_to_days(year, c->month + 1, 1);
  int64_t weekday = ((month + 4) % 7 + 7) % 7; /* 0 Sunday; 1970-01-01 was a Thursday */
  int64_t day = month + (c->day - weekday + 7) % 7 + 7 * (c->week - 1);
  return day < next ? day : day - 7;
}

/* The instant of the change in UTC; offset is in force before it. */
static int64_t change_instant(const RuleChange *c, int64_t year, int32_t offset) {
  return change_day(c, year) * DAY_SECONDS + c->seconds - offset;
}

bool zone_rule_summer(const ZoneRule *r, int64_t seconds) {
  if (!r->has_summer) return false;
  int64_t local = seconds + r->standard_offset;
  int64_t day = local >= 0 ? local / DAY_SECONDS : -((-local + DAY_SECONDS - 1) / DAY_SECONDS);
  int64_t year, month, month_day, latest = INT64_MIN;
  date_from_days(day, &year, &month, &month_day);
  bool summer = false;
  for (int64_t y = year - 1; y <= year + 1; y++) {
    int64_t begins = change_instant(&r->begins, y, r->standard_offset);
    int64_t ends = change_instant(&r->ends, y, r->summer_offset);
    if (begins <= seconds && begins >= latest) {
      latest = begins;
      summer = true;
    }
    if (ends <= seconds && ends > latest) {
      latest = ends;
      summer = false;
    }
  }
  return summer;
}
