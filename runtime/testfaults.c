/* testfaults: names to indices. */
#include <config.h>

#include "runtime/testfaults.h"

#include "runtime/program_names.h"

#include <string.h>

static uint32_t subject(const Program *p, const Given *g, FaultKind *ret_kind) {
  switch (g->what) {
  case GIVEN_ACTION_GOES: *ret_kind = FAULT_ACTION; return program_action(p, g->subject);
  case GIVEN_LOCK_GOES: *ret_kind = FAULT_LOCK; return program_automation(p, g->subject);
  case GIVEN_UNLOCK_GOES: *ret_kind = FAULT_UNLOCK; return program_automation(p, g->subject);
  case GIVEN_FACT_IS: *ret_kind = FAULT_FACT; return program_fact(p, g->subject);
  case GIVEN_METRIC_IS: *ret_kind = FAULT_METRIC; return program_metric(p, g->subject);
  case GIVEN_GATE_SAYS: *ret_kind = FAULT_ANSWER; return program_gate(p, g->subject);
  case GIVEN_CRASH_IN: *ret_kind = FAULT_CRASH; return program_step(p, g->subject);
  case GIVEN_CANCEL_IN: *ret_kind = FAULT_CANCEL; return program_step(p, g->subject);
  }
  return NONE_INDEX;
}

/* Procedures are inlined, and a roll back may ask again by the same name: all gates of a name are meant. */
static bool same_name(const Program *p, const Given *g, uint32_t row) {
  switch (g->what) {
  case GIVEN_GATE_SAYS: return strcmp(program_str(p, p->gates[row].name), g->subject) == 0;
  case GIVEN_CRASH_IN: /* a moment means all steps of the name by itself */
  case GIVEN_CANCEL_IN:
  case GIVEN_ACTION_GOES:
  case GIVEN_LOCK_GOES:
  case GIVEN_UNLOCK_GOES:
  case GIVEN_FACT_IS:
  case GIVEN_METRIC_IS: break;
  }
  return false;
}

static uint32_t namesakes(const Program *p, const Given *g) {
  return g->what == GIVEN_GATE_SAYS ? p->gates_count : 0;
}

static int64_t fault_value(const Program *p, const Given *g, uint32_t fact) {
  if (g->what == GIVEN_GATE_SAYS) return g->answer < 0 ? VALUE_UNKNOWN : g->answer;
  if (g->what == GIVEN_CRASH_IN) return g->after;
  if (g->what == GIVEN_METRIC_IS) return strcmp(g->value, "unknown") == 0 ? VALUE_UNKNOWN : g->number;
  if (g->what != GIVEN_FACT_IS || strcmp(g->value, "unknown") == 0) return VALUE_UNKNOWN;
  return program_fact_code(p, fact, g->value);
}

#define DOOM_DELAY_MS 60000 /* what comes "during" a step comes a minute into it */

static bool translate(const TestCase *test, const Given *g, const Program *p, const Fleet *fleet, Fault *out, DiagSink *sink) {
  *out = (Fault){.on_kind = NONE_INDEX, .on = ENTITY_NONE, .outcome = (Outcome)g->outcome, .times = g->times, .landing = g->landing};
  out->subject = subject(p, g, &out->kind);
  if (out->kind == FAULT_CRASH || out->kind == FAULT_CANCEL)
    out->at = (Moment){.kind = MOMENT_STEP_BEGINS, .subject = out->subject, .on_kind = NONE_INDEX, .on = ENTITY_NONE};
  if (out->subject == NONE_INDEX) {
    diag_at(sink, E_TEST_NAME, test->file, g->line, 0, "the runbook of this test has no `%s`: the line can have no effect", g->subject);
    return false;
  }
  out->value = fault_value(p, g, out->subject);
  bool during = (g->what == GIVEN_FACT_IS || g->what == GIVEN_METRIC_IS) && g->step;
  if (during) out->at = (Moment){.kind = MOMENT_STEP_BEGINS, .subject = program_step(p, g->step), .on_kind = NONE_INDEX, .on = ENTITY_NONE, .nth = 1};
  out->after = during || out->kind == FAULT_CRASH || out->kind == FAULT_CANCEL ? DOOM_DELAY_MS : g->after;
  out->lasts = g->lasts;
  if (!*g->member) return true;
  out->on_kind = program_kind(p, g->kind);
  out->on = out->on_kind == NONE_INDEX ? ENTITY_NONE : fleet_find(fleet, out->on_kind, g->member, strlen(g->member));
  if (out->on != ENTITY_NONE) return true;
  diag_at(sink, E_TEST_NAME, test->file, g->line, 0, "the inventory has no %s `%s`", g->kind, g->member);
  return false;
}

const Faults *testfaults(const TestCase *test, const Program *p, const Fleet *fleet, Arena *arena, DiagSink *sink) {
  Faults *out = arena_new_object(arena, Faults);
  uint32_t most = test->given_count, count = 0;
  for (uint32_t i = 0; i < test->given_count; i++) most += namesakes(p, &test->given[i]);
  Fault *items = arena_new_array(arena, Fault, most);
  bool ok = true;
  for (uint32_t i = 0; i < test->given_count; i++) {
    const Given *g = &test->given[i];
    Fault *first = &items[count++];
    ok &= translate(test, g, p, fleet, first, sink);
    for (uint32_t row = first->subject + 1; ok && row < namesakes(p, g); row++) {
      if (!same_name(p, g, row)) continue;
      items[count] = *first;
      items[count++].subject = row;
    }
  }
  *out = (Faults){.items = items, .count = count, .seed = test->seed};
  return ok ? out : NULL;
}
