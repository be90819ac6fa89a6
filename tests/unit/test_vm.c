/* The virtual machine: every expression instruction on known and unknown values, texts, iterators in their order. */
#include <config.h>

#include "runtime/vm.h"
#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define U VALUE_UNKNOWN

typedef struct Bench { Lab *lab; Vm *vm; int64_t params[1]; uint8_t out[256]; VEC(CodeRef) regions; } Bench;

static bool still_in(void *ctx, uint32_t kind, uint32_t entity) { return kind != NODE || !((Bench *)ctx)->out[entity]; }
static const uint32_t *set_of(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Members *m = &((Bench *)ctx)->lab->sets[set];
  *ret_count = m->count;
  return m->items;
}
static int64_t fact_of(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) {
  return ((Bench *)ctx)->lab->truth[fact][kind][entity];
}

/* Regions are made before the program is finished; a test names them by their order. */
static void region(Bench *b, const char *code) {
  build_region_begin(b->lab->build);
  lab_code(b->lab, code);
  vec_push(&b->regions, build_region_end(b->lab->build));
}

static Bench *bench_new(uint32_t racks, uint32_t per_rack) {
  Bench *b = xcalloc(1, sizeof *b);
  b->lab = lab_new(racks, per_rack);
  return b;
}

static void bench_ready(Bench *b) {
  lab_code(b->lab, "HALT");
  lab_prepare(b->lab);
  b->lab->no_replay = true;
  VmHost host = {.ctx = b, .still_in = still_in, .set = set_of, .fact = fact_of, .params = b->params};
  b->vm = vm_new(b->lab->program, b->lab->fleet, &host);
}

static void bench_free(Bench *b) {
  vm_free(b->vm);
  vec_done(&b->regions);
  lab_free(b->lab);
  free(b);
}

static int64_t run(Bench *b, uint32_t i) { return vm_value(b->vm, b->regions.items[i], NULL, 0); }

/* ---- values ---- */

typedef struct Case { Opcode op; int64_t a, b, result; } Case;
static const Case binary[] = {
    {OPCODE_ADD, 2, 3, 5}, {OPCODE_ADD, U, 3, U}, {OPCODE_ADD, 2, U, U}, {OPCODE_ADD, INT64_MAX, 1, U},
    {OPCODE_SUB, 2, 3, -1}, {OPCODE_SUB, U, 3, U}, {OPCODE_SUB, -INT64_MAX, 2, U},
    {OPCODE_MUL, 6, 7, 42}, {OPCODE_MUL, INT64_MAX, 2, U}, {OPCODE_MUL, 0, U, U},
    {OPCODE_DIV, 7, 2, 3}, {OPCODE_DIV, -7, 2, -3}, {OPCODE_DIV, 7, 0, U}, {OPCODE_DIV, U, 2, U},
    {OPCODE_PART_DOWN, 60000, 32, 1}, {OPCODE_PART_UP, 60000, 32, 2}, {OPCODE_PART_DOWN, U, 32, U}, {OPCODE_PART_UP, 60000, U, U},
    {OPCODE_PART_DOWN, 500000, 32, 16}, {OPCODE_PART_UP, 500000, 32, 16},
    {OPCODE_RATIO, 1, 3, 333333}, {OPCODE_RATIO, 1, 0, U}, {OPCODE_RATIO, U, 3, U},
    {OPCODE_EQ, 2, 2, 1}, {OPCODE_EQ, 2, 3, 0}, {OPCODE_EQ, U, U, U}, {OPCODE_NE, 2, 3, 1}, {OPCODE_NE, 2, 2, 0}, {OPCODE_NE, 2, U, U},
    {OPCODE_LT, 2, 3, 1}, {OPCODE_LT, 3, 3, 0}, {OPCODE_LT, U, 3, U}, {OPCODE_LE, 3, 3, 1}, {OPCODE_LE, 4, 3, 0},
    {OPCODE_GT, 4, 3, 1}, {OPCODE_GT, 3, 3, 0}, {OPCODE_GE, 3, 3, 1}, {OPCODE_GE, 2, 3, 0}, {OPCODE_GE, 2, U, U},
    {OPCODE_AND, 1, 1, 1}, {OPCODE_AND, 1, 0, 0}, {OPCODE_AND, U, 0, 0}, {OPCODE_AND, 0, U, 0}, {OPCODE_AND, U, 1, U}, {OPCODE_AND, U, U, U},
    {OPCODE_OR, 0, 0, 0}, {OPCODE_OR, 1, 0, 1}, {OPCODE_OR, U, 1, 1}, {OPCODE_OR, 1, U, 1}, {OPCODE_OR, U, 0, U}, {OPCODE_OR, U, U, U}};
