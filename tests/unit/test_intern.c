/* Equal bytes get the equal atom, atoms are dense, and texts do not move. */
#include <config.h>

#include "lang/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/arena.h"

static void atom_zero_is_no_name(void **state) {
  (void)state;
  Intern *in = intern_new();
  assert_int_equal(intern_count(in), 0);
  assert_string_equal(intern_text(in, 0), "");
  assert_int_equal(intern_find(in, "rack", 4), 0);
  assert_int_equal(intern_str(in, "rack"), 1);
  intern_free(in);
  intern_free(NULL);
}

static void equal_bytes_equal_atoms(void **state) {
  (void)state;
  Intern *in = intern_new();
  Atom a = intern_str(in, "drain"), b = intern_add(in, "drained", 5);
  assert_int_equal(a, b);
  assert_int_not_equal(a, intern_str(in, "drained"));
  assert_int_not_equal(intern_add(in, "a\0b", 3), intern_add(in, "a\0c", 3));
  assert_int_equal(intern_length(in, intern_add(in, "a\0b", 3)), 3);
  assert_int_equal(intern_find(in, "drain", 5), a);
  assert_int_equal(intern_find(in, "drai", 4), 0);
  intern_free(in);
}

static void the_empty_text_is_a_name(void **state) {
  (void)state;
  Intern *in = intern_new();
  Atom empty = intern_add(in, NULL, 0);
  assert_int_equal(empty, 1);
  assert_int_equal(intern_str(in, ""), empty);
  assert_string_equal(intern_text(in, empty), "");
  intern_free(in);
}

static void many_names_are_dense_and_stay(void **state) {
  (void)state;
  enum { MANY = 50000 };
  static const char *texts[MANY + 1];
  Intern *in = intern_new();
  char name[32];
  for (Atom i = 1; i <= MANY; i++) {
    int len = snprintf(name, sizeof name, "node-%05u-tray", i);
    assert_int_equal(intern_add(in, name, (size_t)len), i);
    texts[i] = intern_text(in, i);
  }
  assert_int_equal(intern_count(in), MANY);
  for (Atom i = 1; i <= MANY; i++) {
    snprintf(name, sizeof name, "node-%05u-tray", i);
    assert_ptr_equal(intern_text(in, i), texts[i]);
    assert_string_equal(texts[i], name);
    assert_int_equal(intern_find(in, name, strlen(name)), i);
  }
  intern_free(in);
}

/* Names of every length around the eight bytes that the hash takes at a time. */
static void every_length(void **state) {
  (void)state;
  Intern *in = intern_new();
  const char text[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (size_t len = 1; len < sizeof text; len++) assert_int_equal(intern_add(in, text, len), len);
  for (size_t len = 1; len < sizeof text; len++) {
    assert_int_equal(intern_find(in, text, len), len);
    assert_int_equal(intern_length(in, (Atom)len), len);
  }
  intern_free(in);
}

static void names_in_an_arena_outlive_the_table(void **state) {
  (void)state;
  Arena *a = arena_new();
  Intern *in = intern_new_in(a);
  const char *text = intern_text(in, intern_str(in, "rack"));
  intern_free(in);
  assert_string_equal(text, "rack");
  arena_free(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(atom_zero_is_no_name), cmocka_unit_test(equal_bytes_equal_atoms),
      cmocka_unit_test(the_empty_text_is_a_name), cmocka_unit_test(many_names_are_dense_and_stay),
      cmocka_unit_test(every_length), cmocka_unit_test(names_in_an_arena_outlive_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
