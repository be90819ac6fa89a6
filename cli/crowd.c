/* crowd: names by containers, the largest first; what is left by itself. */
#include <config.h>

#include "cli/crowd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 12u
#define AT_ONE_TIME_MS 60000
#define LOOKED_BACK 16u /* so many things happen at once */

/* ---- names ---- */

typedef struct Names {
  const Story *story;
  uint32_t kind, count, shown, more;
  uint8_t *left;             /* per entity of the kind: one of them, and not named yet */
  size_t from;
  Buf *out;
} Names;

static const char *kind_name(const Names *n, uint32_t kind, bool many) {
  const Program *p = n->story->program;
  return program_str(p, many ? p->kinds[kind].plural : p->kinds[kind].name);
}

static void add_name(Names *n, const char *before, uint32_t kind, uint32_t entity) {
  if (n->shown++ >= NAMES_MOST) {
    n->more++;
    return;
  }
  buf_printf(n->out, "%s%s", n->shown > 1 ? ", " : "", before);
  if (kind == n->kind) buf_str(n->out, story_name(n->story, kind, entity));
  else story_entity(n->story, kind, entity, n->out);
}

/* All that are in the container, and more than one. */
static void name_container(Names *n, uint32_t kind, uint32_t container) {
  FleetMembers in = fleet_members(n->story->fleet, kind, container, n->kind);
  for (uint32_t i = 0; i < in.count; i++)
    if (!n->left[fleet_member(in, i)]) return;
  if (in.count < 2) return;
  add_name(n, "all of ", kind, container);
  for (uint32_t i = 0; i < in.count; i++) n->left[fleet_member(in, i)] = 0;
}

/* One cluster in one region: the cluster is what people speak of. */
static bool as_fine(const Names *n, uint32_t k) {
  const Fleet *f = n->story->fleet;
  for (uint32_t in = 0; in < n->story->program->kinds_count; in++)
    if (in != k && in != n->kind && fleet_count(f, in) == fleet_count(f, k) && fleet_leads_up(fleet_schema(f), n->kind, in) && fleet_leads_up(fleet_schema(f), in, k))
      return false;
  return true;
}

/* The kinds that contain this one, those with the fewest entities first; NONE_INDEX: no more. */
static uint32_t next_kind(const Names *n, uint32_t last) {
  const Fleet *f = n->story->fleet;
  uint32_t best = NONE_INDEX, after = last == NONE_INDEX ? 0 : fleet_count(f, last);
  for (uint32_t k = 0; k < n->story->program->kinds_count; k++) {
    uint32_t c = fleet_count(f, k);
    bool later = last == NONE_INDEX || c > after || (c == after && k > last);
    if (k == n->kind || c == 0 || !later || !fleet_leads_up(fleet_schema(f), n->kind, k) || !as_fine(n, k)) continue;
    if (best == NONE_INDEX || c < fleet_count(f, best)) best = k;
  }
  return best;
}

void crowd_names(const Story *s, uint32_t kind, const uint32_t *entities, uint32_t count, Buf *out) {
  if (count == 1) {
    story_entity(s, kind, entities[0], out);
    return;
  }
  uint32_t all = fleet_count(s->fleet, kind);
  Names n = {.story = s, .kind = kind, .left = xcalloc(all + 1, 1), .out = out};
  for (uint32_t i = 0; i < count; i++)
    if (entities[i] < all && !n.left[entities[i]]) n.left[entities[i]] = 1, n.count++;
  buf_printf(out, "%u %s (", n.count, kind_name(&n, kind, n.count > 1));
  for (uint32_t k = next_kind(&n, NONE_INDEX); k != NONE_INDEX; k = next_kind(&n, k))
    for (uint32_t c = 0; c < fleet_count(s->fleet, k); c++) name_container(&n, k, c);
  for (uint32_t e = 0; e < all; e++)
    if (n.left[e]) add_name(&n, "", kind, e);
  if (n.more) buf_printf(out, " and %u more", n.more);
  buf_char(out, ')');
  free(n.left);
}

/* ---- who says the same ---- */

static const char *text_of(const char *text) { return text ? text : ""; }
static bool same_text(const char *a, const char *b) { return strcmp(text_of(a), text_of(b)) == 0; }
static bool together(int64_t a, int64_t b) { return a <= b ? b - a < CROWD_MS : a - b < CROWD_MS; }
static bool in_name(char c) { return isalnum((unsigned char)c) || c == '-' || c == '_'; }

/* The length of the name where it stands at `at` of the text as a word, else 0. */
static size_t name_at(const char *text, const char *at, const char *name) {
  size_t len = strlen(name);
  bool whole = len && strncmp(at, name, len) == 0 && (at == text || !in_name(at[-1])) && !in_name(at[len]);
  return whole ? len : 0;
}

static bool same_but_names(const char *a, const char *name_a, const char *b, const char *name_b) {
  const char *x = a, *y = b;
  while (*x && *y) {
    size_t skip_x = name_at(a, x, name_a), skip_y = name_at(b, y, name_b);
    bool named = skip_x && skip_y;
    if (!named && *x != *y) return false;
    x += named ? skip_x : 1;
    y += named ? skip_y : 1;
  }
  return *x == *y;
}

