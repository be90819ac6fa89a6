/* Literals are read, refused with a reason, and shown so that they read back to the same value. */
#include <config.h>

#include "lang/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- reading ---- */

typedef struct Good { const char *text; QuantityKind kind; int64_t value; const char *shown, *written; } Good;

static const Good good[] = {
    {"0", QUANTITY_NUMBER, 0, "0", "0"},
    {"18", QUANTITY_NUMBER, 18, "18", "18"},
    {"-3", QUANTITY_NUMBER, -3, "-3", "-3"},
    {"2.0", QUANTITY_NUMBER, 2, "2", "2"},
    {"007", QUANTITY_NUMBER, 7, "7", "7"},
    {"9007199254740991", QUANTITY_NUMBER, INT64_C(9007199254740991), "9007199254740991", "9007199254740991"},
    {"6%", QUANTITY_FRACTION, 60000, "6%", "6%"},
    {"0.5%", QUANTITY_FRACTION, 5000, "0.5%", "0.5%"},
    {"0.0001%", QUANTITY_FRACTION, 1, "0.0001%", "0.0001%"},
    {"250%", QUANTITY_FRACTION, 2500000, "250%", "250%"},
    {"33.3300%", QUANTITY_FRACTION, 333300, "33.33%", "33.33%"},
    {"250ms", QUANTITY_DURATION, 250, "250ms", "250ms"},
    {"90s", QUANTITY_DURATION, 90000, "1min 30s", "90s"},
    {"30min", QUANTITY_DURATION, 1800000, "30min", "30min"},
    {"30 min", QUANTITY_DURATION, 1800000, "30min", "30min"},
    {"90min", QUANTITY_DURATION, 5400000, "1h 30min", "90min"},
    {"1.5h", QUANTITY_DURATION, 5400000, "1h 30min", "1.5h"},
    {"1h30min", QUANTITY_DURATION, 5400000, "1h 30min", "1h 30min"},
    {"1h 30min", QUANTITY_DURATION, 5400000, "1h 30min", "1h 30min"},
    {"1 h 30 min", QUANTITY_DURATION, 5400000, "1h 30min", "1h 30min"},
    {"9h", QUANTITY_DURATION, 32400000, "9h", "9h"},
    {"2w", QUANTITY_DURATION, 1209600000, "14d", "2w"},
    {"1d 2h 3min 4s 5ms", QUANTITY_DURATION, 93784005, "1d 2h 3min 4s 5ms", "1d 2h 3min 4s 5ms"},
    {"-1h30min", QUANTITY_DURATION, -5400000, "-1h 30min", "-1h 30min"},
    {"0h", QUANTITY_DURATION, 0, "0s", "0h"},
    {"36525d", QUANTITY_DURATION, INT64_C(3155760000000), "36525d", "36525d"},
    {"0.001s", QUANTITY_DURATION, 1, "1ms", "0.001s"},
    {"125kW", QUANTITY_POWER, 125000000, "125kW", "125kW"},
    {"5760kW", QUANTITY_POWER, INT64_C(5760000000), "5.76MW", "5760kW"},
    {"900W", QUANTITY_POWER, 900000, "900W", "900W"},
    {"1500W", QUANTITY_POWER, 1500000, "1.5kW", "1500W"},
    {"0.001W", QUANTITY_POWER, 1, "0.001W", "0.001W"},
    {"35degC", QUANTITY_TEMPERATURE, 35000, "35degC", "35degC"},
    {"-273.15degC", QUANTITY_TEMPERATURE, -273150, "-273.15degC", "-273.15degC"},
    {"80lpm", QUANTITY_FLOW, 80000, "80lpm", "80lpm"},
    {"64GB", QUANTITY_DATA, INT64_C(64000000000), "64GB", "64GB"},
    {"900MB", QUANTITY_DATA, 900000000, "900MB", "900MB"},
    {"4KiB", QUANTITY_DATA, 4096, "4KiB", "4KiB"},
    {"1024KiB", QUANTITY_DATA, 1048576, "1MiB", "1024KiB"},
    {"0.5TiB", QUANTITY_DATA, INT64_C(549755813888), "512GiB", "0.5TiB"},
    {"7B", QUANTITY_DATA, 7, "7B", "7B"},
    {"00:00", QUANTITY_TIME, 0, "00:00", "00:00"},
    {"11:00", QUANTITY_TIME, 39600000, "11:00", "11:00"},
    {"9:05", QUANTITY_TIME, 32700000, "09:05", "09:05"},
    {"23:59:30", QUANTITY_TIME, 86370000, "23:59:30", "23:59:30"},
    {"23:59:59.999", QUANTITY_TIME, 86399999, "23:59:59.999", "23:59:59.999"},
    {"24:00", QUANTITY_TIME, 86400000, "24:00", "24:00"},
    {"1970-01-01", QUANTITY_DATE, 0, "1970-01-01", "1970-01-01"},
    {"2026-01-18", QUANTITY_DATE, 20471, "2026-01-18", "2026-01-18"},
    {"2024-02-29", QUANTITY_DATE, 19782, "2024-02-29", "2024-02-29"},
    {"0001-01-01", QUANTITY_DATE, -719162, "0001-01-01", "0001-01-01"},
    {"9999-12-31", QUANTITY_DATE, 2932896, "9999-12-31", "9999-12-31"},
    {"2026-01-18T11:00Z", QUANTITY_DATETIME, INT64_C(1768734000000), "2026-01-18T11:00Z", "2026-01-18T11:00Z"},
    {"1969-12-31T23:59:59.999Z", QUANTITY_DATETIME, -1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
};

static void reads_and_shows(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    const Good *g = &good[i];
    Quantity q;
    QuantityFault fault;
    if (!quantity_parse(g->text, strlen(g->text), &q, &fault)) fail_msg("%s: %s", g->text, fault.message);
    assert_int_equal(q.kind, g->kind);
    if (q.value != g->value) fail_msg("%s is %lld", g->text, (long long)q.value);
    Buf b = BUF_INIT;
    quantity_show((QuantityKind)q.kind, q.value, &b);
    assert_string_equal(b.data, g->shown);
    buf_reset(&b);
    quantity_write(q, &b);
    assert_string_equal(b.data, g->written);
    buf_done(&b);
  }
}

