/* kept: one line with the lengths and a digest, then both forms of the status. */
#include <config.h>

#include "cli/kept.h"

#include "cli/asking.h"
#include "cli/status.h"
#include "runtime/digest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT "status.kept"

/* ---- what it is bound to ---- */

/* Files that come and go with whoever looks. A log that is not empty belongs to a journal that nobody closed. */
static int counts(const struct dirent *entry) {
  static const char *const not[] = {".", "..", KEPT, KEPT "~", "owner.lock", ASKING_FOLDER, "journal.db-shm", "inbox.db-shm"};
  for (unsigned i = 0; i < sizeof not / sizeof *not; i++)
    if (strcmp(entry->d_name, not[i]) == 0) return 0;
  return 1;
}

static bool empty_log(const char *path, const struct stat *s) {
  size_t len = strlen(path);
  return s->st_size == 0 && len > 4 && strcmp(path + len - 4, "-wal") == 0;
}

/* A line for each file below it; false: it cannot be read. */
static bool describe(const char *dir, Buf *out) {
  struct dirent **names;
  struct stat s;
  Buf path = BUF_INIT;
  int n = scandir(dir, &names, counts, alphasort);
  bool ok = n >= 0;
  for (int i = 0; i < n; i++) {
    buf_reset(&path);
    buf_printf(&path, "%s/%s", dir, names[i]->d_name);
    free(names[i]);
    ok = ok && lstat(path.data, &s) == 0;
    if (!ok || empty_log(path.data, &s)) continue;
    buf_printf(out, "%s %llu %lld %lld.%09ld %lld.%09ld\n", path.data, (unsigned long long)s.st_ino, (long long)s.st_size,
               (long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec, (long long)s.st_ctim.tv_sec, s.st_ctim.tv_nsec);
    if (S_ISDIR(s.st_mode)) ok = describe(path.data, out);
  }
  if (n >= 0) free(names);
  buf_done(&path);
  return ok;
}

/* Of the program, the folder by the name it was given, its files, and what is kept. */
static bool digest(const char *dir, const char *kept, size_t len, char ret[DIGEST_HEX]) {
  Buf about = BUF_INIT;
  buf_printf(&about, "%s\n", PACKAGE_VERSION);
  bool ok = describe(dir, &about);
  buf_add(&about, kept, len);
  digest_hex(about.data, about.len, ret);
  buf_done(&about);
  return ok;
}

/* ---- writing ---- */

void kept_make(RunState *r, Buf *ret) {
  char head[JOURNAL_HEAD];
  Buf text = BUF_INIT, json = BUF_INIT;
  r->now = r->tally.latest; /* as a replay leaves it */
  status_text(r, NULL, &text);
  status_json(r, NULL, &json);
  journal_head(r->journal, head);
  buf_printf(ret, "%s %zu %zu\n", head, text.len, json.len);
  buf_add(ret, text.data, text.len);
  buf_add(ret, json.data, json.len);
  buf_done(&text);
  buf_done(&json);
}

void kept_write(const char *dir, const Buf *made) {
  char hex[DIGEST_HEX];
  Buf file = BUF_INIT, part = BUF_INIT, bytes = BUF_INIT;
  buf_printf(&file, "%s/" KEPT, dir);
  buf_printf(&part, "%s~", file.data);
  if (digest(dir, made->data, made->len, hex)) {
    buf_printf(&bytes, "%s\n", hex);
    buf_add(&bytes, made->data, made->len);
    unlink(part.data); /* of one that died over it */
    if (!put_file(part.data, bytes.data, bytes.len) || rename(part.data, file.data) < 0) unlink(part.data);
  }
  buf_done(&file);
  buf_done(&part);
  buf_done(&bytes);
}

/* ---- reading ---- */

static bool is_head(const char *dir, const char *head) {
  Journal *j;
  char now[JOURNAL_HEAD] = "";
  if (journal_open(dir, JOURNAL_READ, NULL, &j, NULL) < 0) return false;
  journal_head(j, now);
  journal_close(j);
  return strncmp(now, head, sizeof now - 1) == 0;
}

bool kept_status(const char *dir, Format format, Buf *out) {
  char hex[DIGEST_HEX];
  size_t text_len, json_len, begin = DIGEST_HEX; /* the digits, the end of the line */
  int head_len = 0;
  Buf file = BUF_INIT, all = BUF_INIT;
  buf_printf(&file, "%s/" KEPT, dir);
  bool ok = get_file(file.data, &all) && all.len > begin && digest(dir, all.data + begin, all.len - begin, hex) &&
            strncmp(all.data, hex, DIGEST_HEX - 1) == 0 && sscanf(all.data + begin, "%*64s %zu %zu%n", &text_len, &json_len, &head_len) == 2 &&
            all.len - begin - (size_t)head_len - 1 == text_len + json_len && is_head(dir, all.data + begin) &&
            !journal_owned(dir, NULL, 0);
  if (ok) {
    const char *text = all.data + begin + (size_t)head_len + 1;
    if (format == FORMAT_JSON) buf_add(out, text + text_len, json_len);
    else buf_add(out, text, text_len);
  }
  buf_done(&file);
  buf_done(&all);
  return ok;
}
