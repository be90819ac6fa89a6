/* unlock --break: takes locks off that a run no longer can or will. It takes two people: the first asks, which is durable and stays; the
 * second does it. Only where nobody else will: the run's process is dead, the run has ended, or it handed the lock over. */
#include <config.h>

#include "cli/output.h"
#include "cli/rundir.h"
#include "cli/steer.h"
#include "cli/unlocking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_AUTOMATION = STEER_OWN, OPT_BREAK };
static const Option options[] = {STEER_OPTIONS, {"automation", "NAME", "only locks of this automation"},
                                 {"break", NULL, "by hand, though it is the run that holds them"}, {NULL, NULL, NULL}};

typedef struct Breaking {
  Steer steer;               /* its run is that of `standing` */
  Standing standing;
  const char *dir;
  uint32_t automation;       /* NONE_INDEX: any */
  VEC(LockView) asked, first; /* to be taken off now: somebody else has asked; not yet: nobody else has */
} Breaking;

static const char *automation_of(const Breaking *b, const LockView *v) {
  return program_str(b->steer.run.program, b->steer.run.program->automations[v->automation].name);
}
static const char *member_of(const Breaking *b, const LockView *v) { return fleet_name(b->steer.run.fleet, v->kind, v->entity); }

/* ---- which ---- */

static bool find_automation(Breaking *b, const char *name) {
  const Program *p = b->steer.run.program;
  b->automation = NONE_INDEX;
  if (!name) return true;
  for (uint32_t i = 0; i < p->automations_count; i++)
    if (strcmp(program_str(p, p->automations[i].name), name) == 0) b->automation = i;
  if (b->automation == NONE_INDEX) fprintf(stderr, "tagout unlock: %s knows no automation `%s`\n", b->steer.run.id, name);
  return b->automation != NONE_INDEX;
}

/* Said by another person? "bob: the ticket is closed" is bob's. */
static bool another(const char *said, const char *who) {
  size_t n = strlen(who);
  return *said && !(strncmp(said, who, n) == 0 && (said[n] == '\0' || strncmp(said + n, ": ", 2) == 0));
}

static ExitCode take_lock(Breaking *b, const LockView *v) {
  Event e = steer_event(&b->steer, CONTROL_BREAK);
  e.subject = v->automation;
  e.kind_of_entity = v->kind;
  e.entity = v->entity;
  const char *why = engine_refuses(b->steer.run.engine, &e);
  if (why || (*b->standing.owner && v->stand != STAND_HANDED_OVER)) {
    fprintf(stderr, "tagout unlock: %s on %s: ", automation_of(b, v), member_of(b, v));
    if (why) fprintf(stderr, "%s\n", why);
    else fprintf(stderr, "the run goes on in hand of %s, and lets it go: `tagout abort` ends the run, `tagout set-aside` hands the member over\n", b->standing.owner);
    return EXIT_CHECK;
  }
  if (another(v->asked_by, steer_who(&b->steer))) vec_push(&b->asked, *v);
  else vec_push(&b->first, *v);
  return EXIT_DONE;
}

static ExitCode take_locks(Breaking *b, uint32_t kind, uint32_t entity) {
  ExitCode code = EXIT_DONE;
  bool any = false;
  for (uint32_t i = 0; i < b->standing.locks.len; i++) {
    const LockView *v = &b->standing.locks.items[i];
    if (b->automation != NONE_INDEX && v->automation != b->automation) continue;
    if (kind != NONE_INDEX && fleet_up(b->steer.run.fleet, v->kind, v->entity, kind) != entity) continue;
    any = true;
    ExitCode one = take_lock(b, v);
    if (code == EXIT_DONE) code = one;
  }
  if (!any) fprintf(stderr, "tagout unlock: no such lock of %s stands; `tagout locks` lists them\n", b->steer.run.id);
  return any ? code : EXIT_CHECK;
}

static ExitCode choose(Breaking *b) {
  const Args *args = b->steer.args;
  ExitCode code = find_automation(b, args->values[OPT_AUTOMATION]) ? EXIT_DONE : EXIT_USAGE;
  if (code == EXIT_DONE && args->word_count == 1) return take_locks(b, NONE_INDEX, NONE_INDEX);
  for (int i = 1; code == EXIT_DONE && i < args->word_count; i++) {
    uint32_t kind, entity;
    code = steer_member(&b->steer, args->words[i], &kind, &entity) ? take_locks(b, kind, entity) : EXIT_USAGE;
  }
  return code;
}

/* ---- what it will do ---- */

static void say_lock(const Breaking *b, const LockView *v) {
  Buf age = BUF_INIT;
  printf("  %s on %s %s: %s for %s, because %s%s%s\n", automation_of(b, v), program_str(b->steer.run.program, b->steer.run.program->kinds[v->kind].name),
         member_of(b, v), standing_word(v), show_duration(standing_age(&b->standing, v), &age), v->because, *v->why ? "; " : "", v->why);
  buf_done(&age);
  if (*v->asked_by) printf("    asked for by %s\n", v->asked_by);
}