static void assert_reads_back(QuantityKind kind, int64_t value) {
  Buf b = BUF_INIT;
  Quantity q = {.value = 0};
  QuantityFault fault;
  quantity_show(kind, value, &b);
  bool read = quantity_parse_as(kind, b.data, b.len, &q, &fault);
  if (!read || q.value != value) fail_msg("%s of %lld does not read back: %s", b.data, (long long)value,
                                          read ? "another value" : fault.message);
  buf_done(&b);
}

/* Whatever is shown is a literal of the same value: limits, powers of ten and of two and their neighbours, and a
 * fixed sequence of arbitrary values. */
static void everything_shown_reads_back(void **state) {
  (void)state;
  for (uint32_t k = 0; k < QUANTITY_KIND_COUNT; k++) {
    QuantityKind kind = (QuantityKind)k;
    int64_t low = quantity_kind_low(kind), high = quantity_kind_high(kind);
    assert_reads_back(kind, low);
    assert_reads_back(kind, high);
    for (int64_t power = 1; power <= high / 10; power *= 10) {
      for (int64_t v = power - 1; v <= power + 1; v++) assert_reads_back(kind, v);
    }
    for (int64_t power = 1; power <= high / 2; power *= 2) {
      for (int64_t v = power - 1; v <= power + 1; v++) assert_reads_back(kind, v);
    }
    uint64_t random = 42;
    for (int i = 0; i < 5000; i++) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      uint64_t range = (uint64_t)high - (uint64_t)low + 1;
      assert_reads_back(kind, (int64_t)((uint64_t)low + (random >> (i % 60)) % range));
    }
  }
}

/* ---- refusing ---- */

typedef struct Bad { const char *text; DiagCode code; uint32_t lo, hi; const char *message, *fix; } Bad;

