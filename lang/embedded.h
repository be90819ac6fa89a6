/* embedded: text files that are part of the program. lang/embed.sh turns a folder into an EmbeddedSet at build time:
 * the explanations of the diagnostics here, the library in stdlib/. Immutable. */
#ifndef TAGOUT_LANG_EMBEDDED_H
#define TAGOUT_LANG_EMBEDDED_H

#include <stddef.h>

typedef struct EmbeddedFile {
  const char *name; /* base name without suffix: "E0101", "power" */
  const char *text; /* len bytes, then two NULs */
  size_t len;
} EmbeddedFile;

typedef struct EmbeddedSet {
  const EmbeddedFile *files; /* sorted by name, byte by byte */
  size_t count;
} EmbeddedSet;

extern const EmbeddedSet explain_files; /* lang/explain/CODE.md */

/* NULL when there is none of that name. */
const EmbeddedFile *embedded_find(const EmbeddedSet *set, const char *name, size_t len);

#endif
