/* site_json: there and back, field by field. */
#include <config.h>

#include "runtime/site_json.h"

#include <stdbool.h>
#include <string.h>

static json_t *args_to_json(const SiteBinding *b) {
  json_t *args = json_array();
  for (uint32_t a = 0; a < b->arg_count; a++) {
    json_t *parts = json_array();
    for (uint32_t i = 0; i < b->args[a].part_count; i++) {
      const SitePart *part = &b->args[a].parts[i];
      if (part->literal) {
        json_array_append_new(parts, json_string(part->literal));
        continue;
      }
      json_t *path = json_array();
      json_array_append_new(path, json_integer(part->param));
      for (uint32_t w = 0; w < part->path_len; w++) json_array_append_new(path, json_string(part->path[w]));
      json_array_append_new(parts, path);
    }
    json_array_append_new(args, parts);
  }
  return args;
}

static json_t *role_to_json(const SiteSigners *r) {
  return json_pack("{s:s,s:s,s:i,s:b}", "signers", r->signers, "revoked", r->revoked, "quorum", (int)r->quorum, "approves", (int)r->approves);
}

json_t *site_to_json(const SiteImage *site) {
  json_t *bindings = json_array(), *roles = json_object();
  for (uint32_t i = 0; i < site->binding_count; i++) {
    const SiteBinding *b = &site->bindings[i];
    json_array_append_new(bindings, json_pack("{s:i,s:s,s:s,s:s,s:s,s:o,s:I,s:s,s:i}", "what", (int)b->what, "name", b->name,
                                              "verb", b->verb, "kind", b->kind, "driver", b->driver, "args", args_to_json(b),
                                              "every", (json_int_t)b->every, "file", b->file, "line", (int)b->line));
  }
  for (uint32_t i = 0; i < site->role_count; i++) json_object_set_new(roles, site->roles[i].name, role_to_json(&site->roles[i]));
  return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "name", site->name, "title", site->title, "zone", site->zone, "fleet_format",
                   site->fleet_format, "fleet_path", site->fleet_path, "bindings", bindings, "roles", roles);
}

/* ---- back ---- */

typedef struct Reader { Arena *arena; bool ok; } Reader;

static const char *text(Reader *r, const json_t *object, const char *key) {
  const char *s = json_string_value(json_object_get(object, key));
  if (!s) r->ok = false;
  return s ? arena_string(r->arena, s, strlen(s)) : "";
}

static SitePart part_from_json(Reader *r, const json_t *json) {
  SitePart part = {0};
  if (json_is_string(json)) {
    part.literal = arena_string(r->arena, json_string_value(json), json_string_length(json));
    return part;
  }
  size_t n = json_array_size(json);
  json_int_t param = json_integer_value(json_array_get(json, 0));
  if (n == 0 || !json_is_integer(json_array_get(json, 0)) || param < 0 || param > 255) r->ok = false;
  if (!r->ok) return part;
  const char **path = arena_new_array(r->arena, const char *, n);
  for (size_t i = 1; i < n; i++) {
    const json_t *word = json_array_get(json, i);
    if (!json_is_string(word)) r->ok = false;
    else path[i - 1] = arena_string(r->arena, json_string_value(word), json_string_length(word));
  }
  part.param = (uint32_t)param;
  part.path = path;
  part.path_len = (uint32_t)n - 1;
  return part;
}

static void args_from_json(Reader *r, const json_t *json, SiteBinding *out) {
  size_t n = json_array_size(json);
  if (!json_is_array(json)) r->ok = false;
  SiteArg *args = arena_new_array(r->arena, SiteArg, n);
  for (size_t a = 0; a < n && r->ok; a++) {
    const json_t *parts = json_array_get(json, a);
    size_t count = json_array_size(parts);
    SitePart *items = arena_new_array(r->arena, SitePart, count);
    for (size_t i = 0; i < count && r->ok; i++) items[i] = part_from_json(r, json_array_get(parts, i));
    args[a] = (SiteArg){items, (uint32_t)count};
  }
  out->args = args;
  out->arg_count = (uint32_t)n;
}

static json_int_t number(Reader *r, const json_t *object, const char *key, json_int_t high) {
  const json_t *json = json_object_get(object, key);
  json_int_t value = json_integer_value(json);
  if (!json_is_integer(json) || value < 0 || value > high) r->ok = false;
  return r->ok ? value : 0;
}

static SiteBinding binding_from_json(Reader *r, const json_t *json) {
  SiteBinding b = {.name = text(r, json, "name"), .verb = text(r, json, "verb"), .kind = text(r, json, "kind"),
                   .driver = text(r, json, "driver"), .file = text(r, json, "file"),
                   .every = number(r, json, "every", INT64_MAX), .line = (uint32_t)number(r, json, "line", INT32_MAX),
                   .what = (SiteBindWhat)number(r, json, "what", SITE_TICKET)};
  args_from_json(r, json_object_get(json, "args"), &b);
  return b;
}

static SiteSigners role_from_json(Reader *r, const char *name, const json_t *json) {
  const json_t *approves = json_object_get(json, "approves");
  if (!json_is_boolean(approves)) r->ok = false;
  return (SiteSigners){.name = arena_string(r->arena, name, strlen(name)), .signers = text(r, json, "signers"), .revoked = text(r, json, "revoked"),
                       .quorum = (uint32_t)number(r, json, "quorum", UINT8_MAX), .approves = json_is_true(approves)};
}

const SiteImage *site_from_json(const json_t *json, Arena *arena) {
  Reader r = {arena, json_is_object(json)};
  SiteImage *out = arena_new_object(arena, SiteImage);
  if (!r.ok) return NULL;
  out->name = text(&r, json, "name");
  out->title = text(&r, json, "title");
  out->zone = text(&r, json, "zone");
  out->fleet_format = text(&r, json, "fleet_format");
  out->fleet_path = text(&r, json, "fleet_path");
  const json_t *bindings = json_object_get(json, "bindings");
  json_t *roles = json_object_get(json, "roles");
  if (!json_is_array(bindings) || !json_is_object(roles)) return NULL;
  SiteBinding *items = arena_new_array(arena, SiteBinding, json_array_size(bindings));
  for (size_t i = 0; i < json_array_size(bindings) && r.ok; i++) items[i] = binding_from_json(&r, json_array_get(bindings, i));
  out->bindings = items;
  out->binding_count = (uint32_t)json_array_size(bindings);
  SiteSigners *role_items = arena_new_array(arena, SiteSigners, json_object_size(roles));
  const char *key;
  json_t *value;
  json_object_foreach(roles, key, value) {
    role_items[out->role_count++] = role_from_json(&r, key, value);
  }
  out->roles = role_items;
  return r.ok ? out : NULL;
}
