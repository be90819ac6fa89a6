/* repair_lock: automations that nobody keeps away: one more in a lockout, the lockout on what is worked on, a lockout around. */
#include <config.h>

#include "cli/repair_state.h"

#include <string.h>

typedef struct Autos { const char *names[MENDER_LEAVES]; uint32_t count, kind; const Module *module; } Autos; /* module: of the last */

static bool has(const Autos *a, const char *name) {
  for (uint32_t i = 0; i < a->count; i++)
    if (strcmp(a->names[i], name) == 0) return true;
  return false;
}

static void add(Autos *a, const char *name, const Symbol *symbol) {
  if (!symbol || a->count == MENDER_LEAVES || has(a, name)) return;
  a->names[a->count++] = name;
  a->kind = symbol->entity_kind;
  a->module = symbol->module;
}

/* What has to be locked: what the need names, or what acted. */
static Autos wanted(const Mender *m) {
  Autos a = {0};
  for (uint32_t i = 0; i < m->leaf_count; i++) {
    const Node *leaf = m->leaves[i];
    if (leaf->kind == AST_QUANTIFIED) leaf = ((const Quantified *)leaf)->condition;
    if (leaf->kind != AST_LOCKED) continue;
    NodeList list = ((const Locked *)leaf)->automations;
    for (uint32_t j = 0; j < list.len; j++) add(&a, name_words(m, ((Word *)list.items[j])->name), ((Word *)list.items[j])->name.symbol);
  }
  for (uint32_t i = 0; i < m->c->automations.len && m->f->kind == FINDING_LET; i++) {
    const Symbol *s = m->c->automations.items[i];
    const char *name = intern_text(m->c->names, s->name);
    if (strcmp(name, program_str(m->p, m->p->automations[m->f->subject].name)) == 0) add(&a, name, s);
  }
  return a;
}

/* And every other that watches the same kind: who is not told, may come next. */
static Autos with_neighbours(const Mender *m, const Autos *a) {
  Autos all = {0};
  for (uint32_t i = 0; i < m->c->automations.len; i++) {
    const Symbol *s = m->c->automations.items[i];
    if (s->entity_kind == a->kind) add(&all, intern_text(m->c->names, s->name), s);
  }
  return all;
}

static const char *listed(Mender *m, const Autos *a, bool backwards) {
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < a->count; i++) buf_printf(&b, "%s%s", i ? ", " : "", a->names[backwards ? a->count - 1 - i : i]);
  const char *text = arena_string(m->arena, b.data ? b.data : "", b.len);
  buf_done(&b);
  return text;
}

static Release *release_of(const Lockout *l) {
  for (uint32_t i = 0; i < l->release.len; i++)
    if (l->release.items[i]->kind == AST_RELEASE) return (Release *)l->release.items[i];
  return NULL;
}

/* ---- one more ---- */

static void lock_in(Mender *m, const Lockout *l, const Autos *all) {
  Autos more = {0}, here = {0};
  for (uint32_t i = 0; i < l->automations.len; i++) add(&here, name_words(m, ((Word *)l->automations.items[i])->name), ((Word *)l->automations.items[i])->name.symbol);
  for (uint32_t i = 0; i < all->count; i++)
    if (!has(&here, all->names[i])) more.names[more.count++] = all->names[i];
  if (more.count == 0 || l->automations.len == 0) return;
  const char *names = listed(m, &more, false);
  const Release *r = release_of(l);
  Proposal *p = propose(m, "lock `%s` in the lockout of line %u as well", names, source_line_col(m->c->map, l->node.span.lo).line);
  edit_insert(p, l->automations.items[l->automations.len - 1]->span.hi, arena_printf(m->arena, ", %s", names));
  if (r && r->order.len) edit_insert(p, r->order.items[0]->span.lo, arena_printf(m->arena, "%s, ", listed(m, &more, true)));
}

typedef struct EachLockout { Mender *m; const Autos *autos; const Lockout *not_this; } EachLockout;

static void lock_in_this(void *ctx, Node *n) {
  EachLockout *e = ctx;
  if (n->kind == AST_LOCKOUT && (const Lockout *)n != e->not_this) lock_in(e->m, (const Lockout *)n, e->autos);
}

