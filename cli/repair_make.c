/* repair_make: what is needed is brought about before, by an action whose contract makes it true, or is asked for. */
#include <config.h>

#include "cli/repair_state.h"

#include <string.h>

/* ---- what makes a fact so ---- */

/* A fact of something is one of some values: what an action may make true. */
typedef struct Want { const Symbol *fact; const Is *is; const char *of; uint32_t kind; } Want;

static bool is_want(const Mender *m, const Node *leaf, Want *ret) {
  const Is *is = (const Is *)leaf;
  if (leaf->kind != AST_IS || is->mode == IS_MAY_BE || is->subject->kind != AST_OF) return false;
  const Of *of = (const Of *)is->subject;
  if (of_meaning(of) != OF_FACT || !type_is(of->object->type, TYPE_ENTITY)) return false;
  *ret = (Want){of->name.symbol, is, in_terms(m, of->object), type_ref(of->object->type)};
  return ret->of != NULL;
}

static bool is_among(const Symbol *word, const NodeList values) {
  for (uint32_t i = 0; i < values.len; i++)
    if (values.items[i]->kind == AST_NAME_REF && ((const NameRef *)values.items[i])->name.symbol == word) return true;
  return false;
}

/* Every value that the effect may leave is one that is wanted. */
static bool effect_fits(const Effect *e, const Want *w) {
  bool wanted = w->is->mode == IS_IS || w->is->mode == IS_IN;
  const Of *of = (const Of *)e->target;
  if (e->over || e->mode != EFFECT_IS || of->node.kind != AST_OF || of->name.symbol != w->fact || of->object->kind != AST_NAME_REF) return false;
  if (!type_is(of->object->type, TYPE_ENTITY) || type_ref(of->object->type) != w->kind || e->values.len == 0) return false;
  for (uint32_t i = 0; i < e->values.len; i++)
    if (e->values.items[i]->kind != AST_NAME_REF || is_among(((NameRef *)e->values.items[i])->name.symbol, w->is->values) != wanted) return false;
  return true;
}

static bool makes(const ActionDecl *a, const Want *w, bool also) {
  if (a->params.len != 1) return false;
  for (uint32_t i = 0; i < a->clauses.len; i++) {
    const Makes *clause = (const Makes *)a->clauses.items[i];
    if (clause->node.kind != AST_MAKES || (clause->also != 0) != also) continue;
    for (uint32_t j = 0; j < clause->effects.len; j++)
      if (effect_fits((const Effect *)clause->effects.items[j], w)) return true;
  }
  return false;
}

enum { MAKERS_MOST = 4 };

static uint32_t makers(const Mender *m, const Want *w, const ActionDecl **out) {
  uint32_t n = 0;
  for (int also = 0; also < 2; also++)
    for (uint32_t i = 0; i < m->c->actions.len && n < MAKERS_MOST; i++) {
      const ActionDecl *a = (const ActionDecl *)m->c->actions.items[i]->decl;
      if (a && makes(a, w, also != 0)) out[n++] = a;
    }
  return n;
}

/* ---- lines ---- */

typedef struct SameCall { const Mender *m; const ActionDecl *action; const char *of; const Call *found; } SameCall;

static void seek_same(void *ctx, Node *n) {
  SameCall *seek = ctx;
  const Call *call = (const Call *)n;
  if (n->kind != AST_CALL || seek->found || !call->name.symbol || call->name.symbol->decl != &seek->action->node || call->args.len != 1) return;
  if (strcmp(source_words(seek->m, call->args.items[0]->span), seek->of) == 0) seek->found = call;
}

/* With the deadline, the retries and the reason that the runbook has for it elsewhere. */
static const char *call_words(Mender *m, const ActionDecl *a, const char *of, const char *leave) {
  SameCall seek = {m, a, of, NULL};
  const char *name = name_words(m, a->name), *until = "";
  each_node(m->runbook->body, seek_same, &seek);
  if (seek.found && seek.found->handlers.len) {
    const Call *c = seek.found;
    until = source_words(m, (Span){c->args.items[0]->span.hi + 1, c->handlers.items[0]->span.lo});
    const Node *exit = ((const Handler *)c->handlers.items[0])->stmt;
    const Node *why = exit && exit->kind == AST_SET_ASIDE ? ((const SetAside *)exit)->why : NULL;
    size_t keep = strcspn(leave, "\"");
    if (why && !strchr(source_words(m, why->span), '$')) leave = arena_printf(m->arena, "%.*s%s", (int)keep, leave, source_words(m, why->span));
    while (*until == ' ') until++;
    if (strchr(until, '\n')) until = "";
  }
  return arena_printf(m->arena, "%s(%s)%s%s%selse %s", name, of, *until && *until != ',' ? " " : "", until, *until && until[strlen(until) - 1] == ' ' ? "" : " ", leave);
}

