/* hold, unhold, set-aside, retry: what a person decides about single members of a run. Each says first what it will do to whom,
 * as the run's own state has it, and asks. */
#include <config.h>

#include "cli/admission.h"
#include "cli/steer.h"
#include "lang/proof/proof_tell.h"
#include "lang/utf8.h"

#include <stdio.h>
#include <string.h>

enum { OPT_UNPROVED = STEER_OWN };
static const Option options[] = {STEER_OPTIONS, {NULL, NULL, NULL}};
static const Option aside_options[] = {STEER_OPTIONS, {"unproved", NULL, "live: also where the proof does not follow"}, {NULL, NULL, NULL}};

static const char *kind_of(const Steer *s, uint32_t kind) { return program_str(s->run.program, s->run.program->kinds[kind].name); }

static void say_member(const Steer *s, const Event *e, const char *before, const char *behind) {
  printf("%s: %s%s %s%s\n", s->run.id, before, kind_of(s, e->kind_of_entity), fleet_name(s->run.fleet, e->kind_of_entity, e->entity), behind);
}

static void say_in_flight(const Steer *s, const Event *e) {
  Buf text = BUF_INIT;
  steer_in_flight(s, e->kind_of_entity, e->entity, &text);
  printf("  in flight for it, and going on to its end: %s\n", text.data);
  buf_done(&text);
}

static bool is_aside(const Steer *s, const Event *e) { return engine_member(s->run.engine, e->kind_of_entity, e->entity, NULL) == MEMBER_SET_ASIDE; }

/* Members in it that go along. */
static void say_along(const Steer *s, const Event *e, const char *what) {
  for (uint32_t k = 0; k < s->run.program->kinds_count; k++) {
    uint32_t n = 0, state = is_aside(s, e) ? MEMBER_SET_ASIDE : MEMBER_IN;
    if (k == e->kind_of_entity) continue;
    FleetMembers below = fleet_members(s->run.fleet, e->kind_of_entity, e->entity, k);
    for (uint32_t i = 0; i < below.count; i++) n += engine_member(s->run.engine, k, fleet_member(below, i), NULL) == state;
    if (n) printf("  along with it %u %s %s\n", n, program_str(s->run.program, n == 1 ? s->run.program->kinds[k].name : s->run.program->kinds[k].plural), what);
  }
}

static void say_locks(const Steer *s, const Event *e, const char *until) {
  Buf text = BUF_INIT;
  steer_locks(s, e->kind_of_entity, e->entity, &text);
  if (text.len) printf("  %s stay%s locked on it%s\n", text.data, strchr(text.data, ',') ? "" : "s", until);
  else printf("  no lock of this run stands on it as a whole\n");
  buf_done(&text);
}

static void say_hold(Steer *s, const Event *e) {
  say_member(s, e, "nothing new is started for ", "; the others go on");
  say_in_flight(s, e);
  say_along(s, e, "are held");
  say_locks(s, e, " until it has gone on and left the lockout");
  printf("  its step cannot end without it; an abort and a roll back pass the hold by\n");
  printf("  `tagout unhold %s %s` ends it\n", run_short(&s->run), fleet_name(s->run.fleet, e->kind_of_entity, e->entity));
}

static void say_unhold(Steer *s, const Event *e) {
  HeldMember held;
  say_member(s, e, "", " goes on where it was held");
  for (uint32_t i = 0; engine_held(s->run.engine, i, &held); i++) {
    if (held.kind != e->kind_of_entity || held.entity != e->entity) continue;
    Buf who = BUF_INIT, at = BUF_INIT;
    zone_format_short(s->run.zone, held.since, &at);
    utf8_show(held.by, strlen(held.by), 0, &who);
    printf("  held by %s, since %s\n", who.len ? who.data : "nobody named", at.data);
    buf_done(&who);
    buf_done(&at);
  }
}

static void say_tolerance(Steer *s, const Event *e) {
  const Program *p = s->run.program;
  AsideCount c = engine_aside_count(s->run.engine, e->kind_of_entity, e->entity);
  if (!c.counted) {
    printf("  no step that counts it is open: the next one over it does\n");
    return;
  }
  const char *step = c.step == NONE_INDEX ? "" : program_str(p, p->steps[c.step].name);
  const char *unit = c.unit == NONE_INDEX ? "members" : program_str(p, c.after == 1 ? p->kinds[c.unit].name : p->kinds[c.unit].plural);
  printf("  it counts as any other%s%s: %u %s set aside then, at most %u may be\n", *step ? " in step " : "", step, c.after, unit, c.amount);
  if (c.stops) printf("  that is one too many: the step stops, and what the runbook says of that follows%s\n", p->attempts_count ? ", up to its roll back" : "");
}

