/* Fuzz target: certificates of a hostile writer, who seals what he wrote. The input is a byte that says what he changes (0 the file, else
 * the states) and a list of changes of four bytes each: where (three bytes, little-endian) and which byte to put there. The states of the
 * good certificate are exactly those that can be reached: whatever is accepted has to hold every one of them. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "lang/certificate/certificate.h"
#include "lang/compile.h"
#include "lang/proof/proof.h"
#include "lang/source_load.h"

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/certificate", NULL};
const char *const fuzz_suffix = ".changes";

static const char text[] =
    "kind Node { key name : text\n }\n"
    "fact service of Node : in_service, drained\n"
    "fact power of Node : on, off\n"
    "role people \"people\"\n"
    "automation warden \"Watches\" {\n  on n: Node\n  when power of n may be off: service of n may become drained \"dark\"\n"
    "  lock takes 1s, at most 1min, quiet within 1min\n  backlog replay\n}\n"
    "action out(n: Node) \"Out\" {\n  makes service of n is drained\n  takes 1min, at most 5min\n  undo back(n)\n  repeat safe\n}\n"
    "action back(n: Node) \"Back\" {\n  needs power of n is on\n  makes service of n is in_service\n  takes 1min, at most 5min\n"
    "  undo out(n)\n  repeat safe\n}\n"
    "runbook fuzz \"A small one\" {\n  owner \"tests\"\n  select nodes = n in Node\n"
    "  lockout warden on nodes because \"work\" {\n    release each n when power of n is on and service of n is in_service\n"
    "    otherwise hand over to people\n"
    "    step work for each n in nodes, 1 at once, stop after 1 nodes set aside {\n"
    "      out(n) else set aside n \"no\"\n      back(n) else set aside n \"no\"\n    }\n  }\n}\n\0";

typedef struct Good {
  Compilation *compilation; /* holds the program */
  const Program *program;
  Buf bytes;
  Certificate c;
} Good;

static void must(bool holds) {
  if (!holds) abort();
}

/* Made once: compiling and proving is not what is looked at here. */
static const Good *good(void) {
  static Good g;
  Buf why = BUF_INIT;
  if (g.program) return &g;
  g.compilation = compilation_new(NULL);
  compilation_add(g.compilation, source_add(g.compilation->map, "fuzz.runbook", text, sizeof text - 2));
  must(compilation_check(g.compilation));
  g.program = compile_runbook(g.compilation, (RunbookDecl *)g.compilation->runbooks.items[0]->decl, g.compilation->arena);
  must(g.program != NULL);
  must(prove_and_certify(g.program, PROOF_STATES_MOST, g.compilation->arena, &g.bytes)->verdict == PROOF_HOLDS);
  must(cert_read(g.program, (const uint8_t *)g.bytes.data, g.bytes.len, &g.c, &why));
  must(cert_check(g.program, (const uint8_t *)g.bytes.data, g.bytes.len, &why));
  buf_done(&why);
  return &g;
}

static void change(uint8_t *bytes, size_t len, const uint8_t *data, size_t size) {
  for (; size >= 4; data += 4, size -= 4) bytes[((size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % len] = data[3];
}

static void seal(Buf *b) {
  struct sha256_ctx sha;
  size_t len = b->len - SHA256_DIGEST_SIZE;
  sha256_init(&sha);
  sha256_update(&sha, len, (const uint8_t *)b->data);
  sha256_digest(&sha, SHA256_DIGEST_SIZE, (uint8_t *)b->data + len);
}

static void change_file(const Good *g, Buf *out, const uint8_t *data, size_t size) {
  buf_add(out, g->bytes.data, g->bytes.len);
  if (size == 0) return;
  size_t cut = g->bytes.len - data[0] % 8u; /* also one that ends too early */
  out->len = cut;
  change((uint8_t *)out->data, cut, data + 1, size - 1);
  seal(out);
}

static void change_states(const Good *g, Buf *out, const uint8_t *data, size_t size) {
  size_t len = (size_t)g->c.width * g->c.count;
  uint8_t *rows = xmalloc(len);
  memcpy(rows, g->c.rows, len);
  change(rows, len, data, size);
  cert_write(g->program, &g->c.tables, rows, g->c.count, out);
  free(rows);
}

static bool holds_all(const Good *g, const Buf *bytes) {
  Certificate c;
  Buf why = BUF_INIT;
  must(cert_read(g->program, (const uint8_t *)bytes->data, bytes->len, &c, &why));
  bool all = c.width == g->c.width;
  for (uint32_t i = 0; i < g->c.count && all; i++) {
    bool there = false;
    for (uint32_t k = 0; k < c.count && !there; k++) there = memcmp(g->c.rows + (size_t)i * c.width, c.rows + (size_t)k * c.width, c.width) == 0;
    all = there;
  }
  free(c.rows);
  buf_done(&why);
  return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const Good *g = good();
  Buf bytes = BUF_INIT, why = BUF_INIT;
  if (size > 0 && data[0] == 0) change_file(g, &bytes, data + 1, size - 1);
  else change_states(g, &bytes, data + (size > 0), size - (size > 0));
  bool same_tables = bytes.len > 0 && size > 0 && data[0] != 0;
  if (cert_check(g->program, (const uint8_t *)bytes.data, bytes.len, &why)) must(!same_tables || holds_all(g, &bytes));
  else must(why.len > 0);
  buf_done(&bytes);
  buf_done(&why);
  return 0;
}
