/* answer: the mark is the last word in brackets, if it is one of ours. */
#include <config.h>

#include "cli/answer.h"

#include "lang/utf8.h"

#include <string.h>

size_t answer_mark(const char *text, const char **ret_mark) {
  const char *mark = NULL;
  for (const char *at = text; (at = strstr(at, " [")) != NULL; at++) mark = at;
  bool known = mark && (strncmp(mark, ANSWER_SIGNED, sizeof ANSWER_SIGNED - 1) == 0 || strcmp(mark, ANSWER_CLAIMED) == 0);
  *ret_mark = known ? mark : "";
  return known ? (size_t)(mark - text) : strlen(text);
}

size_t answer_said(const char *text, bool *ret_signed) {
  const char *mark;
  size_t len = answer_mark(text, &mark);
  *ret_signed = strncmp(mark, ANSWER_SIGNED, sizeof ANSWER_SIGNED - 1) == 0;
  return len;
}

void answer_show(const char *text, Buf *out) {
  const char *mark;
  size_t len = answer_mark(text, &mark);
  utf8_show(text, len, 0, out);
  if (*mark) buf_str(out, strcmp(mark, ANSWER_CLAIMED) == 0 ? ", not signed" : ", signed");
}
