/* live_bind: names of a site resolved against a program once, arguments built per command. */
#include <config.h>

#include "runtime/live_bind.h"

#include "lang/utf8.h"
#include "runtime/drivers/driver.h"
#include "runtime/drivers/program_path.h"
#include "runtime/program_names.h"
#include "runtime/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES 255u /* of a fact that is a text */

struct LiveBind {
  const Program *program;
  const Fleet *fleet;
  const Schema *schema;
  const char *dir;
  const SiteBinding **actions, **facts /* [kind * facts + fact] */, **metrics, **channels;
  const SiteBinding **lock, **unlock, **state, **set, **get;
  const SiteBinding *ticket;
};

/* ---- resolving ---- */

static const SiteBinding *find(const SiteImage *site, SiteBindWhat what, const char *name, const char *verb, const char *kind) {
  for (uint32_t i = 0; i < site->binding_count; i++) {
    const SiteBinding *b = &site->bindings[i];
    if (b->what != what || strcmp(b->name, name) != 0 || strcmp(b->verb, verb) != 0) continue;
    if (!kind || !*b->kind || strcmp(b->kind, kind) == 0) return b;
  }
  return NULL;
}

typedef struct Binder { const SiteImage *site; const Program *program; Arena *arena; DiagSink *sink; } Binder;

/* The binding, if it is there and this build can carry it out; a diagnostic if not. */
static const SiteBinding *need(Binder *b, SiteBindWhat what, const char *sort, const char *name, const char *verb, const char *kind) {
  const SiteBinding *found = find(b->site, what, name, verb, kind);
  const char *blank = *verb ? " " : "";
  if (!found) {
    Diag *d = diag_new(b->sink, E_NOT_BOUND, (Span){0, 0}, "site `%s` does not bind %s `%s`%s%s", b->site->name, sort, name, blank, verb);
    diag_note(b->sink, d, "the runbook can be checked, planned and drilled, but not run here");
    return NULL;
  }
  const Driver *driver = driver_find(found->driver);
  if (driver && !driver->missing) return found;
  diag_at(b->sink, E_NO_DRIVER, found->file, found->line, 0, "`%s` is bound by driver `%s`, which %s", name, found->driver,
          driver ? "this version does not have" : "does not exist");
  return found;
}

static void bind_facts(Binder *b, LiveBind *out) {
  const Program *p = b->program;
  for (uint32_t f = 0; f < p->facts_count; f++)
    for (uint32_t k = 0; k < p->facts[f].kinds.count; k++) {
      uint32_t kind = p->index_list[p->facts[f].kinds.first + k];
      out->facts[(size_t)kind * p->facts_count + f] =
          find(b->site, SITE_FACT, program_str(p, p->facts[f].name), "", program_str(p, p->kinds[kind].name));
    }
}

static void bind_automations(Binder *b, LiveBind *out) {
  const Program *p = b->program;
  for (uint32_t l = 0; l < p->lockouts_count; l++)
    for (uint32_t i = 0; i < p->lockouts[l].automations.count; i++) {
      uint32_t a = p->index_list[p->lockouts[l].automations.first + i];
      const char *name = program_str(p, p->automations[a].name);
      if (out->lock[a]) continue;
      out->lock[a] = need(b, SITE_AUTOMATION, "automation", name, "lock", NULL);
      out->unlock[a] = need(b, SITE_AUTOMATION, "automation", name, "unlock", NULL);
      out->state[a] = need(b, SITE_AUTOMATION, "automation", name, "state", NULL);
    }
}

static void bind_rest(Binder *b, LiveBind *out) {
  const Program *p = b->program;
  for (uint32_t c = 0; c < p->calls_count; c++) {
    uint32_t a = p->calls[c].action;
    if (!out->actions[a]) out->actions[a] = need(b, SITE_ACTION, "action", program_str(p, p->actions[a].name), "", NULL);
  }
  for (uint32_t i = 0; i < p->adjusts_count; i++) {
    uint32_t s = p->adjusts[i].setting;
    out->set[s] = need(b, SITE_SETTING, "setting", program_str(p, p->settings[s].name), "set", NULL);
    out->get[s] = need(b, SITE_SETTING, "setting", program_str(p, p->settings[s].name), "get", NULL);
  }
  for (uint32_t i = 0; i < p->metrics_count; i++) out->metrics[i] = find(b->site, SITE_METRIC, program_str(p, p->metrics[i].name), "", NULL);
  for (uint32_t i = 0; i < p->channels_count; i++)
    out->channels[i] = find(b->site, SITE_CHANNEL, program_str(p, p->channels[i].name), "", NULL);
  out->ticket = find(b->site, SITE_TICKET, "", "", NULL);
}

