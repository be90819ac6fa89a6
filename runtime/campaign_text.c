/* campaign_text: a calendar for people: the verdict first, at most 24 lines of 80 columns. Days on which nobody begins share a
 * line; where there are more lines than room, the last says how many days it leaves out. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <string.h>

#define LINES 24u
#define COLUMNS 80u
#define LABEL 12
#define MOST_RELAXATIONS 5u
#define MOST_CHANGES 4u

typedef struct Screen { const CampaignPlan *p; Buf *out; uint32_t lines; size_t begin; } Screen;

static void end_line(Screen *s) {
  buf_char(s->out, '\n');
  s->lines++;
  s->begin = s->out->len;
}

static void label(Screen *s, const char *text) { buf_printf(s->out, "  %-*s", LABEL, text); }

static uint32_t cells(const Screen *s) { return (uint32_t)(s->out->len - s->begin); }

/* A text that may be longer than what is left of the line: at a blank to the next, behind the label's columns. */
static void wrapped(Screen *s, const char *text) {
  while (strlen(text) > COLUMNS - cells(s)) {
    size_t n = COLUMNS - cells(s);
    while (n > 0 && text[n] != ' ') n--;
    if (n == 0) break;
    buf_add(s->out, text, n);
    text += n + 1;
    end_line(s);
    label(s, "");
  }
  buf_str(s->out, text);
  end_line(s);
}

static void put_day(Screen *s, uint32_t day) {
  buf_printf(s->out, "%s ", campaign_weekday(s->p->facts, day));
  campaign_date(s->p->facts, day, s->out);
}

/* ---- the summary ---- */

static void work(Screen *s) {
  const CampaignFacts *f = s->p->facts;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < f->count; i++) sum += f->members[i].nodes;
  label(s, "work");
  buf_printf(s->out, "%u %s, %llu %s", f->count, f->count == 1 ? f->member : f->member_plural, (unsigned long long)sum, f->unit_plural);
  if (f->phases > 1) buf_printf(s->out, "; %u phases, the next when %s", f->phases, f->levers.phases == PHASE_BY_START ? "started" : "done");
  end_line(s);
}

static void bound(Screen *s) {
  const CampaignBound *b = &s->p->calendar->bound;
  Buf why = BUF_INIT;
  if (b->days == CAMPAIGN_NEVER) return; /* the verdict says it */
  label(s, "bound");
  buf_printf(&why, "%u days", b->days);
  if (s->p->calendar->unplaced == 0 && s->p->calendar->days == b->days) buf_str(&why, ", and no calendar is shorter");
  else if (s->p->calendar->unplaced == 0) buf_printf(&why, "; this one is %u longer", s->p->calendar->days - b->days);
  buf_printf(&why, ": %s", b->why);
  wrapped(s, why.data);
  buf_done(&why);
}

static void peak(Screen *s) {
  const CampaignPlan *p = s->p;
  const CampaignLevers *l = &p->facts->levers;
  if (p->peak == 0) return;
  uint32_t cap = l->per_day < l->at_once ? l->per_day : l->at_once;
  label(s, "peak out");
  buf_printf(s->out, "%u %s", p->peak, p->facts->unit_plural);
  if (cap != CAMPAIGN_NEVER) buf_printf(s->out, " of at most %u", cap);
  buf_str(s->out, ", on ");
  put_day(s, p->peak_day);
  end_line(s);
}

#define MOST_BINDS 16u  /* rules that are told apart */

typedef struct Bound { Buf text; uint32_t days; } Bound;

static void count_bound(Bound *all, uint32_t *count, const Buf *text) {
  uint32_t k = 0;
  while (k < *count && strcmp(all[k].text.data, text->data) != 0) k++;
  if (k == MOST_BINDS) return;
  if (k == (*count)++) buf_add(&all[k].text, text->data, text->len);
  else --*count;
  all[k].days++;
}

