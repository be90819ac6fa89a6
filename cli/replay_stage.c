/* replay_stage: values for attributes and parameters are looked for one by one, among those that the code compares with. */
#include <config.h>

#include "cli/replay_stage.h"

#include "cli/replay_script.h"
#include "runtime/example.h"
#include "runtime/possible.h"
#include "runtime/program_names.h"
#include "runtime/vm.h"

#include <string.h>

#define START_MS INT64_C(1767639600000) /* Monday 2026-01-05 19:00 UTC */
enum { CANDIDATES_MOST = 24, EXAMPLE_WEIGHT = 100 };

/* ---- parameters ---- */

static const char *given_value(const ReplayOptions *o, const char *name) {
  size_t n = strlen(name);
  for (int i = 0; i < o->word_count; i++)
    if (strncmp(o->words[i], name, n) == 0 && o->words[i][n] == '=') return o->words[i] + n + 1;
  return NULL;
}

static const char *quantity_example(uint32_t kind) {
  static const char *const examples[] = {
#define QUANTITY(name, word, phrase, low, high, example, base) example,
#include "lang/quantity.def"
#undef QUANTITY
  };
  return kind < sizeof examples / sizeof *examples ? examples[kind] : "1";
}

static const char *shown_quantity(const StageWish *w, uint32_t kind, int64_t value) {
  Buf text = BUF_INIT;
  quantity_show((QuantityKind)kind, value, &text);
  const char *out = arena_string(w->arena, text.data, text.len);
  buf_done(&text);
  return out;
}

/* What the parameter names: what the example is in, or the other one. */
static Entity named(const Stage *s, uint32_t param) {
  uint32_t kind = s->wish->program->params[param].type.ref;
  Entity own = s->who[kind];
  if (own == ENTITY_NONE || s->wish->elsewhere != param + 1 || fleet_count(s->fleet, kind) < 2) return own;
  return own == 0 ? 1 : 0;
}

static const char *made_up_value(const Stage *s, uint32_t param) {
  const StageWish *w = s->wish;
  ValueType t = w->program->params[param].type;
  int64_t v = w->params[param];
  bool any = v == VALUE_UNKNOWN;
  switch ((ValueClass)t.klass) {
    case VALUE_INT: return any ? "1" : arena_printf(w->arena, "%lld", (long long)v);
    case VALUE_BOOL: return any || v ? "yes" : "no";
    case VALUE_TEXT: return any ? "example" : program_str(w->program, (StrId)v);
    case VALUE_ENUM: return program_enum_word(w->program, t.ref, any ? 1 : v);
    case VALUE_QUANTITY: return any ? quantity_example(t.ref) : shown_quantity(w, t.ref, v);
    case VALUE_ENTITY: return named(s, param) == ENTITY_NONE ? NULL : fleet_name(s->fleet, t.ref, named(s, param));
    case VALUE_LIST: break;
  }
  return NULL;
}

static void make_params(Stage *s) {
  const Program *p = s->wish->program;
  s->params = arena_new_array(s->wish->arena, ParamText, p->params_count + 1);
  s->param_count = 0;
  for (uint32_t i = 0; i < p->params_count; i++) {
    const char *name = program_str(p, p->params[i].name), *value = given_value(s->wish->options, name);
    bool has_default = p->params[i].value != 0 && !program_attachment(p, i); /* without evidence a run ends before it begins */
    if (!value && has_default && s->wish->params[i] == VALUE_UNKNOWN) continue;
    if (!value) value = made_up_value(s, i);
    if (value) s->params[s->param_count++] = (ParamText){.name = name, .value = value};
  }
}

/* ---- a stage ---- */

bool stage_freeze(Stage *s) {
  const StageWish *w = s->wish;
  DiagSink *quiet = diag_sink_new(w->arena, NULL);
  make_params(s);
  s->start = START_MS;
  s->frozen = freeze(w->program, s->fleet, s->params, s->param_count, s->start, w->arena, quiet);
  if (!s->frozen || !s->frozen->opening_count || s->frozen->openings[0].open <= s->start) return s->frozen != NULL;
  s->start = s->frozen->openings[0].open;
  s->frozen = freeze(w->program, s->fleet, s->params, s->param_count, s->start, w->arena, quiet);
  return s->frozen != NULL;
}

