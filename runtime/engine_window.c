/* engine_window: when the window is open, and what the main strand does not begin outside of it: actions, lockouts, settings. With a hard
 * end each needs so long as it may take, every try at its deadline, and the way back from there. Who does not fit waits for the next
 * opening, between two statements, with every lock as it is; where no opening is left in which it fits, an action fails and nothing was sent.
 * No roll back, no emergency and no abort waits. Steps over members are in engine_fan.c. */
#include <config.h>

#include "runtime/engine_parts.h"
#include "runtime/worst.h"

int64_t window_open_at(Engine *e, int64_t needs) {
  const Frozen *z = e->frozen;
  if (z->opening_count == 0) return e->now;
  while (e->opening < z->opening_count && z->openings[e->opening].close <= e->now) e->opening++;
  for (uint32_t i = e->opening; i < z->opening_count; i++) {
    int64_t from = z->openings[i].open > e->now ? z->openings[i].open : e->now;
    if (from + needs <= z->openings[i].close) return from;
  }
  return INT64_MAX;
}

bool engine_ran_out_of_window(const Engine *e) { return e->window_over; }

/* ---- the main strand ---- */

/* What was asked for last is what is asked for again and again while it waits. */
static int64_t needed(Engine *e, const Strand *s) {
  if (!e->frozen->window_hard) return 0;
  if (e->alone_pc != s->pc) {
    e->alone_pc = s->pc;
    e->alone_needs = worst_alone(e->vm, s->pc, s->slots, true);
  }
  return e->alone_needs;
}

int64_t window_for(Engine *e, uint32_t id) {
  const Strand *s = strand_at(e, id);
  bool held = s->task == TASK_CODE && s->fan == NONE_INDEX && !s->masked && !s->emergency && !e->cancelled;
  return held && e->frozen->opening_count > 0 ? window_open_at(e, needed(e, s)) : e->now;
}

/* Once per opening that it waits for, and once when that has come. */
void window_wait(Engine *e, uint32_t id, int64_t open, const char *what) {
  Strand *s = strand_at(e, id);
  if (s->wait == WAIT_WINDOW && s->timer != TIMER_NONE) return;
  bool shut = window_open_at(e, 0) > e->now;
  act_wait(e, id, WAIT_WINDOW);
  strand_timer(e, id, open);
  if (e->alone_parked == open) return;
  e->alone_parked = open;
  note(e, NOTE_WAITING, NONE_INDEX, NONE_INDEX, NONE_INDEX, open, program_line(e->program, s->pc, NULL),
       text_printf(e, "%s; %s is not begun%s", shut ? "the window is closed" : "what is left of the window is too short for it and its way back", what,
                   e->lockouts.len ? ", every lock stands" : ""));
}

void window_goes_on(Engine *e, uint32_t id, const char *what) {
  if (!e->alone_parked || strand_at(e, id)->fan != NONE_INDEX || e->now < e->alone_parked) return;
  e->alone_parked = 0;
  note(e, NOTE_WAITING, NONE_INDEX, NONE_INDEX, NONE_INDEX, e->now, program_line(e->program, strand_at(e, id)->pc, NULL),
       text_printf(e, "%s goes on: the window is open", what));
}

static const char *called(Engine *e, uint32_t id) {
  return code_op(e->program->code[strand_at(e, id)->pc]) == OPCODE_LOCK ? "the lockout" : "the setting";
}

/* A lockout or a setting. Where no opening is left, it is begun when its window is open: what follows says by itself that it does not fit. */
bool window_keeps(Engine *e, uint32_t id) {
  int64_t open = window_for(e, id);
  if (open == INT64_MAX) open = window_open_at(e, 0);
  if (open > e->now && open < INT64_MAX) window_wait(e, id, open, called(e, id));
  else window_goes_on(e, id, called(e, id));
  return open > e->now && open < INT64_MAX;
}
