/* expected: see syntax_error.h. A set of tokens becomes a few words: the construct that they begin, where they begin
 * one, and otherwise the tokens themselves if they are few. */
#include <config.h>

#include "lang/grammar.h"
#include "lang/keyword.h"
#include "lang/syntax_error.h"

#define LISTED 4u /* more are not read */

bool expected_has(const Expected *e, int token) {
  for (uint32_t i = 0; i < e->count; i++) {
    if (e->tokens[i] == token) return true;
  }
  return false;
}

/* What is possible where a construct begins: `one` and `other`, but not `without` (every word can be a name, so where
 * a name can stand, most words can). */
static const struct { int one, other, without; const char *text; } constructs[] = {
    {SYN_GATE, SYN_LITERAL, 0, "a condition"},
    {SYN_LITERAL, SYN_TEXT, SYN_STALE, "a value"},
    {SYN_OWNER, SYN_STEP, SYN_NEEDS, "a statement or a clause of the runbook"},
    {SYN_CONFIRM, SYN_STEP, SYN_NEEDS, "a statement"},
    {SYN_KIND, SYN_RUNBOOK, SYN_NEEDS, "a declaration"},
    {SYN_NEEDS, SYN_TAKES, SYN_STEP, "a clause of an action"},
    {SYN_BIND, SYN_ZONE, SYN_STEP, "a clause of a site"},
    {SYN_FAIL, SYN_KEEP, SYN_STEP, "an action or an exit"},
};

static const char *construct_of(const Expected *e) {
  for (size_t i = 0; i < sizeof constructs / sizeof *constructs; i++) {
    bool possible = expected_has(e, constructs[i].one) && expected_has(e, constructs[i].other);
    if (possible && !(constructs[i].without && expected_has(e, constructs[i].without))) return constructs[i].text;
  }
  return NULL;
}

/* Operators may follow any expression; nobody needs to be told. */
static bool is_operator(int token) {
  switch (token) {
  case '+': case '-': case '*': case '/': case '.': case '<': case '>': case SYN_LE: case SYN_GE: case SYN_NE:
  case SYN_IS: case SYN_AND: case SYN_OR: case SYN_MAY: case SYN_OF: case SYN_IN: case SYN_NOT: case SYN_AT:
    return true;
  default: return false;
  }
}

/* Tokens that the phrase for a name covers. */
static bool is_name(int token) {
  const Keyword *k = keyword_of_token(token);
  return token == SYN_WORD || (k && (k->class == WORD_SOFT || k->class == WORD_OPENER));
}

static void add(Buf *out, const char *text, uint32_t i, uint32_t count) {
  if (i) buf_str(out, i + 1 == count ? " or " : ", ");
  buf_str(out, text);
}

static const char *token_text(int token, Arena *arena) {
  switch (token) {
  case SYN_WORD: case SYN_TEXT: case SYN_LITERAL: return syntax_token_name(token);
  case SYN_NL: return "the end of the line";
  case SYN_END: return "the end of the file";
  default: break;
  }
  if (token < 256) return arena_printf(arena, "`%c`", token);
  return arena_printf(arena, "`%s`", syntax_token_name(token));
}

/* The tokens worth naming; names and operators are one thing each, the second half of a pair says nothing new. */
static uint32_t essence(const Expected *e, int *out, uint32_t room, bool operators) {
  bool counted = expected_has(e, SYN_WORD) && expected_has(e, '+'); /* 5 nodes: the name may be left out */
  bool names = expected_has(e, SYN_WORD) && !counted;
  uint32_t n = 0;
  for (uint32_t i = 0; i < e->count; i++) {
    int t = e->tokens[i];
    bool named = (names && t != SYN_WORD && is_name(t)) || (counted && t == SYN_WORD);
    bool half = t == SYN_TEXT_HEAD || t == SYN_SYN_UNDEF || t == SYN_SYN_error;
    if (named || half || (!operators && is_operator(t))) continue;
    if (n == room) return room + 1;
    out[n++] = t;
  }
  return n;
}

const char *expected_text(const Expected *e, Arena *arena) {
  const char *construct = construct_of(e);
  if (construct) return construct;
  int tokens[LISTED];
  uint32_t n = essence(e, tokens, LISTED, false);
  if (n == 0) n = essence(e, tokens, LISTED, true);
  if (n == 0) return NULL;
  if (n > LISTED) return expected_has(e, SYN_NL) ? "the end of the line or a further clause" : NULL;
  Buf out = BUF_INIT;
  for (uint32_t i = 0; i < n; i++) add(&out, token_text(tokens[i], arena), i, n);
  const char *text = arena_string(arena, out.data, out.len);
  buf_done(&out);
  return text;
}

/* Beyond these nobody looks for the right one. */
enum { OPENERS_LEAST = 2, OPENERS_MOST = 24 };

/* Pairs of words that are one token stand together in grammar.y. */
static bool is_word(int token) { return keyword_of_token(token) || (token >= SYN_ON_FAILED && token <= SYN_IN_ORDER); }

const char *expected_openers(const Expected *e, Arena *arena) {
  uint32_t words = 0, n = 0;
  for (uint32_t i = 0; i < e->count; i++) words += is_word(e->tokens[i]);
  if (words < OPENERS_LEAST || words > OPENERS_MOST || expected_has(e, SYN_WORD) || expected_has(e, SYN_LITERAL)) return NULL;
  Buf out = BUF_INIT;
  for (uint32_t i = 0; i < e->count; i++)
    if (is_word(e->tokens[i])) add(&out, token_text(e->tokens[i], arena), n++, words);
  const char *text = arena_string(arena, out.data, out.len);
  buf_done(&out);
  return text;
}
