/* engine_held: what people say about one member: start nothing new for it, or take it out of the procedure.
 *
 * A hold is a delay: neither the member nor what is in it begins anything, and no action is sent to what contains it. Others go
 * on; a cancel and a roll back pass it by, so that no way out waits for a person who has gone home.
 *
 * Setting aside is the exit of the language, at the next point between two statements of the member: whatever it holds is put
 * back, its locks stay and are handed over by name, and it counts in the tolerances of the fans that are open over it; when none
 * is, in those of the next one. */
#include <config.h>

#include "runtime/engine_parts.h"

/* ---- held ---- */

static bool lies_in(const Engine *e, uint32_t kind, uint32_t entity, uint32_t outer_kind, uint32_t outer) {
  return kind == outer_kind ? entity == outer : fleet_up(e->fleet, kind, entity, outer_kind) == outer;
}

bool member_held(const Engine *e, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < e->held.len; i++)
    if (lies_in(e, kind, entity, e->held.items[i].kind, e->held.items[i].entity)) return true;
  return false;
}

bool strand_held(Engine *e, uint32_t id) {
  const Strand *s = strand_at(e, id);
  if (e->held.len == 0 || e->cancelled || s->masked) return false;
  for (; s->fan != NONE_INDEX; s = strand_at(e, e->fans.items[s->fan].strand))
    if (member_held(e, e->program->fans[e->fans.items[s->fan].row].kind, s->member)) return true;
  return false;
}

bool action_held(Engine *e, const Strand *s, const ActionRow *action) {
  for (uint32_t i = 0; i < action->params.count && i < EVENT_ARGS; i++) {
    ValueType t = e->program->param_types[action->params.first + i];
    if (t.klass != VALUE_ENTITY || s->args[i] == VALUE_UNKNOWN) continue;
    if (member_held(e, t.ref, (Entity)s->args[i])) return true;
    for (uint32_t j = 0; j < e->held.len; j++)
      if (lies_in(e, e->held.items[j].kind, e->held.items[j].entity, t.ref, (Entity)s->args[i])) return true;
  }
  return false;
}

static uint32_t held_index(const Engine *e, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < e->held.len; i++)
    if (e->held.items[i].kind == kind && e->held.items[i].entity == entity) return i;
  return NONE_INDEX;
}

/* Has the run anything to do with it? It is a member, or contains one. */
static bool concerns(Engine *e, uint32_t kind, uint32_t entity) {
  if (member_state(e, kind, entity) != MEMBER_FREE) return true;
  for (uint32_t k = 0; k < e->program->kinds_count; k++) {
    if (k == kind || !fleet_leads_up(fleet_schema(e->fleet), k, kind)) continue;
    FleetMembers below = fleet_members(e->fleet, kind, entity, k);
    for (uint32_t i = 0; i < below.count; i++)
      if (member_state(e, k, fleet_member(below, i)) != MEMBER_FREE) return true;
  }
  return false;
}

static bool exists(const Engine *e, const Event *event) {
  return event->kind_of_entity < e->program->kinds_count && event->entity < fleet_count(e->fleet, event->kind_of_entity);
}

TextId held_refused(Engine *e, const Event *event) {
  if (!exists(e, event)) return text_printf(e, "there is no such member");
  uint32_t kind = event->kind_of_entity, entity = event->entity, at = held_index(e, kind, entity);
  const char *name = entity_name(e, kind, entity);
  if (event->value == CONTROL_UNHOLD) return at == NONE_INDEX ? text_printf(e, "%s is not held", name) : 0;
  if (at != NONE_INDEX) return text_printf(e, "%s is held already, by %s", name, text_of(e, e->held.items[at].by));
  if (!concerns(e, kind, entity)) return text_printf(e, "%s is no member of this run", name);
  if (member_out(e, kind, entity))
    return text_printf(e, "%s has left the procedure (%s): nothing is started for it", name, text_of(e, member_why(e, kind, entity)));
  if (e->cancelled) return text_printf(e, "the run is being given up: who is under way finishes, and the roll back waits for nobody");
  return 0;
}

void held_take(Engine *e, const Event *event, TextId by) {
  uint32_t kind = event->kind_of_entity, entity = event->entity, at = held_index(e, kind, entity);
  if (event->value == CONTROL_HOLD) {
    vec_push(&e->held, ((Held){kind, entity, e->now, by}));
    note(e, NOTE_WAITING, NONE_INDEX, kind, entity, 0, 0, text_printf(e, "%s is held by %s", entity_name(e, kind, entity), text_of(e, by)));
    return;
  }
  for (uint32_t i = at + 1; i < e->held.len; i++) e->held.items[i - 1] = e->held.items[i];
  e->held.len--;
  queue_wake_all(e, &e->paused_queue);
  for (uint32_t i = 0; i < e->fans.len; i++) ready_fan(e, i);
}

bool engine_held(const Engine *e, uint32_t i, HeldMember *ret) {
  if (i >= e->held.len) return false;
  const Held *h = &e->held.items[i];
  *ret = (HeldMember){h->kind, h->entity, h->since, text_of(e, h->by)};
  return true;
}

