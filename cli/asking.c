/* asking: a question and its answer, each a small file. */
#include <config.h>

#include "cli/asking.h"

#include "cli/status.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ASKING_MS 500 /* a turn with everything at work takes less; then the journal is quicker */
#define ANSWER ".told"
#define UNFINISHED ".part"
#define OWNER_SIZE 160

static const char *path(Buf *out, const char *dir, const char *name, const char *end) {
  buf_reset(out);
  buf_printf(out, "%s/" ASKING_FOLDER "%s%s%s", dir, *name ? "/" : "", name, end);
  return out->data;
}

/* ---- whoever asks ---- */

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the answer is there, its process is gone, or the time is over. */
static bool await(int watch, const char *answer) {
  char events[4096];
  for (int64_t end = now_ms() + ASKING_MS, left; access(answer, F_OK) != 0;) {
    struct pollfd any = {.fd = watch, .events = POLLIN};
    if ((left = end - now_ms()) <= 0) return false;
    if (poll(&any, 1, (int)left) > 0 && read(watch, events, sizeof events) < 0) return false;
  }
  return true;
}

static bool ask(int watch, const char *dir, Format format, Buf *out) {
  char name[80];
  Buf question = BUF_INIT, answer = BUF_INIT;
  snprintf(name, sizeof name, "%s-%ld-%llx", format == FORMAT_JSON ? "json" : "text", (long)getpid(), (unsigned long long)now_ms());
  path(&question, dir, name, "");
  path(&answer, dir, name, ANSWER);
  bool told = put_file(question.data, dir, strlen(dir)) && await(watch, answer.data) && get_file(answer.data, out) && out->len > 0;
  unlink(question.data);
  unlink(answer.data);
  buf_done(&question);
  buf_done(&answer);
  return told;
}

bool asking_status(const char *dir, Format format, Buf *out) {
  Buf folder = BUF_INIT;
  bool told = false;
  int watch = journal_owned(dir, NULL, 0) ? inotify_init1(IN_CLOEXEC) : -1;
  if (watch >= 0 && inotify_add_watch(watch, path(&folder, dir, "", ""), IN_MOVED_TO) >= 0) told = ask(watch, dir, format, out);
  if (watch >= 0) close(watch);
  if (!told) buf_reset(out);
  buf_done(&folder);
  return told;
}

/* ---- whoever has the run ---- */

static bool ends_in(const char *name, const char *end) {
  size_t len = strlen(name), of_end = strlen(end);
  return len >= of_end && strcmp(name + len - of_end, end) == 0;
}

static void tell(RunState *r, const char *name, const char *asked_dir, Buf *file) {
  char owner[OWNER_SIZE];
  Buf text = BUF_INIT, answer = BUF_INIT;
  RunState seen = *r;
  seen.dir = asked_dir;
  const char *who = journal_owned(r->dir, owner, sizeof owner) ? owner : NULL;
  if (strncmp(name, "json", 4) == 0) status_json(&seen, who, &text);
  else status_text(&seen, who, &text);
  path(file, r->dir, name, UNFINISHED);
  path(&answer, r->dir, name, ANSWER);
  if (put_file(file->data, text.data, text.len)) rename(file->data, answer.data);
  buf_done(&text);
  buf_done(&answer);
}

/* Each name in the folder: r: a question is answered; NULL: everything goes. */
static void each(const char *dir, RunState *r) {
  Buf file = BUF_INIT, asked = BUF_INIT;
  DIR *folder = opendir(path(&file, dir, "", ""));
  for (const struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
    const char *name = entry->d_name;
    bool question = !ends_in(name, ANSWER) && !ends_in(name, UNFINISHED);
    if (name[0] == '.' || (r && !question)) continue;
    buf_reset(&asked);
    if (r && get_file(path(&file, dir, name, ""), &asked) && asked.len > 0) tell(r, name, asked.data, &file);
    unlink(path(&file, dir, name, ""));
  }
  if (folder) closedir(folder);
  buf_done(&file);
  buf_done(&asked);
}

void asking_open(const char *dir) {
  Buf folder = BUF_INIT;
  if (mkdir(path(&folder, dir, "", ""), 0755) < 0 && errno == EEXIST) each(dir, NULL);
  buf_done(&folder);
}

void asking_answer(RunState *r) { each(r->dir, r); }

void asking_close(const char *dir) {
  Buf folder = BUF_INIT;
  each(dir, NULL);
  rmdir(path(&folder, dir, "", ""));
  buf_done(&folder);
}
