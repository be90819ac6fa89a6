/* The mutator: which mistakes it makes in a small runbook, word for word; that each is a change of the text and nothing
 * else; and that what it removes leaves the lines of the rest where they were. */
#include <config.h>

#include "lang/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/check_case.h"

typedef struct Case {
  Compilation *c;
  MutantList list;
  size_t len; /* of the text of the case */
} Case;

/* The declarations stand behind the case, so that its lines count from 1. */
static Case mutated(const char *text) {
  static const char more[] = "automation repair \"x\" {\n  on n: Node\n  when power of n may be off: power of n may become on \"x\"\n"
                             "  lock takes 1s, quiet within 1min\n  backlog discard\n}\n"
                             "action open_up(w: Row) \"x\" {\n  needs gate go\n  makes feed of w is open\n"
                             "  takes 1min, at most 5min\n}\n";
  Buf b = BUF_INIT;
  buf_printf(&b, "%s%s%s", text, check_prelude, more);
  Case k = {.c = checked_text(b.data, NULL), .len = strlen(text)};
  buf_done(&b);
  if (diag_errors(k.c->sink)) fail_msg("the case has mistakes of its own: %s", diag_get(k.c->sink, 0)->message);
  for (uint32_t i = 0; i < k.c->modules.len; i++) mutants_of(k.c, k.c->modules.items[i]->source, k.c->arena, &k.list);
  return k;
}

static void done(Case *k) {
  vec_done(&k->list);
  compilation_free(k->c);
}

static const Mutant *find(const Case *k, const char *sentence) {
  for (uint32_t i = 0; i < k->list.len; i++)
    if (strcmp(k->list.items[i].text, sentence) == 0) return &k->list.items[i];
  fail_msg("no mutant is called `%s`", sentence);
  return NULL;
}

static bool is_known(const Case *k, const char *sentence) {
  for (uint32_t i = 0; i < k->list.len; i++)
    if (strcmp(k->list.items[i].text, sentence) == 0) return true;
  return false;
}

static uint32_t lines_of(const char *text) {
  uint32_t n = 0;
  for (; *text; text++) n += *text == '\n';
  return n;
}

/* Line number `line` of the case with that mistake in it is `wanted`, blanks around it aside. */
static void assert_line(const Case *k, const char *sentence, uint32_t line, const char *wanted) {
  Buf b = BUF_INIT;
  mutant_source(find(k, sentence), &b);
  const char *at = b.data;
  for (uint32_t i = 1; i < line; i++) at = strchr(at, '\n') + 1;
  size_t len = strcspn(at, "\n");
  while (len && *at == ' ') at++, len--;
  while (len && at[len - 1] == ' ') len--;
  char *got = malloc(len + 1);
  assert_non_null(got);
  memcpy(got, at, len);
  got[len] = '\0';
  assert_string_equal(got, wanted);
  free(got);
  buf_done(&b);
}

/* ---- the list, word for word ---- */

static const char small[] =
    "runbook small \"s\" {\n"
    "  owner \"o\"\n"
    "  select nodes = n in Node where n.sku is GB200\n"
    "  lockout nsd, repair on nodes, 3 at once because \"b\" {\n"
    "    release each n when power of n is on and mark of n is set in order repair, nsd\n"
    "    otherwise hand over to facility\n"
    "    step one for each n in nodes, 2 at once, stop after 1 node set aside {\n"
    "      touch(n), retry 2 after 1min else end \"r\"\n"
    "      confirm power of n is on held for 1min within 5min\n"
    "    }\n"
    "  }\n"
    "}\n";

