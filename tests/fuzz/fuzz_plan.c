/* Fuzz target: plan files, as they are and of a hostile writer, who seals what he wrote: the input is the plan's JSON
 * without its digest, and the program "sample" stands for the bytes of a good one. Whatever is accepted must be
 * written back as the same plan. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/plan.h"
#include "tests/unit/sample_program.c" /* one source per target: the same link line serves every target */

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/plan", NULL};
const char *const fuzz_suffix = ".json";

static void must(bool holds) {
  if (!holds) abort();
}

static void put_program(json_t *plan, Arena *arena) {
  const char *wanted = json_string_value(json_object_get(plan, "program"));
  if (!wanted || strcmp(wanted, "sample") != 0) return;
  Buf image = BUF_INIT;
  program_write(sample_program(arena), &image);
  size_t len = BASE64_ENCODE_RAW_LENGTH(image.len);
  char *text = arena_alloc(arena, len);
  base64_encode_raw(text, image.len, (const uint8_t *)image.data);
  json_object_set_new(plan, "program", json_stringn(text, len));
  buf_done(&image);
}

static void put_digest(json_t *plan) {
  char hex[DIGEST_HEX];
  json_object_del(plan, "digest");
  char *text = json_dumps(plan, JSON_COMPACT | JSON_SORT_KEYS);
  digest_hex(text, strlen(text), hex);
  free(text);
  json_object_set_new(plan, "digest", json_string(hex));
}

static void check_accepted(Plan *plan) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  Buf text = BUF_INIT;
  char digest[sizeof plan->digest];
  memcpy(digest, plan->digest, sizeof digest);
  plan_write(plan, &text);
  must(memcmp(digest, plan->digest, sizeof digest) == 0);
  must(plan_read("again.plan", text.data, text.len, arena, sink) != NULL);
  buf_done(&text);
  arena_free(arena);
}

static void check_bytes(const char *bytes, size_t len) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  Plan *plan = plan_read("fuzz.plan", bytes, len, arena, sink);
  must((plan != NULL) == (diag_errors(sink) == 0));
  if (plan) check_accepted(plan);
  arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  check_bytes((const char *)data, size);
  json_t *plan = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
  if (json_is_object(plan)) {
    Arena *arena = arena_new();
    put_program(plan, arena);
    put_digest(plan);
    char *text = json_dumps(plan, 0);
    check_bytes(text, strlen(text));
    free(text);
    arena_free(arena);
  }
  json_decref(plan);
  return 0;
}
