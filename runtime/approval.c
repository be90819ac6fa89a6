/* approval: the files, and what each is worth today. */
#include <config.h>

#include "runtime/approval.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SUFFIX ".approval"
#define BLOCK "-----BEGIN SSH SIGNATURE-----"
#define FILE_MOST 65536u
#define APPROVALS_MOST 200u /* files looked at in one folder */
#define MS_PER_SECOND 1000

/* ---- names ---- */

const char *approvals_folder(const char *plan_file, Arena *arena) { return arena_printf(arena, "%s.approvals", plan_file); }

/* What is no letter or digit is spelled out, so that no two people share a file and none leaves the folder. */
static void file_word(const char *word, Buf *out) {
  for (const char *c = word; *c; c++) {
    bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_' || *c == '@' || (*c == '.' && c != word);
    buf_printf(out, plain ? "%c" : "%%%02X", plain ? *c : (unsigned char)*c);
  }
}

const char *approval_file(const char *folder, const char *role, const char *person, Arena *arena) {
  Buf name = BUF_INIT;
  file_word(role, &name);
  buf_char(&name, '-');
  file_word(person, &name);
  const char *path = arena_printf(arena, "%s/%s" SUFFIX, folder, name.data);
  buf_done(&name);
  return path;
}

const SiteSigners *site_role(const SiteImage *site, const char *name) {
  for (uint32_t i = 0; site && i < site->role_count; i++)
    if (strcmp(site->roles[i].name, name) == 0) return &site->roles[i];
  return NULL;
}

const char *site_role_file(const char *site_dir, const char *path, Arena *arena) {
  return path[0] == '/' || !site_dir || !*site_dir ? path : arena_printf(arena, "%s/%s", site_dir, path);
}

bool same_person(const char *a, const char *b) {
  size_t n = strcspn(a, "@"), m = strcspn(b, "@");
  if (a[n] && b[m]) return strcmp(a, b) == 0;
  return n == m && n > 0 && strncmp(a, b, n) == 0;
}

/* ---- text ---- */

void approval_text(const Plan *plan, const char *role, const char *person, int64_t at, Buf *out) {
  char when[40] = "";
  time_t seconds = (time_t)(at / MS_PER_SECOND);
  struct tm tm;
  if (gmtime_r(&seconds, &tm)) strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
  buf_printf(out, "tagout approval 1\nplan %s\nrunbook %s\nrole %s\nperson %s\nat %s\n", plan->digest,
             program_str(plan->program, plan->program->name), role, person, when);
}

/* The rest of a line that begins with the word, in the arena; *at moves behind it. NULL: another line stands there. */
static const char *line(const char **at, const char *word, Arena *arena) {
  size_t n = strlen(word), len = strcspn(*at, "\n");
  if (strncmp(*at, word, n) != 0 || (*at)[len] != '\n' || len < n) return NULL;
  const char *rest = arena_string(arena, *at + n, len - n);
  *at += len + 1;
  return rest;
}

typedef struct Judge {
  const Plan *plan;
  const char *site_dir, *starter;
  Arena *arena;
} Judge;

static void wrong(Approval *a, DiagCode code, const char *why) {
  a->wrong = code;
  a->why = why;
}

static bool parse(Judge *j, const char *bytes, Approval *a) {
  const char *at = bytes;
  bool ok = line(&at, "tagout approval 1", j->arena) && (a->digest = line(&at, "plan ", j->arena)) && line(&at, "runbook ", j->arena) &&
            (a->role = line(&at, "role ", j->arena)) && (a->person = line(&at, "person ", j->arena)) && (a->at = line(&at, "at ", j->arena)) &&
            strncmp(at, BLOCK, sizeof BLOCK - 1) == 0;
  if (ok) return true;
  a->digest = a->digest ? a->digest : "";
  a->role = a->role ? a->role : "";
  a->person = a->person ? a->person : "";
  a->at = a->at ? a->at : "";
  return false;
}

/* ---- worth ---- */

