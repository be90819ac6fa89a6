/* repair_trial: one proposal, tried: the whole source with its edits is laid out, compiled and proved, and what is found then is
 * held against what was found before. */
#include <config.h>

#include "cli/repair_state.h"

#include "lang/compile.h"
#include "lang/fmt.h"
#include "lang/proof/proof_tell.h"

#include <string.h>

/* ---- what was found before and after ---- */

static char *said(const Program *p, const Finding *f, Arena *arena) {
  Buf b = BUF_INIT;
  tell_finding(p, f, &b);
  char *text = arena_string(arena, b.data ? b.data : "", b.len);
  buf_done(&b);
  return text;
}

typedef struct Sayings { char **items; uint32_t len; } Sayings;

static Sayings sayings(const Program *p, const Proof *proof, Arena *arena) {
  Sayings s = {arena_new_array(arena, char *, proof->finding_count + 1), proof->finding_count};
  for (uint32_t i = 0; i < s.len; i++) s.items[i] = said(p, &proof->findings[i], arena);
  return s;
}

static uint32_t count_of(Sayings s, const char *text) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < s.len; i++) n += strcmp(s.items[i], text) == 0;
  return n;
}

static bool none_is_new(Sayings before, Sayings after) {
  for (uint32_t i = 0; i < after.len; i++)
    if (count_of(after, after.items[i]) > count_of(before, after.items[i])) return false;
  return true;
}

/* When the action of the finding has to be sent afterwards: on a good day, unless it is there for bad ones. */
static uint8_t due(const Finding *f) {
  bool bad_day = f->faults > 0 || f->kind == FINDING_CALL;
  for (uint32_t i = 0; i < f->len; i++) bad_day |= f->path[i].kind == MOVE_REFUSED;
  return bad_day ? SENT_ON_SOME_WAY : SENT_ON_SOME_WAY | SENT_ON_A_GOOD_DAY;
}

/* A program has only the actions that it calls. */
static uint8_t sent_of(const Program *p, const Proof *proof, const char *name) {
  for (uint32_t i = 0; i < p->actions_count; i++)
    if (strcmp(program_str(p, p->actions[i].name), name) == 0) return proof->sent[i];
  return 0;
}

/* What was sent before still is, and so is what the finding is about; what was brought back still is. An edit that keeps things from
 * being done mends nothing. */
static bool still_does(const Repair *r, const Finding *f, const Program *p, const Proof *proof) {
  bool about = f->kind == FINDING_NEED || f->kind == FINDING_MAKE || f->kind == FINDING_CALL;
  if (f->kind == FINDING_LEFT && proof->leaves_out) return false;
  for (uint32_t i = 0; i < r->program->actions_count; i++) {
    uint8_t wanted = about && f->subject == i ? due(f) : r->proof->sent[i];
    if (wanted & ~sent_of(p, proof, program_str(r->program, r->program->actions[i].name))) return false;
  }
  return true;
}

static void judge(const Repair *r, const Finding *f, const Program *p, const Proof *proof, Arena *arena, Trial *ret) {
  Sayings before = sayings(r->program, r->proof, arena), after = sayings(p, proof, arena);
  const char *this = said(r->program, f, arena);
  ret->states = proof->states;
  ret->proved = proof->verdict == PROOF_HOLDS;
  ret->harmless = none_is_new(before, after) && still_does(r, f, p, proof);
  ret->gone = count_of(after, this) < count_of(before, this);
}

/* ---- the text ---- */

static bool laid_out(Compilation *c, const Source *s, Buf *out) {
  return fmt_source(s, c->arena, c->names, c->sink, out);
}

/* The proof was not asked for the layout of a source that had none: there the edit stands as it was made. */
static bool is_canonical(Repair *r, const Source *s) {
  if (r->layout_of == s) return r->layout;
  Compilation *c = compilation_new(r->loader);
  Buf b = BUF_INIT;
  Source *copy = source_add(c->map, s->name, s->text, s->len);
  r->layout = copy && laid_out(c, copy, &b) && b.len == s->len && memcmp(b.data, s->text, s->len) == 0;
  r->layout_of = s;
  buf_done(&b);
  compilation_free(c);
  return r->layout;
}

static bool add_text(Compilation *c, const char *name, Buf *text, Source **ret) {
  size_t len = text->len;
  buf_add(text, "\0", 2);
  *ret = source_add(c->map, name, text->data, len);
  return *ret != NULL;
}

/* ---- the trial ---- */

/* The files that were given, one of them edited, in their order. */
static bool add_roots(const Repair *r, Compilation *c, const Source *old, Source *edited) {
  const Compilation *from = r->compilation;
  for (uint32_t i = 0; i < from->modules.len; i++) {
    const Module *module = from->modules.items[i];
    if (!module->root || module->source->library) continue;
    Source *s = module->source == old ? edited : source_add(c->map, module->source->name, module->source->text, module->source->len);
    if (!s) return false;
    compilation_add(c, s);
  }
  return compilation_check(c);
}

static const RunbookDecl *same_runbook(const Compilation *c, const char *name) {
  for (uint32_t i = 0; i < c->runbooks.len; i++)
    if (strcmp(intern_text(c->names, c->runbooks.items[i]->name), name) == 0) return (const RunbookDecl *)c->runbooks.items[i]->decl;
  return NULL;
}

void trial_run(Repair *r, const Mender *m, const Proposal *p, Trial *ret) {
  Compilation *c = compilation_new(r->loader);
  Buf raw = BUF_INIT, text = BUF_INIT;
  Source *edited = NULL;
  *ret = (Trial){0};
  source_edited(m->source, p->edits, p->count, &raw);
  bool ok = add_text(c, m->source->name, &raw, &edited);
  if (ok && is_canonical(r, m->source)) ok = laid_out(c, edited, &text) && add_text(c, m->source->name, &text, &edited);
  if (ok && add_roots(r, c, m->source, edited)) {
    const RunbookDecl *decl = same_runbook(c, program_str(r->program, r->program->name));
    const Program *program = decl ? compile_runbook(c, (RunbookDecl *)(uintptr_t)decl, c->arena) : NULL;
    const Proof *proof = program ? prove(program, r->states < PROOF_STATES_MOST ? r->states : PROOF_STATES_MOST, c->arena) : NULL;
    ret->compiles = proof != NULL;
    if (proof) judge(r, m->f, program, proof, c->arena, ret);
    if (ret->gone && ret->harmless) {
      ret->text = arena_string(m->arena, edited->text, edited->len);
      ret->len = edited->len;
    }
  }
  compilation_free(c);
  buf_done(&raw), buf_done(&text);
}
