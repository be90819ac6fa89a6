/* desk_report: desks and their incidents, in text and in JSON. */
#include <config.h>

#include "cli/desk_report.h"

#include "cli/bring.h"
#include "cli/planning.h"
#include "lang/utf8.h"
#include "runtime/calendar.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_SHOWN 20u
#define LAST_JSON 1000u

/* ---- JSON ---- */

static json_t *incident_json(const Incident *i) {
  json_t *o = json_pack("{s:I,s:s,s:s,s:s,s:s,s:I,s:s}", "id", (json_int_t)i->id, "incident", i->name, "state", incident_state_text(i->state), "key", i->key, "way",
                        i->way, "at_ms", (json_int_t)i->at, "why", i->why);
  json_t *content = json_loads(i->content, 0, NULL);
  json_object_update(o, content);
  json_decref(content);
  if (*i->member) json_object_set_new(o, "member", json_string(i->member));
  if (*i->run) json_object_set_new(o, "run", json_string(i->run));
  if (*i->blocker) json_object_set_new(o, "waits_for_run", json_string(i->blocker));
  if (i->leader) json_object_set_new(o, "joins", json_integer((json_int_t)i->leader));
  if (i->begun) json_object_set_new(o, "begun_ms", json_integer((json_int_t)i->begun));
  if (i->ended) json_object_set_new(o, "ended_ms", json_integer((json_int_t)i->ended));
  if (i->state == INCIDENT_STARTED || i->state == INCIDENT_ENDED) json_object_set_new(o, "beyond_limit", json_boolean(i->over));
  return o;
}

char *desk_incident_json(const Incident *i) {
  json_t *o = incident_json(i);
  char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(o);
  return text;
}

/* ---- text ---- */

static void show_incident(const Incident *i, Buf *out) {
  buf_printf(out, "    %llu  ", (unsigned long long)i->id);
  if (*i->member) buf_printf(out, "%s, ", i->member);
  buf_str(out, incident_state_text(i->state));
  if (i->state == INCIDENT_JOINED) buf_printf(out, " %llu", (unsigned long long)i->leader);
  if (i->state == INCIDENT_STARTED && i->over) buf_str(out, " beyond the limit per member");
  if (*i->why) buf_printf(out, ": %s", i->why);
  if (*i->run && i->state != INCIDENT_JOINED) buf_printf(out, ", run %s", i->run);
  buf_str(out, "; came ");
  zone_format(zone_utc(), i->at, out);
  buf_char(out, ' ');
  utf8_show(i->way, strlen(i->way), 0, out);
  buf_char(out, '\n');
}

static void show_list(const char *title, const IncidentList *list, Buf *out) {
  buf_printf(out, "  %-11s %u\n", title, list->count);
  for (uint32_t i = 0; i < list->count; i++) show_incident(&list->items[i], out);
}

static void show_ways(const DeskRecord *r, Buf *out) {
  buf_str(out, "  ways in     `tagout incident`");
  if (*r->folder) buf_printf(out, ", files in %s", r->folder);
  if (*r->listen) buf_printf(out, ", POST http://%s/incidents", r->listen);
  buf_char(out, '\n');
}

typedef struct Lists { IncidentList waiting, going, last; } Lists;

static void show_desk(const DeskHome *h, const char *who, const Lists *l, Buf *out) {
  buf_printf(out, "%s: %s\n  plan        %s, stands since ", h->name, program_str(h->plan->program, h->form->title), h->record.plan_file);
  zone_format(zone_utc(), h->record.since, out);
  buf_printf(out, ", by %s\n  in hand     %s\n", h->record.by, who ? who : "nobody: incidents are kept, and wait until `tagout stand` serves them");
  show_ways(&h->record, out);
  buf_printf(out, "  keeps       what is over for %u day%s\n", h->record.keep_days, h->record.keep_days == 1 ? "" : "s");
  show_list("waiting", &l->waiting, out);
  show_list("under way", &l->going, out);
  show_list("the last", &l->last, out);
}

static json_t *list_json(const IncidentList *list) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < list->count; i++) json_array_append_new(out, incident_json(&list->items[i]));
  return out;
}

