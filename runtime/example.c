/* example: kinds that are needed, how many of each, what refers to what. */
#include <config.h>

#include "runtime/example.h"

#include "runtime/possible.h"
#include "runtime/schema.h"

#include <stdio.h>
#include <string.h>

enum { EXAMPLE_MOST = 400 }; /* of a kind */

/* A thing: where it is, and whether it is the example or belongs to it. */
typedef struct Thing { const char *name; uint32_t parent; bool example; uint32_t owner_kind, owner; } Thing;
typedef VEC(Thing) Things;

typedef struct Maker {
  const Program *p;
  const ExampleWish *wish;
  Arena *arena;
  Things *things;            /* per kind */
  uint8_t *wanted;
  const char **shorts;       /* per kind: "n", "cu" */
  uint32_t *owner;           /* per kind: the kind that has one of its own, or NONE_INDEX */
  uint8_t *spoken, *dropped; /* per kind: the runbook itself speaks of it; there is none of it */
  uint8_t *contract;         /* per address: it belongs to a contract */
  uint32_t *up;              /* per kind: what it is placed in, or NONE_INDEX */
  uint32_t row_kind;
} Maker;

/* ---- kinds ---- */

static void want(Maker *m, uint32_t kind) {
  while (kind != NONE_INDEX && !m->wanted[kind] && !m->dropped[kind]) {
    m->wanted[kind] = 1;
    for (uint32_t i = 0; i < m->p->kinds[kind].attrs.count; i++) { /* what everything has one of */
      const AttrRow *a = &m->p->attrs[m->p->kinds[kind].attrs.first + i];
      if (a->own) want(m, a->type.ref);
    }
    kind = m->up[kind];
  }
}

static void want_types(Maker *m, Slice types) {
  for (uint32_t i = 0; i < types.count; i++)
    if (m->p->param_types[types.first + i].klass == VALUE_ENTITY) want(m, m->p->param_types[types.first + i].ref);
}

static void want_operand(Maker *m, uint8_t klass, uint32_t value) {
  if (klass == OPERAND_KIND) want(m, value);
  if (klass == OPERAND_SET) want(m, m->p->sets[value].kind);
  if (klass == OPERAND_AUTO) want(m, m->p->automations[value].kind);
  if (klass != OPERAND_ATTR) return;
  ValueType t = m->p->attrs[value].type;
  want(m, m->p->attrs[value].kind);
  if (t.klass == VALUE_ENTITY || t.klass == VALUE_LIST) want(m, t.ref);
}

static void want_code(Maker *m, uint32_t from, uint32_t to) {
  for (uint32_t pc = from; pc < to; pc += code_words(code_op(m->p->code[pc]))) {
    Opcode op = code_op(m->p->code[pc]);
    if (m->contract[pc]) continue;
    want_operand(m, op_info[op].a, code_a(m->p->code[pc]));
    if (code_words(op) == 2) want_operand(m, op_info[op].b, m->p->code[pc + 1]);
  }
}

static void mark_region(Maker *m, CodeRef region, bool contract) {
  for (uint32_t pc = region, end = region ? possible_region_end(m->p, region) : 0; pc < end; pc++) m->contract[pc] = contract;
}

static void mark_action(Maker *m, const ActionRow *a, bool contract) {
  const Slice effects[] = {a->makes, a->on_failure};
  for (uint32_t i = 0; i < a->needs.count; i++) mark_region(m, m->p->need_rows[a->needs.first + i].condition, contract);
  for (uint32_t k = 0; k < 2; k++)
    for (uint32_t i = 0; i < effects[k].count; i++) mark_region(m, m->p->effects[effects[k].first + i].targets, contract);
  mark_region(m, a->check, contract);
}

/* What the library says, as opposed to the runbook. */
static void mark_contracts(Maker *m) {
  const Program *p = m->p;
  for (uint32_t i = 0; i < p->actions_count; i++) mark_action(m, &p->actions[i], true);
  for (uint32_t i = 0; i < p->effects_count; i++) mark_region(m, p->effects[i].targets, true);
  for (uint32_t i = 0; i < p->triggers_count; i++) mark_region(m, p->triggers[i].condition, true);
  for (uint32_t i = 0; i < p->rules_count; i++) mark_region(m, p->rules[i].target, true), mark_region(m, p->rules[i].unless, true);
}

