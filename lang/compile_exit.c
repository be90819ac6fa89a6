/* compile_exit: the ways out of a procedure, and what becomes of an outcome that is not ok. */
#include <config.h>

#include "lang/compile_core.h"

/* The member that an exit speaks of: what it names, else that of the innermost fan-out. Leaves it; its kind. */
static uint32_t push_target(Compiler *k, const Node *target) {
  if (target) {
    compile_expr(k, target);
    return type_ref(target->type);
  }
  build_op(k->b, OPCODE_SLOT, k->member->slot);
  return k->member->kind;
}

static void leave(Compiler *k, Opcode op, const Node *why) {
  uint32_t sense = compile_sense_begin(k, compile_asks(why));
  compile_text(k, why);
  compile_sense_end(k, sense);
  build_op(k->b, op, 0);
  k->alive = false;
}

static void member_leaves(Compiler *k, Opcode op, const Node *target, const Node *why) {
  uint32_t sense = compile_sense_begin(k, compile_asks(target) || compile_asks(why));
  compile_text(k, why);
  k->nesting++;
  uint32_t kind = push_target(k, target);
  k->nesting--;
  compile_sense_end(k, sense);
  build_op(k->b, op, kind);
}

/* In the branch of a gate that asks per member: all who got no yes, each with its own text. */
static void refused_leave(Compiler *k, Opcode op, const Node *why) {
  RefusalRow row = {.gate = k->gate};
  uint32_t slots = k->slots, slot = build_program(k->b)->gates[k->gate].slot;
  k->kinds[slot] = build_program(k->b)->gates[k->gate].kind;
  k->slots = slot + 1;
  build_region_begin(k->b);
  if (why) compile_mark(k, why);
  compile_text(k, why);
  row.why = build_region_end(k->b);
  k->slots = slots;
  build_op(k->b, op, build_row(k->b, refusals, &row));
}

/* A person may say: try again, what was being handled; or, where nothing is handled, go on. */
static void hold(Compiler *k, const Hold *h) {
  CodeRef duration = compile_value_region(k, h->duration);
  uint32_t row = build_row(k->b, holds, (&(HoldRow){h->role.symbol->index, duration, compile_line(k, h->node.span.lo)}));
  uint32_t sense = compile_sense_begin(k, compile_asks(h->why));
  compile_text(k, h->why);
  compile_sense_end(k, sense);
  build_op(k->b, OPCODE_HOLD, row);
  Fixups over = {0};
  if (k->retry != NONE_INDEX) build_op(k->b, OPCODE_ON_OK, k->retry);
  else vec_push(&over, compile_jump(k, OPCODE_ON_OK));
  compile_exit(k, h->then);
  compile_land(k, &over);
}

bool compile_exit(Compiler *k, const Node *s) {
  switch (s->kind) {
  case AST_SET_ASIDE:
    if (k->gate != NONE_INDEX) refused_leave(k, OPCODE_ASIDE_WITHOUT_YES, ((const SetAside *)s)->why);
    else member_leaves(k, OPCODE_SET_ASIDE, ((const SetAside *)s)->target, ((const SetAside *)s)->why);
    return true;
  case AST_KEEP_OUT:
    if (k->gate != NONE_INDEX) refused_leave(k, OPCODE_OUT_WITHOUT_YES, ((const KeepOut *)s)->why);
    else member_leaves(k, OPCODE_KEEP_OUT, ((const KeepOut *)s)->target, ((const KeepOut *)s)->why);
    return true;
  case AST_ROLL_BACK: leave(k, OPCODE_ROLL_BACK, ((const RollBack *)s)->why); return true;
  case AST_END: leave(k, OPCODE_END, ((const End *)s)->why); return true;
  case AST_FAIL: leave(k, OPCODE_FAIL, ((const Fail *)s)->why); return true;
  case AST_HOLD: hold(k, (const Hold *)s); return true;
  default: return false;
  }
}

static StrId wrong_text(Compiler *k, Wrong w) {
  buf_reset(&k->scratch);
  buf_str(&k->scratch, w.before);
  buf_str(&k->scratch, intern_text(k->c->names, w.name));
  buf_str(&k->scratch, w.after);
  if (w.span.hi) compile_fold(k, w.span, &k->scratch);
  return build_string(k->b, k->scratch.data, k->scratch.len);
}

/* Nobody handles it: the member is set aside; outside of a fan-out the scope fails. */
static void default_exit(Compiler *k, Wrong wrong) {
  build_op(k->b, OPCODE_STR, wrong_text(k, wrong));
  if (k->emergency) {
    build_op(k->b, OPCODE_FAIL, 0);
    k->alive = false;
    return;
  }
  if (k->member) build_op(k->b, OPCODE_SLOT, k->member->slot);
  build_op(k->b, k->member ? OPCODE_SET_ASIDE : OPCODE_FAIL, k->member ? k->member->kind : 0);
  if (!k->member) k->alive = false;
}

static void handled(Compiler *k, const Handler *h, Wrong wrong, uint32_t again, Fixups *done) {
  uint32_t retry = k->retry;
  k->retry = again;
  if (!h) {
    default_exit(k, wrong);
  } else {
    compile_mark(k, h->stmt);
    if (h->stmt->kind == AST_CALL) compile_call(k, (const Call *)h->stmt, done);
    else if (!compile_exit(k, h->stmt)) compile_statement(k, h->stmt);
  }
  k->retry = retry;
}

static const Handler *handler_on(const NodeList *handlers, HandlerOn a, HandlerOn b) {
  for (uint32_t i = 0; i < handlers->len; i++) {
    const Handler *h = (const Handler *)handlers->items[i];
    if (h->on == (uint32_t)a || h->on == (uint32_t)b) return h;
  }
  return NULL;
}

/* Behind a step whose outcome is not ok. What handles it and does not leave goes on at `done`. */
void compile_handlers(Compiler *k, const NodeList *handlers, Wrong wrong, uint32_t again, Fixups *done) {
  const Handler *either = handler_on(handlers, ON_ELSE, ON_ELSE);
  const Handler *failed = handler_on(handlers, ON_FAILED, ON_NO), *unknown = handler_on(handlers, ON_UNKNOWN, ON_SILENCE);
  if (!failed && !unknown) {
    handled(k, either, wrong, again, done);
    return;
  }
  Fixups other = {0};
  vec_push(&other, compile_jump(k, OPCODE_ON_UNKNOWN));
  handled(k, failed ? failed : either, wrong, again, done);
  if (k->alive) vec_push(done, compile_jump(k, OPCODE_JUMP));
  compile_land(k, &other);
  handled(k, unknown ? unknown : either, wrong, again, done);
}