static void judge_signature(Judge *j, Approval *a, const SiteSigners *role, const char *bytes) {
  const char *block = strstr(bytes, BLOCK);
  char why[SIGNATURE_WHY];
  SignatureCheck check = {.use = SIGNATURE_PLAN, .person = a->person, .text = arena_string(j->arena, bytes, (size_t)(block - bytes)),
                          .signature = block, .signers = site_role_file(j->site_dir, role->signers, j->arena),
                          .revoked = *role->revoked ? site_role_file(j->site_dir, role->revoked, j->arena) : NULL};
  switch (signature_verify(&check, a->key, why)) {
  case SIGNATURE_GOOD: return;
  case SIGNATURE_OTHER: wrong(a, E_APPROVAL_OTHER, "its lines were changed after they were signed"); return;
  case SIGNATURE_UNKNOWN: wrong(a, E_APPROVAL_KEY, arena_printf(j->arena, "%s does not list this key for %s", check.signers, a->person)); return;
  case SIGNATURE_REVOKED: wrong(a, E_APPROVAL_REVOKED, arena_printf(j->arena, "the key is revoked in %s", check.revoked)); return;
  case SIGNATURE_EXPIRED: wrong(a, E_APPROVAL_EXPIRED, arena_string(j->arena, why, strlen(why))); return;
  case SIGNATURE_BROKEN: wrong(a, E_SIGNERS, arena_string(j->arena, why, strlen(why))); return;
  }
}

static bool is_self(Judge *j, Approval *a) {
  const Plan *plan = j->plan;
  const char *owner = program_str(plan->program, plan->program->owner);
  const char *what = plan->made_by && same_person(a->person, plan->made_by)       ? "made the plan"
                     : same_person(a->person, owner)                              ? "owns the runbook"
                     : j->starter && same_person(a->person, j->starter)           ? "starts the run"
                                                                                  : NULL;
  if (what) wrong(a, E_APPROVAL_SELF, arena_printf(j->arena, "%s %s", a->person, what));
  return what != NULL;
}

static void judge(Judge *j, Approval *a, const char *bytes) {
  if (!parse(j, bytes, a)) {
    wrong(a, E_APPROVAL_FILE, "not an approval as `tagout approve` writes it");
    return;
  }
  const SiteSigners *role = site_role(j->plan->site, a->role);
  if (strcmp(a->digest, j->plan->digest) != 0)
    wrong(a, E_APPROVAL_OTHER, arena_printf(j->arena, "it is of the plan %.12s..., and this is %.12s...", a->digest, j->plan->digest));
  else if (!role || !role->approves) wrong(a, E_APPROVAL_KEY, arena_printf(j->arena, "the site asks no %s to approve plans", a->role));
  else if (!is_self(j, a)) judge_signature(j, a, role, bytes);
}

/* ---- the folder ---- */

/* errno 0: it is no text. */
static bool read_whole(const char *path, Buf *out) {
  char chunk[4096];
  FILE *f = fopen(path, "rb");
  if (!f) return false;
  errno = 0;
  for (size_t n; out->len < FILE_MOST && (n = fread(chunk, 1, sizeof chunk, f)) > 0;) buf_add(out, chunk, n);
  bool ok = !ferror(f);
  int error = ok ? 0 : errno;
  fclose(f);
  buf_add(out, "", 1);
  out->len--;
  errno = error;
  return ok && strlen(out->data) == out->len;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

typedef VEC(const char *) Paths;

static Paths list(const char *folder, Arena *arena) {
  Paths out = {0};
  DIR *d = opendir(folder);
  struct dirent *entry;
  while (d && out.len < APPROVALS_MOST && (entry = readdir(d)) != NULL) {
    size_t len = strlen(entry->d_name), end = sizeof SUFFIX - 1;
    if (len > end && strcmp(entry->d_name + len - end, SUFFIX) == 0) vec_push(&out, arena_printf(arena, "%s/%s", folder, entry->d_name));
  }
  if (d) closedir(d);
  if (out.len) qsort(out.items, out.len, sizeof *out.items, by_name);
  return out;
}

Approval approval_judge(const Plan *plan, const char *file, const char *bytes, const char *site_dir, const char *starter, Arena *arena) {
  Judge j = {plan, site_dir, starter, arena};
  Approval a = {.file = file, .digest = "", .role = "", .person = "", .at = "", .wrong = DIAG_COUNT};
  judge(&j, &a, bytes);
  return a;
}

Approvals approvals_read(const Plan *plan, const char *folder, const char *site_dir, const char *starter, Arena *arena) {
  Paths paths = list(folder, arena);
  Approvals out = {arena_new_array(arena, Approval, paths.len), paths.len};
  for (uint32_t i = 0; i < paths.len; i++) {
    Buf bytes = BUF_INIT;
    bool read = read_whole(paths.items[i], &bytes);
    int error = read ? 0 : errno;
    out.items[i] = approval_judge(plan, paths.items[i], read ? bytes.data : "", site_dir, starter, arena);
    if (!read) out.items[i].why = error ? arena_printf(arena, "it cannot be read: %s", strerror(error)) : "it cannot be read as a text";
    buf_done(&bytes);
  }
  vec_done(&paths);
  return out;
}

/* ---- enough? ---- */

/* An earlier one of the same role by the same person, or with the same key. */
static bool counted_before(Approvals all, uint32_t index) {
  const Approval *a = &all.items[index];
  for (uint32_t i = 0; i < index; i++) {
    const Approval *b = &all.items[i];
    if (b->wrong == DIAG_COUNT && strcmp(a->role, b->role) == 0 && (same_person(a->person, b->person) || strcmp(a->key, b->key) == 0)) return true;
  }
  return false;
}

uint32_t approvals_count(Approvals all, const char *role) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < all.count; i++)
    n += all.items[i].wrong == DIAG_COUNT && strcmp(all.items[i].role, role) == 0 && !counted_before(all, i);
  return n;
}

