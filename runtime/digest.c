/* digest: one text, one hash. */
#include <config.h>

#include "runtime/digest.h"

#include "lang/buf.h"

#include <nettle/sha2.h>

void digest_hex(const void *bytes, size_t len, char ret[DIGEST_HEX]) {
  struct sha256_ctx ctx;
  uint8_t sum[SHA256_DIGEST_SIZE];
  sha256_init(&ctx);
  if (len) sha256_update(&ctx, len, bytes);
  sha256_digest(&ctx, sizeof sum, sum);
  hex_digits(sum, sizeof sum, ret);
}
