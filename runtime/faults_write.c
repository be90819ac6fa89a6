/* faults_write: faults as the file that reads as them. One fault a line: people read and change these files. */
#include <config.h>

#include "runtime/faults.h"

#include "runtime/program_names.h"

/* The kind as it is written: `cooling_unit` for CoolingUnit. */
static void kind_key(const Program *p, uint32_t kind, Buf *out) {
  for (const char *c = program_str(p, p->kinds[kind].name), *from = c; *c; c++) {
    bool upper = *c >= 'A' && *c <= 'Z';
    if (upper && c > from) buf_char(out, '_');
    buf_char(out, upper ? (char)(*c - 'A' + 'a') : *c);
  }
}

/* Names of an inventory may be anything. */
static void quoted(const char *text, Buf *out) {
  buf_char(out, '"');
  for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
    if (*c == '"' || *c == '\\') buf_printf(out, "\\%c", *c);
    else if (*c < 0x20) buf_printf(out, "\\u%04x", *c);
    else buf_char(out, (char)*c);
  }
  buf_char(out, '"');
}

static void write_on(const Program *p, const Fleet *fleet, uint32_t kind, Entity on, Buf *out) {
  if (kind == NONE_INDEX) return;
  buf_str(out, ", \"on\": {\"");
  kind_key(p, kind, out);
  buf_str(out, "\": ");
  quoted(fleet_name(fleet, kind, on), out);
  buf_char(out, '}');
}

static void write_duration(const char *key, int64_t ms, Buf *out) {
  if (ms == 0) return;
  buf_printf(out, "%s\"%s\": \"", out->len && out->data[out->len - 1] == '{' ? "" : ", ", key);
  quantity_show(QUANTITY_DURATION, ms, out);
  buf_char(out, '"');
}

static const char *moment_key(MomentKind k) {
  switch (k) {
  case MOMENT_ACTION_BEGINS: case MOMENT_ACTION_ENDS: return "action";
  case MOMENT_STEP_BEGINS: case MOMENT_STEP_ENDS: return "step";
  case MOMENT_GATE_BEGINS: case MOMENT_GATE_ENDS: return "gate";
  case MOMENT_LOCKED: return "lock";
  case MOMENT_UNLOCKED: return "unlock";
  case MOMENT_ROLL_BACK: case MOMENT_RUN_ENDS: case MOMENT_NONE: break;
  }
  return "run";
}

static const char *moment_name(const Program *p, const Moment *m) {
  switch (m->kind) {
  case MOMENT_ACTION_BEGINS: case MOMENT_ACTION_ENDS: return program_str(p, p->actions[m->subject].name);
  case MOMENT_STEP_BEGINS: case MOMENT_STEP_ENDS: return program_str(p, p->steps[m->subject].name);
  case MOMENT_GATE_BEGINS: case MOMENT_GATE_ENDS: return program_str(p, p->gates[m->subject].name);
  case MOMENT_LOCKED: case MOMENT_UNLOCKED: return program_str(p, p->automations[m->subject].name);
  case MOMENT_ROLL_BACK: return "rolls_back";
  case MOMENT_RUN_ENDS: case MOMENT_NONE: break;
  }
  return "ends";
}

static void write_moment(const Program *p, const Fleet *fleet, const Moment *m, Buf *out) {
  if (m->kind == MOMENT_NONE) return;
  bool begins = m->kind == MOMENT_ACTION_BEGINS || m->kind == MOMENT_STEP_BEGINS || m->kind == MOMENT_GATE_BEGINS;
  buf_printf(out, ", \"at\": {\"%s\": \"%s\"", moment_key(m->kind), moment_name(p, m));
  write_on(p, fleet, m->on_kind, m->on, out);
  if (begins) buf_str(out, ", \"moment\": \"begins\"");
  if (m->nth > 1) buf_printf(out, ", \"nth\": %u", m->nth);
  buf_char(out, '}');
}

static void write_subject(const char *key, const char *name, Buf *out) { buf_printf(out, "\"%s\": \"%s\"", key, name); }

static void write_outcome(const Fault *f, Buf *out) { buf_printf(out, ", \"outcome\": \"%s\"", outcome_text(f->outcome)); }

