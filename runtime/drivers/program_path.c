/* program_path: PATH from its front; whoever is asked for the same name again looks only whether the file still is there. */
#include <config.h>

#include "runtime/drivers/program_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_DEFAULT "/bin:/usr/bin" /* where PATH is not set; of posix_spawnp */

bool is_program(const char *path) {
  struct stat st;
  if (stat(path, &st) < 0) return false;
  if (S_ISREG(st.st_mode) && access(path, X_OK) == 0) return true;
  errno = S_ISDIR(st.st_mode) ? EISDIR : EACCES;
  return false;
}

/* The name itself: why it is no program is for the system to say that starts it. */
static int named(const char *name, ProgramPath ret_path) {
  return snprintf(ret_path, PATH_MAX, "%s", name) < PATH_MAX ? 0 : ENAMETOOLONG;
}

/* A file that may not be executed is passed by, and is the reason when nothing else is found. */
int program_find(const char *name, ProgramPath ret_path) {
  const char *path = getenv("PATH");
  int error = ENOENT;
  if (strchr(name, '/')) return named(name, ret_path);
  for (const char *at = path ? path : PATH_DEFAULT; at && *name;) {
    size_t len = strcspn(at, ":");
    int n = snprintf(ret_path, PATH_MAX, "%.*s/%s", len ? (int)len : 1, len ? at : ".", name);
    errno = ENAMETOOLONG;
    if (n < PATH_MAX && is_program(ret_path)) return 0;
    if (errno == EACCES) error = EACCES;
    at = at[len] ? at + len + 1 : NULL;
  }
  return error;
}

int program_find_again(LastProgram *last, const char *name, const char **ret_path) {
  *ret_path = last->path;
  if (last->name[0] && strcmp(name, last->name) == 0 && access(last->path, X_OK) == 0) return 0;
  last->name[0] = '\0';
  int r = program_find(name, last->path);
  if (r == 0 && strlen(name) < sizeof last->name) memcpy(last->name, name, strlen(name) + 1);
  return r;
}
