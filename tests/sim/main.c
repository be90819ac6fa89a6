/* sim: many runs: sim FILE --fleet FILE [name=value ...] [--seeds N] [--first S] [--start MS] [--break WHAT] [--trace]. README.md says
 * what is looked at. Exit 0: nothing found. 1: something, with the command that shows it again. 2: the file could not be used. */
#include <config.h>

#include "runtime/freeze.h"
#include "runtime/schema.h"
#include "tests/oracle/load.h"
#include "tests/sim/disk.h"
#include "tests/sim/sim.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PARAMS = 8, FOUND_MOST = 3, OUTCOMES = RUN_CANCELLED + 1 };

typedef struct Options {
  const char *file, *fleet, *breaks;
  uint64_t seeds, first;
  int64_t start;
  bool traces;
  ParamText params[PARAMS];
  uint32_t param_count;
} Options;

typedef struct Sum { uint64_t turns, lives, said, acted, outcomes[OUTCOMES]; Tally tally; } Sum; /* acted: runs that sent an action */

/* ---- what is broken on purpose: the judge must find it ---- */

static const char *const breakable[] = {"at-once", "rate", "places", "tolerance", "budget", "window", "sync", "replay", "unlock", "others", "calls"};

static void *copy_rows(Arena *arena, const void *rows, uint32_t count, size_t size) {
  void *own = arena_alloc(arena, (count + 1) * size);
  if (count) memcpy(own, rows, count * size);
  return own;
}

static void no_limit(Program *p, Arena *arena, uint8_t rule, const char *what) {
  p->limits = copy_rows(arena, p->limits, p->limits_count, sizeof *p->limits);
  bool budget = strcmp(what, "budget") == 0;
  Slice of = p->budgets_count ? p->budgets[0].limits : (Slice){0, 0};
  for (uint32_t i = 0; i < p->limits_count; i++)
    if (p->limits[i].rule == rule && (i >= of.first && i < of.first + of.count) == budget) p->limits[i].rule = LIMIT_RULE_ALL;
}

/* The program without the limits of that kind. */
static const Program *without(const Program *program, const char *what, Arena *arena) {
  Program *p = copy_rows(arena, program, 1, sizeof *p);
  if (strcmp(what, "at-once") == 0 || strcmp(what, "budget") == 0) no_limit(p, arena, LIMIT_RULE_AT_ONCE, what);
  if (strcmp(what, "rate") == 0) no_limit(p, arena, LIMIT_RULE_PER_TIME, what);
  if (strcmp(what, "places") == 0 || strcmp(what, "calls") == 0) {
    p->services = copy_rows(arena, p->services, p->services_count, sizeof *p->services);
    for (uint32_t i = 0; i < p->services_count; i++) *(*what == 'p' ? &p->services[i].in_flight : &p->services[i].amount) = 0;
  }
  if (strcmp(what, "tolerance") == 0) {
    p->fans = copy_rows(arena, p->fans, p->fans_count, sizeof *p->fans);
    for (uint32_t i = 0; i < p->fans_count; i++) p->fans[i].tolerances.count = 0, p->fans[i].inner = 1;
  }
  return p;
}

/* ---- a seed ---- */

/* How bad a day is, by its seed. One in four is quiet, but that its process dies. */
static Day day_of(uint64_t seed) {
  static const uint32_t some[] = {0, 0, 20, 100, 400}, rates[] = {0, 0, 5000, 20000, 100000};
  Sim dice = {.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 7};
  if (seed % 4 == 0) return (Day){.crash = 60, .disk = 60, .quiet = true};
  Day d = {.weather = {.lost = some[sim_below(&dice, 5)], .late = some[sim_below(&dice, 5)] * 3, .doubled = some[sim_below(&dice, 5)],
                       .clock = some[sim_below(&dice, 5)] / 2, .flap = some[sim_below(&dice, 5)] / 2, .loose = some[sim_below(&dice, 4)] / 2,
                       .alarm = some[sim_below(&dice, 4)] / 2},
           .crash = some[sim_below(&dice, 5)] / 2, .disk = some[sim_below(&dice, 5)] / 2, .people = some[sim_below(&dice, 5)],
           .failed = rates[sim_below(&dice, 5)], .unknown = rates[sim_below(&dice, 5)], .silent = rates[sim_below(&dice, 4)] * 2};
  return d;
}

