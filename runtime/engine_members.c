/* engine_members: whose turn it still is. A member that leaves takes along all that belongs to it; every leaving is a mark
 * in a log, so that a roll back can take in again what left since its attempt began. */
#include <config.h>

#include "runtime/engine_emergency.h"

#include <stdlib.h>

static void claim_set(Engine *e, uint32_t set) {
  for (uint32_t i = 0; i < e->sets[set].count; i++) member_claim(e, e->program->sets[set].kind, e->sets[set].items[i]);
}

void members_init(Engine *e) {
  const Program *p = e->program;
  e->members = arena_new_array(e->arena, MemberColumn, p->kinds_count + 1);
  e->sets = arena_new_array(e->arena, Members, p->sets_count + 1);
  for (uint32_t i = 0; i < p->sets_count; i++) {
    e->sets[i] = e->frozen->sets[i];
    claim_set(e, i);
  }
  for (uint32_t i = 0; i < p->leave_outs_count; i++) {
    Members out = e->frozen->left_out[i];
    uint32_t kind = p->sets[p->leave_outs[i].set].kind;
    for (uint32_t j = 0; j < out.count; j++) member_put_out(e, kind, out.items[j], MEMBER_LEFT_OUT, p->leave_outs[i].text);
  }
}

void members_done(Engine *e) {
  for (uint32_t i = 0; i < e->program->kinds_count; i++) {
    free(e->members[i].state);
    free(e->members[i].mark);
  }
  vec_done(&e->marks);
}

static MemberColumn *column(Engine *e, uint32_t kind) {
  MemberColumn *c = &e->members[kind];
  if (!c->state) {
    c->state = xcalloc(fleet_count(e->fleet, kind) + 1, sizeof *c->state);
    c->mark = xcalloc(fleet_count(e->fleet, kind) + 1, sizeof *c->mark);
  }
  return c;
}

MemberState member_state(const Engine *e, uint32_t kind, uint32_t entity) {
  const MemberColumn *c = &e->members[kind];
  return c->state ? (MemberState)c->state[entity] : MEMBER_FREE;
}

static bool is_out(MemberState s) { return s == MEMBER_LEFT_OUT || s == MEMBER_SET_ASIDE || s == MEMBER_KEPT_OUT; }

bool member_out(const Engine *e, uint32_t kind, uint32_t entity) { return is_out(member_state(e, kind, entity)); }

uint32_t member_mark(const Engine *e, uint32_t kind, uint32_t entity) {
  const MemberColumn *c = &e->members[kind];
  return c->mark && c->mark[entity] ? c->mark[entity] - 1 : NONE_INDEX;
}

TextId member_why(const Engine *e, uint32_t kind, uint32_t entity) {
  uint32_t mark = member_mark(e, kind, entity);
  return mark == NONE_INDEX ? 0 : e->marks.items[mark].why;
}

void member_claim(Engine *e, uint32_t kind, uint32_t entity) {
  MemberColumn *c = column(e, kind);
  if (c->state[entity] == MEMBER_FREE) c->state[entity] = MEMBER_IN;
}

static void set_state(Engine *e, uint32_t kind, uint32_t entity, MemberState state, uint32_t mark) {
  MemberColumn *c = column(e, kind);
  if (is_out((MemberState)c->state[entity])) return;
  c->state[entity] = (uint8_t)state;
  c->mark[entity] = mark + 1;
}

uint32_t member_put_out(Engine *e, uint32_t kind, uint32_t entity, MemberState state, TextId why) {
  if (member_out(e, kind, entity)) return NONE_INDEX;
  uint32_t mark = e->marks.len;
  vec_push(&e->marks, ((Mark){.kind = kind, .entity = entity, .why = why, .state = (uint8_t)state}));
  set_state(e, kind, entity, state, mark);
  for (uint32_t k = 0; k < e->program->kinds_count; k++) {
    if (k == kind || !fleet_leads_up(fleet_schema(e->fleet), k, kind)) continue;
    FleetMembers below = fleet_members(e->fleet, kind, entity, k);
    for (uint32_t i = 0; i < below.count; i++) set_state(e, k, fleet_member(below, i), state, mark);
  }
  return mark;
}

/* Whatever they left for before, an emergency or a broken lock is why they stay away; but who was left out as found has never been in. */
static void strike(Engine *e, uint32_t kind, uint32_t entity, uint32_t mark) {
  MemberColumn *c = column(e, kind);
  if (c->state[entity] == MEMBER_LEFT_OUT) return;
  c->state[entity] = MEMBER_SET_ASIDE;
  c->mark[entity] = mark + 1;
}

void member_strike(Engine *e, uint32_t kind, uint32_t entity, TextId why) {
  uint32_t before = member_mark(e, kind, entity), mark = e->marks.len;
  if (before != NONE_INDEX && e->marks.items[before].unmissed) e->marks.items[before].unmissed = 0, e->people_aside--;
  vec_push(&e->marks, ((Mark){.kind = kind, .entity = entity, .why = why, .state = MEMBER_SET_ASIDE, .for_good = 1}));
  strike(e, kind, entity, mark);
  for (uint32_t k = 0; k < e->program->kinds_count; k++) {
    if (k == kind || !fleet_leads_up(fleet_schema(e->fleet), k, kind)) continue;
    FleetMembers below = fleet_members(e->fleet, kind, entity, k);
    for (uint32_t i = 0; i < below.count; i++) strike(e, k, fleet_member(below, i), mark);
  }
}

static void take_in(Engine *e, uint32_t kind, uint32_t entity, uint32_t mark) {
  MemberColumn *c = column(e, kind);
  if (c->mark[entity] != mark + 1) return;
  c->mark[entity] = 0;
  c->state[entity] = MEMBER_IN;
}

void mark_lift(Engine *e, uint32_t index) {
  Mark *m = &e->marks.items[index];
  m->lifted = 1;
  take_in(e, m->kind, m->entity, index);
  for (uint32_t k = 0; k < e->program->kinds_count; k++) {
    if (k == m->kind || !e->members[k].mark || !fleet_leads_up(fleet_schema(e->fleet), k, m->kind)) continue;
    FleetMembers below = fleet_members(e->fleet, m->kind, m->entity, k);
    for (uint32_t j = 0; j < below.count; j++) take_in(e, k, fleet_member(below, j), index);
  }
}

void marks_lift(Engine *e, uint32_t from) {
  for (uint32_t i = from; i < e->marks.len; i++)
    if (e->marks.items[i].state != MEMBER_LEFT_OUT && !e->marks.items[i].lifted && !e->marks.items[i].for_good) {
      tally_in_again(e, i, false);
      mark_lift(e, i);
    }
}

/* Also what no set holds and a fan has claimed: rows of racks. */
void members_settle(Engine *e, MemberState state) {
  for (uint32_t kind = 0; kind < e->program->kinds_count; kind++) {
    uint8_t *at = e->members[kind].state;
    for (uint32_t i = 0; at && i < fleet_count(e->fleet, kind); i++)
      if (at[i] == MEMBER_IN) at[i] = (uint8_t)state;
  }
}

MemberState engine_member(const Engine *e, uint32_t kind, uint32_t entity, const char **ret_why) {
  if (ret_why) *ret_why = text_of(e, member_why(e, kind, entity));
  return member_state(e, kind, entity);
}
