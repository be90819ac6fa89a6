/* engine_release: the way out of a lockout. Each member that is still in and whose condition holds is released, automation by
 * automation in the declared order, first the canaries, which are watched for a while; every other member stays locked and is
 * handed over by name. An automation on a container is released when all of its members may be.
 *
 * A release runs in the strand that leaves the scope, or, for members that are done early, in a strand of its own. Its
 * candidates are all members, or those below one entity. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <string.h>

enum { REL_NEW, REL_SENSE, REL_BATCH, REL_WATCH, REL_LOOK, REL_HAND };

/* While a release goes on: args[0] the automation's place in the order, args[1] the next candidate, args[2] a canary batch,
 * args[3] an unlock did not succeed in this pass. */

static const LockoutRow *row_of(const Engine *e, const Lockout *l) { return &e->program->lockouts[l->row]; }

/* ---- candidates ---- */

uint32_t release_candidates(Engine *e, const Strand *s, const Lockout *l) {
  if (s->task != TASK_RELEASE) return l->members.len;
  return fleet_members(e->fleet, s->ordinal, s->member, row_of(e, l)->kind).count;
}

/* Index of the i-th candidate in the lockout's members, NONE_INDEX: that one is not of it. */
uint32_t release_candidate(Engine *e, const Strand *s, const Lockout *l, uint32_t i) {
  if (s->task != TASK_RELEASE) return i;
  FleetMembers m = fleet_members(e->fleet, s->ordinal, s->member, row_of(e, l)->kind);
  uint32_t index;
  return id_map_get(&l->index_of, (uint64_t)fleet_member(m, i) + 1, &index) ? index : NONE_INDEX;
}

/* The items of one automation that cover a member. */
static void each_item(Engine *e, uint32_t id, Lockout *l, uint32_t automation, uint32_t member, EachItem *visit) {
  uint32_t kind = row_of(e, l)->kind, to = e->program->automations[automation].kind;
  Entity up = fleet_up(e->fleet, kind, member, to);
  LockItem *item;
  if (up != ENTITY_NONE) {
    if ((item = lock_item(l, automation, up))) visit(e, id, l, item);
    return;
  }
  FleetMembers below = fleet_members(e->fleet, kind, member, to);
  for (uint32_t i = 0; i < below.count; i++)
    if ((item = lock_item(l, automation, fleet_member(below, i)))) visit(e, id, l, item);
}

void release_each_item(Engine *e, uint32_t id, Lockout *l, uint32_t member, EachItem *visit) {
  Slice autos = row_of(e, l)->automations;
  for (uint32_t i = 0; i < autos.count; i++) each_item(e, id, l, e->program->index_list[autos.first + i], member, visit);
}

/* ---- who may be released ---- */

static int64_t condition_of(Engine *e, const Strand *s, const Lockout *l, uint32_t member) {
  const LockoutRow *row = row_of(e, l);
  int64_t slots[LIMIT_SLOTS];
  if (!row->release) return 1;
  memcpy(slots, s->slots, sizeof slots);
  slots[row->release_slot] = member;
  return vm_value(e->vm, row->release, slots, LIMIT_SLOTS);
}

static void ask_release(Engine *e, Strand *s) {
  Lockout *l = &e->lockouts.items[s->job];
  uint32_t kind = row_of(e, l)->kind, count = release_candidates(e, s, l);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t m = release_candidate(e, s, l, i);
    if (m != NONE_INDEX && l->member_state[m] == MEMBER_LOCKED && !member_out(e, kind, l->members.items[m]))
      condition_of(e, s, l, l->members.items[m]);
  }
}

static void judge_candidates(Engine *e, Strand *s) {
  Lockout *l = &e->lockouts.items[s->job];
  uint32_t kind = row_of(e, l)->kind, count = release_candidates(e, s, l);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t m = release_candidate(e, s, l, i);
    if (m == NONE_INDEX || l->member_state[m] != MEMBER_LOCKED) continue;
    bool free = !member_out(e, kind, l->members.items[m]) && condition_of(e, s, l, l->members.items[m]) == 1;
    l->member_state[m] = free ? MEMBER_TO_RELEASE : MEMBER_TO_HAND_OVER;
    if (free) budget_released(e, kind, l->members.items[m]);
  }
}

/* ---- a batch ---- */

static void count_free(Engine *e, uint32_t id, Lockout *l, LockItem *item) {
  (void)e, (void)id, (void)l;
  item->free++;
}

