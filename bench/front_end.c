/* front_end: how fast source becomes a verified program: CPU time and MB/s of each phase, over a runbook of many steps, made
 * here. Not installed and not a test: `make bench/front_end && bench/front_end [megabytes]`. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lang/compile.h"
#include "lang/source_load.h"

/* What was used up so far: CPU time, and memory that was touched for the first time, in faults of 4 KiB or 2 MiB. */
typedef struct Used { double seconds; long faults; } Used;

static Used used(void) {
  struct timespec t;
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (Used){(double)t.tv_sec + (double)t.tv_nsec / 1e9, r.ru_minflt};
}

static const char head[] =
    "kind Rack { key name : text\n  kw : power }\n"
    "kind Node in Rack { key name : text\n  slot : int }\n"
    "fact power of Node : on, off\n"
    "fact service of Node : in_service, drained\n"
    "action drain(n: Node) \"Drain\" {\n  makes service of n is drained\n  takes 2min to 5min, at most 15min\n  undo none\n  repeat safe\n}\n"
    "action stop(n: Node) \"Stop\" {\n  needs service of n is drained\n  makes power of n is off\n"
    "  on failure power of n may be on, off\n  takes 2min to 5min, at most 15min\n  undo none\n  repeat check power of n is off\n}\n"
    "runbook bench \"Many steps\" {\n  owner \"bench\"\n  param soft : duration = 10min\n"
    "  select racks = r in Rack where r.kw < 120kW\n  select nodes = n in Node where n.rack in racks\n";

static void make_source(Buf *out, size_t bytes) {
  buf_str(out, head);
  for (unsigned i = 0; out->len < bytes; i++)
    buf_printf(out,
               "\n  # Step %u: drain, stop and look again, a few members at a time.\n"
               "  step s%u \"Step %u\" for each n in nodes where n.slot > %u ordered by n.slot, 8 at once, stop after 2%% of nodes set aside {\n"
               "    drain(n) within 5min, retry 2 after 30s else set aside n \"${n.name} does not drain\"\n"
               "    stop(n) within soft else set aside n \"${n.name} of ${n.rack.name} stays on\"\n"
               "    when power of n is off { wait 1min } otherwise { wait 2min } unknown { set aside n \"silent\" }\n"
               "    confirm power of n is off within 10min else set aside n \"not off\"\n  }\n",
               i, i, i, i % 18);
  buf_str(out, "}\n");
  buf_add(out, "\0", 2);
}

static void report(const char *phase, Used before, Used after, double megabytes) {
  double seconds = after.seconds - before.seconds;
  printf("  %-28s %7.1f ms  %7.1f MB/s  %5ld faults\n", phase, seconds * 1000, megabytes / seconds,
         after.faults - before.faults);
}

int main(int argc, char **argv) {
  double megabytes = argc > 1 ? atof(argv[1]) : 5;
  Buf text = BUF_INIT;
  make_source(&text, (size_t)(megabytes * 1e6));
  megabytes = (double)text.len / 1e6;
  Compilation *c = compilation_new(NULL);
  Used t0 = used();
  Source *s = source_add(c->map, "bench.runbook", text.data, text.len - 2);
  compilation_add(c, s);
  Used t1 = used();
  bool ok = compilation_check(c);
  Used t2 = used();
  const Program *p = ok ? compile_runbook(c, (RunbookDecl *)c->runbooks.items[0]->decl, c->arena) : NULL;
  Used t3 = used();
  if (!p) {
    Buf out = BUF_INIT;
    diag_render_text(c->sink, c->map, (DiagStyle){.color = false}, &out);
    fputs(out.data, stderr);
    return 1;
  }
  Program copy = *p;
  Used v0 = used();
  verify_code(p, "bench", c->sink);
  Used v1 = used();
  program_seal(&copy);
  Used v2 = used();
  printf("%.2f MB of source, %u words of code\n", megabytes, p->code_count);
  report("scan, parse", t0, t1, megabytes);
  report("check", t1, t2, megabytes);
  report("compile, seal, verify", t2, t3, megabytes);
  report("  of this: verify", v0, v1, megabytes);
  report("  of this: seal", v1, v2, megabytes);
  report("source to verified program", t0, t3, megabytes);
  compilation_free(c);
  buf_done(&text);
  return 0;
}
