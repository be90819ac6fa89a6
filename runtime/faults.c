/* faults: the fault file's reader. jansson parses; every name is looked up in the program and the inventory, and everything
 * that is wrong is said at once. */
#include <config.h>

#include "runtime/faults.h"

#include "lang/suggest.h"
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

/* fix: what to write instead, for a note. */
__attribute__((format(printf, 3, 4))) static void refuse(Reader *r, const char *fix, const char *format, ...) {
  char text[300];
  va_list ap;
  va_start(ap, format);
  vsnprintf(text, sizeof text, format, ap);
  va_end(ap);
  Diag *d = r->index > 0 ? diag_at(r->sink, E_FAULT_FILE, r->file, 0, 0, "fault %u: %s", r->index, text)
                         : diag_at(r->sink, E_FAULT_FILE, r->file, 0, 0, "%s", text);
  diag_note(r->sink, d, "%s", fix);
  r->ok = false;
}

/* "did you mean `power_on`?", else what may stand there. In the program's or a static text's stead: lives in buf. */
static const char *did_you_mean(const Suggest *nearest, const char *otherwise, char buf[160]) {
  const char *best = suggest_best(nearest);
  if (!best) return otherwise;
  snprintf(buf, 160, "did you mean `%s`?", best);
  return buf;
}

/* A key that nobody reads is a mistake: what it was to say would not happen. allowed: separated by blanks. */
static void check_keys(Reader *r, const json_t *object, const char *allowed, const char *what) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value) {
    char words[200], fix[160], all[260];
    bool known = false;
    snprintf(words, sizeof words, "%s", allowed);
    snprintf(all, sizeof all, "it may have: %s", allowed);
    Suggest nearest = suggest_begin(key, strlen(key));
    for (char *rest = words, *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
      known = known || strcmp(word, key) == 0;
      suggest_offer(&nearest, word);
    }
    if (!known) refuse(r, did_you_mean(&nearest, all, fix), "%s has no `%s`", what, key);
  }
}

/* ---- names of the program ---- */

/* What a fault may strike, or make happen; keys: what is said of it, all of which is read. */
typedef struct Subject { const char *key; FaultKind kind; const char *keys; } Subject;
static const Subject subjects[] = {{"action", FAULT_ACTION, "action on outcome times nth landing at for"},
                                   {"lock", FAULT_LOCK, "lock on outcome times nth at for"},
                                   {"unlock", FAULT_UNLOCK, "unlock on outcome times nth at for"},
                                   {"gate", FAULT_ANSWER, "gate on answer after times nth at for"},
                                   {"fact", FAULT_FACT, "fact on is times at after told for"},
                                   {"read", FAULT_READ, "read on times nth at for"},
                                   {"metric", FAULT_METRIC, "metric on is at after for"},
                                   {"automation", FAULT_AUTOMATION, "automation on at after"},
                                   {"late", FAULT_LATE, "late on at after"},
                                   {"cancel", FAULT_CANCEL, "cancel at after"},
                                   {"crash", FAULT_CRASH, "crash at after for"},
                                   {"pass", FAULT_PASS, "pass at after"}};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };
#define SUBJECT_NAMES "action, lock, unlock, gate, fact, read, metric, automation, late, cancel, crash, pass"

bool fault_happens(const Fault *f) {
  switch (f->kind) {
  case FAULT_FACT: case FAULT_CRASH: case FAULT_CANCEL: case FAULT_AUTOMATION: case FAULT_LATE: case FAULT_PASS: return true;
  case FAULT_ACTION: case FAULT_LOCK: case FAULT_UNLOCK: case FAULT_ANSWER: case FAULT_READ: case FAULT_METRIC: return false;
  }
  return false;
}

/* The tables that a name is looked up in. */
typedef enum Named { NAMED_ACTION, NAMED_AUTOMATION, NAMED_GATE, NAMED_FACT, NAMED_STEP, NAMED_METRIC, NAMED_NOTHING } Named;

static Named named_by(FaultKind kind) {
  switch (kind) {
  case FAULT_ACTION: case FAULT_LATE: return NAMED_ACTION;
  case FAULT_LOCK: case FAULT_UNLOCK: case FAULT_AUTOMATION: return NAMED_AUTOMATION;
  case FAULT_ANSWER: return NAMED_GATE;
  case FAULT_FACT: case FAULT_READ: return NAMED_FACT;
  case FAULT_METRIC: return NAMED_METRIC;
  case FAULT_CRASH: case FAULT_CANCEL: case FAULT_PASS: break;
  }
  return NAMED_NOTHING;
}

