/* quantity: see quantity.h. The kinds, their arithmetic and the calendar. Text is made in
 * quantity_show.c and read in quantity_parse.c. */
#include <config.h>

#include "lang/quantity.h"

#include <assert.h>
#include <string.h>

#include "lang/quantity_units.h"

const UnitInfo quantity_units[] = {
    {QUANTITY_NUMBER, "", 1}, /* row 0: written in no unit of the table */
#define UNIT(kind, unit, factor) {QUANTITY_##kind, unit, factor},
#include "lang/quantity.def"
};
const uint32_t quantity_unit_count = sizeof quantity_units / sizeof *quantity_units;

typedef struct KindInfo {
  const char *word, *phrase, *example;
  int64_t low, high;
} KindInfo;

static const KindInfo kinds[] = {
#define QUANTITY(kind, word, phrase, low, high, example, base) {word, phrase, example, low, high},
#include "lang/quantity.def"
};

const char *quantity_kind_word(QuantityKind kind) { return kinds[kind].word; }
const char *quantity_kind_phrase(QuantityKind kind) { return kinds[kind].phrase; }
const char *quantity_kind_example(QuantityKind kind) { return kinds[kind].example; }
int64_t quantity_kind_low(QuantityKind kind) { return kinds[kind].low; }
int64_t quantity_kind_high(QuantityKind kind) { return kinds[kind].high; }

bool quantity_kind_find(const char *word, size_t len, QuantityKind *ret_kind) {
  for (uint32_t k = 0; k < QUANTITY_KIND_COUNT; k++) {
    if (strlen(kinds[k].word) != len || memcmp(kinds[k].word, word, len) != 0) continue;
    *ret_kind = (QuantityKind)k;
    return true;
  }
  return false;
}

/* ---- arithmetic ---- */

/* The VM's "unknown" is no value. */
static bool store(bool overflow, int64_t value, int64_t *ret) {
  if (overflow || value == INT64_MIN) return false;
  *ret = value;
  return true;
}

bool quantity_add(int64_t a, int64_t b, int64_t *ret) {
  int64_t value;
  bool overflow = __builtin_add_overflow(a, b, &value);
  return store(overflow, value, ret);
}

bool quantity_sub(int64_t a, int64_t b, int64_t *ret) {
  int64_t value;
  bool overflow = __builtin_sub_overflow(a, b, &value);
  return store(overflow, value, ret);
}

bool quantity_mul(int64_t a, int64_t b, int64_t *ret) {
  int64_t value;
  bool overflow = __builtin_mul_overflow(a, b, &value);
  return store(overflow, value, ret);
}

bool quantity_div(int64_t a, int64_t b, int64_t *ret) {
  if (b == 0 || a == INT64_MIN) return false;
  return store(false, a / b, ret);
}

bool quantity_neg(int64_t a, int64_t *ret) { return quantity_sub(0, a, ret); }

static bool is_moment(QuantityKind k) { return k == QUANTITY_TIME || k == QUANTITY_DATETIME; }
static bool is_amount(QuantityKind k) { return !is_moment(k) && k != QUANTITY_DATE; }

bool quantity_kinds_add(QuantityKind a, QuantityKind b, QuantityKind *ret) {
  if (a == QUANTITY_DURATION && is_moment(b)) return *ret = b, true;
  if (is_moment(a) && b == QUANTITY_DURATION) return *ret = a, true;
  return a == b && is_amount(a) && (*ret = a, true);
}

bool quantity_kinds_sub(QuantityKind a, QuantityKind b, QuantityKind *ret) {
  if (is_moment(a) && b == QUANTITY_DURATION) return *ret = a, true;
  if (is_moment(a) && a == b) return *ret = QUANTITY_DURATION, true;
  return a == b && is_amount(a) && (*ret = a, true);
}

bool quantity_kinds_mul(QuantityKind a, QuantityKind b, QuantityKind *ret) {
  if (a == QUANTITY_NUMBER && is_amount(b)) return *ret = b, true;
  return b == QUANTITY_NUMBER && is_amount(a) && (*ret = a, true);
}

bool quantity_kinds_div(QuantityKind a, QuantityKind b, QuantityKind *ret) {
  if (b == QUANTITY_NUMBER && is_amount(a)) return *ret = a, true;
  return a == b && is_amount(a) && (*ret = QUANTITY_FRACTION, true);
}

/* ---- parts of a whole ---- */

#define MILLION 1000000

__extension__ typedef __int128 Wide;

/* Quotient rounded towards minus infinity; b > 0. */
static Wide floor_div(Wide a, Wide b) { return a / b - (a % b < 0 ? 1 : 0); }

static bool fits(Wide w) { return w > INT64_MIN && w <= INT64_MAX; }

static bool part(Wide amount, int64_t fraction, int64_t whole, Part *ret) {
  if (!fits(amount)) return false;
  *ret = (Part){.amount = (int64_t)amount, .whole = whole, .fraction = fraction};
  return true;
}

bool quantity_part_down(int64_t fraction, int64_t whole, Part *ret) {
  return part(floor_div((Wide)fraction * whole, MILLION), fraction, whole, ret);
}

bool quantity_part_up(int64_t fraction, int64_t whole, Part *ret) {
  return part(-floor_div(-((Wide)fraction * whole), MILLION), fraction, whole, ret);
}

bool quantity_ratio(int64_t part_value, int64_t whole, int64_t *ret_fraction) {
  if (whole == 0) return false;
  Wide above = (Wide)part_value * MILLION, below = whole;
  Wide ppm = below > 0 ? floor_div(above, below) : floor_div(-above, -below);
  if (!fits(ppm)) return false;
  *ret_fraction = (int64_t)ppm;
  return true;
}

/* ---- the calendar ---- */

static bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

bool date_is_valid(int64_t year, int64_t month, int64_t day) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  return day <= days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Days before 1 March of the year, counted from 1 March of year 0: with the leap day last in the year the months
 * have a regular pattern. */
static int64_t days_before_march(int64_t year) { return year * 365 + year / 4 - year / 100 + year / 400; }
#define EPOCH 719468 /* 1970-01-01 in that count */

int64_t date_to_days(int64_t year, int64_t month, int64_t day) {
  int64_t march_year = month <= 2 ? year - 1 : year;
  int64_t march_month = month <= 2 ? month + 9 : month - 3;
  return days_before_march(march_year) + (153 * march_month + 2) / 5 + day - 1 - EPOCH;
}

void date_from_days(int64_t days, int64_t *ret_year, int64_t *ret_month, int64_t *ret_day) {
  int64_t count = days + EPOCH;
  int64_t year = count * 400 / 146097; /* at most one too high */
  if (days_before_march(year) > count) year--;
  if (days_before_march(year + 1) <= count) year++;
  int64_t day_of_year = count - days_before_march(year);
  int64_t month = (5 * day_of_year + 2) / 153;
  *ret_day = day_of_year - (153 * month + 2) / 5 + 1;
  *ret_month = month < 10 ? month + 3 : month - 9;
  *ret_year = month < 10 ? year : year + 1;
}
