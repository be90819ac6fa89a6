/* output: how the program speaks: diagnostics in the format asked for, colour only where it is wanted, files whole or not. */
#ifndef TAGOUT_CLI_OUTPUT_H
#define TAGOUT_CLI_OUTPUT_H

#include "cli/verb.h"
#include "lang/buf.h"
#include "lang/diag.h"

struct JournalError; /* runtime/journal.h, which must not meet the syntax tree */

typedef enum Format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF } Format;

/* NULL is text. False after saying what is wrong. */
bool format_parse(const char *text, Format *ret);
bool wants_color(int fd);      /* a terminal, and neither NO_COLOR nor TERM=dumb; CLICOLOR_FORCE wins */
unsigned terminal_width(int fd); /* COLUMNS, else the terminal's, else 80 */

/* Text goes to stderr, JSON and SARIF to stdout. Prints nothing for text when there is nothing. */
void print_diagnostics(DiagSink *sink, const SourceMap *map, Format format);

void print_journal_error(const struct JournalError *e);

/* The whole file in out, with an error already said when false. "-" is stdin. */
bool read_file(const char *path, Buf *out);
/* Writes beside it, syncs and renames: a reader sees the old file or the new one. "-" is stdout. */
bool write_file(const char *path, const char *bytes, size_t len);

/* "3h 12min", and an instant as "Mon 11:00". The buffer is reset first; returns its text. */
const char *show_duration(int64_t ms, Buf *out);
const char *show_count(int64_t n, const char *one, const char *many, Buf *out); /* "1 node", "864 nodes" */

#endif
