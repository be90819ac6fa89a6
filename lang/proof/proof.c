/* proof: the search. States are looked at fewest faults first and, among these, in the order in which they were reached, so the
 * first way to a finding is the shortest. Every state is looked at once; when there are no more, what was not found cannot be. */
#include <config.h>

#include "lang/proof/proof_certificate.h"
#include "lang/proof/prover.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- choices ---- */

uint32_t choose(Prover *v, uint32_t n) {
  if (v->choice_at < v->choice_count) return v->choices[v->choice_at++].taken;
  if (v->choice_count == CHOICES_MAX) {
    v->m.too_much = "conditions in one step";
    v->dead = true;
    return 0;
  }
  v->choices[v->choice_count++] = (Choice){0, (uint8_t)n};
  v->choice_at++;
  return 0;
}

static bool next_choices(Prover *v) {
  while (v->choice_count > 0 && v->choices[v->choice_count - 1].taken + 1 == v->choices[v->choice_count - 1].of) v->choice_count--;
  if (v->choice_count == 0) return false;
  v->choices[v->choice_count - 1].taken++;
  return true;
}

/* ---- states ---- */

/* Frames that are not in use are zero: only those before them tell states apart. */
static size_t used_bytes(const PState *s) { return offsetof(PState, frames) + s->frame_count * sizeof(FrameCell); }

static uint64_t mix(uint64_t h, uint64_t w) {
  h = (h ^ w) * UINT64_C(0xff51afd7ed558ccd);
  return h ^ h >> 32;
}

/* Four lanes: each multiplication waits for the one before it. */
static uint64_t hash_of(const PState *s) {
  const char *bytes = (const char *)s;
  uint64_t h[4] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xbf58476d1ce4e5b9), UINT64_C(0x94d049bb133111eb), s->frame_count}, w[4];
  size_t n = used_bytes(s), i = 0;
  for (; i + sizeof w <= n; i += sizeof w) {
    memcpy(w, bytes + i, sizeof w);
    for (int k = 0; k < 4; k++) h[k] = mix(h[k], w[k]);
  }
  memset(w, 0, sizeof w);
  memcpy(w, bytes + i, n - i);
  for (int k = 0; k < 4; k++) h[0] = mix(mix(h[0], w[k]), h[k]);
  return h[0];
}

static bool same_state(const PState *a, const PState *b) {
  return a->frame_count == b->frame_count && memcmp(a, b, used_bytes(a)) == 0;
}

static void grow_table(Prover *v) {
  uint32_t size = (v->table_mask + 1) * 2;
  uint64_t *old = v->table;
  uint32_t cells = old ? v->table_mask + 1 : 0;
  v->table = xcalloc(size, sizeof *v->table);
  v->table_mask = size - 1;
  for (uint32_t i = 0; i < cells; i++) {
    if (!old[i]) continue;
    uint32_t at = (uint32_t)(old[i] >> 32) & v->table_mask;
    while (v->table[at]) at = (at + 1) & v->table_mask;
    v->table[at] = old[i];
  }
  free(old);
}

/* The state's number; *ret_new: it was not there. */
static uint32_t intern_state(Prover *v, bool *ret_new) {
  if (v->state_count * 2 >= v->table_mask) grow_table(v);
  uint64_t hash = hash_of(&v->now);
  uint32_t at = (uint32_t)(hash >> 32) & v->table_mask;
  *ret_new = false;
  for (; v->table[at]; at = (at + 1) & v->table_mask) {
    uint32_t id = (uint32_t)v->table[at] - 1;
    if ((v->table[at] ^ hash) >> 32 == 0 && same_state(&v->states[id], &v->now)) return id;
  }
  if (v->state_count == v->state_cap) {
    v->state_cap = v->state_cap ? v->state_cap * 2 : 1024;
    v->states = xrealloc(v->states, v->state_cap * sizeof *v->states);
    v->nodes = xrealloc(v->nodes, v->state_cap * sizeof *v->nodes);
  }
  v->table[at] = (hash & ~(uint64_t)UINT32_MAX) | (v->state_count + 1);
  v->states[v->state_count] = v->now;
  *ret_new = true;
  return v->state_count++;
}