static const char *why_words(Mender *m, const ActionDecl *a) {
  char *why = arena_printf(m->arena, "%s fails", name_words(m, a->name));
  for (char *c = why; *c; c++)
    if (*c == '_') *c = ' ';
  return why;
}

/* Lines that bring it about: what the action needs first, as far as another action makes it. */
static bool lines_for(Mender *m, const ActionDecl *a, const char *of, uint32_t depth, const char *target, bool chain, Buf *out) {
  const ParamDecl *param = (const ParamDecl *)a->params.items[0];
  Terms saved = m->terms;
  bool any = false;
  m->terms = (Terms){.from = {param->name.symbol}, .to = {of}, .count = 1};
  for (uint32_t i = 0; chain && i < a->clauses.len; i++) {
    const Node *need = a->clauses.items[i]->kind == AST_NEEDS ? ((const Needs *)a->clauses.items[i])->condition : NULL;
    const ActionDecl *first[MAKERS_MOST];
    Want w;
    if (!need || !is_want(m, need, &w) || strcmp(w.of, of) != 0 || makers(m, &w, first) == 0 || first[0] == a) continue;
    any |= true;
    lines_for(m, first[0], of, depth, target, false, out);
  }
  m->terms = saved;
  const char *leave = target ? arena_printf(m->arena, "set aside %s \"%s\"", target, why_words(m, a)) : exit_words(m, depth, why_words(m, a));
  buf_printf(out, "%s%s", out->len ? "\n" : "", call_words(m, a, of, leave));
  return any;
}

/* ---- before the statement, or before what it stands in ---- */

/* The same thing, as a fan-out further out calls it: `n.rack.cooling` is `r.cooling` where r runs over racks. */
static const char *seen_from(Mender *m, const char *of, uint32_t depth) {
  const Fan *inner = fan_around(m, m->depth), *outer = fan_around(m, depth);
  if (inner == outer) return of;
  if (!inner || !outer) return NULL;
  const Binder *in = (const Binder *)inner->binder, *out = (const Binder *)outer->binder;
  if (!out->name.symbol || !type_is(out->name.symbol->type, TYPE_ENTITY)) return NULL;
  const char *up = intern_text(m->c->names, m->c->kinds.items[type_ref(out->name.symbol->type)].singular);
  const char *prefix = arena_printf(m->arena, "%s.%s", name_words(m, in->name), up);
  size_t n = strlen(prefix);
  if (strncmp(of, prefix, n) == 0 && (of[n] == 0 || of[n] == '.')) return arena_printf(m->arena, "%s%s", name_words(m, out->name), of + n);
  const char *own = name_words(m, out->name);
  return strncmp(of, own, strlen(own)) == 0 && (of[strlen(own)] == 0 || of[strlen(own)] == '.') ? of : NULL;
}

static void make_before(Mender *m, const ActionDecl *a, const char *of, uint32_t depth, bool chain) {
  Buf lines = BUF_INIT;
  if (lines_for(m, a, of, depth, NULL, chain, &lines) || !chain) {
    Proposal *p = propose(m, "write `%s(%s)`%s before this", name_words(m, a->name), of, chain ? ", with what it needs," : "");
    if (!chain) use_module(m, p, a->name.symbol->module);
    insert_before(m, p, m->frames[depth - 1].node, arena_string(m->arena, lines.data, lines.len));
  }
  buf_done(&lines);
}

static void make_want(Mender *m, const Want *w) {
  const ActionDecl *found[MAKERS_MOST];
  uint32_t n = makers(m, w, found);
  for (int chain = 0; chain < 2; chain++)
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t depth = m->depth; depth > 0 && depth + 3 > m->depth; depth--) {
        const char *of = found[i] == m->action ? NULL : seen_from(m, w->of, depth);
        if (of) make_before(m, found[i], of, depth, chain != 0);
      }
}

/* ---- for every one below ---- */

