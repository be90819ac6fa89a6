/* folder: a folder of its own for each test, and an arena: set up before it, gone behind it. */
#ifndef TAGOUT_TESTS_FOLDER_H
#define TAGOUT_TESTS_FOLDER_H

#include "lang/arena.h"

extern char folder[64];            /* its path */
extern Arena *folder_arena;        /* as long as the folder */
int folder_set_up(void **state);
int folder_tear_down(void **state);
const char *folder_path(const char *name); /* of a file in it; in folder_arena */

#define folder_test(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

#endif
