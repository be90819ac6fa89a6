/* check_lockout: blocks that stand for a while: lockouts, attempts, settings, guards. Every lockout says when
 * it is released and to whom what is left is handed over; it encloses the attempt, or the way back would be
 * unlocked. */
#include <config.h>

#include "lang/check.h"

/* ---- whom and what ---- */

static void check_lock_unit(Checker *k, const Name *name, const Symbol *a, uint32_t kind) {
  if (a->entity_kind == TYPE_NO_KIND || kind == a->entity_kind || kind_leads_up(k->c, kind, a->entity_kind))
    return;
  Diag *d = diag_new(k->c->sink, E_WRONG_KIND, name->span, "`%s` is locked on a %s, and these are %s",
                     name_text(k, name->atom), kind_text(k, a->entity_kind), plural_text(k, kind));
  diag_label(k->c->sink, d, a->span, "declared here");
}

static bool lockable(Checker *k, const Name *name, const Symbol *a) {
  if (a->kind == SYM_AUTOMATION) return true;
  Diag *d = diag_new(k->c->sink, E_WRONG_NAME, name->span, "`%s` is a hazard: it cannot be locked",
                     name_text(k, name->atom));
  diag_label(k->c->sink, d, a->span, "declared here");
  return false;
}

static bool listed_before(Checker *k, const NodeList *words, uint32_t i) {
  const Name *name = &((const Word *)words->items[i])->name;
  for (uint32_t j = 0; j < i && j < COMPARED; j++) {
    const Name *first = &((const Word *)words->items[j])->name;
    if (first->atom != name->atom) continue;
    Diag *d =
        diag_new(k->c->sink, E_DUPLICATE_VALUE, name->span, "`%s` is listed twice", name_text(k, name->atom));
    diag_label(k->c->sink, d, first->span, "listed here first");
    return true;
  }
  return false;
}

static void check_automations(Checker *k, NodeList *words, uint32_t kind) {
  for (uint32_t i = 0; i < words->len; i++) {
    Name *name = &ast_cast(Word, WORD, words->items[i])->name;
    if (listed_before(k, words, i)) continue;
    Symbol *a = resolve_global(k, name, NS_AUTOMATION, "the automation");
    if (a && lockable(k, name, a) && kind != TYPE_NO_KIND) check_lock_unit(k, name, a, kind);
  }
}

/* ---- release ---- */

static bool is_locked(const Lockout *l, Atom name) {
  for (uint32_t i = 0; i < l->automations.len && i < COMPARED; i++)
    if (((const Word *)l->automations.items[i])->name.atom == name) return true;
  return l->automations.len > COMPARED; /* not looked at to its end */
}

static bool unknown_locked(const Lockout *l) {
  for (uint32_t i = 0; i < l->automations.len && i < COMPARED; i++)
    if (!((const Word *)l->automations.items[i])->name.symbol) return true;
  return false;
}

static void check_release_order(Checker *k, const Lockout *l, Release *r) {
  uint32_t known = 0;
  for (uint32_t i = 0; i < r->order.len; i++) {
    Name *name = &ast_cast(Word, WORD, r->order.items[i])->name;
    if (listed_before(k, &r->order, i)) continue;
    if (is_locked(l, name->atom)) {
      name->symbol = find_global(k, name->atom, NS_AUTOMATION);
      known++;
      continue;
    }
    if (unknown_locked(l)) continue; /* most likely this one, misspelt there */
    Diag *d =
        diag_new(k->c->sink, E_RELEASE, name->span, "`%s` is not locked here", name_text(k, name->atom));
    if (l->automations.len) diag_label(k->c->sink, d, l->automations.items[0]->span, "what is locked");
  }
  if (r->order.len == 0 || known != r->order.len || known == l->automations.len || known > COMPARED) return;
  for (uint32_t i = 0; i < l->automations.len; i++) {
    const Name *name = &((const Word *)l->automations.items[i])->name;
    bool found = false;
    for (uint32_t j = 0; j < r->order.len; j++)
      found |= ((const Word *)r->order.items[j])->name.atom == name->atom;
    if (found) continue;
    Diag *d = diag_new(k->c->sink, E_RELEASE, r->order.items[r->order.len - 1]->span,
                       "the order leaves `%s` out", name_text(k, name->atom));
    diag_label(k->c->sink, d, name->span, "it is locked too");
    return;
  }
}

