/* compile_site: a site to its image: bindings as named, plain data. */
#include <config.h>

#include "lang/compile_core.h"
#include "lang/site_role.h"

#include <string.h>

typedef VEC(SiteBinding) Bindings;
typedef VEC(SiteSigners) Roles;

typedef struct Builder {
  Compilation *c;
  Arena *arena;
  SiteImage *image;
  Bindings bindings;
  Roles roles;
} Builder;

static const char *copy(Builder *b, Atom a) { return arena_string(b->arena, intern_text(b->c->names, a), intern_length(b->c->names, a)); }

/* ---- arguments ---- */

static const Node *path_root(const Node *n, uint32_t *ret_len) {
  uint32_t len = 0;
  for (; n->kind == AST_MEMBER; n = ((const Member *)n)->object) len++;
  *ret_len = len;
  return n;
}

/* A parameter, or attributes from one on; any other word is itself. */
static SitePart value_part(Builder *b, const Node *n) {
  uint32_t len;
  const Node *root = path_root(n, &len);
  if (root->kind != AST_NAME_REF) return (SitePart){.literal = ""};
  const NameRef *r = (const NameRef *)root;
  if (!r->name.symbol || r->name.symbol->kind != SYM_VAR) return (SitePart){.literal = copy(b, r->name.atom)};
  const char **path = arena_new_array(b->arena, const char *, len);
  for (uint32_t i = len; n->kind == AST_MEMBER; n = ((const Member *)n)->object) path[--i] = copy(b, ((const Member *)n)->name.atom);
  return (SitePart){.param = r->name.symbol->index, .path = path, .path_len = len};
}

static SitePart literal_part(Builder *b, const Literal *l) {
  Buf out = BUF_INIT;
  quantity_write(l->value, &out);
  SitePart part = {.literal = arena_string(b->arena, out.data ? out.data : "", out.len)};
  buf_done(&out);
  return part;
}

static SitePart one_part(Builder *b, const Node *n) {
  if (n->kind == AST_TEXT_PART) return (SitePart){.literal = copy(b, ((const TextPart *)n)->bytes.atom)};
  if (n->kind == AST_LITERAL) return literal_part(b, (const Literal *)n);
  return value_part(b, n);
}

static SiteArg argument(Builder *b, const Node *n) {
  if (n->kind != AST_TEXT) {
    SitePart part = one_part(b, n);
    return (SiteArg){arena_copy(b->arena, &part, sizeof part), 1};
  }
  const NodeList *parts = &((const Text *)n)->parts;
  SitePart *out = arena_new_array(b->arena, SitePart, parts->len + 1);
  for (uint32_t i = 0; i < parts->len; i++) out[i] = one_part(b, parts->items[i]);
  if (parts->len == 0) out[0].literal = "";
  return (SiteArg){out, parts->len ? parts->len : 1};
}

static const char *plain(Builder *b, const Node *text) { return compile_literal_text(b->c, text, b->arena); }

/* ---- clauses ---- */

static void add_binding(Builder *b, SiteBinding binding, const NodeList *args, const Node *from) {
  SiteArg *out = arena_new_array(b->arena, SiteArg, args->len);
  binding.arg_count = 0;
  for (uint32_t i = 0; i < args->len; i++)
    if (args->items[i]->kind != AST_TYPE_NAME) out[binding.arg_count++] = argument(b, args->items[i]);
  binding.args = out;
  const Source *s = source_of(b->c->map, from->span.lo);
  binding.file = s ? arena_string(b->arena, s->name, strlen(s->name)) : "";
  binding.line = s ? source_line_col(b->c->map, from->span.lo).line : 0;
  vec_push(&b->bindings, binding);
}

static const char *kind_of_param(Builder *b, const Bind *n) {
  const ParamDecl *p = n->params.len ? (const ParamDecl *)n->params.items[0] : NULL;
  if (!p || !p->type || p->type->kind != AST_TYPE_NAME) return "";
  return copy(b, ((const TypeName *)p->type)->name.atom);
}

