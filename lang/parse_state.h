/* parse_state: what one parse owns, shared by the scanner, the newline filter, the grammar's actions and the messages
 * about syntax. Internal to the front end: others include parse.h. */
#ifndef TAGOUT_LANG_PARSE_STATE_H
#define TAGOUT_LANG_PARSE_STATE_H

#include "lang/ast.h"
#include "lang/braces.h"
#include "lang/diag.h"
#include "lang/limits.h"
#include "lang/parse.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A list that grows while its rule is read: items [start, start + len) of Parse.nodes. Lists nest, so the vector is a
 * stack; what error recovery abandons above a list is cut off by the next push to it. */
typedef struct List { uint32_t start, len; } List;

/* An opening bracket that waits for its closer: ( { or the ${ of a string. */
typedef struct Opener {
  Span span;
  uint32_t indent;  /* blanks before the first byte of its line */
  char bracket;     /* '(' '{' '$' */
  bool implied;     /* `{` that was missing: reported, and its closer is swallowed */
  bool reported;    /* this statement's syntax error was reported; `{` and the file's own level only */
} Opener;

/* One 64-bit store: bison copies spans whole, and a load that is put together from two stores waits for both. */
static inline Span span_make(SrcPos lo, SrcPos hi) {
  Span s;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  uint64_t both = (uint64_t)hi << 32 | lo;
#else
  uint64_t both = (uint64_t)lo << 32 | hi;
#endif
  memcpy(&s, &both, sizeof s);
  return s;
}

/* A token as the scanner made it. */
typedef struct Token {
  int kind;  /* SYN_... of grammar.h, 0 at the end of the file */
  Atom atom; /* of a word or of a string's text */
  Span span;
} Token;

typedef struct Parse {
  const Source *source;
  Arena *arena;
  char *room;                 /* where the next node goes, in a piece of the arena */
  size_t room_left;
  Intern *names;
  DiagSink *sink;
  SpanList *comments;         /* where comments are noted, or NULL */
  void *scanner;              /* flex's state */
  uint32_t filled;            /* bytes of the text that went into flex's window; others read source->text */
  SrcPos scanned;             /* behind the token at hand */
  uint16_t *word_token;       /* by atom: token of a keyword, 0 for other names */
  Atom word_limit;            /* atoms from here on are no keywords */
  Buf scratch;                /* decoded text of the string at hand */
  VEC(Node *) nodes;          /* lists under construction */
  /* the newline filter */
  Token ring[4];              /* the last tokens that the parser got, and the one that is held back behind them */
  uint32_t now;               /* the last one is ring[now % 4]; never copied, for a token is made in its place */
  bool holding;               /* the newline was given first */
  Token pending;              /* a declaration that waits for the blocks before it to be closed */
  bool is_pending;
  bool keep_next;             /* the line behind this one belongs to the statement that was reported */
  bool keep_reported;         /* the message is about the line that ends now */
  SrcPos open_text;           /* the last text without its end, 0 for none */
  SrcPos closer;              /* the last `)` that had an opening one */
  SrcPos quoted;              /* behind the last text in quotes of another sort */
  SrcPos stray_brace;         /* the last `{` that could not stand */
  bool uncertain;             /* a text without its end may have hidden brackets: say nothing about them */
  uint32_t indent;            /* blanks before the first token of the line that the scanner is in */
  bool newline;               /* a line ended since the last token of the scanner */
  bool stopped;               /* the nesting limit was passed: the rest is not read, and nothing more is said */
  bool slipped;               /* of the quick parser: it met a syntax error */
  bool skip_block;            /* the declaration is unknown: its block is not read */
  bool skip_lines;            /* the block of a declaration lacks its brace: what is indented is not read */
  bool forgot;                /* an error closed parentheses: their `)` may still come on this line */
  uint32_t operators;         /* of the current statement; bounds the depth of an expression */
  uint32_t depth;             /* openers in use; the innermost is openers[depth] */
  uint32_t strings;           /* of which are ${ */
  uint32_t block;             /* innermost opener that is a {, or 0, the file */
  bool unbalanced;            /* the braces of the file do not add up, as far as the filter saw */
  const BraceRepairs *repairs; /* NULL in the first reading: what makes them add up */
  uint32_t repaired;          /* of which were made */
  Token displaced;            /* the token that a missing `}` was put in front of */
  bool is_displaced;
  Opener suspect;             /* `{` whose closer seems to be missing, by indentation; span {0,0} when none */
  Opener openers[LIMIT_NESTING + 2]; /* [0] is the file */
  File *file;
} Parse;

/* scanner.l */
void scan_open(Parse *p);
void scan_close(Parse *p);
int scan_token(Token *ret, void *scanner); /* flex's function; the kind */

/* The parsers of grammar.y. Neither fails: what cannot be read is reported, or, by the quick one, noted in slipped. */
int syn_parse(Parse *p);
int quick_parse(Parse *p);

/* newline.c: what bison calls. */
const Token *filter_next(Parse *p);
/* A `{` that is missing at the end of a line: what follows is read as its block. */
void filter_imply_block(Parse *p, Span header);
void filter_forget_parentheses(Parse *p); /* after an error: the rest of the line is not read */
bool filter_begins_line(const Parse *p, SrcPos pos); /* only blanks stand before it on its line */
void filter_report_opener(Parse *p, const Opener *o, Span found); /* "`(` is not closed" */

/* decode.c: plain functions from spelling to value; they report what is wrong. */
Atom decode_string(Parse *p, const char *bytes, size_t len, SrcPos lo);
Atom decode_name(Parse *p, const char *bytes, size_t len, Span span);
Node *decode_literal(Parse *p, Span span);

/* syntax_error.c */
bool syntax_error_wanted(Parse *p); /* false inside a statement that was reported already */
void syntax_error(Parse *p, int found, Span span, const int *expected, uint32_t count);
void syntax_too_deep(Parse *p, Span span);
const char *syntax_token_name(int token); /* grammar_expr.y */

static inline const char *parse_text(const Parse *p, SrcPos pos) { return p->source->text + (pos - p->source->base); }
/* The token that the parser got last, or so many before it. */
static inline const Token *parse_token(const Parse *p, uint32_t back) { return &p->ring[(p->now - back) % 4]; }
static inline size_t span_length(Span s) { return s.hi - s.lo; }
/* The statement at hand has its message: the rest of it is silent. */
static inline void parse_mark_reported(Parse *p) { p->openers[p->block].reported = true; }
/* Blanks before the first byte of the line of pos. */
uint32_t parse_indent(const Parse *p, SrcPos pos);

#endif
