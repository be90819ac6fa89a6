/* The sample inventories: they load, have the sizes that their makers promise, and the broken one is
 * broken in all the ways that it shows. */
#include <config.h>

#include "tests/lib/fleet_case.h"

#include <stdlib.h>

static FleetCase sample(const char *name) {
  const char *top = getenv("srcdir");
  Arena *arena = arena_new();
  FleetCase c = case_path(arena_printf(arena, "%s/runbooks/samples/%s", top ? top : ".", name));
  arena_free(arena);
  return c;
}

static uint32_t count_out(const Fleet *f, uint32_t kind, const char *container) {
  FleetMembers m = fleet_members(f, kind, case_find(f, kind, container), NODE);
  uint32_t out = 0;
  for (uint32_t i = 0; i < m.count; i++) out += fleet_fact(f, NODE, NODE_SERVICE, fleet_member(m, i)) != 1;
  return out;
}

static void test_the_whole_fleet(void **state) {
  (void)state;
  FleetCase c = sample("fleet72");
  assert_string_equal(case_said(c), "");
  const Fleet *f = c.fleet;
  assert_int_equal(fleet_count(f, CLUSTER), 72);
  assert_int_equal(fleet_count(f, NODE), 18500);
  assert_int_equal(fleet_count(f, POD), 496);
  assert_int_equal(fleet_count(f, RACK), 146);
  assert_int_equal(fleet_count(f, COOLING), 146);
  assert_int_equal(fleet_count(f, SHELF), 146 * 8);
  assert_int_equal(fleet_count(f, SWITCH), 146 * 9 + 496 * 8);
  uint32_t of_sku[4] = {0}, out = 0;
  for (Entity e = 0; e < 18500; e++) {
    of_sku[fleet_value(f, NODE, NODE_SKU, e)]++;
    out += fleet_fact(f, NODE, NODE_SERVICE, e) != 1;
    assert_int_equal(fleet_fact(f, NODE, NODE_POWER, e) == 2, fleet_fact(f, NODE, NODE_SERVICE, e) != 1);
    assert_int_not_equal(fleet_up(f, NODE, e, SITE), ENTITY_NONE);
    bool hopper = fleet_value(f, NODE, NODE_SKU, e) != SKU_GB200;
    assert_int_equal(fleet_refs(f, NODE, NODE_LEAVES, e).count, hopper ? 8 : 0);
    assert_int_equal(fleet_up(f, NODE, e, POD) != ENTITY_NONE, hopper);
    assert_int_equal(fleet_up(f, NODE, e, RACK) == ENTITY_NONE, hopper);
  }
  assert_int_equal(of_sku[SKU_H100], 10208);
  assert_int_equal(of_sku[SKU_H200], 5664);
  assert_int_equal(of_sku[SKU_GB200], 2628);
  assert_in_range(out, 56, 92); /* 0.3 to 0.5 of a hundred */
  case_end(c);
}

static void test_the_power_shutdown_cluster(void **state) {
  (void)state;
  FleetCase c = sample("fleet72");
  const Fleet *f = c.fleet;
  Entity phx62 = case_find(f, CLUSTER, "PHX62");
  assert_int_equal(fleet_members(f, CLUSTER, phx62, RACK).count, 48);
  assert_int_equal(fleet_members(f, CLUSTER, phx62, NODE).count, 864);
  assert_null(fleet_members(f, CLUSTER, phx62, NODE).items); /* neighbours: kept as a range */
  assert_int_equal(fleet_members(f, CLUSTER, phx62, ROW).count, 6);
  assert_string_equal(fleet_text(f, fleet_value(f, SITE, SITE_ZONE, fleet_up(f, CLUSTER, phx62, SITE))),
                      "America/Phoenix");
  assert_in_range(count_out(f, CLUSTER, "PHX62"), 1, 8); /* what the runbook tolerates */
  for (Entity r = 0; r < fleet_count(f, RACK); r++) {
    Entity cooling = (Entity)fleet_value(f, RACK, RACK_COOLING, r);
    assert_true(fleet_value(f, RACK, RACK_KW, r) <= fleet_value(f, COOLING, COOLING_KW, cooling));
    assert_int_equal(fleet_members(f, RACK, r, NODE).count, 18);
    assert_int_equal(fleet_members(f, RACK, r, SHELF).count, 8);
    assert_int_equal(fleet_members(f, RACK, r, SWITCH).count, 9);
    assert_int_equal(fleet_members(f, COOLING, cooling, RACK).count, 1);
  }
  case_end(c);
}

