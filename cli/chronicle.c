/* chronicle: events that people and processes caused, and notes, merged by the event that they belong to. */
#include <config.h>

#include "cli/chronicle.h"

#include "cli/crowd.h"
#include "cli/missed.h"
#include "cli/output.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A note, or an event that a person or a process caused; texts are copies. */
typedef struct Entry {
  uint64_t seq;
  Loudness loudness;
  bool is_note, left;        /* left: in the inbox, nobody has taken it */
  Note note;
  Event event;
  int64_t idle;              /* of RESUMED: ms since the event before it */
  char *said, *text;         /* what the note or the event said; the sentence */
} Entry;

/* Entries that say the same, whatever stands between them. */
typedef struct Crowd { VEC(const Entry *) entries; } Crowd;

/* On how many an automation was locked or released, and on whom last. */
typedef struct Count { uint32_t n, entity; } Count;

typedef struct Chronicle {
  RunState *run;
  Story story;
  bool all;                      /* details are told too, not only counted */
  VEC(Entry) events, notes;      /* of details that are only counted: those that count, without a sentence */
  uint64_t last_note;            /* the event that it belongs to */
  int64_t last_note_at;
  uint32_t left_from;            /* the first of the events that nobody has taken */
  Count *locked, *released;      /* per automation: not told yet */
  int64_t locked_at, released_at; /* the last of them */
  uint32_t *done, *out;          /* per step */
  const Entry *before;           /* that was looked at before this one */
  int64_t last;                  /* of the event that was read before this one */
  int32_t day;                   /* the local day of the line before */
  MissedList missed;
  Note surprise;                 /* the last one */
  VEC(Crowd) crowds;             /* not told yet, in the order of their first entries */
  Buf *text;
} Chronicle;

/* ---- reading ---- */

static char *taken(Buf *text) {
  char *copy = xstrdup(text->data ? text->data : "");
  buf_done(text);
  return copy;
}

static int64_t entry_at(const Entry *e) { return e->is_note ? e->note.at : e->event.at; }

static void read_event(void *ctx, const Event *e, uint64_t seq) {
  Chronicle *c = ctx;
  Buf text = BUF_INIT;
  int64_t before = c->last;
  c->last = e->at;
  if (!story_event(&c->story, e, &text)) return;
  Entry entry = {.seq = seq, .loudness = STORY_EVENT, .event = *e, .idle = before ? e->at - before : 0, .said = e->text ? xstrdup(e->text) : NULL,
                 .text = taken(&text)};
  entry.event.text = entry.said;
  vec_push(&c->events, entry);
}

/* What an emergency does is told, whatever comes of it. Its line is one of the blocks of emergencies, whose code is behind all that runs. */
static bool of_emergency(const Program *p, const Note *n) {
  uint32_t first = UINT32_MAX;
  bool inside = false;
  for (uint32_t i = 0; i < p->emergencies_count; i++)
    if (p->emergencies[i].body < first) first = p->emergencies[i].body;
  for (uint32_t i = 0; i < p->lines_count && p->emergencies_count; i++) {
    if (p->lines[i].line != n->line || p->lines[i].pc < p->entry) continue;
    if (p->lines[i].pc < first) return false;
    inside = true;
  }
  return inside;
}

static bool is_counted(const Program *p, const Note *n) {
  if (n->kind == NOTE_ACTION_END) return n->value != OUT_OK || of_emergency(p, n);
  return n->kind == NOTE_LOCKED || n->kind == NOTE_RELEASED || n->kind == NOTE_MEMBER_END;
}

static void read_note(void *ctx, const Note *n, uint64_t seq) {
  Chronicle *c = ctx;
  Buf text = BUF_INIT;
  if ((unsigned)n->kind >= NOTE_KIND_COUNT) return;
  Loudness loudness = story_loudness(n);
  bool only_counted = loudness == STORY_DETAIL && !c->all;
  c->last_note = seq;
  c->last_note_at = n->at;
  if (only_counted && !is_counted(c->run->program, n)) return;
  if (!only_counted) story_note(&c->story, n, &text);
  char *said = loudness != STORY_DETAIL && n->text ? xstrdup(n->text) : NULL; /* details are told by their sentence only */
  Entry entry = {.seq = seq, .loudness = loudness, .is_note = true, .note = *n, .said = said, .text = only_counted ? NULL : taken(&text)};
  entry.note.text = entry.said;
  vec_push(&c->notes, entry);
}

