/* evidence: words of a command line against the rows of a gate. */
#include <config.h>

#include "cli/evidence.h"

#include "lang/quantity.h"
#include "runtime/program_names.h"

#include <stdio.h>
#include <string.h>

bool evidence_is(const char *word) {
  const char *equals = strchr(word, '=');
  return equals && equals != word;
}

static Slice asks_of(const Program *p, uint32_t gate) { return gate < p->gates_count ? p->gates[gate].asks : (Slice){0, 0}; }

void evidence_wanted(const Program *p, uint32_t gate, Buf *out) {
  Slice asks = asks_of(p, gate);
  for (uint32_t i = 0; i < asks.count; i++) buf_printf(out, " %s=...", program_str(p, p->asks[asks.first + i].name));
}

/* The value behind NAME=, NULL: the word is about something else. */
static const char *value_of(const char *word, const char *name) {
  size_t len = strlen(name);
  return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static const char *find(const char *const *words, int count, const char *name, int *ret_times) {
  const char *value = NULL;
  *ret_times = 0;
  for (int i = 0; i < count; i++) {
    const char *v = value_of(words[i], name);
    if (!v) continue;
    value = v;
    ++*ret_times;
  }
  return value;
}

static bool quantity_fits(QuantityKind kind, const char *value) {
  Quantity q;
  QuantityFault fault;
  return quantity_parse_as(kind, value, strlen(value), &q, &fault);
}

static bool fits(const Program *p, ValueType type, const char *value) {
  switch ((ValueClass)type.klass) {
  case VALUE_INT: return quantity_fits(QUANTITY_NUMBER, value);
  case VALUE_QUANTITY: return quantity_fits((QuantityKind)type.ref, value);
  case VALUE_BOOL: return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
  case VALUE_ENUM: return program_enum_code(p, type.ref, value) != 0;
  case VALUE_TEXT: return *value != '\0';
  case VALUE_ENTITY:
  case VALUE_LIST: break;
  }
  return false;
}

static const char *type_words(ValueType type) {
  switch ((ValueClass)type.klass) {
  case VALUE_INT: return quantity_kind_phrase(QUANTITY_NUMBER);
  case VALUE_QUANTITY: return quantity_kind_phrase((QuantityKind)type.ref);
  case VALUE_BOOL: return "yes or no";
  case VALUE_ENUM: return "one of its words";
  case VALUE_TEXT: return "a text";
  case VALUE_ENTITY:
  case VALUE_LIST: break;
  }
  return "a value";
}

static bool all_asked_for(const Program *p, uint32_t gate, const char *const *words, int count) {
  Slice asks = asks_of(p, gate);
  for (int i = 0; i < count; i++) {
    bool known = false;
    for (uint32_t k = 0; k < asks.count && !known; k++) known = value_of(words[i], program_str(p, p->asks[asks.first + k].name)) != NULL;
    if (known) continue;
    fprintf(stderr, "tagout ack: nobody asks for `%.*s`\n", (int)strcspn(words[i], "="), words[i]);
    return false;
  }
  return true;
}

bool evidence_take(const Program *p, uint32_t gate, const char *who, const char *const *words, int count, Buf *out) {
  Slice asks = asks_of(p, gate);
  if (!all_asked_for(p, gate, words, count)) return false;
  buf_str(out, who);
  for (uint32_t i = 0; i < asks.count; i++) {
    const AskRow *row = &p->asks[asks.first + i];
    const char *name = program_str(p, row->name);
    int times;
    const char *value = find(words, count, name, &times);
    if (times != 1 || !fits(p, row->type, value)) {
      fprintf(stderr, "tagout ack: %s asks for %s, %s%s: `... yes %s=VALUE`\n", program_str(p, p->gates[gate].name), name,
              type_words(row->type), times > 1 ? ", once" : times ? ", and this is none" : "", name);
      return false;
    }
    buf_printf(out, "; %s=%s", name, value);
  }
  return true;
}