static const char small_list[] =
    "3:34 drop-condition: drop `where n.sku is GB200` from the selection of nodes of line 3\n"
    "3:34 negate: negate `n.sku is GB200` in the selection of nodes of line 3\n"
    "4:3 unwrap: drop the lockout of line 4\n"
    "4:11 drop-lock: drop nsd from the lockout of line 4\n"
    "4:16 drop-lock: drop repair from the lockout of line 4\n"
    "4:33 threshold: 2 instead of 3 in the lockout of line 4\n"
    "4:33 threshold: 4 instead of 3 in the lockout of line 4\n"
    "4:33 threshold: 1 instead of 3 in the lockout of line 4\n"
    "4:33 drop-limit: drop `3 at once` from the lockout of line 4\n"
    "5:25 drop-release: drop `power of n is on` from the release condition of line 5\n"
    "5:25 negate: negate `power of n is on` in the release condition of line 5\n"
    "5:25 certainty: `may be` instead of `is` in `power of n is on` of the release condition of line 5\n"
    "5:46 drop-release: drop `mark of n is set` from the release condition of line 5\n"
    "5:46 negate: negate `mark of n is set` in the release condition of line 5\n"
    "5:46 certainty: `may be` instead of `is` in `mark of n is set` of the release condition of line 5\n"
    "7:5 drop-statement: drop the step one of line 7\n"
    "7:28 other-set: Node instead of nodes in the step one of line 7\n"
    "7:35 threshold: 1 instead of 2 in the step one of line 7\n"
    "7:35 threshold: 3 instead of 2 in the step one of line 7\n"
    "7:35 drop-limit: drop `2 at once` from the step one of line 7\n"
    "7:46 drop-limit: drop `stop after 1 node set aside` from the step one of line 7\n"
    "7:57 threshold: 0 instead of 1 in the step one of line 7\n"
    "7:57 threshold: 2 instead of 1 in the step one of line 7\n"
    "8:7 drop-statement: drop `touch(n)` of line 8\n"
    "8:7 swap: swap `touch(n)` of line 8 with the confirm of line 9\n"
    "8:23 threshold: 1 instead of 2 in `touch(n)` of line 8\n"
    "8:23 threshold: 3 instead of 2 in `touch(n)` of line 8\n"
    "8:23 drop-retry: drop the retry of `touch(n)` of line 8\n"
    "8:36 drop-handler: drop the `else` of `touch(n)` of line 8\n"
    "8:41 other-exit: roll back instead of end in the `else` of `touch(n)` of line 8\n"
    "8:41 other-exit: fail instead of end in the `else` of `touch(n)` of line 8\n"
    "9:7 drop-statement: drop the confirm of line 9\n"
    "9:15 negate: negate `power of n is on` in the confirm of line 9\n"
    "9:15 certainty: `may be` instead of `is` in `power of n is on` of the confirm of line 9\n"
    "9:41 drop-held: drop `held for 1min` from the confirm of line 9\n";

static void test_list(void **state) {
  (void)state;
  Case k = mutated(small);
  Buf list = BUF_INIT;
  for (uint32_t i = 0; i < k.list.len; i++) {
    const Mutant *m = &k.list.items[i];
    assert_int_equal(m->id, i + 1);
    assert_string_equal(m->runbook, "small");
    buf_printf(&list, "%u:%u %s: %s\n", m->at.line, m->at.column, mutant_kind_word(m->kind), m->text);
  }
  assert_string_equal(list.data, small_list);
  buf_done(&list);
  done(&k);
}

/* ---- the text ---- */

static const char rich[] =
    "procedure again(n: Node) {\n"                                               /* 1 */
    "  touch(n) else set aside n \"no\"\n"
    "}\n"
    "runbook rich \"r\" {\n"
    "  owner \"o\"\n"                                                            /* 5 */
    "  select nodes = n in Node where n.sku is GB200 and (n.slot < 9 or n.slot > 20)\n"
    "  select twins = n in Node where n.sku is H100\n"
    "  leave out n in nodes where mark of n is not set, at most 4% of nodes\n"
    "  require every n in nodes: power of n is on \"some are off\"\n"
    "  lockout nsd, repair on nodes, 3 at once because \"b\" {\n"                /* 10 */
    "    release each n when power of n is on\n"
    "      in order repair, nsd\n"
    "    otherwise hand over to facility\n"
    "    attempt {\n"
    "      gate \"Open ${w.name}\" by facility as go for each w in rows of nodes\n" /* 15 */
    "        within 1h else roll back \"no\"\n"
    "      step open for each w given go { open_up(w) else fail \"shut\" }\n"
    "      step down for each r in rows of nodes {\n"
    "        for each n in nodes of r, all at once {\n"
    "          cut(n) else touch(n) else set aside r \"on\"\n"                   /* 20 */
    "          when mark of n may be set {\n"
    "            touch(n)\n"
    "          }\n"
    "        }\n"
    "      }\n"                                                                  /* 25 */
    "    } roll back {\n"
    "      wait 5min\n"
    "      step back for each n in nodes where power of n may be off { touch(n) }\n"
    "      step check for each n in nodes { run again(n) }\n"
    "    }\n"                                                                    /* 30 */
    "  }\n"
    "}\n";

static void test_removed(void **state) {
  (void)state;
  Case k = mutated(rich);
  assert_line(&k, "drop nsd from the lockout of line 10", 10, "lockout repair on nodes, 3 at once because \"b\" {");
  assert_line(&k, "drop nsd from the lockout of line 10", 12, "in order repair");
  assert_line(&k, "drop repair from the lockout of line 10", 10, "lockout nsd on nodes, 3 at once because \"b\" {");
  assert_line(&k, "drop repair from the lockout of line 10", 12, "in order nsd");
  assert_line(&k, "drop the when of line 21", 21, "");
  assert_line(&k, "drop the when of line 21", 24, "}");
  assert_line(&k, "drop the wait of line 27 from the roll back", 27, "");
  assert_line(&k, "drop the `else` of `cut(n)` of line 20", 20, "cut(n)  else set aside r \"on\"");
  assert_line(&k, "drop the `else` of `touch(n)` of line 20", 20, "cut(n) else touch(n)");
  assert_line(&k, "drop the require of line 9", 9, "");
  assert_line(&k, "drop the leave out of line 8", 8, "");
  assert_line(&k, "drop `where power of n may be off` from the step back of line 28", 28,
              "step back for each n in nodes  { touch(n) }");
  done(&k);
}

