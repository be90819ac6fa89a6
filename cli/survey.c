/* survey: see survey.h. */
#include <config.h>

#include "cli/survey.h"

#include "cli/project.h"
#include "cli/survey_report.h"
#include "lang/mutate.h"
#include "lang/quantity.h"
#include "runtime/testrun.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPU_SECONDS 60 /* of one mutant: the simulated world ends every run by itself, so this is for our own bugs */

/* A mutant may take the whole fleet instead of one cluster: a test that becomes so many times the work of the original has
 * noticed. A count of events and not a time, so that every machine says the same. */
#define MUCH_MORE 20u
#define MUCH_MORE_EVENTS 1000u

/* A test of the original: which one, and how much work it is. */
typedef struct Trial { uint32_t test; uint64_t events; const char *runbook, *title; } Trial;

typedef struct Work {
  const Survey *survey;
  Project *project;   /* the original */
  MutantList mutants;
  VEC(Trial) trials;  /* cheapest first */
  Verdict *verdicts;  /* one per mutant */
} Work;

/* ---- one mutant ---- */

/* The files again, with one of them changed. False: it does not check. */
static bool open_mutant(Project *p, const Survey *s, const Mutant *m) {
  Buf text = BUF_INIT;
  mutant_source(m, &text);
  ExitCode code = project_open_with(p, s->files, s->file_count, m->source->name, text.data, text.len);
  buf_done(&text);
  return code == EXIT_DONE;
}

/* What a child tells its parent. */
typedef struct Message { uint32_t fate, trial; } Message;

static void tell_and_exit(int to, Fate fate, uint32_t trial) {
  Message message = {fate, trial};
  _exit(write(to, &message, sizeof message) == (ssize_t)sizeof message ? 0 : 1);
}

/* Counts the events of a child's test: testrun cannot be stopped, but the process can. */
typedef struct Gauge { uint64_t events, most; uint32_t trial; int to; } Gauge;

static void count_event(void *ctx, Engine *e, const Event *event) {
  Gauge *g = ctx;
  (void)e, (void)event;
  if (++g->events > g->most) tell_and_exit(g->to, FATE_CAUGHT, g->trial);
}

static bool passes(Project *p, uint32_t index, const Program *program, TurnObserver observer, uint64_t *ret_events) {
  const TestCase *test = project_test(p, index);
  DiagSink *sink = diag_sink_new(project_arena(p), NULL);
  TestResult r = testrun(test, program, path_beside(project_arena(p), test->file, test->fleet), observer, sink);
  buf_done(&r.failures);
  free(r.ended);
  *ret_events = r.events;
  return r.passed && !r.impossible;
}

/* A mistake in one runbook is nothing to the tests of another. */
static bool concerns(const Mutant *m, const Trial *t) { return !*m->runbook || strcmp(m->runbook, t->runbook) == 0; }

static bool passes_in_bounds(Project *p, const Trial *t, const Program *program, uint32_t trial, int to) {
  Gauge gauge = {.most = t->events * MUCH_MORE + MUCH_MORE_EVENTS, .trial = trial, .to = to};
  uint64_t events;
  return passes(p, t->test, program, (TurnObserver){.ctx = &gauge, .event = count_event}, &events);
}

/* Ends the process. first: the test to begin with, then the others in their order. */
static void judge_and_exit(const Work *w, const Mutant *m, uint32_t first, int to) {
  Project *p = project_new();
  const Program *program = NULL;
  const char *compiled = "";
  if (!open_mutant(p, w->survey, m)) tell_and_exit(to, FATE_UNCHECKED, 0);
  for (uint32_t i = 0; i < w->trials.len; i++) {
    uint32_t at = i == 0 ? first : i <= first ? i - 1 : i;
    const Trial *t = &w->trials.items[at];
    if (!concerns(m, t)) continue;
    if (strcmp(compiled, t->runbook) != 0) program = project_compile(p, compiled = t->runbook);
    if (!program) tell_and_exit(to, FATE_UNCHECKED, 0);
    if (!passes_in_bounds(p, t, program, at, to)) tell_and_exit(to, FATE_CAUGHT, at);
  }
  tell_and_exit(to, FATE_SURVIVED, 0);
}

static void confine(void) {
  struct rlimit cpu = {CPU_SECONDS, CPU_SECONDS}, core = {0, 0};
  setrlimit(RLIMIT_CPU, &cpu);
  setrlimit(RLIMIT_CORE, &core);
}

/* In a process of its own: a mutant that breaks the program down shall not break the survey. */
static Verdict judge_apart(const Work *w, const Mutant *m, uint32_t first) {
  Verdict broken = {.fate = FATE_BROKEN};
  Message message;
  int ends[2], status;
  if (pipe(ends) < 0) return broken;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    confine();
    judge_and_exit(w, m, first, ends[1]);
  }
  close(ends[1]);
  ssize_t n = child < 0 ? -1 : read(ends[0], &message, sizeof message);
  close(ends[0]);
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (n != (ssize_t)sizeof message) return broken;
  Verdict v = {.fate = (Fate)message.fate, .trial = message.trial};
  if (v.fate == FATE_CAUGHT) v.test = w->trials.items[v.trial].title;
  return v;
}

