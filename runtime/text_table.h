/* text_table: many texts to dense ids, equal bytes to equal ids, without a copy of each: a text lies where
 * it was read, in a buffer that the table owns. 12 bytes per text besides its bytes and its slot in the
 * hash table. Texts are at most UINT16_MAX bytes and are followed by a NUL that is not counted. Not for
 * names of a program: those are few and have lang/intern. */
#ifndef TAGOUT_RUNTIME_TEXT_TABLE_H
#define TAGOUT_RUNTIME_TEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct TextTable TextTable;

#define TEXT_NONE UINT32_MAX
#define TEXT_BUFFERS 256u /* an inventory is one file per kind and a few chunks of our own */

TextTable *text_table_new(void);
void text_table_free(TextTable *t); /* accepts NULL */

/* Room for so many more texts, so that it need not grow in steps; a guess is good enough. */
void text_table_reserve(TextTable *t, size_t texts);
/* The table takes over bytes (from malloc, size > 0); the number of the buffer, or -1 when there are too
 * many. */
int text_table_adopt(TextTable *t, char *bytes, size_t size);
/* The id of the text at bytes, which lies in the buffer and is followed by a NUL there when it is new. */
uint32_t text_table_add(TextTable *t, int buffer, const char *bytes, size_t len);
/* The same for bytes that lie anywhere: copied when they are new. */
uint32_t text_table_copy(TextTable *t, const char *bytes, size_t len);
uint32_t text_table_find(const TextTable *t, const char *bytes, size_t len); /* TEXT_NONE: not in the table */
const char *text_table_text(const TextTable *t, uint32_t id, size_t *ret_len); /* ret_len may be NULL */
uint32_t text_table_count(const TextTable *t);
size_t text_table_bytes(const TextTable *t);

#endif
