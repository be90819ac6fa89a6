/* fuzz: what a fuzz target gives. With clang's libFuzzer (`make fuzzers`, see local.mk) the library brings main();
 * in `make check` main.c replays the corpora and broken copies of them. */
#ifndef TAGOUT_TESTS_FUZZ_FUZZ_H
#define TAGOUT_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Must return 0 for every input; a wrong answer aborts, as a wrong access does. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where inputs lie, from the top of the sources, searched deep; ends in NULL. Only names that end in the suffix. */
extern const char *const fuzz_corpora[];
extern const char *const fuzz_suffix;

#endif
