/* args: a verb's command line taken apart, GNU style: options anywhere, --name=VALUE or --name VALUE, `--` ends them. */
#ifndef TAGOUT_CLI_ARGS_H
#define TAGOUT_CLI_ARGS_H

#include "cli/verb.h"

/* False when there is nothing to run: *ret_exit says with what to leave (help was asked for, or a mistake was reported). */
bool args_parse(const Verb *verb, int argc, char **argv, Args *ret, ExitCode *ret_exit);
void args_done(Args *args);
void verb_print_help(const Verb *verb);
#define VERB_NAME 32
const char *verb_typed(const Verb *verb, char out[VERB_NAME]); /* go_on is typed go-on */

#endif
