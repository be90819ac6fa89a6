/* plan_bounds: the bounds, from the sets and parameters that the plan froze. */
#include <config.h>

#include "runtime/plan_bounds.h"

#include "runtime/plan_rate.h"

typedef struct Host { const Program *program; const Fleet *fleet; const Frozen *frozen; } Host;

static const uint32_t *frozen_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Frozen *frozen = ((const Host *)ctx)->frozen;
  *ret_count = frozen->sets[set].count;
  return frozen->sets[set].items;
}

/* What is left out, and what is in it, takes no part. */
static bool still_in(void *ctx, uint32_t kind, uint32_t entity) {
  const Host *h = ctx;
  for (uint32_t i = 0; i < h->program->leave_outs_count; i++) {
    const Members *out = &h->frozen->left_out[i];
    Entity up = fleet_up(h->fleet, kind, entity, h->program->sets[h->program->leave_outs[i].set].kind);
    for (uint32_t j = 0; j < out->count && up != ENTITY_NONE; j++)
      if (out->items[j] == up) return false;
  }
  return true;
}

static void find_budget(Vm *vm, const Program *p, PlanBounds *b) {
  b->budget = INT64_MAX;
  for (uint32_t i = 0; i < p->budgets_count; i++) {
    const BudgetRow *row = &p->budgets[i];
    for (uint32_t j = 0; j < row->limits.count && row->kind == b->peak.kind; j++) {
      const LimitRow *l = &p->limits[row->limits.first + j];
      int64_t n = l->rule == LIMIT_RULE_AT_ONCE && l->amount ? vm_value(vm, l->amount, NULL, 0) : VALUE_UNKNOWN;
      if (n == VALUE_UNKNOWN || n >= b->budget) continue;
      b->budget = n < 1 ? 1 : n;
      b->budget_line = l->line;
    }
  }
}

PlanBounds plan_bounds(const Program *p, const Fleet *fleet, const Frozen *frozen, int64_t start, Arena *arena, DiagSink *sink) {
  PlanBounds b = {0};
  Host of = {p, fleet, frozen};
  VmHost host = {.ctx = &of, .set = frozen_set, .still_in = still_in, .params = frozen->params};
  Vm *vm = vm_new(p, fleet, &host);
  for (uint32_t i = 0; i < frozen->text_count; i++) vm_intern(vm, frozen->texts[i]);
  WorstStep *steps = arena_new_array(arena, WorstStep, p->steps_count);
  worst_steps(vm, frozen->window_hard, steps);
  b.steps = steps;
  b.peak = peak_find(vm, arena);
  find_budget(vm, p, &b);
  if (sink) plan_rate_check(vm, frozen, start, sink);
  vm_free(vm);
  return b;
}

/* ---- what is wrong with them ---- */

static void add(Buf *sum, int64_t n, const char *what) {
  if (n > 0) buf_printf(sum, "%s%lld %s", sum->len ? " + " : "", (long long)n, what);
}

bool plan_bounds_check(const Program *p, const Fleet *fleet, const PlanBounds *b, DiagSink *sink) {
  const Peak *k = &b->peak;
  const PeakParts *parts = &k->need_of;
  if (k->kind == NONE_INDEX || k->need <= b->budget) return true;
  Buf sum = BUF_INIT;
  const char *members = program_str(p, p->kinds[k->kind].plural);
  const char *step = parts->step == NONE_INDEX ? "" : program_str(p, p->steps[parts->step].name);
  add(&sum, parts->before, "out before");
  add(&sum, parts->done, "that are through and still out");
  add(&sum, parts->aside, "set aside");
  add(&sum, parts->at_once, "at work or next");
  Diag *d = diag_new(sink, E_STARVES, (Span){0, 0}, "a budget of %lld %s at once is too small for this: %lld have to be out together%s%s%s",
                     (long long)b->budget, members, (long long)k->need, *step ? " in step `" : "", step, *step ? "`" : "");
  if (sum.len)
    diag_note(sink, d, "%s (line %u), at most %u in all: whoever is last would wait for those who do not come back before it", sum.data, parts->line,
              fleet_count(fleet, k->kind));
  diag_note(sink, d, "bring members back before the next ones leave, tolerate fewer, or allow %lld (line %u)", (long long)k->need, b->budget_line);
  buf_done(&sum);
  return false;
}
