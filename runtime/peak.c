/* peak: a strand's code, in the order of its addresses, with who may be out at each, apart for each outcome of the action in
 * front. From an attempt its roll back is reached at any point, so it begins with whoever was out before it; a guard's handler
 * likewise. */
#include <config.h>

#include "runtime/peak.h"

#include "runtime/peak_core.h"
#include "runtime/possible.h"
#include "runtime/vm_core.h"

#include <stdlib.h>
#include <string.h>

enum { OK, FAILED, UNKNOWN, OUTCOMES };

typedef struct At { Out out[OUTCOMES]; bool turned; } At; /* turned: it is reached by turning back */

typedef struct Walk {
  Seeker *k;
  Arena *arena;
  const Around *around;
  int64_t slots[LIMIT_SLOTS];
  WayPlaces places; /* the seeker's */
  At *at;
  Strands sum;
} Walk;

static Out merged(const Walk *w, const At *at) {
  Out o = {0};
  for (int i = 0; i < OUTCOMES; i++) out_join(w->arena, &o, &at->out[i]);
  return o;
}

static void flow(Walk *w, uint32_t to, int outcome, const Out *o) {
  if (to != NONE_INDEX) out_join(w->arena, &w->at[to].out[outcome], o);
}

static void flow_all(Walk *w, uint32_t to, const Out *o) {
  for (int i = 0; i < OUTCOMES; i++) flow(w, to, i, o);
}

static void seen(Walk *w, const Out *o) {
  int64_t total = out_total(w->arena, o);
  w->sum.any = set_union(w->arena, w->sum.any, out_all(w->arena, o));
  if (total > w->sum.most) w->sum.most = total;
  if (!w->around && total > w->k->step_most) w->k->step_most = total;
}

/* ---- actions ---- */

static void everything(const Seeker *k, EntityVec *out) {
  for (uint32_t i = 0; i < fleet_count(k->vm->fleet, k->kind); i++) vec_push(out, i);
}

/* Whom an effect is on. When the arguments are not known yet it may be anybody. */
static Set targets(Walk *w, const WayPlace *at, const ActionRow *action, const EffectRow *row) {
  Vm *vm = w->k->vm;
  int64_t copy[VM_SLOTS], args[LIMIT_SLOTS];
  uint32_t sp = vm->sp, open = vm->open, n = action->params.count;
  EntityVec who = {0};
  bool known = n <= LIMIT_SLOTS && !possible_varies(vm, at->stand.statement, at->pc, w->slots);
  memcpy(copy, w->slots, LIMIT_SLOTS * sizeof *copy);
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) args[i] = VALUE_UNKNOWN;
  known = known && vm_run(vm, at->stand.statement, at->pc, copy) == at->pc && vm->sp >= sp + n;
  for (uint32_t i = 0; known && i < n; i++) known = (args[i] = vm->stack[vm->sp - n + i]) != VALUE_UNKNOWN;
  vm->sp = sp;
  vm->open = open;
  if (known) vm_collect(vm, row->targets, args, n, &who);
  else everything(w->k, &who);
  Set set = set_of(w->arena, &who);
  vec_done(&who);
  return set;
}

static bool makes_in_service(const Seeker *k, const EffectRow *row) {
  for (uint32_t i = 0; i < row->values.count; i++)
    if (k->p->index_list[row->values.first + i] == k->in_service) return true;
  return false;
}

static bool is_counted(const Seeker *k, const EffectRow *row) { return row->fact == k->fact && row->kind == k->kind; }

