/* arrival: JSON to an incident and back. */
#include <config.h>

#include "runtime/arrival.h"

#include "lang/suggest.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader { const char *file; Arena *arena; DiagSink *sink; } Reader;

static bool wrong(const Reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(const Reader *r, const char *format, ...) {
  Buf text = BUF_INIT;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(&text, format, ap);
  va_end(ap);
  Diag *d = diag_at(r->sink, E_ARRIVAL_FORM, r->file, 0, 0, "%s", text.data);
  diag_note(r->sink, d, "an incident is {\"incident\": NAME, \"key\": KEY, \"fields\": {FIELD: VALUE}, \"attach\": {FIELD: FILE or ADDRESS}}");
  buf_done(&text);
  return false;
}

/* ---- reading ---- */

/* A text of one line, of something that a person may have to read. */
static bool plain(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return false;
  return true;
}

static bool read_text(const Reader *r, const json_t *json, const char *what, const char **ret) {
  if (!json) return *ret = "", true;
  if (!json_is_string(json) || json_string_length(json) == 0) return wrong(r, "\"%s\" is a text that is not empty", what);
  if (json_string_length(json) > ARRIVAL_KEY || !plain(json_string_value(json), json_string_length(json)))
    return wrong(r, "\"%s\" is a line of at most %u bytes", what, ARRIVAL_KEY);
  *ret = arena_string(r->arena, json_string_value(json), json_string_length(json));
  return true;
}

static bool read_value(const Reader *r, const char *what, const char *name, const json_t *json, const char **ret) {
  if (json_is_integer(json)) *ret = arena_printf(r->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
  else if (json_is_boolean(json)) *ret = json_is_true(json) ? "yes" : "no";
  else if (json_is_string(json) && plain(json_string_value(json), json_string_length(json))) *ret = arena_string(r->arena, json_string_value(json), json_string_length(json));
  else return wrong(r, "\"%s\" of \"%s\" is a text of one line, a whole number, true or false", name, what);
  return true;
}

static bool read_fields(const Reader *r, const char *what, json_t *json, ArrivalField **ret, uint32_t *ret_count) {
  const char *name;
  json_t *value;
  *ret_count = 0;
  *ret = arena_new_array(r->arena, ArrivalField, json_object_size(json) + 1);
  if (json && !json_is_object(json)) return wrong(r, "\"%s\" is an object: {\"%s\": {FIELD: VALUE}}", what, what);
  if (json_object_size(json) > ARRIVAL_FIELDS) return wrong(r, "\"%s\" has more than %u entries", what, ARRIVAL_FIELDS);
  json_object_foreach(json, name, value) {
    ArrivalField *f = &(*ret)[(*ret_count)++];
    f->name = arena_string(r->arena, name, strlen(name));
    if (!read_value(r, what, name, value, &f->value)) return false;
  }
  return true;
}

static bool only_known(const Reader *r, json_t *root) {
  static const char *const known[] = {"incident", "key", "fields", "attach"};
  const char *name;
  json_t *value;
  json_object_foreach(root, name, value) {
    Suggest nearest = suggest_begin(name, strlen(name));
    bool found = false;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
      found = found || strcmp(name, known[i]) == 0;
      suggest_offer(&nearest, known[i]);
    }
    const char *best = suggest_best(&nearest);
    if (!found) return wrong(r, "an incident has no \"%s\"%s%s%s", name, best ? "; did you mean \"" : "", best ? best : "", best ? "\"?" : "");
  }
  return true;
}

static bool read_root(const Reader *r, json_t *root, ArrivalText *ret) {
  if (!json_is_object(root)) return wrong(r, "an incident is a JSON object");
  return only_known(r, root) && read_text(r, json_object_get(root, "incident"), "incident", &ret->name) &&
         read_text(r, json_object_get(root, "key"), "key", &ret->key) &&
         read_fields(r, "fields", json_object_get(root, "fields"), &ret->fields, &ret->field_count) &&
         read_fields(r, "attach", json_object_get(root, "attach"), &ret->attach, &ret->attach_count);
}

static bool parse(const Reader *r, const char *bytes, size_t len, ArrivalText *ret) {
  json_error_t error;
  *ret = (ArrivalText){.file = r->file, .name = "", .key = ""};
  json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
  bool ok = root ? read_root(r, root, ret) : wrong(r, "it is not JSON: %s (line %d)", error.text, error.line);
  json_decref(root);
  return ok;
}

bool arrival_parse(const char *file, const char *bytes, size_t len, Arena *arena, DiagSink *sink, ArrivalText *ret) {
  Reader r = {file, arena, sink};
  if (len <= ARRIVAL_BYTES) return parse(&r, bytes, len, ret);
  return wrong(&r, "it is longer than %u bytes: evidence is attached as a file or an address", ARRIVAL_BYTES);
}

/* ---- what is kept ---- */

static json_t *to_json(const ArrivalField *fields, uint32_t count) {
  json_t *out = json_object();
  for (uint32_t i = 0; i < count; i++) json_object_set_new(out, fields[i].name, json_string(fields[i].value));
  return out;
}

const char *arrival_content(const ArrivalText *a, Arena *arena) {
  json_t *root = json_pack("{s:o,s:o}", "fields", to_json(a->fields, a->field_count), "attach", to_json(a->attach, a->attach_count));
  char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
  const char *copy = arena_string(arena, text, strlen(text));
  free(text);
  json_decref(root);
  return copy;
}

bool arrival_of_content(const char *content, Arena *arena, ArrivalText *ret) {
  Reader r = {"the queue", arena, diag_sink_new(arena, NULL)};
  return parse(&r, content, strlen(content), ret); /* it may be longer than what was brought */
}

bool arrival_plain(const char *value) {
  json_t *json = json_string(value);
  bool valid = json != NULL;
  json_decref(json);
  return valid && plain(value, strlen(value));
}

const char *arrival_value(const ArrivalField *fields, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; i++)
    if (strcmp(fields[i].name, name) == 0) return fields[i].value;
  return NULL;
}
