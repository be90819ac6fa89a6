/* compile_tables: what is declared once and means the same to every runbook: kinds, facts, roles and so on. A row's index is
 * the index of its symbol. */
#include <config.h>

#include "lang/compile_core.h"

#include <nettle/sha2.h>
#include <string.h>

static uint32_t kind_or_none(uint32_t kind) { return kind == TYPE_NO_KIND ? NONE_INDEX : kind; }

static void enums(Compiler *k) {
  for (uint32_t i = 0; i < k->c->enums.len; i++) {
    const EnumInfo *e = &k->c->enums.items[i];
    Slice words = {build_program(k->b)->enum_words_count, e->word_len};
    for (uint32_t w = 0; w < e->word_len; w++) {
      StrId word = compile_atom(k, e->words[w]->name);
      build_row(k->b, enum_words, &word);
    }
    build_row(k->b, enums, (&(EnumRow){compile_atom(k, e->name), words}));
  }
}

static void kinds(Compiler *k) {
  for (uint32_t i = 0; i < k->c->kinds.len; i++) {
    const KindInfo *info = &k->c->kinds.items[i];
    KindRow row = {compile_atom(k, info->symbol->name), compile_atom(k, info->plural), kind_or_none(info->parent), {info->first_attr, info->attr_len}, 0};
    row.key = info->key->index;
    build_row(k->b, kinds, &row);
  }
  for (uint32_t i = 0; i < k->c->attrs.len; i++) {
    const Symbol *a = k->c->attrs.items[i];
    build_row(k->b, attrs, (&(AttrRow){compile_atom(k, a->name), compile_value_type(a->type), a->entity_kind, attr_is_own(a), {0}}));
  }
}

static Slice kind_list(Compiler *k, const NodeList *names) {
  VEC(uint32_t) list = {0};
  for (uint32_t i = 0; i < names->len; i++) vec_push(&list, ((const Word *)names->items[i])->name.symbol->index);
  Slice s = build_list(k->b, list.items, list.len);
  vec_done(&list);
  return s;
}

static void observables(Compiler *k) {
  for (uint32_t i = 0; i < k->c->facts.len; i++) {
    const Symbol *s = k->c->facts.items[i];
    Slice of = kind_list(k, &((const FactDecl *)s->decl)->kinds);
    build_row(k->b, facts, (&(FactRow){compile_atom(k, s->name), compile_value_type(s->type), of}));
  }
  for (uint32_t i = 0; i < k->c->metrics.len; i++) {
    const Symbol *s = k->c->metrics.items[i];
    Slice of = kind_list(k, &((const MetricDecl *)s->decl)->kinds);
    build_row(k->b, metrics, (&(MetricRow){compile_atom(k, s->name), compile_value_type(s->type), of}));
  }
}

static void people(Compiler *k) {
  for (uint32_t i = 0; i < k->c->roles.len; i++) {
    const Symbol *s = k->c->roles.items[i];
    build_row(k->b, roles, (&(RoleRow){compile_atom(k, s->name), compile_plain_text(k, ((const RoleDecl *)s->decl)->title)}));
  }
  for (uint32_t i = 0; i < k->c->channels.len; i++) {
    const Symbol *s = k->c->channels.items[i];
    build_row(k->b, channels, (&(ChannelRow){compile_atom(k, s->name), compile_plain_text(k, ((const ChannelDecl *)s->decl)->title)}));
  }
}

static uint32_t small(int64_t value) { return value < 0 ? 0 : value > INT32_MAX ? INT32_MAX : (uint32_t)value; }

static void services(Compiler *k) {
  for (uint32_t i = 0; i < k->c->services.len; i++) {
    const ServiceInfo *s = &k->c->services.items[i];
    ServiceRow row = {.name = compile_atom(k, s->symbol->name), .amount = small(s->amount), .per = s->per, .in_flight = small(s->in_flight),
                      .overdue = small(s->in_flight ? (s->overdue ? s->overdue : s->in_flight) : 0),
                      .group = s->group ? s->group->index : NONE_INDEX};
    build_row(k->b, services, &row);
  }
}

static void settings(Compiler *k) {
  for (uint32_t i = 0; i < k->c->settings.len; i++) {
    const Symbol *s = k->c->settings.items[i];
    const Word *of = (const Word *)((const SettingDecl *)s->decl)->kinds.items[0];
    build_row(k->b, settings, (&(SettingRow){compile_atom(k, s->name), compile_value_type(s->type), of->name.symbol->index}));
  }
}

static void sources(Compiler *k) {
  for (uint32_t i = 0; i < source_count(k->c->map); i++) {
    const Source *s = source_at(k->c->map, i);
    SourceRow row = {.name = build_str(k->b, s->name)};
    struct sha256_ctx sha;
    sha256_init(&sha);
    sha256_update(&sha, s->len, (const uint8_t *)s->text);
    sha256_digest(&sha, sizeof row.digest, row.digest);
    build_row(k->b, sources, &row);
  }
}

void compile_tables(Compiler *k) {
  sources(k);
  enums(k);
  kinds(k);
  observables(k);
  people(k);
  services(k);
  settings(k);
}
