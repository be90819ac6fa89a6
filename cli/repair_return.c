/* repair_return: the way back. What was taken out is brought back as the runbook itself brings it back, at the end or at the
 * beginning of the roll back, and what may still land late is waited for. */
#include <config.h>

#include "cli/repair_state.h"

#include <string.h>

/* ---- late effects ---- */

static const char *longest_landing(const Mender *m) {
  const char *longest = NULL;
  int64_t most = 0;
  for (uint32_t i = 0; i < m->p->calls_count; i++) {
    const ActionDecl *a = called_action(m, i);
    int64_t ms = 0;
    for (uint32_t j = 0; a && j < a->clauses.len; j++) {
      if (a->clauses.items[j]->kind != AST_MAY_LAND) continue;
      const Node *until = ((const MayLand *)a->clauses.items[j])->until;
      if (constant_value(until, &ms) && ms > most) most = ms, longest = source_words(m, until->span);
    }
  }
  return longest;
}

typedef struct Late { Mender *m; const char *wait; } Late;

static void wait_at_start(void *ctx, Node *n) {
  const Late *late = ctx;
  NodeList list = n->kind == AST_ATTEMPT ? ((const Block *)((const Attempt *)n)->undo)->stmts : (NodeList){NULL, 0};
  if (list.len && source_of(late->m->c->map, n->span.lo) == late->m->source)
    insert_before(late->m, propose(late->m, "write `%s` at the beginning of the roll back", late->wait), list.items[0], late->wait);
}

void repair_wait(Mender *m) {
  const char *late = longest_landing(m);
  if (!late || !happened(m, MOVE_LATE)) return;
  const char *wait = arena_printf(m->arena, "wait %s", late);
  Late l = {m, wait};
  if (happened(m, MOVE_ROLL_BACK)) each_node(m->runbook->body, wait_at_start, &l);
  for (uint32_t depth = m->depth; depth > 0; depth--) insert_before(m, propose(m, "write `%s` before this", wait), m->frames[depth - 1].node, wait);
}

/* ---- how the runbook brings a member back ---- */

typedef struct Way {
  Mender *m;
  const Symbol *service;
  const Fan *fan;      /* over them: of the step, or of an `each` in it */
  const Block *body;
  const Call *back;    /* that makes them serve */
  const Symbol *set;
} Way;

static bool makes_ordinary(const Mender *m, const Symbol *action, const Symbol *service) {
  const ActionDecl *a = action ? (const ActionDecl *)action->decl : NULL;
  const char *word = ordinary_word(m, service);
  for (uint32_t i = 0; a && a->node.kind == AST_ACTION && i < a->clauses.len; i++) {
    const Makes *makes = (const Makes *)a->clauses.items[i];
    for (uint32_t j = 0; makes->node.kind == AST_MAKES && j < makes->effects.len; j++) {
      const Effect *e = (const Effect *)makes->effects.items[j];
      const Of *of = (const Of *)e->target;
      if (of->node.kind == AST_OF && of->name.symbol == service && e->values.len == 1 && word && strcmp(source_words(m, e->values.items[0]->span), word) == 0)
        return true;
    }
  }
  return false;
}

static const Symbol *set_of_fan(const Fan *fan) {
  const Node *n = ((const Binder *)fan->binder)->source;
  if (n && n->kind == AST_NAME_REF && ref_meaning((const NameRef *)n) == REF_SET) return ((const NameRef *)n)->name.symbol;
  return n && n->kind == AST_OF && of_meaning((const Of *)n) == OF_SET_BELOW ? ((const Of *)n)->name.symbol : NULL;
}

typedef struct BackSeek { const Way *w; bool found; } BackSeek;

static void seek_back(void *ctx, Node *n) {
  BackSeek *seek = ctx;
  if (n->kind == AST_CALL && makes_ordinary(seek->w->m, ((const Call *)n)->name.symbol, seek->w->service)) seek->found = true;
}

/* A procedure, or a fan-out below, in which they are brought back. */
static bool runs_back(const Way *w, Node *stmt) {
  BackSeek seek = {w, false};
  if (stmt->kind != AST_RUN) return false;
  const Symbol *s = ((const Run *)stmt)->name.symbol;
  if (s && s->decl && s->decl->kind == AST_PROCEDURE) each_node(((ProcedureDecl *)s->decl)->body, seek_back, &seek);
  return seek.found;
}

/* The last one counts: there the runbook knows most ways in which a member may stand. */
static void see_fan(void *ctx, Node *n) {
  Way *w = ctx;
  const Fan *fan = n->kind == AST_STEP || n->kind == AST_EACH ? fan_of(n) : NULL;
  const Symbol *set = fan ? set_of_fan(fan) : NULL;
  NodeList list = fan ? block_of(n)->stmts : (NodeList){NULL, 0};
  for (uint32_t i = 0; set && i < list.len; i++) {
    const Call *call = (const Call *)list.items[i];
    bool direct = call->node.kind == AST_CALL && makes_ordinary(w->m, call->name.symbol, w->service);
    if (!direct && !runs_back(w, list.items[i])) continue;
    w->fan = fan, w->body = block_of(n), w->back = direct ? call : NULL, w->set = set;
  }
}

