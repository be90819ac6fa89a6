/* compile_test: a `test` block to plain data. Kinds, members and words stay as they are written: the runner resolves them
 * against the inventory. */
#include <config.h>

#include "lang/compile_core.h"

#include <string.h>

typedef struct Builder {
  Compilation *c;
  Arena *arena;
  TestCase *test;
  VEC(TestParam) params;
  VEC(Given) given;
  VEC(Expect) expects;
} Builder;

static const char *copy(Builder *b, Atom a) { return arena_string(b->arena, intern_text(b->c->names, a), intern_length(b->c->names, a)); }

static const char *plain(Builder *b, const Node *text) { return compile_literal_text(b->c, text, b->arena); }

static int64_t constant(const Node *n) {
  int64_t value = 0;
  if (n) constant_value(n, &value);
  return value;
}

static uint32_t line_of(Builder *b, const Node *n) { return source_line_col(b->c->map, n->span.lo).line; }

/* What a parameter is given: a text as it reads, anything else as it is written. */
static const char *written(Builder *b, const Node *n) {
  if (n->kind == AST_TEXT) return plain(b, n);
  const Source *s = source_of(b->c->map, n->span.lo);
  return s ? arena_string(b->arena, s->text + (n->span.lo - s->base), n->span.hi - n->span.lo) : "";
}

/* ---- given ---- */

static void given_action(Builder *b, const GivenAction *n) {
  static const int outcomes[] = {[OUTCOME_OK] = 0, [OUTCOME_FAILED] = 1, [OUTCOME_UNKNOWN] = 2};
  bool unlock = n->verb.atom && strcmp(intern_text(b->c->names, n->verb.atom), "unlock") == 0;
  Given g = {.what = !n->verb.atom ? GIVEN_ACTION_GOES : unlock ? GIVEN_UNLOCK_GOES : GIVEN_LOCK_GOES, .value = ""};
  g.subject = copy(b, n->name.atom);
  g.kind = copy(b, n->kind.atom);
  g.member = plain(b, n->member);
  g.outcome = outcomes[n->outcome];
  g.times = n->times == TIMES_ONCE ? 1 : n->times == TIMES_ALWAYS ? 0 : (uint32_t)constant(n->count);
  g.landing = constant(n->landing);
  g.line = line_of(b, &n->node);
  vec_push(&b->given, g);
}

static void given_fact(Builder *b, const GivenFact *n) {
  bool metric = n->fact.symbol && n->fact.symbol->kind == SYM_METRIC;
  Given g = {.what = metric ? GIVEN_METRIC_IS : GIVEN_FACT_IS, .subject = copy(b, n->fact.atom), .kind = copy(b, n->kind.atom)};
  g.number = constant(n->number);
  g.member = plain(b, n->member);
  g.value = copy(b, n->value.atom);
  g.after = constant(n->at);
  if (n->step.atom) g.step = copy(b, n->step.atom);
  g.lasts = constant(n->lasts);
  g.line = line_of(b, &n->node);
  vec_push(&b->given, g);
}

static void given_gate(Builder *b, const GivenGate *n) {
  static const int answers[] = {[ANSWER_YES] = 1, [ANSWER_NO] = 0, [ANSWER_SILENT] = -1};
  Given g = {.what = GIVEN_GATE_SAYS, .subject = copy(b, n->name.atom), .kind = copy(b, n->kind.atom), .value = ""};
  g.member = plain(b, n->member);
  g.answer = answers[n->answer];
  g.after = constant(n->after);
  g.line = line_of(b, &n->node);
  vec_push(&b->given, g);
}

static void given_event(Builder *b, const GivenEvent *n) {
  Given g = {.what = n->event == GIVEN_CRASH ? GIVEN_CRASH_IN : GIVEN_CANCEL_IN, .subject = copy(b, n->step.atom)};
  g.kind = g.member = g.value = "";
  g.after = constant(n->after);
  g.line = line_of(b, &n->node);
  vec_push(&b->given, g);
}

static void given_param(Builder *b, const GivenParam *n) {
  vec_push(&b->params, ((TestParam){copy(b, n->name.atom), written(b, n->value), line_of(b, &n->node)}));
}

static void given_field(Builder *b, const GivenField *n) {
  vec_push(&b->params, ((TestParam){copy(b, n->name.atom), written(b, n->value), line_of(b, &n->node)}));
}

static void given_start(Builder *b, const GivenStart *n) {
  b->test->has_start = true;
  b->test->start_day = constant(n->date);
  b->test->start_ms = constant(n->time);
  b->test->start_zone = plain(b, n->zone);
}

/* ---- expect ---- */

static const char **texts(Builder *b, const NodeList *list) {
  const char **out = arena_new_array(b->arena, const char *, list->len);
  for (uint32_t i = 0; i < list->len; i++) out[i] = plain(b, list->items[i]);
  return out;
}

static Expect expectation(Builder *b, ExpectWhat what, const Node *n) {
  return (Expect){.what = what, .subject = "", .kind = "", .value = "", .line = line_of(b, n)};
}

static void expect_outcome(Builder *b, const ExpectOutcome *n) {
  Expect e = expectation(b, EXPECT_RUN_OUTCOME, &n->node);
  e.value = copy(b, n->outcome.atom);
  vec_push(&b->expects, e);
}

