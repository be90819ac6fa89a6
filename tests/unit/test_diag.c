/* The registry and the sink: repetitions, order, counts, and the limit. */
#include <config.h>

#include "lang/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/limits.h"

typedef struct Setup {
  Arena *arena;
  SourceMap *map;
  Source *source;
  DiagSink *sink;
} Setup;

static int begin(void **state) {
  Setup *s = xcalloc(1, sizeof *s);
  s->arena = arena_new();
  s->map = source_map_new(s->arena);
  s->source = source_add(s->map, "x.runbook", "one two three\n\0", 14);
  s->sink = diag_sink_new(s->arena, s->map);
  *state = s;
  return 0;
}

static int end(void **state) {
  Setup *s = *state;
  arena_free(s->arena);
  free(s);
  return 0;
}

static Span at(const Setup *s, uint32_t lo, uint32_t hi) { return (Span){s->source->base + lo, s->source->base + hi}; }

static void registry(void **state) {
  (void)state;
  DiagCode code = DIAG_COUNT;
  assert_string_equal(diag_code_text(E_UNKNOWN_UNIT), "E0300");
  assert_string_equal(diag_code_title(E_UNKNOWN_UNIT), "a number with an unknown unit");
  assert_int_equal(diag_code_severity(E_UNKNOWN_UNIT), SEV_ERROR);
  assert_true(diag_code_find("E0300", &code));
  assert_int_equal(code, E_UNKNOWN_UNIT);
  assert_true(diag_code_find("e0301", &code));
  assert_int_equal(code, E_NUMBER_RANGE);
  assert_false(diag_code_find("E03", &code));
  assert_false(diag_code_find("", &code));
}

static void every_row_is_well_formed(void **state) {
  (void)state;
  for (uint32_t i = 0; i < DIAG_COUNT; i++) {
    const char *text = diag_code_text((DiagCode)i), *title = diag_code_title((DiagCode)i);
    assert_int_equal(strlen(text), 5);
    assert_int_equal(text[0], 'E');
    assert_int_equal(strspn(text + 1, "0123456789"), 4);
    assert_true(strlen(title) > 5);
    assert_int_not_equal(title[strlen(title) - 1], '.');
    DiagCode found;
    assert_true(diag_code_find(text, &found));
    assert_int_equal(found, i); /* no code twice */
  }
}

/* What the explanation of every code has: text, an example that is wrong, and how to put it right. */
static void every_code_is_explained_with_an_example(void **state) {
  (void)state;
  for (uint32_t i = 0; i < DIAG_COUNT; i++) {
    const char *code = diag_code_text((DiagCode)i), *text = diag_explain((DiagCode)i);
    if (strlen(text) < 80) fail_msg("%s has no explanation: lang/explain/%s.md", code, code);
    const char *example = strstr(text, "\n\n```");
    if (!example || example - text < 40) fail_msg("%s.md: no example behind the first paragraph", code);
    const char *close = strstr(example + 5, "\n```\n");
    if (!close) fail_msg("%s.md: the example does not end", code);
    if (strlen(close + 5) < 30) fail_msg("%s.md: it does not say how to put it right", code);
  }
}

static void records_carry_what_was_said(void **state) {
  Setup *s = *state;
  Diag *d = diag_new(s->sink, E_UNKNOWN_UNIT, at(s, 4, 7), "no unit `%s`", "two");
  diag_primary_label(s->sink, d, "here %d", 1);
  diag_label(s->sink, d, at(s, 0, 3), "first");
  diag_label(s->sink, d, at(s, 8, 13), "second");
  diag_label(s->sink, d, (Span){0, 0}, "nowhere");
  diag_note(s->sink, d, "note %s", "one");
  diag_note(s->sink, d, "note two");
  diag_fix(s->sink, d, at(s, 4, 7), true, "2", "write `%s`", "2");
  const Diag *got = diag_get(s->sink, 0);
  assert_ptr_equal(got, d);
  assert_string_equal(got->message, "no unit `two`");
  assert_string_equal(got->label, "here 1");
  assert_string_equal(got->labels->text, "first");
  assert_string_equal(got->labels->next->text, "second");
  assert_null(got->labels->next->next);
  assert_string_equal(got->notes->text, "note one");
  assert_string_equal(got->notes->next->text, "note two");
  assert_string_equal(got->fixes->text, "2");
  assert_string_equal(got->fixes->help, "write `2`");
  assert_true(got->fixes->safe);
  assert_int_equal(diag_errors(s->sink), 1);
  assert_int_equal(diag_warnings(s->sink), 0);
}

