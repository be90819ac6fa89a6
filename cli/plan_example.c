/* plan_example: see plan_example.h. */
#include <config.h>

#include "cli/plan_example.h"

#define TRIED 64u /* things of the inventory, from all over it, that are looked at for one that the runbook takes */

/* What is given anyway, and of the incident the key (first), texts and attachments; count 0: there are other fields. */
static ParamText *fields(Planning *p, uint32_t *ret_count) {
  const Program *prog = p->program;
  const IncidentRow *r = &prog->incidents[0];
  ParamText *out = arena_new_array(p->arena, ParamText, p->param_count + r->params.count + 1u);
  uint32_t n = 0;
  out[n++] = (ParamText){.name = program_str(prog, prog->params[r->key].name)};
  for (uint32_t i = 0; i < r->params.count; i++) {
    uint32_t param = r->params.first + i;
    const ParamRow *row = &prog->params[param];
    if (param == r->key) continue;
    if (row->type.klass == VALUE_TEXT) out[n++] = (ParamText){.name = program_str(prog, row->name), .value = "example"};
    else if (row->value == 0) return *ret_count = 0, NULL;
  }
  for (uint32_t i = 0; i < p->param_count; i++) out[n++] = p->params[i];
  *ret_count = n;
  return out;
}

static const Frozen *frozen(Planning *p, const ParamText *params, uint32_t count) {
  return freeze(p->program, p->fleet, params, count, p->plan->start, p->arena, diag_sink_new(p->arena, NULL));
}

static const Frozen *find(Planning *p, ParamText *params, uint32_t count) {
  uint32_t kind = p->program->params[p->program->incidents[0].key].type.ref, n = fleet_count(p->fleet, kind);
  uint32_t stride = n / TRIED + 1;
  for (uint32_t e = 0; e < n; e += stride) {
    params[0].value = fleet_name(p->fleet, kind, e);
    const Frozen *f = frozen(p, params, count);
    if (f) return f;
  }
  return NULL;
}

void plan_example(Planning *p, uint32_t trials, bool watched, PlanStanding *ret) {
  const Program *prog = p->program;
  uint32_t count, over = prog->incidents[0].over;
  ParamText *params = fields(p, &count);
  const Frozen *f = params ? find(p, params, count) : NULL;
  if (!f) {
    ret->none = params ? "the runbook takes none of those that were tried" : "give the fields of an incident to see one";
    return;
  }
  ret->example = arena_printf(p->arena, "%s=%s", params[0].name, params[0].value);
  ret->within = forecast(prog, p->fleet, f, p->faults, p->plan->start, trials, watched, p->arena);
  if (over == NONE_INDEX) return;
  params[count] = (ParamText){.name = program_str(prog, prog->params[over].name), .value = "yes"};
  f = frozen(p, params, count + 1);
  if (f) ret->beyond = forecast(prog, p->fleet, f, p->faults, p->plan->start, trials, watched, p->arena);
}

const char *plan_example_fails(Plan *plan, Fleet *fleet, Arena *arena) {
  Planning p = {.arena = arena, .fleet = fleet, .program = plan->program, .params = plan->params, .param_count = plan->param_count, .plan = plan};
  PlanStanding s = {.plan = plan, .fleet = fleet};
  Buf how = BUF_INIT;
  plan_example(&p, 1, plan->certificate_len == 0, &s);
  if (plan_standing_meets(&s)) return NULL;
  bool within = forecast_fails(s.within);
  buf_printf(&how, "%s%s: ", s.example, within ? "" : ", beyond the limit");
  forecast_failure(within ? s.within : s.beyond, &how);
  const char *copy = arena_string(arena, how.data, how.len);
  buf_done(&how);
  return copy;
}