static void expect_members(Builder *b, const ExpectMembers *n) {
  static const uint8_t what[] = {[MEMBERS_HANDED_OVER] = EXPECT_HANDED, [MEMBERS_SET_ASIDE] = EXPECT_ASIDE,
                                 [MEMBERS_KEPT_OUT] = EXPECT_KEPT, [MEMBERS_LEFT_OUT] = EXPECT_LEFT, [MEMBERS_DONE] = EXPECT_DONE};
  Expect e = expectation(b, (ExpectWhat)what[n->state], &n->node);
  e.kind = copy(b, n->kind.atom);
  e.members = texts(b, &n->members);
  e.member_count = n->members.len;
  vec_push(&b->expects, e);
}

static void expect_unlocked(Builder *b, const ExpectUnlocked *n) {
  Expect e = expectation(b, EXPECT_ALL_UNLOCKED, &n->node);
  e.subject = copy(b, n->automation.atom);
  e.kind = copy(b, n->kind.atom);
  e.members = texts(b, &n->except);
  e.member_count = n->except.len;
  vec_push(&b->expects, e);
}

static void expect_fact(Builder *b, const ExpectFact *n) {
  const Is *is = (const Is *)n->condition;
  const Of *of = (const Of *)is->subject;
  const Entity *entity = (const Entity *)of->object;
  Expect e = expectation(b, EXPECT_FACT_IS, &n->node);
  e.subject = copy(b, of->name.atom);
  e.kind = copy(b, entity->kind.atom);
  e.members = texts(b, &(NodeList){(Node **)&entity->member, 1});
  e.member_count = 1;
  e.negated = is->mode == IS_NOT;
  const Node *value = is->values.items[0];
  e.value = value->kind == AST_NAME_REF ? copy(b, ((const NameRef *)value)->name.atom) : written(b, value);
  vec_push(&b->expects, e);
}

static void expect_number(Builder *b, ExpectWhat what, const Node *n, Atom of, const Node *number) {
  Expect e = expectation(b, what, n);
  e.kind = copy(b, of);
  e.number = constant(number->kind == AST_UNITS ? ((const Units *)number)->amount : number);
  vec_push(&b->expects, e);
}

static void clause(Builder *b, const Node *n) {
  switch (n->kind) {
  case AST_GIVEN_FLEET: b->test->fleet = plain(b, ((const GivenFleet *)n)->path); return;
  case AST_GIVEN_PARAM: given_param(b, (const GivenParam *)n); return;
  case AST_GIVEN_FIELD: given_field(b, (const GivenField *)n); return;
  case AST_GIVEN_ACTION: given_action(b, (const GivenAction *)n); return;
  case AST_GIVEN_FACT: given_fact(b, (const GivenFact *)n); return;
  case AST_GIVEN_GATE: given_gate(b, (const GivenGate *)n); return;
  case AST_GIVEN_EVENT: given_event(b, (const GivenEvent *)n); return;
  case AST_GIVEN_START: given_start(b, (const GivenStart *)n); return;
  case AST_GIVEN_SEED: b->test->seed = (uint64_t)constant(((const GivenSeed *)n)->value); return;
  case AST_EXPECT_OUTCOME: expect_outcome(b, (const ExpectOutcome *)n); return;
  case AST_EXPECT_MEMBERS: expect_members(b, (const ExpectMembers *)n); return;
  case AST_EXPECT_UNLOCKED: expect_unlocked(b, (const ExpectUnlocked *)n); return;
  case AST_EXPECT_FACT: expect_fact(b, (const ExpectFact *)n); return;
  case AST_EXPECT_OUT:
    expect_number(b, EXPECT_OUT_AT_MOST, n, ((const ExpectOut *)n)->of.atom, ((const ExpectOut *)n)->most);
    return;
  case AST_EXPECT_FINISH: expect_number(b, EXPECT_ENDS_WITHIN, n, 0, ((const ExpectFinish *)n)->within); return;
  default: return;
  }
}

const TestCase *compile_test(Compilation *c, TestDecl *t, Arena *arena) {
  TestCase *test = arena_new_object(arena, TestCase);
  Builder b = {.c = c, .arena = arena, .test = test};
  const Source *s = source_of(c->map, t->node.span.lo);
  *test = (TestCase){.title = plain(&b, t->title), .runbook = copy(&b, t->runbook.atom), .fleet = "", .start_zone = ""};
  test->file = s ? arena_string(arena, s->name, strlen(s->name)) : "";
  test->line = line_of(&b, &t->node);
  for (uint32_t i = 0; i < t->clauses.len; i++) clause(&b, t->clauses.items[i]);
  test->params = arena_copy(arena, b.params.items, b.params.len * sizeof *b.params.items);
  test->param_count = b.params.len;
  test->given = arena_copy(arena, b.given.items, b.given.len * sizeof *b.given.items);
  test->given_count = b.given.len;
  test->expects = arena_copy(arena, b.expects.items, b.expects.len * sizeof *b.expects.items);
  test->expect_count = b.expects.len;
  vec_done(&b.params);
  vec_done(&b.given);
  vec_done(&b.expects);
  return test;
}
