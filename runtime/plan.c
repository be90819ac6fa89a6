/* plan: to JSON and back, and what makes it stale. */
#include <config.h>

#include "runtime/plan.h"

#include "lang/quantity.h"
#include "runtime/site_json.h"

#include <jansson.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_FORMAT 2
#define NAMES_SHOWN 5u /* members that a diagnostic about staleness names */

/* ---- making ---- */

static PlanSet named(const Fleet *fleet, uint32_t kind, const char *name, Members m, Arena *arena) {
  const char **names = arena_new_array(arena, const char *, m.count);
  for (uint32_t i = 0; i < m.count; i++) names[i] = fleet_name(fleet, kind, m.items[i]);
  return (PlanSet){name, names, m.count};
}

static void name_sets(Plan *plan, const Fleet *fleet, const Frozen *frozen, Arena *arena) {
  const Program *p = plan->program;
  PlanSet *targets = arena_new_array(arena, PlanSet, p->sets_count), *out = arena_new_array(arena, PlanSet, p->leave_outs_count);
  for (uint32_t s = 0; s < p->sets_count; s++)
    if (p->sets[s].after_step == NONE_INDEX)
      targets[plan->target_count++] = named(fleet, p->sets[s].kind, program_str(p, p->sets[s].name), frozen->sets[s], arena);
  for (uint32_t i = 0; i < p->leave_outs_count; i++) {
    const SetRow *set = &p->sets[p->leave_outs[i].set];
    out[plan->left_out_count++] = named(fleet, set->kind, arena_printf(arena, "%s, line %u", program_str(p, set->name), p->leave_outs[i].line),
                                        frozen->left_out[i], arena);
  }
  plan->targets = targets;
  plan->left_out = out;
}

Plan *plan_make(const Program *p, const Fleet *fleet, const Frozen *frozen, const char *fleet_path, const SiteImage *site,
                const char *site_dir, const ParamText *params, uint32_t param_count, int64_t start, Arena *arena) {
  Plan *plan = arena_new_object(arena, Plan);
  *plan = (Plan){.program = p, .params = params, .param_count = param_count, .site = site, .site_dir = site_dir,
                 .fleet_path = fleet_path, .start = start};
  snprintf(plan->fleet_digest, sizeof plan->fleet_digest, "%016llx", (unsigned long long)fleet_digest(fleet));
  name_sets(plan, fleet, frozen, arena);
  plan->columns = plan_columns(plan, fleet, arena);
  return plan;
}

bool plan_stands(const Plan *plan) { return freeze_stands(plan->program, plan->params, plan->param_count); }

/* ---- writing ---- */

static void digest_of(json_t *root, char out[DIGEST_HEX]) {
  char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
  digest_hex(text, strlen(text), out);
  free(text);
}

static json_t *bytes_to_json(const void *bytes, size_t len) {
  size_t size = BASE64_ENCODE_RAW_LENGTH(len);
  char *text = xmalloc(size + 1);
  base64_encode_raw(text, len, bytes);
  json_t *json = json_stringn(text, size);
  free(text);
  return json;
}

static json_t *program_to_json(const Program *p) {
  Buf image = BUF_INIT;
  program_write(p, &image);
  json_t *json = bytes_to_json(image.data, image.len);
  buf_done(&image);
  return json;
}

static json_t *sets_to_json(const PlanSet *sets, uint32_t count) {
  json_t *out = json_object();
  for (uint32_t i = 0; i < count; i++) {
    json_t *names = json_array();
    for (uint32_t k = 0; k < sets[i].count; k++) json_array_append_new(names, json_string(sets[i].members[k]));
    json_object_set_new(out, sets[i].name, names);
  }
  return out;
}

