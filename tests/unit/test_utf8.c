/* Text is checked, measured and shown: what is measured is exactly what is shown. */
#include <config.h>

#include "lang/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FAMILY "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"
#define FLAG "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"
#define HEART "\xE2\x9D\xA4\xEF\xB8\x8F"
#define E_ACUTE "e\xCC\x81"
#define RLO "\xE2\x80\xAE"

static size_t invalid_at(const char *s) { return utf8_first_invalid(s, strlen(s)); }

static void finds_the_first_invalid_byte(void **state) {
  (void)state;
  assert_int_equal(invalid_at(""), 0);
  assert_int_equal(invalid_at("plain text that is longer than eight bytes"), 42);
  assert_int_equal(invalid_at("日本語"), 9);
  assert_int_equal(invalid_at("12345678\xFF"), 8);
  assert_int_equal(invalid_at("1234567\x80"), 7);
  assert_int_equal(invalid_at("ab\xC3"), 2);                 /* cut off */
  assert_int_equal(invalid_at("ab\xC0\xAF"), 2);             /* overlong */
  assert_int_equal(invalid_at("ab\xED\xA0\x80"), 2);         /* surrogate */
  assert_int_equal(invalid_at("ab\xF4\x90\x80\x80"), 2);     /* above U+10FFFF */
  assert_int_equal(invalid_at("ab\xE6\x97 "), 2);
  assert_int_equal(utf8_first_invalid("a\0b", 3), 3);         /* a NUL is valid UTF-8 */
}

static void decodes(void **state) {
  (void)state;
  size_t bytes;
  assert_int_equal(utf8_decode("A", 1, &bytes), 'A');
  assert_int_equal(bytes, 1);
  assert_int_equal(utf8_decode("\xF0\x9F\x98\x80", 4, &bytes), 0x1F600);
  assert_int_equal(bytes, 4);
  assert_int_equal(utf8_decode("\xF0\x9F\x98", 3, &bytes), -1);
  assert_int_equal(bytes, 1);
  assert_int_equal(utf8_decode("", 0, &bytes), -1);
  assert_int_equal(bytes, 1);
}

static void knows_the_bidi_controls(void **state) {
  (void)state;
  uint32_t found = 0;
  for (int c = 0; c < 0x110000; c++) found += utf8_is_bidi_control(c);
  assert_int_equal(found, 5 + 4 + 2 + 1);
  assert_true(utf8_is_bidi_control(0x202A) && utf8_is_bidi_control(0x202E) && utf8_is_bidi_control(0x2066));
  assert_true(utf8_is_bidi_control(0x2069) && utf8_is_bidi_control(0x200E) && utf8_is_bidi_control(0x061C));
}

static void names(void **state) {
  (void)state;
  assert_true(utf8_is_name_start('a') && utf8_is_name_start('_') && utf8_is_name_start(0xE9));
  assert_true(utf8_is_name_start(0x65E5) && utf8_is_name_start(0x2160)); /* a letter number */
  assert_false(utf8_is_name_start('0') || utf8_is_name_start('-') || utf8_is_name_start(0x301));
  assert_false(utf8_is_name_start(0x1F600) || utf8_is_name_start(0xA0) || utf8_is_name_start(0x202E));
  assert_true(utf8_is_name_continue('9') && utf8_is_name_continue(0x301) && utf8_is_name_continue(0x661));
  assert_true(utf8_is_name_continue(0x203F)); /* connector punctuation */
  assert_false(utf8_is_name_continue('.') || utf8_is_name_continue(' ') || utf8_is_name_continue(0x200D));
}

static void normalises(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  assert_true(utf8_nfc("caf" E_ACUTE, 6, &b));
  assert_string_equal(b.data, "caf\xC3\xA9");
  buf_reset(&b);
  assert_true(utf8_nfc("plain", 5, &b));
  assert_string_equal(b.data, "plain");
  assert_false(utf8_nfc("\xFF", 1, &b));
  assert_string_equal(b.data, "plain");
  buf_done(&b);
}

static size_t cells(const char *s) { return utf8_cells(s, strlen(s), 0); }

static void measures_cells(void **state) {
  (void)state;
  assert_int_equal(cells(""), 0);
  assert_int_equal(cells("rack 07"), 7);
  assert_int_equal(cells("日本"), 4);
  assert_int_equal(cells(E_ACUTE "x"), 2);
  assert_int_equal(cells(FAMILY), 2);
  assert_int_equal(cells(FLAG), 2);
  assert_int_equal(cells(FLAG FLAG), 4);
  assert_int_equal(cells(HEART), 2);
  assert_int_equal(cells("\xCC\x81"), 0); /* a combining mark on nothing */
  assert_int_equal(cells("\x1B"), 4);     /* \x1B */
  assert_int_equal(cells("\xFF"), 4);     /* \xFF */
  assert_int_equal(cells(RLO), 8);        /* \u{202E} */
}

