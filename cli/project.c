/* project: where modules are found (beside the file that uses them, then in the embedded library), and the choice of what to
 * run among what was declared. */
#include <config.h>

#include "cli/project.h"

#include "cli/calendars.h"
#include "cli/repair.h"
#include "cli/zones.h"
#include "lang/compilation.h"
#include "lang/compile.h"
#include "lang/proof/proof_report.h"
#include "lang/source_load.h"
#include "stdlib/stdlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *folder_of(Arena *arena, const char *file) {
  const char *slash = strrchr(file, '/');
  return slash ? arena_string(arena, file, (size_t)(slash - file)) : ".";
}

const char *path_beside(Arena *arena, const char *file, const char *path) {
  const char *slash = strrchr(file, '/');
  if (path[0] == '/' || !slash) return path;
  return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, path);
}

/* ---- modules ---- */

static Source *load_module(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from, const char *module) {
  (void)ctx;
  if (!from->library) {
    const char *path = path_beside(arena, from->name, arena_printf(arena, "%s.runbook", module));
    if (access(path, R_OK) == 0) return source_load(map, arena, sink, path, (Span){0, 0});
  }
  const EmbeddedFile *file = embedded_find(&stdlib_files, module, strlen(module));
  if (!file) return NULL;
  Source *s = source_add(map, arena_printf(arena, "stdlib/%s.runbook", module), file->text, file->len);
  if (s) s->library = true;
  return s;
}

static void offer_modules(void *ctx, const Source *from, void (*take)(void *take_ctx, const char *module), void *take_ctx) {
  (void)ctx, (void)from;
  for (size_t i = 0; i < stdlib_files.count; i++) take(take_ctx, stdlib_files.files[i].name);
}

/* ---- life ---- */

struct Project {
  Compilation *compilation;
  RepairBudget repairs;
};

Project *project_new(void) {
  Project *p = xcalloc(1, sizeof *p);
  ModuleLoader loader = {NULL, load_module, offer_modules, zones_check, calendar_load};
  p->compilation = compilation_new(&loader);
  p->repairs = (RepairBudget){REPAIR_TRIALS, REPAIR_STATES};
  return p;
}

void project_free(Project *p) {
  if (!p) return;
  compilation_free(p->compilation);
  free(p);
}

DiagSink *project_sink(Project *p) { return p->compilation->sink; }
Arena *project_arena(Project *p) { return p->compilation->arena; }
uint32_t project_runbook_count(const Project *p) { return p->compilation->runbooks.len; }

/* A plan, an inventory, a fault file: one mistake, not one at every bracket. */
static bool is_json(const Source *s) { return s->text[strspn(s->text, " \t\r\n")] == '{'; }

static void refuse_json(Compilation *c, const Source *s) {
  Diag *d = diag_at(c->sink, E_FILE_UNREADABLE, s->name, 0, 0, "this is JSON, not the text of a runbook");
  diag_note(c->sink, d, "a plan is carried out by `tagout run %s`; an inventory is named with --fleet, what goes wrong with --faults", s->name);
}

static bool add_file(Project *p, const char *path) {
  Compilation *c = p->compilation;
  Source *s = source_load(c->map, c->arena, c->sink, path, (Span){0, 0});
  if (s && is_json(s)) return refuse_json(c, s), false;
  if (s) compilation_add(c, s);
  return s != NULL;
}

static bool add_text(Project *p, const char *path, const char *text, size_t len) {
  Compilation *c = p->compilation;
  Source *s = source_load_bytes(c->map, c->arena, c->sink, path, text, len);
  if (s) compilation_add(c, s);
  return s != NULL;
}

static bool is_among(const char *path, const char *const *paths, int count) {
  for (int i = 0; i < count; i++)
    if (strcmp(paths[i], path) == 0) return true;
  return false;
}

static bool has_module(const Compilation *c, const char *name) {
  for (uint32_t i = 0; i < c->modules.len; i++)
    if (strcmp(intern_text(c->names, c->modules.items[i]->symbol->name), name) == 0) return true;
  return false;
}

