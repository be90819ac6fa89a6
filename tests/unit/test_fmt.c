/* The formatter's three promises, on files of the tree and on random mutations of them: what it prints is the same
 * tree, formatting it again changes nothing, and no comment is lost. */
#include <config.h>

#include "lang/fmt.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/parse.h"
#include "stdlib/stdlib.h"

typedef struct Bench {
  Arena *arena;
  Intern *names;
  SourceMap *map;
  DiagSink *sink;
} Bench;

static Bench bench_new(void) {
  Bench b = {.arena = arena_new(), .names = intern_new()};
  b.map = source_map_new(b.arena);
  b.sink = diag_sink_new(b.arena, b.map);
  return b;
}

static void bench_done(Bench *b) {
  intern_free(b->names);
  arena_free(b->arena);
}

static const Source *add(Bench *b, const char *text, size_t len) {
  char *copy = arena_alloc(b->arena, len + 2);
  if (len) memcpy(copy, text, len);
  return source_add(b->map, "a.runbook", copy, len);
}

static uint32_t comments_of(Bench *b, const Source *s, File **ret_file) {
  SpanList comments = {0};
  *ret_file = parse_with_comments(s, b->arena, b->names, b->sink, &comments);
  uint32_t n = comments.len;
  vec_done(&comments);
  return n;
}

/* False when the text has errors, and then it must be refused. */
static bool check_promises(const char *text, size_t len) {
  Bench b = bench_new();
  const Source *first = add(&b, text, len);
  Buf once = BUF_INIT, twice = BUF_INIT;
  bool good = fmt_source(first, b.arena, b.names, b.sink, &once);
  if (good) {
    File *before, *after;
    const Source *second = add(&b, once.data, once.len);
    uint32_t comments = comments_of(&b, first, &before);
    assert_int_equal(comments_of(&b, second, &after), comments);
    assert_int_equal(diag_errors(b.sink), 0);
    assert_true(ast_equal(&before->node, &after->node));
    assert_true(fmt_source(second, b.arena, b.names, b.sink, &twice));
    assert_int_equal(once.len, twice.len);
    if (once.len) assert_memory_equal(once.data, twice.data, once.len);
  } else {
    assert_int_equal(once.len, 0);
    assert_true(diag_errors(b.sink) > 0);
  }
  buf_done(&once);
  buf_done(&twice);
  bench_done(&b);
  return good;
}

/* ---- the files ---- */

static char *everything;
static size_t everything_len;

static int load_everything(void **state) {
  (void)state;
  const char *srcdir = getenv("srcdir");
  char path[4096];
  snprintf(path, sizeof path, "%s/tests/conformance/parse/everything.runbook", srcdir ? srcdir : ".");
  FILE *f = fopen(path, "rb");
  if (!f) return -1;
  everything = xmalloc(1 << 20);
  everything_len = fread(everything, 1, 1 << 20, f);
  return fclose(f);
}

static int free_everything(void **state) {
  (void)state;
  free(everything);
  return 0;
}

static void test_everything(void **state) {
  (void)state;
  assert_true(everything_len > 0);
  assert_true(check_promises(everything, everything_len));
}

static void test_library(void **state) {
  (void)state;
  for (size_t i = 0; i < stdlib_files.count; i++) {
    assert_true(check_promises(stdlib_files.files[i].text, stdlib_files.files[i].len));
  }
}

/* ---- mutations ---- */

static uint32_t random_below(uint32_t *seed, uint32_t n) {
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 8) % n;
}

typedef struct Piece { const char *text; uint32_t len; } Piece;

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* Words, texts, comments, runs of blanks, single signs. */
static uint32_t split(const char *s, size_t len, Piece *pieces) {
  uint32_t n = 0;
  for (size_t i = 0; i < len;) {
    size_t from = i++;
    if (is_word(s[from])) while (i < len && is_word(s[i])) i++;
    else if (s[from] == ' ') while (i < len && s[i] == ' ') i++;
    else if (s[from] == '#') while (i < len && s[i] != '\n') i++;
    else if (s[from] == '"') {
      while (i < len && s[i] != '"' && s[i] != '\n') i += s[i] == '\\' ? 2 : 1;
      i = i < len ? i + 1 : len;
    }
    pieces[n++] = (Piece){s + from, (uint32_t)(i - from)};
  }
  return n;
}

/* One declaration, so that a mutation seldom spoils more than it is worth. */
static Piece random_declaration(uint32_t *seed) {
  uint32_t at = random_below(seed, (uint32_t)everything_len);
  while (at && !(everything[at - 1] == '\n' && is_word(everything[at]))) at--;
  uint32_t end = at + 1;
  while (end < everything_len && !(everything[end - 1] == '\n' && is_word(everything[end]))) end++;
  return (Piece){everything + at, end - at};
}

static void mutate(uint32_t *seed, Piece *pieces, uint32_t n, const Piece *all, uint32_t all_len, Buf *out) {
  static const char *const insertions[] = {" # c\n", "\n",    "\n\n\n", "\n  # own\n", ",", "(",
                                           ")",      " not ", " else ", "}",           "{"};
  uint32_t kind = random_below(seed, 6), a = random_below(seed, n), b = random_below(seed, n);
  Piece swap = pieces[a];
  if (kind == 0) pieces[a] = pieces[b], pieces[b] = swap;
  if (kind == 1) pieces[a].len = 0;
  if (kind == 2) pieces[a] = all[random_below(seed, all_len)];
  for (uint32_t i = 0; i < n; i++) {
    buf_add(out, pieces[i].text, pieces[i].len);
    if (kind == 3 && i == a) buf_str(out, insertions[random_below(seed, sizeof insertions / sizeof *insertions)]);
    bool here = kind >= 4 && pieces[i].text[0] == ' ' && random_below(seed, 8) == 0;
    if (here) buf_str(out, insertions[random_below(seed, 4)]);
  }
}

static void test_mutations(void **state) {
  (void)state;
  Piece *all = xcalloc(everything_len, sizeof *all), *pieces = xcalloc(everything_len, sizeof *pieces);
  uint32_t all_len = split(everything, everything_len, all), seed = 7, good = 0;
  for (int round = 0; round < 3000; round++) {
    Piece decl = random_declaration(&seed);
    uint32_t n = split(decl.text, decl.len, pieces);
    Buf text = BUF_INIT;
    mutate(&seed, pieces, n, all, all_len, &text);
    good += check_promises(text.data, text.len);
    buf_done(&text);
  }
  assert_true(good > 300); /* else the mutations test the parser only */
  free(all);
  free(pieces);
}

static void test_refusal(void **state) {
  (void)state;
  static const char text[] = "runbook r {\n  wiat 5min\n}\n";
  assert_false(check_promises(text, sizeof text - 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_everything),
      cmocka_unit_test(test_library),
      cmocka_unit_test(test_mutations),
      cmocka_unit_test(test_refusal),
  };
  return cmocka_run_group_tests_name("fmt", tests, load_everything, free_everything);
}
