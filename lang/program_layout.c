/* program_layout: the tables of a program and the fields of their rows, as data. */
#include <config.h>

#include "lang/program_layout.h"

#include <nettle/sha2.h>
#include <stddef.h>
#include <string.h>

const LayoutTable layout_tables[TABLE_COUNT] = {
#define TABLE(Type, field) {#field, sizeof(Type), offsetof(Program, field), offsetof(Program, field##_count)},
  PROGRAM_TABLES(TABLE)
#undef TABLE
};

static const LayoutField fields[] = {
#define FIELD(table, Row, field, klass, target) {#field, offsetof(Row, field), TABLE_##table, CLASS_##klass, TABLE_##target},
#define SCALAR(table, Type, klass, target) {"value", 0, TABLE_##table, CLASS_##klass, TABLE_##target},
#include "lang/program_layout.def"
#undef FIELD
#undef SCALAR
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields };

/* Where each field stands in the list, to find the first one of a table without counting at run time. */
static uint32_t first_field(TableId table) {
  uint32_t lo = 0, hi = FIELD_COUNT;
  while (lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    if (fields[mid].table < table) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

const LayoutField *layout_fields(TableId table, uint32_t *ret_count) {
  uint32_t first = first_field(table);
  uint32_t end = first;
  while (end < FIELD_COUNT && fields[end].table == table) end++;
  *ret_count = end - first;
  return fields + first;
}

uint32_t layout_field_bytes(FieldClass klass) {
  switch (klass) {
    case CLASS_FLAG: case CLASS_CHOICE3: return 1;
    case CLASS_WORD: case CLASS_SMALL: case CLASS_STR: case CLASS_SLOT: case CLASS_REF: case CLASS_OPT: return 4;
    case CLASS_REGION: case CLASS_PLACE: return 4;
    case CLASS_INT: case CLASS_MS: case CLASS_TYPE: case CLASS_ROWS: case CLASS_LIST: case CLASS_CODES: return 8;
    case CLASS_BYTES: return 32;
  }
  __builtin_unreachable();
}

uint32_t layout_row_bytes(TableId table) {
  uint32_t count, bytes = 0;
  const LayoutField *f = layout_fields(table, &count);
  for (uint32_t i = 0; i < count; i++) bytes += layout_field_bytes((FieldClass)f[i].klass);
  return bytes;
}

bool layout_is_packed(TableId table) {
  uint32_t count, bytes = 0;
  const LayoutField *f = layout_fields(table, &count);
  for (uint32_t i = 0; i < count; i++) {
    if (f[i].offset != bytes || f[i].klass == CLASS_TYPE) return false;
    bytes += layout_field_bytes((FieldClass)f[i].klass);
  }
  return bytes == layout_tables[table].row_size && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

uint32_t layout_count(const Program *p, TableId table) {
  return layout_u32((const uint8_t *)p + layout_tables[table].count_offset);
}

const uint8_t *layout_rows(const Program *p, TableId table) {
  const uint8_t *rows;
  memcpy(&rows, (const uint8_t *)p + layout_tables[table].rows_offset, sizeof rows);
  return rows;
}

static size_t strings_bytes(const Program *p) {
  size_t bytes = 0;
  for (uint32_t i = 0; i < p->string_count; i++) bytes += strlen(p->strings[i]) + 1;
  return bytes;
}

size_t layout_offset(const Program *p, TableId table, uint32_t row) {
  size_t at = PROGRAM_SECTIONS_AT + PROGRAM_SECTION_HEAD + strings_bytes(p);
  for (uint32_t t = 0; t < table; t++)
    at += PROGRAM_SECTION_HEAD + (size_t)layout_count(p, (TableId)t) * layout_row_bytes((TableId)t);
  return at + PROGRAM_SECTION_HEAD + (size_t)row * layout_row_bytes(table);
}

void layout_digest(const uint8_t *image, size_t len, uint8_t digest[32]) {
  struct sha256_ctx sha;
  sha256_init(&sha);
  sha256_update(&sha, PROGRAM_DIGEST_AT, image);
  sha256_update(&sha, len - PROGRAM_HEAD_AT, image + PROGRAM_HEAD_AT);
  sha256_digest(&sha, 32, digest);
}
