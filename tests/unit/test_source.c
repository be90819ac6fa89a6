/* Places in several files: every offset leads back to its file, line, column and UTF-16 unit. */
#include <config.h>

#include "lang/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(s) s "\0", sizeof s - 1 /* two NULs behind the text */

static void assert_place(const SourceMap *map, SrcPos pos, uint32_t line, uint32_t column) {
  LineCol place = source_line_col(map, pos);
  assert_int_equal(place.line, line);
  assert_int_equal(place.column, column);
}

static void assert_line(const SourceMap *map, const Source *s, uint32_t line, const char *want) {
  uint32_t len;
  SrcPos lo;
  const char *text = source_line(map, s, line, &len, &lo);
  assert_int_equal(len, strlen(want));
  assert_memory_equal(text, want, len);
  assert_ptr_equal(text, s->text + (lo - s->base));
}

static void files_have_places_of_their_own(void **state) {
  (void)state;
  Arena *arena = arena_new();
  SourceMap *map = source_map_new(arena);
  Source *a = source_add(map, "a.runbook", TEXT("one\ntwo\n"));
  Source *empty = source_add(map, "empty.runbook", TEXT(""));
  Source *b = source_add(map, "b.runbook", TEXT("three"));
  assert_int_equal(source_count(map), 3);
  assert_ptr_equal(source_at(map, 1), empty);
  for (SrcPos p = a->base; p <= a->base + a->len; p++) assert_ptr_equal(source_of(map, p), a);
  assert_ptr_equal(source_of(map, empty->base), empty);
  for (SrcPos p = b->base; p <= b->base + b->len; p++) assert_ptr_equal(source_of(map, p), b);
  assert_null(source_of(map, 0));
  assert_null(source_of(map, b->base + b->len + 1));
  assert_null(source_of(map, UINT32_MAX));
  assert_int_equal(source_line_col(map, 0).line, 0);
  arena_free(arena);
}

static void lines_and_columns(void **state) {
  (void)state;
  Arena *arena = arena_new();
  SourceMap *map = source_map_new(arena);
  source_add(map, "first", TEXT("x\ny\n"));
  Source *s = source_add(map, "second", TEXT("ab\n\ncde"));
  assert_place(map, s->base, 1, 1);
  assert_place(map, s->base + 2, 1, 3); /* the line end belongs to its line */
  assert_place(map, s->base + 3, 2, 1);
  assert_place(map, s->base + 4, 3, 1);
  assert_place(map, s->base + 7, 3, 4); /* the end of the file */
  assert_int_equal(s->line_count, 3);
  assert_line(map, s, 1, "ab");
  assert_line(map, s, 2, "");
  assert_line(map, s, 3, "cde");
  arena_free(arena);
}

static void empty_files_and_final_line_ends(void **state) {
  (void)state;
  Arena *arena = arena_new();
  SourceMap *map = source_map_new(arena);
  Source *empty = source_add(map, "empty", TEXT(""));
  assert_place(map, empty->base, 1, 1);
  assert_line(map, empty, 1, "");
  Source *s = source_add(map, "end", TEXT("a\n"));
  assert_place(map, s->base + 2, 2, 1);
  assert_line(map, s, 2, "");
  arena_free(arena);
}

static void crlf_is_no_part_of_a_line(void **state) {
  (void)state;
  Arena *arena = arena_new();
  SourceMap *map = source_map_new(arena);
  Source *s = source_add(map, "dos", TEXT("ab\r\ncd\r\n\r\ne\rf"));
  assert_line(map, s, 1, "ab");
  assert_line(map, s, 2, "cd");
  assert_line(map, s, 3, "");
  assert_line(map, s, 4, "e\rf");
  assert_place(map, s->base + 4, 2, 1);
  arena_free(arena);
}

/* A column is what a person counts; LSP and SARIF count UTF-16 units. */
static void wide_characters(void **state) {
  (void)state;
  Arena *arena = arena_new();
  SourceMap *map = source_map_new(arena);
  Source *s = source_add(map, "u", TEXT("e\xCC\x81日\xF0\x9F\x98\x80x\nz"));
  SrcPos x = s->base + 3 + 3 + 4;
  assert_place(map, x, 1, 4);
  assert_int_equal(source_utf16(map, x).line, 0);
  assert_int_equal(source_utf16(map, x).unit, 2 + 1 + 2);
  assert_int_equal(source_utf16(map, x + 2).line, 1);
  assert_int_equal(source_utf16(map, x + 2).unit, 0);
  assert_int_equal(source_utf16(map, 0).unit, 0);
  arena_free(arena);
}

static void the_space_ends_at_4_gib(void **state) {
  (void)state;
  Arena *arena = arena_new();
  SourceMap *map = source_map_new(arena);
  size_t size = 63u << 20;
  char *text = arena_alloc(arena, size + 2); /* never touched: the map only keeps it */
  uint32_t files = 0;
  Source *last = NULL;
  for (Source *s; (s = source_add(map, "big", text, size)); files++) last = s;
  assert_int_equal(files, 65);
  assert_ptr_equal(source_of(map, last->base + last->len), last);
  Source *small = source_add(map, "small", TEXT("fits"));
  assert_ptr_equal(source_of(map, small->base), small);
  arena_free(arena);
}

static void spans_join(void **state) {
  (void)state;
  Span none = {0, 0}, a = {5, 8}, b = {2, 6};
  assert_int_equal(span_join(a, b).lo, 2);
  assert_int_equal(span_join(a, b).hi, 8);
  assert_int_equal(span_join(none, a).lo, 5);
  assert_int_equal(span_join(a, none).hi, 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_have_places_of_their_own), cmocka_unit_test(lines_and_columns),
      cmocka_unit_test(empty_files_and_final_line_ends), cmocka_unit_test(crlf_is_no_part_of_a_line),
      cmocka_unit_test(wide_characters), cmocka_unit_test(the_space_ends_at_4_gib), cmocka_unit_test(spans_join),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
