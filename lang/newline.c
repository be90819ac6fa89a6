/* newline: the filter between scanner and parser. A statement ends with its line, unless the line ends in a word or a
 * sign that waits for more, or the next begins with one that goes on (keyword.def, and the signs below). So a token
 * that follows a newline is held back while the parser gets NL; a NL is also put before `}` and the end of the file.
 * It bears the place of the end of the line, so that a missing word is missed there and not one line too late.
 *
 * The filter also knows the open brackets, because two things hang on them: inside ( ) a newline is a blank, and a
 * bracket that is not closed must cost one message and not the rest of the file. At the end of the file it closes what
 * is open, so that the parser sees a whole file. Constructs of a later version are reported here and left out. */
#include <config.h>

#include "lang/grammar.h"
#include "lang/parse_state.h"
#include <assert.h>

/* What a token does to lines, to the depth of an expression, and to the stack of brackets. */
enum { BREAKS = 0, GOES_ON = 1, WAITS = 2, BINDS = 3, DEEPENS = 4, BRACKET = 8, LATER = 16 };

static const uint8_t traits[512] = {
    [','] = BINDS,
    ['('] = WAITS | BRACKET,
    [')'] = GOES_ON | BRACKET,
    ['{'] = BINDS | BRACKET,
    ['}'] = BRACKET,
    ['='] = BINDS,
    [':'] = BINDS,
    ['<'] = BINDS,
    ['>'] = BINDS,
    [SYN_LE] = BINDS,
    [SYN_GE] = BINDS,
    [SYN_NE] = BINDS,
    ['+'] = BINDS | DEEPENS,
    ['-'] = BINDS | DEEPENS,
    ['*'] = BINDS | DEEPENS,
    ['/'] = BINDS | DEEPENS,
    ['.'] = BINDS | DEEPENS,
    [SYN_NL] = WAITS | BRACKET,
    [SYN_TEXT] = GOES_ON,
    [SYN_TEXT_HEAD] = GOES_ON | BRACKET,
    [SYN_TEXT_TAIL] = BRACKET,
    [SYN_ON_FAILED] = GOES_ON,
    [SYN_ON_UNKNOWN] = GOES_ON,
    [SYN_ON_NO] = GOES_ON,
    [SYN_ON_SILENCE] = GOES_ON,
    [SYN_ON_INCIDENT] = 0,
    [SYN_IN_ORDER] = GOES_ON,
    [SYN_NEXT_PHASE] = 0,
    [SYN_NEXT_DATE] = 0,
    [SYN_AFTER_FAILED_DAY] = 0,
#define RESERVED 0
#define OPENER 0
#define SOFT 0
#define KEYWORD(token, spelling, class, newline, sentence) [SYN_##token] = (class) | (newline),
#include "lang/keyword.def"
#undef KEYWORD
#undef RESERVED
#undef OPENER
#undef SOFT
};

/* Words that can stand many times in one expression or exit, each time one level deeper. */
static bool deepens(int kind) {
  switch (kind) {
  case SYN_AND: case SYN_OR: case SYN_NOT: case SYN_OF: case SYN_EVERY: case SYN_SOME: case SYN_THEN:
  case SYN_ELSE: return true;
  default: return traits[kind] & DEEPENS;
  }
}

uint32_t parse_indent(const Parse *p, SrcPos pos) {
  const char *at = parse_text(p, pos), *line = at;
  while (line > p->source->text && line[-1] != '\n') line--;
  uint32_t n = 0;
  while (line + n < at && (line[n] == ' ' || line[n] == '\t')) n++;
  return n;
}

/* ---- open brackets ---- */

void filter_report_opener(Parse *p, const Opener *o, Span found) {
  parse_mark_reported(p);
  bool brace = o->bracket == '{', text = o->bracket == '$';
  Diag *d = diag_new(p->sink, E_UNCLOSED, found, "`%s` is not closed", brace ? "{" : text ? "${" : "(");
  const char *where = brace ? "here at the latest" : "before this";
  diag_primary_label(p->sink, d, "expected `%s` %s", o->bracket == '(' ? ")" : "}", where);
  diag_label(p->sink, d, o->span, "opened here");
}

