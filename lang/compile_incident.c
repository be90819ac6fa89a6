/* compile_incident: a runbook that stands for an incident. Each run of it is an ordinary run whose parameters are the fields of
 * its incident; whether the limit per member is passed is one more parameter, so that the proof and the dry run see both ways. */
#include <config.h>

#include "lang/compile_core.h"

#include <string.h>

bool compile_is_attachment(Compiler *k, const ParamDecl *p) {
  const TypeName *t = p->type && p->type->kind == AST_TYPE_NAME ? (const TypeName *)p->type : NULL;
  return t && !t->is_list && strcmp(intern_text(k->c->names, t->name.atom), "attachment") == 0;
}

/* What is unknown is no reason to go on. */
void compile_unless(Compiler *k, const Unless *u) {
  Fixups on = {0};
  compile_sensed(k, u->condition);
  vec_push(&on, compile_jump(k, OPCODE_JUMP_TRUE));
  compile_mark(k, u->exit);
  compile_exit(k, u->exit);
  compile_land(k, &on);
}

static Slice attachments(Compiler *k) {
  VEC(uint32_t) list = {0};
  for (uint32_t i = k->body->first_field; i < k->body->params.len; i++)
    if (compile_is_attachment(k, (const ParamDecl *)k->body->params.items[i]->decl)) vec_push(&list, i);
  Slice s = build_list(k->b, list.items, list.len);
  vec_done(&list);
  return s;
}

/* Nothing said: one at a time, as everywhere. */
static void incident_row(Compiler *k, const OnIncident *o, const OnePer *run) {
  const Symbol *incident = o->incident.symbol;
  Slice params = {k->body->first_field, k->body->params.len - k->body->first_field};
  IncidentRow row = {.name = compile_atom(k, incident->name), .params = params};
  row.title = compile_plain_text(k, ((const IncidentDecl *)incident->decl)->title);
  row.key = ((const Member *)run->member)->name.symbol->index;
  row.over = run->most ? params.first + params.count - 1 : NONE_INDEX;
  row.at_once = run->at_once ? (uint32_t)compile_constant(run->at_once) : 1;
  row.per_member = (uint32_t)compile_constant(run->most);
  row.per = compile_constant(run->period);
  row.join = compile_constant(run->join);
  row.attachments = attachments(k);
  row.line = compile_line(k, o->node.span.lo);
  build_row(k->b, incidents, &row);
}

/* What is wanted of an incident before anything is done for it. */
static uint32_t wanted_first(Compiler *k, const NodeList *stmts) {
  uint32_t n = 0;
  for (; n < stmts->len && stmts->items[n]->kind == AST_UNLESS; n++) compile_statement(k, stmts->items[n]);
  return n;
}

/* A procedure is all that is done then. An exit that goes on is a hold whom somebody let go on: with what is done otherwise. */
static void beyond(Compiler *k, const Node *way, Fixups *end) {
  if (compile_exit(k, way)) return;
  compile_statement(k, way);
  if (k->alive) vec_push(end, compile_jump(k, OPCODE_JUMP));
}

void compile_on_incident(Compiler *k, const OnIncident *o) {
  const OnePer *run = (const OnePer *)o->runs.items[0];
  const NodeList *stmts = &((const Block *)o->body)->stmts;
  Fixups end = {0}, within = {0};
  incident_row(k, o, run);
  uint32_t first = wanted_first(k, stmts);
  if (run->most) {
    compile_mark(k, &run->node);
    build_op(k->b, OPCODE_PARAM, build_program(k->b)->incidents[0].over);
    vec_push(&within, compile_jump(k, OPCODE_JUMP_NOT));
    beyond(k, run->otherwise, &end);
    compile_land(k, &within);
  }
  compile_statements(k, list_behind(*stmts, first));
  compile_land(k, &end);
}
