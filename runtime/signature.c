/* signature: the calls of ssh-keygen. Texts go through files in a folder of their own: nothing can block on a full pipe. */
#include <config.h>

#include "runtime/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "ssh-keygen"
#define ARGS_MOST 16
#define PATH_SIZE 256
#define ANSWER_MOST 65536u

extern char **environ;

typedef struct Call {
  char dir[PATH_SIZE];
  char text[PATH_SIZE + 8], signature[PATH_SIZE + 8], said[PATH_SIZE + 8], complained[PATH_SIZE + 8]; /* paths */
} Call;

/* ---- files ---- */

static bool put(const char *path, const char *bytes) {
  size_t len = strlen(bytes);
  FILE *f = fopen(path, "wb");
  if (!f) return false;
  bool ok = fwrite(bytes, 1, len, f) == len;
  return fclose(f) == 0 && ok;
}

static void get(const char *path, Buf *out) {
  char chunk[4096];
  FILE *f = fopen(path, "rb");
  for (size_t n; f && out->len < ANSWER_MOST && (n = fread(chunk, 1, sizeof chunk, f)) > 0;) buf_add(out, chunk, n);
  if (f) fclose(f);
  buf_add(out, "", 1);
  out->len--;
}

static bool begin(Call *c, const char *text, const char *signature) {
  const char *top = getenv("TMPDIR");
  snprintf(c->dir, sizeof c->dir, "%s/tagout-sign-XXXXXX", top && *top && strlen(top) < PATH_SIZE / 2 ? top : "/tmp");
  if (!mkdtemp(c->dir)) return false;
  snprintf(c->text, sizeof c->text, "%s/text", c->dir);
  snprintf(c->signature, sizeof c->signature, "%s/sig", c->dir);
  snprintf(c->said, sizeof c->said, "%s/out", c->dir);
  snprintf(c->complained, sizeof c->complained, "%s/err", c->dir);
  return put(c->text, text) && put(c->signature, signature);
}

static void end(const Call *c) {
  const char *const files[] = {c->text, c->signature, c->said, c->complained};
  int kept = errno;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
  rmdir(c->dir);
  errno = kept;
}

/* ---- the program ---- */

/* Its exit status; negative errno when it could not be run. */
static int run(const Call *c, const char *const *args) {
  char *argv[ARGS_MOST];
  posix_spawn_file_actions_t files;
  pid_t pid;
  int n = 0, status;
  for (; args[n] && n < ARGS_MOST - 1; n++) memcpy(&argv[n], &args[n], sizeof argv[n]); /* argv is char *; nobody writes */
  argv[n] = NULL;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, c->text, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, c->said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, c->complained, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  int r = posix_spawnp(&pid, PROGRAM, &files, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&files);
  if (r != 0) return -r;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* The last line that it complained with: the cause stands there. */
static void complaint(const Call *c, char why[SIGNATURE_WHY]) {
  Buf text = BUF_INIT;
  get(c->complained, &text);
  while (text.len && strchr("\r\n ", text.data[text.len - 1])) text.data[--text.len] = '\0';
  const char *line = text.len ? strrchr(text.data, '\n') : NULL;
  snprintf(why, SIGNATURE_WHY, "%s", line ? line + 1 : text.len ? text.data : "");
  buf_done(&text);
}

static bool not_run(int status, char why[SIGNATURE_WHY]) {
  if (status >= 0) return false;
  snprintf(why, SIGNATURE_WHY, PROGRAM " cannot be run: %s (Debian package openssh-client)", strerror(-status));
  return true;
}

/* ---- verifying ---- */

static int verify(const Call *c, const SignatureCheck *s, bool revocation) {
  const char *args[] = {PROGRAM, "-Y", "verify", "-f", s->signers, "-I", s->person, "-n", s->use, "-s", c->signature, revocation ? "-r" : NULL, s->revoked, NULL};
  return run(c, args);
}

/* "... with ED25519 key SHA256:..." */
static void fingerprint(const Call *c, char key[SIGNATURE_KEY]) {
  Buf said = BUF_INIT;
  get(c->said, &said);
  const char *at = strstr(said.data, "SHA256:");
  if (at) snprintf(key, SIGNATURE_KEY, "%.*s", (int)strcspn(at, " \r\n"), at);
  buf_done(&said);
}

static SignatureVerdict why_not(const Call *c, const SignatureCheck *s, char why[SIGNATURE_WHY]) {
  complaint(c, why);
  if (s->revoked && verify(c, s, false) == 0) return SIGNATURE_REVOKED;
  if (s->revoked) complaint(c, why);
  return strstr(why, "expired") || strstr(why, "not yet valid") ? SIGNATURE_EXPIRED : SIGNATURE_UNKNOWN;
}

static bool readable(const char *path, char why[SIGNATURE_WHY]) {
  if (!path || access(path, R_OK) == 0) return true;
  snprintf(why, SIGNATURE_WHY, "%.140s: %.90s", path, strerror(errno));
  return false;
}

static SignatureVerdict check_with(const Call *c, const SignatureCheck *s, char key[SIGNATURE_KEY], char why[SIGNATURE_WHY]) {
  const char *args[] = {PROGRAM, "-Y", "check-novalidate", "-n", s->use, "-s", c->signature, NULL};
  int status = run(c, args);
  if (not_run(status, why)) return SIGNATURE_BROKEN;
  if (status != 0) return complaint(c, why), SIGNATURE_OTHER;
  fingerprint(c, key);
  return verify(c, s, s->revoked != NULL) == 0 ? SIGNATURE_GOOD : why_not(c, s, why);
}

SignatureVerdict signature_verify(const SignatureCheck *s, char key[SIGNATURE_KEY], char why[SIGNATURE_WHY]) {
  Call c;
  key[0] = why[0] = '\0';
  if (!readable(s->signers, why) || !readable(s->revoked, why)) return SIGNATURE_BROKEN;
  bool begun = begin(&c, s->text, s->signature);
  if (!begun) snprintf(why, SIGNATURE_WHY, "%.100s: %.100s", c.dir, strerror(errno));
  SignatureVerdict verdict = begun ? check_with(&c, s, key, why) : SIGNATURE_BROKEN;
  end(&c);
  return verdict;
}

/* ---- signing ---- */

bool signature_make(const char *use, const char *key_file, const char *text, Buf *out, char why[SIGNATURE_WHY]) {
  Call c;
  const char *args[] = {PROGRAM, "-Y", "sign", "-f", key_file, "-n", use, NULL};
  why[0] = '\0';
  bool begun = begin(&c, text, "");
  if (!begun) snprintf(why, SIGNATURE_WHY, "%.100s: %.100s", c.dir, strerror(errno));
  int status = begun ? run(&c, args) : 0;
  bool made = begun && !not_run(status, why) && status == 0;
  if (made) get(c.said, out);
  else if (begun && status > 0) complaint(&c, why);
  end(&c);
  return made;
}