static void tabs_go_to_stops(void **state) {
  (void)state;
  assert_int_equal(cells("\t"), 8);
  assert_int_equal(cells("1234567\t"), 8);
  assert_int_equal(cells("12345678\t"), 16);
  assert_int_equal(utf8_cells("\t", 1, 3), 5);
  assert_int_equal(cells("日\tx"), 9);
}

static void counts_clusters_and_units(void **state) {
  (void)state;
  assert_int_equal(utf8_clusters("abc", 3), 3);
  assert_int_equal(utf8_clusters("abc" E_ACUTE, 6), 4);
  assert_int_equal(utf8_clusters("ab\xCC\x81" "c", 5), 3); /* the mark belongs to the last ASCII letter */
  assert_int_equal(utf8_clusters(FAMILY FLAG "x", sizeof FAMILY FLAG), 3);
  assert_int_equal(utf8_clusters("a\tb", 3), 3);
  assert_int_equal(utf8_utf16_units("a日\xF0\x9F\x98\x80", 8), 4);
  assert_int_equal(utf8_utf16_units("abcdefghij\xFFk", 12), 12);
}

static void shows_what_it_measures(void **state) {
  (void)state;
  static const char *const texts[] = {"plain", "a\tb\tc", "日本\t語", "x\x1B[31mred", RLO "abc", "\xFF\xFE", "a\x7F",
                                      "\xC2\x85", "\xEF\xBB\xBF", E_ACUTE, FAMILY FLAG HEART, "\xE2\x80\x8B", ""};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    for (size_t start = 0; start < 9; start++) {
      Buf b = BUF_INIT;
      utf8_show(texts[i], strlen(texts[i]), start, &b);
      buf_char(&b, '!');
      assert_int_equal(utf8_cells(texts[i], strlen(texts[i]), start), utf8_cells(b.data, b.len, start) - 1);
      assert_int_equal(utf8_first_invalid(b.data, b.len), b.len);
      assert_null(strpbrk(b.data, "\t\x1B\x7F"));
      buf_done(&b);
    }
  }
}

static void escapes(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  const char text[] = "a" RLO "\x1B\0\xC2\x85\xFE日";
  utf8_show(text, sizeof text - 1, 0, &b);
  assert_string_equal(b.data, "a\\u{202E}\\x1B\\x00\\x85\\xFE日");
  buf_done(&b);
}

static void assert_cut(const char *s, size_t room, const char *want) {
  Buf b = BUF_INIT;
  utf8_show_cut(s, strlen(s), room, &b);
  assert_string_equal(b.data ? b.data : "", want);
  assert_true(cells(want) <= room);
  buf_done(&b);
}

static void cuts(void **state) {
  (void)state;
  assert_cut("abcdef", 6, "abcdef");
  assert_cut("abcdef", 5, "abcd…");
  assert_cut("abcdef", 1, "…");
  assert_cut("abcdef", 0, "");
  assert_cut("日本語", 6, "日本語");
  assert_cut("日本語", 5, "日本…");
  assert_cut("日本語", 4, "日…"); /* no half of a wide character */
  assert_cut("ab" E_ACUTE "d", 3, "ab…");
  assert_cut("a\tb", 8, "a…");
  assert_cut("", 0, "");
}

static void finds_cells(void **state) {
  (void)state;
  size_t cell;
  assert_int_equal(utf8_at_cell("ab日cd", 7, 2, &cell), 2);
  assert_int_equal(cell, 2);
  assert_int_equal(utf8_at_cell("ab日cd", 7, 3, &cell), 5); /* inside the wide one: behind it */
  assert_int_equal(cell, 4);
  assert_int_equal(utf8_at_cell("ab", 2, 9, &cell), 2);
  assert_int_equal(cell, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_the_first_invalid_byte), cmocka_unit_test(decodes),
      cmocka_unit_test(knows_the_bidi_controls), cmocka_unit_test(names), cmocka_unit_test(normalises),
      cmocka_unit_test(measures_cells), cmocka_unit_test(tabs_go_to_stops),
      cmocka_unit_test(counts_clusters_and_units), cmocka_unit_test(shows_what_it_measures),
      cmocka_unit_test(escapes), cmocka_unit_test(cuts), cmocka_unit_test(finds_cells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
