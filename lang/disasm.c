/* disasm: a program as text: its tables, row by row, field by field, and its code with names for the operands. Stable:
 * the conformance tests compare it. Empty tables are left out. */
#include <config.h>

#include "lang/program_layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t operand_tables[] = {
#define OPERAND(name, table) TABLE_##table,
  OPERAND_CLASSES(OPERAND)
#undef OPERAND
};

static void show_string(const Program *p, StrId s, Buf *out) {
  const char *text = program_str(p, s);
  buf_json(out, text, strlen(text));
}

/* The name of a row: its first field where that is a string, else its number. */
static void show_row_name(const Program *p, TableId table, uint32_t row, Buf *out) {
  uint32_t count;
  const LayoutField *f = layout_fields(table, &count);
  if (row == NONE_INDEX) {
    buf_str(out, "none");
    return;
  }
  if (f->klass == CLASS_STR && f->offset == 0 && table != TABLE_enum_words) {
    const char *name = program_str(p, layout_u32(layout_row(p, table, row)));
    if (*name) {
      buf_str(out, name);
      return;
    }
  }
  buf_printf(out, "#%u", row);
}

static void show_type(const Program *p, ValueType type, Buf *out) {
  switch ((ValueClass)type.klass) {
    case VALUE_INT: buf_str(out, "int"); return;
    case VALUE_BOOL: buf_str(out, "bool"); return;
    case VALUE_TEXT: buf_str(out, "text"); return;
    case VALUE_ENUM: buf_printf(out, "enum %s", program_str(p, p->enums[type.ref].name)); return;
    case VALUE_QUANTITY: buf_str(out, quantity_kind_word((QuantityKind)type.ref)); return;
    case VALUE_ENTITY: buf_str(out, program_str(p, p->kinds[type.ref].name)); return;
    case VALUE_LIST: buf_printf(out, "list of %s", program_str(p, p->kinds[type.ref].name)); return;
  }
}

static void show_items(const Program *p, Slice s, TableId target, bool named, Buf *out) {
  buf_char(out, '[');
  for (uint32_t i = 0; i < s.count; i++) {
    if (i) buf_char(out, ' ');
    if (named) show_row_name(p, target, p->index_list[s.first + i], out);
    else buf_printf(out, "%u", p->index_list[s.first + i]);
  }
  buf_char(out, ']');
}

static void show_address(uint32_t at, Buf *out) {
  if (at) buf_printf(out, "@%u", at);
  else buf_char(out, '-');
}

static void show_slice(Slice s, Buf *out) {
  if (s.count) buf_printf(out, "[%u..%u]", s.first, s.first + s.count - 1);
  else buf_str(out, "[]");
}

static void show_field(const Program *p, const LayoutField *f, const uint8_t *at, Buf *out) {
  int64_t wide;
  ValueType type;
  switch ((FieldClass)f->klass) {
    case CLASS_WORD: case CLASS_SMALL: case CLASS_SLOT: buf_printf(out, "%u", layout_u32(at)); return;
    case CLASS_FLAG: case CLASS_CHOICE3: buf_printf(out, "%u", *at); return;
    case CLASS_INT: case CLASS_MS: memcpy(&wide, at, sizeof wide); buf_printf(out, "%" PRId64, wide); return;
    case CLASS_STR: show_string(p, layout_u32(at), out); return;
    case CLASS_TYPE: memcpy(&type, at, sizeof type); show_type(p, type, out); return;
    case CLASS_REF: case CLASS_OPT: show_row_name(p, (TableId)f->target, layout_u32(at), out); return;
    case CLASS_ROWS: show_slice(layout_slice(at), out); return;
    case CLASS_LIST: show_items(p, layout_slice(at), (TableId)f->target, true, out); return;
    case CLASS_CODES: show_items(p, layout_slice(at), (TableId)f->target, false, out); return;
    case CLASS_BYTES: buf_hex(out, at, 32); return;
    case CLASS_REGION: case CLASS_PLACE: show_address(layout_u32(at), out); return;
  }
}

static void show_table(const Program *p, TableId table, Buf *out) {
  uint32_t field_count, count = layout_count(p, table);
  const LayoutField *f = layout_fields(table, &field_count);
  if (count == 0) return;
  buf_printf(out, "\n%s\n", layout_tables[table].name);
  for (uint32_t i = 0; i < count; i++) {
    buf_printf(out, "  #%u", i);
    for (uint32_t k = 0; k < field_count; k++) {
      buf_printf(out, " %s=", f[k].name);
      show_field(p, &f[k], layout_row(p, table, i) + f[k].offset, out);
    }
    buf_char(out, '\n');
  }
}

/* ---- code ---- */

