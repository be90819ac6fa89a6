/* desk_tell: a message that changes nothing, and the files. */
#include <config.h>

#include "cli/desk_tell.h"

#include "cli/attach.h"
#include "cli/desk_run.h"
#include "cli/output.h"
#include "cli/run_record.h"
#include "runtime/arrival.h"
#include "runtime/journal.h"

typedef struct Joined { const Incident *incident; const char *dir; Arena *arena; } Joined;

static void bring_evidence(const Joined *j) {
  ArrivalText a;
  if (!arrival_of_content(j->incident->content, j->arena, &a)) return;
  for (uint32_t i = 0; i < a.attach_count; i++)
    if (!attach_is_address(a.attach[i].value)) attach_bring(a.attach[i].value, j->dir, j->incident->id, j->arena);
}

static bool tell(void *ctx) {
  const Joined *j = ctx;
  JournalError error = {0};
  Event e = {.kind = EVENT_CONTROL, .value = CONTROL_JOIN, .subject = NONE_INDEX, .entity = NONE_INDEX, .kind_of_entity = NONE_INDEX};
  e.text = arena_printf(j->arena, "by incident %llu: %s, key %s", (unsigned long long)j->incident->id, j->incident->way, j->incident->key);
  bring_evidence(j);
  if (inbox_send(j->dir, &e, &error) == 0) return true;
  print_journal_error(&error);
  return false;
}

bool desk_tell(Intake *in, const char *state, const char *name, uint64_t leader, Arena *arena) {
  IncidentList untold;
  if (intake_list(in, name, INCIDENTS_UNTOLD, 0, arena, &untold) < 0) return false;
  for (uint32_t i = 0; i < untold.count; i++) {
    Joined j = {&untold.items[i], desk_run_dir(arena, state, &untold.items[i]), arena};
    if ((leader && untold.items[i].leader != leader) || !record_exists(j.dir)) continue; /* its run is being made */
    if (intake_tell(in, untold.items[i].id, tell, &j) < 0) return false;
  }
  return true;
}
