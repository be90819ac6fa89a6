/* fleet_cells.c: one cell becomes one value: numbers, quantities, words, names, texts. Whatever is wrong
 * with it is reported at its place, with what could stand there instead. */
#include <config.h>

#include "lang/quantity.h"
#include "lang/suggest.h"
#include "lang/utf8.h"
#include "runtime/fleet_table_data.h"

#include <string.h>

enum { MOST_DIGITS = 15 }; /* of an int in a file: exact in every JSON reader and every spreadsheet */
enum { WORDS_SHOWN = 8 };

static bool is_blank(char c) { return c == ' ' || c == '\t'; }
static bool is_control(int code_point) {
  return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

/* ---- texts and names ---- */

static uint32_t intern_bytes(FleetTable *t, FleetCell cell) {
  TextTable *texts = t->load->f->texts;
  if (cell.part) return text_table_copy(texts, cell.bytes, cell.len);
  return text_table_add(texts, t->buffer, cell.bytes, cell.len);
}

/* In the composed form (NFC), as the names of a runbook are. */
static uint32_t intern_cell(FleetTable *t, FleetCell cell) {
  if (cell.plain) return intern_bytes(t, cell);
  Buf nfc = BUF_INIT;
  uint32_t id;
  bool composed = utf8_nfc(cell.bytes, cell.len, &nfc) &&
                  (nfc.len != cell.len || memcmp(nfc.data, cell.bytes, nfc.len) != 0);
  if (composed && nfc.len <= UINT16_MAX)
    id = text_table_copy(t->load->f->texts, nfc.data, nfc.len);
  else
    id = intern_bytes(t, cell);
  buf_done(&nfc);
  return id;
}

/* NULL, or what is wrong with the cell as a text. */
static const char *text_fault(FleetCell cell) {
  if (cell.len > LIMIT_STRING_BYTES) return "is longer than 65,535 bytes";
  if (!cell.quoted && (is_blank(cell.bytes[0]) || is_blank(cell.bytes[cell.len - 1])))
    return "has a blank before or after it";
  if (cell.plain) return NULL;
  for (size_t i = 0, n; i < cell.len; i += n) {
    int code_point = utf8_decode(cell.bytes + i, cell.len - i, &n);
    if (is_control(code_point)) return "holds a control character";
    if (utf8_is_bidi_control(code_point)) return "holds a control that hides the order of the text";
  }
  return NULL;
}

static const char *name_fault(FleetCell cell) {
  if (cell.len > LIMIT_NAME_BYTES) return "is longer than 255 bytes";
  if (is_blank(cell.bytes[0]) || is_blank(cell.bytes[cell.len - 1])) return "has a blank before or after it";
  if (memchr(cell.bytes, ';', cell.len)) return "holds a `;`, which separates the names of a list";
  return text_fault(cell);
}

uint32_t fleet_cell_name(FleetTable *t, const Column *c, FleetCell cell, FleetRow row) {
  const char *fault = name_fault(cell);
  if (!fault) return intern_cell(t, cell);
  Diag *d = fleet_table_diag(t, E_FLEET_NAME, row, cell.at, "column `%s`: the name `%.*s` %s", c->name,
                             fleet_shown(cell.bytes, cell.len), cell.bytes, fault);
  diag_note(t->load->sink, d, "write the name as a runbook and a ticket would");
  return TEXT_NONE;
}

static bool text_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, int64_t *ret) {
  const char *fault = text_fault(cell);
  if (fault) {
    Diag *d = fleet_table_diag(t, E_FLEET_TEXT, row, cell.at, "column `%s`: `%.*s` %s", c->name,
                               fleet_shown(cell.bytes, cell.len), cell.bytes, fault);
    diag_note(t->load->sink, d, "remove it; where it is meant, put the cell in quotes");
    return false;
  }
  *ret = intern_cell(t, cell);
  return true;
}

/* ---- words ---- */

static void unknown_word(FleetTable *t, const Column *c, FleetCell cell, FleetRow row,
                         const char *const *words, uint32_t count) {
  Diag *d = fleet_table_diag(t, E_FLEET_WORD, row, cell.at, "column `%s` does not know `%.*s`", c->name,
                             fleet_shown(cell.bytes, cell.len), cell.bytes);
  Suggest s = suggest_begin(cell.bytes, cell.len);
  for (uint32_t i = 0; i < count; i++) suggest_offer(&s, words[i]);
  if (suggest_best(&s)) diag_note(t->load->sink, d, "did you mean `%s`?", suggest_best(&s));
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < count && i < WORDS_SHOWN; i++) buf_printf(&b, "%s`%s`", i ? ", " : "", words[i]);
  diag_note(t->load->sink, d, "it is one of %s%s, or empty where it is not known", b.data ? b.data : "",
            count > WORDS_SHOWN ? ", ..." : "");
  buf_done(&b);
}

