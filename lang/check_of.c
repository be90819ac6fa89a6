/* check_of: `X of y` and `x.y`. What is left of `of` decides: count, a set of the runbook, a remembered
 * value, a fact or metric, the plural of a kind. What is right of a point is an attribute, the name, or a
 * container. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

static TypeId of_is(Of *of, Symbol *s, OfMeaning meaning, TypeId type) {
  of->name.symbol = s;
  of->node.meaning = (uint8_t)meaning;
  return type;
}

static TypeId poison(void) { return type_plain(TYPE_POISON); }

/* ---- facts and metrics ---- */

static bool is_of_kind(const NodeList *kinds, uint32_t kind) {
  for (uint32_t i = 0; i < kinds->len; i++) {
    const Symbol *s = ((const Word *)kinds->items[i])->name.symbol;
    if (!s || s->index == kind) return true; /* an unknown kind was reported */
  }
  return kinds->len == 0;
}

static const NodeList *kinds_of(const Symbol *s) {
  if (s->kind == SYM_SETTING) return &((const SettingDecl *)s->decl)->kinds;
  return s->kind == SYM_FACT ? &((const FactDecl *)s->decl)->kinds : &((const MetricDecl *)s->decl)->kinds;
}

Diag *report_no_fact(Checker *k, Span at, const Symbol *s, uint32_t kind) {
  Diag *d =
      diag_new(k->c->sink, E_FACT_KIND, at, "a %s has no `%s`", kind_text(k, kind), name_text(k, s->name));
  const NodeList *kinds = kinds_of(s);
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < kinds->len; i++)
    buf_printf(&b, "%s%s", i ? ", " : "", name_text(k, ((const Word *)kinds->items[i])->name.atom));
  diag_label(k->c->sink, d, s->span, "it is of %s", b.data);
  buf_done(&b);
  return d;
}

/* `feed of n` where feed is of rows: n.row leads there. */
static void suggest_container(Checker *k, Diag *d, const Of *of, const NodeList *kinds, uint32_t kind) {
  for (uint32_t i = 0; i < kinds->len; i++) {
    uint32_t other = ((const Word *)kinds->items[i])->name.symbol->index;
    if (!kind_leads_up(k->c, kind, other)) continue;
    Span end = {of->object->span.hi, of->object->span.hi};
    const char *word = name_text(k, k->c->kinds.items[other].singular);
    diag_fix(k->c->sink, d, end, false, arena_printf(k->c->arena, ".%s", word), "ask the %s that it is in",
             word);
    return;
  }
}

static TypeId property_of(Checker *k, Of *of, Symbol *s) {
  uint32_t kind;
  if (s->kind == SYM_SETTING) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, of->name.span,
                       "`%s` is a setting: it is changed and put back, not read", name_text(k, s->name));
    diag_label(k->c->sink, d, s->span, "declared here");
    check_expr(k, of->object, 0);
    return poison();
  }
  k->fact_reads++;
  k->facts_seen++;
  if (!check_entity(k, of->object, &kind)) return poison();
  const NodeList *kinds = kinds_of(s);
  if (!is_of_kind(kinds, kind)) {
    Diag *d = report_no_fact(k, of->node.span, s, kind);
    suggest_container(k, d, of, kinds, kind);
    return poison();
  }
  return of_is(of, s, s->kind == SYM_FACT ? OF_FACT : OF_METRIC, s->type);
}

static TypeId remembered_of(Checker *k, Of *of, Symbol *s) {
  uint32_t kind;
  symbol_used(s);
  k->fact_reads++; /* what was never read is unknown */
  if (!check_entity(k, of->object, &kind)) return poison();
  if (kind != s->entity_kind && s->entity_kind != TYPE_NO_KIND) {
    Diag *d = diag_new(k->c->sink, E_WRONG_KIND, of->object->span, "`%s` was remembered of a %s, not of a %s",
                       name_text(k, s->name), kind_text(k, s->entity_kind), kind_text(k, kind));
    diag_label(k->c->sink, d, s->span, "remembered here");
    return poison();
  }
  return of_is(of, s, OF_REMEMBERED, s->type);
}

/* ---- members ---- */

static TypeId report_not_contained(Checker *k, const Of *of, uint32_t kind, uint32_t member) {
  Diag *d = diag_new(k->c->sink, E_NOT_CONTAINED, of->node.span, "a %s holds no %s", kind_text(k, kind),
                     plural_text(k, member));
  if (kind_leads_up(k->c, kind, member)) {
    const char *word = name_text(k, k->c->kinds.items[member].singular);
    diag_note(k->c->sink, d, "it is the other way round: a %s has one %s, written `.%s`", kind_text(k, kind),
              kind_text(k, member), word);
  }
  return poison();
}