static const Case unary[] = {
    {OPCODE_NEG, 5, 0, -5}, {OPCODE_NEG, U, 0, U}, {OPCODE_NOT, 1, 0, 0}, {OPCODE_NOT, 0, 0, 1}, {OPCODE_NOT, U, 0, U},
    {OPCODE_IS_UNKNOWN, U, 0, 1}, {OPCODE_IS_UNKNOWN, 0, 0, 0}, {OPCODE_MAYBE, U, 0, 1}, {OPCODE_MAYBE, 0, 0, 0}, {OPCODE_MAYBE, 1, 0, 1},
    {OPCODE_SURELY, U, 0, 0}, {OPCODE_SURELY, 1, 0, 1}, {OPCODE_SURELY, 0, 0, 0}};

static void every_operation_on_known_and_unknown_values(void **state) {
  (void)state;
  enum { BINARY = sizeof binary / sizeof *binary, UNARY = sizeof unary / sizeof *unary };
  Bench *b = bench_new(1, 1);
  for (uint32_t i = 0; i < BINARY + UNARY; i++) {
    const Case *c = i < BINARY ? &binary[i] : &unary[i - BINARY];
    build_region_begin(b->lab->build);
    build_int(b->lab->build, c->a);
    if (i < BINARY) build_int(b->lab->build, c->b);
    build_op(b->lab->build, c->op, 0);
    vec_push(&b->regions, build_region_end(b->lab->build));
  }
  bench_ready(b);
  for (uint32_t i = 0; i < BINARY + UNARY; i++) {
    const Case *c = i < BINARY ? &binary[i] : &unary[i - BINARY];
    if (run(b, i) != c->result) fail_msg("%s %lld %lld gives %lld", op_info[c->op].name, (long long)c->a, (long long)c->b, (long long)run(b, i));
  }
  bench_free(b);
}

static void jumps_take_the_branch_that_they_name(void **state) {
  (void)state;
  static const char *const ops[] = {"JUMP_FALSE", "JUMP_TRUE", "JUMP_UNKNOWN", "JUMP_NOT"};
  static const char *const values[] = {"INT 0", "INT 1", "UNKNOWN"};
  static const int taken[4][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}};
  Bench *b = bench_new(1, 1);
  for (uint32_t i = 0; i < 12; i++) {
    build_region_begin(b->lab->build);
    lab_code(b->lab, values[i % 3]);
    Buf text = BUF_INIT;
    buf_printf(&text, "%s @taken%u\n INT 0\n JUMP @end%u\n taken%u: INT 1\n end%u: DUP\n DROP", ops[i / 3], i, i, i, i);
    lab_code(b->lab, text.data);
    vec_push(&b->regions, build_region_end(b->lab->build));
    buf_done(&text);
  }
  bench_ready(b);
  for (uint32_t i = 0; i < 12; i++) assert_int_equal(run(b, i), taken[i / 3][i % 3]);
  bench_free(b);
}

/* ---- texts ---- */

static void equal_texts_are_equal_wherever_they_come_from(void **state) {
  (void)state;
  Bench *b = bench_new(1, 2);
  build_row(b->lab->build, shows, (&(ShowRow){{.klass = VALUE_INT}}));
  build_row(b->lab->build, shows, (&(ShowRow){{.klass = VALUE_BOOL}}));
  build_row(b->lab->build, shows, (&(ShowRow){{.klass = VALUE_ENUM, .ref = 0}}));
  build_row(b->lab->build, shows, (&(ShowRow){{.klass = VALUE_ENTITY, .ref = NODE}}));
  build_row(b->lab->build, shows, (&(ShowRow){{.klass = VALUE_QUANTITY, .ref = QUANTITY_DURATION}}));
  region(b, "EACH_KIND 2\n NEXT 0 @a\n CLOSE\n a: INT 0\n SHOW 0");
  region(b, "INT 5400000\n SHOW 4\n STR \" \"\n INT 1\n SHOW 1\n STR \" \"\n INT 2\n SHOW 2\n STR \" \"\n UNKNOWN\n SHOW 0\n JOIN 7");
  region(b, "STR \"n\"\n STR \"001\"\n JOIN 2");
  bench_ready(b);
  assert_string_equal(vm_text(b->vm, run(b, 0)), "0");
  assert_string_equal(vm_text(b->vm, run(b, 1)), "1h 30min yes off unknown");
  int64_t joined = run(b, 2);
  assert_string_equal(vm_text(b->vm, joined), "n001");
  assert_true(joined == vm_intern(b->vm, "n001"));
  assert_true(vm_intern(b->vm, "power") < b->lab->program->string_count); /* a string of the program keeps its index */
  assert_string_equal(vm_text(b->vm, VALUE_UNKNOWN), "");
  assert_int_equal(vm_intern(b->vm, ""), 0);
  bench_free(b);
}

/* Slot 0 is an entity that the test gives. Regions that no row owns are not verified: they are written with care. */
static int64_t of(Bench *b, uint32_t i, int64_t entity) { return vm_value(b->vm, b->regions.items[i], &entity, 1); }