static void stage_begin(Stage *s, const StageWish *w) {
  *s = (Stage){.wish = w, .text = BUF_INIT};
  s->names = arena_new_array(w->arena, const char *, w->program->kinds_count + 1);
  s->who = arena_new_array(w->arena, Entity, w->program->kinds_count + 1);
}

bool stage_made_up(Stage *s, const StageWish *w, uint32_t others, uint32_t in_others, bool last) {
  const Program *p = w->program;
  DiagSink *quiet = diag_sink_new(w->arena, NULL);
  Buf copy = BUF_INIT;
  stage_begin(s, w);
  uint32_t *counts = arena_new_array(w->arena, uint32_t, p->kinds_count + 1);
  counts[w->of] = others;
  example_write(p, &(ExampleWish){.others = counts, .attrs = w->attrs, .other_attrs = w->other_attrs, .in_others = in_others, .last = last}, &s->text, s->names, w->arena);
  buf_add(&copy, s->text.data, s->text.len);
  s->fleet = fleet_load_text(w->schema, "example.json", FLEET_JSON, copy.data, copy.len, quiet);
  s->own = true;
  buf_done(&copy);
  if (!s->fleet) {
    buf_done(&s->text);
    return false;
  }
  for (uint32_t k = 0; k < p->kinds_count; k++)
    s->who[k] = s->names[k] ? fleet_find(s->fleet, k, s->names[k], strlen(s->names[k])) : ENTITY_NONE;
  return true;
}

void stage_of_given(Stage *s, const StageWish *w, Fleet *given, Entity row) {
  stage_begin(s, w);
  s->fleet = given;
  for (uint32_t k = 0; k < w->program->kinds_count; k++) {
    s->who[k] = fleet_up(given, w->schema->row_kind, row, k);
    FleetMembers down = fleet_members(given, w->schema->row_kind, row, k); /* a switch that it hangs on */
    if (s->who[k] == ENTITY_NONE && down.count) s->who[k] = fleet_member(down, 0);
    s->names[k] = s->who[k] == ENTITY_NONE ? NULL : fleet_name(given, k, s->who[k]);
  }
}

void stage_done(Stage *s) {
  if (s->own) fleet_free(s->fleet);
  buf_done(&s->text);
}

/* ---- is the example a member? ---- */

typedef struct Score { const Stage *s; const int64_t *params; EntityVec *sets; Vm *vm; } Score;

static int64_t first_value(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) {
  (void)ctx, (void)fact, (void)kind, (void)entity;
  return 1;
}

static const uint32_t *set_so_far(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Score *c = ctx;
  *ret_count = c->sets[set].len;
  return c->sets[set].items;
}

static void score_params(Score *c, int64_t *values) {
  const StageWish *w = c->s->wish;
  for (uint32_t i = 0; i < w->program->params_count; i++) {
    const ParamRow *row = &w->program->params[i];
    values[i] = w->params[i];
    if (row->type.klass == VALUE_ENTITY) values[i] = named(c->s, i) == ENTITY_NONE ? VALUE_UNKNOWN : (int64_t)named(c->s, i);
    else if (values[i] == VALUE_UNKNOWN && row->value) values[i] = vm_value(c->vm, row->value, NULL, 0);
    else if (values[i] == VALUE_UNKNOWN) values[i] = 1;
  }
}

static bool contains(const EntityVec *v, Entity e) {
  for (uint32_t i = 0; i < v->len; i++)
    if (v->items[i] == e) return true;
  return false;
}

