/* campaign_bound: how short a campaign can be. Each rule gives the day before which some phases cannot be through; phases that
 * follow each other add up. What no rule sees (how the pieces fit) is the gap between the bound and the best calendar. */
#include <config.h>

#include "runtime/campaign.h"

#include <string.h>

/* Clusters of phases low..high-1, none of which is worked on before `from`. starts: only their first visits must be through. */
typedef struct Part { const CampaignProblem *p; uint32_t low, high, from; bool starts; } Part;

static bool in_part(const Part *x, const CampaignCluster *c) { return c->phase >= x->low && c->phase < x->high; }
static uint32_t visits_of(const Part *x, const CampaignCluster *c) { return x->starts ? 1 : c->visits; }

static bool open_for_any(const Part *x, uint32_t day) {
  for (uint32_t i = 0; i < x->p->count; i++)
    if (in_part(x, &x->p->clusters[i]) && x->p->clusters[i].open[day]) return true;
  return false;
}

/* The n-th day from `from` on which anything of the part can be worked on; n at least 1. */
static uint32_t nth_day(const Part *x, uint64_t n) {
  for (uint32_t day = x->from; day < x->p->days; day++)
    if (open_for_any(x, day) && --n == 0) return day;
  return CAMPAIGN_NEVER;
}

static uint32_t most_room(const Part *x) {
  uint32_t most = 0;
  for (uint32_t day = x->from; day < x->p->days; day++)
    if (x->p->room[day] > most) most = x->p->room[day];
  return most;
}

typedef struct Reach { uint32_t day; CampaignRule rule; uint32_t which, other; } Reach; /* the last day at the earliest */

static void take_later(Reach *best, Reach r) {
  if (best->day != CAMPAIGN_NEVER && (r.day == CAMPAIGN_NEVER || r.day > best->day)) *best = r;
}

/* ---- one cluster ---- */

static Reach chain_reach(const Part *x) {
  Reach best = {x->from, CAMPAIGN_FREE, 0, 0};
  for (uint32_t i = 0; i < x->p->count; i++) {
    if (!in_part(x, &x->p->clusters[i])) continue;
    uint32_t last = x->from, first = campaign_span(x->p, i, x->from, &last);
    uint32_t day = first == CAMPAIGN_NEVER ? CAMPAIGN_NEVER : x->starts ? first : last;
    take_later(&best, (Reach){day, CAMPAIGN_CHAIN, i, 0});
  }
  return best;
}

/* ---- sums over days ---- */

static uint64_t volume(const Part *x, uint32_t group) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < x->p->count; i++) {
    const CampaignCluster *c = &x->p->clusters[i];
    if (in_part(x, c) && (group == CAMPAIGN_NEVER || c->group == group)) sum += (uint64_t)c->out * visits_of(x, c);
  }
  return sum;
}

static Reach volume_reach(const Part *x) {
  uint64_t left = volume(x, CAMPAIGN_NEVER);
  Reach r = {x->from, CAMPAIGN_ROOM, 0, 0};
  for (uint32_t day = x->from; left > 0; day++) {
    if (day >= x->p->days) return (Reach){CAMPAIGN_NEVER, CAMPAIGN_ROOM, 0, 0};
    if (!open_for_any(x, day)) continue;
    left -= left < x->p->room[day] ? left : x->p->room[day];
    r.day = day;
  }
  return r;
}

static Reach group_reach(const Part *x) {
  Reach best = {x->from, CAMPAIGN_FREE, 0, 0};
  for (uint32_t g = 0; g < x->p->group_count; g++) {
    uint64_t sum = volume(x, g), most = x->p->groups[g].most;
    if (sum > 0) take_later(&best, (Reach){most ? nth_day(x, (sum + most - 1) / most) : CAMPAIGN_NEVER, CAMPAIGN_GROUP, g, 0});
  }
  return best;
}

static Reach limit_reach_of(const Part *x, uint32_t limit) {
  const CampaignLimit *l = &x->p->limits[limit];
  uint64_t left = 0;
  for (uint32_t i = 0; i < x->p->count; i++) {
    const CampaignCluster *c = &x->p->clusters[i];
    if (in_part(x, c) && c->classes >> limit & 1u) left += l->starts ? 1 : visits_of(x, c);
  }
  Reach r = {x->from, CAMPAIGN_LIMIT, limit, 0};
  for (uint32_t day = x->from; left > 0; day++) {
    if (day >= x->p->days) return (Reach){CAMPAIGN_NEVER, CAMPAIGN_LIMIT, limit, 0};
    if (!open_for_any(x, day)) continue;
    left -= left < l->most[day] ? left : l->most[day];
    r.day = day;
  }
  return r;
}

static bool counts_in(const Part *x, uint32_t i, uint32_t limit, uint32_t visits) {
  const CampaignCluster *c = &x->p->clusters[i];
  return in_part(x, c) && c->classes >> limit & 1u && c->visits >= visits;
}

