/* syntax_error: what is said when the parser cannot go on. The parser knows which tokens it could take (with LAC,
 * exactly those). Habits and slips that are recognised get a message of their own, tried in the order of `slips`; the
 * rest is "expected ..., found ...", which names the construct when there are many possibilities. One statement gets
 * one message: what follows from it is silent (Opener.reported). */
#include <config.h>

#include "lang/syntax_error.h"

#include "lang/grammar.h"
#include "lang/keyword.h"
#include "lang/suggest.h"
#include <ctype.h>
#include <string.h>

bool syntax_error_wanted(Parse *p) {
  /* The statement that a brace opens a block of belongs to the block around it. */
  uint32_t block = p->block;
  if (parse_token(p, 0)->kind == '{' && block) {
    for (block--; block && p->openers[block].bracket != '{';) block--;
  }
  if (p->stopped || p->openers[block].reported) return false;
  p->openers[block].reported = true;
  /* Of braces that nobody wanted, inside each other, the first is enough. */
  if (parse_token(p, 0)->kind != '{') return true;
  bool nested = parse_token(p, 1)->kind == '{' && parse_token(p, 1)->span.lo == p->stray_brace;
  p->stray_brace = parse_token(p, 0)->span.lo;
  return !nested;
}

static bool could(const Slip *s, int token) { return expected_has(&s->expected, token); }
static Diag *report(const Slip *s, DiagCode code, Span span, const char *message, const char *word) {
  return diag_new(s->p->sink, code, span, message, word);
}
static const char *spelling(const Slip *s, Span span) {
  return arena_string(s->p->arena, parse_text(s->p, span.lo), span_length(span) < 60 ? span_length(span) : 60);
}
static bool opens_line(int kind) { return !kind || kind == SYN_NL || kind == '{'; }

/* ---- words ---- */

#define SHORTEST_WORD 3u /* of fewer letters any word is one */

static bool offer_fix(const Slip *s, Span span, const Suggest *near) {
  const char *best = suggest_best(near);
  if (!best || near->len < SHORTEST_WORD) return false;
  Diag *d = report(s, E_MISSPELT_WORD, span, "`%s` is not a word of the language", spelling(s, span));
  diag_fix(s->p->sink, d, span, false, best, "did you mean `%s`?", best);
  return true;
}

/* A name where one of some words belongs: drain(n) witihn 30min. */
static bool misspelt_here(const Slip *s) {
  if (s->found != SYN_WORD) return false;
  Suggest near = suggest_begin(parse_text(s->p, s->span.lo), span_length(s->span));
  for (size_t i = 0; i < keyword_count; i++) {
    if (could(s, keywords[i].token)) suggest_offer(&near, keywords[i].spelling);
  }
  return offer_fix(s, s->span, &near);
}

/* Names begin lines in kinds, where a colon follows, in hazards, where `of` does, and in blocks of statements. */
static bool opens_statement(const Slip *s, const Keyword *k) {
  if (could(s, ':')) return k->token == SYN_KEY;
  if (could(s, SYN_OF)) return k->token == SYN_WHEN || k->token == SYN_EVERY;
  return k->class == WORD_OPENER || k->token == SYN_LOCKOUT || k->token == SYN_GATE || k->token == SYN_FOR;
}

/* A name that began the statement and is none of its words: lockuot nsd on nodes. */
static bool misspelt_before(const Slip *s) {
  if (s->before.kind != SYN_WORD || !opens_line(parse_token(s->p, 2)->kind) || s->found == '(') return false;
  Span span = s->before.span;
  Suggest near = suggest_begin(parse_text(s->p, span.lo), span_length(span));
  for (size_t i = 0; i < keyword_count; i++) {
    if (opens_statement(s, &keywords[i])) suggest_offer(&near, keywords[i].spelling);
  }
  if (s->found != SYN_NL && offer_fix(s, span, &near)) return true;
  if (!could(s, '(')) return false;
  Diag *d = report(s, E_MISSPELT_WORD, span, "`%s` begins no statement", spelling(s, span));
  diag_note(s->p->sink, d, "an action is called with its arguments in parentheses: `%s(%s)`", spelling(s, span),
            s->found == SYN_WORD ? spelling(s, s->span) : "n");
  return true;
}

