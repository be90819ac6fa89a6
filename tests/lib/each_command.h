/* each_command: every command of a journal, by the cursor that a replay goes with. */
#ifndef TAGOUT_TESTS_LIB_EACH_COMMAND_H
#define TAGOUT_TESTS_LIB_EACH_COMMAND_H

#include "runtime/journal.h"

static inline int each_command(Journal *j, void (*each)(void *ctx, const Command *c, uint64_t seq), void *ctx, JournalError *error) {
  CommandCursor at;
  int r = journal_commands_open(j, &at, error);
  if (r < 0) return r;
  for (; at.more; journal_commands_next(&at)) each(ctx, &at.command, at.seq);
  return journal_commands_close(j, &at, error);
}

#endif
