/* cert_sort: the order of a certificate's rows. */
#ifndef TAGOUT_LANG_CERTIFICATE_CERT_SORT_H
#define TAGOUT_LANG_CERTIFICATE_CERT_SORT_H

#include <stdint.h>

/* `count` rows of `width` bytes, as memcmp orders them; of equal ones any order. To be freed; the rows stay the caller's. */
const uint8_t **cert_sorted(const uint8_t *rows, uint32_t count, uint32_t width);

#endif
