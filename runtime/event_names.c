/* event_names: what events, commands and outcomes are called, for the journal, the log and reports. */
#include <config.h>

#include "runtime/world.h"

static const char *const event_names[] = {
#define EVENT(name, text, sentence) text,
#include "runtime/event.def"
#undef EVENT
};
static const char *const command_names[] = {
#define COMMAND(name, text, answered, sentence) text,
#include "runtime/event.def"
#undef COMMAND
};

const char *event_kind_text(EventKind k) { return event_names[k]; }
const char *command_kind_text(CommandKind k) { return command_names[k]; }
const char *outcome_text(Outcome o) { return o == OUT_OK ? "ok" : o == OUT_FAILED ? "failed" : "unknown"; }
