/* faults: the fault file's reader. jansson parses; every name is looked up in the program and the inventory, and everything
 * that is wrong is said at once. */
#include <config.h>

#include "runtime/faults.h"

#include "runtime/program_names.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct Reader {
  const Program *program;
  const Fleet *fleet;
  const char *file;
  DiagSink *sink;
  uint32_t index;   /* of the fault being read, for messages */
  bool ok;
} Reader;

__attribute__((format(printf, 2, 3))) static void refuse(Reader *r, const char *format, ...) {
  char text[300];
  va_list ap;
  va_start(ap, format);
  vsnprintf(text, sizeof text, format, ap);
  va_end(ap);
  if (r->index > 0) diag_at(r->sink, E_FAULT_FILE, r->file, 0, 0, "fault %u: %s", r->index, text);
  else diag_at(r->sink, E_FAULT_FILE, r->file, 0, 0, "%s", text);
  r->ok = false;
}

/* ---- names of the program ---- */

typedef struct Subject { const char *key; FaultKind kind; } Subject;
static const Subject subjects[] = {{"action", FAULT_ACTION}, {"lock", FAULT_LOCK}, {"unlock", FAULT_UNLOCK},
                                   {"gate", FAULT_ANSWER}, {"fact", FAULT_FACT}, {"read", FAULT_READ},
                                   {"crash", FAULT_CRASH}, {"cancel", FAULT_CANCEL}};

static uint32_t find_subject(const Program *p, FaultKind kind, const char *name) {
  switch (kind) {
  case FAULT_ACTION: return program_action(p, name);
  case FAULT_LOCK:
  case FAULT_UNLOCK: return program_automation(p, name);
  case FAULT_ANSWER: return program_gate(p, name);
  case FAULT_FACT:
  case FAULT_READ: return program_fact(p, name);
  case FAULT_CRASH:
  case FAULT_CANCEL: return program_step(p, name);
  }
  return NONE_INDEX;
}

/* ---- fields ---- */

static int64_t read_duration(Reader *r, const json_t *fault, const char *key) {
  const json_t *value = json_object_get(fault, key);
  Quantity q;
  QuantityFault why;
  if (!value) return 0;
  const char *text = json_string_value(value);
  if (!text) return refuse(r, "`%s` is not a text such as \"12min\"", key), 0;
  if (quantity_parse_as(QUANTITY_DURATION, text, strlen(text), &q, &why)) return q.value;
  refuse(r, "`%s`: %s", key, why.message);
  return 0;
}

static uint32_t read_rate(Reader *r, const json_t *rates, const char *key) {
  const char *text = json_string_value(json_object_get(rates, key));
  Quantity q;
  QuantityFault why;
  if (!text) return 0;
  if (quantity_parse_as(QUANTITY_FRACTION, text, strlen(text), &q, &why) && q.value >= 0 && q.value <= 1000000)
    return (uint32_t)q.value;
  refuse(r, "rate `%s` is not a percentage from 0%% to 100%%", key);
  return 0;
}

static void read_on(Reader *r, const json_t *fault, Fault *out) {
  const json_t *on = json_object_get(fault, "on");
  out->on_kind = NONE_INDEX;
  out->on = ENTITY_NONE;
  if (!on) return;
  const char *kind = NULL;
  const json_t *name = NULL;
  if (json_object_size(on) == 1) {
    kind = json_object_iter_key(json_object_iter((json_t *)on));
    name = json_object_get(on, kind);
  }
  if (!json_is_string(name)) {
    refuse(r, "`on` is not {\"KIND\": \"NAME\"}");
    return;
  }
  out->on_kind = program_kind(r->program, kind);
  if (out->on_kind == NONE_INDEX) {
    refuse(r, "no kind is called `%s`", kind);
    return;
  }
  out->on = fleet_find(r->fleet, out->on_kind, json_string_value(name), strlen(json_string_value(name)));
  if (out->on == ENTITY_NONE) refuse(r, "the inventory has no %s `%s`", kind, json_string_value(name));
}

static void read_times(Reader *r, const json_t *fault, Fault *out) {
  const json_t *times = json_object_get(fault, "times");
  const char *text = json_string_value(times);
  out->times = 1;
  if (!times || (text && strcmp(text, "once") == 0)) return;
  if (text && strcmp(text, "always") == 0) out->times = 0;
  else if (json_is_integer(times) && json_integer_value(times) > 0 && json_integer_value(times) <= UINT32_MAX)
    out->times = (uint32_t)json_integer_value(times);
  else refuse(r, "`times` is not \"once\", \"always\" or a number from 1");
}