/* So many per day begin: the last of those with `visits` or more has all of them still before it. */
static Reach starts_reach_of(const Part *x, uint32_t limit, uint32_t visits) {
  const CampaignLimit *l = &x->p->limits[limit];
  uint64_t left = 0;
  Reach r = {x->from, CAMPAIGN_LIMIT, limit, visits};
  for (uint32_t i = 0; i < x->p->count; i++) left += counts_in(x, i, limit, visits);
  for (uint32_t day = x->from; left > 0; day++) {
    if (day >= x->p->days) return (Reach){CAMPAIGN_NEVER, CAMPAIGN_LIMIT, limit, 0};
    if (!open_for_any(x, day)) continue;
    left -= left < l->most[day] ? left : l->most[day];
    r.day = day;
  }
  r.day = nth_day(&(Part){x->p, x->low, x->high, r.day, x->starts}, visits);
  return r;
}

/* So many at work at a time are so many rows of intervals, and some row has its share of them, one after the other. Only where all
 * have the same open days: else two could take turns. */
static Reach at_work_reach_of(const Part *x, uint32_t limit, uint32_t visits) {
  const CampaignProblem *p = x->p;
  const CampaignCluster *first = NULL;
  uint32_t rows = 0, count = 0;
  Reach none = {x->from, CAMPAIGN_LIMIT, limit, 0};
  for (uint32_t i = 0; i < p->count; i++) {
    if (!counts_in(x, i, limit, visits)) continue;
    if (!first) first = &p->clusters[i];
    if (p->clusters[i].open != first->open && memcmp(p->clusters[i].open, first->open, p->days) != 0) return none;
    count++;
  }
  for (uint32_t day = x->from; day < p->days; day++)
    if (p->limits[limit].most[day] > rows) rows = p->limits[limit].most[day];
  if (count == 0 || rows == 0) return none;
  return (Reach){nth_day(x, (uint64_t)((count - 1) / rows + 1) * visits), CAMPAIGN_LIMIT, limit, visits};
}

static Reach limit_reach(const Part *x) {
  Reach best = {x->from, CAMPAIGN_FREE, 0, 0};
  for (uint32_t i = 0; i < x->p->limit_count; i++) {
    take_later(&best, limit_reach_of(x, i));
    for (uint32_t c = 0; c < x->p->count && !x->starts; c++) {
      uint32_t visits = x->p->clusters[c].visits;
      if (!counts_in(x, c, i, 1) || (c > 0 && visits == x->p->clusters[c - 1].visits && counts_in(x, c - 1, i, 1))) continue;
      take_later(&best, x->p->limits[i].starts ? starts_reach_of(x, i, visits) : at_work_reach_of(x, i, visits));
    }
  }
  return best;
}

/* ---- what cannot share a day ---- */

/* With a threshold t of nodes: what takes more than room - t leaves no place for anything of t or more, so both take days of their
 * own; what takes more than half of the room takes days of its own too, and lends what is left of them. */
static Reach conflict_reach_at(const Part *x, uint32_t t, uint32_t room) {
  uint64_t alone = 0, half = 0, lent = 0, small = 0;
  uint32_t longest = 0, big = 0, beside = 0;
  for (uint32_t i = 0; i < x->p->count; i++) {
    const CampaignCluster *c = &x->p->clusters[i];
    if (!in_part(x, c) || c->out < t) continue;
    uint32_t visits = visits_of(x, c);
    if (c->out > room - t) {
      alone += visits;
      big = i;
    } else {
      if (c->out > room / 2) {
        half += visits;
        lent += (uint64_t)(room - c->out) * visits;
      } else {
        small += (uint64_t)c->out * visits;
      }
      if (visits > longest) {
        longest = visits;
        beside = i;
      }
    }
  }
  uint64_t rest = half + (small > lent ? (small - lent + room - 1) / room : 0);
  if (rest < longest) rest = longest;
  if (alone == 0 && half == 0) return (Reach){x->from, CAMPAIGN_FREE, 0, 0};
  return (Reach){nth_day(x, alone + rest), CAMPAIGN_CONFLICT, big, beside};
}

static Reach conflict_reach(const Part *x) {
  uint32_t room = most_room(x);
  Reach best = {x->from, CAMPAIGN_FREE, 0, 0};
  for (uint32_t i = 0; i < x->p->count; i++) {
    const CampaignCluster *c = &x->p->clusters[i];
    if (in_part(x, c) && c->out <= room / 2) take_later(&best, conflict_reach_at(x, c->out, room));
  }
  take_later(&best, conflict_reach_at(x, room / 2 + 1 < room ? room / 2 + 1 : room, room));
  return best;
}

static Reach reach(const Part *x) {
  Reach best = chain_reach(x);
  take_later(&best, volume_reach(x));
  take_later(&best, group_reach(x));
  take_later(&best, limit_reach(x));
  take_later(&best, conflict_reach(x));
  return best;
}

/* ---- phases ---- */

static bool any_in(const CampaignProblem *p, uint32_t low, uint32_t high) {
  Part x = {p, low, high, 0, false};
  for (uint32_t i = 0; i < p->count; i++)
    if (in_part(&x, &p->clusters[i])) return true;
  return false;
}

