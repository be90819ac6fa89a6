/* fixed: see fixed.h. */
#include <config.h>

#include "runtime/fixed.h"

#include "runtime/way.h"

static void written(const Program *p, Slice effects, uint8_t *fixed) {
  for (uint32_t i = 0; i < effects.count; i++) fixed[p->effects[effects.first + i].fact] = 0;
}

uint8_t *fixed_facts(const Program *p) {
  uint8_t *fixed = xcalloc(p->facts_count + 1, 1);
  for (uint32_t i = 0; i < p->facts_count; i++) fixed[i] = p->facts[i].type.klass == VALUE_ENUM;
  for (uint32_t i = 0; i < p->triggers_count; i++) written(p, p->triggers[i].effects, fixed);
  return fixed;
}

void fixed_not_by(const Program *p, uint32_t action, uint8_t *fixed) {
  const ActionRow *a = &p->actions[action];
  written(p, a->makes, fixed);
  written(p, a->on_failure, fixed);
  for (uint32_t i = 0; i < a->learns.count; i++) fixed[p->learns[a->learns.first + i].fact] = 0;
}

void fixed_until(const Program *p, uint32_t from, uint32_t before, uint8_t *fixed) {
  WayPlaces places = {0};
  way_find(p, from, WAY_ALL, &places);
  for (uint32_t i = 0; i < places.len && places.items[i].pc < before; i++) {
    uint32_t word = p->code[places.items[i].pc], a = code_a(word);
    if (code_op(word) == OPCODE_FAN) fixed_until(p, p->fans[a].body, UINT32_MAX, fixed);
    if (code_op(word) == OPCODE_ACT) fixed_not_by(p, p->calls[a].action, fixed);
  }
  vec_done(&places);
}
