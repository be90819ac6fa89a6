/* tally: what the engine was told, said and sent. */
#include <config.h>

#include "tests/sim/tally.h"

#include <stdio.h>
#include <string.h>

void tally_event(Tally *t, const Event *e) {
  bool acted = e->kind == EVENT_OUTCOME, read = e->kind == EVENT_READING;
  if (acted && e->outcome != OUT_OK) happened(t, e->outcome == OUT_FAILED ? HAPPENED_FAILED : HAPPENED_UNKNOWN);
  if (read && e->value == VALUE_UNKNOWN) happened(t, HAPPENED_SILENT);
  if (e->kind == EVENT_ANSWER) happened(t, HAPPENED_ANSWER);
  if (e->kind == EVENT_CONTROL) happened(t, e->value == CONTROL_PREEMPT ? HAPPENED_PREEMPTED : HAPPENED_CONTROL);
}

void tally_note(Tally *t, const Note *n) {
  static const char fires[] = "emergency"; /* that its condition cannot be read is told as well */
  switch (n->kind) {
    case NOTE_REFUSED: happened(t, HAPPENED_REFUSED); break;
    case NOTE_SET_ASIDE: happened(t, HAPPENED_ASIDE); break;
    case NOTE_KEPT_OUT: happened(t, HAPPENED_KEPT_OUT); break;
    case NOTE_HANDED_OVER: happened(t, HAPPENED_HANDED); break;
    case NOTE_ROLL_BACK: happened(t, HAPPENED_ROLL_BACK); break;
    case NOTE_HELD_BACK: happened(t, HAPPENED_HELD_BACK); break;
    case NOTE_ALARM:
      if (n->value == ALARM_EMERGENCY && n->text && strncmp(n->text, fires, strlen(fires)) == 0) happened(t, HAPPENED_EMERGENCY);
      break;
    default: break;
  }
}

void tally_command(Tally *t, const Command *c) {
  if (c->kind == COMMAND_ACT) happened(t, HAPPENED_ACTION);
  if (c->kind == COMMAND_ACT && c->again) happened(t, HAPPENED_AGAIN);
  if (c->kind == COMMAND_LOCK) happened(t, HAPPENED_LOCK);
  if (c->kind == COMMAND_SET) happened(t, HAPPENED_SETTING);
  if (c->kind == COMMAND_PERMIT) happened(t, HAPPENED_PERMIT);
}

void tally_print(const Tally *t) {
  static const char *const texts[] = {
#define HAPPENING(name, text) text,
#include "tests/sim/tally.def"
#undef HAPPENING
  };
  printf("  happened:");
  for (int i = 0; i < HAPPENING_COUNT; i++) printf("%s %s %llu", i ? "," : "", texts[i], (unsigned long long)t->times[i]);
  putchar('\n');
}
