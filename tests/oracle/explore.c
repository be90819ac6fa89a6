/* explore: FILE... [name=value ...] and the options of README.md. One line per file on the standard output:
 * `FILE: CODE@LINE ...`, the shortest path's first, or `FILE: none`; then what bounded the search. Exit 0 whatever was
 * found, 2 when a file could not be explored. */
#include <config.h>

#include "runtime/freeze.h"
#include "runtime/schema.h"
#include "tests/oracle/load.h"
#include "tests/oracle/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Options { Bounds bounds; uint32_t members, racks; bool paths, stats, exact, all, found; const char *fleet; ParamText params[8]; uint32_t param_count; } Options;

/* Nodes in racks, dealt out in turn from the last rack on: 2 in 1: one rack of two; 3 in 2: a rack of two and one of one. */
static Fleet *make_fleet(const Program *p, const Options *o, Arena *arena, DiagSink *sink) {
  if (o->fleet) return fleet_load(&schema_of_program(p, arena)->fleet, o->fleet, FLEET_BY_NAME, sink);
  Buf csv = BUF_INIT;
  buf_str(&csv, "name,rack\n");
  for (uint32_t i = 0; i < o->members; i++) buf_printf(&csv, "n%u,r%u\n", i + 1, 1 + i * o->racks / o->members);
  Fleet *f = fleet_load_text(&schema_of_program(p, arena)->fleet, "fleet.csv", FLEET_CSV, csv.data, csv.len, sink);
  buf_done(&csv);
  return f;
}

/* ---- one file ---- */

/* What was found of a file, over all fleets that were tried. */
typedef struct Verdict {
  VEC(Hit) hits;
  Buf paths;
  uint64_t states, edges, fed;
  bool bounded, completes;
} Verdict;

static void put_path(const Ground *g, const Found *f, Buf *out) {
  Buf text = BUF_INIT;
  buf_printf(out, "  %s@%u: %u faults, %u steps, %u nodes\n", rule_names[f->hit.code], f->hit.line, f->faults, f->path.len,
             fleet_count(g->fleet, fleet_schema(g->fleet)->row_kind));
  for (uint32_t i = 0; i < f->path.len; i++) {
    buf_reset(&text);
    choice_show(g, f->path.items[i], &text);
    buf_printf(out, "    %3u%s %s\n", i + 1, f->path.items[i].faults ? "!" : " ", text.data);
  }
  buf_done(&text);
}

static void add_findings(Verdict *v, const Ground *g, const Findings *found) {
  for (uint32_t i = 0; i < found->found.len; i++) {
    const Found *f = &found->found.items[i];
    bool known = false;
    for (uint32_t j = 0; j < v->hits.len; j++) known |= v->hits.items[j].code == f->hit.code && v->hits.items[j].line == f->hit.line;
    if (known) continue;
    vec_push(&v->hits, f->hit);
    put_path(g, f, &v->paths);
  }
  v->states += found->states;
  v->edges += found->edges;
  v->fed += found->fed;
  v->bounded |= found->bounded;
  v->completes |= found->completes;
}

static void print_verdict(const char *file, const Verdict *v, const Options *o) {
  printf("%s:", file);
  for (uint32_t i = 0; i < v->hits.len; i++) printf(" %s@%u", rule_names[v->hits.items[i].code], v->hits.items[i].line);
  printf("%s%s%s", v->hits.len ? "" : " none", v->completes ? "" : " (never completes)", v->bounded ? " (bounded)" : "");
  printf(" (at most %u faults)\n", o->bounds.faults);
  if (o->stats)
    printf("  %llu states, %llu edges, %llu steps\n", (unsigned long long)v->states, (unsigned long long)v->edges, (unsigned long long)v->fed);
  if (o->paths && v->paths.len) fputs(v->paths.data, stdout);
  fflush(stdout);
}

static bool refuse(const char *file, const char *why) {
  fprintf(stderr, "%s: %s\n", file, why);
  return false;
}

static void search_and_add(Ground *g, Bounds bounds, Verdict *v) {
  Findings found = search(g, bounds);
  add_findings(v, g, &found);
  findings_done(&found);
}

