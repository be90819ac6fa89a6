/* vm_scan: a walk over all of a kind whose body begins with comparisons of attributes to numbers, each of which passes the entity
 * over when it does not hold. They are judged for BLOCK entities at a time, column by column, in loops without a branch; code
 * runs only for the entities that are left. The instructions mean the same: attributes do not change, and what is unknown
 * does not hold. */
#include <config.h>

#include "runtime/vm_core.h"

#define BLOCK VM_SCAN_BLOCK
#define SCAN_LEAST (4 * BLOCK) /* of fewer entities none is worth the preparation */
#define TEST_WORDS 5u          /* SLOT, ATTR, INT, the comparison, JUMP_NOT */

/* ---- prepared once per walk ---- */

static bool bounds(Opcode op, int64_t k, VmTest *ret) {
  switch ((int)op) {
  case OPCODE_EQ: ret->least = ret->most = k; return true;
  case OPCODE_NE: ret->but = k; return true;
  case OPCODE_LT: ret->most = k - 1; return true;
  case OPCODE_LE: ret->most = k; return true;
  case OPCODE_GT: ret->least = k + 1; return true;
  case OPCODE_GE: ret->least = k; return true;
  default: return false;
  }
}

static int64_t within(int64_t x, int64_t least, int64_t most) { return x < least ? least : x > most ? most : x; }

/* To what the column can hold, without what stands for unknown there; nothing fits: least is above most. */
static void narrow(VmTest *t) {
  static const int64_t most_of[] = {[FLEET_W8] = UINT8_MAX - 1, [FLEET_W32] = (int64_t)UINT32_MAX - 1, [FLEET_W64] = INT64_MAX};
  int64_t most = most_of[t->column.width], least = t->column.width == FLEET_W64 ? INT64_MIN + 1 : 0;
  bool nothing = !t->column.data || t->least > most || t->most < least || t->least > t->most;
  t->least = nothing ? 1 : within(t->least, least, most);
  t->most = nothing ? 0 : within(t->most, least, most);
  if (t->but < least || t->but > most) t->but = t->column.width == FLEET_W64 ? INT64_MIN : most + 1; /* what stands for unknown */
}

/* The test that stands at `at`, of the entity in `slot`, and goes to `next` when it does not hold. */
static bool read_test(const Vm *vm, uint32_t at, uint32_t slot, uint32_t next, VmTest *ret) {
  const uint32_t *code = vm->program->code;
  bool fits = code_op(code[at]) == OPCODE_SLOT && code_a(code[at]) == slot && code_op(code[at + 1]) == OPCODE_ATTR &&
              code_op(code[at + 2]) == OPCODE_INT;
  if (!fits) return false;
  const VmAttr *attr = &vm->attrs[code_a(code[at + 1])];
  *ret = (VmTest){.column = attr->column, .least = INT64_MIN + 1, .most = INT64_MAX, .but = INT64_MIN};
  if (attr->text || !bounds(code_op(code[at + 3]), code_imm(code[at + 2]), ret)) return false;
  if (code_op(code[at + 4]) != OPCODE_JUMP_NOT || code_a(code[at + 4]) != next) return false;
  narrow(ret);
  return true;
}

void vm_scan_prepare(Vm *vm, VmIter *it, uint32_t next, uint32_t slot) {
  VmScan *s = &it->scan;
  it->walk = VM_WALK_PLAIN;
  s->body = next + code_words(OPCODE_NEXT);
  s->test_count = 0;
  if (it->count - it->at < SCAN_LEAST) return;
  while (s->test_count < VM_SCAN_TESTS && read_test(vm, s->body, slot, next, &s->tests[s->test_count])) {
    s->test_count++;
    s->body += TEST_WORDS;
  }
  if (s->test_count == 0) return;
  it->walk = VM_WALK_SCAN;
  s->left = 0;
  s->base = it->first;
  s->ahead = it->first + it->at;
}

/* ---- a block at a time ---- */

#define JUDGE(type) { \
  const type *v = (const type *)t->column.data + from; \
  type least = (type)t->least, most = (type)t->most, but = (type)t->but; \
  for (uint32_t i = 0; i < BLOCK; i++) holds[i] &= (uint8_t)((v[i] >= least) & (v[i] <= most) & (v[i] != but)); }

static void judge(const VmTest *t, Entity from, uint8_t holds[BLOCK]) {
  if (t->column.width == FLEET_W8) JUDGE(uint8_t)
  else if (t->column.width == FLEET_W32) JUDGE(uint32_t)
  else JUDGE(int64_t)
}

/* A column may end before the block does: the last entities are judged one by one. */
static bool judge_one(const VmScan *s, Entity e) {
  bool all = true;
  for (uint32_t i = 0; i < s->test_count && all; i++) {
    const VmTest *t = &s->tests[i];
    int64_t v = fleet_column_value(t->column, e);
    all = v != VALUE_UNKNOWN && v >= t->least && v <= t->most && v != t->but;
  }
  return all;
}

static uint64_t bits_of(const uint8_t holds[BLOCK]) {
  uint64_t bits = 0, eight;
  for (uint32_t i = 0; i < BLOCK; i += 8) { /* eight bytes of 0 or 1 to eight bits */
    eight = 0;
    for (uint32_t j = 0; j < 8; j++) eight |= (uint64_t)holds[i + j] << 8 * j;
    bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << i;
  }
  return bits;
}

static void next_block(VmScan *s, Entity end) {
  uint8_t holds[BLOCK];
  s->base = s->ahead;
  s->left = 0;
  if (end - s->ahead < BLOCK) {
    for (; s->ahead < end; s->ahead++) s->left |= (uint64_t)judge_one(s, s->ahead) << (s->ahead - s->base);
    return;
  }
  for (uint32_t i = 0; i < BLOCK; i++) holds[i] = 1;
  for (uint32_t i = 0; i < s->test_count; i++)
    if (s->tests[i].least <= s->tests[i].most) judge(&s->tests[i], s->base, holds);
    else for (uint32_t j = 0; j < BLOCK; j++) holds[j] = 0;
  s->left = bits_of(holds);
  s->ahead += BLOCK;
}

bool vm_scan_next(VmIter *it, int64_t *slot) {
  VmScan *s = &it->scan;
  Entity end = it->first + it->count;
  while (s->left == 0) {
    if (s->ahead == end) return false;
    next_block(s, end);
  }
  *slot = (int64_t)s->base + __builtin_ctzll(s->left);
  s->left &= s->left - 1;
  return true;
}
