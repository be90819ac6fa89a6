/* digest: SHA-256 of bytes, by nettle, as text. */
#ifndef TAGOUT_RUNTIME_DIGEST_H
#define TAGOUT_RUNTIME_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX 65 /* 64 digits and a NUL */

void digest_hex(const void *bytes, size_t len, char ret[DIGEST_HEX]); /* bytes may be NULL where there are none */

#endif