static void write_what(const Program *p, const Fleet *fleet, const Fault *f, Buf *out) {
  switch (f->kind) {
  case FAULT_ACTION: write_subject("action", program_str(p, p->actions[f->subject].name), out); break;
  case FAULT_LOCK: write_subject("lock", program_str(p, p->automations[f->subject].name), out); break;
  case FAULT_UNLOCK: write_subject("unlock", program_str(p, p->automations[f->subject].name), out); break;
  case FAULT_ANSWER: write_subject("gate", program_str(p, p->gates[f->subject].name), out); break;
  case FAULT_FACT: write_subject("fact", program_str(p, p->facts[f->subject].name), out); break;
  case FAULT_READ: write_subject("read", program_str(p, p->facts[f->subject].name), out); break;
  case FAULT_METRIC: write_subject("metric", program_str(p, p->metrics[f->subject].name), out); break;
  case FAULT_AUTOMATION: write_subject("automation", program_str(p, p->automations[f->subject].name), out); break;
  case FAULT_LATE: write_subject("late", program_str(p, p->actions[f->subject].name), out); break;
  case FAULT_CRASH: buf_str(out, "\"crash\": \"run\""); write_duration("for", f->value, out); break;
  case FAULT_CANCEL: buf_str(out, "\"cancel\": \"run\""); break;
  case FAULT_PASS: write_duration("pass", f->value, out); break;
  }
  write_on(p, fleet, f->on_kind, f->on, out);
}

static void write_measured(ValueType type, int64_t value, Buf *out) {
  bool number = type.klass == VALUE_INT && value != VALUE_UNKNOWN;
  buf_str(out, number ? ", \"is\": " : ", \"is\": \"");
  if (number) buf_printf(out, "%lld", (long long)value);
  else if (value == VALUE_UNKNOWN) buf_str(out, "unknown");
  else quantity_show((QuantityKind)type.ref, value, out);
  if (!number) buf_char(out, '"');
}

static void write_how(const Program *p, const Fault *f, Buf *out) {
  switch (f->kind) {
  case FAULT_ACTION: case FAULT_LOCK: case FAULT_UNLOCK: write_outcome(f, out); break;
  case FAULT_ANSWER: buf_printf(out, ", \"answer\": \"%s\"", f->value == 1 ? "yes" : f->value == 0 ? "no" : "none"); break;
  case FAULT_FACT: buf_printf(out, ", \"is\": \"%s\"", program_enum_word(p, p->facts[f->subject].type.ref, f->value)); break;
  case FAULT_METRIC: write_measured(p->metrics[f->subject].type, f->value, out); break;
  case FAULT_READ: case FAULT_AUTOMATION: case FAULT_LATE: case FAULT_CRASH: case FAULT_CANCEL: case FAULT_PASS: break;
  }
}

static void write_fault(const Program *p, const Fleet *fleet, const Fault *f, Buf *out) {
  buf_char(out, '{');
  write_what(p, fleet, f, out);
  write_how(p, f, out);
  if (f->nth) buf_printf(out, ", \"nth\": %u", f->nth);
  else if (f->kind != FAULT_METRIC && !fault_happens(f) && f->times == 0) buf_str(out, ", \"times\": \"always\"");
  else if (!fault_happens(f) && f->times > 1) buf_printf(out, ", \"times\": %u", f->times);
  write_duration("landing", f->landing, out);
  write_moment(p, fleet, &f->at, out);
  write_duration("after", f->after, out);
  write_duration("for", f->lasts, out);
  if (f->told) buf_str(out, ", \"told\": true");
  buf_char(out, '}');
}

static void write_rate(const char *key, uint32_t ppm, bool *first, Buf *out) {
  if (ppm == 0) return;
  buf_printf(out, "%s\"%s\": \"%u.%04u%%\"", *first ? "" : ", ", key, ppm / 10000, ppm % 10000);
  *first = false;
}

void faults_write(const Program *p, const Fleet *fleet, const Faults *faults, Buf *out) {
  bool first = true;
  buf_printf(out, "{\"format\": 1, \"seed\": %llu", (unsigned long long)faults->seed);
  if (faults->rate_failed || faults->rate_unknown || faults->rate_silent) {
    buf_str(out, ", \"rates\": {");
    write_rate("failed", faults->rate_failed, &first, out);
    write_rate("unknown", faults->rate_unknown, &first, out);
    write_rate("silent", faults->rate_silent, &first, out);
    buf_char(out, '}');
  }
  if (faults->as_written) buf_str(out, ", \"automations\": \"as written\"");
  buf_str(out, ", \"faults\": [");
  for (uint32_t i = 0; i < faults->count; i++) {
    buf_str(out, i ? ",\n  " : "\n  ");
    write_fault(p, fleet, &faults->items[i], out);
  }
  buf_str(out, "]}\n");
}