static void attributes_containers_and_facts(void **state) {
  (void)state;
  Bench *b = bench_new(8, 2);
  region(b, "SLOT 0\n ATTR 4");             /* its rack */
  region(b, "SLOT 0\n ATTR 3");             /* its name */
  region(b, "SLOT 0\n UP 0 2");             /* its row, two levels up */
  region(b, "SLOT 0\n NAME 2");
  region(b, "SLOT 0\n FACT 0 2");
  region(b, "SLOT 0\n STILL_IN 2");
  region(b, "SLOT 0\n IN_SET 0");
  region(b, "SLOT 0\n LOCKED 0 2");         /* the host has no such function */
  region(b, "PARAM 0");
  build_row(b->lab->build, params, (&(ParamRow){.name = build_str(b->lab->build, "soft"), .type = {.klass = VALUE_INT}, .value = lab_number(b->lab, 5)}));
  static const int64_t five[] = {5};
  b->lab->frozen.params = five;
  b->params[0] = 77;
  bench_ready(b);
  b->out[3] = 1;
  b->lab->truth[POWER][NODE][3] = OFF;
  assert_int_equal(of(b, 0, 3), 1);
  assert_string_equal(vm_text(b->vm, of(b, 1, 3)), "n003");
  assert_true(of(b, 1, 3) == of(b, 3, 3));
  assert_int_equal(of(b, 2, 3), 0);
  assert_int_equal(of(b, 2, 15), 1);
  assert_int_equal(of(b, 4, 3), OFF);
  assert_int_equal(of(b, 5, 3), 0);
  assert_int_equal(of(b, 5, 4), 1);
  assert_int_equal(of(b, 6, 3), 0);
  assert_int_equal(of(b, 6, 4), 1);
  assert_true(of(b, 7, 3) == U);
  assert_int_equal(of(b, 8, 0), 77);
  for (uint32_t i = 0; i < 8; i++) assert_true(of(b, i, U) == U); /* of an unknown entity everything is unknown */
  bench_free(b);
}

static void collects(Bench *b, uint32_t i, int64_t entity, uint32_t count, const uint32_t *want) {
  EntityVec got = {0};
  vm_collect(b->vm, b->regions.items[i], &entity, 1, &got);
  assert_int_equal(got.len, count);
  for (uint32_t j = 0; j < count; j++) assert_int_equal(got.items[j], want[j]);
  vec_done(&got);
}

static void iterators_walk_in_their_order_and_pass_over_who_is_out(void **state) {
  (void)state;
  static const char *const openers[] = {"EACH_KIND 1", "EACH_SET 0", "SLOT 0\n EACH_BELOW 2 1", "SLOT 0\n EACH_SET_BELOW 0 1",
                                        "EACH_ABOVE 0 1", "SLOT 0\n EACH_ONE"};
  Bench *b = bench_new(3, 3);
  for (uint32_t i = 0; i < 6; i++) {
    Buf text = BUF_INIT;
    buf_printf(&text, "%s\n x%u: NEXT 1 @y%u\n SLOT 1\n COLLECT\n JUMP @x%u\n y%u:", openers[i], i, i, i, i);
    region(b, text.data);
    buf_done(&text);
  }
  region(b, "INT 0\n STORE 2\n EACH_KIND 1\n a: NEXT 0 @b\n SLOT 0\n EACH_BELOW 2 1\n c: NEXT 1 @d\n SLOT 2\n INT 1\n ADD\n STORE 2\n JUMP @c\n"
            "d: JUMP @a\n b: SLOT 2");        /* two of them, nested: all nodes are counted */
  region(b, "EACH_KIND 2\n e: NEXT 0 @f\n SLOT 0\n INT 2\n GT\n JUMP_TRUE @g\n JUMP @e\n f: UNKNOWN\n JUMP @h\n g: CLOSE\n INT 1\n h: DUP\n DROP");
  bench_ready(b);
  static const uint32_t members[] = {7, 1, 4, 5, 8}; /* in the order in which they were collected */
  b->lab->sets[NODES] = (Members){members, 5};
  b->out[4] = 1;
  collects(b, 0, 1, 3, (const uint32_t[]){0, 1, 2});
  collects(b, 1, 1, 4, (const uint32_t[]){7, 1, 5, 8});
  collects(b, 2, 1, 3, (const uint32_t[]){3, 4, 5});      /* all in the inventory, ours or not */
  collects(b, 3, 1, 1, (const uint32_t[]){5});
  collects(b, 3, 2, 2, (const uint32_t[]){7, 8});
  collects(b, 4, 1, 3, (const uint32_t[]){2, 0, 1});      /* distinct, as their members come */
  collects(b, 5, 1, 1, (const uint32_t[]){1});
  for (uint32_t i = 2; i < 6; i++)
    if (i != 4) collects(b, i, U, 0, NULL);
  assert_int_equal(run(b, 6), 9);
  assert_int_equal(run(b, 7), 1);                          /* left early, the iterator is closed */
  bench_free(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operation_on_known_and_unknown_values),
      cmocka_unit_test(jumps_take_the_branch_that_they_name),
      cmocka_unit_test(equal_texts_are_equal_wherever_they_come_from),
      cmocka_unit_test(attributes_containers_and_facts),
      cmocka_unit_test(iterators_walk_in_their_order_and_pass_over_who_is_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
