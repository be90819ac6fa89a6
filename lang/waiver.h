/* waiver: what an emergency does not wait for. `may skip A, B` waives, of what the actions of its block need, what A and B would have
 * done: a need that asks for nothing but facts that A or B make, and that no action of the block makes, or whether A or B was tried.
 * A need on anything else stands; it says `or emergency` where emergencies are exempt. The checker of certificates has its own. */
#ifndef TAGOUT_LANG_WAIVER_H
#define TAGOUT_LANG_WAIVER_H

#include "lang/program.h"
#include <stdbool.h>

uint32_t emergency_end(const Program *p, uint32_t emergency);  /* behind the code of its block */
uint32_t emergency_at(const Program *p, uint32_t pc);          /* whose block holds the address; NONE_INDEX: no one's */
bool emergency_calls(const Program *p, uint32_t emergency, uint32_t action);
bool emergency_skips(const Program *p, uint32_t emergency, uint32_t action);
bool emergency_waives(const Program *p, uint32_t emergency, CodeRef condition); /* of a need */

#endif
