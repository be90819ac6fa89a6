/* program_names: linear searches; programs have tens of rows, and nobody asks in a loop over a fleet. */
#include <config.h>

#include "runtime/program_names.h"

#include <string.h>

#define FIND_ROW(table, text) \
  for (uint32_t i = 0; i < p->table##_count; i++) \
    if (strcmp(program_str(p, p->table[i].name), (text)) == 0) return i; \
  return NONE_INDEX

uint32_t program_action(const Program *p, const char *name) { FIND_ROW(actions, name); }
uint32_t program_automation(const Program *p, const char *name) { FIND_ROW(automations, name); }
uint32_t program_fact(const Program *p, const char *name) { FIND_ROW(facts, name); }
uint32_t program_metric(const Program *p, const char *name) { FIND_ROW(metrics, name); }
uint32_t program_setting(const Program *p, const char *name) { FIND_ROW(settings, name); }
uint32_t program_gate(const Program *p, const char *name) { FIND_ROW(gates, name); }
uint32_t program_step(const Program *p, const char *name) { FIND_ROW(steps, name); }

bool same_kind_name(const char *written, const char *declared) {
  for (;; written++, declared++) {
    while (*written == '_') written++;
    if (*written == '\0' || *declared == '\0') return *written == *declared;
    if ((*written | 0x20) != (*declared | 0x20)) return false;
  }
}

uint32_t program_kind(const Program *p, const char *name) {
  for (uint32_t k = 0; k < p->kinds_count; k++)
    if (same_kind_name(name, program_str(p, p->kinds[k].name))) return k;
  return NONE_INDEX;
}

uint32_t program_enum_code(const Program *p, uint32_t enumeration, const char *word) {
  Slice words = p->enums[enumeration].words;
  for (uint32_t i = 0; i < words.count; i++)
    if (strcmp(program_str(p, p->enum_words[words.first + i]), word) == 0) return i + 1;
  return 0;
}

uint32_t program_fact_code(const Program *p, uint32_t fact, const char *word) {
  ValueType type = p->facts[fact].type;
  return type.klass == VALUE_ENUM ? program_enum_code(p, type.ref, word) : 0;
}

const char *program_enum_word(const Program *p, uint32_t enumeration, int64_t code) {
  Slice words = p->enums[enumeration].words;
  if (code < 1 || code > words.count) return "unknown";
  return program_str(p, p->enum_words[words.first + (uint32_t)code - 1]);
}

bool program_attachment(const Program *p, uint32_t param) {
  for (uint32_t i = 0; i < p->incidents_count; i++) {
    Slice s = p->incidents[i].attachments;
    for (uint32_t k = 0; k < s.count; k++)
      if (p->index_list[s.first + k] == param) return true;
  }
  return false;
}
