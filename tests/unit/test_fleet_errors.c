/* Every way in which a CSV inventory may be wrong: the code, the line and the column of each mistake, and
 * that all of them are found in one reading. */
#include <config.h>

#include "lang/limits.h"
#include "tests/lib/fleet_case.h"

#include <stdio.h>

/* One mistake only, at this place. */
static void only(const char *csv, DiagCode code, uint32_t line, uint32_t column) {
  FleetCase c = case_csv(csv);
  case_only(c, code, line, column);
  case_end(c);
}

/* All that is said, in order. */
static void said(const char *csv, const char *wanted) {
  FleetCase c = case_csv(csv);
  assert_string_equal(case_said(c), wanted);
  case_end(c);
}

static void good(const char *csv, uint32_t nodes) {
  FleetCase c = case_csv(csv);
  assert_string_equal(case_said(c), "");
  assert_int_equal(fleet_count(c.fleet, NODE), nodes);
  case_end(c);
}

static void note_is(const char *csv, const char *wanted) {
  FleetCase c = case_csv(csv);
  assert_true(diag_count(c.sink) > 0);
  const DiagNote *n = diag_get(c.sink, 0)->notes;
  while (n && strcmp(n->text, wanted) != 0) n = n->next;
  if (!n) print_error("wanted: %s\nfirst note: %s\n", wanted, diag_get(c.sink, 0)->notes->text);
  assert_non_null(n);
  case_end(c);
}

/* ---- files ---- */

static void test_empty_files(void **state) {
  (void)state;
  only("", E_FLEET_EMPTY, 1, 1);
  only("\n", E_FLEET_EMPTY, 1, 1);
  only("\xef\xbb\xbf", E_FLEET_EMPTY, 1, 1);
  only("name,slot\n", E_FLEET_EMPTY, 1, 1);
  only("name,slot\n\n\r\n", E_FLEET_EMPTY, 3, 1);
}

static void test_line_ends_and_marks(void **state) {
  (void)state;
  good("\xef\xbb\xbfname,slot\r\nn1,1\r\n\r\nn2,2\r\n", 2);
  good("name,slot\n\nn1,1\n\n", 1);
  only("name,slot\nn1,1", E_FLEET_CUT_OFF, 2, 1);
  only("name,slot\r\nn1,1\r", E_FLEET_CUT_OFF, 2, 1);
  only("name,slot", E_FLEET_CUT_OFF, 1, 1);
  note_is("name,slot\rn1,1\r", "a line ends in LF or CR LF, not in CR alone: save the file with other line ends");
  only("name,bmc\nn1,a\rb\n", E_FLEET_TEXT, 2, 4);
}

static void test_bad_bytes(void **state) {
  (void)state;
  said("name,slot\nn\xff"
       "1,1\nn2,\xc3\nn3,3\n",
       "E0804 2:2\nE0804 3:4");
  said("name,b\xffmc\nn1,1\n", "E0804 1:7");
  said("name,slot\n\xc3\xbc\xff,x\nn2,x\n", "E0804 2:2\nE0823 3:4"); /* columns count characters */
  static const char nul[] = "name,slot\nn1,\0001\nn2,x\n";
  FleetCase c = case_bytes(FLEET_CSV, nul, sizeof nul - 1);
  assert_string_equal(case_said(c), "E0804 2:4\nE0823 3:4");
  case_end(c);
}

static void test_separators(void **state) {
  (void)state;
  only("name;slot\nn1;1\n", E_FLEET_FIELDS, 1, 1);
  only("name\tslot\nn1\t1\n", E_FLEET_FIELDS, 1, 1);
}

/* ---- limits ---- */

/* A line of length bytes in all; its second cell is in quotes and long. */
static FleetCase long_line(size_t length) {
  Buf b = BUF_INIT;
  buf_str(&b, "name,bmc\n");
  size_t start = b.len;
  buf_str(&b, "n1,");
  buf_fill(&b, 'x', length - (b.len - start));
  buf_char(&b, '\n');
  FleetCase c = case_bytes(FLEET_CSV, b.data, b.len);
  buf_done(&b);
  return c;
}

