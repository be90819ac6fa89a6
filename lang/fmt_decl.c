/* fmt_decl: declarations and the clauses of contracts and policies. Every line starts in fmt_clause. */
#include <config.h>

#include "lang/fmt_state.h"
#include "lang/utf8.h"
#include <string.h>

#define ACTION_PAD 11u /* "on failure " */

/* The first word of a clause, filled up to pad cells. */
static void put_word(Fmt *f, const char *word, uint32_t pad) {
  size_t len = strlen(word);
  fmt_put(f, "%s ", word);
  if (pad > len + 1) buf_fill(&f->line, ' ', pad - len - 1);
}

/* Where the source of a declaration's block begins: behind the last part of its header. */
static SrcPos behind(SrcPos pos, Span part) { return part.hi > pos ? part.hi : pos; }
static SrcPos behind_node(SrcPos pos, const Node *n) { return n ? behind(pos, n->span) : pos; }
static SrcPos behind_list(SrcPos pos, const NodeList *list) {
  return list->len ? behind(pos, list->items[list->len - 1]->span) : pos;
}

static void put_block(Fmt *f, const Node *decl, const NodeList *lines, SrcPos header, uint32_t pad) {
  fmt_block(f, lines, header, decl->span.hi - 1, pad);
}

/* ---- types ---- */

void fmt_type(Fmt *f, const Node *n) {
  if (n->kind == AST_TYPE_ENUM) {
    fmt_put(f, "%w", &((const TypeEnum *)n)->values);
    return;
  }
  const TypeName *t = (const TypeName *)n;
  fmt_put(f, "%s%s%n", t->is_own ? "own " : "", t->is_list ? "list of " : "", &t->name);
}

static void put_param(Fmt *f, const ParamDecl *p, const char *colon) {
  fmt_put(f, "%n", &p->name);
  if (!p->type) return;
  fmt_put(f, "%s", colon);
  fmt_type(f, p->type);
}

static void put_params(Fmt *f, const NodeList *params) {
  fmt_put(f, "(");
  for (uint32_t i = 0; i < params->len; i++) {
    if (i) fmt_put(f, ",^");
    put_param(f, (const ParamDecl *)params->items[i], ": ");
  }
  fmt_put(f, ")");
}

static void put_typed(Fmt *f, const char *word, const Name *name, const NodeList *kinds, const Node *type,
                      const Node *title) {
  fmt_put(f, "%s %n of %w : ", word, name, kinds);
  fmt_type(f, type);
  fmt_put(f, "%t", title);
}

static void put_kind(Fmt *f, const KindDecl *k) {
  fmt_put(f, "kind %n", &k->name);
  if (k->parent.atom) fmt_put(f, " in %n", &k->parent);
  if (k->plural.atom) fmt_put(f, " plural %n", &k->plural);
  fmt_put(f, "%t", k->title);
  uint32_t pad = 0;
  for (uint32_t i = 0; i < k->attrs.len; i++) {
    const AttrDecl *a = (const AttrDecl *)k->attrs.items[i];
    const char *name = intern_text(f->names, a->name.atom);
    uint32_t cells = (uint32_t)utf8_cells(name, strlen(name), 0) + (a->is_key ? 4 : 0);
    if (cells > pad) pad = cells;
  }
  SrcPos header = behind(behind(k->name.span.hi, k->parent.span), k->plural.span);
  header = behind_node(header, k->title);
  if (k->attrs.len || header + 1 < k->node.span.hi) put_block(f, &k->node, &k->attrs, header, pad);
}

static void put_attr(Fmt *f, const AttrDecl *a, uint32_t pad) {
  size_t from = f->line.len;
  fmt_put(f, a->is_key ? "key %n" : "%n", &a->name);
  if (!a->type) return;
  size_t cells = utf8_cells(f->line.data + from, f->line.len - from, 0);
  if (pad > cells) buf_fill(&f->line, ' ', pad - cells);
  fmt_put(f, " : ");
  fmt_type(f, a->type);
}

/* ---- contracts ---- */

static void put_effects(Fmt *f, const NodeList *effects) {
  static const char *const modes[] = {"is", "may be", "may become"};
  for (uint32_t i = 0; i < effects->len; i++) {
    const Effect *e = (const Effect *)effects->items[i];
    if (i) fmt_put(f, ",~");
    if (e->over) {
      fmt_put(f, "every ");
      fmt_binder(f, e->over, LEVEL_OR);
      fmt_put(f, ": ");
    }
    fmt_put(f, "%o %s %w", e->target, modes[e->mode], &e->values);
  }
}

static void put_takes(Fmt *f, const Takes *t) {
  fmt_put(f, t->high ? "%o to %o" : "%o", t->low, t->high);
  if (t->most) fmt_put(f, ",~at most %o", t->most);
}

static void put_overdue(Fmt *f, const Node *most) {
  if (most) fmt_put(f, ", at most %o overdue", most);
}