static void too_deep(Parse *p, Span span) {
  if (p->stopped) return;
  p->stopped = true;
  Diag *d = diag_new(p->sink, E_NESTING, span, "more than %u brackets and blocks inside each other", LIMIT_NESTING);
  diag_note(p->sink, d, "the rest of the file was not read");
}

void syntax_too_deep(Parse *p, Span span) { too_deep(p, span); }

static void push(Parse *p, char bracket, Span span) {
  if (p->depth == LIMIT_NESTING) {
    too_deep(p, span);
    return;
  }
  p->openers[++p->depth] = (Opener){.span = span, .bracket = bracket};
  if (bracket == '$') p->strings++;
  if (bracket != '{') return;
  p->block = p->depth;
  p->openers[p->depth].indent = p->indent;
}

static void pop(Parse *p) {
  const Opener *o = &p->openers[p->depth--];
  if (o->bracket == '$') p->strings--;
  if (o->bracket != '{') return;
  for (p->block = p->depth; p->block && p->openers[p->block].bracket != '{';) p->block--;
}

static bool in_parentheses(const Parse *p) { return p->depth && p->openers[p->depth].bracket != '{'; }

/* Brackets that are still open where a block begins or ends cannot be closed any more. */
static void drop_parentheses(Parse *p, Span found) {
  if (!in_parentheses(p)) return;
  if (!p->openers[p->block].reported) filter_report_opener(p, &p->openers[p->depth], found);
  p->keep_reported = true;
  while (in_parentheses(p)) pop(p);
}

void filter_forget_parentheses(Parse *p) {
  while (p->depth && p->openers[p->depth].bracket == '(') {
    pop(p);
    p->forgot = true;
  }
}

void filter_imply_block(Parse *p, Span header) {
  push(p, '{', header);
  if (p->stopped) return;
  p->openers[p->depth].implied = true;
  p->openers[p->depth].indent = parse_indent(p, header.lo);
}

bool filter_begins_line(const Parse *p, SrcPos pos) {
  const char *at = parse_text(p, pos);
  while (at > p->source->text && (at[-1] == ' ' || at[-1] == '\t')) at--;
  return at == p->source->text || at[-1] == '\n';
}

/* A `}` that stands left of the line that opened its block closes another one: remember whose closer is missing. */
static void suspect(Parse *p, Span closer) {
  const Opener *o = &p->openers[p->depth];
  if (p->suspect.span.hi || !filter_begins_line(p, closer.lo) || parse_indent(p, closer.lo) >= o->indent) return;
  p->suspect = *o;
}

/* The block that `}` closes. False: there is none, and the token is left out. */
static bool close_block(Parse *p, Span closer) {
  drop_parentheses(p, closer);
  while (p->depth && p->openers[p->depth].implied) {
    bool ours = !filter_begins_line(p, closer.lo) || parse_indent(p, closer.lo) >= p->openers[p->depth].indent;
    pop(p);
    p->openers[p->block].reported = false;
    if (ours) return false;
  }
  if (p->depth) {
    suspect(p, closer);
    return true;
  }
  if (p->uncertain) return false;
  p->unbalanced = true;
  Diag *d = diag_new(p->sink, E_UNMATCHED_CLOSER, closer, "`}` closes nothing");
  if (p->suspect.span.hi) diag_label(p->sink, d, p->suspect.span, "the block that opens here may end too early");
  return false;
}

/* ---- tokens of the scanner ---- */

static void account(Parse *p, const Token *t) {
  switch (t->kind) {
  case '(': push(p, '(', t->span); break;
  case '{': push(p, '{', t->span); break;
  case SYN_TEXT_HEAD: push(p, '$', t->span); break;
  case ')':
    if (p->depth && p->openers[p->depth].bracket == '(') {
      pop(p);
      p->closer = t->span.lo;
    }
    break;
  case SYN_TEXT_TAIL:
    while (p->strings && p->openers[p->depth].bracket != '$') pop(p);
    if (p->strings) pop(p);
    break;
  case '}': pop(p); break;
  default: break;
  }
}

