/* plan_urgent: see plan_urgent.h. */
#include <config.h>

#include "runtime/plan_urgent.h"

#include "lang/waiver.h"

#include <jansson.h>

typedef bool Picks(const Program *p, uint32_t emergency, uint32_t action);

static bool names(const Program *p, uint32_t emergency, Picks *picks, const char *before, Buf *out) {
  bool any = false;
  for (uint32_t a = 0; a < p->actions_count; a++) {
    if (!picks(p, emergency, a)) continue;
    buf_printf(out, "%s%s", any ? ", " : before, program_str(p, p->actions[a].name));
    any = true;
  }
  return any;
}

void plan_urgent(const Program *p, int label, Buf *out) {
  for (uint32_t i = 0; i < p->emergencies_count; i++) {
    const EmergencyRow *e = &p->emergencies[i];
    const char *title = program_str(p, e->title);
    buf_printf(out, "  %-*s%s%s%s, at any %s (line %u)\n", label, i ? "" : "emergencies", title, *title ? ": " : "", program_str(p, e->text),
               program_str(p, p->kinds[e->kind].name), e->line);
    buf_printf(out, "  %-*spre-empts every run on it, past windows, holds and limits\n  %-*s", label, "", label, "");
    bool does = names(p, i, emergency_calls, "does ", out);
    bool skips = names(p, i, emergency_skips, does ? "; waits for no " : "waits for no ", out);
    buf_str(out, does || skips ? "\n" : "does nothing\n");
  }
}

static json_t *list(const Program *p, uint32_t emergency, Picks *picks) {
  json_t *out = json_array();
  for (uint32_t a = 0; a < p->actions_count; a++)
    if (picks(p, emergency, a)) json_array_append_new(out, json_string(program_str(p, p->actions[a].name)));
  return out;
}

json_t *plan_urgent_json(const Program *p) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < p->emergencies_count; i++) {
    const EmergencyRow *e = &p->emergencies[i];
    json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:i,s:b,s:o,s:o}", "title", program_str(p, e->title), "condition", program_str(p, e->text), "kind",
                                         program_str(p, p->kinds[e->kind].name), "line", (int)e->line, "pre_empts", 1, "does",
                                         list(p, i, emergency_calls), "skips", list(p, i, emergency_skips)));
  }
  return out;
}
