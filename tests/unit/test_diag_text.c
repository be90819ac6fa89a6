/* Goldens of the terminal renderer: marks stand below what they mean, whatever the text is made of. */
#include <config.h>

#include "lang/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/utf8.h"

typedef struct Setup {
  Arena *arena;
  SourceMap *map;
  DiagSink *sink;
  DiagStyle style;
} Setup;

static int begin(void **state) {
  Setup *s = xcalloc(1, sizeof *s);
  s->arena = arena_new();
  s->map = source_map_new(s->arena);
  s->sink = diag_sink_new(s->arena, s->map);
  *state = s;
  return 0;
}

static int end(void **state) {
  Setup *s = *state;
  arena_free(s->arena);
  free(s);
  return 0;
}

static Source *add(Setup *s, const char *name, const char *text) {
  size_t len = strlen(text);
  char *copy = arena_alloc(s->arena, len + 2);
  memcpy(copy, text, len);
  return source_add(s->map, name, copy, len);
}

/* The span of the first place of a text in a source. */
static Span find(const Source *source, const char *text) {
  const char *p = strstr(source->text, text);
  assert_non_null(p);
  SrcPos lo = source->base + (SrcPos)(p - source->text);
  return (Span){lo, lo + (SrcPos)strlen(text)};
}

/* Compares what is rendered, without the summary behind the last record. */
static void assert_text(Setup *s, const char *want) {
  Buf b = BUF_INIT;
  diag_render_text(s->sink, s->map, s->style, &b);
  char *summary = b.data, *next;
  while ((next = strstr(summary + 1, "\n\n"))) summary = next;
  assert_non_null(strstr(summary, "tells more\n"));
  summary[1] = '\0';
  if (strcmp(b.data, want) != 0) fail_msg("rendered:\n%s\nwanted:\n%s", b.data, want);
  buf_done(&b);
}

static void one_place_with_note_and_fix(void **state) {
  Setup *s = *state;
  Source *f = add(s, "night.runbook", "runbook night {\n  wait 2hors\n}\n");
  Diag *d = diag_new(s->sink, E_UNKNOWN_UNIT, find(f, "hors"), "there is no unit `hors`");
  diag_primary_label(s->sink, d, "not a unit");
  diag_note(s->sink, d, "the units are ms s min h d w\nand no other");
  diag_fix(s->sink, d, find(f, "hors"), false, "h", "write `h`");
  assert_text(s, "error[E0300]: there is no unit `hors`\n"
                 " --> night.runbook:2:9\n"
                 "  |\n"
                 "2 |   wait 2hors\n"
                 "  |         ^^^^ not a unit\n"
                 "  = note: the units are ms s min h d w\n"
                 "          and no other\n"
                 "help: write `h`\n"
                 "  |\n"
                 "2 |   wait 2h\n"
                 "  |         ~\n");
}

static const char fence[] = "a\nstep snapshot_primary {\nb\nc\n\n\n\n\nx\nY\nstep use after fence, snapshot\n";

static void places_on_several_lines(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", fence);
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, (Span){find(f, ", snapshot").lo + 2, find(f, ", snapshot").hi}, "no step has that name");
  diag_primary_label(s->sink, d, "not a step");
  diag_label(s->sink, d, find(f, "snapshot_primary"), "a similar name");
  diag_label(s->sink, d, find(f, "Y"), "one line above");
  diag_label(s->sink, d, find(f, "c"), "two lines below");
  assert_text(s, "error[E0305]: no step has that name\n"
                 "  --> f.runbook:11:23\n"
                 "   |\n"
                 " 2 | step snapshot_primary {\n"
                 "   |      ---------------- a similar name\n"
                 " 3 | b\n"
                 " 4 | c\n"
                 "   | - two lines below\n"
                 "...\n"
                 "10 | Y\n"
                 "   | - one line above\n"
                 "11 | step use after fence, snapshot\n"
                 "   |                       ^^^^^^^^ not a step\n");
}