static void repetitions_are_dropped(void **state) {
  Setup *s = *state;
  diag_new(s->sink, E_UNKNOWN_UNIT, at(s, 0, 3), "same");
  Diag *again = diag_new(s->sink, E_UNKNOWN_UNIT, at(s, 0, 3), "same");
  diag_note(s->sink, again, "to nobody");
  diag_label(s->sink, again, at(s, 0, 3), "to nobody");
  diag_fix(s->sink, again, at(s, 0, 3), true, "x", "to nobody");
  diag_primary_label(s->sink, again, "to nobody");
  assert_int_equal(diag_count(s->sink), 1);
  assert_int_equal(diag_errors(s->sink), 1);
  assert_null(diag_get(s->sink, 0)->notes);
  diag_new(s->sink, E_UNKNOWN_UNIT, at(s, 0, 3), "another text");
  diag_new(s->sink, E_NUMBER_RANGE, at(s, 0, 3), "same");
  diag_new(s->sink, E_UNKNOWN_UNIT, at(s, 0, 4), "same");
  diag_at(s->sink, E_UNKNOWN_UNIT, "f.csv", 1, 2, "same");
  diag_at(s->sink, E_UNKNOWN_UNIT, "g.csv", 1, 2, "same");
  diag_at(s->sink, E_UNKNOWN_UNIT, "f.csv", 1, 2, "same");
  assert_int_equal(diag_count(s->sink), 6);
  assert_int_equal(diag_dropped(s->sink), 0);
}

static void records_come_in_order(void **state) {
  Setup *s = *state;
  diag_new(s->sink, E_BAD_NUMBER, at(s, 8, 9), "5");
  diag_new(s->sink, E_BAD_NUMBER, at(s, 2, 3), "3");
  diag_new(s->sink, E_BAD_DATE, at(s, 2, 9), "4");
  diag_at(s->sink, E_BAD_NUMBER, "b.csv", 1, 1, "2");
  diag_at(s->sink, E_BAD_NUMBER, "a.csv", 12, 9, "1");
  diag_at(s->sink, E_BAD_NUMBER, "a.csv", 12, 1, "0");
  for (uint32_t i = 0; i < 6; i++) assert_int_equal(diag_get(s->sink, i)->message[0], '0' + i);
  diag_new(s->sink, E_BAD_NUMBER, (Span){0, 0}, "nowhere"); /* also behind a first reading */
  assert_string_equal(diag_get(s->sink, 0)->message, "nowhere");
  assert_string_equal(diag_get(s->sink, 6)->message, "5");
}

static void past_the_limit_they_are_counted(void **state) {
  Setup *s = *state;
  for (uint32_t i = 0; i < LIMIT_DIAGNOSTICS; i++) diag_at(s->sink, E_BAD_NUMBER, "f.csv", i + 1, 0, "bad");
  assert_int_equal(diag_count(s->sink), LIMIT_DIAGNOSTICS);
  assert_int_equal(diag_dropped(s->sink), 0);
  Diag *d = diag_at(s->sink, E_BAD_NUMBER, "f.csv", LIMIT_DIAGNOSTICS + 1, 0, "bad");
  diag_note(s->sink, d, "to nobody");
  size_t used = arena_used(s->arena);
  for (uint32_t i = 0; i < 1000; i++) diag_new(s->sink, E_BAD_NUMBER, at(s, 0, 1), "number %u", i);
  assert_int_equal(arena_used(s->arena), used); /* a flood of mistakes costs no memory */
  assert_int_equal(diag_count(s->sink), LIMIT_DIAGNOSTICS);
  assert_int_equal(diag_dropped(s->sink), 1001);
  assert_int_equal(diag_errors(s->sink), LIMIT_DIAGNOSTICS + 1001);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(registry),
      cmocka_unit_test(every_row_is_well_formed),
      cmocka_unit_test(every_code_is_explained_with_an_example),
      cmocka_unit_test_setup_teardown(records_carry_what_was_said, begin, end),
      cmocka_unit_test_setup_teardown(repetitions_are_dropped, begin, end),
      cmocka_unit_test_setup_teardown(records_come_in_order, begin, end),
      cmocka_unit_test_setup_teardown(past_the_limit_they_are_counted, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
