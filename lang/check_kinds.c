/* check_kinds: kinds are well formed: attributes with types, one key, no kind within itself; and which kind
 * leads up to which. The rule for that is the fleet's (runtime/fleet.h): first every parent, then every
 * attribute that names one entity, in order, is a link unless it would close a circle. */
#include <config.h>

#include "lang/check.h"

#include <stdlib.h>
#include <string.h>

const char *kind_text(const Checker *k, uint32_t kind) {
  return name_text(k, k->c->kinds.items[kind].symbol->name);
}
const char *plural_text(const Checker *k, uint32_t kind) {
  return name_text(k, k->c->kinds.items[kind].plural);
}

/* ---- attributes ---- */

static void declare_attr(Checker *k, uint32_t kind, AttrDecl *a) {
  KindInfo *info = &k->c->kinds.items[kind];
  for (uint32_t i = 0; i < info->attr_len; i++) {
    const Symbol *first = k->c->attrs.items[info->first_attr + i];
    if (first->name != a->name.atom) continue;
    Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, a->name.span, "the attribute `%s` is declared twice",
                       name_text(k, a->name.atom));
    diag_label(k->c->sink, d, first->span, "declared here first");
    return;
  }
  if (info->attr_len == LIMIT_ATTRS) {
    diag_new(k->c->sink, E_LIMIT, a->name.span, "more than %u attributes", LIMIT_ATTRS);
    return;
  }
  Symbol *s = symbol_new(k, SYM_ATTR, NS_VALUE, &a->name, &a->node);
  s->entity_kind = kind;
  symbols_add(&k->c->attrs, s);
  info->attr_len++;
  a->name.symbol = s;
  s->type = check_type(k, a->type, s, true);
}

static void check_key(Checker *k, KindInfo *info) {
  for (uint32_t i = 0; i < info->attr_len; i++) {
    Symbol *s = k->c->attrs.items[info->first_attr + i];
    const AttrDecl *a = (const AttrDecl *)s->decl;
    if (!a->is_key) continue;
    if (info->key) {
      Diag *d = diag_new(k->c->sink, E_KIND_KEY, a->name.span, "a second key of kind `%s`",
                         kind_text(k, info->symbol->index));
      diag_label(k->c->sink, d, info->key->span, "the first one");
    } else if (!type_is(s->type, TYPE_TEXT) && !type_silent(s->type)) {
      diag_new(k->c->sink, E_KIND_KEY, a->type->span, "the key of kind `%s` is no text",
               kind_text(k, info->symbol->index));
      info->key = s;
    } else {
      info->key = s;
    }
  }
  if (info->key || incomplete(k, &info->decl->node)) return;
  Diag *d = diag_new(k->c->sink, E_KIND_KEY, info->symbol->span, "kind `%s` has no key",
                     kind_text(k, info->symbol->index));
  diag_note(k->c->sink, d, "an inventory finds a member again by its key: `key name : text`");
}

static void check_kind(Checker *k, uint32_t kind) {
  KindDecl *d = k->c->kinds.items[kind].decl;
  k->module = k->c->kinds.items[kind].symbol->module;
  if (d->parent.atom) find_named_kind(k, &d->parent, &k->c->kinds.items[kind].parent, "what a kind is in");
  k->c->kinds.items[kind].first_attr = k->c->attrs.len;
  for (uint32_t i = 0; i < d->attrs.len; i++)
    declare_attr(k, kind, ast_cast(AttrDecl, ATTR, d->attrs.items[i]));
  check_key(k, &k->c->kinds.items[kind]);
}

/* ---- circles of parents ---- */

static void report_circle(Checker *k, uint32_t kind) {
  Buf chain = BUF_INIT;
  uint32_t i = kind;
  do {
    buf_printf(&chain, "%s in ", kind_text(k, i));
    i = k->c->kinds.items[i].parent;
  } while (i != kind);
  buf_str(&chain, kind_text(k, kind));
  const KindDecl *d = k->c->kinds.items[kind].decl;
  diag_new(k->c->sink, E_KIND_CYCLE, d->parent.span, "kinds contain each other in a circle: %s", chain.data);
  buf_done(&chain);
}

/* Follows parents from every kind; whoever meets the walk that is going on has found a circle, which is cut.
 */
static void check_parents(Checker *k) {
  uint32_t n = k->c->kinds.len;
  uint32_t *seen = xcalloc(n + 1u, sizeof *seen);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t at = i;
    while (at != TYPE_NO_KIND && seen[at] == 0) {
      seen[at] = i + 1;
      at = k->c->kinds.items[at].parent;
    }
    if (at == TYPE_NO_KIND || seen[at] != i + 1) continue;
    report_circle(k, at);
    k->c->kinds.items[at].parent = TYPE_NO_KIND;
  }
  free(seen);
}

/* ---- which kind leads up to which ---- */

static void link_kinds(Compilation *c, uint32_t from, uint32_t to) {
  uint32_t n = c->kinds.len;
  if (from == to || c->reach[(size_t)to * n + from]) return; /* would close a circle: a plain reference */
  for (uint32_t a = 0; a < n; a++) {
    if (a != from && !c->reach[(size_t)a * n + from]) continue;
    c->reach[(size_t)a * n + to] = 1;
    for (uint32_t b = 0; b < n; b++) c->reach[(size_t)a * n + b] |= c->reach[(size_t)to * n + b];
  }
}

static void link_all(Compilation *c) {
  uint32_t n = c->kinds.len;
  c->reach = xcalloc(size_product(n, n) + 1, 1);
  for (uint32_t i = 0; i < n; i++)
    if (c->kinds.items[i].parent != TYPE_NO_KIND) link_kinds(c, i, c->kinds.items[i].parent);
  for (uint32_t i = 0; i < c->attrs.len; i++) {
    const Symbol *a = c->attrs.items[i];
    if (type_is(a->type, TYPE_ENTITY)) link_kinds(c, a->entity_kind, type_ref(a->type));
  }
}

void check_kinds(Checker *k) {
  k->where = WHERE_DECL;
  uint32_t n = k->c->kinds.len;
  if (n > LIMIT_KINDS) {
    diag_new(k->c->sink, E_LIMIT, k->c->kinds.items[LIMIT_KINDS].symbol->span, "more than %u kinds",
             LIMIT_KINDS);
  }
  for (uint32_t i = 0; i < n; i++) check_kind(k, i);
  if (n > LIMIT_KINDS)
    return; /* without links nothing contains anything: a square of that size is not made */
  check_parents(k);
  link_all(k->c);
}
