/* people: what they say to the run, through its inbox, as from a second terminal, while it goes and while its process is dead. */
#include <config.h>

#include "tests/sim/sim.h"

#include "lang/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(Sim *s, Event e) {
  char text[60];
  JournalError error;
  snprintf(text, sizeof text, "by %s: so #%u.", sim_below(s, 2) ? "ann" : "bob", ++s->tags);
  e.text = text;
  bool sent = inbox_send(s->ground->dir, &e, &error) == 0;
  vec_push(&s->said, ((Said){s->tags, sent}));
  if (s->turn.engine) s->turn.mail = true;
  sim_trace(s, "  said %d of %d/%d/%d, number %u%s", (int)e.value, (int)e.subject, (int)e.kind_of_entity, (int)e.entity, s->tags, sent ? "" : " (not sent)");
}

static Event about_member(Sim *s, ControlKind what) {
  const Program *p = s->ground->program;
  uint32_t kind = sim_below(s, p->kinds_count);
  if (p->sets_count && sim_below(s, 4)) kind = p->sets[sim_below(s, p->sets_count)].kind;
  uint32_t count = fleet_count(s->ground->fleet, kind);
  return (Event){.kind = EVENT_CONTROL, .value = what, .kind_of_entity = kind, .entity = count ? sim_below(s, count) : 0,
                 .subject = p->steps_count ? sim_below(s, p->steps_count) : 0};
}

/* Somebody looks at the questions and says yes, or no; to one that is not open any more, too. */
static bool answer(Sim *s) {
  const Command *c;
  uint64_t n = s->engine ? engine_in_flight(s->engine, &c) : 0;
  for (uint64_t i = 0; i < n; i++) {
    if (c[i].kind != COMMAND_ASK || sim_below(s, 2)) continue;
    say(s, (Event){.kind = EVENT_ANSWER, .command = c[i].id, .value = sim_below(s, 3) ? ANSWER_YES : ANSWER_NO, .subject = c[i].subject,
                   .entity = c[i].entity, .kind_of_entity = c[i].kind_of_entity});
    return true;
  }
  return false;
}

/* The first wants a lock off; the second takes it off, in the fleet, and says so. */
static void break_lock(Sim *s) {
  const Program *p = s->ground->program;
  if (p->automations_count == 0 || !s->engine) return;
  uint32_t automation = sim_below(s, p->automations_count), kind = p->automations[automation].kind;
  Event e = {.kind = EVENT_CONTROL, .value = CONTROL_BREAK, .subject = automation, .kind_of_entity = kind,
             .entity = sim_below(s, fleet_count(s->ground->fleet, kind)), .text = "by bob: so"};
  if (engine_refuses(s->engine, &e)) return;
  say(s, e);
  e.value = CONTROL_BROKEN;
  if (sim_below(s, 2) || engine_refuses(s->engine, &e)) return;
  rough_unlock(s->world, automation, e.entity);
  say(s, e);
}

void people_speak(Sim *s) {
  static const ControlKind moves[] = {CONTROL_PAUSE, CONTROL_GO_ON, CONTROL_HOLD, CONTROL_UNHOLD, CONTROL_SET_ASIDE, CONTROL_RETRY,
                                      CONTROL_STOP_AFTER, CONTROL_TAKE, CONTROL_GO_ON, CONTROL_UNHOLD};
  if (!sim_chance(s, s->day.people)) return;
  if (sim_below(s, 3) == 0 && answer(s)) return;
  if (sim_below(s, 8) == 0) break_lock(s);
  else if (sim_below(s, 60) == 0) say(s, (Event){.kind = EVENT_CONTROL, .value = CONTROL_CANCEL, .kind_of_entity = NONE_INDEX, .entity = NONE_INDEX});
  else if (sim_below(s, 60) == 0) say(s, about_member(s, CONTROL_PREEMPT)); /* the emergency of another run: by the same box */
  else say(s, about_member(s, moves[sim_below(s, sizeof moves / sizeof *moves)]));
}

void people_let_go(Sim *s) {
  HeldMember held;
  say(s, (Event){.kind = EVENT_CONTROL, .value = CONTROL_GO_ON, .kind_of_entity = NONE_INDEX, .entity = NONE_INDEX});
  for (uint32_t i = 0; engine_held(s->engine, i, &held); i++)
    say(s, (Event){.kind = EVENT_CONTROL, .value = CONTROL_UNHOLD, .kind_of_entity = held.kind, .entity = held.entity});
}

/* ---- the end ---- */

typedef struct Heard { Sim *sim; uint32_t *times; } Heard;

static void hear(void *ctx, const Event *e, uint64_t seq) {
  const Heard *h = ctx;
  const char *mark = e->text ? strstr(e->text, ": so #") : NULL;
  unsigned tag;
  (void)seq;
  if (mark && sscanf(mark, ": so #%u.", &tag) == 1 && tag <= h->sim->tags) h->times[tag]++;
}

static void left(void *ctx, const Event *e) { hear(ctx, e, 0); }

void people_heard(Sim *s) {
  Heard h = {s, xcalloc(s->tags + 1, sizeof *h.times)};
  JournalError error;
  if (journal_replay(s->journal, hear, &h, &error) < 0 || inbox_left(s->journal, left, &h, &error) < 0)
    judge_break(&s->judge, "UNREADABLE", "%s", error.text);
  for (uint32_t i = 0; i < s->said.len; i++) {
    uint32_t times = h.times[s->said.items[i].tag];
    if (times > 1) judge_break(&s->judge, "HEARD", "what a person said, number %u, was heard %u times", s->said.items[i].tag, times);
    if (times == 0 && s->said.items[i].sent) judge_break(&s->judge, "HEARD", "what a person said, number %u, was lost", s->said.items[i].tag);
  }
  free(h.times);
}
