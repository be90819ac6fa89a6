/* Files and buffers come into the map checked, or are refused with a reason and a place. */
#include <config.h>

#include "lang/source_load.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lang/limits.h"

typedef struct Setup {
  Arena *arena;
  SourceMap *map;
  DiagSink *sink;
  char path[64]; /* a file of ours, removed at the end */
} Setup;

static int begin(void **state) {
  Setup *s = xcalloc(1, sizeof *s);
  s->arena = arena_new();
  s->map = source_map_new(s->arena);
  s->sink = diag_sink_new(s->arena, s->map);
  *state = s;
  return 0;
}

static int end(void **state) {
  Setup *s = *state;
  if (s->path[0]) unlink(s->path);
  arena_free(s->arena);
  free(s);
  return 0;
}

static int make_file(Setup *s, const char *bytes, size_t len) {
  strcpy(s->path, "source_load_XXXXXX");
  int fd = mkstemp(s->path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, len), (ssize_t)len);
  return fd;
}

static Source *load(Setup *s, const char *path) {
  return source_load(s->map, s->arena, s->sink, path, (Span){0, 0});
}

static Source *load_bytes(Setup *s, const char *bytes, size_t len) {
  return source_load_bytes(s->map, s->arena, s->sink, "x.runbook", bytes, len);
}

static const Diag *only(Setup *s, DiagCode code) {
  assert_int_equal(diag_count(s->sink), 1);
  const Diag *d = diag_get(s->sink, 0);
  assert_int_equal(d->code, code);
  return d;
}

static void assert_loaded(const Source *source, const char *bytes, size_t len) {
  assert_non_null(source);
  assert_int_equal(source->len, len);
  assert_memory_equal(source->text, bytes, len);
  assert_int_equal(source->text[len], 0);
  assert_int_equal(source->text[len + 1], 0);
}

static void a_file_is_loaded(void **state) {
  Setup *s = *state;
  close(make_file(s, "module x\r\n日\n", 14));
  Source *source = load(s, s->path);
  assert_loaded(source, "module x\r\n日\n", 14);
  assert_string_equal(source->name, s->path);
  assert_ptr_equal(source_of(s->map, source->base), source);
  assert_int_equal(diag_count(s->sink), 0);
}

static void an_empty_file_is_loaded(void **state) {
  Setup *s = *state;
  close(make_file(s, "", 0));
  assert_loaded(load(s, s->path), "", 0);
  assert_loaded(load_bytes(s, NULL, 0), "", 0);
}

static void a_byte_order_mark_is_skipped_once(void **state) {
  Setup *s = *state;
  assert_loaded(load_bytes(s, "\xEF\xBB\xBFuse x", 8), "use x", 5);
  assert_loaded(load_bytes(s, "\xEF\xBB\xBF\xEF\xBB\xBFx", 7), "\xEF\xBB\xBFx", 4);
  assert_loaded(load_bytes(s, "\xEF\xBB\xBF", 3), "", 0);
  assert_int_equal(diag_count(s->sink), 0);
}

static void the_standard_input(void **state) {
  Setup *s = *state;
  int ends[2], saved = dup(STDIN_FILENO);
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], "use y\n", 6), 6);
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  Source *source = load(s, "-");
  dup2(saved, STDIN_FILENO);
  close(saved);
  assert_loaded(source, "use y\n", 6);
  assert_string_equal(source->name, "<stdin>");
}

static void a_missing_file(void **state) {
  Setup *s = *state;
  assert_null(load(s, "no/such.runbook"));
  const Diag *d = only(s, E_FILE_UNREADABLE);
  assert_string_equal(d->message, "`no/such.runbook` cannot be read: No such file or directory");
  assert_string_equal(d->file, "no/such.runbook");
}

static void an_unreadable_file(void **state) {
  Setup *s = *state;
  close(make_file(s, "x", 1));
  char inside[80];
  snprintf(inside, sizeof inside, "%s/inside", s->path);
  assert_null(load(s, inside));
  assert_non_null(strstr(only(s, E_FILE_UNREADABLE)->message, "Not a directory"));
  assert_int_equal(chmod(s->path, 0), 0);
  if (access(s->path, R_OK) == 0) return; /* the superuser reads everything */
  assert_null(load(s, s->path));
  assert_non_null(strstr(diag_get(s->sink, 1)->message, "Permission denied"));
}

static void a_directory(void **state) {
  Setup *s = *state;
  assert_null(load(s, "."));
  const Diag *d = only(s, E_FILE_UNREADABLE);
  assert_string_equal(d->message, "`.` is a directory");
  assert_non_null(d->notes);
}

static void a_file_asked_for_by_a_source_is_missed_there(void **state) {
  Setup *s = *state;
  Source *asking = load_bytes(s, "use power\n", 10);
  assert_null(source_load(s->map, s->arena, s->sink, "power.runbook", (Span){asking->base + 4, asking->base + 9}));
  const Diag *d = only(s, E_FILE_UNREADABLE);
  assert_int_equal(d->span.lo, asking->base + 4);
  assert_null(d->file);
}

