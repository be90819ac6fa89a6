/* plan_numbers: walks the tables of a program and evaluates every amount. One that rests on a variable (a procedure's
 * parameter) is evaluated with what the code in front of it stores there, where that is known before the run. */
#include <config.h>

#include "runtime/plan_numbers.h"

#include "lang/limits.h"
#include "runtime/stand.h"
#include "runtime/vm.h"

typedef struct Collector {
  const Program *program;
  const Frozen *frozen;
  Vm *vm;
  int64_t slots[LIMIT_SLOTS]; /* at the place that is being looked at */
  VEC(PlanNumber) numbers;
} Collector;

static const uint32_t *frozen_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Collector *c = ctx;
  *ret_count = c->frozen->sets[set].count;
  return c->frozen->sets[set].items;
}

static int64_t amount(Collector *c, CodeRef region) {
  return region ? vm_value(c->vm, region, c->slots, LIMIT_SLOTS) : 0;
}

/* Of the run as a whole: these rest on parameters only. */
static int64_t plain_amount(Collector *c, CodeRef region) {
  int64_t v = amount(c, region);
  return v == VALUE_UNKNOWN ? 0 : v;
}

static void add(Collector *c, PlanNumber n) { vec_push(&c->numbers, n); }

/* Members of the largest frozen set of a kind: what percentages of it are of. */
static int64_t members_of(const Collector *c, uint32_t kind) {
  int64_t most = 0;
  for (uint32_t s = 0; s < c->program->sets_count; s++)
    if (c->program->sets[s].kind == kind && c->frozen->sets[s].count > most) most = c->frozen->sets[s].count;
  return most;
}

static void add_limit(Collector *c, NumberSort sort, uint32_t step, const LimitRow *row) {
  const char *where = step == NONE_INDEX ? "" : program_str(c->program, c->program->steps[step].name);
  bool all = row->rule == LIMIT_RULE_ALL;
  add(c, (PlanNumber){.sort = sort, .step = step, .where = where, .written = program_str(c->program, row->text),
                      .amount = all ? INT64_MAX : amount(c, row->amount), .per = row->rule == LIMIT_RULE_PER_TIME ? row->per : 0,
                      .line = row->line});
}

static void add_fan(Collector *c, const FanRow *fan) {
  const Program *p = c->program;
  const char *where = fan->step == NONE_INDEX ? "" : program_str(p, p->steps[fan->step].name);
  for (uint32_t k = 0; k < fan->limits.count && fan->step != NONE_INDEX; k++)
    add_limit(c, NUMBER_LIMIT, fan->step, &p->limits[fan->limits.first + k]);
  for (uint32_t k = 0; k < fan->tolerances.count; k++) {
    const ToleranceRow *t = &p->tolerances[fan->tolerances.first + k];
    add(c, (PlanNumber){.sort = NUMBER_TOLERANCE, .step = fan->step, .where = where,
                        .written = program_str(p, t->text), .amount = amount(c, t->amount),
                        .whole = t->each ? amount(c, t->each) : members_of(c, t->unit), .line = t->line});
  }
}

/* ---- variables ---- */

/* The strands' code in the order of its addresses, in which a procedure's arguments are stored before its body. Behind a jump
 * that is always taken nothing is known of the stack until the next step. */
static void add_fans(Collector *c) {
  const Program *p = c->program;
  Stand stand = {0};
  bool known = true;
  for (uint32_t pc = p->entry; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    uint32_t a = code_a(p->code[pc]);
    stand = stand_at(stand, pc);
    if (op == OPCODE_STORE) c->slots[a] = known ? stand_value(c->vm, stand, pc, c->slots) : VALUE_UNKNOWN;
    if (op == OPCODE_FAN) {
      add_fan(c, &p->fans[a]);
      c->slots[p->fans[a].slot] = VALUE_UNKNOWN;
    }
    if (op_info[op].blocks) known = true;
    if (op == OPCODE_JUMP) known = false;
    stand = stand_behind(p, pc, stand);
  }
}

static void add_goal(Collector *c, NumberSort sort, CodeRef region, uint32_t line) {
  add(c, (PlanNumber){.sort = sort, .step = NONE_INDEX, .where = "", .written = "", .amount = plain_amount(c, region), .line = line});
}

static void add_run(Collector *c) {
  const Program *p = c->program;
  for (uint32_t i = 0; i < p->leave_outs_count; i++) {
    const LeaveOutRow *row = &p->leave_outs[i];
    add(c, (PlanNumber){.sort = NUMBER_LEAVE_OUT, .step = NONE_INDEX, .where = "",
                        .written = program_str(p, row->text), .amount = plain_amount(c, row->most),
                        .whole = c->frozen->sets[row->set].count, .line = row->line});
  }
  for (uint32_t i = 0; i < p->budgets_count; i++)
    for (uint32_t k = 0; k < p->budgets[i].limits.count; k++)
      add_limit(c, NUMBER_BUDGET, NONE_INDEX, &p->limits[p->budgets[i].limits.first + k]);
  for (uint32_t i = 0; i < p->goals_count; i++) {
    const GoalRow *g = &p->goals[i];
    if (g->within) add_goal(c, NUMBER_GOAL_TIME, g->within, g->line);
    if (g->back) add_goal(c, NUMBER_GOAL_BACK, g->back, g->line);
  }
}

const PlanNumber *plan_numbers(const Program *p, const Fleet *fleet, const Frozen *frozen, uint32_t *ret_count, Arena *arena) {
  Collector c = {.program = p, .frozen = frozen};
  VmHost host = {.ctx = &c, .set = frozen_set, .params = frozen->params};
  c.vm = vm_new(p, fleet, &host);
  for (uint32_t i = 0; i < frozen->text_count; i++) vm_intern(c.vm, frozen->texts[i]);
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) c.slots[i] = VALUE_UNKNOWN;
  add_fans(&c);
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) c.slots[i] = VALUE_UNKNOWN;
  add_run(&c);
  const PlanNumber *out = arena_copy(arena, c.numbers.items, size_product(c.numbers.len, sizeof *c.numbers.items));
  *ret_count = c.numbers.len;
  vec_done(&c.numbers);
  vm_free(c.vm);
  return out;
}
