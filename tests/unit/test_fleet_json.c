/* The JSON of an inventory: the same content as the CSV, strictly read, with places; and every way to
 * malform it. */
#include <config.h>

#include "lang/limits.h"
#include "tests/lib/fleet_case.h"

static void only(const char *json, DiagCode code, uint32_t line, uint32_t column) {
  FleetCase c = case_json(json);
  case_only(c, code, line, column);
  case_end(c);
}

static void good(const char *json, uint32_t nodes) {
  FleetCase c = case_json(json);
  assert_string_equal(case_said(c), "");
  assert_int_equal(fleet_count(c.fleet, NODE), nodes);
  case_end(c);
}

static void test_same_content_as_csv(void **state) {
  (void)state;
  FleetCase csv = case_csv("name,pod,cluster,sku,slot,leaves,bmc\n"
                           "h1,p1,AMS25,H200,1,l1;l2,192.0.2.1\n"
                           "h2,p1,AMS25,H200,2,l1;l2,\n"
                           "h3,p2,AMS25,H200,,l3,\"a\"\"b\"\n");
  FleetCase json = case_json(
      "[\n"
      "  {\"name\": \"h1\", \"pod\": \"p1\", \"cluster\": \"AMS25\", \"sku\": \"H200\", \"slot\": 1, "
      "\"leaves\": [\"l1\", \"l2\"], \"bmc\": \"192.0.2.1\"},\n"
      "  {\"leaves\": [ \"l1\" ,\"l2\" ], "
      "\"name\":\"h2\",\"pod\":\"p1\",\"sku\":\"H200\",\"slot\":2,\"cluster\":\"AMS25\",\"bmc\":null},\n"
      "  {\"name\": \"h3\", \"pod\": \"p2\", \"cluster\": \"AMS25\", \"sku\": \"H200\", \"leaves\": "
      "[\"\\u006c3\"], \"bmc\": \"a\\\"b\"}\n"
      "]\n");
  assert_non_null(csv.fleet);
  assert_string_equal(case_said(json), "");
  assert_int_equal(fleet_digest(csv.fleet), fleet_digest(json.fleet));
  uint32_t line;
  fleet_place(json.fleet, NODE, 2, &line);
  assert_int_equal(line, 4);
  case_end(csv);
  case_end(json);
}

static void test_a_table_per_kind(void **state) {
  (void)state;
  FleetCase c =
      case_json("{\"nodes\": [{\"name\": \"n1\", \"rack\": \"r1\", \"slot\": 3}],\n"
                " \"racks\": [{\"name\": \"r1\", \"row\": \"w1\", \"kw\": \"120kW\", \"cluster\": \"C\"}],\n"
                " \"clusters\": [{\"cluster\": \"C\", \"shared\": true, \"owner\": \"applied\"}]}");
  assert_string_equal(case_said(c), "");
  assert_int_equal(fleet_value(c.fleet, RACK, RACK_KW, 0), 120000000);
  assert_int_equal(fleet_value(c.fleet, CLUSTER, CLUSTER_SHARED, 0), 1);
  assert_int_equal(fleet_up(c.fleet, NODE, 0, CLUSTER), 0);
  case_end(c);
  only("{\"nodes\": [{\"name\": \"n1\", \"rack\": \"r2\"}],\n \"racks\": [{\"name\": \"r1\"}]}",
       E_FLEET_REFERENCE, 1, 1);
  only("{\"racks\": [{\"name\": \"r1\"}],\n \"nodes\": [{\"name\": \"n1\", \"rack\": \"r2\"}]}",
       E_FLEET_REFERENCE, 2, 35);
  only("{\"nodes\": [{\"name\": \"n1\"}], \"rack\": []}", E_FLEET_TABLE, 1, 29);
  only("{\"nodes\": [{\"name\": \"n1\"}],\n\"nodes\": []}", E_FLEET_TABLE, 2, 1);
}

