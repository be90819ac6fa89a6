/* stake: see stake.h. */
#include <config.h>

#include "cli/stake.h"

#include "cli/status.h"

#include <stdio.h>

/* Every command has a deadline; a question only keeps people waiting, and keeps its own. */
void stake_in_flight(RunState *r, const char *what) {
  Buf text = BUF_INIT, by = BUF_INIT;
  const Command *flights;
  int64_t last = 0;
  uint64_t n = engine_in_flight(r->engine, &flights);
  for (uint64_t i = 0; i < n; i++)
    if (flights[i].kind != COMMAND_ASK && flights[i].deadline > last) last = flights[i].deadline;
  status_in_flight(r, &text);
  if (last) zone_format_short(r->zone, last, &by);
  printf("  %s: %s%s%s\n", what, text.data, last ? "; the last ends by " : "", last ? by.data : "");
  buf_done(&text);
  buf_done(&by);
}

void stake_members(const RunState *r) {
  printf("  it is about");
  for (uint32_t i = 0; i < r->plan->target_count; i++) printf("%s %u %s", i ? "," : "", r->plan->targets[i].count, r->plan->targets[i].name);
  printf("; out of service now: %u\n", engine_nodes_out(r->engine, NULL));
}

void stake_locks(const RunState *r, const char *until) {
  uint32_t n = 0;
  for (uint32_t a = 0; a < r->program->automations_count; a++) n += status_locks(r, a);
  if (n) printf("  %u lock%s stand%s%s\n", n, n == 1 ? "" : "s", n == 1 ? "s" : "", until);
}
