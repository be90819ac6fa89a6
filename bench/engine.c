/* engine: what an event, a strand and a predicate cost. Not installed and not a test: `make bench/engine && bench/engine`.
 *   run       18,500 nodes x 20 actions, each read back, at most 1,800 at once, in a world that answers at once
 *   same, through a service of 18,000 per hour
 *   waiting   18,500 strands that wait at the same time
 *   predicate, the best of many rounds: `sku is GB200 and site is PHX62 and score > 97` over the columns of 18,500 nodes */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lang/program_build.h"
#include "runtime/engine.h"
#include "runtime/schema.h"
#include "runtime/vm.h"

enum { NODES = 18500, ACTIONS = 20, AT_ONCE = 1800, MINUTE = 60000, ROUNDS = 200 };
enum { NAME, SKU, SITE, SCORE }; /* attributes of the one kind */

typedef struct Bench { Arena *arena; ProgramBuild *build; const Program *program; Fleet *fleet; Members all; Frozen frozen; CodeRef predicate; } Bench;

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the program ---- */

static CodeRef slot_collected(ProgramBuild *b) {
  build_region_begin(b);
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_COLLECT, 0);
  return build_region_end(b);
}

static CodeRef all_nodes(ProgramBuild *b) {
  build_region_begin(b);
  build_op(b, OPCODE_EACH_SET, 0);
  uint32_t next = build_op2(b, OPCODE_NEXT, 0, 0);
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_COLLECT, 0);
  build_op(b, OPCODE_JUMP, next);
  build_land(b, next);
  return build_region_end(b);
}

static void attribute_is(ProgramBuild *b, uint32_t attr, int64_t value, Opcode compare) {
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_ATTR, attr);
  build_int(b, value);
  build_op(b, compare, 0);
}

/* Short-circuit, as the compiler writes it: collects the nodes for which all three hold. */
static CodeRef selection(ProgramBuild *b) {
  build_region_begin(b);
  build_op(b, OPCODE_EACH_KIND, 0);
  uint32_t next = build_op2(b, OPCODE_NEXT, 0, 0);
  attribute_is(b, SKU, 1, OPCODE_EQ);
  build_op(b, OPCODE_JUMP_NOT, next);
  attribute_is(b, SITE, 1, OPCODE_EQ);
  build_op(b, OPCODE_JUMP_NOT, next);
  attribute_is(b, SCORE, 97, OPCODE_GT);
  build_op(b, OPCODE_JUMP_NOT, next);
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_COLLECT, 0);
  build_op(b, OPCODE_JUMP, next);
  build_land(b, next);
  return build_region_end(b);
}

static uint32_t enumeration(ProgramBuild *b, const char *name, const char *first, const char *second) {
  uint32_t at = build_program(b)->enum_words_count;
  build_row(b, enum_words, &(StrId){build_str(b, first)});
  build_row(b, enum_words, &(StrId){build_str(b, second)});
  return build_row(b, enums, (&(EnumRow){build_str(b, name), {at, 2}}));
}

static void add_library(ProgramBuild *b, uint32_t service) {
  uint32_t power = enumeration(b, "power", "on", "off"), sku = enumeration(b, "sku", "GB200", "H100"), site = enumeration(b, "site", "PHX62", "AMS25");
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = {.klass = VALUE_TEXT}}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "sku"), .type = {.klass = VALUE_ENUM, .ref = sku}}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "site"), .type = {.klass = VALUE_ENUM, .ref = site}}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "score"), .type = {.klass = VALUE_INT}}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Node"), build_str(b, "nodes"), NONE_INDEX, {0, 4}, NAME}));
  build_row(b, facts, (&(FactRow){build_str(b, "power"), {.klass = VALUE_ENUM, .ref = power}, build_list(b, &(uint32_t){0}, 1)}));
  build_row(b, services, (&(ServiceRow){.name = build_str(b, "nsd"), .amount = service, .per = service ? 60 * MINUTE : 0}));
  build_row(b, param_types, (&(ValueType){.klass = VALUE_ENTITY, .ref = 0}));
  for (uint32_t code = 1; code <= 2; code++) {
    uint32_t makes = build_row(b, effects, (&(EffectRow){.fact = 0, .kind = 0, .targets = slot_collected(b), .values = build_list(b, &code, 1)}));
    build_row(b, actions, (&(ActionRow){.name = build_str(b, code == 1 ? "on" : "off"), .params = {0, 1}, .makes = {makes, 1}, .takes_most = 5 * MINUTE,
                                        .undo = NONE_INDEX, .services = build_list(b, &(uint32_t){0}, service ? 1 : 0)}));
  }
}

static void one_action(ProgramBuild *b, uint32_t action) {
  uint32_t call = build_row(b, calls, (&(CallRow){.action = action}));
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_ACT, call);
  uint32_t ok = build_op(b, OPCODE_ON_OK, 0);
  build_op(b, OPCODE_STR, build_str(b, "it did not work"));
  build_op(b, OPCODE_FAIL, 0);
  build_land(b, ok);
}