static void want_runbook(Maker *m) {
  const Program *p = m->p;
  want_code(m, 0, p->code_count);
  for (uint32_t i = 0; i < p->calls_count; i++) want_types(m, p->actions[p->calls[i].action].params);
  for (uint32_t i = 0; i < p->fans_count; i++) want(m, p->fans[i].kind);
  for (uint32_t i = 0; i < p->lockouts_count; i++) want(m, p->lockouts[i].kind);
  for (uint32_t i = 0; i < p->params_count; i++)
    if (p->params[i].type.klass == VALUE_ENTITY) want(m, p->params[i].type.ref);
  want(m, m->row_kind);
}

static bool leads_up(const Program *p, uint32_t from, uint32_t to) {
  for (uint32_t k = from; k != NONE_INDEX; k = p->kinds[k].parent)
    if (k == to) return true;
  return false;
}

/* A node is in a rack or in a pod, not in both: what only one of these has a place for decides. */
static void choose_container(Maker *m) {
  const Program *p = m->p;
  uint32_t rows = m->row_kind, parent = p->kinds[rows].parent;
  for (uint32_t i = 0; i < p->kinds[rows].attrs.count; i++) {
    ValueType t = p->attrs[p->kinds[rows].attrs.first + i].type;
    if (t.klass != VALUE_ENTITY || parent == NONE_INDEX || leads_up(p, parent, t.ref)) continue;
    if (m->spoken[t.ref] && !m->spoken[parent]) m->dropped[parent] = 1, m->up[rows] = t.ref;
    else m->dropped[t.ref] = 1;
  }
}

static void want_all(Maker *m) {
  const Program *p = m->p;
  mark_contracts(m);
  for (uint32_t k = 0; k < p->kinds_count; k++) m->up[k] = NONE_INDEX; /* what is spoken of, without what holds it */
  want_runbook(m);
  memcpy(m->spoken, m->wanted, p->kinds_count);
  memset(m->wanted, 0, p->kinds_count);
  for (uint32_t k = 0; k < p->kinds_count; k++) m->up[k] = p->kinds[k].parent;
  choose_container(m);
  for (uint32_t i = 0; i < p->calls_count; i++) mark_action(m, &p->actions[p->calls[i].action], false);
  want_runbook(m);
}

static void find_owners(Maker *m) {
  for (uint32_t k = 0; k < m->p->kinds_count; k++) m->owner[k] = NONE_INDEX;
  for (uint32_t i = 0; i < m->p->attrs_count; i++)
    if (m->p->attrs[i].own) m->owner[m->p->attrs[i].type.ref] = m->p->attrs[i].kind;
}

/* ---- names ---- */

