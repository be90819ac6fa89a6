/* The program's entry: finds the verb and hands over. */
#include <config.h>

#include "cli/args.h"
#include "lang/arena.h"
#include "lang/suggest.h"
#include "runtime/journal.h"

#include <locale.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.def"
#undef VERB
};
#define VERB_COUNT (sizeof verbs / sizeof *verbs)

static bool same_verb(const char *typed, const char *name) { /* go-on is go_on */
  for (; *typed && *name; typed++, name++)
    if (*typed != *name && !(*typed == '-' && *name == '_')) return false;
  return *typed == *name;
}

static void print_line(const Verb *verb) {
  char name[VERB_NAME];
  if (!verb->hidden) printf("  %-11s %s\n", verb_typed(verb, name), verb->summary);
}

static void print_help(void) {
  printf("usage: tagout VERB ...\n\n"
         "Maintenance runbooks of GPU supercomputers: checked, planned, run, resumed.\n");
#define GROUP(heading) printf("\nto %s:\n", heading);
#define VERB(name) print_line(&verb_##name);
#include "cli/verbs.def"
#undef VERB
  printf("\n`tagout VERB --help` says more; `man tagout` says all of it.\n");
}

static void print_version(void) {
  printf("%s\n", PACKAGE_STRING);
}

static ExitCode unknown_verb(const char *typed) {
  Suggest nearest = suggest_begin(typed, strlen(typed));
  char names[VERB_COUNT][VERB_NAME];
  for (size_t i = 0; i < VERB_COUNT; i++)
    if (!verbs[i]->hidden) suggest_offer(&nearest, verb_typed(verbs[i], names[i]));
  fprintf(stderr, "tagout: there is no verb `%s`", typed);
  if (suggest_best(&nearest)) fprintf(stderr, "; did you mean `%s`?", suggest_best(&nearest));
  fprintf(stderr, "\n`tagout --help` lists them\n");
  return EXIT_USAGE;
}

static ExitCode run_verb(const Verb *verb, int argc, char **argv) {
  Args args;
  ExitCode code;
  if (args_parse(verb, argc, argv, &args, &code)) code = verb->run(&args);
  args_done(&args);
  return code;
}

/* The last word: what was printed and did not arrive is a failure, too. */
static int written(ExitCode code) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return (int)code;
  fprintf(stderr, "tagout: the output could not be written\n");
  return (int)(code == EXIT_DONE ? EXIT_USAGE : code);
}

int main(int argc, char **argv) {
  setlocale(LC_CTYPE, "");
  json_set_alloc_funcs(xmalloc, free); /* else a lack of memory reads as a file that is not JSON */
  journal_memory();
  if (argc < 2) {
    print_help();
    return written(EXIT_USAGE);
  }
  if (strcmp(argv[1], "--version") == 0) return print_version(), written(EXIT_DONE);
  bool help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0;
  if (help && argc == 2) return print_help(), written(EXIT_DONE);
  const char *name = help ? argv[2] : argv[1];
  for (size_t i = 0; i < VERB_COUNT; i++) {
    if (!same_verb(name, verbs[i]->name)) continue;
    if (help) return verb_print_help(verbs[i]), written(EXIT_DONE);
    return written(run_verb(verbs[i], argc - 2, argv + 2));
  }
  return (int)unknown_verb(name);
}
