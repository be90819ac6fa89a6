/* simfleet: the truth of a simulated fleet in arrays per kind and fact, and the automations' triggers over it. */
#include <config.h>

#include "runtime/simfleet.h"

#include "lang/waiver.h"
#include "runtime/schema.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct SimLock { int64_t quiet_at; bool locked; uint32_t missed; } SimLock; /* missed: 1 + a trigger that it saw while it was locked */

struct SimFleet {
  const Program *program;
  const Fleet *fleet;
  Arena *arena;          /* owns every array below */
  Vm *vm;                /* its facts are the truth */
  int64_t **facts;       /* [kind * facts_count + fact] -> value per entity; NULL: not a fact of that kind */
  SimLock **locks;       /* [automation] -> per entity of its kind */
  int64_t **settings;    /* [setting] -> per entity of its kind */
  VEC(SimTouched) touched, looked_at; /* looked_at: what simfleet_touched handed out last */
  EntityVec scratch;
};

static size_t fact_index(const SimFleet *s, uint32_t fact, uint32_t kind) {
  return (size_t)kind * s->program->facts_count + fact;
}

static int64_t truth_of_fact(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) {
  return simfleet_fact(ctx, fact, kind, entity);
}
/* Locks, attempts and acknowledgements are the run's business: in the truth they never stand in the way. */
static int64_t always(void *ctx, uint32_t a, uint32_t b, uint32_t c) {
  (void)ctx, (void)a, (void)b, (void)c;
  return 1;
}
static int64_t always_yes(void *ctx, uint32_t gate, uint32_t entity) {
  (void)ctx, (void)gate, (void)entity;
  return 1;
}

static void init_facts(SimFleet *s, const Schema *schema) {
  const Program *p = s->program;
  s->facts = arena_new_array(s->arena, int64_t *, size_product(p->kinds_count, p->facts_count));
  for (uint32_t f = 0; f < p->facts_count; f++) {
    const FactRow *row = &p->facts[f];
    int64_t normal = row->type.klass == VALUE_ENUM ? 1 : 0;
    for (uint32_t i = 0; i < row->kinds.count; i++) {
      uint32_t kind = p->index_list[row->kinds.first + i];
      uint32_t n = fleet_count(s->fleet, kind);
      int64_t *values = arena_new_array(s->arena, int64_t, n);
      for (uint32_t e = 0; e < n; e++) {
        int64_t given = schema_fact(schema, s->fleet, f, kind, e);
        values[e] = given == VALUE_UNKNOWN ? normal : given;
      }
      s->facts[fact_index(s, f, kind)] = values;
    }
  }
}

SimFleet *simfleet_new(const Program *p, const Fleet *fleet, const int64_t *params) {
  SimFleet *s = xcalloc(1, sizeof *s);
  s->program = p;
  s->fleet = fleet;
  s->arena = arena_new();
  init_facts(s, schema_of_program(p, s->arena));
  s->locks = arena_new_array(s->arena, SimLock *, p->automations_count);
  for (uint32_t a = 0; a < p->automations_count; a++)
    s->locks[a] = arena_new_array(s->arena, SimLock, fleet_count(fleet, p->automations[a].kind));
  s->settings = arena_new_array(s->arena, int64_t *, p->settings_count);
  for (uint32_t i = 0; i < p->settings_count; i++) {
    uint32_t n = fleet_count(fleet, p->settings[i].kind);
    s->settings[i] = arena_new_array(s->arena, int64_t, n);
    for (uint32_t e = 0; e < n; e++) s->settings[i][e] = p->settings[i].type.klass == VALUE_TEXT ? 0 : 1;
  }
  VmHost host = {.ctx = s, .fact = truth_of_fact, .locked = always, .tried = always, .yes = always_yes, .params = params};
  s->vm = vm_new(p, fleet, &host);
  return s;
}

void simfleet_free(SimFleet *s) {
  if (!s) return;
  vm_free(s->vm);
  vec_done(&s->touched);
  vec_done(&s->looked_at);
  vec_done(&s->scratch);
  arena_free(s->arena);
  free(s);
}

int64_t simfleet_text(SimFleet *s, const char *text) { return vm_intern(s->vm, text); }
const char *simfleet_text_of(const SimFleet *s, int64_t text) { return vm_text(s->vm, text); }

int64_t simfleet_fact(const SimFleet *s, uint32_t fact, uint32_t kind, Entity e) {
  const int64_t *values = s->facts[fact_index(s, fact, kind)];
  return values ? values[e] : VALUE_UNKNOWN;
}

void simfleet_set_fact(SimFleet *s, uint32_t fact, uint32_t kind, Entity e, int64_t value) {
  int64_t *values = s->facts[fact_index(s, fact, kind)];
  if (!values || values[e] == value) return;
  values[e] = value;
  SimTouched t = {kind, e};
  vec_push(&s->touched, t);
}

