/* compile_stmt: statements without a scope of their own: calls, confirmations, decisions, procedures. */
#include <config.h>

#include "lang/compile_core.h"

#include <assert.h>

/* ---- jumps ---- */

uint32_t compile_jump(Compiler *k, Opcode op) {
  if (op == OPCODE_JUMP) k->alive = false;
  return build_op(k->b, op, 0);
}

void compile_land(Compiler *k, Fixups *jumps) {
  for (uint32_t i = 0; i < jumps->len; i++) build_land(k->b, jumps->items[i]);
  if (jumps->len) k->alive = true;
  vec_done(jumps);
}

/* ---- calls ---- */

static bool any_asks(const NodeList *list) {
  for (uint32_t i = 0; i < list->len; i++)
    if (compile_asks(list->items[i])) return true;
  return false;
}

static void arguments(Compiler *k, const NodeList *args) {
  uint32_t sense = compile_sense_begin(k, any_asks(args));
  for (uint32_t i = 0; i < args->len; i++) {
    compile_expr(k, args->items[i]);
    k->nesting++;
  }
  k->nesting -= args->len;
  compile_sense_end(k, sense);
}

static uint32_t call_row(Compiler *k, const Call *call) {
  int64_t retries = compile_constant(call->retries);
  CallRow row = {.action = compile_action(k, call->name.symbol), .line = compile_line(k, call->node.span.lo)};
  row.within = compile_value_region(k, call->within);
  row.retry_after = compile_value_region(k, call->retry_after);
  row.retries = retries < 0 ? 0 : retries > INT32_MAX ? INT32_MAX : (uint32_t)retries;
  return build_row(k->b, calls, &row);
}

void compile_call(Compiler *k, const Call *call, Fixups *done) {
  uint32_t row = call_row(k, call), again = build_here(k->b);
  arguments(k, &call->args);
  build_op(k->b, OPCODE_ACT, row);
  vec_push(done, compile_jump(k, OPCODE_ON_OK));
  Wrong wrong = {"", call->name.atom, " failed", {0, 0}};
  compile_handlers(k, &call->handlers, wrong, again, done);
}

static void call_statement(Compiler *k, const Call *call) {
  Fixups done = {0};
  compile_call(k, call, &done);
  compile_land(k, &done);
}

static void confirm(Compiler *k, const Confirm *c) {
  ConfirmRow row = {.condition = compile_value_region(k, c->condition), .held = compile_value_region(k, c->held)};
  row.within = compile_value_region(k, c->within);
  row.text = compile_slice(k, c->condition->span);
  row.line = compile_line(k, c->node.span.lo);
  uint32_t at = build_row(k->b, confirms, &row), again = build_here(k->b);
  build_op(k->b, OPCODE_CONFIRM, at);
  Fixups done = {0};
  vec_push(&done, compile_jump(k, OPCODE_ON_OK));
  Wrong wrong = {"not confirmed: ", 0, "", c->condition->span};
  compile_handlers(k, &c->handlers, wrong, again, &done);
  compile_land(k, &done);
}

/* ---- decisions ---- */

static void block_to_end(Compiler *k, const Node *block, Fixups *end) {
  if (block) compile_block(k, block);
  if (k->alive) vec_push(end, compile_jump(k, OPCODE_JUMP));
}

static void when(Compiler *k, const When *w) {
  Fixups end = {0}, otherwise = {0}, unknown = {0};
  compile_sensed(k, w->condition);
  if (w->unknown) {
    build_op(k->b, OPCODE_DUP, 0);
    vec_push(&unknown, compile_jump(k, OPCODE_JUMP_UNKNOWN));
  }
  vec_push(&otherwise, compile_jump(k, OPCODE_JUMP_NOT));
  if (w->otherwise || w->unknown) block_to_end(k, w->then, &end);
  else compile_block(k, w->then);
  compile_land(k, &otherwise);
  if (w->otherwise) compile_block(k, w->otherwise);
  if (w->unknown) {
    if (k->alive) vec_push(&end, compile_jump(k, OPCODE_JUMP));
    compile_land(k, &unknown);
    build_op(k->b, OPCODE_DROP, 0);
    compile_block(k, w->unknown);
  }
  compile_land(k, &end);
}

