/* progress_tty: the view on a terminal, drawn over itself: head, a bar per step, what is out, what the run waits for, open
 * gates with the command that answers them, and at the bottom what went wrong last. It never scrolls and never wraps: lines
 * are cut to the width, and there are fewer of them than the terminal has rows. */
#include <config.h>

#include "cli/progress.h"

#include "cli/output.h"
#include "lang/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PERIOD_MS 100      /* at most ten pictures a second */
#define BAR_CELLS 24u
#define NAME_CELLS 12
#define GATES_SHOWN 3u
#define TROUBLE_SHOWN 6u
#define STEPS_SHOWN 8u
#define DEFAULT_ROWS 24u

typedef enum Paint { PAINT_PLAIN, PAINT_BOLD, PAINT_RED, PAINT_YELLOW, PAINT_GREEN } Paint;

typedef struct Tty {
  Progress progress;
  bool color;
  unsigned width, rows;
  Buf picture;               /* the lines of this picture with their colours */
  Buf line, scratch;
  VEC(uint32_t) cells;       /* width of each line that stands on the terminal now */
  uint32_t lines;            /* of the picture being made */
} Tty;

static const Program *program_of(const Tty *t) { return t->progress.run->program; }

/* ---- the terminal ---- */

static void measure(Tty *t) {
  struct winsize size;
  t->width = terminal_width(STDERR_FILENO);
  t->rows = isatty(STDERR_FILENO) && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row : DEFAULT_ROWS;
}

/* Back to the first line of the picture, however the terminal has broken its lines since. */
static void wipe(Tty *t, Buf *out) {
  uint32_t rows = 0;
  for (uint32_t i = 0; i < t->cells.len; i++) rows += t->cells.items[i] ? (t->cells.items[i] + t->width - 1) / t->width : 1;
  if (rows) buf_printf(out, "\r\033[%uA\033[J", rows);
  t->cells.len = 0;
}

static const char *const paints[] = {"", "\033[1m", "\033[31m", "\033[33m", "\033[32m"};

/* Ends the line being written: cut, coloured, counted. */
static void end_line(Tty *t, Paint paint) {
  Buf shown = BUF_INIT;
  if (t->lines + 1 < t->rows) {
    utf8_show_cut(t->line.data ? t->line.data : "", t->line.len, t->width - 1, &shown);
    bool painted = t->color && paint != PAINT_PLAIN;
    buf_printf(&t->picture, "%s%s%s\033[K\n", painted ? paints[paint] : "", shown.data ? shown.data : "", painted ? "\033[0m" : "");
    vec_push(&t->cells, (uint32_t)(shown.data ? utf8_cells(shown.data, shown.len, 0) : 0));
    t->lines++;
  }
  buf_done(&shown);
  buf_reset(&t->line);
}

/* ---- lines ---- */

static const char *duration(Tty *t, int64_t ms) { return show_duration(ms, &t->scratch); }

static void head(Tty *t) {
  const RunState *r = t->progress.run;
  int64_t end = status_expected_end(r), late = end - r->tally.began - r->record.expected_took;
  buf_printf(&t->line, "%s ", program_str(r->program, r->program->name));
  if (r->record.world == WORLD_LIVE) buf_str(&t->line, "live  ");
  else if (r->record.speed > 0) buf_printf(&t->line, "drill x%g  ", r->record.speed);
  else buf_str(&t->line, "drill  ");
  story_time(&t->progress.story, r->now, &t->line);
  buf_printf(&t->line, "  %s", duration(t, r->now - r->tally.began));
  buf_printf(&t->line, ", about %s to go", duration(t, end - r->now));
  if (late >= 60000) buf_printf(&t->line, ", %s late", duration(t, late));
  end_line(t, PAINT_BOLD);
}

static bool shown_step(const Tty *t, uint32_t i) {
  return t->progress.run->tally.steps[i].begun && program_of(t)->steps[i].fan != NONE_INDEX;
}

static void step_line(Tty *t, uint32_t i) {
  StepCount c = engine_step_count(t->progress.run->engine, i);
  buf_printf(&t->line, "  %-*.*s ", NAME_CELLS, NAME_CELLS, program_str(program_of(t), program_of(t)->steps[i].name));
  status_bar(c.total ? (double)(c.done + c.aside) / (double)c.total : 1, BAR_CELLS, &t->line);
  buf_printf(&t->line, "  %u/%u", c.done, c.total);
  if (c.busy) buf_printf(&t->line, "  %u busy", c.busy);
  if (c.waiting && c.busy) buf_printf(&t->line, "  %u waiting", c.waiting);
  if (c.aside) buf_printf(&t->line, "  %u out", c.aside);
  end_line(t, c.aside ? PAINT_YELLOW : t->progress.run->tally.steps[i].ended ? PAINT_GREEN : PAINT_PLAIN);
}

static void steps(Tty *t) {
  uint32_t all = 0, seen = 0;
  for (uint32_t i = 0; i < program_of(t)->steps_count; i++) all += shown_step(t, i);
  for (uint32_t i = 0; i < program_of(t)->steps_count; i++) {
    if (!shown_step(t, i) || ++seen + STEPS_SHOWN <= all) continue; /* the latest ones */
    step_line(t, i);
  }
}