/* Counted from when it is sent, whatever comes of it; given back when it is done. */
static void act(Walk *w, uint32_t i) {
  const WayPlace *at = &w->places.items[i];
  const ActionRow *action = &w->k->p->actions[w->k->p->calls[code_a(w->k->p->code[at->pc])].action];
  Out sent = merged(w, &w->at[i]), done;
  bool first = true;
  for (uint32_t j = 0; j < action->makes.count && sent.live; j++) {
    const EffectRow *row = &w->k->p->effects[action->makes.first + j];
    if (!is_counted(w->k, row) || makes_in_service(w->k, row) || !first) continue;
    int64_t before = out_total(w->arena, &sent);
    Set who = targets(w, at, action, row);
    sent.in = set_union(w->arena, sent.in, who);
    sent.in_most = sent.in_most + who.len < sent.in.len ? sent.in_most + who.len : sent.in.len;
    if (before > w->sum.held) w->sum.held = before;
    if (out_total(w->arena, &sent) > w->sum.wanted) w->sum.wanted = out_total(w->arena, &sent);
    first = false;
  }
  done = sent;
  for (uint32_t j = 0; j < action->makes.count && sent.live; j++) {
    const EffectRow *row = &w->k->p->effects[action->makes.first + j];
    if (!is_counted(w->k, row) || !makes_in_service(w->k, row) || row->values.count != 1 || row->may) continue;
    done.in = set_minus(w->arena, done.in, targets(w, at, action, row));
    if (done.in_most > done.in.len) done.in_most = done.in.len;
  }
  if (sent.live) seen(w, &sent);
  flow(w, at->next, OK, &done);
  flow(w, at->next, FAILED, &sent);
  flow(w, at->next, UNKNOWN, &sent);
}

/* ---- exits ---- */

/* The outermost fan-out whose member is within what leaves: its strand ends, and those in it. NULL: none, or not known. */
static const Around *ended_by(const Walk *w, const WayPlace *at) {
  uint32_t kind = code_a(w->k->p->code[at->pc]);
  if (possible_varies(w->k->vm, at->stand.statement, at->pc, w->slots)) return NULL;
  int64_t e = stand_value(w->k->vm, at->stand, at->pc, w->slots);
  const Around *found = NULL;
  for (const Around *a = w->around; a && e != VALUE_UNKNOWN; a = a->outer)
    if (fleet_up(w->k->vm->fleet, a->fan->kind, (Entity)w->slots[a->fan->slot], kind) == (Entity)e) found = a;
  return found;
}

static void leave(Walk *w, Set who, int64_t total, bool kept) {
  w->sum.aside = set_union(w->arena, w->sum.aside, who);
  if (total > w->sum.aside_most) w->sum.aside_most = total;
  w->sum.keeps |= kept;
  w->sum.leaves = true;
}

static void member_leaves(Walk *w, uint32_t i, bool kept) {
  const WayPlace *at = &w->places.items[i];
  const Around *ended = ended_by(w, at);
  Out o = merged(w, &w->at[i]);
  int64_t total = out_total(w->arena, &o);
  if (!o.live) return;
  if (ended && ended != w->around) {
    w->sum.with |= 1u << ended->depth;
    w->sum.keeps |= kept;
    return;
  }
  leave(w, out_all(w->arena, &o), total, kept);
  if (ended) return;
  o.aside = out_all(w->arena, &o); /* others may be who leave: all of them may stay out */
  o.aside_most = total;
  flow_all(w, at->next, &o);
}

/* Any of them may have got no yes. */
static void refused_leave(Walk *w, uint32_t i) {
  Out o = merged(w, &w->at[i]);
  int64_t total = out_total(w->arena, &o);
  if (!o.live) return;
  o.aside = out_all(w->arena, &o);
  o.aside_most = total;
  flow_all(w, w->places.items[i].next, &o);
}

/* ---- the rest ---- */

