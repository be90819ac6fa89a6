/* fleet_csv.c: comma-separated values as RFC 4180 has them, strictly, a line at a time:
 *
 *     the first line names the columns; every line after it is one row with as many cells
 *     a line ends in LF or CR LF; the last one too, so that a file which was cut off is recognised
 *     a cell in double quotes may hold commas, blanks at its ends, and quotes (written twice); no line end
 *     an empty cell says nothing; lines that are wholly empty are skipped
 *
 * Cells are not copied: a NUL is written behind each, over the comma, the quote or the line end. */
#include <config.h>

#include "lang/limits.h"
#include "runtime/fleet_read.h"

#include <string.h>

typedef struct Csv {
  FleetLoad *load;
  FleetFile *file;
  FleetTable *table;
  FleetCell cells[LIMIT_FLEET_COLUMNS + 1];
  FleetRow row;
  uint32_t rows; /* also those that could not be read */
} Csv;

enum { ORDINARY, COMMA, QUOTE, ODD }; /* classes of bytes; ODD: a control or part of a longer character */

static const uint8_t classes[256] = {
    [0 ... 0x1f] = ODD,
    [','] = COMMA,
    ['"'] = QUOTE,
    [0x7f ... 0xff] = ODD,
};

static uint8_t class_of(char c) { return classes[(unsigned char)c]; }

/* ---- cells of one line: bytes p up to end ---- */

static char *bad_quote(Csv *c, const char *at, const char *what, const char *help) {
  Diag *d = fleet_table_diag(c->table, E_FLEET_QUOTES, c->row, at, "%s", what);
  diag_note(c->load->sink, d, "%s", help);
  return NULL;
}

/* The end of the plain cell at p, NULL when it is malformed. */
static char *plain_cell(Csv *c, char *p, const char *end, FleetCell *cell) {
  char *start = p;
  *cell = (FleetCell){.bytes = start, .at = start, .plain = true};
  for (; p < end; p++) {
    uint8_t k = class_of(*p);
    if (k == ORDINARY) continue;
    if (k == COMMA) break;
    if (k == QUOTE)
      return bad_quote(c, p, "a quote inside a cell",
                       "put the whole cell in quotes, and write a quote in it twice");
    cell->plain = false;
  }
  cell->len = (uint32_t)(p - start);
  return p;
}

/* The end of the quoted cell at p, behind its closing quote. A quote that is written twice becomes one;
 * the cell is moved together, and blanks fill the room, so that places behind it stay what they are. */
static char *quoted_cell(Csv *c, char *p, const char *end, FleetCell *cell) {
  char *open = p++, *out = p;
  *cell = (FleetCell){.bytes = p, .at = open, .plain = true, .quoted = true};
  for (; p < end; p++) {
    uint8_t k = class_of(*p);
    if (k == ODD) cell->plain = false;
    if (k == QUOTE) {
      if (p + 1 == end || p[1] != '"') break;
      p++;
    }
    *out++ = *p;
  }
  if (p == end)
    return bad_quote(c, open, "a quote that is not closed on its line", "close it; a cell holds no line end");
  cell->len = (uint32_t)(out - cell->bytes);
  memset(out, ' ', (size_t)(p - out));
  if (p + 1 < end && p[1] != ',')
    return bad_quote(c, p + 1, "text behind a closing quote",
                     "write a comma there, or the quote twice if it belongs to the cell");
  return p + 1;
}

/* Cells of the line into c->cells; their number, or 0 when the line is malformed. Only the first most + 1
 * are kept. */
static uint32_t split_line(Csv *c, char *p, char *end, uint32_t most) {
  uint32_t n = 0;
  for (;;) {
    FleetCell further, *cell = n <= most ? &c->cells[n] : &further;
    p = p < end && *p == '"' ? quoted_cell(c, p, end, cell) : plain_cell(c, p, end, cell);
    if (!p) return 0;
    n++;
    if (p == end) break;
    p++; /* the comma */
  }
  uint32_t kept = n <= most ? n : most;
  for (uint32_t i = 0; i < kept; i++)
    ((char *)c->cells[i].bytes)[c->cells[i].len] = '\0'; /* within the file's own buffer */
  return n;
}

/* ---- lines ---- */

