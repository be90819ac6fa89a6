/* status: the numbers of a run, and its text. */
#include <config.h>

#include "cli/status.h"

#include "cli/answer.h"
#include "cli/binds.h"
#include "cli/crowd.h"
#include "cli/embargo.h"
#include "cli/evidence.h"
#include "cli/locked.h"
#include "cli/output.h"
#include "cli/setting_view.h"
#include "lang/utf8.h"
#include "runtime/approval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL 12
#define BAR_CELLS 20u
#define GATES_SHOWN 8u
#define OUT_SHOWN 12u

Story run_story(const RunState *r) { return (Story){.program = r->program, .fleet = r->fleet, .zone = r->zone}; }

/* ---- numbers ---- */

uint32_t status_locks(const RunState *r, uint32_t automation) {
  uint32_t kind = r->program->automations[automation].kind, n = 0;
  for (uint32_t e = 0; e < fleet_count(r->fleet, kind); e++) n += engine_locked(r->engine, automation, kind, e);
  return n;
}

/* Where the plan's dry run stood when this much of this step was done: what the run is late by, compared with that. */
static int64_t late_by(const RunState *r) {
  int64_t late = INT64_MIN;
  for (uint32_t i = 0; i < r->program->steps_count && i < r->record.expected_step_count; i++) {
    const StepTally *t = &r->tally.steps[i];
    ExpectedStep plan = r->record.expected_steps[i];
    if (!t->begun || plan.begin < 0) continue;
    StepCount c = engine_step_count(r->engine, i);
    uint32_t over = c.done + c.aside, all = c.total ? c.total : 1;
    int64_t planned = t->ended ? plan.end : plan.begin + (plan.end - plan.begin) * (int64_t)over / (int64_t)all;
    int64_t now = (t->ended ? t->end : r->now) - r->tally.began;
    if (t->ended || now > planned) late = now - planned;
  }
  return late == INT64_MIN ? 0 : late;
}

int64_t status_expected_end(const RunState *r) {
  int64_t end = r->tally.began + r->record.expected_took + late_by(r);
  return end > r->now ? end : r->now;
}

const char *status_duty(const RunState *r, int64_t *ret_since) {
  const char *by = engine_duty(r->engine, ret_since);
  if (*by) return by;
  *ret_since = r->tally.began;
  return r->record.by;
}

void status_bar(double fraction, unsigned cells, Buf *out) {
  unsigned full = fraction <= 0 ? 0 : fraction >= 1 ? cells : (unsigned)(fraction * (double)cells);
  buf_fill(out, '#', full);
  buf_fill(out, '-', cells - full);
}

/* ---- gates ---- */

static OpenGate *gate_slot(OpenGate *gates, uint32_t *count, uint32_t max, const Command *c) {
  for (uint32_t i = 0; c->subject != NONE_INDEX && i < *count; i++)
    if (gates[i].gate == c->subject) return &gates[i];
  if (*count == max) return NULL;
  gates[*count] = (OpenGate){.gate = c->subject, .role = (uint32_t)c->args[0], .kind = c->kind_of_entity, .first = c->entity,
                             .since = c->issued, .until = c->deadline, .command = c->id, .text = c->text};
  return &gates[(*count)++];
}

uint32_t status_gates(RunState *r, OpenGate *ret, uint32_t max) {
  const Command *flights;
  uint64_t n = engine_in_flight(r->engine, &flights);
  uint32_t count = 0;
  for (uint64_t i = 0; i < n; i++) {
    OpenGate *g = flights[i].kind == COMMAND_ASK ? gate_slot(ret, &count, max, &flights[i]) : NULL;
    if (g) g->members++;
  }
  return count;
}

void gate_command(const RunState *r, const OpenGate *g, Buf *out) {
  buf_printf(out, "tagout ack %s ", run_short(r));
  if (g->gate == NONE_INDEX) buf_printf(out, "%llu yes", (unsigned long long)g->command);
  else buf_printf(out, "%s yes%s", program_str(r->program, r->program->gates[g->gate].name), g->members > 1 ? " --all" : "");
  evidence_wanted(r->program, g->gate, out);
}

