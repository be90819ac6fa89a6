/* folder: mkdtemp, and rm -rf. */
#include <config.h>

#include "tests/unit/folder.h"

#include <stdio.h>
#include <stdlib.h>

char folder[64];
Arena *folder_arena;

int folder_set_up(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/tagout-test.XXXXXX");
  folder_arena = arena_new();
  return mkdtemp(folder) ? 0 : -1;
}

int folder_tear_down(void **state) {
  char command[128];
  (void)state;
  arena_free(folder_arena);
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command) == 0 ? 0 : -1;
}

const char *folder_path(const char *name) { return arena_printf(folder_arena, "%s/%s", folder, name); }
