/* live_bind: a site's bindings tied to a program and an inventory: which command is carried out by which driver with which
 * arguments, and what a program's answer means as a value. */
#ifndef TAGOUT_RUNTIME_LIVE_BIND_H
#define TAGOUT_RUNTIME_LIVE_BIND_H

#include "lang/arena.h"
#include "lang/diag.h"
#include "lang/site.h"
#include "runtime/fleet.h"
#include "runtime/world.h"

typedef struct LiveBind LiveBind;

/* In the arena; borrows everything. What the runbook needs and the site does not bind, or binds to a driver that this build
 * has not, is a diagnostic each; then NULL. `dir` is the folder that relative program paths start from. */
const LiveBind *live_bind(const SiteImage *site, const Program *p, const Fleet *fleet, const char *dir, Arena *arena,
                          DiagSink *sink);
/* Are the programs there that the runbook's actions, lockouts and settings are bound to? A diagnostic for each that is not. */
bool live_programs(const LiveBind *b, DiagSink *sink);
/* The binding that carries the command out; NULL: nothing does (a notice without a channel, a ticket without a system). */
const SiteBinding *live_binding(const LiveBind *b, const Command *c);
/* Its arguments as texts, NULL-terminated; free with live_args_free. */
char **live_args(const LiveBind *b, const SiteBinding *binding, const Command *c);
void live_args_free(char **args);
/* What a program's output says as the value that a READ, METER, GET or INSPECT asked for: the first word of its first line; of a
 * text the whole line, appended to ret_text, with a value that is known. INSPECT: `locked` 1, `busy` (locked, something still
 * in flight) 2, `free` 0. VALUE_UNKNOWN when it is none of these, or when a metric's sample is stale at `now` (ms UTC). */
int64_t live_value(const LiveBind *b, const Command *c, const char *output, int64_t now, Buf *ret_text);

#endif
