/* storm: whole runbooks on the real engine under seeded trouble: storm FILE [name=value ...] [--fleet FILE] [--seeds N] [--first S]
 * [--trouble N]. Where `explore` takes every path with few faults, this takes one path per seed with many: failures, lost and
 * late answers, answers out of order, automations that come back, deaths of the runtime, cancels, pauses, locks that come loose,
 * answers that come twice or to nobody. Each run has to end; it must break none of the oracle's rules; and its events fed to a
 * fresh engine must come to the same state. A seed is the same run on every machine: `--first S --seeds 1` shows it again.
 *
 * Exit 0: nothing found. 1: something, with the seed and its path. 2: the file could not be used. */
#include <config.h>

#include "runtime/freeze.h"
#include "runtime/schema.h"
#include "tests/oracle/load.h"
#include "tests/oracle/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MOST = 200000, PARAMS = 8, OUTCOMES = RUN_CANCELLED + 1 };

typedef struct Options { const char *file, *fleet; uint64_t seeds, first; uint32_t trouble; ParamText params[PARAMS]; uint32_t param_count; } Options;

/* How bad a run's day is, per ten thousand turns. */
typedef struct Weather { uint32_t fault, delay, automation, landing, noise; } Weather;

typedef struct Storm {
  const Ground *ground;
  Path path;
  Weather weather;
  uint64_t random;
  ChoiceVec choices, taken;
  VEC(Event) tape;
  uint32_t faults;
  bool paused;
  const char *wrong;        /* NULL: nothing so far */
} Storm;

typedef struct Sum { uint64_t steps, faults, outcomes[OUTCOMES]; } Sum;

/* ---- chance ---- */

static uint64_t next_random(Storm *s) { /* splitmix64 */
  uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint32_t below(Storm *s, uint32_t n) { return (uint32_t)(next_random(s) % n); }
static bool chance(Storm *s, uint32_t in_ten_thousand) { return below(s, 10000) < in_ten_thousand; }

static Weather weather(Storm *s, uint32_t trouble) {
  static const uint32_t faults[] = {0, 10, 50, 200, 800}, delays[] = {0, 500, 3000}, others[] = {0, 100, 1000};
  Weather w = {faults[below(s, 5)], delays[below(s, 3)], others[below(s, 3)], others[below(s, 3)], others[below(s, 3)] / 10};
  w.fault = w.fault * trouble / 100;
  return w;
}

/* ---- a turn ---- */

typedef bool Fits(const Choice *c);
static bool is_fault(const Choice *c) { return c->faults > 0; }
static bool is_late(const Choice *c) { return c->faults == 0 && c->delays > 0; }
static bool is_automation(const Choice *c) { return c->kind == CHOICE_AUTO; }
static bool is_landing(const Choice *c) { return c->kind == CHOICE_LAND; }
static bool is_ordinary(const Choice *c) { return c->faults == 0 && c->delays == 0 && c->kind != CHOICE_AUTO && c->kind != CHOICE_LAND; }

/* One of those that fit, each as likely. False: none does. */
static bool draw(Storm *s, Fits *fits, Choice *ret) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->choices.len; i++)
    if (fits(&s->choices.items[i]) && below(s, ++n) == 0) *ret = s->choices.items[i];
  return n > 0;
}

static bool pick(Storm *s, Choice *ret) {
  const Weather *w = &s->weather;
  if (chance(s, w->fault) && draw(s, is_fault, ret)) return true;
  if (chance(s, w->automation) && draw(s, is_automation, ret)) return true;
  if (chance(s, w->landing) && draw(s, is_landing, ret)) return true;
  if (chance(s, w->delay) && draw(s, is_late, ret)) return true;
  return draw(s, is_ordinary, ret) || draw(s, is_late, ret) || draw(s, is_fault, ret);
}

