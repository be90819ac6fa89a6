/* program_path: which file a program's name means. A name with a slash is the file itself; one without is looked for in PATH,
 * as posix_spawnp(3) does. */
#ifndef TAGOUT_RUNTIME_DRIVERS_PROGRAM_PATH_H
#define TAGOUT_RUNTIME_DRIVERS_PROGRAM_PATH_H

#include <limits.h>
#include <stdbool.h>

typedef char ProgramPath[PATH_MAX];

/* Is there a file that we may execute? Sets errno when not. */
bool is_program(const char *path);
/* The first one in PATH, or the name itself when it has a slash. 0, or an errno. Takes no memory. */
int program_find(const char *name, ProgramPath ret_path);

/* The program that was found last, for a thread that starts the same one again and again: it is looked for again when it is
 * no longer there. Zeroed: none. */
typedef struct LastProgram { char name[NAME_MAX + 1]; ProgramPath path; } LastProgram;
int program_find_again(LastProgram *last, const char *name, const char **ret_path); /* lives as long as `last` says so */

#endif