static const char *fix_of(DiagCode code) {
  switch ((int)code) {
  case E_APPROVAL_FILE: return "take it from a copy, or remove it and have it signed again: `tagout approve`";
  case E_APPROVAL_OTHER: return "have this plan signed: `tagout approve`";
  case E_APPROVAL_KEY: return "sign with a key that the role's signers list for this person, or have it listed there";
  case E_APPROVAL_REVOKED: return "somebody else of the role approves, or the person with a new key that is listed";
  case E_APPROVAL_EXPIRED: return "sign with a key that is valid now, or have its validity changed in the role's signers";
  case E_APPROVAL_SELF: return "somebody else of the role approves: whoever made a plan, owns the runbook or starts the run does not count";
  default: return "the site names the file; `tagout explain` says what stands in it";
  }
}

void approval_report(const Approval *a, DiagSink *sink) {
  Diag *d = diag_at(sink, a->wrong, a->file, 0, 0, "this approval%s%s does not count: %s", *a->person ? " of " : "", a->person, a->why);
  diag_note(sink, d, "%s", fix_of(a->wrong));
}

static void report(Approvals all, const char *role, DiagSink *sink) {
  for (uint32_t i = 0; i < all.count; i++) {
    const Approval *a = &all.items[i];
    if (a->wrong != DIAG_COUNT && (!*a->role || strcmp(a->role, role) == 0)) approval_report(a, sink);
  }
}

bool approvals_suffice(const Plan *plan, Approvals all, const char *plan_file, DiagSink *sink) {
  bool enough = true;
  for (uint32_t i = 0; plan->site && i < plan->site->role_count; i++) {
    const SiteSigners *role = &plan->site->roles[i];
    uint32_t n = role->approves ? approvals_count(all, role->name) : role->quorum;
    if (n >= role->quorum) continue;
    enough = false;
    report(all, role->name, sink);
    Diag *d = diag_at(sink, E_APPROVALS, plan_file, 0, 0, "site %s wants this plan approved by %u of %s: %u %s", plan->site->name, role->quorum,
                      role->name, n, n == 1 ? "has" : "have");
    diag_note(sink, d, "each of them says `tagout approve %s --key FILE --as NAME`; who has is said by `tagout approve --list %s`", plan_file, plan_file);
  }
  return enough;
}

const char *approvals_sentence(const Plan *plan, Approvals all, Arena *arena) {
  Buf out = BUF_INIT;
  for (uint32_t r = 0; plan->site && r < plan->site->role_count; r++) {
    const char *role = plan->site->roles[r].name;
    uint32_t n = 0;
    for (uint32_t i = 0; i < all.count; i++) {
      if (all.items[i].wrong != DIAG_COUNT || strcmp(all.items[i].role, role) != 0 || counted_before(all, i)) continue;
      if (n++ == 0) buf_printf(&out, "%s%s: %s", out.len ? "; " : "", role, all.items[i].person);
      else buf_printf(&out, ", %s", all.items[i].person);
    }
  }
  const char *text = arena_string(arena, out.len ? out.data : "", out.len);
  buf_done(&out);
  return text;
}
