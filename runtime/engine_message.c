/* engine_message: what people are told by programs of the site, notices and tickets. Nobody waits for the end of one, so that a
 * channel that is down stops nothing. Each is kept until its end is known, and goes out again, with its id, when a new process
 * takes the run over before that, also behind the end of the run: a message comes at least once. Which
 * of them its world answers stands in the BEGIN of the run; of others nothing is kept. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <stdlib.h>

void message_sent(Engine *e, const Command *c) {
  if (!(c->kind == COMMAND_NOTIFY && (e->answers & BEGIN_NOTICES)) && !(c->kind == COMMAND_TICKET && (e->answers & BEGIN_TICKETS))) return;
  id_map_put(&e->message_of, c->id, e->messages.len);
  vec_push(&e->messages, *c);
}

bool message_known(const Engine *e, uint64_t id) {
  uint32_t i;
  return id && id_map_get(&e->message_of, id, &i);
}

/* The last takes the place of the one that is gone. */
static bool take(Engine *e, uint64_t id, Command *ret) {
  uint32_t i;
  if (!id || !id_map_get(&e->message_of, id, &i)) return false;
  *ret = e->messages.items[i];
  id_map_remove(&e->message_of, id);
  Command last = e->messages.items[--e->messages.len];
  if (i == e->messages.len) return true;
  e->messages.items[i] = last;
  id_map_put(&e->message_of, last.id, i);
  return true;
}

bool message_answered(Engine *e, const Event *event) {
  Command c;
  if (!take(e, event->command, &c)) return false;
  if (event->outcome != OUT_OK)
    note(e, NOTE_UNTOLD, c.subject, c.kind_of_entity, c.entity, event->outcome, 0, event_detail(e, event->text));
  return true;
}

static int by_id(const void *l, const void *r) {
  uint64_t a = ((const Command *)l)->id, b = ((const Command *)r)->id;
  return (a > b) - (a < b);
}

/* In the order in which they went out first. */
void messages_resumed(Engine *e) {
  if (e->messages.len) qsort(e->messages.items, e->messages.len, sizeof *e->messages.items, by_id);
  for (uint32_t i = 0; i < e->messages.len; i++) {
    Command *c = &e->messages.items[i];
    id_map_put(&e->message_of, c->id, i);
    c->issued = e->now;
    c->again = 1;
    vec_push(&e->commands, *c);
  }
}

void messages_done(Engine *e) {
  vec_done(&e->messages);
  id_map_done(&e->message_of);
}

uint32_t engine_untold(const Engine *e) { return e->messages.len; }