static bool word_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, const char *const *words,
                       uint32_t count, int64_t *ret) {
  for (uint32_t i = 0; i < count; i++) {
    if (strlen(words[i]) != cell.len || memcmp(words[i], cell.bytes, cell.len) != 0) continue;
    *ret = (int64_t)i + 1;
    return true;
  }
  unknown_word(t, c, cell, row, words, count);
  return false;
}

static bool bool_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, int64_t *ret) {
  static const char *const words[] = {"no", "yes", "false", "true"};
  if (!word_value(t, c, cell, row, words, 4, ret)) return false;
  *ret = (*ret - 1) & 1;
  return true;
}

/* ---- numbers ---- */

static bool bad_number(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, const char *why,
                       const char *help) {
  Diag *d = fleet_table_diag(t, E_FLEET_NUMBER, row, cell.at, "column `%s`: `%.*s` %s", c->name,
                             fleet_shown(cell.bytes, cell.len), cell.bytes, why);
  diag_note(t->load->sink, d, "%s", help);
  return false;
}

static bool is_negative(FleetCell cell) {
  return cell.len > 1 && cell.bytes[0] == '-' && cell.bytes[1] >= '0' && cell.bytes[1] <= '9';
}

static bool int_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, int64_t *ret) {
  int64_t v = 0;
  if (is_negative(cell))
    return bad_number(t, c, cell, row, "is negative", "numbers of an inventory count from 0");
  for (uint32_t i = 0; i < cell.len; i++) {
    if (cell.bytes[i] < '0' || cell.bytes[i] > '9')
      return bad_number(t, c, cell, row, "is not a whole number",
                        "write digits only, or leave the cell empty where it is not known");
    if (i >= MOST_DIGITS)
      return bad_number(t, c, cell, row, "is larger than 999,999,999,999,999",
                        "such a number is a name or a serial: declare it as text");
    v = v * 10 + (cell.bytes[i] - '0');
  }
  *ret = v;
  return true;
}

static bool quantity_value(FleetTable *t, const Column *c, QuantityKind kind, FleetCell cell, FleetRow row,
                           int64_t *ret) {
  Quantity q;
  QuantityFault fault;
  if (is_negative(cell) && kind != QUANTITY_TEMPERATURE)
    return bad_number(t, c, cell, row, "is negative", "quantities of an inventory count from 0");
  if (quantity_parse_as(kind, cell.bytes, cell.len, &q, &fault)) {
    *ret = q.value;
    return true;
  }
  Diag *d = fleet_table_diag(t, E_FLEET_NUMBER, row, cell.at, "column `%s`: %s", c->name, fault.message);
  if (fault.note) diag_note(t->load->sink, d, "%s", fault.note);
  diag_note(t->load->sink, d, "write %s, such as %s", quantity_kind_phrase(kind),
            quantity_kind_example(kind));
  return false;
}

/* ---- by type ---- */

static const FleetKind *kind_of(const FleetTable *t, const Column *c) {
  return &t->load->f->schema->kinds[t->mentions.items[c->of].kind];
}

bool fleet_cell_value(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, int64_t *ret) {
  const FleetAttr *attr = &kind_of(t, c)->attrs[c->index];
  switch (attr->type) {
  case FLEET_TEXT: return text_value(t, c, cell, row, ret);
  case FLEET_INT: return int_value(t, c, cell, row, ret);
  case FLEET_BOOL: return bool_value(t, c, cell, row, ret);
  case FLEET_ENUM: return word_value(t, c, cell, row, attr->words, attr->word_count, ret);
  case FLEET_QUANTITY: return quantity_value(t, c, (QuantityKind)attr->dimension, cell, row, ret);
  case FLEET_REF:
  case FLEET_REFS: return false; /* never the type of a COLUMN_VALUE */
  }
  return false;
}

bool fleet_cell_fact(FleetTable *t, const Column *c, FleetCell cell, FleetRow row, int64_t *ret) {
  const FleetFact *fact = &kind_of(t, c)->facts[c->index];
  return word_value(t, c, cell, row, fact->values, fact->value_count, ret);
}
