/* engine_report: what the run waits for, in a sentence; and a digest of the whole state, by which a replay is checked. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_parts.h"

#include <inttypes.h>
#include <string.h>

/* ---- what it waits for ---- */

static uint32_t count_commands(const Engine *e, CommandKind kind, int64_t *ret_since, const Command **ret_first) {
  uint32_t n = 0;
  *ret_since = INT64_MAX;
  *ret_first = NULL;
  for (uint32_t i = 0; i < e->flights.len; i++) {
    const Command *c = &e->flights.items[i].command;
    if (c->kind != kind) continue;
    n++;
    if (*ret_first && c->id > (*ret_first)->id) continue;
    *ret_since = c->issued;
    *ret_first = c;
  }
  return n;
}

static void say_since(int64_t now, int64_t since, Buf *out) {
  if (now - since < SECOND) return;
  buf_str(out, ", for ");
  quantity_show(QUANTITY_DURATION, (now - since) / SECOND * SECOND, out);
}

static bool say_commands(const Engine *e, int64_t now, CommandKind kind, const char *one, const char *many, Buf *out) {
  int64_t since;
  const Command *first;
  uint32_t n = count_commands(e, kind, &since, &first);
  if (n == 0) return false;
  const char *name = "";
  if (kind == COMMAND_ACT) name = program_str(e->program, e->program->actions[first->subject].name);
  if (kind == COMMAND_LOCK || kind == COMMAND_UNLOCK) name = program_str(e->program, e->program->automations[first->subject].name);
  if (kind == COMMAND_ASK && first->args[0] >= 0 && first->args[0] < e->program->roles_count)
    name = program_str(e->program, e->program->roles[first->args[0]].name);
  buf_printf(out, "%u %s", n, n == 1 ? one : many);
  if (*name) buf_printf(out, " (%s%s%s)", name, *entity_name(e, first->kind_of_entity, first->entity) ? " of " : "",
                        entity_name(e, first->kind_of_entity, first->entity));
  say_since(now, since, out);
  return true;
}

/* Strands that wait for their turn or for an obstacle to pass; only this question looks at all of them. */
static bool say_admissions(Engine *e, int64_t now, Buf *out) {
  static const char *const what[] = {"", "the end of a pause", "their turn in a service", "room in the budget",
                                     "what was asked for without an answer: it may still be done late", "an automation that broke loose",
                                     "a person, who holds it back", "the window to open", "room in the fleet's budget",
                                     "a hold to end"};
  for (WaitKind w = WAIT_EMBARGO; w > WAIT_NOTHING; w--) {
    uint32_t n = 0;
    int64_t since = INT64_MAX;
    for (uint32_t i = 0; i < e->strand_count; i++) {
      const Strand *s = strand_at(e, i);
      if (s->task != TASK_CODE || s->wait != (uint8_t)w) continue;
      n++;
      if (s->since < since) since = s->since;
    }
    if (n == 0) continue;
    bool silent = w == WAIT_LEDGER && e->budget.silent;
    buf_printf(out, "%s (%u)", silent ? "the fleet's ledger, which cannot be asked" : what[w], n);
    say_since(now, since, out);
    return true;
  }
  return false;
}

static bool say_embargo(Engine *e, int64_t now, Buf *out) {
  EmbargoView w;
  if (!engine_embargo(e, 0, &w)) return false;
  buf_printf(out, "a hold to end: %s", w.why);
  say_since(now, w.since, out);
  return true;
}

/* Parked: nothing is at work, and members wait for the next opening. */
static bool say_parked(Engine *e, int64_t now, Buf *out) {
  Binding all[8];
  uint32_t n = engine_bindings(e, all, 8), i = 0;
  while (i < n && all[i].rule != BIND_WINDOW) i++;
  if (i == n) return false;
  buf_printf(out, "the window to open (%u)", all[i].waiting);
  if (all[i].next == INT64_MAX) return true;
  buf_str(out, ", in ");
  quantity_show(QUANTITY_DURATION, ((all[i].next > now ? all[i].next - now : 0) + SECOND - 1) / SECOND * SECOND, out);
  return true;
}

