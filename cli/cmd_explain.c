/* explain: the long text of a diagnostic. */
#include <config.h>

#include "cli/verb.h"
#include "lang/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Option options[] = {{NULL, NULL, NULL}};

static int by_text(const void *l, const void *r) { return strcmp(diag_code_text(*(const DiagCode *)l), diag_code_text(*(const DiagCode *)r)); }

static ExitCode list(void) {
  DiagCode codes[DIAG_COUNT];
  for (int i = 0; i < DIAG_COUNT; i++) codes[i] = (DiagCode)i;
  qsort(codes, DIAG_COUNT, sizeof *codes, by_text);
  for (int i = 0; i < DIAG_COUNT; i++) printf("%s  %s\n", diag_code_text(codes[i]), diag_code_title(codes[i]));
  return EXIT_DONE;
}

static ExitCode run(const Args *args) {
  DiagCode code;
  if (args->word_count == 0) return list();
  if (!diag_code_find(args->words[0], &code)) {
    fprintf(stderr, "tagout explain: there is no diagnostic `%s`; `tagout explain` lists them\n", args->words[0]);
    return EXIT_USAGE;
  }
  const char *text = diag_explain(code);
  printf("%s: %s\n\n%s", diag_code_text(code), diag_code_title(code), text ? text : "");
  return EXIT_DONE;
}

const Verb verb_explain = {.name = "explain", .usage = "[CODE]", .summary = "explain a diagnostic at length, with an example",
                           .help = "Without a code it lists all of them.", .options = options, .least = 0, .most = 1, .run = run};