/* How many days each rule binds, the most first. */
static void binds(Screen *s) {
  const CampaignPlan *p = s->p;
  Bound all[MOST_BINDS] = {0};
  Buf line = BUF_INIT, one = BUF_INIT;
  uint32_t n = 0;
  for (uint32_t day = p->today; day < p->days; day++) {
    buf_reset(&one);
    campaign_why_text(p, p->binds[day], &one);
    count_bound(all, &n, &one);
  }
  for (uint32_t done = 0; done < n; done++) {
    Bound *most = &all[0];
    for (uint32_t k = 1; k < n; k++)
      if (all[k].days > most->days) most = &all[k];
    buf_printf(&line, done ? ", %s on %u" : "%s on %u", most->text.data, most->days);
    if (done == 0) buf_printf(&line, " of %u days", p->days - p->today);
    most->days = 0;
  }
  label(s, "binds");
  wrapped(s, line.data ? line.data : "nothing");
  for (uint32_t k = 0; k < n; k++) buf_done(&all[k].text);
  buf_done(&one);
  buf_done(&line);
}

static void relaxations(Screen *s) {
  Buf text = BUF_INIT;
  const CampaignPlan *p = s->p;
  if (p->verdict != CAMPAIGN_MISSES && p->verdict != CAMPAIGN_CANNOT) return;
  if (p->relaxed_late) {
    label(s, "one of");
    wrapped(s, "no single line meets the deadline; these give all a place:");
  }
  for (uint32_t i = 0; i < p->relaxation_count && i < MOST_RELAXATIONS; i++) {
    buf_reset(&text);
    campaign_relaxation_text(p, &p->relaxations[i], &text);
    label(s, i || p->relaxed_late ? "" : "one of");
    wrapped(s, text.data);
  }
  if (p->relaxation_count == 0) {
    label(s, "one of");
    wrapped(s, "no single line, said otherwise, makes it possible");
  }
  buf_done(&text);
}

/* ---- against what was published ---- */

static const CalendarVisit *first_moved(const CampaignPlan *p, uint32_t member) {
  const CalendarMember *m = &p->members[member];
  for (uint32_t i = 0; i < m->visit_count; i++) {
    const CalendarVisit *v = &p->visits[m->first_visit + i];
    if (v->before != CAMPAIGN_NEVER && v->before != v->day) return v;
  }
  return NULL;
}

static void changes(Screen *s) {
  const CampaignPlan *p = s->p;
  uint32_t said = 0;
  Buf text = BUF_INIT;
  if (!p->published) return;
  buf_printf(&text, "other days for %u of %u %s", p->moved, p->facts->count, p->facts->member_plural);
  for (uint32_t i = 0; i < p->facts->count; i++) {
    const CalendarVisit *v = first_moved(p, i);
    if (!v || said++ >= MOST_CHANGES) continue;
    buf_printf(&text, said == 1 ? ": %s%s " : ", %s%s ", p->facts->members[i].name, p->members[i].failed ? " (failed)" : "");
    campaign_date(p->facts, v->before, &text);
    buf_str(&text, " -> ");
    campaign_date(p->facts, v->day, &text);
  }
  if (said > MOST_CHANGES) buf_printf(&text, ", and %u more", said - MOST_CHANGES);
  label(s, "changes");
  wrapped(s, text.data);
  buf_done(&text);
}

/* ---- day by day ---- */

typedef struct DayLine { uint32_t first, last, starts, rolling, out; } DayLine;

static DayLine look_at(const CampaignPlan *p, uint32_t day) {
  DayLine d = {.first = day, .last = day, .out = p->out[day]};
  for (uint32_t i = 0; i < p->visit_count; i++) {
    if (p->visits[i].day != day) continue;
    if (p->visits[i].number == 1) d.starts++;
    else d.rolling++;
  }
  return d;
}

static DayLine days_from(const CampaignPlan *p, uint32_t day) {
  DayLine d = look_at(p, day);
  for (; d.starts == 0 && d.last + 1 < p->days; d.last++) {
    DayLine next = look_at(p, d.last + 1);
    if (next.starts || d.last + 1 == p->today) break;
    if (next.out > d.out) d.out = next.out;
    if (next.rolling > d.rolling) d.rolling = next.rolling;
  }
  return d;
}

