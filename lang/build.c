/* build: see build.h. Lists, expressions, and the merging of clauses; blocks are in build_block.c. */
#include <config.h>

#include "lang/build.h"
#include <assert.h>
#include <string.h>

/* ---- room ---- */

#define PIECE ((size_t)64 << 10)

void *node_alloc_piece(Parse *p, size_t size) {
  if (size > PIECE / 8) return arena_alloc(p->arena, size);
  p->room = arena_alloc(p->arena, PIECE);
  p->room_left = PIECE;
  return node_alloc(p, size);
}

/* ---- lists ---- */

List list_none(Parse *p) { return (List){p->nodes.len, 0}; }

List list_add(Parse *p, List list, Node *item) {
  if (!item) return list;
  assert(list.start + list.len <= p->nodes.len);
  p->nodes.len = list.start + list.len; /* cuts off what error recovery left */
  vec_push(&p->nodes, item);
  list.len++;
  return list;
}

List list_join(Parse *p, List list, List more) {
  for (uint32_t i = 0; i < more.len; i++) list = list_add(p, list, p->nodes.items[more.start + i]);
  return list;
}

NodeList list_end(Parse *p, List list) {
  if (!list.len) return (NodeList){NULL, 0};
  Node **items = node_alloc(p, list.len * sizeof(Node *));
  memcpy(items, p->nodes.items + list.start, list.len * sizeof(Node *));
  return (NodeList){items, list.len};
}

/* The branches of a statement. They do not nest, but `else` chains: in `A else B else C`, where B is a call, C is for
 * B. */
NodeList list_handlers(Parse *p, List list) {
  NodeList all = list_end(p, list), own = {all.items, 0};
  Call *last = NULL; /* the call that an `else` would belong to */
  for (uint32_t i = 0; i < all.len; i++) {
    Handler *h = (Handler *)all.items[i];
    if (last && h->on == ON_ELSE) {
      last->handlers = (NodeList){arena_copy(p->arena, &all.items[i], sizeof(Node *)), 1};
      last->node.span = span_join(last->node.span, h->node.span);
    } else {
      own.items[own.len++] = all.items[i];
    }
    last = h->stmt && h->stmt->kind == AST_CALL ? (Call *)h->stmt : NULL;
  }
  return own;
}

/* The nodes of one kind out of a list of clauses. */
static NodeList list_of_kind(Parse *p, List list, AstKind kind) {
  NodeList found = {arena_new_array(p->arena, Node *, list.len), 0};
  for (uint32_t i = 0; i < list.len; i++) {
    Node *n = p->nodes.items[list.start + i];
    if (n->kind == kind) found.items[found.len++] = n;
  }
  return found;
}

/* For the rare list that grows after it was ended. */
static void append(Parse *p, NodeList *list, Node *item) {
  Node **items = arena_new_array(p->arena, Node *, list->len + 1);
  if (list->len) memcpy(items, list->items, list->len * sizeof *items);
  items[list->len++] = item;
  list->items = items;
}

/* ---- small nodes ---- */

Node *build_word(Parse *p, Atom atom, Span span) { return NEW(Word, WORD, span, .name = NAME(atom, span)); }

Node *build_name_ref(Parse *p, Atom atom, Span span) {
  return NEW(NameRef, NAME_REF, span, .name = NAME(atom, span));
}

Node *build_part(Parse *p, Atom bytes, Span span) {
  if (!intern_length(p->names, bytes)) return NULL;
  return NEW(TextPart, TEXT_PART, span, .bytes = NAME(bytes, span));
}

Node *build_text(Parse *p, Atom bytes, Span span) {
  return NEW(Text, TEXT, span, .parts = list_end(p, list_one(p, build_part(p, bytes, span))));
}

Node *build_text_end(Parse *p, Span span, List parts, Atom tail, Span tail_span) {
  return NEW(Text, TEXT, span, .parts = list_end(p, list_add(p, parts, build_part(p, tail, tail_span))));
}

Node *build_binder(Parse *p, Span span, Name name, Node *source, Node *where) {
  return NEW(Binder, BINDER, span, .name = name, .source = source, .where = where);
}

Node *build_binary(Parse *p, Span span, BinaryOp op, Node *left, Node *right) {
  return NEW(Binary, BINARY, span, .op = op, .left = left, .right = right);
}

Node *build_is(Parse *p, Span span, Node *subject, IsMode mode, List values) {
  return NEW(Is, IS, span, .subject = subject, .mode = mode, .values = list_end(p, values));
}

Node *build_count(Parse *p, Span span, Node *binder) {
  Node *condition = ((Binder *)binder)->where;
  ((Binder *)binder)->where = NULL;
  return NEW(Quantified, QUANTIFIED, span, .quantifier = QUANT_COUNT, .binder = binder, .condition = condition);
}