/* The plan without its digest. */
static json_t *plan_to_json(const Plan *plan) {
  const Program *p = plan->program;
  json_t *params = json_object();
  for (uint32_t i = 0; i < plan->param_count; i++) json_object_set_new(params, plan->params[i].name, json_string(plan->params[i].value));
  return json_pack("{s:i,s:s,s:s,s:I,s:{s:I,s:s},s:{s:s,s:s},s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s}", "format", PLAN_FORMAT, "runbook",
                   program_str(p, p->name), "title", program_str(p, p->title), "start", (json_int_t)plan->start, "made", "at",
                   (json_int_t)plan->made_at, "by", plan->made_by ? plan->made_by : "", "fleet", "path",
                   plan->fleet_path, "digest", plan->fleet_digest, "params", params, "targets",
                   sets_to_json(plan->targets, plan->target_count), "left_out",
                   sets_to_json(plan->left_out, plan->left_out_count), "program", program_to_json(p), "certificate",
                   bytes_to_json(plan->certificate, plan->certificate_len), "rows",
                   plan_columns_to_json(plan->columns), "sources", plan_sources_to_json(plan->sources), "site",
                   plan->site ? site_to_json(plan->site) : json_null(), "site_dir", plan->site_dir ? plan->site_dir : "");
}

void plan_write(Plan *plan, Buf *out) {
  json_t *root = plan_to_json(plan);
  digest_of(root, plan->digest);
  json_object_set_new(root, "digest", json_string(plan->digest));
  char *text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
  buf_str(out, text);
  buf_char(out, '\n');
  free(text);
  json_decref(root);
}

/* ---- reading ---- */

typedef struct Reader { const char *file; Arena *arena; DiagSink *sink; json_t *root; } Reader;

#define PLAN_FIX "make it again with `tagout plan ... -o FILE.plan`, or take it from a copy"

static Plan *refuse(Reader *r, const char *why) {
  Diag *d = diag_at(r->sink, E_PLAN_FILE, r->file, 0, 0, "%s", why);
  diag_note(r->sink, d, "%s", PLAN_FIX);
  return NULL;
}

static const char *text(Reader *r, const json_t *object, const char *key) {
  const char *s = json_string_value(json_object_get(object, key));
  return s ? arena_string(r->arena, s, strlen(s)) : NULL;
}

/* In the arena; NULL when it is no base64. */
static const uint8_t *bytes_from_json(Reader *r, const char *key, size_t *ret_len) {
  const json_t *json = json_object_get(r->root, key);
  const char *s = json_string_value(json);
  if (!s) return NULL;
  size_t len = json_string_length(json);
  *ret_len = BASE64_DECODE_LENGTH(len);
  uint8_t *bytes = arena_alloc(r->arena, *ret_len);
  struct base64_decode_ctx ctx;
  base64_decode_init(&ctx);
  return base64_decode_update(&ctx, ret_len, bytes, len, s) && base64_decode_final(&ctx) ? bytes : NULL;
}

static const Program *program_from_json(Reader *r) {
  size_t len = 0;
  if (!json_is_string(json_object_get(r->root, "program"))) return refuse(r, "the plan has no program"), NULL;
  const uint8_t *bytes = bytes_from_json(r, "program", &len);
  if (!bytes) return refuse(r, "the program in the plan is not base64"), NULL;
  return program_read(r->file, bytes, len, r->arena, r->sink);
}

static const PlanSet *sets_from_json(Reader *r, const char *key, uint32_t *ret_count) {
  json_t *object = json_object_get(r->root, key), *names, *name;
  const char *set;
  size_t i;
  if (!json_is_object(object)) return NULL;
  PlanSet *out = arena_new_array(r->arena, PlanSet, json_object_size(object));
  *ret_count = 0;
  json_object_foreach(object, set, names) {
    const char **members = arena_new_array(r->arena, const char *, json_array_size(names));
    json_array_foreach(names, i, name) {
      if (!json_is_string(name)) return NULL;
      members[i] = arena_string(r->arena, json_string_value(name), json_string_length(name));
    }
    out[(*ret_count)++] = (PlanSet){arena_string(r->arena, set, strlen(set)), members, (uint32_t)json_array_size(names)};
  }
  return out;
}

