/* resolve_declare: a symbol for every declaration of a module, in its table and in the table of names, before
 * anything is looked up: the order of declarations never matters. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

static void report_duplicate(Checker *k, const Symbol *s, const Symbol *first) {
  Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, s->span, "`%s` is declared twice", name_text(k, s->name));
  diag_label(k->c->sink, d, first->span, "declared here first");
}

/* Puts the symbol into the table of names unless its module declares the name already. */
static void declare_global(Checker *k, Symbol *s) {
  if (s->name == 0) return;
  for (Symbol *o = scope_find(k->scope, s->name, (Namespace)s->space); o;
       o = scope_next(o->outer, (Namespace)s->space)) {
    if (o->module != s->module) continue;
    report_duplicate(k, s, o);
    return;
  }
  scope_add_global(k->scope, s);
}

static Symbol *declare(Checker *k, SymbolKind kind, Namespace space, SymbolList *list, Name *name,
                       Node *decl) {
  Symbol *s = symbol_new(k, kind, space, name, decl);
  if (list) symbols_add(list, s);
  name->symbol = s;
  declare_global(k, s);
  return s;
}

/* ---- kinds ---- */

static bool upper(char c) { return c >= 'A' && c <= 'Z'; }

/* CoolingUnit -> cooling_unit, NVSwitch -> nv_switch. */
static Atom snake_case(Checker *k, const char *name) {
  Buf b = BUF_INIT;
  for (const char *p = name; *p; p++) {
    bool starts =
        upper(*p) && p > name && p[-1] != '_' && (!upper(p[-1]) || (p[1] && !upper(p[1]) && p[1] != '_'));
    if (starts) buf_char(&b, '_');
    buf_char(&b, upper(*p) ? (char)(*p - 'A' + 'a') : *p);
  }
  Atom a = intern_add(k->c->names, b.data ? b.data : "", b.len);
  buf_done(&b);
  return a;
}

static bool ends_in(const char *s, size_t len, const char *end) {
  size_t n = strlen(end);
  return len >= n && memcmp(s + len - n, end, n) == 0;
}

/* As English has it: rack -> racks, switch -> switches, facility -> facilities. Others say `plural`. */
static Atom plural_of(Checker *k, Atom singular) {
  const char *s = name_text(k, singular);
  size_t len = strlen(s);
  const char *text;
  bool hissing = ends_in(s, len, "s") || ends_in(s, len, "x") || ends_in(s, len, "z") ||
                 ends_in(s, len, "ch") || ends_in(s, len, "sh");
  bool consonant_y = len >= 2 && s[len - 1] == 'y' && !strchr("aeiou", s[len - 2]);
  if (hissing) text = arena_printf(k->c->arena, "%ses", s);
  else if (consonant_y) text = arena_printf(k->c->arena, "%.*sies", (int)len - 1, s);
  else text = arena_printf(k->c->arena, "%ss", s);
  return intern_str(k->c->names, text);
}

/* The words of a kind, `node` and `nodes`, so that one lookup finds them. */
static void declare_member_word(Checker *k, Symbol *kind, Atom word) {
  Name name = {.atom = word, .span = kind->span};
  Symbol *s = symbol_new(k, SYM_KIND, NS_MEMBER, &name, kind->decl);
  s->index = kind->index;
  s->type = kind->type;
  declare_global(k, s);
}

static void declare_kind(Checker *k, KindDecl *d) {
  Symbol *s = symbol_new(k, SYM_KIND, NS_TYPE, &d->name, &d->node);
  s->index = k->c->kinds.len;
  s->type = type_of(TYPE_ENTITY, s->index);
  s->entity_kind = s->index;
  d->name.symbol = s;
  Atom singular = snake_case(k, name_text(k, d->name.atom));
  KindInfo info = {.symbol = s,
                   .decl = d,
                   .parent = TYPE_NO_KIND,
                   .singular = singular,
                   .plural = d->plural.atom ? d->plural.atom : plural_of(k, singular)};
  vec_push(&k->c->kinds, info);
  declare_global(k, s);
  declare_member_word(k, s, info.singular);
  if (info.plural != info.singular) declare_member_word(k, s, info.plural);
}

