/* ast: see ast.h. Everything here is made from the rows of ast.def: sizes, the field table, and with it the dump and
 * the comparison, so that a new kind of node needs no line in this file. */
#include <config.h>

#include "lang/ast.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* ---- the field table ---- */

#define AST_ENUM(name, values) static const char *const texts_##name[] = {values};
#define AST_VALUE(value, text) text,
#include "lang/ast_enum.def"
#undef AST_ENUM
#undef AST_VALUE

/* A function per kind, because only inside one can the rows name their own type: T. */
#define F_NAME(f) {#f, offsetof(T, f), FIELD_NAME, NULL},
#define F_NODE(f) {#f, offsetof(T, f), FIELD_NODE, NULL},
#define F_LIST(f) {#f, offsetof(T, f), FIELD_LIST, NULL},
#define F_WORD(f) {#f, offsetof(T, f), FIELD_WORD, NULL},
#define F_ENUM(f, name) {#f, offsetof(T, f), FIELD_WORD, texts_##name},
#define F_QTY(f) {#f, offsetof(T, f), FIELD_QTY, NULL},
#define AST(kind, type, rows)                                                      \
  static const AstInfo *info_##kind(void) {                                        \
    typedef type T;                                                                \
    static const AstField fields[] = {rows};                                       \
    static const AstInfo info = {#kind, sizeof(T), sizeof fields / sizeof *fields, fields}; \
    return &info;                                                                  \
  }
#include "lang/ast.def"
#undef AST

const AstInfo *ast_info(AstKind kind) {
  static const AstInfo *(*const infos[])(void) = {
#define AST(kind, type, rows) info_##kind,
#include "lang/ast.def"
#undef AST
  };
  assert((uint32_t)kind < AST_KIND_COUNT);
  return infos[kind]();
}

/* ---- nodes ---- */

Node *ast_new(Arena *arena, AstKind kind, Span span) {
  Node *n = arena_alloc(arena, ast_info(kind)->size);
  n->kind = (uint16_t)kind;
  n->span = span;
  return n;
}

Node *ast_check(Node *n, AstKind kind) {
  assert(n && n->kind == (uint16_t)kind);
  (void)kind;
  return n;
}

static const void *field_at(const Node *n, const AstField *f) { return (const char *)n + f->offset; }

/* ---- the dump: one field per line, absent ones left out ---- */

typedef struct Dump {
  const Intern *names;
  Buf *out;
  bool spans;
} Dump;

static void dump_node(Dump *d, const Node *n, unsigned depth);

static void dump_label(Dump *d, const AstField *f, unsigned depth) {
  buf_fill(d->out, ' ', 2 * (size_t)depth);
  buf_str(d->out, f->name);
  buf_str(d->out, ": ");
}

static void dump_name(Dump *d, const AstField *f, Name name, unsigned depth) {
  if (!name.atom) return;
  dump_label(d, f, depth);
  buf_json(d->out, intern_text(d->names, name.atom), intern_length(d->names, name.atom));
  if (d->spans) buf_printf(d->out, " @%u-%u", name.span.lo, name.span.hi);
  buf_char(d->out, '\n');
}

static void dump_list(Dump *d, const AstField *f, NodeList list, unsigned depth) {
  if (!list.len) return;
  buf_fill(d->out, ' ', 2 * (size_t)depth);
  buf_printf(d->out, "%s:\n", f->name);
  for (uint32_t i = 0; i < list.len; i++) {
    buf_fill(d->out, ' ', 2 * (size_t)depth + 2);
    dump_node(d, list.items[i], depth + 1);
  }
}

static void dump_word(Dump *d, const AstField *f, uint32_t value, unsigned depth) {
  if (!f->values && !value) return;
  dump_label(d, f, depth);
  buf_printf(d->out, "%s\n", f->values ? f->values[value] : "yes");
}

static void dump_field(Dump *d, const Node *n, const AstField *f, unsigned depth) {
  const void *at = field_at(n, f);
  switch ((FieldKind)f->kind) {
  case FIELD_NAME: dump_name(d, f, *(const Name *)at, depth); break;
  case FIELD_LIST: dump_list(d, f, *(const NodeList *)at, depth); break;
  case FIELD_WORD: dump_word(d, f, *(const uint32_t *)at, depth); break;
  case FIELD_NODE: {
    const Node *child = *(Node *const *)at;
    if (!child) break;
    dump_label(d, f, depth);
    dump_node(d, child, depth);
    break;
  }
  case FIELD_QTY:
    dump_label(d, f, depth);
    quantity_write(*(const Quantity *)at, d->out);
    buf_char(d->out, '\n');
    break;
  }
}

/* The node's kind on the line that is begun, its fields below. */
static void dump_node(Dump *d, const Node *n, unsigned depth) {
  const AstInfo *info = ast_info((AstKind)n->kind);
  buf_str(d->out, info->name);
  if (d->spans) buf_printf(d->out, " @%u-%u", n->span.lo, n->span.hi);
  buf_char(d->out, '\n');
  for (uint32_t i = 0; i < info->field_count; i++) dump_field(d, n, &info->fields[i], depth + 1);
}

void ast_dump(const Node *n, const Intern *names, bool spans, Buf *out) {
  Dump d = {.names = names, .out = out, .spans = spans};
  dump_node(&d, n, 0);
}

/* ---- equality ---- */

static bool equal_nodes(const Node *a, const Node *b) { return a == b || (a && b && ast_equal(a, b)); }

static bool equal_lists(NodeList a, NodeList b) {
  if (a.len != b.len) return false;
  for (uint32_t i = 0; i < a.len; i++) {
    if (!equal_nodes(a.items[i], b.items[i])) return false;
  }
  return true;
}

static bool equal_fields(const Node *a, const Node *b, const AstField *f) {
  const void *p = field_at(a, f), *q = field_at(b, f);
  switch ((FieldKind)f->kind) {
  case FIELD_NAME: return ((const Name *)p)->atom == ((const Name *)q)->atom;
  case FIELD_NODE: return equal_nodes(*(Node *const *)p, *(Node *const *)q);
  case FIELD_LIST: return equal_lists(*(const NodeList *)p, *(const NodeList *)q);
  case FIELD_WORD: return *(const uint32_t *)p == *(const uint32_t *)q;
  case FIELD_QTY: {
    const Quantity *x = p, *y = q;
    return x->kind == y->kind && x->value == y->value;
  }
  }
  return false;
}

bool ast_equal(const Node *a, const Node *b) {
  if (a->kind != b->kind) return false;
  const AstInfo *info = ast_info((AstKind)a->kind);
  for (uint32_t i = 0; i < info->field_count; i++) {
    if (!equal_fields(a, b, &info->fields[i])) return false;
  }
  return true;
}
