/* source_load: see source_load.h. The size is asked for before reading, and a stream that has no size is read up to
 * the limit and one byte, so a file that is too large costs no time. */
#include <config.h>

#include "lang/source_load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/limits.h"
#include "lang/utf8.h"

#define BIDI_REPORTED 10u /* per file; the rest is the same mistake */

typedef struct Loader {
  SourceMap *map;
  Arena *arena;
  DiagSink *sink;
  const char *name; /* as diagnostics call the file */
  Span asked;
} Loader;

/* ---- refusals ---- */

/* About the file as a whole, at the place that asked for it or at its name: "`NAME` " and what is wrong. */
static Diag *refuse(const Loader *l, DiagCode code, const char *what, const char *detail) {
  if (l->asked.hi) return diag_new(l->sink, code, l->asked, "`%s` %s%s", l->name, what, detail);
  return diag_at(l->sink, code, l->name, 0, 0, "`%s` %s%s", l->name, what, detail);
}

static void refuse_unreadable(const Loader *l, int error) {
  if (error == EISDIR) {
    Diag *d = refuse(l, E_FILE_UNREADABLE, "is a directory", "");
    diag_note(l->sink, d, "name the file: a runbook ends in `.runbook`");
    return;
  }
  refuse(l, E_FILE_UNREADABLE, "cannot be read: ", strerror(error));
}

static void refuse_size(const Loader *l) {
  Diag *d = refuse(l, E_FILE_TOO_LARGE, "is too large", "");
  diag_note(l->sink, d, "a source file has at most %u MiB", LIMIT_SOURCE_BYTES >> 20);
}

static void refuse_count(const Loader *l) {
  Diag *d = refuse(l, E_TOO_MANY_FILES, "is one file too many", "");
  diag_note(l->sink, d, "one compilation reads at most %u files and 4 GiB of text", LIMIT_SOURCES);
}

/* ---- reading ---- */

/* 0 and the bytes, -EFBIG, or a negative errno. */
static int read_all(int fd, Buf *out) {
  struct stat st;
  if (fstat(fd, &st) < 0) return -errno;
  if (S_ISDIR(st.st_mode)) return -EISDIR;
  if (S_ISREG(st.st_mode) && st.st_size > (off_t)LIMIT_SOURCE_BYTES) return -EFBIG;
  if (S_ISREG(st.st_mode)) buf_reserve(out, (size_t)st.st_size + 1);
  for (;;) {
    buf_reserve(out, 4096);
    size_t room = out->cap - out->len - 1;
    ssize_t n = read(fd, out->data + out->len, room);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    if (n == 0) break;
    out->len += (size_t)n;
    if (out->len > LIMIT_SOURCE_BYTES) return -EFBIG;
  }
  out->data[out->len] = '\0';
  return 0;
}

static int read_path(const char *path, Buf *out) {
  if (strcmp(path, "-") == 0) return read_all(STDIN_FILENO, out);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int error = read_all(fd, out);
  close(fd);
  return error;
}

/* ---- checks ---- */

static bool check_utf8(const Loader *l, const Source *s) {
  size_t bad = utf8_first_invalid(s->text, s->len);
  if (bad == s->len) return true;
  SrcPos at = s->base + (SrcPos)bad;
  Diag *d = diag_new(l->sink, E_INVALID_UTF8, (Span){at, at + 1}, "`%s` is not valid UTF-8", l->name);
  diag_primary_label(l->sink, d, "the byte 0x%02X, at offset %zu", (unsigned char)s->text[bad], bad);
  diag_note(l->sink, d, "a source text is UTF-8; `iconv -t utf-8` converts one that was written in another encoding");
  return false;
}

static bool check_nul(const Loader *l, const Source *s) {
  const char *nul = memchr(s->text, '\0', s->len);
  if (!nul) return true;
  SrcPos at = s->base + (SrcPos)(nul - s->text);
  Diag *d = diag_new(l->sink, E_NUL_BYTE, (Span){at, at + 1}, "`%s` holds a NUL byte", l->name);
  diag_primary_label(l->sink, d, "at offset %zu", (size_t)(nul - s->text));
  diag_note(l->sink, d, "a source text has none: this may be a binary file, or text in UTF-16");
  return false;
}

static void report_bidi(const Loader *l, const Source *s, uint32_t offset, uint32_t bytes, int code_point) {
  Span at = {s->base + offset, s->base + offset + bytes};
  Diag *d = diag_new(l->sink, E_BIDI_CONTROL, at, "the invisible control character U+%04X", (unsigned)code_point);
  diag_primary_label(l->sink, d, "it can show the text in another order than it is read in");
  diag_fix(l->sink, d, at, false, "", "remove it");
}

/* Every bidirectional control begins with one of these bytes in UTF-8. */
static bool may_begin_bidi(char c) { return (unsigned char)c == 0xE2 || (unsigned char)c == 0xD8; }

static void check_bidi(const Loader *l, const Source *s) {
  uint32_t reported = 0;
  for (uint32_t i = 0; i < s->len && reported < BIDI_REPORTED; i++) {
    if (!may_begin_bidi(s->text[i])) continue;
    size_t bytes;
    int code_point = utf8_decode(s->text + i, s->len - i, &bytes);
    if (!utf8_is_bidi_control(code_point)) continue;
    report_bidi(l, s, i, (uint32_t)bytes, code_point);
    reported++;
  }
}

/* ---- both ways in ---- */

static Source *add_checked(const Loader *l, const char *bytes, size_t len) {
  if (len > LIMIT_SOURCE_BYTES) {
    refuse_size(l);
    return NULL;
  }
  size_t bom = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  len -= bom;
  char *text = arena_alloc(l->arena, len + 2);
  if (len) memcpy(text, bytes + bom, len);
  Source *s = source_count(l->map) < LIMIT_SOURCES ? source_add(l->map, l->name, text, len) : NULL;
  if (!s) {
    refuse_count(l);
    return NULL;
  }
  if (!check_utf8(l, s) || !check_nul(l, s)) return NULL;
  check_bidi(l, s);
  return s;
}

Source *source_load_bytes(SourceMap *map, Arena *arena, DiagSink *sink, const char *name, const char *bytes,
                          size_t len) {
  Loader l = {.map = map, .arena = arena, .sink = sink, .name = name};
  return add_checked(&l, bytes, len);
}

Source *source_load(SourceMap *map, Arena *arena, DiagSink *sink, const char *path, Span asked) {
  const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
  Loader l = {.map = map, .arena = arena, .sink = sink, .name = name, .asked = asked};
  Buf bytes = BUF_INIT;
  int error = read_path(path, &bytes);
  Source *s = NULL;
  if (error == -EFBIG) refuse_size(&l);
  else if (error) refuse_unreadable(&l, -error);
  else s = add_checked(&l, bytes.data ? bytes.data : "", bytes.len);
  buf_done(&bytes);
  return s;
}
