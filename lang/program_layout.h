/* program_layout: the tables of a program and the fields of their rows as data, so that writing, reading, checking and
 * showing a program are loops and not lists that must agree. */
#ifndef TAGOUT_LANG_PROGRAM_LAYOUT_H
#define TAGOUT_LANG_PROGRAM_LAYOUT_H

#include "lang/program.h"

typedef enum TableId {
#define TABLE(Type, field) TABLE_##field,
  PROGRAM_TABLES(TABLE)
#undef TABLE
  TABLE_COUNT
} TableId;

typedef enum FieldClass {
  CLASS_WORD, CLASS_SMALL, CLASS_INT, CLASS_MS, CLASS_FLAG, CLASS_CHOICE3, CLASS_STR, CLASS_SLOT, CLASS_TYPE, CLASS_REF,
  CLASS_OPT, CLASS_ROWS, CLASS_LIST, CLASS_CODES, CLASS_BYTES, CLASS_REGION, CLASS_PLACE
} FieldClass;

typedef struct LayoutField { const char *name; uint16_t offset; uint8_t table, klass, target; } LayoutField;
typedef struct LayoutTable {
  const char *name;
  uint32_t row_size;                   /* bytes in memory */
  uint32_t rows_offset, count_offset;  /* of the pointer and the count in Program */
} LayoutTable;

extern const LayoutTable layout_tables[TABLE_COUNT];

/* The fields of a table's rows, in order. */
const LayoutField *layout_fields(TableId table, uint32_t *ret_count);
uint32_t layout_field_bytes(FieldClass klass);      /* bytes in the file */
uint32_t layout_row_bytes(TableId table);           /* bytes of a row in the file */
bool layout_is_packed(TableId table);               /* the row in memory is, on a little-endian machine, the row in the file */
uint32_t layout_count(const Program *p, TableId table);
const uint8_t *layout_rows(const Program *p, TableId table);
static inline const uint8_t *layout_row(const Program *p, TableId table, uint32_t row) {
  return layout_rows(p, table) + (size_t)row * layout_tables[table].row_size;
}
static inline uint32_t layout_u32(const uint8_t *field) {
  uint32_t v;
  __builtin_memcpy(&v, field, sizeof v);
  return v;
}
static inline Slice layout_slice(const uint8_t *field) {
  Slice v;
  __builtin_memcpy(&v, field, sizeof v);
  return v;
}

/* Where things stand in a file (format: program.c). */
#define PROGRAM_MAGIC "\x89TGT\r\n\x1a\n"
#define PROGRAM_FORMAT 6u
enum { PROGRAM_LENGTH_AT = 16, PROGRAM_DIGEST_AT = 24, PROGRAM_HEAD_AT = 56, PROGRAM_SECTIONS_AT = 72, PROGRAM_SECTION_HEAD = 16 };
size_t layout_offset(const Program *p, TableId table, uint32_t row); /* of a row in the program's file */
void layout_digest(const uint8_t *image, size_t len, uint8_t digest[32]); /* SHA-256 of a whole image but for its digest */

#endif
