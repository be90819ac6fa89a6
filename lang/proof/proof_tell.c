/* proof_tell: the sentences of a counterexample. The witness is called by its kind: the node, its rack. */
#include <config.h>

#include "lang/proof/proof_tell.h"

#include <string.h>

static const char *str(const Program *p, StrId s) { return program_str(p, s); }

/* "cooling unit" for CoolingUnit. */
static void kind_name(const Program *p, uint32_t kind, Buf *out) {
  for (const char *c = str(p, p->kinds[kind].name), *from = c; *c; c++) {
    if (*c >= 'A' && *c <= 'Z' && c > from) buf_char(out, ' ');
    buf_char(out, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
  }
}

/* "the node", or the example's name. */
static void the(const Program *p, const char *const *names, uint32_t kind, Buf *out) {
  if (names && names[kind]) {
    buf_str(out, names[kind]);
    return;
  }
  buf_str(out, "the ");
  kind_name(p, kind, out);
}

static void automations(const Program *p, const LockoutRow *row, Buf *out) {
  for (uint32_t i = 0; i < row->automations.count; i++)
    buf_printf(out, "%s%s", i ? ", " : "", str(p, p->automations[p->index_list[row->automations.first + i]].name));
}

static void subject(const Program *p, const ActionRow *a, const char *const *names, Buf *out) {
  ValueType t = a->params.count ? p->param_types[a->params.first] : (ValueType){0};
  if (a->params.count == 0 || t.klass != VALUE_ENTITY) return;
  buf_str(out, " of ");
  the(p, names, t.ref, out);
}

static const char *ending(uint8_t outcome) {
  static const char *const words[] = {"ok", "fails", "no answer", "reached"};
  return words[outcome < 4 ? outcome : 0];
}

static void effect(const Program *p, uint32_t effect_row, const char *const *names, Buf *out) {
  const EffectRow *row = &p->effects[effect_row];
  buf_printf(out, "%s of ", str(p, p->facts[row->fact].name));
  the(p, names, row->kind, out);
  ValueType t = p->facts[row->fact].type;
  if (t.klass != VALUE_ENUM || row->values.count != 1) return;
  buf_printf(out, " becomes %s", str(p, p->enum_words[p->enums[t.ref].words.first + p->index_list[row->values.first] - 1]));
}

static void step_name(const Program *p, uint32_t fan, Buf *out) {
  uint32_t step = p->fans[fan].step;
  if (step != NONE_INDEX) buf_printf(out, "step `%s`", str(p, p->steps[step].name));
  else buf_str(out, "the fan-out");
}

static bool tell_steps(const Program *p, const Move *m, const char *const *names, Buf *out) {
  switch ((MoveKind)m->kind) {
    case MOVE_ACT:
      if (m->of_sibling) return false;
      buf_str(out, str(p, p->actions[m->subject].name));
      subject(p, &p->actions[m->subject], names, out);
      buf_printf(out, ": %s", ending(m->outcome));
      return true;
    case MOVE_REFUSED:
      buf_str(out, str(p, p->actions[m->subject].name));
      subject(p, &p->actions[m->subject], names, out);
      buf_str(out, m->value ? ": not sent, for what a policy asks of it reads otherwise" : ": not sent, for what it needs reads otherwise");
      return true;
    case MOVE_CONFIRM:
      buf_printf(out, "%s: %s", str(p, p->confirms[m->subject].text),
                 m->outcome == 0 ? "holds" : m->outcome == 1 ? "does not hold" : "cannot be read");
      return true;
    case MOVE_GATE:
      if (m->of_sibling) buf_printf(out, "gate `%s`: asked for others", str(p, p->gates[m->subject].name));
      else buf_printf(out, "gate `%s`: %s", str(p, p->gates[m->subject].name), m->outcome == 0 ? "yes" : m->outcome == 1 ? "no" : "nobody answers");
      return true;
    case MOVE_HOLD: buf_printf(out, "held: %s", m->outcome == 0 ? "a person tries again" : m->outcome == 1 ? "refused" : "nobody answers"); return true;
    case MOVE_SETTING: buf_printf(out, "setting %s: %s", str(p, p->settings[p->adjusts[m->subject].setting].name), ending(m->outcome)); return m->outcome != 0;
    case MOVE_LEFT_OUT: buf_printf(out, "left out: %s", str(p, p->leave_outs[m->subject].text)); return true;
    case MOVE_WAIT: return false;
    default: return false;
  }
}

static bool tell_scopes(const Program *p, const Move *m, const char *const *names, Buf *out) {
  switch ((MoveKind)m->kind) {
    case MOVE_LOCK:
      buf_str(out, "lockout of ");
      automations(p, &p->lockouts[m->subject], out);
      buf_str(out, m->outcome ? " cannot be taken" : m->of_sibling ? ": not on this one" : " is taken");
      return true;
    case MOVE_RELEASE: case MOVE_HAND_OVER:
      automations(p, &p->lockouts[m->subject], out);
      buf_str(out, m->kind == MOVE_RELEASE ? " are released" : " stay locked, and ");
      if (m->kind == MOVE_HAND_OVER) {
        the(p, names, p->lockouts[m->subject].kind, out);
        buf_printf(out, " is handed over to %s", str(p, p->roles[p->lockouts[m->subject].hand_over].name));
      }
      return true;
    case MOVE_FAN:
      if (!m->of_sibling || p->fans[m->subject].inner) return false;
      step_name(p, m->subject, out);
      buf_str(out, " passes ");
      the(p, names, p->fans[m->subject].kind, out);
      buf_str(out, m->fault ? " by: its condition reads otherwise" : " by");
      return true;
    case MOVE_MEMBER:
      if (p->fans[m->subject].inner) return false;
      step_name(p, m->subject, out);
      buf_str(out, " begins with ");
      the(p, names, p->fans[m->subject].kind, out);
      return true;
    case MOVE_OUT:
      if (m->of_sibling) return false;
      the(p, names, m->subject, out);
      buf_str(out, m->outcome == 2 ? " is set aside" : " is kept out");
      return true;
    case MOVE_ROLL_BACK: buf_str(out, "the roll back begins"); return true;
    default: return false;
  }
}

static bool tell_others(const Program *p, const Move *m, const char *const *names, Buf *out) {
  switch ((MoveKind)m->kind) {
    case MOVE_AUTOMATION:
      buf_printf(out, "%s, which is not locked, acts", str(p, p->automations[m->subject].name));
      if (m->pc) buf_printf(out, " while %s is under way", str(p, p->actions[p->calls[code_a(p->code[m->pc])].action].name));
      buf_str(out, ": ");
      effect(p, m->value, names, out);
      return true;
    case MOVE_LATE:
      buf_printf(out, "the %s that had no answer is obeyed late", str(p, p->actions[m->subject].name));
      return true;
    case MOVE_OTHER_OUT:
      buf_str(out, "another member sets ");
      the(p, names, m->subject, out);
      buf_str(out, " aside");
      return true;
    case MOVE_OTHER_STOP: buf_str(out, m->value == 1 ? "too many others are set aside: the step stops" : "another member fails: the step stops"); return true;
    case MOVE_OTHER:
      step_name(p, m->subject, out);
      buf_str(out, " begins with another ");
      kind_name(p, p->fans[m->subject].kind, out);
      return true;
    case MOVE_CANCEL: buf_str(out, "a person cancels the run"); return true;
    case MOVE_PERSON_OUT:
      buf_str(out, "a person sets the ");
      kind_name(p, m->subject, out);
      buf_str(out, " aside");
      return true;
    case MOVE_WINDOW: buf_str(out, "the window closes: who has not begun is kept out"); return true;
    case MOVE_EMERGENCY:
      buf_printf(out, "emergency: %s, at ", str(p, p->emergencies[m->subject].text));
      the(p, names, p->emergencies[m->subject].kind, out);
      if (m->value != NONE_INDEX) buf_printf(out, ", while %s is under way", str(p, p->actions[m->value].name));
      return true;
    case MOVE_PREEMPT:
      buf_str(out, "an emergency of another run takes ");
      the(p, names, m->subject, out);
      return true;
    case MOVE_TRIP: buf_str(out, "a guard no longer holds"); return true;
    default: return false;
  }
}

bool tell_move(const Program *p, const Move *m, const char *const *names, Buf *out) {
  return tell_steps(p, m, names, out) || tell_scopes(p, m, names, out) || tell_others(p, m, names, out);
}

uint32_t tell_line(const Program *p, const Move *m, const char **ret_source) {
  return m->pc ? program_line(p, m->pc, ret_source) : 0;
}

/* ---- what is wrong ---- */

static bool is_obeyed_late(const Finding *f) { return f->kind == FINDING_NEED && f->len > 0 && f->path[f->len - 1].kind == MOVE_LATE; }

void tell_finding(const Program *p, const Finding *f, Buf *out) {
  switch (f->kind) {
    case FINDING_NEED:
      buf_printf(out, "`%s` can be %s while this does not hold: %s", str(p, p->actions[f->subject].name), is_obeyed_late(f) ? "obeyed late," : "reached",
                 str(p, p->need_rows[f->row].text));
      break;
    case FINDING_MAKE: case FINDING_CALL:
      buf_printf(out, "`%s` can break a rule: %s", str(p, p->actions[f->subject].name), str(p, p->rules[f->row].text));
      break;
    case FINDING_LET:
      buf_printf(out, "`%s` is not locked and acts on what this run has done: %s of the ", str(p, p->automations[f->subject].name),
                 str(p, p->facts[f->fact].name));
      kind_name(p, f->member_kind, out);
      buf_str(out, " changes");
      break;
    case FINDING_ABANDONED:
      buf_str(out, "a ");
      kind_name(p, f->member_kind, out);
      buf_str(out, " can end with people though nothing of it failed");
      break;
    case FINDING_LEFT:
      buf_str(out, "the run can end and leave a ");
      kind_name(p, f->member_kind, out);
      buf_str(out, " out of service, without a lock and without an owner");
      break;
    case FINDING_CONFLICT:
      buf_printf(out, "two members can call `%s` on the same ", str(p, p->actions[f->subject].name));
      kind_name(p, f->member_kind, out);
      buf_str(out, " at once");
      break;
    case FINDING_NEVER_DONE: buf_str(out, "this runbook cannot complete, not even when nothing goes wrong"); break;
    case FINDING_UNREACHED: buf_printf(out, "step `%s` is never reached", str(p, p->steps[f->row].name)); break;
    case FINDING_IDLE:
      buf_printf(out, "policy `%s` has nothing to say about this runbook: it calls and makes nothing that the policy speaks of",
                 str(p, p->policies[f->row].name));
      break;
    case FINDING_OPAQUE:
      buf_printf(out, "not proved: whether this holds before `%s` depends on values that the proof does not follow: %s",
                 str(p, p->actions[f->subject].name), str(p, p->need_rows[f->row].text));
      break;
    case FINDING_TOO_LARGE: case FINDING_KIND_COUNT: buf_str(out, "not proved: the runbook is too entangled for the proof"); break;
  }
}

const char *tell_help(const Program *p, const Finding *f, Arena *arena) {
  if (is_obeyed_late(f)) return arena_printf(arena, "behind a `%s` without an answer wait as long as it may land late, before this", str(p, p->actions[f->subject].name));
  switch (f->kind) {
    case FINDING_NEED:
      return arena_printf(arena, "bring it about before `%s` and see it: an action that makes it true, a `confirm`, or a condition on who takes part",
                          str(p, p->actions[f->subject].name));
    case FINDING_LET:
      return arena_printf(arena, "put `%s` into the lockout around this, and release it only when what would make it act is gone",
                          str(p, p->automations[f->subject].name));
    case FINDING_ABANDONED: return "let the roll back bring it back, or set it aside by name where something fails";
    case FINDING_LEFT: return "bring it back on every way out, or take it out under a lockout that hands over what does not come back";
    case FINDING_CONFLICT: return "one at a time, only what is below each member, or a fan-out over what they share";
    default: return NULL;
  }
}