/* How many sets have the example, and then the other, or have them not, as is wanted. */
static uint32_t score(const StageWish *w) {
  const Program *p = w->program;
  uint32_t good = 0;
  Stage s;
  if (!stage_made_up(&s, w, 1, 1, false)) return 0;
  int64_t *values = arena_new_array(w->arena, int64_t, p->params_count + 1);
  Score c = {.s = &s, .params = values, .sets = arena_new_array(w->arena, EntityVec, p->sets_count + 1)};
  VmHost host = {.ctx = &c, .fact = first_value, .set = set_so_far, .params = values};
  c.vm = vm_new(p, s.fleet, &host);
  score_params(&c, values);
  for (uint32_t i = 0; i < p->sets_count; i++) {
    uint32_t kind = p->sets[i].kind, others = 0;
    vm_collect(c.vm, p->sets[i].members, NULL, 0, &c.sets[i]);
    bool in = s.who[kind] != ENTITY_NONE && contains(&c.sets[i], s.who[kind]);
    others = c.sets[i].len - in;
    bool possible = fleet_count(s.fleet, kind) > 1;
    good += in == (w->finding->sets[i] != 2) ? EXAMPLE_WEIGHT : 0u;
    good += !possible || (others > 0) != w->outside;
  }
  vm_free(c.vm);
  for (uint32_t i = 0; i < p->sets_count; i++) vec_done(&c.sets[i]);
  stage_done(&s);
  return good;
}

/* ---- values ---- */

typedef struct Candidates { int64_t items[CANDIDATES_MOST]; uint32_t count; } Candidates;

static void candidate(Candidates *c, int64_t v) {
  if (c->count < CANDIDATES_MOST) c->items[c->count++] = v;
}

/* Constants of the code that decides who is a member, and their neighbours. */
static void constants(const Program *p, bool texts, Candidates *c) {
  for (uint32_t i = 0; i < p->sets_count; i++)
    for (uint32_t pc = p->sets[i].members, end = possible_region_end(p, pc); pc < end; pc += code_words(code_op(p->code[pc]))) {
      Opcode op = code_op(p->code[pc]);
      if (texts && op == OPCODE_STR) candidate(c, code_a(p->code[pc]));
      if (texts || (op != OPCODE_INT && op != OPCODE_CONST)) continue;
      int64_t v = op == OPCODE_INT ? code_imm(p->code[pc]) : p->consts[code_a(p->code[pc])];
      candidate(c, v), candidate(c, v + 1);
      if (v > 0) candidate(c, v - 1);
    }
}

static void candidates(const Program *p, ValueType t, Candidates *c) {
  c->count = 0;
  if (t.klass == VALUE_ENUM) for (uint32_t i = 1; i <= p->enums[t.ref].words.count; i++) candidate(c, i);
  else if (t.klass == VALUE_BOOL) candidate(c, 1), candidate(c, 0);
  else if (t.klass == VALUE_INT || t.klass == VALUE_QUANTITY) constants(p, false, c);
  else if (t.klass == VALUE_TEXT) constants(p, true, c);
}

static bool asked(const Program *p, Opcode wanted, uint32_t row) {
  for (uint32_t i = 0; i < p->sets_count; i++)
    for (uint32_t pc = p->sets[i].members, end = possible_region_end(p, pc); pc < end; pc += code_words(code_op(p->code[pc])))
      if (code_op(p->code[pc]) == wanted && code_a(p->code[pc]) == row) return true;
  return false;
}

static uint32_t perfect(const StageWish *w) { return w->program->sets_count * (EXAMPLE_WEIGHT + 1); }

/* Keeps the value with which the most sets are as they should be. */
static void improve(StageWish *w, ValueType t, int64_t *value, uint32_t *best) {
  Candidates c;
  int64_t kept = *value;
  candidates(w->program, t, &c);
  for (uint32_t i = 0; i < c.count && *best < perfect(w); i++) {
    *value = c.items[i];
    uint32_t now = score(w);
    if (now > *best) *best = now, kept = *value;
  }
  *value = kept;
}

