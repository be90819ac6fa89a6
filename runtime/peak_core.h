/* peak_core: what peak.c (a strand's code) and peak_fan.c (fan-outs) know of each other. */
#ifndef TAGOUT_RUNTIME_PEAK_CORE_H
#define TAGOUT_RUNTIME_PEAK_CORE_H

#include "lang/limits.h"
#include "runtime/id_map.h"
#include "runtime/peak.h"
#include "runtime/peak_set.h"
#include "runtime/way.h"

typedef struct Seeker {
  Vm *vm;
  const Program *p;
  uint32_t fact, kind;   /* service, and of what it is counted */
  int64_t in_service;    /* its value */
  IdMap touching;        /* pc + 1 -> 0, 1: does code from there take out or bring back? */
  IdMap way_of;          /* pc + 1 -> ways */
  VEC(WayPlaces) ways;
  Peak *peak;
  int64_t *steps;
  int64_t step_most;     /* since it was last set: of the steps that are open */
} Seeker;

/* The fan-outs around a strand, its own first. NULL: the main strand. The strand's variables hold the member of each. */
typedef struct Around { const struct Around *outer; const FanRow *fan; uint32_t depth; } Around;

/* What a strand does to those out. Counts are of what its member holds. */
typedef struct Strands {
  Set any;               /* who may be out at some time */
  int64_t most;          /* at one time */
  Out done;              /* at MEMBER_DONE */
  Set aside;             /* who may be out when it leaves */
  int64_t aside_most;    /* not above `most` */
  int64_t held, wanted;  /* while it waits for the budget; with what it waits for. 0: it never does */
  bool keeps, leaves;    /* it may be kept out, which no tolerance counts; or set aside */
  uint32_t with;         /* bits by depth: members of outer fan-outs that it may take along; then it does not go on */
} Strands;

/* Code from pc on. Sets live in the arena. */
Strands peak_strand(Seeker *k, Arena *arena, uint32_t pc, const Around *around, const int64_t *slots, const Out *from);
bool peak_touches(Seeker *k, uint32_t pc);

typedef struct FanOut {
  Out after, stopped;    /* all are through; it was stopped */
  Set any;
  int64_t most, held, wanted;
  uint32_t with;
  bool keeps;
} FanOut;

FanOut peak_fan(Seeker *k, Arena *arena, const FanRow *f, const Around *outer, const int64_t *slots, const Out *from);

#endif
