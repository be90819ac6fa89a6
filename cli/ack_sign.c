/* ack_sign: one text for all questions, signed once, held against the signers before it is kept. */
#include <config.h>

#include "cli/ack_sign.h"

#include "cli/admission.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "cli/story.h"
#include "cli/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *signing_key(const char *given, const char *verb, Arena *arena) {
  const char *home = getenv("HOME");
  const char *path = given ? given : arena_printf(arena, "%s/.ssh/id_ed25519", home ? home : "");
  if (access(path, R_OK) == 0) return path;
  fprintf(stderr, "tagout %s: %s: there is no key to sign with; name yours with --key\n", verb, path);
  return NULL;
}

static const char *refuse(const char *verb, const char *what) {
  fprintf(stderr, "tagout %s: this answer would not count: %s\n", verb, what);
  return NULL;
}

static bool one_line(const char *text) {
  for (const char *c = text; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f) return false;
  return true;
}

/* All questions end at the same time or later; one that has no end of its own is asked for a day. */
static int64_t until(const AckSign *s, int64_t now) {
  enum { DAY = 86400000 };
  int64_t end = now + DAY;
  for (uint32_t i = 0; i < s->count; i++)
    if (s->questions[i]->deadline && s->questions[i]->deadline < end) end = s->questions[i]->deadline;
  return end;
}

static const char *keep(RunState *r, const Ack *a, const SiteSigners *role, const char *verb, const Buf *text) {
  char ref[ACK_REF], key[SIGNATURE_KEY];
  Ack back;
  if (!ack_read(text->data, r->arena, &back)) return refuse(verb, "its text cannot be signed");
  const char *wrong = ack_verify(&back, text->data, role, r->record.site_dir, r->arena, key);
  if (wrong) return refuse(verb, wrong);
  ack_ref(text->data, text->len, ref);
  if (!rundir_make(arena_printf(r->arena, "%s/acks", r->dir)) || !write_file(admission_file(r, ref, r->arena), text->data, text->len)) return NULL;
  return arena_printf(r->arena, "%s [signed %s]", a->says, ref);
}

const char *ack_keep(RunState *r, const Ack *a, const SiteSigners *role, const char *key_file, const char *verb) {
  char why[SIGNATURE_WHY];
  const char *key = signing_key(key_file, verb, r->arena), *sent = NULL;
  if (!key) return NULL;
  if (!one_line(a->says)) return refuse(verb, "what is signed stands on one line");
  Buf text = BUF_INIT;
  ack_write(a, &text);
  if (signature_make(SIGNATURE_ACK, key, text.data, &text, why)) sent = keep(r, a, role, verb, &text);
  else fprintf(stderr, "tagout %s: %s: %s\n", verb, key, why);
  buf_done(&text);
  return sent;
}

const char *ack_sign(RunState *r, const AckSign *s) {
  const SiteSigners *role = admission_role(r, s->questions[0]);
  if (!role) {
    if (r->record.world == WORLD_LIVE) printf("  not signed: the site names nobody who signs here, and believes that you are %s\n", s->who);
    return s->says;
  }
  Story story = run_story(r);
  Buf asks = BUF_INIT;
  for (uint32_t i = 0; i < s->count; i++)
    ack_ask_line(s->questions[i]->id, story_name(&story, s->questions[i]->kind_of_entity, s->questions[i]->entity), &asks);
  int64_t now = wall_clock();
  Ack a = {.plan = r->plan->digest, .run = r->id, .gate = admission_gate(r, s->questions[0], r->arena), .role = role->name, .person = s->who,
           .says = s->says, .yes = s->yes, .at = now, .until = until(s, now), .asks = asks.data};
  const char *text = ack_keep(r, &a, role, s->key, "ack");
  buf_done(&asks);
  return text;
}
