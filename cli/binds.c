/* binds: see binds.h. */
#include <config.h>

#include "cli/binds.h"

#include "runtime/bind_tally.h"

#include <jansson.h>

#define SHOWN 8u

static const char *str(const RunState *r, StrId id) { return program_str(r->program, id); }

static const char *name(const RunState *r, const Binding *b) {
  return b->service != NONE_INDEX ? str(r, r->program->services[b->service].name) : str(r, r->program->steps[b->step].name);
}

static void next(const RunState *r, const Binding *b, Buf *out) {
  bool ever = b->next != INT64_MAX;
  if (b->rule == BIND_WINDOW) buf_str(out, ever ? "it opens " : "no opening is left");
  else buf_str(out, ever ? "next place " : b->rule == BIND_OVERDUE ? "next place when one answers" : "next place when one ends");
  if (ever) zone_format_short(r->zone, b->next, out);
}

void binds_text(RunState *r, int label, Buf *out) {
  Binding all[SHOWN];
  uint32_t n = engine_bindings(r->engine, all, SHOWN);
  for (uint32_t i = 0; i < n; i++) {
    buf_printf(out, "  %-*s", label, i ? "" : "binds");
    bind_name(r->program, &all[i], out);
    buf_str(out, ": ");
    bind_limit(r->program, &all[i], out);
    buf_printf(out, "; %u wait; ", all[i].waiting);
    next(r, &all[i], out);
    buf_char(out, '\n');
  }
}

json_t *binds_json(RunState *r) {
  Binding all[SHOWN];
  uint32_t n = engine_bindings(r->engine, all, SHOWN);
  json_t *out = json_array();
  for (uint32_t i = 0; i < n; i++) {
    Buf text = BUF_INIT;
    bind_limit(r->program, &all[i], &text);
    json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:i,s:o,s:o}", "of", all[i].service != NONE_INDEX ? "service" : "step", "name",
                                         name(r, &all[i]), "limit", text.data, "waiting", (int)all[i].waiting, "next_ms",
                                         all[i].next == INT64_MAX ? json_null() : json_integer(all[i].next), "line",
                                         all[i].line ? json_integer(all[i].line) : json_null()));
    buf_done(&text);
  }
  return out;
}
