/* fleet_json.c: the same tables as JSON (RFC 8259, strictly), read in one pass:
 *
 *     [ {"name": "n1", "rack": "r1", "slot": 1}, ... ]                      rows of the row kind (nodes)
 *     { "racks": [ {"name": "r1", ...}, ... ], "nodes": [ ... ] }           one array per kind, in any order
 *
 * Keys are the columns of the CSV; a key may be missing where a cell would be empty, null is the same. A
 * value is a text, a number, true, false, or for a list an array of texts. Nothing nests deeper, so
 * nothing here recurses. Texts are decoded where they stand. A mistake of form ends the reading; mistakes
 * of content do not. */
#include <config.h>

#include "lang/limits.h"
#include "runtime/fleet_read.h"

#include <string.h>

typedef struct Json {
  FleetLoad *load;
  FleetFile *file;
  char *p, *end;     /* *end is NUL */
  FleetRow here;     /* the line that p is in */
  FleetTable *table; /* that is being read, or NULL */
  FleetCell cells[LIMIT_FLEET_COLUMNS];
  uint32_t seen[LIMIT_FLEET_COLUMNS]; /* number of the row that had the column last */
  uint32_t row;                       /* number of the row in its table */
  uint32_t rows;                      /* of all tables */
  FleetTable *scratch;                /* for places outside of a table */
} Json;

/* Reports what is wrong at p; false, for the callers to pass on. */
static bool fail(Json *j, const char *what, const char *help) {
  FleetTable *t = j->table ? j->table : j->scratch;
  Diag *d;
  if (j->p >= j->end) {
    d = fleet_table_diag(t, E_FLEET_CUT_OFF, j->here, j->end, "the file ends in the middle: %s", what);
    help = "the file may have been cut off";
  } else {
    d = fleet_table_diag(t, E_FLEET_JSON, j->here, j->p, "not JSON as an inventory has it: %s", what);
  }
  diag_note(j->load->sink, d, "%s", help);
  return false;
}

static void skip_blanks(Json *j) {
  for (;; j->p++) {
    if (*j->p == '\n')
      j->here = (FleetRow){j->p + 1, j->here.line + 1};
    else if (*j->p != ' ' && *j->p != '\t' && *j->p != '\r')
      return;
  }
}

/* The next character that is no blank is c: steps over it. */
static bool accept(Json *j, char c) {
  skip_blanks(j);
  if (*j->p != c || j->p >= j->end) return false;
  j->p++;
  return true;
}