static void test_long_lines_texts_and_names(void **state) {
  (void)state;
  FleetCase c = long_line(LIMIT_CSV_LINE + 1);
  case_only(c, E_FLEET_LIMIT, 2, 1);
  case_end(c);
  c = long_line(LIMIT_CSV_LINE); /* the line is not too long, its cell is */
  case_only(c, E_FLEET_TEXT, 2, 4);
  case_end(c);
  c = long_line(LIMIT_STRING_BYTES + 3);
  assert_string_equal(case_said(c), "");
  assert_int_equal(fleet_text_length(c.fleet, fleet_value(c.fleet, NODE, NODE_BMC, 0)), LIMIT_STRING_BYTES);
  case_end(c);
  c = long_line(LIMIT_STRING_BYTES + 4);
  case_only(c, E_FLEET_TEXT, 2, 4);
  case_end(c);
  for (size_t n = LIMIT_NAME_BYTES; n <= LIMIT_NAME_BYTES + 1; n++) {
    Buf b = BUF_INIT;
    buf_str(&b, "name\n");
    buf_fill(&b, 'n', n);
    buf_char(&b, '\n');
    c = case_bytes(FLEET_CSV, b.data, b.len);
    if (n == LIMIT_NAME_BYTES)
      assert_string_equal(case_said(c), "");
    else
      case_only(c, E_FLEET_NAME, 2, 1);
    case_end(c);
    buf_done(&b);
  }
}

static void test_columns_are_limited(void **state) {
  (void)state;
  enum { ATTRS = LIMIT_FLEET_COLUMNS + 1 };
  static char names[ATTRS][16];
  static FleetAttr attrs[ATTRS];
  for (int i = 0; i < ATTRS; i++) {
    snprintf(names[i], sizeof names[i], "a%d", i);
    attrs[i] = (FleetAttr){.name = names[i]};
  }
  const FleetKind kind = {"Wide", "wides", FLEET_NO_KIND, 0, attrs, ATTRS, NULL, 0};
  const FleetSchema schema = {&kind, 1, 0};
  for (uint32_t columns = LIMIT_FLEET_COLUMNS; columns <= ATTRS; columns++) {
    Buf b = BUF_INIT;
    for (uint32_t i = 0; i < columns; i++) buf_printf(&b, "%sa%u", i ? "," : "", i);
    buf_str(&b, "\nx");
    buf_fill(&b, ',', columns - 1);
    buf_str(&b, "\n");
    FleetCase c = case_begin();
    c.fleet = fleet_load_text(&schema, "fleet", FLEET_CSV, b.data, b.len, c.sink);
    if (columns == LIMIT_FLEET_COLUMNS)
      assert_non_null(c.fleet);
    else
      case_only(c, E_FLEET_LIMIT, 1, 1 + (uint32_t)(strstr(b.data, "a256") - b.data));
    case_end(c);
    buf_done(&b);
  }
}

/* ---- columns ---- */

static void test_unknown_columns(void **state) {
  (void)state;
  only("name,slto\nn1,1\n", E_FLEET_COLUMN_UNKNOWN, 1, 6);
  note_is("name,slto\nn1,1\n", "did you mean `slot`?");
  note_is("name,zone\nn1,1\n", "did you mean `site.zone`?");
  note_is("name,rak\nn1,1\n", "did you mean `rack`?");
  note_is("name,cooling_unti\nn1,1\n", "did you mean `cooling_unit`?");
  only("name,rack,row,rack.kv\nn1,r,w,1\n", E_FLEET_COLUMN_UNKNOWN, 1, 20);
  note_is("name,rack,row,rack.kv\nn1,r,w,1\n", "did you mean `kw`?");
  only("name,rack.name\nn1,r\n", E_FLEET_COLUMN_UNKNOWN, 1, 11);
  only("name,slot.kw\nn1,r\n", E_FLEET_COLUMN_UNKNOWN, 1, 6);
  only("name,leaves.role\nn1,r\n", E_FLEET_COLUMN_UNKNOWN, 1, 6);
  only("name,rack.\nn1,r\n", E_FLEET_COLUMN_UNKNOWN, 1, 11);
  only("name,,slot\nn1,,1\n", E_FLEET_COLUMN_UNKNOWN, 1, 6);
  said("name,a,slot,b\nn1,,x,\n", "E0810 1:6\nE0810 1:13\nE0823 2:5");
}

static void test_columns_that_lead_nowhere(void **state) {
  (void)state;
  only("name,cluster\nn1,C\n", E_FLEET_COLUMN_UNKNOWN, 1, 6);
  note_is("name,cluster\nn1,C\n", "add the column `row` or `cooling_unit` or `pod`, which stands between");
  only("name,rack,power_shelf\nn1,r,s\n", E_FLEET_COLUMN_UNKNOWN, 1, 11);
  note_is("name,rack,power_shelf\nn1,r,s\n", "no Node is ever in a PowerShelf: remove the column");
}

