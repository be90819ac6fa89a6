/* state: the variables of the model. All are arrays of bytes with one place per entity, declared when something asks. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

#include <string.h>

const char *array_at(World *w, const char *name, uint32_t size, uint32_t at, uint32_t first) {
  bool known = false;
  for (uint32_t i = 0; i < w->arrays.len && !known; i++) known = strcmp(w->arrays.items[i].name, name) == 0;
  if (!known) vec_push(&w->arrays, ((Array){name, size ? size : 1, first}));
  return TEXT(w, "%s[%u]", name, at);
}

static const char *kind_word(const World *w, uint32_t kind) { return word_of(w, w->c->kinds.items[kind].singular); }

static const char *per_thing(World *w, const char *what, Thing t) {
  return array_at(w, TEXT(w, "%s_%s", what, kind_word(w, t.kind)), w->count[t.kind], t.at, 0);
}

uint32_t cell_number(World *w, uint32_t fact, Thing t) {
  for (uint32_t i = 0; i < w->cells.len; i++)
    if (w->cells.items[i].fact == fact && thing_same(w->cells.items[i].thing, t)) return i + 1;
  vec_push(&w->cells, ((Cell){fact, t}));
  return w->cells.len;
}

const char *cell_name(World *w, uint32_t fact, Thing t) {
  const char *name = TEXT(w, "f_%s_%s", word_of(w, w->c->facts.items[fact]->name), kind_word(w, t.kind));
  return array_at(w, name, w->count[t.kind], t.at, 1);
}

const char *fresh_name(World *w, uint32_t fact, Thing t) {
  return array_at(w, TEXT(w, "fresh_%s_%s", word_of(w, w->c->facts.items[fact]->name), kind_word(w, t.kind)), w->count[t.kind], t.at, 0);
}

const char *out_name(World *w, Thing t) { return per_thing(w, "out", t); }
const char *hurt_name(World *w, Thing t) { return per_thing(w, "hurt", t); }
const char *handed_name(World *w, Thing t) { return per_thing(w, "handed", t); }
const char *ours_name(World *w, Thing t) { return per_thing(w, "ours", t); }
const char *struck_name(World *w, Thing t) { return w->struck_read[t.kind] = true, per_thing(w, "struck", t); }
const char *gone_name(World *w, Thing t) { return w->gone_read[t.kind] = true, per_thing(w, "gone", t); }

const char *set_name(World *w, const Symbol *set, Thing t) {
  return array_at(w, TEXT(w, "set_%s", word_of(w, set->name)), w->count[t.kind], t.at, 0);
}

const char *lock_name(World *w, const Symbol *a, uint32_t at) {
  return array_at(w, TEXT(w, "lock_%s", word_of(w, a->name)), w->count[a->entity_kind], at, 0);
}

const char *gate_name(World *w, uint32_t id, uint32_t kind, uint32_t at) {
  return array_at(w, TEXT(w, "yes_%u", id), kind == TYPE_NO_KIND ? 1 : w->count[kind], at, 0);
}

const char *tried_name(World *w, const Symbol *action, const Symbol *since, Thing t) {
  bool known = false;
  for (uint32_t i = 0; i < w->tried.len; i++)
    known |= w->tried.items[i].action == action && w->tried.items[i].since == since;
  if (!known) vec_push(&w->tried, ((TriedPair){action, since}));
  return array_at(w, TEXT(w, "tried_%s_%s", word_of(w, action->name), word_of(w, since->name)), w->count[t.kind], t.at, 0);
}

const char *late_name(World *w, uint32_t late) { return array_at(w, "late", 64, late, 0); }

/* Of the thing, of what contains it, or of what is in it, as one expression. */
const char *near_name(World *w, const char *(*name)(World *w, Thing t), Thing t, bool below) {
  const char *any = below ? "0" : name(w, t);
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    for (uint32_t i = 0; i < w->count[k]; i++) {
      Thing x = {k, i};
      if (thing_same(x, t) || !(below ? thing_in(w, x, t) : thing_in(w, t, x))) continue;
      any = either(w, any, name(w, x));
    }
  return any;
}

void declare_arrays(World *w, Buf *out) {
  for (uint32_t i = 0; i < w->arrays.len; i++) {
    const Array *a = &w->arrays.items[i];
    uint32_t size = strcmp(a->name, "late") == 0 ? w->lates.len : a->size;
    buf_printf(out, "byte %s[%u] = %u;\n", a->name, size ? size : 1, a->first);
  }
}
