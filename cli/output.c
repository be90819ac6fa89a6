/* output: terminals, files, diagnostics. */
#include <config.h>

#include "cli/output.h"

#include "lang/quantity.h"
#include "runtime/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

bool format_parse(const char *text, bool sarif, Format *ret) {
  *ret = FORMAT_TEXT;
  if (!text || strcmp(text, "text") == 0) return true;
  if (strcmp(text, "json") == 0) return *ret = FORMAT_JSON, true;
  if (sarif && strcmp(text, "sarif") == 0) return *ret = FORMAT_SARIF, true;
  fprintf(stderr, "tagout: --format is %s, not `%s`\n", sarif ? "text, json or sarif" : "text or json", text);
  return false;
}

bool number_parse(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *ret) {
  char *end;
  errno = 0;
  uint64_t n = strtoull(text, &end, 10); /* takes blanks and a sign in front, which are no digits */
  bool whole = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
  if (whole && n >= least && n <= most) return *ret = n, true;
  fprintf(stderr, "tagout: --%s is a whole number from %llu to %llu, not `%s`\n", option, (unsigned long long)least,
          (unsigned long long)most, text);
  return false;
}

static bool set(const char *variable) {
  const char *v = getenv(variable);
  return v && *v && strcmp(v, "0") != 0;
}

bool wants_color(int fd) {
  const char *term = getenv("TERM");
  if (set("CLICOLOR_FORCE")) return true;
  return isatty(fd) && !(getenv("NO_COLOR") && *getenv("NO_COLOR")) && !(term && strcmp(term, "dumb") == 0);
}

unsigned terminal_width(int fd) {
  const char *columns = getenv("COLUMNS");
  struct winsize size;
  long n = columns ? strtol(columns, NULL, 10) : 0;
  if (n >= 20 && n <= 1000) return (unsigned)n;
  if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return 80;
}

void print_diagnostics(DiagSink *sink, const SourceMap *map, Format format) {
  Buf out = BUF_INIT;
  FILE *to = stdout;
  switch (format) {
  case FORMAT_TEXT:
    to = stderr;
    if (diag_count(sink)) diag_render_text(sink, map, (DiagStyle){wants_color(2), isatty(2) ? terminal_width(2) : 0}, &out);
    break;
  case FORMAT_JSON: diag_render_json(sink, map, &out); break;
  case FORMAT_SARIF: diag_render_sarif(sink, map, &out); break;
  }
  if (out.len) fwrite(out.data, 1, out.len, to);
  buf_done(&out);
}

void print_journal_error(const JournalError *e) { fprintf(stderr, "tagout: %s\n", e->text); }

static bool complain(const char *path) {
  fprintf(stderr, "tagout: %s: %s\n", path, strerror(errno));
  return false;
}

/* To the end, or until there are more than `most`: false with errno. */
static bool read_all(int fd, size_t most, Buf *out) {
  char bytes[65536];
  ssize_t n;
  while ((n = read(fd, bytes, sizeof bytes)) > 0) {
    buf_add(out, bytes, (size_t)n);
    if (out->len > most) return errno = EFBIG, false;
  }
  return n == 0;
}

bool read_file(const char *path, Buf *out) {
  int fd = strcmp(path, "-") == 0 ? 0 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return complain(path);
  bool ok = read_all(fd, SIZE_MAX, out);
  if (!ok) complain(path);
  if (fd > 0) close(fd);
  if (ok && !out->data) buf_str(out, "");
  return ok;
}

bool get_file(const char *path, Buf *out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && read_all(fd, SMALL_FILE, out);
  if (fd >= 0) close(fd);
  return ok;
}

bool write_all(int fd, const char *bytes, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, bytes, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n, len -= (size_t)n;
  }
  return true;
}

bool put_file(const char *path, const char *bytes, size_t len) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  bool ok = fd >= 0 && write_all(fd, bytes, len);
  return (fd < 0 || close(fd) == 0) && ok;
}

bool write_file(const char *path, const char *bytes, size_t len) {
  struct stat there;
  if (strcmp(path, "-") == 0) return fwrite(bytes, 1, len, stdout) == len;
  if (stat(path, &there) == 0 && S_ISDIR(there.st_mode)) {
    fprintf(stderr, "tagout: %s is a folder: name a file in it\n", path);
    return false;
  }
  Buf temporary = BUF_INIT;
  buf_printf(&temporary, "%s.new", path);
  int fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool ok = fd >= 0 && write_all(fd, bytes, len) && fsync(fd) == 0;
  if (fd >= 0 && close(fd) < 0) ok = false;
  if (ok && rename(temporary.data, path) < 0) ok = false;
  if (!ok) {
    complain(path);
    unlink(temporary.data);
  }
  buf_done(&temporary);
  return ok;
}

const char *absolute(Arena *arena, const char *path) {
  char *real = path && *path ? realpath(path, NULL) : NULL;
  const char *copy = real ? arena_string(arena, real, strlen(real)) : "";
  free(real);
  return copy;
}

const char *show_duration(int64_t ms, Buf *out) {
  buf_reset(out);
  int64_t unit = ms >= 600000 ? 60000 : 1000; /* minutes are enough from ten minutes on */
  quantity_show(QUANTITY_DURATION, (ms + unit / 2) / unit * unit, out);
  return out->data;
}