static void fan_at(Walk *w, uint32_t i) {
  const WayPlace *at = &w->places.items[i];
  const FanRow *f = &w->k->p->fans[code_a(w->k->p->code[at->pc])];
  Out o = merged(w, &w->at[i]);
  if (!o.live) return;
  FanOut r = peak_fan(w->k, w->arena, f, w->around, w->slots, &o);
  if (w->around && (r.with >> w->around->depth & 1)) leave(w, r.any, r.most, r.keeps);
  w->sum.with |= w->around ? r.with & ~(1u << w->around->depth) : 0;
  w->sum.any = set_union(w->arena, w->sum.any, r.any);
  if (r.most > w->sum.most) w->sum.most = r.most;
  if (r.held > w->sum.held) w->sum.held = r.held;
  if (r.wanted > w->sum.wanted) w->sum.wanted = r.wanted;
  if (!w->around && r.most > w->k->step_most) w->k->step_most = r.most;
  flow_all(w, at->next, &r.after);
  flow_all(w, at->other, &r.stopped);
}

static void note_most(Seeker *k, uint32_t step) {
  for (uint32_t s = step; s != NONE_INDEX; s = k->p->steps[s].parent)
    if (k->step_most > k->steps[s]) k->steps[s] = k->step_most;
}

/* A step's peak: the greatest since it began, also of what was out when it did. */
static void step_at(Walk *w, uint32_t i, bool begin) {
  Seeker *k = w->k;
  uint32_t step = code_a(k->p->code[w->places.items[i].pc]);
  Out o = merged(w, &w->at[i]);
  if (!o.live) return;
  if (begin) note_most(k, k->p->steps[step].parent);
  if (begin) k->step_most = out_total(w->arena, &o);
  note_most(k, step);
}

static void go_on(Walk *w, uint32_t i) {
  const WayPlace *at = &w->places.items[i];
  for (int outcome = 0; outcome < OUTCOMES; outcome++) {
    flow(w, at->next, outcome, &w->at[i].out[outcome]);
    flow(w, at->jump, outcome, &w->at[i].out[outcome]);
  }
}

static void branch(Walk *w, uint32_t i, int outcome) {
  const WayPlace *at = &w->places.items[i];
  for (int o = 0; o < OUTCOMES; o++) flow(w, o == outcome ? at->jump : at->next, o, &w->at[i].out[o]);
}

static void store(Walk *w, const WayPlace *at) {
  bool varies = possible_varies(w->k->vm, at->stand.statement, at->pc, w->slots);
  w->slots[code_a(w->k->p->code[at->pc])] = varies ? VALUE_UNKNOWN : stand_value(w->k->vm, at->stand, at->pc, w->slots);
}

static void step_over(Walk *w, uint32_t i) {
  const WayPlace *at = &w->places.items[i];
  Out o;
  switch ((int)code_op(w->k->p->code[at->pc])) {
    case OPCODE_ACT: act(w, i); return;
    case OPCODE_FAN: fan_at(w, i); return;
    case OPCODE_ON_OK: branch(w, i, OK); return;
    case OPCODE_ON_FAILED: branch(w, i, FAILED); return;
    case OPCODE_ON_UNKNOWN: branch(w, i, UNKNOWN); return;
    case OPCODE_SET_ASIDE: member_leaves(w, i, false); return;
    case OPCODE_KEEP_OUT: member_leaves(w, i, true); return;
    case OPCODE_ASIDE_WITHOUT_YES: case OPCODE_OUT_WITHOUT_YES: refused_leave(w, i); return;
    case OPCODE_CONFIRM: case OPCODE_GATE: case OPCODE_LOCK: case OPCODE_HOLD: case OPCODE_SET_BEGIN:
      o = merged(w, &w->at[i]);
      flow_all(w, at->next, &o);
      return;
    case OPCODE_MEMBER_DONE:
      o = merged(w, &w->at[i]);
      out_join(w->arena, &w->sum.done, &o);
      return;
    case OPCODE_STEP_BEGIN: step_at(w, i, true); break;
    case OPCODE_STEP_END: step_at(w, i, false); break;
    case OPCODE_STORE: store(w, at); break;
    case OPCODE_ATTEMPT: case OPCODE_GUARD_BEGIN:
      if (at->other != NONE_INDEX) w->at[at->other].turned = true;
      break;
    default: break;
  }
  go_on(w, i);
}