static void test_leaf_switches(void **state) {
  (void)state;
  FleetCase c = sample("fleet72");
  const Fleet *f = c.fleet;
  for (Entity s = 0; s < fleet_count(f, SWITCH); s++) {
    FleetMembers below = fleet_members(f, SWITCH, s, NODE);
    if (fleet_value(f, SWITCH, SWITCH_ROLE, s) != 1) continue;
    assert_int_equal(below.count, 32);
    Entity pod = (Entity)fleet_value(f, SWITCH, SWITCH_POD, s);
    for (uint32_t i = 0; i < below.count; i++)
      assert_int_equal(fleet_up(f, NODE, fleet_member(below, i), POD), pod);
  }
  case_end(c);
}

static void test_toys(void **state) {
  (void)state;
  FleetCase c = sample("toy-8-racks.csv");
  assert_string_equal(case_said(c), "");
  assert_int_equal(fleet_count(c.fleet, NODE), 144);
  assert_string_equal(case_members(c, ROW, "w2", RACK), "r05 r06 r07 r08");
  assert_string_equal(
      fleet_name(c.fleet, RACK, fleet_up(c.fleet, NODE, case_find(c.fleet, NODE, "r05-n07"), RACK)), "r05");
  assert_int_equal(fleet_value(c.fleet, RACK, RACK_SKU, 7), SKU_GB200);
  case_find(c.fleet, CLUSTER, "TOY8");
  case_find(c.fleet, COOLING, "r03-cu");
  case_end(c);
  c = sample("toy-1-rack.csv");
  assert_int_equal(fleet_count(c.fleet, NODE), 18);
  assert_int_equal(fleet_count(c.fleet, RACK), 1);
  case_end(c);
  c = sample("toy-1-pod");
  assert_int_equal(fleet_count(c.fleet, NODE), 32);
  assert_int_equal(fleet_members(c.fleet, SWITCH, case_find(c.fleet, SWITCH, "leaf1"), NODE).count, 32);
  assert_int_equal(fleet_members(c.fleet, POD, case_find(c.fleet, POD, "pod1"), SWITCH).count, 8);
  case_end(c);
}

static void test_the_broken_one(void **state) {
  (void)state;
  FleetCase c = sample("broken.csv");
  assert_null(c.fleet);
  assert_string_equal(case_said(c), "E0810 1:66\n"  /* zone */
                                    "E0822 3:51\n"  /* inservice */
                                    "E0822 4:29\n"  /* GB20 */
                                    "E0821 5:1\n"   /* the name of row 4 */
                                    "E0820 6:1\n"   /* no name */
                                    "E0823 7:22\n"  /* 120 of what? */
                                    "E0830 8:22\n"  /* 118kW, but 120kW */
                                    "E0823 8:35\n"  /* slot -7 */
                                    "E0813 9:61\n"  /* a cell too few */
                                    "E0830 10:13\n" /* another row */
                                    "E0825 11:13\n" /* a row, but of no rack */
                                    "E0825 11:18\n" /* kw of no rack */
                                    "E0814 12:1\n"  /* an open quote */
                                    "E0820 13:1\n"  /* a blank behind the name */
                                    "E0823 13:36"); /* slot twelve */
  case_end(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_whole_fleet), cmocka_unit_test(test_the_power_shutdown_cluster),
      cmocka_unit_test(test_leaf_switches),   cmocka_unit_test(test_toys),
      cmocka_unit_test(test_the_broken_one),
  };
  return cmocka_run_group_tests_name("samples", tests, NULL, NULL);
}
