/* plan_lost: see plan_lost.h. */
#include <config.h>

#include "runtime/plan_lost.h"

#include <jansson.h>
#include <string.h>

#define LONGEST_DAY (25 * INT64_C(3600000)) /* ms */

typedef struct Reader { const Program *p; const Fleet *fleet; int64_t start; VEC(FrozenLoss) all; } Reader;

static bool reaches(const ToleranceRow *t) { return t->group != NONE_INDEX || t->reach != REACH_STEP; }

/* Two runs may have lost the same one. */
static bool counted(const Reader *r, uint32_t tolerance, uint32_t entity) {
  for (uint32_t i = 0; i < r->all.len; i++)
    if (r->all.items[i].tolerance == tolerance && r->all.items[i].entity == entity) return true;
  return false;
}

static void take(void *ctx, Member m, const char *run, int64_t at, bool still) {
  Reader *r = ctx;
  (void)run;
  for (uint32_t i = 0; i < r->p->tolerances_count; i++) {
    const ToleranceRow *t = &r->p->tolerances[i];
    bool day = t->reach == REACH_DAY;
    if (!reaches(t) || strcmp(program_str(r->p, r->p->kinds[t->unit].name), m.kind) != 0) continue;
    if (day ? at + LONGEST_DAY <= r->start : !still) continue;
    Entity entity = fleet_find(r->fleet, t->unit, m.name, strlen(m.name));
    if (!day && entity != ENTITY_NONE && counted(r, i, entity)) continue;
    vec_push(&r->all, ((FrozenLoss){.tolerance = i, .entity = entity, .at = at}));
  }
}

int plan_lost_read(Ledger *l, const Program *p, const Fleet *fleet, int64_t start, Arena *arena, Frozen *ret) {
  Reader r = {.p = p, .fleet = fleet, .start = start};
  int code = ledger_aside_since(l, start - LONGEST_DAY, take, &r);
  FrozenLoss *all = arena_new_array(arena, FrozenLoss, r.all.len);
  if (r.all.len) memcpy(all, r.all.items, r.all.len * sizeof *all);
  ret->losses = all;
  ret->loss_count = r.all.len;
  vec_done(&r.all);
  return code;
}

/* ---- shown ---- */

static uint32_t count_of(const Frozen *frozen, uint32_t tolerance) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < frozen->loss_count; i++) n += frozen->losses[i].tolerance == tolerance;
  return n;
}

void plan_lost_text(const Program *p, const Frozen *frozen, int label, Buf *out) {
  bool any = false;
  for (uint32_t i = 0; i < p->tolerances_count; i++) {
    uint32_t n = count_of(frozen, i);
    if (n == 0) continue;
    buf_printf(out, "  %-*s%u %s by other runs and not back%s count in `%s` (line %u)\n", label, any ? "" : "set aside", n,
               program_str(p, n == 1 ? p->kinds[p->tolerances[i].unit].name : p->kinds[p->tolerances[i].unit].plural), p->tolerances[i].reach == REACH_DAY ? ", or today," : "",
               program_str(p, p->tolerances[i].text), p->tolerances[i].line);
    any = true;
  }
}

json_t *plan_lost_json(const Program *p, const Frozen *frozen) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < p->tolerances_count; i++) {
    uint32_t n = count_of(frozen, i);
    if (n == 0) continue;
    json_array_append_new(out, json_pack("{s:s,s:i,s:i}", "tolerance", program_str(p, p->tolerances[i].text), "line", (int)p->tolerances[i].line, "set_aside", (int)n));
  }
  return out;
}