static const char *member_name(const Story *s, const Note *n) { return story_name(s, n->kind_of_entity, n->entity); }

bool crowd_same_note(const Story *s, const Note *a, const Note *b) {
  return a->kind == b->kind && a->subject == b->subject && a->kind_of_entity == b->kind_of_entity && a->value == b->value && a->line == b->line &&
         a->entity != NONE_INDEX && b->entity != NONE_INDEX && together(a->at, b->at) &&
         same_but_names(text_of(a->text), member_name(s, a), text_of(b->text), member_name(s, b));
}

bool crowd_same_event(const Event *a, const Event *b) {
  return a->kind == b->kind && a->value == b->value && a->subject == b->subject && a->kind_of_entity == b->kind_of_entity &&
         a->entity != NONE_INDEX && b->entity != NONE_INDEX && together(a->at, b->at) && same_text(a->text, b->text);
}

char *crowd_said(const Story *s, const Note *n) {
  if (!n->text) return NULL;
  Buf out = BUF_INIT;
  for (const char *at = n->text; *at;) {
    size_t len = name_at(n->text, at, member_name(s, n));
    if (len) buf_str(&out, "each");
    else buf_char(&out, *at);
    at += len ? len : 1;
  }
  char *said = xstrdup(out.data ? out.data : "");
  buf_done(&out);
  return said;
}

/* ---- lines ---- */

bool crowd_follows(const Note *n) { return n->kind == NOTE_HANDED_OVER; }

static CrowdLine *line_of(const Story *s, CrowdLines *l, const Note *n) {
  uint32_t far = crowd_follows(n) ? 1 : LOOKED_BACK;
  for (uint32_t i = 0; i < far && i < l->lines.len; i++) {
    CrowdLine *line = &l->lines.items[l->lines.len - 1 - i];
    if (crowd_same_note(s, &l->notes[line->first], n)) return line;
  }
  return NULL;
}

static int by_first(const void *a, const void *b) {
  uint32_t x = ((const CrowdLine *)a)->first, y = ((const CrowdLine *)b)->first;
  return x < y ? -1 : x > y;
}

/* Too few for a line of many: each has its own. */
static void take_apart(CrowdLines *l) {
  for (uint32_t i = 0, lines = l->lines.len; i < lines; i++) {
    CrowdLine line = l->lines.items[i];
    if (line.count == 1 || line.count >= CROWD_LEAST) continue;
    l->lines.items[i] = (CrowdLine){line.first, line.first, 1};
    for (uint32_t n = l->next[line.first]; n != NONE_INDEX; n = l->next[n]) vec_push(&l->lines, ((CrowdLine){n, n, 1}));
  }
  if (l->lines.len) qsort(l->lines.items, l->lines.len, sizeof *l->lines.items, by_first);
}

void crowd_lines(const Story *s, const Note *notes, uint32_t count, CrowdLines *ret) {
  *ret = (CrowdLines){.notes = notes, .next = xcalloc(count + 1, sizeof *ret->next)};
  for (uint32_t i = 0; i < count; i++) {
    CrowdLine *line = line_of(s, ret, &notes[i]);
    ret->next[i] = NONE_INDEX;
    if (line) ret->next[line->last] = i, line->last = i, line->count++;
    else vec_push(&ret->lines, ((CrowdLine){i, i, 1}));
  }
  take_apart(ret);
}

void crowd_lines_done(CrowdLines *l) {
  vec_done(&l->lines);
  free(l->next);
}

void crowd_until(const Story *s, int64_t first, int64_t last, Buf *out) {
  if (last - first < AT_ONE_TIME_MS) return;
  buf_str(out, "; the last at ");
  story_time(s, last, out);
}

static void say_many(const Story *s, const CrowdLines *l, const CrowdLine *line, Buf *out) {
  Note first = l->notes[line->first];
  uint32_t *members = xcalloc(line->count, sizeof *members), count = 0;
  Buf names = BUF_INIT;
  for (uint32_t n = line->first; n != NONE_INDEX; n = l->next[n]) members[count++] = l->notes[n].entity;
  crowd_names(s, first.kind_of_entity, members, count, &names);
  char *said = crowd_said(s, &first);
  Story many = *s;
  many.crowd = names.data;
  first.text = said;
  story_note(&many, &first, out);
  crowd_until(s, first.at, l->notes[line->last].at, out);
  buf_done(&names);
  free(members);
  free(said);
}

void crowd_line(const Story *s, const CrowdLines *l, uint32_t at, Buf *out) {
  const CrowdLine *line = &l->lines.items[at];
  const Note *first = &l->notes[line->first];
  story_time(s, first->at, out);
  buf_str(out, "  ");
  if (line->count > 1) say_many(s, l, line, out);
  else story_note(s, first, out);
  if (first->line) buf_printf(out, " (line %u)", first->line);
  buf_char(out, '\n');
}