/* ---- in flight ---- */

static void more(Buf *out, size_t from, uint64_t n, const char *one, const char *many) {
  if (n) buf_printf(out, "%s%llu %s", out->len > from ? ", " : "", (unsigned long long)n, n == 1 ? one : many);
}

typedef struct Sorts { uint64_t readings, locks, questions, settings, permits; } Sorts;

static void add_sort(Sorts *s, CommandKind k) {
  s->readings += k == COMMAND_READ || k == COMMAND_METER || k == COMMAND_INSPECT || k == COMMAND_GET;
  s->locks += k == COMMAND_LOCK || k == COMMAND_UNLOCK;
  s->settings += k == COMMAND_SET;
  s->questions += k == COMMAND_ASK;
  s->permits += k == COMMAND_PERMIT || k == COMMAND_RISK || k == COMMAND_TALLY;
}

void status_flights(const RunState *r, FlightWanted *wanted, const void *ctx, Buf *out) {
  const Command *flights;
  uint64_t n = engine_in_flight(r->engine, &flights), *actions = xcalloc(r->program->actions_count + 1, sizeof *actions);
  size_t from = out->len;
  Sorts s = {0};
  for (uint64_t i = 0; i < n; i++) {
    if (wanted && !wanted(ctx, &flights[i])) continue;
    if (flights[i].kind == COMMAND_ACT) actions[flights[i].subject]++;
    else add_sort(&s, flights[i].kind);
  }
  for (uint32_t a = 0; a < r->program->actions_count; a++) {
    const char *name = program_str(r->program, r->program->actions[a].name);
    more(out, from, actions[a], name, name);
  }
  more(out, from, s.locks, "lock change", "lock changes");
  more(out, from, s.settings, "setting change", "setting changes");
  more(out, from, s.readings, "reading", "readings");
  more(out, from, s.questions, "open question", "open questions");
  more(out, from, s.permits, "entry in the fleet's ledger", "entries in the fleet's ledger");
  if (out->len == from) buf_str(out, "nothing");
  free(actions);
}

void status_in_flight(const RunState *r, Buf *out) { status_flights(r, NULL, NULL, out); }

/* ---- text ---- */

typedef struct Page { RunState *r; Story story; Buf *out; Buf scratch; } Page;

static void label(Page *p, const char *text) { buf_printf(p->out, "  %-*s", LABEL, text); }

static const char *duration(Page *p, int64_t ms) { return show_duration(ms, &p->scratch); }

static const char *moment(Page *p, int64_t at) {
  buf_reset(&p->scratch);
  zone_format_short(p->r->zone, at, &p->scratch);
  return p->scratch.data;
}

static void head(Page *p) {
  const RunState *r = p->r;
  buf_printf(p->out, "%s\n  %s\n  ", r->id, program_str(r->program, r->program->title));
  if (r->record.world == WORLD_LIVE) buf_str(p->out, "live");
  else if (r->record.speed > 0) buf_printf(p->out, "drill, %g times as fast", r->record.speed);
  else buf_str(p->out, "drill, as fast as possible");
  buf_printf(p->out, "; started by %s", r->record.by);
  if (r->tally.began) buf_printf(p->out, ", %s", moment(p, r->tally.began));
  if (r->tally.resumes) buf_printf(p->out, "; resumed %u time%s", r->tally.resumes, r->tally.resumes == 1 ? "" : "s");
  buf_char(p->out, '\n');
}

