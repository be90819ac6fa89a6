/* proof_fan: what the other members of a fan-out may do to the witness: leave with what holds it, stop the step, act on what they
 * share with it, use up a yes that is one for all. */
#include <config.h>

#include "lang/proof/prover.h"
#include "lang/waiver.h"

/* A part of its members that is all of them: it stops for nothing. */
static bool is_all(const Program *p, CodeRef amount) {
  uint32_t word = p->code[amount], value = code_a(word);
  int64_t first = code_op(word) == OPCODE_INT ? code_imm(word) : code_op(word) == OPCODE_CONST ? p->consts[value] : 0;
  for (uint32_t pc = amount; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_PART_DOWN || code_op(p->code[pc]) == OPCODE_PART_UP) return first >= 1000000;
  return false;
}

static bool one_at_once(const Program *p, const FanRow *f) {
  bool one = f->limits.count == 0;
  for (uint32_t i = 0; i < f->limits.count; i++) {
    const LimitRow *l = &p->limits[f->limits.first + i];
    uint32_t word = l->amount ? p->code[l->amount] : 0;
    if (l->rule == LIMIT_RULE_AT_ONCE && l->group == NONE_INDEX && code_op(word) == OPCODE_INT && code_imm(word) == 1) one = true;
  }
  return one;
}

static bool all_at_once(const Program *p, const FanRow *f) {
  bool all = f->limits.count > 0;
  for (uint32_t i = 0; i < f->limits.count; i++) all &= p->limits[f->limits.first + i].rule == LIMIT_RULE_ALL;
  return all;
}

/* Has each thing of kind a one of kind b that no other has? */
static bool owns(const Prover *v, uint32_t a, uint32_t b) {
  Slice attrs = v->p->kinds[a].attrs;
  bool own = false;
  for (uint32_t i = 0; i < attrs.count; i++) {
    const AttrRow *attr = &v->p->attrs[attrs.first + i];
    if (attr->type.klass == VALUE_ENTITY && attr->type.ref == b) own = attr->own;
  }
  return own && v->p->kinds[a].parent != b;
}

/* ---- whose a thing is ---- */

/* Which variables of a body name something of the member's own: itself, and what a fan-out inside takes from below it. */
typedef struct Own { bool slot[LIMIT_SLOTS]; } Own;

/* Behind `n.rack is r`: of r's. Behind `n.rack is not r` anything but; and what is above r is not r's alone. */
static bool ties_to_own(const Program *p, CodeRef region, const Own *outer) {
  Own own = *outer;
  bool left = false, right = false;
  for (uint32_t pc = region; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc]))) {
    uint32_t a = code_a(p->code[pc]);
    switch ((int)code_op(p->code[pc])) {
      case OPCODE_NEXT: own.slot[a] = left = right = false; break;
      case OPCODE_SLOT: left = right, right = own.slot[a]; break;
      case OPCODE_PARAM: left = right, right = false; break;
      case OPCODE_UP: case OPCODE_ATTR: right = false; break;
      case OPCODE_EQ:
        if ((left || right) && code_op(p->code[pc + 1]) != OPCODE_NOT) return true;
        left = right = false;
        break;
      default: left = right = false; break;
    }
  }
  return false;
}

/* Are all members of a fan-out inside the member's own? */
static bool members_are_own(const Program *p, CodeRef region, const Own *own) {
  bool root = false;
  for (uint32_t pc = region; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc]))) {
    switch ((int)code_op(p->code[pc])) {
      case OPCODE_SLOT: root = own->slot[code_a(p->code[pc])]; break;
      case OPCODE_PARAM: case OPCODE_UP: root = false; break;
      case OPCODE_ATTR: root = root && p->attrs[code_a(p->code[pc])].own; break;
      case OPCODE_EACH_BELOW: case OPCODE_EACH_SET_BELOW: case OPCODE_EACH_ONE: return root || ties_to_own(p, region, own);
      case OPCODE_EACH_KIND: case OPCODE_EACH_SET: case OPCODE_EACH_ABOVE: case OPCODE_EACH_YES: case OPCODE_EACH_REF: return ties_to_own(p, region, own);
      default: break;
    }
  }
  return true;
}

/* Does the action, called by another member on something of its own, reach something that the witness is or is in? */
static bool acts_on_shared(const Prover *v, uint32_t action, uint32_t member_kind) {
  ValueType t = v->p->param_types[v->p->actions[action].params.first];
  if (t.ref == member_kind || owns(v, member_kind, t.ref)) return false;
  return leads(v, member_kind, t.ref) || many(v, t.ref, member_kind);
}

static bool changes_something(const Program *p, uint32_t action) {
  const ActionRow *a = &p->actions[action];
  return a->params.count > 0 && a->makes.count > 0 && p->param_types[a->params.first].klass == VALUE_ENTITY;
}

static bool has_once(const Program *p, CodeRef region) {
  for (uint32_t pc = region; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_YES && p->gates[code_a(p->code[pc])].once) return true;
  return false;
}

/* A yes that is one for all of them: whoever comes first uses it up. */
static bool uses_common_yes(const Program *p, uint32_t action) {
  for (uint32_t i = 0; i < p->actions[action].needs.count; i++)
    if (has_once(p, p->need_rows[p->actions[action].needs.first + i].condition)) return true;
  return false;
}

/* ---- what others may do ---- */

