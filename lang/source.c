/* source: see source.h. Files are kept in the order of their bases, one unused offset behind each, so that the
 * end of a file is a place in it. Line starts are found at the first question about a file. */
#include <config.h>

#include "lang/source.h"

#include <assert.h>
#include <string.h>

#include "lang/utf8.h"

struct SourceMap {
  Arena *arena;
  Source **sources;
  uint32_t count, room;
  SrcPos next; /* base of the next file */
};

SourceMap *source_map_new(Arena *arena) {
  SourceMap *map = arena_new_object(arena, SourceMap);
  map->arena = arena;
  map->next = 1;
  return map;
}

Source *source_add(SourceMap *map, const char *name, const char *text, size_t len) {
  assert(text[len] == '\0' && text[len + 1] == '\0');
  if (len >= UINT32_MAX - map->next) return NULL;
  if (map->count == map->room) {
    uint32_t room = map->room ? map->room * 2 : 16;
    Source **bigger = arena_new_array(map->arena, Source *, room);
    if (map->count) memcpy(bigger, map->sources, map->count * sizeof *bigger);
    map->sources = bigger;
    map->room = room;
  }
  Source *s = arena_new_object(map->arena, Source);
  s->name = arena_string(map->arena, name, strlen(name));
  s->text = text;
  s->len = (uint32_t)len;
  s->base = map->next;
  map->sources[map->count++] = s;
  map->next += (SrcPos)len + 1;
  return s;
}

uint32_t source_count(const SourceMap *map) { return map->count; }

Source *source_named(const SourceMap *map, const char *name) {
  for (uint32_t i = 0; map && i < map->count; i++)
    if (strcmp(source_at(map, i)->name, name) == 0) return source_at(map, i);
  return NULL;
}

Source *source_at(const SourceMap *map, uint32_t index) {
  assert(index < map->count);
  return map->sources[index];
}

Source *source_of(const SourceMap *map, SrcPos pos) {
  if (pos == 0 || pos >= map->next) return NULL;
  uint32_t lo = 0, hi = map->count; /* the answer is in [lo, hi) */
  while (hi - lo > 1) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (map->sources[mid]->base <= pos) lo = mid;
    else hi = mid;
  }
  return map->sources[lo];
}

static uint32_t count_lines(const Source *s) {
  uint32_t lines = 1;
  const char *end = s->text + s->len;
  for (const char *p = s->text; (p = memchr(p, '\n', (size_t)(end - p))); p++) lines++;
  return lines;
}

static void find_lines(const SourceMap *map, Source *s) {
  if (s->line_starts) return;
  s->line_count = count_lines(s);
  s->line_starts = arena_new_array(map->arena, uint32_t, s->line_count);
  uint32_t line = 1;
  const char *end = s->text + s->len;
  for (const char *p = s->text; (p = memchr(p, '\n', (size_t)(end - p))); p++)
    s->line_starts[line++] = (uint32_t)(p + 1 - s->text);
}

/* 0-based line of an offset in the file. */
static uint32_t line_of(const Source *s, uint32_t offset) {
  uint32_t lo = 0, hi = s->line_count;
  while (hi - lo > 1) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (s->line_starts[mid] <= offset) lo = mid;
    else hi = mid;
  }
  return lo;
}

LineCol source_line_col(const SourceMap *map, SrcPos pos) {
  Source *s = source_of(map, pos);
  if (!s) return (LineCol){0, 0};
  find_lines(map, s);
  uint32_t offset = pos - s->base, line = line_of(s, offset), start = s->line_starts[line];
  return (LineCol){line + 1, (uint32_t)utf8_clusters(s->text + start, offset - start) + 1};
}

Utf16Pos source_utf16(const SourceMap *map, SrcPos pos) {
  Source *s = source_of(map, pos);
  if (!s) return (Utf16Pos){0, 0};
  find_lines(map, s);
  uint32_t offset = pos - s->base, line = line_of(s, offset), start = s->line_starts[line];
  return (Utf16Pos){line, (uint32_t)utf8_utf16_units(s->text + start, offset - start)};
}

const char *source_line(const SourceMap *map, const Source *s, uint32_t line, uint32_t *ret_len,
                        SrcPos *ret_lo) {
  Source *writable = source_of(map, s->base); /* the lines are a cache; a const Source may be asked too */
  find_lines(map, writable);
  assert(line >= 1 && line <= writable->line_count);
  uint32_t start = s->line_starts[line - 1];
  uint32_t end = line < s->line_count ? s->line_starts[line] - 1 : s->len;
  if (end > start && s->text[end - 1] == '\r') end--;
  *ret_len = end - start;
  *ret_lo = s->base + start;
  return s->text + start;
}
