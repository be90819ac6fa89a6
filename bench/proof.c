/* proof: what the proof of a runbook costs, in states and CPU time, over the number of its steps, and what it costs to check its certificate. Two shapes, made here: steps in a
 * row, and steps within an attempt whose roll back looks at everything. The number of members is no input: the proof has none.
 * Not installed and not a test: `make bench/proof && bench/proof`. */
#include <config.h>

#include "lang/certificate/certificate.h"
#include "lang/compile.h"
#include "lang/proof/proof.h"
#include "lang/source_load.h"

#include <stdio.h>
#include <time.h>

static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static const char head[] =
    "kind Node { key name : text\n }\n"
    "fact service of Node : in_service, drained\n"
    "fact power of Node : on, off\n"
    "role people \"people\"\n"
    "automation warden \"Watches\" {\n  on n: Node\n  when power of n may be off: service of n may become drained \"dark\"\n"
    "  lock takes 1s, at most 1min, quiet within 1min\n  backlog discard\n}\n"
    "action out(n: Node) \"Out\" {\n  makes service of n is drained\n  takes 1min, at most 5min\n  undo back(n)\n  repeat safe\n}\n"
    "action back(n: Node) \"Back\" {\n  needs power of n is on\n  makes service of n is in_service\n  takes 1min, at most 5min\n"
    "  undo out(n)\n  repeat safe\n}\n"
    "action cut(n: Node) \"Cut\" {\n  needs lockout of warden on n\n  needs service of n is drained\n  makes power of n is off\n"
    "  takes 1min, at most 5min\n  undo light(n)\n  repeat safe\n}\n"
    "action light(n: Node) \"Light\" {\n  needs lockout of warden on n\n  makes power of n is on\n  takes 1min, at most 5min\n"
    "  undo cut(n)\n  repeat safe\n}\n"
    "policy order(n: Node) \"Order\" {\n  finally nothing handed over unless it or its container failed\n}\n"
    "runbook bench \"Many steps\" {\n  owner \"bench\"\n  obey order\n  select nodes = n in Node\n"
    "  lockout warden on nodes because \"work\" {\n    release each n when power of n is on and service of n is in_service\n"
    "    otherwise hand over to people\n";

static const char stage[] =
    "    step s%u for each n in nodes, 8 at once, stop after 1 nodes set aside {\n"
    "      out(n) else set aside n \"no\"\n      cut(n) else set aside n \"no\"\n      light(n) else set aside n \"no\"\n"
    "      back(n) else set aside n \"no\"\n    }\n";

static const char undo[] =
    "    } roll back {\n    step undo for each n in nodes, 8 at once, stop after 100% of nodes set aside {\n"
    "      light(n) else set aside n \"no\"\n      back(n) else set aside n \"no\"\n    }\n    }\n";

static void make_source(Buf *out, unsigned stages, bool attempt) {
  buf_str(out, head);
  if (attempt) buf_str(out, "    attempt {\n");
  for (unsigned i = 0; i < stages; i++) buf_printf(out, stage, i);
  if (attempt) buf_str(out, undo);
  buf_str(out, "  }\n}\n");
  buf_add(out, "\0", 2);
}

static void measure(unsigned stages, bool attempt) {
  Buf text = BUF_INIT;
  make_source(&text, stages, attempt);
  Compilation *c = compilation_new(NULL);
  compilation_add(c, source_add(c->map, "bench.runbook", text.data, text.len - 2));
  const Program *p = compilation_check(c) ? compile_runbook(c, (RunbookDecl *)c->runbooks.items[0]->decl, c->arena) : NULL;
  if (!p) {
    Buf out = BUF_INIT;
    diag_render_text(c->sink, c->map, (DiagStyle){.color = false}, &out);
    fputs(out.data, stderr);
    buf_done(&out);
  } else {
    Buf certificate = BUF_INIT, why = BUF_INIT;
    double before = cpu_ms();
    const Proof *proof = prove(p, PROOF_STATES_MOST, c->arena);
    double proved = cpu_ms();
    prove_and_certify(p, PROOF_STATES_MOST, c->arena, &certificate);
    double written = cpu_ms();
    bool holds = cert_check(p, (const uint8_t *)certificate.data, certificate.len, &why);
    printf("  %5u steps %-14s %8u states  %8.1f ms  %s; certificate %8zu bytes, checked in %8.1f ms: %s\n", stages * 4,
           attempt ? "with roll back" : "in a row", proof->states, proved - before, proof->verdict == PROOF_HOLDS ? "holds" : "does not hold",
           certificate.len, cpu_ms() - written, holds ? "accepted" : why.data);
    buf_done(&certificate);
    buf_done(&why);
  }
  compilation_free(c);
  buf_done(&text);
}

int main(void) {
  static const unsigned stages[] = {5, 15, 50, 150, 500};
  for (unsigned i = 0; i < sizeof stages / sizeof *stages; i++) measure(stages[i], false);
  for (unsigned i = 0; i < sizeof stages / sizeof *stages; i++) measure(stages[i], true);
  return 0;
}
