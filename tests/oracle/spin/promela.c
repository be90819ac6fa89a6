/* promela: writes a runbook as a Promela model on the standard output.
 *
 *     promela FILE [name=value ...] [--members N] [--racks N] [--outsiders N [--left-out]] [--taken]
 *
 * Exit status: 0 written, 1 the file cannot be compiled, 2 usage, 3 something in it is not translated. */
#include <config.h>

#include "lang/source.h"
#include "tests/oracle/load.h"
#include "tests/oracle/spin/promela.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t line_of(const World *w, const Node *n) { return source_line_col(w->c->map, n->span.lo).line; }
const char *word_of(const World *w, Atom a) { return intern_text(w->c->names, a); }

static const char prelude[] =
  "#ifndef MAXF\n#define MAXF 2\n#endif\n"
  "c_code {\n"
  "static struct { const char *code; int line; } hits[256];\n"
  "static int hit_count;\n"
  "static void hit(const char *code, int line) {\n"
  "  int i;\n"
  "  for (i = 0; i < hit_count; i++) if (hits[i].code == code && hits[i].line == line) return;\n"
  "  if (hit_count == 256) return;\n"
  "  hits[hit_count].code = code; hits[hit_count++].line = line;\n"
  "  printf(\"HIT %s@%d\\n\", code, line); fflush(stdout);\n"
  "}\n"
  "}\n"
  "byte faults, mute, either_way;\nbool cancelled, ended, window_over, meddled, begun, urgent;\n";

static void find_service(World *w) {
  w->service = UINT32_MAX;
  for (uint32_t i = 0; i < w->c->facts.len; i++)
    if (strcmp(word_of(w, w->c->facts.items[i]->name), "service") == 0) w->service = i;
}

static void obeyed(World *w) {
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) {
    const Node *n = w->runbook->clauses.items[i];
    w->windowed |= n->kind == AST_WINDOW;
    for (uint32_t j = 0; n->kind == AST_OBEY && j < ((const Obey *)n)->names.len; j++) {
      const PolicyDecl *p = (const PolicyDecl *)((const Word *)((const Obey *)n)->names.items[j])->name.symbol->decl;
      for (uint32_t r = 0; r < p->rules.len; r++)
        w->abandons |= p->rules.items[r]->kind == AST_FINALLY && ((const Finally *)p->rules.items[r])->rule == FINALLY_NOT_ABANDONED;
    }
  }
}

/* What has to hold before anything is touched. That it cannot be read ends the run as well, and tells no more. */
static void write_required(World *w) {
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) {
    const Require *r = (const Require *)w->runbook->clauses.items[i];
    if (r->node.kind != AST_REQUIRE) continue;
    const char *yes = truth_of(w, NULL, r->condition, SIGHT_TRUTH).yes;
    buf_printf(w->out, "if :: %s -> skip :: !(%s) -> x = %d; goto L0 fi;\n", yes, yes, EXIT_END);
  }
}

static void one_pass(World *w, Buf *out) {
  Buf main = BUF_INIT;
  Strand s = {.leave = 0};
  buf_reset(&w->processes);
  buf_reset(out);
  w->arrays.len = w->gates.len = 0;
  w->next_label = w->next_fan = w->next_gate = w->next_lockout = 0;
  w->out = &main;
  buf_str(w->out, "active proctype run_book() {\nbyte o, t, x;\n");
  buf_str(w->out, "atomic {\n");
  write_left_out(w);
  buf_str(w->out, "skip }\n");
  write_required(w);
  if (w->strikes) buf_str(w->out, "begun = 1;\n");
  write_block(w, &s, w->runbook->body);
  buf_str(w->out, "L0: skip;\natomic {\nurgent == 0 -> ended = 1;\n");
  write_ends(w);
  buf_str(w->out, "x = 0; o = 0; t = 0; mute = 0\n}\n}\n\n");
  write_emergencies(w);
  write_adversaries(w);
  buf_str(out, prelude);
  declare_arrays(w, out);
  buf_add(out, w->processes.data, w->processes.len);
  buf_add(out, main.data, main.len);
  buf_done(&main);
}

void write_model(World *w, Buf *out) {
  w->fact_read = arena_new_array(w->arena, bool, w->c->facts.len + 1);
  w->fact_needed = arena_new_array(w->arena, bool, w->c->facts.len + 1);
  w->out_read = arena_new_array(w->arena, bool, w->c->kinds.len + 1);
  w->struck_read = arena_new_array(w->arena, bool, w->c->kinds.len + 1);
  w->gone_read = arena_new_array(w->arena, bool, w->c->kinds.len + 1);
  find_strikes(w);
  fleet_make(w);
  sets_make(w);
  find_service(w);
  obeyed(w);
  for (w->pass = 0; w->pass < PASSES; w->pass++) {
    if (w->pass <= 1) memset(w->fact_read, 0, w->c->facts.len * sizeof *w->fact_read); /* the first took all of them */
    one_pass(w, out);
  }
}

static int usage(void) {
  fputs("usage: promela FILE [name=value ...] [--members N] [--racks N] [--outsiders N [--left-out]] [--taken]\n", stderr);
  return 2;
}

int main(int argc, char **argv) {
  World w = {.members = 1, .racks = 1};
  const char *file = NULL;
  w.params = xcalloc((size_t)argc, sizeof *w.params);
  for (int i = 1; i < argc; i++) {
    uint32_t *number = strcmp(argv[i], "--members") == 0     ? &w.members
                       : strcmp(argv[i], "--racks") == 0     ? &w.racks
                       : strcmp(argv[i], "--outsiders") == 0 ? &w.outsiders
                                                             : NULL;
    if (strcmp(argv[i], "--left-out") == 0) w.left_out = true;
    else if (strcmp(argv[i], "--taken") == 0) w.taken = true;
    else if (number && i + 1 < argc) *number = (uint32_t)strtoul(argv[++i], NULL, 10);
    else if (argv[i][0] == '-') return usage();
    else if (strchr(argv[i], '=')) w.params[w.param_count++] = argv[i];
    else file = argv[i];
  }
  if (!file || !w.members || !w.racks) return usage();
  Loaded l = load_file(file);
  if (!l.program) {
    fprintf(stderr, "promela: %s: %s\n", file, l.why);
    return 1;
  }
  w.c = l.compilation;
  w.arena = l.arena;
  w.symbol = w.c->runbooks.items[0];
  w.runbook = (RunbookDecl *)w.symbol->decl;
  Buf out = BUF_INIT;
  write_model(&w, &out);
  if (w.refused) fprintf(stderr, "promela: %s: not translated: %s\n", file, w.refused);
  else fwrite(out.data, 1, out.len, stdout);
  buf_done(&out);
  buf_done(&w.processes);
  load_done(&l);
  free(w.params);
  return w.refused ? 3 : 0;
}
