/* check_case: see check_case.h. */
#include <config.h>

#include "tests/unit/check_case.h"

#include <string.h>

const char check_prelude[] =
    "kind Site { key name : text\n  zone : text }\n"
    "kind Row in Site { key name : text }\n"
    "kind Cooler in Site { key name : text\n  kw : power }\n"
    "kind Rack in Row { key name : text\n  slot : int\n  kw : power\n  cooling : Cooler }\n"
    "kind Leaf in Row plural leaves { key name : text }\n"
    "kind Node in Rack { key name : text\n  slot : int\n  leaves : list of Leaf\n  sku : Sku\n  twin : Node }\n"
    "type Sku : H100, GB200\n"
    "fact power of Node : on, off\n"
    "fact feed of Row : closed, open\n"
    "fact build of Node : text\n"
    "fact mark of Node : bare, set\n"
    "metric load of Node : fraction\n"
    "setting polling of Rack : normal, short\n"
    "role facility\nchannel ops\n"
    "automation nsd \"x\" {\n  on n: Node\n  when power of n may be off: power of n may become on \"x\"\n"
    "  lock takes 1s, quiet within 1min\n  backlog discard\n}\n"
    "action touch(n: Node) \"x\" {\n  makes mark of n is set\n  takes 1min, at most 5min\n}\n"
    "action cut(n: Node) \"x\" {\n  needs lockout of nsd on n\n  makes power of n is off\n  takes 1min, at most 5min\n}\n";

static Source *load(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from, const char *module) {
  (void)sink, (void)from;
  for (const CheckModule *m = ctx; m && m->name; m++) {
    if (strcmp(m->name, module) != 0) continue;
    size_t len = strlen(m->text);
    char *text = arena_alloc(arena, len + 2);
    memcpy(text, m->text, len);
    return source_add(map, m->name, text, len);
  }
  return NULL;
}

static void offer(void *ctx, const Source *from, void (*take)(void *take_ctx, const char *module), void *take_ctx) {
  (void)from;
  for (const CheckModule *m = ctx; m && m->name; m++) take(take_ctx, m->name);
}

Compilation *checked_text(const char *text, const CheckModule *modules) {
  ModuleLoader loader = {.ctx = (void *)(uintptr_t)modules, .load = load, .offer = offer};
  Compilation *c = compilation_new(&loader);
  size_t len = strlen(text);
  char *copy = arena_alloc(c->arena, len + 2);
  memcpy(copy, text, len);
  compilation_add(c, source_add(c->map, "case.runbook", copy, len));
  compilation_check(c);
  return c;
}

Compilation *checked_runbook(const char *text) {
  Buf b = BUF_INIT;
  buf_str(&b, check_prelude);
  buf_str(&b, text);
  Compilation *c = checked_text(b.data, NULL);
  buf_done(&b);
  return c;
}

uint32_t count_code(const Compilation *c, DiagCode code) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < diag_count(c->sink); i++) count += diag_get(c->sink, i)->code == code;
  return count;
}

uint32_t count_all(const Compilation *c) { return diag_errors(c->sink) + diag_warnings(c->sink); }