static void test_missing_columns(void **state) {
  (void)state;
  only("rack,row\nr,w\n", E_FLEET_COLUMN_MISSING, 1, 1);
  only("name,rack.kw\nn1,120\n", E_FLEET_COLUMN_MISSING, 1, 1); /* and the cells are not looked at */
  note_is("name,rack,rack.cooling.kw\nn1,r,1kW\n",
          "add the column `rack.cooling` with the name of each CoolingUnit");
}

static void test_columns_twice(void **state) {
  (void)state;
  only("name,slot,slot\nn1,1,1\n", E_FLEET_COLUMN_TWICE, 1, 11);
  only("name,slot,node\nn1,1,n1\n", E_FLEET_COLUMN_TWICE, 1, 11);
}

/* ---- rows ---- */

static void test_number_of_cells(void **state) {
  (void)state;
  only("name,slot,bmc\nn1,1\n", E_FLEET_FIELDS, 2, 5);
  note_is("name,slot,bmc\nn1,1\n", "the cell of `bmc` is missing, or one before it");
  only("name,slot\nn1,1,\n", E_FLEET_FIELDS, 2, 6);
  only("name,slot\nn1,1,2,3\n", E_FLEET_FIELDS, 2, 6);
  said("name,slot\nn1\nn2,2\nn3,3,3\n", "E0813 2:3\nE0813 4:6");
}

static void test_quotes(void **state) {
  (void)state;
  good("\"name\",\"bmc\"\n\"n1\",\" a, b \"\n\"n\"\"2\",\"\"\n", 2);
  FleetCase c = case_csv("name,bmc\n\"n\"\"2\",\"say \"\"hi\"\", \"\n");
  assert_string_equal(fleet_name(c.fleet, NODE, 0), "n\"2");
  assert_string_equal(fleet_text(c.fleet, fleet_value(c.fleet, NODE, NODE_BMC, 0)), "say \"hi\", ");
  case_end(c);
  only("name,bmc\nn1,\"a\n", E_FLEET_QUOTES, 2, 4);
  only("name,bmc\nn1,\"a\"\"\n", E_FLEET_QUOTES, 2, 4);
  only("name,bmc\nn1,a\"b\n", E_FLEET_QUOTES, 2, 5);
  only("name,bmc\nn1,\"a\"b\n", E_FLEET_QUOTES, 2, 7);
  only("name,bmc\n\"n1\" ,b\n", E_FLEET_QUOTES, 2, 5);
  said("name,bmc\n\"n1,b\n\"n2,b\n",
       "E0814 2:1\nE0814 3:1"); /* an open quote does not swallow the lines after it */
  only("name,bmc,slot\n\"n\"\"1\",\"\"\"\",x\n", E_FLEET_NUMBER, 2,
       13); /* places behind a doubled quote are right */
}

static void test_names(void **state) {
  (void)state;
  only("name,slot\n,1\n", E_FLEET_NAME, 2, 1);
  only("name,slot\n n1,1\n", E_FLEET_NAME, 2, 1);
  only("name,slot\n\"n1 \",1\n", E_FLEET_NAME, 2, 1);
  only("name,slot\nn;1,1\n", E_FLEET_NAME, 2, 1);
  only("name,slot\nn\t1,1\n", E_FLEET_NAME, 2, 1);
  only("name,slot\nn\xe2\x80\xae"
       "1,1\n",
       E_FLEET_NAME, 2, 1);
  only("name,rack\nn1,r \n", E_FLEET_NAME, 2, 4);
  only("name,slot\nn1,1\nn2,2\nn1,3\n", E_FLEET_NAME_TWICE, 4, 1);
  note_is("name,slot\nn1,1\nn2,2\nn1,3\n", "the first is at fleet:2; names are unique within a kind");
}

static void test_names_are_composed(void **state) {
  (void)state;
  FleetCase c = case_csv("name,slot\nK\xc3\xb6ln,1\nBo\xcc\x88hl,2\n");
  assert_int_equal(fleet_find(c.fleet, NODE, "B\xc3\xb6hl", 5), 1);
  case_end(c);
  only("name,slot\nK\xc3\xb6ln,1\nKo\xcc\x88ln,2\n", E_FLEET_NAME_TWICE, 3, 1);
}

/* ---- values ---- */

static void test_words(void **state) {
  (void)state;
  only("name,sku\nn1,GB20\n", E_FLEET_WORD, 2, 4);
  note_is("name,sku\nn1,GB20\n", "did you mean `GB200`?");
  only("name,service\nn1,off\n", E_FLEET_WORD, 2, 4);
  note_is("name,power\nn1,off \n", "it is one of `on`, `off`, or empty where it is not known");
  only("name,pod,cluster,cluster.shared\nn1,p,C,maybe\n", E_FLEET_WORD, 2, 8);
  FleetCase c = case_csv("name,pod,cluster,cluster.shared\nn1,p,C,yes\nn2,q,D,false\n");
  assert_int_equal(fleet_value(c.fleet, CLUSTER, CLUSTER_SHARED, 0), 1);
  assert_int_equal(fleet_value(c.fleet, CLUSTER, CLUSTER_SHARED, 1), 0);
  case_end(c);
}

