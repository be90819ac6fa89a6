/* campaign_table: a calendar as rows: CSV with one row per visit (RFC 4180), Markdown with one row per day. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <string.h>

#define MARKDOWN_BYTES 58000u   /* a comment of a code host holds 65,536, and people write around it */

/* ---- CSV ---- */

/* Quoted where a comma, a quote or a line's end would end the cell. */
static void cell(const char *text, Buf *out) {
  if (!strpbrk(text, ",\"\r\n")) {
    buf_str(out, text);
    return;
  }
  buf_char(out, '"');
  for (; *text; text++) {
    if (*text == '"') buf_char(out, '"');
    buf_char(out, *text);
  }
  buf_char(out, '"');
}

static void visit_row(const CampaignPlan *p, const CalendarVisit *v, Buf *out) {
  const MemberFacts *m = &p->facts->members[v->member];
  cell(m->name, out);
  buf_printf(out, ",%u,%u,", v->number, p->members[v->member].visit_count);
  campaign_date(p->facts, v->day, out);
  buf_printf(out, ",%s,", campaign_weekday(p->facts, v->day));
  campaign_local_date(m, v->day, out);
  buf_char(out, ',');
  cell(zone_name(m->zone), out);
  buf_printf(out, ",%u,%u,", v->nodes, m->phase + 1);
  cell(m->group == CAMPAIGN_NEVER ? "" : p->facts->groups[m->group].name, out);
  buf_printf(out, ",%s,", v->past ? "past" : v->before != CAMPAIGN_NEVER && v->before != v->day ? "moved" : "planned");
  if (v->before != CAMPAIGN_NEVER && v->before != v->day) campaign_date(p->facts, v->before, out);
  buf_printf(out, ",%u,", v->sequence);
  cell(m->run, out);
  buf_char(out, '\n');
}

void campaign_csv(const CampaignPlan *p, Buf *out) {
  buf_str(out, "member,visit,visits,date,weekday,local_date,zone,units,phase,group,state,was,sequence,run\n");
  for (uint32_t i = 0; i < p->facts->count; i++) {
    const CalendarMember *k = &p->members[i];
    for (uint32_t v = 0; v < k->visit_count; v++) visit_row(p, &p->visits[k->first_visit + v], out);
    if (k->visit_count) continue;
    cell(p->facts->members[i].name, out); /* no place */
    buf_str(out, ",,,,,,,,,,without place,,,\n");
  }
}

/* ---- Markdown ---- */

static void plain(const char *text, Buf *out) {
  for (; *text; text++) {
    if (strchr("|`*_<>[]\\", *text)) buf_char(out, '\\');
    buf_char(out, *text);
  }
}

static void day_row(const CampaignPlan *p, uint32_t day, Buf *out) {
  RoomRule rule;
  Buf why = BUF_INIT;
  uint32_t rolling = 0;
  const char *comma = "";
  buf_printf(out, "| %s ", campaign_weekday(p->facts, day));
  campaign_date(p->facts, day, out);
  buf_printf(out, " | %u | %u | ", p->out[day], campaign_room_of(p, day, &rule));
  campaign_why_text(p, p->binds[day], &why);
  plain(why.data, out);
  buf_str(out, " | ");
  for (uint32_t i = 0; i < p->visit_count; i++) {
    if (p->visits[i].day != day) continue;
    if (p->visits[i].number > 1) {
      rolling++;
      continue;
    }
    buf_str(out, comma);
    plain(p->facts->members[p->visits[i].member].name, out);
    comma = ", ";
  }
  buf_printf(out, " | %u |\n", rolling);
  buf_done(&why);
}

static void summary_rows(const CampaignPlan *p, Buf *out) {
  const CampaignBound *b = &p->calendar->bound;
  buf_str(out, "| | |\n|---|---|\n| days | ");
  buf_printf(out, "%u |\n| bound | ", p->days);
  if (b->days != CAMPAIGN_NEVER) buf_printf(out, "%u: ", b->days);
  plain(b->why, out);
  buf_printf(out, " |\n| peak out | %u %s", p->peak, p->facts->unit_plural);
  if (p->peak) {
    buf_str(out, " on ");
    campaign_date(p->facts, p->peak_day, out);
  }
  buf_str(out, " |\n");
  if (p->published) buf_printf(out, "| moved | %u of %u %s |\n", p->moved, p->facts->count, p->facts->member_plural);
  buf_char(out, '\n');
}

static void changed_rows(const CampaignPlan *p, Buf *out) {
  if (!p->published || p->moved == 0) return;
  buf_str(out, "| moved | visit | was | is |\n|---|---|---|---|\n");
  for (uint32_t i = 0; i < p->visit_count && out->len < MARKDOWN_BYTES; i++) {
    const CalendarVisit *v = &p->visits[i];
    if (v->before == CAMPAIGN_NEVER || v->before == v->day) continue;
    buf_str(out, "| ");
    plain(p->facts->members[v->member].name, out);
    buf_printf(out, " | %u | ", v->number);
    campaign_date(p->facts, v->before, out);
    buf_str(out, " | ");
    campaign_date(p->facts, v->day, out);
    buf_str(out, " |\n");
  }
  buf_char(out, '\n');
}

void campaign_markdown(const CampaignPlan *p, Buf *out) {
  const Program *prog = p->facts->program;
  buf_str(out, "### ");
  plain(program_str(prog, prog->title), out);
  buf_str(out, "\n\n**");
  campaign_headline(p, out);
  buf_str(out, "**\n\n");
  summary_rows(p, out);
  if (p->relaxed_late) buf_str(out, "No single line meets the deadline; these give all a place:\n\n");
  for (uint32_t i = 0; i < p->relaxation_count; i++) {
    buf_str(out, "- ");
    campaign_relaxation_text(p, &p->relaxations[i], out);
    buf_char(out, '\n');
  }
  if (p->relaxation_count) buf_char(out, '\n');
  changed_rows(p, out);
  buf_str(out, "<details><summary>Day by day</summary>\n\n| day | out | room | binds | begins | rolling |\n|---|---|---|---|---|---|\n");
  uint32_t day = 0;
  for (; day < p->days && out->len < MARKDOWN_BYTES; day++) day_row(p, day, out);
  if (day < p->days) buf_printf(out, "\n%u days more are left out.\n", p->days - day);
  buf_str(out, "\n</details>\n");
}
