/* proof_report: each finding is one diagnostic at the place where it happens, with the shortest way there as numbered sentences. */
#include <config.h>

#include "lang/proof/proof_report.h"
#include "lang/proof/proof_tell.h"

#include <stdio.h>
#include <string.h>

/* ---- places ---- */

/* The line without the blanks around it and without a comment. */
static Span line_span(const SourceMap *map, const Source *s, uint32_t line) {
  uint32_t len, from = 0;
  SrcPos lo;
  const char *text = source_line(map, s, line, &len, &lo);
  if (!text) return (Span){0, 0};
  while (from < len && (text[from] == ' ' || text[from] == '\t')) from++;
  for (uint32_t i = from; i < len; i++)
    if (text[i] == '#' && i > from && text[i - 1] == ' ') len = i;
  while (len > from && (text[len - 1] == ' ' || text[len - 1] == '{' || text[len - 1] == '\r')) len--;
  return (Span){lo + from, lo + len};
}

static Span place(const Program *p, const SourceMap *map, uint32_t pc) {
  const char *name = NULL;
  uint32_t line = pc == NONE_INDEX || pc == 0 ? 0 : program_line(p, pc, &name);
  const Source *s = line && name ? source_named(map, name) : NULL;
  return s ? line_span(map, s, line) : (Span){0, 0};
}

static uint32_t last_place(const Finding *f) {
  for (uint32_t i = f->len; i-- > 0;)
    if (f->path[i].pc) return f->path[i].pc;
  return NONE_INDEX;
}

/* ---- the way ---- */

static void tell_path(const Program *p, const Finding *f, const char *const *names, DiagSink *sink, Diag *d) {
  Buf line = BUF_INIT;
  uint32_t n = 0;
  if (f->len > 1) {
    if (f->faults) diag_note(sink, d, "the shortest way there, with %u thing%s going wrong:", f->faults, f->faults == 1 ? "" : "s");
    else diag_note(sink, d, "the shortest way there, with nothing going wrong:");
  }
  for (uint32_t i = 0; i < f->len && f->len > 1; i++) {
    const char *source;
    buf_reset(&line);
    if (!tell_move(p, &f->path[i], names, &line)) continue;
    uint32_t at = tell_line(p, &f->path[i], &source);
    const char *text = arena_string(diag_sink_arena(sink), line.data, line.len);
    const char *file = at ? arena_string(diag_sink_arena(sink), source, strlen(source)) : NULL; /* the program may be gone when it is shown */
    diag_step(sink, d, &(DiagStep){.number = ++n, .line = at, .file = file, .text = text, .fault = f->path[i].fault});
  }
  buf_done(&line);
}

/* ---- diagnostics ---- */

DiagCode proof_code(FindingKind k) {
  static const DiagCode codes[FINDING_KIND_COUNT] = {
      [FINDING_NEED] = E_PROOF_NEED, [FINDING_MAKE] = E_PROOF_POLICY, [FINDING_CALL] = E_PROOF_POLICY, [FINDING_LET] = E_PROOF_AUTOMATION,
      [FINDING_ABANDONED] = E_PROOF_ABANDONED, [FINDING_LEFT] = E_PROOF_LEFT, [FINDING_CONFLICT] = E_PROOF_CONFLICT,
      [FINDING_NEVER_DONE] = E_PROOF_NEVER_DONE, [FINDING_UNREACHED] = W_PROOF_UNREACHED, [FINDING_IDLE] = W_PROOF_IDLE, [FINDING_OPAQUE] = E_PROOF_OPEN,
      [FINDING_TOO_LARGE] = E_PROOF_TOO_LARGE};
  return codes[k];
}

/* As much of the line as the search for some words needs, ended. */
enum { SEARCHED = 256 };
static void copy_line(const SourceMap *map, const Source *s, uint32_t line, char ret[SEARCHED]) {
  uint32_t len;
  SrcPos lo;
  const char *text = source_line(map, s, line, &len, &lo);
  snprintf(ret, SEARCHED, "%.*s", (int)(len < SEARCHED ? len : SEARCHED - 1), text);
}

