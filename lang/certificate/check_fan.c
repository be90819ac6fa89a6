/* check_fan: what the other members of a fan-out can do to the witness: leave with a container, stop the step, act on what they share
 * with it, use up a yes that is one for all. Where it is not plain that a thing is a member's own, it is shared. */
#include <config.h>

#include "lang/certificate/checker.h"

static uint32_t behind(const Program *p, uint32_t pc) { return pc + code_words(code_op(p->code[pc])); }

/* ---- limits ---- */

/* `stop after 100%`: it stops for nobody. */
static bool tolerates_all(const Program *p, CodeRef amount) {
  uint32_t word = p->code[amount];
  int64_t first = code_op(word) == OPCODE_INT ? code_imm(word) : code_op(word) == OPCODE_CONST ? p->consts[code_a(word)] : 0;
  bool part = false;
  for (uint32_t pc = amount; code_op(p->code[pc]) != OPCODE_RETURN; pc = behind(p, pc))
    part |= code_op(p->code[pc]) == OPCODE_PART_DOWN || code_op(p->code[pc]) == OPCODE_PART_UP;
  return part && first >= 1000000;
}

static bool one_after_the_other(const Program *p, const FanRow *f) {
  for (uint32_t i = 0; i < f->limits.count; i++) {
    const LimitRow *l = &p->limits[f->limits.first + i];
    if (l->rule == LIMIT_RULE_AT_ONCE && l->group == NONE_INDEX && l->amount && p->code[l->amount] == (OPCODE_INT | 1u << 8)) return true;
  }
  return f->limits.count == 0;
}

static bool all_at_once(const Program *p, const FanRow *f) {
  bool all = f->limits.count > 0;
  for (uint32_t i = 0; i < f->limits.count; i++) all &= p->limits[f->limits.first + i].rule == LIMIT_RULE_ALL;
  return all;
}

/* ---- whose a thing is ---- */

/* Variables of a body that name what is the member's own: itself, and what a fan-out inside takes from below it. */
typedef struct Own { bool slot[LIMIT_SLOTS]; } Own;

static bool is_own(const Own *own, uint32_t word) { return code_op(word) == OPCODE_SLOT && own->slot[code_a(word)]; }

/* From the variable of a member of the fan-out inside upwards; the address behind, or 0. */
static uint32_t path_from(const Program *p, uint32_t pc, uint32_t slot) {
  if (p->code[pc] != (OPCODE_SLOT | slot << 8)) return 0;
  for (pc = behind(p, pc); code_op(p->code[pc]) == OPCODE_UP || code_op(p->code[pc]) == OPCODE_ATTR;) pc = behind(p, pc);
  return pc;
}

/* A conjunct of a filter `n.rack is r`, with r own. */
static bool ties(const Program *p, uint32_t pc, uint32_t slot, const Own *own) {
  uint32_t at = path_from(p, pc, slot);
  if (at && is_own(own, p->code[at])) at = behind(p, at);
  else if (is_own(own, p->code[pc])) at = path_from(p, behind(p, pc), slot);
  else return false;
  return at && code_op(p->code[at]) == OPCODE_EQ && code_op(p->code[behind(p, at)]) == OPCODE_JUMP_NOT;
}

/* Is every member that the region collects own? It is walked from below something own, or is such a thing, or is tied to one. */
static bool members_are_own(const Program *p, CodeRef region, const Own *own) {
  uint32_t slot = NONE_INDEX;
  bool below = false, root = false; /* what stands on top is own */
  for (uint32_t pc = region; code_op(p->code[pc]) != OPCODE_RETURN; pc = behind(p, pc)) {
    Opcode op = code_op(p->code[pc]);
    bool walks = op == OPCODE_EACH_BELOW || op == OPCODE_EACH_SET_BELOW || op == OPCODE_EACH_ONE;
    if (walks && slot == NONE_INDEX) below = root;
    root = is_own(own, p->code[pc]) || (root && op == OPCODE_ATTR && p->attrs[code_a(p->code[pc])].own);
    if (op == OPCODE_NEXT && slot == NONE_INDEX) slot = code_a(p->code[pc]);
    if (slot != NONE_INDEX && ties(p, pc, slot, own)) return true;
  }
  return below;
}

/* Each member has one of its own, which the inventory is held to. */
static bool has_its_own(const Program *p, uint32_t member, uint32_t kind) {
  bool own = false;
  for (uint32_t i = 0; i < p->kinds[member].attrs.count; i++) {
    const AttrRow *attr = &p->attrs[p->kinds[member].attrs.first + i];
    if (attr->type.klass == VALUE_ENTITY && attr->type.ref == kind) own = attr->own;
  }
  return own && p->kinds[member].parent != kind;
}

/* Called on a thing that begins with something of the member's own: may it be others' too, all the same? */
static bool is_shared(const Checker *k, uint32_t member, uint32_t kind) {
  return kind != member && !has_its_own(k->p, member, kind) && (k->holds[member][kind] || k->several[kind][member]);
}

