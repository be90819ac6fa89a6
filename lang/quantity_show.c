/* quantity_show: quantities as text, always exactly. The best unit is the one that makes the shortest text without
 * a zero before the point; of equally short ones the larger. A duration is a sum of whole units instead (1h 30min), as people say it. */
#include <config.h>

#include "lang/quantity.h"

#include <string.h>

#include "lang/quantity_units.h"

#define MOST_DECIMALS 12 /* quantity_parse.c reads no more */

/* value / factor with all its decimals; false, and nothing written, when they do not end in time. */
static bool show_in_unit(int64_t value, const UnitInfo *unit, Buf *out) {
  uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value, factor = (uint64_t)unit->factor;
  uint64_t rest = magnitude % factor;
  char decimals[MOST_DECIMALS + 1] = "";
  for (int i = 0; rest; i++) {
    if (i == MOST_DECIMALS) return false;
    decimals[i] = (char)('0' + rest * 10 / factor); /* factor < 2^41: no overflow */
    decimals[i + 1] = '\0';
    rest = rest * 10 % factor;
  }
  buf_printf(out, "%s%" PRIu64 "%s%s%s", value < 0 ? "-" : "", magnitude / factor, *decimals ? "." : "", decimals,
             unit->text);
  return true;
}

static void show_in_best_unit(QuantityKind kind, int64_t value, Buf *out) {
  Buf best = BUF_INIT, next = BUF_INIT;
  for (uint32_t u = 1; u < quantity_unit_count; u++) {
    const UnitInfo *unit = &quantity_units[u];
    bool too_large = best.len > 0 && value < unit->factor && value > -unit->factor;
    if (unit->kind != kind || too_large) continue;
    buf_reset(&next);
    if (!show_in_unit(value, unit, &next) || (best.len > 0 && next.len > best.len)) continue;
    Buf swap = best;
    best = next;
    next = swap;
  }
  buf_add(out, best.data, best.len);
  buf_done(&best);
  buf_done(&next);
}

static void show_duration(int64_t value, Buf *out) {
  static const struct { const char *unit; uint64_t ms; } steps[] = {
      {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
  if (value == 0) {
    buf_str(out, "0s");
    return;
  }
  if (value < 0) buf_char(out, '-');
  uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
  const char *blank = "";
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    if (rest < steps[i].ms) continue;
    buf_printf(out, "%s%" PRIu64 "%s", blank, rest / steps[i].ms, steps[i].unit);
    rest %= steps[i].ms;
    blank = " ";
  }
}

static void show_time(int64_t value, Buf *out) {
  if (value < 0) buf_char(out, '-'); /* no literal is: a difference gone wrong is still shown as what it is */
  uint64_t ms = value < 0 ? -(uint64_t)value : (uint64_t)value;
  buf_printf(out, "%02" PRIu64 ":%02" PRIu64, ms / 3600000, ms / 60000 % 60);
  if (ms % 60000) buf_printf(out, ":%02" PRIu64, ms / 1000 % 60);
  if (ms % 1000) buf_printf(out, ".%03" PRIu64, ms % 1000);
}

static void show_date(int64_t value, Buf *out) {
  if (value < DATE_FIRST || value > DATE_LAST) {
    buf_printf(out, "day %" PRId64 " since 1970-01-01", value);
    return;
  }
  int64_t year, month, day;
  date_from_days(value, &year, &month, &day);
  buf_printf(out, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month, day);
}

static void show_datetime(int64_t value, Buf *out) {
  if (value < DATE_FIRST * DAY || value >= (DATE_LAST + 1) * DAY) {
    buf_printf(out, "%" PRId64 "ms since 1970-01-01T00:00Z", value);
    return;
  }
  int64_t days = value / DAY - (value % DAY < 0 ? 1 : 0);
  show_date(days, out);
  buf_char(out, 'T');
  show_time(value - days * DAY, out);
  buf_char(out, 'Z');
}

void quantity_show(QuantityKind kind, int64_t value, Buf *out) {
  if (value == INT64_MIN) {
    buf_str(out, "unknown");
    return;
  }
  switch (kind) {
  case QUANTITY_NUMBER: buf_printf(out, "%" PRId64, value); break;
  case QUANTITY_DURATION: show_duration(value, out); break;
  case QUANTITY_TIME: show_time(value, out); break;
  case QUANTITY_DATE: show_date(value, out); break;
  case QUANTITY_DATETIME: show_datetime(value, out); break;
  case QUANTITY_FRACTION:
  case QUANTITY_POWER:
  case QUANTITY_TEMPERATURE:
  case QUANTITY_FLOW:
  case QUANTITY_DATA: show_in_best_unit(kind, value, out); break;
  case QUANTITY_KIND_COUNT: break;
  }
}

void quantity_write(Quantity q, Buf *out) {
  const UnitInfo *unit = &quantity_units[q.unit];
  bool in_unit = q.unit != 0 && q.value != INT64_MIN && unit->kind == q.kind;
  if (!in_unit || !show_in_unit(q.value, unit, out)) quantity_show((QuantityKind)q.kind, q.value, out);
}

void quantity_show_part(Part p, Buf *out) {
  buf_printf(out, "%" PRId64 " (", p.amount);
  quantity_show(QUANTITY_FRACTION, p.fraction, out);
  buf_printf(out, " of %" PRId64 ")", p.whole);
}