static void test_texts(void **state) {
  (void)state;
  FleetCase c = case_json("[{\"name\": \"n1\", \"bmc\": \"\\u00e9\\u20ac\\ud83d\\ude00\\/\\\\\"}]");
  assert_string_equal(fleet_text(c.fleet, fleet_value(c.fleet, NODE, NODE_BMC, 0)), "é€😀/\\");
  case_end(c);
  only("[{\"name\": \"n\\u0000\"}]", E_FLEET_JSON, 1, 13);
  only("[{\"name\": \"n\\ud83d\"}]", E_FLEET_JSON, 1, 13);
  only("[{\"name\": \"n\\ude00\"}]", E_FLEET_JSON, 1, 13);
  only("[{\"name\": \"n\\ud83d\\u0041\"}]", E_FLEET_JSON, 1, 13);
  only("[{\"name\": \"n\\u12g4\"}]", E_FLEET_JSON, 1, 13);
  only("[{\"name\": \"n\\x41\"}]", E_FLEET_JSON, 1, 13);
  only("[{\"name\": \"n\n\"}]", E_FLEET_JSON, 1, 13);
  only("[{\"name\": \"a\\u0007\"}]", E_FLEET_NAME, 1, 11);
  only("[{\"name\": \"n\xff\"}]", E_FLEET_BYTES, 1, 13);
  only("[{\"name\": \"n\\u00e9\", \"slot\": \"x\"}]", E_FLEET_NUMBER, 1,
       29); /* places behind an escape are right */
}

static void test_numbers_and_words(void **state) {
  (void)state;
  good("[{\"name\": 17, \"slot\": \"3\"}, {\"name\": \"n2\", \"slot\": 4}]", 2);
  only("[{\"name\": \"n1\", \"slot\": -4}]", E_FLEET_NUMBER, 1, 25);
  only("[{\"name\": \"n1\", \"slot\": 1.5}]", E_FLEET_NUMBER, 1, 25);
  only("[{\"name\": \"n1\", \"slot\": true}]", E_FLEET_NUMBER, 1, 25);
  only("[{\"name\": \"n1\", \"slot\": 01}]", E_FLEET_JSON, 1, 27);
  only("[{\"name\": \"n1\", \"slot\": 1e3}]", E_FLEET_JSON, 1, 26);
  only("[{\"name\": \"n1\", \"slot\": 1.}]", E_FLEET_JSON, 1, 27);
  only("[{\"name\": \"n1\", \"slot\": -}]", E_FLEET_JSON, 1, 26);
  only("[{\"name\": \"n1\", \"slot\": nil}]", E_FLEET_JSON, 1, 25);
  only("[{\"name\": \"n1\", \"sku\": \"B200\"}]", E_FLEET_WORD, 1, 24);
}

static void test_shape(void **state) {
  (void)state;
  only("", E_FLEET_CUT_OFF, 1, 1);
  only(" \n ", E_FLEET_CUT_OFF, 2, 2);
  only("[]", E_FLEET_EMPTY, 1, 1);
  only("{}", E_FLEET_EMPTY, 1, 1);
  only("{\"nodes\": []}", E_FLEET_EMPTY, 1, 1);
  only("17", E_FLEET_JSON, 1, 1);
  only("[17]", E_FLEET_JSON, 1, 2);
  only("[{\"name\": \"n1\"},]", E_FLEET_JSON, 1, 17);
  only("[{\"name\": \"n1\",}]", E_FLEET_JSON, 1, 16);
  only("[{\"name\" \"n1\"}]", E_FLEET_JSON, 1, 10);
  only("[{name: \"n1\"}]", E_FLEET_JSON, 1, 3);
  only("[{\"name\": \"n1\"} {\"name\": \"n2\"}]", E_FLEET_JSON, 1, 17);
  only("[{\"name\": \"n1\"}] x", E_FLEET_JSON, 1, 18);
  only("[{\"name\": \"n1\", \"rack\": {\"name\": \"r1\"}}]", E_FLEET_JSON, 1, 25);
  only("{\"nodes\": {\"n1\": {}}}", E_FLEET_JSON, 1, 11);
  only("[{\"name\": \"n1\"", E_FLEET_CUT_OFF, 1, 15);
}

