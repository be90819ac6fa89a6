/* Program files: a program survives its file; a damaged or hostile file is refused with a place, and never crashes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "lang/program.h"

#include "lang/limits.h"
#include "lang/program_layout.h"
#include "tests/unit/sample_program.h"

#include <stdlib.h>
#include <string.h>

enum { MUTATIONS = 20000 };

typedef struct Fixture { Arena *arena; Program *program; Buf image; } Fixture;

static int begin(void **state) {
  Fixture *f = xcalloc(1, sizeof *f);
  f->arena = arena_new();
  f->program = sample_program(f->arena);
  program_write(f->program, &f->image);
  *state = f;
  return 0;
}

static int finish(void **state) {
  Fixture *f = *state;
  buf_done(&f->image);
  arena_free(f->arena);
  free(f);
  return 0;
}

static void reseal(uint8_t *bytes, size_t len) { layout_digest(bytes, len, bytes + PROGRAM_DIGEST_AT); }

/* Reads bytes; the code of the only diagnostic in *ret_code when it is refused. */
static bool reads(const uint8_t *bytes, size_t len, DiagCode *ret_code) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  const Program *p = program_read("sample.tgp", bytes, len, arena, sink);
  if (p) assert_int_equal(diag_errors(sink), 0);
  else assert_int_equal(diag_errors(sink), 1);
  if (!p && ret_code) *ret_code = diag_get(sink, 0)->code;
  if (p) { /* what was read can be shown and walked */
    Buf text = BUF_INIT;
    disasm(p, &text);
    assert_true(text.len > 0);
    buf_done(&text);
  }
  arena_free(arena);
  return p != NULL;
}

static DiagCode refusal(const uint8_t *bytes, size_t len) {
  DiagCode code = DIAG_COUNT;
  assert_false(reads(bytes, len, &code));
  return code;
}

static void layout_covers_the_tables(void **state) {
  (void)state;
  uint32_t last = 0;
  for (uint32_t t = 0; t < TABLE_COUNT; t++) {
    uint32_t count;
    layout_fields((TableId)t, &count);
    assert_true(count > 0);
    assert_true(layout_row_bytes((TableId)t) <= layout_tables[t].row_size);
    last += count;
  }
  uint32_t listed = 0;
#define FIELD(table, Row, field, klass, target) listed++;
#define SCALAR(table, Type, klass, target) listed++;
#include "lang/program_layout.def"
#undef FIELD
#undef SCALAR
  assert_int_equal(last, listed); /* rows of one table stand together, in the order of the tables */
}

static void sample_fills_every_table(void **state) {
  Fixture *f = *state;
  for (uint32_t t = 0; t < TABLE_COUNT; t++)
    if (layout_count(f->program, (TableId)t) == 0 && t != TABLE_consts) fail_msg("table %s is empty", layout_tables[t].name);
}

static void a_program_survives_its_file(void **state) {
  Fixture *f = *state;
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  const Program *p = program_read("sample.tgp", (const uint8_t *)f->image.data, f->image.len, f->arena, sink);
  if (!p) fail_msg("%s", diag_get(sink, 0)->message);
  Buf before = BUF_INIT, after = BUF_INIT, again = BUF_INIT;
  disasm(f->program, &before);
  disasm(p, &after);
  assert_string_equal(before.data, after.data);
  program_write(p, &again);
  assert_int_equal(again.len, f->image.len);
  assert_memory_equal(again.data, f->image.data, again.len);
  buf_done(&before);
  buf_done(&after);
  buf_done(&again);
}

static void equal_programs_have_equal_bytes(void **state) {
  Fixture *f = *state;
  Buf again = BUF_INIT;
  program_write(sample_program(f->arena), &again);
  assert_int_equal(again.len, f->image.len);
  assert_memory_equal(again.data, f->image.data, again.len);
  buf_done(&again);
}

static void lines_are_found(void **state) {
  Fixture *f = *state;
  const char *source = NULL;
  assert_int_equal(program_line(f->program, 0, &source), 0);
  assert_int_equal(program_line(f->program, f->program->entry, &source), 6);
  assert_string_equal(source, "sample.runbook");
  assert_int_equal(program_line(f->program, f->program->code_count - 1, &source), 14);
}

static void every_truncation_is_refused(void **state) {
  Fixture *f = *state;
  for (size_t len = 0; len < f->image.len; len++) {
    uint8_t *cut = xmalloc(len + 1); /* of exactly this size, so that a sanitizer sees a read behind it */
    memcpy(cut, f->image.data, len);
    DiagCode code = refusal(cut, len);
    assert_true(code == (len < 8 ? E_PROGRAM_FOREIGN : E_PROGRAM_DAMAGED));
    free(cut);
  }
}