void repair_lock_more(Mender *m) {
  Autos autos = wanted(m), all;
  if (autos.count == 0) return;
  const Lockout *around = lockout_around(m);
  if (around) lock_in(m, around, &autos);
  all = with_neighbours(m, &autos);
  if (around && all.count > autos.count) lock_in(m, around, &all);
  EachLockout e = {m, &autos, around};
  each_node(m->runbook->body, lock_in_this, &e);
}

/* ---- on something else ---- */

static const Symbol *set_in(const Node *n) {
  if (n && n->kind == AST_NAME_REF && ref_meaning((const NameRef *)n) == REF_SET) return ((const NameRef *)n)->name.symbol;
  if (n && n->kind == AST_OF && of_meaning((const Of *)n) == OF_SET_BELOW) return ((const Of *)n)->name.symbol;
  return NULL;
}

static void lock_set(Mender *m, const Lockout *l, const Symbol *set) {
  const Symbol *old = set_in(l->set);
  if (!old || !set || set == old || set->entity_kind != old->entity_kind) return;
  const char *name = intern_text(m->c->names, set->name);
  Proposal *p = propose(m, "take the lockout of line %u on `%s`", source_line_col(m->c->map, l->node.span.lo).line, name);
  edit_replace(p, l->set->span, name);
}

/* `nodes of r` in place of all that there are: those who are locked. */
static void work_on_locked(Mender *m, const Fan *fan, const Symbol *locked) {
  const Node *source = ((const Binder *)fan->binder)->source;
  if (!source || source->kind != AST_OF || of_meaning((const Of *)source) != OF_BELOW || !locked) return;
  const Of *of = (const Of *)source;
  if (of->name.symbol->entity_kind != locked->entity_kind) return;
  const char *name = intern_text(m->c->names, locked->name);
  Proposal *p = propose(m, "work only on `%s of`, which are locked", name);
  edit_replace(p, (Span){of->node.span.lo, of->name.span.hi}, name);
}

void repair_lock_other(Mender *m) {
  Autos autos = wanted(m);
  const Lockout *l = lockout_around(m);
  if (autos.count == 0 || !l) return;
  for (uint32_t depth = m->depth; depth > 0; depth--) {
    const Fan *fan = fan_of(m->frames[depth - 1].node);
    if (!fan) continue;
    lock_set(m, l, set_in(((const Binder *)fan->binder)->source));
    work_on_locked(m, fan, set_in(l->set));
  }
}

/* ---- around ---- */

typedef struct RoleSeek { const Mender *m; const char *found; } RoleSeek;

static void seek_role(void *ctx, Node *n) {
  RoleSeek *seek = ctx;
  if (n->kind == AST_HAND_OVER && !seek->found) seek->found = name_words(seek->m, ((HandOver *)n)->role);
}

/* Who takes over what does not come back: as elsewhere in these files, or the role whose title says that it does. */
static const char *owner(const Mender *m) {
  RoleSeek seek = {m, NULL};
  for (uint32_t i = 0; i < m->c->runbooks.len && !seek.found; i++) each_node(m->c->runbooks.items[i]->decl, seek_role, &seek);
  for (uint32_t i = 0; i < m->c->roles.len && !seek.found; i++) {
    const RoleDecl *decl = (const RoleDecl *)m->c->roles.items[i]->decl;
    if (decl->title && strstr(source_words(m, decl->title->span), "akes over")) seek.found = name_words(m, decl->name);
  }
  return seek.found;
}

static const char *limit_words(Mender *m, const Fan *fan) {
  for (uint32_t i = 0; fan && i < fan->limits.len; i++)
    if (((const Limit *)fan->limits.items[i])->mode == LIMIT_AT_ONCE) return arena_printf(m->arena, ", %s", source_words(m, fan->limits.items[i]->span));
  return "";
}

