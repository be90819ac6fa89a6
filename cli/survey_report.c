/* survey_report: see survey_report.h. */
#include <config.h>

#include "cli/survey_report.h"

#include <stdio.h>
#include <string.h>

static const char *const fate_words[] = {[FATE_CAUGHT] = "caught", [FATE_SURVIVED] = "survived",
                                         [FATE_UNCHECKED] = "unchecked", [FATE_BROKEN] = "broken"};

typedef struct Counts { uint32_t of[FATE_BROKEN + 1], all; int64_t share; } Counts;

static Counts count(const MutantList *mutants, const Verdict *verdicts) {
  Counts c = {.all = mutants->len, .share = 1000000};
  for (uint32_t i = 0; i < mutants->len; i++) c.of[verdicts[i].fate]++;
  uint32_t checked = c.all - c.of[FATE_UNCHECKED];
  if (checked) c.share = (int64_t)c.of[FATE_CAUGHT] * 1000000 / checked;
  return c;
}

static void json_text(Buf *out, const char *key, const char *text) {
  buf_printf(out, ",\"%s\":", key);
  buf_json(out, text, strlen(text));
}

static void json_mutant(Buf *out, const Mutant *m, const Verdict *v) {
  buf_printf(out, "{\"id\":%u", m->id);
  json_text(out, "kind", mutant_kind_word(m->kind));
  json_text(out, "file", m->source->name);
  buf_printf(out, ",\"line\":%u,\"column\":%u", m->at.line, m->at.column);
  json_text(out, "text", m->text);
  json_text(out, "fate", fate_words[v->fate]);
  if (v->test) json_text(out, "test", v->test);
  buf_char(out, '}');
}

static void print_json(const MutantList *mutants, const Verdict *verdicts, const Counts *c) {
  Buf out = BUF_INIT;
  buf_printf(&out, "{\"mutants\":%u", c->all);
  for (int f = 0; f <= FATE_BROKEN; f++) buf_printf(&out, ",\"%s\":%u", fate_words[f], c->of[f]);
  buf_printf(&out, ",\"caught_percent\":%lld,\"list\":[", (long long)(c->share / 10000));
  for (uint32_t i = 0; i < mutants->len; i++) {
    buf_str(&out, i ? ",\n" : "\n");
    json_mutant(&out, &mutants->items[i], &verdicts[i]);
  }
  buf_str(&out, "]}\n");
  fwrite(out.data, 1, out.len, stdout);
  buf_done(&out);
}

/* ---- for people ---- */

static bool shown(const Verdict *v) { return v->fate == FATE_SURVIVED || v->fate == FATE_BROKEN; }

/* Survivors that put something else in one place share a line: "1, 3, 4 instead of 2 in the step drain of line 64". */
static const char *instead(const Mutant *m) { return strstr(m->text, " instead of "); }

static bool one_line(const Mutant *a, const Mutant *b) {
  const char *x = instead(a), *y = instead(b);
  return a->kind == b->kind && a->span.lo == b->span.lo && a->source == b->source && x && y && strcmp(x, y) == 0;
}

static uint32_t print_line(const MutantList *mutants, const Verdict *verdicts, uint32_t i) {
  const Mutant *first = &mutants->items[i], *m = first;
  printf("%s:%u:%u: ", m->source->name, m->at.line, m->at.column);
  uint32_t next = i + 1;
  for (;; next++) {
    while (next < mutants->len && one_line(first, &mutants->items[next]) && !shown(&verdicts[next])) next++;
    bool more = next < mutants->len && one_line(first, &mutants->items[next]) && instead(first);
    if (!more) break;
    printf("%.*s, ", (int)(instead(m) - m->text), m->text);
    m = &mutants->items[next];
  }
  printf("%s\n", m->text);
  return next;
}

static void print_broken(const MutantList *mutants, const Verdict *verdicts) {
  for (uint32_t i = 0; i < mutants->len; i++) {
    const Mutant *m = &mutants->items[i];
    if (verdicts[i].fate != FATE_BROKEN) continue;
    fprintf(stderr, "tagout: %s:%u:%u: a bug of tagout: it broke down over this mutant: %s\n", m->source->name, m->at.line,
            m->at.column, m->text);
  }
}

static void print_text(const MutantList *mutants, const Verdict *verdicts, const Counts *c) {
  uint32_t i = 0, survived = c->of[FATE_SURVIVED] + c->of[FATE_BROKEN];
  while (i < mutants->len) i = shown(&verdicts[i]) ? print_line(mutants, verdicts, i) : i + 1;
  printf("%u mutants, %u do not check; %u caught, %u survived: %lld%% caught\n", c->all, c->of[FATE_UNCHECKED],
         c->of[FATE_CAUGHT], survived, (long long)(c->share / 10000));
  fflush(stdout);
  print_broken(mutants, verdicts);
}

int64_t survey_report(const MutantList *mutants, const Verdict *verdicts, Format format) {
  Counts c = count(mutants, verdicts);
  if (format == FORMAT_JSON) print_json(mutants, verdicts, &c);
  else print_text(mutants, verdicts, &c);
  return c.share;
}
