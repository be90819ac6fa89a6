/* program_build: a program while it grows. Address 0 of the regions is the RETURN that every program begins with. */
#include <config.h>

#include "lang/program_build.h"

#include "lang/intern.h"
#include "lang/limits.h"
#include "lang/program_layout.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef VEC(uint32_t) Words;
typedef VEC(LineRow) Lines;

typedef struct Piece { Words words; Lines lines; } Piece;

struct ProgramBuild {
  Arena *arena;
  Program program;               /* its rows are in heap vectors until build_finish */
  uint32_t room[TABLE_COUNT];    /* rows allocated */
  Intern *strings;
  Intern *consts;                /* constants by their 8 bytes */
  Piece regions, strands;
  uint32_t region_start;         /* NONE_INDEX: no region is open */
  uint32_t region_lines;         /* line rows before it */
  uint32_t *known;               /* hash table of the regions so far, so that equal ones share their code; 0 free */
  uint32_t known_mask, known_count;
};

enum { KNOWN_FIRST = 1 << 10 };

ProgramBuild *build_new(Arena *arena) {
  ProgramBuild *b = xcalloc(1, sizeof *b);
  b->arena = arena;
  b->strings = intern_new_in(arena);
  b->consts = intern_new();
  b->region_start = NONE_INDEX;
  b->known = xcalloc(KNOWN_FIRST, sizeof *b->known);
  b->known_mask = KNOWN_FIRST - 1;
  vec_push(&b->regions.words, OPCODE_RETURN);
  return b;
}

static void *table_rows(ProgramBuild *b, uint32_t table) {
  void *rows;
  memcpy(&rows, (char *)&b->program + layout_tables[table].rows_offset, sizeof rows);
  return rows;
}

void build_free(ProgramBuild *b) {
  if (!b) return;
  for (uint32_t t = 0; t < TABLE_COUNT; t++) free(table_rows(b, t));
  intern_free(b->strings);
  intern_free(b->consts);
  free(b->known);
  vec_done(&b->regions.words);
  vec_done(&b->regions.lines);
  vec_done(&b->strands.words);
  vec_done(&b->strands.lines);
  free(b);
}

Program *build_program(ProgramBuild *b) { return &b->program; }

/* String 0 is the empty one; every other string is the atom of its text. */
StrId build_string(ProgramBuild *b, const char *text, size_t len) {
  const char *nul = memchr(text, 0, len);
  if (nul) len = (size_t)(nul - text);
  return len ? intern_add(b->strings, text, len) : 0;
}

StrId build_str(ProgramBuild *b, const char *text) { return build_string(b, text, strlen(text)); }

uint32_t build_const(ProgramBuild *b, int64_t value) {
  char bytes[sizeof value];
  memcpy(bytes, &value, sizeof value);
  Atom atom = intern_add(b->consts, bytes, sizeof bytes);
  if (atom > b->program.consts_count) build_row(b, consts, &value);
  return atom - 1;
}

uint32_t build_add_row(ProgramBuild *b, BuildTable table, const void *row) {
  const LayoutTable *t = &layout_tables[table];
  void *rows = table_rows(b, table);
  char *count_at = (char *)&b->program + t->count_offset;
  uint32_t count = layout_u32((const uint8_t *)count_at);
  vec_grow(&rows, count, &b->room[table], t->row_size);
  char *new_row = (char *)rows + (size_t)count * t->row_size;
  if (row) memcpy(new_row, row, t->row_size);
  else memset(new_row, 0, t->row_size);
  memcpy((char *)&b->program + t->rows_offset, &rows, sizeof rows);
  uint32_t more = count + 1;
  memcpy(count_at, &more, sizeof more);
  return count;
}

Slice build_list(ProgramBuild *b, const uint32_t *items, uint32_t count) {
  Slice s = {count ? b->program.index_list_count : 0, count};
  for (uint32_t i = 0; i < count; i++) build_row(b, index_list, &items[i]);
  return s;
}

/* ---- code ---- */

static Piece *open_piece(ProgramBuild *b) { return build_in_region(b) ? &b->regions : &b->strands; }

void build_region_begin(ProgramBuild *b) {
  assert(!build_in_region(b));
  b->region_start = b->regions.words.len;
  b->region_lines = b->regions.lines.len;
}

/* ---- equal regions share their code ---- */

/* One word of a region as it would be if the region began at address 0. */
static uint32_t relative_word(const ProgramBuild *b, uint32_t start, uint32_t at, bool is_operand, const OpInfo *op) {
  uint32_t word = b->regions.words.items[at];
  if (is_operand) return op->b == OPERAND_JUMP ? word - start : word;
  return op->a == OPERAND_JUMP ? word - (start << 8) : word;
}