static bool needs_common_yes(const Program *p, const ActionRow *a) {
  for (uint32_t i = 0; i < a->needs.count; i++)
    for (uint32_t pc = p->need_rows[a->needs.first + i].condition; code_op(p->code[pc]) != OPCODE_RETURN; pc = behind(p, pc))
      if (code_op(p->code[pc]) == OPCODE_YES && p->gates[code_a(p->code[pc])].once) return true;
  return false;
}

/* ---- a body ---- */

static bool ends_expression(Opcode op) {
  return op >= OPCODE_SENSE || op == OPCODE_STORE || op == OPCODE_DROP || op == OPCODE_NEXT || op == OPCODE_CLOSE ||
         (op >= OPCODE_JUMP && op <= OPCODE_JUMP_NOT);
}

/* What its calls are on. A call's first argument is what its expression begins with. */
static void look_at_calls(const Checker *k, const FanRow *f, uint32_t end, bool *ret_shares, bool *ret_yes) {
  const Program *p = k->p;
  Own own = {.slot = {false}};
  uint32_t first = NONE_INDEX; /* address of the first value of the expression so far */
  own.slot[f->slot] = true;
  for (uint32_t pc = f->body; pc < end; pc = behind(p, pc)) {
    Opcode op = code_op(p->code[pc]);
    uint32_t a = code_a(p->code[pc]);
    if (first == NONE_INDEX && op_info[op].pushes) first = pc;
    bool begins_own = first != NONE_INDEX && is_own(&own, p->code[first]);
    if (op == OPCODE_STORE) own.slot[a] = begins_own && behind(p, first) == pc;
    if (op == OPCODE_FAN) own.slot[p->fans[a].slot] = members_are_own(p, p->fans[a].members, &own);
    if (op == OPCODE_ACT) {
      const ActionRow *action = &p->actions[p->calls[a].action];
      ValueType t = action->params.count ? p->param_types[action->params.first] : (ValueType){.klass = VALUE_INT};
      bool changes = action->makes.count > 0 && t.klass == VALUE_ENTITY;
      *ret_shares |= changes && (!begins_own || is_shared(k, f->kind, t.ref));
      *ret_yes |= needs_common_yes(p, action);
    }
    if (ends_expression(op)) first = NONE_INDEX;
  }
}

bool cert_reaches_others(const Checker *k, const FanRow *f, uint32_t end) {
  bool shares = false, yes = false;
  look_at_calls(k, f, end, &shares, &yes);
  return shares;
}

bool cert_look_at_fan(Checker *k, uint32_t pc) {
  const Program *p = k->p;
  const FanRow *f = &p->fans[code_a(p->code[pc])];
  Fan *fan = &k->fans[code_a(p->code[pc])];
  uint32_t next = behind(p, pc);
  bool jumps = code_op(p->code[next]) == OPCODE_JUMP && f->body == next + 1, shares = false, common_yes = false;
  bool counted = f->tolerances.count == 0 && !f->inner;
  fan->end = jumps ? code_a(p->code[next]) : f->body;
  if (f->on_stop > f->body && f->on_stop < fan->end) fan->end = f->on_stop;
  for (uint32_t at = f->body; at < fan->end; at = behind(p, at)) {
    uint32_t a = code_a(p->code[at]);
    Opcode op = code_op(p->code[at]);
    bool out = op == OPCODE_SET_ASIDE || op == OPCODE_KEEP_OUT;
    if (out && a != f->kind && k->holds[f->kind][a]) fan->takes[a] = op == OPCODE_SET_ASIDE ? CERT_ASIDE : CERT_KEPT;
    fan->fails |= op == OPCODE_FAIL || op == OPCODE_ROLL_BACK;
  }
  look_at_calls(k, f, fan->end, &shares, &common_yes);
  for (uint32_t i = 0; i < f->tolerances.count; i++) counted |= !tolerates_all(p, p->tolerances[f->tolerances.first + i].amount);
  fan->stops = counted; /* whatever its body does: an emergency of another run sets members aside, too */
  fan->together = all_at_once(p, f);
  fan->shares = shares || common_yes;
  return !shares || one_after_the_other(p, f);
}

/* `as soon as it is done`: behind the last fan-out in the lockout, unless an attempt is around that. */
void cert_look_at_lock(Checker *k, uint32_t lock) {
  const Program *p = k->p;
  uint32_t row = code_a(p->code[lock]), fan = NONE_INDEX, attempts = 0;
  for (uint32_t pc = lock; pc < p->code_count; pc = behind(p, pc)) {
    Opcode op = code_op(p->code[pc]);
    uint32_t a = code_a(p->code[pc]);
    if (op == OPCODE_UNLOCK && a == row) break;
    if (op == OPCODE_ATTEMPT) attempts++;
    if (op == OPCODE_UNDO_END) attempts--;
    if (op == OPCODE_FAN && !p->fans[a].inner) fan = attempts ? NONE_INDEX : a;
  }
  if (fan != NONE_INDEX && p->lockouts[row].as_soon_as_done) k->fans[fan].lets_go = row + 1;
}
