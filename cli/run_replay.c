/* run_replay: from a journal to the state that a run is in. The engine is fed what it was fed; what it asks for is held against
 * the commands of the journal, one by one (law 1). A simulated world is brought along: it is given the same commands in the
 * same turns, and so comes to the same events, which are held against the journal too. The journal does not say where a turn
 * of the loop ended; events that the world brings together belong to one, and everything else is a turn of its own. */
#include <config.h>

#include "cli/output.h"
#include "cli/run_state.h"
#include "runtime/world_sim.h"

#include <stdio.h>
#include <string.h>

#define BATCH 64u /* events of the world in one turn, as in runtime/turn.c */

typedef struct Replay {
  RunState *run;
  World *world;              /* NULL: none is brought along */
  CommandCursor issued;      /* the journal's commands: at the first that the engine has not come to */
  VEC(Command) outgoing;     /* of the turn, for the world */
  VEC(Note) told;            /* the same */
  Event batch[BATCH];        /* what the world brought, and how much of it has been met in the journal */
  uint32_t batch_len, batch_at;
  bool mail;                 /* what people left while nobody had the run is taken: nobody waits meanwhile */
  const char *wrong;         /* what does not fit; NULL: everything does */
  uint64_t wrong_seq;
} Replay;

static void refuse(Replay *r, uint64_t seq, const char *why) {
  if (r->wrong) return;
  r->wrong = why;
  r->wrong_seq = seq;
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static bool same_command(const Command *a, const Command *b) {
  return a->id == b->id && a->kind == b->kind && a->subject == b->subject && a->entity == b->entity &&
         a->kind_of_entity == b->kind_of_entity && a->arg_count == b->arg_count && memcmp(a->args, b->args, sizeof a->args) == 0 &&
         a->issued == b->issued && a->deadline == b->deadline && a->attempt == b->attempt && a->again == b->again &&
         same_text(a->text, b->text);
}

/* ---- the engine ---- */

static void check_commands(Replay *r, uint64_t seq) {
  const Command *commands;
  uint32_t n = engine_commands(r->run->engine, &commands);
  if (r->issued.broken) return; /* they could not be read: that is what is told */
  for (uint32_t i = 0; i < n; i++) {
    const CommandCursor *was = &r->issued;
    if (!was->more || was->seq != seq || !same_command(&commands[i], &was->command))
      refuse(r, seq, "the engine does not ask for the commands that the journal holds");
    if (was->more) journal_commands_next(&r->issued);
    if (r->world) vec_push(&r->outgoing, commands[i]);
  }
  if (r->issued.more && r->issued.seq <= seq) refuse(r, seq, "the journal holds commands that the engine does not ask for");
}

static void feed(Replay *r, const Event *e, uint64_t seq) {
  const Note *notes;
  engine_feed(r->run->engine, e);
  tally_event(&r->run->tally, e);
  check_commands(r, seq);
  uint32_t n = engine_notes(r->run->engine, &notes);
  for (uint32_t i = 0; i < n; i++) {
    tally_note(&r->run->tally, r->run->engine, &notes[i]);
    if (r->world) vec_push(&r->told, notes[i]);
  }
}

/* ---- the world ---- */

static void end_turn(Replay *r) {
  for (uint32_t i = 0; i < r->outgoing.len; i++) r->world->ops->submit(r->world, &r->outgoing.items[i]);
  r->outgoing.len = 0;
  for (uint32_t i = 0; i < r->told.len; i++) world_sim_told(r->world, &r->told.items[i]);
  r->told.len = 0;
}

static bool same_event(const Event *a, const Event *b) {
  return a->kind == b->kind && a->at == b->at && a->command == b->command && a->outcome == b->outcome && a->value == b->value;
}

/* Lets the world go on to the time of the event. True when the event is one that the world brought. */
static bool follow(Replay *r, const Event *e, uint64_t seq) {
  if (r->batch_at == r->batch_len) {
    end_turn(r);
    bool feeds = e->kind == EVENT_BEGIN || e->kind == EVENT_RESUMED || r->mail; /* nobody waited before these */
    r->batch_at = 0;
    r->batch_len = feeds ? 0 : r->world->ops->wait(r->world, e->at, r->batch, BATCH);
  }
  if (r->batch_at < r->batch_len && same_event(&r->batch[r->batch_at], e)) return r->batch_at++, true;
  if (e->kind == EVENT_OUTCOME || e->kind == EVENT_READING) refuse(r, seq, "the simulated fleet does not answer as it did");
  return false;
}

static void replay_event(void *ctx, const Event *e, uint64_t seq) {
  Replay *r = ctx;
  if (r->wrong) return;
  bool brought = r->world && follow(r, e, seq);
  if (r->world && e->kind == EVENT_RESUMED) {
    world_sim_crash(r->world, e->at);
    r->batch_at = r->batch_len = 0; /* answers that came and were lost */
  }
  if (e->kind == EVENT_RESUMED) r->mail = e->value == RESUMED_MAIL;
  else if (e->kind != EVENT_CONTROL && e->kind != EVENT_ANSWER) r->mail = false;
  feed(r, e, seq);
  if (r->world && (!brought || r->batch_at == r->batch_len)) end_turn(r);
}

/* The commonest reason by far is another program than the one that wrote the journal. */
static void say_wrong(const Replay *r) {
  const char *by = journal_version(r->run->journal);
  fprintf(stderr, "tagout: %s: the journal cannot be replayed: %s (event %llu)\n", r->run->dir, r->wrong, (unsigned long long)r->wrong_seq);
  if (strcmp(by, PACKAGE_VERSION) != 0)
    fprintf(stderr, "tagout: it was made by version %s, and this is version %s: go on with that one\n", by, PACKAGE_VERSION);
}

bool run_replay(RunState *run, World *world) {
  Replay r = {.run = run, .world = world};
  JournalError error = {0};
  bool read = journal_commands_open(run->journal, &r.issued, &error) == 0 && journal_replay(run->journal, replay_event, &r, &error) == 0;
  read = journal_commands_close(run->journal, &r.issued, read ? &error : NULL) == 0 && read;
  if (!read) print_journal_error(&error);
  if (world) end_turn(&r);
  run->now = run->tally.latest;
  if (r.wrong) say_wrong(&r);
  vec_done(&r.outgoing);
  vec_done(&r.told);
  return read && !r.wrong;
}
