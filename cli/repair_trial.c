/* repair_trial: one proposal, tried: the whole source with its edits is laid out, compiled and proved, and what is found then is
 * held against what was found before. */
#include <config.h>

#include "cli/repair_state.h"

#include "lang/compile.h"
#include "lang/fmt.h"
#include "lang/proof/proof_tell.h"

#include <string.h>

/* An edit does not make a proof much larger, but what is behind a line that nobody passed may be seen first now. */
#define STATES_MORE 100000u

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

static const uint8_t *sent_now(const Repair *r, const Program *p, const Proof *proof, Arena *arena) {
  uint8_t *sent = arena_new_array(arena, uint8_t, r->program->actions_count + 1);
  for (uint32_t i = 0; i < r->program->actions_count; i++) sent[i] = sent_of(p, proof, program_str(r->program, r->program->actions[i].name));
  return sent;
}

/* An edit that keeps things from being done mends nothing. */
bool trial_does(const Repair *r, const Finding *f, const Trial *trial) {
  bool about = f->kind == FINDING_NEED || f->kind == FINDING_MAKE || f->kind == FINDING_CALL;
  for (uint32_t i = 0; i < r->program->actions_count; i++)
    if ((about && f->subject == i ? due(f) : r->proof->sent[i]) & ~trial->sent[i]) return false;
  return true;
}

/* A finding that is new, or the one that was to go away: more need not be known. That something is left out of service may turn out to
 * be what the runbook is for. */
typedef struct Watch { const Repair *r; const Finding *f; const Program *p; Arena *arena; Sayings before; } Watch;

static bool is_enough(void *ctx, const Finding *f) {
  const Watch *w = ctx;
  const char *text = f->kind == FINDING_LEFT ? NULL : said(w->p, f, w->arena);
  if (!text) return false;
  uint32_t known = count_of(w->before, text);
  return known == 0 || (known == 1 && strcmp(text, said(w->r->program, w->f, w->arena)) == 0);
}

/* What was taken out and brought back before is brought back still. */
static void judge(const Repair *r, const Mender *m, const Program *p, const Proof *proof, Arena *arena, Trial *ret) {
  Sayings before = sayings(r->program, r->proof, arena), after = sayings(p, proof, arena);
  const char *this = said(r->program, m->f, arena);
  ret->states = proof->states;
  ret->proved = proof->verdict == PROOF_HOLDS;
  ret->gone = count_of(after, this) < count_of(before, this);
  ret->sent = sent_now(r, p, proof, m->arena);
  ret->harmless = none_is_new(before, after) && trial_does(r, m->f, ret) && !(m->f->kind == FINDING_LEFT && proof->leaves_out);
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
    Watch watch = {r, m->f, program, c->arena, sayings(r->program, r->proof, c->arena)};
    uint32_t most = 2 * r->proof->states + STATES_MORE;
    const Proof *proof = program ? prove_until(program, most < r->budget->states ? most : r->budget->states, is_enough, &watch, c->arena) : NULL;
    ret->compiles = proof != NULL;
    if (proof) judge(r, m, program, proof, c->arena, ret);
    if (ret->gone && ret->harmless) {
      ret->text = arena_string(m->arena, edited->text, edited->len);
      ret->len = edited->len;
    }
  }
  compilation_free(c);
  buf_done(&raw), buf_done(&text);
}
