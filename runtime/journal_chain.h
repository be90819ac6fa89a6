/* journal_chain: the hash chain of a journal, SHA-256 by nettle. The value after a row covers everything written before it.
 *
 *   genesis   = H("tagout journal 2", tables and views, meta, plan, names of kinds and outcomes)
 *   event     = H(value before, event row, rows of its commands, rows of its notes)
 *   turn      = H(value before, numbers of the turn row)
 *
 * A row is its tag, its integers (64 bits, little-endian) and its text (length, bytes; length -1: none). The value after
 * each commit is kept whole in `turn`; every event keeps the first 8 bytes of the value before it, its link, so that an
 * edit is found where it is and not only in which commit. */
#ifndef TAGOUT_RUNTIME_JOURNAL_CHAIN_H
#define TAGOUT_RUNTIME_JOURNAL_CHAIN_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAIN_BYTES SHA256_DIGEST_SIZE
#define CHAIN_NUMBERS 16 /* integers that a row has at most */

typedef enum ChainTag { CHAIN_EVENT = 'E', CHAIN_COMMAND = 'C', CHAIN_NOTE = 'N', CHAIN_TURN = 'T', CHAIN_GENESIS = 'G' } ChainTag;

typedef struct Chain {
  struct sha256_ctx ctx;
  uint8_t value[CHAIN_BYTES]; /* after everything that is closed */
  bool open;                  /* ctx has taken value and rows */
} Chain;

/* Takes a row in; text_len is only read where there is a text. */
void chain_row(Chain *c, ChainTag tag, const int64_t *numbers, int count, const char *text, size_t text_len);
void chain_close(Chain *c);         /* value covers all rows taken */
int64_t chain_link(const Chain *c); /* of a closed chain */

#endif
