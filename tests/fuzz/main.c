/* Replays the corpora of a fuzz target, as TAP: each input as it is, cut short, with bytes changed, with pieces moved,
 * with a line or a word missing, with a line twice.
 * The broken copies depend on the input alone, so that a failure comes again. Stands in for libFuzzer's main(). */
#define _XOPEN_SOURCE 700 /* nftw */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
  BROKEN_COPIES = 36,        /* per input */
  COPIED_BYTES = 64 * 1024,  /* longer inputs are replayed, not broken: the run stays short */
  OPEN_FOLDERS = 16
};

static unsigned count; /* points so far; nftw hands no context to its callback */

static _Noreturn void fail(const char *what, const char *path) {
  printf("Bail out! %s %s\n", what, path);
  exit(1);
}

/* xorshift64: the seed decides everything. */
static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static size_t random_below(uint64_t *state, size_t n) {
  return n == 0 ? 0 : (size_t)(next_random(state) % n);
}

/* The target gets a block of exactly this size, so that a sanitizer sees the first byte read past it. */
static void try_bytes(const uint8_t *data, size_t size) {
  uint8_t *exact = malloc(size ? size : 1);
  if (!exact) fail("out of memory for", "an input");
  if (size) memcpy(exact, data, size);
  if (LLVMFuzzerTestOneInput(exact, size) != 0) fail("the target refused", "an input");
  free(exact);
}

static void change_bytes(uint8_t *data, size_t size, uint64_t *state) {
  static const uint8_t special[] = {0, '\n', '"', '{', '}', '(', ')', ',', 0x7f, 0x80, 0xc3, 0xff};
  for (size_t i = 1 + random_below(state, 4); i > 0; i--) {
    uint8_t byte = random_below(state, 2) ? special[random_below(state, sizeof special)] : (uint8_t)next_random(state);
    data[random_below(state, size)] = byte;
  }
}

/* Writes a piece of the input over another place of it. */
static void move_piece(uint8_t *data, size_t size, uint64_t *state) {
  size_t len = 1 + random_below(state, size / 2 + 1);
  if (len > size) len = size;
  memmove(data + random_below(state, size - len + 1), data + random_below(state, size - len + 1), len);
}

static bool is_end(char of, uint8_t byte) {
  return byte == '\n' || (of == ' ' && (byte == ' ' || byte == ',' || byte == '(' || byte == ')'));
}

/* The line or word (of: what ends it) around a random place: where it begins, and behind its end. */
static size_t choose_piece(const uint8_t *data, size_t size, char of, uint64_t *state, size_t *ret_end) {
  size_t begin = random_below(state, size), end = begin;
  while (begin > 0 && !is_end(of, data[begin - 1])) begin--;
  while (end < size && !is_end(of, data[end])) end++;
  *ret_end = end < size ? end + 1 : end;
  return begin;
}

/* Takes a line or a word out of data; its new size. */
static size_t drop_piece(uint8_t *data, size_t size, char of, uint64_t *state) {
  size_t end, begin = choose_piece(data, size, of, state, &end);
  memmove(data + begin, data + end, size - end);
  return size - (end - begin);
}

/* Writes a line over the bytes in front of it, so that it stands there twice. */
static void repeat_line(uint8_t *data, size_t size, uint64_t *state) {
  size_t end, begin = choose_piece(data, size, '\n', state, &end), len = end - begin;
  if (begin >= len) memcpy(data + begin - len, data + begin, len);
}

static void try_broken_copies(const uint8_t *data, size_t size) {
  uint8_t *copy = malloc(size);
  uint64_t state = 88172645463325252u ^ size;
  if (!copy) fail("out of memory for", "a copy");
  for (unsigned i = 0; i < BROKEN_COPIES; i++) {
    size_t len = size;
    memcpy(copy, data, size);
    switch (i % 6) {
    case 0: len = random_below(&state, size); break;
    case 1: change_bytes(copy, size, &state); break;
    case 2: move_piece(copy, size, &state); break;
    case 3: len = drop_piece(copy, size, '\n', &state); break;
    case 4: len = drop_piece(copy, size, ' ', &state); break;
    case 5: repeat_line(copy, size, &state); break;
    }
    try_bytes(copy, len);
  }
  free(copy);
}

static uint8_t *read_file(const char *path, size_t size) {
  uint8_t *data = malloc(size ? size : 1);
  FILE *f = fopen(path, "rb");
  if (!data || !f || fread(data, 1, size, f) != size) fail("cannot read", path);
  fclose(f);
  return data;
}

static bool ends_in(const char *text, const char *end) {
  size_t len = strlen(text), end_len = strlen(end);
  return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)at;
  if (type != FTW_F || !ends_in(path, fuzz_suffix)) return 0;
  size_t size = (size_t)st->st_size;
  uint8_t *data = read_file(path, size);
  try_bytes(data, size);
  if (size > 0 && size <= COPIED_BYTES) try_broken_copies(data, size);
  free(data);
  printf("ok %u - %s\n", ++count, path);
  fflush(stdout);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 1) { /* by hand: the named files and folders, to see a failure again */
    for (int i = 1; i < argc; i++)
      if (nftw(argv[i], visit, OPEN_FOLDERS, FTW_PHYS) != 0) fail("cannot walk", argv[i]);
  } else {
    const char *top = getenv("srcdir");
    try_bytes(NULL, 0);
    for (const char *const *corpus = fuzz_corpora; *corpus; corpus++) {
      char path[4096];
      snprintf(path, sizeof path, "%s/%s", top ? top : ".", *corpus);
      if (nftw(path, visit, OPEN_FOLDERS, FTW_PHYS) != 0) fail("cannot walk", path);
    }
  }
  if (count == 0) fail("no input in", "the corpora");
  printf("1..%u\n", count);
  return 0;
}
