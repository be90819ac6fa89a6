/* source_load: files into the source map, checked. What comes out may be scanned without further care: valid UTF-8,
 * no NUL, a byte order mark skipped, two NULs behind it, at most LIMIT_SOURCE_BYTES. Line ends are left as they
 * are: a CR before a LF is for the scanner to skip. Every refusal is a diagnostic. */
#ifndef TAGOUT_LANG_SOURCE_LOAD_H
#define TAGOUT_LANG_SOURCE_LOAD_H

#include "lang/arena.h"
#include "lang/diag.h"
#include "lang/source.h"

/* Reads a file; "-" is the standard input. asked: where the file was asked for, {0,0} when on the command line.
 * NULL when there is nothing to parse. A text with bidirectional controls is reported and still returned. A text
 * that is no UTF-8 or holds a NUL is in the map, so that the place can be shown, but it is not returned. */
Source *source_load(SourceMap *map, Arena *arena, DiagSink *sink, const char *path, Span asked);

/* The same checks for bytes in memory (an editor's buffer); they are copied. */
Source *source_load_bytes(SourceMap *map, Arena *arena, DiagSink *sink, const char *name, const char *bytes,
                          size_t len);

#endif
