/* fmt_expr: conditions and operands. Parentheses stand only where the tree needs them, so each operator has a level:
 * an operand that binds less tightly than its place allows is put in parentheses. */
#include <config.h>

#include "lang/fmt_state.h"
#include "lang/utf8.h"
#include <string.h>

/* ---- texts ---- */

static void put_escaped(Fmt *f, const char *s, size_t len) {
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)s[i];
    if (c == '"' || c == '\\') fmt_put(f, "\\");
    if (c == '$' && i + 1 < len && s[i + 1] == '{') fmt_put(f, "\\");
    if (c == '\n') fmt_put(f, "\\n");
    else if (c == '\t') fmt_put(f, "\\t");
    else if (c < 0x20 || c == 0x7F) buf_printf(&f->line, "\\u{%X}", c);
    else buf_char(&f->line, (char)c);
  }
}

/* A dollar at the end of a part would join the brace of an expression behind it. */
static void put_text(Fmt *f, const Text *t) {
  buf_char(&f->line, '"');
  for (uint32_t i = 0; i < t->parts.len; i++) {
    const Node *part = t->parts.items[i];
    if (part->kind == AST_TEXT_PART) {
      Atom bytes = ((const TextPart *)part)->bytes.atom;
      put_escaped(f, intern_text(f->names, bytes), intern_length(f->names, bytes));
    } else {
      uint32_t breaks = f->breaks.len; /* a text ends on its line */
      fmt_put(f, "${%e}", part);
      f->breaks.len = breaks;
    }
  }
  buf_char(&f->line, '"');
}

/* ---- values ---- */

static bool is_name(const Fmt *f, const Node *n, const char *name) {
  return n->kind == AST_NAME_REF && strcmp(intern_text(f->names, ((const NameRef *)n)->name.atom), name) == 0;
}

/* What may stand behind `in` without parentheses. */
static bool is_set(const Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_NAME_REF: return !is_name(f, n, "on");
  case AST_MEMBER: return is_set(f, ((const Member *)n)->object);
  case AST_OF: return strcmp(intern_text(f->names, ((const Of *)n)->name.atom), "count") != 0;
  default: return false;
  }
}

static void put_is(Fmt *f, const Is *is) {
  static const char *const words[] = {" is ", " is not ", " may be ", " in ", " not in "};
  bool single = is->values.len == 1;
  bool bare = &is->node == f->bare;
  switch ((IsMode)is->mode) {
  case IS_IS: case IS_NOT: bare = true; break;
  case IS_MAY_BE: bare = bare || (single && is->values.items[0]->kind == AST_NAME_REF); break;
  case IS_IN: case IS_NOT_IN: bare = single && is_set(f, is->values.items[0]); break;
  }
  fmt_put(f, bare ? "%o%s%w" : "%o%s(%w)", is->subject, words[is->mode], &is->values);
}

void fmt_values_bare(Fmt *f, const Node *condition) {
  f->bare = condition->kind == AST_BINARY ? ((const Binary *)condition)->right : condition;
  fmt_put(f, "%c", condition);
  f->bare = NULL;
}

/* ---- operators ---- */

static const struct { const char *text; Level level; } operators[] = {
    [OP_AND] = {"^and ", LEVEL_AND},    [OP_OR] = {"^or ", LEVEL_OR},       [OP_LT] = {" < ", LEVEL_COMPARE},
    [OP_LE] = {" <= ", LEVEL_COMPARE},  [OP_GT] = {" > ", LEVEL_COMPARE},   [OP_GE] = {" >= ", LEVEL_COMPARE},
    [OP_ADD] = {" + ", LEVEL_ADD},      [OP_SUB] = {" - ", LEVEL_ADD},      [OP_MUL] = {" * ", LEVEL_MUL},
    [OP_DIV] = {" / ", LEVEL_MUL},
};

static void put_binary(Fmt *f, const Binary *b) {
  Level level = operators[b->op].level, left = level == LEVEL_COMPARE ? LEVEL_ADD : level;
  fmt_expr(f, b->left, left);
  fmt_put(f, operators[b->op].text);
  fmt_expr(f, b->right, left == level ? level + 1 : left);
}

void fmt_guard(Fmt *f, const Node *n) {
  const Binary *b = (const Binary *)n;
  if (n->kind == AST_OVER) {
    fmt_guard(f, ((const Over *)n)->condition);
    fmt_put(f, " over %o", ((const Over *)n)->duration);
  } else if (n->kind == AST_BINARY && (b->op == OP_LE || b->op == OP_GE)) {
    fmt_put(f, "%o at %s %o", b->left, b->op == OP_LE ? "most" : "least", b->right);
  } else {
    fmt_put(f, "%e", n);
  }
}

void fmt_binder(Fmt *f, const Node *binder, Level where) {
  const Binder *b = (const Binder *)binder;
  fmt_put(f, b->source ? "%n in %o" : "%n", &b->name, b->source);
  if (!b->where) return;
  fmt_put(f, where == LEVEL_FULL ? "~where " : "^where ");
  fmt_expr(f, b->where, where);
}