static uint32_t find_named(const Program *p, Named what, const char *name) {
  switch (what) {
  case NAMED_ACTION: return program_action(p, name);
  case NAMED_AUTOMATION: return program_automation(p, name);
  case NAMED_GATE: return program_gate(p, name);
  case NAMED_FACT: return program_fact(p, name);
  case NAMED_STEP: return program_step(p, name);
  case NAMED_METRIC: return program_metric(p, name);
  case NAMED_NOTHING: break;
  }
  return NONE_INDEX;
}

static void offer_named(const Program *p, Named what, Suggest *nearest) {
  for (uint32_t i = 0; what == NAMED_ACTION && i < p->actions_count; i++) suggest_offer(nearest, program_str(p, p->actions[i].name));
  for (uint32_t i = 0; what == NAMED_AUTOMATION && i < p->automations_count; i++) suggest_offer(nearest, program_str(p, p->automations[i].name));
  for (uint32_t i = 0; what == NAMED_GATE && i < p->gates_count; i++) suggest_offer(nearest, program_str(p, p->gates[i].name));
  for (uint32_t i = 0; what == NAMED_FACT && i < p->facts_count; i++) suggest_offer(nearest, program_str(p, p->facts[i].name));
  for (uint32_t i = 0; what == NAMED_METRIC && i < p->metrics_count; i++) suggest_offer(nearest, program_str(p, p->metrics[i].name));
  for (uint32_t i = 0; what == NAMED_STEP && i < p->steps_count; i++) suggest_offer(nearest, program_str(p, p->steps[i].name));
}

/* NONE_INDEX after saying so. */
static uint32_t read_named(Reader *r, const json_t *object, const char *key, Named what) {
  const char *name = json_string_value(json_object_get(object, key));
  if (!name) return refuse(r, "write its name in quotes", "`%s` is not a text", key), NONE_INDEX;
  uint32_t row = find_named(r->program, what, name);
  if (row != NONE_INDEX) return row;
  char fix[160];
  Suggest nearest = suggest_begin(name, strlen(name));
  offer_named(r->program, what, &nearest);
  refuse(r, did_you_mean(&nearest, "name it as the runbook does", fix), "the runbook knows no %s `%s`", key, name);
  return NONE_INDEX;
}

/* ---- fields ---- */

static int64_t read_duration(Reader *r, const json_t *fault, const char *key) {
  const json_t *value = json_object_get(fault, key);
  Quantity q;
  QuantityFault why;
  if (!value) return 0;
  const char *text = json_string_value(value);
  if (!text) return refuse(r, "write a duration in quotes, such as \"12min\"", "`%s` is not a text", key), 0;
  if (quantity_parse_as(QUANTITY_DURATION, text, strlen(text), &q, &why)) return q.value;
  refuse(r, "write a duration, such as \"12min\"", "`%s`: %s", key, why.message);
  return 0;
}

static uint32_t read_rate(Reader *r, const json_t *rates, const char *key) {
  const json_t *value = json_object_get(rates, key);
  const char *text = json_string_value(value);
  Quantity q;
  QuantityFault why;
  if (!value) return 0;
  if (text && quantity_parse_as(QUANTITY_FRACTION, text, strlen(text), &q, &why) && q.value >= 0 && q.value <= 1000000)
    return (uint32_t)q.value;
  refuse(r, "write a percentage in quotes, such as \"0.5%\"", "rate `%s` is not a percentage from 0%% to 100%%", key);
  return 0;
}

static void read_on(Reader *r, const json_t *fault, uint32_t *ret_kind, Entity *ret_on) {
  const json_t *on = json_object_get(fault, "on");
  *ret_kind = NONE_INDEX;
  *ret_on = ENTITY_NONE;
  if (!on) return;
  const char *kind = NULL;
  const json_t *name = NULL;
  if (json_object_size(on) == 1) {
    kind = json_object_iter_key(json_object_iter((json_t *)on));
    name = json_object_get(on, kind);
  }
  if (!json_is_string(name)) {
    refuse(r, "write {\"node\": \"r01-n01\"}, or leave `on` out: every one is meant", "`on` is not {\"KIND\": \"NAME\"}");
    return;
  }
  *ret_kind = program_kind(r->program, kind);
  if (*ret_kind == NONE_INDEX) {
    char fix[160];
    Suggest nearest = suggest_begin(kind, strlen(kind));
    for (uint32_t i = 0; i < r->program->kinds_count; i++) suggest_offer(&nearest, program_str(r->program, r->program->kinds[i].name));
    refuse(r, did_you_mean(&nearest, "`node`, `rack`, `row`, `cluster` are kinds", fix), "no kind is called `%s`", kind);
    return;
  }
  *ret_on = fleet_find(r->fleet, *ret_kind, json_string_value(name), strlen(json_string_value(name)));
  if (*ret_on == ENTITY_NONE)
    refuse(r, "name one that the inventory has", "the inventory has no %s `%s`", kind, json_string_value(name));
}

