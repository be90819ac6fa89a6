/* repair_diff: from a text to another as edits of whole lines, each then cut down to what differs in it. Lines are matched by a
 * longest common subsequence of what lies between the first and the last that differ. */
#include <config.h>

#include "cli/repair_state.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_MOST (1u << 22) /* beyond this, all that lies between is one edit */

typedef struct Line { const char *text; uint32_t len; } Line; /* with its line end */
typedef struct Lines { Line *items; uint32_t len, cap; } Lines;

static Lines split(const char *text, size_t len) {
  Lines lines = {0};
  for (size_t at = 0; at < len;) {
    const char *end = memchr(text + at, '\n', len - at);
    size_t n = end ? (size_t)(end - (text + at)) + 1 : len - at;
    vec_push(&lines, ((Line){text + at, (uint32_t)n}));
    at += n;
  }
  return lines;
}

static bool same(Line a, Line b) { return a.len == b.len && memcmp(a.text, b.text, a.len) == 0; }

typedef struct Hunks { SourceEdit *out; uint32_t count, most; Arena *arena; const Source *s; } Hunks;

static bool is_inside(char c) { return (c & 0xC0) == 0x80; }

/* An edit of the bytes old to new, without what both begin and end with; new lines stay whole lines. */
static void add(Hunks *h, const char *old, uint32_t old_len, const char *new, uint32_t new_len) {
  uint32_t head = 0, tail = 0;
  if (old_len && new_len) {
    while (head < old_len && head < new_len && old[head] == new[head]) head++;
    while (head && head < old_len && is_inside(old[head])) head--;
    while (tail < old_len - head && tail < new_len - head && old[old_len - 1 - tail] == new[new_len - 1 - tail]) tail++;
    while (tail && is_inside(old[old_len - tail])) tail--;
  }
  if (h->count < h->most) {
    SrcPos lo = h->s->base + (SrcPos)(old - h->s->text);
    h->out[h->count] = (SourceEdit){{lo + head, lo + old_len - tail}, arena_string(h->arena, new + head, new_len - head - tail)};
  }
  h->count++;
}

/* Lengths of the longest common subsequences of what is behind i and j. */
static uint32_t *table_of(const Line *a, uint32_t n, const Line *b, uint32_t m) {
  uint32_t *cells = xcalloc((size_t)(n + 1) * (m + 1), sizeof *cells);
  for (uint32_t i = n; i-- > 0;)
    for (uint32_t j = m; j-- > 0;) {
      uint32_t *c = &cells[(size_t)i * (m + 1) + j], *below = c + m + 1;
      *c = same(a[i], b[j]) ? below[1] + 1 : below[0] > c[1] ? below[0] : c[1];
    }
  return cells;
}

static void hunks(Hunks *h, const Line *a, uint32_t n, const char *a_end, const Line *b, uint32_t m, const char *b_end) {
  bool whole = (uint64_t)(n + 1) * (m + 1) > CELLS_MOST;
  uint32_t *cells = whole ? NULL : table_of(a, n, b, m), i = 0, j = 0;
  while (i < n || j < m) {
    if (!whole && i < n && j < m && same(a[i], b[j])) {
      i++, j++;
      continue;
    }
    uint32_t from = i, to = j;
    while ((i < n || j < m) && (whole || !(i < n && j < m && same(a[i], b[j])))) {
      if (i < n && (j == m || whole || cells[(size_t)(i + 1) * (m + 1) + j] >= cells[(size_t)i * (m + 1) + j + 1])) i++;
      else j++;
    }
    const char *old = from < n ? a[from].text : a_end, *new = to < m ? b[to].text : b_end;
    add(h, old, (uint32_t)((i < n ? a[i].text : a_end) - old), new, (uint32_t)((j < m ? b[j].text : b_end) - new));
  }
  free(cells);
}

uint32_t diff_edits(const Source *s, const char *text, size_t len, SourceEdit *out, uint32_t most, Arena *arena) {
  Lines a = split(s->text, s->len), b = split(text, len);
  Hunks h = {out, 0, most, arena, s};
  uint32_t head = 0, tail = 0;
  while (head < a.len && head < b.len && same(a.items[head], b.items[head])) head++;
  while (tail < a.len - head && tail < b.len - head && same(a.items[a.len - 1 - tail], b.items[b.len - 1 - tail])) tail++;
  const char *a_end = tail ? a.items[a.len - tail].text : s->text + s->len, *b_end = tail ? b.items[b.len - tail].text : text + len;
  hunks(&h, a.items + head, a.len - head - tail, a_end, b.items + head, b.len - head - tail, b_end);
  vec_done(&a), vec_done(&b);
  return h.count <= most ? h.count : 0;
}