static void outcome(Page *p, const char *owner) {
  RunState *r = p->r;
  RunOutcome o = engine_outcome(r->engine);
  int64_t took = r->now - r->tally.began;
  if (o != RUN_GOING) {
    label(p, run_outcome_sentence(o));
    buf_printf(p->out, "after %s", duration(p, took));
    buf_printf(p->out, " (the plan said %s)", duration(p, r->record.expected_took));
    buf_printf(p->out, "%s%s\n", *engine_reason(r->engine) ? ": " : "", engine_reason(r->engine));
    return;
  }
  label(p, "going");
  buf_printf(p->out, "for %s of about ", duration(p, took));
  buf_printf(p->out, "%s; expected end ", duration(p, status_expected_end(r) - r->tally.began));
  buf_printf(p->out, "%s", moment(p, status_expected_end(r)));
  buf_printf(p->out, " (the plan said %s)\n", moment(p, r->tally.began + r->record.expected_took));
  label(p, "in hand");
  if (owner) buf_printf(p->out, "%s\n", owner);
  else buf_printf(p->out, "nobody since %s: its process is gone. `tagout resume %s` goes on\n", moment(p, r->tally.latest), run_short(r));
}

/* What a person said may hold anything: it is shown, not obeyed. */
static void said_by(Page *p, const char *by) {
  const char *who = *by ? by : "nobody named";
  buf_str(p->out, "by ");
  utf8_show(who, strlen(who), 0, p->out);
}

static void people(Page *p) {
  const RunState *r = p->r;
  int64_t since;
  const char *by = status_duty(r, &since);
  HeldMember held;
  label(p, "on duty");
  utf8_show(by, strlen(by), 0, p->out);
  buf_printf(p->out, since ? ", since %s\n" : "\n", since ? moment(p, since) : "");
  if (engine_paused(r->engine, &since, &by)) {
    label(p, "paused");
    said_by(p, by);
    buf_printf(p->out, ", since %s; `tagout go-on %s` goes on\n", moment(p, since), run_short(r));
  }
  uint32_t step = engine_stops_after(r->engine, &by);
  if (step != NONE_INDEX) {
    label(p, "stops");
    buf_printf(p->out, "after step %s, ", program_str(r->program, r->program->steps[step].name));
    said_by(p, by);
    buf_printf(p->out, "; `tagout go-on %s` takes that back\n", run_short(r));
  }
  for (uint32_t i = 0; engine_held(r->engine, i, &held); i++) {
    label(p, i ? "" : "held");
    story_entity(&p->story, held.kind, held.entity, p->out);
    buf_char(p->out, ' ');
    said_by(p, held.by);
    buf_printf(p->out, ", since %s; `tagout unhold %s %s`\n", moment(p, held.since), run_short(r), fleet_name(r->fleet, held.kind, held.entity));
  }
}

typedef struct Letters { Page *page; Event first; VEC(uint32_t) members; char *said; } Letters;

static void letters_told(Letters *l) {
  Page *p = l->page;
  Buf text = BUF_INIT, names = BUF_INIT;
  if (l->members.len == 0) return;
  Story story = p->story;
  if (l->members.len > 1) {
    crowd_names(&story, l->first.kind_of_entity, l->members.items, l->members.len, &names);
    story.crowd = names.data;
  }
  if (story_event(&story, &l->first, &text)) {
    label(p, "not taken");
    buf_printf(p->out, "%s\n", text.data);
  }
  l->members.len = 0;
  free(l->said);
  buf_done(&text);
  buf_done(&names);
}

static void left(void *ctx, const Event *e) {
  Letters *l = ctx;
  if (l->members.len > 0 && !crowd_same_event(&l->first, e)) letters_told(l);
  if (l->members.len == 0) {
    l->first = *e;
    l->first.text = l->said = e->text ? xstrdup(e->text) : NULL;
  }
  vec_push(&l->members, e->entity);
}

/* What people said while nobody has the run in hands: whoever resumes it takes that first. */
static void mail(Page *p) {
  JournalError error = {0};
  Letters l = {.page = p};
  if (inbox_left(p->r->journal, left, &l, &error) < 0) print_journal_error(&error);
  letters_told(&l);
  vec_done(&l.members);
}

