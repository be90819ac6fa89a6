/* status_json: a run's state for programs. */
#include <config.h>

#include "cli/status.h"

#include "cli/binds.h"
#include "cli/answer.h"
#include "cli/embargo.h"
#include "cli/setting_view.h"

#include <jansson.h>
#include <stdlib.h>

static const char *of(const RunState *r, StrId name) { return program_str(r->program, name); }

static json_t *steps_json(const RunState *r) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < r->program->steps_count; i++) {
    const StepTally *t = &r->tally.steps[i];
    StepCount c = engine_step_count(r->engine, i);
    if (!t->begun) continue;
    json_array_append_new(out, json_pack("{s:s,s:I,s:o,s:i,s:i,s:i,s:i,s:i}", "name", of(r, r->program->steps[i].name), "begin_ms",
                                         (json_int_t)t->begin, "end_ms", t->ended ? json_integer(t->end) : json_null(), "total",
                                         (int)c.total, "waiting", (int)c.waiting, "busy", (int)c.busy, "done", (int)c.done, "out",
                                         (int)c.aside));
  }
  return out;
}

static json_t *locks_json(const RunState *r) {
  json_t *out = json_object();
  for (uint32_t a = 0; a < r->program->automations_count; a++)
    json_object_set_new(out, of(r, r->program->automations[a].name), json_integer(status_locks(r, a)));
  return out;
}

/* One object per question: a member of a gate, or a hold. */
static json_t *questions_json(RunState *r) {
  json_t *out = json_array();
  const Command *flights;
  uint64_t n = engine_in_flight(r->engine, &flights);
  Story story = run_story(r);
  for (uint64_t i = 0; i < n; i++) {
    const Command *c = &flights[i];
    if (c->kind != COMMAND_ASK) continue;
    uint64_t role = (uint64_t)c->args[0];
    json_array_append_new(out, json_pack("{s:I,s:s,s:s,s:s,s:I,s:s}", "command", (json_int_t)c->id, "gate", story_gate(&story, c->subject),
                                         "role", role < r->program->roles_count ? of(r, r->program->roles[role].name) : "", "member",
                                         story_name(&story, c->kind_of_entity, c->entity), "until_ms", (json_int_t)c->deadline, "text",
                                         c->text ? c->text : ""));
  }
  return out;
}

static json_t *evidence_json(const RunState *r) {
  json_t *out = json_array();
  Story story = run_story(r);
  for (uint32_t i = 0; i < r->tally.evidence.len; i++) {
    const EvidenceTally *e = &r->tally.evidence.items[i];
    bool is_signed;
    size_t len = answer_said(e->text, &is_signed);
    json_array_append_new(out, json_pack("{s:s,s:s,s:i,s:s%,s:b}", "gate", story_gate(&story, e->gate), "first",
                                         story_name(&story, e->kind, e->first), "members", (int)e->members, "text", e->text, len, "signed",
                                         (int)is_signed));
  }
  return out;
}

static json_t *trouble_json(const RunState *r) {
  json_t *out = json_array();
  Story story = run_story(r);
  for (uint32_t i = 0; i < r->tally.incidents.len; i++) {
    const Note *n = &r->tally.incidents.items[i];
    Buf text = BUF_INIT;
    story_note(&story, n, &text);
    json_array_append_new(out, json_pack("{s:I,s:s,s:i,s:s}", "at_ms", (json_int_t)n->at, "member",
                                         story_name(&story, n->kind_of_entity, n->entity), "line", (int)n->line, "text", text.data));
    buf_done(&text);
  }
  return out;
}

