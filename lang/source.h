/* source: the source map. All files of a compilation lie one behind the other in one space of 32-bit byte
 * offsets, so a place is one SrcPos and a piece of text one Span, whatever file it is in. Every coordinate
 * that leaves the program (line and column, LSP position) comes from here. */
#ifndef TAGOUT_LANG_SOURCE_H
#define TAGOUT_LANG_SOURCE_H

#include "lang/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t SrcPos;                        /* byte offset in the space of the map; 0 is "nowhere" */
typedef struct Span { SrcPos lo, hi; } Span;    /* half-open; {0,0} is "no place" */

typedef struct Source {
  const char *name;   /* path as the user gave it, or "stdlib/power.runbook" for the embedded library */
  const char *text;   /* valid UTF-8 without NUL, followed by two NULs (the scanner wants them) */
  uint32_t len;       /* bytes */
  SrcPos base;        /* offset of the first byte in the map's space, >= 1 */
  uint32_t *line_starts; /* made at the first question; offsets from base */
  uint32_t line_count;
  bool library;       /* part of the embedded library: diagnostics about it are ours */
} Source;

/* 1-based line; column in characters (grapheme clusters), 1-based, as printed for people. */
typedef struct LineCol { uint32_t line, column; } LineCol;
/* 0-based line and UTF-16 unit, as the Language Server Protocol and SARIF (utf16CodeUnits) want it. */
typedef struct Utf16Pos { uint32_t line, unit; } Utf16Pos;

typedef struct SourceMap SourceMap;

SourceMap *source_map_new(Arena *arena);
/* Adds a file whose bytes were validated by source_load or are known good. text is kept, not copied, and must
 * be followed by two NULs. Returns NULL when the space of 4 GiB is full. */
Source *source_add(SourceMap *map, const char *name, const char *text, size_t len);
uint32_t source_count(const SourceMap *map);
Source *source_at(const SourceMap *map, uint32_t index);
Source *source_of(const SourceMap *map, SrcPos pos);      /* NULL for 0 or an unknown offset */
Source *source_named(const SourceMap *map, const char *name); /* NULL: none, or no map */
LineCol source_line_col(const SourceMap *map, SrcPos pos);
Utf16Pos source_utf16(const SourceMap *map, SrcPos pos);
/* The text of the 1-based line without its line end; its offset in the map's space in *ret_lo. */
const char *source_line(const SourceMap *map, const Source *s, uint32_t line, uint32_t *ret_len, SrcPos *ret_lo);

static inline Span span_join(Span a, Span b) {
  if (a.hi == 0) return b;
  if (b.hi == 0) return a;
  return (Span){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

#endif
