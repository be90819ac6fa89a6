/* attest: is the record of a run as it was written? The hash chain of its journal gone through, and what vouches for it. */
#ifndef TAGOUT_CLI_ATTEST_H
#define TAGOUT_CLI_ATTEST_H

#include "cli/output.h"

/* Prints the verdict on the run in dir. noted: a head that was noted elsewhere, hex, or NULL. EXIT_DONE when the record is whole
 * and the head, if one was given, is of it; EXIT_CHECK when not. */
ExitCode attest(const char *dir, const char *noted, Format format);

#endif