/* Behind it the value that is decided on is still there, when the arm does not match. */
static void arm_test(Compiler *k, const Arm *a, Fixups *match, Fixups *next) {
  static const Opcode compare[] = {[ARM_AT_LEAST] = OPCODE_GE, [ARM_AT_MOST] = OPCODE_LE, [ARM_IS] = OPCODE_EQ};
  if (a->mode == ARM_OTHERWISE) return;
  if (a->mode == ARM_UNKNOWN) {
    build_op(k->b, OPCODE_DUP, 0);
    build_op(k->b, OPCODE_IS_UNKNOWN, 0);
    vec_push(next, compile_jump(k, OPCODE_JUMP_NOT));
    return;
  }
  for (uint32_t i = 0; i < a->values.len; i++) {
    bool last = i + 1 == a->values.len;
    build_op(k->b, OPCODE_DUP, 0);
    k->nesting += 2;
    compile_expr(k, a->values.items[i]);
    k->nesting -= 2;
    build_op(k->b, compare[a->mode], 0);
    if (last) vec_push(next, compile_jump(k, OPCODE_JUMP_NOT));
    else vec_push(match, compile_jump(k, OPCODE_JUMP_TRUE));
  }
}

static void decide(Compiler *k, const Decide *d) {
  Fixups end = {0};
  compile_sensed(k, d->on);
  for (uint32_t i = 0; i < d->arms.len && k->alive; i++) {
    const Arm *a = (const Arm *)d->arms.items[i];
    Fixups match = {0}, next = {0};
    compile_mark(k, &a->node);
    arm_test(k, a, &match, &next);
    compile_land(k, &match);
    build_op(k->b, OPCODE_DROP, 0);
    block_to_end(k, a->body, &end);
    compile_land(k, &next);
  }
  if (k->alive) build_op(k->b, OPCODE_DROP, 0);
  compile_land(k, &end);
}

/* ---- procedures ---- */

static uint32_t *no_rows(Compiler *k, uint32_t count) {
  uint32_t *rows = arena_new_array(k->arena, uint32_t, count);
  for (uint32_t i = 0; i < count; i++) rows[i] = NONE_INDEX;
  return rows;
}

Frame *compile_new_frame(Compiler *k, const Body *body) {
  Frame *f = arena_new_object(k->arena, Frame);
  *f = (Frame){.outer = k->frame, .body = body, .slot_base = k->slots};
  f->gates = no_rows(k, body->gates.len);
  f->remembers = no_rows(k, body->remembers.len);
  return f;
}

/* Its parameters are variables behind those in use, and unset again at its end. */
static void run(Compiler *k, const Run *r) {
  const Symbol *s = r->name.symbol;
  const ProcedureDecl *p = (const ProcedureDecl *)s->decl;
  uint32_t base = k->slots;
  if (base + p->params.len > LIMIT_SLOTS) {
    compile_limit(k, r->node.span, "more than %u variables are needed here", LIMIT_SLOTS);
    return;
  }
  Frame *frame = compile_new_frame(k, s->body);
  arguments(k, &r->args);
  for (uint32_t i = p->params.len; i-- > 0;) {
    const Node *type = ((const ParamDecl *)p->params.items[i])->type;
    build_op(k->b, OPCODE_STORE, base + i);
    k->kinds[base + i] = type_is(type->type, TYPE_ENTITY) ? type_ref(type->type) : NONE_INDEX;
  }
  k->slots = base + p->params.len;
  k->frame = frame;
  compile_block(k, p->body);
  k->frame = frame->outer;
  k->slots = base;
  for (uint32_t i = 0; i < p->params.len && k->alive; i++) {
    build_op(k->b, OPCODE_UNKNOWN, 0);
    build_op(k->b, OPCODE_STORE, base + i);
  }
}