static TypeId below(Checker *k, Of *of, Symbol *s, uint32_t kind, uint32_t member) {
  TypeId type = type_of(TYPE_SET, member);
  if (kind == member || !kind_holds(k->c, kind, member)) return report_not_contained(k, of, kind, member);
  if (s->kind == SYM_SET) return of_is(of, s, OF_SET_BELOW, type);
  bool of_run = !of->all && (k->where == WHERE_PROCEDURE || k->where == WHERE_CONTRACT);
  if (of_run) want_run_set(k, member, of->node.span);
  return of_is(of, k->c->kinds.items[member].symbol, of_run ? OF_RUN_BELOW : OF_BELOW, type);
}

static TypeId above(Checker *k, Of *of, uint32_t kind, uint32_t member) {
  if (kind_leads_up(k->c, kind, member))
    return of_is(of, k->c->kinds.items[member].symbol, OF_ABOVE, type_of(TYPE_SET, member));
  Diag *d = diag_new(k->c->sink, E_NOT_CONTAINED, of->node.span, "%s are not what contains %s",
                     plural_text(k, member), plural_text(k, kind));
  diag_note(k->c->sink, d,
            "`X of SET` are the containers of its members; for what is below, select a set of its own");
  return poison();
}

static TypeId members_of(Checker *k, Of *of, Symbol *s, uint32_t member) {
  TypeId object = check_expr(k, of->object, 0);
  if (type_silent(object) || member == TYPE_NO_KIND) return poison(); /* of neither can more be said */
  if (type_is(object, TYPE_ENTITY)) return below(k, of, s, type_ref(object), member);
  bool frozen = of->object->kind == AST_NAME_REF && ref_meaning((NameRef *)of->object) != REF_KIND;
  if (type_is(object, TYPE_SET) && frozen && !of->all) return above(k, of, type_ref(object), member);
  Diag *d = diag_new(k->c->sink, E_NOT_ENTITY, of->object->span, "%s has no %s", type_text(k->c, object),
                     plural_text(k, member));
  diag_note(k->c->sink, d,
            "members are of one entity (`nodes of r`), containers of a selected set (`rows of racks`)");
  return poison();
}

/* ---- the name before `of` ---- */

/* `rack of n` is meant to be `n.rack`. */
static void point_fix(Checker *k, Diag *d, const Of *of, const char *word) {
  if (of->object->kind != AST_NAME_REF) {
    diag_note(k->c->sink, d, "it is written behind a point: `x.%s`", word);
    return;
  }
  const char *object = name_text(k, ((const NameRef *)of->object)->name.atom);
  diag_fix(k->c->sink, d, of->node.span, true, arena_printf(k->c->arena, "%s.%s", object, word),
           "it is written behind a point");
}

static TypeId report_of(Checker *k, Of *of) {
  const char *text = name_text(k, of->name.atom);
  TypeId object = check_expr(k, of->object, 0);
  if (maybe_dropped(k, of->name.atom) || report_early_set(k, &of->name)) return poison();
  if (!checker_quiet(k) && report_missing_use(k, &of->name, NS_PROPERTY, "the fact")) return poison();
  if (type_is(object, TYPE_ENTITY) && kind_attr(k->c, type_ref(object), of->name.atom)) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, of->name.span,
                       "`%s` is an attribute: it is written behind a point", text);
    point_fix(k, d, of, text);
    return poison();
  }
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, of->name.span, "no fact, metric, set or kind is called `%s`",
                     text);
  if (checker_quiet(k)) return poison();
  Suggest s = suggest_begin(text, strlen(text));
  offer_globals(k, &s, NS_PROPERTY);
  offer_locals(k, &s, NS_VALUE);
  offer_globals(k, &s, NS_MEMBER);
  suggest_fix(k, d, of->name.span, &s);
  return poison();
}

static TypeId report_singular(Checker *k, Of *of, uint32_t kind) {
  TypeId object = check_expr(k, of->object, 0);
  const char *word = name_text(k, of->name.atom);
  Diag *d = diag_new(k->c->sink, E_WRONG_NAME, of->name.span, "`%s` is one: the members are `%s`", word,
                     plural_text(k, kind));
  if (type_is(object, TYPE_ENTITY) && kind_leads_up(k->c, type_ref(object), kind)) point_fix(k, d, of, word);
  else diag_fix(k->c->sink, d, of->name.span, true, plural_text(k, kind), "write the plural");
  return poison();
}

static TypeId count_of(Checker *k, Of *of) {
  uint32_t kind;
  if (!check_source(k, of->object, &kind)) return poison();
  return of_is(of, k->builtin[BUILTIN_COUNT], OF_COUNT, type_of(TYPE_COUNT, kind));
}