bool engine_holds_back(const Engine *e, uint32_t kind, uint32_t entity) { return member_held(e, kind, entity); }

/* ---- set aside ---- */

static bool fan_over(const Engine *e, uint32_t kind) {
  for (uint32_t i = 0; i < e->program->fans_count; i++)
    if (e->program->fans[i].kind == kind) return true;
  return false;
}

/* Its way out of the lockout has begun, or is through. */
static bool let_go(const Engine *e, uint32_t kind, uint32_t entity) {
  bool any = false;
  for (uint32_t i = 0; i < e->lockouts.len; i++) {
    const Lockout *l = &e->lockouts.items[i];
    uint32_t m;
    if (e->program->lockouts[l->row].kind != kind || !l->member_state || !id_map_get(&l->index_of, (uint64_t)entity + 1, &m)) continue;
    if (l->member_state[m] == MEMBER_LOCKED) return false;
    any = true;
  }
  return any;
}

TextId aside_refused(Engine *e, const Event *event) {
  if (!exists(e, event)) return text_printf(e, "there is no such member");
  uint32_t kind = event->kind_of_entity, entity = event->entity;
  const char *name = entity_name(e, kind, entity);
  if (member_out(e, kind, entity)) return text_printf(e, "%s is out already: %s", name, text_of(e, member_why(e, kind, entity)));
  if (!fan_over(e, kind)) return text_printf(e, "the runbook goes over no %s: nothing in it can leave as one", program_str(e->program, e->program->kinds[kind].plural));
  if (member_state(e, kind, entity) == MEMBER_FREE) return text_printf(e, "%s is no member of this run", name);
  if (e->main == NONE_INDEX || strand_at(e, e->main)->pc <= e->last_lock)
    return text_printf(e, "a lockout is still to be taken, and %s would go without its locks while work is done around it: hold it, or abort the run", name);
  if (let_go(e, kind, entity)) return text_printf(e, "%s is being released, or has been: nothing more is done to it", name);
  return 0;
}

/* Does the fan count what happens to the entity? Then with which of its members: itself, what contains it, or what is in it. */
static uint32_t place_in(const Engine *e, const EntityVec *members, uint32_t fan_kind, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < members->len; i++)
    if (lies_in(e, kind, entity, fan_kind, members->items[i]) || lies_in(e, fan_kind, members->items[i], kind, entity)) return i;
  return NONE_INDEX;
}

static uint32_t depth_of(Engine *e, uint32_t fan) {
  uint32_t depth = 0;
  for (uint32_t f = fan; f != NONE_INDEX; f = strand_at(e, e->fans.items[f].strand)->fan) depth++;
  return depth;
}

/* The innermost open fan over it; of several the first. Those of an emergency are about what is out. */
static uint32_t counting_fan(Engine *e, uint32_t kind, uint32_t entity, uint32_t *ret_place) {
  uint32_t best = NONE_INDEX, depth = 0;
  for (uint32_t i = 0; i < e->fans.len; i++) {
    const Fan *f = &e->fans.items[i];
    if (!f->used || strand_at(e, f->strand)->emergency || depth_of(e, i) <= depth) continue;
    uint32_t place = place_in(e, &f->members, e->program->fans[f->row].kind, kind, entity);
    if (place == NONE_INDEX) continue;
    best = i;
    depth = depth_of(e, i);
    *ret_place = place;
  }
  return best;
}

/* Does the member at this place still wait for its turn? */
static bool waits(const Engine *e, const Fan *f, uint32_t place) {
  if (f->group_kind == NONE_INDEX) return place >= f->next;
  Entity up = fleet_up(e->fleet, e->program->fans[f->row].kind, f->members.items[place], f->group_kind);
  uint32_t at = f->head[up == ENTITY_NONE ? fleet_count(e->fleet, f->group_kind) : up];
  while (at != NONE_INDEX && at != place) at = f->link[at];
  return at == place;
}

void aside_put(Engine *e, uint32_t kind, uint32_t entity, TextId why) {
  uint32_t place = 0;
  uint32_t fan = counting_fan(e, kind, entity, &place), mark = member_put_out(e, kind, entity, MEMBER_SET_ASIDE, why);
  uint32_t step = fan == NONE_INDEX ? NONE_INDEX : e->program->fans[e->fans.items[fan].row].step;
  note(e, NOTE_SET_ASIDE, step, kind, entity, MEMBER_SET_ASIDE, 0, why);
  tally_lost(e, kind, entity, mark);
  if (fan == NONE_INDEX) vec_push(&e->uncounted, mark);
  else tolerance_count_in(e, fan, place, kind, entity, mark, why);
  bool main_fan = fan != NONE_INDEX && strand_at(e, e->fans.items[fan].strand)->fan == NONE_INDEX;
  if (main_fan && !e->fans.items[fan].stop) e->marks.items[mark].unmissed = waits(e, &e->fans.items[fan], place);
  e->people_aside += e->marks.items[mark].unmissed;
  gates_drop_out(e);
  queue_wake_all(e, &e->paused_queue); /* who waits there for leave to start may leave instead */
  for (uint32_t i = 0; i < e->fans.len; i++) ready_fan(e, i);
}

