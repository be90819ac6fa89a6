/* program_read: a program from the bytes of a file. Never trusts a length: each is checked against what is left of the
 * file before anything is allocated or read by it. Only the shape is checked here; verify_code decides what the rows
 * and the code may be, and nothing that did not pass leaves this file. The format stands in program.c. */
#include <config.h>

#include "lang/program.h"

#include "lang/limits.h"
#include "lang/program_layout.h"
#include "lang/utf8.h"

#include <string.h>

typedef struct Reader {
  const char *file;
  const uint8_t *bytes;
  size_t len, at;
  Arena *arena;
  DiagSink *sink;
} Reader;

static uint32_t get_u32(const uint8_t *b) {
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint64_t get_u64(const uint8_t *b) { return get_u32(b) | (uint64_t)get_u32(b + 4) << 32; }

__attribute__((format(printf, 3, 4))) static bool damaged(Reader *r, size_t at, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  Buf why = BUF_INIT;
  buf_vprintf(&why, format, ap);
  va_end(ap);
  Diag *d = diag_at(r->sink, E_PROGRAM_DAMAGED, r->file, 0, 0, "the program file is damaged at offset %zu: %s", at, why.data);
  diag_note(r->sink, d, "compile it again from its runbook, or copy the file again");
  buf_done(&why);
  return false;
}

static bool read_head(Reader *r) {
  if (r->len < 8 || memcmp(r->bytes, PROGRAM_MAGIC, 8) != 0) {
    diag_at(r->sink, E_PROGRAM_FOREIGN, r->file, 0, 0, "this is not a program file: it does not begin with the mark of one");
    return false;
  }
  if (r->len > LIMIT_PROGRAM_BYTES) {
    diag_at(r->sink, E_PROGRAM_LIMIT, r->file, 0, 0, "the program file has %zu bytes; the limit is %u", r->len,
            LIMIT_PROGRAM_BYTES);
    return false;
  }
  if (r->len < PROGRAM_SECTIONS_AT) return damaged(r, r->len, "it ends within its head");
  uint32_t format = get_u32(r->bytes + 8);
  if (format != PROGRAM_FORMAT) {
    Diag *d = diag_at(r->sink, E_PROGRAM_FORMAT, r->file, 0, 0, "the program file has format %u; this version reads format %u",
                      format, PROGRAM_FORMAT);
    diag_note(r->sink, d, "compile the runbook again with this version");
    return false;
  }
  if (get_u32(r->bytes + 12) != 1 + TABLE_COUNT) return damaged(r, 12, "it does not have %u sections", 1 + TABLE_COUNT);
  uint64_t length = get_u64(r->bytes + PROGRAM_LENGTH_AT);
  if (length != r->len) return damaged(r, PROGRAM_LENGTH_AT, "it has %zu bytes and says it had %llu", r->len, (unsigned long long)length);
  uint8_t digest[32];
  layout_digest(r->bytes, r->len, digest);
  if (memcmp(digest, r->bytes + PROGRAM_DIGEST_AT, 32) != 0) return damaged(r, PROGRAM_DIGEST_AT, "its digest is not that of its content");
  return true;
}

/* The head of section `number`; leaves r->at at its first row. */
static bool read_section(Reader *r, uint32_t number, const char *name, uint32_t row_bytes, uint32_t *ret_count, uint32_t *ret_bytes) {
  if (r->len - r->at < PROGRAM_SECTION_HEAD) return damaged(r, r->at, "section `%s` has no head", name);
  const uint8_t *h = r->bytes + r->at;
  uint32_t count = get_u32(h + 8), bytes = get_u32(h + 12);
  if (get_u32(h) != number) return damaged(r, r->at, "section `%s` does not stand here", name);
  if (get_u32(h + 4) != row_bytes) return damaged(r, r->at + 4, "the rows of section `%s` do not have %u bytes", name, row_bytes);
  if (row_bytes && (uint64_t)count * row_bytes != bytes)
    return damaged(r, r->at + 8, "section `%s` does not have room for its rows", name);
  r->at += PROGRAM_SECTION_HEAD;
  if (bytes > r->len - r->at) return damaged(r, r->at - 4, "section `%s` reaches behind the end of the file", name);
  *ret_count = count;
  *ret_bytes = bytes;
  return true;
}

static bool read_strings(Reader *r, Program *p) {
  uint32_t count, bytes;
  size_t head = r->at;
  if (!read_section(r, 0, "strings", 0, &count, &bytes)) return false;
  const char *text = (const char *)r->bytes + r->at;
  if (count == 0 || count > bytes || text[0] != 0 || text[bytes - 1] != 0)
    return damaged(r, head + 8, "section `strings` does not begin with the empty string and end with a NUL");
  size_t invalid = utf8_first_invalid(text, bytes);
  if (invalid < bytes) return damaged(r, r->at + invalid, "section `strings` is not valid UTF-8");
  char *copy = arena_copy(r->arena, text, bytes);
  p->strings = arena_new_array(r->arena, const char *, count);
  uint32_t found = 0;
  for (const char *s = copy; s < copy + bytes; s += strlen(s) + 1) {
    if (found == count) return damaged(r, head + 8, "section `strings` holds more than %u strings", count);
    p->strings[found++] = s;
  }
  if (found != count) return damaged(r, head + 8, "section `strings` holds %u strings, not %u", found, count);
  p->string_count = count;
  r->at += bytes;
  return true;
}

static void read_field(const uint8_t *from, FieldClass klass, uint8_t *field) {
  uint32_t word;
  uint64_t wide;
  switch (klass) {
    case CLASS_FLAG: case CLASS_CHOICE3: case CLASS_BYTES:
      memcpy(field, from, layout_field_bytes(klass));
      break;
    case CLASS_WORD: case CLASS_SMALL: case CLASS_STR: case CLASS_SLOT: case CLASS_REF: case CLASS_OPT:
    case CLASS_REGION: case CLASS_PLACE:
      word = get_u32(from);
      memcpy(field, &word, sizeof word);
      break;
    case CLASS_INT: case CLASS_MS:
      wide = get_u64(from);
      memcpy(field, &wide, sizeof wide);
      break;
    case CLASS_TYPE: {
      uint32_t value = get_u32(from); /* a class past 16 bits is none: the check of the rows refuses it */
      ValueType type = {.klass = value > UINT16_MAX ? UINT16_MAX : (uint16_t)value, .ref = get_u32(from + 4)};
      memcpy(field, &type, sizeof type);
      break;
    }
    case CLASS_ROWS: case CLASS_LIST: case CLASS_CODES: {
      Slice slice = {get_u32(from), get_u32(from + 4)};
      memcpy(field, &slice, sizeof slice);
      break;
    }
  }
}

static bool read_table(Reader *r, Program *p, TableId table) {
  const LayoutTable *t = &layout_tables[table];
  uint32_t count, bytes, field_count;
  if (!read_section(r, 1 + table, t->name, layout_row_bytes(table), &count, &bytes)) return false;
  const LayoutField *f = layout_fields(table, &field_count);
  uint8_t *rows = arena_alloc(r->arena, size_product(count, t->row_size));
  const uint8_t *from = r->bytes + r->at;
  if (layout_is_packed(table)) {
    if (bytes) memcpy(rows, from, bytes);
  } else {
    for (uint32_t i = 0; i < count; i++)
      for (uint32_t k = 0; k < field_count; k++) {
        read_field(from, (FieldClass)f[k].klass, rows + (size_t)i * t->row_size + f[k].offset);
        from += layout_field_bytes((FieldClass)f[k].klass);
      }
  }
  memcpy((uint8_t *)p + t->rows_offset, &rows, sizeof rows);
  memcpy((uint8_t *)p + t->count_offset, &count, sizeof count);
  r->at += bytes;
  return true;
}

const Program *program_read(const char *file, const uint8_t *bytes, size_t len, Arena *arena, DiagSink *sink) {
  Reader r = {.file = file, .bytes = bytes, .len = len, .arena = arena, .sink = sink};
  if (!read_head(&r)) return NULL;
  Program *p = arena_new_object(arena, Program);
  memcpy(p->digest, bytes + PROGRAM_DIGEST_AT, 32);
  p->name = get_u32(bytes + PROGRAM_HEAD_AT);
  p->title = get_u32(bytes + PROGRAM_HEAD_AT + 4);
  p->owner = get_u32(bytes + PROGRAM_HEAD_AT + 8);
  p->entry = get_u32(bytes + PROGRAM_HEAD_AT + 12);
  r.at = PROGRAM_SECTIONS_AT;
  if (!read_strings(&r, p)) return NULL;
  for (uint32_t t = 0; t < TABLE_COUNT; t++)
    if (!read_table(&r, p, (TableId)t)) return NULL;
  if (r.at != len) {
    damaged(&r, r.at, "something follows its last section");
    return NULL;
  }
  return verify_code(p, file, sink) ? p : NULL;
}