static WayPlaces places_from(Seeker *k, uint32_t pc) {
  uint32_t known;
  if (id_map_get(&k->way_of, (uint64_t)pc + 1, &known)) return k->ways.items[known];
  WayPlaces places = {0};
  way_find(k->p, pc, WAY_ALL, &places);
  id_map_put(&k->way_of, (uint64_t)pc + 1, k->ways.len);
  vec_push(&k->ways, places);
  return places;
}

Strands peak_strand(Seeker *k, Arena *arena, uint32_t pc, const Around *around, const int64_t *slots, const Out *from) {
  Walk w = {.k = k, .arena = arena, .around = around, .places = places_from(k, pc)};
  memcpy(w.slots, slots, sizeof w.slots);
  w.at = xcalloc(w.places.len, sizeof *w.at);
  flow_all(&w, 0, from);
  seen(&w, from);
  for (uint32_t i = 0; i < w.places.len; i++) {
    if (w.at[i].turned) flow_all(&w, i, &(Out){.live = true, .in = w.sum.any, .in_most = w.sum.most});
    step_over(&w, i);
  }
  free(w.at);
  return w.sum;
}

bool peak_touches(Seeker *k, uint32_t pc) {
  uint32_t known;
  if (id_map_get(&k->touching, (uint64_t)pc + 1, &known)) return known;
  WayPlaces places = places_from(k, pc);
  bool touches = false;
  for (uint32_t i = 0; i < places.len && !touches; i++) {
    uint32_t word = k->p->code[places.items[i].pc], a = code_a(word);
    if (code_op(word) == OPCODE_FAN) touches = peak_touches(k, k->p->fans[a].body);
    if (code_op(word) != OPCODE_ACT) continue;
    Slice makes = k->p->actions[k->p->calls[a].action].makes;
    for (uint32_t j = 0; j < makes.count && !touches; j++) touches = is_counted(k, &k->p->effects[makes.first + j]);
  }
  id_map_put(&k->touching, (uint64_t)pc + 1, touches);
  return touches;
}

/* ---- */

/* As the engine's budget finds it. */
static bool find_service(Seeker *k) {
  const Program *p = k->p;
  for (uint32_t i = 0; i < p->facts_count; i++) {
    if (strcmp(program_str(p, p->facts[i].name), "service") != 0 || p->facts[i].type.klass != VALUE_ENUM) continue;
    Slice words = p->enums[p->facts[i].type.ref].words;
    for (uint32_t w = 0; w < words.count; w++) {
      if (strcmp(program_str(p, p->enum_words[words.first + w]), "in_service") != 0) continue;
      k->fact = i;
      k->in_service = w + 1;
      k->kind = p->budgets_count ? p->budgets[0].kind : p->index_list[p->facts[i].kinds.first];
      return true;
    }
  }
  return false;
}

Peak peak_find(Vm *vm, Arena *arena) {
  const Program *p = vm->program;
  Peak peak = {.kind = NONE_INDEX, .most_of.step = NONE_INDEX, .need_of.step = NONE_INDEX};
  Seeker k = {.vm = vm, .p = p, .peak = &peak};
  int64_t slots[LIMIT_SLOTS];
  k.steps = arena_new_array(arena, int64_t, p->steps_count);
  for (uint32_t i = 0; i < p->steps_count; i++) k.steps[i] = -1;
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) slots[i] = VALUE_UNKNOWN;
  peak.steps = k.steps;
  if (!find_service(&k)) return peak;
  peak.kind = k.kind;
  Arena *scratch = arena_new();
  Strands main = peak_strand(&k, scratch, p->entry, NULL, slots, &(Out){.live = true});
  if (main.most > peak.most) peak.most = main.most;
  if (main.wanted > peak.need) peak.need = main.wanted;
  arena_free(scratch);
  for (uint32_t i = 0; i < k.ways.len; i++) vec_done(&k.ways.items[i]);
  vec_done(&k.ways);
  id_map_done(&k.way_of);
  id_map_done(&k.touching);
  return peak;
}
