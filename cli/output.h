/* output: how the program speaks: diagnostics in the format asked for, colour only where it is wanted, files whole or not. */
#ifndef TAGOUT_CLI_OUTPUT_H
#define TAGOUT_CLI_OUTPUT_H

#include "cli/verb.h"
#include "lang/buf.h"
#include "lang/diag.h"

struct JournalError; /* runtime/journal.h, which must not meet the syntax tree */

typedef enum Format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF } Format;

/* The value of --format; NULL is text. sarif: the verb speaks it. False after saying what is wrong. */
bool format_parse(const char *text, bool sarif, Format *ret);
/* The value of an option that is a whole number: decimal digits, nothing else. False after saying what is wrong. */
bool number_parse(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *ret);
bool wants_color(int fd);      /* a terminal, and neither NO_COLOR nor TERM=dumb; CLICOLOR_FORCE wins */
unsigned terminal_width(int fd); /* COLUMNS, else the terminal's, else 80 */

/* Text goes to stderr, JSON and SARIF to stdout. Prints nothing for text when there is nothing. */
void print_diagnostics(DiagSink *sink, const SourceMap *map, Format format);

void print_journal_error(const struct JournalError *e);

/* The whole file in out, with an error already said when false. "-" is stdin. */
bool read_file(const char *path, Buf *out);
/* The same of a small file between processes, with nothing said: up to SMALL_FILE bytes; a file that is not there yet. */
#define SMALL_FILE (64u << 20)
bool get_file(const char *path, Buf *out);
bool put_file(const char *path, const char *bytes, size_t len);
/* Writes beside it, syncs and renames: a reader sees the old file or the new one. "-" is stdout. */
bool write_file(const char *path, const char *bytes, size_t len);
/* The real path, in the arena; "": there is none. */
const char *absolute(Arena *arena, const char *path);
bool write_all(int fd, const char *bytes, size_t len); /* all of them, or false with errno */

/* "3h 12min". The buffer is reset first; returns its text. */
const char *show_duration(int64_t ms, Buf *out);

#endif