static void read_times(Reader *r, const json_t *fault, Fault *out) {
  const json_t *times = json_object_get(fault, "times");
  const char *text = json_string_value(times);
  out->times = 1;
  if (!times || (text && strcmp(text, "once") == 0)) return;
  if (text && strcmp(text, "always") == 0) out->times = 0;
  else if (json_is_integer(times) && json_integer_value(times) > 0 && json_integer_value(times) <= UINT32_MAX)
    out->times = (uint32_t)json_integer_value(times);
  else refuse(r, "without `times` it happens once", "`times` is not \"once\", \"always\" or a number from 1");
}

/* A number from 1; 0: it is not there. */
static uint32_t read_nth(Reader *r, const json_t *object) {
  const json_t *nth = json_object_get(object, "nth");
  if (!nth) return 0;
  if (json_is_integer(nth) && json_integer_value(nth) > 0 && json_integer_value(nth) <= UINT32_MAX) return (uint32_t)json_integer_value(nth);
  refuse(r, "write 1 for the first time, 2 for the second", "`nth` is not a number from 1");
  return 0;
}

/* ---- moments ---- */

typedef struct MomentKey { const char *key; Named named; MomentKind begins, ends; } MomentKey;
static const MomentKey moment_keys[] = {{"action", NAMED_ACTION, MOMENT_ACTION_BEGINS, MOMENT_ACTION_ENDS},
                                        {"step", NAMED_STEP, MOMENT_STEP_BEGINS, MOMENT_STEP_ENDS},
                                        {"gate", NAMED_GATE, MOMENT_GATE_BEGINS, MOMENT_GATE_ENDS},
                                        {"lock", NAMED_AUTOMATION, MOMENT_NONE, MOMENT_LOCKED},
                                        {"unlock", NAMED_AUTOMATION, MOMENT_NONE, MOMENT_UNLOCKED},
                                        {"run", NAMED_NOTHING, MOMENT_NONE, MOMENT_NONE}};
enum { MOMENT_KEYS = sizeof moment_keys / sizeof *moment_keys };
#define MOMENT_FIX "write {\"action\": \"drain\", \"on\": {\"node\": \"r01-n01\"}, \"moment\": \"ends\"}"

static MomentKind run_moment(Reader *r, const json_t *at) {
  const char *text = json_string_value(json_object_get(at, "run"));
  if (text && strcmp(text, "rolls_back") == 0) return MOMENT_ROLL_BACK;
  if (text && strcmp(text, "ends") == 0) return MOMENT_RUN_ENDS;
  refuse(r, "leave `at` out for its start", "`run` is not \"rolls_back\" or \"ends\"");
  return MOMENT_NONE;
}

static MomentKind begins_or_ends(Reader *r, const json_t *at, const MomentKey *k) {
  const json_t *moment = json_object_get(at, "moment");
  const char *text = json_string_value(moment);
  if (!moment || (text && strcmp(text, "ends") == 0)) return k->ends;
  if (text && strcmp(text, "begins") == 0 && k->begins != MOMENT_NONE) return k->begins;
  refuse(r, "write \"moment\": \"begins\" or \"ends\"; a lock and an unlock have an end only", "`moment` is not when a %s begins or ends", k->key);
  return MOMENT_NONE;
}

static void read_moment(Reader *r, const json_t *fault, Moment *out) {
  const json_t *at = json_object_get(fault, "at");
  const MomentKey *k = NULL;
  *out = (Moment){.subject = NONE_INDEX, .on_kind = NONE_INDEX, .on = ENTITY_NONE};
  if (!at) return;
  for (uint32_t i = 0; i < MOMENT_KEYS && !k; i++)
    if (json_object_get(at, moment_keys[i].key)) k = &moment_keys[i];
  if (!k) {
    refuse(r, MOMENT_FIX, "`at` names no action, step, gate, lock, unlock or run");
    return;
  }
  bool run = k->named == NAMED_NOTHING;
  check_keys(r, at, run ? "run nth" : "action step gate lock unlock on moment nth", "`at`");
  out->nth = read_nth(r, at);
  if (out->nth == 0) out->nth = 1;
  out->kind = run ? run_moment(r, at) : begins_or_ends(r, at, k);
  if (run) return;
  out->subject = read_named(r, at, k->key, k->named);
  read_on(r, at, &out->on_kind, &out->on);
}

