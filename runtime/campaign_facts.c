/* campaign_facts: see campaign_facts.h. */
#include <config.h>

#include "runtime/campaign_facts.h"

#include "lang/limits.h"
#include "runtime/program_names.h"
#include "runtime/schema.h"
#include "runtime/vm.h"

#include <stdlib.h>
#include <string.h>

typedef struct Asking {
  const Program *p;
  const Fleet *fleet;
  const Schema *schema;
  const Frozen *frozen;
  Arena *arena;
  DiagSink *sink;
  Vm *vm;
  CampaignFacts *f;
  MemberFacts *members;
  bool failed;
} Asking;

static int64_t inventory_fact(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) {
  Asking *a = ctx;
  return schema_fact(a->schema, a->fleet, fact, kind, entity);
}
static const uint32_t *frozen_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  Asking *a = ctx;
  *ret_count = a->frozen->sets[set].count;
  return a->frozen->sets[set].items;
}

/* ---- values ---- */

static int64_t value_of(Asking *a, CodeRef region, Entity member) {
  int64_t slots[LIMIT_SLOTS] = {0};
  slots[a->f->row->slot] = member;
  return vm_value(a->vm, region, slots, LIMIT_SLOTS);
}

static bool holds(Asking *a, CodeRef region, Entity member) { return region == 0 || value_of(a, region, member) == 1; }

__attribute__((format(printf, 3, 4))) static void refuse(Asking *a, uint32_t line, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  Buf why = BUF_INIT;
  buf_vprintf(&why, format, ap);
  va_end(ap);
  if (line) diag_new(a->sink, E_CAMPAIGN_FACT, (Span){0, 0}, "%s (line %u)", why.data, line);
  else diag_new(a->sink, E_CAMPAIGN_FACT, (Span){0, 0}, "%s", why.data);
  buf_done(&why);
  a->failed = true;
}

/* A number that is the same for all members. 0: the line is not there. */
static uint32_t amount_of(Asking *a, CodeRef region, int64_t least, int64_t most, uint32_t line, const char *what) {
  if (region == 0) return CAMPAIGN_NEVER;
  int64_t v = value_of(a, region, a->members[0].entity);
  if (v != VALUE_UNKNOWN && v >= least && v <= most) return (uint32_t)v;
  if (v == VALUE_UNKNOWN) refuse(a, line, "%s is unknown", what);
  else refuse(a, line, "%s is %lld, and is to be between %lld and %lld", what, (long long)v, (long long)least, (long long)most);
  return 1;
}

/* ---- days ---- */

static void ask_days(Asking *a) {
  CampaignFacts *f = a->f;
  f->first = (int32_t)amount_of(a, f->row->from, 0, 1000000, f->row->line, "the first day");
  f->deadline = CAMPAIGN_NEVER;
  if (f->row->by == 0) return;
  uint32_t by = amount_of(a, f->row->by, 0, 1000000, f->row->line, "the deadline");
  if (a->failed) return;
  if ((int64_t)by < f->first) refuse(a, f->row->line, "the deadline lies before the first day");
  else f->deadline = by - (uint32_t)f->first + 1;
  if (f->deadline != CAMPAIGN_NEVER && f->deadline > CAMPAIGN_HORIZON_DAYS)
    refuse(a, f->row->line, "the deadline is %u days away; a calendar has at most %u", f->deadline, CAMPAIGN_HORIZON_DAYS);
}

/* ---- budget and pace ---- */

static void ask_budget(Asking *a) {
  const Program *p = a->p;
  CampaignLevers *l = &a->f->levers;
  Slice limits = p->budgets[0].limits;
  const char *zone = "UTC";
  l->per_day = l->at_once = CAMPAIGN_NEVER;
  for (uint32_t i = 0; i < limits.count; i++) {
    const LimitRow *row = &p->limits[limits.first + i];
    uint32_t amount = amount_of(a, row->amount, 0, INT32_MAX, row->line, "the budget");
    uint32_t *which = row->rule == LIMIT_RULE_PER_TIME ? &l->per_day : &l->at_once;
    if (amount < *which) *which = amount;
    if (row->rule == LIMIT_RULE_PER_TIME && row->zone) zone = program_str(p, row->zone);
  }
  a->f->zone = strcmp(zone, "UTC") == 0 ? zone_utc() : zone_load(a->arena, NULL, zone, a->sink, (Span){0, 0});
  if (!a->f->zone) a->failed = true;
}