/* Conditions that are written twice share their code, so the place of a rule is found by its line and its words. */
static Span words_place(const SourceMap *map, uint32_t line, const char *text) {
  char begin[16];
  snprintf(begin, sizeof begin, "%s", text);
  for (uint32_t i = 0; map && line && i < source_count(map); i++) {
    char copy[SEARCHED];
    const Source *s = source_at(map, i);
    if (source_line_col(map, s->base + s->len).line < line) continue;
    copy_line(map, s, line, copy);
    if (strstr(copy, begin)) return line_span(map, s, line);
  }
  return (Span){0, 0};
}

/* Where the runbook says that it obeys the policy: policies are not in its code. 0: it does not say so on one line. */
static uint32_t obey_line(const SourceMap *map, const Source *s, const char *policy) {
  for (uint32_t line = 1, last = source_line_col(map, s->base + s->len).line; line <= last; line++) {
    char copy[SEARCHED];
    copy_line(map, s, line, copy);
    if (strncmp(copy + strspn(copy, " \t"), "obey ", 5) == 0 && strstr(copy, policy)) return line;
  }
  return 0;
}

/* The line of what no address of the code stands for. */
static uint32_t line_of(const Program *p, const Finding *f, uint32_t pc, const SourceMap *map, const char **file) {
  const Source *s = map ? source_named(map, *file) : NULL;
  if (f->kind == FINDING_UNREACHED) return p->steps[f->row].line;
  if (f->kind == FINDING_IDLE) return s ? obey_line(map, s, program_str(p, p->policies[f->row].name)) : 0;
  return pc == NONE_INDEX ? 0 : program_line(p, pc, file);
}

/* Where the rule stands that does not hold. */
static Span rule_place(const Program *p, const Finding *f, const SourceMap *map) {
  switch (f->kind) {
    case FINDING_NEED: case FINDING_OPAQUE: return words_place(map, p->need_rows[f->row].line, program_str(p, p->need_rows[f->row].text));
    case FINDING_MAKE: case FINDING_CALL: case FINDING_LET: case FINDING_ABANDONED:
      return words_place(map, p->rules[f->row].line, program_str(p, p->rules[f->row].text));
    default: return (Span){0, 0};
  }
}

static Diag *report(const Program *p, const Finding *f, const SourceMap *map, const ProofExample *example, DiagSink *sink) {
  Buf text = BUF_INIT;
  tell_finding(p, f, &text);
  uint32_t pc = f->pc == NONE_INDEX ? last_place(f) : f->pc;
  bool nowhere = f->kind == FINDING_UNREACHED || f->kind == FINDING_IDLE;
  Span span = nowhere ? (Span){0, 0} : place(p, map, pc);
  const char *file = p->sources_count ? program_str(p, p->sources[0].name) : "";
  uint32_t line = line_of(p, f, pc, map, &file);
  if (nowhere && line && map && source_named(map, file)) span = line_span(map, source_named(map, file), line);
  Diag *d = span.hi ? diag_new(sink, proof_code(f->kind), span, "%s", text.data) : diag_at(sink, proof_code(f->kind), file, line, 0, "%s", text.data);
  Span rule = rule_place(p, f, map);
  if (span.hi && rule.hi) diag_label(sink, d, rule, "the rule");
  tell_path(p, f, example ? example->names : NULL, sink, d);
  if (example) {
    diag_note(sink, d, "%s", example->note);
    diag_replay(sink, d, &example->data);
  }
  buf_done(&text);
  return d;
}

void proof_report(const Program *p, const Proof *proof, const ProofShow *show, DiagSink *sink) {
  for (uint32_t i = 0; i < proof->finding_count; i++) {
    const Finding *f = &proof->findings[i];
    const ProofExample *example = show->replayer ? show->replayer(show->replayer_ctx, proof, f) : NULL;
    Diag *d = report(p, f, show->map, example, sink);
    bool mended = show->fixer && show->map && show->fixer(show->fixer_ctx, f, sink, d);
    const char *help = mended ? NULL : tell_help(p, f, diag_sink_arena(sink));
    if (help) diag_note(sink, d, "help: %s", help);
  }
}