/* `while` is a word of this version too, but no declaration begins with it. */
static bool is_later(const Parse *p, int kind) {
  return traits[kind] & LATER || (kind == SYN_WHILE && p->depth == 0);
}

/* Leaves out a construct that this version does not have: to the end of its line, with the blocks that it opens. */
static void skip_construct(Parse *p, Token *t) {
  uint32_t depth = p->depth;
  int32_t open = 0;
  do {
    if (t->kind == '{') open++;
    if (t->kind == '}') open--;
    if (t->kind != '{' && t->kind != '}') account(p, t);
    p->newline = false;
    scan_token(t, p->scanner);
  } while (t->kind != SYN_END && (open > 0 || (!p->newline && t->kind != '}')));
  while (p->depth > depth) pop(p);
  p->newline = true;
}

static void report_later(Parse *p, const Token *t) {
  const char *what = intern_text(p->names, t->atom);
  Diag *d = diag_new(p->sink, E_LATER, t->span, "`%s` comes in a later version", what);
  diag_primary_label(p->sink, d, "this version cannot read it");
  if (t->kind == SYN_WHILE) diag_note(p->sink, d, "`while CONDITION start no member` stands in the head of a runbook");
}

/* Whether the token that the scanner just gave is the first of a statement, a clause or a declaration. */
static bool begins_statement(const Parse *p) {
  int before = parse_token(p, 0)->kind;
  if (!before || before == SYN_NL || before == '{') return true;
  return p->newline && !in_parentheses(p) && !(traits[before] & WAITS);
}

/* Leaves out what belongs to a declaration whose brace is missing: to the next line that is not indented. */
static void skip_indented(Parse *p, Token *t) {
  while (t->kind != SYN_END && (t->kind == '}' || !filter_begins_line(p, t->span.lo) || p->indent)) {
    if (t->kind != '{' && t->kind != '}') account(p, t);
    scan_token(t, p->scanner);
  }
  p->skip_lines = p->newline = false;
}

/* The scanner's next token in a text whose braces did not add up, with those that were missing and without those that
 * were too many. */
static void repaired_token(Parse *p, Token *t) {
  const BraceRepair *r = p->repairs->items + p->repaired, *end = p->repairs->items + p->repairs->len;
  if (p->is_displaced) {
    *t = p->displaced;
    p->newline = true; /* as when it was scanned */
  } else {
    scan_token(t, p->scanner);
  }
  while (r < end && !r->opener.hi && t->kind == '}' && t->span.lo == r->at) {
    scan_token(t, p->scanner);
    r++;
  }
  p->is_displaced = r < end && r->opener.hi && t->span.lo >= r->at;
  if (p->is_displaced) {
    p->displaced = *t;
    *t = (Token){.kind = '}', .span = span_make(r->at, r->at)};
    r++;
  }
  p->repaired = (uint32_t)(r - p->repairs->items);
}

static void read_token(Parse *p, Token *t) {
  if (p->repairs) repaired_token(p, t);
  else scan_token(t, p->scanner);
}

/* The next token of the scanner that the parser is to see; what it opens or closes is not yet accounted for. */
static void next_token(Parse *p, Token *t) {
  do {
    read_token(p, t);
    if (p->skip_block && t->kind == '{' && p->depth == 0) skip_construct(p, t);
    while (is_later(p, t->kind) && begins_statement(p)) {
      report_later(p, t);
      skip_construct(p, t);
    }
    if (t->kind == '{' || t->kind == SYN_END) drop_parentheses(p, t->span);
  } while (t->kind == '}' && !close_block(p, t->span));
  if (parse_token(p, 0)->kind == '.' && t->atom && t->kind != SYN_TEXT) t->kind = SYN_WORD;
}