static void begin_batch(Engine *e, uint32_t id, bool canary) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  const LockoutRow *row = row_of(e, l);
  uint32_t count = release_candidates(e, s, l), groups = 0;
  Entity last = ENTITY_NONE;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t m = release_candidate(e, s, l, i);
    if (m == NONE_INDEX || l->member_state[m] != MEMBER_TO_RELEASE) continue;
    Entity group = canary ? fleet_up(e->fleet, row->kind, l->members.items[m], row->canary_kind) : 0;
    if (canary && (group != last || group == ENTITY_NONE) && groups++ >= row->canary_count) break;
    last = group;
    l->member_state[m] = MEMBER_RELEASING;
    release_each_item(e, id, l, l->members.items[m], count_free);
  }
  s->args[0] = s->args[1] = s->args[3] = 0;
  s->args[2] = canary;
  s->stage = REL_BATCH;
}

static bool in_order(const Program *p, Slice order, uint32_t automation) {
  for (uint32_t i = 0; i < order.count; i++)
    if (p->index_list[order.first + i] == automation) return true;
  return false;
}

/* The automations in the order of release: those named, then the others. */
static uint32_t nth_automation(const Engine *e, const LockoutRow *row, uint32_t n) {
  const Program *p = e->program;
  if (n < row->release_order.count) return p->index_list[row->release_order.first + n];
  uint32_t rest = n - row->release_order.count;
  for (uint32_t i = 0; i < row->automations.count; i++) {
    uint32_t a = p->index_list[row->automations.first + i];
    if (!in_order(p, row->release_order, a) && rest-- == 0) return a;
  }
  return NONE_INDEX;
}

void lock_let_go(Engine *e, LockItem *item) {
  LockCell *cell = lock_cell(e, item->automation, item->entity);
  if (cell->refs > 0) cell->refs--;
  item->done = 1;
}

static void send_unlock(Engine *e, uint32_t id, Lockout *l, LockItem *item) {
  if (item->done || item->free < item->covers) return;
  LockCell *cell = lock_cell(e, item->automation, item->entity);
  if (!item->own || cell->state == LOCK_WANTED) { /* an outer lockout keeps it, or it was never locked */
    if (item->own) cell->state = LOCK_FREE;
    lock_let_go(e, item);
    return;
  }
  if (cell->state == LOCK_FREEING) return;
  if (item->locking) { /* it may land behind an unlock: later */
    strand_at(e, id)->args[3] = 1;
    return;
  }
  cell->state = LOCK_FREEING;
  lock_send(e, id, strand_at(e, id)->job, (uint32_t)(item - l->items.items), COMMAND_UNLOCK);
}

/* One automation on all candidates of the batch. False: it waits. */
static bool unlock_pass(Engine *e, uint32_t id, uint32_t automation) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  uint32_t count = release_candidates(e, s, l);
  while (s->args[1] < count && s->outstanding < l->at_once) {
    uint32_t m = release_candidate(e, s, l, (uint32_t)s->args[1]++);
    if (m != NONE_INDEX && l->member_state[m] == MEMBER_RELEASING)
      each_item(e, id, l, automation, l->members.items[m], send_unlock);
  }
  if (s->args[1] < count || s->outstanding > 0) return false;
  if (!s->args[3]) return true;
  s->args[3] = s->args[1] = 0; /* again, after a while, what did not succeed */
  strand_timer(e, id, e->now + UNLOCK_AGAIN);
  return false;
}

static bool batch_goes_on(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const LockoutRow *row = row_of(e, &e->lockouts.items[s->job]);
  if (s->timer != TIMER_NONE) return false;
  for (uint32_t a; (a = nth_automation(e, row, (uint32_t)s->args[0])) != NONE_INDEX; s->args[0]++, s->args[1] = 0)
    if (!unlock_pass(e, id, a)) return false;
  return true;
}

static void item_stuck(Engine *e, Lockout *l, LockItem *item) {
  uint32_t kind = row_of(e, l)->kind;
  lock_cell(e, item->automation, item->entity)->state = LOCK_HANDED;
  item->done = 1;
  l->why = text_printf(e, "%s could not be unlocked on %s", program_str(e->program, e->program->automations[item->automation].name),
                       entity_name(e, item->kind, item->entity));
  for (uint32_t i = 0; i < l->members.len; i++) {
    bool covered = fleet_up(e->fleet, kind, l->members.items[i], item->kind) == item->entity ||
                   fleet_up(e->fleet, item->kind, item->entity, kind) == l->members.items[i];
    if (covered && l->member_state[i] == MEMBER_RELEASING) l->member_state[i] = MEMBER_TO_HAND_OVER;
  }
}

