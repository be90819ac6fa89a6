/* unlock_sign: the same text and the same signature as for a gate; no gate has a name with a blank in it. */
#include <config.h>

#include "cli/unlock_sign.h"

#include "cli/ack_sign.h"
#include "cli/admission.h"
#include "cli/answer.h"
#include "cli/planning.h"
#include "runtime/approval.h"

#include <stdio.h>
#include <string.h>

#define GATE "unlock --break"
#define DAY_MS 86400000

/* That signs for this lock; NULL: the site says nothing of it. */
static const SiteSigners *role_of(const RunState *r, const LockView *lock) {
  if (r->record.world != WORLD_LIVE || lock->role >= r->program->roles_count) return NULL;
  const SiteSigners *s = site_role(r->plan->site, program_str(r->program, r->program->roles[lock->role].name));
  return s && *s->signers ? s : NULL;
}

/* "ask 1 nsd Node:r03-n07": numbered from 1. */
static void ask_line(const RunState *r, const LockView *v, Buf *out) {
  const Program *p = r->program;
  ack_ask_line((uint64_t)v->automation + 1, arena_printf(r->arena, "%s %s:%s", program_str(p, p->automations[v->automation].name),
                                                         program_str(p, p->kinds[v->kind].name), fleet_name(r->fleet, v->kind, v->entity)), out);
}

const char *unlock_sign(RunState *r, const UnlockSign *s) {
  const SiteSigners *role = role_of(r, s->locks[0]);
  char found[SIGNATURE_KEY], ref[ACK_REF];
  const char *mark;
  Ack back;
  if (!role) {
    if (r->record.world == WORLD_LIVE) printf("  not signed: the site names nobody who signs for these locks, and believes that you are %s\n", s->who);
    return s->says;
  }
  Buf asks = BUF_INIT;
  for (uint32_t i = 0; i < s->count; i++) {
    if (role_of(r, s->locks[i]) != role) {
      fprintf(stderr, "tagout unlock: these locks are of several roles: name the members of one\n");
      buf_done(&asks);
      return NULL;
    }
    ask_line(r, s->locks[i], &asks);
  }
  int64_t now = wall_clock();
  Ack a = {.plan = r->plan->digest, .run = r->id, .gate = GATE, .role = role->name, .person = s->who, .says = s->says, .yes = true, .at = now,
           .until = now + DAY_MS, .asks = asks.data};
  const char *text = ack_keep(r, &a, role, s->key, "unlock");
  buf_done(&asks);
  if (!text || !*s->not_with) return text;
  answer_mark(text, &mark);
  if (!admission_ref(mark, ref) || admission_read(r, ref, role, &back, found) || strcmp(found, s->not_with) != 0) return text;
  fprintf(stderr, "tagout unlock: this is the key that asked for it: it takes another person\n");
  return NULL;
}

static bool asks_for(const Ack *a, const char *want) {
  size_t len = strlen(want);
  for (const char *at = a->asks; *at; at += strcspn(at, "\n") + 1)
    if (strncmp(at, want, len) == 0) return true;
  return false;
}

/* "bob: the ticket is closed" is said by bob. */
static bool said_by(const char *said, const char *person) {
  size_t n = strcspn(said, ":"), m = strlen(person);
  return n == m && strncmp(said, person, n) == 0;
}

const char *unlock_vouched(const RunState *r, const LockView *lock, char key[SIGNATURE_KEY]) {
  const SiteSigners *role = role_of(r, lock);
  const char *mark;
  char ref[ACK_REF];
  Ack a;
  Buf line = BUF_INIT;
  key[0] = '\0';
  if (!role) return NULL;
  answer_mark(lock->asked_by, &mark);
  if (!admission_ref(mark, ref)) return "it is not signed";
  const char *wrong = admission_read(r, ref, role, &a, key);
  ask_line(r, lock, &line);
  if (!wrong && (strcmp(a.gate, GATE) != 0 || !a.yes)) wrong = "something else was signed";
  if (!wrong && (strcmp(a.plan, r->plan->digest) != 0 || strcmp(a.run, r->id) != 0)) wrong = "it is of another run";
  if (!wrong && !asks_for(&a, line.data)) wrong = "this lock was not signed for";
  if (!wrong && !said_by(lock->asked_by, a.person)) wrong = "somebody else signed it";
  if (!wrong && wall_clock() > a.until) wrong = "its time is over";
  buf_done(&line);
  return wrong;
}