static uint32_t lockout_role(const RunState *r) {
  return r->program->lockouts_count ? r->program->lockouts[0].hand_over : NONE_INDEX;
}

static void say_aside(Steer *s, const Event *e) {
  uint32_t role = lockout_role(&s->run);
  say_member(s, e, "", " leaves the procedure at its next statement");
  say_in_flight(s, e);
  say_along(s, e, "leave");
  say_tolerance(s, e);
  say_locks(s, e, "");
  if (role < s->run.program->roles_count)
    printf("  at the end it is handed over by name to %s, with its locks and this reason\n", program_str(s->run.program, s->run.program->roles[role].name));
  if (s->run.program->attempts_count) printf("  a roll back takes it in again, as everybody who left since its attempt began\n");
}

static void say_retry(Steer *s, const Event *e) {
  if (is_aside(s, e)) {
    say_member(s, e, "", " is in again, as if nobody had set it aside: its turn has not come yet");
    say_along(s, e, "are in again");
    say_locks(s, e, "");
    return;
  }
  say_member(s, e, "what waits for a person about ", " is tried again");
  say_in_flight(s, e);
  say_locks(s, e, "");
}

/* ---- the proof ---- */

/* A person waits for the answer: some seconds and some hundred megabytes more are worth it. */
#define STATES_MOST (2 * PROOF_STATES_MOST)

/* From where the run stands, unless it has let people do so before: what they did then is part of what may come of it. */
static const Proof *prove_from_here(const Steer *s) {
  const Proof *proof = NULL;
  if (s->run.tally.asides == 0) proof = prove_with_people(s->run.program, engine_place(s->run.engine), STATES_MOST, s->run.arena);
  return proof && proof->verdict == PROOF_HOLDS ? proof : NULL;
}

/* What can be done instead, in the words that are typed. */
static void say_instead(const Steer *s) {
  const Event *e = &s->events.items[0];
  const char *run = run_short(&s->run), *name = fleet_name(s->run.fleet, e->kind_of_entity, e->entity);
  fprintf(stderr, "  instead:\n"
                  "    tagout hold %s %s          starts nothing new for it, the others go on; what has ended meanwhile need not be proved:\n"
                  "                               say set-aside again behind the step, or let it go on with unhold\n"
                  "    tagout stop-after %s STEP  pauses behind a step: where less is to come, less can go wrong\n"
                  "    tagout abort %s            gives the run up, by the roll back that it declares\n"
                  "  the runbook sets it aside by itself when what it does to it fails; --unproved insists\n", run, name, run, run);
}

/* Nothing real comes of a drill; of a live run everything that a person may do is proved before it is done. The whole is asked first: it
 * holds for every moment. Where it does not, or is too much to look at, what is still to come is asked. */
static ExitCode prove_aside(const Steer *s) {
  const Program *p = s->run.program;
  if (s->run.record.world != WORLD_LIVE || s->args->values[OPT_UNPROVED]) return EXIT_DONE;
  const Proof *proof = prove_with_people(p, 0, PROOF_STATES_MOST, s->run.arena);
  if (proof->verdict == PROOF_HOLDS) return EXIT_DONE;
  if (prove_from_here(s)) {
    printf("  proved safe from here on; before this place of the runbook it would not have been\n");
    return EXIT_DONE;
  }
  Buf text = BUF_INIT;
  if (proof->finding_count) tell_finding(p, &proof->findings[0], &text);
  fprintf(stderr, "tagout set-aside: refused: the runbook is not proved safe when a person takes a member out of it now: %s\n",
          text.len ? text.data : "it is too entangled to be looked through");
  say_instead(s);
  buf_done(&text);
  return EXIT_CHECK;
}

/* ---- the verbs ---- */

static bool signed_role(const Steer *s, uint64_t question) {
  const Command *flights;
  uint64_t n = engine_in_flight(s->run.engine, &flights);
  for (uint64_t i = 0; i < n; i++)
    if (flights[i].id == question) return admission_role(&s->run, &flights[i]) != NULL;
  return false;
}