bool find_plural(Checker *k, Atom word, uint32_t *ret_kind) {
  Symbol *s = find_global(k, word, NS_MEMBER);
  if (!s) return false;
  *ret_kind = s->index;
  return true;
}

/* ---- runbooks, procedures ---- */

static void declare_body(Checker *k, Symbol *s) {
  Body *b = arena_new_object(k->c->arena, Body);
  b->symbol = s;
  s->body = b;
  vec_push(&k->c->bodies, b);
}

/* ---- services: declared by whoever names them first ---- */

static void declare_service(Checker *k, Name *name) {
  if (name->atom == 0) return;
  Symbol *s = scope_find(k->scope, name->atom, NS_SERVICE);
  if (!s) {
    s = symbol_new(k, SYM_SERVICE, NS_SERVICE, name, NULL);
    s->module = NULL; /* one service for all modules */
    s->index = k->c->services.len;
    ServiceInfo info = {.symbol = s};
    vec_push(&k->c->services, info);
    scope_add_global(k->scope, s);
  }
  name->symbol = s;
}

static void declare_services(Checker *k, ActionDecl *a) {
  for (uint32_t i = 0; i < a->clauses.len; i++) {
    Node *n = a->clauses.items[i];
    if (n->kind == AST_THROUGH) declare_service(k, &((Through *)n)->service);
    if (n->kind == AST_IN_FLIGHT) declare_service(k, &((InFlight *)n)->per);
  }
}

/* ---- all ---- */

static void declare_decl(Checker *k, Node *n) {
  Compilation *c = k->c;
  switch (n->kind) {
  case AST_KIND: declare_kind(k, (KindDecl *)n); break;
  case AST_TYPE: declare(k, SYM_TYPE, NS_TYPE, NULL, &((TypeDecl *)n)->name, n); break;
  case AST_FACT: declare(k, SYM_FACT, NS_PROPERTY, &c->facts, &((FactDecl *)n)->name, n); break;
  case AST_METRIC: declare(k, SYM_METRIC, NS_PROPERTY, &c->metrics, &((MetricDecl *)n)->name, n); break;
  case AST_SETTING: declare(k, SYM_SETTING, NS_PROPERTY, &c->settings, &((SettingDecl *)n)->name, n); break;
  case AST_ROLE: declare(k, SYM_ROLE, NS_ROLE, &c->roles, &((RoleDecl *)n)->name, n); break;
  case AST_CHANNEL: declare(k, SYM_CHANNEL, NS_CHANNEL, &c->channels, &((ChannelDecl *)n)->name, n); break;
  case AST_AUTOMATION:
    declare(k, SYM_AUTOMATION, NS_AUTOMATION, &c->automations, &((AutomationDecl *)n)->name, n);
    break;
  case AST_HAZARD: declare(k, SYM_HAZARD, NS_AUTOMATION, &c->hazards, &((HazardDecl *)n)->name, n); break;
  case AST_POLICY: declare(k, SYM_POLICY, NS_POLICY, &c->policies, &((PolicyDecl *)n)->name, n); break;
  case AST_SITE: declare(k, SYM_SITE, NS_SITE, &c->sites, &((SiteDecl *)n)->name, n); break;
  case AST_ACTION:
    declare(k, SYM_ACTION, NS_ACTION, &c->actions, &((ActionDecl *)n)->name, n);
    declare_services(k, (ActionDecl *)n);
    break;
  case AST_RUNBOOK:
    declare_body(k, declare(k, SYM_RUNBOOK, NS_RUNBOOK, &c->runbooks, &((RunbookDecl *)n)->name, n));
    break;
  case AST_PROCEDURE:
    declare_body(k, declare(k, SYM_PROCEDURE, NS_ACTION, &c->procedures, &((ProcedureDecl *)n)->name, n));
    break;
  case AST_INCIDENT: declare(k, SYM_INCIDENT, NS_INCIDENT, &c->incidents, &((IncidentDecl *)n)->name, n); break;
  case AST_TEST: {
    TestDecl *t = (TestDecl *)n;
    vec_push(&c->tests, t);
    break;
  }
  default: break; /* `use`, and what the parser could not make out */
  }
}

void declare_module(Checker *k, Module *m) {
  k->body = NULL;
  for (uint32_t i = 0; i < m->file->decls.len; i++) declare_decl(k, m->file->decls.items[i]);
}
