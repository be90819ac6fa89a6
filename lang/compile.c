/* compile: the order in which a runbook becomes a program, and the small helpers of all its parts. */
#include <config.h>

#include "lang/compile_core.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts and places ---- */

StrId compile_atom(Compiler *k, Atom a) {
  if (a == 0) return 0;
  if (a >= k->string_count) return build_string(k->b, intern_text(k->c->names, a), intern_length(k->c->names, a));
  StrId *s = &k->strings[a];
  if (*s == 0) *s = build_string(k->b, intern_text(k->c->names, a), intern_length(k->c->names, a));
  return *s;
}

const char *compile_literal_text(const Compilation *c, const Node *text, Arena *arena) {
  if (!text || text->kind != AST_TEXT) return "";
  Buf out = BUF_INIT;
  const NodeList *parts = &((const Text *)text)->parts;
  for (uint32_t i = 0; i < parts->len; i++) {
    if (parts->items[i]->kind != AST_TEXT_PART) continue;
    Atom bytes = ((const TextPart *)parts->items[i])->bytes.atom;
    buf_add(&out, intern_text(c->names, bytes), intern_length(c->names, bytes));
  }
  const char *s = arena_string(arena, out.data ? out.data : "", out.len);
  buf_done(&out);
  return s;
}

StrId compile_plain_text(Compiler *k, const Node *text) { return build_str(k->b, compile_literal_text(k->c, text, k->arena)); }

/* White space and comments between words become one blank; texts stay as they are. */
void compile_fold(Compiler *k, Span span, Buf *out) {
  const Source *s = source_of(k->c->map, span.lo);
  if (!s) return;
  const char *at = s->text + (span.lo - s->base), *end = s->text + (span.hi - s->base), *run = at;
  bool in_text = false;
  while (at < end) {
    bool blank = !in_text && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == '#');
    if (!blank) {
      if (*at == '"' && (at == run || at[-1] != '\\')) in_text = !in_text;
      at++;
      continue;
    }
    if (at > run) buf_add(out, run, (size_t)(at - run));
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == '#')) {
      const char *line = *at == '#' ? memchr(at, '\n', (size_t)(end - at)) : at;
      at = line ? line + 1 : end;
    }
    if (at < end && out->len) buf_char(out, ' ');
    run = at;
  }
  if (at > run) buf_add(out, run, (size_t)(at - run));
}

StrId compile_slice(Compiler *k, Span span) {
  buf_reset(&k->scratch);
  compile_fold(k, span, &k->scratch);
  return k->scratch.len ? build_string(k->b, k->scratch.data, k->scratch.len) : 0;
}

static uint32_t source_row(Compiler *k, const Source *s) {
  uint32_t lo = 0, hi = source_count(k->c->map);
  while (hi - lo > 1) {
    uint32_t mid = (lo + hi) / 2;
    if (source_at(k->c->map, mid)->base <= s->base) lo = mid;
    else hi = mid;
  }
  return lo;
}

/* Statements come one behind the other, so the line is mostly counted on from the last one. */
uint32_t compile_line(Compiler *k, SrcPos pos) {
  const Source *s = k->line_source;
  if (!s || pos < s->base || pos - s->base > s->len) {
    s = k->line_source = source_of(k->c->map, pos);
    if (!s) return 0;
    k->line_row = source_row(k, s);
    k->line_pos = s->base;
    k->line = 1;
  }
  const char *at = s->text + (k->line_pos - s->base), *end = s->text + (pos - s->base);
  for (; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++) k->line++;
  if (at) /* backwards, or nowhere */
    while ((at = memrchr(end, '\n', (size_t)(at - end)))) k->line--;
  k->line_pos = pos;
  return k->line;
}

void compile_mark(Compiler *k, const Node *n) {
  uint32_t line = compile_line(k, n->span.lo);
  if (line) build_line(k->b, k->line_row, line);
}

/* ---- values and rows ---- */

ValueType compile_value_type(TypeId t) {
  QuantityKind q;
  switch (type_class(t)) {
  case TYPE_TRUTH: return (ValueType){.klass = VALUE_BOOL};
  case TYPE_TEXT: return (ValueType){.klass = VALUE_TEXT};
  case TYPE_ENUM: return (ValueType){.klass = VALUE_ENUM, .ref = type_ref(t)};
  case TYPE_ENTITY: return (ValueType){.klass = VALUE_ENTITY, .ref = type_ref(t)};
  case TYPE_LIST: case TYPE_SET: return (ValueType){.klass = VALUE_LIST, .ref = type_ref(t)};
  case TYPE_QUANTITY: case TYPE_FRACTION:
    if (type_quantity(t, &q)) return (ValueType){.klass = VALUE_QUANTITY, .ref = q};
    break;
  case TYPE_NONE: case TYPE_POISON: case TYPE_INT: case TYPE_COUNT: case TYPE_RATE: case TYPE_UNKNOWN: break;
  }
  return (ValueType){.klass = VALUE_INT};
}

int64_t compile_constant(const Node *n) {
  int64_t value = 0;
  if (n) constant_value(n, &value);
  return value;
}

uint32_t compile_action(Compiler *k, const Symbol *action) {
  uint32_t *row = &k->actions[action->index];
  if (*row != NONE_INDEX) return *row;
  vec_push(&k->wanted, action);
  return *row = build_row(k->b, actions, NULL);
}

Frame *compile_frame_of(Compiler *k, const Body *body) {
  Frame *f = k->frame;
  while (f && f->body != body) f = f->outer;
  assert(f);
  return f;
}

void compile_limit(Compiler *k, Span span, const char *format, ...) {
  if (k->failed) return;
  va_list ap;
  va_start(ap, format);
  Buf why = BUF_INIT;
  buf_vprintf(&why, format, ap);
  va_end(ap);
  diag_new(k->c->sink, E_CODE_LIMIT, span, "%s", why.data);
  buf_done(&why);
  k->failed = true;
}

/* ---- the order ---- */

static void begin(Compiler *k) {
  uint32_t count = k->c->actions.len;
  k->actions = arena_new_array(k->arena, uint32_t, count);
  for (uint32_t i = 0; i < count; i++) k->actions[i] = NONE_INDEX;
  k->string_count = intern_count(k->c->names) + 1;
  k->strings = xcalloc(k->string_count, sizeof *k->strings);
  k->gate = k->step = k->retry = NONE_INDEX;
  k->alive = true;
  k->frame = compile_new_frame(k, k->body);
}

static uint32_t main_strand(Compiler *k) {
  uint32_t entry = build_here(k->b);
  compile_head(k);
  compile_block(k, k->runbook->body);
  if (k->alive) build_op(k->b, OPCODE_HALT, 0);
  compile_emergencies(k);
  return entry;
}

const Program *compile_runbook(Compilation *c, RunbookDecl *r, Arena *arena) {
  Compiler k = {.c = c, .arena = arena_new(), .runbook = r, .body = r->name.symbol->body};
  k.b = build_new(arena);
  begin(&k);
  compile_tables(&k);
  compile_adversaries(&k);
  k.frame = compile_new_frame(&k, k.body);
  k.frame->outer = NULL;
  uint32_t entry = main_strand(&k);
  compile_policies(&k);
  compile_contracts(&k);
  const Program *p = k.failed ? NULL : build_finish(k.b, entry, c->sink);
  const Source *file = source_of(c->map, r->node.span.lo);
  if (p && !verify_code(p, file ? file->name : "", c->sink)) p = NULL;
  build_free(k.b);
  vec_done(&k.wanted);
  free(k.strings);
  buf_done(&k.scratch);
  arena_free(k.arena);
  return p;
}
