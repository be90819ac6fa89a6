/* plan_rate: so many per hour, times the hours that there are. Of what a member does only that counts which every one does: its
 * code up to the first condition. */
#include <config.h>

#include "runtime/plan_rate.h"

#include "lang/limits.h"
#include "runtime/possible.h"
#include "runtime/vm_core.h"
#include "runtime/way.h"

typedef struct Rates {
  Vm *vm;
  const Program *p;
  DiagSink *sink;
  int64_t room;        /* ms from the start to the close */
  int64_t slots[LIMIT_SLOTS];
  uint32_t line, step; /* of the fan-out */
  uint32_t members, kind;
} Rates;

static int64_t up(int64_t a, int64_t b) { return a / b + (a % b != 0); }

static void check(const Rates *r, int64_t amount, int64_t per, const char *through) {
  int64_t most;
  if (amount < 1 || per < 1 || __builtin_mul_overflow(amount, up(r->room, per), &most) || most >= r->members) return;
  Buf span = BUF_INIT, room = BUF_INIT;
  quantity_show(QUANTITY_DURATION, per, &span);
  quantity_show(QUANTITY_DURATION, r->room, &room);
  const char *step = r->step == NONE_INDEX ? "" : program_str(r->p, r->p->steps[r->step].name);
  Diag *d = diag_new(r->sink, W_RATE_WINDOW, (Span){0, 0}, "step `%s` (line %u) cannot begin all of its %u %s before the window closes", step, r->line,
                     r->members, program_str(r->p, r->p->kinds[r->kind].plural));
  diag_note(r->sink, d, "%lld per %s%s%s x %lld in %s = %lld at most", (long long)amount, span.data, *through ? " through " : "", through,
            (long long)up(r->room, per), room.data, (long long)most);
  buf_done(&span);
  buf_done(&room);
}

static void check_services(const Rates *r, uint32_t body) {
  WayPlaces places = {0};
  way_find(r->p, body, WAY_OK, &places);
  for (uint32_t i = 0; i < places.len && !(places.items[i].next != NONE_INDEX && places.items[i].jump != NONE_INDEX); i++) {
    uint32_t word = r->p->code[places.items[i].pc];
    if (code_op(word) != OPCODE_ACT) continue;
    Slice services = r->p->actions[r->p->calls[code_a(word)].action].services;
    for (uint32_t s = 0; s < services.count; s++) {
      const ServiceRow *row = &r->p->services[r->p->index_list[services.first + s]];
      check(r, row->amount, row->per, program_str(r->p, row->name));
    }
  }
  vec_done(&places);
}

static void check_fan(Rates *r, const FanRow *f) {
  EntityVec members = {0};
  if (possible_varies(r->vm, f->members, possible_region_end(r->p, f->members), r->slots)) return;
  vm_collect(r->vm, f->members, r->slots, LIMIT_SLOTS, &members);
  r->members = members.len;
  vec_done(&members);
  r->line = f->line;
  r->step = f->step;
  r->kind = f->kind;
  for (uint32_t i = 0; i < f->limits.count; i++) {
    const LimitRow *l = &r->p->limits[f->limits.first + i];
    if (l->rule != LIMIT_RULE_PER_TIME || l->group != NONE_INDEX) continue;
    if (possible_varies(r->vm, l->amount, possible_region_end(r->p, l->amount), r->slots)) continue;
    int64_t amount = vm_value(r->vm, l->amount, r->slots, LIMIT_SLOTS);
    if (amount != VALUE_UNKNOWN) check(r, amount, l->per, "");
  }
  check_services(r, f->body);
}

void plan_rate_check(Vm *vm, const Frozen *frozen, int64_t start, DiagSink *sink) {
  Rates r = {.vm = vm, .p = vm->program, .sink = sink};
  WayPlaces places = {0};
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) r.slots[i] = VALUE_UNKNOWN;
  for (uint32_t i = 0; i < frozen->opening_count && frozen->window_hard && r.room == 0; i++)
    if (start < frozen->openings[i].close) r.room = frozen->openings[i].close - (start > frozen->openings[i].open ? start : frozen->openings[i].open);
  if (r.room == 0) return;
  way_find(r.p, r.p->entry, WAY_OK, &places);
  for (uint32_t i = 0; i < places.len; i++) {
    uint32_t word = r.p->code[places.items[i].pc];
    if (code_op(word) == OPCODE_FAN && r.p->fans[code_a(word)].step != NONE_INDEX) check_fan(&r, &r.p->fans[code_a(word)]);
  }
  vec_done(&places);
}
