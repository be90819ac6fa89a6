/* coverage: instructions that set the outcome, by where they are written. */
#include <config.h>

#include "runtime/coverage.h"

#include "lang/buf.h"

#include <stdlib.h>
#include <string.h>

static const char *lockout_name(const Program *p, const LockoutRow *l, Arena *arena) {
  Buf names = BUF_INIT;
  for (uint32_t i = 0; i < l->automations.count; i++)
    buf_printf(&names, "%s%s", i ? ", " : "", program_str(p, p->automations[p->index_list[l->automations.first + i]].name));
  const char *out = arena_string(arena, names.data ? names.data : "", names.len);
  buf_done(&names);
  return out;
}

/* False: the instruction has no outcome of its own. */
static bool place_at(const Program *p, uint32_t pc, CoveragePlace *out, Arena *arena) {
  uint32_t a = code_a(p->code[pc]);
  *out = (CoveragePlace){.op = code_op(p->code[pc]), .source = ""};
  switch ((int)out->op) {
    case OPCODE_ACT: out->what = "action", out->name = program_str(p, p->actions[p->calls[a].action].name); break;
    case OPCODE_CONFIRM: out->what = "confirm", out->name = program_str(p, p->confirms[a].text); break;
    case OPCODE_GATE: out->what = "gate", out->name = program_str(p, p->gates[a].name); break;
    case OPCODE_LOCK: out->what = "lockout", out->name = lockout_name(p, &p->lockouts[a], arena); break;
    case OPCODE_SET_BEGIN: out->what = "setting", out->name = program_str(p, p->settings[p->adjusts[a].setting].name); break;
    default: return false;
  }
  out->line = program_line(p, pc, &out->source);
  if (!out->source) out->source = "";
  return true;
}

static int by_place(const void *l, const void *r) {
  const CoveragePlace *a = l, *b = r;
  int order = strcmp(a->source, b->source);
  if (order == 0) order = (a->line > b->line) - (a->line < b->line);
  if (order == 0) order = (a->op > b->op) - (a->op < b->op);
  return order ? order : strcmp(a->name, b->name);
}

const CoveragePlace *coverage_places(const Program *p, const uint8_t *ended, uint32_t *ret_count, Arena *arena) {
  VEC(CoveragePlace) all = {0};
  uint32_t kept = 0;
  for (uint32_t pc = p->entry; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    CoveragePlace place;
    if (!place_at(p, pc, &place, arena)) continue;
    place.taken = ended[pc];
    vec_push(&all, place);
  }
  if (all.len) qsort(all.items, all.len, sizeof *all.items, by_place);
  for (uint32_t i = 0; i < all.len; i++) {
    if (kept && by_place(&all.items[kept - 1], &all.items[i]) == 0) all.items[kept - 1].taken |= all.items[i].taken;
    else all.items[kept++] = all.items[i];
  }
  CoveragePlace *out = arena_new_array(arena, CoveragePlace, kept);
  if (kept) memcpy(out, all.items, kept * sizeof *out);
  vec_done(&all);
  *ret_count = kept;
  return out;
}

uint32_t coverage_taken(const CoveragePlace *places, uint32_t count) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t o = 0; o < COVERAGE_OUTCOMES; o++) n += places[i].taken >> o & 1u;
  return n;
}

const char *coverage_word(const CoveragePlace *place, Outcome outcome) {
  if (place->op != OPCODE_GATE) return outcome_text(outcome);
  return outcome == OUT_OK ? "yes" : outcome == OUT_FAILED ? "no" : "silence";
}
