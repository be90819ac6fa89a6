/* setting_view: see setting_view.h. */
#include <config.h>

#include "cli/setting_view.h"

#include "cli/status.h"
#include "lang/utf8.h"

#include <string.h>

#define SHOWN 8u /* lines; the rest is counted */

static void value(const char *text, Buf *out) { utf8_show(text, strlen(text), 0, out); } /* a system may have said it */

void setting_text(RunState *r, int label, Buf *out) {
  Story story = run_story(r);
  SettingView v;
  uint32_t n = 0;
  for (; engine_setting(r->engine, n, &v); n++) {
    if (n >= SHOWN) continue;
    buf_printf(out, "  %-*s%s of ", label, n ? "" : "settings", program_str(r->program, r->program->settings[v.setting].name));
    story_entity(&story, v.kind, v.entity, out);
    buf_str(out, v.back ? " goes back to " : " is ");
    value(v.back ? v.was : v.is, out);
    buf_str(out, v.back ? " from " : " and was ");
    value(v.back ? v.is : v.was, out);
    buf_str(out, ", since ");
    zone_format_short(r->zone, v.since, out);
    buf_char(out, '\n');
  }
  if (n > SHOWN) buf_printf(out, "  %-*s%u more\n", label, "", n - SHOWN);
}

json_t *setting_json(RunState *r) {
  json_t *out = json_array();
  SettingView v;
  for (uint32_t i = 0; engine_setting(r->engine, i, &v); i++)
    json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:I,s:i}", "setting", program_str(r->program, r->program->settings[v.setting].name),
                                         "kind", program_str(r->program, r->program->kinds[v.kind].name), "member", fleet_name(r->fleet, v.kind, v.entity),
                                         "is", v.is, "was", v.was, "going_back", (int)v.back, "since_ms", (json_int_t)v.since, "line", (int)v.line));
  return out;
}
