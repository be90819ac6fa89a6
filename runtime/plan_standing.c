/* plan_standing: see plan_standing.h. */
#include <config.h>

#include "runtime/plan_standing.h"

#include "runtime/program_names.h"
#include "runtime/testrun.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LABEL 14 /* columns of the labels, as of every plan */

static void label(Buf *out, const char *text) { buf_printf(out, "  %-*s", LABEL, text); }

static const IncidentRow *incident(const Program *p) { return &p->incidents[0]; }
static const char *key(const Program *p) { return program_str(p, p->params[incident(p)->key].name); }
static const char *key_kind(const Program *p) { return program_str(p, p->kinds[p->params[incident(p)->key].type.ref].name); }

static const char *type_name(const Program *p, uint32_t param) {
  ValueType t = p->params[param].type;
  switch ((ValueClass)t.klass) {
  case VALUE_ENTITY: case VALUE_LIST: return program_str(p, p->kinds[t.ref].name);
  case VALUE_ENUM: return program_str(p, p->enums[t.ref].name);
  case VALUE_QUANTITY: return quantity_kind_word((QuantityKind)t.ref);
  case VALUE_BOOL: return "bool";
  case VALUE_TEXT: return program_attachment(p, param) ? "attachment" : "text";
  case VALUE_INT: break;
  }
  return "count";
}

/* Those that an incident brings: not the one that says that a limit is passed. */
static uint32_t field_count(const Program *p) { return incident(p)->params.count - (incident(p)->over != NONE_INDEX); }

/* ---- for people ---- */

void plan_stands_text(const Program *p, Buf *out) {
  buf_printf(out, "one run per %s, ", key(p));
  if (incident(p)->at_once) buf_printf(out, "at most %u at once", incident(p)->at_once);
  else buf_str(out, "any number at once");
}

static void fields(const Program *p, Buf *out) {
  label(out, "incident");
  buf_printf(out, "%s: ", program_str(p, incident(p)->name));
  for (uint32_t i = 0; i < field_count(p); i++) {
    uint32_t param = incident(p)->params.first + i;
    buf_printf(out, "%s%s (%s)", i ? ", " : "", program_str(p, p->params[param].name), type_name(p, param));
  }
  buf_char(out, '\n');
}

void plan_incident_text(const Plan *plan, Buf *out) {
  const Program *p = plan->program;
  const char *comma = ": ";
  if (!p->incidents_count) return;
  label(out, "incident");
  buf_str(out, program_str(p, incident(p)->name));
  for (uint32_t i = 0; i < incident(p)->params.count; i++) {
    const char *name = program_str(p, p->params[incident(p)->params.first + i].name);
    for (uint32_t k = 0; k < plan->param_count; k++) {
      if (strcmp(plan->params[k].name, name) != 0) continue;
      buf_printf(out, "%s%s=%s", comma, name, plan->params[k].value);
      comma = ", ";
    }
  }
  buf_char(out, '\n');
}

static void limits(const Program *p, Buf *out) {
  const IncidentRow *r = incident(p);
  label(out, "repeats");
  if (r->join) {
    buf_str(out, "within ");
    quantity_show(QUANTITY_DURATION, r->join, out);
    buf_printf(out, " join the run of their %s\n", key(p));
  } else {
    buf_str(out, "are runs of their own, one after the other\n");
  }
  if (!r->per_member) return;
  label(out, "per member");
  buf_printf(out, "%u runs per %s in ", r->per_member, key(p));
  quantity_show(QUANTITY_DURATION, r->per, out);
  buf_printf(out, "; what comes beyond goes the way behind `else` (line %u)\n", r->line);
}

static void dry_run(const char *what, const Forecast *f, Buf *out) {
  int64_t minute = 60000;
  if (forecast_fails(f)) {
    buf_printf(out, "%sFAILS: it ", what);
    forecast_failure(f, out);
    buf_char(out, '\n');
    return;
  }
  buf_printf(out, "%s%s, P50 ", what, run_outcome_text(f->outcome));
  quantity_show(QUANTITY_DURATION, f->p50 / minute * minute, out);
  buf_str(out, ", P90 ");
  quantity_show(QUANTITY_DURATION, f->p90 / minute * minute, out);
  buf_printf(out, ", of %u simulated runs\n", f->trials);
}

