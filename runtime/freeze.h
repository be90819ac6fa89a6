/* freeze: from a program, an inventory and parameter values to the targets and integers of one run. A plan freezes once; a
 * run freezes again on the inventory of its day and compares: what differs is what makes a plan stale. */
#ifndef TAGOUT_RUNTIME_FREEZE_H
#define TAGOUT_RUNTIME_FREEZE_H

#include "lang/arena.h"
#include "lang/diag.h"
#include "lang/site.h"
#include "runtime/engine.h"

/* A parameter as a person wrote it: `soft=5min`. */
typedef struct ParamText {
  const char *name, *value;
  const char *file; /* where a test gives it; NULL: on the command line, or in a plan */
  uint32_t line;
} ParamText;

#define FREEZE_OPENINGS 32u /* openings of the window looked ahead from the start */

/* Evaluates parameters (defaults included), every `select` without `after`, the leave-out rules on the inventory's facts, and
 * the window's openings from `start` on. NULL when something is wrong; the sink says what: unknown or missing parameter, bad
 * value, empty selection, too many left out, unknown zone. Everything is in the arena; program and fleet must outlive it. */
const Frozen *freeze(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count, int64_t start,
                     Arena *arena, DiagSink *sink);

/* The same without any window: parameters and sets, of a campaign, whose members have a window each. */
const Frozen *freeze_members(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count, Arena *arena,
                             DiagSink *sink);
/* What was frozen with how often each `while COND start no member` is looked at: as often as the site's bindings of what it asks for say (`every`,
 * `stale after`), the shortest of them, a minute of what says nothing. site: NULL: each every minute. frozen: NULL is given back. */
const Frozen *freeze_looks(const Frozen *frozen, const Program *p, const SiteImage *site, Arena *arena);

/* Of a runbook that stands for an incident: is there nothing yet that it would be run for? No field is given. */
bool freeze_stands(const Program *p, const ParamText *params, uint32_t param_count);
/* The same as freeze, but then what is known of it: its own parameters and its window. Fields without a default are unknown, sets
 * empty. */
const Frozen *freeze_open(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count, int64_t start,
                          Arena *arena, DiagSink *sink);
/* A value as a person types it, of a type that is no text. False: `why` says what could be written. */
bool param_value(const Program *p, const Fleet *fleet, ValueType type, const char *text, int64_t *ret, char *why, size_t why_size);

/* The zone of the program's window, or UTC: in which a plan shows its times. NULL never. */
const Zone *freeze_zone(const Program *p, const Fleet *fleet, const Frozen *frozen, Arena *arena);

#endif
