/* plan_numbers: walks the tables of a program and evaluates every amount. */
#include <config.h>

#include "runtime/plan_numbers.h"

#include "runtime/vm.h"

typedef struct Collector {
  const Program *program;
  const Frozen *frozen;
  Vm *vm;
  VEC(PlanNumber) numbers;
} Collector;

static const uint32_t *frozen_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Collector *c = ctx;
  *ret_count = c->frozen->sets[set].count;
  return c->frozen->sets[set].items;
}

static int64_t amount(Collector *c, CodeRef region) {
  int64_t v = region ? vm_value(c->vm, region, NULL, 0) : VALUE_UNKNOWN;
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

static void add_limit(Collector *c, NumberSort sort, const char *where, const LimitRow *row) {
  bool all = row->rule == LIMIT_RULE_ALL;
  add(c, (PlanNumber){.sort = sort, .where = where, .written = program_str(c->program, row->text),
                      .amount = all ? INT64_MAX : amount(c, row->amount), .per = row->rule == LIMIT_RULE_PER_TIME ? row->per : 0,
                      .line = row->line});
}

static void add_fans(Collector *c) {
  const Program *p = c->program;
  for (uint32_t i = 0; i < p->fans_count; i++) {
    const FanRow *fan = &p->fans[i];
    const char *where = fan->step == NONE_INDEX ? "" : program_str(p, p->steps[fan->step].name);
    for (uint32_t k = 0; k < fan->limits.count && fan->step != NONE_INDEX; k++)
      add_limit(c, NUMBER_LIMIT, where, &p->limits[fan->limits.first + k]);
    for (uint32_t k = 0; k < fan->tolerances.count; k++) {
      const ToleranceRow *t = &p->tolerances[fan->tolerances.first + k];
      add(c, (PlanNumber){.sort = NUMBER_TOLERANCE, .where = where, .written = program_str(p, t->text), .amount = amount(c, t->amount),
                          .whole = t->each ? amount(c, t->each) : members_of(c, t->unit), .line = t->line});
    }
  }
}

static void add_run(Collector *c) {
  const Program *p = c->program;
  for (uint32_t i = 0; i < p->leave_outs_count; i++) {
    const LeaveOutRow *row = &p->leave_outs[i];
    add(c, (PlanNumber){.sort = NUMBER_LEAVE_OUT, .where = "", .written = program_str(p, row->text), .amount = amount(c, row->most),
                        .whole = c->frozen->sets[row->set].count, .line = row->line});
  }
  for (uint32_t i = 0; i < p->budgets_count; i++)
    for (uint32_t k = 0; k < p->budgets[i].limits.count; k++)
      add_limit(c, NUMBER_BUDGET, "", &p->limits[p->budgets[i].limits.first + k]);
  for (uint32_t i = 0; i < p->goals_count; i++) {
    const GoalRow *g = &p->goals[i];
    if (g->within) add(c, (PlanNumber){.sort = NUMBER_GOAL_TIME, .where = "", .written = "", .amount = amount(c, g->within), .line = g->line});
    if (g->back) add(c, (PlanNumber){.sort = NUMBER_GOAL_BACK, .where = "", .written = "", .amount = amount(c, g->back), .line = g->line});
  }
}

const PlanNumber *plan_numbers(const Program *p, const Fleet *fleet, const Frozen *frozen, uint32_t *ret_count, Arena *arena) {
  Collector c = {.program = p, .frozen = frozen};
  VmHost host = {.ctx = &c, .set = frozen_set, .params = frozen->params};
  c.vm = vm_new(p, fleet, &host);
  for (uint32_t i = 0; i < frozen->text_count; i++) vm_intern(c.vm, frozen->texts[i]);
  add_fans(&c);
  add_run(&c);
  const PlanNumber *out = arena_copy(arena, c.numbers.items, size_product(c.numbers.len, sizeof *c.numbers.items));
  *ret_count = c.numbers.len;
  vec_done(&c.numbers);
  vm_free(c.vm);
  return out;
}
