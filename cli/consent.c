/* consent: one question, one line. */
#include <config.h>

#include "cli/consent.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MOST 256

ExitCode consent(const char *verb, bool given, const char *word, const char *prompt, ...) {
  char typed[LINE_MOST] = "";
  va_list ap;
  fflush(stdout);
  if (given) return EXIT_DONE;
  if (!isatty(STDIN_FILENO)) {
    fprintf(stderr, "tagout %s: nothing was done: without a terminal to ask on it needs --yes\n", verb);
    return EXIT_USAGE;
  }
  va_start(ap, prompt);
  vfprintf(stderr, prompt, ap);
  va_end(ap);
  fputs(": ", stderr);
  if (fgets(typed, sizeof typed, stdin)) typed[strcspn(typed, "\r\n")] = '\0';
  if (strcmp(typed, word) == 0) return EXIT_DONE;
  fprintf(stderr, "tagout %s: nothing was done\n", verb);
  return EXIT_STOPPED;
}
