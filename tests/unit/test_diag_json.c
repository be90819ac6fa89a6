/* The machine-readable renderers: valid JSON, every place in every unit, and what SARIF's readers insist on. */
#include <config.h>

#include "lang/diag.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Setup {
  Arena *arena;
  SourceMap *map;
  Source *first, *second;
  DiagSink *sink;
} Setup;

static int begin(void **state) {
  Setup *s = xcalloc(1, sizeof *s);
  s->arena = arena_new();
  s->map = source_map_new(s->arena);
  s->first = source_add(s->map, "a dir/f.runbook", "one\n日\xF0\x9F\x98\x80 two\n\0", 16);
  s->second = source_add(s->map, "/abs/g.runbook", "three\n\0", 6);
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

/* One record with everything, on the word `two` of the second line. */
static void add_full(Setup *s) {
  Span two = {s->first->base + 12, s->first->base + 15};
  Diag *d = diag_new(s->sink, E_UNKNOWN_UNIT, two, "no \"unit\"");
  diag_primary_label(s->sink, d, "here");
  diag_label(s->sink, d, (Span){s->second->base, s->second->base + 5}, "like this");
  diag_note(s->sink, d, "a note");
  diag_fix(s->sink, d, two, true, "2\n", "write 2");
}

static json_t *parse(Buf *b) {
  json_error_t error;
  json_t *root = json_loadb(b->data, b->len, JSON_REJECT_DUPLICATES, &error);
  if (!root) fail_msg("%s at %d:%d of\n%s", error.text, error.line, error.column, b->data);
  buf_done(b);
  return root;
}

static json_t *as_json(Setup *s) {
  Buf b = BUF_INIT;
  diag_render_json(s->sink, s->map, &b);
  return parse(&b);
}

static json_t *as_sarif(Setup *s) {
  Buf b = BUF_INIT;
  diag_render_sarif(s->sink, s->map, &b);
  return parse(&b);
}

/* Walks "runs.0.results.1" and compares the value there, given as JSON. */
static json_t *walk(json_t *at, const char *path) {
  char step[64];
  while (at && *path) {
    size_t len = strcspn(path, ".");
    memcpy(step, path, len);
    step[len] = '\0';
    at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10)) : json_object_get(at, step);
    path += len + (path[len] ? 1 : 0);
  }
  return at;
}

static void assert_value(json_t *root, const char *path, const char *want) {
  json_t *value = walk(root, path), *wanted = json_loads(want, JSON_DECODE_ANY, NULL);
  assert_non_null(wanted);
  if (!value || !json_equal(value, wanted)) {
    char *got = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    fail_msg("%s is %s, wanted %s", path, got ? got : "absent", want);
  }
  json_decref(wanted);
}

static void empty(void **state) {
  Setup *s = *state;
  Buf b = BUF_INIT;
  diag_render_json(s->sink, s->map, &b);
  assert_string_equal(b.data, "{\"format\": \"tagout-diagnostics\", \"version\": 1, \"errors\": 0, \"warnings\": 0, "
                              "\"dropped\": 0, \"diagnostics\": []}\n");
  buf_done(&b);
  json_t *root = as_sarif(*state);
  assert_value(root, "version", "\"2.1.0\"");
  assert_value(root, "runs.0.results", "[]");
  assert_value(root, "runs.0.tool.driver.rules", "[]");
  json_decref(root);
}

