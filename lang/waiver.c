/* waiver: see waiver.h. */
#include <config.h>

#include "lang/waiver.h"

/* The blocks stand behind the main strand, one behind the other. */
uint32_t emergency_end(const Program *p, uint32_t emergency) {
  return emergency + 1 < p->emergencies_count ? p->emergencies[emergency + 1].body : p->code_count;
}

uint32_t emergency_at(const Program *p, uint32_t pc) {
  for (uint32_t i = 0; i < p->emergencies_count; i++)
    if (pc >= p->emergencies[i].body && pc < emergency_end(p, i)) return i;
  return NONE_INDEX;
}

bool emergency_calls(const Program *p, uint32_t emergency, uint32_t action) {
  for (uint32_t pc = p->emergencies[emergency].body; pc < emergency_end(p, emergency); pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_ACT && p->calls[code_a(p->code[pc])].action == action) return true;
  return false;
}

bool emergency_skips(const Program *p, uint32_t emergency, uint32_t action) {
  Slice skips = p->emergencies[emergency].skips;
  for (uint32_t i = 0; i < skips.count; i++)
    if (p->index_list[skips.first + i] == action) return true;
  return false;
}

static bool makes(const Program *p, uint32_t action, uint32_t fact) {
  Slice rows = p->actions[action].makes;
  for (uint32_t i = 0; i < rows.count; i++)
    if (p->effects[rows.first + i].fact == fact && !p->effects[rows.first + i].may) return true;
  return false;
}

/* Of a fact: some skipped action makes it, and none that the emergency carries out. */
static bool comes_of_skipped(const Program *p, uint32_t emergency, uint32_t fact) {
  bool skipped = false;
  for (uint32_t a = 0; a < p->actions_count; a++) {
    if (!makes(p, a, fact)) continue;
    if (emergency_calls(p, emergency, a)) return false;
    skipped |= emergency_skips(p, emergency, a);
  }
  return skipped;
}

bool emergency_waives(const Program *p, uint32_t emergency, CodeRef condition) {
  bool asks = false;
  for (uint32_t pc = condition; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc]))) {
    uint32_t a = code_a(p->code[pc]);
    bool waived = true;
    switch ((int)code_op(p->code[pc])) {
      case OPCODE_FACT: waived = comes_of_skipped(p, emergency, a); asks = true; break;
      case OPCODE_TRIED: waived = emergency_skips(p, emergency, a); asks = true; break;
      case OPCODE_METRIC: case OPCODE_LOCKED: case OPCODE_YES: case OPCODE_RECALL: waived = false; break;
      default: break;
    }
    if (!waived) return false;
  }
  return asks;
}