/* Ends with the RETURN of the region: the only one in it. */
static uint32_t region_hash(const ProgramBuild *b, uint32_t start) {
  uint32_t hash = 2166136261u;
  for (uint32_t at = start; at < b->regions.words.len;) {
    const OpInfo *op = &op_info[code_op(b->regions.words.items[at])];
    hash = (hash ^ relative_word(b, start, at++, false, op)) * 16777619u;
    if (op->b != OPERAND_NONE) hash = (hash ^ relative_word(b, start, at++, true, op)) * 16777619u;
  }
  return hash ^ hash >> 15;
}

static bool regions_equal(const ProgramBuild *b, uint32_t known, uint32_t start) {
  uint32_t len = b->regions.words.len - start;
  if (known + len > start) return false;
  for (uint32_t i = 0; i < len;) {
    const OpInfo *op = &op_info[code_op(b->regions.words.items[start + i])];
    if (code_op(b->regions.words.items[known + i]) != code_op(b->regions.words.items[start + i])) return false;
    if (relative_word(b, known, known + i, false, op) != relative_word(b, start, start + i, false, op)) return false;
    i++;
    if (op->b == OPERAND_NONE) continue;
    if (relative_word(b, known, known + i, true, op) != relative_word(b, start, start + i, true, op)) return false;
    i++;
  }
  return true;
}

static void known_grow(ProgramBuild *b) {
  uint32_t *old = b->known, old_size = b->known_mask + 1;
  b->known_mask = 2 * old_size - 1;
  b->known = xcalloc(2 * old_size, sizeof *b->known);
  for (uint32_t i = 0; i < old_size; i += 2) {
    if (!old[i]) continue;
    uint32_t at = (old[i + 1] * 2) & b->known_mask;
    while (b->known[at]) at = (at + 2) & b->known_mask;
    b->known[at] = old[i];
    b->known[at + 1] = old[i + 1];
  }
  free(old);
}

/* Pairs of address and hash, open addressing. */
static CodeRef known_region(ProgramBuild *b, uint32_t start) {
  uint32_t hash = region_hash(b, start);
  if (4 * b->known_count > b->known_mask) known_grow(b);
  for (uint32_t at = (hash * 2) & b->known_mask;; at = (at + 2) & b->known_mask) {
    if (!b->known[at]) {
      b->known[at] = start;
      b->known[at + 1] = hash;
      b->known_count++;
      return start;
    }
    if (b->known[at + 1] == hash && regions_equal(b, b->known[at], start)) return b->known[at];
  }
}

CodeRef build_region_end(ProgramBuild *b) {
  build_op(b, OPCODE_RETURN, 0);
  uint32_t start = b->region_start;
  b->region_start = NONE_INDEX;
  CodeRef known = known_region(b, start);
  if (known != start) {
    b->regions.words.len = start;
    b->regions.lines.len = b->region_lines;
  }
  return known;
}

bool build_in_region(const ProgramBuild *b) { return b->region_start != NONE_INDEX; }

uint32_t build_here(const ProgramBuild *b) { return build_in_region(b) ? b->regions.words.len : b->strands.words.len; }

uint32_t build_op(ProgramBuild *b, Opcode op, uint32_t a) {
  Piece *piece = open_piece(b);
  vec_push(&piece->words, (uint32_t)op | a << 8);
  return piece->words.len - 1;
}

uint32_t build_op2(ProgramBuild *b, Opcode op, uint32_t a, uint32_t operand_b) {
  uint32_t at = build_op(b, op, a);
  Piece *piece = open_piece(b);
  vec_push(&piece->words, operand_b);
  return at;
}

void build_int(ProgramBuild *b, int64_t value) {
  if (value == VALUE_UNKNOWN) build_op(b, OPCODE_UNKNOWN, 0);
  else if (value >= -(1 << 23) && value < 1 << 23) build_op(b, OPCODE_INT, (uint32_t)value & 0xffffffu);
  else build_op(b, OPCODE_CONST, build_const(b, value));
}

void build_land(ProgramBuild *b, uint32_t at) {
  Words *w = &open_piece(b)->words;
  const OpInfo *op = &op_info[code_op(w->items[at])];
  if (op->b == OPERAND_JUMP) w->items[at + 1] = w->len;
  else w->items[at] = (w->items[at] & 0xff) | w->len << 8;
}

void build_line(ProgramBuild *b, uint32_t source, uint32_t line) {
  Piece *piece = open_piece(b);
  uint32_t here = piece->words.len;
  if (piece->lines.len && piece->lines.items[piece->lines.len - 1].pc == here) piece->lines.len--;
  const LineRow *last = piece->lines.len ? &piece->lines.items[piece->lines.len - 1] : NULL;
  if (last && last->source == source && last->line == line) return;
  vec_push(&piece->lines, ((LineRow){here, source, line}));
}

/* ---- the end ---- */

