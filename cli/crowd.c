/* crowd: names by containers, the largest first; what is left by itself. */
#include <config.h>

#include "cli/crowd.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 12u
#define TOGETHER_MS 60000

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
  Names n = {.story = s, .kind = kind, .count = count, .left = xcalloc(all + 1, 1), .out = out};
  buf_printf(out, "%u %s (", count, kind_name(&n, kind, true));
  for (uint32_t i = 0; i < count; i++)
    if (entities[i] < all) n.left[entities[i]] = 1;
  for (uint32_t k = next_kind(&n, NONE_INDEX); k != NONE_INDEX; k = next_kind(&n, k))
    for (uint32_t c = 0; c < fleet_count(s->fleet, k); c++) name_container(&n, k, c);
  for (uint32_t e = 0; e < all; e++)
    if (n.left[e]) add_name(&n, "", kind, e);
  if (n.more) buf_printf(out, " and %u more", n.more);
  buf_char(out, ')');
  free(n.left);
}

/* ---- lines ---- */

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }
static bool together(int64_t a, int64_t b) { return a <= b ? b - a < TOGETHER_MS : a - b < TOGETHER_MS; }

bool crowd_same_note(const Note *a, const Note *b) {
  return a->kind == b->kind && a->subject == b->subject && a->kind_of_entity == b->kind_of_entity && a->value == b->value && a->line == b->line &&
         a->entity != NONE_INDEX && b->entity != NONE_INDEX && together(a->at, b->at) && same_text(a->text, b->text);
}

bool crowd_same_event(const Event *a, const Event *b) {
  return a->kind == b->kind && a->value == b->value && a->subject == b->subject && a->kind_of_entity == b->kind_of_entity &&
         a->entity != NONE_INDEX && b->entity != NONE_INDEX && together(a->at, b->at) && same_text(a->text, b->text);
}

uint32_t crowd_run(const Note *notes, uint32_t count) {
  uint32_t n = 1;
  while (n < count && crowd_same_note(&notes[0], &notes[n])) n++;
  return n < CROWD_LEAST ? 1 : n;
}

Loudness crowd_note(const Story *s, const Note *notes, uint32_t count, Buf *out) {
  if (count == 1) return story_note(s, &notes[0], out);
  uint32_t *members = xcalloc(count, sizeof *members);
  Buf names = BUF_INIT;
  for (uint32_t i = 0; i < count; i++) members[i] = notes[i].entity;
  crowd_names(s, notes[0].kind_of_entity, members, count, &names);
  Story many = *s;
  many.crowd = names.data;
  Loudness loudness = story_note(&many, &notes[0], out);
  buf_done(&names);
  free(members);
  return loudness;
}
