/* args: options of a verb, its --help, and what to say when they are wrong. */
#include <config.h>

#include "cli/args.h"

#include "lang/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *dashed(const char *name, char out[32]) { /* go_on is typed go-on */
  snprintf(out, 32, "%s", name);
  for (char *c = out; *c; c++)
    if (*c == '_') *c = '-';
  return out;
}

void verb_print_help(const Verb *verb) {
  char name[32];
  printf("usage: tagout %s %s\n\n%s\n", dashed(verb->name, name), verb->usage, verb->summary);
  if (verb->help) printf("\n%s\n", verb->help);
  printf("\noptions:\n");
  for (const Option *o = verb->options; o && o->name; o++) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? "=" : "", o->value ? o->value : "");
    printf("  %-22s %s\n", left, o->help);
  }
  printf("  %-22s %s\n", "--help", "print this");
}

static bool usage_error(const Verb *verb, const char *what, const char *which, const char *hint) {
  char name[32];
  fprintf(stderr, "tagout %s: %s%s%s%s", dashed(verb->name, name), what, which ? " `" : "", which ? which : "", which ? "`" : "");
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
  *ret = (Args){.words = calloc((size_t)argc + 1, sizeof *ret->words), .many = calloc((size_t)argc + 1, sizeof *ret->many)};
  *ret_exit = EXIT_USAGE;
  if (!ret->words || !ret->many) abort();
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
