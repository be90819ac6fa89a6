/* freeze: parameters, sets, leave-outs, openings; in that order, because each may use the one before. */
#include <config.h>

#include "runtime/freeze.h"

#include "lang/limits.h"
#include "lang/suggest.h"
#include "runtime/ics.h"
#include "runtime/program_names.h"
#include "runtime/schema.h"
#include "runtime/vm.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define FREEZE_BEFORE (3 * DAY_MS) /* an opening that the start is in began at most so long before */
#define FREEZE_AHEAD (731 * DAY_MS) /* openings under a calendar are looked for */

typedef struct Freezer {
  const Program *program;
  const Fleet *fleet;
  const Schema *schema;
  Arena *arena;
  DiagSink *sink;
  Vm *vm;
  int64_t *params;
  Members *sets, *left_out;
  uint8_t **out;            /* per kind: entities left out so far */
  bool open;                /* no incident is here yet */
} Freezer;

/* ---- the surroundings of the code: parameters, sets frozen so far, facts as the inventory gives them ---- */

static int64_t inventory_fact(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) {
  Freezer *f = ctx;
  return schema_fact(f->schema, f->fleet, fact, kind, entity);
}
static const uint32_t *frozen_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  Freezer *f = ctx;
  *ret_count = f->sets[set].count;
  return f->sets[set].items;
}
static bool not_left_out(void *ctx, uint32_t kind, uint32_t entity) {
  Freezer *f = ctx;
  return !f->out[kind] || !f->out[kind][entity];
}

/* ---- parameters ---- */

static bool parse_quantity(uint32_t kind, const char *text, int64_t *ret, char *why, size_t why_size) {
  Quantity q;
  QuantityFault fault;
  if (!quantity_parse_as((QuantityKind)kind, text, strlen(text), &q, &fault)) {
    snprintf(why, why_size, "%s", fault.message);
    return false;
  }
  *ret = q.value;
  if (kind != QUANTITY_DURATION || q.value >= 0) return true;
  snprintf(why, why_size, "a duration is not negative");
  return false;
}

bool param_value(const Program *p, const Fleet *fleet, ValueType type, const char *text, int64_t *ret, char *why, size_t why_size) {
  snprintf(why, why_size, "not a value of this type");
  switch ((ValueClass)type.klass) {
  case VALUE_INT: return parse_quantity(QUANTITY_NUMBER, text, ret, why, why_size);
  case VALUE_QUANTITY: return parse_quantity(type.ref, text, ret, why, why_size);
  case VALUE_BOOL:
    if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0) return *ret = 1, true;
    if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0) return *ret = 0, true;
    snprintf(why, why_size, "expected yes or no");
    return false;
  case VALUE_ENUM:
    if ((*ret = program_enum_code(p, type.ref, text)) != 0) return true;
    snprintf(why, why_size, "not one of the words of %s", program_str(p, p->enums[type.ref].name));
    return false;
  case VALUE_ENTITY: {
    Entity e = fleet_find(fleet, type.ref, text, strlen(text));
    if (e != ENTITY_NONE) return *ret = e, true;
    snprintf(why, why_size, "the inventory has no %s of that name", program_str(p, p->kinds[type.ref].name));
    return false;
  }
  case VALUE_TEXT: case VALUE_LIST: break;
  }
  return false;
}

static bool parse_value(Freezer *f, ValueType type, const char *text, int64_t *ret, char *why, size_t why_size) {
  if (type.klass == VALUE_TEXT) return *ret = vm_intern(f->vm, text), true;
  return param_value(f->program, f->fleet, type, text, ret, why, why_size);
}

/* The first index from which on a parameter is given again, or count. */
static uint32_t given_again(const ParamText *params, uint32_t count, uint32_t first) {
  uint32_t i = first + 1;
  while (i < count && strcmp(params[i].name, params[first].name) != 0) i++;
  return i;
}

static const ParamText *given_param(const ParamText *params, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; i++)
    if (strcmp(params[i].name, name) == 0) return &params[i];
  return NULL;
}

