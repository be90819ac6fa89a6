/* engine_emergency: emergencies, for engine*.c only. */
#ifndef TAGOUT_RUNTIME_ENGINE_EMERGENCY_H
#define TAGOUT_RUNTIME_ENGINE_EMERGENCY_H

#include "runtime/engine_parts.h"

struct Emergencies {
  uint8_t **watched;                          /* per row: entities that have a strand which watches; NULL: not yet watched for */
  VEC(uint32_t) watches;                      /* these strands */
  VEC(uint32_t) fired;                        /* those of them whose condition reads true, in the order in which it came */
  uint32_t blocks;                            /* that run */
  uint16_t judging;                           /* while needs and rules are judged for a block: its row + 1 */
};

void emergencies_init(Engine *e);
void emergencies_done(Engine *e);
void member_strike(Engine *e, uint32_t kind, uint32_t entity, TextId why); /* engine_members.c: it and all that is in it are out for good */
Flow op_watch(Engine *e, uint32_t id);
void emergencies_watch_more(Engine *e);       /* a set was frozen */
void emergencies_stop(Engine *e);             /* the run has ended */
void emergencies_look(Engine *e);             /* the world says that something has changed */
void watch_run(Engine *e, uint32_t id);       /* of a TASK_WATCH */
TextId preempt_refused(Engine *e, const Event *event); /* 0: not */
void preempt_take(Engine *e, const Event *event, TextId by);
Flow emergency_over(Engine *e, uint32_t id);  /* its block has ended: FLOW_GONE */

#endif