static void ask_pace(Asking *a) {
  CampaignFacts *f = a->f;
  f->levers.rate = amount_of(a, f->row->rate, 1, INT32_MAX, f->row->line, "the rate");
  f->rate_per = f->row->rate_per;
  f->hard = a->p->windows_count && a->p->windows[0].hard;
  f->levers.phases = f->row->when_done ? PHASE_BY_FINISH : PHASE_BY_START;
  f->stop = amount_of(a, f->row->stop, 1, INT32_MAX, f->row->line, "the number of failed days");
}

static void ask_rules(Asking *a) {
  const CampaignRow *row = a->f->row;
  CampaignLevers *l = &a->f->levers;
  if (row->rules.count > CAMPAIGN_RULES) {
    refuse(a, row->line, "more than %u lines of rolling, spread and limit", CAMPAIGN_RULES);
    return;
  }
  for (uint32_t i = 0; i < row->rules.count; i++) {
    const CampaignRuleRow *r = &a->p->campaign_rules[row->rules.first + i];
    bool share = r->form == CAMPAIGN_RULE_ROLL || r->form == CAMPAIGN_RULE_SPREAD;
    l->until[i] = CAMPAIGN_NEVER;
    if (share) {
      l->share[i] = amount_of(a, r->amount, 1, 1000000, r->line, "the share, in millionths,");
      continue;
    }
    l->most[i] = amount_of(a, r->amount, 0, INT32_MAX, r->line, "the limit");
    l->then[i] = amount_of(a, r->then, 0, INT32_MAX, r->line, "the limit");
    if (r->until == 0) continue;
    uint32_t until = amount_of(a, r->until, 0, 1000000, r->line, "the last day of the limit");
    l->until[i] = (int64_t)until < a->f->first ? 0 : until - (uint32_t)a->f->first + 1; /* days, the last one counted */
  }
}

/* ---- members ---- */

static const char *value_text(Asking *a, ValueType type, int64_t value) {
  Buf text = BUF_INIT;
  if (value == VALUE_UNKNOWN) buf_str(&text, "unknown");
  else if (type.klass == VALUE_ENTITY) buf_str(&text, fleet_name(a->fleet, type.ref, (Entity)value));
  else if (type.klass == VALUE_ENUM) buf_str(&text, program_enum_word(a->p, type.ref, value));
  else if (type.klass == VALUE_TEXT) buf_str(&text, vm_text(a->vm, value));
  else if (type.klass == VALUE_BOOL) buf_str(&text, value ? "yes" : "no");
  else quantity_show(type.klass == VALUE_QUANTITY ? (QuantityKind)type.ref : QUANTITY_NUMBER, value, &text);
  const char *s = arena_string(a->arena, text.data, text.len);
  buf_done(&text);
  return s;
}

static const char *run_text(Asking *a, Entity member) {
  const CampaignRow *row = a->f->row;
  const char *text = "";
  for (uint32_t i = 0; i < row->args.count; i++) {
    const CampaignArgRow *arg = &a->p->campaign_args[row->args.first + i];
    text = arena_printf(a->arena, "%s%s%s=%s", text, *text ? " " : "", program_str(a->p, arg->name),
                        value_text(a, arg->type, value_of(a, arg->value, member)));
  }
  return text;
}