const char *engine_waiting_for(Engine *e, int64_t at, Buf *out) {
  int64_t now = at > e->now ? at : e->now;
  buf_reset(out);
  if (e->outcome != RUN_GOING) buf_str(out, "nothing: the run has ended");
  else if (!e->begun) buf_str(out, "its start");
  else if (say_commands(e, now, COMMAND_ASK, "answer of a person", "answers of people", out)) (void)0;
  else if (say_commands(e, now, COMMAND_ACT, "action", "actions", out)) (void)0;
  else if (say_commands(e, now, COMMAND_LOCK, "automation to be locked", "automations to be locked", out)) (void)0;
  else if (say_commands(e, now, COMMAND_UNLOCK, "automation to be released", "automations to be released", out)) (void)0;
  else if (say_commands(e, now, COMMAND_PERMIT, "answer of the fleet's ledger", "answers of the fleet's ledger", out)) (void)0;
  else if (say_commands(e, now, COMMAND_RISK, "answer of the fleet's ledger", "answers of the fleet's ledger", out)) (void)0;
  else if (e->paused) buf_str(out, "a person: it is paused");
  else if (say_embargo(e, now, out)) (void)0;
  else if (say_admissions(e, now, out)) (void)0;
  else if (say_parked(e, now, out)) (void)0;
  else if (e->flights.len > 0) buf_printf(out, "%u readings", e->flights.len);
  else if (timers_next(&e->timers) != INT64_MAX) {
    buf_str(out, "time: it goes on in ");
    int64_t left = timers_next(&e->timers) > now ? timers_next(&e->timers) - now : 0;
    quantity_show(QUANTITY_DURATION, left > SECOND ? left / SECOND * SECOND : left, out);
  } else buf_str(out, "nothing");
  return out->data;
}

/* ---- the digest: FNV-1a over the logical state, field by field ---- */

typedef struct Hash { uint64_t h; } Hash;

static void add(Hash *h, uint64_t v) {
  for (unsigned i = 0; i < 8; i++, v >>= 8) h->h = (h->h ^ (v & 0xff)) * UINT64_C(0x100000001b3);
}

static void add_bytes(Hash *h, const void *bytes, size_t len) {
  const uint8_t *b = bytes;
  for (size_t i = 0; i < len; i++) h->h = (h->h ^ b[i]) * UINT64_C(0x100000001b3);
  add(h, len);
}

static void add_text(const Engine *e, Hash *h, TextId t) { add_bytes(h, text_of(e, t), strlen(text_of(e, t))); }

static void add_strand(const Engine *e, Hash *h, const Strand *s) {
  add(h, s->task);
  if (s->task == TASK_FREE) return;
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) add(h, (uint64_t)s->slots[i]);
  for (uint32_t i = 0; i < EVENT_ARGS; i++) add(h, (uint64_t)s->args[i]);
  uint64_t fields[] = {(uint64_t)s->since, (uint64_t)s->until, s->command, s->sense_from, s->pc, s->fan, s->member, s->ordinal,
                       s->scope, s->base, s->timer != TIMER_NONE, s->outstanding, s->attempt, s->job, s->phase, s->outcome,
                       s->exit, s->wait, s->masked, s->answer, s->tripped, s->read, s->stage, s->queued, s->place, s->emergency};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) add(h, fields[i]);
  add_text(e, h, s->why);
}

static void add_cells(const Engine *e, Hash *h, Cell *const *columns, uint32_t rows) {
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t k = 0; k < e->program->kinds_count; k++) {
      const Cell *c = columns[(size_t)r * e->program->kinds_count + k];
      for (uint32_t i = 0; c && i < fleet_count(e->fleet, k); i++) {
        add(h, (uint64_t)c[i].value);
        add(h, (uint64_t)c[i].written << 32 | c[i].stamp);
      }
    }
}

static void add_members(const Engine *e, Hash *h) {
  for (uint32_t k = 0; k < e->program->kinds_count; k++)
    if (e->members[k].state) add_bytes(h, e->members[k].state, fleet_count(e->fleet, k));
  for (uint32_t i = 0; i < e->marks.len; i++) {
    const Mark *m = &e->marks.items[i];
    add(h, (uint64_t)m->kind << 32 | m->entity);
    add_text(e, h, m->why);
  }
  for (uint32_t i = 0; i < e->tally_count; i++) {
    add_bytes(h, e->tallies[i].counts, e->tallies[i].count_len * sizeof *e->tallies[i].counts);
    add(h, e->tallies[i].times.len);
  }
  for (uint32_t i = 0; i < e->program->sets_count; i++)
    add_bytes(h, e->sets[i].items ? e->sets[i].items : (const uint32_t *)"", e->sets[i].count * sizeof(uint32_t));
}