static void read_outcome(Reader *r, const json_t *fault, Fault *out) {
  const char *text = json_string_value(json_object_get(fault, "outcome"));
  if (!text) refuse(r, "`outcome` is missing: ok, failed or unknown");
  else if (strcmp(text, "ok") == 0) out->outcome = OUT_OK;
  else if (strcmp(text, "failed") == 0) out->outcome = OUT_FAILED;
  else if (strcmp(text, "unknown") == 0) out->outcome = OUT_UNKNOWN;
  else refuse(r, "`outcome` is `%s`: expected ok, failed or unknown", text);
}

static void read_answer(Reader *r, const json_t *fault, Fault *out) {
  const char *text = json_string_value(json_object_get(fault, "answer"));
  if (text && strcmp(text, "yes") == 0) out->value = 1;
  else if (text && strcmp(text, "no") == 0) out->value = 0;
  else if (text && strcmp(text, "none") == 0) out->value = VALUE_UNKNOWN;
  else refuse(r, "`answer` is not yes, no or none");
}

static void read_value(Reader *r, const json_t *fault, Fault *out) {
  const char *text = json_string_value(json_object_get(fault, "is"));
  if (text && strcmp(text, "unknown") == 0) {
    out->value = VALUE_UNKNOWN;
    return;
  }
  uint32_t code = text ? program_fact_code(r->program, out->subject, text) : 0;
  if (code == 0) refuse(r, "`is` is not a value of the fact");
  out->value = code;
}

static bool find_kind(Reader *r, const json_t *fault, Fault *out) {
  const char *name = NULL;
  for (size_t i = 0; i < sizeof subjects / sizeof *subjects && !name; i++) {
    name = json_string_value(json_object_get(fault, subjects[i].key));
    out->kind = subjects[i].kind;
    if (name && (out->subject = find_subject(r->program, out->kind, name)) == NONE_INDEX)
      return refuse(r, "the runbook knows no %s `%s`", subjects[i].key, name), false;
  }
  if (!name) refuse(r, "none of action, lock, unlock, gate, fact, read, crash, cancel is named");
  return name != NULL;
}

static void read_fault(Reader *r, const json_t *fault, Fault *out) {
  if (!json_is_object(fault)) {
    refuse(r, "not an object");
    return;
  }
  if (!find_kind(r, fault, out)) return;
  read_on(r, fault, out);
  read_times(r, fault, out);
  out->after = read_duration(r, fault, "after");
  out->landing = read_duration(r, fault, "landing");
  switch (out->kind) {
  case FAULT_ACTION:
  case FAULT_LOCK:
  case FAULT_UNLOCK: read_outcome(r, fault, out); break;
  case FAULT_ANSWER: read_answer(r, fault, out); break;
  case FAULT_FACT: read_value(r, fault, out); break;
  case FAULT_CRASH: out->value = read_duration(r, fault, "resume after"); break;
  case FAULT_READ:
  case FAULT_CANCEL: break;
  }
}

static Faults *read_root(Reader *r, const json_t *root, Arena *arena) {
  Faults *out = arena_new_object(arena, Faults);
  if (!json_is_object(root) || json_integer_value(json_object_get(root, "format")) != 1) {
    refuse(r, "not a fault file: expected an object with \"format\": 1");
    return NULL;
  }
  out->seed = (uint64_t)json_integer_value(json_object_get(root, "seed"));
  const json_t *rates = json_object_get(root, "rates");
  out->rate_failed = read_rate(r, rates, "failed");
  out->rate_unknown = read_rate(r, rates, "unknown");
  out->rate_silent = read_rate(r, rates, "silent");
  const json_t *faults = json_object_get(root, "faults"), *fault;
  size_t i;
  out->items = arena_new_array(arena, Fault, json_array_size(faults));
  json_array_foreach((json_t *)faults, i, fault) {
    r->index = (uint32_t)i + 1;
    read_fault(r, fault, &out->items[i]);
  }
  out->count = (uint32_t)json_array_size(faults);
  return r->ok ? out : NULL;
}

const Faults *faults_read(const Program *p, const Fleet *fleet, const char *file, const char *bytes, size_t len,
                          Arena *arena, DiagSink *sink) {
  Reader r = {.program = p, .fleet = fleet, .file = file, .sink = sink, .ok = true};
  json_error_t error;
  json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
  if (!root) {
    diag_at(sink, E_FAULT_FILE, file, (uint32_t)error.line, error.column > 0 ? (uint32_t)error.column : 0,
            "not valid JSON: %s", error.text);
    return NULL;
  }
  Faults *out = read_root(&r, root, arena);
  json_decref(root);
  return out;
}