static void test_numbers(void **state) {
  (void)state;
  only("name,slot\nn1,-1\n", E_FLEET_NUMBER, 2, 4);
  only("name,slot\nn1,1.5\n", E_FLEET_NUMBER, 2, 4);
  only("name,slot\nn1,-\n", E_FLEET_NUMBER, 2, 4);
  only("name,slot\nn1,1 \n", E_FLEET_NUMBER, 2, 4);
  only("name,slot\nn1,0x1\n", E_FLEET_NUMBER, 2, 4);
  good("name,slot\nn1,999999999999999\nn2,007\n", 2);
  only("name,slot\nn1,1000000000000000\n", E_FLEET_NUMBER, 2, 4);
  only("name,rack,rack.kw\nn1,r,120\n", E_FLEET_NUMBER, 2, 6);
  only("name,rack,rack.kw\nn1,r,-1kW\n", E_FLEET_NUMBER, 2, 6);
  only("name,rack,rack.kw\nn1,r,10min\n", E_FLEET_NUMBER, 2, 6);
}

static void test_lists(void **state) {
  (void)state;
  only("name,leaves\nn1,a;;b\n", E_FLEET_NAME, 2, 6);
  only("name,leaves\nn1,a;b;\n", E_FLEET_NAME, 2, 8);
  only("name,leaves\nn1,a;b;a\n", E_FLEET_NAME, 2, 8);
  only("name,leaves\nn1,a; b\n", E_FLEET_NAME, 2, 6);
  good("name,leaves\nn1,a;b\nn2,\nn3,a;b\n", 3);
}

static void test_loose_cells(void **state) {
  (void)state;
  only("name,rack,row,rack.kw\nn1,r,w,1kW\nn2,,,1kW\n", E_FLEET_LOOSE, 3, 6);
  only("name,rack,row,cluster\nn1,r,w,C\nn2,,,C\n", E_FLEET_LOOSE, 3, 6);
  only("name,rack,rack.cooling\nn1,r,c\nn2,,c\n", E_FLEET_LOOSE, 3, 5);
}

/* ---- rules ---- */

static void test_rows_that_disagree(void **state) {
  (void)state;
  only("name,rack,row\nn1,r,w\nn2,r,v\n", E_FLEET_CONFLICT, 3, 6);
  only("name,rack,row,cluster\nn1,r,w,C\nn2,r,w,D\n", E_FLEET_CONFLICT, 3, 8);
  only("name,rack,rack.kw\nn1,r,1kW\nn2,r,2kW\n", E_FLEET_CONFLICT, 3, 6);
  only("name,rack,rack.cooling\nn1,r,c\nn2,r,d\n", E_FLEET_CONFLICT, 3, 6);
  said("name,rack,row\nn1,r,w\nn2,s,w\nn3,r,v\nn4,r,v\n", "E0830 4:6\nE0830 5:6");
  good("name,rack,rack.kw\nn1,r,1kW\nn2,r,\nn3,r,1000W\n", 3);
  /* a container that repeats in one row and changes in the next is compared again */
  only("name,rack,row\nn1,r,w\nn2,,\nn3,r,v\n", E_FLEET_CONFLICT, 4, 6);
  only("name,leaves,pod,cluster\nn1,a;b,p,C\nn2,b,q,D\n", E_FLEET_CONFLICT, 3, 8);
}

static void test_one_container_whichever_way(void **state) {
  (void)state;
  good("name,rack,row,cluster,rack.cooling\nn1,r1,w1,C,x\nn2,r2,w2,D,y\n", 2);
  only("name,rack,row,cluster,rack.cooling\nn1,r1,w1,C,x\nn2,r1,,D,x\n", E_FLEET_CONFLICT, 3, 8);
}