/* To try again what a hold asks about is a yes like that of `ack`, and is worth as much. */
static ExitCode add_answer(Steer *s, Event e) {
  e.command = engine_hold_question(s->run.engine, e.kind_of_entity, e.entity);
  if (e.command == 0) return steer_add(s, e);
  if (!post_may_say_yes(&s->run, steer_who(s), s->verb)) return EXIT_CHECK;
  if (signed_role(s, e.command)) {
    fprintf(stderr, "tagout retry: the site wants this answer signed: `tagout ack %s %llu yes`\n", run_short(&s->run), (unsigned long long)e.command);
    return EXIT_CHECK;
  }
  e.kind = EVENT_ANSWER;
  e.value = 1;
  e.text = steer_who(s);
  vec_push(&s->events, e);
  return EXIT_DONE;
}

static ExitCode add_members(Steer *s, ControlKind what, int first) {
  ExitCode code = EXIT_DONE;
  for (int i = first; i < s->args->word_count; i++) {
    Event e = steer_event(s, what);
    bool known = steer_member(s, s->args->words[i], &e.kind_of_entity, &e.entity);
    ExitCode one = !known ? EXIT_USAGE : what == CONTROL_RETRY ? add_answer(s, e) : steer_add(s, e);
    if (code == EXIT_DONE || one == EXIT_USAGE) code = one == EXIT_DONE ? code : one;
  }
  return code;
}

static ExitCode steer_members(const Args *args, const char *verb, ControlKind what, void (*say)(Steer *, const Event *)) {
  Steer s;
  int first;
  const char *word = steer_run_word(args, &first);
  if (what == CONTROL_SET_ASIDE && !(args->values[STEER_BECAUSE] && *args->values[STEER_BECAUSE])) {
    fprintf(stderr, "tagout set-aside: say why: --because=TEXT. It stands in the ticket by which the member is handed over\n");
    return EXIT_USAGE;
  }
  ExitCode code = steer_open(&s, verb, args, word);
  if (code == EXIT_USAGE && word && !s.run.id) fprintf(stderr, "tagout %s: of several words the first names the run: `tagout %s RUN MEMBER...`\n", verb, verb);
  if (code == EXIT_DONE) code = add_members(&s, what, first);
  if (code == EXIT_DONE && what == CONTROL_SET_ASIDE) code = prove_aside(&s);
  for (uint32_t i = 0; code == EXIT_DONE && i < s.events.len; i++) say(&s, &s.events.items[i]);
  if (code == EXIT_DONE) code = steer_send(&s);
  steer_close(&s);
  return code;
}

static ExitCode run_retry(const Args *args) { return steer_members(args, "retry", CONTROL_RETRY, say_retry); }
static ExitCode run_hold(const Args *args) { return steer_members(args, "hold", CONTROL_HOLD, say_hold); }
static ExitCode run_unhold(const Args *args) { return steer_members(args, "unhold", CONTROL_UNHOLD, say_unhold); }
static ExitCode run_set_aside(const Args *args) { return steer_members(args, "set-aside", CONTROL_SET_ASIDE, say_aside); }

#define MEMBERS "One word is a member of the latest run; of several the first names the run. A member is a NAME of the fleet, or\n" \
                "KIND:NAME. Exit code 1: refused, and why."

const Verb verb_hold = {.name = "hold", .usage = "[options] [RUN] MEMBER...", .summary = "start nothing new for a member, while the others go on",
                        .help = "What is in flight for it ends; its locks stay. What is in it is held along, and no action is sent to what contains\n"
                                "it. An abort and a roll back pass a hold by.\n" MEMBERS,
                        .options = options, .least = 1, .most = -1, .run = run_hold};
const Verb verb_unhold = {.name = "unhold", .usage = "[options] [RUN] MEMBER...", .summary = "let a held member go on", .help = MEMBERS,
                          .options = options, .least = 1, .most = -1, .run = run_unhold};
const Verb verb_set_aside = {.name = "set_aside", .usage = "[options] --because=TEXT [RUN] MEMBER...", .summary = "take a member out of the procedure, as the runbook would",
                             .help = "It leaves at its next statement, counts in the tolerances as any other, keeps its locks, and is handed over by name.\n"
                                     "Refused while a lockout is still to be taken, and, live, where the proof with such a move does not hold.\n" MEMBERS,
                             .options = aside_options, .least = 1, .most = -1, .run = run_set_aside};
const Verb verb_retry = {.name = "retry", .usage = "[options] [RUN] MEMBER...", .summary = "try again what the runbook holds on, or take a set-aside back",
                         .help = "What a person set aside is taken in again while its turn has not come. What has left otherwise, or has been passed by,\n"
                                 "stays out: what it missed is not made up for in the middle of a run.\n" MEMBERS,
                         .options = options, .least = 1, .most = -1, .run = run_retry};