static bool one_run(const SimGround *g, uint64_t seed, const Day *day, bool traces, Sum *sum, Sim *ret) {
  sim_begin(ret, g, seed, day, traces);
  bool good = sim_run(ret);
  sum->acted += ret->acts;
  for (int i = 0; i < HAPPENING_COUNT; i++) sum->tally.times[i] += ret->tally.times[i];
  sum->turns += ret->turns, sum->lives += ret->lives, sum->said += ret->tags;
  if (ret->engine) sum->outcomes[engine_outcome(ret->engine)]++;
  return good;
}

/* The first line in which two texts differ. */
static void differs(Judge *j, const char *is, const char *would) {
  while (*is && strcmp(is, would) != 0) {
    size_t n = strcspn(is, "\n"), m = strcspn(would, "\n");
    if (n != m || memcmp(is, would, n) != 0) {
      judge_break(j, "CHANGED", "at its end: %.*s; without a death: %.*s", (int)n, is, (int)m, would);
      return;
    }
    is += n + 1, would += m + 1;
  }
}

/* On a quiet day it ends as it would have without a death. */
static void same_end(const SimGround *g, uint64_t seed, Sim *s) {
  Sim undisturbed;
  Sum none = {0};
  Day calm = {.quiet = true};
  Buf is = BUF_INIT, would = BUF_INIT;
  sim_end_state(s, &is);
  life_ends(s, false);
  if (one_run(g, seed, &calm, false, &none, &undisturbed)) sim_end_state(&undisturbed, &would);
  else judge_break(&s->judge, undisturbed.judge.wrong, "without a death: %.200s", undisturbed.judge.what);
  differs(&s->judge, is.data, would.data ? would.data : "");
  sim_done(&undisturbed);
  buf_done(&is);
  buf_done(&would);
}

static void tell(const Options *o, uint64_t seed, const Judge *j) {
  printf("%s: seed %llu: %s: %s\n  again: tests/sim/sim %s --fleet %s", o->file, (unsigned long long)seed, j->wrong, j->what, o->file, o->fleet);
  for (uint32_t i = 0; i < o->param_count; i++) printf(" %s=%s", o->params[i].name, o->params[i].value);
  if (o->start) printf(" --start %lld", (long long)o->start);
  if (o->breaks) printf(" --break %s", o->breaks);
  printf(" --first %llu --seeds 1 --trace\n", (unsigned long long)seed);
}

static bool one_seed(const SimGround *g, const Options *o, uint64_t seed, Sum *sum) {
  Sim s;
  Day day = day_of(seed);
  bool good = one_run(g, seed, &day, o->traces, sum, &s);
  if (good && day.quiet && s.lives > 2) same_end(g, seed, &s); /* the last life only looks */
  good = !s.judge.wrong;
  if (!good) tell(o, seed, &s.judge);
  sim_done(&s);
  return good;
}

static int all_seeds(const SimGround *g, const Options *o) {
  Sum sum = {0};
  uint32_t found = 0;
  uint64_t n = 0;
  for (; n < o->seeds && found < FOUND_MOST; n++) found += !one_seed(g, o, o->first + n, &sum);
  printf("%s: %s, %llu seeds from %llu, %llu of them acted: %llu turns, %llu lives, %llu said; %llu completed, %llu rolled back, %llu failed, %llu cancelled, "
         "%llu otherwise\n", o->file, found ? "found" : "none", (unsigned long long)n, (unsigned long long)o->first, (unsigned long long)sum.acted,
         (unsigned long long)sum.turns, (unsigned long long)sum.lives, (unsigned long long)sum.said,
         (unsigned long long)sum.outcomes[RUN_COMPLETED], (unsigned long long)sum.outcomes[RUN_ROLLED_BACK],
         (unsigned long long)sum.outcomes[RUN_FAILED], (unsigned long long)sum.outcomes[RUN_CANCELLED],
         (unsigned long long)(sum.outcomes[RUN_REFUSED] + sum.outcomes[RUN_STALE] + sum.outcomes[RUN_ENDED] + sum.outcomes[RUN_GOING]));
  tally_print(&sum.tally);
  return found ? 1 : 0;
}

/* ---- the ground ---- */

