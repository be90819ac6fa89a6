/* What may be asked of a loaded fleet: names, values, facts, containers, members, lists, texts, the
 * digest. */
#include <config.h>

#include "lang/quantity.h"
#include "tests/lib/fleet_case.h"

static const char gb200[] =
    "node,cluster,site,site.zone,region,region.group,row,rack,rack.slot,rack.kw,rack.cooling,rack.cooling.kw,"
    "sku,slot,bmc,service\n"
    "n1,PHX62,PHX,America/Phoenix,us,US,w1,r01,1,120kW,c01,125kW,GB200,1,192.0.2.1,in_service\n"
    "n2,PHX62,PHX,America/Phoenix,us,US,w1,r01,1,120kW,c01,125kW,GB200,2,192.0.2.2,\n"
    "n3,PHX62,PHX,America/Phoenix,us,US,w2,r02,1,0.12MW,c02,125kW,GB200,1,192.0.2.3,repair\n"
    "n4,PHX63,PHX,America/Phoenix,us,US,w3,r03,1,120kW,c03,125kW,GB200,1,192.0.2.4,in_service\n";

static const char hopper[] = "node,pod,cluster,sku,slot,leaves\n"
                             "h1,p1,AMS25,H200,1,l1;l2\n"
                             "h2,p1,AMS25,H200,2,l1;l2\n"
                             "h3,p2,AMS25,H200,1,l3;l4\n"
                             "h4,p2,AMS25,H200,2,l4;l2\n";

static void test_containers_come_from_columns(void **state) {
  (void)state;
  FleetCase c = case_csv(gb200);
  const Fleet *f = c.fleet;
  assert_non_null(f);
  assert_int_equal(fleet_count(f, NODE), 4);
  assert_int_equal(fleet_count(f, RACK), 3);
  assert_int_equal(fleet_count(f, CLUSTER), 2);
  assert_int_equal(fleet_count(f, SITE), 1);
  assert_int_equal(fleet_count(f, POD), 0);
  Entity n3 = case_find(f, NODE, "n3");
  assert_int_equal(n3, 2);
  assert_string_equal(fleet_name(f, NODE, n3), "n3");
  assert_int_equal(fleet_name_length(f, NODE, n3), 2);
  assert_int_equal(fleet_up(f, NODE, n3, NODE), n3);
  assert_string_equal(fleet_name(f, RACK, fleet_parent(f, NODE, n3)), "r02");
  assert_string_equal(fleet_name(f, ROW, fleet_up(f, NODE, n3, ROW)), "w2");
  assert_string_equal(fleet_name(f, CLUSTER, fleet_up(f, NODE, n3, CLUSTER)), "PHX62");
  assert_string_equal(fleet_name(f, REGION, fleet_up(f, NODE, n3, REGION)), "us");
  assert_string_equal(fleet_name(f, COOLING, fleet_up(f, NODE, n3, COOLING)), "c02");
  assert_int_equal(fleet_up(f, NODE, n3, POD), ENTITY_NONE);
  assert_int_equal(fleet_up(f, CLUSTER, 0, NODE), ENTITY_NONE);
  assert_int_equal(fleet_find(f, NODE, "n9", 2), ENTITY_NONE);
  assert_int_equal(fleet_find(f, RACK, "n1", 2), ENTITY_NONE);
  assert_int_equal(fleet_find(f, NODE, "", 0), ENTITY_NONE);
  case_end(c);
}

static void test_members(void **state) {
  (void)state;
  FleetCase c = case_csv(gb200);
  assert_string_equal(case_members(c, RACK, "r01", NODE), "n1 n2");
  assert_string_equal(case_members(c, ROW, "w2", NODE), "n3");
  assert_string_equal(case_members(c, CLUSTER, "PHX62", RACK), "r01 r02");
  assert_string_equal(case_members(c, REGION, "us", NODE), "n1 n2 n3 n4");
  assert_string_equal(case_members(c, COOLING, "c02", NODE), "n3");
  assert_string_equal(case_members(c, NODE, "n3", NODE), "n3");
  assert_string_equal(case_members(c, NODE, "n3", RACK), "");
  assert_string_equal(case_members(c, RACK, "r01", SHELF), "");
  case_end(c);
}

