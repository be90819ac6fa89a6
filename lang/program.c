/* program: writes a program to its file image, seals it, and answers where an instruction came from. Reading is
 * program_read.c, what a program must satisfy is verify_*.c.
 *
 * The file. All integers are little-endian; nothing is aligned; nothing is between the parts or behind the last.
 *
 *   offset  bytes  what
 *   0       8      magic: 89 'T' 'G' 'T' 0d 0a 1a 0a (a transfer that touches line ends or bit 7 breaks it)
 *   8       4      format version, 6
 *   12      4      number of sections: 1 + the tables of PROGRAM_TABLES
 *   16      8      length of the whole file
 *   24      32     SHA-256 of bytes 0..23 and 56..end
 *   56      16     name, title, owner (strings), entry (address of the main strand)
 *   72             sections, in the order: strings, then PROGRAM_TABLES
 *
 * A section:
 *   0       4      number of the section, from 0
 *   4       4      bytes per row; 0 for strings
 *   8       4      number of rows
 *   12      4      bytes of the rows that follow
 *   16             rows
 *
 * A row of strings is its bytes, valid UTF-8, and a NUL; row 0 is empty. A row of a table is its fields in the order of
 * program_layout.def: one byte (FLAG, CHOICE3), four bytes, eight bytes (INT, MS; TYPE: class and reference; Slice:
 * first and count) or 32 bytes. A file is accepted only when every number above agrees with every other, the digest
 * fits, and the program in it passes verify_code. The digest guards against damage, not against malice: whoever can
 * write a file can seal it; what a hostile program could do is bounded by verify_code. */
#include <config.h>

#include "lang/program.h"

#include "lang/program_layout.h"

#include <nettle/sha2.h>
#include <string.h>

static void write_slice(Slice s, Buf *out) {
  buf_u32(out, s.first);
  buf_u32(out, s.count);
}

static void write_field(const uint8_t *field, FieldClass klass, Buf *out) {
  int64_t wide;
  ValueType type;
  switch (klass) {
    case CLASS_FLAG: case CLASS_CHOICE3:
      buf_u8(out, *field);
      break;
    case CLASS_WORD: case CLASS_SMALL: case CLASS_STR: case CLASS_SLOT: case CLASS_REF: case CLASS_OPT:
    case CLASS_REGION: case CLASS_PLACE:
      buf_u32(out, layout_u32(field));
      break;
    case CLASS_INT: case CLASS_MS:
      memcpy(&wide, field, sizeof wide);
      buf_u64(out, (uint64_t)wide);
      break;
    case CLASS_TYPE:
      memcpy(&type, field, sizeof type);
      buf_u32(out, type.klass);
      buf_u32(out, type.ref);
      break;
    case CLASS_ROWS: case CLASS_LIST: case CLASS_CODES:
      write_slice(layout_slice(field), out);
      break;
    case CLASS_BYTES:
      buf_add(out, field, 32);
      break;
  }
}

/* Where a program goes: into a file's image, or, when only its digest is wanted, through the digest in small pieces. */
typedef struct Writer {
  Buf *out;
  struct sha256_ctx *sha; /* NULL: an image is wanted */
  size_t hidden;          /* bytes at the begin of out that the digest has to pass over */
} Writer;

enum { PIECE = 1 << 15 };

static void flush(Writer *w, size_t at_least) {
  if (!w->sha || w->out->len < at_least) return;
  sha256_update(w->sha, w->out->len - w->hidden, (const uint8_t *)w->out->data + w->hidden);
  buf_reset(w->out);
  w->hidden = 0;
}

static void write_bytes(Writer *w, const void *bytes, size_t len) {
  if (!w->sha) {
    buf_add(w->out, bytes, len);
    return;
  }
  flush(w, 1);
  sha256_update(w->sha, len, bytes);
}

static void write_rows(const Program *p, TableId table, Writer *w) {
  uint32_t count = layout_count(p, table);
  const uint8_t *rows = layout_rows(p, table);
  size_t row_size = layout_tables[table].row_size;
  if (layout_is_packed(table)) {
    if (count) write_bytes(w, rows, count * row_size);
    return;
  }
  uint32_t field_count;
  const LayoutField *f = layout_fields(table, &field_count);
  for (uint32_t i = 0; i < count; i++, rows += row_size) {
    for (uint32_t k = 0; k < field_count; k++) write_field(rows + f[k].offset, (FieldClass)f[k].klass, w->out);
    flush(w, PIECE);
  }
}

static void write_section_head(uint32_t number, uint32_t row_bytes, uint32_t count, size_t bytes, Buf *out) {
  buf_u32(out, number);
  buf_u32(out, row_bytes);
  buf_u32(out, count);
  buf_u32(out, (uint32_t)bytes);
}

static void write_strings(const Program *p, Writer *w) {
  size_t bytes = layout_offset(p, (TableId)0, 0) - PROGRAM_SECTIONS_AT - 2 * PROGRAM_SECTION_HEAD;
  write_section_head(0, 0, p->string_count, bytes, w->out);
  for (uint32_t i = 0; i < p->string_count; i++) {
    buf_add(w->out, p->strings[i], strlen(p->strings[i]) + 1);
    flush(w, PIECE);
  }
}

static void write_head(const Program *p, size_t length, Buf *out) {
  buf_add(out, PROGRAM_MAGIC, 8);
  buf_u32(out, PROGRAM_FORMAT);
  buf_u32(out, 1 + TABLE_COUNT);
  buf_u64(out, length);
  buf_add(out, p->digest, 32);
  buf_u32(out, p->name);
  buf_u32(out, p->title);
  buf_u32(out, p->owner);
  buf_u32(out, p->entry);
}

static void write_sections(const Program *p, Writer *w) {
  write_strings(p, w);
  for (uint32_t t = 0; t < TABLE_COUNT; t++) {
    uint32_t row_bytes = layout_row_bytes((TableId)t), count = layout_count(p, (TableId)t);
    write_section_head(1 + t, row_bytes, count, (size_t)count * row_bytes, w->out);
    write_rows(p, (TableId)t, w);
  }
}

static size_t image_length(const Program *p) {
  TableId last = (TableId)(TABLE_COUNT - 1);
  return layout_offset(p, last, layout_count(p, last));
}

void program_write(const Program *p, Buf *out) {
  Writer w = {.out = out};
  size_t length = image_length(p);
  buf_reserve(out, length);
  write_head(p, length, out);
  write_sections(p, &w);
}

void program_seal(Program *p) {
  Buf piece = BUF_INIT;
  struct sha256_ctx sha;
  Writer w = {.out = &piece, .sha = &sha, .hidden = PROGRAM_HEAD_AT - PROGRAM_DIGEST_AT};
  sha256_init(&sha);
  write_head(p, image_length(p), &piece);
  sha256_update(&sha, PROGRAM_DIGEST_AT, (const uint8_t *)piece.data);
  memmove(piece.data, piece.data + PROGRAM_DIGEST_AT, piece.len -= PROGRAM_DIGEST_AT);
  write_sections(p, &w);
  flush(&w, 1);
  sha256_digest(&sha, sizeof p->digest, p->digest);
  buf_done(&piece);
}

uint32_t program_line(const Program *p, uint32_t pc, const char **ret_source) {
  uint32_t lo = 0, hi = p->lines_count;
  while (lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    if (p->lines[mid].pc <= pc) lo = mid + 1;
    else hi = mid;
  }
  if (lo == 0) return 0;
  const LineRow *row = &p->lines[lo - 1];
  if (ret_source) *ret_source = program_str(p, p->sources[row->source].name);
  return row->line;
}
