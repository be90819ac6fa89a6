/* opcode: the instruction table as data, for the disassembler and the verifier. */
#include <config.h>

#include "lang/program.h"

const OpInfo op_info[OPCODE_COUNT] = {
#define OP(name, a, b, pops, pushes, blocks, text) \
  [OPCODE_##name] = {#name, OPERAND_##a, OPERAND_##b, pops, pushes, blocks, text},
#include "lang/opcode.def"
#undef OP
};
