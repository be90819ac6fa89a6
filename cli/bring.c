/* bring: checked, its evidence kept, kept. */
#include <config.h>

#include "cli/bring.h"

#include "cli/attach.h"
#include "cli/rundir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define CHANCE 16u

Intake *bring_queue(const char *state) {
  Buf why = BUF_INIT;
  Intake *in = NULL;
  Arena *arena = arena_new();
  char *folder = arena_printf(arena, "%s/incidents", state);
  if (rundir_make(folder) && intake_open(arena_printf(arena, "%s/queue.db", folder), &in, &why) < 0) fprintf(stderr, "tagout: %s\n", why.data);
  arena_free(arena);
  buf_done(&why);
  return in;
}

/* For an incident that comes without one: each time it is brought is another incident. */
static const char *chance_key(Arena *arena) {
  uint8_t chance[CHANCE];
  char *out = arena_alloc(arena, 2 * CHANCE + 1);
  if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance) abort();
  hex_digits(chance, CHANCE, out);
  return out;
}

/* ---- is it right? ---- */

static Brought unknown_name(const Bringing *b, const ArrivalText *a, DiagSink *sink) {
  if (!*a->name) {
    Diag *d = diag_at(sink, E_ARRIVAL_FORM, a->file, 0, 0, "it does not say which incident it is");
    diag_note(sink, d, "write \"incident\": NAME");
    return BROUGHT_WRONG;
  }
  if (!desk_name_fits(a->name)) {
    diag_at(sink, E_ARRIVAL_NAME, a->file, 0, 0, "no incident can be called `%s`: a name is letters, digits and `_`", a->name);
    return BROUGHT_NOBODY;
  }
  if (!b->home || strcmp(b->home->name, a->name) == 0) return BROUGHT_NEW;
  Diag *d = diag_at(sink, E_ARRIVAL_NAME, a->file, 0, 0, "incident `%s` is not served here", a->name);
  diag_note(sink, d, "this desk serves `%s`", b->home->name);
  return BROUGHT_NOBODY;
}

static Brought fits(const Bringing *b, const ArrivalText *a, DiagSink *sink) {
  if (!b->home) return BROUGHT_NEW;
  const Fleet *fleet = desk_fleet(b->home, sink);
  if (!fleet) return BROUGHT_NOT_KEPT;
  return arrival_fits(a, b->home->plan->program, fleet, sink) ? BROUGHT_NEW : BROUGHT_WRONG;
}

/* ---- keeping ---- */

static bool keep_evidence(const Bringing *b, ArrivalText *a, Arena *arena, DiagSink *sink) {
  ArrivalField *kept = arena_new_array(arena, ArrivalField, a->attach_count + 1);
  for (uint32_t i = 0; i < a->attach_count; i++) {
    const char *value = a->attach[i].value;
    kept[i] = (ArrivalField){a->attach[i].name, attach_is_address(value) ? value : attach_keep(b->state, value, arena, sink)};
    if (!kept[i].value) return false;
    if (!arrival_plain(kept[i].value)) return diag_at(sink, E_EVIDENCE, a->file, 0, 0, "`%s`: its path is not UTF-8 of one line", a->attach[i].name), false;
  }
  a->attach = kept;
  return true;
}

static Brought keep(const Bringing *b, const ArrivalText *a, Arena *arena, DiagSink *sink, uint64_t *ret_id) {
  Arrival arrival = {.name = a->name, .key = a->key, .content = arrival_content(a, arena), .way = b->way, .at = b->now};
  int r = intake_receive(b->intake, &arrival, ret_id);
  if (r >= 0) return r ? BROUGHT_NEW : BROUGHT_BEFORE;
  if (r == -EEXIST) {
    Diag *d = diag_at(sink, E_ARRIVAL_KEY, a->file, 0, 0, "key `%s` is that of incident %llu, which says something else", a->key, (unsigned long long)*ret_id);
    diag_note(sink, d, "the same key twice is the same incident: leave the key out, or give this one its own");
    return BROUGHT_CLASH;
  }
  Diag *d = diag_at(sink, E_NOT_KEPT, a->file, 0, 0, "%s", intake_why(b->intake));
  diag_note(sink, d, "the incident was not taken; bring it again once this is mended");
  return BROUGHT_NOT_KEPT;
}

Brought bring(const Bringing *b, const ArrivalText *given, Arena *arena, DiagSink *sink, uint64_t *ret_id) {
  ArrivalText a = *given;
  if (!*a.name && b->home) a.name = b->home->name;
  if (!*a.key) a.key = chance_key(arena);
  Brought right = unknown_name(b, &a, sink);
  if (right == BROUGHT_NEW) right = fits(b, &a, sink);
  if (right != BROUGHT_NEW) return right;
  int held = a.attach_count ? attach_hold(b->state) : -1;
  right = keep_evidence(b, &a, arena, sink) ? keep(b, &a, arena, sink, ret_id) : BROUGHT_WRONG;
  if (held >= 0) close(held);
  return right;
}
