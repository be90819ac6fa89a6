/* exec_output: a head, a sliding tail, and the text made of them. */
#include <config.h>

#include "runtime/drivers/exec_output.h"

#include "lang/limits.h"
#include "lang/utf8.h"

#include <string.h>

#define HALF (LIMIT_OUTPUT_BYTES / 2)

void exec_output_add(ExecOutput *o, const char *bytes, size_t len) {
  size_t room = HALF - o->head.len, first = len < room ? len : room;
  buf_add(&o->head, bytes, first);
  bytes += first, len -= first;
  if (len == 0) return;
  buf_add(&o->tail, bytes, len);
  if (o->tail.len <= 2 * HALF) return; /* slide rarely: amortised one copy per byte */
  size_t surplus = o->tail.len - HALF;
  memmove(o->tail.data, o->tail.data + surplus, HALF);
  o->tail.len = HALF;
  o->dropped += surplus;
}

static void add_valid(Buf *out, const char *bytes, size_t len) {
  for (size_t at = 0; at < len;) {
    size_t good = utf8_first_invalid(bytes + at, len - at);
    buf_add(out, bytes + at, good);
    at += good;
    if (at < len) buf_char(out, '?'), at++;
  }
}

void exec_output_text(const ExecOutput *o, Buf *out) {
  size_t from = out->len, surplus = o->tail.len > HALF ? o->tail.len - HALF : 0;
  buf_str(out, "");
  if (o->head.len) add_valid(out, o->head.data, o->head.len);
  if (o->dropped + surplus) buf_printf(out, "\n[... %zu bytes left out ...]\n", o->dropped + surplus);
  if (o->tail.len) add_valid(out, o->tail.data + surplus, o->tail.len - surplus);
  for (size_t i = from; i < out->len; i++)
    if (out->data[i] == '\0') out->data[i] = '?';
}

void exec_output_done(ExecOutput *o) {
  buf_done(&o->head);
  buf_done(&o->tail);
}
