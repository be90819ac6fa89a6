/* check_broken: what the parser could not read is not there, and is not reported a second time. A rule about
 * something that is missing says nothing about a block in which something could not be read; an unknown name
 * says nothing when it stands near a line that could not be read, because most likely that line declares it.
 */
#include <config.h>

#include "lang/check.h"

#include <string.h>

/* Called before anything is checked: all errors so far are the parser's. */
void collect_broken(Checker *k) {
  uint32_t count = diag_count(k->c->sink);
  k->broken = arena_new_array(k->c->arena, SrcPos, count + 1);
  for (uint32_t i = 0; i < count; i++) {
    const Diag *d = diag_get(k->c->sink, i);
    if (d->severity == SEV_ERROR && d->span.hi) k->broken[k->broken_len++] = d->span.lo;
  }
}

bool incomplete(const Checker *k, const Node *n) {
  if (n->poison) return true;
  for (uint32_t i = 0; i < k->broken_len; i++)
    if (k->broken[i] >= n->span.lo && k->broken[i] <= n->span.hi) return true;
  return false;
}

bool lost_declaration(const Checker *k) {
  const Source *s = k->module->source;
  const NodeList *decls = &k->module->file->decls;
  for (uint32_t i = 0; i < k->broken_len; i++) {
    SrcPos at = k->broken[i];
    bool lost = at >= s->base && at <= s->base + s->len;
    for (uint32_t j = 0; lost && j < decls->len; j++)
      lost = at < decls->items[j]->span.lo || at > decls->items[j]->span.hi;
    if (lost) return true;
  }
  return false;
}

static bool word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (unsigned char)c >= 0x80;
}

bool lost_line(const Checker *k, const char *word) {
  const Source *s = k->module->source;
  size_t len = strlen(word);
  for (uint32_t i = 0; i < k->broken_len; i++) {
    if (k->broken[i] < s->base || k->broken[i] > s->base + s->len) continue;
    uint32_t at = k->broken[i] - s->base;
    while (at > 0 && s->text[at - 1] != '\n') at--;
    while (at < s->len && (s->text[at] == ' ' || s->text[at] == '\t')) at++;
    if (at + len < s->len && memcmp(s->text + at, word, len) == 0 && !word_byte(s->text[at + len])) return true;
  }
  return false;
}

#define LINES_AROUND 5 /* a statement that could not be read is rarely longer */

/* Words behind which a name is declared. */
static const char *const declaring[] = {
    "as",     "param", "select",  "each",      "every",   "some",   "count",      "step",   "kind",
    "type",   "fact",  "metric",  "role",      "channel", "action", "automation", "hazard", "setting",
    "policy", "site",  "runbook", "procedure", "asks",    "module", "out"};

static bool declares(const char *text, size_t at) {
  while (at > 0 && text[at - 1] == ' ') at--;
  for (size_t i = 0; i < sizeof declaring / sizeof *declaring; i++) {
    size_t len = strlen(declaring[i]);
    if (len <= at && memcmp(text + at - len, declaring[i], len) == 0 &&
        (len == at || !word_byte(text[at - len - 1])))
      return true;
  }
  return false;
}

/* Is the word declared somewhere in the text, as far as its neighbours show? */
static bool has_declared(const char *text, size_t len, const char *word, size_t word_len) {
  for (size_t i = 0; i + word_len <= len; i++) {
    if (memcmp(text + i, word, word_len) != 0) continue;
    if ((i > 0 && word_byte(text[i - 1])) || (i + word_len < len && word_byte(text[i + word_len]))) continue;
    size_t end = i + word_len;
    while (end < len && text[end] == ' ') end++;
    if ((end < len && (text[end] == ':' || text[end] == '=')) || declares(text, i)) return true;
  }
  return false;
}

static bool near(const Source *s, SrcPos at, const char *word, size_t len) {
  uint32_t lo = at - s->base, hi = lo;
  for (int lines = 0; lo > 0 && lines <= LINES_AROUND; lo--) lines += s->text[lo - 1] == '\n';
  for (int lines = 0; hi < s->len && lines <= LINES_AROUND; hi++) lines += s->text[hi] == '\n';
  return has_declared(s->text + lo, hi - lo, word, len);
}

bool maybe_dropped(const Checker *k, Atom name) {
  const Source *s = k->module->source;
  if (k->module->lacks) return true;
  for (uint32_t i = 0; i < k->broken_len; i++) {
    SrcPos at = k->broken[i];
    if (at >= s->base && at <= s->base + s->len &&
        near(s, at, name_text(k, name), intern_length(k->c->names, name)))
      return true;
  }
  return false;
}