static void test_members_that_are_not_neighbours(void **state) {
  (void)state;
  FleetCase c = case_csv("name,rack,row,cluster\nn1,a,w,C\nn2,b,w,C\nn3,a,w,C\nn4,,,\nn5,b,w,C\n");
  assert_non_null(c.fleet);
  assert_string_equal(case_members(c, RACK, "a", NODE), "n1 n3");
  assert_string_equal(case_members(c, RACK, "b", NODE), "n2 n5");
  assert_string_equal(case_members(c, CLUSTER, "C", NODE), "n1 n2 n3 n5");
  assert_int_equal(fleet_up(c.fleet, NODE, case_find(c.fleet, NODE, "n4"), CLUSTER), ENTITY_NONE);
  case_end(c);
}

static void test_values(void **state) {
  (void)state;
  FleetCase c = case_csv(gb200);
  const Fleet *f = c.fleet;
  Entity r1 = case_find(f, RACK, "r01");
  assert_int_equal(fleet_value(f, RACK, RACK_KW, r1), 120000000);
  assert_int_equal(fleet_value(f, RACK, RACK_KW, case_find(f, RACK, "r02")), 120000000);
  assert_int_equal(fleet_value(f, RACK, RACK_SLOT, r1), 1);
  assert_int_equal(fleet_value(f, RACK, RACK_COOLING, r1), case_find(f, COOLING, "c01"));
  assert_int_equal(fleet_value(f, NODE, NODE_SKU, 0), SKU_GB200);
  assert_string_equal(fleet_text(f, fleet_value(f, NODE, NODE_BMC, 1)), "192.0.2.2");
  assert_int_equal(fleet_value(f, NODE, NODE_NAME, 1), fleet_text_find(f, "n2", 2));
  assert_int_equal(fleet_value(f, NODE, NODE_POD, 1), FLEET_UNKNOWN);
  assert_int_equal(fleet_value(f, CLUSTER, CLUSTER_OWNER, 0), FLEET_UNKNOWN);
  assert_string_equal(fleet_text(f, FLEET_UNKNOWN), "");
  assert_int_equal(fleet_text_find(f, "nowhere", 7), FLEET_UNKNOWN);
  assert_int_equal(fleet_fact(f, NODE, NODE_SERVICE, 0), 1);
  assert_int_equal(fleet_fact(f, NODE, NODE_SERVICE, 1), 0);
  assert_int_equal(fleet_fact(f, NODE, NODE_SERVICE, 2), 4);
  assert_int_equal(fleet_fact(f, NODE, NODE_POWER, 2), 0);
  case_end(c);
}

static void test_columns_agree_with_values(void **state) {
  (void)state;
  FleetCase c = case_csv(gb200);
  const Fleet *f = c.fleet;
  for (uint32_t a = 0; a < library_schema.kinds[NODE].attr_count; a++) {
    if (a == NODE_LEAVES) continue;
    FleetColumn column = fleet_column(f, NODE, a);
    for (Entity e = 0; e < fleet_count(f, NODE); e++)
      assert_int_equal(fleet_column_value(column, e), fleet_value(f, NODE, a, e));
  }
  FleetColumn up = fleet_up_column(f, NODE, SITE), service = fleet_fact_column(f, NODE, NODE_SERVICE);
  for (Entity e = 0; e < fleet_count(f, NODE); e++) {
    assert_int_equal(fleet_column_value(up, e), fleet_up(f, NODE, e, SITE));
    assert_int_equal(((const uint8_t *)service.data)[e], fleet_fact(f, NODE, NODE_SERVICE, e));
  }
  assert_null(fleet_fact_column(f, NODE, NODE_POWER).data);
  assert_null(fleet_column(f, NODE, NODE_LEAVES).data);
  case_end(c);
}

