/* stdlib: the embedded modules of the language's library, by module name ("power"). */
#ifndef TAGOUT_STDLIB_STDLIB_H
#define TAGOUT_STDLIB_STDLIB_H

#include "lang/embedded.h"

extern const EmbeddedSet stdlib_files; /* stdlib/MODULE.runbook */

#endif
