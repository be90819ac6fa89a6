/* truth: facts and locks of the explored world, and the regions of the program evaluated over them. */
#include <config.h>

#include "tests/oracle/truth.h"

#include "runtime/schema.h"
#include "tests/oracle/view.h"

#include <string.h>

/* ---- the surroundings of code ---- */

int64_t truth_fact(const Ground *g, uint32_t fact, uint32_t kind, uint32_t entity) {
  if (g->cells[fact * g->program->kinds_count + kind] == NONE_INDEX) return VALUE_UNKNOWN;
  int16_t value = g->truth->fact[cell_of(g, fact, kind, entity)];
  return value == 0 && g->program->facts[fact].type.klass == VALUE_ENUM ? VALUE_UNKNOWN : value;
}

bool truth_locked(const Ground *g, uint32_t automation, uint32_t kind, uint32_t entity) {
  uint32_t to = g->program->automations[automation].kind;
  Entity up = fleet_up(g->fleet, kind, entity, to);
  if (up != ENTITY_NONE) return g->truth->lock[lock_of(g, automation, up)];
  FleetMembers below = fleet_members(g->fleet, kind, entity, to);
  for (uint32_t i = 0; i < below.count; i++)
    if (!g->truth->lock[lock_of(g, automation, fleet_member(below, i))]) return false;
  return below.count > 0;
}

static int64_t host_fact(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) { return truth_fact(ctx, fact, kind, entity); }

static int64_t host_metric(void *ctx, uint32_t metric, uint32_t kind, uint32_t entity) {
  (void)ctx, (void)metric, (void)kind, (void)entity;
  return 0;
}

/* Locked by this run, and true. */
static int64_t host_locked(void *ctx, uint32_t automation, uint32_t kind, uint32_t entity) {
  const Ground *g = ctx;
  return engine_locked(g->engine, automation, kind, entity) && truth_locked(g, automation, kind, entity);
}

static int64_t host_tried(void *ctx, uint32_t action, uint32_t since, uint32_t entity) {
  const Ground *g = ctx;
  uint32_t kind = g->program->param_types[g->program->actions[action].params.first].ref;
  return g->truth->tried[action][entity_of(g, kind, entity)] >> since & 1;
}

static int64_t host_yes(void *ctx, uint32_t gate, uint32_t entity) {
  const Ground *g = ctx;
  return g->any_yes || (g->yes[gate] >> entity & 1) || view_has_yes(g->engine, gate, entity);
}

/* What is refused may end in a roll back at once, which voids the yes that there was. */
void truth_note_yeses(Ground *g) {
  for (uint32_t i = 0; i < g->program->gates_count; i++) {
    uint32_t kind = g->program->gates[i].kind, count = kind == NONE_INDEX ? 1 : fleet_count(g->fleet, kind);
    g->yes[i] = 0;
    for (uint32_t e = 0; e < count; e++) g->yes[i] |= (uint32_t)view_has_yes(g->engine, i, e) << e;
  }
}

int64_t truth_were_it_ordinary(const Ground *g, CodeRef condition, const int64_t *slots, uint32_t count) {
  if (g->found == NONE_INDEX || g->truth->wrote[g->found]) return vm_value(g->vm, condition, slots, count);
  int16_t is = g->truth->fact[g->found];
  g->truth->fact[g->found] = g->ordinary;
  int64_t would = vm_value(g->vm, condition, slots, count);
  g->truth->fact[g->found] = is;
  return would;
}

static int64_t host_recall(void *ctx, uint32_t remember, uint32_t entity) {
  (void)ctx, (void)remember, (void)entity;
  return VALUE_UNKNOWN;
}

static bool host_still_in(void *ctx, uint32_t kind, uint32_t entity) {
  const Ground *g = ctx;
  MemberState s = engine_member(g->engine, kind, entity, NULL);
  return s != MEMBER_LEFT_OUT && s != MEMBER_SET_ASIDE && s != MEMBER_KEPT_OUT;
}

static const uint32_t *host_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Ground *g = ctx;
  *ret_count = g->frozen->sets[set].count;
  return g->frozen->sets[set].items;
}

/* ---- the layout ---- */

