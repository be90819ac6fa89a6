/* peak_set: sets of entities of one kind, and what is out by them. For peak*.c only. */
#ifndef TAGOUT_RUNTIME_PEAK_SET_H
#define TAGOUT_RUNTIME_PEAK_SET_H

#include "lang/arena.h"
#include "runtime/vm.h"

typedef struct Set { const uint32_t *items; uint32_t len; } Set; /* sorted, distinct; never changed */

Set set_of(Arena *arena, const EntityVec *any); /* in any order, with repetitions */
Set set_union(Arena *arena, Set a, Set b);
Set set_minus(Arena *arena, Set a, Set b);
Set set_common(Arena *arena, Set a, Set b);

/* Who may be out at a point of the code, and how many of them at once: more may be than are. in: still take part. aside: have
 * left, and stay out. */
typedef struct Out {
  bool live;                      /* the point is reached */
  Set in, aside;
  int64_t in_most, aside_most;
} Out;

int64_t out_total(Arena *arena, const Out *o);
void out_join(Arena *arena, Out *into, const Out *o); /* either of the two */
Set out_all(Arena *arena, const Out *o);

#endif