void release_answer(Engine *e, const Flight *f, const Event *event) {
  Strand *s = strand_at(e, f->strand);
  Lockout *l = &e->lockouts.items[s->job];
  LockItem *item = &l->items.items[f->item];
  LockCell *cell = lock_cell(e, item->automation, item->entity);
  if (event->kind == EVENT_OUTCOME && event->outcome == OUT_OK) {
    cell->state = LOCK_FREE;
    lock_let_go(e, item);
    note(e, NOTE_RELEASED, item->automation, item->kind, item->entity, 1, row_of(e, l)->line, 0);
  } else if (++item->tries >= UNLOCK_TRIES) {
    item_stuck(e, l, item);
  } else {
    cell->state = LOCK_HELD;
    s->args[3] = 1;
  }
  ready_strand(e, f->strand);
}

static void end_batch(Engine *e, Strand *s) {
  Lockout *l = &e->lockouts.items[s->job];
  uint32_t count = release_candidates(e, s, l);
  for (uint32_t i = 0; i < count && !s->args[2]; i++) {
    uint32_t m = release_candidate(e, s, l, i);
    if (m != NONE_INDEX && l->member_state[m] == MEMBER_RELEASING) l->member_state[m] = MEMBER_PASSED;
  }
}

/* ---- the canaries ---- */

static int64_t investigate_code(const Engine *e) {
  if (e->budget.service == NONE_INDEX) return VALUE_UNKNOWN;
  Slice words = e->program->enums[e->program->facts[e->budget.service].type.ref].words;
  for (uint32_t i = 0; i < words.count; i++)
    if (strcmp(program_str(e->program, e->program->enum_words[words.first + i]), "investigate") == 0) return i + 1;
  return VALUE_UNKNOWN;
}

static bool has_service(const Engine *e, uint32_t kind) {
  if (e->budget.service == NONE_INDEX) return false;
  Slice kinds = e->program->facts[e->budget.service].kinds;
  for (uint32_t i = 0; i < kinds.count; i++)
    if (e->program->index_list[kinds.first + i] == kind) return true;
  return false;
}

/* Is the canary well? Also the code that is run to find out what to read. */
static bool canary_well(Engine *e, Strand *s, Lockout *l, uint32_t member) {
  uint32_t kind = row_of(e, l)->kind;
  bool well = condition_of(e, s, l, member) == 1;
  if (!has_service(e, kind)) return well;
  int64_t service = e->vm->host.fact(e, e->budget.service, kind, member);
  return well && (service == VALUE_UNKNOWN || service != investigate_code(e));
}

static uint32_t sick_canary(Engine *e, Strand *s) {
  Lockout *l = &e->lockouts.items[s->job];
  uint32_t sick = NONE_INDEX;
  for (uint32_t i = 0; i < l->members.len; i++)
    if (l->member_state[i] == MEMBER_RELEASING && !canary_well(e, s, l, l->members.items[i]) && sick == NONE_INDEX)
      sick = l->members.items[i];
  return sick;
}

static void ask_canaries(Engine *e, Strand *s) { sick_canary(e, s); }

static void stop_release(Engine *e, Strand *s, uint32_t sick) {
  Lockout *l = &e->lockouts.items[s->job];
  l->why = text_printf(e, "the release was stopped: %s, released first, is not well", entity_name(e, row_of(e, l)->kind, sick));
  for (uint32_t i = 0; i < l->members.len; i++)
    if (l->member_state[i] == MEMBER_TO_RELEASE) l->member_state[i] = MEMBER_TO_HAND_OVER;
  note(e, NOTE_ALARM, NONE_INDEX, row_of(e, l)->kind, sick, 0, row_of(e, l)->line, l->why);
}

static void watch(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  int64_t next = e->now + WATCH_EVERY;
  strand_timer(e, id, next < s->until ? next : s->until);
  s->stage = REL_WATCH;
}

static void after_look(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  uint32_t sick = sick_canary(e, s);
  if (sick == NONE_INDEX && e->now < s->until) {
    watch(e, id);
    return;
  }
  for (uint32_t i = 0; i < l->members.len; i++)
    if (l->member_state[i] == MEMBER_RELEASING) l->member_state[i] = MEMBER_PASSED;
  s->stage = REL_HAND;
  if (sick != NONE_INDEX) stop_release(e, s, sick);
  else begin_batch(e, id, false);
}

/* ---- the whole ---- */

static bool begin_release(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  if (s->task != TASK_RELEASE && l->releasers > 0) return false;
  if (s->task != TASK_RELEASE) sweep_stop(e, s->job);
  if (s->task != TASK_RELEASE && l->locking > 0) return false;
  sense_begin(e, s);
  s->stage = REL_SENSE;
  return true;
}

