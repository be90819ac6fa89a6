/* test_report: text is printed as the tests end, JSON at once at the end. */
#include <config.h>

#include "cli/test_report.h"

#include "runtime/coverage.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A runbook of which a test was run. ended: outcomes of all of its tests, per code address. */
typedef struct Covered { const char *runbook; const Program *program; uint8_t *ended; } Covered;

struct TestReport {
  TestReportConfig config;
  Arena *arena;
  uint32_t passed, failed, number;
  VEC(Covered) covered;
  json_t *tests;
};

TestReport *test_report_new(TestReportConfig config, Arena *arena) {
  TestReport *t = xcalloc(1, sizeof *t);
  t->config = config;
  t->arena = arena;
  t->tests = json_array();
  return t;
}

/* ---- one test ---- */

static void print_failures(const Buf *failures, bool tap) {
  for (const char *line = failures->data; line && *line;) {
    const char *end = strchr(line, '\n');
    printf("%s%.*s\n", tap ? "# " : "     ", (int)(end ? end - line : (long)strlen(line)), line);
    line = end ? end + 1 : NULL;
  }
}

static void print_test(const TestReport *t, const TestCase *test, const TestResult *r, bool ok) {
  Buf took = BUF_INIT;
  if (t->config.tap) printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", t->number, test->runbook, test->title);
  else if (r->impossible) printf("ERROR %s: %s\n", test->runbook, test->title);
  else
    printf("%s  %s: %s (%s, %s)\n", ok ? "ok  " : "FAIL", test->runbook, test->title, run_outcome_text(r->outcome),
           show_duration(r->took, &took));
  print_failures(&r->failures, t->config.tap);
  buf_done(&took);
}

static void keep_test(TestReport *t, const TestCase *test, const TestResult *r, bool ok) {
  json_t *failures = json_array();
  for (const char *line = r->failures.data; line && *line;) {
    const char *end = strchr(line, '\n');
    json_array_append_new(failures, json_stringn(line, end ? (size_t)(end - line) : strlen(line)));
    line = end ? end + 1 : NULL;
  }
  json_t *outcome = r->impossible ? json_null() : json_string(run_outcome_text(r->outcome));
  json_array_append_new(t->tests, json_pack("{s:s,s:s,s:s,s:i,s:b,s:o,s:I,s:o}", "runbook", test->runbook, "title", test->title, "file",
                                            test->file, "line", (int)test->line, "passed", (int)ok, "outcome", outcome, "took_ms",
                                            (json_int_t)r->took, "failures", failures));
}

static void cover(TestReport *t, const TestCase *test, const Program *program, const uint8_t *ended) {
  Covered *c = NULL;
  for (uint32_t i = 0; i < t->covered.len && !c; i++)
    if (strcmp(t->covered.items[i].runbook, test->runbook) == 0) c = &t->covered.items[i];
  if (!c) {
    Covered first = {test->runbook, program, xcalloc(program->code_count, 1)};
    vec_push(&t->covered, first);
    c = &t->covered.items[t->covered.len - 1];
  }
  for (uint32_t i = 0; i < c->program->code_count; i++) c->ended[i] |= ended[i];
}

void test_report_add(TestReport *t, const TestCase *test, const Program *program, TestResult *r) {
  bool ok = r->passed && !r->impossible;
  t->number++;
  if (ok) t->passed++;
  else t->failed++;
  if (t->config.json) keep_test(t, test, r, ok);
  else print_test(t, test, r, ok);
  if (r->ended) cover(t, test, program, r->ended);
  free(r->ended);
  buf_done(&r->failures);
  *r = (TestResult){0};
}

/* ---- what no test took ---- */

static const uint8_t all_taken = (1u << COVERAGE_OUTCOMES) - 1;

static void print_place(const TestReport *t, const CoveragePlace *p) {
  const char *blank = "";
  if (p->taken == all_taken) return;
  printf("%s%s:%u: %s %s: ", t->config.tap ? "# " : "     ", p->source, p->line, p->what, p->name);
  for (uint32_t o = 0; o < COVERAGE_OUTCOMES; o++) {
    if (p->taken >> o & 1u) continue;
    printf("%s%s", blank, coverage_word(p, (Outcome)o));
    blank = ", ";
  }
  putchar('\n');
}

static void print_coverage(const TestReport *t, const Covered *c) {
  uint32_t count;
  const CoveragePlace *places = coverage_places(c->program, c->ended, &count, t->arena);
  uint32_t taken = coverage_taken(places, count), edges = count * COVERAGE_OUTCOMES;
  printf("%s%s: %u of %u outcomes were met", t->config.tap ? "# " : "", c->runbook, taken, edges);
  printf("%s\n", taken == edges ? "" : t->config.coverage ? "; no test took" : "; --coverage lists the others");
  for (uint32_t i = 0; i < count && t->config.coverage; i++) print_place(t, &places[i]);
}

static json_t *coverage_json(const TestReport *t, const Covered *c) {
  uint32_t count;
  const CoveragePlace *places = coverage_places(c->program, c->ended, &count, t->arena);
  json_t *missing = json_array();
  for (uint32_t i = 0; i < count; i++) {
    json_t *outcomes = json_array();
    for (uint32_t o = 0; o < COVERAGE_OUTCOMES; o++)
      if (!(places[i].taken >> o & 1u)) json_array_append_new(outcomes, json_string(coverage_word(&places[i], (Outcome)o)));
    if (json_array_size(outcomes) == 0) {
      json_decref(outcomes);
      continue;
    }
    json_array_append_new(missing, json_pack("{s:s,s:i,s:s,s:s,s:o}", "file", places[i].source, "line", (int)places[i].line, "what",
                                             places[i].what, "name", places[i].name, "outcomes", outcomes));
  }
  return json_pack("{s:s,s:i,s:i,s:o}", "runbook", c->runbook, "met", (int)coverage_taken(places, count), "outcomes",
                   (int)(count * COVERAGE_OUTCOMES), "not_met", missing);
}

/* ---- the end ---- */

static void print_end(const TestReport *t) {
  for (uint32_t i = 0; i < t->covered.len; i++) print_coverage(t, &t->covered.items[i]);
  if (t->config.tap) printf("1..%u\n", t->number);
  else printf("%u passed, %u failed%s\n", t->passed, t->failed, t->number ? "" : ": there are no such tests");
}

static void print_json(TestReport *t) {
  json_t *coverage = json_array();
  for (uint32_t i = 0; i < t->covered.len; i++) json_array_append_new(coverage, coverage_json(t, &t->covered.items[i]));
  json_t *root = json_pack("{s:i,s:i,s:i,s:O,s:o}", "format_version", 1, "passed", (int)t->passed, "failed", (int)t->failed, "tests",
                           t->tests, "coverage", coverage);
  json_dumpf(root, stdout, JSON_INDENT(1));
  putchar('\n');
  json_decref(root);
}

bool test_report_end(TestReport *t) {
  bool good = t->failed == 0 && t->number > 0;
  if (t->config.json) print_json(t);
  else print_end(t);
  for (uint32_t i = 0; i < t->covered.len; i++) free(t->covered.items[i].ended);
  vec_done(&t->covered);
  json_decref(t->tests);
  free(t);
  return good;
}