/* What no choice of the explorer is: people who change their minds, what is loose, answers that nobody waits for. */
static void noise(Storm *s) {
  const Program *p = s->ground->program;
  Event e = {.kind = EVENT_CONTROL, .value = s->paused ? CONTROL_GO_ON : CONTROL_PAUSE, .entity = NONE_INDEX, .kind_of_entity = NONE_INDEX};
  switch (below(s, 3)) {
    case 0: s->paused = !s->paused; break;
    case 1: e = (Event){.kind = EVENT_OUTCOME, .command = 1 + below(s, 500), .outcome = (Outcome)below(s, 3), .value = VALUE_UNKNOWN}; break;
    default:
      if (p->automations_count == 0) return;
      e.kind = EVENT_ALARM, e.value = ALARM_LOCK_LOST, e.subject = below(s, p->automations_count);
      e.kind_of_entity = p->automations[e.subject].kind;
      e.entity = below(s, fleet_count(s->ground->fleet, e.kind_of_entity));
  }
  const Command *flying;
  uint64_t n = engine_in_flight(s->path.engine, &flying);
  for (uint64_t i = 0; i < n && e.kind == EVENT_OUTCOME; i++)
    if (flying[i].id == e.command) return; /* that one is waited for: its answer is a choice */
  path_feed(&s->path, e);
}

static void find(Storm *s, const char *what) {
  if (!s->wrong) s->wrong = what;
}

static void turn(Storm *s, Choice c) {
  vec_push(&s->taken, c);
  s->faults += c.faults;
  if (!path_step(&s->path, c)) find(s, "a choice that is none");
  for (uint32_t i = 0; i < s->path.hits.len; i++) find(s, rule_names[s->path.hits.items[i].code]);
}

/* To its end and a little beyond: what is loose then acts on what it finds. */
static void go(Storm *s) {
  Choice c;
  for (uint32_t i = 0; i < STEPS_MOST && !s->wrong; i++) {
    path_choices(&s->path, &s->choices);
    if (s->path.ended && (s->choices.len == 0 || chance(s, 5000))) return;
    if (s->choices.len == 0 && s->paused) {
      s->paused = false;
      path_feed(&s->path, (Event){.kind = EVENT_CONTROL, .value = CONTROL_GO_ON, .entity = NONE_INDEX, .kind_of_entity = NONE_INDEX});
      continue;
    }
    if (!pick(s, &c)) {
      if (!s->path.ended) find(s, "STUCK");
      return;
    }
    turn(s, c);
    if (s->path.begun && !s->path.ended && !s->wrong && chance(s, s->weather.noise)) noise(s);
  }
  if (!s->path.ended) find(s, "it does not end");
}

/* The same events, fed to an engine that knows nothing of the world, come to the same. */
static void replay(Storm *s) {
  Engine *again = engine_new(s->ground->program, s->ground->fleet, s->ground->frozen);
  for (uint32_t i = 0; i < s->tape.len; i++) engine_feed(again, &s->tape.items[i]);
  if (engine_digest(again) != engine_digest(s->path.engine)) find(s, "a replay comes to another state");
  engine_free(again);
}

/* ---- a seed ---- */

static void on_event(void *ctx, const Event *e) {
  Storm *s = ctx;
  vec_push(&s->tape, *e);
}

static void tell(const Storm *s, const char *file, uint64_t seed) {
  Buf text = BUF_INIT;
  printf("%s: seed %llu: %s@%u after %u faults\n", file, (unsigned long long)seed, s->wrong, s->path.hits.len ? s->path.hits.items[0].line : s->path.line,
         s->faults);
  for (uint32_t i = 0; i < s->taken.len; i++) {
    buf_reset(&text);
    choice_show(s->ground, s->taken.items[i], &text);
    printf("  %5u%s %s\n", i + 1, s->taken.items[i].faults ? "!" : " ", text.data);
  }
  buf_done(&text);
}

