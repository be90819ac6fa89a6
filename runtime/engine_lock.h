/* engine_lock: what the files of lockouts are to the engine and to each other: engine_lock.c takes them, engine_release.c and
 * engine_hand.c let them go or hand them over, engine_sweep.c reads them again while they stand. Whoever includes engine_state.h has it. */
#ifndef TAGOUT_RUNTIME_ENGINE_LOCK_H
#define TAGOUT_RUNTIME_ENGINE_LOCK_H

#include "runtime/engine_parts.h"

LockCell *lock_cell(Engine *e, uint32_t automation, uint32_t entity);
LockItem *lock_item(Lockout *l, uint32_t automation, uint32_t entity); /* NULL: none */
void lockout_close(Engine *e, uint32_t lockout);    /* it is through: what it kept of its members goes */
void locks_done(Engine *e);
bool lock_held(const Engine *e, uint32_t automation, uint32_t kind, uint32_t entity); /* the run's own: what contracts need */
bool lock_held_since(const Engine *e, uint32_t automation, uint32_t kind, uint32_t entity, uint32_t command); /* without a break */
Flow op_lock(Engine *e, uint32_t id);
void lock_send(Engine *e, uint32_t strand, uint32_t lockout, uint32_t item, CommandKind kind);
void lock_asked_again(Engine *e, const Flight *f);  /* after a resume: its time begins anew */
void lock_answer(Engine *e, const Flight *f, const Event *event);
void lock_lost(Engine *e, uint32_t automation, uint32_t entity);
uint32_t strand_lockout(const Engine *e, const Strand *s); /* the innermost open one, NONE_INDEX none */
Flow op_unlock(Engine *e, uint32_t id);
Flow lockout_release(Engine *e, uint32_t id, uint32_t lockout); /* FLOW_WAIT, or FLOW_ON: passed */
void release_all(Engine *e, Strand *s, uint32_t lockout);       /* the release will be of everything, asking nothing */
bool release_goes_on(Engine *e, uint32_t id, uint32_t lockout); /* true: through */
void release_answer(Engine *e, const Flight *f, const Event *event);
void release_run(Engine *e, uint32_t id);
/* Members that the release looks at, and the index of the i-th in the lockout's members, NONE_INDEX: that one is not of it. */
uint32_t release_candidates(Engine *e, const Strand *s, const Lockout *l);
uint32_t release_candidate(Engine *e, const Strand *s, const Lockout *l, uint32_t i);
typedef void EachItem(Engine *e, uint32_t id, Lockout *l, LockItem *item);
void release_each_item(Engine *e, uint32_t id, Lockout *l, uint32_t member, EachItem *visit); /* those that cover the member */
void lock_let_go(Engine *e, LockItem *item);
void hand_over(Engine *e, uint32_t id);              /* candidates that are to be handed over */
void release_early(Engine *e, uint32_t fan, uint32_t entity);
uint32_t early_fan_of(const Engine *e, const Strand *s);        /* row of the fan that ends a lockout's work, NONE_INDEX none */
void sweep_run(Engine *e, uint32_t id);
void sweep_start(Engine *e, uint32_t lockout);
void sweep_stop(Engine *e, uint32_t lockout);
void sweep_answer(Engine *e, const Flight *f, const Event *event);

#endif