static void say(const Breaking *b) {
  printf("%s, %s:\n", b->steer.run.id, standing_run(&b->standing));
  if (b->asked.len) printf("  these are unlocked now, and act again; each is read back:\n");
  for (uint32_t i = 0; i < b->asked.len; i++) say_lock(b, &b->asked.items[i]);
  if (b->first.len) printf("  these stay locked until somebody else asks for it, too:\n");
  for (uint32_t i = 0; i < b->first.len; i++) say_lock(b, &b->first.items[i]);
  if (b->asked.len && engine_outcome(b->steer.run.engine) == RUN_GOING)
    printf("  when the run is resumed, what they covered leaves the procedure: nothing more is done to it\n");
}

/* ---- doing it ---- */

static Event about(const Breaking *b, ControlKind what, const LockView *v) {
  Event e = steer_event(&b->steer, what);
  e.subject = v->automation;
  e.kind_of_entity = v->kind;
  e.entity = v->entity;
  if (what == CONTROL_BROKEN) e.text = arena_printf(b->steer.run.arena, "%s, asked by %s", e.text, v->asked_by);
  return e;
}

/* Nobody may take the run over meanwhile. One that has handed the lock over may go on. */
static ExitCode keep_others_off(const Breaking *b, Journal **ret) {
  JournalError error = {0};
  *ret = NULL;
  if (*b->standing.owner || journal_open(b->dir, JOURNAL_RESUME, NULL, ret, &error) == 0) return EXIT_DONE;
  print_journal_error(&error);
  return EXIT_STALE;
}

static ExitCode take_off(Breaking *b) {
  Journal *ours;
  bool *off = xcalloc(b->asked.len + 1, sizeof *off);
  ExitCode code = keep_others_off(b, &ours);
  if (code == EXIT_DONE) code = unlocking(&b->standing, b->asked.items, b->asked.len, off);
  else memset(off, 0, b->asked.len);
  for (uint32_t i = 0; i < b->asked.len; i++) {
    Event done = about(b, CONTROL_BROKEN, &b->asked.items[i]);
    if (off[i]) vec_push(&b->steer.events, done);
    if (off[i]) printf("%s on %s is unlocked\n", automation_of(b, &b->asked.items[i]), member_of(b, &b->asked.items[i]));
  }
  free(off);
  journal_close(ours);
  return code;
}

static ExitCode carry_out(Breaking *b) {
  ExitCode code = steer_agreed(&b->steer), posted;
  if (code != EXIT_DONE) return code;
  for (uint32_t i = 0; i < b->first.len; i++) {
    Event ask = about(b, CONTROL_BREAK, &b->first.items[i]);
    vec_push(&b->steer.events, ask);
  }
  if (b->asked.len) code = take_off(b);
  posted = EXIT_DONE;
  for (uint32_t i = 0; i < b->steer.events.len && posted == EXIT_DONE; i++)
    if (!post_send(&b->steer.run, &b->steer.events.items[i])) posted = EXIT_USAGE;
  if (posted != EXIT_DONE) return posted;
  if (b->first.len) printf("  asked; it takes somebody else, who says the same: `tagout unlock --break %s%s%s`\n", run_short(&b->steer.run),
                           b->steer.args->word_count > 1 ? " " : "", b->steer.args->word_count > 1 ? b->steer.args->words[1] : "");
  return code == EXIT_DONE && b->first.len ? EXIT_PARTLY : code;
}

static ExitCode opened(Breaking *b, const Args *args) {
  b->steer = (Steer){.verb = "unlock", .args = args, .run = b->standing.run};
  ExitCode code = choose(b);
  if (code == EXIT_DONE) {
    say(b);
    code = carry_out(b);
  }
  vec_done(&b->asked);
  vec_done(&b->first);
  vec_done(&b->steer.events);
  return code;
}

static ExitCode run(const Args *args) {
  const char *why = args->values[STEER_BECAUSE];
  if (!args->values[OPT_BREAK] || !why || !*why) {
    fprintf(stderr, "tagout unlock: a run lets go of its locks by itself; to take them off by hand say so, and why: --break --because=TEXT\n");
    return EXIT_USAGE;
  }
  Arena *arena = arena_new();
  Breaking b = {.dir = rundir_find(arena, state_folder(arena, args->values[STEER_STATE]), args->words[0])};
  ExitCode code = EXIT_USAGE;
  if (b.dir) {
    code = standing_open(b.dir, &b.standing);
    if (code == EXIT_DONE) code = opened(&b, args);
    standing_close(&b.standing);
  }
  arena_free(arena);
  return code;
}

const Verb verb_unlock = {.name = "unlock", .usage = "--break --because=TEXT [options] RUN [MEMBER...]", .summary = "take locks off by hand: it takes two people",
                          .help = "The first asks, the second does it: each lock is unlocked by the site's own program, and read back. Only of a run whose\n"
                                  "process is dead or that has ended, or what it has handed over. A run that is resumed knows: what the lock covered\n"
                                  "leaves the procedure. Exit code 8: asked, and nothing unlocked yet; 1: refused; 4: one could not be unlocked.",
                          .options = options, .least = 1, .most = -1, .run = run};
