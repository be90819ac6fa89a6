/* chronicle: events that people and processes caused, and notes, merged by the event that they belong to. */
#include <config.h>

#include "cli/chronicle.h"

#include "cli/output.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Entry {
  uint64_t seq;
  int64_t at;
  Loudness loudness;
  const char *what;          /* "note", or the kind of the event */
  bool is_note;
  NoteKind kind;
  uint32_t subject, line, kind_of_entity, entity;
  int64_t value;
  char *text;
} Entry;

typedef struct Chronicle {
  RunState *run;
  Story story;
  VEC(Entry) events, notes;
  uint32_t left_from;            /* the first of the events that nobody has taken */
  uint32_t *locked, *released;   /* per automation: not told yet */
  uint32_t *done, *out;          /* per step */
  Buf *text;
} Chronicle;

/* ---- reading ---- */

static char *taken(Buf *text) {
  char *copy = xstrdup(text->data ? text->data : "");
  buf_done(text);
  return copy;
}

static void read_event(void *ctx, const Event *e, uint64_t seq) {
  Chronicle *c = ctx;
  Buf text = BUF_INIT;
  if (!story_event(&c->story, e, &text)) return;
  Entry entry = {.seq = seq, .at = e->at, .loudness = STORY_EVENT, .what = event_kind_text(e->kind), .subject = e->subject,
                 .kind_of_entity = e->kind_of_entity, .entity = e->entity, .text = taken(&text)};
  vec_push(&c->events, entry);
}

static void read_note(void *ctx, const Note *n, uint64_t seq) {
  Chronicle *c = ctx;
  Buf text = BUF_INIT;
  if ((unsigned)n->kind >= NOTE_KIND_COUNT) return;
  Loudness loudness = story_note(&c->story, n, &text);
  Entry entry = {.seq = seq, .at = n->at, .loudness = loudness, .what = "note", .is_note = true, .kind = n->kind, .subject = n->subject,
                 .line = n->line, .kind_of_entity = n->kind_of_entity, .entity = n->entity, .value = n->value, .text = taken(&text)};
  vec_push(&c->notes, entry);
}

/* What was said and nobody has taken stands behind everything, at the time of the last that was: no run has heard it. */
static void read_left(void *ctx, const Event *e) {
  Chronicle *c = ctx;
  Buf text = BUF_INIT;
  uint32_t taken_to = c->left_from;
  const Entry *note = c->notes.len ? &c->notes.items[c->notes.len - 1] : NULL, *event = taken_to ? &c->events.items[taken_to - 1] : NULL;
  const Entry *last = !note || (event && event->seq > note->seq) ? event : note;
  buf_str(&text, "left in its inbox: ");
  if (!story_event(&c->story, e, &text)) {
    buf_done(&text);
    return;
  }
  Entry entry = {.seq = last ? last->seq : 0, .at = last ? last->at : 0, .loudness = STORY_EVENT, .what = event_kind_text(e->kind), .subject = e->subject,
                 .kind_of_entity = e->kind_of_entity, .entity = e->entity, .text = taken(&text)};
  vec_push(&c->events, entry);
}

static bool read_all(Chronicle *c, RunState *r) {
  JournalError error = {0};
  *c = (Chronicle){.run = r, .story = run_story(r)};
  c->locked = arena_new_array(r->arena, uint32_t, r->program->automations_count);
  c->released = arena_new_array(r->arena, uint32_t, r->program->automations_count);
  c->done = arena_new_array(r->arena, uint32_t, r->program->steps_count);
  c->out = arena_new_array(r->arena, uint32_t, r->program->steps_count);
  bool read = journal_replay(r->journal, read_event, c, &error) == 0 && journal_notes(r->journal, read_note, c, &error) == 0;
  c->left_from = c->events.len;
  if (!read || inbox_left(r->journal, read_left, c, &error) < 0) print_journal_error(&error);
  return read;
}

static void drop_all(Chronicle *c) {
  for (uint32_t i = 0; i < c->events.len; i++) free(c->events.items[i].text);
  for (uint32_t i = 0; i < c->notes.len; i++) free(c->notes.items[i].text);
  vec_done(&c->events);
  vec_done(&c->notes);
}

