/* Fuzz target: program files of a hostile writer, who seals what he wrote. The input is a list of changes to a good
 * file, four bytes each: where (three bytes, little-endian) and which byte to put there. Whatever is accepted must
 * be written back as the same bytes and shown. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lang/program.h"
#include "lang/program_layout.h"
#include "tests/unit/sample_program.c" /* one source per target: the same link line serves every target */

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/program", NULL};
const char *const fuzz_suffix = ".changes";

static void must(bool holds) {
  if (!holds) abort();
}

static void change(Buf *image, const uint8_t *data, size_t size) {
  for (; size >= 4; data += 4, size -= 4) {
    size_t at = (size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16;
    at = PROGRAM_HEAD_AT + at % (image->len - PROGRAM_HEAD_AT);
    image->data[at] = (char)data[3];
  }
  layout_digest((const uint8_t *)image->data, image->len, (uint8_t *)image->data + PROGRAM_DIGEST_AT);
}

static void check_accepted(const Program *p, const Buf *image) {
  Buf again = BUF_INIT;
  program_write(p, &again);
  must(again.len == image->len && memcmp(again.data, image->data, image->len) == 0);
  buf_reset(&again);
  disasm(p, &again);
  must(again.len > 0);
  buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  Buf image = BUF_INIT;
  program_write(sample_program(arena), &image);
  change(&image, data, size);
  const Program *p = program_read("fuzz.tgp", (const uint8_t *)image.data, image.len, arena, sink);
  must((p != NULL) == (diag_errors(sink) == 0));
  if (p) check_accepted(p, &image);
  buf_done(&image);
  arena_free(arena);
  return 0;
}
