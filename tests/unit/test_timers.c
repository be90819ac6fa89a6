/* Timers and the map of ids, against models that are too simple to be wrong. */
#include <config.h>

#include "runtime/id_map.h"
#include "runtime/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 33;
}

enum { SLOTS = 200 };
typedef struct Model { int64_t at[SLOTS]; uint64_t order[SLOTS]; uint32_t id[SLOTS]; uint64_t next; } Model;

static int first_of(const Model *m) {
  int best = -1;
  for (int i = 0; i < SLOTS; i++)
    if (m->at[i] >= 0 && (best < 0 || m->at[i] < m->at[best] || (m->at[i] == m->at[best] && m->order[i] < m->order[best]))) best = i;
  return best;
}

static void timers_fire_in_the_order_of_their_times(void **state) {
  (void)state;
  Timers t = {0};
  Model m = {0};
  uint64_t seed = 42;
  for (int i = 0; i < SLOTS; i++) m.at[i] = -1;
  for (int n = 0; n < 20000; n++) {
    uint32_t i = (uint32_t)(next_random(&seed) % SLOTS);
    int first = first_of(&m);
    assert_true(timers_next(&t) == (first < 0 ? INT64_MAX : m.at[first]));
    if (m.at[i] < 0) {
      m.at[i] = (int64_t)(next_random(&seed) % 50);
      m.order[i] = m.next++;
      m.id[i] = timers_add(&t, m.at[i], 1, i);
    } else if (next_random(&seed) % 2) {
      timers_remove(&t, &m.id[i]);
      assert_true(m.id[i] == TIMER_NONE);
      m.at[i] = -1;
    } else {
      TimerSlot slot;
      assert_false(timers_take(&t, m.at[first] - 1, &slot));
      assert_true(timers_take(&t, m.at[first], &slot));
      assert_int_equal(slot.ref, first);
      m.at[first] = -1;
    }
  }
  uint32_t none = TIMER_NONE;
  timers_remove(&t, &none);
  timers_done(&t);
}

static void the_map_finds_what_was_put_and_nothing_else(void **state) {
  (void)state;
  IdMap map = {0};
  static uint32_t model[4096];
  uint32_t found;
  uint64_t seed = 7;
  assert_false(id_map_get(&map, 1, &found));
  id_map_remove(&map, 1);
  for (int n = 0; n < 100000; n++) {
    uint64_t key = 1 + next_random(&seed) % 4095;
    if (next_random(&seed) % 3) {
      model[key] = 1 + (uint32_t)(next_random(&seed) % 1000);
      id_map_put(&map, key * UINT64_C(0x10000001), model[key]);
    } else {
      model[key] = 0;
      id_map_remove(&map, key * UINT64_C(0x10000001));
    }
    key = 1 + next_random(&seed) % 4095;
    assert_int_equal(id_map_get(&map, key * UINT64_C(0x10000001), &found), model[key] != 0);
    if (model[key]) assert_int_equal(found, model[key]);
  }
  assert_true(id_map_bytes(&map) >= map.count * 12);
  id_map_done(&map);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(timers_fire_in_the_order_of_their_times),
      cmocka_unit_test(the_map_finds_what_was_put_and_nothing_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