/* A value that cannot be used, at the line that gives it if there is one. */
static Diag *report_value(Freezer *f, const ParamText *given, const char *why) {
  const char *text =
      arena_printf(f->arena, "parameter `%s`: `%s` is not usable: %s", given->name, given->value, why);
  if (given->file) return diag_at(f->sink, E_PARAM_VALUE, given->file, given->line, 0, "%s", text);
  return diag_new(f->sink, E_PARAM_VALUE, (Span){0, 0}, "%s", text);
}

/* The names of what exists, for a parameter whose value nobody gave or that names nobody. */
static void note_choices(Freezer *f, Diag *d, ValueType type) {
  if (type.klass != VALUE_ENTITY) return;
  Buf names = BUF_INIT;
  uint32_t n = fleet_count(f->fleet, type.ref);
  for (uint32_t e = 0; e < n && e < 8; e++) buf_printf(&names, "%s%s", e ? ", " : "", fleet_name(f->fleet, type.ref, e));
  diag_note(f->sink, d, "the inventory has %s%s", n ? names.data : "none", n > 8 ? ", ..." : "");
  buf_done(&names);
}

static bool is_field(const Program *p, uint32_t param) {
  return p->incidents_count && param - p->incidents[0].params.first < p->incidents[0].params.count;
}

bool freeze_stands(const Program *p, const ParamText *params, uint32_t param_count) {
  for (uint32_t i = 0; i < p->params_count; i++)
    if (is_field(p, i) && given_param(params, param_count, program_str(p, p->params[i].name))) return false;
  return p->incidents_count > 0;
}