static void show_operand(const Program *p, OperandClass klass, uint32_t word, uint32_t a, Buf *out) {
  if (klass == OPERAND_NONE) return;
  buf_char(out, ' ');
  switch (klass) {
    case OPERAND_IMM: buf_printf(out, "%" PRId32, code_imm(word)); return;
    case OPERAND_COUNT: buf_printf(out, "%u", a); return;
    case OPERAND_SLOT: buf_printf(out, "$%u", a); return;
    case OPERAND_JUMP: buf_printf(out, "@%u", a); return;
    case OPERAND_STR: show_string(p, a, out); return;
    case OPERAND_CONST: buf_printf(out, "%" PRId64, p->consts[a]); return;
    case OPERAND_CALL: buf_printf(out, "#%u %s", a, program_str(p, p->actions[p->calls[a].action].name)); return;
    case OPERAND_SHOW: show_type(p, p->shows[a].type, out); return;
    default: show_row_name(p, (TableId)operand_tables[klass], a, out); return;
  }
}

static uint32_t show_instruction(const Program *p, uint32_t pc, Buf *out) {
  uint32_t word = p->code[pc];
  const OpInfo *op = &op_info[code_op(word)];
  buf_printf(out, "  %5u  %-13s", pc, op->name);
  show_operand(p, (OperandClass)op->a, word, code_a(word), out);
  if (op->b != OPERAND_NONE) show_operand(p, (OperandClass)op->b, 0, p->code[pc + 1], out);
  while (out->len && out->data[out->len - 1] == ' ') out->data[--out->len] = 0;
  buf_char(out, '\n');
  return code_words(code_op(word));
}

/* What owns the code at an address: rows that refer to it, found by walking the layout once. */
typedef struct Owner { uint32_t at; TableId table; uint32_t row; const char *field; } Owner;

static int owner_order(const void *a, const void *b) {
  const Owner *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? -1 : 1;
  if (x->table != y->table) return x->table < y->table ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

static uint32_t find_owners(const Program *p, Owner **ret) {
  VEC(Owner) owners = {0};
  for (uint32_t table = 0; table < TABLE_COUNT; table++) {
    uint32_t field_count, count = layout_count(p, (TableId)table);
    const LayoutField *f = layout_fields((TableId)table, &field_count);
    for (uint32_t k = 0; k < field_count; k++) {
      if (f[k].klass != CLASS_REGION && f[k].klass != CLASS_PLACE) continue;
      for (uint32_t i = 0; i < count; i++) {
        uint32_t at = layout_u32(layout_row(p, (TableId)table, i) + f[k].offset);
        if (at) vec_push(&owners, ((Owner){at, (TableId)table, i, f[k].name}));
      }
    }
  }
  if (owners.len) qsort(owners.items, owners.len, sizeof *owners.items, owner_order);
  *ret = owners.items;
  return owners.len;
}

static void show_code(const Program *p, Buf *out) {
  Owner *owners;
  uint32_t owner_count = find_owners(p, &owners), next = 0, line = 0;
  buf_str(out, "\ncode\n");
  for (uint32_t pc = 0; pc < p->code_count;) {
    if (pc == p->entry) buf_str(out, "entry:\n");
    for (; next < owner_count && owners[next].at <= pc; next++) {
      buf_printf(out, "%s ", layout_tables[owners[next].table].name);
      show_row_name(p, owners[next].table, owners[next].row, out);
      buf_printf(out, " %s:\n", owners[next].field);
    }
    for (; line < p->lines_count && p->lines[line].pc <= pc; line++)
      if (p->lines[line].line) buf_printf(out, "         ; %s:%u\n", program_str(p, p->sources[p->lines[line].source].name), p->lines[line].line);
    pc += show_instruction(p, pc, out);
  }
  free(owners);
}

static void show_head(const Program *p, Buf *out) {
  buf_str(out, "program ");
  show_string(p, p->name, out);
  buf_str(out, "\ntitle ");
  show_string(p, p->title, out);
  buf_str(out, "\nowner ");
  show_string(p, p->owner, out);
  buf_char(out, '\n');
}

/* Tables that the code shows in its own way. */
static bool is_shown_by_code(uint32_t table) {
  return table == TABLE_code || table == TABLE_lines || table == TABLE_index_list || table == TABLE_consts;
}

/* What the modules declare, whatever the runbook is. */
static bool is_declared(uint32_t table) {
  return table <= TABLE_channels || table == TABLE_param_types || table == TABLE_services || table == TABLE_automations ||
         table == TABLE_hazards || table == TABLE_settings || table == TABLE_shows || table == TABLE_sources;
}

void disasm(const Program *p, Buf *out) {
  show_head(p, out);
  buf_str(out, "digest ");
  buf_hex(out, p->digest, 32);
  buf_char(out, '\n');
  for (uint32_t table = 0; table < TABLE_COUNT; table++)
    if (!is_shown_by_code(table)) show_table(p, (TableId)table, out);
  show_code(p, out);
}

void disasm_runbook(const Program *p, Buf *out) {
  show_head(p, out);
  for (uint32_t table = 0; table < TABLE_COUNT; table++)
    if (!is_shown_by_code(table) && !is_declared(table)) show_table(p, (TableId)table, out);
  show_code(p, out);
}