const LiveBind *live_bind(const SiteImage *site, const Program *p, const Fleet *fleet, const char *dir, Arena *arena,
                          DiagSink *sink) {
  LiveBind *out = arena_new_object(arena, LiveBind);
  Binder b = {site, p, arena, sink};
  uint32_t before = diag_errors(sink);
  *out = (LiveBind){.program = p, .fleet = fleet, .schema = schema_of_program(p, arena), .dir = dir};
  out->actions = arena_new_array(arena, const SiteBinding *, p->actions_count);
  out->facts = arena_new_array(arena, const SiteBinding *, size_product(p->facts_count, p->kinds_count));
  out->metrics = arena_new_array(arena, const SiteBinding *, p->metrics_count);
  out->channels = arena_new_array(arena, const SiteBinding *, p->channels_count);
  out->lock = arena_new_array(arena, const SiteBinding *, p->automations_count);
  out->unlock = arena_new_array(arena, const SiteBinding *, p->automations_count);
  out->state = arena_new_array(arena, const SiteBinding *, p->automations_count);
  out->set = arena_new_array(arena, const SiteBinding *, p->settings_count);
  out->get = arena_new_array(arena, const SiteBinding *, p->settings_count);
  bind_facts(&b, out);
  bind_automations(&b, out);
  bind_rest(&b, out);
  return diag_errors(sink) == before ? out : NULL;
}

/* ---- programs ---- */

/* A program named with a slash is found from the site's folder, one without from PATH. */
static char *program_path(const LiveBind *b, char *name) {
  if (!strchr(name, '/') || name[0] == '/') return name;
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/%s", b->dir, name);
  free(name);
  return path.data;
}

/* A program whose name depends on the member is looked for when it is due. */
static void check_program(const LiveBind *b, const SiteBinding *s, DiagSink *sink) {
  if (!s || strcmp(s->driver, "exec") != 0 || s->arg_count == 0) return;
  const SiteArg *arg = &s->args[0];
  if (arg->part_count != 1 || !arg->parts[0].literal) return;
  const char *name = arg->parts[0].literal;
  char *path = program_path(b, xstrdup(name));
  ProgramPath found;
  errno = ENOENT;
  bool there = *path && (strchr(path, '/') ? is_program(path) : (errno = program_find(path, found)) == 0);
  if (!there) {
    Diag *d = diag_at(sink, E_NO_PROGRAM, s->file, s->line, 0, "`%s` is bound to `%s`, which cannot be run: %s", s->name, name,
                      strerror(errno));
    if (strchr(path, '/')) diag_note(sink, d, "it is looked for as %s", path);
    else diag_note(sink, d, "it is looked for in PATH; a name with a slash counts from the site's folder");
  }
  free(path);
}

bool live_programs(const LiveBind *b, DiagSink *sink) {
  const Program *p = b->program;
  uint32_t before = diag_errors(sink);
  for (uint32_t i = 0; i < p->actions_count; i++) check_program(b, b->actions[i], sink);
  for (uint32_t i = 0; i < p->automations_count; i++) {
    check_program(b, b->lock[i], sink);
    check_program(b, b->unlock[i], sink);
    check_program(b, b->state[i], sink);
  }
  for (uint32_t i = 0; i < p->settings_count; i++) {
    check_program(b, b->set[i], sink);
    check_program(b, b->get[i], sink);
  }
  return diag_errors(sink) == before;
}

