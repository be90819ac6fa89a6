/* The tables that lang/embed.sh writes: sorted, terminated, found by name. */
#include <config.h>

#include "lang/embedded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stdlib/stdlib.h"

static const unsigned char nothing[] = {0, 0};
static const EmbeddedFile files[] = {
    {"a", (const char *)nothing, 0}, {"ab", (const char *)nothing, 0}, {"b", (const char *)nothing, 0}};
static const EmbeddedSet three = {files, 3};

static void finds_each_name(void **state) {
  (void)state;
  for (size_t i = 0; i < three.count; i++)
    assert_ptr_equal(embedded_find(&three, files[i].name, strlen(files[i].name)), &files[i]);
}

static void finds_no_other(void **state) {
  (void)state;
  const EmbeddedSet empty = {files, 0};
  assert_null(embedded_find(&three, "", 0));
  assert_null(embedded_find(&three, "aa", 2));
  assert_null(embedded_find(&three, "abc", 3));
  assert_null(embedded_find(&three, "c", 1));
  assert_null(embedded_find(&empty, "a", 1));
}

static void check_table(const EmbeddedSet *set) {
  for (size_t i = 0; i < set->count; i++) {
    const EmbeddedFile *f = &set->files[i];
    assert_int_equal(f->text[f->len], 0);
    assert_int_equal(f->text[f->len + 1], 0);
    assert_ptr_equal(embedded_find(set, f->name, strlen(f->name)), f);
    if (i > 0) assert_true(strcmp(set->files[i - 1].name, f->name) < 0);
  }
}

static void tables_are_sound(void **state) {
  (void)state;
  check_table(&explain_files);
  check_table(&stdlib_files);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_each_name),
      cmocka_unit_test(finds_no_other),
      cmocka_unit_test(tables_are_sound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