/* Neighbouring mutants are often caught by the same test, so that one goes first. */
static void judge_all(Work *w) {
  uint32_t first = 0;
  for (uint32_t i = 0; i < w->mutants.len; i++) {
    w->verdicts[i] = judge_apart(w, &w->mutants.items[i], first);
    if (w->verdicts[i].fate == FATE_CAUGHT) first = w->verdicts[i].trial;
  }
}

/* ---- the original ---- */

static int by_work(const void *a, const void *b) {
  const Trial *x = a, *y = b;
  if (x->events != y->events) return x->events < y->events ? -1 : 1;
  return (x->test > y->test) - (x->test < y->test);
}

/* Every test must pass before a mutant can be said to fail it. */
static bool try_original(Work *w) {
  uint32_t failed = 0;
  for (uint32_t i = 0; i < project_test_count(w->project); i++) {
    const TestCase *test = project_test(w->project, i);
    if (!test || (w->survey->only && !strstr(test->title, w->survey->only))) continue;
    const Program *program = project_compile(w->project, test->runbook);
    Trial t = {.test = i, .runbook = test->runbook, .title = test->title};
    if (program && passes(w->project, i, program, (TurnObserver){0}, &t.events)) {
      vec_push(&w->trials, t);
    } else {
      fprintf(stderr, "tagout test: `%s` fails without any mutant\n", test->title);
      failed++;
    }
  }
  if (failed) fprintf(stderr, "tagout test: mutants are for tests that pass: see `tagout test` first\n");
  else if (!w->trials.len) fprintf(stderr, "tagout test: there are no such tests\n");
  if (w->trials.len) qsort(w->trials.items, w->trials.len, sizeof *w->trials.items, by_work);
  return !failed && w->trials.len;
}

/* ---- the two things to do ---- */

static bool write_mutant(const Work *w, const Mutant *m) {
  Buf text = BUF_INIT, path = BUF_INIT;
  buf_printf(&path, "%s/%03u.runbook", w->survey->list, m->id);
  buf_printf(&text, "# mutant %u (%s) of %s: %s\n", m->id, mutant_kind_word(m->kind), m->source->name, m->text);
  mutant_source(m, &text);
  bool ok = write_file(path.data, text.data, text.len);
  buf_done(&text);
  buf_done(&path);
  return ok;
}

static ExitCode write_list(Work *w) {
  uint32_t written = 0;
  if (mkdir(w->survey->list, 0777) < 0 && errno != EEXIST) {
    fprintf(stderr, "tagout: %s: %s\n", w->survey->list, strerror(errno));
    return EXIT_USAGE;
  }
  for (uint32_t i = 0; i < w->mutants.len; i++) {
    Project *p = project_new();
    bool good = open_mutant(p, w->survey, &w->mutants.items[i]);
    project_free(p);
    if (good && !write_mutant(w, &w->mutants.items[i])) return EXIT_USAGE;
    written += good;
  }
  printf("%u mutants written to %s, %u do not check\n", written, w->survey->list, w->mutants.len - written);
  return EXIT_DONE;
}

static ExitCode judge_tests(Work *w, int64_t least) {
  if (!try_original(w)) return EXIT_CHECK;
  w->verdicts = xcalloc(w->mutants.len ? w->mutants.len : 1, sizeof *w->verdicts);
  judge_all(w);
  int64_t share = survey_report(&w->mutants, w->verdicts, w->survey->format);
  free(w->verdicts);
  return share >= least ? EXIT_DONE : EXIT_CHECK;
}

static bool parse_share(const char *text, int64_t *ret) {
  Quantity q;
  QuantityFault fault;
  *ret = 0;
  if (!text) return true;
  if (quantity_parse_as(QUANTITY_FRACTION, text, strlen(text), &q, &fault) && q.value >= 0 && q.value <= 1000000)
    return *ret = q.value, true;
  fprintf(stderr, "tagout test: --at-least takes a share of the mutants, such as 80%%: `%s`\n", text);
  return false;
}

static bool usable(const Survey *s, int64_t *ret_least) {
  if (!parse_share(s->at_least, ret_least)) return false;
  for (int i = 0; i < s->file_count; i++)
    if (strcmp(s->files[i], "-") == 0)
      return fprintf(stderr, "tagout test: --mutate needs files, not the standard input\n"), false;
  return true;
}

ExitCode survey_run(const Survey *s) {
  Work w = {.survey = s, .project = project_new()};
  int64_t least = 0;
  ExitCode code = EXIT_USAGE;
  if (usable(s, &least)) {
    code = project_open(w.project, s->files, s->file_count);
    project_print_errors(w.project);
    if (code == EXIT_DONE) project_mutants(w.project, &w.mutants);
    if (code == EXIT_DONE) code = s->list ? write_list(&w) : judge_tests(&w, least);
  }
  vec_done(&w.mutants);
  vec_done(&w.trials);
  project_free(w.project);
  return code;
}
