/* Fuzz target: an inventory in JSON. */
#include <config.h>

#include "tests/fuzz/fuzz_fleet.h"

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/fleet_json", NULL};
const char *const fuzz_suffix = ".json";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return check_inventory(FLEET_JSON, data, size);
}
