/* Who an approval is of, and what a signed answer says: with one real key, made for this test. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/ack.h"
#include "runtime/approval.h"
#include "tests/unit/sample_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char dir[100];

static void shell(const char *format, ...) {
  char command[700], words[500];
  va_list args;
  va_start(args, format);
  vsnprintf(words, sizeof words, format, args);
  va_end(args);
  snprintf(command, sizeof command, "cd %s && %s", dir, words);
  assert_int_equal(system(command), 0);
}

static int begin(void **state) {
  Arena *arena = arena_new();
  *state = arena;
  snprintf(dir, sizeof dir, "/tmp/tagout-approval-XXXXXX");
  if (!mkdtemp(dir)) return -1;
  shell("ssh-keygen -q -t ed25519 -N '' -f key </dev/null");
  shell("for name in ann bob@example.org; do echo $name $(cut -d' ' -f1,2 key.pub); done >allowed");
  return 0;
}

static int finish(void **state) {
  arena_free(*state);
  char command[200];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command);
}

/* A plan as far as an approval looks at it. */
static Plan *plan_of(Arena *arena, const char *made_by) {
  static const SiteSigners roles[] = {{.name = "board", .signers = "allowed", .revoked = "", .quorum = 1, .approves = true}};
  static const SiteImage site = {.name = "north", .title = "", .zone = "UTC", .fleet_format = "", .fleet_path = "", .roles = roles, .role_count = 1};
  Plan *p = arena_new_object(arena, Plan);
  *p = (Plan){.program = sample_program(arena), .site = &site, .made_by = made_by};
  memset(p->digest, '7', 64);
  return p;
}

static Approval approve(Arena *arena, const Plan *plan, const char *person, const char *starter) {
  Buf text = BUF_INIT;
  char why[SIGNATURE_WHY];
  approval_text(plan, "board", person, 1767639600000, &text);
  assert_non_null(strstr(text.data, "at 2026-01-05T19:00:00Z\n"));
  assert_true(signature_make(SIGNATURE_PLAN, arena_printf(arena, "%s/key", dir), text.data, &text, why));
  Approval a = approval_judge(plan, "here", text.data, dir, starter, arena);
  buf_done(&text);
  return a;
}

static void test_who_counts(void **state) {
  Arena *arena = *state;
  const Plan *plan = plan_of(arena, "cay");
  assert_int_equal(approve(arena, plan, "ann", "dan").wrong, DIAG_COUNT);
  assert_int_equal(approve(arena, plan, "bob@example.org", "ann").wrong, DIAG_COUNT);
  Approval a = approve(arena, plan, "ann", "ann");
  assert_int_equal(a.wrong, E_APPROVAL_SELF);
  assert_string_equal(a.why, "ann starts the run");
  a = approve(arena, plan, "bob@example.org", "bob"); /* the same person by another way of writing */
  assert_int_equal(a.wrong, E_APPROVAL_SELF);
  a = approve(arena, plan_of(arena, "ann@example.org"), "ann", NULL);
  assert_string_equal(a.why, "ann made the plan");
  assert_int_equal(approve(arena, plan, "eve", NULL).wrong, E_APPROVAL_KEY);
}

static void test_the_same_person(void **state) {
  (void)state;
  assert_true(same_person("ann", "ann"));
  assert_true(same_person("ann@a.org", "ann"));
  assert_false(same_person("ann@a.org", "ann@b.org"));
  assert_false(same_person("ann", "anna"));
  assert_false(same_person("", ""));
}

static void test_no_file_leaves_the_folder(void **state) {
  Arena *arena = *state;
  assert_string_equal(approval_file("f", "board", "ann@example.org", arena), "f/board-ann@example.org.approval");
  assert_string_equal(approval_file("f", "board", "../x", arena), "f/board-%2E.%2Fx.approval");
}

static void test_an_ack_says_what_it_said(void **state) {
  Arena *arena = *state;
  static const SiteSigners role = {.name = "board", .signers = "allowed", .revoked = "", .quorum = 1};
  Ack a = {.plan = "p", .run = "r", .gate = "g", .role = "board", .person = "ann", .says = "ann; x=1", .yes = true, .at = 1767639600000,
           .until = 1767643200000, .asks = "ask 1 a\nask 2 b\n"}, b;
  Buf text = BUF_INIT;
  char why[SIGNATURE_WHY], key[SIGNATURE_KEY];
  ack_write(&a, &text);
  assert_false(ack_read(text.data, arena, &b)); /* not signed */
  size_t signed_at = text.len;
  assert_true(signature_make(SIGNATURE_ACK, arena_printf(arena, "%s/key", dir), text.data, &text, why));
  assert_true(ack_read(text.data, arena, &b));
  assert_true(b.yes);
  assert_int_equal(b.at, a.at);
  assert_int_equal(b.until, a.until);
  assert_string_equal(b.says, a.says);
  assert_string_equal(b.asks, a.asks);
  assert_null(ack_verify(&b, text.data, &role, dir, arena, key));
  assert_non_null(strstr(key, "SHA256:"));
  for (size_t i = 0; i < signed_at; i += 9) { /* any byte of it */
    text.data[i] ^= 1;
    bool read = ack_read(text.data, arena, &b);
    if (read) assert_string_equal(ack_verify(&b, text.data, &role, dir, arena, key), "it was changed after it was signed");
    text.data[i] ^= 1;
  }
  buf_reset(&text); /* a signature for plans is none for answers */
  ack_write(&a, &text);
  assert_true(signature_make(SIGNATURE_PLAN, arena_printf(arena, "%s/key", dir), text.data, &text, why));
  assert_true(ack_read(text.data, arena, &b));
  assert_non_null(ack_verify(&b, text.data, &role, dir, arena, key));
  buf_done(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_counts), cmocka_unit_test(test_the_same_person),
                                     cmocka_unit_test(test_no_file_leaves_the_folder), cmocka_unit_test(test_an_ack_says_what_it_said)};
  return cmocka_run_group_tests(tests, begin, finish);
}
