/* Campaigns: the golden calendars of the field, optima by trying everything, and calendars that an own check finds valid. */
#include <config.h>

#include "runtime/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HORIZON = 400 };

typedef struct Case {
  Arena *arena;
  CampaignCluster clusters[80];
  uint8_t open[HORIZON];
  uint32_t room[HORIZON], most[HORIZON];
  CampaignLimit limits[2];
  CampaignGroup groups[4];
  CampaignProblem p;
} Case;

static int set_up(void **state) {
  Case *c = xcalloc(1, sizeof *c);
  c->arena = arena_new();
  for (uint32_t i = 0; i < HORIZON; i++) {
    c->open[i] = 1;
    c->room[i] = 1800;
  }
  c->p = (CampaignProblem){.clusters = c->clusters, .days = HORIZON, .room = c->room, .limits = c->limits, .groups = c->groups,
                           .phases = 1};
  *state = c;
  return 0;
}

static int tear_down(void **state) {
  Case *c = *state;
  arena_free(c->arena);
  free(c);
  return 0;
}

static CampaignCluster *add(Case *c, uint32_t nodes, uint32_t visits, uint32_t phase) {
  CampaignCluster *x = &c->clusters[c->p.count];
  *x = (CampaignCluster){arena_printf(c->arena, "C%02u", c->p.count), nodes, visits, (nodes + visits - 1) / visits, phase,
                         CAMPAIGN_NEVER, 0, c->open, CAMPAIGN_NEVER, false};
  c->p.count++;
  if (phase >= c->p.phases) c->p.phases = phase + 1;
  return x;
}

/* ---- a check of its own ---- */

static bool phases_ok(const CampaignProblem *p, const uint32_t *start) {
  for (uint32_t i = 0; i < p->count; i++)
    for (uint32_t j = 0; j < p->count; j++) {
      uint32_t last = start[i];
      if (p->rule == PHASE_BY_FINISH) campaign_span(p, i, start[i], &last);
      if (p->clusters[i].phase < p->clusters[j].phase && start[j] < last) return false;
    }
  return true;
}

/* Days that a calendar takes, or CAMPAIGN_NEVER when a rule is broken. Written day by day, unlike the planner's books. */
static uint32_t days_of(const CampaignProblem *p, const uint32_t *start) {
  uint32_t end = 0;
  for (uint32_t i = 0; i < p->count; i++) {
    uint32_t last = 0;
    if (start[i] >= p->days || campaign_span(p, i, start[i], &last) != start[i]) return CAMPAIGN_NEVER;
    if (last + 1 > end) end = last + 1;
  }
  for (uint32_t day = 0; day < end; day++) {
    uint32_t out = 0, share[4] = {0}, places[2] = {0};
    for (uint32_t i = 0; i < p->count; i++) {
      const CampaignCluster *c = &p->clusters[i];
      uint32_t last = 0;
      campaign_span(p, i, start[i], &last);
      if (day < start[i] || day > last || !c->open[day]) continue;
      out += c->out;
      if (c->group != CAMPAIGN_NEVER) share[c->group] += c->out;
      for (uint32_t l = 0; l < p->limit_count; l++)
        if ((c->classes >> l & 1u) && (!p->limits[l].starts || day == start[i])) places[l]++;
    }
    if (out > p->room[day]) return CAMPAIGN_NEVER;
    for (uint32_t g = 0; g < p->group_count; g++)
      if (share[g] > p->groups[g].most) return CAMPAIGN_NEVER;
    for (uint32_t l = 0; l < p->limit_count; l++)
      if (places[l] > p->limits[l].most[day]) return CAMPAIGN_NEVER;
  }
  return phases_ok(p, start) ? end : CAMPAIGN_NEVER;
}

static uint32_t optimum_from(const CampaignProblem *p, uint32_t *start, uint32_t at, uint32_t below) {
  if (at == p->count) {
    uint32_t days = days_of(p, start);
    return days < below ? days : below;
  }
  for (start[at] = 0; start[at] < p->days; start[at]++) below = optimum_from(p, start, at + 1, below);
  return below;
}

