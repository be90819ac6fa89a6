/* worst_core: the inside of worst*.c: ways through code, walked once, with what each instruction on them costs. */
#ifndef TAGOUT_RUNTIME_WORST_CORE_H
#define TAGOUT_RUNTIME_WORST_CORE_H

#include "lang/limits.h"
#include "runtime/id_map.h"
#include "runtime/way.h"
#include "runtime/worst.h"

/* ms. line: what its calls keep their services busy, and others of the same services waiting. own: the same of services whose places
 * are for each of `group`, a kind: it keeps only those waiting who are in the same one. */
typedef struct Cost { int64_t time, line, own; uint32_t group; } Cost;
typedef struct Reach { Cost cost, worst, each; } Reach; /* of the instruction; from it to the end; of one member of its fan */
typedef struct Way {
  uint32_t pc;
  WayPlaces places;
  Reach *spans; /* one per place */
  bool same;   /* it takes every member as long: the code reads no variable */
  bool known;  /* and how long is known */
  Cost worst;
} Way;
typedef struct Walk {
  Vm *vm;
  const Program *p;
  bool all;               /* whatever happens, not only what is slow and goes well */
  bool back;              /* an attempt costs its roll back, too */
  const uint32_t *most;   /* of a way back, per kind: so many members of a fan count; NULL: all */
  uint8_t *fixed;         /* of a way back: facts that nobody has written yet */
  const uint32_t *slow;   /* of a way back, per kind: so many are slow, the others as `usual` has it */
  struct Walk *usual;     /* NULL: every member is slow */
  bool ordinary;          /* this is that one: every action takes what it ordinarily takes at most */
  VEC(Way *) ways;
  IdMap way_of;           /* pc + 1 -> way */
} Walk;

static inline int64_t worst_cap(int64_t t) { return t < 0 ? 0 : t > WORST_CAP ? WORST_CAP : t; }
static inline int64_t cost_sum(Cost c) { return worst_cap(c.time + c.line + c.own); }
/* As if all stood in one line. */
static inline Cost cost_in_line(Cost c) { return (Cost){.time = c.time, .line = worst_cap(c.line + c.own)}; }
static inline bool cost_alike(Cost a, Cost b) { return a.own == 0 || b.own == 0 || a.group == b.group; }
static inline Cost cost_plus(Cost a, Cost b) {
  if (!cost_alike(a, b)) a = cost_in_line(a), b = cost_in_line(b);
  return (Cost){worst_cap(a.time + b.time), worst_cap(a.line + b.line), worst_cap(a.own + b.own), a.own ? a.group : b.group};
}
static inline Cost cost_greater(Cost a, Cost b) {
  if (!cost_alike(a, b)) a = cost_in_line(a), b = cost_in_line(b);
  return (Cost){a.time > b.time ? a.time : b.time, a.line > b.line ? a.line : b.line, a.own > b.own ? a.own : b.own, a.own ? a.group : b.group};
}

Way *way_at(Walk *w, uint32_t pc);
Cost way_worst(Walk *w, uint32_t pc, const int64_t *slots);
uint32_t place_at(const Way *way, uint32_t pc);                 /* NONE_INDEX: it is not on the way */
uint32_t turns_to(const Walk *w, const Way *way, uint32_t place); /* where it may go on besides */
int64_t worst_amount(const Walk *w, CodeRef r, const int64_t *slots); /* of a limit: at least 1 */
int64_t worst_release(const Walk *w, uint32_t lockout, const int64_t *slots);
void walk_done(Walk *w);

#endif