/* What was said and nobody has taken stands behind everything, at the time of the last that was: no run has heard it. */
static void read_left(void *ctx, const Event *e) {
  Chronicle *c = ctx;
  Buf text = BUF_INIT;
  const Entry *event = c->left_from ? &c->events.items[c->left_from - 1] : NULL;
  bool is_event = event && event->seq > c->last_note;
  if (!story_event(&c->story, e, &text)) {
    buf_done(&text);
    return;
  }
  Entry entry = {.seq = is_event ? event->seq : c->last_note, .loudness = STORY_EVENT, .left = true, .event = *e, .said = e->text ? xstrdup(e->text) : NULL,
                 .text = taken(&text)};
  entry.event.text = entry.said;
  entry.event.at = is_event ? entry_at(event) : c->last_note_at;
  vec_push(&c->events, entry);
}

static bool read_all(Chronicle *c, RunState *r, bool all) {
  JournalError error = {0};
  *c = (Chronicle){.run = r, .story = run_story(r), .all = all, .day = INT32_MIN};
  c->locked = arena_new_array(r->arena, Count, r->program->automations_count);
  c->released = arena_new_array(r->arena, Count, r->program->automations_count);
  c->done = arena_new_array(r->arena, uint32_t, r->program->steps_count);
  c->out = arena_new_array(r->arena, uint32_t, r->program->steps_count);
  bool read = journal_replay(r->journal, read_event, c, &error) == 0 && journal_notes(r->journal, read_note, c, &error) == 0;
  c->left_from = c->events.len;
  if (!read || inbox_left(r->journal, read_left, c, &error) < 0) print_journal_error(&error);
  return read;
}

static void drop(Entry *e) {
  free(e->said);
  free(e->text);
}

static void drop_all(Chronicle *c) {
  for (uint32_t i = 0; i < c->events.len; i++) drop(&c->events.items[i]);
  for (uint32_t i = 0; i < c->notes.len; i++) drop(&c->notes.items[i]);
  vec_done(&c->events);
  vec_done(&c->notes);
  vec_done(&c->crowds);
  missed_done(&c->missed);
}

/* The next entry in order; an event comes before the notes that it caused. NULL at the end. */
static const Entry *next(const Chronicle *c, uint32_t *event, uint32_t *note) {
  bool more_events = *event < c->events.len, more_notes = *note < c->notes.len;
  bool left = more_events && *event >= c->left_from; /* behind every note */
  if (more_events && (!more_notes || (!left && c->events.items[*event].seq <= c->notes.items[*note].seq))) return &c->events.items[(*event)++];
  return more_notes ? &c->notes.items[(*note)++] : NULL;
}

/* ---- text ---- */

#define DAY_BYTES 10           /* "2026-01-05" of "2026-01-05 11:00:00 MST" */
#define ZONE_FROM 20           /* "MST" */

/* The lines have the day of the week: a day begins with its date, and with the zone that all times are of. */
static void day(Chronicle *c, int64_t at) {
  Buf date = BUF_INIT;
  int32_t today = zone_day(c->run->zone, at);
  if (today == c->day) return;
  c->day = today;
  zone_format(c->run->zone, at, &date);
  const char *zone = zone_name(c->run->zone), *abbreviation = date.data + ZONE_FROM;
  buf_printf(c->text, "%.*s, times are %s", DAY_BYTES, date.data, abbreviation);
  if (strcmp(zone, abbreviation) != 0) buf_printf(c->text, " (%s)", zone);
  buf_char(c->text, '\n');
  buf_done(&date);
}

static void line(Chronicle *c, int64_t at, const char *text, uint32_t number) {
  day(c, at);
  story_time(&c->story, at, c->text);
  buf_printf(c->text, "  %s", text);
  if (number) buf_printf(c->text, " (line %u)", number);
  buf_char(c->text, '\n');
}

