/* fmt_state: what the parts of the formatter share. fmt.c owns lines, breaks and comments; fmt_put.c the small print
 * language; fmt_expr.c, fmt_stmt.c, fmt_head.c and fmt_decl.c know what each node looks like. Internal to the
 * formatter. */
#ifndef TAGOUT_LANG_FMT_STATE_H
#define TAGOUT_LANG_FMT_STATE_H

#include "lang/ast.h"
#include "lang/buf.h"

typedef struct Comment {
  Span span;
  bool done; /* printed */
} Comment;

/* A line of the result. Comments are put behind their lines last, so that neighbours can be aligned. */
typedef struct OutLine {
  uint32_t text, len;  /* in Fmt.text */
  uint32_t indent;
  uint32_t comment;    /* 1 + index of the comment behind the text, 0 for none */
  bool blank_before;
} OutLine;

/* A blank of the line that grows where the line may end; rather at a stronger one. */
typedef enum Strength { BREAK_VALUE, BREAK_PHRASE, BREAK_CLAUSE, BREAK_STRENGTHS } Strength;
typedef struct Break { uint32_t at; Strength strength; } Break;

typedef struct Fmt {
  const Source *source;
  const Intern *names;
  Arena *arena;
  Comment *comments;   /* in order of place */
  uint32_t comment_count;
  Buf line;            /* the logical line that grows */
  VEC(Break) breaks;
  Buf text;
  VEC(OutLine) lines;
  uint32_t indent;     /* in blanks */
  bool opened;         /* the line before opens a block: no blank line behind it */
  bool blank;          /* a blank line goes before the next line */
  bool in_automation;  /* a parameter here is its `on` line */
  bool in_incident;    /* a parameter here is a field */
  const Node *bare;    /* the comparison whose values stand without parentheses */
  SrcPos header;       /* begin of the source of the line that grows: comments from here on belong to it */
} Fmt;

/* fmt.c */
void fmt_break(Fmt *f, Strength strength);                  /* a blank, or the end of a line that is too long */
/* Ends the logical line, which was made from the source up to `to`. */
void fmt_end_line(Fmt *f, SrcPos to);
/* { items }: from: where the source of the header ends; to: the place of the closing brace. pad: cells of the first
 * word of each line, or 0. */
void fmt_block(Fmt *f, const NodeList *items, SrcPos from, SrcPos to, uint32_t pad);
void fmt_braces(Fmt *f, const Node *block);                /* of a Block node */

/* fmt_put.c. The format holds text and: ~ ^ ` a blank where the line may
 * end: before a clause, a phrase, a value; %s const char *; %n const Name *; %e Node *,
 * whole condition; %c condition; %o operand; %v value; %w const NodeList *, with commas; %t Node *, a text behind a
 * break, or nothing when NULL. */
void fmt_put(Fmt *f, const char *format, ...);

/* fmt_expr.c */
typedef enum Level { LEVEL_FULL, LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_ADD, LEVEL_MUL, LEVEL_NEG,
                    LEVEL_OF, LEVEL_WORD } Level;
void fmt_expr(Fmt *f, const Node *n, Level least);
void fmt_binder(Fmt *f, const Node *binder, Level where);
void fmt_guard(Fmt *f, const Node *condition);             /* at most instead of <= */
void fmt_values_bare(Fmt *f, const Node *condition);       /* the last comparison's values without parentheses */
void fmt_period(Fmt *f, const Node *period);               /* hour instead of 1h */

/* fmt_stmt.c, fmt_head.c, fmt_decl.c: one line and its blocks, without the end of the line. */
bool fmt_statement(Fmt *f, const Node *n);                 /* false: it is a clause or a declaration */
void fmt_clause(Fmt *f, const Node *n, uint32_t pad);
bool fmt_head(Fmt *f, const Node *n);                      /* false: it is no clause of a runbook's head */
bool fmt_campaign(Fmt *f, const Node *n);                /* false: it is no clause of a campaign */
bool fmt_site_clause(Fmt *f, const Node *n);
bool fmt_test_clause(Fmt *f, const Node *n);
void fmt_type(Fmt *f, const Node *type);
void fmt_limit(Fmt *f, const Node *limit);
void fmt_fan(Fmt *f, const Node *fan);

#endif
