/* arrival_form: fields by name and value, with what could be written instead. */
#include <config.h>

#include "runtime/arrival_form.h"

#include "lang/suggest.h"

#include <string.h>

#define NAMES_SHOWN 8u

const IncidentRow *arrival_form(const Program *p) { return p->incidents_count ? &p->incidents[0] : NULL; }

DeskLimits arrival_limits(const IncidentRow *f) {
  return (DeskLimits){.at_once = f->at_once, .per_member = f->per_member, .per = f->per, .join = f->join, .otherwise = f->over != NONE_INDEX};
}

/* ---- which fields there are ---- */

typedef struct Form { const Program *program; const IncidentRow *row; const Fleet *fleet; const ArrivalText *text; DiagSink *sink; bool ok;
  const char *misspelt; /* the field that an unknown one seems to mean: that it is missing is the same mistake; NULL none */
} Form;

static bool is_attachment(const Program *p, const IncidentRow *row, uint32_t param) {
  for (uint32_t i = 0; i < row->attachments.count; i++)
    if (p->index_list[row->attachments.first + i] == param) return true;
  return false;
}

/* The params that somebody who brings an incident gives: all but the hidden one. */
static uint32_t field_at(const Form *f, uint32_t i) {
  uint32_t param = f->row->params.first + i;
  return param == f->row->over ? NONE_INDEX : param;
}

static const char *param_name(const Program *p, uint32_t param) { return program_str(p, p->params[param].name); }

static Diag *wrong(Form *f, const char *text) {
  f->ok = false;
  return diag_at(f->sink, E_ARRIVAL_FIELD, f->text->file, 0, 0, "%s", text);
}

static void note_fields(Form *f, Diag *d) {
  Buf names = BUF_INIT;
  for (uint32_t i = 0; i < f->row->params.count; i++) {
    uint32_t param = field_at(f, i);
    if (param == NONE_INDEX) continue;
    buf_printf(&names, "%s%s%s", names.len ? ", " : "", param_name(f->program, param), is_attachment(f->program, f->row, param) ? " (attached)" : "");
  }
  diag_note(f->sink, d, "%s has: %s", program_str(f->program, f->row->name), names.len ? names.data : "no fields");
  buf_done(&names);
}

/* One that is given must be asked, in the way in which it is given. */
static void check_known(Form *f, const ArrivalField *given, bool attached) {
  Suggest nearest = suggest_begin(given->name, strlen(given->name));
  for (uint32_t i = 0; i < f->row->params.count; i++) {
    uint32_t param = field_at(f, i);
    if (param == NONE_INDEX) continue;
    const char *name = param_name(f->program, param);
    bool wants = is_attachment(f->program, f->row, param);
    if (strcmp(name, given->name) == 0) {
      if (wants != attached)
        wrong(f, arena_printf(diag_sink_arena(f->sink), wants ? "`%s` is an attachment: give it with --attach, or under \"attach\"" : "`%s` is no attachment: give it as a field", name));
      return;
    }
    suggest_offer(&nearest, name);
  }
  Diag *d = wrong(f, arena_printf(diag_sink_arena(f->sink), "incident `%s` has no field `%s`", program_str(f->program, f->row->name), given->name));
  if (suggest_best(&nearest)) diag_note(f->sink, d, "did you mean `%s`?", suggest_best(&nearest));
  else note_fields(f, d);
  f->misspelt = f->misspelt ? f->misspelt : suggest_best(&nearest);
}

/* ---- their values ---- */

static void note_choices(Form *f, Diag *d, ValueType type, const char *given) {
  if (type.klass != VALUE_ENTITY) return;
  Suggest nearest = suggest_begin(given, strlen(given));
  Buf names = BUF_INIT;
  uint32_t n = fleet_count(f->fleet, type.ref);
  for (uint32_t e = 0; e < n; e++) {
    if (e < NAMES_SHOWN) buf_printf(&names, "%s%s", e ? ", " : "", fleet_name(f->fleet, type.ref, e));
    suggest_offer(&nearest, fleet_name(f->fleet, type.ref, e));
  }
  if (suggest_best(&nearest)) diag_note(f->sink, d, "did you mean `%s`?", suggest_best(&nearest));
  else diag_note(f->sink, d, "the inventory has %s%s", n ? names.data : "none", n > NAMES_SHOWN ? ", ..." : "");
  buf_done(&names);
}