/* Both at once first: what lies in each other agrees. */
static void improve_attr(StageWish *w, uint32_t attr, uint32_t *best) {
  Candidates c;
  ValueType t = w->program->attrs[attr].type;
  int64_t own = w->attrs[attr], others = w->other_attrs[attr];
  candidates(w->program, t, &c);
  for (uint32_t i = 0; i < c.count && *best < perfect(w) && t.klass != VALUE_INT; i++) {
    w->attrs[attr] = w->other_attrs[attr] = c.items[i];
    uint32_t now = score(w);
    if (now > *best) *best = now, own = others = c.items[i];
  }
  w->attrs[attr] = own, w->other_attrs[attr] = others;
  improve(w, t, &w->attrs[attr], best);
  improve(w, t, &w->other_attrs[attr], best);
  own = w->attrs[attr], others = w->other_attrs[attr];
  for (uint32_t i = 0; i < c.count && *best < perfect(w); i++) { /* one with it, and one of which nobody says it */
    w->attrs[attr] = EXAMPLE_UNSAID, w->other_attrs[attr] = c.items[i];
    uint32_t now = score(w);
    if (now > *best) *best = now, own = EXAMPLE_UNSAID, others = c.items[i];
  }
  w->attrs[attr] = own, w->other_attrs[attr] = others;
}

static void search(StageWish *w) {
  const Program *p = w->program;
  uint32_t best = score(w);
  for (uint32_t round = 0; round < 3 && best < perfect(w); round++) {
    for (uint32_t i = 0; i < p->attrs_count; i++)
      if (asked(p, OPCODE_ATTR, i)) improve_attr(w, i, &best);
    for (uint32_t i = 0; i < p->params_count; i++)
      if (asked(p, OPCODE_PARAM, i) && p->params[i].type.klass != VALUE_TEXT) improve(w, p->params[i].type, &w->params[i], &best);
  }
}

static bool passes(const Finding *f, uint32_t from, uint32_t to) {
  for (uint32_t i = 0; i < f->len; i++)
    if (f->path[i].pc > from && f->path[i].pc < to) return true;
  return false;
}

/* What is asked once and at the beginning is forgotten before the first move; a branch that the way takes tells it all the same. */
static void wish_of_branches(StageWish *w) {
  const Program *p = w->program;
  for (uint32_t pc = p->entry; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    uint32_t next = pc + 1, param = code_a(p->code[pc]);
    bool branch = code_op(p->code[pc]) == OPCODE_PARAM && next < p->code_count && code_op(p->code[next]) == OPCODE_JUMP_NOT;
    if (!branch || p->params[param].type.klass != VALUE_BOOL || w->params[param] != VALUE_UNKNOWN) continue;
    if (passes(w->finding, next, code_a(p->code[next]))) w->params[param] = 1;
  }
}

void stage_wish(StageWish *w) {
  const Program *p = w->program;
  w->attrs = arena_new_array(w->arena, int64_t, p->attrs_count + 1);
  w->other_attrs = arena_new_array(w->arena, int64_t, p->attrs_count + 1);
  w->params = arena_new_array(w->arena, int64_t, p->params_count + 1);
  for (uint32_t i = 0; i < p->attrs_count; i++) w->attrs[i] = w->other_attrs[i] = VALUE_UNKNOWN;
  for (uint32_t i = 0; i < p->params_count; i++) w->params[i] = VALUE_UNKNOWN;
  for (uint32_t t = 0; t < w->proof->traced_count; t++) {
    const Traced *traced = &w->proof->traced[t];
    uint32_t wanted = traced->kind == TRACED_FACT ? 0 : replay_wants(w->proof, w->finding, t);
    if (!wanted) continue;
    ValueType type = traced->kind == TRACED_ATTR ? p->attrs[traced->row].type : p->params[traced->row].type;
    int64_t value = type.klass == VALUE_BOOL ? wanted == 1 : (int64_t)wanted;
    if (traced->kind == TRACED_ATTR) w->attrs[traced->row] = value;
    else w->params[traced->row] = value;
  }
  wish_of_branches(w);
  search(w);
}
