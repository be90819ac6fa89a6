/* test: runs the `test` blocks of runbooks in the simulated world. */
#include <config.h>

#include "cli/project.h"
#include "runtime/testrun.h"

#include <stdio.h>
#include <string.h>

enum { OPT_ONLY, OPT_TAP, OPT_TRACE };
static const Option options[] = {{"only", "TEXT", "only the tests whose title contains it"},
                                 {"tap", NULL, "speak TAP (for test harnesses)"},
                                 {"trace", NULL, "print what happens, line by line"}, {NULL, NULL, NULL}};

typedef struct Tally { uint32_t passed, failed, impossible; bool tap; uint32_t number; } Tally;

static void trace(void *ctx, Engine *e, const Note *n) {
  (void)ctx, (void)e;
  printf("# %lld note %d subject %u entity %u:%u value %lld line %u %s\n", (long long)n->at, (int)n->kind, n->subject, n->kind_of_entity,
         n->entity, (long long)n->value, n->line, n->text ? n->text : "");
}

static void print_failures(const Buf *failures, bool tap) {
  for (const char *line = failures->data; line && *line;) {
    const char *end = strchr(line, '\n');
    printf("%s%.*s\n", tap ? "# " : "     ", (int)(end ? end - line : (long)strlen(line)), line);
    line = end ? end + 1 : NULL;
  }
}

static void report(Tally *t, const TestCase *test, const TestResult *r) {
  Buf took = BUF_INIT;
  bool ok = r->passed && !r->impossible;
  t->number++;
  if (ok) t->passed++;
  else if (r->impossible) t->impossible++;
  else t->failed++;
  if (t->tap) printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", t->number, test->runbook, test->title);
  else if (r->impossible) printf("ERROR %s: %s\n", test->runbook, test->title);
  else
    printf("%s  %s: %s (%s, %s)\n", ok ? "ok  " : "FAIL", test->runbook, test->title, run_outcome_text(r->outcome),
           show_duration(r->took, &took));
  print_failures(&r->failures, t->tap);
  buf_done(&took);
}

static void run_test(Project *p, uint32_t index, Tally *t, const Args *args) {
  const TestCase *test = project_test(p, index);
  if (!test || (args->values[OPT_ONLY] && !strstr(test->title, args->values[OPT_ONLY]))) return;
  const Program *program = project_compile(p, test->runbook);
  if (!program) return;
  DiagSink *sink = diag_sink_new(project_arena(p), NULL);
  TurnObserver observer = {.note = args->values[OPT_TRACE] ? trace : NULL};
  TestResult r = testrun(test, program, path_beside(project_arena(p), test->file, test->fleet), observer, sink);
  report(t, test, &r);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  buf_done(&r.failures);
}

static ExitCode run_tests(Project *p, const Args *args) {
  Tally t = {.tap = args->values[OPT_TAP] != NULL};
  uint32_t n = project_test_count(p);
  for (uint32_t i = 0; i < n; i++) run_test(p, i, &t, args);
  if (t.tap) printf("1..%u\n", t.number);
  else printf("%u passed, %u failed%s\n", t.passed, t.failed + t.impossible, t.number ? "" : ": there are no such tests");
  return t.failed || t.impossible || t.number == 0 ? EXIT_CHECK : EXIT_DONE;
}

static ExitCode run(const Args *args) {
  Project *p = project_new();
  ExitCode code = project_open(p, args->words, args->word_count);
  project_print_errors(p);
  if (code == EXIT_DONE) code = run_tests(p, args);
  project_free(p);
  return code;
}

const Verb verb_test = {.name = "test", .usage = "[options] FILE...", .summary = "run the tests of runbooks in the simulated world",
                        .help = "Each `test` block is one run with its own faults, answers and crashes. Exit code 1: a test failed, or there was none.",
                        .options = options, .least = 1, .most = -1, .run = run};