static void move_jumps(Words *w, uint32_t base) {
  for (uint32_t pc = 0; pc < w->len;) {
    Opcode opcode = code_op(w->items[pc]);
    const OpInfo *op = &op_info[opcode];
    if (op->a == OPERAND_JUMP) w->items[pc] += base << 8;
    if (op->b == OPERAND_JUMP) w->items[pc + 1] += base;
    pc += code_words(opcode);
  }
}

/* PLACE fields hold 0 for none, and address 0 of the strands is never one of them: the entry stands there. */
static void move_places(ProgramBuild *b, uint32_t base) {
  for (uint32_t t = 0; t < TABLE_COUNT; t++) {
    uint32_t field_count, count = layout_count(&b->program, (TableId)t);
    const LayoutField *f = layout_fields((TableId)t, &field_count);
    for (uint32_t k = 0; k < field_count; k++) {
      if (f[k].klass != CLASS_PLACE) continue;
      for (uint32_t i = 0; i < count; i++) {
        uint8_t *at = (uint8_t *)table_rows(b, t) + (size_t)i * layout_tables[t].row_size + f[k].offset;
        uint32_t place = layout_u32(at);
        if (place) place += base;
        memcpy(at, &place, sizeof place);
      }
    }
  }
}

/* What grew in the heap becomes the arena's without a copy, cut to its size. There is always a row to point to. */
static void *hand_over(ProgramBuild *b, void *rows, size_t size) {
  rows = xrealloc(rows, size);
  arena_adopt(b->arena, rows);
  return rows;
}

/* The strands are the bulk of it: they move up, and the regions are put in front of them. */
static void join_code(ProgramBuild *b, Program *p) {
  Words *regions = &b->regions.words, *strands = &b->strands.words;
  p->code_count = regions->len + strands->len;
  p->code = hand_over(b, strands->items, p->code_count * sizeof *p->code);
  memmove(p->code + regions->len, p->code, strands->len * sizeof *p->code);
  memcpy(p->code, regions->items, regions->len * sizeof *p->code);
  *strands = (Words){0};
}

static void join_lines(ProgramBuild *b, Program *p) {
  Lines *regions = &b->regions.lines, *strands = &b->strands.lines;
  p->lines_count = regions->len + strands->len;
  p->lines = hand_over(b, strands->items, p->lines_count * sizeof *p->lines);
  for (uint32_t i = 0; i < strands->len; i++) p->lines[i].pc += b->regions.words.len;
  memmove(p->lines + regions->len, p->lines, strands->len * sizeof *p->lines);
  if (regions->len) memcpy(p->lines, regions->items, regions->len * sizeof *p->lines);
  *strands = (Lines){0};
  while (p->lines_count && p->lines[p->lines_count - 1].pc >= p->code_count) p->lines_count--;
}

static void hand_over_tables(ProgramBuild *b, Program *p) {
  for (uint32_t t = 0; t < TABLE_COUNT; t++) {
    if (t == TABLE_code || t == TABLE_lines) continue;
    void *rows = hand_over(b, table_rows(b, t), size_product(layout_tables[t].row_size, layout_count(p, (TableId)t)));
    memcpy((char *)p + layout_tables[t].rows_offset, &rows, sizeof rows);
  }
  b->program = (Program){0};
}

static void list_strings(ProgramBuild *b, Program *p) {
  p->string_count = intern_count(b->strings) + 1;
  p->strings = arena_new_array(b->arena, const char *, p->string_count);
  for (uint32_t i = 0; i < p->string_count; i++) p->strings[i] = intern_text(b->strings, i);
}

/* Addresses and rows are operands of 24 bits. */
static bool within_limit(ProgramBuild *b, DiagSink *sink) {
  uint64_t words = (uint64_t)b->regions.words.len + b->strands.words.len;
  uint64_t rows = intern_count(b->strings);
  for (uint32_t t = 0; t < TABLE_COUNT; t++)
    if (layout_count(&b->program, (TableId)t) > rows) rows = layout_count(&b->program, (TableId)t);
  uint64_t most = words > rows ? words : rows;
  if (most < LIMIT_CODE_WORDS) return true;
  diag_new(sink, E_PROGRAM_LIMIT, (Span){0, 0}, "the runbook compiles to a program of %llu words or rows of one table; the limit is %u",
           (unsigned long long)most, LIMIT_CODE_WORDS - 1);
  return false;
}

Program *build_finish(ProgramBuild *b, uint32_t entry, DiagSink *sink) {
  if (!within_limit(b, sink)) return NULL;
  uint32_t base = b->regions.words.len;
  move_jumps(&b->strands.words, base);
  move_places(b, base);
  Program *p = arena_new_object(b->arena, Program);
  *p = b->program;
  hand_over_tables(b, p);
  list_strings(b, p);
  join_code(b, p);
  join_lines(b, p);
  p->entry = entry + base;
  program_seal(p);
  return p;
}
