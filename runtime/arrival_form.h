/* arrival_form: an incident held against the standing runbook that is to serve it. */
#ifndef TAGOUT_RUNTIME_ARRIVAL_FORM_H
#define TAGOUT_RUNTIME_ARRIVAL_FORM_H

#include "lang/program.h"
#include "runtime/arrival.h"
#include "runtime/desk.h"
#include "runtime/fleet.h"
#include "runtime/freeze.h"

/* What is asked: the standing runbook's incident, NULL when the runbook does not stand. */
const IncidentRow *arrival_form(const Program *p);
DeskLimits arrival_limits(const IncidentRow *form);
/* Does it have each field once, with a value that can be used, and no other? One diagnostic per field that is wrong
 * (E_ARRIVAL_FIELD), with what could be written. fleet: as it is now. */
bool arrival_fits(const ArrivalText *a, const Program *p, const Fleet *fleet, DiagSink *sink);
/* Whom it is about, as the inventory calls it; NULL: nobody in it. Only of one that fits. */
const char *arrival_member(const ArrivalText *a, const Program *p, const Fleet *fleet);
/* The parameters of the run: its fields, an empty text for what was not attached, and whether the limit per member is passed. */
const ParamText *arrival_params(const ArrivalText *a, const Program *p, bool over, Arena *arena, uint32_t *ret_count);

#endif
