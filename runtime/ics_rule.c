/* ics_rule: a rule names days. Whether it names one depends on that day and on the first one only, so no list of
 * occurrences is ever kept. */
#include <config.h>

#include "runtime/ics_rule.h"

#include "lang/quantity.h"
#include "runtime/calendar.h"

#include <string.h>
#include <strings.h>

/* ---- reading ---- */

typedef struct Piece { const char *at; size_t len; } Piece;

static bool is_word(Piece p, const char *word) { return p.len == strlen(word) && strncasecmp(p.at, word, p.len) == 0; }

/* The text up to the next `mark`, which is taken off *rest with it. */
static Piece cut(Piece *rest, char mark) {
  const char *found = rest->len ? memchr(rest->at, mark, rest->len) : NULL;
  Piece p = {rest->at, found ? (size_t)(found - rest->at) : rest->len};
  size_t used = found ? p.len + 1 : p.len;
  *rest = (Piece){rest->at + used, rest->len - used};
  return p;
}

static bool number(Piece p, int64_t least, int64_t most, int64_t *ret) {
  bool negative = p.len > 0 && p.at[0] == '-';
  size_t i = p.len > 0 && (p.at[0] == '-' || p.at[0] == '+');
  if (i == p.len || p.len - i > 6) return false;
  for (*ret = 0; i < p.len; i++) {
    if (p.at[i] < '0' || p.at[i] > '9') return false;
    *ret = *ret * 10 + (p.at[i] - '0');
  }
  if (negative) *ret = -*ret;
  return *ret >= least && *ret <= most;
}

static bool weekday(Piece p, uint8_t *ret) {
  static const char *const names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
  for (uint8_t i = 0; i < 7; i++)
    if (is_word(p, names[i])) return *ret = i, true;
  return false;
}

static bool by_day(Piece list, IcsRule *r) {
  while (list.len > 0) {
    Piece one = cut(&list, ',');
    int64_t ordinal = 0;
    if (one.len < 2 || r->day_count == ICS_RULE_DAYS) return false;
    Piece sign = {one.at, one.len - 2}, day = {one.at + one.len - 2, 2};
    if (sign.len > 0 && (!number(sign, -53, 53, &ordinal) || ordinal == 0)) return false;
    r->days[r->day_count].ordinal = (int8_t)ordinal;
    if (!weekday(day, &r->days[r->day_count++].weekday)) return false;
  }
  return r->day_count > 0;
}

static bool by_month_day(Piece list, IcsRule *r) {
  while (list.len > 0) {
    int64_t n;
    if (!number(cut(&list, ','), -31, 31, &n) || n == 0) return false;
    if (n > 0) r->month_days |= UINT32_C(1) << n;
    else r->from_end |= UINT32_C(1) << -n;
  }
  return r->month_days || r->from_end;
}

static bool by_month(Piece list, IcsRule *r) {
  while (list.len > 0) {
    int64_t n;
    if (!number(cut(&list, ','), 1, 12, &n)) return false;
    r->months |= UINT32_C(1) << n;
  }
  return r->months != 0;
}

