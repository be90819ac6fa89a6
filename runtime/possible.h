/* possible: which members code may collect later. A set that is asked for ahead of its time is asked before the facts are
 * read that its filter rests on, before people have said yes, and before a set that is selected on the way is frozen. The
 * answer contains every member that it may have by then: a condition counts only where nothing to come can change it. */
#ifndef TAGOUT_RUNTIME_POSSIBLE_H
#define TAGOUT_RUNTIME_POSSIBLE_H

#include "runtime/vm.h"

/* Appends the members of `kind` that the region may collect. slots: LIMIT_SLOTS, unknown: set on the way. */
void possible_members(Vm *vm, CodeRef region, uint32_t kind, const int64_t *slots, EntityVec *out);

/* Does the value of code[from..to) rest on what is not known yet: facts, answers, sets of later, variables without a value? */
bool possible_varies(const Vm *vm, uint32_t from, uint32_t to, const int64_t *slots);
/* Does it read a variable that it does not set itself? */
bool possible_reads_slots(const Program *p, uint32_t from, uint32_t to);
uint32_t possible_region_end(const Program *p, CodeRef region); /* address of its RETURN */

#endif