static void scan_leaving(Prover *v, const FanRow *f, FanInfo *info, Opcode op, uint32_t kind, bool *outs) {
  switch ((int)op) {
    case OPCODE_SET_ASIDE: case OPCODE_KEEP_OUT:
      *outs = true;
      if (kind != f->kind && leads(v, f->kind, kind)) info->aside[kind] = op == OPCODE_SET_ASIDE ? 1 : 2;
      break;
    case OPCODE_ASIDE_WITHOUT_YES: *outs = true; break;
    case OPCODE_FAIL: case OPCODE_ROLL_BACK: info->fails = true; break;
    default: break;
  }
}

/* `root`: whether the expression so far names something of the member's own; an action's first argument is its first. */
static void scan_shares(Prover *v, const FanRow *f, FanInfo *info) {
  const Program *p = v->p;
  Own own = {.slot = {false}};
  bool root = false, begun = false;
  own.slot[f->slot] = true;
  for (uint32_t pc = f->body; pc < info->end; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    uint32_t a = code_a(p->code[pc]);
    if (op == OPCODE_SLOT && !begun) begun = true, root = own.slot[a];
    if (op == OPCODE_PARAM && !begun) begun = true, root = false;
    if (op == OPCODE_STORE) own.slot[a] = root;
    if (op == OPCODE_FAN) own.slot[p->fans[a].slot] = members_are_own(p, p->fans[a].members, &own);
    if (op == OPCODE_ACT) {
      uint32_t action = p->calls[a].action;
      if (changes_something(p, action) && (!root || acts_on_shared(v, action, f->kind))) info->shares = true, info->shared_pc = pc;
      info->common_yes |= uses_common_yes(p, action);
    }
    bool ends = op >= OPCODE_SENSE || op == OPCODE_STORE || op == OPCODE_DROP || op == OPCODE_NEXT || op == OPCODE_CLOSE ||
                op == OPCODE_JUMP || op == OPCODE_JUMP_FALSE || op == OPCODE_JUMP_TRUE || op == OPCODE_JUMP_UNKNOWN || op == OPCODE_JUMP_NOT;
    if (ends) begun = root = false;
  }
}

static void scan_fan(Prover *v, uint32_t row) {
  const Program *p = v->p;
  const FanRow *f = &p->fans[row];
  FanInfo *info = &v->m.fans[row];
  bool outs = false;
  for (uint32_t pc = f->body; pc < info->end; pc += code_words(code_op(p->code[pc])))
    scan_leaving(v, f, info, code_op(p->code[pc]), code_a(p->code[pc]), &outs);
  scan_shares(v, f, info);
  bool counted = f->tolerances.count == 0 && !f->inner;
  for (uint32_t i = 0; i < f->tolerances.count; i++) counted |= !is_all(p, p->tolerances[f->tolerances.first + i].amount);
  info->stops = counted; /* whatever its body does: the emergency of another run may take others */
  info->outs = outs;
  info->together = all_at_once(p, f);
  v->m.gone_over[f->kind] = 1;
  bool sequential = one_at_once(p, f);
  info->clashes = info->shares && !sequential; /* reported; what comes of it is not looked at */
  info->shares = info->common_yes || (info->shares && sequential);
}

/* With `as soon as it is done` a lockout lets go of each member behind the last fan-out in it that no attempt is around. */
static void find_letting_go(Prover *v, uint32_t lock_pc) {
  const Program *p = v->p;
  uint32_t row = code_a(p->code[lock_pc]), last = NONE_INDEX, attempts = 0;
  for (uint32_t pc = lock_pc; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    uint32_t a = code_a(p->code[pc]);
    if (op == OPCODE_UNLOCK && a == row) break;
    if (op == OPCODE_ATTEMPT) attempts++;
    if (op == OPCODE_UNDO_END) attempts--;
    if (op == OPCODE_FAN && !p->fans[a].inner) last = attempts == 0 ? a : NONE_INDEX;
  }
  if (last != NONE_INDEX) v->m.fans[last].lets_go = row + 1;
}

/* What it does to what others share with what it is about is not looked at: it is reported. */
static void scan_emergency(Prover *v, uint32_t row) {
  const EmergencyRow *e = &v->p->emergencies[row];
  FanRow as_fan = {.kind = e->kind, .slot = e->slot, .body = e->body};
  FanInfo info = {.end = emergency_end(v->p, row)};
  scan_shares(v, &as_fan, &info);
  if (info.shares) v->m.reaches_others[row] = info.shared_pc;
}

void fans_scan(Prover *v) {
  const Program *p = v->p;
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) == OPCODE_LOCK) v->m.last_lock = pc;
    if (code_op(p->code[pc]) == OPCODE_WATCH) v->m.watches[code_a(p->code[pc])] = pc;
    if (code_op(p->code[pc]) != OPCODE_FAN) continue;
    uint32_t behind = pc + code_words(OPCODE_FAN), row = code_a(p->code[pc]);
    bool jumps = code_op(p->code[behind]) == OPCODE_JUMP && p->fans[row].body == behind + 1;
    v->m.fans[row].end = jumps ? code_a(p->code[behind]) : p->fans[row].body;
    if (p->fans[row].on_stop > p->fans[row].body && p->fans[row].on_stop < v->m.fans[row].end) v->m.fans[row].end = p->fans[row].on_stop;
  }
  for (uint32_t i = 0; i < p->fans_count; i++) scan_fan(v, i);
  for (uint32_t i = 0; i < p->emergencies_count; i++) scan_emergency(v, i);
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_LOCK && p->lockouts[code_a(p->code[pc])].as_soon_as_done) find_letting_go(v, pc);
}