static const char *confirm_words(Mender *m, const Node *condition, uint32_t depth) {
  const char *text = in_terms(m, condition), *why = "not as it has to be";
  const Node *leaf = condition->kind == AST_QUANTIFIED ? ((const Quantified *)condition)->condition : condition;
  if (leaf->kind == AST_IS && ((const Is *)leaf)->subject->kind == AST_OF && ((const Is *)leaf)->values.len == 1) {
    const Is *is = (const Is *)leaf;
    const char *fact = name_words(m, ((const Of *)is->subject)->name), *value = source_words(m, is->values.items[0]->span);
    why = arena_printf(m->arena, "%s is %s%s", fact, is->mode == IS_NOT ? "" : "not ", value);
  }
  return text ? arena_printf(m->arena, "confirm %s within 2min else %s", text, exit_words(m, depth, why)) : NULL;
}

static void make_each(Mender *m, const Quantified *q) {
  const Binder *b = (const Binder *)q->binder;
  const Of *of = (const Of *)b->source;
  Want w;
  const ActionDecl *found[MAKERS_MOST];
  if (q->quantifier != QUANT_EVERY || !of || of->node.kind != AST_OF || !is_want(m, q->condition, &w)) return;
  const char *below = in_terms(m, of->object), *name = name_words(m, b->name), *confirm = confirm_words(m, &q->node, m->depth);
  const Symbol *set = set_of_kind(m, w.kind);
  uint32_t n = makers(m, &w, found);
  if (!below || !confirm || !set) return;
  for (uint32_t i = 0; i < n; i++)
    for (int chain = 0; chain < 2; chain++) {
      Buf lines = BUF_INIT, body = BUF_INIT;
      bool any = lines_for(m, found[i], w.of, m->depth, below, chain != 0, &lines);
      buf_printf(&body, "for each %s in %s of %s, all at once {\n", name, intern_text(m->c->names, set->name), below);
      for (const char *c = lines.data ? lines.data : "", *end; *c; c = *end ? end + 1 : end) {
        end = c + strcspn(c, "\n");
        buf_printf(&body, "  %.*s\n", (int)(end - c), c);
      }
      buf_printf(&body, "}\n%s", confirm);
      if (any || !chain) {
        Proposal *p = propose(m, "write `%s` for each %s before this, and see that it was so", name_words(m, found[i]->name), name);
        insert_before(m, p, m->frames[m->depth - 1].node, arena_string(m->arena, body.data, body.len));
      }
      buf_done(&lines), buf_done(&body);
    }
}

/* ---- what makes it stands there already ---- */

typedef struct MakerSeek { const Mender *m; const Want *want; bool found; } MakerSeek;

static void seek_maker(void *ctx, Node *n) {
  MakerSeek *seek = ctx;
  const Symbol *s = n->kind == AST_CALL ? ((const Call *)n)->name.symbol : NULL;
  const ActionDecl *a = s && s->decl && s->decl->kind == AST_ACTION ? (const ActionDecl *)s->decl : NULL;
  if (a && (makes(a, seek->want, false) || makes(a, seek->want, true))) seek->found = true;
}

static bool brings_about(const Mender *m, Node *stmt, const Node *leaf) {
  Want w;
  if (!is_want(m, leaf->kind == AST_QUANTIFIED ? ((const Quantified *)leaf)->condition : leaf, &w)) return false;
  MakerSeek seek = {m, &w, false};
  each_node(stmt, seek_maker, &seek);
  return seek.found;
}

/* Behind the place: it comes too late. */
void repair_forward(Mender *m) {
  for (uint32_t i = 0; i < m->leaf_count; i++)
    for (uint32_t depth = m->depth; depth > 0; depth--) {
      const Frame *f = &m->frames[depth - 1];
      for (uint32_t j = f->at + 1; j < f->list.len; j++)
        if (brings_about(m, f->list.items[j], m->leaves[i])) move_before(m, f->list.items[j], f->node);
    }
}

/* Before the place: all who could be brought there were, so the question is left. */
static bool comes_before(const Mender *m, const Node *leaf) {
  for (uint32_t depth = m->depth; depth > 0; depth--)
    for (uint32_t j = 0; j < m->frames[depth - 1].at; j++)
      if (brings_about(m, m->frames[depth - 1].list.items[j], leaf)) return true;
  return false;
}

void repair_make(Mender *m) {
  for (uint32_t i = 0; i < m->leaf_count && m->depth > 0; i++) {
    Want w;
    if (m->leaves[i]->kind == AST_QUANTIFIED && comes_before(m, m->leaves[i])) repair_confirm(m);
    if (is_want(m, m->leaves[i], &w)) make_want(m, &w);
    if (m->leaves[i]->kind == AST_QUANTIFIED) make_each(m, (const Quantified *)m->leaves[i]);
  }
}

