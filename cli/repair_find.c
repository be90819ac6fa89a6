/* repair_find: what a finding is about, in the syntax tree: the statement, what is around it, the call, the condition. */
#include <config.h>

#include "cli/repair_state.h"

#include <string.h>

/* ---- the tree ---- */

void each_node(Node *n, void (*see)(void *ctx, Node *n), void *ctx) {
  if (!n) return;
  see(ctx, n);
  const AstInfo *info = ast_info((AstKind)n->kind);
  for (uint32_t i = 0; i < info->field_count; i++) {
    char *field = (char *)n + info->fields[i].offset;
    if (info->fields[i].kind == FIELD_NODE) each_node(*(Node **)(void *)field, see, ctx);
    if (info->fields[i].kind != FIELD_LIST) continue;
    NodeList list = *(NodeList *)(void *)field;
    for (uint32_t j = 0; j < list.len; j++) each_node(list.items[j], see, ctx);
  }
}

static bool holds(const Node *n, SrcPos pos) { return n && n->span.lo <= pos && pos < n->span.hi; }

/* Pushes every statement of a list on the way down to the place. */
static void descend(Mender *m, Node *n) {
  const AstInfo *info = ast_info((AstKind)n->kind);
  for (uint32_t i = 0; i < info->field_count; i++) {
    char *field = (char *)n + info->fields[i].offset;
    if (info->fields[i].kind == FIELD_NODE && holds(*(Node **)(void *)field, m->at)) descend(m, *(Node **)(void *)field);
    if (info->fields[i].kind != FIELD_LIST) continue;
    NodeList list = *(NodeList *)(void *)field;
    for (uint32_t j = 0; j < list.len; j++) {
      if (!holds(list.items[j], m->at)) continue;
      if (n->kind == AST_BLOCK && m->depth < MENDER_DEPTH) m->frames[m->depth++] = (Frame){list.items[j], list, j};
      descend(m, list.items[j]);
    }
  }
}

const Fan *fan_of(const Node *stmt) {
  if (stmt->kind == AST_STEP) return (const Fan *)((const Step *)stmt)->fan;
  return stmt->kind == AST_EACH ? (const Fan *)((const Each *)stmt)->fan : NULL;
}

const Fan *fan_around(const Mender *m, uint32_t depth) {
  while (depth-- > 0)
    if (fan_of(m->frames[depth].node)) return fan_of(m->frames[depth].node);
  return NULL;
}

Block *block_of(Node *stmt) {
  switch ((AstKind)stmt->kind) {
    case AST_STEP: return (Block *)((Step *)stmt)->body;
    case AST_EACH: return (Block *)((Each *)stmt)->body;
    case AST_LOCKOUT: return (Block *)((Lockout *)stmt)->body;
    case AST_ATTEMPT: return (Block *)((Attempt *)stmt)->body;
    default: return NULL;
  }
}

Lockout *lockout_around(const Mender *m) {
  for (uint32_t i = m->depth; i-- > 0;)
    if (m->frames[i].node->kind == AST_LOCKOUT) return (Lockout *)m->frames[i].node;
  return NULL;
}

Attempt *attempt_around(const Mender *m, bool *ret_rolling) {
  for (uint32_t i = m->depth; i-- > 0;) {
    if (m->frames[i].node->kind != AST_ATTEMPT) continue;
    Attempt *a = (Attempt *)m->frames[i].node;
    *ret_rolling = holds(a->undo, m->at);
    return a;
  }
  return NULL;
}

Symbol *set_of_kind(const Mender *m, uint32_t kind) {
  const SymbolList *sets = &m->runbook->name.symbol->body->sets;
  for (uint32_t i = 0; i < sets->len; i++)
    if (sets->items[i]->entity_kind == kind) return sets->items[i];
  return NULL;
}

Symbol *fact_named(const Mender *m, const char *name) {
  for (uint32_t i = 0; i < m->c->facts.len; i++)
    if (strcmp(intern_text(m->c->names, m->c->facts.items[i]->name), name) == 0) return m->c->facts.items[i];
  return NULL;
}

const Node *declared(const SymbolList *list, const Compilation *c, const char *name) {
  for (uint32_t i = 0; i < list->len; i++)
    if (strcmp(intern_text(c->names, list->items[i]->name), name) == 0) return list->items[i]->decl;
  return NULL;
}

const ActionDecl *called_action(const Mender *m, uint32_t call) {
  const Node *n = declared(&m->c->actions, m->c, program_str(m->p, m->p->actions[m->p->calls[call].action].name));
  return n && n->kind == AST_ACTION ? (const ActionDecl *)n : NULL;
}

bool happened(const Mender *m, MoveKind kind) {
  for (uint32_t i = 0; i < m->f->len; i++)
    if (m->f->path[i].kind == kind) return true;
  return false;
}

/* ---- the place ---- */

static uint32_t place_pc(const Finding *f) {
  if (f->pc && f->pc != NONE_INDEX) return f->pc;
  for (uint32_t i = f->len; i-- > 0;)
    if (f->path[i].pc) return f->path[i].pc;
  return NONE_INDEX;
}

static RunbookDecl *runbook_of(const Mender *m) {
  for (uint32_t i = 0; i < m->c->runbooks.len; i++)
    if (strcmp(intern_text(m->c->names, m->c->runbooks.items[i]->name), program_str(m->p, m->p->name)) == 0)
      return (RunbookDecl *)m->c->runbooks.items[i]->decl;
  return NULL;
}

