/* bind_tally: see bind_tally.h. */
#include <config.h>

#include "runtime/bind_tally.h"

#include "lang/quantity.h"

#include <stdlib.h>

#define LOOK_EVERY INT64_C(60000)
#define LOOKS 1024u /* then half as often: a look goes along the lines */

static bool same(const Binding *a, const Binding *b) {
  return a->step == b->step && a->service == b->service && a->group == b->group && a->rule == b->rule && a->per == b->per && a->line == b->line;
}

static void add(BindTally *t, const Binding *b, int64_t ms) {
  uint32_t i = 0;
  while (i < t->count && !same(&t->shares[i].binding, b)) i++;
  if (i == BINDS_MOST) return;
  if (i == t->count) t->shares[t->count++] = (BindShare){.binding = *b};
  t->shares[i].ms += ms;
  if (b->waiting > t->shares[i].most) t->shares[i].most = b->waiting;
}

static void count_until(BindTally *t, int64_t at) {
  for (uint32_t i = 0; i < t->now_count; i++) add(t, &t->now[i], at - t->since);
  t->since = at;
}

void bind_tally_look(BindTally *t, Engine *e, int64_t at) {
  if (t->since && at - t->since < t->every) return;
  if (t->every == 0) t->every = LOOK_EVERY;
  if (++t->looks == LOOKS) {
    t->every *= 2;
    t->looks = LOOKS / 2;
  }
  count_until(t, at);
  t->now_count = engine_bindings(e, t->now, BINDS_MOST);
}

static int longest_first(const void *l, const void *r) {
  const BindShare *a = l, *b = r;
  if (a->ms != b->ms) return a->ms < b->ms ? 1 : -1;
  if (a->binding.step != b->binding.step) return a->binding.step < b->binding.step ? -1 : 1;
  return (a->binding.service > b->binding.service) - (a->binding.service < b->binding.service);
}

void bind_tally_end(BindTally *t, int64_t at) {
  count_until(t, at);
  if (t->count) qsort(t->shares, t->count, sizeof *t->shares, longest_first);
}

void bind_limit(const Program *p, const Binding *b, Buf *out) {
  switch (b->rule) {
  case BIND_WINDOW: buf_str(out, "the window is closed"); break;
  case BIND_AT_ONCE: buf_printf(out, "%u at once", b->amount); break;
  case BIND_OVERDUE: buf_printf(out, "at most %u overdue", b->amount); break;
  case BIND_TOLERANCE: buf_printf(out, "at most %u set aside, with what other runs have at work", b->amount); break;
  case BIND_RATE:
    buf_printf(out, "%u per ", b->amount);
    quantity_show(QUANTITY_DURATION, b->per, out);
    break;
  }
  if (b->group != NONE_INDEX) buf_printf(out, " per %s", program_str(p, p->kinds[b->group].name));
}

void bind_name(const Program *p, const Binding *b, Buf *out) {
  if (b->service != NONE_INDEX) buf_printf(out, "through %s", program_str(p, p->services[b->service].name));
  else buf_printf(out, "step %s", program_str(p, p->steps[b->step].name));
  if (b->line) buf_printf(out, ", inside (line %u)", b->line);
}