static void read_row(Csv *c, char *p, char *end) {
  uint32_t columns = fleet_table_columns(c->table), n = split_line(c, p, end, columns);
  if (n == 0) return;
  if (n == columns) {
    fleet_table_row(c->table, c->cells, c->row);
    return;
  }
  Diag *d = fleet_table_diag(c->table, E_FLEET_FIELDS, c->row, n > columns ? c->cells[columns].at : end,
                             "%u cells, but %u column%s", n, columns, columns == 1 ? "" : "s");
  if (n < columns)
    diag_note(c->load->sink, d, "the cell of `%s` is missing, or one before it",
              fleet_table_column_name(c->table, n));
  else
    diag_note(c->load->sink, d, "put a cell that holds a comma in quotes");
}

/* False when the table cannot be read on: its columns are not known. */
static bool read_header(Csv *c, char *p, char *end) {
  const char *other = memchr(p, ';', (size_t)(end - p))    ? ";"
                      : memchr(p, '\t', (size_t)(end - p)) ? "tabs"
                                                           : NULL;
  if (other && !memchr(p, ',', (size_t)(end - p))) {
    Diag *d =
        fleet_table_diag(c->table, E_FLEET_FIELDS, c->row, p, "one column only, with %s in its name", other);
    diag_note(c->load->sink, d, "cells are separated by commas: export the table as comma-separated values");
    return false;
  }
  uint32_t n = split_line(c, p, end, LIMIT_FLEET_COLUMNS);
  for (uint32_t i = 0; i < n && i <= LIMIT_FLEET_COLUMNS; i++)
    fleet_table_column(c->table, c->cells[i], c->row);
  if (n > 0) fleet_table_header_done(c->table, c->row);
  return n > 0 && n <= LIMIT_FLEET_COLUMNS;
}

/* The line may be split: not bad bytes, which were reported, and not too long. */
static bool is_sound(Csv *c, const char *p, const char *end) {
  if (c->file->damaged && memchr(p, FLEET_BAD_BYTE, (size_t)(end - p))) return false;
  if ((size_t)(end - p) <= LIMIT_CSV_LINE) return true;
  Diag *d =
      fleet_table_diag(c->table, E_FLEET_LIMIT, c->row, p, "a line of more than %u bytes", LIMIT_CSV_LINE);
  diag_note(c->load->sink, d, "is a line end missing?");
  return false;
}

/* The end of the line at p without its line end; NULL when the file ends before. */
static char *line_end(Csv *c, char *p, char **ret_next) {
  char *stop = c->file->bytes + c->file->len, *newline = memchr(p, '\n', (size_t)(stop - p));
  if (!newline) {
    bool returns = memchr(p, '\r', (size_t)(stop - p)) != NULL;
    Diag *d = fleet_table_diag(c->table, E_FLEET_CUT_OFF, c->row, p, "the last line does not end");
    diag_note(c->load->sink, d,
              returns ? "a line ends in LF or CR LF, not in CR alone: save the file with other line ends"
                      : "the file may have been cut off; if it is whole, end its last line");
    return NULL;
  }
  *ret_next = newline + 1;
  return newline > p && newline[-1] == '\r' ? newline - 1 : newline;
}

static void report_empty(Csv *c, const char *what) {
  Diag *d = fleet_table_diag(c->table, E_FLEET_EMPTY, c->row, c->row.start, "%s", what);
  diag_note(c->load->sink, d, "a table has a line with the names of its columns, and a line per %s",
            c->load->f->schema->kinds[fleet_table_kind(c->table)].name);
}

void fleet_read_csv(FleetLoad *load, uint32_t kind, FleetFile *file) {
  Csv *c = arena_new_object(load->arena, Csv);
  c->load = load;
  c->file = file;
  c->table = fleet_table_new(load, kind, file->number, file->buffer);
  char *p = file->bytes, *stop = file->bytes + file->len, *next = p;
  bool header = false;
  uint32_t lines = 0;
  for (; p < stop; p = next) {
    c->row = (FleetRow){p, ++lines};
    char *end = line_end(c, p, &next);
    if (!end) break;
    if (end == p) continue;
    if (header) c->rows++;
    if (!is_sound(c, p, end)) {
      if (!header) break;
    } else if (header) {
      read_row(c, p, end);
    } else if (!read_header(c, p, end)) {
      break;
    }
    header = true;
  }
  if (lines == 0) c->row = (FleetRow){file->bytes, 1};
  if (p >= stop && !header)
    report_empty(c, "an empty table");
  else if (p >= stop && c->rows == 0)
    report_empty(c, "a table without rows");
  fleet_table_done(c->table);
}
