/* The inventories that the manual and the explanations of E08xx show: the right ones load, the wrong ones are
 * refused with the code that they explain.
 *
 *   docs/fleet.md    ```csv and ```json are right; ```csv of TABLE is one of that kind; ```csv wrong is refused
 *   lang/explain/    of the csv and json blocks of a page the first shows the mistake, the others are right */
#include <config.h>

#include "lang/embedded.h"
#include "tests/lib/fleet_case.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Block {
  const char *how; /* first line behind the fence */
  const char *text;
  size_t how_len, len;
} Block;

/* The next block of the page from *at on; false when there is none. */
static bool next_block(const char **at, Block *ret) {
  const char *open = strncmp(*at, "```", 3) == 0 ? *at : strstr(*at, "\n```");
  if (!open) return false;
  open += *open == '\n';
  const char *text = strchr(open, '\n') + 1, *close = strstr(text - 1, "\n```");
  assert_non_null(close);
  *ret = (Block){open + 3, text, (size_t)(text - 1 - open - 3), (size_t)(close + 1 - text)};
  *at = close + 4;
  return true;
}

static bool is(Block b, const char *how) {
  return strlen(how) == b.how_len && memcmp(b.how, how, b.how_len) == 0;
}

static FleetCase load(Block b, FleetFormat format, uint32_t row_kind) {
  static FleetSchema schema; /* the fleet refers to it */
  schema = library_schema;
  schema.row_kind = row_kind;
  FleetCase c = case_begin();
  c.fleet = fleet_load_text(&schema, "block", format, b.text, b.len, c.sink);
  return c;
}

static void right(Block b, FleetFormat format, uint32_t row_kind) {
  FleetCase c = load(b, format, row_kind);
  if (!c.fleet) print_error("%.*s\n%s\n", (int)b.len, b.text, diag_get(c.sink, 0)->message);
  assert_non_null(c.fleet);
  case_end(c);
}

static uint32_t kind_of_table(const char *plural, size_t len) {
  for (uint32_t k = 0; k < KINDS; k++)
    if (strlen(library_schema.kinds[k].plural) == len &&
        memcmp(library_schema.kinds[k].plural, plural, len) == 0)
      return k;
  fail_msg("no table %.*s", (int)len, plural);
  return KINDS;
}

static void test_the_manual(void **state) {
  (void)state;
  const char *top = getenv("srcdir");
  char path[512];
  snprintf(path, sizeof path, "%s/docs/fleet.md", top ? top : ".");
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  static char page[65536];
  size_t len = fread(page, 1, sizeof page - 1, f);
  page[len] = '\0';
  fclose(f);
  uint32_t blocks = 0;
  Block b;
  for (const char *at = page; next_block(&at, &b); blocks++) {
    if (is(b, "csv wrong")) {
      FleetCase c = load(b, FLEET_CSV, NODE);
      assert_null(c.fleet);
      case_end(c);
    } else if (b.how_len > 7 && memcmp(b.how, "csv of ", 7) == 0) {
      right(b, FLEET_CSV, kind_of_table(b.how + 7, b.how_len - 7));
    } else {
      assert_true(is(b, "csv") || is(b, "json"));
      right(b, is(b, "csv") ? FLEET_CSV : FLEET_JSON, NODE);
    }
  }
  assert_true(blocks >= 7);
}

static void first_is_wrong(Block b, FleetFormat format, const EmbeddedFile *file) {
  if (strcmp(diag_code_text(E_FLEET_CUT_OFF), file->name) == 0)
    b.len--; /* the line end that a fence cannot show missing */
  FleetCase c = load(b, format, NODE);
  assert_null(c.fleet);
  bool said = false;
  for (uint32_t i = 0; i < diag_count(c.sink); i++)
    said = said || strcmp(diag_code_text(diag_get(c.sink, i)->code), file->name) == 0;
  if (!said) print_error("%s: %s\n", file->name, case_said(c));
  assert_true(said);
  case_end(c);
}

static void test_the_explanations(void **state) {
  (void)state;
  uint32_t pages = 0;
  for (int code = 0; code < DIAG_COUNT; code++) {
    const char *name = diag_code_text((DiagCode)code);
    const EmbeddedFile *file = embedded_find(&explain_files, name, strlen(name));
    if (strncmp(name, "E08", 3) != 0) continue;
    assert_non_null(file);
    bool first = true;
    Block b;
    for (const char *at = file->text; next_block(&at, &b);) {
      if (!is(b, "csv") && !is(b, "json")) continue;
      FleetFormat format = is(b, "csv") ? FLEET_CSV : FLEET_JSON;
      if (first)
        first_is_wrong(b, format, file);
      else
        right(b, format, NODE);
      pages += first;
      first = false;
    }
  }
  assert_true(pages >= 18);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_manual),
                                     cmocka_unit_test(test_the_explanations)};
  return cmocka_run_group_tests_name("fleet_pages", tests, NULL, NULL);
}