#define OUTCOME_FIX "write \"outcome\": \"ok\", \"failed\" or \"unknown\""

static void read_outcome(Reader *r, const json_t *fault, Fault *out) {
  const char *text = json_string_value(json_object_get(fault, "outcome"));
  if (!text) refuse(r, OUTCOME_FIX, "`outcome` is missing");
  else if (strcmp(text, "ok") == 0) out->outcome = OUT_OK;
  else if (strcmp(text, "failed") == 0) out->outcome = OUT_FAILED;
  else if (strcmp(text, "unknown") == 0) out->outcome = OUT_UNKNOWN;
  else refuse(r, OUTCOME_FIX, "`outcome` is `%s`", text);
  if (text && out->landing > 0 && out->outcome != OUT_UNKNOWN)
    refuse(r, "leave `landing` out, or write \"outcome\": \"unknown\"", "`landing` with an outcome that is known");
}

static void read_answer(Reader *r, const json_t *fault, Fault *out) {
  const char *text = json_string_value(json_object_get(fault, "answer"));
  if (text && strcmp(text, "yes") == 0) out->value = 1;
  else if (text && strcmp(text, "no") == 0) out->value = 0;
  else if (text && strcmp(text, "none") == 0) out->value = VALUE_UNKNOWN;
  else refuse(r, "write \"answer\": \"yes\", \"no\" or \"none\"", "`answer` is not yes, no or none");
}

static void read_value(Reader *r, const json_t *fault, Fault *out) {
  const char *text = json_string_value(json_object_get(fault, "is"));
  if (text && strcmp(text, "unknown") == 0) {
    out->value = VALUE_UNKNOWN;
    return;
  }
  uint32_t code = text ? program_fact_code(r->program, out->subject, text) : 0;
  if (code == 0) refuse(r, "write one of its words, or \"unknown\"", "`is` is not a value of the fact");
  out->value = code;
}

/* A number, or a text as the language has it: 320, "0.7%", "5min". */
static void read_measured(Reader *r, const json_t *fault, Fault *out) {
  const json_t *is = json_object_get(fault, "is");
  const char *text = json_string_value(is);
  ValueType type = r->program->metrics[out->subject].type;
  Quantity q;
  QuantityFault why;
  if (text && strcmp(text, "unknown") == 0) out->value = VALUE_UNKNOWN;
  else if (json_is_integer(is) && type.klass == VALUE_INT) out->value = json_integer_value(is);
  else if (text && type.klass == VALUE_QUANTITY && quantity_parse_as((QuantityKind)type.ref, text, strlen(text), &q, &why)) out->value = q.value;
  else refuse(r, "write a number as it is declared, or \"unknown\"", "`is` is not a value of the metric");
}

static const Subject *only_subject(Reader *r, const json_t *fault) {
  const Subject *found = NULL;
  for (size_t i = 0; i < SUBJECTS; i++) {
    if (!json_object_get(fault, subjects[i].key)) continue;
    if (found) return refuse(r, "make two faults of it", "it names `%s` and `%s`", found->key, subjects[i].key), NULL;
    found = &subjects[i];
  }
  if (!found) refuse(r, "write which: {\"action\": \"power_on\", ...}", "none of " SUBJECT_NAMES " is named");
  return found;
}

/* "cancel": "run", "crash": "run", "pass": "8h": what is no name. */
static const Subject *read_unnamed(Reader *r, const json_t *fault, const Subject *s, Fault *out) {
  const char *text = json_string_value(json_object_get(fault, s->key));
  out->subject = NONE_INDEX;
  if (s->kind == FAULT_PASS) return out->value = read_duration(r, fault, "pass"), s;
  if (text && strcmp(text, "run") == 0) return s;
  return refuse(r, "write \"run\"", "`%s` is not \"run\"", s->key), NULL;
}

static const Subject *find_kind(Reader *r, const json_t *fault, Fault *out) {
  const Subject *s = only_subject(r, fault);
  if (!s) return NULL;
  out->kind = s->kind;
  if (named_by(s->kind) == NAMED_NOTHING) return read_unnamed(r, fault, s, out);
  out->subject = read_named(r, fault, s->key, named_by(s->kind));
  return out->subject == NONE_INDEX ? NULL : s;
}

static void need_moment(Reader *r, const json_t *fault, const char *key, const Fault *f) {
  bool from_start = f->kind == FAULT_FACT || f->kind == FAULT_CANCEL || f->kind == FAULT_PASS;
  if (!json_object_get(fault, "at") && fault_happens(f) && !from_start)
    refuse(r, "write when: \"at\": {\"action\": \"drain\", \"moment\": \"ends\"}", "`%s` has no `at`", key);
}