static void check_value(Form *f, uint32_t param) {
  const ParamRow *row = &f->program->params[param];
  const char *name = param_name(f->program, param), *value = arrival_value(f->text->fields, f->text->field_count, name);
  char why[200];
  int64_t number;
  if (is_attachment(f->program, f->row, param)) return;
  if (!value && row->value) return; /* it has a default */
  if (!value && f->misspelt && strcmp(f->misspelt, name) == 0) return;
  if (!value) {
    Diag *d = wrong(f, arena_printf(diag_sink_arena(f->sink), "field `%s` is missing", name));
    diag_note(f->sink, d, "write %s=VALUE, or \"%s\": VALUE under \"fields\"%s%s", name, name, row->title ? ": " : "", row->title ? program_str(f->program, row->title) : "");
    return;
  }
  if (row->type.klass == VALUE_TEXT || param_value(f->program, f->fleet, row->type, value, &number, why, sizeof why)) return;
  note_choices(f, wrong(f, arena_printf(diag_sink_arena(f->sink), "field `%s`: `%s` is not usable: %s", name, value, why)), row->type, value);
}

static void check_twice(Form *f, const ArrivalField *fields, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t k = i + 1; k < count; k++)
      if (strcmp(fields[i].name, fields[k].name) == 0)
        wrong(f, arena_printf(diag_sink_arena(f->sink), "field `%s` is given twice: `%s`, then `%s`", fields[i].name, fields[i].value, fields[k].value));
}

bool arrival_fits(const ArrivalText *a, const Program *p, const Fleet *fleet, DiagSink *sink) {
  Form f = {p, arrival_form(p), fleet, a, sink, true, NULL};
  check_twice(&f, a->fields, a->field_count);
  check_twice(&f, a->attach, a->attach_count);
  for (uint32_t i = 0; i < a->field_count; i++) check_known(&f, &a->fields[i], false);
  for (uint32_t i = 0; i < a->attach_count; i++) check_known(&f, &a->attach[i], true);
  for (uint32_t i = 0; i < f.row->params.count; i++)
    if (field_at(&f, i) != NONE_INDEX) check_value(&f, field_at(&f, i));
  return f.ok;
}

/* ---- for the run ---- */

const char *arrival_member(const ArrivalText *a, const Program *p, const Fleet *fleet) {
  const ParamRow *key = &p->params[arrival_form(p)->key];
  const char *value = arrival_value(a->fields, a->field_count, program_str(p, key->name));
  Entity e = value ? fleet_find(fleet, key->type.ref, value, strlen(value)) : ENTITY_NONE;
  return e == ENTITY_NONE ? NULL : fleet_name(fleet, key->type.ref, e);
}

const ParamText *arrival_params(const ArrivalText *a, const Program *p, bool over, Arena *arena, uint32_t *ret_count) {
  const IncidentRow *row = arrival_form(p);
  ParamText *out = arena_new_array(arena, ParamText, row->params.count);
  uint32_t n = 0;
  for (uint32_t i = 0; i < row->params.count; i++) {
    uint32_t param = row->params.first + i;
    const char *name = param_name(p, param), *value = arrival_value(a->fields, a->field_count, name);
    if (param == row->over) value = over ? "yes" : "no";
    else if (is_attachment(p, row, param)) {
      value = arrival_value(a->attach, a->attach_count, name);
      if (!value) value = "";
    }
    if (value) out[n++] = (ParamText){.name = name, .value = value};
  }
  *ret_count = n;
  return out;
}