static bool put_contract(Fmt *f, const Node *n, uint32_t pad) {
  switch ((AstKind)n->kind) {
  case AST_NEEDS: put_word(f, "needs", pad), fmt_put(f, "%e", ((const Needs *)n)->condition); break;
  case AST_MAKES:
    put_word(f, ((const Makes *)n)->also ? "also makes" : "makes", pad);
    put_effects(f, &((const Makes *)n)->effects);
    break;
  case AST_ON_FAILURE: put_word(f, "on failure", pad), put_effects(f, &((const OnFailure *)n)->effects); break;
  case AST_LEARNS: put_word(f, "learns", pad), fmt_put(f, "%w", &((const Learns *)n)->targets); break;
  case AST_MAY_LAND: put_word(f, "may land", pad), fmt_put(f, "until %o after", ((const MayLand *)n)->until); break;
  case AST_TAKES: put_word(f, "takes", pad), put_takes(f, (const Takes *)n); break;
  case AST_THROUGH: {
    const Through *t = (const Through *)n;
    put_word(f, "through", pad);
    fmt_put(f, t->limit ? "%n " : "%n", &t->service);
    if (t->limit) fmt_limit(f, t->limit);
    put_overdue(f, t->overdue);
    break;
  }
  case AST_IN_FLIGHT:
    put_word(f, "in flight", pad);
    fmt_put(f, "at most %o per %n", ((const InFlight *)n)->count, &((const InFlight *)n)->per);
    put_overdue(f, ((const InFlight *)n)->overdue);
    break;
  case AST_UNDO:
    put_word(f, "undo", pad);
    fmt_put(f, ((const Undo *)n)->call ? "%o" : "none", ((const Undo *)n)->call);
    break;
  case AST_REPEAT: {
    const Repeat *r = (const Repeat *)n;
    put_word(f, "repeat", pad);
    fmt_put(f, r->mode == REPEAT_SAFE ? "safe" : r->mode == REPEAT_ASK ? "ask" : "check %e", r->condition);
    break;
  }
  default: return false;
  }
  return true;
}

static void put_auto_when(Fmt *f, const AutoWhen *w) {
  if (w->condition) {
    fmt_put(f, "when ");
    fmt_values_bare(f, w->condition);
    fmt_put(f, ": ");
  }
  put_effects(f, &w->effects);
  fmt_put(f, "%t", w->why);
}

static bool put_automation_line(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_AUTO_WHEN: put_auto_when(f, (const AutoWhen *)n); break;
  case AST_AUTO_LOCK:
    fmt_put(f, "lock takes ");
    put_takes(f, (const Takes *)((const AutoLock *)n)->takes);
    fmt_put(f, ",~quiet within %o", ((const AutoLock *)n)->quiet);
    break;
  case AST_AUTO_BACKLOG:
    fmt_put(f, ((const AutoBacklog *)n)->mode == BACKLOG_DISCARD ? "backlog discard" : "backlog replay");
    break;
  default: return false;
  }
  return true;
}

static bool put_rule(Fmt *f, const Node *n) {
  const Node *unless = NULL;
  switch ((AstKind)n->kind) {
  case AST_NEVER_MAKE: {
    const NeverMake *m = (const NeverMake *)n;
    fmt_put(f, m->negated ? "never make %o not %w" : "never make %o %w", m->target, &m->values);
    unless = m->unless;
    break;
  }
  case AST_NEVER_CALL:
    fmt_put(f, "never %o", ((const NeverCall *)n)->call);
    unless = ((const NeverCall *)n)->unless;
    break;
  case AST_NEVER_LET:
    fmt_put(f, "never let an automation make %o %w", ((const NeverLet *)n)->target, &((const NeverLet *)n)->values);
    unless = ((const NeverLet *)n)->unless;
    break;
  case AST_FINALLY:
    fmt_put(f, ((const Finally *)n)->rule == FINALLY_RELEASED
                   ? "finally every lockout is released or handed over"
                   : "finally nothing handed over unless it or its container failed");
    break;
  default: return false;
  }
  if (unless) fmt_put(f, "~unless %e", unless);
  return true;
}

/* ---- declarations ---- */

static void put_automation(Fmt *f, const AutomationDecl *a) {
  fmt_put(f, "automation %n%t", &a->name, a->title);
  NodeList lines = {arena_new_array(f->arena, Node *, a->clauses.len + 1), 0};
  if (a->on) lines.items[lines.len++] = a->on;
  for (uint32_t i = 0; i < a->clauses.len; i++) lines.items[lines.len++] = a->clauses.items[i];
  f->in_automation = true;
  put_block(f, &a->node, &lines, behind_node(a->name.span.hi, a->title), 0);
  f->in_automation = false;
}

/* A campaign's lines follow its head, as a runbook's statements do. */
static void put_runbook(Fmt *f, const RunbookDecl *r) {
  const Block *body = (const Block *)r->body;
  NodeList own = body->stmts;
  bool campaign = own.len == 1 && own.items[0]->kind == AST_CAMPAIGN;
  if (campaign) own = ((const Campaign *)own.items[0])->clauses;
  fmt_put(f, campaign ? "campaign %n%t" : "runbook %n%t", &r->name, r->title);
  NodeList lines = {arena_new_array(f->arena, Node *, r->clauses.len + own.len), 0};
  for (uint32_t i = 0; i < r->clauses.len; i++) lines.items[lines.len++] = r->clauses.items[i];
  for (uint32_t i = 0; i < own.len; i++) lines.items[lines.len++] = own.items[i];
  fmt_block(f, &lines, body->node.span.lo, body->node.span.hi - 1, 0);
}