static void test_lists_lead_both_ways(void **state) {
  (void)state;
  FleetCase c = case_csv(hopper);
  assert_non_null(c.fleet);
  FleetMembers leaves = fleet_refs(c.fleet, NODE, NODE_LEAVES, case_find(c.fleet, NODE, "h4"));
  assert_int_equal(leaves.count, 2);
  assert_string_equal(fleet_name(c.fleet, SWITCH, fleet_member(leaves, 0)), "l4");
  assert_string_equal(fleet_name(c.fleet, SWITCH, fleet_member(leaves, 1)), "l2");
  assert_string_equal(case_members(c, SWITCH, "l2", NODE), "h1 h2 h4");
  assert_string_equal(case_members(c, SWITCH, "l3", NODE), "h3");
  assert_string_equal(case_members(c, CLUSTER, "AMS25", SWITCH), "l1 l2 l3 l4");
  assert_string_equal(case_members(c, POD, "p2", NODE), "h3 h4");
  assert_string_equal(case_members(c, CLUSTER, "AMS25", NODE), "h1 h2 h3 h4");
  assert_string_equal(fleet_name(c.fleet, CLUSTER, fleet_up(c.fleet, NODE, 3, CLUSTER)), "AMS25");
  case_end(c);
}

static void test_sku_is_completed(void **state) {
  (void)state;
  FleetCase c = case_csv(gb200); /* given for nodes only */
  assert_int_equal(fleet_value(c.fleet, RACK, RACK_SKU, 0), SKU_GB200);
  assert_int_equal(fleet_value(c.fleet, CLUSTER, CLUSTER_SKU, 1), SKU_GB200);
  case_end(c);
  c = case_csv("name,pod,cluster,cluster.sku\nh1,p1,C,H100\nh2,p2,C,H100\n"); /* for the cluster only */
  assert_int_equal(fleet_value(c.fleet, NODE, NODE_SKU, 1), SKU_H100);
  assert_int_equal(fleet_value(c.fleet, POD, POD_SKU, 1), SKU_H100);
  case_end(c);
}

static void test_which_kinds_lead_up(void **state) {
  (void)state;
  assert_true(fleet_leads_up(&library_schema, NODE, CLUSTER));
  assert_true(fleet_leads_up(&library_schema, NODE, SWITCH)); /* by the list of leaves */
  assert_true(fleet_leads_up(&library_schema, RACK, COOLING));
  assert_false(fleet_leads_up(&library_schema, CLUSTER, NODE));
  assert_false(fleet_leads_up(&library_schema, RACK, POD));
  assert_int_equal(fleet_kind_index(&library_schema, "Rack"), RACK);
  assert_int_equal(fleet_kind_index(&library_schema, "rack"), UINT32_MAX);
  assert_int_equal(fleet_attr_index(&library_schema, NODE, "bmc"), NODE_BMC);
  assert_int_equal(fleet_attr_index(&library_schema, NODE, "nobody"), UINT32_MAX);
  assert_int_equal(fleet_fact_index(&library_schema, NODE, "power"), NODE_POWER);
  assert_int_equal(fleet_fact_index(&library_schema, RACK, "power"), UINT32_MAX);
}

/* Kinds that refer to each other in a circle: the link that would close it does not lead up, and
 * everything ends. */