static void add_locks(const Engine *e, Hash *h) {
  for (uint32_t a = 0; a < e->program->automations_count; a++) {
    const LockCell *c = e->locks[a];
    for (uint32_t i = 0; c && i < fleet_count(e->fleet, e->program->automations[a].kind); i++) add(h, (uint64_t)c[i].refs << 8 | c[i].state);
  }
  for (uint32_t i = 0; i < e->lockouts.len; i++)
    if (e->lockouts.items[i].member_state) add_bytes(h, e->lockouts.items[i].member_state, e->lockouts.items[i].members.len);
}

static void add_fans(const Engine *e, Hash *h) {
  for (uint32_t i = 0; i < e->fans.len; i++) {
    const Fan *f = &e->fans.items[i];
    uint64_t fields[] = {f->used, f->row, f->left, f->running, f->done, f->aside, f->stop};
    for (size_t j = 0; j < sizeof fields / sizeof *fields && (j == 0 || f->used); j++) add(h, fields[j]);
  }
}

static void add_flights(const Engine *e, Hash *h) {
  const Command *c;
  uint64_t n = engine_in_flight(e, &c);
  for (uint64_t i = 0; i < n; i++) {
    add(h, c[i].id);
    add(h, (uint64_t)c[i].kind << 32 | c[i].subject);
    add(h, (uint64_t)c[i].deadline);
  }
}

static void add_people(const Engine *e, Hash *h) {
  uint64_t fields[] = {(uint64_t)e->paused_since, e->stop_after, (uint64_t)e->duty_since, e->held.len, e->uncounted.len, e->breaks.len, e->people_aside};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) add(h, fields[i]);
  for (uint32_t i = 0; i < e->held.len; i++) add(h, (uint64_t)e->held.items[i].kind << 32 | e->held.items[i].entity);
  for (uint32_t i = 0; i < e->uncounted.len; i++) add(h, e->uncounted.items[i]);
  for (uint32_t i = 0; i < e->program->embargoes_count; i++) {
    add(h, (uint64_t)e->embargoes[i].since << 2 | e->embargoes[i].state);
    add_text(e, h, e->embargoes[i].why);
  }
  add_text(e, h, e->paused_by);
  add_text(e, h, e->stop_by);
  add_text(e, h, e->duty);
}

uint64_t engine_digest(const Engine *e) {
  Hash h = {UINT64_C(0xcbf29ce484222325)};
  uint64_t fields[] = {(uint64_t)e->now, e->next_command, e->stale, e->main, e->paused, e->cancelled, e->begun, e->mail, e->window_over, e->opening,
                       (uint64_t)e->outcome, e->budget.count, e->budget.peak, e->budget.silent, (uint64_t)timers_next(&e->timers)};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) add(&h, fields[i]);
  add_text(e, &h, e->reason);
  for (uint32_t i = 0; i < e->strand_count; i++) add_strand(e, &h, strand_at((Engine *)e, i));
  add_cells(e, &h, e->facts, e->program->facts_count);
  add_cells(e, &h, e->metrics, e->program->metrics_count);
  add_members(e, &h);
  add_locks(e, &h);
  add_fans(e, &h);
  add_flights(e, &h);
  for (uint32_t i = 0; i < e->messages.len; i++) add(&h, e->messages.items[i].id);
  for (uint32_t i = 0; i < e->program->gates_count; i++) {
    uint32_t kind = e->program->gates[i].kind;
    add_bytes(&h, e->gates[i].state, kind == NONE_INDEX ? 1 : fleet_count(e->fleet, kind));
  }
  for (uint32_t i = 0; i < e->lates.len; i++) add(&h, (uint64_t)e->lates.items[i].until + e->lates.items[i].entity);
  add_people(e, &h);
  for (uint32_t i = 0; i < e->lost.len; i++) add(&h, (uint64_t)e->lost.items[i].automation << 32 | e->lost.items[i].entity);
  for (uint32_t i = 0; i < e->program->steps_count; i++) {
    const StepCount *c = &e->steps[i];
    uint64_t counts[] = {c->total, c->waiting, c->busy, c->done, c->aside, c->begun, c->ended};
    for (size_t j = 0; j < sizeof counts / sizeof *counts; j++) add(&h, counts[j]);
  }
  return h.h;
}

const uint8_t *engine_ended(const Engine *e) { return e->ended; }