static const Bad bad[] = {
    {"", E_BAD_NUMBER, 0, 0, "missing", ""},
    {"-", E_BAD_NUMBER, 1, 1, "missing", ""},
    {"kW", E_BAD_NUMBER, 0, 2, "`kW` is not a number", ""},
    {"1.", E_BAD_NUMBER, 0, 2, "digits are missing", ""},
    {"1.kW", E_BAD_NUMBER, 0, 2, "digits are missing", ""},
    {"1.2.3", E_BAD_NUMBER, 3, 4, "second decimal point", ""},
    {"1_000", E_BAD_NUMBER, 0, 5, "without `_`", "1000"},
    {"1_000kW", E_BAD_NUMBER, 0, 5, "without `_`", "1000"},
    {"0.1_5kW", E_BAD_NUMBER, 0, 5, "without `_`", "0.15"},
    {"1,5kW", E_BAD_NUMBER, 1, 2, "comma", ""},
    {"12 34", E_BAD_NUMBER, 3, 5, "`34` follows", ""},
    {"5kW 3W", E_BAD_NUMBER, 4, 6, "`3W` follows", ""},
    {"30min1h", E_BAD_NUMBER, 5, 7, "from large units to small", ""},
    {"1h1h", E_BAD_NUMBER, 2, 4, "from large units to small", ""},
    {"1h30", E_BAD_NUMBER, 2, 4, "from large units to small", ""},
    {"1h 5kW", E_BAD_NUMBER, 3, 6, "from large units to small", ""},
    {"1h x", E_BAD_NUMBER, 3, 4, "`x` is not a number", ""},
    {"2hors", E_UNKNOWN_UNIT, 1, 5, "no unit `hors`", "h"},
    {"5m", E_UNKNOWN_UNIT, 1, 2, "no unit `m`", "min"},
    {"3 Minutes", E_UNKNOWN_UNIT, 2, 9, "no unit `Minutes`", "min"},
    {"35C", E_UNKNOWN_UNIT, 2, 3, "no unit `C`", "degC"},
    {"35°C", E_UNKNOWN_UNIT, 2, 5, "no unit `°C`", "degC"},
    {"5KW", E_UNKNOWN_UNIT, 1, 3, "no unit `KW`", "kW"},
    {"18nodes", E_UNKNOWN_UNIT, 2, 7, "no unit `nodes`", ""},
    {"1e5", E_UNKNOWN_UNIT, 1, 2, "no unit `e`", ""},
    {"0x10", E_UNKNOWN_UNIT, 1, 2, "no unit `x`", ""},
    {"9007199254740992", E_NUMBER_RANGE, 0, 16, "at most 9007199254740991", ""},
    {"99999999999999999999999999999999999999999999999999", E_NUMBER_RANGE, 0, 50, "out of range", ""},
    {"36525d1ms", E_NUMBER_RANGE, 0, 9, "at most 36525d", ""},
    {"36526d", E_NUMBER_RANGE, 0, 6, "at most 36525d", ""},
    {"-300degC", E_NUMBER_RANGE, 0, 8, "at least -273.15degC", ""},
    {"999999999999999999999.999999999999TiB", E_NUMBER_RANGE, 0, 37, "out of range", ""},
    {"1.5", E_TOO_PRECISE, 0, 3, "more decimals", ""},
    {"0.5ms", E_TOO_PRECISE, 0, 5, "more decimals", ""},
    {"0.00001%", E_TOO_PRECISE, 0, 8, "more decimals", ""},
    {"0.3333333333333h", E_TOO_PRECISE, 1, 15, "more than 12 decimals", ""},
    {"1.0000000000000000000000000000000000000000000000001h", E_TOO_PRECISE, 1, 51, "more than 12", ""},
    {"24:01", E_BAD_TIME, 0, 5, "not a time of day", ""},
    {"24:00:00.001", E_BAD_TIME, 0, 12, "not a time of day", ""},
    {"25:00", E_BAD_TIME, 0, 5, "not a time of day", ""},
    {"11:60", E_BAD_TIME, 0, 5, "not a time of day", ""},
    {"11:00:60", E_BAD_TIME, 0, 8, "not a time of day", ""},
    {"11:5", E_BAD_TIME, 0, 4, "not a time of day", ""},
    {"11:", E_BAD_TIME, 0, 3, "not a time of day", ""},
    {"111:00", E_BAD_TIME, 0, 6, "not a time of day", ""},
    {"11:000", E_BAD_TIME, 0, 6, "not a time of day", ""},
    {"11:00pm", E_BAD_TIME, 0, 7, "not a time of day", ""},
    {"11:00:00.5", E_BAD_TIME, 0, 10, "not a time of day", ""},
    {"2026-02-29", E_BAD_DATE, 0, 10, "no day 29 in 2026-02", ""},
    {"2026-04-31", E_BAD_DATE, 0, 10, "no day 31 in 2026-04", ""},
    {"2026-13-01", E_BAD_DATE, 0, 10, "not a date", ""},
    {"2026-01-00", E_BAD_DATE, 0, 10, "no day 0 in 2026-01", ""},
    {"0000-01-01", E_BAD_DATE, 0, 10, "not a date", ""},
    {"2026-1-8", E_BAD_DATE, 0, 8, "not a date", "2026-01-08"},
    {"2026-13-1", E_BAD_DATE, 0, 9, "not a date", ""},
    {"2026-01", E_BAD_DATE, 0, 7, "not a date", ""},
    {"18-01-2026", E_BAD_DATE, 0, 10, "not a date", ""},
    {"20260-01-18", E_BAD_DATE, 0, 11, "not a date", ""},
    {"2026-01-18x", E_BAD_DATE, 0, 11, "not a date", ""},
    {"2026-01-18T", E_BAD_TIME, 11, 11, "not a time of day", ""},
    {"2026-01-18T24:00Z", E_BAD_TIME, 11, 17, "not a time of day", ""},
    {"2026-01-18T11:00", E_BAD_DATE, 11, 16, "ends in `Z`", ""},
    {"2026-01-18T11:00+01", E_BAD_DATE, 11, 19, "ends in `Z`", ""},
};

