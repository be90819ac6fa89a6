/* A buffer grows, keeps its final NUL, and writes integers and JSON exactly. */
#include <config.h>

#include "lang/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void starts_empty(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  buf_reset(&b);
  assert_null(b.data);
  buf_add(&b, "", 0);
  assert_string_equal(b.data, "");
  assert_int_equal(b.len, 0);
  buf_done(&b);
  assert_null(b.data);
  buf_str(&b, "usable again");
  assert_string_equal(b.data, "usable again");
  buf_done(&b);
}

static void grows_and_keeps_the_nul(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  for (int i = 0; i < 10000; i++) {
    buf_char(&b, (char)('a' + i % 26));
    assert_int_equal(b.data[b.len], 0);
    assert_true(b.len < b.cap);
  }
  for (int i = 0; i < 10000; i++) assert_int_equal(b.data[i], 'a' + i % 26);
  buf_reset(&b);
  assert_int_equal(b.len, 0);
  assert_string_equal(b.data, "");
  buf_fill(&b, '-', 200);
  assert_int_equal(strspn(b.data, "-"), 200);
  buf_done(&b);
}

static void prints(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  buf_printf(&b, "%s", "");
  assert_int_equal(b.len, 0);
  buf_printf(&b, "%d racks of %s", 48, "PHX62");
  assert_string_equal(b.data, "48 racks of PHX62");
  buf_reset(&b);
  buf_printf(&b, "%5000d", 7); /* longer than what is reserved first */
  assert_int_equal(b.len, 5000);
  assert_string_equal(b.data + 4999, "7");
  for (size_t pad = 0; pad < 70; pad++) { /* every distance from the end of the room */
    Buf c = BUF_INIT;
    buf_fill(&c, 'x', pad);
    buf_printf(&c, "%s", "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567");
    assert_int_equal(c.len, pad + 88);
    assert_int_equal(strlen(c.data), c.len);
    buf_done(&c);
  }
  buf_done(&b);
}

static void integers_are_little_endian(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  buf_u8(&b, 0x01);
  buf_u16(&b, 0x0203);
  buf_u32(&b, 0x04050607);
  buf_u64(&b, 0x08090A0B0C0D0E0Fu);
  const uint8_t want[] = {1, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11, 10, 9, 8};
  assert_int_equal(b.len, sizeof want);
  assert_memory_equal(b.data, want, sizeof want);
  buf_done(&b);
}

static void json_strings(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  const char text[] = "a\"b\\c\n\t\r\x01\x7f\0é";
  buf_json(&b, text, sizeof text - 1);
  assert_string_equal(b.data, "\"a\\\"b\\\\c\\n\\t\\r\\u0001\\u007f\\u0000é\"");
  buf_reset(&b);
  buf_json(&b, NULL, 0);
  assert_string_equal(b.data, "\"\"");
  buf_done(&b);
}

static void hex(void **state) {
  (void)state;
  static const uint8_t bytes[] = {0x00, 0x0f, 0xa0, 0xff};
  char text[2 * sizeof bytes + 1];
  hex_digits(bytes, sizeof bytes, text);
  assert_string_equal(text, "000fa0ff");
  Buf b = BUF_INIT;
  buf_hex(&b, bytes, 0);
  assert_string_equal(b.data, "");
  for (int i = 0; i < 100; i++) buf_hex(&b, bytes, sizeof bytes);
  assert_int_equal(b.len, 800);
  assert_int_equal(b.data[b.len], 0);
  for (int i = 0; i < 100; i++) assert_memory_equal(b.data + 8 * i, "000fa0ff", 8);
  buf_done(&b);
}

static void vectors(void **state) {
  (void)state;
  VEC(uint32_t) v = {0};
  for (uint32_t i = 0; i < 1000; i++) vec_push(&v, i * i);
  assert_int_equal(v.len, 1000);
  for (uint32_t i = 0; i < 1000; i++) assert_int_equal(v.items[i], i * i);
  vec_done(&v);
  assert_null(v.items);
  vec_push(&v, 7);
  assert_int_equal(v.items[0], 7);
  vec_done(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(starts_empty), cmocka_unit_test(grows_and_keeps_the_nul), cmocka_unit_test(prints),
      cmocka_unit_test(integers_are_little_endian), cmocka_unit_test(json_strings), cmocka_unit_test(hex),
      cmocka_unit_test(vectors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
