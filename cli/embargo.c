/* embargo: see embargo.h. */
#include <config.h>

#include "cli/embargo.h"

#include "cli/output.h"
#include "lang/utf8.h"

#include <string.h>

static void count(Buf *out, size_t from, uint32_t n, const char *what) {
  if (n) buf_printf(out, "%s%u %s", out->len == from ? "; " : ", ", n, what);
}

/* "; 12 racks at a safe point, 4 go on to one, 32 wait to start" */
static void counts(RunState *r, bool parks, Buf *out) {
  EmbargoCount c = engine_embargo_count(r->engine);
  if (c.kind == NONE_INDEX) return;
  const char *members = program_str(r->program, r->program->kinds[c.kind].plural);
  size_t from = out->len;
  Buf what = BUF_INIT;
  buf_printf(&what, "%s at a safe point", members);
  count(out, from, parks ? c.parked : 0, what.data);
  buf_reset(&what);
  if (out->len > from) buf_str(&what, "go on to one");
  else buf_printf(&what, "%s %s", members, parks ? "go on to a safe point" : "finish");
  count(out, from, parks ? c.going : c.going + c.parked, what.data);
  buf_reset(&what);
  if (out->len > from) buf_str(&what, "wait to start");
  else buf_printf(&what, "%s wait to start", members);
  count(out, from, c.waiting, what.data);
  buf_done(&what);
}

void embargo_text(RunState *r, int label, Buf *out) {
  EmbargoView w;
  Buf scratch = BUF_INIT;
  bool parks = false;
  uint32_t n = 0;
  for (; engine_embargo(r->engine, n, &w); n++) {
    if (n) buf_char(out, '\n');
    buf_printf(out, "  %-*s", label, n ? "" : "held");
    utf8_show(w.why, strlen(w.why), 0, out);
    buf_str(out, ", since ");
    zone_format_short(r->zone, w.since, out);
    buf_printf(out, " (%s)", show_duration(r->now - w.since, &scratch));
    parks |= w.parks;
  }
  if (n) counts(r, parks, out);
  if (n) buf_char(out, '\n');
  buf_done(&scratch);
}

json_t *embargo_json(RunState *r) {
  json_t *out = json_array();
  EmbargoView w;
  EmbargoCount c = engine_embargo_count(r->engine);
  for (uint32_t i = 0; engine_embargo(r->engine, i, &w); i++)
    json_array_append_new(out, json_pack("{s:s,s:s,s:b,s:I,s:i,s:i,s:i,s:i}", "condition",
                                         program_str(r->program, r->program->embargoes[w.row].text), "why", w.why, "unknown", (int)w.unknown,
                                         "since_ms", (json_int_t)w.since, "line", (int)r->program->embargoes[w.row].line, "at_safe_point",
                                         (int)c.parked, "going_on", (int)c.going, "waiting", (int)c.waiting));
  return out;
}
