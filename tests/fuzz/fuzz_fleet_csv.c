/* Fuzz target: an inventory in CSV. */
#include <config.h>

#include "tests/fuzz/fuzz_fleet.h"

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/fleet_csv", NULL};
const char *const fuzz_suffix = ".csv";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return check_inventory(FLEET_CSV, data, size);
}
