/* campaign_search: orders of the clusters until one reaches the bound: a few rules that planners use, then exchanges of two
 * clusters of one phase, kept when they are no worse. And, for a calendar that people have already: as few moves as can be. */
#include <config.h>

#include "runtime/campaign_place.h"

#include <string.h>

typedef struct Search {
  const CampaignProblem *p;
  Arena *arena;
  CampaignPlace place;
  CampaignBound bound;
  uint32_t *order, *best_start;
  CampaignScore best;
  uint64_t chance;          /* splitmix64: the same numbers everywhere */
} Search;

/* Fewer without a place, fewer days, fewer moves, a lower peak. */
static int compare_scores(CampaignScore a, CampaignScore b) {
  if (a.unplaced != b.unplaced) return a.unplaced < b.unplaced ? -1 : 1;
  if (a.days != b.days) return a.days < b.days ? -1 : 1;
  if (a.moved != b.moved) return a.moved < b.moved ? -1 : 1;
  return a.peak < b.peak ? -1 : a.peak > b.peak;
}

static void keep_best(Search *s, CampaignScore score) {
  if (compare_scores(score, s->best) >= 0) return;
  s->best = score;
  memcpy(s->best_start, s->place.start, sizeof *s->best_start * s->p->count);
}

static bool proven(const Search *s) { return s->best.unplaced == 0 && s->best.days == s->bound.days; }

/* ---- rules ---- */

typedef uint64_t OrderKey(const CampaignCluster *c);
static uint64_t by_length(const CampaignCluster *c) { return (uint64_t)c->visits << 32 | c->out; }
static uint64_t by_nodes(const CampaignCluster *c) { return c->out; }
static uint64_t by_volume(const CampaignCluster *c) { return (uint64_t)c->visits * c->out; }
static uint64_t by_input(const CampaignCluster *c) { (void)c; return 0; }
static uint64_t by_smallness(const CampaignCluster *c) { return UINT32_MAX - (uint64_t)c->out; }
static OrderKey *const order_keys[] = {by_length, by_volume, by_nodes, by_input, by_smallness};

/* Insertion sort: stable, and the same on every system. Larger keys first within a phase. */
static void sort_order(Search *s, OrderKey *key) {
  const CampaignCluster *c = s->p->clusters;
  for (uint32_t i = 0; i < s->p->count; i++) {
    uint32_t at = i;
    for (; at > 0; at--) {
      uint32_t before = s->order[at - 1];
      if (c[before].phase < c[i].phase || (c[before].phase == c[i].phase && key(&c[before]) >= key(&c[i]))) break;
      s->order[at] = before;
    }
    s->order[at] = i;
  }
}

/* ---- exchanges ---- */

static uint32_t draw(Search *s, uint32_t below) {
  uint64_t z = s->chance += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return (uint32_t)((z ^ z >> 31) % below);
}

static void move_in_order(uint32_t *order, uint32_t from, uint32_t to) {
  uint32_t moved = order[from];
  if (from < to) memmove(order + from, order + from + 1, sizeof *order * (to - from));
  else memmove(order + to + 1, order + to, sizeof *order * (from - to));
  order[to] = moved;
}

static void exchange(Search *s, uint32_t tries) {
  CampaignScore now = s->best;
  for (uint32_t i = 0; i < tries && s->p->count > 1 && !proven(s); i++) {
    uint32_t from = draw(s, s->p->count), to = draw(s, s->p->count);
    if (from == to || s->p->clusters[s->order[from]].phase != s->p->clusters[s->order[to]].phase) continue;
    move_in_order(s->order, from, to);
    CampaignScore score = campaign_place(&s->place, s->order, NULL);
    if (compare_scores(score, now) <= 0) now = score;
    else move_in_order(s->order, to, from);
    keep_best(s, score);
  }
}

static void search_orders(Search *s, uint32_t tries) {
  uint32_t best_rule = 0;
  for (uint32_t i = 0; i < sizeof order_keys / sizeof *order_keys; i++) {
    CampaignScore before = s->best;
    sort_order(s, order_keys[i]);
    keep_best(s, campaign_place(&s->place, s->order, NULL));
    if (compare_scores(s->best, before) < 0) best_rule = i;
  }
  sort_order(s, order_keys[best_rule]);
  exchange(s, tries);
}

/* ---- as published ---- */

typedef struct Kept { Search *s; bool *pinned; uint32_t days, unplaced; } Kept; /* how long it may be, and how many may have no place */

