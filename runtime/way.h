/* way: the instructions of a strand that can be reached from an address, in the order of their addresses, each with where it
 * may go on. Control flows forward, so whoever goes through them in that order meets every instruction behind all that lead to
 * it; backwards, in front of them. The two kinds of jump that lead back are not in it: rounds of an iterator, a person's
 * retries. */
#ifndef TAGOUT_RUNTIME_WAY_H
#define TAGOUT_RUNTIME_WAY_H

#include "runtime/stand.h"

/* next, jump, other: places, NONE_INDEX none. other: where a fan that stopped, an attempt that failed, a guard that no longer
 * holds goes on. */
typedef struct WayPlace { uint32_t pc, next, jump, other; Stand stand; } WayPlace;
typedef VEC(WayPlace) WayPlaces;

/* WAY_OK: every outcome is ok, no fan stops, nothing is rolled back. WAY_ALL: whatever happens; only an exit of the member
 * itself is followed as if it went on (it does, when the member is not inside of what leaves). */
typedef enum WayKind { WAY_OK, WAY_ALL } WayKind;

void way_find(const Program *p, uint32_t pc, WayKind kind, WayPlaces *out); /* out: empty; out->items[0] is pc; vec_done it */

#endif