static void json_has_every_place_in_every_unit(void **state) {
  Setup *s = *state;
  add_full(s);
  json_t *root = as_json(s);
  assert_value(root, "errors", "1");
  assert_value(root, "diagnostics.0.code", "\"E0300\"");
  assert_value(root, "diagnostics.0.severity", "\"error\"");
  assert_value(root, "diagnostics.0.title", "\"a number with an unknown unit\"");
  assert_value(root, "diagnostics.0.message", "\"no \\\"unit\\\"\"");
  assert_value(root, "diagnostics.0.label", "\"here\"");
  assert_value(root, "diagnostics.0.place.file", "\"a dir/f.runbook\"");
  assert_value(root, "diagnostics.0.place.start",
               "{\"offset\": 12, \"line\": 2, \"column\": 4, \"utf16\": {\"line\": 1, \"unit\": 4}}");
  assert_value(root, "diagnostics.0.place.end",
               "{\"offset\": 15, \"line\": 2, \"column\": 7, \"utf16\": {\"line\": 1, \"unit\": 7}}");
  assert_value(root, "diagnostics.0.related.0.place.file", "\"/abs/g.runbook\"");
  assert_value(root, "diagnostics.0.related.0.message", "\"like this\"");
  assert_value(root, "diagnostics.0.notes", "[\"a note\"]");
  assert_value(root, "diagnostics.0.fixes.0.safe", "true");
  assert_value(root, "diagnostics.0.fixes.0.text", "\"2\\n\"");
  assert_value(root, "diagnostics.0.fixes.0.place.start.offset", "12");
  json_decref(root);
}

/* Two ranges that make one edit: said in JSON, and one fix with two replacements in SARIF. */
static void parts_of_a_fix_stay_together(void **state) {
  Setup *s = *state;
  SrcPos at = s->second->base;
  Diag *d = diag_new(s->sink, E_UNKNOWN_UNIT, (Span){at, at + 1}, "two");
  diag_fix(s->sink, d, (Span){at, at + 1}, false, "a", "write both");
  diag_fix_part(s->sink, d, (Span){at + 2, at + 3}, "b", "and here");
  diag_fix(s->sink, d, (Span){at, at + 1}, false, "c", "or this");
  json_t *root = as_json(s);
  assert_null(walk(root, "diagnostics.0.fixes.0.part"));
  assert_value(root, "diagnostics.0.fixes.1.part", "true");
  assert_null(walk(root, "diagnostics.0.fixes.2.part"));
  json_decref(root);
  root = as_sarif(s);
  assert_int_equal(json_array_size(walk(root, "runs.0.results.0.fixes")), 2);
  assert_value(root, "runs.0.results.0.fixes.0.artifactChanges.0.replacements.1.insertedContent.text", "\"b\"");
  assert_value(root, "runs.0.results.0.fixes.1.description.text", "\"or this\"");
  json_decref(root);
}

static void data_files_and_no_place(void **state) {
  Setup *s = *state;
  diag_at(s->sink, E_BAD_NUMBER, "fleet.csv", 12, 3, "cell");
  diag_at(s->sink, E_BAD_NUMBER, "fleet.csv", 13, 0, "row");
  diag_at(s->sink, E_BAD_NUMBER, "g.csv", 0, 0, "file");
  diag_new(s->sink, E_BAD_DATE, (Span){0, 0}, "nowhere");
  json_t *root = as_json(s);
  assert_value(root, "diagnostics.0.place", "null");
  assert_value(root, "diagnostics.1.place", "{\"file\": \"fleet.csv\", \"line\": 12, \"column\": 3}");
  assert_value(root, "diagnostics.2.place", "{\"file\": \"fleet.csv\", \"line\": 13, \"column\": null}");
  assert_value(root, "diagnostics.3.place", "{\"file\": \"g.csv\", \"line\": null, \"column\": null}");
  json_decref(root);
  root = as_sarif(s);
  assert_null(walk(root, "runs.0.results.0.locations"));
  assert_value(root, "runs.0.results.1.locations.0.physicalLocation.region", "{\"startLine\": 12, \"startColumn\": 3}");
  assert_value(root, "runs.0.results.2.locations.0.physicalLocation.region", "{\"startLine\": 13}");
  assert_null(walk(root, "runs.0.results.3.locations.0.physicalLocation.region"));
  json_decref(root);
}

