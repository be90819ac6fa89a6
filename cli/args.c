/* args: options of a verb, its --help, and what to say when they are wrong. */
#include <config.h>

#include "cli/args.h"

#include "lang/arena.h"
#include "lang/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80u
#define OPTION_COLUMN 25u /* where the words about an option begin */

const char *verb_typed(const Verb *verb, char out[VERB_NAME]) {
  snprintf(out, VERB_NAME, "%s", verb->name);
  for (char *c = out; *c; c++)
    if (*c == '_') *c = '-';
  return out;
}

/* The words of a text that stands at a column, in lines of WIDTH; those behind the first begin at the indent. The text is ASCII. */
static void print_filled(const char *text, unsigned column, unsigned indent) {
  bool first = true;
  for (const char *at = text; *(at += strspn(at, " \n"));) {
    unsigned len = (unsigned)strcspn(at, " \n");
    bool fits = first || column + 1 + len <= WIDTH;
    if (!fits) printf("\n%*s", (int)indent, ""), column = indent;
    else if (!first) putchar(' '), column++;
    printf("%.*s", (int)len, at);
    column += len;
    at += len;
    first = false;
  }
  putchar('\n');
}

static void print_option(const char *name, const char *value, const char *help) {
  char left[64];
  int len = snprintf(left, sizeof left, "  --%s%s%s", name, value ? "=" : "", value ? value : "");
  bool beside = len < (int)OPTION_COLUMN;
  if (beside) printf("%-*s", (int)OPTION_COLUMN, left);
  else printf("%s\n%*s", left, (int)OPTION_COLUMN, "");
  print_filled(help, OPTION_COLUMN, OPTION_COLUMN);
}

void verb_print_help(const Verb *verb) {
  char name[VERB_NAME];
  printf("usage: tagout %s %s\n\n", verb_typed(verb, name), verb->usage);
  print_filled(verb->summary, 0, 0);
  if (verb->help) putchar('\n'), print_filled(verb->help, 0, 0);
  printf("\noptions:\n");
  for (const Option *o = verb->options; o && o->name; o++) print_option(o->name, o->value, o->help);
  print_option("help", NULL, "print this");
}

static bool usage_error(const Verb *verb, const char *what, const char *which, const char *hint) {
  char name[VERB_NAME];
  fprintf(stderr, "tagout %s: %s%s%s%s", verb_typed(verb, name), what, which ? " `" : "", which ? which : "", which ? "`" : "");
  if (hint) fprintf(stderr, "; did you mean `--%s`?", hint);
  fprintf(stderr, "\nusage: tagout %s %s\n", name, verb->usage);
  return false;
}

static int find_option(const Verb *verb, const char *name, size_t len, const char **ret_hint) {
  Suggest nearest = suggest_begin(name, len);
  for (int i = 0; verb->options && verb->options[i].name; i++) {
    if (strlen(verb->options[i].name) == len && memcmp(verb->options[i].name, name, len) == 0) return i;
    suggest_offer(&nearest, verb->options[i].name);
  }
  *ret_hint = suggest_best(&nearest);
  return -1;
}

/* One option at argv[*at]; moves *at over its value. */
static bool take_option(const Verb *verb, int argc, char **argv, int *at, Args *out) {
  const char *arg = argv[*at] + 2, *equals = strchr(arg, '='), *hint = NULL;
  size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
  int i = find_option(verb, arg, len, &hint);
  if (i < 0) return usage_error(verb, "unknown option", argv[*at], hint);
  const Option *o = &verb->options[i];
  if (!o->value && equals) return usage_error(verb, "this option takes no value:", argv[*at], NULL);
  if (!o->value) out->values[i] = "";
  else if (equals) out->values[i] = equals + 1;
  else if (*at + 1 < argc) out->values[i] = argv[++*at];
  else return usage_error(verb, "this option needs a value:", argv[*at], NULL);
  if (verb->many && strcmp(o->name, verb->many) == 0) out->many[out->many_count++] = out->values[i];
  return true;
}

bool args_parse(const Verb *verb, int argc, char **argv, Args *ret, ExitCode *ret_exit) {
  bool only_words = false;
  *ret = (Args){.words = xcalloc((size_t)argc + 1, sizeof *ret->words), .many = xcalloc((size_t)argc + 1, sizeof *ret->many)};
  *ret_exit = EXIT_USAGE;
  for (int i = 0; i < argc; i++) {
    if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') ret->words[ret->word_count++] = argv[i];
    else if (strcmp(argv[i], "--") == 0) only_words = true;
    else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      verb_print_help(verb);
      *ret_exit = EXIT_DONE;
      return false;
    } else if (strcmp(argv[i], "-o") == 0) {
      char *as_long[] = {(char *)"--output", i + 1 < argc ? argv[i + 1] : NULL};
      int at = 0;
      if (!take_option(verb, i + 1 < argc ? 2 : 1, as_long, &at, ret)) return false;
      i += at;
    } else if (argv[i][1] != '-') return usage_error(verb, "unknown option", argv[i], NULL);
    else if (!take_option(verb, argc, argv, &i, ret)) return false;
  }
  if (ret->word_count < verb->least) return usage_error(verb, "something is missing", NULL, NULL);
  if (verb->most >= 0 && ret->word_count > verb->most) return usage_error(verb, "too much:", ret->words[verb->most], NULL);
  return true;
}

void args_done(Args *args) {
  free(args->words);
  free(args->many);
}