static void put_setting(Fmt *f, const SettingDecl *s) {
  fmt_put(f, "setting %n%t of %w : ", &s->name, s->title, &s->kinds);
  fmt_type(f, s->type);
  SrcPos header = s->type->span.hi;
  if (s->clauses.len || header < s->node.span.hi) put_block(f, &s->node, &s->clauses, header, ACTION_PAD);
}

static void put_incident(Fmt *f, const IncidentDecl *d) {
  fmt_put(f, "incident %n%t", &d->name, d->title);
  f->in_incident = true;
  put_block(f, &d->node, &d->fields, behind_node(d->name.span.hi, d->title), 0);
  f->in_incident = false;
}

static bool put_declaration(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_WORD: fmt_put(f, "module %n", &((const Word *)n)->name); break;
  case AST_USE: fmt_put(f, "use %w", &((const Use *)n)->names); break;
  case AST_KIND: put_kind(f, (const KindDecl *)n); break;
  case AST_TYPE:
    fmt_put(f, "type %n : ", &((const TypeDecl *)n)->name);
    fmt_type(f, ((const TypeDecl *)n)->type);
    break;
  case AST_FACT: {
    const FactDecl *d = (const FactDecl *)n;
    put_typed(f, "fact", &d->name, &d->kinds, d->type, d->title);
    break;
  }
  case AST_METRIC: {
    const MetricDecl *d = (const MetricDecl *)n;
    put_typed(f, "metric", &d->name, &d->kinds, d->type, d->title);
    break;
  }
  case AST_ROLE: fmt_put(f, "role %n%t", &((const RoleDecl *)n)->name, ((const RoleDecl *)n)->title); break;
  case AST_CHANNEL:
    fmt_put(f, "channel %n%t", &((const ChannelDecl *)n)->name, ((const ChannelDecl *)n)->title);
    break;
  case AST_ACTION: {
    const ActionDecl *d = (const ActionDecl *)n;
    fmt_put(f, "action %n", &d->name);
    put_params(f, &d->params);
    fmt_put(f, "%t", d->title);
    put_block(f, n, &d->clauses, behind_node(behind_list(d->name.span.hi, &d->params), d->title), ACTION_PAD);
    break;
  }
  case AST_AUTOMATION: put_automation(f, (const AutomationDecl *)n); break;
  case AST_HAZARD: {
    const HazardDecl *d = (const HazardDecl *)n;
    fmt_put(f, "hazard %n on ", &d->name);
    put_param(f, (const ParamDecl *)d->on, ": ");
    fmt_put(f, "%t", d->title);
    put_block(f, n, &d->clauses, behind_node(d->on->span.hi, d->title), 0);
    break;
  }
  case AST_SETTING: put_setting(f, (const SettingDecl *)n); break;
  case AST_POLICY: {
    const PolicyDecl *d = (const PolicyDecl *)n;
    fmt_put(f, "policy %n", &d->name);
    put_params(f, &d->params);
    fmt_put(f, "%t", d->title);
    put_block(f, n, &d->rules, behind_node(behind_list(d->name.span.hi, &d->params), d->title), 0);
    break;
  }
  case AST_SITE: {
    const SiteDecl *d = (const SiteDecl *)n;
    fmt_put(f, "site %n%t", &d->name, d->title);
    put_block(f, n, &d->clauses, behind_node(d->name.span.hi, d->title), 0);
    break;
  }
  case AST_RUNBOOK: put_runbook(f, (const RunbookDecl *)n); break;
  case AST_INCIDENT: put_incident(f, (const IncidentDecl *)n); break;
  case AST_PROCEDURE: {
    const ProcedureDecl *d = (const ProcedureDecl *)n;
    fmt_put(f, "procedure %n", &d->name);
    put_params(f, &d->params);
    fmt_put(f, "%t", d->title);
    fmt_braces(f, d->body);
    break;
  }
  case AST_TEST: {
    const TestDecl *d = (const TestDecl *)n;
    fmt_put(f, "test%t of %n", d->title, &d->runbook);
    put_block(f, n, &d->clauses, d->runbook.span.hi, 0);
    break;
  }
  default: return false;
  }
  return true;
}

/* Each of them knows its own kinds and leaves the others alone. */
static bool put_clause(Fmt *f, const Node *n, uint32_t pad) {
  return fmt_statement(f, n) || fmt_head(f, n) || fmt_campaign(f, n) || put_contract(f, n, pad) || put_automation_line(f, n) ||
         put_rule(f, n) || fmt_site_clause(f, n) || fmt_test_clause(f, n) || put_declaration(f, n);
}

void fmt_clause(Fmt *f, const Node *n, uint32_t pad) {
  if (n->kind == AST_ATTR) put_attr(f, (const AttrDecl *)n, pad);
  else if (!put_clause(f, n, pad)) fmt_guard(f, n); /* a line of throughout is a condition */
}
