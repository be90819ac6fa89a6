/* check_void: limits that can never bind, because another one of the same list is always reached first. Whoever wrote such a
 * limit believes in something that does not happen; a warning, with the arithmetic. What rests on the number of members is the
 * plan's to say. */
#include <config.h>

#include "lang/check.h"

const char *duration_text(const Checker *k, int64_t ms) {
  Buf text = BUF_INIT;
  quantity_show(QUANTITY_DURATION, ms, &text);
  const char *copy = arena_printf(k->c->arena, "%s", text.data);
  buf_done(&text);
  return copy;
}

const char *limit_text(const Checker *k, const Limit *l) {
  int64_t amount = 0, per = 0;
  const char *group = l->group.atom ? arena_printf(k->c->arena, " per %s", name_text(k, l->group.atom)) : "";
  if (l->mode == LIMIT_ALL_AT_ONCE) return "all at once";
  constant_value(l->amount, &amount);
  if (l->mode == LIMIT_AT_ONCE) return arena_printf(k->c->arena, "%lld at once%s", (long long)amount, group);
  constant_value(l->per, &per);
  return arena_printf(k->c->arena, "%lld per %s%s", (long long)amount, duration_text(k, per), group);
}

int64_t rounds_up(int64_t a, int64_t b) { return a / b + (a % b != 0); }

/* The members within one group are some of all, so whoever keeps a limit over all keeps it within each group too. */
static bool covers(const Limit *whole, const Limit *part) {
  return whole->group.atom == 0 || whole->group.symbol == part->group.symbol;
}

/* At once: no more of a group than of all. */
static const char *lesser_at_once(Checker *k, const Limit *lesser, int64_t least, const Limit *l, int64_t amount) {
  if (lesser->group.symbol == l->group.symbol || least > amount) return NULL;
  return arena_printf(k->c->arena, "no more than %lld are at work in all", (long long)least);
}

/* A span is covered by so many of the lesser limit's spans, each with as many starts as that allows. */
static const char *lesser_rate(Checker *k, const Limit *lesser, int64_t least, const Limit *l, int64_t amount) {
  int64_t span, whole, most;
  if (!constant_value(lesser->per, &span) || !constant_value(l->per, &whole) || span <= 0 || whole <= 0) return NULL;
  if (span == whole && lesser->group.symbol == l->group.symbol) return NULL; /* said of limits that clash */
  if (__builtin_mul_overflow(least, rounds_up(whole, span), &most) || most > amount) return NULL;
  return arena_printf(k->c->arena, "%s is at most %lld x %lld = %lld in %s", limit_text(k, lesser), (long long)least,
                      (long long)rounds_up(whole, span), (long long)most, duration_text(k, whole));
}

/* Why `lesser` is always reached before l; NULL: it is not. */
static const char *why_void(Checker *k, const Limit *lesser, const Limit *l) {
  int64_t least, amount;
  if (lesser == l || lesser->mode != l->mode || l->mode == LIMIT_ALL_AT_ONCE || !covers(lesser, l)) return NULL;
  if (!constant_value(lesser->amount, &least) || !constant_value(l->amount, &amount) || least <= 0) return NULL;
  return l->mode == LIMIT_AT_ONCE ? lesser_at_once(k, lesser, least, l, amount) : lesser_rate(k, lesser, least, l, amount);
}

static const Limit *lesser_beside(Checker *k, const NodeList *limits, const Limit *l, const char **ret_why) {
  for (uint32_t i = 0; i < limits->len && i < COMPARED; i++)
    if ((*ret_why = why_void(k, (const Limit *)limits->items[i], l))) return (const Limit *)limits->items[i];
  return NULL;
}

bool void_beside(Checker *k, const NodeList *limits, const Limit *l) {
  const char *why;
  return lesser_beside(k, limits, l, &why) != NULL;
}

void report_void(Checker *k, const Limit *l, const Limit *lesser, const char *when, const char *why) {
  Diag *d = diag_new(k->c->sink, W_LIMIT_VOID, l->node.span, "`%s` can %s: %s", limit_text(k, l), when, why);
  diag_label(k->c->sink, d, lesser->node.span, "this is always reached first");
  diag_note(k->c->sink, d, "leave it out, or make it the lesser one");
}

void check_void_limits(Checker *k, const NodeList *limits) {
  const char *why;
  for (uint32_t i = 0; i < limits->len && i < COMPARED; i++) {
    const Limit *l = (const Limit *)limits->items[i], *lesser = lesser_beside(k, limits, l, &why);
    if (lesser) report_void(k, l, lesser, "never bind", why);
  }
}
