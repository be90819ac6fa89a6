/* lives: a process comes, finds what the journal holds, and goes on; a process dies, and perhaps the machine with it. */
#include <config.h>

#include "runtime/ledger_losses.h"
#include "tests/sim/sim.h"

#include "tests/sim/disk.h"

#include "lang/arena.h"
#include "tests/lib/each_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the loop tells ---- */

static const char *event_word(const Event *e) {
  return e->kind == EVENT_OUTCOME ? outcome_text(e->outcome) : "";
}

static void on_event(void *ctx, Engine *e, const Event *event) {
  Sim *s = ctx;
  s->seq++;
  while (s->digests.len < s->seq) vec_push(&s->digests, 0);
  s->digests.items[s->seq - 1] = engine_digest(e);
  sim_trace(s, "%6llu %lld %s %s of %llu: %lld %d/%d/%d", (unsigned long long)s->seq, (long long)event->at, event_kind_text(event->kind),
            event_word(event), (unsigned long long)event->command, (long long)event->value, (int)event->subject, (int)event->kind_of_entity,
            (int)event->entity);
  tally_event(&s->tally, event);
  judge_event(&s->judge, event, s->world->ops->now(s->world));
}

static void on_note(void *ctx, Engine *e, const Note *n) {
  Sim *s = ctx;
  (void)e;
  sim_trace(s, "       note %d of %d/%d/%d: %lld %s", (int)n->kind, (int)n->subject, (int)n->kind_of_entity, (int)n->entity, (long long)n->value,
            n->text ? n->text : "");
  tally_note(&s->tally, n);
  judge_note(&s->judge, n);
}

/* ---- what was, again ---- */

static bool same(const Command *a, const Command *b) {
  return a->id == b->id && a->kind == b->kind && a->subject == b->subject && a->entity == b->entity && a->kind_of_entity == b->kind_of_entity &&
         memcmp(a->args, b->args, sizeof a->args) == 0 && a->issued == b->issued && a->deadline == b->deadline && a->attempt == b->attempt &&
         a->again == b->again && strcmp(a->text ? a->text : "", b->text ? b->text : "") == 0;
}

static void take_issued(Sim *s, uint64_t seq) {
  const Command *commands;
  uint32_t n = engine_commands(s->engine, &commands);
  for (uint32_t i = 0; i < n; i++) {
    if (!s->issued.more || s->issued.seq != seq || !same(&commands[i], &s->issued.command))
      judge_break(&s->judge, "REPLAY", "the engine asks for a command that the journal does not hold, after event %llu", (unsigned long long)seq);
    if (s->issued.more) journal_commands_next(&s->issued);
  }
}

static void again(void *ctx, const Event *e, uint64_t seq) {
  Sim *s = ctx;
  const Note *notes;
  if (s->ground->forgets && seq == 5) return; /* a mistake, to be found out */
  engine_feed(s->engine, e);
  s->seq = seq, s->latest = e->at;
  take_issued(s, seq);
  uint32_t n = engine_notes(s->engine, &notes);
  for (uint32_t i = 0; i < n; i++) judge_note(&s->judge, &notes[i]);
}

/* What has left is known: by its number, and as often as it was sent. */
typedef struct Known { Sim *sim; uint64_t *times; uint64_t most; } Known;

static void count_command(void *ctx, const Command *c, uint64_t seq) {
  Known *k = ctx;
  (void)seq;
  if (c->id <= k->most) k->times[c->id]++;
}

static void all_known(Sim *s, JournalError *error) {
  Known k = {.sim = s};
  for (uint32_t i = 0; i < s->judge.sent.len; i++)
    if (s->judge.sent.items[i].id > k.most) k.most = s->judge.sent.items[i].id;
  k.times = xcalloc(k.most + 1, sizeof *k.times);
  if (each_command(s->journal, count_command, &k, error) < 0) judge_break(&s->judge, "UNREADABLE", "%s", error->text);
  for (uint32_t i = 0; i < s->judge.sent.len; i++) {
    uint64_t id = s->judge.sent.items[i].id;
    if (k.times[id]-- == 0) {
      judge_break(&s->judge, "UNWRITTEN", "command %llu has left, and the journal does not know of it", (unsigned long long)id);
      break;
    }
  }
  free(k.times);
}

static void replay(Sim *s) {
  JournalError error = {0};
  bool read = journal_commands_open(s->journal, &s->issued, &error) == 0 && journal_replay(s->journal, again, s, &error) == 0;
  if (read && s->issued.more) judge_break(&s->judge, "REPLAY", "the journal holds commands that the engine does not ask for");
  read = journal_commands_close(s->journal, &s->issued, &error) == 0 && read;
  if (!read) judge_break(&s->judge, "UNREADABLE", "%s", error.text);
  uint64_t was = s->seq && s->seq <= s->digests.len ? s->digests.items[s->seq - 1] : 0;
  if (was && was != engine_digest(s->engine)) judge_break(&s->judge, "REPLAY", "a replay of %llu events comes to another state", (unsigned long long)s->seq);
  all_known(s, &error);
}