static void test_own(void **state) {
  (void)state;
  const char *shared = "[{\"name\": \"n1\", \"rack\": \"r1\", \"rack.cooling\": \"x\"},\n"
                       " {\"name\": \"n2\",\n  \"rack\": \"r2\", \"rack.cooling\": \"x\"}]";
  only(shared, E_FLEET_NOT_OWN, 3, 33);
  FleetCase c = case_json(shared);
  assert_string_equal(diag_get(c.sink, 0)->notes->text, "`r1` has it at fleet:1:47");
  case_end(c);
}

static void test_rows(void **state) {
  (void)state;
  only("[{\"slot\": 1}]", E_FLEET_NAME, 1, 1);
  only("[{}]", E_FLEET_NAME, 1, 1);
  only("[{\"name\": \"n1\"},\n {\"name\": \"n1\"}]", E_FLEET_NAME_TWICE, 2, 11);
  only("[{\"name\": \"n1\", \"slot\": 1, \"slot\": 2}]", E_FLEET_COLUMN_TWICE, 1, 28);
  only("[{\"name\": \"n1\", \"slto\": 1},\n {\"name\": \"n2\", \"slto\": 2}]", E_FLEET_COLUMN_UNKNOWN, 1, 18);
  only("[{\"name\": \"n1\", \"rack.kw\": \"1kW\"}]", E_FLEET_LOOSE, 1, 28);
  only("[{\"name\": \"n1\", \"cluster\": \"C\"}]", E_FLEET_LOOSE, 1, 28);
  good("[{\"name\": \"n1\"}, {\"name\": \"n2\", \"rack\": \"r\", \"rack.kw\": \"1kW\"}]", 2);
}

static void test_lists(void **state) {
  (void)state;
  good("[{\"name\": \"n1\", \"leaves\": []}, {\"name\": \"n2\", \"leaves\": \"a;b\"}]", 2);
  only("[{\"name\": \"n1\", \"leaves\": [1]}]", E_FLEET_JSON, 1, 28);
  only("[{\"name\": \"n1\", \"leaves\": [\"a\", \"a\"]}]", E_FLEET_NAME, 1, 27);
  only("[{\"name\": \"n1\", \"leaves\": [\"a;b\"]}]", E_FLEET_JSON, 1, 28);
  only("[{\"name\": \"n1\", \"leaves\": [\"a\"}]", E_FLEET_JSON, 1, 31);
  only("[{\"name\": \"n1\", \"slot\": [\"1\", \"2\"]}]", E_FLEET_NUMBER, 1, 25);
}

static void test_long_keys(void **state) {
  (void)state;
  for (size_t n = LIMIT_NAME_BYTES; n <= LIMIT_NAME_BYTES + 1; n++) {
    Buf b = BUF_INIT;
    buf_str(&b, "[{\"name\": \"n1\", \"");
    buf_fill(&b, 'k', n);
    buf_str(&b, "\": 1}]");
    FleetCase c = case_bytes(FLEET_JSON, b.data, b.len);
    assert_int_equal(diag_get(c.sink, 0)->code,
                     n == LIMIT_NAME_BYTES ? E_FLEET_COLUMN_UNKNOWN : E_FLEET_JSON);
    case_end(c);
    buf_done(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_content_as_csv),
      cmocka_unit_test(test_a_table_per_kind),
      cmocka_unit_test(test_texts),
      cmocka_unit_test(test_numbers_and_words),
      cmocka_unit_test(test_shape),
      cmocka_unit_test(test_own),
      cmocka_unit_test(test_rows),
      cmocka_unit_test(test_lists),
      cmocka_unit_test(test_long_keys),
  };
  return cmocka_run_group_tests_name("fleet_json", tests, NULL, NULL);
}
