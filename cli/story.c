/* story: notes and events to sentences. */
#include <config.h>

#include "cli/story.h"

#include "cli/answer.h"
#include "lang/utf8.h"

#include <ctype.h>
#include <string.h>

#define MS_PER_SECOND 1000
#define SECONDS_PER_MINUTE 60

/* ---- names ---- */

static const char *name_of(const Story *s, StrId name) { return program_str(s->program, name); }

/* CoolingUnit to "cooling unit". */
static void kind_words(const Story *s, uint32_t kind, Buf *out) {
  const char *name = name_of(s, s->program->kinds[kind].name);
  for (const char *c = name; *c; c++) {
    if (c != name && isupper((unsigned char)*c)) buf_char(out, ' ');
    buf_char(out, (char)tolower((unsigned char)*c));
  }
}

const char *story_name(const Story *s, uint32_t kind, uint32_t entity) {
  if (kind >= s->program->kinds_count || entity >= fleet_count(s->fleet, kind)) return "";
  return fleet_name(s->fleet, kind, entity);
}

void story_entity(const Story *s, uint32_t kind, uint32_t entity, Buf *out) {
  if (!*story_name(s, kind, entity)) return;
  if (s->crowd) {
    buf_str(out, s->crowd);
    return;
  }
  kind_words(s, kind, out);
  buf_printf(out, " %s", story_name(s, kind, entity));
}

static const char *is(const Story *s) { return s->crowd ? "are" : "is"; }

const char *story_gate(const Story *s, uint32_t gate) {
  return gate < s->program->gates_count ? name_of(s, s->program->gates[gate].name) : "hold";
}

static const char *step_name(const Story *s, uint32_t step) {
  return step < s->program->steps_count ? name_of(s, s->program->steps[step].name) : "";
}

static const char *action_name(const Story *s, uint32_t action) {
  return action < s->program->actions_count ? name_of(s, s->program->actions[action].name) : "?";
}

static const char *automation_name(const Story *s, uint32_t automation) {
  return automation < s->program->automations_count ? name_of(s, s->program->automations[automation].name) : "?";
}

static const char *role_name(const Story *s, uint32_t role) {
  return role < s->program->roles_count ? name_of(s, s->program->roles[role].name) : "nobody named";
}

void story_time(const Story *s, int64_t at, Buf *out) {
  zone_format_short(s->zone, at, out);
  buf_printf(out, ":%02d", (int)(at / MS_PER_SECOND % SECONDS_PER_MINUTE));
}

const char *run_outcome_sentence(RunOutcome o) {
  switch (o) {
  case RUN_GOING: return "going";
  case RUN_COMPLETED: return "completed";
  case RUN_ROLLED_BACK: return "rolled back";
  case RUN_FAILED: return "failed";
  case RUN_REFUSED: return "refused";
  case RUN_STALE: return "stale";
  case RUN_ENDED: return "ended";
  case RUN_CANCELLED: return "cancelled";
  }
  return "?";
}

/* ---- notes ---- */

static void why(const Note *n, Buf *out) {
  if (!n->text || !*n->text) return;
  buf_str(out, ": ");
  utf8_show(n->text, strlen(n->text), 0, out); /* it may quote what a system said */
}

static void step_of(const Story *s, const Note *n, Buf *out) {
  if (n->subject < s->program->steps_count) buf_printf(out, " in step %s", step_name(s, n->subject));
}

static void tell_action_end(const Story *s, const Note *n, Buf *out) {
  buf_printf(out, "%s of ", action_name(s, n->subject));
  story_entity(s, n->kind_of_entity, n->entity, out);
  buf_str(out, n->value == OUT_OK ? " ended ok" : n->value == OUT_FAILED ? " failed" : " ended unknown");
  why(n, out);
}

static void tell_step(const Story *s, const Note *n, Buf *out) {
  bool ends = n->kind == NOTE_STEP_END, bad = ends && n->value != OUT_OK;
  buf_printf(out, "step %s %s", step_name(s, n->subject), !ends ? "begins" : bad ? "stops" : "ends");
  if (!ends || bad) why(n, out);
}

static void tell_gate(const Story *s, const Note *n, Buf *out) {
  if (n->kind == NOTE_GATE_OPEN) {
    buf_printf(out, "gate %s asks %s", story_gate(s, n->subject), role_name(s, s->program->gates[n->subject].role));
    if (n->value > 1) buf_printf(out, " about %lld members", (long long)n->value);
    return;
  }
  buf_printf(out, "gate %s is closed: %s", story_gate(s, n->subject),
             n->value == OUT_OK ? "every answer was yes" : n->value == OUT_FAILED ? "somebody said no" : "an answer is missing");
}

static void tell_out(const Story *s, const Note *n, const char *what, Buf *out) {
  story_entity(s, n->kind_of_entity, n->entity, out);
  buf_printf(out, " %s %s", is(s), what);
  if (n->kind != NOTE_LEFT_OUT) step_of(s, n, out);
  why(n, out);
}