static void read_fault(Reader *r, const json_t *fault, Fault *out) {
  if (!json_is_object(fault)) {
    refuse(r, "write {\"action\": \"power_on\", \"outcome\": \"failed\"}", "not an object");
    return;
  }
  const Subject *s = find_kind(r, fault, out);
  if (!s) return;
  check_keys(r, fault, s->keys, s->key);
  read_on(r, fault, &out->on_kind, &out->on);
  read_times(r, fault, out);
  read_moment(r, fault, &out->at);
  out->nth = read_nth(r, fault);
  out->after = read_duration(r, fault, "after");
  out->landing = read_duration(r, fault, "landing");
  out->lasts = read_duration(r, fault, "for");
  if (out->kind == FAULT_METRIC) out->times = 0; /* it reads so for as long as it is in force */
  switch (out->kind) {
  case FAULT_ACTION:
  case FAULT_LOCK:
  case FAULT_UNLOCK: read_outcome(r, fault, out); break;
  case FAULT_ANSWER: read_answer(r, fault, out); break;
  case FAULT_FACT: read_value(r, fault, out); out->told = json_is_true(json_object_get(fault, "told")); break;
  case FAULT_METRIC: read_measured(r, fault, out); break;
  case FAULT_CRASH: out->value = out->lasts, out->lasts = 0; break;
  case FAULT_READ:
  case FAULT_CANCEL:
  case FAULT_AUTOMATION:
  case FAULT_LATE:
  case FAULT_PASS: break;
  }
  if (json_object_get(fault, "nth") && json_object_get(fault, "times"))
    refuse(r, "leave one of them out", "`nth` and `times` are both there");
  need_moment(r, fault, s->key, out);
}

static void read_seed(Reader *r, const json_t *seed, Faults *out) {
  if (!seed) return;
  if (json_is_integer(seed) && json_integer_value(seed) >= 0) out->seed = (uint64_t)json_integer_value(seed);
  else refuse(r, "write digits, without quotes", "`seed` is not a whole number from 0");
}

static void read_rates(Reader *r, const json_t *rates, Faults *out) {
  if (!rates) return;
  if (!json_is_object(rates)) {
    refuse(r, "write {\"failed\": \"0.5%\"}", "`rates` is not an object");
    return;
  }
  check_keys(r, rates, "failed unknown silent", "`rates`");
  out->rate_failed = read_rate(r, rates, "failed");
  out->rate_unknown = read_rate(r, rates, "unknown");
  out->rate_silent = read_rate(r, rates, "silent");
  if (out->rate_failed + out->rate_unknown > 1000000)
    refuse(r, "an action ends in one way only: lower one of them", "the rates `failed` and `unknown` are more than 100%% together");
}

static void read_automations(Reader *r, const json_t *how, Faults *out) {
  const char *text = json_string_value(how);
  if (!how) return;
  if (text && strcmp(text, "as written") == 0) out->as_written = true;
  else refuse(r, "leave it out: they act when they have a reason", "`automations` is not \"as written\"");
}

#define NOT_FAULTS "not a fault file: expected an object with \"format\": 1"
#define FAULTS_FIX "write {\"format\": 1, \"faults\": [...]}; tagout(1) has an example"

static Faults *read_root(Reader *r, const json_t *root, Arena *arena) {
  Faults *out = arena_new_object(arena, Faults);
  if (!json_is_object(root) || json_integer_value(json_object_get(root, "format")) != 1) {
    refuse(r, FAULTS_FIX, NOT_FAULTS);
    return NULL;
  }
  check_keys(r, root, "format seed rates automations faults", "a fault file");
  read_seed(r, json_object_get(root, "seed"), out);
  read_rates(r, json_object_get(root, "rates"), out);
  read_automations(r, json_object_get(root, "automations"), out);
  const json_t *faults = json_object_get(root, "faults"), *fault;
  size_t i;
  if (faults && !json_is_array(faults)) refuse(r, "write [{...}, {...}]", "`faults` is not an array");
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
    Diag *d = diag_at(sink, E_FAULT_FILE, file, (uint32_t)error.line, error.column > 0 ? (uint32_t)error.column : 0,
                      "not valid JSON: %s", error.text);
    diag_note(sink, d, "%s", FAULTS_FIX);
    return NULL;
  }
  Faults *out = read_root(&r, root, arena);
  json_decref(root);
  return out;
}
