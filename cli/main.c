/* The program's entry: finds the verb and hands over. Knows of no verb but --help and --version. */
#include <config.h>

#include <stdio.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_USAGE = 2 };

static int print(FILE *out, const char *text) {
  return fputs(text, out) < 0 || fflush(out) != 0 ? EXIT_USAGE : EXIT_DONE;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) return print(stdout, PACKAGE_STRING "\n");
  if (argc == 2 && strcmp(argv[1], "--help") == 0) return print(stdout, "usage: tagout --help | --version\n");
  (void)print(stderr, "usage: tagout --help | --version\n");
  return EXIT_USAGE;
}