/* floors[k]: the day before which phase k cannot begin. */
static void find_floors(const CampaignProblem *p, uint32_t *floors) {
  for (uint32_t k = 1; k < p->phases; k++) {
    floors[k] = floors[k - 1];
    for (uint32_t j = 0; j < k; j++) {
      if (floors[j] == CAMPAIGN_NEVER || !any_in(p, j, k)) continue;
      Reach r = reach(&(Part){p, j, k, floors[j], p->rule == PHASE_BY_START});
      if (r.day == CAMPAIGN_NEVER || r.day > floors[k]) floors[k] = r.day;
      if (r.day == CAMPAIGN_NEVER) break;
    }
  }
}

static const char *reason(const CampaignProblem *p, Reach r, uint32_t from, Arena *arena) {
  const CampaignCluster *c = p->count ? &p->clusters[r.which < p->count ? r.which : 0] : NULL;
  const char *what = "";
  switch (r.rule) {
  case CAMPAIGN_CHAIN:
    what = arena_printf(arena, "%s takes %u day%s, one after the other", c->name, c->visits, c->visits == 1 ? "" : "s");
    break;
  case CAMPAIGN_ROOM: what = "all nodes together against the nodes that may be out on a day"; break;
  case CAMPAIGN_LIMIT:
    what = arena_printf(arena, "the limit `%s`", p->limits[r.which].text);
    if (r.other > 1) what = arena_printf(arena, p->limits[r.which].starts ? "%s, and the last to begin takes %u days" : "%s, and each takes %u days", what, r.other);
    break;
  case CAMPAIGN_GROUP:
    what = arena_printf(arena, "%s: at most %u of its %u nodes out on a day", p->groups[r.which].name, p->groups[r.which].most,
                        p->groups[r.which].nodes);
    break;
  case CAMPAIGN_CONFLICT:
    what = arena_printf(arena, "%s (%u nodes) and %s (%u nodes) have no room on one day", c->name, c->out,
                        p->clusters[r.other].name, p->clusters[r.other].out);
    break;
  default: what = "nothing is to be done"; break;
  }
  return from ? arena_printf(arena, "%s, after %u day%s for the phases before", what, from, from == 1 ? "" : "s") : what;
}

/* A cluster that has no place on any day, whatever becomes of the others. */
static bool find_misfit(const CampaignProblem *p, Arena *arena, CampaignBound *ret) {
  for (uint32_t i = 0; i < p->count; i++) {
    const CampaignCluster *c = &p->clusters[i];
    uint32_t last, first = campaign_span(p, i, 0, &last), room = 0;
    for (uint32_t day = 0; day < p->days; day++)
      if (c->open[day] && p->room[day] > room) room = p->room[day];
    if (c->group != CAMPAIGN_NEVER && c->out > p->groups[c->group].most)
      *ret = (CampaignBound){CAMPAIGN_NEVER, CAMPAIGN_GROUP, i,
                             arena_printf(arena, "%s alone takes %u nodes out, and of %s at most %u may be", c->name, c->out,
                                          p->groups[c->group].name, p->groups[c->group].most)};
    else if (first == CAMPAIGN_NEVER)
      *ret = (CampaignBound){CAMPAIGN_NEVER, CAMPAIGN_CLOSED, i,
                             arena_printf(arena, "%s needs %u of its days and has not so many", c->name, c->visits)};
    else if (c->out > room)
      *ret = (CampaignBound){CAMPAIGN_NEVER, CAMPAIGN_ROOM, i,
                             arena_printf(arena, "%s alone takes %u nodes out, and at most %u may be", c->name, c->out, room)};
    else
      continue;
    return true;
  }
  return false;
}

CampaignBound campaign_bound(const CampaignProblem *p, Arena *arena) {
  CampaignBound misfit;
  if (p->count == 0) return (CampaignBound){0, CAMPAIGN_FREE, 0, "there is nothing to do"};
  if (find_misfit(p, arena, &misfit)) return misfit;
  uint32_t *floors = arena_new_array(arena, uint32_t, p->phases), from = 0;
  Reach best = {0, CAMPAIGN_FREE, 0, 0};
  find_floors(p, floors);
  for (uint32_t k = 0; k < p->phases; k++) {
    if (!any_in(p, k, p->phases)) continue;
    Reach r = floors[k] == CAMPAIGN_NEVER ? (Reach){CAMPAIGN_NEVER, CAMPAIGN_PHASE, 0, 0}
                                          : reach(&(Part){p, k, p->phases, floors[k], false});
    if (r.day == CAMPAIGN_NEVER || r.day > best.day || best.rule == CAMPAIGN_FREE) {
      best = r;
      from = floors[k];
    }
    if (r.day == CAMPAIGN_NEVER) break;
  }
  if (best.rule == CAMPAIGN_PHASE)
    return (CampaignBound){CAMPAIGN_NEVER, CAMPAIGN_PHASE, 0, "the phases before leave no day for the last"};
  return (CampaignBound){best.day == CAMPAIGN_NEVER ? CAMPAIGN_NEVER : best.day + 1, best.rule, best.which,
                         reason(p, best, from, arena)};
}