Node *build_locked_every(Parse *p, Span span, NodeList automations, Node *binder) {
  Name var = ((Binder *)binder)->name;
  Node *target = build_name_ref(p, var.atom, var.span);
  Node *locked = NEW(Locked, LOCKED, span, .automations = automations, .target = target);
  return NEW(Quantified, QUANTIFIED, span, .quantifier = QUANT_EVERY, .binder = binder, .condition = locked);
}

Node *build_period(Parse *p, Node *operand) {
  static const struct { const char *word, *literal; } periods[] = {
      {"second", "1s"}, {"minute", "1min"}, {"hour", "1h"}, {"day", "1d"}, {"week", "1w"}};
  if (operand->kind != AST_NAME_REF) return operand;
  const char *word = intern_text(p->names, ((NameRef *)operand)->name.atom);
  for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
    if (strcmp(word, periods[i].word) != 0) continue;
    Literal *l = (Literal *)ast_new(p->arena, AST_LITERAL, operand->span);
    QuantityFault fault;
    bool good = quantity_parse(periods[i].literal, strlen(periods[i].literal), &l->value, &fault);
    assert(good);
    (void)good;
    return &l->node;
  }
  return operand;
}

/* ---- effects and values ---- */

Node *build_effect(Parse *p, Span span, Node *target, EffectMode mode, Node *value) {
  return NEW(Effect, EFFECT, span, .target = target, .mode = mode, .values = list_end(p, list_one(p, value)));
}

List build_effect_add(Parse *p, List effects, Node *item) {
  if (item->kind == AST_EFFECT) return list_add(p, effects, item);
  assert(effects.len);
  Effect *last = ast_cast(Effect, EFFECT, p->nodes.items[effects.start + effects.len - 1]);
  append(p, &last->values, item);
  last->node.span.hi = item->span.hi;
  return effects;
}

/* The comparison that ends a condition, or NULL. One inside a further operator could stand in parentheses. */
static Is *last_comparison(Node *n) {
  if (n->kind == AST_BINARY) n = ((Binary *)n)->right;
  return n->kind == AST_IS ? (Is *)n : NULL;
}

Node *build_more_values(Parse *p, Node *condition, List values) {
  Is *last = last_comparison(condition);
  Node *first = p->nodes.items[values.start];
  if (!last) {
    Diag *d = diag_new(p->sink, E_SYNTAX, first->span, "a further value, but nothing is compared before it");
    diag_note(p->sink, d,
              "several values follow a comparison: `power of n may be off, unknown`, or stand in parentheses");
    return condition;
  }
  for (uint32_t i = 0; i < values.len; i++) append(p, &last->values, p->nodes.items[values.start + i]);
  condition->span.hi = last->node.span.hi = p->nodes.items[values.start + values.len - 1]->span.hi;
  return condition;
}

/* ---- clauses in any order ---- */

/* Copies a field that the carrier has. False: the target had it already. */
static bool take_field(Node *target, const Node *carrier, const AstField *f) {
  char *to = (char *)target + f->offset;
  const char *from = (const char *)carrier + f->offset;
  switch ((FieldKind)f->kind) {
  case FIELD_NAME:
    if (!((const Name *)from)->atom) return true;
    if (((Name *)to)->atom) return false;
    *(Name *)to = *(const Name *)from;
    return true;
  case FIELD_NODE:
    if (!*(Node *const *)from) return true;
    if (*(Node **)to) return false;
    *(Node **)to = *(Node *const *)from;
    return true;
  case FIELD_LIST:
    if (!((const NodeList *)from)->len) return true;
    if (((NodeList *)to)->len) return false;
    *(NodeList *)to = *(const NodeList *)from;
    return true;
  case FIELD_WORD:
    if (!*(const uint32_t *)from) return true;
    if (*(uint32_t *)to) return false;
    *(uint32_t *)to = *(const uint32_t *)from;
    return true;
  case FIELD_QTY: break;
  }
  return true;
}

/* The carrier that gave the field before carrier number i. */
static void report_twice(Parse *p, List carriers, uint32_t i, const AstField *f) {
  Node **items = p->nodes.items + carriers.start;
  Diag *d = diag_new(p->sink, E_TWICE, items[i]->span, "a clause that is given twice");
  diag_primary_label(p->sink, d, "again here");
  for (uint32_t j = 0; j < i; j++) {
    if (items[j]->kind != items[i]->kind) continue;
    Node *probe = ast_new(p->arena, (AstKind)items[i]->kind, items[i]->span);
    take_field(probe, items[i], f);
    if (!take_field(probe, items[j], f)) {
      diag_label(p->sink, d, items[j]->span, "first here");
      return;
    }
  }
}