static void labels_on_one_line_hang_below_each_other(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "  wait a + b + c\n");
  Diag *d = diag_new(s->sink, E_WRONG_QUANTITY, find(f, "+"), "mixed");
  diag_primary_label(s->sink, d, "cannot be added");
  diag_label(s->sink, d, find(f, "a +"), "whole");
  diag_label(s->sink, d, find(f, "b"), "a power");
  diag_label(s->sink, d, find(f, "c"), "unlike this");
  diag_label(s->sink, d, find(f, "wait"), "%s", "");
  assert_text(s, "error[E0306]: mixed\n"
                 " --> f.runbook:1:10\n"
                 "  |\n"
                 "1 |   wait a + b + c\n"
                 "  |   ---- --^ -   - unlike this\n"
                 "  |        | | |\n"
                 "  |        | | a power\n"
                 "  |        | cannot be added\n"
                 "  |        whole\n");
}

static void two_labels_of_one_place(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "drain(n)\n");
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, find(f, "drain"), "twice");
  diag_primary_label(s->sink, d, "the first");
  diag_label(s->sink, d, find(f, "drain"), "the second");
  assert_text(s, "error[E0305]: twice\n"
                 " --> f.runbook:1:1\n"
                 "  |\n"
                 "1 | drain(n)\n"
                 "  | ^^^^^ the second\n"
                 "  | |\n"
                 "  | the first\n");
}

static void several_files(void **state) {
  Setup *s = *state;
  Source *library = add(s, "power.runbook", "module power\nfact power of Node : on, off\n");
  Source *f = add(s, "f.runbook", "use power\nfact power of Rack : yes, no\n");
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, find(f, "power of"), "declared twice");
  diag_label(s->sink, d, find(library, "power of"), "first here");
  assert_text(s, "error[E0305]: declared twice\n"
                 " --> f.runbook:2:6\n"
                 "  |\n"
                 "2 | fact power of Rack : yes, no\n"
                 "  |      ^^^^^^^^\n"
                 " ::: power.runbook:2:6\n"
                 "  |\n"
                 "2 | fact power of Node : on, off\n"
                 "  |      -------- first here\n");
}

static void a_span_of_many_lines_shows_its_ends(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "x\n  step a {\n    b\n    c\n  } else\ny\n");
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, find(f, "step a {\n    b\n    c\n  }"), "too long");
  diag_primary_label(s->sink, d, "this step");
  assert_text(s, "error[E0305]: too long\n"
                 " --> f.runbook:2:3\n"
                 "  |\n"
                 "2 |   step a {\n"
                 "  |   ^^^^^^^^\n"
                 "...\n"
                 "5 |   } else\n"
                 "  |   ^ this step\n");
}

static void a_span_that_ends_in_a_line_end_is_one_line(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "drain\nx\n");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "drain\n"), "one line");
  assert_text(s, "error[E0305]: one line\n --> f.runbook:1:1\n  |\n1 | drain\n  | ^^^^^\n");
}

static void wide_combining_and_tabs(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "日本 x\ne\xCC\x81\xCC\x82 y\n\ta\tz\n\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9 w\n");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "本"), "wide");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "x"), "behind wide");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "y"), "behind combining");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "z"), "behind tabs");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "w"), "behind a joined emoji");
  assert_text(s, "error[E0305]: wide\n --> f.runbook:1:2\n  |\n1 | 日本 x\n  |   ^^\n\n"
                 "error[E0305]: behind wide\n --> f.runbook:1:4\n  |\n1 | 日本 x\n  |      ^\n\n"
                 "error[E0305]: behind combining\n --> f.runbook:2:3\n  |\n2 | e\xCC\x81\xCC\x82 y\n  |   ^\n\n"
                 "error[E0305]: behind tabs\n --> f.runbook:3:4\n  |\n3 |         a       z\n  |                 ^\n\n"
                 "error[E0305]: behind a joined emoji\n --> f.runbook:4:3\n  |\n"
                 "4 | \xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9 w\n  |    ^\n");
}