static void add_runbook(Bench *bench, uint32_t at_once, bool waits) {
  ProgramBuild *b = bench->build;
  build_row(b, sets, (&(SetRow){build_str(b, "nodes"), 0, all_nodes(b), NONE_INDEX, 0}));
  bench->predicate = selection(b);
  build_region_begin(b);
  build_int(b, at_once);
  CodeRef amount = build_region_end(b), members = all_nodes(b);
  uint32_t limit = build_row(b, limits, (&(LimitRow){.rule = LIMIT_RULE_AT_ONCE, .amount = amount, .group = NONE_INDEX}));
  build_row(b, fans, (&(FanRow){.step = NONE_INDEX, .kind = 0, .slot = 0, .members = members, .limits = {limit, 1}, .inner = 1}));
  build_op(b, OPCODE_FAN, 0);
  build_op(b, OPCODE_HALT, 0);
  build_program(b)->fans[0].body = build_here(b);
  build_int(b, 60 * MINUTE);
  build_op(b, waits ? OPCODE_WAIT : OPCODE_DROP, 0);
  for (uint32_t i = 0; i < ACTIONS && !waits; i++) one_action(b, i % 2);
  build_op(b, OPCODE_MEMBER_DONE, 0);
}

static void bench_open(Bench *bench, uint32_t at_once, uint32_t service, bool waits) {
  *bench = (Bench){.arena = arena_new()};
  bench->build = build_new(bench->arena);
  add_library(bench->build, service);
  add_runbook(bench, at_once, waits);
  DiagSink *sink = diag_sink_new(bench->arena, NULL);
  bench->program = build_finish(bench->build, 0, sink);
  Buf csv = BUF_INIT;
  buf_str(&csv, "name,sku,site,score,power\n");
  for (uint32_t i = 0; i < NODES; i++) buf_printf(&csv, "n%05u,%s,%s,%u,on\n", i, i % 3 ? "GB200" : "H100", i % 5 ? "PHX62" : "AMS25", 90 + i % 10);
  bench->fleet = fleet_load_text(&schema_of_program(bench->program, bench->arena)->fleet, "bench.csv", FLEET_CSV, csv.data, csv.len, sink);
  buf_done(&csv);
  uint32_t *items = arena_new_array(bench->arena, uint32_t, NODES);
  for (uint32_t i = 0; i < NODES; i++) items[i] = i;
  bench->all = (Members){items, NODES};
  bench->frozen = (Frozen){.sets = &bench->all};
}

static void bench_close(Bench *bench) {
  fleet_free(bench->fleet);
  build_free(bench->build);
  arena_free(bench->arena);
}

/* ---- a world that costs next to nothing: every command is answered in its turn, a little later each ---- */

typedef struct World1 { VEC(Event) events; uint32_t head; uint8_t *power; int64_t now; uint64_t fed; } World1;

static void take_commands(World1 *w, Engine *e) {
  const Command *c;
  uint32_t n = engine_commands(e, &c);
  for (uint32_t i = 0; i < n; i++) {
    if (c[i].kind != COMMAND_ACT && c[i].kind != COMMAND_READ) continue;
    if (c[i].kind == COMMAND_ACT) w->power[c[i].entity] = (uint8_t)(c[i].subject + 1);
    Event ev = {.kind = c[i].kind == COMMAND_ACT ? EVENT_OUTCOME : EVENT_READING, .command = c[i].id, .outcome = OUT_OK, .value = w->power[c[i].entity]};
    vec_push(&w->events, ev);
  }
}

static void feed(World1 *w, Engine *e, Event ev) {
  ev.at = w->now;
  engine_feed(e, &ev);
  w->fed++;
  take_commands(w, e);
}

static void run(const char *name, uint32_t at_once, uint32_t service, bool waits) {
  Bench b;
  bench_open(&b, at_once, service, waits);
  World1 w = {.power = calloc(NODES, 1)};
  double t0 = cpu_seconds();
  Engine *e = engine_new(b.program, b.fleet, &b.frozen);
  feed(&w, e, (Event){.kind = EVENT_BEGIN});
  while (engine_outcome(e) == RUN_GOING) {
    if (w.head < w.events.len) {
      w.now++;
      feed(&w, e, w.events.items[w.head++]);
    } else {
      w.now = engine_next_timer(e);
      feed(&w, e, (Event){.kind = EVENT_TICK});
    }
    if (w.head > 1000000) memmove(w.events.items, w.events.items + w.head, (w.events.len -= w.head) * sizeof *w.events.items), w.head = 0;
  }
  double seconds = cpu_seconds() - t0;
  uint32_t strands;
  size_t bytes, memory = engine_memory(e, &strands, &bytes);
  printf("  %-26s %7.1f ms  %8llu events  %5.2f M events/s  %6u strands of %zu bytes  %5.1f MiB\n", name, seconds * 1e3,
         (unsigned long long)w.fed, (double)w.fed / seconds / 1e6, strands, bytes, (double)memory / 1048576);
  if (engine_outcome(e) != RUN_COMPLETED) printf("  it ended otherwise: %s\n", engine_reason(e));
  engine_free(e);
  vec_done(&w.events);
  free(w.power);
  bench_close(&b);
}

static void predicate(void) {
  Bench b;
  bench_open(&b, 1, 0, true);
  VmHost host = {0};
  Vm *vm = vm_new(b.program, b.fleet, &host);
  EntityVec found = {0};
  double seconds = 1;
  for (int i = 0; i < ROUNDS; i++) {
    double t0 = cpu_seconds();
    found.len = 0;
    vm_collect(vm, b.predicate, NULL, 0, &found);
    if (cpu_seconds() - t0 < seconds) seconds = cpu_seconds() - t0;
  }
  printf("  %-26s %7.3f ms  %5.1f ns per node, %u of %u found\n", "predicate", seconds * 1e3, seconds * 1e9 / NODES, found.len, (unsigned)NODES);
  vec_done(&found);
  vm_free(vm);
  bench_close(&b);
}

int main(void) {
  run("run", AT_ONCE, 0, false);
  run("run through a service", AT_ONCE, 18000, false);
  run("waiting", NODES, 0, true);
  predicate();
  return 0;
}
