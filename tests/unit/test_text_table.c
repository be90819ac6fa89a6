/* Texts to ids: equal texts share one, texts lie where they were read, growing loses none. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/arena.h"
#include "runtime/text_table.h"

static void test_equal_texts_share_an_id(void **state) {
  (void)state;
  TextTable *t = text_table_new();
  char *bytes = xmalloc(8);
  memcpy(bytes, "ab\0ab\0c", 8);
  int buffer = text_table_adopt(t, bytes, 8);
  uint32_t a = text_table_add(t, buffer, bytes, 2);
  assert_int_equal(text_table_add(t, buffer, bytes + 3, 2), a);
  assert_int_equal(text_table_copy(t, "ab", 2), a);
  assert_int_not_equal(text_table_add(t, buffer, bytes + 6, 1), a);
  assert_int_equal(text_table_count(t), 2);
  size_t len;
  assert_ptr_equal(text_table_text(t, a, &len), bytes);
  assert_int_equal(len, 2);
  assert_int_equal(text_table_find(t, "ab", 2), a);
  assert_int_equal(text_table_find(t, "abc", 3), TEXT_NONE);
  assert_int_equal(text_table_find(t, "", 0), TEXT_NONE);
  text_table_free(t);
}

static void test_copies_are_kept(void **state) {
  (void)state;
  TextTable *t = text_table_new();
  char word[32];
  enum { COUNT = 20000 };
  for (int i = 0; i < COUNT; i++) {
    int n = snprintf(word, sizeof word, "node-%d", i * 7);
    assert_int_equal(text_table_copy(t, word, (size_t)n), (uint32_t)i);
  }
  for (int i = 0; i < COUNT; i++) {
    int n = snprintf(word, sizeof word, "node-%d", i * 7);
    assert_int_equal(text_table_find(t, word, (size_t)n), (uint32_t)i);
    assert_string_equal(text_table_text(t, (uint32_t)i, NULL), word);
  }
  assert_true(text_table_bytes(t) > COUNT * 12);
  text_table_free(t);
}

static void test_long_and_empty_texts(void **state) {
  (void)state;
  TextTable *t = text_table_new();
  char *longest = xmalloc(UINT16_MAX);
  memset(longest, 'x', UINT16_MAX);
  uint32_t id = text_table_copy(t, longest, UINT16_MAX), empty = text_table_copy(t, "", 0);
  size_t len;
  assert_memory_equal(text_table_text(t, id, &len), longest, UINT16_MAX);
  assert_int_equal(len, UINT16_MAX);
  assert_string_equal(text_table_text(t, empty, &len), "");
  assert_int_equal(len, 0);
  assert_int_equal(text_table_find(t, longest, UINT16_MAX - 1), TEXT_NONE);
  free(longest);
  text_table_free(t);
  text_table_free(NULL);
}

static void test_buffers_run_out(void **state) {
  (void)state;
  TextTable *t = text_table_new();
  for (uint32_t i = 0; i < TEXT_BUFFERS; i++) assert_int_equal(text_table_adopt(t, xmalloc(1), 1), (int)i);
  char *one_more = xmalloc(1);
  assert_int_equal(text_table_adopt(t, one_more, 1), -1);
  free(one_more);
  text_table_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equal_texts_share_an_id),
      cmocka_unit_test(test_copies_are_kept),
      cmocka_unit_test(test_long_and_empty_texts),
      cmocka_unit_test(test_buffers_run_out),
  };
  return cmocka_run_group_tests_name("text_table", tests, NULL, NULL);
}
