/* admission: signed answers read, held against the question, counted. */
#include <config.h>

#include "cli/admission.h"

#include "cli/answer.h"
#include "cli/output.h"
#include "cli/status.h"
#include "cli/story.h"
#include "runtime/approval.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERSON_MOST 128

/* A signed answer that was read: the same one answers for many members. */
typedef struct Kept { char ref[ACK_REF]; Ack ack; const char *wrong; char key[SIGNATURE_KEY]; const char *role; } Kept;
typedef struct Voice { uint64_t command; char person[PERSON_MOST]; char key[SIGNATURE_KEY]; } Voice;

struct Admission {
  RunState *run;
  VEC(Kept) kept;
  VEC(Voice) voices;
};

/* ---- texts ---- */

static void person_of(const char *text, char ret[PERSON_MOST]) {
  const char *mark;
  size_t len = answer_mark(text, &mark), name = strcspn(text, ";");
  snprintf(ret, PERSON_MOST, "%.*s", (int)(name < len ? name : len), text);
}

/* ---- the question ---- */

static const Command *question_of(const RunState *r, const Event *e) {
  const Command *flights;
  uint64_t n = engine_in_flight(r->engine, &flights);
  for (uint64_t i = 0; i < n; i++)
    if (flights[i].kind == COMMAND_ASK && flights[i].id == e->command) return &flights[i];
  return NULL;
}

const SiteSigners *admission_role(const RunState *r, const Command *question) {
  uint32_t role = (uint32_t)question->args[0];
  if (r->record.world != WORLD_LIVE || role >= r->program->roles_count) return NULL;
  const SiteSigners *s = site_role(r->plan->site, program_str(r->program, r->program->roles[role].name));
  return s && *s->signers ? s : NULL;
}

const char *admission_file(const RunState *r, const char *ref, Arena *arena) { return arena_printf(arena, "%s/acks/%s.ack", r->dir, ref); }

const char *admission_gate(const RunState *r, const Command *question, Arena *arena) {
  if (question->subject < r->program->gates_count) return program_str(r->program, r->program->gates[question->subject].name);
  return arena_printf(arena, "%" PRIu64, question->id);
}

/* ---- a signed answer ---- */

const char *admission_read(const RunState *r, const char *ref, const SiteSigners *role, Ack *ret, char key[SIGNATURE_KEY]) {
  const char *path = admission_file(r, ref, r->arena);
  char is[ACK_REF];
  Buf bytes = BUF_INIT;
  if (access(path, R_OK) < 0) return "its signature is not in the run's folder";
  bool read = read_file(path, &bytes);
  buf_add(&bytes, "", 1);
  ack_ref(bytes.data, bytes.len - 1, is);
  const char *wrong = !read || strcmp(is, ref) != 0 ? "its file was changed" : !ack_read(bytes.data, r->arena, ret) ? "its file is no signed answer" : NULL;
  if (!wrong && strcmp(ret->role, role->name) != 0) wrong = arena_printf(r->arena, "it is signed for %s", ret->role);
  if (!wrong) wrong = ack_verify(ret, bytes.data, role, r->record.site_dir, r->arena, key);
  buf_done(&bytes);
  return wrong;
}

bool admission_ref(const char *mark, char ret[ACK_REF]) {
  const size_t before = sizeof ANSWER_SIGNED - 1;
  ret[0] = '\0';
  if (strncmp(mark, ANSWER_SIGNED, before) == 0) snprintf(ret, ACK_REF, "%.*s", (int)strcspn(mark + before, " ]"), mark + before);
  return strlen(ret) == ACK_REF - 1 && strspn(ret, "0123456789abcdef") == ACK_REF - 1;
}

static const Kept *find_ack(Admission *a, const char *ref, const SiteSigners *role) {
  for (uint32_t i = 0; i < a->kept.len; i++)
    if (strcmp(a->kept.items[i].ref, ref) == 0 && strcmp(a->kept.items[i].role, role->name) == 0) return &a->kept.items[i];
  Kept k = {.role = role->name};
  snprintf(k.ref, sizeof k.ref, "%s", ref);
  k.wrong = admission_read(a->run, ref, role, &k.ack, k.key);
  vec_push(&a->kept, k);
  return &a->kept.items[a->kept.len - 1];
}

static bool asks_line(const char *asks, const char *want) {
  size_t len = strlen(want);
  for (const char *at = asks; *at; at += strcspn(at, "\n") + 1)
    if (strncmp(at, want, len) == 0) return true;
  return false;
}

/* Bound to the plan, the run, the gate, the question and its member, the answer, and a time. */
static const char *misfit(Admission *a, const Kept *k, const Command *q, const Event *e, const char *says) {
  RunState *r = a->run;
  Story story = run_story(r);
  const Ack *ack = &k->ack;
  Buf line = BUF_INIT;
  if (k->wrong) return k->wrong;
  ack_ask_line(q->id, story_name(&story, q->kind_of_entity, q->entity), &line);
  const char *wrong = strcmp(ack->plan, r->plan->digest) != 0                             ? "it is of another plan"
                      : strcmp(ack->run, r->id) != 0                                      ? "it is of another run"
                      : strcmp(ack->gate, admission_gate(r, q, r->arena)) != 0            ? "it is for another gate"
                      : ack->yes != (e->value == ANSWER_YES) || strcmp(ack->says, says) != 0 ? "something else was signed"
                      : !asks_line(ack->asks, line.data)                                  ? "this question was not signed"
                      : r->now > ack->until                                               ? "its time is over"
                                                                                          : NULL;
  buf_done(&line);
  return wrong;
}

