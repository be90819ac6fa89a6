/* Fuzz target: incidents as a file or a request brings them. What is refused is one mistake with a text; what is accepted is kept as a
 * text that reads back as the same. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/arrival.h"

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/arrival", NULL};
const char *const fuzz_suffix = ".json";

static void must(bool holds) {
  if (!holds) abort();
}

static void reads_back(const ArrivalText *a, Arena *arena) {
  const char *content = arrival_content(a, arena);
  ArrivalText again;
  for (uint32_t i = 0; i < a->field_count; i++) must(arrival_plain(a->fields[i].value));
  must(arrival_of_content(content, arena, &again));
  must(again.field_count == a->field_count && again.attach_count == a->attach_count);
  must(strcmp(arrival_content(&again, arena), content) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  ArrivalText a;
  if (arrival_parse("fuzz", (const char *)data, size, arena, sink, &a)) {
    must(diag_count(sink) == 0);
    reads_back(&a, arena);
  } else must(diag_count(sink) == 1 && diag_get(sink, 0)->code == E_ARRIVAL_FORM && *diag_get(sink, 0)->message);
  arena_free(arena);
  return 0;
}