static bool init_facts(Ground *g) {
  const Program *p = g->program;
  const Schema *schema = schema_of_program(p, g->arena);
  for (uint32_t f = 0; f < p->facts_count; f++)
    for (uint32_t i = 0; i < p->facts[f].kinds.count; i++) {
      uint32_t kind = p->index_list[p->facts[f].kinds.first + i], count = fleet_count(g->fleet, kind);
      if (g->cell_count + count > MAX_CELLS) return false;
      g->cells[f * p->kinds_count + kind] = g->cell_count;
      for (uint32_t e = 0; e < count; e++) {
        int64_t given = schema_fact(schema, g->fleet, f, kind, e);
        int16_t first = p->facts[f].type.klass == VALUE_ENUM;
        g->start.fact[g->cell_count++] = given == VALUE_UNKNOWN ? first : (int16_t)given;
      }
      if (strcmp(program_str(p, p->facts[f].name), "service") == 0) g->service = f;
    }
  return true;
}

static bool init_entities(Ground *g) {
  const Program *p = g->program;
  for (uint32_t k = 0; k < p->kinds_count; k++) {
    g->entities[k] = g->entity_count;
    g->entity_count += fleet_count(g->fleet, k);
  }
  for (uint32_t a = 0; a < p->automations_count; a++) {
    g->locks[a] = g->lock_count;
    g->lock_count += fleet_count(g->fleet, p->automations[a].kind);
  }
  for (uint32_t i = 0; i < p->settings_count; i++) {
    g->settings[i] = g->setting_count;
    g->setting_count += fleet_count(g->fleet, p->settings[i].kind);
  }
  for (uint32_t i = 0; i < g->setting_count && i < MAX_SETTINGS; i++) g->start.setting[i] = 1;
  return g->entity_count <= MAX_ENTITIES && g->lock_count <= MAX_LOCKS && g->setting_count <= MAX_SETTINGS;
}

const char *ground_init(Ground *g, const Program *program, const Fleet *fleet, const Frozen *frozen, Arena *arena) {
  const Program *p = program;
  *g = (Ground){.program = p, .fleet = fleet, .frozen = frozen, .arena = arena, .service = NONE_INDEX, .found = NONE_INDEX,
                .begin = INT64_C(1767639600000)};
  if (frozen->opening_count) g->begin = frozen->openings[0].open;
  g->cells = arena_new_array(arena, uint32_t, (size_t)(p->facts_count + 1) * p->kinds_count);
  memset(g->cells, 0xff, (size_t)(p->facts_count + 1) * p->kinds_count * sizeof *g->cells);
  g->entities = arena_new_array(arena, uint32_t, p->kinds_count + 1);
  g->settings = arena_new_array(arena, uint32_t, p->settings_count + 1);
  g->locks = arena_new_array(arena, uint32_t, p->automations_count + 1);
  if (p->actions_count > MAX_ACTIONS) return "too many actions";
  if (p->gates_count > MAX_GATES) return "too many gates";
  if (!init_entities(g)) return "too many entities";
  if (!init_facts(g)) return "too many facts";
  for (uint32_t i = 0; i < p->rules_count; i++) g->abandons |= p->rules[i].form == RULE_FORM_NOT_ABANDONED;
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) g->tries |= code_op(p->code[pc]) == OPCODE_TRIED;
  VmHost host = {.ctx = g, .fact = host_fact, .metric = host_metric, .locked = host_locked, .tried = host_tried, .yes = host_yes,
                 .recall = host_recall, .still_in = host_still_in, .set = host_set, .params = frozen->params};
  g->vm = vm_new(p, fleet, &host);
  return NULL;
}

void ground_done(Ground *g) { vm_free(g->vm); }

static bool belongs(const Ground *g, uint32_t kind, uint32_t entity, uint32_t to, uint32_t container) {
  FleetMembers below = fleet_members(g->fleet, to, container, kind);
  for (uint32_t i = 0; i < below.count; i++)
    if (fleet_member(below, i) == entity) return true;
  return false;
}

bool marked_above(const Ground *g, const uint8_t *bytes, uint32_t kind, uint32_t entity) {
  for (uint32_t k = 0; k < g->program->kinds_count; k++)
    for (uint32_t e = 0; e < fleet_count(g->fleet, k); e++)
      if (bytes[entity_of(g, k, e)] && belongs(g, kind, entity, k, e)) return true;
  return false;
}

bool marked_below(const Ground *g, const uint8_t *bytes, uint32_t kind, uint32_t entity) {
  for (uint32_t k = 0; k < g->program->kinds_count; k++)
    for (uint32_t e = 0; e < fleet_count(g->fleet, k) && k != kind; e++)
      if (bytes[entity_of(g, k, e)] && belongs(g, k, e, kind, entity)) return true;
  return false;
}
