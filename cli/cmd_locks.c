/* locks: every lockout that stands, of every run: those of runs that go on, of runs whose process is dead, and of runs that ended
 * and handed them over. */
#include <config.h>

#include "cli/answer.h"
#include "cli/crowd.h"
#include "cli/locked.h"
#include "cli/output.h"
#include "cli/rundir.h"
#include "cli/standing.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPT_ALL, OPT_FORMAT, OPT_STATE };
static const Option options[] = {{"all", NULL, "a line for each, also where many stand for one reason"},
                                 {"format", "FORMAT", "text (default) or json"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {NULL, NULL, NULL}};

static const char *of(const Standing *s, StrId name) { return program_str(s->run.program, name); }

static const char *role(const Standing *s, const LockView *v) {
  return v->role < s->run.program->roles_count ? of(s, s->run.program->roles[v->role].name) : "nobody named";
}

/* ---- text ---- */

static void asked_text(const LockView *v, Buf *out) {
  if (!*v->asked_by) return;
  buf_str(out, "; to be broken, says ");
  answer_show(v->asked_by, out);
}

static void lock_text(const Standing *s, const LockView *v, Buf *out) {
  Buf text = BUF_INIT;
  const Program *p = s->run.program;
  buf_printf(out, "  %s %s %s: %s", of(s, p->automations[v->automation].name), of(s, p->kinds[v->kind].name),
             fleet_name(s->run.fleet, v->kind, v->entity), standing_word(v));
  if (v->stand == STAND_HANDED_OVER) buf_printf(out, " to %s", role(s, v));
  zone_format_short(s->run.zone, v->since, &text);
  buf_printf(out, ", since %s", text.data);
  buf_printf(out, " (%s), because %s", show_duration(standing_age(s, v), &text), v->because);
  if (*v->why) buf_printf(out, "; %s", v->why);
  asked_text(v, out);
  buf_char(out, '\n');
  buf_done(&text);
}

/* Many for one reason: one line of them all. */
static void group_text(const Standing *s, const LockGroup *g, Buf *out) {
  Buf text = BUF_INIT;
  LockView oldest = g->one;
  oldest.since = g->oldest;
  buf_str(out, "  ");
  locked_names(&s->run, g, out);
  buf_printf(out, ": %s", standing_word(&g->one));
  if (g->one.stand == STAND_HANDED_OVER) buf_printf(out, " to %s", role(s, &g->one));
  zone_format_short(s->run.zone, g->oldest, &text);
  buf_printf(out, ", the oldest since %s", text.data);
  buf_printf(out, " (%s), because %s", show_duration(standing_age(s, &oldest), &text), g->one.because);
  if (*g->one.why) buf_printf(out, "; %s", g->one.why);
  asked_text(&g->one, out);
  buf_char(out, '\n');
  buf_done(&text);
}

static bool in_group(const LockGroup *g, const LockView *v) {
  bool automation = false;
  for (uint32_t i = 0; i < g->automations.len; i++) automation |= g->automations.items[i] == v->automation;
  for (uint32_t i = 0; automation && i < g->members.len; i++)
    if (g->members.items[i] == v->entity) return g->one.kind == v->kind;
  return false;
}

static void locks_text(const Standing *s, Buf *out) {
  LockGroups groups;
  locked_groups(s->locks.items, s->locks.len, &groups);
  for (uint32_t i = 0; i < groups.items.len; i++) {
    const LockGroup *g = &groups.items.items[i];
    bool many = g->members.len >= CROWD_LEAST;
    if (many) group_text(s, g, out);
    for (uint32_t k = 0; !many && k < s->locks.len; k++)
      if (in_group(g, &s->locks.items[k])) lock_text(s, &s->locks.items[k], out);
  }
  locked_groups_done(&groups);
}

static void run_text(const Standing *s, bool all, Buf *out) {
  int64_t since;
  buf_printf(out, "%s: %s%s; on duty %s; %u lock%s\n", s->run.id, s->run.record.world == WORLD_LIVE ? "" : "a drill, ", standing_run(s),
             status_duty(&s->run, &since), s->locks.len, s->locks.len == 1 ? "" : "s");
  if (!all) locks_text(s, out);
  for (uint32_t i = 0; all && i < s->locks.len; i++) lock_text(s, &s->locks.items[i], out);
}

/* ---- JSON ---- */

static void run_json(const Standing *s, json_t *out) {
  const Program *p = s->run.program;
  int64_t since;
  for (uint32_t i = 0; i < s->locks.len; i++) {
    const LockView *v = &s->locks.items[i];
    json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:s,s:i}", "run", s->run.id, "run_state", standing_run(s),
                                         "world", s->run.record.world == WORLD_LIVE ? "live" : "drill", "on_duty", status_duty(&s->run, &since),
                                         "automation", of(s, p->automations[v->automation].name), "kind", of(s, p->kinds[v->kind].name),
                                         "member", fleet_name(s->run.fleet, v->kind, v->entity), "state", standing_word(v), "since_ms",
                                         (json_int_t)v->since, "age_ms", (json_int_t)standing_age(s, v), "because", v->because, "why", v->why,
                                         "hand_over_to", role(s, v), "break_asked_by", v->asked_by, "line", (int)v->line));
  }
}

/* ---- the verb ---- */

static ExitCode one_run(const char *dir, Format format, bool each, Buf *out, json_t *all) {
  Standing s;
  ExitCode code = standing_open(dir, &s);
  if (code != EXIT_DONE) fprintf(stderr, "tagout locks: %s cannot be read: what it locked is not in this list\n", rundir_id(dir));
  else if (format == FORMAT_JSON) run_json(&s, all);
  else if (s.locks.len) run_text(&s, each, out);
  standing_close(&s);
  return code;
}

static ExitCode list(const Args *args, Arena *arena, Format format) {
  const char *state = state_folder(arena, args->values[OPT_STATE]);
  const char *one = args->word_count ? rundir_find(arena, state, args->words[0]) : NULL;
  uint32_t count = 1;
  const char *const *dirs = args->word_count ? &one : rundir_all(arena, state, &count);
  ExitCode worst = args->word_count && !one ? EXIT_USAGE : EXIT_DONE;
  Buf out = BUF_INIT;
  json_t *all = json_array();
  for (uint32_t i = 0; i < count && dirs[i]; i++)
    if (one_run(dirs[i], format, args->values[OPT_ALL] != NULL, &out, all) != EXIT_DONE) worst = EXIT_USAGE;
  if (format == FORMAT_JSON) {
    char *text = json_dumps(all, JSON_INDENT(1));
    printf("%s\n", text);
    free(text);
  } else if (out.len || worst == EXIT_DONE) {
    fputs(out.len ? out.data : "no lock stands\n", stdout);
  }
  json_decref(all);
  buf_done(&out);
  return worst;
}

static ExitCode run(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], false, &format)) return EXIT_USAGE;
  Arena *arena = arena_new();
  ExitCode code = list(args, arena, format);
  arena_free(arena);
  return code;
}

const Verb verb_locks = {.name = "locks", .usage = "[options] [RUN]", .summary = "list every lockout that stands, of every run",
                         .help = "Of runs that go on, of runs whose process is dead, and of runs that have ended and handed them over: automation,\n"
                                 "member, state, age, reason, run. Those that stand on many members for one reason are one line, --all has each. A run that\n"
                                 "cannot be read is named, and the exit code is 2.",
                         .options = options, .least = 0, .most = 1, .run = run};
