/* sim: a run from its first life to its end. */
#include <config.h>

#include "tests/sim/sim.h"

#include "lang/arena.h"
#include "runtime/live_ledger.h"
#include "tests/sim/disk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BAD_TURNS = 3000, TURNS_MOST = 60000, BAD_LIVES = 40 };
#define MINUTE_MS INT64_C(60000)

/* ---- chance ---- */

static uint64_t next_random(Sim *s) { /* splitmix64 */
  uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint32_t sim_below(Sim *s, uint32_t n) { return n ? (uint32_t)(next_random(s) % n) : 0; }
bool sim_chance(Sim *s, uint32_t in_ten_thousand) { return in_ten_thousand > 0 && sim_below(s, 10000) < in_ten_thousand; }

void sim_trace(Sim *s, const char *format, ...) {
  va_list args;
  if (!s->traces) return;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
}

/* ---- the world ---- */

static void on_sent(void *ctx, const Command *c, int64_t now) {
  Sim *s = ctx;
  (void)now;
  sim_trace(s, "       > %s %llu: %d of %d/%d%s", command_kind_text(c->kind), (unsigned long long)c->id, (int)c->subject, (int)c->kind_of_entity,
            (int)c->entity, c->again ? ", again" : "");
  tally_command(&s->tally, c);
  s->acts |= c->kind == COMMAND_ACT;
  judge_sent(&s->judge, c, disk_synced("/journal.db-wal"));
}

static Member member_of(const Sim *s, const Command *c) {
  const Program *p = s->ground->program;
  return (Member){program_str(p, p->kinds[c->kind_of_entity].name), fleet_name(s->ground->fleet, c->kind_of_entity, c->entity)};
}

static Outcome on_permit(void *ctx, const Command *c, int64_t now) {
  Sim *s = ctx;
  Buf why = BUF_INIT;
  LiveConfig config = {.run = "sim", .ledger = s->ledger, .program = s->ground->program, .fleet = s->ground->fleet};
  if (c->kind != COMMAND_PERMIT) {
    Outcome said = (c->kind == COMMAND_RISK ? live_risk : live_tally)(&config, c, now, &why);
    buf_done(&why);
    return said;
  }
  BudgetLimits limits = {.at_once = (uint32_t)c->args[0], .per_day = (uint32_t)c->args[1], .zone = "UTC"};
  int r = ledger_permit(s->ledger, "sim", member_of(s, c), &limits, now, &why);
  buf_done(&why);
  return r > 0 ? OUT_OK : r == 0 ? OUT_FAILED : OUT_UNKNOWN;
}

static void on_refund(void *ctx, const Command *c, int64_t now) {
  Sim *s = ctx;
  if (c->args[0] == GIVEN_UNUSED) ledger_undo(s->ledger, "sim", member_of(s, c));
  else ledger_refund(s->ledger, member_of(s, c), now, "sim");
}

void sim_begin(Sim *s, const SimGround *g, uint64_t seed, const Day *day, bool traces) {
  *s = (Sim){.ground = g, .day = *day, .seed = seed, .random = seed * UINT64_C(0x2545f4914f6cdd1d), .traces = traces};
  s->faults = (Faults){.seed = seed, .rate_failed = day->failed, .rate_unknown = day->unknown, .rate_silent = day->silent};
  disk_wipe(seed);
  disk_lie(g->lies);
  RoughConfig c = {.program = g->program, .fleet = g->fleet, .frozen = g->frozen, .faults = &s->faults, .start = g->start,
                   .weather = day->weather, .sticks = g->sticks, .tally = &s->tally, .seed = next_random(s), .ctx = s, .sent = on_sent, .permit = on_permit, .refund = on_refund};
  s->world = rough_new(&c);
  judge_init(&s->judge, g->program, g->fleet, g->frozen, rough_truth(s->world));
}

void sim_done(Sim *s) {
  if (s->engine) life_ends(s, false);
  s->world->ops->free(s->world);
  judge_done(&s->judge);
  vec_done(&s->digests);
  vec_done(&s->said);
}

/* ---- a run ---- */

static void calm_down(Sim *s) {
  if (s->calm) return;
  sim_trace(s, "  from here on nothing goes wrong");
  s->calm = true;
  s->day = (Day){.people = 0};
  disk_mend();
  rough_calms(s->world);
  people_let_go(s);
}

/* The process is gone; so is perhaps the power. While it is dead time passes, and people go on talking. */
static bool die(Sim *s, bool power) {
  if (power) happened(&s->tally, HAPPENED_POWER);
  life_ends(s, power);
  bool soon = s->day.quiet || sim_below(s, 3); /* later than that, questions go unanswered and windows close */
  rough_dies(s->world, soon ? sim_below(s, 30) * 1000 : sim_below(s, 200) * MINUTE_MS, s->day.quiet || sim_below(s, 2));
  if (!s->calm) people_speak(s);
  if (s->lives > BAD_LIVES) s->day.crash = s->day.disk = 0;
  while (!life_begins(s, false)) {
    if (s->judge.wrong) return false;
    life_ends(s, power); /* struck again while it came back */
  }
  return !s->judge.wrong;
}

static void trouble(Sim *s) {
  static const DiskFault faults[] = {DISK_FULL, DISK_SYNC, DISK_WRITE, DISK_DEAD, DISK_DEAD};
  people_speak(s);
  if (sim_chance(s, s->day.disk) && disk_struck() == DISK_WELL) {
    DiskFault fault = faults[sim_below(s, 5)];
    disk_break(fault, sim_below(s, 30));
    sim_trace(s, "  the disk will meet trouble %d", (int)fault);
  }
}

/* Nothing will ever happen: people keep the run from going on, or it is stuck. */
static void nothing_happens(Sim *s) {
  const Command *flying;
  if (engine_in_flight(s->engine, &flying) > 0 || engine_next_timer(s->engine) != INT64_MAX) return;
  if (engine_parked(s->engine)) people_let_go(s);
  else judge_break(&s->judge, "STUCK", "it waits for nothing and has not ended");
}

static bool one_turn(Sim *s) {
  JournalError error = {0};
  if (s->turns++ == BAD_TURNS) calm_down(s);
  if (s->turns > TURNS_MOST) return judge_break(&s->judge, "STUCK", "it does not end"), false;
  if (!s->calm) trouble(s);
  if (sim_chance(s, s->day.crash)) return happened(&s->tally, HAPPENED_DEATH), die(s, sim_below(s, 2));
  TurnResult r = turn_wait(&s->turn, s->turn.mail ? s->world->ops->now(s->world) : INT64_MAX, &error);
  if (r == TURN_JOURNAL_FAILED) {
    sim_trace(s, "  the journal fails: %s", error.text);
    return die(s, sim_below(s, 2));
  }
  if (r == TURN_STUCK || r == TURN_IDLE) nothing_happens(s);
  return !s->judge.wrong;
}

bool sim_run(Sim *s) {
  if (!life_begins(s, true)) return false;
  while (engine_outcome(s->engine) == RUN_GOING)
    if (!one_turn(s)) return false;
  sim_trace(s, "  ended: %d %s", (int)engine_outcome(s->engine), engine_reason(s->engine));
  judge_ended(&s->judge);
  if (s->judge.wrong) return false;
  disk_mend(); /* a process that only looks meets no trouble any more */
  life_ends(s, false);
  if (!life_begins(s, false)) return false; /* the journal of a run that has ended is whole and says so */
  if (engine_outcome(s->engine) == RUN_GOING) judge_break(&s->judge, "REPLAY", "a run that had ended goes on");
  people_heard(s);
  return !s->judge.wrong;
}

/* ---- where it ended ---- */

/* What only automations write is nobody's to compare: they act when they like. */
static bool is_made(const Program *p, uint32_t fact) {
  for (uint32_t a = 0; a < p->actions_count; a++)
    for (uint32_t i = 0; i < p->actions[a].makes.count; i++)
      if (p->effects[p->actions[a].makes.first + i].fact == fact) return true;
  return false;
}

void sim_end_state(Sim *s, Buf *out) {
  const Program *p = s->ground->program;
  const Fleet *fleet = s->ground->fleet;
  SimFleet *truth = rough_truth(s->world);
  bool quiet;
  buf_printf(out, "outcome %d\n", (int)engine_outcome(s->engine));
  for (uint32_t f = 0; f < p->facts_count; f++)
    for (uint32_t i = 0; is_made(p, f) && i < p->facts[f].kinds.count; i++) {
      uint32_t kind = p->index_list[p->facts[f].kinds.first + i];
      for (uint32_t e = 0; e < fleet_count(fleet, kind); e++)
        buf_printf(out, "%s of %s %lld\n", program_str(p, p->facts[f].name), fleet_name(fleet, kind, e), (long long)simfleet_fact(truth, f, kind, e));
    }
  for (uint32_t a = 0; a < p->automations_count; a++)
    for (uint32_t e = 0; e < fleet_count(fleet, p->automations[a].kind); e++)
      buf_printf(out, "%s on %s %d\n", program_str(p, p->automations[a].name), fleet_name(fleet, p->automations[a].kind, e),
                 (int)simfleet_locked(truth, a, e, INT64_MAX, &quiet));
  for (uint32_t k = 0; k < p->kinds_count; k++)
    for (uint32_t e = 0; e < fleet_count(fleet, k); e++)
      buf_printf(out, "%s is %d\n", fleet_name(fleet, k, e), (int)engine_member(s->engine, k, e, NULL));
}
