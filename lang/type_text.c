/* type_text: types as people say them. */
#include <config.h>

#include "lang/compilation.h"

#define WORDS_SHOWN 8u

static void put_words(const Compilation *c, uint32_t enumeration, Buf *out) {
  const EnumInfo *e = &c->enums.items[enumeration];
  if (e->name) {
    buf_printf(out, "a value of `%s`", intern_text(c->names, e->name));
    return;
  }
  buf_str(out, e->word_len == 1 ? "" : "one of ");
  for (uint32_t i = 0; i < e->word_len && i < WORDS_SHOWN; i++)
    buf_printf(out, "%s%s", i ? ", " : "", intern_text(c->names, e->words[i]->name));
  if (e->word_len > WORDS_SHOWN) buf_printf(out, " and %u more", e->word_len - WORDS_SHOWN);
}

static void put_kind(const Compilation *c, const char *before, uint32_t kind, bool plural, Buf *out) {
  const KindInfo *k = &c->kinds.items[kind];
  buf_printf(out, "%s%s", before, intern_text(c->names, plural ? k->plural : k->symbol->name));
}

static void put_type(const Compilation *c, TypeId t, Buf *out) {
  switch (type_class(t)) {
  case TYPE_NONE:
  case TYPE_POISON: buf_str(out, "something wrong"); break;
  case TYPE_TRUTH: buf_str(out, "a condition"); break;
  case TYPE_TEXT: buf_str(out, "a text"); break;
  case TYPE_INT: buf_str(out, "a plain number"); break;
  case TYPE_QUANTITY: buf_str(out, quantity_kind_phrase((QuantityKind)type_ref(t))); break;
  case TYPE_FRACTION: buf_str(out, "a percentage"); break;
  case TYPE_COUNT: put_kind(c, "a count of ", type_ref(t), true, out); break;
  case TYPE_RATE:
    if (type_ref(t) == TYPE_NO_KIND) buf_str(out, "a rate");
    else put_kind(c, "a rate of ", type_ref(t), true, out);
    break;
  case TYPE_ENTITY: put_kind(c, "a ", type_ref(t), false, out); break;
  case TYPE_SET: put_kind(c, "a set of ", type_ref(t), true, out); break;
  case TYPE_LIST: put_kind(c, "a list of ", type_ref(t), true, out); break;
  case TYPE_ENUM: put_words(c, type_ref(t), out); break;
  case TYPE_UNKNOWN: buf_str(out, "unknown"); break;
  }
}

const char *type_text(Compilation *c, TypeId t) {
  Buf b = BUF_INIT;
  put_type(c, t, &b);
  const char *text = arena_string(c->arena, b.data, b.len);
  buf_done(&b);
  return text;
}