static void what_cannot_be_seen_is_escaped(void **state) {
  Setup *s = *state;
  Source *f = add(s, "\x1B[31mf.runbook", "a\xE2\x80\xAE" "b\x1B[2J c\n");
  Diag *d = diag_new(s->sink, E_BIDI_CONTROL, find(f, "\xE2\x80\xAE"), "see \x1B[0m");
  diag_primary_label(s->sink, d, "\x07 rings");
  diag_label(s->sink, d, find(f, "c"), "c");
  diag_note(s->sink, d, "\xFF is no text");
  assert_text(s, "error[E0022]: see \\x1B[0m\n"
                 " --> \\x1B[31mf.runbook:1:2\n"
                 "  |\n"
                 "1 | a\\u{202E}b\\x1B[2J c\n"
                 "  |  ^^^^^^^^         - c\n"
                 "  |  |\n"
                 "  |  \\x07 rings\n"
                 "  = note: \\xFF is no text\n");
}

static void the_end_of_a_file_and_empty_lines(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "a\n\nb");
  Source *empty = add(s, "empty.runbook", "");
  diag_new(s->sink, E_BAD_NUMBER, (Span){f->base + 2, f->base + 2}, "empty line");
  diag_new(s->sink, E_BAD_NUMBER, (Span){f->base + 4, f->base + 4}, "end");
  diag_new(s->sink, E_BAD_NUMBER, (Span){empty->base, empty->base}, "nothing");
  assert_text(s, "error[E0305]: empty line\n --> f.runbook:2:1\n  |\n2 |\n  | ^\n\n"
                 "error[E0305]: end\n --> f.runbook:3:2\n  |\n3 | b\n  |  ^\n\n"
                 "error[E0305]: nothing\n --> empty.runbook:1:1\n  |\n1 |\n  | ^\n");
}

static void data_files_and_no_place(void **state) {
  Setup *s = *state;
  Diag *d = diag_at(s->sink, E_BAD_NUMBER, "fleet.csv", 12, 3, "bad cell");
  diag_note(s->sink, d, "a note");
  diag_fix(s->sink, d, (Span){0, 0}, false, "", "write a number");
  diag_at(s->sink, E_BAD_NUMBER, "fleet.csv", 13, 0, "bad row");
  diag_at(s->sink, E_BAD_NUMBER, "x.plan", 0, 0, "bad file");
  diag_new(s->sink, E_BAD_NUMBER, (Span){0, 0}, "nowhere");
  static const char want[] = "error[E0305]: nowhere\n\n"
                             "error[E0305]: bad cell\n --> fleet.csv:12:3\n  = note: a note\nhelp: write a number\n\n"
                             "error[E0305]: bad row\n --> fleet.csv:13\n\n"
                             "error[E0305]: bad file\n --> x.plan\n";
  assert_text(s, want);
  s->map = NULL; /* data files only */
  assert_text(s, want);
}

static void fixes_of_several_lines(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "a\nstep x {\n}\n\nz\n");
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, find(f, "x"), "m");
  diag_fix(s->sink, d, find(f, "step"), true, "gate \"g\"\nstep", "insert a gate");
  diag_fix(s->sink, d, find(f, "x {\n}\n"), false, "", "remove the block");
  diag_fix(s->sink, d, (Span){find(f, "x").hi, find(f, "x").hi}, true, "y", "insert");
  diag_fix(s->sink, d, find(f, "a"), false, "1\n2\n3\n4\n5\n6\n7\n8\n9", "many");
  assert_text(s, "error[E0305]: m\n --> f.runbook:2:6\n  |\n2 | step x {\n  |      ^\n"
                 "help: insert a gate\n  |\n2 | gate \"g\"\n  | ~~~~~~~~\n3 | step x {\n  | ~~~~\n"
                 "help: remove the block\n  |\n2 | step \n"
                 "help: insert\n  |\n2 | step xy {\n  |       ~\n"
                 "help: many\n  |\n1 | 1\n  | ~\n2 | 2\n  | ~\n3 | 3\n  | ~\n4 | 4\n  | ~\n5 | 5\n  | ~\n"
                 "6 | 6\n  | ~\n7 | 7\n  | ~\n8 | 8\n  | ~\n...\n");
}

