/* constant: the value of an expression that no run can change. Arithmetic that would overflow has none. */
#include <config.h>

#include "lang/compilation.h"

static bool constant_arithmetic(BinaryOp op, int64_t a, int64_t b, int64_t *ret) {
  switch (op) {
  case OP_ADD: return quantity_add(a, b, ret);
  case OP_SUB: return quantity_sub(a, b, ret);
  case OP_MUL: return quantity_mul(a, b, ret);
  case OP_DIV: return quantity_div(a, b, ret);
  case OP_AND: *ret = a && b; return true;
  case OP_OR: *ret = a || b; return true;
  case OP_LT: *ret = a < b; return true;
  case OP_LE: *ret = a <= b; return true;
  case OP_GT: *ret = a > b; return true;
  case OP_GE: *ret = a >= b; return true;
  }
  return false;
}

static bool constant_binary(const Binary *b, int64_t *ret) {
  int64_t left, right;
  if (!constant_value(b->left, &left) || !constant_value(b->right, &right)) return false;
  bool ratio =
      b->op == OP_DIV && type_is(b->node.type, TYPE_FRACTION) && !type_is(b->left->type, TYPE_FRACTION);
  if (ratio) return quantity_ratio(left, right, ret);
  return constant_arithmetic((BinaryOp)b->op, left, right, ret);
}

static bool constant_unary(const Unary *u, int64_t *ret) {
  int64_t value;
  if (!constant_value(u->operand, &value)) return false;
  if (u->op == OP_NEG) return quantity_neg(value, ret);
  *ret = !value;
  return true;
}

static bool constant_is(const Is *is, int64_t *ret) {
  int64_t subject, value;
  if (is->mode == IS_MAY_BE || !constant_value(is->subject, &subject)) return false;
  bool found = false;
  for (uint32_t i = 0; i < is->values.len; i++) {
    if (!constant_value(is->values.items[i], &value)) return false;
    found |= value == subject;
  }
  *ret = found == (is->mode == IS_IS || is->mode == IS_IN);
  return true;
}

bool constant_value(const Node *expr, int64_t *ret_value) {
  if (!expr || expr->poison) return false;
  switch (expr->kind) {
  case AST_LITERAL: *ret_value = ((const Literal *)expr)->value.value; return true;
  case AST_BOOL: *ret_value = ((const Bool *)expr)->value != 0; return true;
  case AST_BINARY: return constant_binary((const Binary *)expr, ret_value);
  case AST_UNARY: return constant_unary((const Unary *)expr, ret_value);
  case AST_IS: return constant_is((const Is *)expr, ret_value);
  case AST_UNITS: return constant_value(((const Units *)expr)->amount, ret_value);
  case AST_NAME_REF: {
    const NameRef *r = (const NameRef *)expr;
    if (ref_meaning(r) != REF_WORD) return false;
    *ret_value = r->name.symbol->index;
    return true;
  }
  default: return false; /* everything else is known at run time only */
  }
}
