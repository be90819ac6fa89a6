/* Arithmetic on values, which kinds combine, parts of a whole, the calendar. */
#include <config.h>

#include "lang/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KEPT 4711 /* what an output holds when it was not written */

static void sums(void **state) {
  (void)state;
  int64_t r = KEPT;
  assert_true(quantity_add(2, 3, &r) && r == 5);
  assert_true(quantity_sub(2, 3, &r) && r == -1);
  assert_true(quantity_add(INT64_MAX - 1, 1, &r) && r == INT64_MAX);
  assert_true(quantity_sub(-INT64_MAX + 1, 1, &r) && r == -INT64_MAX);
  r = KEPT;
  assert_false(quantity_add(INT64_MAX, 1, &r));
  assert_false(quantity_add(-INT64_MAX, -1, &r)); /* INT64_MIN is "unknown", no value */
  assert_false(quantity_sub(-INT64_MAX, 1, &r));
  assert_false(quantity_sub(-2, INT64_MAX, &r));
  assert_int_equal(r, KEPT);
}

static void products_and_quotients(void **state) {
  (void)state;
  int64_t r = KEPT;
  assert_true(quantity_mul(-4, 5, &r) && r == -20);
  assert_true(quantity_div(7, 2, &r) && r == 3);
  assert_true(quantity_div(-7, 2, &r) && r == -3); /* towards zero */
  assert_true(quantity_neg(INT64_MAX, &r) && r == -INT64_MAX);
  assert_true(quantity_neg(0, &r) && r == 0);
  r = KEPT;
  assert_false(quantity_mul(INT64_MAX, 2, &r));
  assert_false(quantity_mul(INT64_MAX / 2 + 1, -2, &r)); /* would be INT64_MIN */
  assert_false(quantity_div(1, 0, &r));
  assert_false(quantity_div(INT64_MIN, -1, &r));
  assert_false(quantity_neg(INT64_MIN, &r));
  assert_int_equal(r, KEPT);
}

typedef bool Combine(QuantityKind, QuantityKind, QuantityKind *);

static void assert_kind(Combine *combine, QuantityKind a, QuantityKind b, QuantityKind want) {
  QuantityKind r = QUANTITY_KIND_COUNT;
  assert_true(combine(a, b, &r));
  assert_int_equal(r, want);
}

static void assert_none(Combine *combine, QuantityKind a, QuantityKind b) {
  QuantityKind r = QUANTITY_KIND_COUNT;
  assert_false(combine(a, b, &r));
  assert_int_equal(r, QUANTITY_KIND_COUNT);
}

static void kinds_of_sums(void **state) {
  (void)state;
  assert_kind(quantity_kinds_add, QUANTITY_POWER, QUANTITY_POWER, QUANTITY_POWER);
  assert_kind(quantity_kinds_add, QUANTITY_TIME, QUANTITY_DURATION, QUANTITY_TIME);
  assert_kind(quantity_kinds_add, QUANTITY_DURATION, QUANTITY_DATETIME, QUANTITY_DATETIME);
  assert_kind(quantity_kinds_sub, QUANTITY_TIME, QUANTITY_TIME, QUANTITY_DURATION);
  assert_kind(quantity_kinds_sub, QUANTITY_DATETIME, QUANTITY_DURATION, QUANTITY_DATETIME);
  assert_kind(quantity_kinds_sub, QUANTITY_NUMBER, QUANTITY_NUMBER, QUANTITY_NUMBER);
  assert_none(quantity_kinds_add, QUANTITY_TIME, QUANTITY_TIME);
  assert_none(quantity_kinds_add, QUANTITY_POWER, QUANTITY_DURATION);
  assert_none(quantity_kinds_add, QUANTITY_NUMBER, QUANTITY_DURATION);
  assert_none(quantity_kinds_sub, QUANTITY_DURATION, QUANTITY_TIME);
  for (uint32_t k = 0; k < QUANTITY_KIND_COUNT; k++) { /* a date counts days: nothing mixes with it */
    assert_none(quantity_kinds_add, QUANTITY_DATE, (QuantityKind)k);
    assert_none(quantity_kinds_sub, QUANTITY_DATE, (QuantityKind)k);
  }
}

static void kinds_of_products(void **state) {
  (void)state;
  assert_kind(quantity_kinds_mul, QUANTITY_NUMBER, QUANTITY_DURATION, QUANTITY_DURATION);
  assert_kind(quantity_kinds_mul, QUANTITY_POWER, QUANTITY_NUMBER, QUANTITY_POWER);
  assert_kind(quantity_kinds_mul, QUANTITY_NUMBER, QUANTITY_NUMBER, QUANTITY_NUMBER);
  assert_none(quantity_kinds_mul, QUANTITY_POWER, QUANTITY_DURATION);
  assert_none(quantity_kinds_mul, QUANTITY_TIME, QUANTITY_NUMBER);
  assert_kind(quantity_kinds_div, QUANTITY_DURATION, QUANTITY_NUMBER, QUANTITY_DURATION);
  assert_kind(quantity_kinds_div, QUANTITY_POWER, QUANTITY_POWER, QUANTITY_FRACTION);
  assert_kind(quantity_kinds_div, QUANTITY_NUMBER, QUANTITY_NUMBER, QUANTITY_NUMBER);
  assert_none(quantity_kinds_div, QUANTITY_POWER, QUANTITY_DURATION);
  assert_none(quantity_kinds_div, QUANTITY_DATE, QUANTITY_NUMBER);
}