static void examples(const PlanStanding *s, Buf *out) {
  label(out, "dry run");
  if (!s->example) {
    buf_printf(out, "none: %s\n", s->none);
    return;
  }
  buf_printf(out, "of an example, %s\n", s->example);
  label(out, "");
  dry_run("", s->within, out);
  if (!s->beyond) return;
  label(out, "");
  dry_run("beyond the limit: ", s->beyond, out);
}

void plan_standing_text(const PlanStanding *s, Buf *out) {
  const Program *p = s->plan->program;
  buf_printf(out, "%s: %s\nSTANDS: ", program_str(p, p->name), program_str(p, p->title));
  plan_stands_text(p, out);
  buf_char(out, '\n');
  fields(p, out);
  limits(p, out);
  label(out, "targets");
  buf_printf(out, "frozen for each incident when its run begins, of %u %s\n", fleet_count(s->fleet, p->params[incident(p)->key].type.ref),
             program_str(p, p->kinds[p->params[incident(p)->key].type.ref].plural));
  examples(s, out);
  if (s->proof) {
    label(out, "proof");
    buf_printf(out, "%s\n", s->proof);
  }
  label(out, "not verified");
  buf_str(out, s->plan->site ? "that the site's systems answer\n" : "a site's bindings: none was named, so it can only be drilled\n");
  label(out, "plan");
  buf_printf(out, "%.16s\n", s->plan->digest);
  label(out, "next");
  buf_printf(out, "%s\n", s->next);
}

static bool fails(const Forecast *f) { return f && forecast_fails(f); }

bool plan_standing_meets(const PlanStanding *s) { return !fails(s->within) && !fails(s->beyond); }

/* ---- for programs ---- */

static json_t *fields_json(const Program *p) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < field_count(p); i++) {
    uint32_t param = incident(p)->params.first + i;
    json_array_append_new(out, json_pack("{s:s,s:s,s:s}", "name", program_str(p, p->params[param].name), "type", type_name(p, param), "title",
                                         program_str(p, p->params[param].title)));
  }
  return out;
}

static json_t *forecast_json(const Forecast *f) {
  if (!f) return json_null();
  return json_pack("{s:s,s:s,s:I,s:I,s:i}", "outcome", run_outcome_text(f->outcome), "reason", f->reason, "p50_ms", (json_int_t)f->p50, "p90_ms",
                   (json_int_t)f->p90, "trials", (int)f->trials);
}

void plan_standing_json(const PlanStanding *s, Buf *out) {
  const Program *p = s->plan->program;
  const IncidentRow *r = incident(p);
  json_t *stands = json_pack("{s:s,s:s,s:s,s:i,s:i,s:I,s:I,s:o}", "incident", program_str(p, r->name), "one_run_per", key(p), "kind", key_kind(p),
                             "at_once", (int)r->at_once, "per_member", (int)r->per_member, "per_ms", (json_int_t)r->per, "join_ms",
                             (json_int_t)r->join, "fields", fields_json(p));
  json_t *root = json_pack("{s:i,s:s,s:s,s:s,s:s,s:o}", "format_version", 1, "runbook", program_str(p, p->name), "title", program_str(p, p->title),
                           "digest", s->plan->digest, "verdict", plan_standing_meets(s) ? "stands" : "fails", "stands", stands);
  if (s->example)
    json_object_set_new(root, "example", json_pack("{s:s,s:o,s:o}", "fields", s->example, "within", forecast_json(s->within), "beyond", forecast_json(s->beyond)));
  char *text = json_dumps(root, JSON_INDENT(1));
  buf_str(out, text);
  buf_char(out, '\n');
  free(text);
  json_decref(root);
}
