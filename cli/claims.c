/* claims: the members of all sets, those that are selected on the way as well, with everything that is in them: whoever works
 * on a rack works on its nodes. */
#include <config.h>

#include "cli/claims.h"

#include "cli/planning.h"
#include "cli/rundir.h"
#include "lang/limits.h"
#include "runtime/possible.h"

#include <stdio.h>
#include <string.h>

#define RUNS_CLEARED_MOST 100u

const char *ledger_folder(Arena *arena, const char *state) { return arena_printf(arena, "%s/fleets", state); }
const char *ledger_path(Arena *arena, const char *state, const char *site) { return arena_printf(arena, "%s/%s.db", ledger_folder(arena, state), site); }

Ledger *claims_open(const char *path) {
  Buf why = BUF_INIT;
  Ledger *l = NULL;
  if (ledger_open(path, &l, &why) < 0) fprintf(stderr, "tagout: %s\n", why.data);
  buf_done(&why);
  return l;
}

/* ---- who is claimed ---- */

typedef struct Wanted { const Program *program; const Fleet *fleet; uint8_t **seen; VEC(Member) list; } Wanted;

static void add(Wanted *w, uint32_t kind, Entity e) {
  if (w->seen[kind][e]) return;
  w->seen[kind][e] = 1;
  Member m = {program_str(w->program, w->program->kinds[kind].name), fleet_name(w->fleet, kind, e)};
  vec_push(&w->list, m);
}

static void see_nobody(Wanted *w, Arena *arena) {
  w->seen = arena_new_array(arena, uint8_t *, w->program->kinds_count);
  for (uint32_t k = 0; k < w->program->kinds_count; k++) w->seen[k] = arena_new_array(arena, uint8_t, fleet_count(w->fleet, k) + 1);
}

/* The entity, and all that it contains. */
static void add_with_members(Wanted *w, uint32_t kind, Entity e) {
  add(w, kind, e);
  for (uint32_t k = 0; k < w->program->kinds_count; k++) {
    bool inside = false;
    for (uint32_t up = w->program->kinds[k].parent; up != NONE_INDEX && !inside; up = w->program->kinds[up].parent) inside = up == kind;
    FleetMembers in = inside ? fleet_members(w->fleet, kind, e, k) : (FleetMembers){NULL, 0, 0};
    for (uint32_t i = 0; i < in.count; i++) add(w, k, fleet_member(in, i));
  }
}

const Member *claims_within(const Program *p, const Fleet *fleet, uint32_t kind, uint32_t entity, Arena *arena, uint32_t *ret_count) {
  Wanted w = {.program = p, .fleet = fleet};
  see_nobody(&w, arena);
  add_with_members(&w, kind, entity);
  Member *list = arena_new_array(arena, Member, w.list.len);
  memcpy(list, w.list.items, w.list.len * sizeof *list);
  *ret_count = w.list.len;
  vec_done(&w.list);
  return list;
}

static void add_set(Wanted *w, Vm *vm, const Frozen *frozen, uint32_t set) {
  int64_t slots[LIMIT_SLOTS];
  const SetRow *row = &w->program->sets[set];
  EntityVec later = {0};
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) slots[i] = VALUE_UNKNOWN;
  if (row->after_step != NONE_INDEX) possible_members(vm, row->members, row->kind, slots, &later);
  for (uint32_t i = 0; i < later.len; i++) add_with_members(w, row->kind, later.items[i]);
  for (uint32_t i = 0; i < frozen->sets[set].count; i++) add_with_members(w, row->kind, frozen->sets[set].items[i]);
  vec_done(&later);
}

/* What a run for an incident is about is its own, whether it selects it or not. */
static void add_key(Wanted *w, const Frozen *frozen) {
  for (uint32_t i = 0; i < w->program->incidents_count; i++) {
    uint32_t key = w->program->incidents[i].key;
    if (frozen->params[key] != VALUE_UNKNOWN) add_with_members(w, w->program->params[key].type.ref, (Entity)frozen->params[key]);
  }
}

static void collect(Wanted *w, const Frozen *frozen, Arena *arena) {
  VmHost host = {.params = frozen->params};
  Vm *vm = vm_new(w->program, w->fleet, &host);
  see_nobody(w, arena);
  for (uint32_t i = 0; i < w->program->sets_count; i++) add_set(w, vm, frozen, i);
  add_key(w, frozen);
  vm_free(vm);
}

/* ---- what has come back ---- */

static int give_back(Ledger *l, const RunState *r, GivenBack how) {
  VEC(Member) back = {0};
  uint32_t kind;
  for (uint32_t e = engine_given_back(r->engine, how, 0, &kind); e != NONE_INDEX; e = engine_given_back(r->engine, how, e + 1, &kind)) {
    Member m = {program_str(r->program, r->program->kinds[kind].name), fleet_name(r->fleet, kind, e)};
    vec_push(&back, m);
  }
  int done = how == GIVEN_BACK ? ledger_refund_again(l, r->id, back.items, back.len, wall_clock()) : ledger_undo_again(l, r->id, back.items, back.len);
  vec_done(&back);
  return done;
}

bool claims_settle(Ledger *l, const RunState *r) {
  bool ok = give_back(l, r, GIVEN_BACK) >= 0 && give_back(l, r, GIVEN_UNUSED) >= 0;
  if (!ok) fprintf(stderr, "tagout: %s: what is back in service may still count as out\n", ledger_why(l));
  return ok;
}

/* ---- who has them ---- */

/* A run that nobody can resume any more holds nothing: it has ended without having said so, or its folder was removed. */
static bool is_over(const char *dir, Ledger *settle) {
  RunState r;
  if (!record_exists(dir)) return true;
  bool over = run_open(dir, JOURNAL_READ, &r) == EXIT_DONE && run_replay(&r, NULL) && engine_outcome(r.engine) != RUN_GOING;
  if (over && settle) over = claims_settle(settle, &r);
  run_close(&r);
  return over;
}

bool claims_over(const char *dir) { return is_over(dir, NULL); }

static void say_conflict(const Conflict *c) {
  fprintf(stderr, "tagout: run %s works on %u of these members already, `%s` among them\n", c->run, c->count, c->first.name);
  fprintf(stderr, "tagout: two runs never work on one member: wait for it, or end it (`tagout status %s`, `tagout abort %s`)\n", c->run, c->run);
}

ExitCode claims_take(Ledger *l, const char *dir, const Program *p, const Fleet *fleet, const Frozen *frozen, int64_t now, Buf *ret_by) {
  Arena *arena = arena_new();
  Wanted w = {.program = p, .fleet = fleet};
  Conflict c = {0};
  int r = 0;
  collect(&w, frozen, arena);
  for (uint32_t i = 0; i < RUNS_CLEARED_MOST; i++) {
    r = ledger_claim(l, rundir_id(dir), dir, w.list.items, w.list.len, now, arena, &c);
    if (r != 0 || !is_over(c.dir, l) || ledger_end(l, c.run) < 0) break;
  }
  if (r == 0 && ret_by) buf_str(ret_by, c.run);
  if (r == 0) say_conflict(&c);
  else if (r < 0) fprintf(stderr, "tagout: %s\n", ledger_why(l));
  vec_done(&w.list);
  arena_free(arena);
  return r > 0 ? EXIT_DONE : r == 0 ? EXIT_INFEASIBLE : EXIT_USAGE;
}

void claims_end(Ledger *l, const char *dir) {
  if (ledger_end(l, rundir_id(dir)) < 0) fprintf(stderr, "tagout: %s: its members stay claimed until the next run looks\n", ledger_why(l));
}
