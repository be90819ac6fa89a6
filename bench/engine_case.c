/* engine_case: the program of the engine's benchmarks, built without a source, and its fleet. */
#include <config.h>

#include "bench/engine_case.h"

#include "runtime/schema.h"

enum { MINUTE = 60000 };
enum { NAME, SKU, SITE, SCORE }; /* attributes of the one kind */

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

static void attribute(ProgramBuild *b, uint32_t attr) {
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_ATTR, attr);
}

static void attribute_is(ProgramBuild *b, uint32_t attr, int64_t value, Opcode compare) {
  attribute(b, attr);
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
  build_row(b, services, (&(ServiceRow){.group = NONE_INDEX, .name = build_str(b, "nsd"), .amount = service, .per = service ? 60 * MINUTE : 0}));
  build_row(b, param_types, (&(ValueType){.klass = VALUE_ENTITY, .ref = 0}));
  for (uint32_t code = 1; code <= 2; code++) {
    uint32_t makes = build_row(b, effects, (&(EffectRow){.fact = 0, .kind = 0, .targets = slot_collected(b), .values = build_list(b, &code, 1)}));
    build_row(b, actions, (&(ActionRow){.name = build_str(b, code == 1 ? "on" : "off"), .params = {0, 1}, .makes = {makes, 1}, .takes_most = 5 * MINUTE,
                                        .undo = NONE_INDEX, .services = build_list(b, &(uint32_t){0}, service ? 1 : 0)}));
  }
}

/* An unknown attribute or fact would forbid it. */
static CodeRef is_known(ProgramBuild *b, bool fact) {
  build_region_begin(b);
  if (!fact) attribute(b, SCORE);
  if (fact) build_op(b, OPCODE_SLOT, 0);
  if (fact) build_op2(b, OPCODE_FACT, 0, 0);
  build_int(b, 0);
  build_op(b, OPCODE_GE, 0);
  return build_region_end(b);
}

static CodeRef slot(ProgramBuild *b) {
  build_region_begin(b);
  build_op(b, OPCODE_SLOT, 0);
  return build_region_end(b);
}

/* never on, never off, never what makes power off, of a node, unless. */
static void add_policy(ProgramBuild *b) {
  uint32_t first = build_program(b)->rules_count, params = build_row(b, param_types, (&(ValueType){.klass = VALUE_ENTITY, .ref = 0}));
  for (uint32_t i = 0; i < 5; i++) {
    RuleRow r = {.form = i < 4 ? RULE_FORM_CALL : RULE_FORM_MAKE, .action = i < 4 ? i % 2 : NONE_INDEX, .target = slot(b), .unless = is_known(b, i >= 2),
                 .values = build_list(b, &(uint32_t){2}, 1), .text = build_str(b, "never so")};
    build_row(b, rules, &r);
  }
  build_row(b, policies, (&(PolicyRow){.name = build_str(b, "care"), .params = {params, 1}, .rules = {first, 5}}));
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

static void add_runbook(Bench *bench, uint32_t at_once, BenchBody body) {
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
  if (body == BODY_WAITS) build_int(b, 60 * MINUTE);
  if (body == BODY_WAITS_ITS_SCORE) attribute(b, SCORE);
  bool acts = body == BODY_ACTS || body == BODY_OBEYS;
  if (!acts) build_op(b, OPCODE_WAIT, 0);
  for (uint32_t i = 0; i < ACTIONS && acts; i++) one_action(b, i % 2);
  build_op(b, OPCODE_MEMBER_DONE, 0);
}

void bench_open(Bench *bench, uint32_t nodes, uint32_t at_once, uint32_t service, BenchBody body) {
  *bench = (Bench){.arena = arena_new()};
  bench->build = build_new(bench->arena);
  add_library(bench->build, service);
  if (body == BODY_OBEYS) add_policy(bench->build);
  add_runbook(bench, at_once, body);
  DiagSink *sink = diag_sink_new(bench->arena, NULL);
  bench->program = build_finish(bench->build, 0, sink);
  Buf csv = BUF_INIT;
  buf_str(&csv, "name,sku,site,score,power\n");
  for (uint32_t i = 0; i < nodes; i++)
    buf_printf(&csv, "n%07u,%s,%s,%u,on\n", i, i % 3 ? "GB200" : "H100", i % 5 ? "PHX62" : "AMS25",
               body == BODY_WAITS_ITS_SCORE ? bench_wait(i) : 90 + i % 10);
  bench->fleet = fleet_load_text(&schema_of_program(bench->program, bench->arena)->fleet, "bench.csv", FLEET_CSV, csv.data, csv.len, sink);
  buf_done(&csv);
  uint32_t *items = arena_new_array(bench->arena, uint32_t, nodes);
  for (uint32_t i = 0; i < nodes; i++) items[i] = i;
  bench->all = (Members){items, nodes};
  bench->frozen = (Frozen){.sets = &bench->all};
}

void bench_close(Bench *bench) {
  fleet_free(bench->fleet);
  build_free(bench->build);
  arena_free(bench->arena);
}