static void refuses_with_a_reason(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const Bad *b = &bad[i];
    Quantity q = {.value = 4711};
    QuantityFault f;
    if (quantity_parse(b->text, strlen(b->text), &q, &f)) fail_msg("%s was accepted", b->text);
    assert_int_equal(q.value, 4711);
    if (f.code != b->code || f.lo != b->lo || f.hi != b->hi || !strstr(f.message, b->message))
      fail_msg("%s: %s at %u..%u: %s", b->text, diag_code_text(f.code), f.lo, f.hi, f.message);
    assert_string_equal(f.fix, b->fix);
  }
}

/* No byte is read behind the literal, and no text is too odd for a message. */
static void survives_any_bytes(void **state) {
  (void)state;
  uint64_t random = 7;
  static const char alphabet[] = "0123456789.:-_, %TZhmins\xC2\xB0\xFF\x01kWxyz";
  for (int i = 0; i < 200000; i++) {
    char text[24];
    size_t len = 0;
    random = random * 6364136223846793005u + 1442695040888963407u;
    for (uint64_t r = random >> 8; len < 1 + (random >> 60); r = r * 31 + 7)
      text[len++] = alphabet[(r >> 20) % (sizeof alphabet - 1)];
    Quantity q;
    QuantityFault f;
    char *exact = arena_copy(*state, text, len); /* so that the sanitizer sees its end */
    if (quantity_parse(exact, len, &q, &f)) {
      assert_true(q.value >= quantity_kind_low((QuantityKind)q.kind));
      assert_true(q.value <= quantity_kind_high((QuantityKind)q.kind));
    } else {
      assert_true(f.lo <= f.hi && f.hi <= len);
      assert_true(strlen(f.message) > 0);
    }
  }
}

static int with_arena(void **state) {
  *state = arena_new();
  return 0;
}

static int without_arena(void **state) {
  arena_free(*state);
  return 0;
}