static void tell_counted(Chronicle *c, int64_t at, Count *counts, const char *what) {
  const Program *p = c->run->program;
  for (uint32_t a = 0; a < p->automations_count; a++) {
    uint32_t kind = p->automations[a].kind;
    Buf text = BUF_INIT;
    if (counts[a].n == 0) continue;
    buf_printf(&text, "%s is %s on ", program_str(p, p->automations[a].name), what);
    if (counts[a].n == 1) story_entity(&c->story, kind, counts[a].entity, &text);
    else buf_printf(&text, "%u %s", counts[a].n, program_str(p, p->kinds[kind].plural));
    line(c, at, text.data, 0);
    counts[a].n = 0;
    buf_done(&text);
  }
}

static void tell_missed(Chronicle *c, Missed *m) {
  Buf text = BUF_INIT;
  missed_tell(m, &c->story, &text);
  line(c, m->at, text.data, 0);
  buf_done(&text);
}

/* The surprise has told already why there is no answer. */
static bool is_surprise(const Chronicle *c, const Note *n) {
  return n->value == OUT_UNKNOWN && c->surprise.at == n->at && c->surprise.entity == n->entity && c->surprise.kind_of_entity == n->kind_of_entity;
}

static void count(Chronicle *c, const Entry *e) {
  const Program *p = c->run->program;
  const Note *n = &e->note;
  if (n->kind == NOTE_ACTION_END && n->subject < p->actions_count && *story_name(&c->story, n->kind_of_entity, n->entity) && !is_surprise(c, n))
    missed_add(&c->missed, n);
  if (n->kind == NOTE_LOCKED && n->subject < p->automations_count) c->locked[n->subject] = (Count){c->locked[n->subject].n + 1, n->entity}, c->locked_at = n->at;
  if (n->kind == NOTE_RELEASED && n->subject < p->automations_count) c->released[n->subject] = (Count){c->released[n->subject].n + 1, n->entity}, c->released_at = n->at;
  if (n->kind == NOTE_MEMBER_END && n->subject < p->steps_count) {
    if (n->value == MEMBER_DONE) c->done[n->subject]++;
    else c->out[n->subject]++;
  }
}

/* The end of a step says how many came through it. */
static void step_end(Chronicle *c, const Entry *e) {
  Buf text = BUF_INIT;
  uint32_t step = e->note.subject;
  buf_str(&text, e->text);
  if (c->done[step] || c->out[step]) buf_printf(&text, "; %u done", c->done[step]);
  if (c->out[step]) buf_printf(&text, ", %u not", c->out[step]);
  c->done[step] = c->out[step] = 0;
  line(c, e->note.at, text.data, e->note.line);
  buf_done(&text);
}

#define PLAN_DIGITS 16
#define IDLE_TOLD 1000 /* ms: less is no gap in the story */

static void tell_event(Chronicle *c, const Entry *e, const char *sentence) {
  Buf text = BUF_INIT, gap = BUF_INIT;
  buf_printf(&text, "%s%s", e->left ? "left in its inbox: " : "", sentence);
  if (e->event.kind == EVENT_RESUMED && e->idle >= IDLE_TOLD)
    buf_printf(&text, ", %s after the last sign of life", show_duration(e->idle, &gap));
  line(c, e->event.at, text.data, 0);
  buf_done(&text);
  buf_done(&gap);
}

static void tell(Chronicle *c, const Entry *e) {
  if (!e->is_note) tell_event(c, e, e->text);
  else if (e->note.kind == NOTE_STEP_END && e->note.subject < c->run->program->steps_count) step_end(c, e);
  else line(c, e->note.at, e->text, e->note.line);
}

/* ---- many that say the same ---- */

static bool same(const Chronicle *c, const Entry *a, const Entry *b) {
  if (a->is_note != b->is_note || a->left != b->left) return false;
  return a->is_note ? crowd_same_note(&c->story, &a->note, &b->note) : crowd_same_event(&a->event, &b->event);
}

static uint32_t member_of(const Entry *e) { return e->is_note ? e->note.entity : e->event.entity; }

