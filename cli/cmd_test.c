/* test: runs the `test` blocks of runbooks in the simulated world. */
#include <config.h>

#include "cli/project.h"
#include "cli/survey.h"
#include "cli/test_report.h"

#include <stdio.h>
#include <string.h>

enum { OPT_ONLY, OPT_COVERAGE, OPT_FORMAT, OPT_TAP, OPT_TRACE, OPT_MUTATE, OPT_LIST, OPT_AT_LEAST };
static const Option options[] = {{"only", "TEXT", "only the tests whose title contains it"},
                                 {"coverage", NULL, "list every outcome of a step that no test took"},
                                 {"format", "FORMAT", "text (default) or json"},
                                 {"tap", NULL, "speak TAP (for test harnesses)"},
                                 {"trace", NULL, "print what happens, line by line"},
                                 {"mutate", NULL, "which mistakes in the runbooks would the tests not notice?"},
                                 {"list", "DIR", "with --mutate: write the mutants there, run nothing"},
                                 {"at-least", "N%", "with --mutate: exit 1 when fewer are caught"}, {NULL, NULL, NULL}};

static void trace(void *ctx, Engine *e, const Note *n) {
  (void)ctx, (void)e;
  printf("# %lld note %d subject %u entity %u:%u value %lld line %u %s\n", (long long)n->at, (int)n->kind, n->subject, n->kind_of_entity,
         n->entity, (long long)n->value, n->line, n->text ? n->text : "");
}

static void run_test(Project *p, uint32_t index, TestReport *report, const Args *args) {
  const TestCase *test = project_test(p, index);
  if (!test || (args->values[OPT_ONLY] && !strstr(test->title, args->values[OPT_ONLY]))) return;
  const Program *program = project_compile(p, test->runbook);
  if (!program) return;
  DiagSink *sink = diag_sink_new(project_arena(p), NULL);
  TurnObserver observer = {.note = args->values[OPT_TRACE] ? trace : NULL};
  TestResult r = testrun(test, program, path_beside(project_arena(p), test->file, test->fleet), observer, sink);
  test_report_add(report, test, program, &r);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
}

static ExitCode run_tests(Project *p, const Args *args, Format format) {
  TestReportConfig config = {.tap = args->values[OPT_TAP] != NULL, .json = format == FORMAT_JSON,
                             .coverage = args->values[OPT_COVERAGE] != NULL};
  TestReport *report = test_report_new(config, project_arena(p));
  uint32_t n = project_test_count(p);
  for (uint32_t i = 0; i < n; i++) run_test(p, i, report, args);
  return test_report_end(report) ? EXIT_DONE : EXIT_CHECK;
}

static bool options_agree(const Args *args) {
  bool mutate = args->values[OPT_MUTATE] != NULL;
  if (!mutate && (args->values[OPT_LIST] || args->values[OPT_AT_LEAST]))
    return fprintf(stderr, "tagout test: --list and --at-least go with --mutate\n"), false;
  if (mutate && (args->values[OPT_TAP] || args->values[OPT_TRACE] || args->values[OPT_COVERAGE]))
    return fprintf(stderr, "tagout test: --tap, --trace and --coverage do not go with --mutate\n"), false;
  return true;
}

static ExitCode run_survey(const Args *args, Format format) {
  Survey s = {.files = args->words, .file_count = args->word_count, .only = args->values[OPT_ONLY],
              .list = args->values[OPT_LIST], .at_least = args->values[OPT_AT_LEAST], .format = format};
  return survey_run(&s);
}

static ExitCode run(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], false, &format) || !options_agree(args)) return EXIT_USAGE;
  if (args->values[OPT_MUTATE]) return run_survey(args, format);
  Project *p = project_new();
  ExitCode code = project_open(p, args->words, args->word_count);
  project_print_errors(p);
  if (code == EXIT_DONE) code = run_tests(p, args, format);
  project_free(p);
  return code;
}

const Verb verb_test = {.name = "test", .usage = "[options] FILE...", .summary = "run the tests of runbooks in the simulated world",
                        .help = "Each `test` block is one run with its own faults, answers and crashes. Exit code 1: a test failed, or there was none.\n"
                                "At the end it says how many outcomes (ok, failed, unknown) of the steps the tests met.",
                        .options = options, .least = 1, .most = -1, .run = run};