/* As many names as the line holds, and how many more. */
static void names(Screen *s, const DayLine *d, uint32_t columns) {
  const CampaignPlan *p = s->p;
  uint32_t shown = 0;
  for (uint32_t i = 0; i < p->visit_count && shown < d->starts; i++) {
    const CalendarVisit *v = &p->visits[i];
    if (v->day != d->first || v->number != 1) continue;
    const char *name = p->facts->members[v->member].name;
    if (cells(s) + strlen(name) + 10 > columns) break;
    buf_printf(s->out, shown++ ? " %s" : "%s", name);
  }
  if (shown < d->starts) buf_printf(s->out, shown ? " +%u" : "%u begin", d->starts - shown);
}

static const char *bind_word(const CampaignPlan *p, uint32_t day) {
  RoomRule rule;
  if (day < p->today) return "past";
  switch (p->binds[day].rule) {
  case CAMPAIGN_ROOM:
    campaign_room_of(p, p->binds[day].day, &rule);
    return rule == ROOM_RATE ? "rate" : "budget";
  case CAMPAIGN_LIMIT: return "limit";
  case CAMPAIGN_GROUP: return "spread";
  case CAMPAIGN_PHASE: return "order";
  case CAMPAIGN_CLOSED: return "window";
  case CAMPAIGN_HORIZON: return "days";
  case CAMPAIGN_FREE: case CAMPAIGN_CHAIN: case CAMPAIGN_CONFLICT: break;
  }
  return "-";
}

static void day_line(Screen *s, const DayLine *d) {
  RoomRule rule;
  buf_str(s->out, "  ");
  put_day(s, d->first);
  if (d->last > d->first) {
    buf_str(s->out, " - ");
    campaign_date(s->p->facts, d->last, s->out);
  } else {
    buf_str(s->out, "             ");
  }
  buf_printf(s->out, " %5u of %-5u %-6s ", d->out, campaign_room_of(s->p, d->first, &rule), bind_word(s->p, d->first));
  names(s, d, d->rolling ? COLUMNS - 8 : COLUMNS);
  if (d->rolling) buf_printf(s->out, d->starts ? "; %u roll" : "%u roll", d->rolling);
  if (d->starts == 0 && d->rolling == 0) buf_str(s->out, "nobody");
  end_line(s);
}

static void days(Screen *s, uint32_t room) {
  const CampaignPlan *p = s->p;
  uint32_t needed = 0, shown = 0;
  if (p->days == 0) return;
  for (uint32_t day = 0; day < p->days; needed++) day = days_from(p, day).last + 1;
  uint32_t most = needed <= room ? needed : room - 1;
  buf_printf(s->out, "  %-27s %14s  %-6s %s", "day", "out of room", "binds", "begins");
  end_line(s);
  for (uint32_t day = 0; day < p->days;) {
    DayLine d = days_from(p, day);
    if (shown++ == most) {
      buf_printf(s->out, "  ... and %u days more: --format csv has every visit", p->days - day);
      end_line(s);
      return;
    }
    day_line(s, &d);
    day = d.last + 1;
  }
}

void campaign_text(const CampaignPlan *p, const char *next, Buf *out) {
  Screen s = {p, out, 0, out->len};
  const Program *prog = p->facts->program;
  buf_printf(out, "%s: %s", program_str(prog, prog->name), program_str(prog, prog->title));
  end_line(&s);
  Buf head = BUF_INIT;
  campaign_headline(p, &head);
  wrapped(&s, head.data);
  buf_done(&head);
  work(&s);
  bound(&s);
  peak(&s);
  if (p->days) binds(&s);
  relaxations(&s);
  changes(&s);
  uint32_t left = LINES - s.lines > 4 ? LINES - s.lines - 2 : 2;
  days(&s, left);
  if (next) {
    label(&s, "next");
    buf_str(out, next);
    end_line(&s);
  }
}
