/* view: what the explorer has to know of the inside of an engine. Nothing here changes the engine. */
#ifndef TAGOUT_TESTS_ORACLE_VIEW_H
#define TAGOUT_TESTS_ORACLE_VIEW_H

#include "runtime/engine.h"
#include <stdbool.h>

/* A yes of the gate for the member that was not used yet and is still good. */
bool view_has_yes(const Engine *e, uint32_t gate, uint32_t entity);

/* A digest of what the engine will do from here on, and of nothing else: unlike engine_digest it does not tell apart two
 * states that differ in the numbers of their commands or, where nothing depends on it, in the time of day. */
uint64_t view_shape(const Engine *e);

/* Calls visit for the member of each strand whose confirm ends now if its condition does not hold. */
typedef void ViewConfirm(void *ctx, CodeRef condition, const int64_t *slots, uint32_t slot_count, uint32_t kind, uint32_t entity);
void view_confirms(const Engine *e, int64_t now, ViewConfirm *visit, void *ctx);

#endif