static bool frequency(Piece p, IcsRule *r) {
  static const char *const names[] = {"", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
  for (IcsFrequency f = ICS_DAILY; f <= ICS_YEARLY; f++)
    if (is_word(p, names[f])) return r->frequency = f, true;
  return false;
}

static bool part(Piece key, Piece value, IcsRule *r) {
  int64_t n = 0;
  if (is_word(key, "FREQ")) return frequency(value, r);
  if (is_word(key, "INTERVAL")) return number(value, 1, 100000, &n) && (r->interval = (uint32_t)n, true);
  if (is_word(key, "COUNT")) return number(value, 1, 100000, &n) && (r->count = (uint32_t)n, true);
  if (is_word(key, "UNTIL")) return r->until = value.at, r->until_len = value.len, value.len > 0;
  if (is_word(key, "WKST")) return weekday(value, &r->week_start);
  if (is_word(key, "BYDAY")) return by_day(value, r);
  if (is_word(key, "BYMONTHDAY")) return by_month_day(value, r);
  if (is_word(key, "BYMONTH")) return by_month(value, r);
  return false;
}

const char *ics_rule_parse(const char *text, size_t len, IcsRule *ret) {
  Piece rest = {text, len};
  *ret = (IcsRule){.interval = 1};
  while (rest.len > 0) {
    Piece value = cut(&rest, ';'), key = cut(&value, '=');
    if (!part(key, value, ret)) return "it has a part that is not understood; understood are FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, "
                                       "COUNT, UNTIL, WKST, BYDAY, BYMONTHDAY and BYMONTH";
  }
  if (ret->frequency == ICS_ONCE) return "it has no FREQ";
  if (ret->count && ret->until) return "it has both COUNT and UNTIL";
  if (ret->frequency == ICS_WEEKLY && (ret->month_days || ret->from_end)) return "a weekly rule has no BYMONTHDAY";
  for (uint32_t i = 0; i < ret->day_count; i++)
    if (ret->days[i].ordinal && ret->frequency < ICS_MONTHLY) return "only monthly and yearly rules number their weekdays";
  return NULL;
}

/* ---- matching ---- */

typedef struct Date { int64_t year, month, day, in_month, in_year, of_year; } Date; /* in_month: days that it has; of_year: from 1 */

static Date date_of(int32_t day) {
  Date d;
  date_from_days(day, &d.year, &d.month, &d.day);
  int64_t next_year = d.month == 12 ? d.year + 1 : d.year, next_month = d.month == 12 ? 1 : d.month + 1;
  d.in_month = date_to_days(next_year, next_month, 1) - date_to_days(d.year, d.month, 1);
  d.in_year = date_to_days(d.year + 1, 1, 1) - date_to_days(d.year, 1, 1);
  d.of_year = day - date_to_days(d.year, 1, 1) + 1;
  return d;
}

/* The n-th of its weekday, from the begin or the end of so many days. */
static bool is_nth(int64_t place, int64_t days, int64_t n) {
  return n == 0 || (n > 0 ? (place - 1) / 7 + 1 == n : (days - place) / 7 + 1 == -n);
}

static bool day_is_named(const IcsRule *r, const Date *d, unsigned of_week) {
  bool in_year = r->frequency == ICS_YEARLY && !r->months; /* ordinals count within the year */
  for (uint32_t i = 0; i < r->day_count; i++) {
    if (r->days[i].weekday != of_week) continue;
    if (in_year ? is_nth(d->of_year, d->in_year, r->days[i].ordinal) : is_nth(d->day, d->in_month, r->days[i].ordinal)) return true;
  }
  return false;
}

static bool period_is_named(const IcsRule *r, const Date *a, const Date *b, int32_t first, int32_t day) {
  switch (r->frequency) {
  case ICS_ONCE: return false;
  case ICS_DAILY: return (day - first) % (int64_t)r->interval == 0;
  case ICS_WEEKLY: {
    int64_t lead = (calendar_weekday(first) + 7 - r->week_start) % 7;
    return (day - (first - lead)) / 7 % r->interval == 0;
  }
  case ICS_MONTHLY: return ((b->year - a->year) * 12 + b->month - a->month) % r->interval == 0;
  case ICS_YEARLY: return (b->year - a->year) % r->interval == 0;
  }
  return false;
}

bool ics_rule_names(const IcsRule *r, int32_t first, int32_t day) {
  Date a = date_of(first), b = date_of(day);
  bool month_days = r->month_days || r->from_end;
  if (!period_is_named(r, &a, &b, first, day)) return false;
  if (r->months && !(r->months >> b.month & 1)) return false;
  if (month_days && !(r->month_days >> b.day & 1) && !(r->from_end >> (b.in_month - b.day + 1) & 1)) return false;
  if (r->day_count && !day_is_named(r, &b, calendar_weekday(day))) return false;
  if (r->day_count || month_days || r->frequency == ICS_DAILY) return true;
  if (r->frequency == ICS_WEEKLY) return calendar_weekday(day) == calendar_weekday(first);
  return b.day == a.day && (r->frequency == ICS_MONTHLY || r->months || b.month == a.month);
}
