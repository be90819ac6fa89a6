/* freeze_looks: how often a condition is looked at while a run goes on, where its site says how often what it asks for is read. */
#include <config.h>

#include "runtime/freeze.h"

#include "runtime/possible.h"

#include <string.h>

#define UNSAID (60 * INT64_C(1000)) /* ms, of what the site says nothing of */

static int64_t said_of(const Program *p, const SiteImage *site, SiteBindWhat what, StrId name, uint32_t kind) {
  for (uint32_t i = 0; i < site->binding_count; i++) {
    const SiteBinding *b = &site->bindings[i];
    if (b->what != what || strcmp(b->name, program_str(p, name)) != 0) continue;
    if (*b->kind && strcmp(b->kind, program_str(p, p->kinds[kind].name)) != 0) continue;
    return b->every > 0 ? b->every : UNSAID;
  }
  return UNSAID;
}

/* The shortest of what it asks for: whatever changes is seen as soon as it is read. */
static int64_t every(const Program *p, const SiteImage *site, CodeRef condition) {
  int64_t least = INT64_MAX;
  uint32_t end = possible_region_end(p, condition);
  for (uint32_t pc = condition; pc < end; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    uint32_t a = code_a(p->code[pc]);
    int64_t one = INT64_MAX;
    if (op == OPCODE_FACT) one = said_of(p, site, SITE_FACT, p->facts[a].name, p->code[pc + 1]);
    if (op == OPCODE_METRIC) one = said_of(p, site, SITE_METRIC, p->metrics[a].name, p->code[pc + 1]);
    if (one < least) least = one;
  }
  return least == INT64_MAX ? UNSAID : least;
}

const Frozen *freeze_looks(const Frozen *frozen, const Program *p, const SiteImage *site, Arena *arena) {
  if (!frozen || !site || p->embargoes_count == 0) return frozen;
  Frozen *own = arena_new_object(arena, Frozen);
  int64_t *looks = arena_new_array(arena, int64_t, p->embargoes_count);
  for (uint32_t i = 0; i < p->embargoes_count; i++) looks[i] = every(p, site, p->embargoes[i].condition);
  *own = *frozen;
  own->embargo_every = looks;
  return own;
}