static void tell_lock(const Story *s, const Note *n, Buf *out) {
  bool again = n->kind == NOTE_LOCKED && n->value == LOCKED_AGAIN;
  buf_printf(out, "%s is %s on ", automation_name(s, n->subject), again ? "locked again" : n->kind == NOTE_LOCKED ? "locked" : "released");
  story_entity(s, n->kind_of_entity, n->entity, out);
}

static void tell_member(const Story *s, const Note *n, Buf *out) {
  story_entity(s, n->kind_of_entity, n->entity, out);
  buf_str(out, n->kind == NOTE_MEMBER_BEGIN ? " begins" : " ends");
  step_of(s, n, out);
}

static void tell_with_entity(const Story *s, const Note *n, const char *what, Buf *out) {
  buf_str(out, what);
  if (*story_name(s, n->kind_of_entity, n->entity)) {
    buf_str(out, " on ");
    story_entity(s, n->kind_of_entity, n->entity, out);
  }
  why(n, out);
}

/* Whoever fetches a container gets what is in it: its own ticket has told why. */
static void tell_hand_over(const Story *s, const Note *n, Buf *out) {
  bool along = n->value == 0 && s->crowd;
  if (along) buf_str(out, *s->crowd >= '0' && *s->crowd <= '9' ? "with it go " : "with it goes ");
  story_entity(s, n->kind_of_entity, n->entity, out);
  if (along) return;
  buf_printf(out, " %s handed over to %s with %s locks", is(s), role_name(s, n->subject), s->crowd ? "their" : "its");
  why(n, out);
}

static void tell_untold(const Story *s, const Note *n, Buf *out) {
  bool ticket = *story_name(s, n->kind_of_entity, n->entity);
  if (ticket) buf_str(out, s->crowd ? "the tickets for " : "the ticket for ");
  if (ticket) story_entity(s, n->kind_of_entity, n->entity, out);
  else buf_printf(out, "a notice to %s", n->subject < s->program->channels_count ? name_of(s, s->program->channels[n->subject].name) : "?");
  buf_str(out, n->value == OUT_FAILED ? " did not get through" : " may not have got through");
  why(n, out);
}

/* A time that lies ahead is until when; the end of a wait says so itself. */
static void tell_waiting(const Story *s, const Note *n, Buf *out) {
  bool role = n->value && n->subject < s->program->roles_count;
  if (n->value && n->value <= n->at) {
    buf_str(out, n->text ? n->text : "");
    return;
  }
  buf_str(out, "waits");
  if (role) buf_printf(out, " for %s", role_name(s, n->subject));
  if (n->value) {
    buf_str(out, " until ");
    story_time(s, n->value, out);
  }
  why(n, out);
}

static void tell_goes_on(const Note *n, Buf *out) {
  buf_str(out, "the hold has ended, after ");
  quantity_show(QUANTITY_DURATION, n->value / MS_PER_SECOND * MS_PER_SECOND, out);
  why(n, out);
}

static Loudness loud_when(bool bad) { return bad ? STORY_TROUBLE : STORY_EVENT; }

Loudness story_loudness(const Note *n) {
  switch (n->kind) {
  case NOTE_RUN: /* its event has told who started it */
  case NOTE_MEMBER_BEGIN:
  case NOTE_MEMBER_END:
  case NOTE_ACTION_BEGIN:
  case NOTE_ACTION_END: /* what comes of it is told: the next branch, or the member set aside */
  case NOTE_RELEASED: return STORY_DETAIL;
  case NOTE_LOCKED: return n->value == LOCKED_AGAIN ? STORY_EVENT : STORY_DETAIL;
  case NOTE_WAITING: return n->value ? STORY_EVENT : STORY_DETAIL; /* without a time it is a pause, which its event has told */
  case NOTE_STEP_END:
  case NOTE_GATE_CLOSED: return loud_when(n->value != OUT_OK);
  case NOTE_END: return loud_when(n->value != RUN_COMPLETED && n->value != RUN_ENDED);
  case NOTE_STEP_BEGIN:
  case NOTE_GATE_OPEN:
  case NOTE_LEFT_OUT:
  case NOTE_GOES_ON: return STORY_EVENT;
  case NOTE_HANDED_OVER:
  case NOTE_SET_ASIDE:
  case NOTE_KEPT_OUT:
  case NOTE_ROLL_BACK:
  case NOTE_SURPRISE:
  case NOTE_ALARM:
  case NOTE_REFUSED:
  case NOTE_UNTOLD:
  case NOTE_HELD_BACK: return STORY_TROUBLE;
  case NOTE_KIND_COUNT: break;
  }
  return STORY_DETAIL;
}

