/* campaign_replan: what is left of a campaign after some of its days. Who is under way goes on with its next day; who has not begun
 * stands where it was published, if it can; whose day failed has it once more, as `after a failed day` says. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <string.h>

static bool has_failed(const Slip *slip, const char *name) {
  for (uint32_t i = 0; i < slip->failed_count; i++)
    if (strcmp(slip->failed[i], name) == 0) return true;
  return false;
}

const PublishedVisit *const *campaign_published_of(const Slip *slip, const MemberFacts *m, Arena *arena, uint32_t *ret_count) {
  const Published *p = slip->published;
  uint32_t n = 0;
  *ret_count = 0;
  for (uint32_t i = 0; p && i < p->count; i++) n += strcmp(p->visits[i].member, m->name) == 0;
  const PublishedVisit **all = arena_new_array(arena, const PublishedVisit *, n);
  for (uint32_t i = 0; p && i < p->count; i++) {
    if (strcmp(p->visits[i].member, m->name) != 0) continue;
    uint32_t at = (*ret_count)++;
    for (; at > 0 && all[at - 1]->number > p->visits[i].number; at--) all[at] = all[at - 1];
    all[at] = &p->visits[i];
  }
  return all;
}

uint32_t campaign_done_of(const CampaignFacts *f, const Slip *slip, const MemberFacts *m, Arena *arena, bool *ret_failed) {
  uint32_t count, past = 0;
  const PublishedVisit *const *had = campaign_published_of(slip, m, arena, &count);
  while (past < count && had[past]->date < slip->today && had[past]->date >= f->first && had[past]->number == past + 1) past++;
  *ret_failed = past > 0 && has_failed(slip, m->name);
  return past - *ret_failed;
}

/* ---- one member ---- */

static const uint8_t *open_from(const CampaignCluster *c, uint32_t days, uint32_t from, Arena *arena) {
  uint8_t *open = arena_new_array(arena, uint8_t, days);
  for (uint32_t day = from; day < days; day++) open[day] = c->open[day];
  return open;
}

static uint32_t next_open(const uint8_t *open, uint32_t days, uint32_t from) {
  while (from < days && !open[from]) from++;
  return from < days ? from : CAMPAIGN_NEVER;
}

/* The day behind the one that failed on which it would have gone on: left free, so that it can be put right. */
static void skip_next_date(const CampaignCluster *all, uint8_t *open, uint32_t days, uint32_t failed_day) {
  uint32_t next = next_open(all->open, days, failed_day + 1);
  if (next != CAMPAIGN_NEVER) open[next] = 0;
}

/* Whoever has begun begins no second time. */
static uint32_t classes_after_begin(const CampaignProblem *p, uint32_t classes) {
  for (uint32_t i = 0; i < p->limit_count; i++)
    if (p->limits[i].starts) classes &= ~(1u << i);
  return classes;
}

typedef struct Left { const CampaignFacts *f; const CampaignProblem *all; const Slip *slip; uint32_t today; Arena *arena; } Left;

static bool remaining_of(const Left *l, uint32_t member, CampaignCluster *ret) {
  const MemberFacts *m = &l->f->members[member];
  uint32_t count, days = l->all->days;
  bool failed;
  const PublishedVisit *const *had = campaign_published_of(l->slip, m, l->arena, &count);
  uint32_t done = campaign_done_of(l->f, l->slip, m, l->arena, &failed);
  *ret = l->all->clusters[member];
  if (done >= ret->visits) return false;
  uint8_t *open = (uint8_t *)(uintptr_t)open_from(ret, days, l->today, l->arena);
  if (failed && l->f->row->skip) skip_next_date(&l->all->clusters[member], open, days, (uint32_t)(had[done]->date - l->f->first));
  ret->open = open;
  ret->visits -= done;
  if (done) ret->classes = classes_after_begin(l->all, ret->classes);
  if (failed && l->f->row->last) ret->phase = l->f->phases;
  for (uint32_t i = done; i < count && ret->published == CAMPAIGN_NEVER; i++)
    if (had[i]->date >= l->slip->today && had[i]->date - l->f->first < (int32_t)days) ret->published = (uint32_t)(had[i]->date - l->f->first);
  if (failed) ret->published = CAMPAIGN_NEVER; /* it has no day any more that could be kept */
  if (failed || done == 0) return true;
  ret->published = next_open(open, days, l->today);
  ret->fixed = ret->published != CAMPAIGN_NEVER;
  return true;
}

/* Who is under way waits for no phase. */
static void free_of_phases(CampaignCluster *clusters, uint32_t count) {
  uint32_t first = CAMPAIGN_NEVER;
  for (uint32_t i = 0; i < count; i++)
    if (!clusters[i].fixed && clusters[i].phase < first) first = clusters[i].phase;
  for (uint32_t i = 0; i < count; i++)
    if (clusters[i].fixed && clusters[i].phase > first) clusters[i].phase = first;
}

/* ---- what does not fit ---- */

static bool names_fit(const Left *l, DiagSink *sink) {
  if (l->today >= l->all->days) {
    diag_new(sink, E_PUBLISHED, (Span){0, 0}, "today lies %u days behind the first day, and the calendar has %u", l->today, l->all->days);
    return false;
  }
  for (uint32_t k = 0; k < l->slip->failed_count; k++) {
    const char *name = l->slip->failed[k];
    const MemberFacts *m = NULL;
    bool failed = false;
    for (uint32_t i = 0; i < l->f->count && !m; i++)
      if (strcmp(l->f->members[i].name, name) == 0) m = &l->f->members[i];
    if (m) campaign_done_of(l->f, l->slip, m, l->arena, &failed);
    if (failed) continue;
    if (!m) diag_new(sink, E_PUBLISHED, (Span){0, 0}, "no %s of the campaign is called `%s`", l->f->member, name);
    else diag_new(sink, E_PUBLISHED, (Span){0, 0}, "%s has no published day before today that could have failed", name);
    return false;
  }
  return true;
}

bool campaign_remaining(const CampaignFacts *f, const CampaignProblem *all, const Slip *slip, Arena *arena, DiagSink *sink, Remaining *ret) {
  CampaignProblem *p = arena_new_object(arena, CampaignProblem);
  CampaignCluster *clusters = arena_new_array(arena, CampaignCluster, all->count);
  uint32_t *of_member = arena_new_array(arena, uint32_t, all->count), count = 0;
  Left l = {f, all, slip, slip->published && slip->today > f->first ? (uint32_t)(slip->today - f->first) : 0, arena};
  *p = *all;
  if (!slip->published) {
    for (uint32_t i = 0; i < all->count; i++) of_member[i] = i;
    *ret = (Remaining){all, of_member};
    return true;
  }
  if (!names_fit(&l, sink)) return false;
  for (uint32_t i = 0; i < all->count; i++) {
    if (!remaining_of(&l, i, &clusters[count])) continue;
    if (clusters[count].phase >= p->phases) p->phases = clusters[count].phase + 1;
    of_member[count++] = i;
  }
  free_of_phases(clusters, count);
  p->clusters = clusters;
  p->count = count;
  *ret = (Remaining){p, of_member};
  return true;
}