/* ---- asked for ---- */

static bool can_be_read(const Node *leaf) {
  return leaf->kind == AST_IS || leaf->kind == AST_QUANTIFIED || (leaf->kind == AST_UNARY && ((const Unary *)leaf)->op == OP_NOT);
}

void repair_confirm(Mender *m) {
  for (uint32_t i = 0; i < m->leaf_count && m->depth > 0; i++) {
    const char *text = can_be_read(m->leaves[i]) ? confirm_words(m, m->leaves[i], m->depth) : NULL;
    if (!text) continue;
    Proposal *p = propose(m, "write `confirm %s` before this", in_terms(m, m->leaves[i]));
    insert_before(m, p, m->frames[m->depth - 1].node, text);
  }
}

/* Only those of whom it holds: in a roll back, where each member is asked what it is like. */
static void ask_who(Mender *m, const Fan *fan, const char *needs) {
  const Binder *b = (const Binder *)fan->binder;
  if (!b->source) return;
  bool loose = b->where && b->where->kind != AST_IS && !(b->where->kind == AST_BINARY && ((const Binary *)b->where)->op == OP_AND);
  Proposal *p = propose(m, "let only those take part `where %s`", needs);
  if (!b->where) {
    edit_insert(p, b->source->span.hi, arena_printf(m->arena, " where %s", needs));
    return;
  }
  edit_insert(p, b->where->span.lo, arena_printf(m->arena, "%s and %s", needs, loose ? "(" : ""));
  if (loose) edit_insert(p, b->where->span.hi, ")");
}

/* All that the action needs and that is not asked for yet: one fact does not stand for another. */
static const char *all_needs(Mender *m, const char *asked) {
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < m->action->clauses.len; i++) {
    const Node *need = m->action->clauses.items[i]->kind == AST_NEEDS ? ((const Needs *)m->action->clauses.items[i])->condition : NULL;
    const char *text = need && need->kind == AST_IS ? in_terms(m, need) : NULL;
    if (text && !strstr(asked, text)) buf_printf(&b, "%s%s", b.len ? " and " : "", text);
  }
  const char *needs = b.len ? arena_string(m->arena, b.data, b.len) : NULL;
  buf_done(&b);
  return needs;
}

void repair_where(Mender *m) {
  bool rolling = false;
  const Fan *fan = fan_around(m, m->depth);
  if (!fan || !m->action || m->f->kind != FINDING_NEED || !attempt_around(m, &rolling) || !rolling) return;
  const Node *where = ((const Binder *)fan->binder)->where;
  const char *asked = where ? source_words(m, where->span) : "", *needs = all_needs(m, asked);
  const char *this = m->leaf_count == 1 && can_be_read(m->leaves[0]) ? in_terms(m, m->leaves[0]) : NULL;
  if (needs) ask_who(m, fan, needs);
  if (this) ask_who(m, fan, this);
}

/* `power_off(n)` unless `shut_down(n)` was tried: that one, and this where it does not help. */
void repair_ask_first(Mender *m) {
  for (uint32_t i = 0; i < m->leaf_count && m->call; i++) {
    const Tried *tried = (const Tried *)m->leaves[i];
    const char *first = tried->node.kind == AST_TRIED ? in_terms(m, tried->call) : NULL;
    if (!first) continue;
    Proposal *p = propose(m, "write `%s else` before this", first);
    edit_insert(p, m->call->node.span.lo, arena_printf(m->arena, "%s else ", first));
  }
}

/* Only those for whom the answer was yes. */
static void give(Mender *m, const Fan *fan, const char *gate) {
  const Binder *b = (const Binder *)fan->binder;
  if (!b->source) return;
  Proposal *p = propose(m, "only for those of gate `%s`: `given %s`", gate, gate);
  edit_replace(p, (Span){b->name.span.hi, b->where ? b->where->span.hi : b->source->span.hi}, arena_printf(m->arena, " given %s", gate));
}

void repair_given(Mender *m) {
  for (uint32_t i = 0; i < m->leaf_count; i++) {
    if (m->leaves[i]->kind != AST_GATE_REF) continue;
    const Fan *fan = fan_around(m, m->depth);
    if (fan) give(m, fan, name_words(m, ((const GateRef *)m->leaves[i])->name));
  }
}