/* `first 1 rack, watch 15min`: the canary. */
static void check_canary(Checker *k, Release *r, uint32_t kind) {
  int64_t value;
  uint32_t unit = kind;
  if (r->first && check_expr(k, r->first, 0) && !type_silent(r->first->type)) {
    TypeId t = r->first->type;
    if (!type_is(t, TYPE_INT) && !type_is(t, TYPE_COUNT)) report_type(k, r->first, "a number of members");
    else if (!constant_value(r->first, &value))
      diag_new(k->c->sink, E_CONSTANT_NEEDED, r->first->span,
               "how many are released first is the same for every run");
    else if (value < 1) diag_new(k->c->sink, E_LIMIT_ZERO, r->first->span, "at least one is released first");
    if (type_is(t, TYPE_COUNT)) unit = type_ref(t);
  }
  if (r->first_kind.atom) find_plural(k, r->first_kind.atom, &unit);
  if (kind != TYPE_NO_KIND && unit != kind && !kind_leads_up(k->c, kind, unit))
    diag_new(k->c->sink, E_LIMIT_UNIT, r->first ? r->first->span : r->first_kind.span,
             "what is released are %s", plural_text(k, kind));
  if (r->watch && check_duration(k, r->watch, "how long the first are watched", false) &&
      !constant_value(r->watch, &value))
    diag_new(k->c->sink, E_CONSTANT_NEEDED, r->watch->span,
             "how long the first are watched is the same for every run");
}

static void check_release(Checker *k, const Lockout *l, Release *r, uint32_t kind) {
  ScopeMark mark = enter_names(k);
  Binder *b = r->binder ? ast_cast(Binder, BINDER, r->binder) : NULL;
  if (b) open_binder(k, b, kind);
  leave_names(k, mark);
  check_release_order(k, l, r);
  check_canary(k, r, kind);
}

static void check_releases(Checker *k, Lockout *l, uint32_t kind) {
  bool release = false, owner = false;
  for (uint32_t i = 0; i < l->release.len; i++) {
    Node *n = l->release.items[i];
    if (n->kind == AST_RELEASE) {
      release = true;
      check_release(k, l, (Release *)n, kind);
    } else if (n->kind == AST_HAND_OVER) {
      owner = true;
      resolve_global(k, &((HandOver *)n)->role, NS_ROLE, "the role");
    }
  }
  check_once(k, &l->release, "a lockout");
  if ((release && owner) || incomplete(k, &l->node)) return;
  Span at = l->automations.len ? span_join((Span){l->node.span.lo, l->node.span.lo + 1},
                                           l->automations.items[l->automations.len - 1]->span)
                               : l->node.span;
  Diag *d = diag_new(k->c->sink, E_RELEASE, at,
                     release ? "the lockout does not say who owns what cannot be released"
                             : "the lockout does not say when it is released");
  diag_note(k->c->sink, d,
            release
                ? "`otherwise hand over to ROLE`: a lock is released or has an owner, it is never forgotten"
                : "`release each n when CONDITION`");
}

/* ---- lockout ---- */

bool find_set(Checker *k, Node *e, uint32_t *ret_kind) {
  if (!check_source(k, e, ret_kind)) return false;
  if (e->kind == AST_NAME_REF && ref_meaning((NameRef *)e) != REF_KIND) return true;
  Diag *d = diag_new(k->c->sink, E_NOT_SET, e->span, "this is no set that the runbook selects");
  diag_note(k->c->sink, d, "a set is frozen by the plan under a name: `select nodes = n in Node where ...`");
  return false;
}