static void ask_member(Asking *a, MemberFacts *m) {
  const CampaignRow *row = a->f->row;
  uint32_t kind = a->p->sets[row->set].kind;
  int64_t size = row->size ? value_of(a, row->size, m->entity) : fleet_members(a->fleet, kind, m->entity, row->unit).count;
  m->name = fleet_name(a->fleet, kind, m->entity);
  if (size <= 0 || size > INT32_MAX) refuse(a, row->line, "%s has %s to be worked on", m->name, size == VALUE_UNKNOWN ? "nobody knows how much" : "nothing");
  m->nodes = size > 0 && size <= INT32_MAX ? (uint32_t)size : 1;
  m->takes = row->takes ? value_of(a, row->takes, m->entity) : 0;
  if (m->takes < 0) refuse(a, row->line, "how long a visit of %s takes is unknown", m->name);
  m->run = run_text(a, m->entity);
  m->roll = m->group = CAMPAIGN_NEVER;
  for (uint32_t i = 0; i < row->rules.count; i++) {
    const CampaignRuleRow *r = &a->p->campaign_rules[row->rules.first + i];
    if (r->form == CAMPAIGN_RULE_SPREAD || !holds(a, r->where, m->entity)) continue;
    if (r->form != CAMPAIGN_RULE_ROLL) m->classes |= 1u << i;
    else if (m->roll == CAMPAIGN_NEVER) m->roll = i;
  }
}

static void ask_members(Asking *a, Members set) {
  a->members = arena_new_array(a->arena, MemberFacts, set.count);
  a->f->members = a->members;
  a->f->count = set.count;
  for (uint32_t i = 0; i < set.count; i++) a->members[i].entity = set.items[i];
}

/* ---- groups: a member is in one, or in none ---- */

static uint32_t find_group(Asking *a, GroupFacts *groups, int64_t *keys, uint32_t rule, int64_t key, ValueType type) {
  CampaignFacts *f = a->f;
  for (uint32_t g = 0; g < f->group_count; g++)
    if (groups[g].rule == rule && keys[g] == key) return g;
  groups[f->group_count] = (GroupFacts){.name = value_text(a, type, key), .rule = rule};
  keys[f->group_count] = key;
  return f->group_count++;
}

static void ask_groups(Asking *a) {
  CampaignFacts *f = a->f;
  GroupFacts *groups = arena_new_array(a->arena, GroupFacts, f->count);
  int64_t *keys = arena_new_array(a->arena, int64_t, f->count);
  f->groups = groups;
  for (uint32_t i = 0; i < f->count; i++) {
    MemberFacts *m = &a->members[i];
    for (uint32_t k = 0; k < f->row->rules.count && !a->failed; k++) {
      const CampaignRuleRow *r = &a->p->campaign_rules[f->row->rules.first + k];
      if (r->form != CAMPAIGN_RULE_SPREAD || !holds(a, r->where, m->entity)) continue;
      if (m->group != CAMPAIGN_NEVER) {
        refuse(a, r->line, "two spread lines hold for %s, and it can be kept to one: say in their `where` whose they are", m->name);
        continue;
      }
      m->group = find_group(a, groups, keys, k, value_of(a, r->over, m->entity), r->over_type);
      groups[m->group].nodes += m->nodes;
    }
  }
}

/* ---- phases: members with equal keys are one; unknown ones come last ---- */

typedef struct Keys { const int64_t *keys; const uint8_t *descending; uint32_t count, member; } Keys;

static int compare_keys(const void *left, const void *right) {
  const Keys *a = left, *b = right;
  for (uint32_t i = 0; i < a->count; i++) {
    int64_t x = a->keys[i], y = b->keys[i];
    if (x == y) continue;
    if (x == VALUE_UNKNOWN || y == VALUE_UNKNOWN) return x == VALUE_UNKNOWN ? 1 : -1;
    return (x < y) == (a->descending[i] == 0) ? -1 : 1;
  }
  return 0;
}

/* A word that the order does not name comes behind those that it names. */
static int64_t key_of(Asking *a, const OrderRow *o, Entity member) {
  int64_t key = value_of(a, o->key, member);
  for (uint32_t i = 0; i < o->words.count && key != VALUE_UNKNOWN; i++)
    if (a->p->index_list[o->words.first + i] == key) return i;
  return o->words.count && key != VALUE_UNKNOWN ? (int64_t)o->words.count : key;
}