static void tell_together(Chronicle *c, const Crowd *crowd) {
  const Entry *first = crowd->entries.items[0];
  uint32_t count = crowd->entries.len, *members = xcalloc(count, sizeof *members);
  Buf names = BUF_INIT, text = BUF_INIT;
  for (uint32_t i = 0; i < count; i++) members[i] = member_of(crowd->entries.items[i]);
  crowd_names(&c->story, first->is_note ? first->note.kind_of_entity : first->event.kind_of_entity, members, count, &names);
  Note note = first->note;
  char *said = first->is_note ? crowd_said(&c->story, &note) : NULL;
  note.text = said;
  c->story.crowd = names.data;
  if (first->is_note) story_note(&c->story, &note, &text);
  else story_event(&c->story, &first->event, &text);
  c->story.crowd = NULL;
  crowd_until(&c->story, entry_at(first), entry_at(crowd->entries.items[count - 1]), &text);
  if (first->is_note) line(c, first->note.at, text.data, first->note.line);
  else tell_event(c, first, text.data);
  buf_done(&names);
  buf_done(&text);
  free(members);
  free(said);
}

/* A line that waits: one of these. */
typedef struct Waiting { int64_t at; uint32_t order; const Crowd *many; const Entry *one; Missed *missed; Count *counts; } Waiting;
typedef VEC(Waiting) WaitingLines;

