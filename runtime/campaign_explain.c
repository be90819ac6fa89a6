/* campaign_explain: why a member is not worked on earlier: for each day before its first, the rule that keeps it from it with
 * all others where they are. Days with the same answer share a line. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <string.h>

static void put_day(const CampaignFacts *f, uint32_t day, Buf *out) {
  buf_printf(out, "%s ", campaign_weekday(f, day));
  campaign_date(f, day, out);
}

static void put_days(const CampaignFacts *f, uint32_t first, uint32_t last, Buf *out) {
  buf_str(out, "  ");
  put_day(f, first, out);
  if (last == first) {
    buf_fill(out, ' ', 13);
    return;
  }
  buf_str(out, " - ");
  campaign_date(f, last, out);
}

/* What stands in the way: of a later day of its visits, that day too. */
static void put_reason(const CampaignPlan *p, CampaignWhy why, uint32_t day, Buf *out) {
  campaign_why_text(p, why, out);
  if (why.rule == CAMPAIGN_FREE || why.rule == CAMPAIGN_PHASE || why.day == day) return;
  buf_str(out, " on ");
  campaign_date(p->facts, why.day, out);
}

static void put_reasons(const CampaignPlan *p, uint32_t cluster, uint32_t until, Buf *out) {
  Arena *arena = arena_new();
  Buf now = BUF_INIT, before = BUF_INIT;
  uint32_t first = p->today;
  for (uint32_t day = p->today; day <= until; day++) {
    buf_reset(&now);
    if (day < until) put_reason(p, campaign_why(p->problem, p->calendar, cluster, day, arena), day, &now);
    if (day > p->today && (day == until || strcmp(now.data, before.data) != 0)) {
      put_days(p->facts, first, day - 1, out);
      buf_printf(out, "  %s\n", before.data);
      first = day;
    }
    buf_reset(&before);
    if (now.len) buf_add(&before, now.data, now.len);
  }
  buf_done(&now);
  buf_done(&before);
  arena_free(arena);
}

bool campaign_explain(const CampaignPlan *p, const char *name, Buf *out) {
  const CampaignFacts *f = p->facts;
  for (uint32_t i = 0; i < p->problem->count; i++) {
    const MemberFacts *m = &f->members[p->of_member[i]];
    uint32_t start = p->calendar->start[i], last = 0;
    if (strcmp(m->name, name) != 0) continue;
    const CampaignCluster *c = &p->problem->clusters[i];
    buf_printf(out, "%s: %u %s, phase %u of %u, ", name, m->nodes, f->unit_plural, m->phase + 1, f->phases);
    buf_printf(out, c->visits == 1 ? "one day" : "%u days of %u", c->visits, c->out);
    if (start == CAMPAIGN_NEVER) {
      buf_str(out, "; it has no place\n");
      start = p->problem->days;
    } else {
      campaign_span(p->problem, i, start, &last);
      buf_str(out, ", from ");
      put_day(f, start, out);
      buf_str(out, " to ");
      campaign_date(f, last, out);
      buf_char(out, '\n');
    }
    if (start <= p->today) buf_str(out, "  it begins on the first day that there is\n");
    else put_reasons(p, i, start, out);
    return true;
  }
  return false;
}
