/* Fuzz target: literals with units, one per line. What is accepted must be shown and written so that it reads back
 * as the same value; what is refused must say where and why. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lang/buf.h"
#include "lang/quantity.h"

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/quantity", NULL};
const char *const fuzz_suffix = ".txt";

static void must(bool holds) {
  if (!holds) abort();
}

static void check_round_trip(Quantity q, const Buf *text) {
  Quantity again = {0, 0, 0};
  QuantityFault fault;
  must(quantity_parse_as((QuantityKind)q.kind, text->data, text->len, &again, &fault));
  must(again.value == q.value && again.kind == q.kind);
}

static void check_literal(const char *s, size_t len) {
  Quantity q = {0, 0, 0};
  QuantityFault fault;
  if (!quantity_parse(s, len, &q, &fault)) {
    must(fault.lo <= fault.hi && fault.hi <= len && fault.message[0] != '\0');
    return;
  }
  Buf text = BUF_INIT;
  quantity_show((QuantityKind)q.kind, q.value, &text);
  check_round_trip(q, &text);
  buf_reset(&text);
  quantity_write(q, &text);
  check_round_trip(q, &text);
  buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *s = (const char *)data, *end = s + size;
  while (s < end) {
    const char *line_end = memchr(s, '\n', (size_t)(end - s));
    if (!line_end) line_end = end;
    check_literal(s, (size_t)(line_end - s));
    s = line_end + (line_end < end);
  }
  return 0;
}