static void find_frames(Mender *m) {
  const char *name = NULL;
  uint32_t pc = place_pc(m->f), line = pc == NONE_INDEX ? 0 : program_line(m->p, pc, &name), len, from = 0;
  const Source *s = line && name ? source_named(m->c->map, name) : NULL;
  SrcPos lo;
  if (!s || s->library) return;
  const char *text = source_line(m->c->map, s, line, &len, &lo);
  while (text && from < len && (text[from] == ' ' || text[from] == '\t')) from++;
  m->at = lo + from;
  m->source = s;
  if (holds(m->runbook->body, m->at)) descend(m, m->runbook->body);
  for (uint32_t i = 0; i < m->c->procedures.len && m->depth == 0; i++) {
    Node *body = ((ProcedureDecl *)m->c->procedures.items[i]->decl)->body;
    if (holds(body, m->at)) descend(m, body);
  }
}

/* ---- the call ---- */

typedef struct CallSeek { const Mender *m; const char *name; uint32_t line; Call *found; } CallSeek;

static void seek_call(void *ctx, Node *n) {
  CallSeek *seek = ctx;
  Call *call = (Call *)n;
  if (n->kind != AST_CALL || strcmp(name_words(seek->m, call->name), seek->name) != 0) return;
  bool here = source_line_col(seek->m->c->map, n->span.lo).line == seek->line;
  if (!seek->found || (here && source_line_col(seek->m->c->map, seek->found->node.span.lo).line != seek->line)) seek->found = call;
}

static void find_call(Mender *m) {
  static const bool speaks_of[FINDING_KIND_COUNT] = {[FINDING_NEED] = true, [FINDING_MAKE] = true, [FINDING_CALL] = true,
                                                     [FINDING_CONFLICT] = true, [FINDING_OPAQUE] = true};
  if (!speaks_of[m->f->kind] || m->depth == 0) return;
  CallSeek seek = {m, program_str(m->p, m->p->actions[m->f->subject].name), source_line_col(m->c->map, m->at).line, NULL};
  each_node(m->frames[m->depth - 1].node, seek_call, &seek);
  m->call = seek.found;
  if (m->call && m->call->name.symbol && m->call->name.symbol->decl && m->call->name.symbol->decl->kind == AST_ACTION)
    m->action = (ActionDecl *)m->call->name.symbol->decl;
}

/* ---- the condition ---- */

static void add_term(Terms *t, const Symbol *from, const char *to) {
  if (from && to && t->count < MENDER_LEAVES) t->from[t->count] = from, t->to[t->count++] = to;
}

static Node *need_of(Mender *m) {
  uint32_t nth = m->f->row - m->p->actions[m->f->subject].needs.first;
  for (uint32_t i = 0; i < m->action->params.len && i < m->call->args.len; i++)
    add_term(&m->terms, ((ParamDecl *)m->action->params.items[i])->name.symbol, source_words(m, m->call->args.items[i]->span));
  for (uint32_t i = 0; i < m->action->clauses.len; i++)
    if (m->action->clauses.items[i]->kind == AST_NEEDS && nth-- == 0) return ((Needs *)m->action->clauses.items[i])->condition;
  return NULL;
}

/* A policy speaks of one thing of a kind: what the call is about, when that is of the kind. */
static void policy_terms(Mender *m, const PolicyDecl *policy) {
  for (uint32_t i = 0; i < policy->params.len; i++) {
    const Symbol *param = ((ParamDecl *)policy->params.items[i])->name.symbol;
    for (uint32_t j = 0; j < m->call->args.len; j++)
      if (param && m->call->args.items[j]->type == param->type) add_term(&m->terms, param, source_words(m, m->call->args.items[j]->span));
  }
}

static Node *policy_condition(Mender *m) {
  for (uint32_t i = 0; i < m->p->policies_count; i++) {
    const PolicyRow *row = &m->p->policies[i];
    if (m->f->row < row->rules.first || m->f->row >= row->rules.first + row->rules.count) continue;
    for (uint32_t j = 0; j < m->c->policies.len; j++) {
      PolicyDecl *decl = (PolicyDecl *)m->c->policies.items[j]->decl;
      if (strcmp(name_words(m, decl->name), program_str(m->p, row->name)) != 0 || m->f->row - row->rules.first >= decl->rules.len) continue;
      policy_terms(m, decl);
      Node *rule = decl->rules.items[m->f->row - row->rules.first];
      return rule->kind == AST_NEVER_MAKE ? ((NeverMake *)rule)->unless : rule->kind == AST_NEVER_CALL ? ((NeverCall *)rule)->unless : NULL;
    }
  }
  return NULL;
}

static void add_leaves(Mender *m, Node *n) {
  if (n->kind == AST_BINARY && (((Binary *)n)->op == OP_AND || ((Binary *)n)->op == OP_OR)) {
    add_leaves(m, ((Binary *)n)->left);
    add_leaves(m, ((Binary *)n)->right);
  } else if (m->leaf_count < MENDER_LEAVES) {
    m->leaves[m->leaf_count++] = n;
  }
}

bool mender_look(Mender *m) {
  m->runbook = runbook_of(m);
  if (!m->runbook) return false;
  find_frames(m);
  if (!m->source) m->source = source_of(m->c->map, m->runbook->node.span.lo);
  find_call(m);
  if (m->call && m->action && m->f->kind == FINDING_NEED) m->rule = need_of(m);
  if (m->call && m->action && (m->f->kind == FINDING_MAKE || m->f->kind == FINDING_CALL)) m->rule = policy_condition(m);
  if (m->rule) add_leaves(m, m->rule);
  return m->source && !m->source->library;
}
