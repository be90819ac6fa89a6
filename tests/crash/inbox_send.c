/* inbox_send: a yes into a run's inbox, as any program could that may write there.
 *
 *   inbox_send FOLDER COMMAND TEXT */
#include <config.h>

#include "runtime/journal.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  JournalError error = {0};
  if (argc != 4) return fprintf(stderr, "usage: inbox_send FOLDER COMMAND TEXT\n"), 2;
  Event e = {.kind = EVENT_ANSWER, .command = strtoull(argv[2], NULL, 10), .value = 1, .text = argv[3]};
  if (inbox_send(argv[1], &e, &error) == 0) return 0;
  return fprintf(stderr, "%s\n", error.text), 1;
}