/* The next entry in order; an event comes before the notes that it caused. NULL at the end. */
static const Entry *next(const Chronicle *c, uint32_t *event, uint32_t *note) {
  bool more_events = *event < c->events.len, more_notes = *note < c->notes.len;
  bool left = more_events && *event >= c->left_from; /* behind every note */
  if (more_events && (!more_notes || (!left && c->events.items[*event].seq <= c->notes.items[*note].seq))) return &c->events.items[(*event)++];
  return more_notes ? &c->notes.items[(*note)++] : NULL;
}

/* ---- text ---- */

static void line(Chronicle *c, int64_t at, const char *text, uint32_t number) {
  story_time(&c->story, at, c->text);
  buf_printf(c->text, "  %s", text);
  if (number) buf_printf(c->text, " (line %u)", number);
  buf_char(c->text, '\n');
}

static void tell_counted(Chronicle *c, int64_t at, uint32_t *counts, const char *what) {
  const Program *p = c->run->program;
  for (uint32_t a = 0; a < p->automations_count; a++) {
    char text[200];
    if (counts[a] == 0) continue;
    snprintf(text, sizeof text, "%s is %s on %u %s", program_str(p, p->automations[a].name), what, counts[a],
             program_str(p, p->kinds[p->automations[a].kind].plural));
    line(c, at, text, 0);
    counts[a] = 0;
  }
}

static void count(Chronicle *c, const Entry *e) {
  const Program *p = c->run->program;
  if (e->kind == NOTE_LOCKED && e->subject < p->automations_count) c->locked[e->subject]++;
  if (e->kind == NOTE_RELEASED && e->subject < p->automations_count) c->released[e->subject]++;
  if (e->kind == NOTE_MEMBER_END && e->subject < p->steps_count) {
    if (e->value == MEMBER_DONE) c->done[e->subject]++;
    else c->out[e->subject]++;
  }
}

/* The end of a step says how many came through it. */
static void step_end(Chronicle *c, const Entry *e) {
  Buf text = BUF_INIT;
  buf_str(&text, e->text);
  if (c->done[e->subject] || c->out[e->subject]) buf_printf(&text, "; %u done", c->done[e->subject]);
  if (c->out[e->subject]) buf_printf(&text, ", %u not", c->out[e->subject]);
  c->done[e->subject] = c->out[e->subject] = 0;
  line(c, e->at, text.data, e->line);
  buf_done(&text);
}

static void tell(Chronicle *c, const Entry *e) {
  tell_counted(c, e->at, c->locked, "locked");
  tell_counted(c, e->at, c->released, "released");
  if (e->is_note && e->kind == NOTE_STEP_END && e->subject < c->run->program->steps_count) step_end(c, e);
  else line(c, e->at, e->text, e->line);
}

bool chronicle_text(RunState *r, bool all, Buf *out) {
  Chronicle c;
  bool ok = read_all(&c, r);
  uint32_t event = 0, note = 0;
  c.text = out;
  for (const Entry *e; ok && (e = next(&c, &event, &note));) {
    if (all) line(&c, e->at, e->text, e->line);
    else if (e->loudness == STORY_DETAIL) count(&c, e);
    else tell(&c, e);
  }
  int64_t last = c.notes.len ? c.notes.items[c.notes.len - 1].at : 0;
  tell_counted(&c, last, c.locked, "locked");
  tell_counted(&c, last, c.released, "released");
  drop_all(&c);
  return ok;
}

/* ---- JSON ---- */

bool chronicle_json(RunState *r, Buf *out) {
  static const char *const loudness[] = {"detail", "event", "trouble"};
  Chronicle c;
  bool ok = read_all(&c, r);
  uint32_t event = 0, note = 0;
  json_t *root = json_array();
  for (const Entry *e; ok && (e = next(&c, &event, &note));)
    json_array_append_new(root, json_pack("{s:I,s:I,s:s,s:s,s:i,s:s,s:s}", "seq", (json_int_t)e->seq, "at_ms", (json_int_t)e->at, "what",
                                          e->what, "loudness", loudness[e->loudness], "line", (int)e->line, "member",
                                          story_name(&c.story, e->kind_of_entity, e->entity), "text", e->text));
  char *text = json_dumps(root, JSON_INDENT(1));
  buf_str(out, text);
  buf_char(out, '\n');
  free(text);
  json_decref(root);
  drop_all(&c);
  return ok;
}