static int by_time(const void *a, const void *b) {
  const Waiting *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

/* What goes along with its container is a name, not once more the whole sentence. */
static bool goes_along(const Entry *e) { return e->is_note && e->note.kind == NOTE_HANDED_OVER && e->note.value == 0; }

static void gather(Chronicle *c, WaitingLines *lines) {
  for (uint32_t i = 0; i < c->missed.len; i++) {
    Missed *m = &c->missed.items[i];
    if (missed_untold(m)) vec_push(lines, ((Waiting){.at = m->at, .order = lines->len, .missed = m}));
  }
  for (uint32_t i = 0; i < c->crowds.len; i++) {
    const Crowd *crowd = &c->crowds.items[i];
    bool many = crowd->entries.len >= CROWD_LEAST || goes_along(crowd->entries.items[0]);
    if (many) vec_push(lines, ((Waiting){.at = entry_at(crowd->entries.items[0]), .order = lines->len, .many = crowd}));
    for (uint32_t k = 0; !many && k < crowd->entries.len; k++)
      vec_push(lines, ((Waiting){.at = entry_at(crowd->entries.items[k]), .order = lines->len, .one = crowd->entries.items[k]}));
  }
  vec_push(lines, ((Waiting){.at = c->locked_at, .order = lines->len, .counts = c->locked}));
  vec_push(lines, ((Waiting){.at = c->released_at, .order = lines->len, .counts = c->released}));
}

static void tell_line(Chronicle *c, const Waiting *w) {
  if (w->counts) tell_counted(c, w->at, w->counts, w->counts == c->locked ? "locked" : "released");
  else if (w->missed) tell_missed(c, w->missed);
  else if (w->many) tell_together(c, w->many);
  else tell(c, w->one);
}

static void tell_waiting(Chronicle *c) {
  WaitingLines lines = {0};
  gather(c, &lines);
  qsort(lines.items, lines.len, sizeof *lines.items, by_time);
  for (uint32_t i = 0; i < lines.len; i++) tell_line(c, &lines.items[i]);
  vec_done(&lines);
  for (uint32_t i = 0; i < c->crowds.len; i++) vec_done(&c->crowds.items[i].entries);
  c->crowds.len = 0;
}

/* The first that waits has waited long enough: what comes now is another story. */
static bool late(const Chronicle *c, int64_t now) {
  return c->crowds.len && now - entry_at(c->crowds.items[0].entries.items[0]) >= CROWD_MS;
}

static Crowd *crowd_of(Chronicle *c, const Entry *e) {
  uint32_t first = c->crowds.len && e->is_note && crowd_follows(&e->note) ? c->crowds.len - 1 : 0;
  for (uint32_t i = c->crowds.len; i-- > first;)
    if (same(c, c->crowds.items[i].entries.items[0], e)) return &c->crowds.items[i];
  return NULL;
}

/* That somebody leaves the run was told by what made it leave: the word of another run, or the emergency. */
static bool told_already(const Entry *before, const Entry *e) {
  if (!before || !e->is_note || e->note.kind != NOTE_SET_ASIDE) return false;
  uint32_t kind = before->is_note ? before->note.kind_of_entity : before->event.kind_of_entity;
  bool why = before->is_note ? before->note.kind == NOTE_ALARM : before->event.kind == EVENT_CONTROL && before->event.value == CONTROL_PREEMPT;
  return why && kind == e->note.kind_of_entity && member_of(before) == e->note.entity && before->seq == e->seq;
}

/* Trouble may be told a little later, with more of its kind; what people and steps did stands where it happened. */
static void take(Chronicle *c, const Entry *e) {
  const Entry *before = c->before;
  if (e->loudness == STORY_DETAIL) {
    count(c, e);
    return;
  }
  c->before = e;
  if (told_already(before, e)) return;
  Crowd *crowd = crowd_of(c, e);
  bool waits = crowd && (e->loudness == STORY_TROUBLE || c->crowds.len == 1);
  if (e->is_note && e->note.kind == NOTE_SURPRISE) c->surprise = e->note;
  if (e->is_note && e->note.kind == NOTE_SET_ASIDE) missed_told_by_leaving(&c->missed, &e->note);
  if (!waits && (e->loudness != STORY_TROUBLE || late(c, entry_at(e)))) tell_waiting(c);
  if (e->is_note && e->note.kind == NOTE_STEP_BEGIN) missed_forget(&c->missed);
  if (!waits) {
    vec_push(&c->crowds, ((Crowd){0}));
    crowd = &c->crowds.items[c->crowds.len - 1];
  }
  vec_push(&crowd->entries, e);
}

void chronicle_head(const RunState *r, Buf *out) {
  buf_printf(out, "%s: %s\n%s, started by %s, plan %.*s\n", r->id, program_str(r->program, r->program->title),
             r->record.world == WORLD_LIVE ? "live" : "a drill: the fleet is simulated", r->record.by, PLAN_DIGITS, r->plan->digest);
  if (!*r->record.fails) return;
  Buf text = BUF_INIT;
  buf_printf(out, "its dry run %s\n", record_dry_run(&r->record, &text));
  buf_done(&text);
}

bool chronicle_text(RunState *r, bool all, Buf *out) {
  Chronicle c;
  bool ok = read_all(&c, r, all);
  uint32_t event = 0, note = 0;
  c.text = out;
  if (r->record.incident) {
    Buf text = BUF_INIT;
    buf_printf(&text, "for incident %llu: %s", (unsigned long long)r->record.incident, r->record.incident_text);
    line(&c, r->record.start, text.data, 0);
    buf_done(&text);
  }
  for (const Entry *e; ok && (e = next(&c, &event, &note));) {
    if (!all) take(&c, e);
    else if (e->is_note) line(&c, e->note.at, e->text, e->note.line);
    else tell_event(&c, e, e->text);
  }
  tell_waiting(&c);
  drop_all(&c);
  return ok;
}

/* ---- JSON ---- */

static json_t *entry_json(const Chronicle *c, const Entry *e) {
  static const char *const loudness[] = {"detail", "event", "trouble"};
  uint32_t kind = e->is_note ? e->note.kind_of_entity : e->event.kind_of_entity, entity = e->is_note ? e->note.entity : e->event.entity;
  return json_pack("{s:I,s:I,s:s,s:s,s:i,s:s,s:s,s:b}", "seq", (json_int_t)e->seq, "at_ms", (json_int_t)entry_at(e), "what",
                   e->is_note ? "note" : event_kind_text(e->event.kind), "loudness", loudness[e->loudness], "line", e->is_note ? (int)e->note.line : 0,
                   "member", story_name(&c->story, kind, entity), "text", e->text, "taken", !e->left);
}

bool chronicle_json(RunState *r, Buf *out) {
  Chronicle c;
  bool ok = read_all(&c, r, true);
  uint32_t event = 0, note = 0;
  json_t *root = json_array();
  for (const Entry *e; ok && (e = next(&c, &event, &note));)
    json_array_append_new(root, entry_json(&c, e));
  char *text = json_dumps(root, JSON_INDENT(1));
  buf_str(out, text);
  buf_char(out, '\n');
  free(text);
  json_decref(root);
  drop_all(&c);
  return ok;
}