static void assert_parts(int64_t fraction, int64_t whole, int64_t down, int64_t up) {
  Part p;
  assert_true(quantity_part_down(fraction, whole, &p));
  assert_int_equal(p.amount, down);
  assert_int_equal(p.whole, whole);
  assert_int_equal(p.fraction, fraction);
  assert_true(quantity_part_up(fraction, whole, &p));
  assert_int_equal(p.amount, up);
}

static void parts_are_rounded_to_the_safe_side(void **state) {
  (void)state;
  assert_parts(60000, 864, 51, 52);   /* 6% of 864 = 51.84 */
  assert_parts(20000, 48, 0, 1);      /* 2% of 48 racks tolerates none */
  assert_parts(500000, 10, 5, 5);     /* exact: both the same */
  assert_parts(1000000, 7, 7, 7);
  assert_parts(0, 100, 0, 0);
  assert_parts(60000, 0, 0, 0);
  assert_parts(-60000, 864, -52, -51);
  assert_parts(1500000, 3, 4, 5);
  assert_parts(1, INT64_MAX, INT64_MAX / 1000000, INT64_MAX / 1000000 + 1);
  Part p = {.amount = KEPT};
  assert_false(quantity_part_down(INT64_MAX, INT64_MAX, &p));
  assert_int_equal(p.amount, KEPT);
}

static void ratios(void **state) {
  (void)state;
  int64_t ppm = KEPT;
  assert_true(quantity_ratio(1, 3, &ppm) && ppm == 333333);
  assert_true(quantity_ratio(-1, 3, &ppm) && ppm == -333334);
  assert_true(quantity_ratio(1, -3, &ppm) && ppm == -333334);
  assert_true(quantity_ratio(48, 48, &ppm) && ppm == 1000000);
  ppm = KEPT;
  assert_false(quantity_ratio(1, 0, &ppm));
  assert_false(quantity_ratio(INT64_MAX, 1, &ppm));
  assert_int_equal(ppm, KEPT);
}

static void a_part_is_shown_with_its_denominator(void **state) {
  (void)state;
  Part p;
  Buf b = BUF_INIT;
  assert_true(quantity_part_down(60000, 864, &p));
  quantity_show_part(p, &b);
  assert_string_equal(b.data, "51 (6% of 864)");
  buf_done(&b);
}

static void known_days(void **state) {
  (void)state;
  assert_int_equal(date_to_days(1970, 1, 1), 0);
  assert_int_equal(date_to_days(1969, 12, 31), -1);
  assert_int_equal(date_to_days(2000, 2, 29), 11016);
  assert_int_equal(date_to_days(2026, 1, 18), 20471);
  assert_int_equal(date_to_days(1, 1, 1), -719162);
  assert_int_equal(date_to_days(9999, 12, 31), 2932896);
}

static void leap_years(void **state) {
  (void)state;
  assert_true(date_is_valid(2024, 2, 29) && date_is_valid(2000, 2, 29));
  assert_false(date_is_valid(2026, 2, 29) || date_is_valid(1900, 2, 29) || date_is_valid(2100, 2, 29));
  assert_false(date_is_valid(2026, 4, 31) || date_is_valid(2026, 0, 1) || date_is_valid(2026, 13, 1));
  assert_false(date_is_valid(2026, 1, 0) || date_is_valid(2026, 1, 32) || date_is_valid(0, 1, 1));
  assert_false(date_is_valid(10000, 1, 1));
}

/* Every day of ten thousand years follows the one before it, and leads back to its number. */
static void every_day(void **state) {
  (void)state;
  int64_t year = 1, month = 1, day = 1;
  for (int64_t days = -719162; days <= 2932896; days++) {
    int64_t y, m, d;
    date_from_days(days, &y, &m, &d);
    if (y != year || m != month || d != day) fail_msg("day %lld is not %lld-%lld-%lld", (long long)days,
                                                      (long long)year, (long long)month, (long long)day);
    if (date_to_days(y, m, d) != days) fail_msg("day %lld does not lead back", (long long)days);
    if (date_is_valid(year, month, day + 1)) day++;
    else if (month < 12) month++, day = 1;
    else year++, month = 1, day = 1;
  }
}

static void kinds_have_words(void **state) {
  (void)state;
  for (uint32_t k = 0; k < QUANTITY_KIND_COUNT; k++) {
    const char *word = quantity_kind_word((QuantityKind)k), *example = quantity_kind_example((QuantityKind)k);
    QuantityKind found = QUANTITY_KIND_COUNT;
    assert_true(quantity_kind_find(word, strlen(word), &found));
    assert_int_equal(found, k);
    Quantity q;
    QuantityFault fault;
    assert_true(quantity_parse_as((QuantityKind)k, example, strlen(example), &q, &fault));
    assert_true(quantity_kind_low((QuantityKind)k) < quantity_kind_high((QuantityKind)k));
    assert_non_null(strstr(quantity_kind_phrase((QuantityKind)k), "a"));
  }
  QuantityKind none;
  assert_false(quantity_kind_find("durations", 9, &none));
  assert_false(quantity_kind_find("dur", 3, &none));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums), cmocka_unit_test(products_and_quotients), cmocka_unit_test(kinds_of_sums),
      cmocka_unit_test(kinds_of_products), cmocka_unit_test(parts_are_rounded_to_the_safe_side),
      cmocka_unit_test(ratios), cmocka_unit_test(a_part_is_shown_with_its_denominator),
      cmocka_unit_test(known_days), cmocka_unit_test(leap_years), cmocka_unit_test(every_day),
      cmocka_unit_test(kinds_have_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