/* ---- lives ---- */

static bool open_ledger(Sim *s) {
  Buf path = BUF_INIT, why = BUF_INIT;
  buf_printf(&path, "%s/fleet.db", s->ground->dir);
  bool ok = ledger_open(path.data, &s->ledger, &why) == 0;
  if (!ok) judge_break(&s->judge, "UNREADABLE", "the ledger: %s", why.data);
  buf_done(&path);
  buf_done(&why);
  return ok;
}

/* Before the run begins, others have lost some that its tolerance per fleet counts: by the seed from none to more than it lets. */
static bool others_lose(Sim *s) {
  const Program *p = s->ground->program;
  static const char *const names[] = {"x1", "x2", "x3", "x4"};
  LossUnit units[4];
  uint32_t n = (uint32_t)(s->seed / 4 % 5), row = 0;
  while (row < p->tolerances_count && p->tolerances[row].reach != REACH_FLEET) row++;
  if (row == p->tolerances_count || n == 0) return true;
  for (uint32_t i = 0; i < n; i++) units[i] = (LossUnit){{program_str(p, p->kinds[p->tolerances[row].unit].name), names[i]}, NULL, 0};
  s->judge.others = n;
  return ledger_set_aside(s->ledger, "other", 1, units, n, true, s->ground->start) == 0;
}

static TurnResult take_mail(Sim *s, JournalError *error) {
  TurnResult r = turn_mail(&s->turn, error);
  return r == TURN_GOING ? turn_feed(&s->turn, (Event){.kind = EVENT_TICK, .value = VALUE_UNKNOWN}, error) : r;
}

/* As `run` and `resume` begin (cli/conduct.c). */
bool life_begins(Sim *s, bool first) {
  static const JournalBirth birth = {.plan = "plan", .plan_len = 4, .record = "{}", .version = "sim"};
  const SimGround *g = s->ground;
  JournalError error = {0};
  s->lives++;
  if (journal_open(g->dir, first ? JOURNAL_CREATE : JOURNAL_RESUME, first ? &birth : NULL, &s->journal, &error) < 0) {
    s->journal = NULL;
    judge_break(&s->judge, "UNREADABLE", "%s", error.text);
    return false;
  }
  if (!open_ledger(s) || (first && !others_lose(s))) return false;
  s->engine = engine_new(g->obeyed, g->fleet, g->obeyed_frozen);
  if (!g->alone) engine_share_budget(s->engine);
  judge_life(&s->judge, s->engine);
  s->seq = 0, s->latest = 0;
  if (!first) replay(s);
  if (s->judge.wrong) return false;
  bool begun = s->seq > 0;
  turn_init(&s->turn, s->engine, s->world, s->journal, (TurnObserver){s, on_event, on_note});
  s->turn.latest = s->latest;
  if (engine_outcome(s->engine) != RUN_GOING) return true;
  Event e = {.kind = begun ? EVENT_RESUMED : EVENT_BEGIN, .value = begun ? RESUMED_MAIL : VALUE_UNKNOWN, .entity = NONE_INDEX,
             .kind_of_entity = NONE_INDEX, .text = "sim"};
  TurnResult r = turn_feed(&s->turn, e, &error);
  if (r == TURN_GOING && begun) r = take_mail(s, &error);
  return r != TURN_JOURNAL_FAILED;
}

/* Of the disk, since it was mended. */
static void tally_disk(Sim *s) {
  static const Happening what[] = {[DISK_FULL] = HAPPENED_FULL, [DISK_SYNC] = HAPPENED_SYNC, [DISK_WRITE] = HAPPENED_WRITE, [DISK_DEAD] = HAPPENED_TORN};
  if (disk_struck() != DISK_WELL) happened(&s->tally, what[disk_struck()]);
}

void life_ends(Sim *s, bool power) {
  sim_trace(s, "  it dies%s", power ? ", and the power fails" : "");
  tally_disk(s);
  disk_stop();
  turn_done(&s->turn);
  s->turn = (Turn){.engine = NULL};
  engine_free(s->engine);
  s->engine = NULL;
  judge_death(&s->judge);
  journal_close(s->journal);
  ledger_close(s->ledger);
  s->journal = NULL, s->ledger = NULL;
  if (power) disk_power_fails();
  disk_mend();
}
