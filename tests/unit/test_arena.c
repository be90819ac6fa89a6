/* The arena hands out zeroed, aligned memory that stays put, and refuses sizes that overflow. */
#include <config.h>

#include "lang/arena.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void memory_is_zeroed_and_aligned(void **state) {
  (void)state;
  Arena *a = arena_new();
  for (size_t size = 0; size < 3000; size += 7) {
    unsigned char *p = arena_alloc(a, size);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 16, 0);
    for (size_t i = 0; i < size; i++) assert_int_equal(p[i], 0);
    memset(p, 0xAA, size);
  }
  arena_free(a);
}

static void objects_stay_and_do_not_overlap(void **state) {
  (void)state;
  Arena *a = arena_new();
  uint64_t *numbers[5000];
  for (uint64_t i = 0; i < 5000; i++) {
    numbers[i] = arena_new_object(a, uint64_t);
    *numbers[i] = i;
  }
  for (uint64_t i = 0; i < 5000; i++) assert_int_equal(*numbers[i], i);
  arena_free(a);
}

static void large_objects_leave_the_chunk_in_use(void **state) {
  (void)state;
  Arena *a = arena_new();
  char *before = arena_alloc(a, 16);
  char *large = arena_alloc(a, 5u << 20);
  char *after = arena_alloc(a, 16);
  large[0] = large[(5u << 20) - 1] = 'x';
  assert_in_range((uintptr_t)after - (uintptr_t)before, 16, 4096);
  assert_int_equal(arena_used(a), (5u << 20) + 32);
  arena_free(a);
}

static void a_large_object_may_come_first(void **state) {
  (void)state;
  Arena *a = arena_new();
  memset(arena_alloc(a, 3u << 20), 1, 3u << 20);
  assert_string_equal(arena_string(a, "small", 5), "small");
  arena_free(a);
}

static void copies_and_strings(void **state) {
  (void)state;
  Arena *a = arena_new();
  const int numbers[] = {1, 2, 3};
  assert_memory_equal(arena_copy(a, numbers, sizeof numbers), numbers, sizeof numbers);
  assert_non_null(arena_copy(a, NULL, 0));
  assert_string_equal(arena_string(a, "rack r07", 4), "rack");
  assert_string_equal(arena_string(a, NULL, 0), "");
  assert_string_equal(arena_printf(a, "%s-%02d", "r", 7), "r-07");
  char *zeros = arena_string(a, "a\0b", 3);
  assert_memory_equal(zeros, "a\0b", 4);
  arena_free(a);
  arena_free(NULL);
}

static void sizes_multiply(void **state) {
  (void)state;
  assert_int_equal(size_product(0, SIZE_MAX), 0);
  assert_int_equal(size_product(3, 5), 15);
  assert_int_equal(size_product(1, SIZE_MAX), SIZE_MAX);
}

/* Runs f in a child and tells whether it aborted. */
static int aborts(void (*f)(void)) {
  pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    f();
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void overflow(void) { size_product(SIZE_MAX / 2, 3); }
static void no_overflow(void) { size_product(SIZE_MAX / 3, 3); }
static void huge(void) { arena_alloc(arena_new(), SIZE_MAX - 1); }
static void huge_string(void) { arena_string(arena_new(), "", SIZE_MAX); }

static void overflow_aborts(void **state) {
  (void)state;
  assert_true(aborts(overflow));
  assert_false(aborts(no_overflow));
  assert_true(aborts(huge));
  assert_true(aborts(huge_string));
}

static void heap_helpers(void **state) {
  (void)state;
  char *s = xstrdup("abc");
  s = xrealloc(s, 100);
  assert_string_equal(s, "abc");
  free(s);
  int *zeroed = xcalloc(10, sizeof(int));
  for (int i = 0; i < 10; i++) assert_int_equal(zeroed[i], 0);
  free(zeroed);
  void *nothing = xcalloc(0, 0), *empty = xmalloc(0);
  assert_non_null(nothing);
  assert_non_null(empty);
  free(nothing);
  free(empty);
}

/* That they are freed is what the leak sanitizer sees. */
static void adopted_blocks_stay(void **state) {
  (void)state;
  Arena *a = arena_new();
  char *first = xstrdup("first"), *second = xstrdup("second");
  arena_adopt(a, first);
  arena_adopt(a, NULL);
  arena_adopt(a, second);
  memset(arena_alloc(a, 100000), 1, 100000);
  assert_string_equal(first, "first");
  assert_string_equal(second, "second");
  arena_free(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_zeroed_and_aligned), cmocka_unit_test(objects_stay_and_do_not_overlap),
      cmocka_unit_test(large_objects_leave_the_chunk_in_use), cmocka_unit_test(a_large_object_may_come_first),
      cmocka_unit_test(copies_and_strings), cmocka_unit_test(sizes_multiply), cmocka_unit_test(overflow_aborts),
      cmocka_unit_test(heap_helpers), cmocka_unit_test(adopted_blocks_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