static void test_what_is_somebodys_own(void **state) {
  (void)state;
  good("name,rack,rack.cooling\nn1,r1,x\nn2,r2,y\nn3,r1,x\nn4,r3,\nn5,r4,\n", 5); /* no unit: shared by nobody */
  const char *shared = "name,rack,rack.cooling\nn1,r1,x\nn2,r2,x\n";
  only(shared, E_FLEET_NOT_OWN, 3, 7);
  FleetCase c = case_csv(shared);
  assert_string_equal(diag_get(c.sink, 0)->message, "Rack `r2`: cooling is `x`, which is `r1`'s own");
  case_end(c);
  note_is(shared, "`r1` has it at fleet:2:7");
  note_is(shared, "every Rack has a CoolingUnit of its own: correct one of the rows");
  /* once for each rack, however many rows name it and wherever the first one stood */
  said("name,rack,rack.cooling\nn1,r1,\nn2,r1,x\nn3,r2,x\nn4,r2,x\nn5,r3,y\nn6,r4,x\n", "E0834 4:7\nE0834 7:7");
  note_is("name,rack,rack.cooling\nn1,r1,\nn2,r1,\"x\"\nn3,r2,x\n", "`r1` has it at fleet:3:7");
  /* the unit of a row's things is that of its rack, and of each of their racks */
  good("name,rack,cooling_unit\nn1,r1,x\nn2,r2,y\nn3,r2,y\n", 3);
  only("name,rack,cooling_unit\nn1,r1,x\nn2,r2,x\n", E_FLEET_NOT_OWN, 3, 7);
  /* a rack that contradicts itself does not take the unit of another besides */
  only("name,rack,rack.cooling\nn1,r1,x\nn2,r2,y\nn3,r1,y\n", E_FLEET_CONFLICT, 4, 7);
}

static void test_sku(void **state) {
  (void)state;
  only("name,rack,row,sku\nn1,r,w,GB200\nn2,r,w,H100\n", E_FLEET_SKU, 3, 1);
  only("name,rack,rack.sku,sku\nn1,r,GB200,H100\n", E_FLEET_SKU, 2, 1);
  only("name,pod,cluster,cluster.sku,sku\nn1,p,C,H200,\nn2,p,C,H200,H100\n", E_FLEET_SKU, 3, 1);
}

static void test_slots_and_places(void **state) {
  (void)state;
  only("name,rack,slot\nn1,r,1\nn2,r,2\nn3,s,1\nn4,r,1\n", E_FLEET_SLOT_TWICE, 5, 1);
  only("name,pod,slot\nn1,p,1\nn2,p,1\n", E_FLEET_SLOT_TWICE, 3, 1);
  only("name,rack,row,rack.slot\nn1,r,w,1\nn2,s,w,1\n", E_FLEET_SLOT_TWICE, 3, 1);
  good("name,rack,row,rack.slot,slot\nn1,r,w,1,\nn2,s,v,1,\n", 2);
  only("name,rack,pod\nn1,r,p\nn2,r,\nn3,,p\n", E_FLEET_TWO_PLACES, 2, 1);
}

static void test_all_mistakes_up_to_the_limit(void **state) {
  (void)state;
  Buf b = BUF_INIT;
  buf_str(&b, "name,slot\n");
  for (uint32_t i = 0; i < LIMIT_DIAGNOSTICS + 50; i++) buf_printf(&b, "n%u,x\n", i);
  FleetCase c = case_bytes(FLEET_CSV, b.data, b.len);
  assert_int_equal(diag_errors(c.sink), LIMIT_DIAGNOSTICS + 50);
  assert_int_equal(diag_count(c.sink), LIMIT_DIAGNOSTICS);
  assert_int_equal(diag_get(c.sink, LIMIT_DIAGNOSTICS - 1)->line, LIMIT_DIAGNOSTICS + 1);
  case_end(c);
  buf_done(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty_files),
      cmocka_unit_test(test_line_ends_and_marks),
      cmocka_unit_test(test_bad_bytes),
      cmocka_unit_test(test_separators),
      cmocka_unit_test(test_long_lines_texts_and_names),
      cmocka_unit_test(test_columns_are_limited),
      cmocka_unit_test(test_unknown_columns),
      cmocka_unit_test(test_columns_that_lead_nowhere),
      cmocka_unit_test(test_missing_columns),
      cmocka_unit_test(test_columns_twice),
      cmocka_unit_test(test_number_of_cells),
      cmocka_unit_test(test_quotes),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_names_are_composed),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_lists),
      cmocka_unit_test(test_loose_cells),
      cmocka_unit_test(test_rows_that_disagree),
      cmocka_unit_test(test_one_container_whichever_way),
      cmocka_unit_test(test_what_is_somebodys_own),
      cmocka_unit_test(test_sku),
      cmocka_unit_test(test_slots_and_places),
      cmocka_unit_test(test_all_mistakes_up_to_the_limit),
  };
  return cmocka_run_group_tests_name("fleet_errors", tests, NULL, NULL);
}
