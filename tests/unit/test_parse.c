/* Parsing as a function: what it gives for any bytes, and that words are what their table says. */
#include <config.h>

#include "lang/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/keyword.h"
#include "lang/limits.h"

typedef struct Parsed {
  Arena *arena;
  Intern *names;
  SourceMap *map;
  DiagSink *sink;
  char *text;
  File *file;
} Parsed;

/* The text may lie in memory that cannot be written to: it is const all the way. */
static Parsed parse(const char *text, size_t len, SpanList *comments) {
  Parsed p = {.arena = arena_new(), .names = intern_new(), .text = xcalloc(len + 2, 1)};
  memcpy(p.text, text, len);
  p.map = source_map_new(p.arena);
  p.sink = diag_sink_new(p.arena, p.map);
  const Source *s = source_add(p.map, "test.runbook", p.text, len);
  p.file = parse_with_comments(s, p.arena, p.names, p.sink, comments);
  assert_memory_equal(p.text, text, len);
  return p;
}

static Parsed parse_text(const char *text) { return parse(text, strlen(text), NULL); }

static void done(Parsed *p) {
  intern_free(p->names);
  arena_free(p->arena);
  free(p->text);
}

static uint32_t errors_of(const char *text) {
  Parsed p = parse_text(text);
  uint32_t errors = diag_errors(p.sink);
  done(&p);
  return errors;
}

static void test_tree_has_holes(void **state) {
  (void)state;
  Parsed p = parse_text("role a\nrole 5\nrunbook r {\n  wait 5min\n  wait\n  wait 1min\n}\nfoo\nrole b\n");
  assert_int_equal(diag_errors(p.sink), 3);
  assert_int_equal(p.file->decls.len, 3);
  RunbookDecl *r = ast_cast(RunbookDecl, RUNBOOK, p.file->decls.items[1]);
  assert_int_equal(ast_cast(Block, BLOCK, r->body)->stmts.len, 2);
  done(&p);
}

static void test_always_a_tree(void **state) {
  (void)state;
  static const char *const texts[] = {"", "\n\n", "}", "{", "\"", "\"${", "#", "module", "module 5\n", "runbook",
                                      "runbook r {"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    Parsed p = parse_text(texts[i]);
    assert_non_null(p.file);
    assert_int_equal(p.file->node.kind, AST_FILE);
    done(&p);
  }
}

static void test_spans(void **state) {
  (void)state;
  Parsed p = parse_text("module m\nrunbook r {\n  drain(n) within 5min\n}\n");
  RunbookDecl *r = ast_cast(RunbookDecl, RUNBOOK, p.file->decls.items[0]);
  Call *c = ast_cast(Call, CALL, ast_cast(Block, BLOCK, r->body)->stmts.items[0]);
  SrcPos base = source_at(p.map, 0)->base;
  assert_int_equal(r->node.span.lo - base, 9);
  assert_int_equal(c->node.span.lo - base, 23);
  assert_int_equal(c->node.span.hi - base, 43);
  assert_int_equal(c->name.span.hi - c->name.span.lo, 5);
  assert_string_equal(intern_text(p.names, p.file->module.atom), "m");
  done(&p);
}

static void test_comments(void **state) {
  (void)state;
  SpanList comments = {0};
  static const char text[] = "# a\nrole r # b\nchannel c \"# no\" #\n";
  Parsed p = parse(text, sizeof text - 1, &comments);
  assert_int_equal(comments.len, 3);
  SrcPos base = source_at(p.map, 0)->base;
  assert_int_equal(comments.items[0].lo - base, 0);
  assert_int_equal(comments.items[0].hi - base, 3);
  assert_int_equal(comments.items[1].lo - base, 11);
  assert_int_equal(comments.items[2].hi - comments.items[2].lo, 1);
  vec_done(&comments);
  done(&p);
}