/* The fields of all carriers that are of the target's kind. */
static Node *merge(Parse *p, Node *target, List carriers) {
  const AstInfo *info = ast_info((AstKind)target->kind);
  for (uint32_t i = 0; i < carriers.len; i++) {
    const Node *c = p->nodes.items[carriers.start + i];
    if (c->kind != target->kind) continue;
    bool taken = true;
    for (uint32_t f = 0; f < info->field_count && taken; f++) {
      taken = take_field(target, c, &info->fields[f]);
      if (!taken) report_twice(p, carriers, i, &info->fields[f]);
    }
  }
  return target;
}

Node *build_kind(Parse *p, Span span, Name name, List options, List attrs) {
  return merge(p, NEW(KindDecl, KIND, span, .name = name, .attrs = list_end(p, attrs)), options);
}

/* Words that follow a comma in a list of clauses belong to the clause before them: in order a, b, first 1 rack. */
static void give_words(Parse *p, List clauses) {
  NodeList *words = NULL;
  for (uint32_t i = 0; i < clauses.len; i++) {
    Node *c = p->nodes.items[clauses.start + i];
    if (c->kind == AST_WORD && words && words->len) {
      append(p, words, c);
    } else if (c->kind == AST_WORD) {
      diag_new(p->sink, E_SYNTAX, c->span, "a name, but no list of names stands before it");
    } else {
      words = NULL;
      if (c->kind == AST_ORDER_KEY) words = &((OrderKey *)c)->words;
      if (c->kind == AST_RELEASE) words = &((Release *)c)->order;
    }
  }
}

Node *build_fan(Parse *p, Span span, Node *binder, Name given, List clauses) {
  give_words(p, clauses);
  Fan *fan = (Fan *)NEW(Fan, FAN, span, .binder = binder, .given = given);
  fan->order = list_of_kind(p, clauses, AST_ORDER_KEY);
  fan->limits = list_of_kind(p, clauses, AST_LIMIT);
  fan->tolerances = list_of_kind(p, clauses, AST_TOLERANCE);
  return merge(p, &fan->node, clauses);
}

Node *build_fan_given(Parse *p, Span span, Node *binder, Name given, Node *where, List clauses) {
  ((Binder *)binder)->where = where;
  return build_fan(p, span, binder, given, clauses);
}

Node *build_tolerance(Parse *p, Span span, Node *amount) {
  if (amount->kind != AST_UNITS) return NEW(Tolerance, TOLERANCE, span, .amount = amount);
  Units *u = (Units *)amount;
  return NEW(Tolerance, TOLERANCE, span, .amount = u->amount, .unit = u->kind);
}

Node *build_release(Parse *p, Span span, Name name, Node *condition, List clauses) {
  give_words(p, clauses);
  Release *r = (Release *)NEW(Release, RELEASE, span, .binder = build_binder(p, name.span, name, NULL, condition));
  merge(p, &r->node, clauses);
  if (r->first && r->first->kind == AST_UNITS) {
    Units *u = (Units *)r->first;
    r->first_kind = u->kind;
    r->first = u->amount;
  }
  return &r->node;
}

Node *build_gate(Parse *p, Span span, Node *text, Name role, Name name, Node *fan, List clauses, List handlers) {
  Gate *g = (Gate *)NEW(Gate, GATE, span, .text = text, .role = role, .name = name, .fan = fan);
  g->handlers = list_handlers(p, handlers);
  g->asks = list_of_kind(p, clauses, AST_ASKS);
  merge(p, &g->node, clauses);
  if (g->within && g->until_last_safe) {
    diag_new(p->sink, E_TWICE, g->within->span, "a gate has one deadline: `within` or `until last safe moment`");
  }
  return &g->node;
}

Node *build_handled(Parse *p, Span span, Node *statement, NodeList *field, List handlers) {
  statement->span = span;
  *field = list_handlers(p, handlers);
  return statement;
}

void build_once(Parse *p, Node **field, Node *value) {
  if (!*field) {
    *field = value;
    return;
  }
  Diag *d = diag_new(p->sink, E_TWICE, value->span, "a clause that is given twice");
  diag_primary_label(p->sink, d, "again here");
  diag_label(p->sink, d, (*field)->span, "first here");
}

void build_retry(Parse *p, Call *call, Node *times, Node *after) {
  bool first = !call->retries;
  build_once(p, &call->retries, times);
  if (first) call->retry_after = after;
}

/* Dates that follow a comma belong to `except`. */
static void give_dates(Parse *p, List clauses) {
  NodeList *dates = NULL;
  for (uint32_t i = 0; i < clauses.len; i++) {
    Node *c = p->nodes.items[clauses.start + i];
    if (c->kind == AST_WINDOW) dates = ((Window *)c)->except.len ? &((Window *)c)->except : NULL;
    else if (dates) append(p, dates, c);
    else diag_new(p->sink, E_SYNTAX, c->span, "a date, but `except` does not stand before it");
  }
}