/* Cut off and sealed again: the lengths inside must still give it away. */
static void every_sealed_truncation_is_refused(void **state) {
  Fixture *f = *state;
  for (size_t len = PROGRAM_SECTIONS_AT; len < f->image.len; len++) {
    uint8_t *cut = xmalloc(len);
    memcpy(cut, f->image.data, len);
    for (int i = 0; i < 8; i++) cut[PROGRAM_LENGTH_AT + i] = (uint8_t)((uint64_t)len >> (8 * i));
    reseal(cut, len);
    assert_int_equal(refusal(cut, len), E_PROGRAM_DAMAGED);
    free(cut);
  }
}

static void every_flipped_byte_is_refused(void **state) {
  Fixture *f = *state;
  uint8_t *bytes = (uint8_t *)f->image.data;
  for (size_t i = 0; i < f->image.len; i++) {
    bytes[i] ^= 0x41;
    DiagCode code = refusal(bytes, f->image.len);
    DiagCode expected = i < 8 ? E_PROGRAM_FOREIGN : i < 12 ? E_PROGRAM_FORMAT : E_PROGRAM_DAMAGED;
    assert_int_equal(code, expected);
    bytes[i] ^= 0x41;
  }
}

static uint64_t draw(uint64_t *seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed;
}

/* A hostile writer seals what it wrote. Whatever is accepted then was proved harmless; most is refused. */
static void sealed_mutations_never_crash(void **state) {
  Fixture *f = *state;
  uint64_t seed = 88172645463325252u;
  uint32_t refused = 0;
  uint8_t *bytes = xmalloc(f->image.len);
  for (int i = 0; i < MUTATIONS; i++) {
    memcpy(bytes, f->image.data, f->image.len);
    for (uint64_t n = 1 + draw(&seed) % 3; n > 0; n--) {
      size_t at = PROGRAM_HEAD_AT + draw(&seed) % (f->image.len - PROGRAM_HEAD_AT);
      uint64_t how = draw(&seed);
      if (how % 3 == 0) bytes[at] = (uint8_t)(how >> 8);
      else if (how % 3 == 1) bytes[at] = (uint8_t)(bytes[at] + (how & 256 ? 1 : -1));
      else bytes[at] ^= (uint8_t)(1u << (how >> 8 & 7));
    }
    reseal(bytes, f->image.len);
    refused += !reads(bytes, f->image.len, NULL);
  }
  free(bytes);
  assert_true(refused > MUTATIONS / 2);
  assert_true(refused < MUTATIONS); /* a changed constant or text is a program too */
}

static void another_format_is_named(void **state) {
  Fixture *f = *state;
  uint8_t *bytes = (uint8_t *)f->image.data;
  bytes[8] = PROGRAM_FORMAT + 1;
  reseal(bytes, f->image.len);
  assert_int_equal(refusal(bytes, f->image.len), E_PROGRAM_FORMAT);
}

/* One byte past the limit is refused before any of it is believed. */
static void a_huge_file_is_refused(void **state) {
  Fixture *f = *state;
  uint8_t *bytes = xcalloc(LIMIT_PROGRAM_BYTES + 1, 1);
  memcpy(bytes, f->image.data, f->image.len);
  assert_int_equal(refusal(bytes, LIMIT_PROGRAM_BYTES + 1), E_PROGRAM_LIMIT);
  assert_int_equal(refusal(bytes, LIMIT_PROGRAM_BYTES), E_PROGRAM_DAMAGED);
  free(bytes);
}

static void a_row_out_of_range_is_named(void **state) {
  Fixture *f = *state;
  uint8_t *bytes = (uint8_t *)f->image.data;
  size_t at = layout_offset(f->program, TABLE_fans, 0) + 4; /* the kind of the fan-out */
  bytes[at] = 9;
  reseal(bytes, f->image.len);
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  assert_null(program_read("sample.tgp", bytes, f->image.len, f->arena, sink));
  const Diag *d = diag_get(sink, 0);
  assert_int_equal(d->code, E_PROGRAM_TABLE);
  assert_non_null(strstr(d->message, "section `fans`, row 0"));
  assert_non_null(strstr(d->message, "field `kind`"));
  assert_string_equal(d->file, "sample.tgp");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(layout_covers_the_tables),
    cmocka_unit_test_setup_teardown(sample_fills_every_table, begin, finish),
    cmocka_unit_test_setup_teardown(a_program_survives_its_file, begin, finish),
    cmocka_unit_test_setup_teardown(equal_programs_have_equal_bytes, begin, finish),
    cmocka_unit_test_setup_teardown(lines_are_found, begin, finish),
    cmocka_unit_test_setup_teardown(every_truncation_is_refused, begin, finish),
    cmocka_unit_test_setup_teardown(every_sealed_truncation_is_refused, begin, finish),
    cmocka_unit_test_setup_teardown(every_flipped_byte_is_refused, begin, finish),
    cmocka_unit_test_setup_teardown(sealed_mutations_never_crash, begin, finish),
    cmocka_unit_test_setup_teardown(another_format_is_named, begin, finish),
    cmocka_unit_test_setup_teardown(a_huge_file_is_refused, begin, finish),
    cmocka_unit_test_setup_teardown(a_row_out_of_range_is_named, begin, finish),
  };
  return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
