/* fleet: as many nodes and racks as asked for, one of everything else; what belongs to what follows from the kinds. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

#include <string.h>

bool thing_same(Thing a, Thing b) { return a.kind == b.kind && a.at == b.at; }

static bool is_called(const World *w, uint32_t kind, const char *name) {
  return strcmp(word_of(w, w->c->kinds.items[kind].singular), name) == 0;
}

bool thing_is_outsider(const World *w, Thing a) { return is_called(w, a.kind, "node") && a.at >= w->members; }

static const Symbol *attr_at(const World *w, uint32_t kind, uint32_t i) {
  return w->c->attrs.items[w->c->kinds.items[kind].first_attr + i];
}

/* What nobody else may have is there once per owner. */
static void own_counts(World *w) {
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    for (uint32_t i = 0; i < w->c->kinds.items[k].attr_len; i++) {
      const Symbol *a = attr_at(w, k, i);
      if (type_is(a->type, TYPE_ENTITY) && attr_is_own(a)) w->count[type_ref(a->type)] = w->count[k];
    }
}

void fleet_make(World *w) {
  w->count = arena_new_array(w->arena, uint32_t, w->c->kinds.len);
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    w->count[k] = is_called(w, k, "node") ? w->members + w->outsiders : is_called(w, k, "rack") ? w->racks : 1;
  own_counts(w);
}

/* Entries are spread over their containers, and so are the outsiders. */
static Thing spread(const World *w, Thing a, uint32_t kind) {
  uint32_t places = w->count[kind];
  if (!is_called(w, a.kind, "node")) return (Thing){kind, a.at * places / w->count[a.kind]};
  bool out = a.at >= w->members;
  uint32_t at = out ? a.at - w->members : a.at, of = out ? w->outsiders : w->members;
  return (Thing){kind, at * places / of};
}

bool thing_link(const World *w, Thing a, const Symbol *attr, Thing *ret) {
  if (!type_is(attr->type, TYPE_ENTITY)) return false;
  uint32_t to = type_ref(attr->type);
  *ret = attr_is_own(attr) ? (Thing){to, a.at} : spread(w, a, to);
  return true;
}

static bool leads(const World *w, Thing a, Thing to, uint32_t depth) {
  const KindInfo *k = &w->c->kinds.items[a.kind];
  if (depth == 0) return false;
  if (k->parent != TYPE_NO_KIND) {
    Thing up = spread(w, a, k->parent);
    if (thing_same(up, to) || leads(w, up, to, depth - 1)) return true;
  }
  for (uint32_t i = 0; i < k->attr_len; i++) {
    const Symbol *attr = attr_at(w, a.kind, i);
    Thing up;
    if (type_is(attr->type, TYPE_LIST) && type_ref(attr->type) == to.kind) return true; /* it names all of them */
    if (thing_link(w, a, attr, &up) && (thing_same(up, to) || leads(w, up, to, depth - 1))) return true;
  }
  return false;
}

bool thing_in(const World *w, Thing a, Thing container) { return leads(w, a, container, 6); }

bool thing_up(const World *w, Thing a, uint32_t kind, Thing *ret) {
  *ret = a;
  if (a.kind == kind) return true;
  for (uint32_t i = 0; i < w->count[kind]; i++) {
    *ret = (Thing){kind, i};
    if (thing_in(w, a, *ret)) return true;
  }
  return false;
}