static void steps(Page *p) {
  const Program *program = p->r->program;
  for (uint32_t i = 0; i < program->steps_count; i++) {
    StepCount c = engine_step_count(p->r->engine, i);
    if (!p->r->tally.steps[i].begun || program->steps[i].fan == NONE_INDEX) continue;
    label(p, program_str(program, program->steps[i].name));
    status_bar(c.total ? (double)(c.done + c.aside) / (double)c.total : 1, BAR_CELLS, p->out);
    buf_printf(p->out, " %u of %u", c.done, c.total);
    if (c.busy) buf_printf(p->out, ", %u busy", c.busy);
    if (c.aside) buf_printf(p->out, ", %u out", c.aside);
    buf_char(p->out, '\n');
  }
}

static void numbers(Page *p, bool going) {
  RunState *r = p->r;
  uint32_t peak, now = engine_nodes_out(r->engine, &peak), shown = 0, kind = engine_out_kind(r->engine);
  if (kind != NONE_INDEX) {
    label(p, arena_printf(r->arena, "%s out", program_str(r->program, r->program->kinds[kind].plural)));
    buf_printf(p->out, "%u", now);
    if (r->cap) buf_printf(p->out, " of at most %lld", (long long)r->cap);
    buf_printf(p->out, ", %u at the most\n", peak);
  }
  if (!going) return;
  label(p, "locks");
  for (uint32_t a = 0; a < r->program->automations_count; a++) {
    uint32_t n = status_locks(r, a);
    if (n) buf_printf(p->out, "%s%s %u", shown++ ? ", " : "", program_str(r->program, r->program->automations[a].name), n);
  }
  buf_str(p->out, shown ? "\n" : "none stand\n");
}

/* What a yes takes, in a live run: signatures, or somebody's word. */
static void signatures(Page *p, uint32_t role) {
  const RunState *r = p->r;
  if (r->record.world != WORLD_LIVE || role >= r->program->roles_count) return;
  const SiteSigners *s = site_role(r->plan->site, program_str(r->program, r->program->roles[role].name));
  if (s && *s->signers) buf_printf(p->out, ", %u to sign", s->quorum);
  else buf_str(p->out, ", unsigned");
}

static void open_gates(Page *p) {
  OpenGate gates[GATES_SHOWN];
  uint32_t n = status_gates(p->r, gates, GATES_SHOWN);
  for (uint32_t i = 0; i < n; i++) {
    const OpenGate *g = &gates[i];
    label(p, g->gate == NONE_INDEX ? "question" : "gate");
    if (g->gate != NONE_INDEX) buf_printf(p->out, "%s: ", story_gate(&p->story, g->gate));
    buf_printf(p->out, "%s is asked until %s", g->role < p->r->program->roles_count ? program_str(p->r->program, p->r->program->roles[g->role].name) : "somebody",
               moment(p, g->until));
    if (g->members > 1) buf_printf(p->out, " about %u members", g->members);
    signatures(p, g->role);
    buf_printf(p->out, ": %s\n", g->text ? g->text : "");
    label(p, "");
    gate_command(p->r, g, p->out);
    buf_char(p->out, '\n');
  }
}

/* The last lines of trouble, what happened to many at once being one of them. */
static void out_lines(Page *p) {
  const Incidents *all = &p->r->tally.incidents;
  CrowdLines lines;
  crowd_lines(&p->story, all->items, all->len, &lines);
  uint32_t count = lines.lines.len, from = count > OUT_SHOWN ? count - OUT_SHOWN : 0;
  if (from) {
    label(p, "trouble");
    buf_printf(p->out, "%u earlier line%s: `tagout log %s`\n", from, from == 1 ? "" : "s", run_short(p->r));
  }
  for (uint32_t i = from; i < count; i++) {
    label(p, i == 0 ? "trouble" : "");
    crowd_line(&p->story, &lines, i, p->out);
  }
  crowd_lines_done(&lines);
}

