/* judge_way: the way that a run has taken through its runbook: whom its fans passed by, what its attempts owed. It goes by the program and
 * by what the run has told, not by what the engine counts. */
#include <config.h>

#include "tests/sim/judge.h"

#include "runtime/engine_state.h"

static bool is_broken(const Judge *j, uint32_t step) {
  for (uint32_t i = 0; i < j->broken.len; i++)
    if (j->broken.items[i] == step) return true;
  return false;
}

void way_note(Judge *j, const Note *n) {
  if (n->kind == NOTE_STEP_BEGIN) j->step = n->subject;
  if (n->kind != NOTE_STEP_END) return;
  if (n->value != OUT_OK) vec_push(&j->broken, n->subject);
  else if (j->step == n->subject) j->step = NONE_INDEX;
}

/* ---- nobody is passed by ---- */

/* One of the main strand, and nothing has to be read to know whom it is for. */
static bool is_planned(const FanRow *row) { return !row->inner && row->step != NONE_INDEX && row->sense == 0; }

static bool began(const Judge *j, uint32_t fan, uint32_t member) {
  for (uint32_t i = 0; i < j->begun.len; i++)
    if (j->begun.items[i].fan == fan && (member == NONE_INDEX || j->begun.items[i].member == member)) return true;
  return false;
}

static bool is_out(MemberState s) { return s == MEMBER_SET_ASIDE || s == MEMBER_KEPT_OUT || s == MEMBER_LEFT_OUT; }

static void all_began(Judge *j, uint32_t fan) {
  static const int64_t slots[LIMIT_SLOTS];
  const FanRow *row = &j->program->fans[fan];
  EntityVec who = {0};
  vm_collect(j->engine->vm, row->members, slots, LIMIT_SLOTS, &who);
  for (uint32_t i = 0; i < who.len; i++)
    if (!began(j, fan, who.items[i]) && !is_out(engine_member(j->engine, row->kind, who.items[i], NULL)))
      judge_break(j, "PASSED_BY", "%s never began in the fan of line %u", fleet_name(j->fleet, row->kind, who.items[i]), row->line);
  vec_done(&who);
}

/* ---- what an attempt owes ---- */

static CodeRef begin_of(const Program *p, uint32_t attempt) {
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_ATTEMPT && code_a(p->code[pc]) == attempt) return pc;
  return p->code_count;
}

static bool is_tried(const Program *p, CodeRef at) {
  for (uint32_t i = 0; i < p->attempts_count; i++)
    if (at > begin_of(p, i) && at < p->attempts[i].undo) return true;
  return false;
}

static void undone(Judge *j) {
  const Program *p = j->program;
  for (uint32_t f = 0; f < p->fans_count && j->step != NONE_INDEX; f++)
    if (p->fans[f].step == j->step && !p->fans[f].inner && is_tried(p, p->fans[f].body))
      judge_break(j, "NOT_UNDONE", "it ended in step %s, and nothing was rolled back", program_str(p, p->steps[j->step].name));
}

void way_ended(Judge *j) {
  const Program *p = j->program;
  RunOutcome o = engine_outcome(j->engine);
  if ((o == RUN_CANCELLED || o == RUN_FAILED) && !j->back) undone(j);
  for (uint32_t f = 0; o == RUN_COMPLETED && !j->back && f < p->fans_count; f++)
    if (is_planned(&p->fans[f]) && !is_broken(j, p->fans[f].step) && began(j, f, NONE_INDEX)) all_began(j, f);
}
