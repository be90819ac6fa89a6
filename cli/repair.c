/* repair: the one edit that is known to help: an automation that nobody locked is added to the lockout. */
#include <config.h>

#include "cli/repair.h"

#include "lang/compile.h"
#include "lang/mutate.h"

#include <string.h>

/* ---- what is missing ---- */

static bool is_locked_somewhere(const Program *p, uint32_t automation) {
  for (uint32_t i = 0; i < p->lockouts_count; i++)
    for (uint32_t j = 0; j < p->lockouts[i].automations.count; j++)
      if (p->index_list[p->lockouts[i].automations.first + j] == automation) return true;
  return false;
}

static bool names(const char *text, const char *word) {
  size_t n = strlen(word);
  for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
    if ((at[n] == ',' || at[n] == ' ') && at > text && at[-1] == ' ') return true;
  return false;
}

/* ", anvil, nsd": the automations that the finding is about and that no lockout locks. */
static void missing(const Program *p, const Finding *f, Buf *out) {
  const char *need = f->kind == FINDING_NEED ? program_str(p, p->need_rows[f->row].text) : "";
  for (uint32_t i = 0; i < p->automations_count; i++) {
    const char *name = program_str(p, p->automations[i].name);
    bool meant = f->kind == FINDING_LET ? f->subject == i : strstr(need, "lockout of") && names(need, name);
    if (meant && !is_locked_somewhere(p, i)) buf_printf(out, ", %s", name);
  }
}

/* ---- where it belongs ---- */

/* Behind the last automation of the only lockout: before ` on ` on its line. 0: it is not written like that. */
static SrcPos behind_automations(const Repair *r, const Source *s) {
  const Program *p = r->program;
  uint32_t len, line = p->lockouts_count == 1 ? p->lockouts[0].line : 0;
  SrcPos lo;
  if (line == 0 || line > source_line_col(r->map, s->base + s->len).line) return 0;
  const char *text = source_line(r->map, s, line, &len, &lo);
  for (uint32_t i = 0; i + 4 <= len; i++)
    if (memcmp(text + i, " on ", 4) == 0) return lo + i;
  return 0;
}

/* An order of release names every automation: before the first of them. 0: there is none within the lines that follow. */
static SrcPos before_order(const Repair *r, const Source *s) {
  static const char words[] = "in order ";
  uint32_t first = r->program->lockouts[0].line, last = source_line_col(r->map, s->base + s->len).line;
  for (uint32_t line = first; line <= last && line < first + 4; line++) {
    uint32_t len;
    SrcPos lo;
    const char *text = source_line(r->map, s, line, &len, &lo);
    for (uint32_t i = 0; i + sizeof words <= len; i++)
      if (memcmp(text + i, words, sizeof words - 1) == 0) return lo + i + (uint32_t)sizeof words - 1;
  }
  return 0;
}

/* ---- the trial ---- */

static bool still_found(const Proof *proof, const Finding *f) {
  for (uint32_t i = 0; i < proof->finding_count; i++)
    if (proof->findings[i].kind == f->kind && proof->findings[i].subject == f->subject) return true;
  return false;
}

static const RunbookDecl *same_runbook(const Compilation *c, const char *name) {
  for (uint32_t i = 0; i < c->runbooks.len; i++)
    if (strcmp(intern_text(c->names, c->runbooks.items[i]->name), name) == 0) return (const RunbookDecl *)c->runbooks.items[i]->decl;
  return NULL;
}

/* True: the finding is gone; *ret_holds: and so is every other. */
static bool helps(const Repair *r, const Finding *f, const Source *s, const SourceEdit *edits, uint32_t count, bool *ret_holds) {
  Compilation *c = compilation_new(r->loader);
  Buf text = BUF_INIT;
  source_edited(s, edits, count, &text);
  size_t len = text.len;
  buf_add(&text, "\0", 2);
  Source *edited = source_add(c->map, s->name, text.data, len);
  bool gone = false;
  if (edited && compilation_add(c, edited) && compilation_check(c)) {
    const RunbookDecl *decl = same_runbook(c, program_str(r->program, r->program->name));
    const Program *p = decl ? compile_runbook(c, (RunbookDecl *)decl, c->arena) : NULL;
    const Proof *proof = p ? prove(p, PROOF_STATES_MOST, c->arena) : NULL;
    gone = proof && !still_found(proof, f);
    *ret_holds = proof && proof->verdict == PROOF_HOLDS;
  }
  compilation_free(c);
  buf_done(&text);
  return gone;
}

void repair_offer(void *ctx, const Finding *f, DiagSink *sink, Diag *d) {
  Repair *r = ctx;
  const Program *p = r->program;
  const Source *s = p->sources_count ? source_named(r->map, program_str(p, p->sources[0].name)) : NULL;
  Buf insert = BUF_INIT;
  bool holds = false;
  missing(p, f, &insert);
  SrcPos at = s && insert.len ? behind_automations(r, s) : 0;
  if (at && r->tries > 0) {
    Arena *arena = diag_sink_arena(sink);
    SrcPos order = before_order(r, s);
    SourceEdit edits[2] = {{{at, at}, arena_string(arena, insert.data, insert.len)}, {{order, order}, arena_printf(arena, "%s, ", insert.data + 2)}};
    r->tries--;
    if (helps(r, f, s, edits, order ? 2 : 1, &holds)) {
      diag_fix(sink, d, edits[0].span, false, edits[0].text,
               holds ? "lock it here as well (tried: the runbook is proved then)" : "lock it here as well (tried: this finding is gone then)");
      if (order) diag_fix(sink, d, edits[1].span, false, edits[1].text, "and name it in the order of release");
    }
  }
  buf_done(&insert);
}