static void freeze_params(Freezer *f, const ParamText *params, uint32_t count) {
  const Program *p = f->program;
  for (uint32_t i = 0; i < p->params_count; i++) {
    const ParamRow *row = &p->params[i];
    const char *name = program_str(p, row->name), *text;
    const ParamText *given = given_param(params, count, name);
    text = given ? given->value : NULL;
    char why[200];
    f->params[i] = VALUE_UNKNOWN;
    if (text && !parse_value(f, row->type, text, &f->params[i], why, sizeof why)) {
      note_choices(f, report_value(f, given, why), row->type);
    } else if (!text && row->value == 0 && f->open && is_field(p, i)) {
      continue;
    } else if (!text && row->value == 0) {
      Diag *d = diag_new(f->sink, E_PARAM_MISSING, (Span){0, 0}, "parameter `%s` needs a value: write %s=VALUE", name, name);
      if (row->title) diag_note(f->sink, d, "%s", program_str(p, row->title));
      note_choices(f, d, row->type);
    } else if (!text) {
      f->params[i] = vm_value(f->vm, row->value, NULL, 0);
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    bool known = false;
    Suggest nearest = suggest_begin(params[i].name, strlen(params[i].name));
    for (uint32_t k = 0; k < p->params_count; k++) {
      const char *name = program_str(p, p->params[k].name);
      known = known || strcmp(name, params[i].name) == 0;
      suggest_offer(&nearest, name);
    }
    uint32_t again = given_again(params, count, i);
    if (again < count) {
      Diag *twice = diag_new(f->sink, E_PARAM_VALUE, (Span){0, 0}, "parameter `%s` is given twice: `%s`, then `%s`", params[i].name,
                             params[i].value, params[again].value);
      diag_note(f->sink, twice, "leave one of them out");
    }
    if (known) continue;
    Diag *d = diag_new(f->sink, E_PARAM_UNKNOWN, (Span){0, 0}, "runbook `%s` has no parameter `%s`", program_str(p, p->name),
                       params[i].name);
    if (suggest_best(&nearest)) diag_note(f->sink, d, "did you mean `%s`?", suggest_best(&nearest));
  }
}

/* ---- sets and leave-outs ---- */

static Members collect(Freezer *f, CodeRef region, const int64_t *slots, uint32_t slot_count) {
  EntityVec found = {0};
  vm_collect(f->vm, region, slots, slot_count, &found);
  Members m = {arena_copy(f->arena, found.items, size_product(found.len, sizeof *found.items)), found.len};
  vec_done(&found);
  return m;
}

static void freeze_sets(Freezer *f) {
  const Program *p = f->program;
  for (uint32_t s = 0; s < p->sets_count; s++) {
    if (p->sets[s].after_step != NONE_INDEX) continue;
    f->sets[s] = collect(f, p->sets[s].members, NULL, 0);
    if (f->sets[s].count > 0) continue;
    Diag *d = diag_new(f->sink, E_EMPTY_SELECTION, (Span){0, 0}, "selection `%s` (line %u) is empty: no %s of the inventory is in it",
                       program_str(p, p->sets[s].name), p->sets[s].line, program_str(p, p->kinds[p->sets[s].kind].name));
    diag_note(f->sink, d, "an empty selection is never meant: check the parameters and the inventory");
  }
}

static void mark_out(Freezer *f, uint32_t kind, Entity e) {
  if (!f->out[kind]) f->out[kind] = arena_alloc(f->arena, fleet_count(f->fleet, kind));
  f->out[kind][e] = 1;
}

static void freeze_leave_out(Freezer *f, uint32_t index) {
  const Program *p = f->program;
  const LeaveOutRow *row = &p->leave_outs[index];
  Members set = f->sets[row->set];
  uint32_t *found = arena_new_array(f->arena, uint32_t, set.count), n = 0;
  int64_t slots[LIMIT_SLOTS] = {0};
  for (uint32_t i = 0; i < set.count; i++) {
    slots[row->slot] = set.items[i];
    if (vm_value(f->vm, row->condition, slots, row->slot + 1) == 1) found[n++] = set.items[i];
  }
  int64_t most = row->most ? vm_value(f->vm, row->most, NULL, 0) : 0;
  f->left_out[index] = (Members){found, n};
  if (n > most) {
    Diag *d = diag_new(f->sink, E_TOO_MANY_OUT, (Span){0, 0}, "%u of %u %s are to be left out, at most %lld may be (line %u)", n,
                       set.count, program_str(p, p->kinds[p->sets[row->set].kind].plural), (long long)most, row->line);
    diag_note(f->sink, d, "the first is %s", fleet_name(f->fleet, p->sets[row->set].kind, found[0]));
  }
  for (uint32_t i = 0; i < n; i++) mark_out(f, p->sets[row->set].kind, found[i]);
}

/* ---- windows ---- */

static const Zone *load_zone(Freezer *f, CodeRef region) {
  if (region == 0) return zone_utc();
  int64_t text = vm_value(f->vm, region, NULL, 0);
  if (f->open && text == VALUE_UNKNOWN) return NULL; /* of what the incident names */
  return zone_load(f->arena, NULL, vm_text(f->vm, text), f->sink, (Span){0, 0});
}

/* What a calendar leaves of an opening, as far as it is still to come. */
static void add_openings(Opening o, int64_t start, const Closed *closed, uint32_t count, Opening *openings, uint32_t *opening_count) {
  for (uint32_t i = 0; i <= count && *opening_count < FREEZE_OPENINGS && o.open < o.close; i++) {
    int64_t from = i < count ? closed[i].from : INT64_MAX;
    Opening left = {o.open, from < o.close ? from : o.close, o.day};
    if (left.open < left.close && left.close > start) openings[(*opening_count)++] = left;
    if (i < count && closed[i].to > o.open) o.open = closed[i].to;
  }
}

static void freeze_window(Freezer *f, int64_t start, Frozen *out) {
  const Program *p = f->program;
  if (p->windows_count == 0) return;
  const WindowRow *row = &p->windows[0];
  Window w = {.zone = load_zone(f, row->zone), .days = (uint8_t)row->days, .from = (int32_t)row->from, .to = (int32_t)row->to,
              .hard = row->hard != 0};
  if (!w.zone) return;
  w.except = (const int32_t *)(p->index_list + row->except.first);
  w.except_count = row->except.count;
  Opening *openings = arena_new_array(f->arena, Opening, FREEZE_OPENINGS), o;
  const Closed *closed = NULL;
  uint32_t closed_count = 0;
  int64_t t = start, end = start + FREEZE_AHEAD;
  const char *calendar = program_str(p, row->calendar);
  if (*calendar && !ics_closed(program_str(p, row->freeze), calendar, w.zone, start - FREEZE_BEFORE, end, f->arena, f->sink, &closed, &closed_count))
    return;
  while (out->opening_count < FREEZE_OPENINGS && window_next(&w, t, &o) && (!*calendar || o.open < end)) {
    add_openings(o, start, closed, closed_count, openings, &out->opening_count);
    t = o.close;
  }
  if (out->opening_count == 0) diag_new(f->sink, E_WINDOW_NEVER, (Span){0, 0}, "the runbook's window (line %u) never opens again", row->line);
  out->openings = openings;
  out->window_hard = row->hard;
}

/* Texts that parameters refer to: whoever runs the code later interns them first, in this order, and gets the same ids. */
static void freeze_texts(Freezer *f, Frozen *out) {
  const Program *p = f->program;
  int64_t end = p->string_count;
  for (uint32_t i = 0; i < p->params_count; i++)
    if (p->params[i].type.klass == VALUE_TEXT && f->params[i] >= end) end = f->params[i] + 1;
  out->text_count = (uint32_t)(end - p->string_count);
  const char **texts = arena_new_array(f->arena, const char *, out->text_count);
  for (uint32_t i = 0; i < out->text_count; i++) {
    const char *text = vm_text(f->vm, (int64_t)p->string_count + i);
    texts[i] = arena_string(f->arena, text, strlen(text));
  }
  out->texts = texts;
}

typedef enum FreezeWhat { FREEZE_RUN, FREEZE_OPEN, FREEZE_MEMBERS } FreezeWhat;

static const Frozen *freeze_all(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count, int64_t start,
                                FreezeWhat what, Arena *arena, DiagSink *sink) {
  bool open = what == FREEZE_OPEN;
  Freezer f = {.program = p, .fleet = fleet, .schema = schema_of_program(p, arena), .arena = arena, .sink = sink, .open = open};
  f.params = arena_new_array(arena, int64_t, p->params_count);
  f.sets = arena_new_array(arena, Members, p->sets_count);
  f.left_out = arena_new_array(arena, Members, p->leave_outs_count);
  f.out = arena_new_array(arena, uint8_t *, p->kinds_count);
  VmHost host = {.ctx = &f, .fact = inventory_fact, .set = frozen_set, .still_in = not_left_out, .params = f.params};
  f.vm = vm_new(p, fleet, &host);
  uint32_t before = diag_errors(sink);
  Frozen *out = arena_new_object(arena, Frozen);
  freeze_params(&f, params, param_count);
  if (diag_errors(sink) == before && !open) freeze_sets(&f);
  for (uint32_t i = 0; diag_errors(sink) == before && !open && i < p->leave_outs_count; i++) freeze_leave_out(&f, i);
  if (diag_errors(sink) == before && what != FREEZE_MEMBERS) freeze_window(&f, start, out);
  out->params = f.params;
  freeze_texts(&f, out);
  out->sets = f.sets;
  out->left_out = f.left_out;
  vm_free(f.vm);
  return diag_errors(sink) == before ? out : NULL;
}

const Frozen *freeze(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count, int64_t start,
                     Arena *arena, DiagSink *sink) {
  return freeze_all(p, fleet, params, param_count, start, FREEZE_RUN, arena, sink);
}

const Frozen *freeze_members(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count, Arena *arena,
                             DiagSink *sink) {
  return freeze_all(p, fleet, params, param_count, 0, FREEZE_MEMBERS, arena, sink);
}

const Frozen *freeze_open(const Program *p, const Fleet *fleet, const ParamText *params, uint32_t param_count, int64_t start,
                          Arena *arena, DiagSink *sink) {
  bool stands = freeze_stands(p, params, param_count);
  return freeze_all(p, fleet, params, param_count, start, stands ? FREEZE_OPEN : FREEZE_RUN, arena, sink);
}

const Zone *freeze_zone(const Program *p, const Fleet *fleet, const Frozen *frozen, Arena *arena) {
  if (p->windows_count == 0 || p->windows[0].zone == 0) return zone_utc();
  VmHost host = {.params = frozen->params};
  Vm *vm = vm_new(p, fleet, &host);
  DiagSink *quiet = diag_sink_new(arena, NULL);
  int64_t text = vm_value(vm, p->windows[0].zone, NULL, 0);
  const Zone *zone = text == VALUE_UNKNOWN ? NULL : zone_load(arena, NULL, vm_text(vm, text), quiet, (Span){0, 0});
  vm_free(vm);
  return zone ? zone : zone_utc();
}