/* ---- the rest ---- */

static void wait(Compiler *k, const Wait *w) {
  compile_sensed(k, w->duration);
  build_op(k->b, OPCODE_WAIT, 0);
}

static void notify(Compiler *k, const Notify *n) {
  uint32_t sense = compile_sense_begin(k, compile_asks(n->text));
  compile_text(k, n->text);
  compile_sense_end(k, sense);
  build_op(k->b, OPCODE_NOTIFY, n->channel.symbol->index);
}

static void remember(Compiler *k, const Remember *r) {
  const Of *fact = (const Of *)r->fact;
  uint32_t sense = compile_sense_begin(k, true);
  compile_expr(k, fact->object);
  k->nesting++;
  compile_expr(k, r->fact);
  k->nesting--;
  compile_sense_end(k, sense);
  build_op(k->b, OPCODE_REMEMBER, compile_remember_row(k, r->name.symbol));
}

void compile_statement(Compiler *k, const Node *s) {
  compile_mark(k, s);
  switch (s->kind) {
  case AST_BLOCK: compile_block(k, s); return;
  case AST_LOCKOUT: compile_lockout(k, (const Lockout *)s); return;
  case AST_ATTEMPT: compile_attempt(k, (const Attempt *)s); return;
  case AST_STEP: compile_step(k, (const Step *)s); return;
  case AST_EACH: compile_each_statement(k, (const Each *)s); return;
  case AST_CALL: call_statement(k, (const Call *)s); return;
  case AST_CONFIRM: confirm(k, (const Confirm *)s); return;
  case AST_WAIT: wait(k, (const Wait *)s); return;
  case AST_GATE: compile_gate(k, (const Gate *)s); return;
  case AST_WHEN: when(k, (const When *)s); return;
  case AST_DECIDE: decide(k, (const Decide *)s); return;
  case AST_THROUGHOUT: compile_throughout(k, (const Throughout *)s, (NodeList){0}); return;
  case AST_REMEMBER: remember(k, (const Remember *)s); return;
  case AST_NOTIFY: notify(k, (const Notify *)s); return;
  case AST_RUN: run(k, (const Run *)s); return;
  case AST_UNLESS: compile_unless(k, (const Unless *)s); return;
  case AST_CAMPAIGN: compile_campaign(k, (const Campaign *)s); return;
  case AST_ON_INCIDENT: compile_on_incident(k, (const OnIncident *)s); return;
  case AST_WITH_SETTING: compile_setting(k, (const WithSetting *)s); return;
  case AST_PREEMPTS: case AST_MAY_SKIP: return; /* of the emergency's row */
  case AST_SAFE_POINT: build_op(k->b, OPCODE_SAFE_POINT, 0); return;
  default: break;
  }
  bool is_exit = compile_exit(k, s);
  assert(is_exit);
  (void)is_exit;
}

/* What no path reaches has no code: the checker warned of it. Past the limit of code there is no point in more. */
void compile_statements(Compiler *k, NodeList list) {
  for (uint32_t i = 0; i < list.len && k->alive && !k->failed; i++) {
    const Node *s = list.items[i];
    if (build_here(k->b) > LIMIT_CODE_WORDS) compile_limit(k, s->span, "the runbook compiles to more than %u words of code", LIMIT_CODE_WORDS);
    if (s->kind == AST_THROUGHOUT && !((const Throughout *)s)->body) {
      compile_mark(k, s);
      compile_throughout(k, (const Throughout *)s, list_behind(list, i + 1));
      return;
    }
    compile_statement(k, s);
  }
}

void compile_block(Compiler *k, const Node *block) { compile_statements(k, ((const Block *)block)->stmts); }