static bool is_fact(const Mender *m, uint32_t row, const Symbol *fact) {
  return strcmp(program_str(m->p, m->p->facts[row].name), intern_text(m->c->names, fact->name)) == 0;
}

/* `may be (draining, drained)`: as what the runbook's actions may have left them. */
static const char *left_as(Mender *m, const Symbol *service) {
  const EnumInfo *e = &m->c->enums.items[type_ref(service->type)];
  bool may[64] = {false};
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < m->p->calls_count; i++) {
    const ActionRow *a = &m->p->actions[m->p->calls[i].action];
    Slice parts[2] = {a->makes, a->on_failure};
    for (uint32_t part = 0; part < 2; part++)
      for (uint32_t j = 0; j < parts[part].count; j++) {
        const EffectRow *row = &m->p->effects[parts[part].first + j];
        for (uint32_t k = 0; is_fact(m, row->fact, service) && k < row->values.count; k++)
          if (m->p->index_list[row->values.first + k] < 64) may[m->p->index_list[row->values.first + k]] = true;
      }
  }
  for (uint32_t i = 1; i < e->word_len && i + 1 < 64; i++)
    if (may[i + 1]) buf_printf(&b, "%s%s", b.len ? ", " : "", intern_text(m->c->names, e->words[i]->name));
  const char *text = b.len ? arena_string(m->arena, b.data, b.len) : NULL;
  buf_done(&b);
  return text;
}

/* The members that are in service or not. */
static const Symbol *serving_set(const Mender *m, const Symbol *service) {
  const FactDecl *fact = (const FactDecl *)service->decl;
  for (uint32_t i = 0; fact && i < fact->kinds.len; i++) {
    const Symbol *kind = ((const Word *)fact->kinds.items[i])->name.symbol;
    if (kind && set_of_kind(m, kind->index)) return set_of_kind(m, kind->index);
  }
  return NULL;
}

/* ---- the steps of the way back ---- */

static const char *at_once(Mender *m, const Fan *fan) {
  for (uint32_t i = 0; i < fan->limits.len; i++)
    if (((const Limit *)fan->limits.items[i])->mode == LIMIT_AT_ONCE) return arena_printf(m->arena, ", %s", source_words(m, fan->limits.items[i]->span));
  return "";
}

/* No other step of the runbook is called so. */
static const char *fresh_name(Mender *m, const char *name) {
  const SymbolList *steps = &m->runbook->name.symbol->body->steps;
  for (uint32_t i = 0; i < steps->len; i++)
    if (strcmp(intern_text(m->c->names, steps->items[i]->name), name) == 0) return fresh_name(m, arena_printf(m->arena, "%s_too", name));
  return name;
}

static void step_head(Mender *m, const Way *w, const char *name, const char *title, const char *where, Buf *out) {
  const char *v = name_words(m, ((const Binder *)w->fan->binder)->name);
  const char *left = arena_printf(m->arena, "service of %s may be (%s)", v, left_as(m, w->service));
  const Symbol *below = w->back ? NULL : serving_set(m, w->service);
  if (below && below->entity_kind != w->set->entity_kind) {
    const char *these = intern_text(m->c->names, below->name);
    const char *one = intern_text(m->c->names, m->c->kinds.items[below->entity_kind].singular);
    left = arena_printf(m->arena, "some %s in %s of %s: service of %s may be (%s)", one, these, v, one, left_as(m, w->service));
  }
  const KindInfo *kind = &m->c->kinds.items[w->set->entity_kind];
  buf_printf(out, "step %s \"%s\" for each %s in %s where %s%s%s, stop after 100%% of %s set aside {\n", fresh_name(m, name), title, v,
             intern_text(m->c->names, w->set->name), where, left, at_once(m, w->fan), intern_text(m->c->names, kind->plural));
}

/* Those of whom everything that the last action needs holds: nothing was done to them yet. */
static void untouched(Mender *m, const Way *w, Buf *out) {
  const ActionDecl *a = (const ActionDecl *)w->back->name.symbol->decl;
  Buf where = BUF_INIT;
  Terms saved = m->terms;
  m->terms = (Terms){.from = {((ParamDecl *)a->params.items[0])->name.symbol}, .to = {source_words(m, w->back->args.items[0]->span)}, .count = 1};
  for (uint32_t i = 0; i < a->clauses.len; i++) {
    const Node *need = a->clauses.items[i]->kind == AST_NEEDS ? ((Needs *)a->clauses.items[i])->condition : NULL;
    const Of *of = need && need->kind == AST_IS ? (const Of *)((const Is *)need)->subject : NULL;
    const char *text = of && of->node.kind == AST_OF && of->name.symbol != w->service ? in_terms(m, need) : NULL; /* that is asked anyway */
    if (text) buf_printf(&where, "%s and ", text);
  }
  m->terms = saved;
  step_head(m, w, "return_untouched", "Return what was only taken out", where.data ? where.data : "", out);
  buf_printf(out, "  %s\n}\n", source_words(m, w->back->node.span));
  buf_done(&where);
}