static void bind(Builder *b, const Bind *n) {
  static const uint8_t what[] = {[BIND_ACTION] = SITE_ACTION, [BIND_FACT] = SITE_FACT, [BIND_AUTOMATION] = SITE_AUTOMATION,
                                 [BIND_SETTING] = SITE_SETTING, [BIND_NATIVE] = SITE_ACTION};
  SiteBinding binding = {.what = (SiteBindWhat)what[n->what], .name = copy(b, n->name.atom), .verb = copy(b, n->verb.atom)};
  binding.kind = n->what == BIND_FACT ? kind_of_param(b, n) : "";
  if (n->what == BIND_AUTOMATION && n->name.symbol && n->name.symbol->kind == SYM_SETTING) binding.what = SITE_SETTING;
  binding.driver = copy(b, n->driver.atom);
  if (n->every) constant_value(n->every, &binding.every);
  add_binding(b, binding, &n->args, &n->node);
}

static void channel(Builder *b, const SiteChannel *n) {
  SiteBinding binding = {.what = SITE_CHANNEL, .name = copy(b, n->name.atom), .verb = "", .kind = "", .driver = copy(b, n->driver.atom)};
  add_binding(b, binding, &n->args, &n->node);
}

/* A value is read again when it would be stale. */
static void metric(Builder *b, const SiteMetric *n) {
  SiteBinding binding = {.what = SITE_METRIC, .name = copy(b, n->name.atom), .verb = "", .driver = copy(b, n->driver.atom)};
  if (n->stale) constant_value(n->stale, &binding.every);
  for (uint32_t i = 0; i < n->kinds.len; i++) {
    binding.kind = copy(b, ((const Word *)n->kinds.items[i])->name.atom);
    add_binding(b, binding, &n->args, &n->node);
  }
}

static void role(Builder *b, const SiteRole *n) {
  SiteRoleWords words = site_role_words(n, b->c->names);
  SiteSigners row = {.name = copy(b, n->name.atom), .signers = words.signers ? plain(b, words.signers) : "",
                     .revoked = words.revoked ? plain(b, words.revoked) : "", .quorum = (uint32_t)words.quorum, .approves = words.approves};
  vec_push(&b->roles, row);
}

static void clause(Builder *b, const Node *n) {
  switch (n->kind) {
  case AST_SITE_ZONE: b->image->zone = plain(b, ((const SiteZone *)n)->zone); return;
  case AST_SITE_FLEET:
    b->image->fleet_format = copy(b, ((const SiteFleet *)n)->format.atom);
    b->image->fleet_path = plain(b, ((const SiteFleet *)n)->path);
    return;
  case AST_BIND: bind(b, (const Bind *)n); return;
  case AST_SITE_ROLE: role(b, (const SiteRole *)n); return;
  case AST_SITE_CHANNEL: channel(b, (const SiteChannel *)n); return;
  case AST_SITE_METRIC: metric(b, (const SiteMetric *)n); return;
  default: return;
  }
}

const SiteImage *compile_site(Compilation *c, SiteDecl *s, Arena *arena) {
  SiteImage *image = arena_new_object(arena, SiteImage);
  Builder b = {.c = c, .arena = arena, .image = image};
  *image = (SiteImage){.name = copy(&b, s->name.atom), .title = plain(&b, s->title), .zone = "", .fleet_format = "", .fleet_path = ""};
  for (uint32_t i = 0; i < s->clauses.len; i++) clause(&b, s->clauses.items[i]);
  image->bindings = arena_copy(arena, b.bindings.items, b.bindings.len * sizeof *b.bindings.items);
  image->binding_count = b.bindings.len;
  image->roles = arena_copy(arena, b.roles.items, b.roles.len * sizeof *b.roles.items);
  image->role_count = b.roles.len;
  vec_done(&b.bindings);
  vec_done(&b.roles);
  return image;
}
