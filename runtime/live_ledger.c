/* live_ledger: PERMIT and REFUND, RISK and TALLY. */
#include <config.h>

#include "runtime/ledger_losses.h"
#include "runtime/live_ledger.h"

#include <string.h>

static Member member_of(const LiveConfig *config, const Command *c) {
  return (Member){program_str(config->program, config->program->kinds[c->kind_of_entity].name),
                  fleet_name(config->fleet, c->kind_of_entity, c->entity)};
}

Outcome live_permit(const LiveConfig *config, const Command *c, int64_t now, Buf *ret_why) {
  const Program *p = config->program;
  if (!config->ledger) return OUT_OK;
  BudgetLimits limits = {.at_once = (uint32_t)c->args[0], .per_day = (uint32_t)c->args[1], .zone = "UTC"};
  if (limits.per_day) limits.zone = program_str(p, p->limits[c->args[2]].zone);
  int r = ledger_permit(config->ledger, config->run, member_of(config, c), &limits, now, ret_why);
  if (r < 0) buf_str(ret_why, ledger_why(config->ledger));
  return r > 0 ? OUT_OK : r == 0 ? OUT_FAILED : OUT_UNKNOWN;
}

bool live_lost(const LiveConfig *config, const Command *c, Buf *ret_why) {
  if (!config->ledger || c->entity == NONE_INDEX || c->kind_of_entity == NONE_INDEX) return false;
  int r = ledger_lost(config->ledger, config->run, member_of(config, c));
  if (r < 0) buf_printf(ret_why, "not begun: %s", ledger_why(config->ledger));
  else if (r > 0) buf_str(ret_why, "not begun: an emergency of another run has taken it while this process stood still");
  return r != 0;
}

/* What cannot be written stays charged: the fleet has more room than the ledger says, never less. It is written when the run has
 * ended, or is resumed. */
void live_refund(const LiveConfig *config, const Command *c, int64_t now) {
  if (!config->ledger) return;
  if (c->args[0] == GIVEN_UNUSED) ledger_undo(config->ledger, config->run, member_of(config, c));
  else ledger_refund(config->ledger, member_of(config, c), now, config->run);
}

/* ---- tolerances of all runs ---- */

static Member named(const LiveConfig *config, uint32_t kind, uint32_t entity) {
  return (Member){program_str(config->program, config->program->kinds[kind].name), fleet_name(config->fleet, kind, entity)};
}

static LossUnit unit_of(const LiveConfig *config, uint32_t kind, uint32_t entity, Arena *arena) {
  Member *within = arena_new_array(arena, Member, config->program->kinds_count);
  uint32_t n = 0;
  for (uint32_t k = 0; k < config->program->kinds_count; k++) {
    Entity up = k == kind ? ENTITY_NONE : fleet_up(config->fleet, kind, entity, k);
    if (up != ENTITY_NONE) within[n++] = named(config, k, up);
  }
  return (LossUnit){named(config, kind, entity), within, n};
}

static const char *member_text(const LiveConfig *config, const Command *c, Arena *arena) {
  Member m = member_of(config, c);
  return arena_printf(arena, "%s:%s", m.kind, m.name);
}

/* Where the member's loss would count. A group of its own for those that are in none. */
static LossScope scope_of(const LiveConfig *config, const ToleranceRow *row, uint32_t kind, uint32_t entity) {
  const Program *p = config->program;
  LossScope s = {.kind = program_str(p, p->kinds[row->unit].name), .plural = program_str(p, p->kinds[row->unit].plural), .within = {"", ""}};
  if (row->reach == REACH_DAY) s.day_zone = program_str(p, row->zone);
  if (row->group == NONE_INDEX) return s;
  Entity up = fleet_up(config->fleet, kind, entity, row->group);
  s.within = up == ENTITY_NONE ? (Member){program_str(p, p->kinds[row->group].name), ""} : named(config, row->group, up);
  return s;
}

Outcome live_risk(const LiveConfig *config, const Command *c, int64_t now, Buf *ret_why) {
  static const Outcome means[] = {[RISK_MAY_START] = OUT_OK, [RISK_WAITS] = OUT_UNKNOWN, [RISK_PASSED] = OUT_FAILED};
  if (!config->ledger) return OUT_OK;
  const ToleranceRow *row = &config->program->tolerances[c->args[0]];
  Arena *arena = arena_new();
  Entity unit = row->unit == c->kind_of_entity ? c->entity : fleet_up(config->fleet, c->kind_of_entity, c->entity, row->unit);
  RiskQuestion q = {.run = config->run, .member = member_text(config, c, arena), .scope = scope_of(config, row, c->kind_of_entity, c->entity),
                    .amount = c->args[1], .own = c->args[2], .only_look = c->args[3] != 0, .seq = c->id};
  q.unit = unit_of(config, unit == ENTITY_NONE ? c->kind_of_entity : row->unit, unit == ENTITY_NONE ? c->entity : unit, arena);
  int r = ledger_risk(config->ledger, &q, now, ret_why);
  if (r < 0) buf_str(ret_why, ledger_why(config->ledger));
  arena_free(arena);
  return r < 0 ? OUT_UNKNOWN : means[r];
}

/* The entity, and all that is in it: it leaves along. */
static LossUnit *units_of(const LiveConfig *config, const Command *c, Arena *arena, uint32_t *ret_count) {
  const FleetSchema *schema = fleet_schema(config->fleet);
  VEC(LossUnit) all = {0};
  vec_push(&all, unit_of(config, c->kind_of_entity, c->entity, arena));
  for (uint32_t k = 0; k < config->program->kinds_count; k++) {
    if (k == c->kind_of_entity || !fleet_leads_up(schema, k, c->kind_of_entity)) continue;
    FleetMembers in = fleet_members(config->fleet, c->kind_of_entity, c->entity, k);
    for (uint32_t i = 0; i < in.count; i++) vec_push(&all, unit_of(config, k, fleet_member(in, i), arena));
  }
  LossUnit *ret = arena_new_array(arena, LossUnit, all.len);
  memcpy(ret, all.items, all.len * sizeof *ret);
  *ret_count = all.len;
  vec_done(&all);
  return ret;
}

Outcome live_tally(const LiveConfig *config, const Command *c, int64_t now, Buf *ret_why) {
  if (!config->ledger) return OUT_OK;
  Arena *arena = arena_new();
  uint32_t count = 0;
  TallyKind what = (TallyKind)c->args[0];
  int r;
  if (what == TALLY_THROUGH) r = ledger_through(config->ledger, config->run, member_text(config, c, arena), (uint64_t)c->args[2]);
  else {
    LossUnit *units = units_of(config, c, arena, &count);
    Member *members = arena_new_array(arena, Member, count);
    for (uint32_t i = 0; i < count; i++) members[i] = units[i].member;
    bool lost = what == TALLY_LOST || what == TALLY_ROLLED_BACK;
    r = lost ? ledger_set_aside(config->ledger, config->run, (uint64_t)c->args[2], units, count, what == TALLY_LOST, c->args[1])
             : ledger_in_again(config->ledger, config->run, (uint64_t)c->args[2], members, count, what == TALLY_NEVER, now);
  }
  if (r < 0) buf_str(ret_why, ledger_why(config->ledger));
  arena_free(arena);
  return r < 0 ? OUT_UNKNOWN : OUT_OK;
}
