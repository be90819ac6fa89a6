/* parse: see parse.h. Owns the life of scanner and parser; what they share is in parse_state.h. */
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

/* One reading. What the caller set in p stays; the rest of it is the reading's own. True: the braces add up. */
static bool read_file(Parse *p) {
  know_words(p);
  scan_open(p);
  syn_parse(p);
  scan_close(p);
  buf_done(&p->scratch);
  vec_done(&p->nodes);
  free(p->word_token);
  return !p->unbalanced;
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

/* A brace too few or too many shifts every block behind it, and each would be reported: the file is read again with
 * that brace put right, and only the brace is said. */
static File *read_again(const Parse *first, const BraceRepairs *repairs) {
  Parse *p = xcalloc(1, sizeof *p);
  *p = (Parse){.source = first->source,
               .arena = first->arena,
               .names = first->names,
               .sink = first->sink,
               .comments = first->comments,
               .repairs = repairs};
  for (uint32_t i = 0; i < repairs->len; i++) {
    if (repairs->items[i].opener.hi) report_missing_brace(p, &repairs->items[i]);
    else report_stray_brace(p, &repairs->items[i]);
  }
  read_file(p);
  File *file = p->file;
  free(p);
  return file;
}

File *parse_with_comments(const Source *s, Arena *a, Intern *names, DiagSink *sink, SpanList *comments) {
  Parse *p = xcalloc(1, sizeof *p);
  *p = (Parse){.source = s, .arena = a, .names = names, .sink = sink, .comments = comments};
  DiagMark mark = diag_mark(sink);
  uint32_t comment_count = comments ? comments->len : 0;
  BraceRepairs repairs = {0};
  if (!read_file(p) && braces_repair(s, &repairs)) {
    diag_rewind(sink, mark);
    if (comments) comments->len = comment_count;
    p->file = read_again(p, &repairs);
  }
  vec_done(&repairs);
  File *file = p->file;
  if (!file) file = (File *)ast_new(a, AST_FILE, (Span){s->base, s->base + s->len});
  free(p);
  return file;
}
