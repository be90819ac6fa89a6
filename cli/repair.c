/* repair: the one edit that is known to help: an automation that nobody locked is added to the lockout. */
#include <config.h>

#include "cli/repair.h"

#include "lang/compile.h"

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

static const Source *source_of_program(const Repair *r) {
  const char *name = r->program->sources_count ? program_str(r->program, r->program->sources[0].name) : "";
  for (uint32_t i = 0; i < source_count(r->map); i++)
    if (strcmp(source_at(r->map, i)->name, name) == 0) return source_at(r->map, i);
  return NULL;
}

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

typedef struct Edit { SrcPos at; const char *insert; } Edit;

/* The text with both insertions; the second one stands behind the first, or nowhere (0). */
static void edited_text(const Source *s, const Edit edits[2], Buf *out) {
  SrcPos from = s->base;
  for (uint32_t i = 0; i < 2 && edits[i].at; i++) {
    buf_add(out, s->text + (from - s->base), edits[i].at - from);
    buf_str(out, edits[i].insert);
    from = edits[i].at;
  }
  buf_add(out, s->text + (from - s->base), s->base + s->len - from);
}

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
static bool helps(const Repair *r, const Finding *f, const Source *s, const Edit edits[2], bool *ret_holds) {
  Compilation *c = compilation_new(r->loader);
  Buf text = BUF_INIT;
  edited_text(s, edits, &text);
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
  const Source *s = source_of_program(r);
  Buf insert = BUF_INIT;
  bool holds = false;
  missing(r->program, f, &insert);
  SrcPos at = s && insert.len ? behind_automations(r, s) : 0;
  if (at && r->tries > 0) {
    Arena *arena = diag_sink_arena(sink);
    Edit edits[2] = {{at, arena_string(arena, insert.data, insert.len)}, {before_order(r, s), arena_printf(arena, "%s, ", insert.data + 2)}};
    r->tries--;
    if (helps(r, f, s, edits, &holds)) {
      diag_fix(sink, d, (Span){at, at}, false, edits[0].insert,
               holds ? "lock it here as well (tried: the runbook is proved then)" : "lock it here as well (tried: this finding is gone then)");
      if (edits[1].at) diag_fix(sink, d, (Span){edits[1].at, edits[1].at}, false, edits[1].insert, "and name it in the order of release");
    }
  }
  buf_done(&insert);
}