/* Who keeps the run from what, since when and why: by is "alice", or "alice: on the ladder". */
static void people_json(RunState *r, json_t *root) {
  int64_t since;
  const char *by;
  HeldMember held;
  json_t *members = json_array();
  for (uint32_t i = 0; engine_held(r->engine, i, &held); i++)
    json_array_append_new(members, json_pack("{s:s,s:s,s:I,s:s}", "kind", of(r, r->program->kinds[held.kind].name), "member",
                                             fleet_name(r->fleet, held.kind, held.entity), "since_ms", (json_int_t)held.since, "by", held.by));
  json_object_set_new(root, "held", members);
  if (engine_outcome(r->engine) == RUN_GOING) json_object_set_new(root, "holds", embargo_json(r));
  if (engine_paused(r->engine, &since, &by)) json_object_set_new(root, "pause", json_pack("{s:I,s:s}", "since_ms", (json_int_t)since, "by", by));
  uint32_t step = engine_stops_after(r->engine, &by);
  if (step != NONE_INDEX)
    json_object_set_new(root, "stop_after", json_pack("{s:s,s:s}", "step", of(r, r->program->steps[step].name), "by", by));
  if (r->record.incident)
    json_object_set_new(root, "incident", json_pack("{s:I,s:s,s:i}", "id", (json_int_t)r->record.incident, "text", r->record.incident_text, "joined", (int)r->tally.joined));
  by = status_duty(r, &since);
  json_object_set_new(root, "on_duty", json_pack("{s:s,s:I}", "by", by, "since_ms", (json_int_t)since));
}

static json_t *emergencies_json(const RunState *r) {
  json_t *out = json_array();
  EmergencyView view;
  for (uint32_t i = 0; engine_emergency(r->engine, i, &view); i++) {
    const EmergencyRow *e = &r->program->emergencies[view.row];
    json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:I,s:b}", "title", of(r, e->title), "condition", of(r, e->text), "kind",
                                         of(r, r->program->kinds[e->kind].name), "member", fleet_name(r->fleet, e->kind, view.entity), "since_ms",
                                         (json_int_t)view.since, "acts", view.acts));
  }
  return out;
}

void status_json(RunState *r, const char *owner, Buf *out) {
  Buf waits = BUF_INIT;
  uint32_t peak, now = engine_nodes_out(r->engine, &peak);
  const Command *flights;
  bool going = engine_outcome(r->engine) == RUN_GOING;
  json_t *root = json_pack(
      "{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:o,s:o,s:b,s:i,s:{s:i,s:i,s:I},s:s,s:I}", "format_version", 1, "id", r->id, "dir", r->dir,
      "runbook", of(r, r->program->name), "world", r->record.world == WORLD_LIVE ? "live" : "drill", "by", r->record.by, "outcome",
      run_outcome_sentence(engine_outcome(r->engine)), "reason", going ? "" : engine_reason(r->engine), "began_ms",
      (json_int_t)r->tally.began, "latest_ms", (json_int_t)r->tally.latest, "expected_end_ms",
      going ? json_integer(status_expected_end(r)) : json_null(), "owner", owner ? json_string(owner) : json_null(), "paused",
      engine_paused(r->engine, NULL, NULL), "resumes", (int)r->tally.resumes, "nodes_out", "now", (int)now, "peak", (int)peak, "at_most",
      (json_int_t)r->cap, "waits_for", going && r->tally.events ? engine_waiting_for(r->engine, r->now, &waits) : "", "in_flight",
      (json_int_t)engine_in_flight(r->engine, &flights));
  if (*r->record.fails)
    json_object_set_new(root, "dry_run", json_pack("{s:s,s:s}", "fails", r->record.fails, "despite", r->record.despite));
  json_object_set_new(root, "steps", steps_json(r));
  json_object_set_new(root, "locks", locks_json(r));
  json_object_set_new(root, "settings", setting_json(r));
  json_object_set_new(root, "questions", questions_json(r));
  json_object_set_new(root, "evidence", evidence_json(r));
  people_json(r, root);
  json_object_set_new(root, "emergencies", emergencies_json(r));
  json_object_set_new(root, "binds", binds_json(r));
  json_object_set_new(root, "messages_unanswered", json_integer(engine_untold(r->engine)));
  json_object_set_new(root, "trouble", trouble_json(r));
  char *text = json_dumps(root, JSON_INDENT(1));
  buf_str(out, text);
  buf_char(out, '\n');
  free(text);
  json_decref(root);
  buf_done(&waits);
}