/* An inventory of the library's kinds has columns for facts that this runbook may not ask for: its state is known with them. */
static void add_state(Compilation *c) {
  if (!has_module(c, "fleet") || has_module(c, "state")) return;
  const EmbeddedFile *file = embedded_find(&stdlib_files, "state", strlen("state"));
  Source *s = file ? source_add(c->map, "stdlib/state.runbook", file->text, file->len) : NULL;
  if (!s) return;
  s->library = true;
  compilation_add(c, s);
}

ExitCode project_open(Project *p, const char *const *paths, int count) {
  return project_open_with(p, paths, count, NULL, NULL, 0);
}

ExitCode project_open_with(Project *p, const char *const *paths, int count, const char *path, const char *text, size_t len) {
  bool readable = true;
  for (int i = 0; i < count; i++) {
    if (is_among(paths[i], paths, i)) continue; /* a file named twice is one file */
    readable &= path && strcmp(paths[i], path) == 0 ? add_text(p, path, text, len) : add_file(p, paths[i]);
  }
  add_state(p->compilation);
  bool ok = compilation_check(p->compilation);
  return !readable ? EXIT_USAGE : ok ? EXIT_DONE : EXIT_CHECK;
}

void project_print_errors(Project *p) {
  if (diag_errors(p->compilation->sink)) project_print(p, FORMAT_TEXT);
}
void project_print(Project *p, Format format) { print_diagnostics(p->compilation->sink, p->compilation->map, format); }

/* ---- choosing ---- */

static const char *symbol_name(const Project *p, const Symbol *s) { return intern_text(p->compilation->names, s->name); }

/* The one so named, or the only one; else NULL. what: "runbook", "site". */
static Symbol *choose(Project *p, const SymbolList *list, const char *name, const char *what, bool needed) {
  for (uint32_t i = 0; name && i < list->len; i++)
    if (strcmp(symbol_name(p, list->items[i]), name) == 0) return list->items[i];
  if (!name && list->len == 1) return list->items[0];
  if (!name && list->len == 0 && !needed) return NULL;
  fprintf(stderr, "tagout: ");
  if (list->len == 0) fprintf(stderr, "no %s is declared in these files\n", what);
  else if (name) fprintf(stderr, "no %s is called `%s`; there is", what, name);
  else fprintf(stderr, "say which %s with --%s:", what, what);
  for (uint32_t i = 0; i < list->len; i++) fprintf(stderr, "%s %s", i ? "," : "", symbol_name(p, list->items[i]));
  if (list->len) fprintf(stderr, "\n");
  return NULL;
}

ExitCode project_prove_program(Project *p, const Program *program, bool people, Replay *replay, const char **ret_says, Buf *ret_certificate) {
  Compilation *c = p->compilation;
  Arena *arena = arena_new();
  const Proof *proof = people ? prove_with_people(program, 0, PROOF_STATES_MOST, arena) : prove_and_certify(program, PROOF_STATES_MOST, arena, ret_certificate);
  Repair repair = {.loader = &c->loader, .compilation = c, .program = program, .proof = proof, .budget = &p->repairs};
  ProofShow show = {.map = c->map, .fixer = repair_offer, .fixer_ctx = &repair, .replayer = replay_finding, .replayer_ctx = replay};
  if (people) show = (ProofShow){.map = c->map}; /* fixes and replays are tried without anybody who sets members aside */
  if (proof->verdict != PROOF_HOLDS && !replay_of(replay, program)) {
    arena_free(arena);
    return EXIT_USAGE;
  }
  proof_report(program, proof, &show, c->sink);
  if (ret_says && proof->irreversible)
    *ret_says = arena_printf(c->arena, "holds on every path, every fleet; first step without undo: line %u", proof->irreversible);
  else if (ret_says) *ret_says = "holds on every path, every fleet";
  bool holds = proof->verdict == PROOF_HOLDS;
  arena_free(arena);
  return holds ? EXIT_DONE : EXIT_CHECK;
}

bool project_certify(const Program *program, Buf *out) {
  Arena *arena = arena_new();
  size_t before = out->len;
  bool holds = prove_and_certify(program, PROOF_STATES_MOST, arena, out)->verdict == PROOF_HOLDS;
  if (!holds) out->len = before;
  arena_free(arena);
  return holds;
}

