/* ack: a person's yes or no to a gate or a question of a run. */
#include <config.h>

#include "cli/ack_sign.h"
#include "cli/admission.h"
#include "cli/answer.h"
#include "cli/consent.h"
#include "cli/crowd.h"
#include "cli/evidence.h"
#include "cli/post.h"
#include "lang/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SHOWN 12u

enum { OPT_ALL, OPT_AS, OPT_KEY, OPT_STATE, OPT_YES };
static const Option options[] = {{"all", NULL, "every member that is asked about"},
                                 {"as", "WHO", "who says so (default: the user)"},
                                 {"key", "FILE", "the SSH key to sign with, where the site asks for it (default: ~/.ssh/id_ed25519)"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {"yes", NULL, "without being asked"},
                                 {NULL, NULL, NULL}};

typedef struct Answer {
  const char *run, *gate;
  bool yes, all, asked;      /* asked: --yes, which is no answer: it is not asked for once more */
  const char **members, **evidence; /* the words behind the yes: names, and NAME=VALUE */
  int member_count, evidence_count;
  const char *who, *key;
} Answer;

static void sort_words(const Args *args, int from, Answer *a) {
  a->members = xcalloc((size_t)args->word_count + 1, sizeof *a->members);
  a->evidence = xcalloc((size_t)args->word_count + 1, sizeof *a->evidence);
  for (int i = from; i < args->word_count; i++) {
    if (evidence_is(args->words[i])) a->evidence[a->evidence_count++] = args->words[i];
    else a->members[a->member_count++] = args->words[i];
  }
}

/* [RUN] GATE yes|no [MEMBER...] [NAME=VALUE...]: the yes or no tells the words apart. */
static bool parse(const Args *args, Answer *a) {
  for (int i = 1; i <= 2 && i < args->word_count; i++) {
    bool yes = strcmp(args->words[i], "yes") == 0;
    if (!yes && strcmp(args->words[i], "no") != 0) continue;
    *a = (Answer){.run = i == 2 ? args->words[0] : NULL, .gate = args->words[i - 1], .yes = yes, .all = args->values[OPT_ALL] != NULL};
    sort_words(args, i + 1, a);
    return true;
  }
  fprintf(stderr, "tagout ack: say yes or no behind the gate: `tagout ack RUN GATE yes`\n");
  return false;
}

/* ---- which questions are meant ---- */

static bool asks(const RunState *r, const Command *c, const char *gate) {
  if (c->kind != COMMAND_ASK) return false;
  if (c->subject < r->program->gates_count) return strcmp(program_str(r->program, r->program->gates[c->subject].name), gate) == 0;
  char *end;
  return strtoull(gate, &end, 10) == c->id && *end == '\0';
}

static bool named(const Answer *a, const Story *s, const Command *c) {
  for (int i = 0; i < a->member_count; i++)
    if (strcmp(a->members[i], story_name(s, c->kind_of_entity, c->entity)) == 0) return true;
  return false;
}

static int say_open(RunState *r) {
  OpenGate open[NAMES_SHOWN];
  uint32_t n = status_gates(r, open, NAMES_SHOWN);
  Buf out = BUF_INIT;
  for (uint32_t i = 0; i < n; i++) {
    buf_str(&out, "  ");
    gate_command(r, &open[i], &out);
    buf_char(&out, '\n');
  }
  fprintf(stderr, "%s%s", n ? "open are:\n" : "nothing is asked at this moment\n", n ? out.data : "");
  buf_done(&out);
  return EXIT_USAGE;
}

static void say_members(const RunState *r, const Answer *a, const Command *flights, uint64_t n) {
  Story story = run_story(r);
  uint32_t shown = 0;
  for (uint64_t i = 0; i < n; i++) {
    if (!asks(r, &flights[i], a->gate)) continue;
    if (shown++ < NAMES_SHOWN) fprintf(stderr, "%s%s", shown > 1 ? ", " : "  ", story_name(&story, flights[i].kind_of_entity, flights[i].entity));
  }
  fprintf(stderr, "%s\n", shown > NAMES_SHOWN ? ", ..." : "");
}

/* Every member that was named must be asked about: a slip of the pen is no answer for the others. */
static bool all_known(const RunState *r, const Answer *a, const Command *flights, uint64_t n) {
  Story story = run_story(r);
  for (int i = 0; i < a->member_count; i++) {
    bool known = false;
    for (uint64_t k = 0; k < n && !known; k++)
      known = asks(r, &flights[k], a->gate) && strcmp(a->members[i], story_name(&story, flights[k].kind_of_entity, flights[k].entity)) == 0;
    if (known) continue;
    fprintf(stderr, "tagout ack: %s does not ask about `%s`; it asks about\n", a->gate, a->members[i]);
    say_members(r, a, flights, n);
    return false;
  }
  return true;
}

/* ---- sending ---- */

typedef VEC(Event) Events;

static bool send_one(const RunState *r, const Answer *a, const Command *c, const char *says, const char *text, Events *sent) {
  Story story = run_story(r);
  const char *name = story_name(&story, c->kind_of_entity, c->entity);
  Event e = {.kind = EVENT_ANSWER, .command = c->id, .value = a->yes ? ANSWER_YES : ANSWER_NO, .subject = c->subject, .entity = c->entity,
             .kind_of_entity = c->kind_of_entity, .text = text};
  if (!post_send(r, &e)) return false;
  vec_push(sent, e);
  printf("%s: %s%s%s, by %s\n", a->gate, a->yes ? "yes" : "no", *name ? " for " : "", name, says);
  return true;
}

/* One signature for all of them. */
static ExitCode send_all(RunState *r, const Answer *a, const char *says, const Command *const *questions, uint32_t count) {
  Events sent = {0};
  AckSign sign = {.who = a->who, .key = a->key, .says = says, .yes = a->yes, .questions = questions, .count = count};
  const char *text = ack_sign(r, &sign);
  bool ok = text != NULL;
  for (uint32_t i = 0; i < count && ok; i++) ok = send_one(r, a, questions[i], says, text, &sent);
  ExitCode code = ok ? post_outcome(r, "ack", sent.items, sent.len) : EXIT_USAGE;
  vec_done(&sent);
  return code;
}

/* ---- what others have said, and nobody has taken ---- */

typedef struct Others { const Answer *answer; const Command *const *meant; uint32_t count, yes, no; const char *who; Arena *arena; } Others;

static void hear_other(void *ctx, const Event *e) {
  Others *o = ctx;
  for (uint32_t i = 0; e->kind == EVENT_ANSWER && i < o->count; i++) {
    if (o->meant[i]->id != e->command) continue;
    o->yes += e->value == ANSWER_YES;
    o->no += e->value == ANSWER_NO;
    if ((e->value == ANSWER_YES) == o->answer->yes || o->who) return;
    const char *mark, *text = e->text ? e->text : "";
    o->who = arena_string(o->arena, text, answer_mark(text, &mark));
    return;
  }
}

/* A yes that lies beside a no opens nothing: whoever speaks now is told what the others have said. */
static void say_others(RunState *r, const Answer *a, const Command *const *meant, uint32_t count) {
  Others o = {.answer = a, .meant = meant, .count = count, .arena = r->arena};
  if (inbox_left(r->journal, hear_other, &o, NULL) < 0 || !o.who) return;
  Buf who = BUF_INIT;
  utf8_show(o.who, strlen(o.who), 0, &who);
  printf("  %s has said %s to %u of these, and nobody has taken it yet: the no counts\n", who.data, a->yes ? "no" : "yes", a->yes ? o.no : o.yes);
  buf_done(&who);
}

/* ---- what it will do ---- */

static void say_effect(RunState *r, const Answer *a, const Command *const *meant, uint32_t count) {
  Story story = run_story(r);
  Buf names = BUF_INIT, until = BUF_INIT;
  const Command *first = meant[0];
  const SiteSigners *role = admission_role(r, first);
  uint32_t *members = arena_new_array(r->arena, uint32_t, count);
  for (uint32_t i = 0; i < count; i++) members[i] = meant[i]->entity;
  if (*story_name(&story, first->kind_of_entity, first->entity)) crowd_names(&story, first->kind_of_entity, members, count, &names);
  printf("%s: %s%s%s: %s\n", r->id, a->yes ? "yes" : "no", names.len ? " for " : "", names.len ? names.data : "", first->text ? first->text : "");
  if (first->deadline) zone_format_short(r->zone, first->deadline, &until);
  if (until.len) printf("  it is asked until %s\n", until.data);
  const char *when = journal_owned(r->dir, NULL, 0) ? "at once" : "once it is resumed";
  if (a->yes && role && role->quorum > 1) printf("  it counts once %u people of %s have said it; then the run goes on %s, and it cannot be taken back\n", role->quorum, role->name, when);
  else if (a->yes) printf("  the run goes on with it %s: it cannot be taken back\n", when);
  else printf("  the runbook's way for a no follows; it cannot be taken back\n");
  printf("  every lock stays as it is\n");
  buf_done(&names);
  buf_done(&until);
}

static ExitCode agreed(const Answer *a) {
  const char *word = a->yes ? "yes" : "no";
  return consent("ack", a->asked, word, "Type %s to say it", word);
}

/* Evidence that is missing is told before anybody is asked. */
static ExitCode say_and_send(RunState *r, const Answer *a, const Command *const *meant, uint32_t count) {
  Buf says = BUF_INIT;
  ExitCode code = EXIT_DONE;
  if (!a->yes) buf_str(&says, a->who);
  else if (!evidence_take(r->program, meant[0]->subject, a->who, a->evidence, a->evidence_count, &says)) code = EXIT_USAGE;
  if (code == EXIT_DONE) {
    say_effect(r, a, meant, count);
    say_others(r, a, meant, count);
    code = agreed(a);
  }
  if (code == EXIT_DONE) code = send_all(r, a, says.data, meant, count);
  buf_done(&says);
  return code;
}

static ExitCode answer(RunState *r, const Answer *a) {
  const Command *flights;
  uint64_t n = engine_in_flight(r->engine, &flights), open = 0;
  Story story = run_story(r);
  for (uint64_t i = 0; i < n; i++) open += asks(r, &flights[i], a->gate);
  if (open == 0) {
    fprintf(stderr, "tagout ack: %s asks no `%s` now; ", r->id, a->gate);
    return (ExitCode)say_open(r);
  }
  if (!all_known(r, a, flights, n)) return EXIT_USAGE;
  if (open > 1 && a->member_count == 0 && !a->all) {
    fprintf(stderr, "tagout ack: %s asks about %llu members: name them, or say --all\n", a->gate, (unsigned long long)open);
    say_members(r, a, flights, n);
    return EXIT_USAGE;
  }
  const Command **meant = arena_new_array(r->arena, const Command *, (size_t)n);
  uint32_t count = 0;
  for (uint64_t i = 0; i < n; i++)
    if (asks(r, &flights[i], a->gate) && (a->member_count == 0 || named(a, &story, &flights[i]))) meant[count++] = &flights[i];
  return say_and_send(r, a, meant, count);
}

static ExitCode run(const Args *args) {
  Answer a;
  RunState r;
  if (!parse(args, &a)) return EXIT_USAGE;
  ExitCode code = post_open(a.run, args->values[OPT_STATE], &r);
  if (code == EXIT_DONE) {
    a.key = args->values[OPT_KEY];
    a.asked = args->values[OPT_YES] != NULL;
    a.who = args->values[OPT_AS] ? args->values[OPT_AS] : user_name(r.arena);
    code = !a.yes || post_may_say_yes(&r, a.who, "ack") ? answer(&r, &a) : EXIT_CHECK;
  }
  run_close(&r);
  free(a.members);
  free(a.evidence);
  return code;
}

const Verb verb_ack = {
    .name = "ack", .usage = "[options] [RUN] GATE yes|no [MEMBER...] [NAME=VALUE...]", .summary = "answer a gate of a run, for all members or for some",
    .help = "The answer is durable when this returns, also while the run's process is dead. Whoever started a run cannot say yes to it\n"
            "(exit code 1). It says first for whom the answer is, and asks for it once more, unless --yes. GATE is the\n"
            "name of a gate, or the number that `tagout status` shows for another question. NAME=VALUE is evidence: what the\n"
            "gate `asks` for comes with the yes, and stays in the journal. Where the site names signers of the role that is asked,\n"
            "the answer of a live run is signed with an SSH key and counts when it is valid; elsewhere it is believed.",
    .options = options, .least = 2, .most = -1, .run = run};
