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

typedef struct Name {
  Atom atom;             /* 0: absent */
  Span span;
  struct Symbol *symbol; /* what it means, written by resolve; NULL before, or when unknown (reported) */
} Name;

typedef enum EffectMode { EFFECT_IS, EFFECT_MAY, EFFECT_MAY_BECOME } EffectMode;
typedef enum RepeatMode { REPEAT_SAFE, REPEAT_CHECK, REPEAT_ASK } RepeatMode;
typedef enum BacklogMode { BACKLOG_DISCARD, BACKLOG_REPLAY } BacklogMode;
typedef enum FinallyRule { FINALLY_RELEASED, FINALLY_NOT_ABANDONED } FinallyRule;
typedef enum BindWhat { BIND_ACTION, BIND_FACT, BIND_AUTOMATION, BIND_SETTING, BIND_NATIVE } BindWhat;
typedef enum LimitMode { LIMIT_AT_ONCE, LIMIT_PER_TIME, LIMIT_ALL_AT_ONCE } LimitMode; /* group: `per row` */
typedef enum HandlerOn { ON_ELSE, ON_FAILED, ON_UNKNOWN, ON_NO, ON_SILENCE } HandlerOn;
typedef enum ArmMode { ARM_AT_LEAST, ARM_AT_MOST, ARM_IS, ARM_UNKNOWN, ARM_OTHERWISE } ArmMode;
typedef enum BinaryOp { OP_AND, OP_OR, OP_LT, OP_LE, OP_GT, OP_GE, OP_ADD, OP_SUB, OP_MUL, OP_DIV } BinaryOp;
typedef enum UnaryOp { OP_NOT, OP_NEG } UnaryOp;
typedef enum IsMode { IS_IS, IS_NOT, IS_MAY_BE, IS_IN, IS_NOT_IN } IsMode;
typedef enum Quantifier { QUANT_EVERY, QUANT_SOME, QUANT_COUNT } Quantifier;
typedef enum OutcomeWord { OUTCOME_OK, OUTCOME_FAILED, OUTCOME_UNKNOWN } OutcomeWord;
typedef enum TimesWord { TIMES_ONCE, TIMES_ALWAYS, TIMES_COUNT } TimesWord;
typedef enum AnswerWord { ANSWER_YES, ANSWER_NO, ANSWER_SILENT } AnswerWord;
typedef enum GivenEventWord { GIVEN_CRASH, GIVEN_CANCEL } GivenEventWord;
typedef enum MemberWord { MEMBERS_HANDED_OVER, MEMBERS_SET_ASIDE, MEMBERS_KEPT_OUT, MEMBERS_LEFT_OUT, MEMBERS_DONE } MemberWord;

/* The structs: struct Step { Node node; Name name; Node *title; ... } */
#define F_NAME(f) Name f;
#define F_NODE(f) Node *f;
#define F_LIST(f) NodeList f;
#define F_WORD(f) uint32_t f;
#define F_QTY(f) Quantity f;
#define AST(kind, type, fields) typedef struct type { Node node; fields } type;
#include "lang/ast.def"
#undef AST
#undef F_NAME
#undef F_NODE
#undef F_LIST
#undef F_WORD
#undef F_QTY

/* The field table: what ast_dump, ast_equal and fmt walk. */
typedef enum FieldKind { FIELD_NAME, FIELD_NODE, FIELD_LIST, FIELD_WORD, FIELD_QTY } FieldKind;
typedef struct AstField { const char *name; uint16_t offset; uint16_t kind; } AstField;
typedef struct AstInfo { const char *name; uint16_t size; uint16_t field_count; const AstField *fields; } AstInfo;
extern const AstInfo ast_info[AST_KIND_COUNT];

Node *ast_new(Arena *arena, AstKind kind, Span span); /* zeroed, of the right size */
/* A node as its struct; the kind is asserted. */
#define ast_cast(Type, KIND, n) ((Type *)ast_check((n), AST_##KIND))
Node *ast_check(Node *n, AstKind kind);
/* Stable indented text of the tree, with names and values, without positions unless spans. */
void ast_dump(const Node *n, const Intern *names, bool spans, Buf *out);
/* Same tree, positions and annotations aside. */
bool ast_equal(const Node *a, const Node *b);

#endif