/* A line that begins, not indented, with `runbook NAME` and the like is a declaration, whatever is still open. */
static bool declares(const Parse *p, const Token *t) {
  switch (t->kind) {
  case SYN_MODULE: case SYN_KIND: case SYN_TYPE: case SYN_FACT: case SYN_ACTION: case SYN_AUTOMATION: case SYN_HAZARD:
  case SYN_POLICY: case SYN_SITE: case SYN_RUNBOOK: case SYN_PROCEDURE: case SYN_TEST: case SYN_INCIDENT:
  case SYN_CAMPAIGN: break;
  default: return false;
  }
  const char *at = parse_text(p, t->span.lo), *behind = parse_text(p, t->span.hi);
  if (at != p->source->text && at[-1] != '\n') return false;
  while (*behind == ' ') behind++;
  return *behind == '"' || *behind == '_' || (*behind >= 'A' && *behind <= 'Z') || (*behind >= 'a' && *behind <= 'z');
}

/* In front of the end of the file or of a declaration: the closers of blocks still open, one at each call. */
static void close_before(Parse *p, Token *t) {
  const Opener *o = p->suspect.span.hi ? &p->suspect : &p->openers[p->depth];
  if (!p->is_pending && !o->implied && !p->uncertain) {
    filter_report_opener(p, o, t->span);
    p->unbalanced = true;
  }
  p->pending = *t;
  p->is_pending = true;
  while (p->depth && p->openers[p->depth].implied) pop(p);
  if (p->depth) {
    *t = (Token){.kind = '}', .span = {t->span.lo, t->span.lo}};
    return;
  }
  p->is_pending = p->uncertain = false;
  p->suspect.span.hi = 0;
  p->newline = true;
}

static void next_in_block(Parse *p, Token *t) {
  if (p->is_pending) {
    *t = p->pending;
    close_before(p, t);
    return;
  }
  next_token(p, t);
  if (!p->depth || (t->kind != SYN_END && !declares(p, t))) return;
  drop_parentheses(p, t->span);
  close_before(p, t);
}

static bool ends_line(const Parse *p, int kind) {
  int before = parse_token(p, 0)->kind;
  if (!before) return false;
  if (kind == '}' || kind == SYN_END) return before != SYN_NL && before != '{';
  return p->newline && !in_parentheses(p) && !(traits[before] & WAITS) && !(traits[kind] & GOES_ON);
}

/* An expression is at most as deep as it has operators. */
static void count_operator(Parse *p, const Token *t) {
  if (++p->operators != LIMIT_OPERATORS) return;
  p->stopped = true;
  Diag *d = diag_new(p->sink, E_NESTING, t->span, "more than %u operators in one statement", LIMIT_OPERATORS);
  diag_note(p->sink, d, "the rest of the file was not read");
}

static void deliver(Parse *p, const Token *t) {
  if (t->kind == SYN_NL) {
    p->openers[p->block].reported = p->keep_reported || p->keep_next;
    p->keep_next = false;
    p->skip_block = p->forgot = p->keep_reported = false;
  }
  if (traits[t->kind] & BRACKET) {
    if (t->kind == SYN_NL || t->kind == '{' || t->kind == '}') p->operators = 0;
    account(p, t);
  } else if (deepens(t->kind)) {
    count_operator(p, t);
  }
}

const Token *filter_next(Parse *p) {
  Token *t = &p->ring[(p->now + 1) % 4];
  if (p->holding) {
    p->holding = false;
    if (p->skip_lines) skip_indented(p, t);
  } else {
    next_in_block(p, t);
    if (ends_line(p, t->kind)) {
      p->ring[(p->now + 2) % 4] = *t;
      p->holding = true;
      SrcPos end = parse_token(p, 0)->span.hi;
      t->kind = SYN_NL;
      t->atom = 0;
      t->span = span_make(end, end);
    } else {
      p->keep_reported = false;
    }
    p->newline = false;
  }
  p->now++;
  deliver(p, t);
  if (p->stopped) t->kind = SYN_END;
  return t;
}