static bool one_seed(Ground *g, const Options *o, uint64_t seed, Sum *sum) {
  Storm s = {.ground = g, .random = seed};
  s.weather = weather(&s, o->trouble);
  path_begin(&s.path, g);
  s.path.tape = on_event, s.path.tape_ctx = &s;
  s.path.lenient = true; /* with several faults, and false alarms, a refusal is what the engine is for */
  go(&s);
  replay(&s);
  if (s.wrong) tell(&s, o->file, seed);
  sum->steps += s.taken.len, sum->faults += s.faults, sum->outcomes[engine_outcome(s.path.engine)]++;
  path_done(&s.path);
  vec_done(&s.choices);
  vec_done(&s.taken);
  vec_done(&s.tape);
  return !s.wrong;
}

static bool refuse(const Options *o, const char *why) {
  fprintf(stderr, "storm: %s: %s\n", o->file, why);
  return false;
}

static int all_seeds(Ground *g, const Options *o) {
  Sum sum = {0};
  uint32_t bad = 0;
  for (uint64_t i = 0; i < o->seeds && bad < 3; i++) bad += !one_seed(g, o, o->first + i, &sum);
  printf("%s: %s, %llu seeds from %llu: %llu steps, %llu faults; %llu completed, %llu rolled back, %llu failed, %llu cancelled, %llu otherwise\n",
         o->file, bad ? "found" : "none", (unsigned long long)o->seeds, (unsigned long long)o->first, (unsigned long long)sum.steps,
         (unsigned long long)sum.faults, (unsigned long long)sum.outcomes[RUN_COMPLETED], (unsigned long long)sum.outcomes[RUN_ROLLED_BACK],
         (unsigned long long)sum.outcomes[RUN_FAILED], (unsigned long long)sum.outcomes[RUN_CANCELLED],
         (unsigned long long)(sum.outcomes[RUN_REFUSED] + sum.outcomes[RUN_STALE] + sum.outcomes[RUN_ENDED] + sum.outcomes[RUN_GOING]));
  return bad ? 1 : 0;
}

static int storm(const Options *o, const Loaded *l) {
  Ground g;
  DiagSink *sink = diag_sink_new(l->arena, NULL);
  Fleet *fleet = fleet_load(&schema_of_program(l->program, l->arena)->fleet, o->fleet, FLEET_BY_NAME, sink);
  const Frozen *frozen = fleet ? freeze(l->program, fleet, o->params, o->param_count, INT64_C(1767639600000), l->arena, sink) : NULL;
  const char *why = frozen ? ground_init(&g, l->program, fleet, frozen, l->arena) : diag_get(sink, 0)->message;
  int code = why ? (refuse(o, why), 2) : all_seeds(&g, o);
  if (!why) ground_done(&g);
  fleet_free(fleet);
  return code;
}

/* ---- the command line ---- */

static bool take_option(char **argv, int *i, Options *o) {
  const char *word = argv[*i], *value = argv[*i + 1];
  char *equals = strchr(argv[*i], '=');
  if (equals && word[0] != '-' && !strchr(word, '/') && o->param_count < PARAMS) {
    *equals = '\0';
    o->params[o->param_count++] = (ParamText){.name = word, .value = equals + 1};
    return true;
  }
  if (word[0] != '-') return !o->file && (o->file = word, true);
  if (!value) return false;
  ++*i;
  if (strcmp(word, "--fleet") == 0) return o->fleet = value, true;
  if (strcmp(word, "--seeds") == 0) return o->seeds = strtoull(value, NULL, 10), true;
  if (strcmp(word, "--first") == 0) return o->first = strtoull(value, NULL, 10), true;
  if (strcmp(word, "--trouble") == 0) return o->trouble = (uint32_t)strtoul(value, NULL, 10), true;
  return false;
}

int main(int argc, char **argv) {
  Options o = {.seeds = 1000, .first = 1, .trouble = 100};
  bool good = true;
  for (int i = 1; i < argc && good; i++) good = take_option(argv, &i, &o);
  if (!good || !o.file || !o.fleet) {
    fprintf(stderr, "storm FILE [name=value ...] --fleet FILE [--seeds N] [--first S] [--trouble PERCENT]\n");
    return 2;
  }
  Loaded l = load_file(o.file);
  int code = l.program ? storm(&o, &l) : (refuse(&o, l.why), 2);
  load_done(&l);
  return code;
}