static void test_what_encloses(void **state) {
  (void)state;
  Case k = mutated(rich);
  assert_line(&k, "do without asking what stands in the when of line 21", 21, "");
  assert_line(&k, "do without asking what stands in the when of line 21", 22, "touch(n)");
  assert_line(&k, "do without asking what stands in the when of line 21", 23, "");
  assert_line(&k, "drop the roll back of the attempt of line 14", 29, "");
  assert_line(&k, "keep of the roll back only the step back of line 28", 27, "");
  assert_line(&k, "keep of the roll back only the step back of line 28", 29, "");
  assert_line(&k, "keep of the roll back only the step back of line 28", 28,
              "step back for each n in nodes where power of n may be off { touch(n) }");
  done(&k);
}

static void test_conditions(void **state) {
  (void)state;
  Case k = mutated(rich);
  assert_line(&k, "drop `n.sku is GB200` from the selection of nodes of line 6", 6,
              "select nodes = n in Node where (n.slot < 9 or n.slot > 20)");
  assert_line(&k, "drop `n.slot < 9` from the selection of nodes of line 6", 6,
              "select nodes = n in Node where n.sku is GB200 and (n.slot > 20)");
  assert_line(&k, "10 instead of 9 in the selection of nodes of line 6", 6,
              "select nodes = n in Node where n.sku is GB200 and (n.slot < 10 or n.slot > 20)");
  assert_line(&k, "negate `power of n is on` in the require of line 9", 9,
              "require every n in nodes: not (power of n is on) \"some are off\"");
  assert_line(&k, "`some` instead of `every` in the require of line 9", 9,
              "require some n in nodes: power of n is on \"some are off\"");
  assert_line(&k, "`in` instead of `may be` in `mark of n may be set` of the when of line 21", 21, "when mark of n in (set) {");
  assert_line(&k, "6% instead of 4% in the leave out of line 8", 8,
              "leave out n in nodes where mark of n is not set, at most 6% of nodes");
  done(&k);
}

static void test_who_and_where_to(void **state) {
  (void)state;
  Case k = mutated(rich);
  assert_line(&k, "do not ask whether go said yes in the step open of line 17", 17,
              "step open for each w in rows of nodes { open_up(w) else fail \"shut\" }");
  assert_line(&k, "all nodes instead of nodes in the fan-out of line 19", 19, "for each n in all nodes of r, all at once {");
  assert_line(&k, "twins instead of nodes in the fan-out of line 19", 19, "for each n in twins of r, all at once {");
  assert_line(&k, "end instead of roll back in the `else` of the gate go of line 15", 16, "within 1h else end \"no\"");
  assert_line(&k, "roll back instead of fail in the `else` of `open_up(w)` of line 17", 17,
              "step open for each w given go { open_up(w) else roll back \"shut\" }");
  assert_line(&k, "swap the step back of line 28 with the step check of line 29", 28,
              "step check for each n in nodes { run again(n) }");
  done(&k);
}

/* What is said already by saying nothing is no mistake to leave out. */
static void test_no_difference(void **state) {
  (void)state;
  Case k = mutated(rich);
  assert_false(is_known(&k, "drop the `else` of `touch(n)` of line 2"));
  assert_true(is_known(&k, "end instead of set aside in the `else` of `touch(n)` of line 2"));
  done(&k);
}

/* What is removed leaves its line ends, so a tool's word about line 72 of a mutant is about line 72 of the original. */
static void test_lines_stay(void **state) {
  (void)state;
  Case k = mutated(rich);
  const char *original = k.list.items[0].source->text;
  for (uint32_t i = 0; i < k.list.len; i++) {
    Buf b = BUF_INIT;
    mutant_source(&k.list.items[i], &b);
    assert_string_not_equal(b.data, original);
    assert_int_equal(lines_of(b.data), lines_of(original));
    assert_true(k.list.items[i].span.lo - k.list.items[i].source->base < k.len);
    buf_done(&b);
  }
  done(&k);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_list),       cmocka_unit_test(test_removed),
                                     cmocka_unit_test(test_what_encloses), cmocka_unit_test(test_conditions),
                                     cmocka_unit_test(test_who_and_where_to), cmocka_unit_test(test_no_difference),
                                     cmocka_unit_test(test_lines_stay)};
  return cmocka_run_group_tests_name("mutate", tests, NULL, NULL);
}