static uint32_t optimum(const CampaignProblem *p) {
  uint32_t start[8];
  return optimum_from(p, start, 0, CAMPAIGN_NEVER);
}

static const CampaignCalendar *plan(Case *c) {
  const CampaignCalendar *k = campaign_plan(&c->p, 4000, false, c->arena);
  if (k->days != CAMPAIGN_NEVER) assert_int_equal(days_of(&c->p, k->start), k->days);
  return k;
}

static void takes(Case *c, uint32_t days, CampaignRule rule) {
  const CampaignCalendar *k = plan(c);
  assert_int_equal(k->days, days);
  assert_int_equal(k->bound.days, days);
  assert_int_equal(k->bound.rule, rule);
}

/* ---- facts ---- */

static void close_but(Case *c, uint32_t first_weekday, uint32_t weekdays) {
  for (uint32_t i = 0; i < HORIZON; i++) c->open[i] = weekdays >> ((first_weekday + i) % 7) & 1u;
}

static void six_percent_a_day_is_17_visits(void **state) {
  add(*state, 2016, 17, 0);
  takes(*state, 17, CAMPAIGN_CHAIN);
}

static void on_weekdays_that_is_23_days(void **state) {
  close_but(*state, 0, 0x1f); /* from a Monday */
  add(*state, 2016, 17, 0);
  takes(*state, 23, CAMPAIGN_CHAIN);
}

static void on_mondays_and_wednesdays_57(void **state) {
  close_but(*state, 0, 0x05);
  add(*state, 2016, 17, 0);
  takes(*state, 57, CAMPAIGN_CHAIN);
}

static void pods_of_two_days_a_week_take_half_as_many_weeks(void **state) {
  Case *c = *state;
  close_but(c, 0, 0x05);
  c->limits[0] = (CampaignLimit){c->most, false, "1 pod per day"};
  c->p.limit_count = 1;
  for (uint32_t i = 0; i < HORIZON; i++) c->most[i] = 1;
  for (uint32_t i = 0; i < 26; i++) add(c, 32, 1, 0)->classes = 1;
  takes(c, 12 * 7 + 3, CAMPAIGN_LIMIT); /* the Wednesday of the 13th week */
}

/* ---- a fleet of 72 clusters of the shape that the field's calendars have ---- */

static const uint32_t big[] = {2016, 1792, 1600, 1536, 1440, 1152, 1008, 880, 640, 416}; /* 12,480 */

static void add_fleet(Case *c, uint32_t big_visits, bool whole_bigs) {
  uint32_t left = 6020;
  for (uint32_t i = 0; i < 62; i++) {
    uint32_t nodes = i < 61 ? 30 + i * 37 % 130 : left;
    left -= nodes;
    add(c, nodes, 1, i % 2);
  }
  for (uint32_t i = 0; i < 10; i++) {
    bool rolls = !whole_bigs || big[i] > 1800;
    add(c, big[i], rolls ? big_visits : 1, 2 + i % 2);
  }
}

static void no_order(Case *c) {
  for (uint32_t i = 0; i < c->p.count; i++) c->clusters[i].phase = 0;
  c->p.phases = 1;
}

static void whole_clusters_wait_for_one_that_rolls(void **state) {
  add_fleet(*state, 17, true);
  no_order(*state);
  takes(*state, 18, CAMPAIGN_CONFLICT);
}

static void whole_clusters_in_phases(void **state) {
  add_fleet(*state, 17, true);
  takes(*state, 21, CAMPAIGN_CONFLICT); /* 3 for the small ones, 17, and the 1,792 on a day of their own */
}

static void rolling_without_order(void **state) {
  add_fleet(*state, 17, false);
  no_order(*state);
  takes(*state, 17, CAMPAIGN_CHAIN);
}

