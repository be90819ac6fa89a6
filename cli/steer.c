/* steer: words, names, consent, messages. */
#include <config.h>

#include "cli/steer.h"

#include "cli/consent.h"
#include "lang/suggest.h"

#include <stdio.h>
#include <string.h>

/* ---- the run ---- */

ExitCode steer_open(Steer *s, const char *verb, const Args *args, const char *word) {
  *s = (Steer){.verb = verb, .args = args};
  return post_open(word, args->values[STEER_STATE], &s->run);
}

void steer_close(Steer *s) {
  vec_done(&s->events);
  run_close(&s->run);
}

const char *steer_who(const Steer *s) {
  const char *given = s->args->values[STEER_AS];
  return given && *given ? given : user_name(s->run.arena);
}

Event steer_event(const Steer *s, ControlKind what) {
  const char *why = s->args->values[STEER_BECAUSE];
  Event e = {.kind = EVENT_CONTROL, .value = what, .subject = NONE_INDEX, .entity = NONE_INDEX, .kind_of_entity = NONE_INDEX};
  e.text = why && *why ? arena_printf(s->run.arena, "by %s: %s", steer_who(s), why) : arena_printf(s->run.arena, "by %s", steer_who(s));
  return e;
}

const char *steer_run_word(const Args *args, int *ret_first) {
  *ret_first = args->word_count > 1;
  return args->word_count > 1 ? args->words[0] : NULL;
}

/* ---- names ---- */

static const char *kind_name(const Steer *s, uint32_t kind) { return program_str(s->run.program, s->run.program->kinds[kind].name); }

static bool of_kind(const Steer *s, uint32_t kind, const char *word, size_t len) {
  return strlen(kind_name(s, kind)) == len && memcmp(kind_name(s, kind), word, len) == 0;
}

static bool no_member(const Steer *s, const char *word) {
  Suggest nearest = suggest_begin(word, strlen(word));
  for (uint32_t k = 0; k < s->run.program->kinds_count; k++)
    for (uint32_t i = 0; i < fleet_count(s->run.fleet, k); i++) suggest_offer(&nearest, fleet_name(s->run.fleet, k, i));
  fprintf(stderr, "tagout %s: the fleet of %s has no `%s`", s->verb, s->run.id, word);
  if (suggest_best(&nearest)) fprintf(stderr, "; did you mean `%s`?", suggest_best(&nearest));
  fprintf(stderr, "\n");
  return false;
}

bool steer_member(const Steer *s, const char *word, uint32_t *ret_kind, uint32_t *ret_entity) {
  const char *colon = strchr(word, ':');
  uint32_t first = NONE_INDEX;
  for (uint32_t k = 0; k < s->run.program->kinds_count; k++) {
    bool meant = colon && of_kind(s, k, word, (size_t)(colon - word));
    const char *name = meant ? colon + 1 : word;
    Entity found = fleet_find(s->run.fleet, k, name, strlen(name));
    if (found == ENTITY_NONE) continue;
    if (first != NONE_INDEX) {
      fprintf(stderr, "tagout %s: `%s` is a %s and a %s: say %s:%s or %s:%s\n", s->verb, word, kind_name(s, first), kind_name(s, k),
              kind_name(s, first), word, kind_name(s, k), word);
      return false;
    }
    *ret_kind = first = k;
    *ret_entity = found;
    if (meant) break;
  }
  return first != NONE_INDEX || no_member(s, word);
}

bool steer_step(const Steer *s, const char *word, uint32_t *ret_step) {
  const Program *p = s->run.program;
  Suggest nearest = suggest_begin(word, strlen(word));
  for (uint32_t i = 0; i < p->steps_count; i++) {
    const char *name = program_str(p, p->steps[i].name);
    *ret_step = i;
    if (strcmp(name, word) == 0) return true;
    suggest_offer(&nearest, name);
  }
  fprintf(stderr, "tagout %s: the runbook of %s has no step `%s`", s->verb, s->run.id, word);
  if (suggest_best(&nearest)) fprintf(stderr, "; did you mean `%s`?", suggest_best(&nearest));
  else for (uint32_t i = 0; i < p->steps_count; i++) fprintf(stderr, "%s%s", i ? ", " : "; its steps are ", program_str(p, p->steps[i].name));
  fprintf(stderr, "\n");
  return false;
}

/* ---- consent ---- */

ExitCode steer_add(Steer *s, Event e) {
  const char *why = engine_refuses(s->run.engine, &e);
  if (why) {
    fprintf(stderr, "tagout %s: %s\n", s->verb, why);
    return EXIT_CHECK;
  }
  vec_push(&s->events, e);
  return EXIT_DONE;
}

ExitCode steer_agreed(const Steer *s) {
  return consent(s->verb, s->args->values[STEER_YES] != NULL, s->verb, "Type %s to do it", s->verb);
}

static ExitCode post(Steer *s) {
  ExitCode code = EXIT_DONE;
  for (uint32_t i = 0; code == EXIT_DONE && i < s->events.len; i++)
    if (!post_send(&s->run, &s->events.items[i])) code = EXIT_USAGE;
  return code == EXIT_DONE ? post_outcome(&s->run, s->verb, s->events.items, s->events.len) : code;
}

ExitCode steer_send(Steer *s) {
  ExitCode code = steer_agreed(s);
  return code == EXIT_DONE ? post(s) : code;
}

/* ---- what stands ---- */

typedef struct About { const Steer *steer; uint32_t kind, entity; } About;

static bool is_about(const void *ctx, const Command *c) {
  const About *a = ctx;
  const RunState *r = &a->steer->run;
  if (c->kind_of_entity >= r->program->kinds_count || c->entity >= fleet_count(r->fleet, c->kind_of_entity)) return false;
  return fleet_up(r->fleet, c->kind_of_entity, c->entity, a->kind) == a->entity;
}

void steer_in_flight(const Steer *s, uint32_t kind, uint32_t entity, Buf *out) {
  status_flights(&s->run, is_about, &(About){s, kind, entity}, out);
}

void steer_locks(const Steer *s, uint32_t kind, uint32_t entity, Buf *out) {
  const Program *p = s->run.program;
  size_t from = out->len;
  for (uint32_t a = 0; a < p->automations_count; a++)
    if (engine_locked(s->run.engine, a, kind, entity)) buf_printf(out, "%s%s", out->len > from ? ", " : "", program_str(p, p->automations[a].name));
}
