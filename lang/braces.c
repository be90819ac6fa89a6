/* braces: see braces.h. A block ends where a line stands no deeper than the statement that opened it, so the lines
 * alone say where every `}` belongs. People indent as they like, so this is believed only when it explains the file:
 * exactly as many braces are missing (or too many) as do not add up, and nothing speaks against it. */
#include <config.h>

#include "lang/braces.h"

#include "lang/arena.h"
#include "lang/buf.h"
#include <stdlib.h>
#include <string.h>

typedef struct Block {
  SrcPos at;       /* of its `{` */
  uint32_t indent; /* of the statement that opens it */
  uint32_t inner;  /* of the first line in it; UINT32_MAX before that: deeper lines go on with a statement */
} Block;

typedef struct Braces {
  const Source *source;
  const char *at, *end;
  VEC(Block) open;
  BraceRepairs *found;
  int64_t net;         /* `{` less `}` */
  uint32_t parentheses;
  bool missing, extra; /* what the lines speak for */
} Braces;

#define DEEPEST_TEXT 8 /* texts in the ${} of texts */

/* Behind a text that begins here; it ends with its line at the latest. */
static const char *behind_text(const char *at, const char *end, int depth) {
  uint32_t open = 0; /* braces inside ${ */
  for (at++; at < end && *at != '\n'; at++) {
    if (open && *at == '"' && depth < DEEPEST_TEXT) {
      at = behind_text(at, end, depth + 1) - 1;
    } else if (open) {
      if (*at == '}') open--;
    } else if (*at == '\\' && at + 1 < end && at[1] != '\n') {
      at++;
    } else if (*at == '$' && at + 1 < end && at[1] == '{') {
      open++;
      at++;
    } else if (*at == '"') {
      return at + 1;
    }
  }
  return at;
}

static SrcPos pos(const Braces *b, const char *at) { return b->source->base + (SrcPos)(at - b->source->text); }

static void add(Braces *b, BraceRepair r) { vec_push(b->found, r); }

/* The blocks that the line at hand shows to be over lack their `}`. */
static void close_to(Braces *b, uint32_t depth) {
  while (b->open.len > depth) {
    const Block *o = &b->open.items[--b->open.len];
    add(b, (BraceRepair){pos(b, b->at), {o->at, o->at + 1}, o->indent});
    b->missing = true;
  }
}

/* How many blocks are open around a line that begins with a word of this indentation. */
static uint32_t depth_at(const Braces *b, uint32_t indent) {
  uint32_t depth = b->open.len;
  while (depth && b->open.items[depth - 1].indent >= indent) depth--;
  return depth;
}

static void leading_closer(Braces *b, uint32_t indent) {
  uint32_t depth = b->open.len;
  while (depth && b->open.items[depth - 1].indent > indent) depth--;
  bool own = depth && b->open.items[depth - 1].indent == indent;
  if (own) {
    close_to(b, depth);
    b->open.len--;
  } else if (depth == b->open.len) {
    add(b, (BraceRepair){.at = pos(b, b->at)});
    b->extra = true;
  } else {
    b->open.len--; /* between two blocks: as it stands */
  }
  b->net--;
  b->at++;
}

static void open_block(Braces *b, uint32_t indent) {
  const Block *around = b->open.len ? &b->open.items[b->open.len - 1] : NULL;
  uint32_t inner = around ? around->inner : 0;
  Block block = {pos(b, b->at), inner < indent ? inner : indent, UINT32_MAX};
  vec_push(&b->open, block);
  b->net++;
}

static void rest_of_line(Braces *b, uint32_t indent) {
  while (b->at < b->end && *b->at != '\n') {
    char c = *b->at;
    bool foreign = c == '/' && b->at + 1 < b->end && b->at[1] == '/';
    if (c == '#' || foreign) {
      while (b->at < b->end && *b->at != '\n') b->at++;
      return;
    }
    if (c == '"') {
      b->at = behind_text(b->at, b->end, 0);
      continue;
    }
    if (c == '(') b->parentheses++;
    if (c == ')' && b->parentheses) b->parentheses--;
    if (c == '{' || c == '}') b->parentheses = 0;
    if (c == '{') open_block(b, indent);
    if (c == '}') {
      b->net--;
      if (b->open.len) b->open.len--;
    }
    b->at++;
  }
}

static void line(Braces *b) {
  const char *begin = b->at;
  while (b->at < b->end && (*b->at == ' ' || *b->at == '\t' || *b->at == '\r')) b->at++;
  if (b->at == b->end || *b->at == '\n' || *b->at == '#') {
    rest_of_line(b, 0);
    return;
  }
  uint32_t indent = (uint32_t)(b->at - begin);
  if (*b->at == '}') leading_closer(b, indent);
  else if (!b->parentheses) close_to(b, depth_at(b, indent));
  if (b->open.len && b->open.items[b->open.len - 1].inner == UINT32_MAX)
    b->open.items[b->open.len - 1].inner = indent;
  rest_of_line(b, indent);
}

bool braces_repair(const Source *s, BraceRepairs *ret) {
  Braces b = {.source = s, .at = s->text, .end = s->text + s->len, .found = ret};
  while (b.at < b.end) {
    line(&b);
    if (b.at < b.end) b.at++;
  }
  close_to(&b, 0);
  vec_done(&b.open);
  int64_t explained = b.missing ? ret->len : -(int64_t)ret->len;
  bool believed = ret->len && !(b.missing && b.extra) && explained == b.net;
  if (!believed) ret->len = 0;
  return believed;
}
