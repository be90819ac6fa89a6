/* truth: the world that the explorer owns. Every fact of every entity, every lock, the effects that may still land, and what
 * the run has seen go wrong: plain bytes, so that a state is hashed and copied whole. The Ground is what does not change:
 * program, fleet, and a virtual machine of its own that evaluates the program's regions over the truth. */
#ifndef TAGOUT_TESTS_ORACLE_TRUTH_H
#define TAGOUT_TESTS_ORACLE_TRUTH_H

#include "runtime/engine.h"
#include "runtime/vm.h"
#include <stdbool.h>

enum { MAX_CELLS = 256, MAX_ENTITIES = 32, MAX_ACTIONS = 32, MAX_LOCKS = 64, MAX_SETTINGS = 16, MAX_GATES = 16, MAX_LATES = 4, MAX_EFFECTS = 8, MAX_VARIANTS = 32 };

typedef struct LateEffect { uint32_t action; uint32_t used; int64_t args[EVENT_ARGS]; int64_t until; } LateEffect;

typedef struct Truth {
  int16_t fact[MAX_CELLS];        /* 0: nobody could tell */
  uint8_t mute[MAX_CELLS];        /* it is read as unknown from now on */
  uint8_t wrote[MAX_CELLS];       /* an action of this run wrote it last */
  uint8_t lock[MAX_LOCKS];        /* 1 locked */
  int16_t setting[MAX_SETTINGS];
  uint8_t hurt[MAX_ENTITIES];     /* something about it did not go well */
  uint8_t handed[MAX_ENTITIES];   /* handed over by name */
  uint32_t tried[MAX_ACTIONS][MAX_ENTITIES]; /* bit b: tried since action b succeeded */
  LateEffect lates[MAX_LATES];
} Truth;

typedef struct Ground {
  const Program *program;
  const Fleet *fleet;
  const Frozen *frozen;
  Arena *arena;
  Vm *vm;
  Truth start;                    /* the first declared value of every fact, unless the inventory has another */
  Truth *truth;                   /* of the path at hand */
  Engine *engine;                 /* of the path at hand */
  uint32_t yes[MAX_GATES];        /* bit per entity: the gate's yes was good before the last event */
  bool any_yes;                   /* gate conditions are taken to hold: the engine has judged them */
  uint32_t *cells;                /* fact * kinds + kind: first cell, or NONE_INDEX */
  uint32_t *entities;             /* kind: first entity */
  uint32_t *locks;                /* automation: first lock */
  uint32_t *settings;             /* setting: first of its kind's entities */
  uint32_t cell_count, entity_count, lock_count, setting_count;
  uint32_t service;               /* the budget's fact, or NONE_INDEX */
  bool abandons, tries;           /* a rule asks who was hurt; what was tried */
  int64_t begin;                  /* when the run begins */
  bool exact;                     /* two engines are alike only when engine_digest says so */
  uint32_t found;                 /* the cell that begins otherwise than it ordinarily is, or NONE_INDEX */
  int16_t ordinary;               /* what it ordinarily is */
} Ground;

/* NULL, or why this program is too large or too rich for the explorer. */
const char *ground_init(Ground *g, const Program *program, const Fleet *fleet, const Frozen *frozen, Arena *arena);
void ground_done(Ground *g);

static inline uint32_t cell_of(const Ground *g, uint32_t fact, uint32_t kind, uint32_t entity) {
  return g->cells[fact * g->program->kinds_count + kind] + entity;
}
static inline uint32_t entity_of(const Ground *g, uint32_t kind, uint32_t entity) { return g->entities[kind] + entity; }
static inline uint32_t lock_of(const Ground *g, uint32_t automation, uint32_t entity) { return g->locks[automation] + entity; }

void truth_note_yeses(Ground *g);
/* Would this condition hold, had nothing been found otherwise? As it is once the run has written what was found. */
int64_t truth_were_it_ordinary(const Ground *g, CodeRef condition, const int64_t *slots, uint32_t count);
int64_t truth_fact(const Ground *g, uint32_t fact, uint32_t kind, uint32_t entity); /* or VALUE_UNKNOWN */
bool truth_locked(const Ground *g, uint32_t automation, uint32_t kind, uint32_t entity);
/* Is what the bytes say of it, or of something whose `members of` it is among (below: of one of its members), set? */
bool marked_above(const Ground *g, const uint8_t *bytes, uint32_t kind, uint32_t entity);
bool marked_below(const Ground *g, const uint8_t *bytes, uint32_t kind, uint32_t entity);

/* What an action, a trigger may write: cells and the values that each may take. */
typedef struct Effects {
  uint32_t count;
  struct { uint32_t cell, fact, kind, entity, options; int16_t option[12]; } on[MAX_EFFECTS];
} Effects;
typedef enum EffectCase { EFFECT_DONE, EFFECT_FAILED, EFFECT_TRIGGER } EffectCase;
void effects_of_action(Ground *g, uint32_t action, const int64_t *args, EffectCase how, Effects *ret);
void effects_of_trigger(Ground *g, const TriggerRow *trigger, uint32_t entity, Effects *ret);
uint32_t effects_variants(const Effects *e);                 /* at least 1, at most MAX_VARIANTS */
bool effects_change(const Ground *g, const Effects *e, uint32_t variant);
void effects_apply(Ground *g, const Effects *e, uint32_t variant, bool by_run);

#endif