static void numbers(Tty *t) {
  RunState *r = t->progress.run;
  uint32_t now = engine_nodes_out(r->engine, NULL), locks = 0, kind = engine_out_kind(r->engine);
  char what[NAME_CELLS + 1] = "";
  if (kind != NONE_INDEX) snprintf(what, sizeof what, "%s out", program_str(r->program, r->program->kinds[kind].plural));
  buf_printf(&t->line, "  %-*s ", NAME_CELLS, what);
  if (r->cap && kind != NONE_INDEX) {
    status_bar((double)now / (double)r->cap, BAR_CELLS, &t->line);
    buf_printf(&t->line, "  %u of at most %lld", now, (long long)r->cap);
  } else if (kind != NONE_INDEX) {
    buf_printf(&t->line, "%u", now);
  }
  for (uint32_t a = 0; a < r->program->automations_count; a++) locks += status_locks(r, a);
  if (locks) buf_printf(&t->line, "   %u locks held", locks);
  end_line(t, PAINT_PLAIN);
}

static void embargo(Tty *t) {
  EmbargoView w;
  if (!engine_embargo(t->progress.run->engine, 0, &w)) return;
  EmbargoCount c = engine_embargo_count(t->progress.run->engine);
  buf_printf(&t->line, "  %-*s %s, since ", NAME_CELLS, "held", w.why);
  story_time(&t->progress.story, w.since, &t->line);
  buf_printf(&t->line, "; %u at a safe point, %u go on, %u wait to start", c.parked, c.going, c.waiting);
  end_line(t, PAINT_YELLOW);
}

static void waits(Tty *t) {
  RunState *r = t->progress.run;
  buf_reset(&t->scratch);
  buf_printf(&t->line, "  %-*s %s", NAME_CELLS, "waits for", engine_waiting_for(r->engine, r->now, &t->scratch));
  end_line(t, PAINT_PLAIN);
  embargo(t);
  if (!engine_paused(r->engine, NULL, NULL)) return;
  buf_printf(&t->line, "  %-*s nothing new starts; `tagout go-on %s` goes on; in flight: ", NAME_CELLS, "paused", run_short(r));
  status_in_flight(r, &t->line);
  end_line(t, PAINT_YELLOW);
}

static void gates(Tty *t) {
  OpenGate open[GATES_SHOWN];
  uint32_t n = status_gates(t->progress.run, open, GATES_SHOWN);
  for (uint32_t i = 0; i < n; i++) {
    const OpenGate *g = &open[i];
    const char *role = g->role < program_of(t)->roles_count ? program_str(program_of(t), program_of(t)->roles[g->role].name) : "somebody";
    buf_printf(&t->line, "  %-*s %s asks %s", NAME_CELLS, "gate", story_gate(&t->progress.story, g->gate), role);
    if (g->members > 1) buf_printf(&t->line, " about %u members", g->members);
    buf_str(&t->line, ", until ");
    story_time(&t->progress.story, g->until, &t->line);
    end_line(t, PAINT_YELLOW);
    buf_printf(&t->line, "  %-*s ", NAME_CELLS, "");
    gate_command(t->progress.run, g, &t->line);
    end_line(t, PAINT_BOLD);
  }
}

static bool is_trouble(NoteKind k) { return k != NOTE_LEFT_OUT; }

static void trouble(Tty *t) {
  const Incidents *all = &t->progress.run->tally.incidents;
  uint32_t shown = 0, from = all->len, left = t->rows > t->lines + 2 ? t->rows - t->lines - 2 : 0, most = left < TROUBLE_SHOWN ? left : TROUBLE_SHOWN;
  while (from > 0 && shown < most) shown += is_trouble(all->items[--from].kind);
  for (uint32_t i = from; i < all->len; i++) {
    if (!is_trouble(all->items[i].kind)) continue;
    buf_str(&t->line, "! ");
    story_note(&t->progress.story, &all->items[i], &t->line);
    if (all->items[i].line) buf_printf(&t->line, " (line %u)", all->items[i].line);
    end_line(t, PAINT_RED);
  }
}

static void draw(Tty *t) {
  buf_reset(&t->picture);
  wipe(t, &t->picture);
  t->lines = 0;
  head(t);
  steps(t);
  numbers(t);
  waits(t);
  gates(t);
  trouble(t);
  fwrite(t->picture.data, 1, t->picture.len, stderr);
  fflush(stderr);
}

/* ---- the view ---- */

static void tick(Progress *p) {
  if (p->run->tally.events) draw((Tty *)p);
}

static void resized(Progress *p) {
  Tty *t = (Tty *)p;
  measure(t);
  tick(p);
}

static void say(Progress *p, const char *text) {
  Tty *t = (Tty *)p;
  Buf out = BUF_INIT;
  wipe(t, &out);
  buf_str(&out, text);
  fwrite(out.data, 1, out.len, stderr);
  buf_done(&out);
}

static void drop(Progress *p) {
  Tty *t = (Tty *)p;
  if (p->run->tally.events) draw(t); /* how it stood at the end stays on the screen */
  buf_done(&t->picture);
  buf_done(&t->line);
  buf_done(&t->scratch);
  vec_done(&t->cells);
  free(t);
}

Progress *progress_tty_new(RunState *run) {
  static const ProgressOps ops = {.period = PERIOD_MS, .tick = tick, .say = say, .resized = resized, .free = drop};
  Tty *t = xcalloc(1, sizeof *t);
  t->progress = (Progress){.ops = &ops, .run = run, .story = run_story(run)};
  t->color = wants_color(STDERR_FILENO);
  measure(t);
  return &t->progress;
}