bool check_lockout(Checker *k, Lockout *l) {
  refuse_in_fan(k, &l->node, "a lockout");
  if (k->attempt || k->undo) {
    const Node *outer = k->undo ? k->undo : k->attempt;
    Diag *d = diag_new(k->c->sink, E_LOCKOUT_IN_ATTEMPT,
                       (Span){l->node.span.lo, l->set ? l->set->span.hi : l->node.span.hi},
                       "a lockout inside an attempt");
    diag_label(k->c->sink, d, (Span){outer->span.lo, outer->span.lo + 1}, "the attempt");
    diag_note(k->c->sink, d,
              "the roll back would find the lock released: put the lockout around the attempt");
  }
  uint32_t kind = TYPE_NO_KIND;
  if (!l->set || !find_set(k, l->set, &kind)) kind = TYPE_NO_KIND;
  check_automations(k, &l->automations, kind);
  check_text(k, l->because);
  check_limits(k, &l->limits, kind, "what is locked are");
  check_handlers(k, &l->handlers, HANDLERS_OTHER, "a lockout");
  check_releases(k, l, kind);
  enter_scope(k, l->node.span);
  Node *outer = k->lockout;
  uint64_t held = k->held, locks = lock_bits(&l->automations);
  check_lock_order(k, (Span){l->node.span.lo, l->set ? l->set->span.hi : l->node.span.hi}, locks);
  k->lockout = &l->node;
  k->held |= locks;
  bool ends = check_block(k, l->body);
  k->lockout = outer;
  k->held = held;
  leave_scope(k);
  return ends;
}

/* ---- attempt ---- */

bool check_attempt(Checker *k, Attempt *a) {
  refuse_in_fan(k, &a->node, "an attempt");
  if (k->undo) {
    Diag *d = diag_new(k->c->sink, E_UNDO_BLOCK, (Span){a->node.span.lo, a->node.span.lo + 7},
                       "an attempt in a roll back");
    diag_note(k->c->sink, d, "there is one way back, and it is not tried but done");
  }
  enter_scope(k, a->node.span);
  Node *outer = k->attempt, *outer_undo = k->undo;
  k->attempt = &a->node;
  bool ends = check_block(k, a->body);
  k->attempt = outer;
  k->undo = a->undo;
  if (a->undo) check_block(k, a->undo);
  else if (!incomplete(k, &a->node))
    diag_new(k->c->sink, E_UNDO_BLOCK, a->node.span, "an attempt without `roll back { ... }`");
  k->undo = outer_undo;
  leave_scope(k);
  return ends;
}

/* ---- guards ---- */

static void check_guard(Checker *k, Node *n) {
  if (n->kind != AST_OVER) {
    check_condition(k, n);
    return;
  }
  check_condition(k, ((Over *)n)->condition);
  check_duration(k, ((Over *)n)->duration, "the time that a guard looks back", false);
}

bool check_throughout(Checker *k, Throughout *t) {
  for (uint32_t i = 0; i < t->conditions.len; i++) check_guard(k, t->conditions.items[i]);
  uint32_t handled = check_handlers(k, &t->handlers, HANDLERS_OTHER, "`throughout`");
  if (!handled && !incomplete(k, &t->node)) {
    Diag *d = diag_new(k->c->sink, E_UNHANDLED, t->node.span,
                       "`throughout` does not say what happens when it no longer holds");
    diag_note(k->c->sink, d, "`else start no more, roll back \"...\"`");
  }
  if (!t->body) return false;
  enter_scope(k, t->node.span);
  bool ends = check_block(k, t->body);
  leave_scope(k);
  return ends;
}

/* ---- settings ---- */

static void check_setting_kind(Checker *k, const WithSetting *s, const Symbol *setting, uint32_t kind) {
  const SettingDecl *d = (const SettingDecl *)setting->decl;
  for (uint32_t i = 0; i < d->kinds.len; i++) {
    const Symbol *of = ((const Word *)d->kinds.items[i])->name.symbol;
    if (!of || of->index == kind) return;
  }
  report_no_fact(k, s->set->span, setting, kind);
}

bool check_with_setting(Checker *k, WithSetting *s) {
  refuse_in_fan(k, &s->node, "a setting");
  Symbol *setting = resolve_global(k, &s->name, NS_PROPERTY, "the setting");
  uint32_t kind;
  bool set = s->set && find_set(k, s->set, &kind);
  if (setting && setting->kind != SYM_SETTING) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, s->name.span,
                       "`%s` is no setting: it is read, and actions change it", name_text(k, s->name.atom));
    diag_label(k->c->sink, d, setting->span, "declared here");
    setting = NULL;
  }
  if (setting && set) check_setting_kind(k, s, setting, kind);
  if (setting) check_value(k, s->value, setting->type, "the setting");
  check_handlers(k, &s->handlers, HANDLERS_OTHER, "a setting");
  enter_scope(k, s->node.span);
  bool ends = check_block(k, s->body);
  leave_scope(k);
  return ends;
}