const SiteBinding *live_binding(const LiveBind *b, const Command *c) {
  switch (c->kind) {
  case COMMAND_ACT: return b->actions[c->subject];
  case COMMAND_READ: return b->facts[(size_t)c->kind_of_entity * b->program->facts_count + c->subject];
  case COMMAND_METER: return b->metrics[c->subject];
  case COMMAND_LOCK: return b->lock[c->subject];
  case COMMAND_UNLOCK: return b->unlock[c->subject];
  case COMMAND_INSPECT: return b->state[c->subject];
  case COMMAND_SET: return b->set[c->subject];
  case COMMAND_GET: return b->get[c->subject];
  case COMMAND_NOTIFY: return b->channels[c->subject];
  case COMMAND_TICKET: return b->ticket;
  case COMMAND_ASK:
  case COMMAND_WITHDRAW:
  case COMMAND_STOP:
  case COMMAND_PERMIT:
  case COMMAND_REFUND:
  case COMMAND_RISK:
  case COMMAND_TALLY:
  case COMMAND_KIND_COUNT: break;
  }
  return NULL;
}

/* ---- arguments ---- */

/* A typed value on its way along a path. */
typedef struct Value { ValueType type; int64_t v; } Value;

static Value parameter(const LiveBind *b, const Command *c, uint32_t index) {
  const Program *p = b->program;
  if (c->kind == COMMAND_ACT) {
    Slice params = p->actions[c->subject].params;
    if (index >= params.count || index >= EVENT_ARGS) return (Value){.v = VALUE_UNKNOWN};
    return (Value){p->param_types[params.first + index], c->args[index]};
  }
  if (c->kind == COMMAND_SET && index == 1) return (Value){p->settings[c->subject].type, c->args[0]};
  return (Value){{.klass = VALUE_ENTITY, .ref = c->kind_of_entity}, c->entity};
}

/* One step along a path: an attribute of the entity, else the container of the kind so named. */
static Value step(const LiveBind *b, Value from, const char *word) {
  const Program *p = b->program;
  if (from.type.klass != VALUE_ENTITY || from.v == VALUE_UNKNOWN) return (Value){.v = VALUE_UNKNOWN};
  Slice attrs = p->kinds[from.type.ref].attrs;
  for (uint32_t i = attrs.first; i < attrs.first + attrs.count; i++)
    if (strcmp(program_str(p, p->attrs[i].name), word) == 0)
      return (Value){p->attrs[i].type, schema_value(b->schema, p, b->fleet, i, (Entity)from.v)};
  for (uint32_t k = 0; k < p->kinds_count; k++) {
    if (!same_kind_name(word, program_str(p, p->kinds[k].name))) continue;
    Entity e = fleet_up(b->fleet, from.type.ref, (Entity)from.v, k);
    return (Value){{.klass = VALUE_ENTITY, .ref = k}, e == ENTITY_NONE ? VALUE_UNKNOWN : (int64_t)e};
  }
  return (Value){.v = VALUE_UNKNOWN};
}

static void show(const LiveBind *b, Value v, Buf *out) {
  const Program *p = b->program;
  if (v.v == VALUE_UNKNOWN) return;
  switch ((ValueClass)v.type.klass) {
  case VALUE_INT: buf_printf(out, "%lld", (long long)v.v); break;
  case VALUE_BOOL: buf_str(out, v.v ? "yes" : "no"); break;
  case VALUE_TEXT: buf_str(out, fleet_text(b->fleet, v.v)); break;
  case VALUE_ENUM: buf_str(out, program_enum_word(p, v.type.ref, v.v)); break;
  case VALUE_QUANTITY: quantity_show((QuantityKind)v.type.ref, v.v, out); break;
  case VALUE_ENTITY: buf_str(out, fleet_name(b->fleet, v.type.ref, (Entity)v.v)); break;
  case VALUE_LIST: break;
  }
}

static char *argument(const LiveBind *b, const SiteArg *arg, const Command *c) {
  Buf out = BUF_INIT;
  buf_str(&out, "");
  for (uint32_t i = 0; i < arg->part_count; i++) {
    const SitePart *part = &arg->parts[i];
    if (part->literal) {
      buf_str(&out, part->literal);
      continue;
    }
    Value v = parameter(b, c, part->param);
    for (uint32_t w = 0; w < part->path_len; w++) v = step(b, v, part->path[w]);
    show(b, v, &out);
  }
  return out.data;
}