/* ---- texts ---- */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Four digits behind \u at p, or -1. */
static int hex_unit(const char *p) {
  int v = 0;
  for (int i = 0; i < 4; i++) {
    int d = hex_digit(p[i]); /* stops at the NUL of the end */
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

static char *put_utf8(char *out, int c) {
  if (c < 0x80) {
    *out++ = (char)c;
  } else if (c < 0x800) {
    *out++ = (char)(0xc0 | c >> 6);
    *out++ = (char)(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    *out++ = (char)(0xe0 | c >> 12);
    *out++ = (char)(0x80 | (c >> 6 & 0x3f));
    *out++ = (char)(0x80 | (c & 0x3f));
  } else {
    *out++ = (char)(0xf0 | c >> 18);
    *out++ = (char)(0x80 | (c >> 12 & 0x3f));
    *out++ = (char)(0x80 | (c >> 6 & 0x3f));
    *out++ = (char)(0x80 | (c & 0x3f));
  }
  return out;
}

/* The escape at j->p (a backslash): steps over it; the code point, or -1. */
static int escape(Json *j) {
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const char *letter = j->p[1] ? strchr(letters, j->p[1]) : NULL;
  if (letter) {
    j->p += 2;
    return meant[letter - letters];
  }
  if (j->p[1] != 'u') return -1;
  int unit = hex_unit(j->p + 2);
  if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff)) return -1;
  if (unit < 0xd800 || unit > 0xdbff) {
    j->p += 6;
    return unit;
  }
  int low = j->p[6] == '\\' && j->p[7] == 'u' ? hex_unit(j->p + 8) : -1;
  if (low < 0xdc00 || low > 0xdfff) return -1;
  j->p += 12;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

/* The text at p (a quote), decoded in place; blanks fill the room that escapes leave. No NUL is written. */
static bool read_text(Json *j, FleetCell *cell) {
  char *out = j->p + 1;
  *cell = (FleetCell){.bytes = out, .at = j->p, .plain = true, .quoted = true};
  for (j->p++; *j->p != '"';) {
    unsigned char c = (unsigned char)*j->p;
    if (c < 0x20) return fail(j, "a text is not closed", "close it; a line end within a text is written \\n");
    if (c >= 0x7f) cell->plain = false;
    if (c != '\\') {
      *out++ = *j->p++;
      continue;
    }
    int code_point = escape(j);
    if (code_point < 0)
      return fail(j, "an escape that means nothing",
                  "escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u0001 to \\uffff");
    if (code_point < 0x20 || code_point >= 0x7f) cell->plain = false;
    out = put_utf8(out, code_point);
  }
  if ((size_t)(out - cell->bytes) > LIMIT_CSV_LINE) {
    j->p = (char *)cell->at;
    return fail(j, "a text of more than 1,048,576 bytes", "no value of an inventory is so long");
  }
  cell->len = (uint32_t)(out - cell->bytes);
  memset(out, ' ', (size_t)(j->p - out));
  j->p++;
  return true;
}

static void close_text(FleetCell cell) {
  ((char *)cell.bytes)[cell.len] = '\0';
} /* in the file's own buffer */

/* ---- values ---- */

static void skip_digits(Json *j) {
  while (*j->p >= '0' && *j->p <= '9') j->p++;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool read_number(Json *j, FleetCell *cell) {
  const char *start = j->p;
  if (*j->p == '-') j->p++;
  bool good = is_digit(*j->p) && !(*j->p == '0' && is_digit(j->p[1]));
  skip_digits(j);
  if (good && *j->p == '.') {
    j->p++;
    good = is_digit(*j->p);
    skip_digits(j);
  }
  if (!good || *j->p == 'e' || *j->p == 'E')
    return fail(j, "a malformed number", "write digits, or a quantity with its unit as a text");
  *cell =
      (FleetCell){.bytes = start, .at = start, .len = (uint32_t)(j->p - start), .plain = true, .part = true};
  return true;
}

static bool read_word(Json *j, const char *word, FleetCell *cell) {
  size_t len = strlen(word);
  if (strncmp(j->p, word, len) != 0) return false;
  *cell = (FleetCell){.bytes = j->p, .at = j->p, .len = (uint32_t)len, .plain = true, .part = true};
  j->p += len;
  return true;
}

static bool fail_item(Json *j, FleetCell item) {
  j->p = (char *)item.at;
  return fail(j, "a name of a list holds a `;`", "`;` separates the names of a list");
}

/* An array of texts becomes one cell, the texts with `;` between them, written over the array. */
static bool read_list(Json *j, FleetCell *cell) {
  FleetCell item;
  char *out = ++j->p;
  *cell = (FleetCell){.bytes = out, .at = j->p - 1, .plain = true, .quoted = true};
  if (accept(j, ']')) return true;
  do {
    skip_blanks(j);
    if (*j->p != '"') return fail(j, "a name of the list is not a text", "a list is an array of names");
    if (!read_text(j, &item)) return false;
    cell->plain = cell->plain && item.plain;
    if (memchr(item.bytes, ';', item.len)) return fail_item(j, item);
    if (out != cell->bytes) *out++ = ';';
    memmove(out, item.bytes, item.len);
    out += item.len;
  } while (accept(j, ','));
  if (!accept(j, ']')) return fail(j, "a list is not closed", "write `]`");
  cell->len = (uint32_t)(out - cell->bytes);
  close_text(*cell);
  return true;
}

static bool read_value(Json *j, FleetCell *cell) {
  skip_blanks(j);
  char c = *j->p;
  if (c == '"') {
    if (!read_text(j, cell)) return false;
    close_text(*cell);
    return true;
  }
  if (c == '[') return read_list(j, cell);
  if (c == '-' || is_digit(c)) return read_number(j, cell);
  if (read_word(j, "true", cell) || read_word(j, "false", cell)) return true;
  if (read_word(j, "null", cell)) {
    cell->len = 0;
    return true;
  }
  return fail(j, c == '{' ? "an object where a value should be" : "no value",
              "a value is a text, a number, true, false, null or a list of texts");
}

/* ---- rows ---- */

/* The column that a key names; expected is tried first, because rows are alike. */
static uint32_t column_of(Json *j, FleetRow row, FleetCell key, uint32_t expected) {
  uint32_t count = fleet_table_columns(j->table);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t column = (expected + i) % count;
    if (strcmp(fleet_table_column_name(j->table, column), key.bytes) == 0) return column;
  }
  return fleet_table_column(j->table, key, row);
}

static bool read_pair(Json *j, FleetRow row, uint32_t *expected) {
  FleetCell key, value;
  skip_blanks(j);
  if (*j->p != '"')
    return fail(j, "a key is not a text", "a row is an object: {\"name\": \"n1\", \"slot\": 1}");
  if (!read_text(j, &key)) return false;
  close_text(key);
  if (key.len > LIMIT_NAME_BYTES)
    return fail(j, "a key of more than 255 bytes", "keys are the names of columns");
  if (!accept(j, ':'))
    return fail(j, "no `:` behind a key", "a row is an object: {\"name\": \"n1\", \"slot\": 1}");
  if (!read_value(j, &value)) return false;
  uint32_t column = column_of(j, row, key, *expected);
  if (column >= LIMIT_FLEET_COLUMNS) return true; /* too many, reported */
  if (j->seen[column] == j->row) {
    Diag *d = fleet_table_diag(j->table, E_FLEET_COLUMN_TWICE, row, key.at,
                               "key `%s` stands twice in one object", key.bytes);
    diag_note(j->load->sink, d, "a row says each thing once");
    return true;
  }
  j->seen[column] = j->row;
  j->cells[column] = value;
  *expected = column + 1;
  return true;
}

static bool read_row(Json *j) {
  skip_blanks(j);
  FleetRow row = j->here;
  const char *open = j->p;
  if (!accept(j, '{'))
    return fail(j, "a row is not an object", "a table is an array of objects, one per row");
  j->row++;
  j->rows++;
  uint32_t expected = 0;
  if (!accept(j, '}')) {
    do {
      if (!read_pair(j, row, &expected)) return false;
    } while (accept(j, ','));
    if (!accept(j, '}')) return fail(j, "an object is not closed", "write `,` or `}`");
  }
  for (uint32_t i = 0; i < fleet_table_columns(j->table); i++)
    if (j->seen[i] != j->row) j->cells[i] = (FleetCell){.bytes = "", .at = open, .plain = true};
  fleet_table_row(j->table, j->cells, row);
  return true;
}

static bool read_rows(Json *j) {
  if (accept(j, ']')) return true;
  do {
    if (!read_row(j)) return false;
  } while (accept(j, ','));
  return accept(j, ']') || fail(j, "a table is not closed", "write `,` or `]`");
}

static bool read_table(Json *j, uint32_t kind) {
  if (!accept(j, '['))
    return fail(j, "a table is not an array", "a table is an array of objects, one per row");
  memset(j->seen, 0, sizeof j->seen);
  j->row = 0;
  j->load->tabled[kind] = 1;
  j->table = fleet_table_new(j->load, kind, j->file->number, j->file->buffer);
  bool good = read_rows(j);
  fleet_table_done(j->table);
  j->table = NULL;
  j->load->complete[kind] = 1;
  return good;
}

static bool read_tables(Json *j) {
  const FleetSchema *schema = j->load->f->schema;
  do {
    FleetCell key;
    skip_blanks(j);
    if (*j->p != '"')
      return fail(j, "a key is not a text",
                  "an inventory is an object with a table per kind: {\"racks\": [...], \"nodes\": [...]}");
    FleetRow at = j->here;
    if (!read_text(j, &key)) return false;
    close_text(key);
    const char *near;
    uint32_t kind = fleet_table_named(schema, key.bytes, key.len, &near);
    if (kind == UINT32_MAX || j->load->tabled[kind]) {
      Diag *d = fleet_table_diag(
          j->scratch, E_FLEET_TABLE, at, key.at,
          kind == UINT32_MAX ? "no kind has the table `%.60s`" : "the table `%s` stands twice", key.bytes);
      if (kind == UINT32_MAX && near)
        diag_note(j->load->sink, d, "did you mean `%s`?", near);
      else
        diag_note(j->load->sink, d, "tables are named by the plurals of the kinds, once each");
      return false;
    }
    if (!accept(j, ':'))
      return fail(j, "no `:` behind a key", "an inventory is an object with a table per kind");
    if (!read_table(j, kind)) return false;
  } while (accept(j, ','));
  return accept(j, '}') || fail(j, "the object is not closed", "write `,` or `}`");
}

void fleet_read_json(FleetLoad *load, FleetFile *file) {
  Json *j = arena_new_object(load->arena, Json);
  *j = (Json){
      .load = load, .file = file, .p = file->bytes, .end = file->bytes + file->len, .here = {file->bytes, 1}};
  uint32_t row_kind = load->f->schema->row_kind;
  j->scratch = fleet_table_new(load, row_kind, file->number, file->buffer);
  bool good;
  skip_blanks(j);
  if (*j->p == '[')
    good = read_table(j, row_kind);
  else if (accept(j, '{'))
    good = accept(j, '}') || read_tables(j);
  else
    good = fail(j, "neither an array nor an object",
                "an inventory is an array of nodes, or an object with a table per kind");
  skip_blanks(j);
  if (good && j->p < j->end) good = fail(j, "text behind the end", "remove it");
  if (good && j->rows == 0) {
    Diag *d =
        fleet_table_diag(j->scratch, E_FLEET_EMPTY, j->here, j->here.start, "an inventory without rows");
    diag_note(load->sink, d, "write an object for every node");
  }
  fleet_table_done(j->scratch);
}