uint32_t simfleet_refuses(SimFleet *s, uint32_t action, const int64_t *args, uint32_t arg_count, uint32_t emergency) {
  Slice needs = s->program->actions[action].needs;
  uint32_t refused = NONE_INDEX;
  vm_emergency(s->vm, emergency != 0);
  for (uint32_t i = 0; i < needs.count && refused == NONE_INDEX; i++) {
    CodeRef condition = s->program->need_rows[needs.first + i].condition;
    if (emergency && emergency_waives(s->program, emergency - 1, condition)) continue;
    if (vm_value(s->vm, condition, args, arg_count) == 0) refused = needs.first + i;
  }
  vm_emergency(s->vm, false);
  return refused;
}

/* What the fact becomes: the first of the values that the contract allows (0 among them is unknown), or a computed one. */
static int64_t effect_value(SimFleet *s, const EffectRow *row, const int64_t *args, uint32_t arg_count) {
  if (row->values.count == 0) return vm_value(s->vm, row->value, args, arg_count);
  int64_t code = (int64_t)s->program->index_list[row->values.first];
  return code == 0 ? VALUE_UNKNOWN : code;
}

static void apply_effects(SimFleet *s, Slice effects, const int64_t *args, uint32_t arg_count) {
  for (uint32_t i = 0; i < effects.count; i++) {
    const EffectRow *row = &s->program->effects[effects.first + i];
    if (row->values.count == 0 && row->value == 0) continue; /* it may be anything: it stays as it is */
    s->scratch.len = 0;
    vm_collect(s->vm, row->targets, args, arg_count, &s->scratch);
    int64_t value = effect_value(s, row, args, arg_count);
    for (uint32_t k = 0; k < s->scratch.len; k++)
      simfleet_set_fact(s, row->fact, row->kind, s->scratch.items[k], value);
  }
}

void simfleet_effect(SimFleet *s, uint32_t action, const int64_t *args, uint32_t arg_count) {
  apply_effects(s, s->program->actions[action].makes, args, arg_count);
}

void simfleet_lock(SimFleet *s, uint32_t automation, Entity e, int64_t quiet_at) {
  SimLock *lock = &s->locks[automation][e];
  if (lock->locked) return; /* locking twice is locking once */
  *lock = (SimLock){.quiet_at = quiet_at, .locked = true};
}

void simfleet_unlock(SimFleet *s, uint32_t automation, Entity e) {
  s->locks[automation][e].locked = false;
  SimTouched t = {s->program->automations[automation].kind, e}; /* what it missed is what it sees first */
  vec_push(&s->touched, t);
}

bool simfleet_locked(const SimFleet *s, uint32_t automation, Entity e, int64_t now, bool *ret_quiet) {
  const SimLock *lock = &s->locks[automation][e];
  *ret_quiet = lock->locked && now >= lock->quiet_at;
  return lock->locked;
}

int64_t simfleet_setting(const SimFleet *s, uint32_t setting, Entity e) { return s->settings[setting][e]; }
void simfleet_set_setting(SimFleet *s, uint32_t setting, Entity e, int64_t value) { s->settings[setting][e] = value; }

uint32_t simfleet_touched(SimFleet *s, const SimTouched **ret) {
  s->looked_at.len = 0;
  for (uint32_t i = 0; i < s->touched.len; i++) vec_push(&s->looked_at, s->touched.items[i]);
  s->touched.len = 0;
  *ret = s->looked_at.items;
  return s->looked_at.len;
}

static bool triggered(SimFleet *s, const TriggerRow *trigger, Entity e) {
  int64_t self = e;
  return vm_value(s->vm, trigger->condition, &self, 1) == 1;
}

uint32_t simfleet_provoked(SimFleet *s, SimTouched touched, uint32_t *iterator, Entity *ret_entity, uint32_t *ret_trigger) {
  const Program *p = s->program;
  while (*iterator < p->automations_count) {
    uint32_t a = (*iterator)++;
    const AutomationRow *row = &p->automations[a];
    Entity e = fleet_up(s->fleet, touched.kind, touched.entity, row->kind);
    if (e == ENTITY_NONE) continue;
    SimLock *lock = &s->locks[a][e];
    for (uint32_t t = 0; t < row->triggers.count; t++) {
      uint32_t row_of = row->triggers.first + t;
      bool now = triggered(s, &p->triggers[row_of], e);
      if (now && lock->locked && row->backlog_replay) lock->missed = 1 + row_of; /* it will come back to it */
      if (lock->locked || (!now && lock->missed != 1 + row_of)) continue;
      *ret_entity = e;
      *ret_trigger = row->triggers.first + t;
      return a;
    }
  }
  return NONE_INDEX;
}

bool simfleet_act(SimFleet *s, uint32_t automation, uint32_t trigger, Entity e) {
  const TriggerRow *row = &s->program->triggers[trigger];
  SimLock *lock = &s->locks[automation][e];
  if (lock->locked || (lock->missed != 1 + trigger && !triggered(s, row, e))) return false;
  lock->missed = 0;
  int64_t self = e;
  apply_effects(s, row->effects, &self, 1);
  return true;
}
