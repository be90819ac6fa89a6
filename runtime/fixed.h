/* fixed: facts that nobody writes while code is on its way from one place to another: not the run, no automation, no hazard. They
 * stand as they were found. A mark per fact: 1 fixed, 0 not. */
#ifndef TAGOUT_RUNTIME_FIXED_H
#define TAGOUT_RUNTIME_FIXED_H

#include "lang/program.h"

uint8_t *fixed_facts(const Program *p);                 /* those that nobody else writes; free() it */
void fixed_not_by(const Program *p, uint32_t action, uint8_t *fixed);
/* Not those that may be written from there on, up to the address, whatever happens, by what the code has started. */
void fixed_until(const Program *p, uint32_t from, uint32_t before, uint8_t *fixed);

#endif
