/* forge: certificates that a liar could write, held against the checker. What was reached of a runbook that is not safe, states removed,
 * bits flipped, the certificate of one program for another. Says what became of each; the exit code is 2 for what cannot be read, else 0.
 *
 *   forge states FILE...           proved or not; the states that the prover reached: accepted or refused, and why
 *   forge remove FILE              each state removed in turn
 *   forge flip FILE SEED COUNT     one bit of one state flipped, so many times
 *   forge lie FILE OTHER           the states of FILE, said to be those of OTHER
 *   forge plan PLAN OTHER OUT      a plan with the certificate of the other; OTHER -: with its own, but for one state */
#include <config.h>

#include "lang/certificate/certificate.h"
#include "lang/proof/proof.h"
#include "runtime/plan.h"
#include "tests/oracle/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Case {
  Loaded loaded;
  ProofVerdict verdict;
  Buf bytes;
  Certificate c;
} Case;

static bool open_case(const char *file, Case *t) {
  Buf why = BUF_INIT;
  *t = (Case){.loaded = load_file(file)};
  if (!t->loaded.program) {
    printf("%s: %s\n", file, t->loaded.why);
    load_done(&t->loaded);
    return false;
  }
  t->verdict = prove_and_certify(t->loaded.program, PROOF_STATES_MOST, t->loaded.arena, &t->bytes)->verdict;
  cert_read(t->loaded.program, (const uint8_t *)t->bytes.data, t->bytes.len, &t->c, &why);
  buf_done(&why);
  return true;
}

static void close_case(Case *t) {
  free(t->c.rows);
  buf_done(&t->bytes);
  load_done(&t->loaded);
}

static bool accepted(const Program *p, const Buf *bytes, Buf *why) {
  why->len = 0;
  return cert_check(p, (const uint8_t *)bytes->data, bytes->len, why);
}

/* Sealed again, as whoever writes the file can. */
static bool rows_accepted(const Program *p, const Certificate *c, uint32_t count) {
  Buf bytes = BUF_INIT, why = BUF_INIT;
  cert_write(p, &c->tables, c->rows, count, &bytes);
  bool holds = accepted(p, &bytes, &why);
  buf_done(&bytes);
  buf_done(&why);
  return holds;
}

static void say_states(const char *file) {
  static const char *const verdicts[] = {[PROOF_HOLDS] = "proved", [PROOF_FAILS] = "unsafe", [PROOF_OPEN] = "open"};
  Case t;
  Buf why = BUF_INIT;
  if (!open_case(file, &t)) return;
  if (t.bytes.len == 0) printf("%s: %s, given up\n", file, verdicts[t.verdict]);
  else if (accepted(t.loaded.program, &t.bytes, &why)) printf("%s: %s, accepted\n", file, verdicts[t.verdict]);
  else printf("%s: %s, refused: %s\n", file, verdicts[t.verdict], why.data);
  buf_done(&why);
  close_case(&t);
}

static void remove_each(const char *file) {
  Case t;
  uint32_t believed = 0;
  if (!open_case(file, &t)) return;
  size_t width = t.c.width;
  uint8_t *kept = xmalloc(width + 1), *last = t.c.rows + (t.c.count - 1) * width;
  for (uint32_t i = 0; i < t.c.count; i++) { /* the last stands in for the one that is missing */
    uint8_t *row = t.c.rows + i * width;
    memcpy(kept, row, width);
    memcpy(row, last, width);
    if (rows_accepted(t.loaded.program, &t.c, t.c.count - 1)) believed++;
    memcpy(row, kept, width);
  }
  printf("%s: %u of %u accepted without a state\n", file, believed, t.c.count);
  free(kept);
  close_case(&t);
}

static uint64_t next_random(uint64_t *seed) {
  *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
  return *seed;
}

static void flip(const char *file, uint64_t seed, uint32_t count) {
  Case t;
  uint32_t believed = 0;
  if (!open_case(file, &t)) return;
  for (uint32_t i = 0; i < count; i++) {
    uint8_t *at = t.c.rows + next_random(&seed) % ((uint64_t)t.c.count * t.c.width), bit = (uint8_t)(1u << next_random(&seed) % 8);
    *at ^= bit;
    if (rows_accepted(t.loaded.program, &t.c, t.c.count)) believed++;
    *at ^= bit;
  }
  printf("%s: %u of %u accepted with a bit flipped\n", file, believed, count);
  close_case(&t);
}

static void lie(const char *file, const char *other) {
  Case t, o;
  if (!open_case(file, &t)) return;
  if (open_case(other, &o)) {
    bool fits = cert_width(o.loaded.program, &t.c.tables) == t.c.width;
    printf("%s: %s\n", other, fits && rows_accepted(o.loaded.program, &t.c, t.c.count) ? "accepted" : "refused");
    close_case(&o);
  }
  close_case(&t);
}

/* ---- plans ---- */

static Plan *read_plan(const char *path, Arena *arena) {
  Buf bytes = BUF_INIT;
  char piece[4096];
  FILE *f = fopen(path, "rb");
  for (size_t n; f && (n = fread(piece, 1, sizeof piece, f)) > 0;) buf_add(&bytes, piece, n);
  if (f) fclose(f);
  Plan *plan = plan_read(path, bytes.data, bytes.len, arena, diag_sink_new(arena, NULL));
  buf_done(&bytes);
  return plan;
}

/* Without the first state that is not the one in which a run begins. */
static void drop_state(Plan *plan, Buf *out) {
  Certificate c;
  Buf why = BUF_INIT;
  if (!cert_read(plan->program, plan->certificate, plan->certificate_len, &c, &why)) abort();
  memcpy(c.rows + (size_t)c.width, c.rows + (size_t)(c.count - 1) * c.width, c.width);
  cert_write(plan->program, &c.tables, c.rows, c.count - 1, out);
  free(c.rows);
  buf_done(&why);
}

static int forge_plan(const char *path, const char *other, const char *to) {
  Arena *arena = arena_new();
  Buf bytes = BUF_INIT, text = BUF_INIT;
  Plan *plan = read_plan(path, arena), *from = strcmp(other, "-") == 0 ? plan : read_plan(other, arena);
  FILE *f = plan && from ? fopen(to, "wb") : NULL;
  if (!f) return fprintf(stderr, "forge: not to be read or written\n"), 2;
  if (from == plan) drop_state(plan, &bytes);
  else buf_add(&bytes, from->certificate, from->certificate_len);
  plan->certificate = (const uint8_t *)bytes.data, plan->certificate_len = bytes.len;
  plan_write(plan, &text);
  fwrite(text.data, 1, text.len, f);
  fclose(f);
  buf_done(&bytes);
  buf_done(&text);
  arena_free(arena);
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 2 ? argv[1] : "";
  if (strcmp(what, "states") == 0) for (int i = 2; i < argc; i++) say_states(argv[i]);
  else if (strcmp(what, "remove") == 0 && argc == 3) remove_each(argv[2]);
  else if (strcmp(what, "flip") == 0 && argc == 5) flip(argv[2], strtoull(argv[3], NULL, 10), (uint32_t)strtoul(argv[4], NULL, 10));
  else if (strcmp(what, "lie") == 0 && argc == 4) lie(argv[2], argv[3]);
  else if (strcmp(what, "plan") == 0 && argc == 5) return forge_plan(argv[2], argv[3], argv[4]);
  else return fprintf(stderr, "forge: see forge.c\n"), 2;
  return 0;
}