void aside_take(Engine *e, const Event *event, TextId by) {
  aside_put(e, event->kind_of_entity, event->entity, text_printf(e, "set aside by %s", by ? text_of(e, by) : "a person"));
}

/* ---- taken back ---- */

/* Only while the step that it waits in goes on and its turn has not come: then nothing of its own way has been passed without it, and it
 * is as if nobody had said anything. */
static uint32_t unmissed_mark(const Engine *e, uint32_t kind, uint32_t entity) {
  uint32_t mark = member_mark(e, kind, entity);
  if (mark == NONE_INDEX) return NONE_INDEX;
  const Mark *m = &e->marks.items[mark];
  return m->unmissed && m->kind == kind && m->entity == entity ? mark : NONE_INDEX;
}

bool aside_may_end(const Engine *e, uint32_t kind, uint32_t entity) { return unmissed_mark(e, kind, entity) != NONE_INDEX; }

void aside_end(Engine *e, uint32_t kind, uint32_t entity) {
  uint32_t place = 0, fan = counting_fan(e, kind, entity, &place), mark = unmissed_mark(e, kind, entity);
  tolerance_uncount(e, fan, place, kind, entity, mark);
  e->marks.items[mark].unmissed = 0;
  e->people_aside--;
  tally_in_again(e, mark, true);
  mark_lift(e, mark);
  ready_fan(e, fan);
}

void aside_passed(Engine *e, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; e->people_aside > 0 && i < e->marks.len; i++) {
    Mark *m = &e->marks.items[i];
    bool around = kind == NONE_INDEX || lies_in(e, m->kind, m->entity, kind, entity) || lies_in(e, kind, entity, m->kind, m->entity);
    if (!m->unmissed || !around) continue;
    m->unmissed = 0;
    e->people_aside--;
  }
}

/* Does a fan over members of this kind count such an entity: one of them, in one, or around some? */
static bool counts_kind(const Engine *e, uint32_t fan_kind, uint32_t kind) {
  const FleetSchema *schema = fleet_schema(e->fleet);
  return fan_kind == kind || fleet_leads_up(schema, kind, fan_kind) || fleet_leads_up(schema, fan_kind, kind);
}

/* Whoever has left is no member of the fan that opens now, so its kind alone says whether it counts there. */
void aside_counts(Engine *e, uint32_t fan) {
  uint32_t kept = 0, kind = e->program->fans[e->fans.items[fan].row].kind;
  for (uint32_t i = 0; i < e->uncounted.len; i++) {
    uint32_t index = e->uncounted.items[i];
    Mark m = e->marks.items[index];
    if (m.lifted) continue;
    uint32_t last = member_mark(e, m.kind, m.entity);
    bool struck = last != NONE_INDEX && e->marks.items[last].for_good; /* counts where something is tolerated */
    if (counts_kind(e, kind, m.kind) && (!struck || e->program->fans[e->fans.items[fan].row].tolerances.count)) tolerance_count_in(e, fan, 0, m.kind, m.entity, index, m.why);
    else e->uncounted.items[kept++] = index;
  }
  e->uncounted.len = kept;
}

/* ---- what it comes to, before it is done ---- */

AsideCount engine_aside_count(Engine *e, uint32_t kind, uint32_t entity) {
  AsideCount out = {.step = NONE_INDEX, .unit = NONE_INDEX};
  uint32_t place = 0, fan = counting_fan(e, kind, entity, &place);
  while (fan != NONE_INDEX) {
    const Fan *f = &e->fans.items[fan];
    for (uint32_t i = 0; i < f->tolerance_count; i++) {
      FanTolerance *t = &f->tolerances[i];
      uint32_t units = tolerance_units(e, t->unit, kind, entity, NONE_INDEX), before = tolerance_before(e, t, place, kind, entity);
      bool stops = units > 0 && before + units > t->amount;
      if (units == 0 || (out.counted && !stops)) continue;
      out = (AsideCount){.step = e->program->fans[f->row].step, .unit = t->unit, .amount = t->amount, .before = before,
                         .after = before + units, .stops = stops, .counted = true};
      if (stops) return out;
    }
    const Strand *s = strand_at(e, f->strand);
    place = s->ordinal;
    fan = s->fan;
  }
  return out;
}

/* A yes to a `hold` that is still to come leads back to what it is about. */
static uint32_t leads_back(const Program *p, uint32_t from, uint32_t behind) {
  bool hold = false;
  for (uint32_t pc = from; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    if (hold && op == OPCODE_ON_OK && code_a(p->code[pc]) < behind) behind = code_a(p->code[pc]);
    hold = op == OPCODE_HOLD;
  }
  return behind;
}

/* Statements that wait or act; what is between two of them only computes, and belongs to the second. Code runs in its order. */
uint32_t engine_place(const Engine *e) {
  const Program *p = e->program;
  uint32_t behind = 0, now = e->main == NONE_INDEX ? 0 : strand_at((Engine *)e, e->main)->pc;
  for (uint32_t pc = 0; pc < now; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) >= OPCODE_SENSE) behind = pc + 1;
  return leads_back(p, now, behind);
}