static bool taken(const Maker *m, const char *text) {
  for (uint32_t k = 0; k < m->p->kinds_count; k++)
    if (m->shorts[k] && strcmp(m->shorts[k], text) == 0) return true;
  return false;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* "n" for Node, "cu" for CoolingUnit, "w" for Row where Rack has the "r". */
static const char *short_of(const Maker *m, uint32_t kind) {
  const char *name = program_str(m->p, m->p->kinds[kind].name);
  Buf initials = BUF_INIT, whole = BUF_INIT;
  for (const char *c = name; *c; c++) {
    if (*c >= 'A' && *c <= 'Z') buf_char(&initials, lower(*c));
    if (*c >= 'A' && *c <= 'Z' && c > name) buf_char(&whole, '-');
    buf_char(&whole, lower(*c));
  }
  if (initials.len == 0) buf_char(&initials, lower(*name));
  if (taken(m, initials.data)) {
    buf_reset(&initials);
    buf_char(&initials, lower(name[strlen(name) - 1]));
  }
  const char *best = arena_printf(m->arena, "%s", taken(m, initials.data) ? whole.data : initials.data);
  buf_done(&initials);
  buf_done(&whole);
  return best;
}

static void name_kinds(Maker *m) {
  for (uint32_t k = m->row_kind; k != NONE_INDEX; k = m->up[k]) m->shorts[k] = short_of(m, k);
  for (uint32_t k = 0; k < m->p->kinds_count; k++)
    if (!m->shorts[k]) m->shorts[k] = short_of(m, k);
}

/* What is in what holds nodes is named by it, as its nodes are. */
static const char *name_of(const Maker *m, uint32_t kind, uint32_t parent) {
  uint32_t up = m->up[kind], n = 1;
  bool prefixed = up != NONE_INDEX && up == m->up[m->row_kind];
  for (uint32_t i = 0; i < m->things[kind].len; i++) n += !prefixed || m->things[kind].items[i].parent == parent;
  if (prefixed) return arena_printf(m->arena, "%s-%s%02u", m->things[up].items[parent].name, m->shorts[kind], n);
  return arena_printf(m->arena, "%s%02u", m->shorts[kind], n);
}

/* ---- things ---- */

static bool placed(const Maker *m, uint32_t kind) { return m->wanted[kind] && m->owner[kind] == NONE_INDEX; }

static void place(Maker *m, uint32_t kind, uint32_t parent, bool example);

/* One of every kind that belongs there; the others beside the example. */
static void fill(Maker *m, uint32_t kind, uint32_t thing, bool example) {
  for (uint32_t k = 0; k < m->p->kinds_count; k++) {
    if (!placed(m, k) || m->up[k] != kind) continue;
    uint32_t others = example ? m->wish->others[k] : k == m->row_kind && m->wish->in_others ? m->wish->in_others - 1 : 0;
    for (uint32_t i = 0; i <= others; i++) place(m, k, thing, example && i == (m->wish->last ? others : 0));
  }
}

static void own_things(Maker *m, uint32_t kind, uint32_t thing, bool example) {
  for (uint32_t k = 0; k < m->p->kinds_count; k++) {
    if (!m->wanted[k] || m->owner[k] != kind) continue;
    const char *name = arena_printf(m->arena, "%s-%s", m->things[kind].items[thing].name, m->shorts[k]);
    vec_push(&m->things[k], ((Thing){.name = name, .parent = NONE_INDEX, .example = example, .owner_kind = kind, .owner = thing}));
  }
}

static void place(Maker *m, uint32_t kind, uint32_t parent, bool example) {
  if (m->things[kind].len >= EXAMPLE_MOST) return;
  uint32_t thing = m->things[kind].len;
  Thing t = {.name = name_of(m, kind, parent), .parent = parent, .example = example, .owner_kind = NONE_INDEX};
  vec_push(&m->things[kind], t);
  own_things(m, kind, thing, example);
  fill(m, kind, thing, example);
}

static void place_all(Maker *m) {
  for (uint32_t k = 0; k < m->p->kinds_count; k++) {
    if (!placed(m, k) || m->up[k] != NONE_INDEX) continue;
    uint32_t others = m->wish->others[k];
    for (uint32_t i = 0; i <= others; i++) place(m, k, NONE_INDEX, i == (m->wish->last ? others : 0));
  }
}

static const char *example_of(const Maker *m, uint32_t kind) {
  for (uint32_t i = 0; i < m->things[kind].len; i++)
    if (m->things[kind].items[i].example) return m->things[kind].items[i].name;
  return NULL;
}

/* ---- the file ---- */

static void snake(const char *name, Buf *out) {
  for (const char *c = name; *c; c++) {
    if (*c >= 'A' && *c <= 'Z' && c > name) buf_char(out, '_');
    buf_char(out, lower(*c));
  }
}

/* Does the window take its zone from it? */
static bool is_zone(const Program *p, uint32_t attr) {
  CodeRef region = p->windows_count ? p->windows[0].zone : 0;
  for (uint32_t pc = region, end = possible_region_end(p, region); pc < end; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_ATTR && code_a(p->code[pc]) == attr) return true;
  return false;
}

/* Does the code ask for it? What it does not ask for need not be said. */
static bool asks(const Program *p, Opcode wanted, uint32_t row) {
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == wanted && code_a(p->code[pc]) == row) return true;
  return false;
}