static void sarif_has_what_its_readers_want(void **state) {
  Setup *s = *state;
  add_full(s);
  diag_new(s->sink, E_UNKNOWN_UNIT, (Span){s->second->base, s->second->base + 6}, "again");
  diag_new(s->sink, E_BAD_DATE, (Span){s->second->base, s->second->base}, "%s", "");
  json_t *root = as_sarif(s);
  assert_value(root, "runs.0.columnKind", "\"utf16CodeUnits\"");
  assert_value(root, "runs.0.tool.driver.name", "\"tagout\"");
  assert_value(root, "runs.0.tool.driver.rules.0.id", "\"E0300\"");
  assert_value(root, "runs.0.tool.driver.rules.1.id", "\"E0302\"");
  assert_int_equal(json_array_size(walk(root, "runs.0.tool.driver.rules")), 2); /* each once */
  json_t *first = walk(root, "runs.0.results.0");
  assert_value(first, "ruleId", "\"E0300\"");
  assert_value(first, "ruleIndex", "0");
  assert_value(first, "level", "\"error\"");
  assert_value(first, "message.text", "\"no \\\"unit\\\": here\\nnote: a note\"");
  assert_value(first, "locations.0.physicalLocation.artifactLocation.uri", "\"a%20dir/f.runbook\"");
  assert_value(first, "locations.0.physicalLocation.region",
               "{\"startLine\": 2, \"startColumn\": 5, \"endLine\": 2, \"endColumn\": 8, \"byteOffset\": 12, "
               "\"byteLength\": 3}");
  assert_value(first, "relatedLocations.0.physicalLocation.artifactLocation.uri", "\"file:///abs/g.runbook\"");
  assert_value(first, "relatedLocations.0.message.text", "\"like this\"");
  assert_value(first, "fixes.0.description.text", "\"write 2\"");
  json_t *change = walk(first, "fixes.0.artifactChanges.0");
  assert_value(change, "replacements.0.insertedContent.text", "\"2\\n\"");
  assert_value(change, "replacements.0.deletedRegion.startColumn", "5");
  assert_value(root, "runs.0.results.2.ruleIndex", "1");
  assert_value(root, "runs.0.results.2.message.text", "\"a date that does not exist\""); /* never empty */
  assert_value(root, "runs.0.results.1.locations.0.physicalLocation.region.endLine", "2"); /* the line end */
  json_decref(root);
}

static void every_rule_has_texts(void **state) {
  Setup *s = *state;
  uint32_t codes = 0;
  for (uint32_t c = 0; c < DIAG_COUNT; c++) {
    DiagSink *sink = diag_sink_new(s->arena, s->map);
    diag_new(sink, (DiagCode)c, (Span){0, 0}, "m");
    Buf b = BUF_INIT;
    diag_render_sarif(sink, s->map, &b);
    json_t *root = parse(&b);
    assert_true(json_string_length(walk(root, "runs.0.tool.driver.rules.0.shortDescription.text")) > 5);
    assert_true(json_string_length(walk(root, "runs.0.tool.driver.rules.0.help.text")) > 5);
    assert_string_equal(json_string_value(walk(root, "runs.0.tool.driver.rules.0.id")), diag_code_text((DiagCode)c));
    json_decref(root);
    codes++;
  }
  assert_int_equal(codes, DIAG_COUNT);
}

static void bytes_that_are_no_text_do_not_break_it(void **state) {
  Setup *s = *state;
  diag_at(s->sink, E_BAD_NUMBER, "f\xFF#.csv", 1, 1, "cell \xC3\x28 \xE2\x80\xAE \x01");
  json_t *root = as_json(s);
  assert_string_equal(json_string_value(walk(root, "diagnostics.0.message")), "cell \xEF\xBF\xBD( \xE2\x80\xAE \x01");
  json_decref(root);
  root = as_sarif(s);
  assert_value(root, "runs.0.results.0.locations.0.physicalLocation.artifactLocation.uri", "\"f%FF%23.csv\"");
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
      TEST(empty),
      TEST(json_has_every_place_in_every_unit),
      TEST(parts_of_a_fix_stay_together),
      TEST(data_files_and_no_place),
      TEST(sarif_has_what_its_readers_want),
      TEST(every_rule_has_texts),
      TEST(bytes_that_are_no_text_do_not_break_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
