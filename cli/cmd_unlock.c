/* unlock --break: takes locks off that a run no longer can or will. It takes two people: the first asks, which is durable and stays; the
 * second does it. Only where nobody else will: the run's process is dead, the run has ended, or it handed the lock over. */
#include <config.h>

#include "cli/answer.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "cli/steer.h"
#include "cli/unlock_sign.h"
#include "cli/unlocking.h"
#include "runtime/approval.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_AUTOMATION = STEER_OWN, OPT_BREAK, OPT_KEY };
static const Option options[] = {STEER_OPTIONS, {"automation", "NAME", "only locks of this automation"},
                                 {"break", NULL, "by hand, though it is the run that holds them"},
                                 {"key", "FILE", "the SSH key to sign with, where the site asks for it (default: ~/.ssh/id_ed25519)"}, {NULL, NULL, NULL}};

typedef struct Breaking {
  Steer steer;               /* its run is that of `standing` */
  Standing standing;
  const char *dir;
  uint32_t automation;       /* NONE_INDEX: any */
  VEC(LockView) asked, first; /* to be taken off now: somebody else has asked; not yet: nobody else has */
  char other_key[SIGNATURE_KEY]; /* of who asked, where the site wants it signed */
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
static bool another(const Breaking *b, const char *said) {
  return *said && !same_person(arena_string(b->steer.run.arena, said, strcspn(said, ":[")), steer_who(&b->steer));
}

/* Has somebody else asked for it, and does that count? */
static bool asked_for(Breaking *b, const LockView *v) {
  char key[SIGNATURE_KEY];
  if (!another(b, v->asked_by)) return false;
  const char *wrong = unlock_vouched(&b->steer.run, v, key);
  if (wrong) printf("what %s asked of %s on %s does not count: %s\n", v->asked_by, automation_of(b, v), member_of(b, v), wrong);
  else snprintf(b->other_key, sizeof b->other_key, "%s", key);
  return !wrong;
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
  if (asked_for(b, v)) vec_push(&b->asked, *v);
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
  Buf said = BUF_INIT;
  Buf age = BUF_INIT;
  printf("  %s on %s %s: %s for %s, because %s%s%s\n", automation_of(b, v), program_str(b->steer.run.program, b->steer.run.program->kinds[v->kind].name),
         member_of(b, v), standing_word(v), show_duration(standing_age(&b->standing, v), &age), v->because, *v->why ? "; " : "", v->why);
  buf_done(&age);
  answer_show(v->asked_by, &said);
  if (*v->asked_by) printf("    asked for by %s\n", said.data);
  buf_done(&said);
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

static Event about(const Breaking *b, ControlKind what, const LockView *v, const char *says) {
  Event e = steer_event(&b->steer, what);
  e.subject = v->automation;
  e.kind_of_entity = v->kind;
  e.entity = v->entity;
  e.text = says;
  if (what == CONTROL_BROKEN) {
    Buf asked = BUF_INIT;
    answer_show(v->asked_by, &asked);
    e.text = arena_printf(b->steer.run.arena, "%s, asked by %s", says, asked.data);
    buf_done(&asked);
  }
  return e;
}

/* One signature for all that this person says now. */
static const char *says(Breaking *b) {
  const LockView **locks = arena_new_array(b->steer.run.arena, const LockView *, b->asked.len + b->first.len);
  uint32_t n = 0;
  for (uint32_t i = 0; i < b->asked.len; i++) locks[n++] = &b->asked.items[i];
  for (uint32_t i = 0; i < b->first.len; i++) locks[n++] = &b->first.items[i];
  UnlockSign s = {.who = steer_who(&b->steer), .key = b->steer.args->values[OPT_KEY], .says = steer_event(&b->steer, CONTROL_BREAK).text,
                  .locks = locks, .count = n, .not_with = b->asked.len ? b->other_key : ""};
  return unlock_sign(&b->steer.run, &s);
}

/* Nobody may take the run over meanwhile. One that has handed the lock over may go on. */
static ExitCode keep_others_off(const Breaking *b, Journal **ret) {
  JournalError error = {0};
  *ret = NULL;
  int code = *b->standing.owner ? 0 : journal_open(b->dir, JOURNAL_RESUME, NULL, ret, &error);
  if (code == 0) return EXIT_DONE;
  print_journal_error(&error);
  return code == -EBUSY ? EXIT_STALE : EXIT_USAGE;
}

static ExitCode take_off(Breaking *b, const char *said) {
  bool *off = xcalloc(b->asked.len + 1, sizeof *off);
  ExitCode code = unlocking(&b->standing, b->asked.items, b->asked.len, off);
  for (uint32_t i = 0; i < b->asked.len; i++) {
    Event done = about(b, CONTROL_BROKEN, &b->asked.items[i], said);
    if (off[i]) vec_push(&b->steer.events, done);
    if (off[i]) printf("%s on %s is unlocked\n", automation_of(b, &b->asked.items[i]), member_of(b, &b->asked.items[i]));
  }
  free(off);
  return code;
}

/* Nobody will take the mail of a run that has ended: what is said of it goes into its record, under the hash chain. */
static bool write_down(Breaking *b, Journal *j) {
  RunState *r = &b->steer.run;
  JournalError error = {0};
  int wrong = 0;
  for (uint32_t i = 0; i < b->steer.events.len && wrong == 0; i++) {
    Event e = b->steer.events.items[i];
    const Note *notes;
    e.at = r->record.world == WORLD_LIVE && wall_clock() > r->tally.latest ? wall_clock() : r->tally.latest;
    wrong = journal_event(j, &e);
    engine_feed(r->engine, &e);
    uint32_t n = engine_notes(r->engine, &notes);
    for (uint32_t k = 0; k < n && wrong == 0; k++) wrong = journal_note(j, &notes[k]);
  }
  if (journal_commit(j, &error) == 0) return true;
  print_journal_error(&error);
  return false;
}

static bool post(Breaking *b, Journal *ours) {
  if (ours && engine_outcome(b->steer.run.engine) != RUN_GOING) return write_down(b, ours);
  for (uint32_t i = 0; i < b->steer.events.len; i++)
    if (!post_send(&b->steer.run, &b->steer.events.items[i])) return false;
  return true;
}

static void say_asked(const Breaking *b) {
  const Args *args = b->steer.args;
  printf("  asked; it takes somebody else, who says the same: `tagout unlock --break --because=TEXT %s", run_short(&b->steer.run));
  for (int i = 1; i < args->word_count; i++) printf(" %s", args->words[i]);
  printf("`\n");
}

static ExitCode carry_out(Breaking *b) {
  ExitCode code = steer_agreed(&b->steer);
  const char *said = code == EXIT_DONE ? says(b) : NULL;
  Journal *ours = NULL;
  if (code == EXIT_DONE && !said) code = EXIT_USAGE;
  if (code == EXIT_DONE) code = keep_others_off(b, &ours);
  if (code != EXIT_DONE) return code;
  for (uint32_t i = 0; i < b->first.len; i++) {
    Event ask = about(b, CONTROL_BREAK, &b->first.items[i], said);
    vec_push(&b->steer.events, ask);
  }
  if (b->asked.len) code = take_off(b, said);
  bool posted = post(b, ours);
  journal_close(ours);
  if (!posted) return EXIT_USAGE;
  if (b->first.len) say_asked(b);
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
                                  "leaves the procedure. Where the site names signers of the role that they are handed over to, both people sign. Exit code 8: asked, and nothing unlocked yet; 1: refused; 4: one could not be unlocked.",
                          .options = options, .least = 1, .most = -1, .run = run};
