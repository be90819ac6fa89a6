/* example: a small inventory made up for a program: one thing of every kind that its code speaks of, each within the next, and as
 * many others beside it as are asked for. Named as fleets are: r01, r01-n01. */
#ifndef TAGOUT_RUNTIME_EXAMPLE_H
#define TAGOUT_RUNTIME_EXAMPLE_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/program.h"
#include "runtime/fleet.h"

#define EXAMPLE_UNSAID (VALUE_UNKNOWN + 1) /* the inventory does not say it */

typedef struct ExampleWish {
  const uint32_t *others;   /* per kind: beside the example, in the same container */
  const int64_t *attrs;     /* per attribute: its value for the example and what contains it, as a program counts; VALUE_UNKNOWN: any */
  const int64_t *other_attrs; /* for the others */
  uint32_t in_others;       /* how many of the smallest kind are in each other container; 0 is 1 */
  bool last;                /* the example is the last of its kind, else the first */
} ExampleWish;

/* Writes the inventory as JSON. ret_names: per kind the example's name, in the arena; NULL: the program needs none of that kind. */
void example_write(const Program *p, const ExampleWish *wish, Buf *out, const char **ret_names, Arena *arena);

#endif