/* A file with a mistake is read twice (parse.c): nothing of the first reading stays. */
static void test_read_again(void **state) {
  (void)state;
  SpanList comments = {0};
  vec_push(&comments, ((Span){7, 9}));
  static const char text[] = "# a\nrole r \"\\q\"\nrole 5 # b\nrole s\n";
  Parsed p = parse(text, sizeof text - 1, &comments);
  assert_int_equal(diag_count(p.sink), 2);
  assert_int_equal(p.file->decls.len, 2);
  assert_int_equal(comments.len, 3);
  assert_int_equal(comments.items[0].hi, 9);
  vec_done(&comments);
  done(&p);
}

/* Places stay right wherever a token lies in the scanner's window, which has 32 KiB at first, and at the end of the file,
 * where it is scanned in several goes: `7 x` is tried as a number with its unit. */
static void test_long_texts(void **state) {
  (void)state;
  static const char tail[] = "# end\nrole alpha\ntype Sku : one, two\nrole a 7 x";
  Buf text = BUF_INIT;
  for (size_t lead = (1 << 15) - sizeof tail; lead < (1 << 15) + 8; lead++) {
    buf_reset(&text);
    buf_fill(&text, '#', lead);
    buf_str(&text, tail);
    SpanList comments = {0};
    Parsed p = parse(text.data, text.len, &comments);
    SrcPos base = source_at(p.map, 0)->base;
    assert_int_equal(comments.items[0].lo, base);
    assert_int_equal(comments.items[0].hi - base, lead + 5);
    const RoleDecl *alpha = ast_cast(RoleDecl, ROLE, p.file->decls.items[0]);
    const TypeDecl *sku = ast_cast(TypeDecl, TYPE, p.file->decls.items[1]);
    assert_int_equal(alpha->name.span.lo - base, lead + 11);
    assert_string_equal(intern_text(p.names, alpha->name.atom), "alpha");
    assert_int_equal(sku->node.span.hi - base, lead + 36);
    assert_int_equal(diag_count(p.sink), 1);
    assert_int_equal(diag_get(p.sink, 0)->span.lo - base, text.len - 3);
    assert_int_equal(diag_get(p.sink, 0)->span.hi - base, text.len - 2);
    vec_done(&comments);
    done(&p);
  }
  buf_done(&text);
}

/* A keyword as a name of a parameter, behind a dot, and as a name of an action. */
static void test_words(void **state) {
  (void)state;
  char text[200];
  for (size_t i = 0; i < keyword_count; i++) {
    const Keyword *k = &keywords[i];
    bool name = k->class == WORD_SOFT || k->class == WORD_OPENER;
    snprintf(text, sizeof text, "runbook r {\n  param %s : int\n}\n", k->spelling);
    assert_int_equal(errors_of(text) == 0, name);
    snprintf(text, sizeof text, "runbook r {\n  a(n.%s)\n}\n", k->spelling);
    assert_int_equal(errors_of(text), 0);
    snprintf(text, sizeof text, "runbook r {\n  wait 1min\n  %s(n)\n}\n", k->spelling);
    if (k->class == WORD_SOFT) assert_int_equal(errors_of(text), 0);
    assert_true(strlen(k->sentence) > 0);
  }
}

/* Past the cap, errors are counted and the parse goes on. */
static void test_many_errors(void **state) {
  (void)state;
  Buf text = BUF_INIT;
  for (int i = 0; i < 5000; i++) buf_str(&text, "runbook r {\n  wiat 5min\n}\n");
  Parsed p = parse(text.data, text.len, NULL);
  assert_int_equal(diag_errors(p.sink), 5000);
  assert_int_equal(diag_count(p.sink), LIMIT_DIAGNOSTICS);
  assert_int_equal(p.file->decls.len, 5000);
  done(&p);
  buf_done(&text);
}