/* One fact of the first thing of its kind begins as something else, which is a fault of its own, and nobody's whom it is about. */
static void search_found(Ground *g, Bounds bounds, Verdict *v) {
  const Program *p = g->program;
  bool completes = v->completes;
  for (uint32_t f = 0; f < p->facts_count && bounds.faults > 0; f++)
    for (uint32_t i = 0; i < p->facts[f].kinds.count && p->facts[f].type.klass == VALUE_ENUM; i++) {
      uint32_t kind = p->index_list[p->facts[f].kinds.first + i];
      if (fleet_count(g->fleet, kind) == 0) continue;
      Truth start = g->start;
      g->found = cell_of(g, f, kind, 0), g->ordinary = start.fact[g->found];
      g->start.hurt[entity_of(g, kind, 0)] = 1;
      for (uint32_t value = 1; value <= p->enums[p->facts[f].type.ref].words.count; value++) {
        if ((int16_t)value == g->ordinary) continue;
        g->start.fact[g->found] = (int16_t)value;
        Bounds less = bounds;
        less.faults--;
        search_and_add(g, less, v);
      }
      g->start = start, g->found = NONE_INDEX;
    }
  v->completes = completes;
}

static bool explore_fleet(const char *file, const Loaded *l, const Options *o, Verdict *v) {
  Ground ground;
  DiagSink *sink = diag_sink_new(l->arena, NULL);
  Fleet *fleet = make_fleet(l->program, o, l->arena, sink);
  if (!fleet) return refuse(file, diag_get(sink, 0)->message);
  const Frozen *frozen = freeze(l->program, fleet, o->params, o->param_count, INT64_C(1767639600000), l->arena, sink);
  const char *why = frozen ? ground_init(&ground, l->program, fleet, frozen, l->arena) : diag_get(sink, 0)->message;
  if (!why) {
    ground.exact = o->exact;
    search_and_add(&ground, o->bounds, v);
    if (o->found) search_found(&ground, o->bounds, v);
    ground_done(&ground);
  }
  fleet_free(fleet);
  return why ? refuse(file, why) : true;
}

static bool explore_program(const char *file, const Loaded *l, const Options *o) {
  static const uint32_t fleets[][2] = {{1, 1}, {2, 1}, {2, 2}, {3, 2}}; /* nodes, racks */
  Verdict v = {0};
  bool good = true;
  Options one = *o;
  for (uint32_t i = 0; i < (o->all ? sizeof fleets / sizeof *fleets : 1) && good; i++) {
    if (o->all) one.members = fleets[i][0], one.racks = fleets[i][1];
    good = explore_fleet(file, l, &one, &v);
  }
  if (good) print_verdict(file, &v, o);
  vec_done(&v.hits);
  buf_done(&v.paths);
  return good;
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

/* name=value. */
static bool take_param(char *word, Options *o) {
  char *equals = strchr(word, '=');
  if (!equals || strchr(word, '/') || o->param_count == sizeof o->params / sizeof *o->params) return false;
  *equals = 0;
  o->params[o->param_count++] = (ParamText){.name = word, .value = equals + 1};
  return true;
}

static bool take_option(char **argv, int *i, Options *o) {
  if (take_number(argv, i, "--faults", &o->bounds.faults) || take_number(argv, i, "--delays", &o->bounds.delays)) return true;
  if (take_number(argv, i, "--states", &o->bounds.states) || take_number(argv, i, "--racks", &o->racks)) return true;
  if (take_number(argv, i, "--steps", &o->bounds.steps)) return true;
  if (strcmp(argv[*i], "--fleet") == 0 && argv[*i + 1]) return o->fleet = argv[++*i], true;
  if (take_param(argv[*i], o)) return true;
  if (take_number(argv, i, "--members", &o->members)) return true;
  if (strcmp(argv[*i], "--paths") == 0) return o->paths = true;
  if (strcmp(argv[*i], "--stats") == 0) return o->stats = true;
  if (strcmp(argv[*i], "--exact") == 0) return o->exact = true;
  if (strcmp(argv[*i], "--all") == 0) return o->all = true;
  if (strcmp(argv[*i], "--found") == 0) return o->found = true;
  return false;
}

int main(int argc, char **argv) {
  Options o = {.bounds = {.faults = 2, .delays = 1, .states = 200000, .steps = 2000}, .members = 2, .racks = 0};
  int files = 0, bad = 0;
  for (int i = 1; i < argc; i++)
    if (!take_option(argv, &i, &o)) argv[++files] = argv[i];
  if (files == 0 || o.members < 1 || o.members > 6) {
    fprintf(stderr, "explore FILE... [name=value ...] [--faults N] [--delays N] [--states N] [--steps N] [--members N] [--racks N]\n"
                    "  [--all] [--found] [--fleet FILE] [--exact] [--paths] [--stats]\n");
    return 2;
  }
  if (o.racks == 0) o.racks = o.members > 2 ? 2 : 1;
  if (o.racks > o.members) o.racks = o.members;
  for (int i = 1; i <= files; i++) bad += !explore_file(argv[i], &o);
  return bad ? 2 : 0;
}
