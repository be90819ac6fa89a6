/* check_name: what a bare word is. The value of an enumeration that the other side has, a name in scope, a
 * kind, or in a procedure a set of the runbook that runs it; two of the first kinds at once are an error,
 * because a reader could take it for either. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

static TypeId set_meaning(NameRef *r, Symbol *s, RefMeaning meaning, TypeId type) {
  r->name.symbol = s;
  r->node.meaning = (uint8_t)meaning;
  return type;
}

static void report_clash(Checker *k, const NameRef *r, const Symbol *word, const Symbol *local) {
  const char *text = name_text(k, r->name.atom);
  Diag *d = diag_new(k->c->sink, E_WORD_CLASH, r->node.span,
                     "`%s` is a value here and also a name of this runbook", text);
  diag_label(k->c->sink, d, word->span, "the value");
  diag_label(k->c->sink, d, local->span, "the name");
  diag_note(k->c->sink, d, "rename the one that is yours");
}

static void note_words(Checker *k, Diag *d, uint32_t enumeration) {
  const EnumInfo *e = &k->c->enums.items[enumeration];
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < e->word_len; i++)
    buf_printf(&b, "%s%s", i ? ", " : "", name_text(k, e->words[i]->name));
  if (b.len) diag_note(k->c->sink, d, "the values are %s", b.data);
  buf_done(&b);
}

static void report_no_word(Checker *k, const NameRef *r, uint32_t enumeration) {
  const EnumInfo *e = &k->c->enums.items[enumeration];
  const char *text = name_text(k, r->name.atom);
  const char *owner = e->name ? name_text(k, e->name) : NULL;
  Diag *d = owner ? diag_new(k->c->sink, E_NO_SUCH_VALUE, r->node.span, "`%s` has no value `%s`", owner, text)
                  : diag_new(k->c->sink, E_NO_SUCH_VALUE, r->node.span, "there is no value `%s` here", text);
  if (checker_quiet(k)) return;
  if (e->owner) diag_label(k->c->sink, d, e->owner->span, "declared here");
  note_words(k, d, enumeration);
  Suggest s = suggest_begin(text, strlen(text));
  offer_words(k, &s, enumeration);
  suggest_fix(k, d, r->node.span, &s);
}

/* A plural where no set has that name. */
static void report_no_set(Checker *k, const NameRef *r, uint32_t kind) {
  const char *text = name_text(k, r->name.atom);
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, r->node.span, "no set is called `%s` here", text);
  Suggest s = suggest_begin(text, strlen(text));
  offer_locals(k, &s, NS_VALUE);
  const char *before = k->module->source->text + (r->node.span.lo - k->module->source->base);
  bool in = r->node.span.lo - k->module->source->base > 3 && memcmp(before - 3, "in ", 3) == 0;
  if (in && !suggest_best(&s)) suggest_offer(&s, kind_text(k, kind)); /* r in rack */
  suggest_fix(k, d, r->node.span, &s);
  diag_note(k->c->sink, d, "select one at the top of the runbook: `select %s = x in %s where ...`",
            plural_text(k, kind), kind_text(k, kind));
}

static const struct {
  uint8_t space;
  const char *is, *instead;
} misused[] = {
    {NS_PROPERTY, "something of an entity", "say of what: `X of n`"},
    {NS_ACTION, "an action or a procedure", NULL},
    {NS_AUTOMATION, "an automation", "ask `lockout of X on n`"},
    {NS_ROLE, "a role", NULL},
    {NS_CHANNEL, "a channel", NULL},
    {NS_POLICY, "a policy", NULL},
    {NS_RUNBOOK, "a runbook", NULL},
    {NS_SITE, "a site", NULL},
    {NS_GATE, "a gate", "ask `gate X`"},
    {NS_STEP, "a step", NULL},
    {NS_INCIDENT, "an incident", NULL},
};

static bool report_misused(Checker *k, const NameRef *r) {
  for (size_t i = 0; i < sizeof misused / sizeof *misused; i++) {
    Symbol *s = find_global(k, r->name.atom, (Namespace)misused[i].space);
    if (!s) continue;
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, r->node.span, "`%s` is %s, where a value is wanted",
                       name_text(k, r->name.atom), misused[i].is);
    diag_label(k->c->sink, d, s->span, "declared here");
    if (misused[i].instead) diag_note(k->c->sink, d, "%s", misused[i].instead);
    return true;
  }
  return false;
}

static void report_nothing(Checker *k, const NameRef *r, TypeId wanted) {
  const char *text = name_text(k, r->name.atom);
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, r->node.span, "nothing is called `%s` here", text);
  if (checker_quiet(k)) return;
  if (type_is(wanted, TYPE_TEXT)) {
    diag_fix(k->c->sink, d, r->node.span, false, arena_printf(k->c->arena, "\"%s\"", text),
             "write a text in quotes");
    return;
  }
  Suggest s = suggest_begin(text, strlen(text));
  offer_locals(k, &s, NS_VALUE);
  offer_globals(k, &s, NS_TYPE);
  suggest_fix(k, d, r->node.span, &s);
}