static void ask_phases(Asking *a) {
  CampaignFacts *f = a->f;
  uint32_t n = f->row->order.count;
  int64_t *keys = arena_new_array(a->arena, int64_t, size_product(n, f->count));
  uint8_t *descending = arena_new_array(a->arena, uint8_t, n);
  Keys *all = arena_new_array(a->arena, Keys, f->count);
  for (uint32_t k = 0; k < n; k++) descending[k] = a->p->orders[f->row->order.first + k].descending;
  for (uint32_t i = 0; i < f->count; i++) {
    for (uint32_t k = 0; k < n; k++) keys[i * n + k] = key_of(a, &a->p->orders[f->row->order.first + k], a->members[i].entity);
    all[i] = (Keys){keys + i * n, descending, n, i};
  }
  if (f->count) qsort(all, f->count, sizeof *all, compare_keys);
  f->phases = f->count ? 1 : 0;
  for (uint32_t i = 0; i < f->count; i++) {
    if (i && compare_keys(&all[i - 1], &all[i]) != 0) f->phases++;
    a->members[all[i].member].phase = f->phases - 1;
  }
}

/* ---- all ---- */

/* The zone's name per member; NULL: the day of the budget. */
static const char **zone_names(Asking *a) {
  const Program *p = a->p;
  const char **names = arena_new_array(a->arena, const char *, a->f->count);
  for (uint32_t i = 0; i < a->f->count; i++) {
    if (p->windows_count == 0) continue;
    const char *text = vm_text(a->vm, value_of(a, p->windows[0].zone, a->members[i].entity));
    names[i] = arena_string(a->arena, text, strlen(text));
  }
  return names;
}

static void ask_all(Asking *a) {
  const CampaignRow *row = a->f->row;
  ask_members(a, a->frozen->sets[row->set]);
  ask_days(a);
  ask_budget(a);
  ask_pace(a);
  if (!a->failed) ask_rules(a);
  for (uint32_t i = 0; !a->failed && i < a->f->count; i++) ask_member(a, &a->members[i]);
  if (a->failed) return;
  ask_groups(a);
  if (a->failed) return;
  ask_phases(a);
  a->f->levers.days = CAMPAIGN_HORIZON_DAYS;
  if (!campaign_windows(a->f, a->members, zone_names(a), a->arena, a->sink)) a->failed = true;
}

static const char *singular(Arena *arena, const char *kind) {
  char *s = arena_string(arena, kind, strlen(kind));
  for (char *c = s; *c; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  return s;
}

const CampaignFacts *campaign_facts(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count,
                                    Arena *arena, DiagSink *sink) {
  CampaignFacts *f = arena_new_object(arena, CampaignFacts);
  *f = (CampaignFacts){.program = p, .fleet = fleet, .row = &p->campaigns[0]};
  const KindRow *unit = &p->kinds[f->row->unit], *member = &p->kinds[p->sets[f->row->set].kind];
  f->unit = singular(arena, program_str(p, unit->name)), f->unit_plural = program_str(p, unit->plural);
  f->member = singular(arena, program_str(p, member->name)), f->member_plural = program_str(p, member->plural);
  Asking a = {.p = p, .fleet = fleet, .schema = schema_of_program(p, arena), .arena = arena, .sink = sink, .f = f};
  a.frozen = freeze_members(p, fleet, params, param_count, arena, sink);
  if (!a.frozen) return NULL;
  VmHost host = {.ctx = &a, .fact = inventory_fact, .set = frozen_set, .params = a.frozen->params};
  a.vm = vm_new(p, fleet, &host);
  for (uint32_t i = 0; i < a.frozen->text_count; i++) vm_intern(a.vm, a.frozen->texts[i]);
  ask_all(&a);
  vm_free(a.vm);
  return a.failed ? NULL : f;
}