static int refuse(const Options *o, const char *why) {
  fprintf(stderr, "sim: %s: %s\n", o->file, why);
  return 2;
}

/* The folder holds the owner's lock, and an inbox of no bytes: whoever looks for one finds it, and its content on our disk. */
static bool make_folder(char dir[60]) {
  snprintf(dir, 60, "%s/tagout-sim-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  if (!mkdtemp(dir)) return false;
  char path[100];
  snprintf(path, sizeof path, "%s/inbox.db", dir);
  FILE *f = fopen(path, "w");
  return f && fclose(f) == 0;
}

static void drop_folder(const char *dir) {
  static const char *const names[] = {"inbox.db", "owner.lock", "journal.head"};
  char path[100];
  for (int i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    unlink(path);
  }
  rmdir(dir);
}

static int run_on(const Options *o, const Loaded *l) {
  char dir[60];
  DiagSink *sink = diag_sink_new(l->arena, NULL);
  int64_t start = o->start ? o->start : INT64_C(1767639600000);
  Fleet *fleet = fleet_load(&schema_of_program(l->program, l->arena)->fleet, o->fleet, FLEET_BY_NAME, sink);
  const Frozen *frozen = fleet ? freeze(l->program, fleet, o->params, o->param_count, start, l->arena, sink) : NULL;
  int code = frozen ? 0 : refuse(o, diag_get(sink, 0)->message);
  if (code == 0 && !make_folder(dir)) code = refuse(o, "no folder can be made");
  if (code == 0) {
    SimGround g = {.program = l->program, .obeyed = o->breaks ? without(l->program, o->breaks, l->arena) : l->program, .fleet = fleet,
                   .frozen = frozen, .start = start, .dir = dir, .lies = o->breaks && strcmp(o->breaks, "sync") == 0,
                   .forgets = o->breaks && strcmp(o->breaks, "replay") == 0, .sticks = o->breaks && strcmp(o->breaks, "unlock") == 0,
                   .alone = o->breaks && strcmp(o->breaks, "others") == 0};
    Frozen always = *frozen;
    if (o->breaks && strcmp(o->breaks, "window") == 0) always.opening_count = 0;
    g.obeyed_frozen = &always;
    disk_mount();
    code = all_seeds(&g, o);
    drop_folder(dir);
  }
  fleet_free(fleet);
  return code;
}

/* ---- the command line ---- */

static bool is_breakable(const char *what) {
  for (size_t i = 0; i < sizeof breakable / sizeof *breakable; i++)
    if (strcmp(breakable[i], what) == 0) return true;
  return false;
}

static bool take_option(char **argv, int *i, Options *o) {
  const char *word = argv[*i], *value = argv[*i + 1];
  char *equals = strchr(argv[*i], '=');
  if (equals && word[0] != '-' && !strchr(word, '/') && o->param_count < PARAMS) {
    *equals = '\0';
    o->params[o->param_count++] = (ParamText){.name = word, .value = equals + 1};
    return true;
  }
  if (word[0] != '-') return !o->file && (o->file = word, true);
  if (strcmp(word, "--trace") == 0) return o->traces = true;
  if (!value) return false;
  ++*i;
  if (strcmp(word, "--fleet") == 0) return o->fleet = value, true;
  if (strcmp(word, "--seeds") == 0) return o->seeds = strtoull(value, NULL, 10), true;
  if (strcmp(word, "--first") == 0) return o->first = strtoull(value, NULL, 10), true;
  if (strcmp(word, "--start") == 0) return o->start = strtoll(value, NULL, 10), true;
  if (strcmp(word, "--break") == 0) return o->breaks = value, is_breakable(value);
  return false;
}

int main(int argc, char **argv) {
  mallopt(M_TRIM_THRESHOLD, 1 << 30); /* what a run gives back the next one takes */
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  Options o = {.seeds = 1000, .first = 1};
  bool good = true;
  for (int i = 1; i < argc && good; i++) good = take_option(argv, &i, &o);
  if (!good || !o.file || !o.fleet) {
    fprintf(stderr, "sim FILE [name=value ...] --fleet FILE [--seeds N] [--first S] [--start MS] [--break WHAT] [--trace]\n");
    return 2;
  }
  Loaded l = load_file(o.file);
  int code = l.program ? run_on(&o, &l) : refuse(&o, l.why);
  load_done(&l);
  return code;
}