/* A set of this runbook that is not frozen yet. */
bool report_early_set(Checker *k, const Name *name) {
  const Select *sel = later_set(k, name->atom);
  if (!sel) return false;
  Diag *d = sel->after.atom ? diag_new(k->c->sink, E_SET_BEFORE, name->span,
                                       "set `%s` is frozen after step `%s`, and this is not behind it",
                                       name_text(k, name->atom), name_text(k, sel->after.atom))
                            : diag_new(k->c->sink, E_SET_BEFORE, name->span,
                                       "set `%s` is selected further down", name_text(k, name->atom));
  diag_label(k->c->sink, d, sel->name.span, "selected here");
  return true;
}

static TypeId report_ref(Checker *k, const NameRef *r, TypeId wanted) {
  uint32_t kind;
  if (maybe_dropped(k, r->name.atom) || lost_line(k, "use")) return type_plain(TYPE_POISON);
  if (!checker_quiet(k) && report_early_set(k, &r->name)) return type_plain(TYPE_POISON);
  if (type_is(wanted, TYPE_ENUM)) report_no_word(k, r, type_ref(wanted));
  else if (checker_quiet(k)) report_nothing(k, r, wanted);
  else if (find_plural(k, r->name.atom, &kind)) report_no_set(k, r, kind);
  else if (!report_misused(k, r) && !report_missing_use(k, &r->name, NS_TYPE, "the kind"))
    report_nothing(k, r, wanted);
  return type_plain(TYPE_POISON);
}

static TypeId report_alias(Checker *k, const NameRef *r, const Symbol *alias) {
  Diag *d = diag_new(k->c->sink, E_WRONG_NAME, r->node.span, "`%s` is the incident as a whole, where a value is wanted",
                     name_text(k, r->name.atom));
  diag_label(k->c->sink, d, alias->span, "named here");
  diag_note(k->c->sink, d, "say which of its fields: `%s.FIELD`", name_text(k, r->name.atom));
  return type_plain(TYPE_POISON);
}

static TypeId local_ref(Checker *k, NameRef *r, Symbol *s) {
  symbol_used(s);
  switch (s->kind) {
  case SYM_VAR: return set_meaning(r, s, REF_VAR, s->type);
  case SYM_PARAM: return set_meaning(r, s, REF_PARAM, s->type);
  case SYM_SET: return set_meaning(r, s, REF_SET, s->type);
  case SYM_ALIAS: return report_alias(k, r, s);
  default: break;
  }
  Diag *d = diag_new(k->c->sink, E_WRONG_NAME, r->node.span, "`%s` was remembered of a member: say of which",
                     name_text(k, r->name.atom));
  diag_label(k->c->sink, d, s->span, "remembered here");
  return type_plain(TYPE_POISON);
}

void want_run_set(Checker *k, uint32_t kind, Span span) {
  if (k->where != WHERE_PROCEDURE) return;
  for (uint32_t i = 0; i < k->body->run_set_len; i++)
    if (k->body->run_sets[i].kind == kind) return;
  vec_grow((void **)&k->body->run_sets, k->body->run_set_len, &k->body->run_set_cap, sizeof(RunSet));
  k->body->run_sets[k->body->run_set_len++] = (RunSet){kind, span};
}

/* A plural in a procedure or a contract: the set of that name of the runbook that runs it. */
static bool run_set_ref(Checker *k, NameRef *r, TypeId *ret) {
  uint32_t kind;
  if (k->where != WHERE_PROCEDURE && k->where != WHERE_CONTRACT) return false;
  if (!find_plural(k, r->name.atom, &kind) || k->c->kinds.items[kind].plural != r->name.atom) return false;
  want_run_set(k, kind, r->node.span);
  *ret = set_meaning(r, k->c->kinds.items[kind].symbol, REF_RUN_SET, type_of(TYPE_SET, kind));
  return true;
}

TypeId check_name_ref(Checker *k, NameRef *r, TypeId wanted) {
  Atom name = r->name.atom;
  if (name == 0) return type_plain(TYPE_POISON);
  if (name == k->unknown)
    return set_meaning(r, k->builtin[BUILTIN_UNKNOWN], REF_UNKNOWN, type_plain(TYPE_UNKNOWN));
  Symbol *word = type_is(wanted, TYPE_ENUM) ? enum_word(k->c, type_ref(wanted), name) : NULL;
  Symbol *local = find_local(k, name, NS_VALUE);
  if (word && local) {
    report_clash(k, r, word, local);
    return type_plain(TYPE_POISON);
  }
  if (word) return set_meaning(r, word, REF_WORD, word->type);
  if (local) return local_ref(k, r, local);
  Symbol *type = find_global(k, name, NS_TYPE);
  if (type && !resolve_global(k, &r->name, NS_TYPE, "the kind"))
    return type_plain(TYPE_POISON); /* two modules declare it */
  if (type && type->kind == SYM_KIND) return set_meaning(r, type, REF_KIND, type_of(TYPE_SET, type->index));
  TypeId t;
  if (run_set_ref(k, r, &t)) return t;
  return report_ref(k, r, wanted);
}