static void long_lines_are_cut_around_the_place(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "the beginning of a line that is far too long for a terminal HERE and it goes on and on\n");
  s->style.width = 44; /* 39 cells of text */
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, find(f, "HERE"), "in the middle");
  diag_primary_label(s->sink, d, "x");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "beginning"), "at the start");
  diag_new(s->sink, E_BAD_NUMBER, find(f, "on\n"), "at the end");
  assert_text(s, "error[E0305]: at the start\n --> f.runbook:1:5\n  |\n"
                 "1 | the beginning of a line that is far to…\n  |     ^^^^^^^^^\n\n"
                 "error[E0305]: in the middle\n --> f.runbook:1:61\n  |\n"
                 "1 | …r a terminal HERE and it goes on and …\n  |               ^^^^ x\n\n"
                 "error[E0305]: at the end\n --> f.runbook:1:85\n  |\n"
                 "1 | … a terminal HERE and it goes on and on\n  |                                      ^^\n");
}

static void labels_that_do_not_fit_move_left(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "shut_down(n) within the soft limit\n");
  s->style.width = 44;
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, find(f, "limit"), "m");
  diag_primary_label(s->sink, d, "twenty cells of text");
  diag_label(s->sink, d, find(f, "within"), "just thirty cells of a label..");
  diag_label(s->sink, d, find(f, "shut"), "a label that is in any case longer than the line has room");
  assert_text(s, "error[E0305]: m\n --> f.runbook:1:30\n  |\n"
                 "1 | shut_down(n) within the soft limit\n"
                 "  | ----         ------          ^^^^^\n"
                 "  | |            |               |\n"
                 "  | |            |     twenty cells of text\n"
                 "  | |        just thirty cells of a label..\n"
                 "  | a label that is in any case longer than the line has room\n");
}

static size_t longest_line(const char *s) {
  size_t longest = 0;
  for (size_t len; *s; s += len + (s[len] ? 1 : 0)) {
    len = strcspn(s, "\n");
    size_t cells = utf8_cells(s, len, 0);
    longest = cells > longest ? cells : longest;
  }
  return longest;
}

/* Whatever the width and the place, no line is wider than the terminal, and the mark is there. */
static void no_line_is_wider_than_the_terminal(void **state) {
  (void)state;
  for (unsigned width = 24; width <= 300; width += 23) {
    for (size_t place = 0; place < 9000; place += 371) {
      void *inner;
      begin(&inner);
      Setup *s = inner;
      char *text = arena_alloc(s->arena, 30010);
      for (size_t i = 0; i < 9000; i++) memcpy(text + 3 * i, i % 7 ? "abc" : "日", 3);
      Source *f = source_add(s->map, "f", text, 27000);
      s->style.width = width;
      SrcPos at = f->base + (SrcPos)(3 * place);
      Diag *d = diag_new(s->sink, E_BAD_NUMBER, (Span){at, at + 3}, "m");
      diag_label(s->sink, d, (Span){f->base, f->base + 3}, "a");
      diag_label(s->sink, d, (Span){f->base + 26997, f->base + 27000}, "b");
      Buf b = BUF_INIT;
      diag_render_text(s->sink, s->map, s->style, &b);
      *strstr(b.data, "\n\n") = '\0';
      if (longest_line(b.data) > width) fail_msg("%u cells for place %zu:\n%s", width, place, b.data);
      assert_int_equal(utf8_first_invalid(b.data, b.len), b.len);
      assert_non_null(strchr(b.data, '^'));
      buf_done(&b);
      end(&inner);
    }
  }
}

