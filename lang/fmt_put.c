/* fmt_put: the print language of the formatter (fmt_state.h). It keeps the layouts of the nodes to one line each. */
#include <config.h>

#include "lang/fmt_state.h"
#include <assert.h>
#include <stdarg.h>

static void put_list(Fmt *f, const NodeList *list) {
  for (uint32_t i = 0; i < list->len; i++) {
    if (i) fmt_put(f, ",`");
    fmt_expr(f, list->items[i], LEVEL_ADD);
  }
}

static void put_name(Fmt *f, const Name *name) {
  buf_add(&f->line, intern_text(f->names, name->atom), intern_length(f->names, name->atom));
}

static void put_title(Fmt *f, const Node *text) {
  if (!text) return;
  fmt_break(f, BREAK_PHRASE);
  fmt_expr(f, text, LEVEL_WORD);
}

void fmt_put(Fmt *f, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  for (const char *c = format; *c; c++) {
    if (*c == '~' || *c == '^' || *c == '`') {
      fmt_break(f, *c == '~' ? BREAK_CLAUSE : *c == '^' ? BREAK_PHRASE : BREAK_VALUE);
      continue;
    }
    if (*c != '%') {
      buf_char(&f->line, *c);
      continue;
    }
    switch (*++c) {
    case 's': buf_str(&f->line, va_arg(ap, const char *)); break;
    case 'n': put_name(f, va_arg(ap, const Name *)); break;
    case 'e': fmt_expr(f, va_arg(ap, const Node *), LEVEL_FULL); break;
    case 'c': fmt_expr(f, va_arg(ap, const Node *), LEVEL_OR); break;
    case 'o': case 'v': fmt_expr(f, va_arg(ap, const Node *), LEVEL_ADD); break;
    case 'w': put_list(f, va_arg(ap, const NodeList *)); break;
    case 't': put_title(f, va_arg(ap, const Node *)); break;
    default: assert(0); /* a format of ours */
    }
  }
  va_end(ap);
}
