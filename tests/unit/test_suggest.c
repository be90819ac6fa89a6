/* The nearest name, or none when nothing is near. */
#include <config.h>

#include "lang/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *nearest(const char *wanted, const char *const *candidates) {
  Suggest s = suggest_begin(wanted, strlen(wanted));
  for (; *candidates; candidates++) suggest_offer(&s, *candidates);
  return suggest_best(&s);
}
#define NEAREST(wanted, ...) nearest(wanted, (const char *const[]){__VA_ARGS__, NULL})

static void one_slip(void **state) {
  (void)state;
  assert_string_equal(NEAREST("drian", "power", "drain"), "drain");     /* swapped */
  assert_string_equal(NEAREST("shutdown", "shut_down"), "shut_down");   /* missing */
  assert_string_equal(NEAREST("poweer", "power"), "power");             /* doubled */
  assert_string_equal(NEAREST("pover", "power"), "power");              /* changed */
}

static void nothing_near(void **state) {
  (void)state;
  assert_null(NEAREST("xyz", "power", "drain"));
  assert_null(NEAREST("racks", "nodes"));
  assert_null(NEAREST("x", "y"));
  assert_null(NEAREST("", "y"));
  assert_null(NEAREST("ab", ""));
  Suggest none = suggest_begin("power", 5);
  assert_null(suggest_best(&none));
}

static void the_nearest_wins_and_of_equals_the_first(void **state) {
  (void)state;
  assert_string_equal(NEAREST("nodes", "node", "modes", "nodess"), "node");
  assert_string_equal(NEAREST("cooling_of", "cooling_on", "cooling_off"), "cooling_on");
  assert_string_equal(NEAREST("cooling_of", "cooling_off", "cooling_on"), "cooling_off");
  assert_string_equal(NEAREST("shut_dwn", "shut_up", "shut_down"), "shut_down");
}

static void case_is_nearest(void **state) {
  (void)state;
  assert_string_equal(NEAREST("KW", "W", "kW"), "kW");
  assert_string_equal(NEAREST("POWER_ON", "power_on"), "power_on");
}

static void a_beginning_is_near(void **state) {
  (void)state;
  assert_string_equal(NEAREST("snapshot", "drain", "snapshot_primary"), "snapshot_primary");
  assert_null(NEAREST("sn", "snapshot_primary"));
}

static void only_the_given_bytes(void **state) {
  (void)state;
  Suggest s = suggest_begin("powerful", 5);
  suggest_offer(&s, "power");
  assert_string_equal(suggest_best(&s), "power");
}

static void long_names_are_left_alone(void **state) {
  (void)state;
  char wanted[200], candidate[200];
  for (size_t len = 63; len <= 66; len++) {
    memset(wanted, 'a', len);
    memset(candidate, 'a', len);
    wanted[len] = candidate[len] = '\0';
    candidate[len / 2] = 'b';
    if (len <= 64) assert_string_equal(NEAREST(wanted, candidate), candidate);
    else assert_null(NEAREST(wanted, candidate));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_slip), cmocka_unit_test(nothing_near),
      cmocka_unit_test(the_nearest_wins_and_of_equals_the_first), cmocka_unit_test(case_is_nearest),
      cmocka_unit_test(a_beginning_is_near), cmocka_unit_test(only_the_given_bytes),
      cmocka_unit_test(long_names_are_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