ExitCode project_prove(Project *p, bool people, Replay *replay) {
  Compilation *c = p->compilation;
  ExitCode code = EXIT_DONE;
  for (uint32_t i = 0; i < c->runbooks.len; i++) {
    Arena *arena = arena_new();
    const Program *program = compile_runbook(c, (RunbookDecl *)c->runbooks.items[i]->decl, arena);
    if (program && code != EXIT_USAGE) {
      ExitCode one = project_prove_program(p, program, people, replay, NULL, NULL);
      if (one != EXIT_DONE) code = one;
    }
    arena_free(arena);
  }
  return code == EXIT_DONE && diag_errors(c->sink) ? EXIT_CHECK : code;
}

/* The campaigns of the files, or the others. */
static SymbolList runbooks_that(const Project *p, bool campaigns) {
  SymbolList some = {0};
  const SymbolList *all = &p->compilation->runbooks;
  for (uint32_t i = 0; i < all->len; i++)
    if ((campaign_of((const RunbookDecl *)all->items[i]->decl) != NULL) == campaigns) vec_push(&some, all->items[i]);
  return some;
}

const Program *project_compile_campaign(Project *p, const char *name) {
  SymbolList campaigns = runbooks_that(p, true);
  Symbol *s = choose(p, &campaigns, name, "campaign", true);
  vec_done(&campaigns);
  return s ? compile_runbook(p->compilation, ast_cast(RunbookDecl, RUNBOOK, s->decl), p->compilation->arena) : NULL;
}

const Program *project_compile(Project *p, const char *name) {
  SymbolList ordinary = runbooks_that(p, false);
  Symbol *s = choose(p, !name && ordinary.len == 1 ? &ordinary : &p->compilation->runbooks, name, "runbook", true);
  vec_done(&ordinary);
  return s ? compile_runbook(p->compilation, ast_cast(RunbookDecl, RUNBOOK, s->decl), p->compilation->arena) : NULL;
}

const SiteImage *project_site(Project *p, const char *name) {
  Symbol *s = choose(p, &p->compilation->sites, name, "site", false);
  return s ? compile_site(p->compilation, ast_cast(SiteDecl, SITE, s->decl), p->compilation->arena) : NULL;
}

uint32_t project_test_count(const Project *p) { return p->compilation->tests.len; }
const TestCase *project_test(Project *p, uint32_t index) {
  return compile_test(p->compilation, p->compilation->tests.items[index], p->compilation->arena);
}

void project_mutants(const Project *p, MutantList *out) {
  const Compilation *c = p->compilation;
  for (uint32_t i = 0; i < c->modules.len; i++) {
    const Module *m = c->modules.items[i];
    if (m->root && !m->source->library) mutants_of(c, m->source, c->arena, out);
  }
}

/* ---- texts ---- */

PlanSources project_sources(const Project *p, Arena *arena) {
  const Compilation *c = p->compilation;
  uint32_t modules = c->modules.len, count = modules + c->calendars.len;
  PlanSource *items = arena_new_array(arena, PlanSource, count);
  for (uint32_t i = 0; i < count; i++) {
    const Source *s = i < modules ? c->modules.items[i]->source : c->calendars.items[i - modules].source;
    items[i] = (PlanSource){.name = arena_string(arena, s->name, strlen(s->name)), .library = s->library};
    digest_hex(s->text, s->len, items[i].digest);
  }
  return (PlanSources){items, count};
}

void project_library_digest(const char *name, char ret[DIGEST_HEX]) {
  static const char folder[] = "stdlib/", suffix[] = ".runbook";
  size_t len = strlen(name), around = sizeof folder + sizeof suffix - 2;
  bool fits = len > around && strncmp(name, folder, sizeof folder - 1) == 0 && strcmp(name + len - (sizeof suffix - 1), suffix) == 0;
  const EmbeddedFile *file = fits ? embedded_find(&stdlib_files, name + sizeof folder - 1, len - around) : NULL;
  ret[0] = '\0';
  if (file) digest_hex(file->text, file->len, ret);
}