/* The statements of the list from one to the other, in a lockout. */
static void lock_around(Mender *m, const Frame *f, uint32_t from, uint32_t to, const Autos *autos) {
  const Fan *fan = fan_of(f->node);
  const Symbol *set = fan ? set_in(((const Binder *)fan->binder)->source) : NULL;
  if (!set || set->entity_kind != autos->kind) set = set_of_kind(m, autos->kind);
  const Symbol *service = fact_named(m, "service");
  const char *back = ordinary_word(m, service), *role = owner(m);
  if (!set || !back || !role) return;
  const char *name = intern_text(m->c->names, set->name), *at = indent_at(m, f->list.items[from]->span.lo);
  const char *title = fan && f->node->kind == AST_STEP && ((Step *)f->node)->title ? source_words(m, ((Step *)f->node)->title->span) : "\"maintenance\"";
  Proposal *p = propose(m, "write `lockout %s` around this", listed(m, autos, false));
  edit_insert(p, f->list.items[from]->span.lo,
              arena_printf(m->arena, "lockout %s on %s%s because %s {\n%s  release each n when service of n is %s%s%s\n%s  otherwise hand over to %s\n\n%s  ",
                           listed(m, autos, false), name, limit_words(m, fan), title, at, back, autos->count > 1 ? " in order " : "",
                           autos->count > 1 ? listed(m, autos, true) : "", at, role, at));
  edit_insert(p, f->list.items[to]->span.hi, arena_printf(m->arena, "\n%s}", at));
  use_module(m, p, autos->module);
}

void repair_lock_around(Mender *m) {
  Autos autos = wanted(m), all;
  if (autos.count == 0 || m->depth == 0 || lockout_around(m)) return;
  all = with_neighbours(m, &autos);
  const Frame *f = &m->frames[0];
  if (f->node->kind == AST_ATTEMPT) lock_around(m, f, f->at, f->at, &all);
  lock_around(m, f, f->at, f->at, &all);
  lock_around(m, f, f->at, f->at, &autos);
  if (f->list.len > 1) lock_around(m, f, 0, f->list.len - 1, &all);
}

/* ---- longer ---- */

static void hold_until(Mender *m, const Lockout *l, const Symbol *fact) {
  const Release *r = release_of(l);
  const Binder *b = r ? (const Binder *)r->binder : NULL;
  const char *value = ordinary_word(m, fact), *name = intern_text(m->c->names, fact->name);
  if (!b || !b->where || !value) return;
  if (strstr(source_words(m, b->where->span), arena_printf(m->arena, "%s of", name))) return;
  const char *more = arena_printf(m->arena, "%s of %s is %s", name, name_words(m, b->name), value);
  Proposal *p = propose(m, "hold the lockout of line %u until `%s`", source_line_col(m->c->map, l->node.span.lo).line, more);
  edit_insert(p, b->where->span.hi, arena_printf(m->arena, " and %s", more));
}

typedef struct FactSeek { Mender *m; const Lockout *l; } FactSeek;

static void hold_until_this(void *ctx, Node *n) {
  FactSeek *seek = ctx;
  if (n->kind == AST_OF && of_meaning((Of *)n) == OF_FACT) hold_until(seek->m, seek->l, ((Of *)n)->name.symbol);
}

/* What made the automation act. */
static void hold_by_triggers(Mender *m, const Lockout *l, const AutomationDecl *a) {
  FactSeek seek = {m, l};
  for (uint32_t i = 0; a && i < a->clauses.len; i++)
    if (a->clauses.items[i]->kind == AST_AUTO_WHEN) each_node(((AutoWhen *)a->clauses.items[i])->condition, hold_until_this, &seek);
}

/* And first what says that the member is back. */
static void hold_lockout(void *ctx, Node *n) {
  Mender *m = ctx;
  const Symbol *service = fact_named(m, "service");
  if (n->kind != AST_LOCKOUT) return;
  if (service) hold_until(m, (const Lockout *)n, service);
  if (m->f->kind == FINDING_LET)
    hold_by_triggers(m, (const Lockout *)n,
                     (const AutomationDecl *)declared(&m->c->automations, m->c, program_str(m->p, m->p->automations[m->f->subject].name)));
}

void repair_hold(Mender *m) {
  if (happened(m, MOVE_RELEASE)) each_node(m->runbook->body, hold_lockout, m);
}