/* What contains each other agrees in what is named alike. */
static int64_t wished_value(const Maker *m, const int64_t *wish, uint32_t attr) {
  const AttrRow *a = &m->p->attrs[attr];
  for (uint32_t i = 0; i < m->p->attrs_count && wish[attr] == VALUE_UNKNOWN; i++) {
    const AttrRow *b = &m->p->attrs[i];
    bool alike = b->type.klass == a->type.klass && b->type.ref == a->type.ref && strcmp(program_str(m->p, a->name), program_str(m->p, b->name)) == 0;
    if (alike && wish[i] != VALUE_UNKNOWN && wish[i] != EXAMPLE_UNSAID) return wish[i];
  }
  return wish[attr];
}

/* Positions in something are no two alike. */
static int64_t position(const Maker *m, uint32_t attr, uint32_t nth, bool example) {
  int64_t own = m->wish->attrs[attr], others = m->wish->other_attrs[attr];
  if (example) return own == VALUE_UNKNOWN ? (int64_t)nth + 1 : own;
  if (others == VALUE_UNKNOWN) return own != VALUE_UNKNOWN && own == (int64_t)nth + 1 ? (int64_t)EXAMPLE_MOST : (int64_t)nth + 1;
  return others + nth;
}

static void write_value(const Maker *m, uint32_t attr, uint32_t nth, bool example, Buf *out) {
  const Program *p = m->p;
  const AttrRow *a = &p->attrs[attr];
  int64_t wished = wished_value(m, example ? m->wish->attrs : m->wish->other_attrs, attr);
  bool any = wished == VALUE_UNKNOWN;
  switch ((ValueClass)a->type.klass) {
    case VALUE_INT: buf_printf(out, "%lld", (long long)position(m, attr, nth, example)); break;
    case VALUE_BOOL: buf_str(out, !any && wished == 0 ? "false" : "true"); break;
    case VALUE_TEXT: buf_printf(out, "\"%s\"", is_zone(p, attr) ? "UTC" : any ? "example" : program_str(p, (StrId)wished)); break;
    case VALUE_ENUM: {
      uint32_t at = p->enums[a->type.ref].words.first + (any ? 0 : (uint32_t)wished - 1);
      buf_printf(out, "\"%s\"", program_str(p, p->enum_words[at]));
      break;
    }
    case VALUE_QUANTITY:
      buf_char(out, '"');
      quantity_show((QuantityKind)a->type.ref, any ? 100000000 : wished, out);
      buf_char(out, '"');
      break;
    case VALUE_ENTITY: case VALUE_LIST: break;
  }
}

static const char *referred(const Maker *m, uint32_t kind, uint32_t thing, const AttrRow *a) {
  for (uint32_t i = 0; a->own && i < m->things[a->type.ref].len; i++) {
    const Thing *t = &m->things[a->type.ref].items[i];
    if (t->owner_kind == kind && t->owner == thing) return t->name;
  }
  if (a->type.ref == m->up[kind]) return m->things[a->type.ref].items[m->things[kind].items[thing].parent].name;
  return a->own ? NULL : example_of(m, a->type.ref);
}

static void write_attrs(const Maker *m, uint32_t kind, uint32_t thing, Buf *out) {
  const KindRow *row = &m->p->kinds[kind];
  for (uint32_t i = 0; i < row->attrs.count; i++) {
    uint32_t attr = row->attrs.first + i;
    const AttrRow *a = &m->p->attrs[attr];
    const char *name = program_str(m->p, a->name);
    if (attr == row->key) continue;
    if (a->type.klass == VALUE_ENTITY || a->type.klass == VALUE_LIST) {
      const char *to = m->wanted[a->type.ref] ? referred(m, kind, thing, a) : NULL;
      if (to) buf_printf(out, a->type.klass == VALUE_LIST ? ", \"%s\": [\"%s\"]" : ", \"%s\": \"%s\"", name, to);
      continue;
    }
    bool example = m->things[kind].items[thing].example;
    if (!asks(m->p, OPCODE_ATTR, attr) || (example ? m->wish->attrs : m->wish->other_attrs)[attr] == EXAMPLE_UNSAID) continue;
    buf_printf(out, ", \"%s\": ", name);
    write_value(m, attr, thing, example, out);
  }
}

