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

File *parse_with_comments(const Source *s, Arena *a, Intern *names, DiagSink *sink, SpanList *comments) {
  Parse *p = xcalloc(1, sizeof *p);
  *p = (Parse){.source = s, .arena = a, .names = names, .sink = sink, .comments = comments};
  know_words(p);
  scan_open(p);
  syn_parse(p);
  scan_close(p);
  File *file = p->file;
  if (!file) file = (File *)ast_new(a, AST_FILE, (Span){s->base, s->base + s->len});
  buf_done(&p->scratch);
  vec_done(&p->nodes);
  free(p->word_token);
  free(p);
  return file;
}
