/* consent: before anything is done on a person's word, that word is asked for, by every verb in the same way: typed on a terminal, given
 * with --yes elsewhere. Whoever asks has said before what would be done. */
#ifndef TAGOUT_CLI_CONSENT_H
#define TAGOUT_CLI_CONSENT_H

#include "cli/verb.h"

/* EXIT_DONE: given, or `word` was typed behind the prompt ("Type hold to do it"). Else it has said that nothing was done: EXIT_STOPPED,
 * the person typed anything else; EXIT_USAGE, there is no terminal to ask on. */
ExitCode consent(const char *verb, bool given, const char *word, const char *prompt, ...) __attribute__((format(printf, 4, 5)));

#endif
