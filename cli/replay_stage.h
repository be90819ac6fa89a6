/* replay_stage: where a way is replayed: an inventory with an example in it, and parameters, such that the example is a member of what
 * the way has it a member of. */
#ifndef TAGOUT_CLI_REPLAY_STAGE_H
#define TAGOUT_CLI_REPLAY_STAGE_H

#include "cli/replay.h"
#include "runtime/freeze.h"

/* What the way wants of attributes and parameters. */
typedef struct StageWish {
  const Program *program;
  const FleetSchema *schema;
  const Proof *proof;
  const Finding *finding;
  const ReplayOptions *options;
  int64_t *attrs, *other_attrs; /* per attribute, as a program counts: of the example, of others; VALUE_UNKNOWN: any */
  int64_t *params;            /* per parameter; VALUE_UNKNOWN: any, or its default */
  uint32_t of;                /* the kind that others are of */
  uint32_t elsewhere;         /* 1 + the parameter that names another than what the example is in; 0 none */
  bool outside;               /* others are no members of what is selected */
  Arena *arena;
} StageWish;

typedef struct Stage {
  const StageWish *wish;
  Fleet *fleet;
  Buf text;                   /* of a made-up inventory */
  bool own;                   /* the fleet is its own */
  const char **names;         /* per kind: the example; NULL: none */
  Entity *who;                /* the same; ENTITY_NONE */
  ParamText *params;
  uint32_t param_count;
  const Frozen *frozen;
  int64_t start;              /* ms UTC: a Monday, or when the window opens next */
} Stage;

/* wish: all but the values, which are looked for; they are its arena's. */
void stage_wish(StageWish *wish);
/* others: how many beside the example; in_others: how many in each, where they are containers. False: no such inventory can be made. In each case, behind a success: stage_done. */
bool stage_made_up(Stage *ret, const StageWish *wish, uint32_t others, uint32_t in_others, bool last);
void stage_of_given(Stage *ret, const StageWish *wish, Fleet *given, Entity row);
/* Parameters and targets. False: it cannot be planned. */
bool stage_freeze(Stage *s);
void stage_done(Stage *s);

#endif