void release_all(Engine *e, Strand *s, uint32_t lockout) {
  Lockout *l = &e->lockouts.items[lockout];
  for (uint32_t i = 0; i < l->members.len; i++) l->member_state[i] = MEMBER_TO_RELEASE;
  s->stage = REL_SENSE;
}

bool release_goes_on(Engine *e, uint32_t id, uint32_t lockout) {
  Strand *s = strand_at(e, id);
  s->job = lockout;
  for (;;) {
    const LockoutRow *row = row_of(e, &e->lockouts.items[lockout]);
    switch (s->stage) {
      case REL_NEW:
        if (!begin_release(e, id)) return false;
        break;
      case REL_SENSE:
        if (s->outstanding > 0 || !sense_round(e, id, ask_release)) return false;
        judge_candidates(e, s);
        begin_batch(e, id, s->task == TASK_CODE && row->canary_count > 0 && !e->lockouts.items[lockout].giving_back);
        break;
      case REL_BATCH:
        if (!batch_goes_on(e, id)) return false;
        end_batch(e, s);
        s->until = later(e, row->watch);
        if (s->args[2]) watch(e, id);
        else s->stage = REL_HAND;
        break;
      case REL_WATCH:
        if (s->timer != TIMER_NONE) return false;
        sense_begin(e, s);
        s->stage = REL_LOOK;
        break;
      case REL_LOOK:
        if (s->outstanding > 0 || !sense_round(e, id, ask_canaries)) return false;
        after_look(e, id);
        break;
      default:
        hand_over(e, id);
        s->stage = REL_NEW;
        return true;
    }
  }
}

Flow lockout_release(Engine *e, uint32_t id, uint32_t lockout) {
  strand_at(e, id)->phase = 1;
  if (!release_goes_on(e, id, lockout)) return FLOW_WAIT;
  Strand *s = strand_at(e, id);
  lockout_close(e, lockout);
  s->job = NONE_INDEX;
  s->phase = 0;
  return FLOW_ON;
}

Flow op_unlock(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (!scope_is(e, s, SCOPE_LOCKOUT, strand_op_a(e, s))) return flow_next(e, s); /* it could not be taken */
  if (lockout_release(e, id, e->scopes.items[s->scope].data) == FLOW_WAIT) return FLOW_WAIT;
  scope_close(e, id);
  return flow_next(e, s);
}

/* ---- as soon as it is done ---- */

void release_run(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t lockout = s->job;
  if (!release_goes_on(e, id, lockout)) return;
  strand_free(e, id);
  e->lockouts.items[lockout].releasers--;
  ready_strand(e, e->lockouts.items[lockout].strand);
}

void release_early(Engine *e, uint32_t fan, uint32_t entity) {
  const Fan *f = &e->fans.items[fan];
  uint32_t lockout = strand_lockout(e, strand_at(e, f->strand)), owner = f->strand, kind = e->program->fans[f->row].kind;
  if (lockout == NONE_INDEX || e->lockouts.items[lockout].early_fan != f->row) return;
  uint32_t id = strand_new(e, TASK_RELEASE);
  Strand *s = strand_at(e, id);
  memcpy(s->slots, strand_at(e, owner)->slots, sizeof s->slots);
  s->scope = s->base = strand_at(e, owner)->scope;
  s->job = lockout;
  s->member = entity;
  s->ordinal = kind;
  e->lockouts.items[lockout].releasers++;
  ready_strand(e, id);
}

/* The last fan between LOCK and UNLOCK that no attempt is around: what an attempt has done may yet be rolled back, and a
 * roll back needs its locks. */
uint32_t early_fan_of(const Engine *e, const Strand *s) {
  const Program *p = e->program;
  uint32_t row = strand_op_a(e, s), last = NONE_INDEX, attempts = 0;
  if (!p->lockouts[row].as_soon_as_done) return NONE_INDEX;
  for (uint32_t pc = s->pc; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    if (op == OPCODE_UNLOCK && code_a(p->code[pc]) == row) break;
    if (op == OPCODE_ATTEMPT) attempts++;
    if (op == OPCODE_UNDO_END) attempts--;
    if (op == OPCODE_FAN && attempts == 0 && !p->fans[code_a(p->code[pc])].inner) last = code_a(p->code[pc]);
    if (op == OPCODE_FAN && attempts > 0 && !p->fans[code_a(p->code[pc])].inner) last = NONE_INDEX;
  }
  return last;
}