Node *build_window(Parse *p, Span span, List days, Node *from, Node *to, Node *zone, List clauses) {
  give_dates(p, clauses);
  Window *w = (Window *)NEW(Window, WINDOW, span, .from = from, .to = to, .zone = zone);
  merge(p, &w->node, clauses);
  w->days = list_end(p, days);
  return &w->node;
}

Node *build_one_per(Parse *p, Span span, Node *member, List clauses) {
  return merge(p, NEW(OnePer, ONE_PER, span, .member = member), clauses);
}

Node *build_failed_day(Parse *p, Span span, List rules) { return merge(p, NEW(FailedDay, FAILED_DAY, span, .skip = 0), rules); }

Node *build_goal(Parse *p, Span span, List clauses) {
  return merge(p, NEW(Goal, GOAL, span, .within = NULL), clauses);
}

/* ---- tests and bindings ---- */

/* Which verbs there are is the checker's to say. */
Node *build_bind_verb(Parse *p, Span span, Name name, Name verb, List params, Name driver, List args) {
  const char *text = intern_text(p->names, verb.atom);
  bool setting = strcmp(text, "set") == 0 || strcmp(text, "get") == 0;
  return NEW(Bind, BIND, span, .what = setting ? BIND_SETTING : BIND_AUTOMATION, .name = name, .verb = verb,
             .params = list_end(p, params), .driver = driver, .args = list_end(p, args));
}

static Name entity_kind(const Node *entity) { return entity ? ((const Entity *)entity)->kind : (Name){0}; }
static Node *entity_member(Node *entity) { return entity ? ((Entity *)entity)->member : NULL; }

Node *build_given_gate(Parse *p, Span span, Name gate, AnswerWord answer, Node *entity, Node *after) {
  return NEW(GivenGate, GIVEN_GATE, span, .name = gate, .kind = entity_kind(entity), .member = entity_member(entity),
             .answer = answer, .after = after);
}

Node *build_given_fact(Parse *p, Span span, Name fact, Node *entity, Name value, Node *when) {
  GivenFact *g = when ? ast_cast(GivenFact, GIVEN_FACT, when) : NULL;
  return NEW(GivenFact, GIVEN_FACT, span, .fact = fact, .kind = entity_kind(entity), .member = entity_member(entity),
             .value = value, .step = g ? g->step : (Name){0}, .at = g ? g->at : NULL, .lasts = g ? g->lasts : NULL);
}

Node *build_given_metric(Parse *p, Span span, Name metric, Node *entity, Node *number, Node *when) {
  GivenFact *g = (GivenFact *)build_given_fact(p, span, metric, entity, (Name){0}, when);
  g->number = number;
  return &g->node;
}

Node *build_given_action(Parse *p, Span span, Name name, Name verb, Node *entity, Node *outcome) {
  (void)p;
  GivenAction *g = ast_cast(GivenAction, GIVEN_ACTION, outcome);
  g->node.span = span;
  g->name = name;
  g->verb = verb;
  g->kind = entity_kind(entity);
  g->member = entity_member(entity);
  return outcome;
}

Node *build_expect_members(Parse *p, Span span, MemberWord state, Node *entity) {
  return NEW(ExpectMembers, EXPECT_MEMBERS, span, .state = state, .kind = entity_kind(entity),
             .members = list_end(p, list_one(p, entity_member(entity))));
}

Node *build_expect_unlocked(Parse *p, Span span, Name automation, Node *except) {
  ExpectUnlocked *e = (ExpectUnlocked *)NEW(ExpectUnlocked, EXPECT_UNLOCKED, span, .automation = automation);
  if (!except) return &e->node;
  bool named = except->kind == AST_ENTITY;
  if (named) e->kind = entity_kind(except);
  e->except = list_end(p, list_one(p, named ? entity_member(except) : except));
  return &e->node;
}

Node *build_expect_fact(Parse *p, Span span, Name fact, Node *entity, IsMode mode, Node *value) {
  Node *of = NEW(Of, OF, ((Span){fact.span.lo, entity->span.hi}), .name = fact, .object = entity);
  return NEW(ExpectFact, EXPECT_FACT, span, .condition = build_is(p, span, of, mode, list_one(p, value)));
}

List build_expect_more(Parse *p, List expects, Node *text) {
  assert(expects.len);
  Node *last = p->nodes.items[expects.start + expects.len - 1];
  NodeList *members = last->kind == AST_EXPECT_MEMBERS    ? &((ExpectMembers *)last)->members
                      : last->kind == AST_EXPECT_UNLOCKED ? &((ExpectUnlocked *)last)->except
                                                          : NULL;
  if (members && members->len) {
    append(p, members, text);
    last->span.hi = text->span.hi;
  } else {
    diag_new(p->sink, E_SYNTAX, text->span, "a member, but no list of members stands before it");
  }
  return expects;
}