/* A selection may ask for what the inventory says. */
static bool selects_by(const Program *p, uint32_t fact) {
  for (uint32_t i = 0; i < p->sets_count; i++)
    for (uint32_t pc = p->sets[i].members, end = possible_region_end(p, pc); pc < end; pc += code_words(code_op(p->code[pc])))
      if (code_op(p->code[pc]) == OPCODE_FACT && code_a(p->code[pc]) == fact) return true;
  return false;
}

static void write_facts(const Maker *m, uint32_t kind, Buf *out) {
  const Program *p = m->p;
  for (uint32_t f = 0; f < p->facts_count; f++)
    for (uint32_t i = 0; i < p->facts[f].kinds.count; i++) {
      bool of_kind = p->index_list[p->facts[f].kinds.first + i] == kind && p->facts[f].type.klass == VALUE_ENUM;
      if (!of_kind || !selects_by(p, f)) continue;
      uint32_t at = p->enums[p->facts[f].type.ref].words.first;
      buf_printf(out, ", \"%s\": \"%s\"", program_str(p, p->facts[f].name), program_str(p, p->enum_words[at]));
    }
}

/* What its owner is in. */
static const char *through_owner(const Maker *m, const Thing *t, uint32_t kind) {
  uint32_t k = t->owner_kind, thing = t->owner;
  while (k != NONE_INDEX && k != kind && m->up[k] != NONE_INDEX && m->things[k].items[thing].parent != NONE_INDEX) {
    thing = m->things[k].items[thing].parent;
    k = m->up[k];
  }
  return k == kind ? m->things[k].items[thing].name : example_of(m, kind);
}

static void write_thing(const Maker *m, uint32_t kind, uint32_t thing, Buf *out) {
  const KindRow *row = &m->p->kinds[kind];
  const Thing *t = &m->things[kind].items[thing];
  buf_printf(out, "{\"%s\": \"%s\"", row->key == NONE_INDEX ? "name" : program_str(m->p, m->p->attrs[row->key].name), t->name);
  const char *parent = row->parent == NONE_INDEX || m->dropped[row->parent] ? NULL : t->parent != NONE_INDEX ? m->things[row->parent].items[t->parent].name
                     : through_owner(m, t, row->parent);
  if (parent) {
    buf_str(out, ", \"");
    snake(program_str(m->p, m->p->kinds[row->parent].name), out);
    buf_printf(out, "\": \"%s\"", parent);
  }
  write_attrs(m, kind, thing, out);
  write_facts(m, kind, out);
  buf_char(out, '}');
}

static void write_tables(const Maker *m, Buf *out) {
  const char *between = "{";
  for (uint32_t k = 0; k < m->p->kinds_count; k++) {
    if (m->things[k].len == 0) continue;
    buf_printf(out, "%s\"%s\": [", between, program_str(m->p, m->p->kinds[k].plural));
    for (uint32_t i = 0; i < m->things[k].len; i++) {
      buf_str(out, i ? ",\n  " : "\n  ");
      write_thing(m, k, i, out);
    }
    buf_char(out, ']');
    between = ",\n";
  }
  buf_str(out, "}\n");
}

void example_write(const Program *p, const ExampleWish *wish, Buf *out, const char **ret_names, Arena *arena) {
  Maker m = {.p = p, .wish = wish, .arena = arena, .row_kind = schema_of_program(p, arena)->fleet.row_kind};
  m.things = arena_new_array(arena, Things, p->kinds_count + 1);
  m.wanted = arena_new_array(arena, uint8_t, p->kinds_count + 1);
  m.shorts = arena_new_array(arena, const char *, p->kinds_count + 1);
  m.owner = arena_new_array(arena, uint32_t, p->kinds_count + 1);
  m.spoken = arena_new_array(arena, uint8_t, p->kinds_count + 1);
  m.dropped = arena_new_array(arena, uint8_t, p->kinds_count + 1);
  m.up = arena_new_array(arena, uint32_t, p->kinds_count + 1);
  m.contract = arena_new_array(arena, uint8_t, p->code_count + 1);
  find_owners(&m);
  want_all(&m);
  name_kinds(&m);
  place_all(&m);
  write_tables(&m, out);
  for (uint32_t k = 0; k < p->kinds_count; k++) {
    ret_names[k] = example_of(&m, k);
    vec_done(&m.things[k]);
  }
}