void story_note(const Story *s, const Note *n, Buf *out) {
  switch (n->kind) {
  case NOTE_RUN: tell_with_entity(s, n, "the run", out); break;
  case NOTE_STEP_BEGIN:
  case NOTE_STEP_END: tell_step(s, n, out); break;
  case NOTE_MEMBER_BEGIN:
  case NOTE_MEMBER_END: tell_member(s, n, out); break;
  case NOTE_ACTION_BEGIN:
    buf_printf(out, "%s of ", action_name(s, n->subject));
    story_entity(s, n->kind_of_entity, n->entity, out);
    buf_str(out, " begins");
    break;
  case NOTE_ACTION_END: tell_action_end(s, n, out); break;
  case NOTE_LOCKED:
  case NOTE_RELEASED: tell_lock(s, n, out); break;
  case NOTE_HANDED_OVER: tell_hand_over(s, n, out); break;
  case NOTE_GATE_OPEN:
  case NOTE_GATE_CLOSED: tell_gate(s, n, out); break;
  case NOTE_SET_ASIDE: tell_out(s, n, "set aside", out); break;
  case NOTE_KEPT_OUT: tell_out(s, n, "kept out", out); break;
  case NOTE_LEFT_OUT: tell_out(s, n, "left out as found", out); break;
  case NOTE_ROLL_BACK: tell_with_entity(s, n, "roll back", out); break;
  case NOTE_WAITING: tell_waiting(s, n, out); break;
  case NOTE_SURPRISE: tell_with_entity(s, n, "surprise", out); break;
  case NOTE_ALARM: tell_with_entity(s, n, "alarm", out); break;
  case NOTE_END:
    buf_printf(out, "the run ends: %s", run_outcome_sentence((RunOutcome)n->value));
    why(n, out);
    break;
  case NOTE_REFUSED: tell_with_entity(s, n, "not done", out); break;
  case NOTE_HELD_BACK: tell_with_entity(s, n, "held: no member starts", out); break;
  case NOTE_GOES_ON: tell_goes_on(n, out); break;
  case NOTE_UNTOLD: tell_untold(s, n, out); break;
  case NOTE_KIND_COUNT: break;
  }
}

/* ---- events ---- */

static void by_whom(const Event *e, Buf *out) {
  if (!e->text || !*e->text) return;
  buf_str(out, " by ");
  answer_show(e->text, out);
}

static const char *answer_word(int64_t value) {
  return value == ANSWER_YES ? "yes" : value == ANSWER_NO ? "no" : value == ANSWER_VOICE ? "one yes of several" : "an answer that does NOT count";
}

static void control_of(const Story *s, const Event *e, const char *before, const char *behind, Buf *out) {
  buf_str(out, before);
  story_entity(s, e->kind_of_entity, e->entity, out);
  buf_str(out, behind);
}

static void tell_control(const Story *s, const Event *e, Buf *out) {
  switch ((ControlKind)e->value) {
  case CONTROL_PAUSE: buf_str(out, "paused"); break;
  case CONTROL_GO_ON: buf_str(out, "told to go on"); break;
  case CONTROL_CANCEL: buf_str(out, "cancelled"); break;
  case CONTROL_STOP_AFTER: buf_printf(out, "told to stop after step %s", step_name(s, e->subject)); break;
  case CONTROL_HOLD: control_of(s, e, "", " is held", out); break;
  case CONTROL_UNHOLD: control_of(s, e, "", " is no longer held", out); break;
  case CONTROL_SET_ASIDE: control_of(s, e, "told to set ", " aside", out); break;
  case CONTROL_RETRY: control_of(s, e, "told to try ", " again", out); break;
  case CONTROL_BREAK: buf_printf(out, "asked to break the lock of %s on ", automation_name(s, e->subject)); control_of(s, e, "", "", out); break;
  case CONTROL_BROKEN: buf_printf(out, "the lock of %s on ", automation_name(s, e->subject)); control_of(s, e, "", " is broken", out); break;
  case CONTROL_TAKE: buf_str(out, "taken over"); break;
  case CONTROL_PREEMPT: control_of(s, e, "", " is pre-empted", out); break;
  case CONTROL_JOIN: buf_str(out, "joined"); break;
  case CONTROL_KIND_COUNT: break;
  }
  if (!e->text || !*e->text) return;
  buf_char(out, ' ');
  answer_show(e->text, out); /* "by alice: she stands beside it" */
}

bool story_event(const Story *s, const Event *e, Buf *out) {
  switch (e->kind) {
  case EVENT_BEGIN:
    buf_str(out, "started");
    by_whom(e, out);
    return true;
  case EVENT_ANSWER:
    buf_printf(out, "%s: %s", story_gate(s, e->subject), answer_word(e->value));
    if (*story_name(s, e->kind_of_entity, e->entity)) {
      buf_str(out, " for ");
      story_entity(s, e->kind_of_entity, e->entity, out);
    }
    by_whom(e, out);
    return true;
  case EVENT_CONTROL: tell_control(s, e, out); return true;
  case EVENT_RESUMED:
    buf_str(out, "resumed");
    by_whom(e, out);
    return true;
  case EVENT_ALARM:
    buf_str(out, "alarm from ");
    story_entity(s, e->kind_of_entity, e->entity, out);
    return true;
  case EVENT_TICK:
  case EVENT_OUTCOME:
  case EVENT_READING:
  case EVENT_KIND_COUNT: return false;
  }
  return false;
}
