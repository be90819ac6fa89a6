/* live_ledger: PERMIT and REFUND. */
#include <config.h>

#include "runtime/live_ledger.h"

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