/* Of a run of a standing runbook: which incident it is for, and who joined it. */
static void incident_lines(Page *p) {
  const RunState *r = p->r;
  if (!r->record.incident) return;
  label(p, "incident");
  buf_printf(p->out, "%llu: ", (unsigned long long)r->record.incident);
  utf8_show(r->record.incident_text, strlen(r->record.incident_text), 0, p->out);
  if (r->tally.joined) {
    buf_char(p->out, '\n');
    label(p, "joined by");
    buf_printf(p->out, "%u, the last is ", r->tally.joined);
    utf8_show(r->tally.joined_last, strlen(r->tally.joined_last), 0, p->out);
  }
  buf_char(p->out, '\n');
}

/* Those whose condition reads true now. */
static void emergencies(Page *p) {
  EmergencyView view;
  for (uint32_t i = 0; engine_emergency(p->r->engine, i, &view); i++) {
    const EmergencyRow *e = &p->r->program->emergencies[view.row];
    const char *title = program_str(p->r->program, e->title);
    label(p, i ? "" : "EMERGENCY");
    buf_printf(p->out, "%s%s%s, at %s; %s ", title, *title ? ": " : "", program_str(p->r->program, e->text), story_name(&p->story, e->kind, view.entity),
               view.acts ? "acts since" : "acted last");
    story_time(&p->story, view.since, p->out);
    buf_char(p->out, '\n');
  }
}

static void evidence_lines(Page *p) {
  const Tally *t = &p->r->tally;
  uint32_t from = t->evidence.len > GATES_SHOWN ? t->evidence.len - GATES_SHOWN : 0;
  for (uint32_t i = from; i < t->evidence.len; i++) {
    const EvidenceTally *e = &t->evidence.items[i];
    label(p, i == from ? "evidence" : "");
    buf_printf(p->out, "%s: yes", story_gate(&p->story, e->gate));
    if (e->members > 1) buf_printf(p->out, " for %u members", e->members);
    else if (*story_name(&p->story, e->kind, e->first)) buf_printf(p->out, " for %s", story_name(&p->story, e->kind, e->first));
    buf_str(p->out, " by ");
    answer_show(e->text, p->out);
    buf_char(p->out, '\n');
  }
}

/* Whoever did tell people has died or given up. */
static void untold(Page *p) {
  uint32_t n = engine_untold(p->r->engine);
  if (n == 0) return;
  label(p, "messages");
  buf_printf(p->out, "%u may not have come: `tagout resume %s` sends %s again\n", n, run_short(p->r), n == 1 ? "it" : "them");
}

static void dry_run_line(Page *p) {
  if (!*p->r->record.fails) return;
  label(p, "dry run");
  buf_printf(p->out, "%s\n", record_dry_run(&p->r->record, &p->scratch));
}

void status_text(RunState *r, const char *owner, Buf *out) {
  Page p = {.r = r, .story = run_story(r), .out = out};
  bool going = engine_outcome(r->engine) == RUN_GOING;
  head(&p);
  outcome(&p, owner);
  if (going) emergencies(&p);
  incident_lines(&p);
  dry_run_line(&p);
  if (going) people(&p);
  if (going) embargo_text(r, LABEL, out);
  if (going && !owner) mail(&p);
  steps(&p);
  numbers(&p, going);
  setting_text(r, LABEL, out);
  if (going) {
    Buf text = BUF_INIT;
    label(&p, "waits for");
    buf_printf(out, "%s\n", r->tally.events ? engine_waiting_for(r->engine, r->now, &text) : "its first event");
    label(&p, "in flight");
    status_in_flight(r, out);
    buf_char(out, '\n');
    binds_text(r, LABEL, out);
    open_gates(&p);
    buf_done(&text);
  }
  evidence_lines(&p);
  out_lines(&p);
  if (!owner) untold(&p);
  if (!going) locked_aftermath(r, owner, LABEL, out);
  buf_done(&p.scratch);
}