/* A reserved word where only a name can stand. */
static bool reserved(const Slip *s) {
  const Keyword *k = keyword_of_token(s->found);
  bool closed = k && (k->class == WORD_RESERVED || k->class == WORD_LATER);
  bool name_only = could(s, SYN_WORD) && !could(s, SYN_LITERAL) && !could(s, '+') && !could(s, SYN_NL) && !could(s, SYN_END);
  if (!closed || !name_only) return false;
  Diag *d = report(s, E_RESERVED_WORD, s->span, "`%s` is a word of the language and cannot be a name", k->spelling);
  diag_note(s->p->sink, d, "behind a `.` any word is a name");
  return true;
}

/* hand over to hardware-repair */
static bool hyphen(const Slip *s) {
  const Parse *p = s->p;
  if (s->found != '-' || s->before.kind != SYN_WORD || s->before.span.hi != s->span.lo) return false;
  Span name = s->before.span;
  const char *at = parse_text(p, s->span.hi);
  while (isalnum((unsigned char)*at) || *at == '_' || *at == '-') at++;
  name.hi = p->source->base + (SrcPos)(at - p->source->text);
  char *fixed = arena_string(p->arena, parse_text(p, name.lo), span_length(name));
  for (char *c = fixed; *c; c++) {
    if (*c == '-') *c = '_';
  }
  Diag *d = report(s, E_SYNTAX, name, "a name has no hyphen: `%s` would be a subtraction", spelling(s, name));
  diag_fix(p->sink, d, name, false, fixed, "names are written with `_`");
  return true;
}

/* select ... inside a step */
static bool head_in_block(const Slip *s) {
  switch (s->found) {
  case SYN_OWNER: case SYN_USE: case SYN_OBEY: case SYN_PARAM: case SYN_SELECT: case SYN_LEAVE: case SYN_WINDOW:
  case SYN_BUDGET: case SYN_GOAL: case SYN_REQUIRE: case SYN_WHILE: break;
  default: return false;
  }
  if (!opens_line(s->before.kind) || !could(s, SYN_STEP)) return false;
  Diag *d = report(s, E_MISPLACED, s->span, "`%s` stands in the head of a runbook, not in a block",
                   spelling(s, s->span));
  if (s->found == SYN_WHILE)
    diag_note(s->p->sink, d, "there is no loop: `confirm CONDITION within 10min else ...` reads until it holds");
  if (s->found != SYN_SELECT) return true;
  diag_note(s->p->sink, d, "what a step finds out selects with `after step NAME`, also in the head");
  return true;
}

/* ---- brackets and blocks ---- */

/* drain(n and then the next line */
static bool unclosed(const Slip *s) {
  Parse *p = s->p;
  bool open = p->depth && p->openers[p->depth].bracket == '(' && could(s, ')');
  if (!open || !filter_begins_line(p, s->span.lo)) return false;
  filter_report_opener(p, &p->openers[p->depth], (Span){s->before.span.hi, s->before.span.hi});
  return true;
}

static bool unmatched(const Slip *s) {
  if (s->found != ')' || s->p->closer == s->span.lo) return false;
  for (uint32_t i = s->p->depth; i > s->p->block; i--) {
    if (s->p->openers[i].bracket == '(') return false;
  }
  if (s->p->forgot) return false;
  report(s, E_UNMATCHED_CLOSER, s->span, "`%s` closes nothing", ")");
  return true;
}

/* The line after the one that ends at pos, if it is indented deeper than the line of `from`. */
static bool goes_deeper(const Parse *p, SrcPos from, SrcPos pos) {
  const char *at = parse_text(p, pos), *end = p->source->text + p->source->len;
  while (at < end && *at != '\n') at++;
  for (const char *line = at; line < end; line = at) {
    uint32_t indent = 0;
    for (at = line + 1; at < end && (*at == ' ' || *at == '\t' || *at == '\r'); at++) indent++;
    if (at < end && *at != '\n' && *at != '#') return indent > parse_indent(p, from);
    while (at < end && *at != '\n') at++;
  }
  return false;
}

/* step drain for each n in nodes, and no `{` at the end of the line */
static bool missing_block(const Slip *s) {
  if (s->found != SYN_NL || !could(s, '{') || could(s, SYN_SET)) return false;
  Parse *p = s->p;
  Diag *d = report(s, E_MISSING_BLOCK, s->span, "`%s` is missing: a block follows here", "{");
  diag_fix(p->sink, d, s->span, true, " {", "open the block");
  if (!goes_deeper(p, s->before.span.lo, s->span.hi)) return true;
  if (p->depth == 0) p->skip_lines = true;
  else filter_imply_block(p, s->before.span);
  return true;
}