static void put_quantified(Fmt *f, const Quantified *q) {
  switch ((Quantifier)q->quantifier) {
  case QUANT_EVERY: fmt_put(f, "every "); break;
  case QUANT_SOME: fmt_put(f, "some "); break;
  case QUANT_COUNT:
    fmt_put(f, "count ");
    fmt_binder(f, q->binder, LEVEL_FULL);
    if (q->condition) fmt_put(f, "~where %e", q->condition);
    return;
  }
  fmt_binder(f, q->binder, LEVEL_OR);
  fmt_put(f, ":^%e", q->condition);
}

void fmt_period(Fmt *f, const Node *period) {
  static const struct { const char *literal, *word; } words[] = {
      {"1s", "second"}, {"1min", "minute"}, {"1h", "hour"}, {"1d", "day"}, {"1w", "week"}};
  size_t from = f->line.len;
  fmt_put(f, "%o", period);
  if (period->kind != AST_LITERAL) return;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(f->line.data + from, words[i].literal) != 0) continue;
    f->line.len = from;
    fmt_put(f, "%s", words[i].word);
    return;
  }
}

static Level level_of(const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_QUANTIFIED: return LEVEL_FULL;
  case AST_BINARY: return operators[((const Binary *)n)->op].level;
  case AST_UNARY: return ((const Unary *)n)->op == OP_NOT ? LEVEL_NOT : LEVEL_NEG;
  case AST_IS: case AST_LOCKED: case AST_TRIED: case AST_GATE_REF: case AST_EMERGENCY: case AST_ATTACHED: return LEVEL_COMPARE;
  case AST_OF: case AST_SHARE: case AST_UNITS: return LEVEL_OF;
  default: return LEVEL_WORD;
  }
}

static void put_call(Fmt *f, const Call *c) {
  fmt_put(f, "%n(", &c->name);
  for (uint32_t i = 0; i < c->args.len; i++) fmt_put(f, i ? ",`%e" : "%e", c->args.items[i]);
  fmt_put(f, ")");
}

static void put_node(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_TEXT: put_text(f, (const Text *)n); break;
  case AST_LITERAL: quantity_write(((const Literal *)n)->value, &f->line); break;
  case AST_BOOL: fmt_put(f, ((const Bool *)n)->value ? "true" : "false"); break;
  case AST_NAME_REF: fmt_put(f, "%n", &((const NameRef *)n)->name); break;
  case AST_WORD: fmt_put(f, "%n", &((const Word *)n)->name); break;
  case AST_MEMBER:
    fmt_expr(f, ((const Member *)n)->object, LEVEL_WORD);
    fmt_put(f, ".%n", &((const Member *)n)->name);
    break;
  case AST_OF: {
    const Of *of = (const Of *)n;
    fmt_put(f, of->all ? "all %n of " : "%n of ", &of->name);
    fmt_expr(f, of->object, LEVEL_OF);
    break;
  }
  case AST_UNITS: fmt_put(f, "%o %n", ((const Units *)n)->amount, &((const Units *)n)->kind); break;
  case AST_SHARE: {
    const Share *s = (const Share *)n;
    fmt_put(f, s->each ? "%o of each %o" : "%o of %o", s->amount, s->whole);
    break;
  }
  case AST_ENTITY: fmt_put(f, "%n %o", &((const Entity *)n)->kind, ((const Entity *)n)->member); break;
  case AST_BINARY: put_binary(f, (const Binary *)n); break;
  case AST_UNARY:
    fmt_put(f, ((const Unary *)n)->op == OP_NOT ? "not " : "-");
    fmt_expr(f, ((const Unary *)n)->operand, ((const Unary *)n)->op == OP_NOT ? LEVEL_NOT : LEVEL_NEG);
    break;
  case AST_IS: put_is(f, (const Is *)n); break;
  case AST_QUANTIFIED: put_quantified(f, (const Quantified *)n); break;
  case AST_LOCKED:
    fmt_put(f, "lockout of %w on %o", &((const Locked *)n)->automations, ((const Locked *)n)->target);
    break;
  case AST_TRIED: {
    const Tried *t = (const Tried *)n;
    fmt_put(f, t->since ? "%o tried since %o" : "%o tried", t->call, t->since);
    break;
  }
  case AST_CALL: put_call(f, (const Call *)n); break;
  case AST_GATE_REF: fmt_put(f, "gate %n", &((const GateRef *)n)->name); break;
  case AST_EMERGENCY: fmt_put(f, "emergency"); break;
  case AST_ATTACHED: fmt_put(f, "%o attached", ((const Attached *)n)->object); break;
  default: fmt_put(f, "?"); break; /* no expression: the grammar has none of these here */
  }
}

void fmt_expr(Fmt *f, const Node *n, Level least) {
  bool parens = level_of(n) < least;
  fmt_put(f, parens ? "(" : "");
  put_node(f, n);
  fmt_put(f, parens ? ")" : "");
}
