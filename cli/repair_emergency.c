/* repair_emergency: what the block of an emergency would have to wait for is skipped, or a rule of the runbook's own excuses emergencies. */
#include <config.h>

#include "cli/repair_state.h"

#include "lang/waiver.h"

#include <string.h>

static bool asks_for(const Program *p, CodeRef region, uint32_t action) {
  for (uint32_t pc = region; region && code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) == OPCODE_TRIED && code_a(p->code[pc]) == action) return true;
    if (code_op(p->code[pc]) != OPCODE_FACT) continue;
    for (uint32_t i = 0; i < p->actions[action].makes.count; i++)
      if (p->effects[p->actions[action].makes.first + i].fact == code_a(p->code[pc])) return true;
  }
  return false;
}

static const EmergencyClause *clause_at(const Mender *m, uint32_t emergency) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < m->runbook->clauses.len; i++)
    if (m->runbook->clauses.items[i]->kind == AST_EMERGENCY_CLAUSE && n++ == emergency) return (const EmergencyClause *)m->runbook->clauses.items[i];
  return NULL;
}

static void skip(Mender *m, const EmergencyClause *e, const char *action) {
  const NodeList *stmts = &((const Block *)e->body)->stmts;
  const Node *skips = stmts->len > 1 && stmts->items[1]->kind == AST_MAY_SKIP ? stmts->items[1] : NULL;
  Proposal *p = propose(m, "let the emergency skip `%s`", action);
  if (skips) edit_insert(p, skips->span.hi, arena_printf(m->arena, ", %s", action));
  else insert_behind(m, p, stmts->items[0], arena_printf(m->arena, "may skip %s", action));
}

void repair_skip(Mender *m) {
  const Program *p = m->p;
  bool need = m->f->kind == FINDING_NEED, rule = m->f->kind == FINDING_CALL || m->f->kind == FINDING_MAKE;
  uint32_t emergency = m->f->pc == NONE_INDEX ? NONE_INDEX : emergency_at(p, m->f->pc);
  const EmergencyClause *e = emergency == NONE_INDEX || (!need && !rule) ? NULL : clause_at(m, emergency);
  CodeRef region = need ? p->need_rows[m->f->row].condition : rule ? p->rules[m->f->row].unless : 0;
  for (uint32_t a = 0; e && a < p->actions_count; a++)
    if (!emergency_skips(p, emergency, a) && !emergency_calls(p, emergency, a) && asks_for(p, region, a)) skip(m, e, program_str(p, p->actions[a].name));
}

/* ---- a rule of one's own ---- */

static const Node *rule_node(const Mender *m) {
  for (uint32_t i = 0; i < m->p->policies_count; i++) {
    const PolicyRow *row = &m->p->policies[i];
    if (m->f->row < row->rules.first || m->f->row >= row->rules.first + row->rules.count) continue;
    const Node *policy = declared(&m->c->policies, m->c, program_str(m->p, row->name));
    const NodeList *rules = policy ? &((const PolicyDecl *)policy)->rules : NULL;
    for (uint32_t j = 0; rules && j < rules->len; j++)
      if (source_line_col(m->c->map, rules->items[j]->span.lo).line == m->p->rules[m->f->row].line) return rules->items[j];
  }
  return NULL;
}

void repair_excuse(Mender *m) {
  bool blocks = (m->f->kind == FINDING_CALL || m->f->kind == FINDING_MAKE) && m->f->pc != NONE_INDEX && emergency_at(m->p, m->f->pc) != NONE_INDEX;
  if (!blocks && !(m->f->kind == FINDING_LET && happened(m, MOVE_EMERGENCY))) return;
  const Node *rule = rule_node(m), *unless = NULL;
  if (!rule || source_of(m->c->map, rule->span.lo) != m->source) return;
  if (rule->kind == AST_NEVER_MAKE) unless = ((const NeverMake *)rule)->unless;
  if (rule->kind == AST_NEVER_CALL) unless = ((const NeverCall *)rule)->unless;
  if (rule->kind == AST_NEVER_LET) unless = ((const NeverLet *)rule)->unless;
  Proposal *p = propose(m, "let the rule excuse emergencies, if that is meant");
  edit_insert(p, rule->span.hi, unless ? " or emergency" : " unless emergency");
}
