/* ack: the text, there and back, and its signature. */
#include <config.h>

#include "runtime/ack.h"

#include "runtime/approval.h"
#include "runtime/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK "-----BEGIN SSH SIGNATURE-----"
#define MS_PER_SECOND 1000
#define TIME_FORMAT "%Y-%m-%dT%H:%M:%SZ"

static void put_time(const char *word, int64_t at, Buf *out) {
  char text[40] = "";
  time_t seconds = (time_t)(at / MS_PER_SECOND);
  struct tm tm;
  if (gmtime_r(&seconds, &tm)) strftime(text, sizeof text, TIME_FORMAT, &tm);
  buf_printf(out, "%s %s\n", word, text);
}

void ack_write(const Ack *a, Buf *out) {
  buf_printf(out, "tagout ack 1\nplan %s\nrun %s\ngate %s\nrole %s\nanswer %s\nperson %s\n", a->plan, a->run, a->gate, a->role,
             a->yes ? "yes" : "no", a->person);
  put_time("at", a->at, out);
  put_time("until", a->until, out);
  buf_printf(out, "says %s\n%s", a->says, a->asks);
}

void ack_ask_line(uint64_t command, const char *member, Buf *out) { buf_printf(out, "ask %" PRIu64 " %s\n", command, member); }

/* The rest of a line that begins with the word, in the arena; *at moves behind it. NULL: another line stands there. */
static const char *line(const char **at, const char *word, Arena *arena) {
  size_t n = strlen(word), len = strcspn(*at, "\n");
  if (len < n || strncmp(*at, word, n) != 0 || (*at)[len] != '\n') return NULL;
  const char *rest = arena_string(arena, *at + n, len - n);
  *at += len + 1;
  return rest;
}

static bool time_of(const char *text, int64_t *ret) {
  struct tm tm = {0};
  const char *end = text ? strptime(text, TIME_FORMAT, &tm) : NULL;
  if (!end || *end) return false;
  *ret = (int64_t)timegm(&tm) * MS_PER_SECOND;
  return true;
}

bool ack_read(const char *bytes, Arena *arena, Ack *ret) {
  const char *at = bytes, *answer, *block = strstr(bytes, BLOCK);
  *ret = (Ack){0};
  bool ok = block && line(&at, "tagout ack 1", arena) && (ret->plan = line(&at, "plan ", arena)) && (ret->run = line(&at, "run ", arena)) &&
            (ret->gate = line(&at, "gate ", arena)) && (ret->role = line(&at, "role ", arena)) && (answer = line(&at, "answer ", arena)) &&
            (ret->person = line(&at, "person ", arena)) && time_of(line(&at, "at ", arena), &ret->at) &&
            time_of(line(&at, "until ", arena), &ret->until) && (ret->says = line(&at, "says ", arena));
  if (!ok || at > block) return false;
  ret->yes = strcmp(answer, "yes") == 0;
  ret->asks = arena_string(arena, at, (size_t)(block - at));
  return ret->yes || strcmp(answer, "no") == 0;
}

void ack_ref(const char *bytes, size_t len, char ret[ACK_REF]) {
  char whole[DIGEST_HEX];
  digest_hex(bytes, len, whole);
  snprintf(ret, ACK_REF, "%.*s", ACK_REF - 1, whole);
}

const char *ack_verify(const Ack *a, const char *bytes, const SiteSigners *role, const char *site_dir, Arena *arena, char key[SIGNATURE_KEY]) {
  const char *block = strstr(bytes, BLOCK);
  char why[SIGNATURE_WHY];
  SignatureCheck check = {.use = SIGNATURE_ACK, .person = a->person, .text = arena_string(arena, bytes, (size_t)(block - bytes)), .signature = block,
                          .signers = site_role_file(site_dir, role->signers, arena),
                          .revoked = *role->revoked ? site_role_file(site_dir, role->revoked, arena) : NULL};
  switch (signature_verify(&check, key, why)) {
  case SIGNATURE_GOOD: return NULL;
  case SIGNATURE_OTHER: return "it was changed after it was signed";
  case SIGNATURE_UNKNOWN: return arena_printf(arena, "%s does not list this key for %s", check.signers, a->person);
  case SIGNATURE_REVOKED: return arena_printf(arena, "the key of %s is revoked in %s", a->person, check.revoked);
  case SIGNATURE_EXPIRED: return arena_printf(arena, "the key of %s is not valid now: %s", a->person, why);
  case SIGNATURE_BROKEN: break;
  }
  return arena_printf(arena, "it cannot be verified: %s", why);
}
