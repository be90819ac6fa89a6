/* engine_order: the order of a fan's members: by its keys, then as they were collected. A member whose key is unknown comes
 * last; so does a word that the order does not name. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct Keyed { const int64_t *keys; const int8_t *signs; uint32_t count, place, entity; } Keyed;

/* Does the key give a text? Texts are compared by their bytes, everything else by number. */
static bool gives_text(const Program *p, CodeRef key) {
  uint32_t last = key, pc = key;
  for (; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc]))) last = pc;
  switch ((int)code_op(p->code[last])) {
    case OPCODE_ATTR: return p->attrs[code_a(p->code[last])].type.klass == VALUE_TEXT;
    case OPCODE_STR: case OPCODE_NAME: case OPCODE_SHOW: case OPCODE_JOIN: return true;
    default: return false;
  }
}

static int64_t word_rank(const Program *p, Slice words, int64_t code) {
  for (uint32_t i = 0; i < words.count; i++)
    if (p->index_list[words.first + i] == code) return i;
  return INT64_MAX;
}

typedef struct TextAt { const char *text; uint32_t at; } TextAt;

static int compare_texts(const void *left, const void *right) {
  const TextAt *a = left, *b = right;
  int c = strcmp(a->text, b->text);
  return c ? c : (a->at > b->at) - (a->at < b->at);
}

/* Replaces text ids by their rank among the texts of this key. */
static void rank_texts(Engine *e, int64_t *keys, uint32_t count, uint32_t stride) {
  TextAt *all = xcalloc(count, sizeof *all);
  for (uint32_t i = 0; i < count; i++) all[i] = (TextAt){vm_text(e->vm, keys[i * stride]), i};
  qsort(all, count, sizeof *all, compare_texts);
  int64_t rank = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0 && strcmp(all[i].text, all[i - 1].text) != 0) rank++;
    int64_t *key = &keys[all[i].at * stride];
    if (*key != VALUE_UNKNOWN) *key = rank;
  }
  free(all);
}

static int compare_members(const void *left, const void *right) {
  const Keyed *a = left, *b = right;
  for (uint32_t i = 0; i < a->count; i++) {
    int64_t x = a->keys[i], y = b->keys[i];
    if (x == y) continue;
    if (x == VALUE_UNKNOWN || y == VALUE_UNKNOWN) return x == VALUE_UNKNOWN ? 1 : -1;
    return (x < y ? -1 : 1) * a->signs[i];
  }
  return (a->place > b->place) - (a->place < b->place);
}

static void compute_keys(Engine *e, const FanRow *row, const Strand *s, const EntityVec *members, int64_t *keys) {
  int64_t slots[LIMIT_SLOTS];
  memcpy(slots, s->slots, sizeof slots);
  uint32_t n = row->order.count;
  for (uint32_t k = 0; k < n; k++) {
    const OrderRow *order = &e->program->orders[row->order.first + k];
    for (uint32_t i = 0; i < members->len; i++) {
      slots[row->slot] = members->items[i];
      int64_t key = vm_value(e->vm, order->key, slots, LIMIT_SLOTS);
      keys[i * n + k] = order->words.count && key != VALUE_UNKNOWN ? word_rank(e->program, order->words, key) : key;
    }
    if (order->words.count == 0 && gives_text(e->program, order->key)) rank_texts(e, keys + k, members->len, n);
  }
}

void fan_order(Engine *e, const FanRow *row, const Strand *s, EntityVec *members) {
  uint32_t n = row->order.count, count = members->len;
  if (n == 0 || count < 2) return;
  int64_t *keys = xcalloc(size_product(n, count), sizeof *keys);
  int8_t *signs = xcalloc(n, 1);
  Keyed *all = xcalloc(count, sizeof *all);
  compute_keys(e, row, s, members, keys);
  for (uint32_t k = 0; k < n; k++) signs[k] = e->program->orders[row->order.first + k].descending ? -1 : 1;
  for (uint32_t i = 0; i < count; i++) all[i] = (Keyed){keys + (size_t)i * n, signs, n, i, members->items[i]};
  qsort(all, count, sizeof *all, compare_members);
  for (uint32_t i = 0; i < count; i++) members->items[i] = all[i].entity;
  free(all);
  free(signs);
  free(keys);
}