/* Depth of everything that nests: one past the limit is an error, and a million is no more than that. */
static void nest(Buf *text, const char *before, const char *open, int n, const char *middle, const char *close,
                 const char *after) {
  buf_reset(text);
  buf_str(text, before);
  for (int i = 0; i < n; i++) buf_str(text, open);
  buf_str(text, middle);
  for (int i = 0; i < n; i++) buf_str(text, close);
  buf_str(text, after);
}

static void test_nesting(void **state) {
  (void)state;
  static const struct { const char *before, *open, *middle, *close, *after; int most; } cases[] = {
      {"runbook r { wait ", "(", "5min", ")", " }", LIMIT_NESTING - 1},
      {"", "runbook r { ", "", "} ", "", 1},
      {"runbook r { ", "step s { ", "", "} ", "}", LIMIT_NESTING - 1},
      {"runbook r { notify c ", "\"${", "a", "}\"", " }", LIMIT_NESTING - 1},
      {"runbook r { require ", "not ", "a", "", " }", LIMIT_OPERATORS - 1},
      {"runbook r { require a", " of a", "", "", " }", LIMIT_OPERATORS - 1},
      {"runbook r { require a", ".a", "", "", " }", LIMIT_OPERATORS - 1},
      {"runbook r { require a", " + a", "", "", " }", LIMIT_OPERATORS - 1},
      {"runbook r { require ", "every a in b: ", "a", "", " }", LIMIT_OPERATORS - 1},
      {"runbook r { a()", " else a()", "", "", " }", LIMIT_OPERATORS - 1},
  };
  Buf text = BUF_INIT;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    nest(&text, cases[i].before, cases[i].open, cases[i].most, cases[i].middle, cases[i].close, cases[i].after);
    assert_int_equal(errors_of(text.data), 0);
    nest(&text, cases[i].before, cases[i].open, cases[i].most + 1, cases[i].middle, cases[i].close, cases[i].after);
    assert_true(errors_of(text.data) > 0);
    nest(&text, cases[i].before, cases[i].open, 1000000, cases[i].middle, cases[i].close, cases[i].after);
    assert_true(errors_of(text.data) > 0);
  }
  buf_done(&text);
}

/* Any bytes at all, also such as the loader would have refused. */
static void test_garbage(void **state) {
  (void)state;
#define PIECE(text) {text, sizeof text - 1}
  static const struct { const char *text; size_t len; } pieces[] = {
      PIECE("runbook "), PIECE("{"),  PIECE("}"),         PIECE("("),      PIECE(")"),  PIECE("\""),        PIECE("${"),
      PIECE("\n"),       PIECE("\\"), PIECE("#"),         PIECE("step "),  PIECE("5min"), PIECE(" "),       PIECE("\xff"),
      PIECE("\xe2\x80"), PIECE("\0"), PIECE("\xc3\xa9"),  PIECE("otherwise"), PIECE(" else "), PIECE("\r"), PIECE("/*"),
      PIECE("//"),       PIECE("together "), PIECE("${x}"),
  };
#undef PIECE
  uint32_t seed = 1;
  for (int round = 0; round < 3000; round++) {
    Buf text = BUF_INIT;
    for (int i = 0; i < 40; i++) {
      seed = seed * 1664525u + 1013904223u;
      uint32_t pick = (seed >> 16) % (sizeof pieces / sizeof *pieces);
      buf_add(&text, pieces[pick].text, pieces[pick].len);
    }
    Parsed p = parse(text.data, text.len, NULL);
    assert_non_null(p.file);
    done(&p);
    buf_done(&text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tree_has_holes), cmocka_unit_test(test_always_a_tree), cmocka_unit_test(test_spans),
      cmocka_unit_test(test_comments),       cmocka_unit_test(test_words),         cmocka_unit_test(test_many_errors),
      cmocka_unit_test(test_nesting),        cmocka_unit_test(test_garbage),    cmocka_unit_test(test_read_again),
      cmocka_unit_test(test_long_texts),
  };
  return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
