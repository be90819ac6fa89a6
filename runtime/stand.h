/* stand: where an instruction of a strand stands: the address from which plain code leads to it with an empty stack, so that
 * the value that it takes can be had without running the strand. */
#ifndef TAGOUT_RUNTIME_STAND_H
#define TAGOUT_RUNTIME_STAND_H

#include "runtime/vm.h"

typedef struct Stand { uint32_t statement, depth, iterators; } Stand; /* depth: values on the stack */

Stand stand_at(Stand s, uint32_t pc);                       /* a statement begins at pc if nothing is open there */
Stand stand_behind(const Program *p, uint32_t pc, Stand s); /* behind the instruction at pc, when it does not jump */
/* The top of the stack at pc; VALUE_UNKNOWN too when the code does not come there with these variables (LIMIT_SLOTS). */
int64_t stand_value(Vm *vm, Stand s, uint32_t pc, const int64_t *slots);

#endif