static void rolling_in_phases(void **state) {
  add_fleet(*state, 17, false);
  takes(*state, 20, CAMPAIGN_CHAIN);
}

static void rolling_in_phases_that_wait_for_the_end(void **state) {
  Case *c = *state;
  add_fleet(c, 17, false);
  c->p.rule = PHASE_BY_FINISH;
  takes(c, 36, CAMPAIGN_CHAIN);
}

static void rolling_at_ten_percent(void **state) {
  add_fleet(*state, 10, false);
  const CampaignCalendar *k = plan(*state);
  assert_int_equal(k->bound.days, 13);
  assert_in_range(k->days, 13, 14);
}

static void a_share_that_one_cluster_exceeds_is_its_fault(void **state) {
  Case *c = *state;
  add_fleet(c, 17, false);
  c->groups[0] = (CampaignGroup){"other, applied", 500, 75};
  c->p.group_count = 1;
  CampaignCluster *x = add(c, 158, 1, 1);
  x->group = 0;
  const CampaignCalendar *k = plan(c);
  assert_int_equal(k->days, CAMPAIGN_NEVER);
  assert_int_equal(k->bound.days, CAMPAIGN_NEVER);
  assert_string_equal(k->bound.why, "C72 alone takes 158 nodes out, and of other, applied at most 75 may be");
}

static void a_deadline_of_14_days_needs_11_visits(void **state) {
  Case *c = *state;
  c->p.days = 14;
  add_fleet(c, 12, false);
  assert_int_equal(plan(c)->bound.days, CAMPAIGN_NEVER); /* 8.4 % a day */
  c->p.count = 0;
  add_fleet(c, 11, false);                               /* 9.1 % */
  takes(c, 14, CAMPAIGN_CHAIN);
}

static void ten_that_roll(Case *c, bool starts, uint32_t most) {
  c->limits[0] = (CampaignLimit){c->most, starts, "so many"};
  c->p.limit_count = 1;
  for (uint32_t i = 0; i < HORIZON; i++) c->most[i] = most;
  for (uint32_t i = 0; i < 10; i++) add(c, 160, 17, 0)->classes = 1;
}

static void the_last_to_begin_has_all_its_days_before_it(void **state) {
  ten_that_roll(*state, true, 2);
  takes(*state, 5 - 1 + 17, CAMPAIGN_LIMIT);
}

static void four_at_once_of_ten_are_three_rows(void **state) {
  ten_that_roll(*state, false, 4);
  takes(*state, 3 * 17, CAMPAIGN_LIMIT);
}

/* On alternate days two can take turns in one place: three rows would be too many. */
static void rows_are_no_bound_where_members_take_turns(void **state) {
  static uint8_t even[HORIZON], odd[HORIZON];
  Case *c = *state;
  for (uint32_t i = 0; i < HORIZON; i++) odd[i] = !(even[i] = i % 2 == 0);
  ten_that_roll(c, false, 1);
  c->p.count = 2;
  c->clusters[0].open = even;
  c->clusters[1].open = odd;
  takes(c, 34, CAMPAIGN_CHAIN);
}

/* ---- a member that is under way ---- */

static void who_is_under_way_stays(void **state) {
  Case *c = *state;
  for (uint32_t i = 0; i < 3; i++) add(c, 1000, 1, 0);
  c->clusters[2].published = 1;
  c->clusters[2].fixed = true;
  const CampaignCalendar *k = plan(c);
  assert_int_equal(k->start[2], 1);
  assert_int_equal(k->days, 3);
}

/* ---- against trying everything ---- */

static uint32_t draw(uint64_t *state, uint32_t below) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33) % below;
}