/* What nothing will ask for any more is forgotten, so that ways which differ in it alone meet. */
static void forget(Prover *v) {
  uint32_t pc = v->now.frame_count ? v->now.frames[0].pc : UINT32_MAX;
  for (uint32_t i = 0; i < v->m.var_count; i++) {
    if (v->m.vars[i].row != v->m.service || v->now.mask[i] == v->m.vars[i].ordinary) v->now.ghost[i] &= (uint8_t)~TEMPORARY;
    if (v->m.vars[i].last_use >= pc) continue;
    v->now.mask[i] = v->m.vars[i].ordinary;
    v->now.ghost[i] = FOUND;
  }
}

static void arrive(Prover *v) {
  bool fresh;
  forget(v);
  v->edges++;
  uint32_t faults = v->nodes[v->from].faults + v->faults;
  uint32_t id = intern_state(v, &fresh);
  if (!fresh && (faults >= v->nodes[id].faults)) return;
  v->nodes[id] = (Node){v->from, faults, v->move};
  if (v->faults == 0) vec_push(&v->level, id);
  else vec_push(&v->next, id);
}

/* Too many states, or too many ways to few of them. */
static bool too_many(const Prover *v) { return v->state_count > v->states_most || v->edges / 16 > v->states_most; }

static void made(Prover *v, Make *make, uint32_t a, uint32_t b) {
  v->choice_count = 0;
  do {
    v->now = v->base;
    v->choice_at = 0;
    v->faults = 0;
    v->dead = false;
    v->strike.kind = MOVE_START;
    make(v, a, b);
    if (!v->dead) arrive(v);
  } while (next_choices(v) && !v->m.too_much && !too_many(v));
}

/* What nobody else could notice is one step with what follows, unless that asks so much that ways had better meet in between. */
enum { CHOICES_IN_ONE = 6 };
static void go_on(Prover *v, uint32_t a, uint32_t b) {
  (void)a, (void)b;
  v->stops_here = false;
  if (emergency_of(v)) {
    emergency_goes_on(v);
    return;
  }
  do step(v);
  while (v->move.kind == MOVE_SILENT && !v->stops_here && !v->dead && !v->now.ended && v->choice_at < CHOICES_IN_ONE);
}

/* ---- findings ---- */

/* What the state knows of the witness; behind the last address that asks for it, it is a default and no knowledge. */
static void trace_state(const Prover *v, const PState *s, uint16_t *row) {
  uint32_t pc = s->frame_count ? s->frames[0].pc : UINT32_MAX;
  for (uint32_t i = 0; i < v->m.var_count; i++) row[i] = v->m.vars[i].last_use < pc ? 0 : s->mask[i];
}

static void set_path(Prover *v, Finding *f) {
  bool struck = v->strike.kind == MOVE_EMERGENCY && v->move.kind != MOVE_EMERGENCY;
  uint32_t len = struck ? 2 : 1, n = v->m.var_count;
  for (uint32_t i = v->from; i != 0; i = v->nodes[i].parent) len++;
  Move *path = arena_new_array(v->arena, Move, len);
  uint16_t *trace = arena_new_array(v->arena, uint16_t, size_product(len, n) + 1);
  path[len - 1] = v->move;
  if (v->move.kind == MOVE_ACT && v->move.outcome == 0) path[len - 1].outcome = 3;
  trace_state(v, &v->now, trace + (size_t)(len - 1) * n);
  uint32_t at = len - 1;
  if (struck) {
    PState then = v->base;
    memcpy(then.mask, v->struck_as, sizeof then.mask);
    path[--at] = v->strike;
    trace_state(v, &then, trace + (size_t)at * n);
  }
  for (uint32_t i = v->from; i != 0; i = v->nodes[i].parent) {
    path[--at] = v->nodes[i].move;
    trace_state(v, &v->states[i], trace + (size_t)at * n);
  }
  f->len = len, f->path = path, f->trace = trace;
  f->sets = arena_copy(v->arena, v->now.set, sizeof v->now.set);
}

static uint32_t line_of(const Prover *v, uint32_t pc) { return pc == NONE_INDEX ? 0 : program_line(v->p, pc, NULL); }

