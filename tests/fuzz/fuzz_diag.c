/* Fuzz target: diagnostics about any text, at any places in it. The first bytes of an input choose places, width and
 * colour, the rest is the text, which is checked as a source is and then shown even if it was refused. What comes out
 * is valid UTF-8 without control characters of the user's, and JSON that another library reads. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lang/diag.h"
#include "lang/source_load.h"
#include "lang/utf8.h"

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/diag", NULL};
const char *const fuzz_suffix = ".txt";

enum { CHOICES = 16 };

static void must(bool holds) {
  if (!holds) abort();
}

/* A span of the source, of up to the whole of it. */
static Span choose_span(const Source *s, const uint8_t *choice) {
  uint32_t lo = (choice[0] | (uint32_t)choice[1] << 8) % (s->len + 1), len = choice[2] % 3 ? choice[2] : s->len;
  return (Span){s->base + lo, s->base + lo + (len < s->len - lo ? len : s->len - lo)};
}

static void check_text(DiagSink *sink, const SourceMap *map, const uint8_t *choice) {
  Buf out = BUF_INIT;
  diag_render_text(sink, map, (DiagStyle){.color = choice[0] & 1, .width = choice[1]}, &out);
  must(utf8_first_invalid(out.data, out.len) == out.len);
  for (size_t i = 0; i < out.len; i++) {
    bool escape = out.data[i] == '\033' && (choice[0] & 1);
    must((unsigned char)out.data[i] >= 0x20 || out.data[i] == '\n' || escape);
  }
  buf_done(&out);
}

static void check_json(void (*render)(DiagSink *, const SourceMap *, Buf *), DiagSink *sink, const SourceMap *map) {
  Buf out = BUF_INIT;
  render(sink, map, &out);
  json_t *root = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
  must(root != NULL);
  json_decref(root);
  buf_done(&out);
}

static void add_record(DiagSink *sink, const Source *s, const uint8_t *choice) {
  Diag *d = diag_new(sink, E_BAD_NUMBER, choose_span(s, choice), "%s", s->text);
  diag_primary_label(sink, d, "%.20s", s->text);
  diag_label(sink, d, choose_span(s, choice + 3), "%.9s", s->text);
  diag_label(sink, d, choose_span(s, choice + 6), "%.3s", s->text);
  diag_label(sink, d, choose_span(s, choice + 1), "here");
  diag_note(sink, d, "%.50s", s->text);
  diag_fix(sink, d, choose_span(s, choice + 2), true, s->text, "%.10s", s->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < CHOICES) return 0;
  Arena *arena = arena_new();
  SourceMap *map = source_map_new(arena);
  DiagSink *sink = diag_sink_new(arena, map);
  source_load_bytes(map, arena, sink, "fuzz", (const char *)data + CHOICES, size - CHOICES);
  const Source *s = source_at(map, 0);
  add_record(sink, s, data);
  check_text(sink, map, data + 10);
  check_json(diag_render_json, sink, map);
  check_json(diag_render_sarif, sink, map);
  arena_free(arena);
  return 0;
}