/* The size is asked for before reading: the file of 100 MB has no blocks, and its NULs are never seen. */
static void a_file_that_is_too_large(void **state) {
  Setup *s = *state;
  int fd = make_file(s, "", 0);
  assert_int_equal(ftruncate(fd, 100 << 20), 0);
  close(fd);
  size_t used = arena_used(s->arena);
  assert_null(load(s, s->path));
  const Diag *d = only(s, E_FILE_TOO_LARGE);
  assert_string_equal(d->notes->text, "a source file has at most 64 MiB");
  assert_true(arena_used(s->arena) - used < 4096);
}

static void a_stream_without_end(void **state) {
  Setup *s = *state;
  assert_null(load(s, "/dev/zero"));
  only(s, E_FILE_TOO_LARGE);
}

static void the_limit_of_size(void **state) {
  Setup *s = *state;
  char *bytes = xmalloc(LIMIT_SOURCE_BYTES + 1);
  memset(bytes, ' ', LIMIT_SOURCE_BYTES + 1);
  Source *source = load_bytes(s, bytes, LIMIT_SOURCE_BYTES);
  assert_non_null(source);
  assert_int_equal(source->len, LIMIT_SOURCE_BYTES);
  assert_int_equal(diag_count(s->sink), 0);
  assert_null(load_bytes(s, bytes, LIMIT_SOURCE_BYTES + 1));
  only(s, E_FILE_TOO_LARGE);
  free(bytes);
}

static void the_limit_of_files(void **state) {
  Setup *s = *state;
  for (uint32_t i = 0; i < LIMIT_SOURCES; i++) assert_non_null(load_bytes(s, "x", 1));
  assert_int_equal(diag_count(s->sink), 0);
  assert_null(load_bytes(s, "x", 1));
  assert_non_null(strstr(only(s, E_TOO_MANY_FILES)->notes->text, "1000 files"));
}

static void invalid_utf8_has_a_place(void **state) {
  Setup *s = *state;
  assert_null(load_bytes(s, "a\nbc\xE9 d\n", 8));
  const Diag *d = only(s, E_INVALID_UTF8);
  LineCol place = source_line_col(s->map, d->span.lo);
  assert_int_equal(place.line, 2);
  assert_int_equal(place.column, 3);
  assert_string_equal(d->label, "the byte 0xE9, at offset 4");
  Buf b = BUF_INIT;
  diag_render_text(s->sink, s->map, (DiagStyle){.color = false}, &b);
  assert_non_null(strstr(b.data, "2 | bc\\xE9 d\n  |   ^^^^ the byte"));
  buf_done(&b);
}

static void a_nul_has_a_place(void **state) {
  Setup *s = *state;
  assert_null(load_bytes(s, "a\0b", 3));
  const Diag *d = only(s, E_NUL_BYTE);
  assert_int_equal(d->span.lo, source_at(s->map, 0)->base + 1);
  assert_string_equal(d->label, "at offset 1");
}

static void text_in_utf16_is_refused(void **state) {
  Setup *s = *state;
  assert_null(load_bytes(s, "\xFF\xFEu\0s\0e\0", 8));
  only(s, E_INVALID_UTF8);
}

static void bidirectional_controls_are_errors(void **state) {
  Setup *s = *state;
  Source *source = load_bytes(s, "a \xE2\x80\xAE b \xD8\x9C c é 日 \xE2\x80\x94", 23);
  assert_non_null(source); /* the rest can be checked */
  assert_int_equal(diag_count(s->sink), 2);
  const Diag *d = diag_get(s->sink, 0);
  assert_int_equal(d->code, E_BIDI_CONTROL);
  assert_string_equal(d->message, "the invisible control character U+202E");
  assert_int_equal(d->span.lo, source->base + 2);
  assert_int_equal(d->span.hi, source->base + 5);
  assert_string_equal(d->fixes->text, "");
  assert_string_equal(diag_get(s->sink, 1)->message, "the invisible control character U+061C");
}

static void many_bidirectional_controls_leave_room_for_others(void **state) {
  Setup *s = *state;
  char bytes[300];
  for (size_t i = 0; i < 100; i++) memcpy(bytes + 3 * i, "\xE2\x80\xAD", 3);
  assert_non_null(load_bytes(s, bytes, sizeof bytes));
  assert_int_equal(diag_count(s->sink), 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
      TEST(a_file_is_loaded),
      TEST(an_empty_file_is_loaded),
      TEST(a_byte_order_mark_is_skipped_once),
      TEST(the_standard_input),
      TEST(a_missing_file),
      TEST(an_unreadable_file),
      TEST(a_directory),
      TEST(a_file_asked_for_by_a_source_is_missed_there),
      TEST(a_file_that_is_too_large),
      TEST(a_stream_without_end),
      TEST(the_limit_of_size),
      TEST(the_limit_of_files),
      TEST(invalid_utf8_has_a_place),
      TEST(a_nul_has_a_place),
      TEST(text_in_utf16_is_refused),
      TEST(bidirectional_controls_are_errors),
      TEST(many_bidirectional_controls_leave_room_for_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
