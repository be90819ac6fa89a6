/* setting_view: the settings that a run has changed and must put back, on the screen. */
#ifndef TAGOUT_CLI_SETTING_VIEW_H
#define TAGOUT_CLI_SETTING_VIEW_H

#include "cli/run_state.h"
#include "lang/buf.h"
#include <jansson.h>

void setting_text(RunState *r, int label, Buf *out); /* a line for each; nothing when there is none */
json_t *setting_json(RunState *r);                    /* a list; the caller owns it */

#endif
