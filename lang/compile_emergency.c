/* compile_emergency: emergencies of a runbook's head. Each is watched from its WATCH on, behind what is required: a run that is refused has
 * cut nothing off. Its block is a strand of its own behind the main one, with the thing that it is about in a variable, and ends like the
 * body of a fan-out. */
#include <config.h>

#include "lang/compile_core.h"

static const EmergencyClause *clause_of(const Compiler *k, uint32_t *at) {
  const NodeList *clauses = &k->runbook->clauses;
  for (; *at < clauses->len; ++*at)
    if (clauses->items[*at]->kind == AST_EMERGENCY_CLAUSE) return (const EmergencyClause *)clauses->items[(*at)++];
  return NULL;
}

static Slice skipped(Compiler *k, const NodeList *stmts) {
  VEC(uint32_t) rows = {0};
  for (uint32_t i = 0; i < stmts->len; i++) {
    if (stmts->items[i]->kind != AST_MAY_SKIP) continue;
    const NodeList *names = &((const MaySkip *)stmts->items[i])->names;
    for (uint32_t j = 0; j < names->len; j++) vec_push(&rows, compile_action(k, ((const Word *)names->items[j])->name.symbol));
  }
  Slice list = build_list(k->b, rows.items, rows.len);
  vec_done(&rows);
  return list;
}

void compile_watches(Compiler *k) {
  uint32_t at = 0;
  for (const EmergencyClause *e; (e = clause_of(k, &at));) {
    const Binder *b = (const Binder *)e->binder;
    EmergencyRow row = {.kind = b->name.symbol->entity_kind, .slot = compile_binder_slot(k, b), .line = compile_line(k, e->node.span.lo)};
    row.title = compile_plain_text(k, e->title);
    row.text = compile_slice(k, e->condition->span);
    k->kinds[row.slot] = row.kind;
    k->slots = row.slot + 1;
    row.condition = compile_value_region(k, e->condition);
    k->slots = 0;
    row.skips = skipped(k, &((const Block *)e->body)->stmts);
    compile_mark(k, &e->node);
    build_op(k->b, OPCODE_WATCH, build_row(k->b, emergencies, &row));
  }
}

void compile_emergencies(Compiler *k) {
  uint32_t at = 0, row = 0;
  for (const EmergencyClause *e; (e = clause_of(k, &at)); row++) {
    uint32_t slot = build_program(k->b)->emergencies[row].slot;
    build_program(k->b)->emergencies[row].body = build_here(k->b);
    k->kinds[slot] = build_program(k->b)->emergencies[row].kind;
    k->slots = slot + 1;
    k->alive = k->emergency = true;
    compile_mark(k, &e->node);
    compile_block(k, e->body);
    if (k->alive) build_op(k->b, OPCODE_MEMBER_DONE, 0);
    k->alive = k->emergency = false;
    k->slots = 0;
  }
}
