/* Inventories on disk: a file, a folder of tables, what cannot be read; and files that were cut off or
 * damaged anywhere: refused, or complete, never a crash. */
#include <config.h>

#include "lang/limits.h"
#include "tests/lib/fleet_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "fleet-XXXXXX";

static const char *in_folder(const char *name) {
  static char path[2048];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void write_file(const char *name, const char *text) {
  FILE *f = fopen(in_folder(name), "w");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  assert_int_equal(fclose(f), 0);
}

static void remove_tables(void) {
  static const char *const names[] = {"nodes.csv",         "racks.csv",  "rack.csv", "clusters.csv",
                                      "cooling_units.csv", "nodes.json", "README",   "nodes.txt"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(in_folder(names[i]));
}

static int set_up(void **state) {
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  remove_tables();
  return rmdir(folder);
}

/* Code, file and line of the only mistake of the folder. */
static void only(DiagCode code, const char *file, uint32_t line, uint32_t column) {
  FleetCase c = case_path(folder);
  case_only(c, code, line, column);
  assert_string_equal(diag_get(c.sink, 0)->file, *file ? in_folder(file) : folder);
  case_end(c);
}

static void test_a_file(void **state) {
  (void)state;
  write_file("nodes.csv", "name,slot\nn1,1\n");
  write_file("nodes.json", "[{\"name\": \"n1\", \"slot\": 1}]");
  FleetCase csv = case_path(in_folder("nodes.csv")), json = case_path(in_folder("nodes.json"));
  assert_non_null(csv.fleet);
  assert_non_null(json.fleet);
  assert_int_equal(fleet_digest(csv.fleet), fleet_digest(json.fleet));
  uint32_t line;
  assert_string_equal(fleet_place(json.fleet, NODE, 0, &line), in_folder("nodes.json"));
  case_end(csv);
  case_end(json);
  remove_tables();
}

static void test_what_cannot_be_read(void **state) {
  (void)state;
  FleetCase c = case_path(in_folder("nobody.csv"));
  case_only(c, E_FLEET_UNREADABLE, 0, 0);
  case_end(c);
  write_file("nodes.txt", "name\nn1\n");
  c = case_path(in_folder("nodes.txt"));
  case_only(c, E_FLEET_UNREADABLE, 0, 0);
  case_end(c);
  c = case_path("/dev/null.csv");
  assert_null(c.fleet);
  case_end(c);
  c = case_begin();
  c.fleet = fleet_load(&library_schema, folder, FLEET_JSON, c.sink);
  assert_null(c.fleet);
  assert_string_equal(case_said(c), "E0801 0:0");
  case_end(c);
  c = case_begin();
  c.fleet = fleet_load(&library_schema, "/dev/null", FLEET_CSV, c.sink);
  assert_null(c.fleet);
  assert_string_equal(case_said(c), "E0801 0:0");
  case_end(c);
  remove_tables();
}

static void test_a_file_at_the_limit(void **state) {
  (void)state;
  write_file("nodes.csv", "name\nn1\n");
  assert_int_equal(truncate(in_folder("nodes.csv"), (1 << 30) + 1), 0); /* sparse: nothing of it is read */
  FleetCase c = case_path(in_folder("nodes.csv"));
  assert_null(c.fleet);
  assert_string_equal(case_said(c), "E0806 0:0");
  case_end(c);
  remove_tables();
}

static void test_a_folder(void **state) {
  (void)state;
  write_file("README", "not a table");
  write_file("nodes.csv", "name,rack,slot,site,cluster,row\nn1,r2,1,,,\nn2,r1,1,,,\nn3,r1,2,PHX,C1,w1\n");
  write_file("racks.csv",
             "name,row,cluster,kw,cooling\nr1,w1,C1,120kW,c1\nr2,w1,C1,121kW,c2\nr3,w2,C2,122kW,c3\n");
  write_file("clusters.csv", "name,site,site.zone,region,owner\nC1,PHX,America/"
                             "Phoenix,us,research\nC2,AMS,Europe/Amsterdam,eu,applied\n");
  FleetCase c = case_path(folder);
  assert_string_equal(case_said(c), "");
  assert_int_equal(fleet_count(c.fleet, RACK), 3);
  assert_int_equal(fleet_count(c.fleet, COOLING), 3); /* has no table: made when mentioned */
  assert_string_equal(case_members(c, RACK, "r1", NODE), "n2 n3");
  assert_string_equal(case_members(c, SITE, "PHX", NODE), "n1 n2 n3");
  assert_string_equal(case_members(c, SITE, "AMS", RACK), "r3");
  uint32_t line;
  assert_string_equal(fleet_place(c.fleet, RACK, 1, &line), in_folder("racks.csv"));
  assert_int_equal(line, 3);
  case_end(c);
  remove_tables();
}

static void test_mistakes_between_tables(void **state) {
  (void)state;
  only(E_FLEET_EMPTY, "", 0, 0); /* no nodes.csv */
  write_file("nodes.csv", "name,rack\nn1,r1\nn2,r9\n");
  write_file("racks.csv", "name,row,cluster\nr1,w1,C1\n");
  only(E_FLEET_REFERENCE, "nodes.csv", 3, 4);
  write_file("nodes.csv", "name,rack,rack.kw,row\nn1,r1,1kW,w2\n");
  only(E_FLEET_CONFLICT, "nodes.csv", 2, 11);
  write_file("nodes.csv", "name,rack\nn1,r1\n");
  write_file("rack.csv", "name\nr1\n");
  only(E_FLEET_TABLE, "rack.csv", 0, 0);
  remove_tables();
  write_file("nodes.csv", "name,rack\nn1,r1\n");
  write_file("racks.csv", "name,kw\n");
  FleetCase c = case_path(folder);
  assert_string_equal(case_said(c), "E0824 2:4\nE0802 1:1");
  case_end(c);
  remove_tables();
}

static void test_own_across_tables(void **state) {
  (void)state;
  write_file("racks.csv", "name,row,cooling\nr1,w1,c1\nr2,w1,\n");
  write_file("nodes.csv", "name,rack,rack.cooling\nn1,r2,c1\n");
  only(E_FLEET_NOT_OWN, "nodes.csv", 2, 7);
  FleetCase c = case_path(folder);
  const char *first = arena_printf(c.arena, "`r1` has it at %s:2:7", in_folder("racks.csv"));
  assert_string_equal(diag_get(c.sink, 0)->notes->text, first);
  case_end(c);
  remove_tables();
}

static void test_two_ways_to_a_container(void **state) {
  (void)state;
  write_file("nodes.csv", "name,rack\nn1,r1\n");
  write_file("racks.csv", "name,row,cooling\nr1,w1,c1\n");
  write_file("cooling_units.csv", "name,cluster\nc1,C2\n");
  FleetCase c = case_path(folder);
  assert_string_equal(case_said(c), "");
  assert_string_equal(fleet_name(c.fleet, CLUSTER, fleet_up(c.fleet, NODE, 0, CLUSTER)),
                      "C2"); /* by the cooling unit */
  case_end(c);
  write_file("racks.csv", "name,row,row.cluster,cooling\nr1,w1,C1,c1\n");
  only(E_FLEET_CONFLICT, "racks.csv", 2, 1);
  remove_tables();
}

/* A folder with a table for each of 64 kinds, and with one more. */
static void test_tables_are_limited(void **state) {
  (void)state;
  enum { MOST = LIMIT_FLEET_TABLES };
  static const FleetAttr name = {.name = "name"};
  static char names[MOST + 1][8], plurals[MOST + 1][8], files[MOST + 1][16];
  FleetKind kinds[MOST + 1];
  for (uint32_t i = 0; i <= MOST; i++) {
    snprintf(names[i], sizeof names[i], "K%02u", i % 100);
    snprintf(plurals[i], sizeof plurals[i], "k%02us", i % 100);
    snprintf(files[i], sizeof files[i], "%s.csv", plurals[i]);
    kinds[i] = (FleetKind){names[i], plurals[i], FLEET_NO_KIND, 0, &name, 1, NULL, 0};
    write_file(files[i], "name\nx\n");
  }
  const FleetSchema schema = {kinds, MOST + 1, 0};
  FleetCase c = case_begin();
  c.fleet = fleet_load(&schema, folder, FLEET_CSV, c.sink);
  assert_string_equal(case_said(c), "E0806 0:0");
  case_end(c);
  unlink(in_folder(files[MOST]));
  c = case_begin();
  c.fleet = fleet_load(&schema, folder, FLEET_CSV, c.sink);
  assert_string_equal(case_said(c), "");
  case_end(c);
  for (uint32_t i = 0; i < MOST; i++) unlink(in_folder(files[i]));
}

/* ---- cut off, damaged ---- */

static const char csv_text[] = "name,rack,row,cluster,rack.kw,slot,leaves,bmc,service\r\n"
                               "n1,r1,w1,C,120kW,1,l1;l2,\"192.0.2.1\",in_service\r\n"
                               "\"n\"\"2\",r1,w1,C,120kW,2,l1;l2,\"a, \"\"b\"\"\",drained\n"
                               "\n"
                               "n\xc3\xbc"
                               "3,r2,w1,C,,1,,,\n";

static const char json_text[] =
    "{\"racks\": [{\"name\": \"r1\", \"kw\": \"120kW\", \"row\": \"w\\u00e9\"}],\n"
    "\"nodes\": [{\"name\": \"n1\", \"rack\": \"r1\", \"slot\": 1, \"leaves\": [\"l1\", \"l2\"]},\n"
    "{\"name\": \"n\xc3\xbc\\\\2\", \"bmc\": null}]}";

static void test_cut_off_anywhere(void **state) {
  (void)state;
  uint32_t whole = 0;
  for (size_t n = 0; n <= sizeof csv_text - 1; n++) {
    FleetCase c = case_bytes(FLEET_CSV, csv_text, n);
    if (c.fleet) whole++;
    if (c.fleet) assert_true(csv_text[n - 1] == '\n'); /* every row that is there is there in full */
    case_end(c);
  }
  assert_int_equal(whole, 4);
  for (size_t n = 0; n <= sizeof json_text - 1; n++) {
    FleetCase c = case_bytes(FLEET_JSON, json_text, n);
    assert_int_equal(c.fleet != NULL, n == sizeof json_text - 1);
    case_end(c);
  }
}

static void damage(FleetFormat format, const char *text, size_t len) {
  static const char bytes[] = {'\0', '\n', '\r', '"', ',', ';',  '.',        '\\',       '[',       '{',
                               '}',  ' ',  '-',  '9', 'x', '\t', (char)0x80, (char)0xff, (char)0xe2};
  char *copy = xmalloc(len);
  for (size_t i = 0; i < len; i++) {
    for (size_t b = 0; b < sizeof bytes; b++) {
      memcpy(copy, text, len);
      copy[i] = bytes[b];
      case_end(case_bytes(format, copy, len)); /* asserts that it is refused with a diagnostic, or good */
    }
  }
  free(copy);
}

static void test_damaged_anywhere(void **state) {
  (void)state;
  damage(FLEET_CSV, csv_text, sizeof csv_text - 1);
  damage(FLEET_JSON, json_text, sizeof json_text - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_file),
      cmocka_unit_test(test_what_cannot_be_read),
      cmocka_unit_test(test_a_file_at_the_limit),
      cmocka_unit_test(test_a_folder),
      cmocka_unit_test(test_mistakes_between_tables),
      cmocka_unit_test(test_own_across_tables),
      cmocka_unit_test(test_two_ways_to_a_container),
      cmocka_unit_test(test_tables_are_limited),
      cmocka_unit_test(test_cut_off_anywhere),
      cmocka_unit_test(test_damaged_anywhere),
  };
  return cmocka_run_group_tests_name("fleet_files", tests, set_up, tear_down);
}
