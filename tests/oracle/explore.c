/* explore: FILE... [--faults N] [--delays N] [--members 1|2|3] [--racks N] [--states N] [--paths] [--stats]
 * One line per file on the standard output: `FILE: CODE@LINE ...`, the shortest path's first, or `FILE: none`; then what
 * bounded the search. Exit 0 whatever was found, 2 when a file could not be explored. */
#include <config.h>

#include "runtime/freeze.h"
#include "runtime/schema.h"
#include "tests/oracle/load.h"
#include "tests/oracle/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Options { Bounds bounds; uint32_t members, racks; bool paths, stats; } Options;

/* Nodes in racks, dealt out in turn from the last rack on: 2 in 1: one rack of two; 3 in 2: a rack of two and one of one. */
static Fleet *make_fleet(const Program *p, const Options *o, Arena *arena, DiagSink *sink) {
  Buf csv = BUF_INIT;
  buf_str(&csv, "name,rack\n");
  for (uint32_t i = 0; i < o->members; i++) buf_printf(&csv, "n%u,r%u\n", i + 1, 1 + i * o->racks / o->members);
  Fleet *f = fleet_load_text(&schema_of_program(p, arena)->fleet, "fleet.csv", FLEET_CSV, csv.data, csv.len, sink);
  buf_done(&csv);
  return f;
}

/* ---- one file ---- */

static void print_path(const Ground *g, const Found *f) {
  Buf line = BUF_INIT;
  printf("  %s@%u: %u faults, %u steps\n", rule_names[f->hit.code], f->hit.line, f->faults, f->path.len);
  for (uint32_t i = 0; i < f->path.len; i++) {
    buf_reset(&line);
    choice_show(g, f->path.items[i], &line);
    printf("    %3u%s %s\n", i + 1, f->path.items[i].faults ? "!" : " ", line.data);
  }
  buf_done(&line);
}

static void print_findings(const char *file, const Ground *g, const Findings *found, const Options *o) {
  printf("%s:", file);
  for (uint32_t i = 0; i < found->found.len; i++) printf(" %s@%u", rule_names[found->found.items[i].hit.code], found->found.items[i].hit.line);
  printf("%s%s%s", found->found.len ? "" : " none", found->completes ? "" : " (never completes)", found->bounded ? " (bounded)" : "");
  printf(" (at most %u faults)\n", o->bounds.faults);
  if (o->stats) printf("  %u states, %u edges, %llu steps\n", found->states, found->edges, (unsigned long long)found->fed);
  for (uint32_t i = 0; i < found->found.len && o->paths; i++) print_path(g, &found->found.items[i]);
  fflush(stdout);
}

static bool refuse(const char *file, const char *why) {
  fprintf(stderr, "%s: %s\n", file, why);
  return false;
}

static bool explore_program(const char *file, const Loaded *l, const Options *o) {
  Ground ground;
  DiagSink *sink = diag_sink_new(l->arena, NULL);
  Fleet *fleet = make_fleet(l->program, o, l->arena, sink);
  if (!fleet) return refuse(file, diag_get(sink, 0)->message);
  const Frozen *frozen = freeze(l->program, fleet, NULL, 0, INT64_C(1767639600000), l->arena, sink);
  const char *why = frozen ? ground_init(&ground, l->program, fleet, frozen, l->arena) : diag_get(sink, 0)->message;
  if (!why) {
    Findings found = search(&ground, o->bounds);
    print_findings(file, &ground, &found, o);
    findings_done(&found);
    ground_done(&ground);
  }
  fleet_free(fleet);
  return why ? refuse(file, why) : true;
}

static bool explore_file(const char *file, const Options *o) {
  Loaded l = load_file(file);
  bool good = l.program ? explore_program(file, &l, o) : refuse(file, l.why);
  load_done(&l);
  return good;
}

/* ---- the command line ---- */

static bool take_number(char **argv, int *i, const char *name, uint32_t *ret) {
  if (strcmp(argv[*i], name) != 0 || !argv[*i + 1]) return false;
  *ret = (uint32_t)strtoul(argv[++*i], NULL, 10);
  return true;
}

static bool take_option(char **argv, int *i, Options *o) {
  if (take_number(argv, i, "--faults", &o->bounds.faults) || take_number(argv, i, "--delays", &o->bounds.delays)) return true;
  if (take_number(argv, i, "--states", &o->bounds.states) || take_number(argv, i, "--racks", &o->racks)) return true;
  if (take_number(argv, i, "--members", &o->members)) return true;
  if (strcmp(argv[*i], "--paths") == 0) return o->paths = true;
  if (strcmp(argv[*i], "--stats") == 0) return o->stats = true;
  return false;
}

int main(int argc, char **argv) {
  Options o = {.bounds = {.faults = 2, .delays = 1, .states = 200000, .steps = 2000}, .members = 2, .racks = 0};
  int files = 0, bad = 0;
  for (int i = 1; i < argc; i++)
    if (!take_option(argv, &i, &o)) argv[++files] = argv[i];
  if (files == 0 || o.members < 1 || o.members > 6) {
    fprintf(stderr, "explore FILE... [--faults N] [--delays N] [--members N] [--racks N] [--states N] [--paths] [--stats]\n");
    return 2;
  }
  if (o.racks == 0) o.racks = o.members > 2 ? 2 : 1;
  if (o.racks > o.members) o.racks = o.members;
  for (int i = 1; i <= files; i++) bad += !explore_file(argv[i], &o);
  return bad ? 2 : 0;
}
