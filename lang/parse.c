/* parse: see parse.h. Owns the life of scanner and parser; what they share is in parse_state.h.
 * Nearly every text that is read has no mistake, and to be ready for one costs time at every token. So a file is read
 * by the quick parser first. If anything is to be said about it, that reading is forgotten, and the parser that can say
 * it reads the file again from its begin. */
#include <config.h>

#include "lang/parse.h"

#include "lang/grammar.h"
#include "lang/keyword.h"
#include "lang/parse_state.h"
#include <stdlib.h>

/* The table from atoms to tokens. Keywords are the first names of a compilation, so that it is short. */
static void know_words(Parse *p) {
  for (size_t i = 0; i < keyword_count; i++) {
    Atom atom = intern_str(p->names, keywords[i].spelling);
    if (atom >= p->word_limit) p->word_limit = atom + 1;
  }
  p->word_token = xcalloc(p->word_limit, sizeof *p->word_token);
  for (size_t i = 0; i < keyword_count; i++) p->word_token[intern_str(p->names,
                                                                      keywords[i].spelling)] = keywords[i].token;
}

File *parse_source(const Source *s, Arena *a, Intern *names, DiagSink *sink) {
  return parse_with_comments(s, a, names, sink, NULL);
}

/* One reading by one of the parsers. p begins anew with what start holds; memory that can be used again stays. */
static void read_with(int (*parser)(Parse *), Parse *p, const Parse *start) {
  Parse anew = *start;
  anew.scratch = p->scratch;
  anew.nodes.items = p->nodes.items;
  anew.nodes.cap = p->nodes.cap;
  *p = anew;
  scan_open(p);
  parser(p);
  scan_close(p);
}

/* What a reading left outside of its own state. */
typedef struct Traces { DiagMark said; uint32_t comments; } Traces;

static Traces traces(const Parse *start) {
  return (Traces){diag_mark(start->sink), start->comments ? start->comments->len : 0};
}

static bool anything_said(const Parse *start, const Traces *before) {
  DiagMark now = diag_mark(start->sink);
  return now.count != before->said.count || now.dropped != before->said.dropped;
}

static void forget_reading(const Parse *start, const Traces *before) {
  diag_rewind(start->sink, before->said);
  if (start->comments) start->comments->len = before->comments;
}

static void report_missing_brace(const Parse *p, const BraceRepair *r) {
  bool at_end = r->at == p->source->base + p->source->len;
  Span place = {r->at, at_end ? r->at : r->at + 1};
  Diag *d = diag_new(p->sink, E_UNCLOSED, place, "`{` is not closed");
  diag_primary_label(p->sink, d, at_end ? "the file ends, and its `}` is missing"
                                        : "as far as the indentation tells, its `}` is missing before this line");
  diag_label(p->sink, d, r->opener, "opened here");
  if (at_end) return;
  SrcPos line = r->at - parse_indent(p, r->at);
  diag_fix(p->sink, d, (Span){line, line}, false, arena_printf(p->arena, "%*s}\n", (int)r->indent, ""),
           "close the block here");
}

static void report_stray_brace(const Parse *p, const BraceRepair *r) {
  Span place = {r->at, r->at + 1};
  Diag *d = diag_new(p->sink, E_UNMATCHED_CLOSER, place, "`}` closes nothing");
  diag_primary_label(p->sink, d, "as far as the indentation tells, this one is too many");
  diag_fix(p->sink, d, place, false, "", "remove it");
}

static void report_repairs(const Parse *p) {
  for (uint32_t i = 0; i < p->repairs->len; i++) {
    if (p->repairs->items[i].opener.hi) report_missing_brace(p, &p->repairs->items[i]);
    else report_stray_brace(p, &p->repairs->items[i]);
  }
}

static void read_file(Parse *p, Parse *start) {
  Traces before = traces(start);
  read_with(quick_parse, p, start);
  if (!p->slipped && !anything_said(start, &before)) return;
  forget_reading(start, &before);
  read_with(syn_parse, p, start);
  /* A brace too few or too many shifts every block behind it, and each would be reported: the file is read again with
   * that brace put right, and only the brace is said. */
  BraceRepairs repairs = {0};
  if (p->unbalanced && braces_repair(p->source, &repairs)) {
    forget_reading(start, &before);
    start->repairs = &repairs;
    report_repairs(start);
    read_with(syn_parse, p, start);
  }
  vec_done(&repairs);
}

File *parse_with_comments(const Source *s, Arena *a, Intern *names, DiagSink *sink, SpanList *comments) {
  Parse *p = xcalloc(1, sizeof *p), start = {.source = s, .arena = a, .names = names, .sink = sink, .comments = comments};
  know_words(&start);
  read_file(p, &start);
  File *file = p->file;
  if (!file) file = (File *)ast_new(a, AST_FILE, (Span){s->base, s->base + s->len});
  buf_done(&p->scratch);
  vec_done(&p->nodes);
  free(p->word_token);
  free(p);
  return file;
}