static void made_up(Case *c, uint64_t *chance) {
  c->p.count = 0;
  c->p.phases = 1;
  c->p.days = 7;
  c->p.rule = draw(chance, 2) ? PHASE_BY_START : PHASE_BY_FINISH;
  c->p.limit_count = draw(chance, 2);
  c->p.group_count = draw(chance, 2);
  c->limits[0] = (CampaignLimit){c->most, draw(chance, 2), "2 clusters per day"};
  c->groups[0] = (CampaignGroup){"US", 40, 8 + draw(chance, 5)};
  for (uint32_t i = 0; i < c->p.days; i++) {
    c->open[i] = draw(chance, 5) > 0;
    c->room[i] = 10 + draw(chance, 3);
    c->most[i] = 1 + draw(chance, 3);
  }
  uint32_t count = 3 + draw(chance, 2), phases = 1 + draw(chance, 2);
  for (uint32_t i = 0; i < count; i++) {
    CampaignCluster *x = add(c, 1, 1 + draw(chance, 3), draw(chance, phases));
    x->out = 1 + draw(chance, 9);
    x->classes = c->p.limit_count && draw(chance, 2);
    if (c->p.group_count && draw(chance, 2)) x->group = 0;
  }
}

static void nothing_is_shorter_than_the_bound(void **state) {
  Case *c = *state;
  uint64_t chance = 7;
  for (uint32_t round = 0; round < 400; round++) {
    made_up(c, &chance);
    uint32_t best = optimum(&c->p);
    const CampaignCalendar *k = plan(c);
    if (k->bound.days == CAMPAIGN_NEVER) assert_int_equal(best, CAMPAIGN_NEVER);
    else assert_true(k->bound.days <= best);
    assert_int_equal(k->days, best);
    arena_free(c->arena);
    c->arena = arena_new();
  }
}

/* ---- a slip ---- */

static void a_slip_moves_as_few_as_it_must(void **state) {
  Case *c = *state;
  add_fleet(c, 17, false);
  const CampaignCalendar *before = plan(c);
  for (uint32_t i = 0; i < c->p.count; i++) c->clusters[i].published = before->start[i];
  uint8_t slipped[HORIZON];
  memcpy(slipped, c->open, sizeof slipped);
  slipped[before->start[5]] = 0;
  c->clusters[5].open = slipped;
  const CampaignCalendar *after = campaign_plan(&c->p, 1000, true, c->arena);
  assert_int_equal(days_of(&c->p, after->start), after->days);
  assert_int_equal(after->moved, 1);
  assert_int_not_equal(after->start[5], before->start[5]);
}

static void the_rule_that_binds_a_day_is_named(void **state) {
  Case *c = *state;
  for (uint32_t i = 0; i < 4; i++) add(c, 900, 1, 0);
  const CampaignCalendar *k = plan(c);
  assert_int_equal(k->days, 2);
  assert_int_equal(campaign_binds(&c->p, k, 0, c->arena).rule, CAMPAIGN_ROOM);
  assert_int_equal(campaign_binds(&c->p, k, 1, c->arena).rule, CAMPAIGN_FREE);
  assert_int_equal(k->peak, 1800);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(six_percent_a_day_is_17_visits),
    TEST(on_weekdays_that_is_23_days),
    TEST(on_mondays_and_wednesdays_57),
    TEST(pods_of_two_days_a_week_take_half_as_many_weeks),
    TEST(whole_clusters_wait_for_one_that_rolls),
    TEST(whole_clusters_in_phases),
    TEST(rolling_without_order),
    TEST(rolling_in_phases),
    TEST(rolling_in_phases_that_wait_for_the_end),
    TEST(rolling_at_ten_percent),
    TEST(a_share_that_one_cluster_exceeds_is_its_fault),
    TEST(a_deadline_of_14_days_needs_11_visits),
    TEST(the_last_to_begin_has_all_its_days_before_it),
    TEST(four_at_once_of_ten_are_three_rows),
    TEST(rows_are_no_bound_where_members_take_turns),
    TEST(who_is_under_way_stays),
    TEST(nothing_is_shorter_than_the_bound),
    TEST(a_slip_moves_as_few_as_it_must),
    TEST(the_rule_that_binds_a_day_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
