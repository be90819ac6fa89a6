/* ast: the syntax tree. Nodes live in the arena of the compilation and are never freed alone. The parser builds
 * them (grammar actions call constructors and nothing else); resolve and types write only the annotations
 * (Node.type, Node.meaning, Name.symbol). A tree can be dumped, compared and formatted through the field table, so a new node
 * is a row of ast.def and a rule of the grammar. Depth is bounded by LIMIT_NESTING, so walkers may recurse. */
#ifndef TAGOUT_LANG_AST_H
#define TAGOUT_LANG_AST_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/intern.h"
#include "lang/quantity.h"
#include "lang/source.h"
#include <stdint.h>

struct Symbol; /* types.h */

typedef enum AstKind {
#define AST(kind, type, fields) AST_##kind,
#include "lang/ast.def"
#undef AST
  AST_KIND_COUNT
} AstKind;

typedef struct Node {
  uint16_t kind;   /* AstKind */
  uint8_t poison;  /* a mistake in it was reported: later passes stay silent about it */
  uint8_t meaning; /* which of its meanings it has (OfMeaning, MemberMeaning, RefMeaning of symbols.h), 0 before the checker */
  uint32_t type;   /* TypeId of an expression (types.h), 0 before the checker */
  Span span;
} Node;

typedef struct NodeList { Node **items; uint32_t len; } NodeList;

/* What is behind the first n of it; an empty list has no items to count from. */
static inline NodeList list_behind(NodeList list, uint32_t n) {
  return n < list.len ? (NodeList){list.items + n, list.len - n} : (NodeList){NULL, 0};
}

typedef struct Name {
  Atom atom;             /* 0: absent */
  Span span;
  struct Symbol *symbol; /* what it means, written by resolve; NULL before, or when unknown (reported) */
} Name;

/* The enums of the tree: typedef enum EffectMode { EFFECT_IS, ... } EffectMode; */
#define AST_ENUM(name, values) typedef enum name { values } name;
#define AST_VALUE(value, text) value,
#include "lang/ast_enum.def"
#undef AST_ENUM
#undef AST_VALUE

/* The structs: struct Step { Node node; Name name; Node *title; ... } */
#define F_NAME(f) Name f;
#define F_NODE(f) Node *f;
#define F_LIST(f) NodeList f;
#define F_WORD(f) uint32_t f;
#define F_ENUM(f, name) uint32_t f;
#define F_QTY(f) Quantity f;
#define AST(kind, type, fields) typedef struct type { Node node; fields } type;
#include "lang/ast.def"
#undef AST
#undef F_NAME
#undef F_NODE
#undef F_LIST
#undef F_WORD
#undef F_ENUM
#undef F_QTY

/* The field table: what ast_dump, ast_equal and fmt walk. */
typedef enum FieldKind { FIELD_NAME, FIELD_NODE, FIELD_LIST, FIELD_WORD, FIELD_QTY } FieldKind;
typedef struct AstField {
  const char *name;
  uint16_t offset;
  uint16_t kind;             /* FieldKind */
  const char *const *values; /* FIELD_WORD: the texts of an enum's values, NULL for a flag */
} AstField;
typedef struct AstInfo { const char *name; uint16_t size; uint16_t field_count; const AstField *fields; } AstInfo;
const AstInfo *ast_info(AstKind kind);

Node *ast_new(Arena *arena, AstKind kind, Span span); /* zeroed, of the right size */
/* A node as its struct; the kind is asserted. */
#define ast_cast(Type, KIND, n) ((Type *)ast_check((n), AST_##KIND))
Node *ast_check(Node *n, AstKind kind);
/* Stable indented text of the tree, with names and values, without positions unless spans. */
void ast_dump(const Node *n, const Intern *names, bool spans, Buf *out);
/* Same tree, positions and annotations aside. */
bool ast_equal(const Node *a, const Node *b);

#endif