char **live_args(const LiveBind *b, const SiteBinding *binding, const Command *c) {
  char **args = xcalloc((size_t)binding->arg_count + 2, sizeof *args);
  for (uint32_t i = 0; i < binding->arg_count; i++) args[i] = argument(b, &binding->args[i], c);
  if (binding->arg_count) args[0] = program_path(b, args[0]);
  if (c->text) args[binding->arg_count] = xstrdup(c->text); /* notices and tickets: the text comes last */
  return args;
}

void live_args_free(char **args) {
  for (char **a = args; *a; a++) free(*a);
  free(args);
}

/* ---- answers ---- */

static int64_t parse_typed(const LiveBind *b, ValueType type, const char *word) {
  Quantity q;
  QuantityFault fault;
  switch ((ValueClass)type.klass) {
  case VALUE_ENUM: {
    uint32_t code = program_enum_code(b->program, type.ref, word);
    return code ? (int64_t)code : VALUE_UNKNOWN;
  }
  case VALUE_INT: return quantity_parse_as(QUANTITY_NUMBER, word, strlen(word), &q, &fault) ? q.value : VALUE_UNKNOWN;
  case VALUE_QUANTITY: return quantity_parse_as((QuantityKind)type.ref, word, strlen(word), &q, &fault) ? q.value : VALUE_UNKNOWN;
  case VALUE_BOOL: return strcmp(word, "yes") == 0 ? 1 : strcmp(word, "no") == 0 ? 0 : VALUE_UNKNOWN;
  case VALUE_TEXT:
  case VALUE_ENTITY:
  case VALUE_LIST: break;
  }
  return VALUE_UNKNOWN;
}

static ValueType read_type(const LiveBind *b, const Command *c) {
  const Program *p = b->program;
  if (c->kind == COMMAND_READ) return p->facts[c->subject].type;
  if (c->kind == COMMAND_METER) return p->metrics[c->subject].type;
  return p->settings[c->subject].type;
}

/* The whole first line, without the blanks around it; too long or no text at all, it is unknown. */
static int64_t text_value(const char *output, Buf *ret_text) {
  size_t from = strspn(output, " \t\r\n"), len = strcspn(output + from, "\r\n");
  while (len > 0 && (output[from + len - 1] == ' ' || output[from + len - 1] == '\t')) len--;
  bool good = len > 0 && len <= TEXT_BYTES && utf8_nfc(output + from, len, ret_text);
  return good ? 1 : VALUE_UNKNOWN;
}

/* The second word of a metric says when it was sampled, in seconds since 1970. Without one it was sampled now; what is no
 * time, or a time to come, is nothing to rely on. */
static bool is_stale(const char *behind, int64_t stale, int64_t now) {
  char *end;
  size_t from = strspn(behind, " \t");
  if (stale <= 0 || behind[from] == '\0' || behind[from] == '\n' || behind[from] == '\r') return false;
  double at = strtod(behind + from, &end);
  if (end == behind + from || !strchr(" \t\r\n", *end)) return true;
  double age = (double)now - at * 1000;
  return !(age <= (double)stale && age >= -(double)stale);
}

int64_t live_value(const LiveBind *b, const Command *c, const char *output, int64_t now, Buf *ret_text) {
  char word[256];
  if (c->kind != COMMAND_INSPECT && read_type(b, c).klass == VALUE_TEXT) return text_value(output, ret_text);
  size_t from = strspn(output, " \t\r\n"), len = strcspn(output + from, " \t\r\n");
  if (len == 0 || len >= sizeof word) return VALUE_UNKNOWN;
  memcpy(word, output + from, len);
  word[len] = '\0';
  if (c->kind == COMMAND_INSPECT)
    return strcmp(word, "locked") == 0 ? 1 : strcmp(word, "busy") == 0 ? 2 : strcmp(word, "free") == 0 ? 0 : VALUE_UNKNOWN;
  if (c->kind == COMMAND_METER && is_stale(output + from + len, live_binding(b, c)->every, now)) return VALUE_UNKNOWN;
  return parse_typed(b, read_type(b, c), word);
}