static bool read_params(Reader *r, Plan *plan) {
  json_t *object = json_object_get(r->root, "params"), *value;
  const char *key;
  if (!json_is_object(object)) return false;
  ParamText *params = arena_new_array(r->arena, ParamText, json_object_size(object));
  json_object_foreach(object, key, value) {
    if (!json_is_string(value)) return false;
    params[plan->param_count++] = (ParamText){.name = arena_string(r->arena, key, strlen(key)),
                                              arena_string(r->arena, json_string_value(value), json_string_length(value))};
  }
  plan->params = params;
  return true;
}

/* What is in the file, once its digest is known to be right. */
static Plan *read_body(Reader *r) {
  Plan *plan = arena_new_object(r->arena, Plan);
  const json_t *fleet = json_object_get(r->root, "fleet"), *site = json_object_get(r->root, "site");
  plan->fleet_path = text(r, fleet, "path");
  const char *fleet_digest_text = text(r, fleet, "digest");
  plan->site_dir = text(r, r->root, "site_dir");
  plan->start = json_integer_value(json_object_get(r->root, "start"));
  const json_t *made = json_object_get(r->root, "made");
  plan->made_at = json_integer_value(json_object_get(made, "at"));
  plan->made_by = text(r, made, "by");
  plan->targets = sets_from_json(r, "targets", &plan->target_count);
  plan->left_out = sets_from_json(r, "left_out", &plan->left_out_count);
  if (!plan->fleet_path || !fleet_digest_text || strlen(fleet_digest_text) != 16 || !plan->targets || !plan->left_out ||
      !read_params(r, plan) || !plan_columns_from_json(json_object_get(r->root, "rows"), r->arena, &plan->columns) ||
      !plan_sources_from_json(json_object_get(r->root, "sources"), r->arena, &plan->sources))
    return refuse(r, "the plan is not complete");
  memcpy(plan->fleet_digest, fleet_digest_text, 17);
  if (site && !json_is_null(site) && !(plan->site = site_from_json(site, r->arena))) return refuse(r, "the site in the plan is damaged");
  plan->certificate = bytes_from_json(r, "certificate", &plan->certificate_len);
  if (!plan->certificate) return refuse(r, "the plan has no certificate, not even an empty one");
  plan->program = program_from_json(r);
  return plan->program ? plan : NULL;
}

/* A plan is what plan_write would write, to the last key: a value that nobody reads, or that was read as something else,
 * would be covered by the digest without being part of the run. */
static bool is_whole(const Reader *r, const Plan *plan) {
  json_t *again = plan_to_json(plan);
  bool whole = again && json_equal(r->root, again);
  json_decref(again);
  return whole;
}

static Plan *read_root(Reader *r) {
  char digest[DIGEST_HEX] = "";
  if (json_integer_value(json_object_get(r->root, "format")) != PLAN_FORMAT)
    return refuse(r, "not a plan of this version: expected an object with \"format\": 2");
  json_t *given = json_incref(json_object_get(r->root, "digest"));
  json_object_del(r->root, "digest");
  digest_of(r->root, digest);
  bool same = given && json_is_string(given) && strcmp(json_string_value(given), digest) == 0;
  json_decref(given);
  if (!same) return refuse(r, "the plan was changed after it was made: its digest does not fit its content");
  Plan *plan = read_body(r);
  if (plan && !is_whole(r, plan)) return refuse(r, "the plan holds a key or a value that no plan of this version has");
  if (plan) memcpy(plan->digest, digest, sizeof digest);
  return plan;
}