/* otherwise { on a line of its own */
static bool stray_branch(const Slip *s) {
  bool otherwise = s->found == '{' && s->before.kind == SYN_OTHERWISE && opens_line(parse_token(s->p, 2)->kind);
  bool unknown = s->found == SYN_UNKNOWN && opens_line(s->before.kind);
  if (!otherwise && !unknown) return false;
  Span span = otherwise ? s->before.span : s->span;
  Diag *d = report(s, E_OTHERWISE_LINE, span, "`%s` stands on the line of the `}` before it", spelling(s, span));
  diag_note(s->p->sink, d, "write `} %s {`: a line that begins with it would be a statement of its own",
            spelling(s, span));
  return true;
}

/* ---- expressions ---- */

static bool equals(const Slip *s) {
  if (s->found != '=' || !could(s, SYN_IS)) return false;
  char next = *parse_text(s->p, s->span.hi);
  if (next == '<' || next == '>') { /* =< */
    Span both = {s->span.lo, s->span.hi + 1};
    const char *ours = next == '<' ? "<=" : ">=";
    Diag *d = report(s, E_FOREIGN_OPERATOR, both, "it is written `%s`", ours);
    diag_fix(s->p->sink, d, both, true, ours, "write `%s`", ours);
    return true;
  }
  Diag *d = report(s, E_FOREIGN_OPERATOR, s->span, "values are compared with `%s`", "is");
  diag_fix(s->p->sink, d, s->span, true, "is", "write `is`");
  return true;
}

static bool quantifier(const Slip *s) {
  bool is_one = s->found == SYN_EVERY || s->found == SYN_SOME || s->found == SYN_COUNT;
  if (!is_one || !could(s, SYN_LITERAL) || !could(s, SYN_WORD)) return false;
  Diag *d = report(s, E_QUANTIFIER_PLACE, s->span, "`%s` inside a condition stands in parentheses",
                   spelling(s, s->span));
  diag_note(s->p->sink, d, "it takes the whole rest of the condition: `A and (every n in nodes: B)`");
  return true;
}

/* A call among operands: only `tried` can follow it. */
static bool call_as_value(const Slip *s) {
  if (!could(s, SYN_TRIED) || s->expected.count > 1) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "an action has no value: expected `tried` behind it");
  diag_note(s->p->sink, d,
            "`shut_down(n) tried since power_on(n)` asks whether it was; facts are read as `power of n`");
  return true;
}

/* ---- the rest ---- */

static const char *found_text(const Slip *s) {
  switch (s->found) {
  case SYN_END: return "the end of the file";
  case SYN_NL: return "the end of the line";
  case SYN_TEXT: case SYN_TEXT_HEAD: return "a text";
  case SYN_TEXT_MID: case SYN_TEXT_TAIL: return "the rest of the text";
  default: return arena_printf(s->p->arena, "`%s`", spelling(s, s->span));
  }
}

static void expected_found(Slip *s) {
  Parse *p = s->p;
  const char *found = found_text(s), *what = expected_text(&s->expected, p->arena);
  Diag *d = what ? diag_new(p->sink, E_SYNTAX, s->span, "expected %s, found %s", what, found)
                 : diag_new(p->sink, E_SYNTAX, s->span, "%s cannot stand here", found);
  const Opener *o = &p->openers[p->depth];
  if (p->depth && o->bracket == '(' && could(s, ')')) diag_label(p->sink, d, o->span, "this is not closed yet");
  const char *openers = opens_line(s->before.kind) ? expected_openers(&s->expected, p->arena) : NULL;
  if (openers) diag_note(p->sink, d, "a line here begins with %s", openers);
  syntax_shape(s, d);
}

static bool (*const slips[])(const Slip *) = {
    unclosed,   syntax_habit, misspelt_before, misspelt_here, stray_branch, head_in_block, missing_block,
    quantifier, equals,          call_as_value, hyphen,       unmatched,     reserved,
};

void syntax_error(Parse *p, int found, Span span, const int *expected, uint32_t count) {
  Slip s = {.p = p, .found = found, .span = span, .before = *parse_token(p, 1), .expected = {expected, count}};
  bool known = false;
  for (size_t i = 0; i < sizeof slips / sizeof *slips && !known; i++) known = slips[i](&s);
  if (!known) expected_found(&s);
  /* The rest of the line is not read, so its brackets do not count. */
  filter_forget_parentheses(p);
  if (p->depth == 0 && opens_line(parse_token(p, 1)->kind)) p->skip_block = true;
  bool goes_on = syntax_gate(&s); /* its `for each` stands on the next line */
  if (found != SYN_NL) p->keep_next = goes_on;
  else if (!goes_on && !p->openers[p->depth].implied) p->openers[p->block].reported = false;
}