static json_t *desk_json(const DeskHome *h, const char *who, const Lists *l) {
  return json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:I,s:o,s:o,s:o}", "incident", h->name, "plan", h->record.plan_file, "digest", h->plan->digest, "since_ms",
                   (json_int_t)h->record.since, "in_hand", who ? who : "", "listen", h->record.listen, "folder", h->record.folder, "keep_days", (json_int_t)h->record.keep_days, "waiting",
                   list_json(&l->waiting), "under_way", list_json(&l->going), "last", list_json(&l->last));
}

/* ---- all of them ---- */

typedef struct Report { const char *state; Intake *intake; Arena *arena; Format format; json_t *json; Buf text; uint32_t count; } Report;

static bool read_lists(Report *r, const char *name, Lists *ret) {
  uint32_t last = r->format == FORMAT_JSON ? LAST_JSON : LAST_SHOWN;
  return intake_list(r->intake, name, INCIDENTS_TO_DECIDE, 0, r->arena, &ret->waiting) == 0 &&
         intake_list(r->intake, name, INCIDENTS_GOING, 0, r->arena, &ret->going) == 0 &&
         intake_list(r->intake, name, INCIDENTS_ALL, last, r->arena, &ret->last) == 0;
}

static bool add_desk(Report *r, const char *name) {
  DiagSink *sink = diag_sink_new(r->arena, NULL);
  DeskHome home;
  Lists lists;
  char who[160];
  bool ok = desk_open(r->state, name, sink, &home) == EXIT_DONE;
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (ok && !(ok = read_lists(r, name, &lists))) fprintf(stderr, "tagout: %s\n", intake_why(r->intake));
  if (ok) {
    const char *owner = desk_served(home.dir, who, sizeof who) ? who : NULL;
    if (r->format == FORMAT_JSON) json_array_append_new(r->json, desk_json(&home, owner, &lists));
    else show_desk(&home, owner, &lists, &r->text);
    r->count++;
  }
  desk_close(&home);
  return ok;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

/* Each name that a plan stands for, until one is not wanted any more. */
static bool each_name(const char *state, bool (*take)(void *ctx, const char *name), void *ctx) {
  struct dirent **names;
  bool ok = true;
  Buf folder = BUF_INIT;
  buf_printf(&folder, "%s/desks", state);
  int n = scandir(folder.data, &names, NULL, by_name);
  for (int i = 0; i < n; i++) {
    if (ok && desk_exists(state, names[i]->d_name)) ok = take(ctx, names[i]->d_name);
    free(names[i]);
  }
  if (n >= 0) free(names);
  buf_done(&folder);
  return ok;
}

static bool take_desk(void *ctx, const char *name) { return add_desk(ctx, name); }

static bool take_name(void *ctx, const char *name) {
  Buf *out = ctx;
  buf_printf(out, "%s`%s`", out->len ? ", " : "", name);
  return true;
}

void desk_names(const char *state, Buf *out) { each_name(state, take_name, out); }

static bool nothing_stands(const char *state, const char *name) {
  Buf others = BUF_INIT;
  desk_names(state, &others);
  fprintf(stderr, "tagout: no plan stands%s%s in %s; ", name ? " for " : "", name ? name : "", state);
  if (others.len) fprintf(stderr, "what stands is %s\n", others.data);
  else fprintf(stderr, "`tagout stand` makes one stand\n");
  buf_done(&others);
  return false;
}

static void print(Report *r) {
  if (r->format == FORMAT_JSON) {
    char *text = json_dumps(r->json, JSON_INDENT(1));
    printf("%s\n", text);
    free(text);
  } else if (r->text.len) fputs(r->text.data, stdout);
}

ExitCode desk_report(const char *state, const char *name, Format format) {
  Report r = {.state = state, .intake = bring_queue(state), .arena = arena_new(), .format = format, .json = json_array()};
  bool ok = r.intake && (name ? !desk_exists(state, name) || add_desk(&r, name) : each_name(state, take_desk, &r));
  if (ok && r.count == 0) ok = nothing_stands(state, name);
  if (ok) print(&r);
  json_decref(r.json);
  buf_done(&r.text);
  intake_close(r.intake);
  arena_free(r.arena);
  return ok ? EXIT_DONE : EXIT_USAGE;
}