/* ---- counting ---- */

static void add_voice(Admission *a, uint64_t command, const char *person, const char *key) {
  Voice v = {.command = command};
  snprintf(v.person, sizeof v.person, "%s", person);
  snprintf(v.key, sizeof v.key, "%s", key);
  vec_push(&a->voices, v);
}

/* People who have said yes to this question, this one included; 0: this one has said it already. */
static uint32_t voices(const Admission *a, uint64_t command, const char *person, const char *key) {
  uint32_t n = 1;
  for (uint32_t i = 0; i < a->voices.len; i++) {
    const Voice *v = &a->voices.items[i];
    if (v->command != command) continue;
    if (same_person(v->person, person) || strcmp(v->key, key) == 0) return 0;
    n++;
  }
  return n;
}

static void read_voice(void *ctx, const Event *e, uint64_t seq) {
  Admission *a = ctx;
  const char *mark;
  char person[PERSON_MOST], key[SIGNATURE_KEY] = "";
  (void)seq;
  if (e->kind != EVENT_ANSWER || e->value != ANSWER_VOICE || !e->text) return;
  person_of(e->text, person);
  answer_mark(e->text, &mark);
  const char *at = strstr(mark, "SHA256:");
  if (at) snprintf(key, sizeof key, "%.*s", (int)strcspn(at, "]"), at);
  add_voice(a, e->command, person, key);
}

Admission *admission_new(RunState *r) {
  Admission *a = xcalloc(1, sizeof *a);
  JournalError error = {0};
  a->run = r;
  if (journal_replay(r->journal, read_voice, a, &error) == 0) return a;
  print_journal_error(&error);
  admission_free(a);
  return NULL;
}

void admission_free(Admission *a) {
  if (!a) return;
  vec_done(&a->kept);
  vec_done(&a->voices);
  free(a);
}

/* ---- worth ---- */

static void is_void(Admission *a, Event *e, const char *text, const char *why) {
  e->value = ANSWER_VOID;
  e->text = arena_printf(a->run->arena, "%s: %s", text, why);
}

/* The second pair of eyes is somebody else's. NULL: it is. */
static const char *own_yes(const Admission *a, const char *person) {
  int64_t since;
  if (same_person(person, a->run->record.by)) return "who starts a run does not say yes to it";
  return same_person(person, status_duty(a->run, &since)) ? "who is on duty does not say yes" : NULL;
}

static void take_claim(Admission *a, Event *e, const char *text) {
  char person[PERSON_MOST];
  person_of(text, person);
  const char *own = e->value == ANSWER_YES ? own_yes(a, person) : NULL;
  if (own) is_void(a, e, text, own);
  else e->text = arena_printf(a->run->arena, "%s" ANSWER_CLAIMED, text);
}

static void take_signed(Admission *a, Event *e, const Command *q, const SiteSigners *role, const char *text, const char *mark) {
  char ref[ACK_REF], person[PERSON_MOST];
  person_of(text, person);
  if (!admission_ref(mark, ref)) {
    is_void(a, e, text, arena_printf(a->run->arena, "it is not signed, and the site names signers of %s", role->name));
    return;
  }
  const Kept *k = find_ack(a, ref, role);
  const char *wrong = misfit(a, k, q, e, text);
  if (!wrong && e->value == ANSWER_YES) wrong = own_yes(a, k->ack.person);
  if (!wrong && strcmp(person, k->ack.person) != 0) wrong = "somebody else signed it";
  uint32_t n = wrong || e->value != ANSWER_YES ? role->quorum : voices(a, q->id, k->ack.person, k->key);
  if (!wrong && n == 0) wrong = "the same person, or the same key, has said yes already";
  if (wrong) {
    is_void(a, e, text, wrong);
    return;
  }
  e->text = arena_printf(a->run->arena, "%s" ANSWER_SIGNED "%s %s]", text, ref, k->key);
  if (n >= role->quorum) return;
  add_voice(a, q->id, k->ack.person, k->key);
  e->value = ANSWER_VOICE;
}

void admission_take(Admission *a, Event *e) {
  const char *mark;
  if (e->kind != EVENT_ANSWER) return;
  const char *said = e->text ? e->text : "";
  size_t len = answer_mark(said, &mark);
  const char *text = arena_string(a->run->arena, said, len);
  const Command *q = question_of(a->run, e);
  const SiteSigners *role = q ? admission_role(a->run, q) : NULL;
  if (q) { /* the number says which question it is: nothing else is believed */
    e->subject = q->subject;
    e->entity = q->entity;
    e->kind_of_entity = q->kind_of_entity;
  }
  if (e->value != ANSWER_YES && e->value != ANSWER_NO) is_void(a, e, text, "neither yes nor no");
  else if (!q) is_void(a, e, text, "nothing is asked any more");
  else if (role) take_signed(a, e, q, role, text, mark);
  else take_claim(a, e, text);
}
