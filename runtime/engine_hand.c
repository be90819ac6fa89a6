/* engine_hand: handing over. A member that is not released stays locked and is given to people by name, with a ticket that says
 * why: its own, or that of the container that it is out with. */
#include <config.h>

#include "runtime/engine_parts.h"

#define TICKET_NAMES 12u /* members that a container's ticket names with their own reasons */

static const LockoutRow *row_of(const Engine *e, const Lockout *l) { return &e->program->lockouts[l->row]; }

static void ticket(Engine *e, const Lockout *l, uint32_t kind, uint32_t entity, TextId why) {
  const LockoutRow *row = row_of(e, l);
  tell(e, (Command){.kind = COMMAND_TICKET, .subject = row->hand_over, .kind_of_entity = kind, .entity = entity,
                    .text = text_of(e, why)});
  note(e, NOTE_HANDED_OVER, row->hand_over, kind, entity, 1, row->line, why);
}

static void keep_item(Engine *e, uint32_t id, Lockout *l, LockItem *item) {
  (void)id, (void)l;
  if (item->done) return;
  if (item->own) lock_cell(e, item->automation, item->entity)->state = LOCK_HANDED;
  else lock_let_go(e, item);
  item->done = 1;
}

static bool ticketed(Lockout *l, uint32_t mark) {
  for (uint32_t i = 0; i < l->tickets.len; i++)
    if (l->tickets.items[i] == mark) return true;
  vec_push(&l->tickets, mark);
  return false;
}

static TextId why_kept(Engine *e, const Lockout *l, uint32_t mark) {
  if (mark != NONE_INDEX) return e->marks.items[mark].why;
  if (l->why) return l->why;
  return text_printf(e, "its release condition does not hold; it stays locked");
}

/* The mark of the outermost container that is out, too: whoever fetches that gets what is in it. */
static uint32_t container_mark(Engine *e, uint32_t mark) {
  for (;;) {
    Mark m = e->marks.items[mark];
    uint32_t above = mark;
    for (uint32_t k = 0; k < e->program->kinds_count && above == mark; k++) {
      if (k == m.kind || !fleet_leads_up(fleet_schema(e->fleet), m.kind, k)) continue;
      Entity up = fleet_up(e->fleet, m.kind, m.entity, k);
      if (up != ENTITY_NONE && member_mark(e, k, up) != NONE_INDEX) above = member_mark(e, k, up);
    }
    if (above == mark) return mark;
    mark = above;
  }
}

/* "more than 4 trays do not come back; in it r03-n01: does not boot; r03-n02: does not validate": what was out for reasons of
 * its own before its container was. */
static TextId why_all(Engine *e, uint32_t top) {
  TextId why = e->marks.items[top].why;
  uint32_t more = 0, named = 0;
  for (uint32_t i = 0; i < e->marks.len; i++) {
    const Mark *m = &e->marks.items[i];
    if (i == top || member_mark(e, m->kind, m->entity) != i || container_mark(e, i) != top) continue;
    if (named++ >= TICKET_NAMES) more++;
    else why = text_printf(e, "%s; %s%s: %s", text_of(e, why), named == 1 ? "in it " : "", entity_name(e, m->kind, m->entity), text_of(e, m->why));
  }
  return more ? text_printf(e, "%s; and %u more", text_of(e, why), more) : why;
}

/* A member that left with its container is named, and the ticket is the container's. */
static void hand_over_member(Engine *e, uint32_t id, uint32_t m) {
  Lockout *l = &e->lockouts.items[strand_at(e, id)->job];
  uint32_t kind = row_of(e, l)->kind, member = l->members.items[m], mark = member_mark(e, kind, member);
  TextId why = why_kept(e, l, mark);
  l->member_state[m] = MEMBER_PASSED;
  release_each_item(e, id, l, member, keep_item);
  if (mark == NONE_INDEX) {
    ticket(e, l, kind, member, why);
    return;
  }
  uint32_t top = container_mark(e, mark);
  Mark root = e->marks.items[top];
  if (!ticketed(l, top)) ticket(e, l, root.kind, root.entity, why_all(e, top));
  if (root.kind != kind || root.entity != member)
    note(e, NOTE_HANDED_OVER, row_of(e, l)->hand_over, kind, member, 0, row_of(e, l)->line, why);
}

/* Automations on containers that some member still needs locked. */
static void hand_over_items(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  if (s->task == TASK_RELEASE) return;
  for (uint32_t i = 0; i < l->items.len; i++) {
    LockItem *item = &l->items.items[i];
    if (!item->done) keep_item(e, id, l, item);
  }
}

void hand_over(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  uint32_t count = release_candidates(e, s, l);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t m = release_candidate(e, s, l, i);
    if (m != NONE_INDEX && l->member_state[m] == MEMBER_TO_HAND_OVER) hand_over_member(e, id, m);
  }
  hand_over_items(e, id);
}