static bool holds(Kept *k) {
  CampaignScore score = campaign_place(&k->s->place, k->s->order, k->pinned);
  return score.unplaced <= k->unplaced && score.days <= k->days;
}

/* Clusters that cannot stay: their day is closed, or too full of others that stay (the smallest is moved). */
static void unpin_broken(Kept *k) {
  const CampaignProblem *p = k->s->p;
  CampaignDays *d = &k->s->place.days;
  campaign_days_clear(d);
  sort_order(k->s, by_volume);
  for (uint32_t n = 0; n < p->count; n++) {
    uint32_t i = k->s->order[n], day = p->clusters[i].published;
    k->pinned[i] = day != CAMPAIGN_NEVER && campaign_days_fit(d, i, day).rule == CAMPAIGN_FREE;
    if (k->pinned[i]) campaign_days_put(d, i, day);
  }
}

/* Is there a calendar with `more` further moves, of clusters from `first` on? */
static bool unpin_more(Kept *k, uint32_t more, uint32_t first) {
  if (more == 0) return holds(k);
  for (uint32_t i = first; i < k->s->p->count; i++) {
    if (!k->pinned[i] || k->s->p->clusters[i].fixed) continue;
    k->pinned[i] = false;
    if (unpin_more(k, more - 1, i + 1)) return true;
    k->pinned[i] = true;
  }
  return false;
}

#define KEEP_DEPTH 2u /* further moves of which all are tried: 72 clusters have 2,556 pairs */

/* One after the other, those that free most, until the rest holds: not the fewest, but few. */
static bool unpin_greedily(Kept *k) {
  const CampaignProblem *p = k->s->p;
  for (uint32_t n = 0; n < p->count; n++) {
    sort_order(k->s, by_volume);
    uint32_t i = k->s->order[p->count - 1 - n]; /* small and late ones first */
    k->pinned[i] = false;
    if (holds(k)) return true;
  }
  return false;
}

static void search_kept(Search *s) {
  Kept k = {s, arena_new_array(s->arena, bool, s->p->count), s->best.days, s->best.unplaced};
  for (uint32_t i = 0; i < s->p->count; i++) { /* no longer than what people have, where that can be */
    uint32_t last = 0, published = s->p->clusters[i].published;
    if (published == CAMPAIGN_NEVER || campaign_span(s->p, i, published, &last) == CAMPAIGN_NEVER) continue;
    if (last + 1 > k.days) k.days = last + 1;
  }
  unpin_broken(&k);
  bool found = false;
  for (uint32_t more = 0; more <= KEEP_DEPTH && !found; more++) found = unpin_more(&k, more, 0);
  if (!found) found = unpin_greedily(&k);
  if (!found || s->place.score.moved >= s->best.moved) return;
  s->best = s->place.score;
  memcpy(s->best_start, s->place.start, sizeof *s->best_start * s->p->count);
}

/* ---- the calendar ---- */

static const CampaignCalendar *calendar_of(Search *s) {
  CampaignCalendar *c = arena_new_object(s->arena, CampaignCalendar);
  CampaignDays days;
  uint32_t *out;
  campaign_days_new(&days, s->p, s->arena);
  for (uint32_t i = 0; i < s->p->count; i++)
    if (s->best_start[i] != CAMPAIGN_NEVER) campaign_days_put(&days, i, s->best_start[i]);
  c->out = out = days.out;
  for (uint32_t day = 0; day < s->p->days; day++) {
    if (out[day] <= c->peak) continue;
    c->peak = out[day];
    c->peak_day = day;
  }
  c->start = s->best_start;
  c->unplaced = s->best.unplaced;
  c->days = c->unplaced ? CAMPAIGN_NEVER : s->best.days;
  c->moved = s->best.moved;
  c->bound = s->bound;
  return c;
}

const CampaignCalendar *campaign_plan(const CampaignProblem *p, uint32_t tries, bool keep, Arena *arena) {
  Search s = {.p = p, .arena = arena, .bound = campaign_bound(p, arena), .chance = 1};
  s.order = arena_new_array(arena, uint32_t, p->count);
  s.best_start = arena_new_array(arena, uint32_t, p->count);
  s.best = (CampaignScore){CAMPAIGN_NEVER, CAMPAIGN_NEVER, CAMPAIGN_NEVER, CAMPAIGN_NEVER};
  for (uint32_t i = 0; i < p->count; i++) s.best_start[i] = CAMPAIGN_NEVER;
  campaign_place_new(&s.place, p, arena);
  search_orders(&s, tries);
  if (keep) search_kept(&s);
  return calendar_of(&s);
}
