/* verb: what a subcommand is. One file per verb exports one constant entry; verbs.def lists them; main.c finds them. Printing
 * and exit codes live in cli/ and nowhere else. */
#ifndef TAGOUT_CLI_VERB_H
#define TAGOUT_CLI_VERB_H

#include <stdbool.h>
#include <stdint.h>

/* Exit codes, as the manual lists them. */
typedef enum ExitCode {
  EXIT_DONE = 0,        /* done, or feasible */
  EXIT_CHECK = 1,       /* a check, a policy or a test failed */
  EXIT_USAGE = 2,       /* usage, or input that cannot be read */
  EXIT_INFEASIBLE = 3,  /* the plan is late or cannot be carried out */
  EXIT_TOLERANCE = 4,   /* the run ended outside its tolerance: rolled back or failed */
  EXIT_STOPPED = 5,     /* held or stopped by a person */
  EXIT_STALE = 6,       /* a stale plan, or a run in other hands */
  EXIT_WINDOW = 7,      /* outside the window */
  EXIT_PARTLY = 8       /* partly done, resumable */
} ExitCode;

typedef struct Option {
  const char *name;     /* without dashes; NULL ends the table */
  const char *value;    /* what it takes, "FILE"; NULL: a switch */
  const char *help;
} Option;

#define OPTIONS_MAX 16

/* A command line taken apart. */
typedef struct Args {
  const char *values[OPTIONS_MAX]; /* by row of the option table; "" for a switch that is set; NULL: not given */
  const char **words;   /* the rest, in order */
  int word_count;
  const char **many;    /* of the option that may be given more than once, in order */
  int many_count;
} Args;

typedef struct Verb {
  const char *name;
  const char *usage;    /* what follows the name: "FILE... [name=value ...]" */
  const char *summary;  /* one line, imperative */
  const char *help;     /* a paragraph or two: what it does, exit codes beyond 0 and 2; may be NULL */
  const Option *options;
  int least, most;      /* number of words; most -1: any */
  ExitCode (*run)(const Args *args);
  const char *many;     /* the option that may be given more than once: Args.many has all of its values; NULL none */
  bool hidden;          /* for tests and tools: not in the list of --help */
} Verb;

#define VERB(name) extern const Verb verb_##name;
#include "cli/verbs.def"
#undef VERB

#endif