Plan *plan_read(const char *file, const char *bytes, size_t len, Arena *arena, DiagSink *sink) {
  json_error_t error;
  json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
  if (!root) {
    Diag *d = diag_at(sink, E_PLAN_FILE, file, error.line > 0 ? (uint32_t)error.line : 0, error.column > 0 ? (uint32_t)error.column : 0,
            "not valid JSON: %s", error.text);
    diag_note(sink, d, "%s", PLAN_FIX);
    return NULL;
  }
  Reader r = {file, arena, sink, root};
  Plan *plan = json_is_object(root) ? read_root(&r) : refuse(&r, "not a plan");
  json_decref(root);
  return plan;
}

/* ---- staleness ---- */

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static const char **sorted(const PlanSet *s, Arena *arena) {
  const char **names = arena_copy(arena, s->members, size_product(s->count, sizeof *s->members));
  if (s->count) qsort(names, s->count, sizeof *names, by_name);
  return names;
}

typedef struct Difference { Buf text; uint32_t gone, come; } Difference;

static void differ(Difference *d, const char *name, bool gone) {
  uint32_t n = d->gone + d->come;
  if (n < NAMES_SHOWN) buf_printf(&d->text, "%s%s %s", n ? ", " : "", name, gone ? "is no longer in it" : "is new in it");
  if (n == NAMES_SHOWN) buf_str(&d->text, ", ...");
  if (gone) d->gone++;
  else d->come++;
}

const char *plan_age(const Plan *plan, int64_t at, Arena *arena) {
  enum { SECOND = 1000 };
  if (plan->made_at <= 0 || at < plan->made_at + SECOND) return "";
  Buf text = BUF_INIT;
  quantity_show(QUANTITY_DURATION, (at - plan->made_at) / SECOND * SECOND, &text);
  const char *out = arena_printf(arena, " %s ago", text.data);
  buf_done(&text);
  return out;
}

static bool same_set(const PlanSet *then, const PlanSet *now, const char *what, const char *ago, Arena *arena, DiagSink *sink) {
  const char **a = sorted(then, arena), **b = sorted(now, arena);
  Difference d = {.text = BUF_INIT};
  uint32_t i = 0, k = 0;
  while (i < then->count || k < now->count) {
    int order = i == then->count ? 1 : k == now->count ? -1 : strcmp(a[i], b[k]);
    if (order < 0) differ(&d, a[i++], true);
    else if (order > 0) differ(&d, b[k++], false);
    else i++, k++;
  }
  bool same = d.gone + d.come == 0;
  if (!same) {
    Diag *diag = diag_new(sink, E_PLAN_STALE, (Span){0, 0}, "%s `%s` has changed since the plan was made%s: %s", what, now->name, ago, d.text.data);
    diag_note(sink, diag, "%u then, %u now; make a new plan and have it reviewed", then->count, now->count);
  }
  buf_done(&d.text);
  return same;
}

static const PlanSet *find_set(const PlanSet *sets, uint32_t count, const char *name) {
  static const PlanSet none = {"", NULL, 0};
  for (uint32_t i = 0; i < count; i++)
    if (strcmp(sets[i].name, name) == 0) return &sets[i];
  return &none;
}

bool plan_is_fresh(const Plan *plan, const Fleet *fleet, const Frozen *now, int64_t at, DiagSink *sink) {
  Arena *arena = arena_new();
  Plan today = {.program = plan->program};
  name_sets(&today, fleet, now, arena);
  const char *ago = plan_age(plan, at, arena);
  bool fresh = plan_columns_fresh(plan, fleet, ago, sink);
  for (uint32_t i = 0; i < today.target_count; i++)
    fresh &= same_set(find_set(plan->targets, plan->target_count, today.targets[i].name), &today.targets[i], "selection", ago, arena, sink);
  for (uint32_t i = 0; i < today.left_out_count; i++)
    fresh &= same_set(find_set(plan->left_out, plan->left_out_count, today.left_out[i].name), &today.left_out[i],
                      "the members left out of", ago, arena, sink);
  arena_free(arena);
  return fresh;
}