static void recover(Mender *m, const Way *w, Buf *out) {
  step_head(m, w, "bring_back", "Bring back what was taken out", "", out);
  for (uint32_t i = 0; i < w->body->stmts.len; i++) {
    const Node *s = w->body->stmts.items[i];
    if (s->kind != AST_NOTIFY) buf_printf(out, "  %s\n", source_words(m, s->span));
  }
  buf_str(out, "}\n");
}

enum { WAIT = 1, UNTOUCHED = 2, RECOVER = 4 };

static const char *way_words(Mender *m, const Way *w, unsigned parts) {
  Buf b = BUF_INIT;
  if (parts & WAIT) buf_printf(&b, "wait %s\n", longest_landing(m));
  if (parts & UNTOUCHED) untouched(m, w, &b);
  if (parts & RECOVER) recover(m, w, &b);
  const char *text = arena_string(m->arena, b.data, b.len - 1);
  buf_done(&b);
  return text;
}

static void add_to_roll_back(Mender *m, const Attempt *a, const Way *w, unsigned parts) {
  NodeList list = ((const Block *)a->undo)->stmts;
  if (list.len == 0) return;
  const char *text = way_words(m, w, parts);
  insert_before(m, propose(m, "let the roll back bring it back"), list.items[0], text);
  if (!(parts & WAIT)) insert_behind(m, propose(m, "let the roll back bring it back"), list.items[list.len - 1], text);
}

static void add_roll_back(Mender *m, NodeList list, const Way *w, unsigned parts) {
  if (list.len == 0) return;
  const char *text = way_words(m, w, parts), *at = indent_at(m, list.items[0]->span.lo);
  Proposal *p = propose(m, "write an attempt around this, whose roll back brings it back");
  edit_insert(p, list.items[0]->span.lo, arena_printf(m->arena, "attempt {\n%s  ", at));
  edit_insert(p, list.items[list.len - 1]->span.hi, arena_printf(m->arena, "\n%s} roll back {\n%s\n%s}", at, text, at));
}

typedef struct AttemptSeek { Attempt *attempt; Lockout *lockout; } AttemptSeek;

static void seek_attempt(void *ctx, Node *n) {
  AttemptSeek *seek = ctx;
  if (n->kind == AST_ATTEMPT) seek->attempt = (Attempt *)n;
  if (n->kind == AST_LOCKOUT) seek->lockout = (Lockout *)n;
}

/* One step, which is always finished, in place of two between which the run may end. */
static void join_steps(Mender *m, NodeList list) {
  for (uint32_t i = 0; i + 1 < list.len; i++) {
    const Node *a = list.items[i], *b = list.items[i + 1];
    const Fan *fa = a->kind == AST_STEP ? fan_of(a) : NULL, *fb = b->kind == AST_STEP ? fan_of(b) : NULL;
    if (!fa || !fb || !set_of_fan(fa) || set_of_fan(fa) != set_of_fan(fb)) continue;
    NodeList first = ((const Block *)((const Step *)a)->body)->stmts, second = ((const Block *)((const Step *)b)->body)->stmts;
    if (!first.len || !second.len || strcmp(name_words(m, ((const Binder *)fa->binder)->name), name_words(m, ((const Binder *)fb->binder)->name)) != 0) continue;
    Proposal *p = propose(m, "do step `%s` and step `%s` in one: it is always finished", name_words(m, ((const Step *)a)->name), name_words(m, ((const Step *)b)->name));
    edit_replace(p, (Span){first.items[first.len - 1]->span.hi, second.items[0]->span.lo}, arena_printf(m->arena, "\n%s", indent_at(m, first.items[0]->span.lo)));
  }
}

void repair_return(Mender *m) {
  static const unsigned ways[] = {UNTOUCHED, RECOVER, UNTOUCHED | RECOVER, WAIT | UNTOUCHED, WAIT | RECOVER, WAIT | UNTOUCHED | RECOVER};
  AttemptSeek seek = {0};
  Way w = {.m = m, .service = fact_named(m, "service")};
  if (m->f->kind != FINDING_ABANDONED && m->f->kind != FINDING_LEFT) return;
  each_node(m->runbook->body, seek_attempt, &seek);
  NodeList top = ((const Block *)(seek.lockout ? seek.lockout->body : m->runbook->body))->stmts;
  if (m->f->kind == FINDING_LEFT) join_steps(m, top);
  if (!w.service || !type_is(w.service->type, TYPE_ENUM) || !left_as(m, w.service)) return;
  each_node(seek.attempt ? seek.attempt->body : m->runbook->body, see_fan, &w);
  if (!w.body || (w.back && ((const ActionDecl *)w.back->name.symbol->decl)->params.len != 1)) return;
  bool lands = longest_landing(m) != NULL;
  for (uint32_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    if (((ways[i] & WAIT) && !lands) || ((ways[i] & UNTOUCHED) && !w.back)) continue;
    if (seek.attempt) add_to_roll_back(m, seek.attempt, &w, ways[i]);
    else add_roll_back(m, top, &w, ways[i]);
  }
}