TypeId check_of(Checker *k, Of *of) {
  Atom name = of->name.atom;
  if (name == 0) return poison();
  if (name == k->count && !of->all) return count_of(k, of);
  Symbol *local = of->all ? NULL : find_local(k, name, NS_VALUE);
  if (local && local->kind == SYM_REMEMBER) return remembered_of(k, of, local);
  if (local && local->kind == SYM_SET) {
    symbol_used(local);
    return members_of(k, of, local, local->entity_kind);
  }
  Symbol *s = of->all ? NULL : find_global(k, name, NS_PROPERTY);
  if (s && !resolve_global(k, &of->name, NS_PROPERTY, "the fact"))
    return poison(); /* two modules declare it */
  if (s) return property_of(k, of, s);
  uint32_t kind;
  if (!find_plural(k, name, &kind)) {
    k->facts_seen++; /* most likely a fact; that it reads something is not doubted, too */
    return report_of(k, of);
  }
  if (k->c->kinds.items[kind].plural != name) return report_singular(k, of, kind);
  return members_of(k, of, k->c->kinds.items[kind].symbol, kind);
}

/* ---- behind a point ---- */

static TypeId member_is(Member *m, Symbol *s, MemberMeaning meaning, TypeId type) {
  m->name.symbol = s;
  m->node.meaning = (uint8_t)meaning;
  return type;
}

static TypeId report_no_member(Checker *k, const Member *m, uint32_t kind) {
  const char *text = name_text(k, m->name.atom);
  Diag *d = diag_new(k->c->sink, E_NO_ATTRIBUTE, m->name.span, "a %s has no attribute or container `%s`",
                     kind_text(k, kind), text);
  if (checker_quiet(k)) return poison();
  if (find_global(k, m->name.atom, NS_PROPERTY)) {
    diag_note(k->c->sink, d, "it is no attribute but a fact, metric or setting: write `%s of x`", text);
    return poison();
  }
  Suggest s = suggest_begin(text, strlen(text));
  const KindInfo *info = &k->c->kinds.items[kind];
  for (uint32_t i = 0; i < info->attr_len; i++)
    suggest_offer(&s, name_text(k, k->c->attrs.items[info->first_attr + i]->name));
  for (uint32_t i = 0; i < k->c->kinds.len; i++)
    if (kind_leads_up(k->c, kind, i)) suggest_offer(&s, name_text(k, k->c->kinds.items[i].singular));
  suggest_fix(k, d, m->name.span, &s);
  return poison();
}

static TypeId container_of(Checker *k, Member *m, uint32_t kind, uint32_t other) {
  const KindInfo *info = &k->c->kinds.items[other];
  if (m->name.atom == info->singular && kind_leads_up(k->c, kind, other))
    return member_is(m, info->symbol, MEMBER_UP, type_of(TYPE_ENTITY, other));
  if (m->name.atom == info->plural && kind != other && kind_holds(k->c, kind, other)) {
    if (k->where == WHERE_SITE) return member_is(m, info->symbol, MEMBER_BELOW, type_of(TYPE_LIST, other));
    Diag *d = diag_new(k->c->sink, E_NO_ATTRIBUTE, m->name.span, "members are written with `of`: `%s of x`",
                       name_text(k, info->plural));
    if (m->object->kind == AST_NAME_REF)
      diag_fix(k->c->sink, d, m->node.span, true,
               arena_printf(k->c->arena, "%s of %s", name_text(k, info->plural),
                            name_text(k, ((NameRef *)m->object)->name.atom)),
               "write it so");
    return poison();
  }
  return report_no_member(k, m, kind);
}

/* The incident that a standing runbook runs for, if that is what stands before the point. */
static const Symbol *alias_of(const Checker *k, const Member *m) {
  const Symbol *alias = k->where == WHERE_RUNBOOK && k->body ? k->body->alias : NULL;
  return alias && m->object->kind == AST_NAME_REF && ((const NameRef *)m->object)->name.atom == alias->name ? alias : NULL;
}

TypeId check_member(Checker *k, Member *m) {
  const Symbol *alias = alias_of(k, m);
  if (alias) return check_field(k, m, alias);
  TypeId object = check_expr(k, m->object, 0);
  if (type_silent(object) || m->name.atom == 0) return poison();
  if (!type_is(object, TYPE_ENTITY)) {
    Diag *d =
        diag_new(k->c->sink, E_NOT_ENTITY, m->object->span, "%s has no attributes", type_text(k->c, object));
    if (type_is(object, TYPE_SET))
      diag_note(k->c->sink, d, "say of which member: `every x in SET: ...`, `for each x in SET`");
    return poison();
  }
  uint32_t kind = type_ref(object);
  Symbol *attr = kind_attr(k->c, kind, m->name.atom);
  if (attr) return member_is(m, attr, MEMBER_ATTR, attr->type);
  if (m->name.atom == k->name)
    return member_is(m, k->builtin[BUILTIN_NAME], MEMBER_NAME, type_plain(TYPE_TEXT));
  uint32_t other;
  if (find_plural(k, m->name.atom, &other)) return container_of(k, m, kind, other);
  return report_no_member(k, m, kind);
}