static void long_texts_are_quoted_in_part(void **state) {
  (void)state;
  char text[400] = "1";
  for (size_t i = 0; i < 100; i++) strcat(text, "日");
  Quantity q;
  QuantityFault f;
  assert_false(quantity_parse(text, strlen(text), &q, &f));
  assert_int_equal(f.hi, 301);
  assert_true(strlen(f.message) < 80);
  assert_non_null(strstr(f.message, "日`"));
}

static void another_kind_is_refused(void **state) {
  (void)state;
  Quantity q;
  QuantityFault f;
  assert_true(quantity_parse_as(QUANTITY_DURATION, "10min", 5, &q, &f));
  assert_false(quantity_parse_as(QUANTITY_DURATION, "5kW", 3, &q, &f));
  assert_int_equal(f.code, E_WRONG_QUANTITY);
  assert_string_equal(f.message, "expected a duration such as 30min, found a power");
  assert_false(quantity_parse_as(QUANTITY_DURATION, "5kX", 3, &q, &f));
  assert_int_equal(f.code, E_UNKNOWN_UNIT);
}

static void values_that_no_literal_has_are_shown(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  quantity_show(QUANTITY_POWER, INT64_MIN, &b);
  buf_char(&b, ' ');
  quantity_show(QUANTITY_TIME, -60000, &b);
  buf_char(&b, ' ');
  quantity_show(QUANTITY_TIME, 90000000, &b);
  buf_char(&b, ' ');
  quantity_show(QUANTITY_DATE, INT64_MAX, &b);
  assert_string_equal(b.data, "unknown -00:01 25:00 day 9223372036854775807 since 1970-01-01");
  buf_reset(&b);
  for (uint32_t k = 0; k < QUANTITY_KIND_COUNT; k++) {
    quantity_show((QuantityKind)k, INT64_MAX, &b);
    quantity_show((QuantityKind)k, -INT64_MAX, &b);
  }
  assert_true(b.len > 100);
  buf_reset(&b);
  quantity_write((Quantity){.value = 20000000, .kind = QUANTITY_DURATION, .unit = 0}, &b);
  assert_string_equal(b.data, "5h 33min 20s");
  buf_done(&b);
}

static void a_value_that_its_unit_cannot_show_is_shown_in_the_best(void **state) {
  (void)state;
  Quantity q;
  QuantityFault f;
  assert_true(quantity_parse("1h", 2, &q, &f));
  q.value = 20000000; /* 5.5555...h */
  Buf b = BUF_INIT;
  quantity_write(q, &b);
  assert_string_equal(b.data, "5h 33min 20s");
  buf_done(&b);
}

static void a_fault_becomes_a_diagnostic(void **state) {
  Arena *arena = *state;
  SourceMap *map = source_map_new(arena);
  Source *s = source_add(map, "x.runbook", "wait 2hors\n\0", 11);
  DiagSink *sink = diag_sink_new(arena, map);
  Quantity q;
  QuantityFault f;
  assert_false(quantity_parse("2hors", 5, &q, &f));
  Diag *d = quantity_diagnose(sink, (Span){s->base + 5, s->base + 10}, &f);
  assert_int_equal(d->code, E_UNKNOWN_UNIT);
  assert_int_equal(d->span.lo, s->base + 6);
  assert_int_equal(d->span.hi, s->base + 10);
  assert_string_equal(d->fixes->text, "h");
  assert_false(d->fixes->safe); /* near `hour`: a guess */
  assert_non_null(strstr(d->notes->text, "1800 nodes"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_and_shows), cmocka_unit_test(everything_shown_reads_back),
      cmocka_unit_test(refuses_with_a_reason),
      cmocka_unit_test_setup_teardown(survives_any_bytes, with_arena, without_arena),
      cmocka_unit_test(long_texts_are_quoted_in_part), cmocka_unit_test(another_kind_is_refused),
      cmocka_unit_test(values_that_no_literal_has_are_shown),
      cmocka_unit_test(a_value_that_its_unit_cannot_show_is_shown_in_the_best),
      cmocka_unit_test_setup_teardown(a_fault_becomes_a_diagnostic, with_arena, without_arena),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