static void test_circles_of_kinds(void **state) {
  (void)state;
  static const FleetAttr a[] = {{.name = "name"}, {.name = "head", .type = FLEET_REF, .kind = 1}};
  static const FleetAttr b[] = {{.name = "name"},
                                {.name = "home", .type = FLEET_REF, .kind = 0},
                                {.name = "twin", .type = FLEET_REF, .kind = 1}};
  static const FleetKind kinds[] = {{"House", "houses", FLEET_NO_KIND, 0, a, 2, NULL, 0},
                                    {"Person", "people", 0, 0, b, 3, NULL, 0}};
  static const FleetSchema schema = {kinds, 2, 1};
  FleetCase c = case_begin();
  static const char text[] = "person,house,house.head,twin\nann,h1,ann,bob\nbob,h1,ann,ann\n";
  c.fleet = fleet_load_text(&schema, "people", FLEET_CSV, text, sizeof text - 1, c.sink);
  assert_non_null(c.fleet);
  assert_int_equal(fleet_up(c.fleet, 1, 1, 0), 0);
  assert_int_equal(fleet_up(c.fleet, 0, 0, 1), ENTITY_NONE);
  assert_int_equal(fleet_value(c.fleet, 0, 1, 0), 0);
  assert_int_equal(fleet_value(c.fleet, 1, 2, 0), 1);
  assert_int_equal(fleet_members(c.fleet, 0, 0, 1).count, 2);
  case_end(c);
}

static void test_digest_is_of_the_content(void **state) {
  (void)state;
  FleetCase a = case_csv(hopper);
  FleetCase same = case_csv("cluster,\"node\",sku,slot,leaves,pod\r\n"
                            "AMS25,h1,H200,1,l1;l2,p1\r\n"
                            "AMS25,\"h2\",H200,2,l1;l2,p1\r\n\r\n"
                            "AMS25,h3,H200,1,\"l3;l4\",p2\r\n"
                            "AMS25,h4,H200,2,l4;l2,p2\r\n");
  FleetCase other = case_csv("node,pod,cluster,sku,slot,leaves\nh1,p1,AMS25,H200,1,l1;l2\n");
  assert_int_equal(fleet_digest(a.fleet), fleet_digest(same.fleet));
  assert_int_not_equal(fleet_digest(a.fleet), fleet_digest(other.fleet));
  assert_true(fleet_bytes(a.fleet) > fleet_bytes(other.fleet) / 2);
  case_end(a);
  case_end(same);
  case_end(other);
}

static void test_places(void **state) {
  (void)state;
  FleetCase c = case_csv(gb200);
  uint32_t line;
  assert_string_equal(fleet_place(c.fleet, RACK, case_find(c.fleet, RACK, "r02"), &line), "fleet");
  assert_int_equal(line, 4);
  fleet_place(c.fleet, NODE, case_find(c.fleet, NODE, "n4"), &line);
  assert_int_equal(line, 5);
  case_end(c);
}

static void test_texts_are_numbered_over_all_kinds(void **state) {
  (void)state;
  FleetCase c = case_csv("name,rack,row,cluster,bmc\nx,y,w,C,y\n");
  assert_int_equal(fleet_value(c.fleet, NODE, NODE_BMC, 0), fleet_value(c.fleet, RACK, RACK_NAME, 0));
  assert_true(fleet_value(c.fleet, NODE, NODE_BMC, 0) < fleet_text_count(c.fleet));
  assert_int_equal(fleet_text_length(c.fleet, fleet_value(c.fleet, NODE, NODE_BMC, 0)), 1);
  assert_ptr_equal(fleet_schema(c.fleet), &library_schema);
  case_end(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_containers_come_from_columns),
      cmocka_unit_test(test_members),
      cmocka_unit_test(test_members_that_are_not_neighbours),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_columns_agree_with_values),
      cmocka_unit_test(test_lists_lead_both_ways),
      cmocka_unit_test(test_sku_is_completed),
      cmocka_unit_test(test_which_kinds_lead_up),
      cmocka_unit_test(test_circles_of_kinds),
      cmocka_unit_test(test_digest_is_of_the_content),
      cmocka_unit_test(test_places),
      cmocka_unit_test(test_texts_are_numbered_over_all_kinds),
  };
  return cmocka_run_group_tests_name("fleet", tests, NULL, NULL);
}