static void a_line_of_a_megabyte_gives_a_short_report(void **state) {
  Setup *s = *state;
  size_t size = 1u << 20;
  char *text = arena_alloc(s->arena, size + 2);
  memset(text, '(', size);
  Source *f = source_add(s->map, "f", text, size);
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, (Span){f->base + 200, f->base + 201}, "too deep");
  diag_label(s->sink, d, (Span){f->base + (SrcPos)size - 1, f->base + (SrcPos)size}, "the last one");
  diag_fix(s->sink, d, (Span){f->base + 500000, f->base + 500001}, false, "", "remove it");
  Buf b = BUF_INIT;
  diag_render_text(s->sink, s->map, s->style, &b);
  assert_true(b.len < 2000);
  assert_non_null(strstr(b.data, "help: remove it\n\n1 error; `tagout explain E0305` tells more\n"));
  buf_done(&b);
}

static void colour_is_sgr_and_nothing_else_changes(void **state) {
  Setup *s = *state;
  Source *f = add(s, "f.runbook", "a + b\n");
  Diag *d = diag_new(s->sink, E_BAD_NUMBER, find(f, "+"), "m");
  diag_primary_label(s->sink, d, "p");
  diag_label(s->sink, d, find(f, "a"), "l");
  diag_fix(s->sink, d, find(f, "b"), true, "c", "h");
  Buf plain = BUF_INIT, color = BUF_INIT, stripped = BUF_INIT;
  diag_render_text(s->sink, s->map, (DiagStyle){.color = false}, &plain);
  diag_render_text(s->sink, s->map, (DiagStyle){.color = true}, &color);
  assert_null(strchr(plain.data, '\033'));
  assert_non_null(strstr(color.data, "\033[1;31merror[E0305]\033[0m"));
  assert_non_null(strstr(color.data, "\033[1;34m-\033[0m \033[1;31m^\033[0m \033[1;31mp\033[0m\n"));
  assert_non_null(strstr(color.data, "\033[1;32m~\033[0m"));
  for (const char *p = color.data; *p; p++) {
    if (*p == '\033') p += strcspn(p, "m");
    else buf_char(&stripped, *p);
  }
  assert_string_equal(stripped.data, plain.data);
  buf_done(&plain);
  buf_done(&color);
  buf_done(&stripped);
}

static void the_summary_counts(void **state) {
  Setup *s = *state;
  Buf b = BUF_INIT;
  diag_render_text(s->sink, s->map, s->style, &b);
  assert_int_equal(b.len, 0);
  for (uint32_t i = 0; i < 103; i++) diag_at(s->sink, E_BAD_NUMBER, "f", i + 1, 0, "m");
  diag_render_text(s->sink, s->map, s->style, &b);
  assert_non_null(strstr(b.data, "\n\n103 errors; 3 not shown; `tagout explain E0305` tells more\n"));
  buf_done(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
      TEST(one_place_with_note_and_fix),
      TEST(places_on_several_lines),
      TEST(labels_on_one_line_hang_below_each_other),
      TEST(two_labels_of_one_place),
      TEST(several_files),
      TEST(a_span_of_many_lines_shows_its_ends),
      TEST(a_span_that_ends_in_a_line_end_is_one_line),
      TEST(wide_combining_and_tabs),
      TEST(what_cannot_be_seen_is_escaped),
      TEST(the_end_of_a_file_and_empty_lines),
      TEST(data_files_and_no_place),
      TEST(fixes_of_several_lines),
      TEST(long_lines_are_cut_around_the_place),
      TEST(labels_that_do_not_fit_move_left),
      cmocka_unit_test(no_line_is_wider_than_the_terminal),
      TEST(a_line_of_a_megabyte_gives_a_short_report),
      TEST(colour_is_sgr_and_nothing_else_changes),
      TEST(the_summary_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