/* A finding is told once per place: the first, which is the shortest. */
void find(Prover *v, FindingKind kind, uint32_t row, uint32_t subject, uint32_t pc, uint32_t fact, uint32_t member_kind) {
  if (v->dead) return;
  uint32_t faults = v->nodes[v->from].faults + v->faults;
  for (uint32_t i = 0; i < v->findings.len; i++) {
    Finding *f = &v->findings.items[i];
    if (f->kind != kind || f->row != row || f->subject != subject || line_of(v, f->pc) != line_of(v, pc)) continue;
    if (faults < f->faults) {
      f->faults = faults;
      set_path(v, f);
    }
    return;
  }
  Finding f = {.kind = kind, .row = row, .subject = subject, .pc = pc, .fact = fact, .member_kind = member_kind, .faults = faults};
  set_path(v, &f);
  vec_push(&v->findings, f);
  if (v->enough && v->enough(v->enough_ctx, &f)) v->ended_early = true;
}

/* ---- the search ---- */

static void start(Prover *v) {
  PState *s = &v->now;
  bool fresh;
  memset(s, 0, sizeof *s);
  for (uint32_t i = 0; i < v->m.var_count; i++) {
    s->mask[i] = v->m.vars[i].ordinary;
    s->ghost[i] = FOUND;
  }
  s->frame_count = 1;
  s->frames[0].pc = v->p->entry;
  v->table_mask = 1023;
  v->table = xcalloc(1024, sizeof *v->table);
  intern_state(v, &fresh);
  v->nodes[0] = (Node){0, 0, {.kind = MOVE_START}};
  vec_push(&v->level, 0);
}

static void expand(Prover *v, uint32_t id) {
  v->from = id;
  v->base = v->states[id]; /* these move when more are added */
  each_move(v, made);
  if (!v->base.ended) made(v, go_on, 0, 0);
}

/* A state that was reached again with fewer faults stands in the queue twice; the first look counts. */
static void search(Prover *v) {
  uint8_t *seen = NULL;
  uint32_t cap = 0;
  for (;;) {
    for (uint32_t i = 0; i < v->level.len && !v->m.too_much && !v->ended_early; i++) {
      uint32_t id = v->level.items[i];
      if (id >= cap) {
        uint32_t grown = v->state_cap > id ? v->state_cap : id + 1;
        seen = xrealloc(seen, grown);
        memset(seen + cap, 0, grown - cap);
        cap = grown;
      }
      if (seen[id]) continue;
      seen[id] = 1;
      expand(v, id);
      if (too_many(v)) v->gave_up = true;
      if (v->gave_up) break;
    }
    if (v->next.len == 0 || v->gave_up || v->m.too_much || v->ended_early) break;
    __typeof__(v->level) done = v->level;
    v->level = v->next;
    v->next = done;
    v->next.len = 0;
  }
  free(seen);
}

static void find_reaching(Prover *v) {
  for (uint32_t i = 0; i < v->p->emergencies_count; i++) {
    uint32_t pc = v->m.reaches_others[i];
    if (pc == 0) continue;
    uint32_t action = v->p->calls[code_a(v->p->code[pc])].action;
    find(v, FINDING_CONFLICT, i, action, pc, NONE_INDEX, v->p->param_types[v->p->actions[action].params.first].ref);
  }
}

static void find_clashes(Prover *v) {
  for (uint32_t i = 0; i < v->p->fans_count; i++) {
    const FanInfo *f = &v->m.fans[i];
    if (!f->clashes) continue;
    uint32_t action = v->p->calls[code_a(v->p->code[f->shared_pc])].action;
    find(v, FINDING_CONFLICT, i, action, f->shared_pc, NONE_INDEX, v->p->param_types[v->p->actions[action].params.first].ref);
  }
}

/* A runbook that is there to take things out of service, and gives none of them back when nothing fails, is not told that it does. */
static bool is_purpose(const Prover *v, uint32_t kind) { return v->leaves_out[kind] && !v->gives_back[kind]; }

static bool leaves_some_out(const Prover *v) {
  for (uint32_t k = 0; k < KINDS_MAX; k++)
    if (is_purpose(v, k)) return true;
  return false;
}

static void drop_purpose(Prover *v) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < v->findings.len; i++)
    if (v->findings.items[i].kind != FINDING_LEFT || !is_purpose(v, v->findings.items[i].member_kind)) v->findings.items[kept++] = v->findings.items[i];
  v->findings.len = kept;
}

