/* Walks over a whole kind that begin with comparisons: judged a block at a time they collect exactly the entities for which the
 * same instructions hold one by one. Drawn at random: every comparison, columns of each width, numbers that a column cannot
 * hold, cells that are unknown, fleets around the sizes at which the way changes. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lang/arena.h"
#include "lang/program_build.h"
#include "runtime/fleet.h"
#include "runtime/schema.h"
#include "runtime/vm.h"

enum { RACK, NODE };
enum { RACK_NAME, NAME, IN_RACK, SKU, SCORE };
enum { CASES = 300, TESTS_MOST = 6, RACKS = 5 };

static uint32_t seed;
static uint32_t draw(uint32_t below) {
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) % below;
}

static const Opcode comparisons[] = {OPCODE_EQ, OPCODE_NE, OPCODE_LT, OPCODE_LE, OPCODE_GT, OPCODE_GE};
static const int64_t numbers[] = {0, 1, 2, 3, 4, 5, 7, 40, 254, 255, 256, 1000, -1, -40};

typedef struct Drawn { uint32_t attr; Opcode op; int64_t number; } Drawn;

static void comparison(ProgramBuild *b, const Drawn *d) {
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_ATTR, d->attr);
  build_int(b, d->number);
  build_op(b, d->op, 0);
}

static CodeRef walk(ProgramBuild *b, const Drawn *tests, uint32_t count) {
  build_region_begin(b);
  build_op(b, OPCODE_EACH_KIND, NODE);
  uint32_t next = build_op2(b, OPCODE_NEXT, 0, 0);
  for (uint32_t i = 0; i < count; i++) {
    comparison(b, &tests[i]);
    build_op(b, OPCODE_JUMP_NOT, next);
  }
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_COLLECT, 0);
  build_op(b, OPCODE_JUMP, next);
  build_land(b, next);
  return build_region_end(b);
}

/* The same of one entity: all of it, known to hold. */
static CodeRef of_one(ProgramBuild *b, const Drawn *tests, uint32_t count) {
  build_region_begin(b);
  build_int(b, 1);
  for (uint32_t i = 0; i < count; i++) {
    comparison(b, &tests[i]);
    build_op(b, OPCODE_SURELY, 0);
    build_op(b, OPCODE_AND, 0);
  }
  return build_region_end(b);
}

static void add_kinds(ProgramBuild *b) {
  uint32_t at = build_program(b)->enum_words_count;
  for (uint32_t i = 0; i < 4; i++) build_row(b, enum_words, &(StrId){build_str(b, ((const char *[]){"A", "B", "C", "D"})[i])});
  uint32_t sku = build_row(b, enums, (&(EnumRow){build_str(b, "sku"), {at, 4}}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = {.klass = VALUE_TEXT}, .kind = RACK}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = {.klass = VALUE_TEXT}, .kind = NODE}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "rack"), .type = {.klass = VALUE_ENTITY, .ref = RACK}, .kind = NODE}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "sku"), .type = {.klass = VALUE_ENUM, .ref = sku}, .kind = NODE}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "score"), .type = {.klass = VALUE_INT}, .kind = NODE}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Rack"), build_str(b, "racks"), NONE_INDEX, {RACK_NAME, 1}, RACK_NAME}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Node"), build_str(b, "nodes"), RACK, {NAME, 4}, NAME}));
}

static Fleet *make_fleet(const Program *p, uint32_t nodes, Arena *arena, DiagSink *sink) {
  Buf csv = BUF_INIT;
  buf_str(&csv, "name,sku,score,rack\n");
  for (uint32_t i = 0; i < nodes; i++) {
    buf_printf(&csv, "n%05u,", i);
    if (draw(8)) buf_char(&csv, "ABCD"[draw(4)]);
    buf_char(&csv, ',');
    if (draw(8)) buf_printf(&csv, "%d", (int)draw(50));
    buf_printf(&csv, ",r%u\n", i < RACKS ? i : draw(RACKS));
  }
  Fleet *f = fleet_load_text(&schema_of_program(p, arena)->fleet, "scan.csv", FLEET_CSV, csv.data, csv.len, sink);
  buf_done(&csv);
  return f;
}

static void compare(Vm *vm, uint32_t nodes, CodeRef all, CodeRef one, const Drawn *tests, uint32_t count) {
  EntityVec got = {0};
  uint32_t at = 0;
  vm_collect(vm, all, NULL, 0, &got);
  for (uint32_t e = 0; e < nodes; e++) {
    bool want = vm_value(vm, one, &(int64_t){e}, 1) == 1, have = at < got.len && got.items[at] == e;
    if (have) at++;
    if (want == have) continue;
    for (uint32_t i = 0; i < count; i++)
      print_message("%u %s %lld\n", tests[i].attr, op_info[tests[i].op].name, (long long)tests[i].number);
    fail_msg("of %u nodes, node %u is %scollected", nodes, e, have ? "" : "not ");
  }
  assert_int_equal(at, got.len);
  vec_done(&got);
}

static void a_block_is_judged_as_its_entities_are(void **state) {
  (void)state;
  static const uint32_t sizes[] = {5, 63, 255, 256, 257, 319, 320, 1000};
  Arena *arena = arena_new();
  ProgramBuild *b = build_new(arena);
  Drawn tests[CASES][TESTS_MOST];
  uint32_t counts[CASES];
  CodeRef all[CASES], one[CASES];
  seed = 20260105;
  add_kinds(b);
  for (uint32_t i = 0; i < CASES; i++) {
    counts[i] = 1 + draw(TESTS_MOST);
    for (uint32_t j = 0; j < counts[i]; j++)
      tests[i][j] = (Drawn){((uint32_t[]){SKU, SCORE, IN_RACK})[draw(3)], comparisons[draw(6)], numbers[draw(sizeof numbers / sizeof *numbers)]};
    all[i] = walk(b, tests[i], counts[i]);
    one[i] = of_one(b, tests[i], counts[i]);
  }
  DiagSink *sink = diag_sink_new(arena, NULL);
  const Program *p = build_finish(b, 0, sink);
  for (uint32_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    Fleet *fleet = make_fleet(p, sizes[s], arena, sink);
    if (!fleet) fail_msg("%s", diag_get(sink, 0)->message);
    Vm *vm = vm_new(p, fleet, &(VmHost){0});
    for (uint32_t i = 0; i < CASES; i++) compare(vm, sizes[s], all[i], one[i], tests[i], counts[i]);
    vm_free(vm);
    fleet_free(fleet);
  }
  build_free(b);
  arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_block_is_judged_as_its_entities_are)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