static void after(Prover *v) {
  v->from = 0;
  v->now = v->states[0];
  v->faults = 0;
  v->dead = false;
  v->move = (Move){.kind = MOVE_SILENT};
  find_clashes(v);
  find_reaching(v);
  drop_purpose(v);
  if (!v->completes && v->findings.len == 0) find(v, FINDING_NEVER_DONE, 0, 0, v->p->entry, NONE_INDEX, NONE_INDEX);
  for (uint32_t i = 0; i < v->p->steps_count && v->completes; i++)
    if (!v->m.step_seen[i]) find(v, FINDING_UNREACHED, i, i, NONE_INDEX, NONE_INDEX, NONE_INDEX);
  find_idle(v);
}

static void give_up(Prover *v) {
  if (v->findings.len > 0) return; /* what was found is reason enough */
  vec_push(&v->findings, ((Finding){.kind = FINDING_TOO_LARGE, .pc = v->p->entry, .fact = NONE_INDEX, .member_kind = NONE_INDEX}));
}

static ProofVerdict verdict(const Prover *v) {
  if (v->gave_up || v->m.too_much) return PROOF_OPEN;
  ProofVerdict worst = PROOF_HOLDS;
  for (uint32_t i = 0; i < v->findings.len; i++) {
    FindingKind kind = v->findings.items[i].kind;
    if (kind == FINDING_UNREACHED || kind == FINDING_IDLE) continue; /* dead text hurts nobody */
    if (kind != FINDING_OPAQUE) return PROOF_FAILS;
    worst = PROOF_OPEN;
  }
  return worst;
}

static const Traced *traced(const Prover *v) {
  Traced *out = arena_new_array(v->arena, Traced, v->m.var_count + 1);
  for (uint32_t i = 0; i < v->m.var_count; i++) {
    const Var *d = &v->m.vars[i];
    TracedKind kind = d->kind == VAR_FACT ? TRACED_FACT : d->kind == VAR_ATTR ? TRACED_ATTR : TRACED_PARAM;
    out[i] = (Traced){.kind = kind, .row = d->row, .member_kind = d->entity_kind, .ordinary = d->ordinary};
  }
  return out;
}

typedef struct People { bool may; uint32_t from; } People;

static const Proof *look(const Program *p, People people, uint32_t states_most, ProofEnough *enough, void *ctx, Arena *arena, Buf *ret_states) {
  Prover *v = xcalloc(1, sizeof *v);
  v->p = p, v->people = people.may, v->people_from = people.from, v->arena = arena, v->states_most = states_most, v->enough = enough;
  v->enough_ctx = ctx, v->let_kind = NONE_INDEX;
  model_make(v);
  if (!v->m.too_much) {
    start(v);
    search(v);
    if (!v->gave_up && !v->m.too_much && !v->ended_early) after(v);
  }
  if (v->gave_up || v->m.too_much) give_up(v);
  Proof *proof = arena_new_object(arena, Proof);
  *proof = (Proof){.verdict = verdict(v), .states = v->state_count, .edges = v->edges, .sent = v->m.sent, .leaves_out = leaves_some_out(v), .irreversible = line_of(v, v->irreversible)};
  proof->findings = arena_copy(arena, v->findings.items ? v->findings.items : (Finding[]){{0}}, v->findings.len * sizeof(Finding));
  proof->finding_count = v->findings.len;
  proof->traced_count = v->m.var_count;
  proof->traced = traced(v);
  if (ret_states && !v->gave_up && !v->m.too_much && !v->ended_early) proof_certificate(v, ret_states);
  free(v->states), free(v->nodes), free(v->table);
  vec_done(&v->level), vec_done(&v->next), vec_done(&v->findings);
  free(v);
  return proof;
}

const Proof *prove(const Program *p, uint32_t states_most, Arena *arena) { return look(p, (People){0}, states_most, NULL, NULL, arena, NULL); }

const Proof *prove_until(const Program *p, uint32_t states_most, ProofEnough *enough, void *ctx, Arena *arena) {
  return look(p, (People){0}, states_most, enough, ctx, arena, NULL);
}

const Proof *prove_with_people(const Program *p, uint32_t from, uint32_t states_most, Arena *arena) {
  return look(p, (People){true, from}, states_most, NULL, NULL, arena, NULL);
}

const Proof *prove_and_certify(const Program *p, uint32_t states_most, Arena *arena, Buf *ret_states) {
  return look(p, (People){0}, states_most, NULL, NULL, arena, ret_states);
}
