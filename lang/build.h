/* build: what the grammar's actions call to make nodes: lists, clauses that stand in any order, and the few places
 * where what is read is not what is kept. Internal to the front end. */
#ifndef TAGOUT_LANG_BUILD_H
#define TAGOUT_LANG_BUILD_H

#include "lang/parse_state.h"

void *node_alloc_piece(Parse *p, size_t size);

/* NEW(Step, STEP, @$, .name = NAME($2, @2), .body = $5): a node in the arena, as a Node. */
#define NEW(Type, KIND, where, ...)                                                    \
  __extension__({                                                                      \
    Type *made_##KIND = node_alloc(p, sizeof(Type));                                   \
    *made_##KIND = (Type){.node = {.kind = AST_##KIND, .span = (where)}, __VA_ARGS__}; \
    &made_##KIND->node;                                                                \
  })
#define NAME(a, s) ((Name){.atom = (a), .span = (s)})

/* Room for a node or a list of them, zeroed: cut off a larger piece of the arena, without the alignment that nodes do
 * not need. With AddressSanitizer every object is the arena's own, so that an overrun is found. */
static inline void *node_alloc(Parse *p, size_t size) {
  size = (size + 7) & ~(size_t)7;
#ifdef __SANITIZE_ADDRESS__
  return arena_alloc(p->arena, size);
#endif
  if (size > p->room_left) return node_alloc_piece(p, size);
  void *node = p->room;
  p->room += size;
  p->room_left -= size;
  return node;
}

/* Lists: list_none or list_one, then list_add; list_end copies it to the arena. NULL items are left out. */
List list_none(Parse *p);
List list_add(Parse *p, List list, Node *item);
List list_join(Parse *p, List list, List more); /* more was begun after list */
NodeList list_end(Parse *p, List list);
NodeList list_handlers(Parse *p, List list); /* branches: chains of `else` put where they belong */
static inline List list_one(Parse *p, Node *item) { return list_add(p, list_none(p), item); }

Node *build_word(Parse *p, Atom atom, Span span);
Node *build_name_ref(Parse *p, Atom atom, Span span);
Node *build_text(Parse *p, Atom bytes, Span span); /* a text without ${} */
Node *build_part(Parse *p, Atom bytes, Span span); /* NULL when it is empty */
Node *build_text_end(Parse *p, Span span, List parts, Atom tail, Span tail_span);
Node *build_binder(Parse *p, Span span, Name name, Node *source, Node *where);
Node *build_binary(Parse *p, Span span, BinaryOp op, Node *left, Node *right);
Node *build_is(Parse *p, Span span, Node *subject, IsMode mode, List values);
/* count n in SET where CONDITION: the condition stands in the quantifier, not in its binder. */
Node *build_count(Parse *p, Span span, Node *binder);
/* lockout of A, B on every n in SET: the same as every n in SET: lockout of A, B on n. */
Node *build_locked_every(Parse *p, Span span, NodeList automations, Node *binder);
Node *build_period(Parse *p, Node *operand); /* hour, day ... as literals; anything else as it is */

Node *build_effect(Parse *p, Span span, Node *target, EffectMode mode, Node *value);
/* In a list of effects, values that stand alone belong to the effect before them: x of n may be a, b. */
List build_effect_add(Parse *p, List effects, Node *effect_or_value);
/* The last comparison of a condition takes further values: when power of n may be off, unknown: ... */
Node *build_more_values(Parse *p, Node *condition, List values);

/* Clauses in any order, each once: carriers of the target's own kind give it their fields. */
Node *build_kind(Parse *p, Span span, Name name, List options, List attrs);
Node *build_automation(Parse *p, Span span, Name name, Node *title, List lines);
Node *build_fan(Parse *p, Span span, Node *binder, Name given, List clauses);
Node *build_fan_given(Parse *p, Span span, Node *binder, Name given, Node *where, List clauses);
Node *build_tolerance(Parse *p, Span span, Node *amount);
Node *build_lockout(Parse *p, Span span, NodeList automations, Node *set, List clauses, List handlers, List body,
                    Span body_span);
Node *build_release(Parse *p, Span span, Name name, Node *condition, List clauses);
Node *build_gate(Parse *p, Span span, Node *text, Name role, Name name, Node *fan, List clauses, List handlers);
/* The same without carriers, for the statements that runbooks are full of. */
Node *build_handled(Parse *p, Span span, Node *statement, NodeList *field, List handlers);
void build_once(Parse *p, Node **field, Node *value);
void build_retry(Parse *p, Call *call, Node *times, Node *after);
Node *build_one_per(Parse *p, Span span, Node *member, List clauses);
Node *build_window(Parse *p, Span span, List days, Node *from, Node *to, Node *zone, List clauses);
Node *build_goal(Parse *p, Span span, List clauses);
Node *build_failed_day(Parse *p, Span span, List rules);

/* Blocks. Clauses get their canonical order; what stands in the wrong place or twice is reported. */
NodeList build_clauses(Parse *p, List clauses);
Node *build_runbook(Parse *p, Span span, Name name, Node *title, List items, Span body_span);
Node *build_block(Parse *p, Span span, List statements);
Node *build_campaign(Parse *p, Span span, Name name, Node *title, List items, Span body_span);
Node *build_on_incident(Parse *p, Span span, Name incident, Name alias, List body, Span body_span);
/* `on Rack`: r in Rack; `on wet: Rack`: wet in Rack. name without an atom: the first letter of the kind, small. */
Node *build_emergency_binder(Parse *p, Span span, Name name, Atom kind, Span kind_span);

Node *build_bind_verb(Parse *p, Span span, Name name, Name verb, List params, Name driver, List args);
Node *build_given_gate(Parse *p, Span span, Name gate, AnswerWord answer, Node *entity, Node *after);
Node *build_given_metric(Parse *p, Span span, Name metric, Node *entity, Node *number, Node *when);
Node *build_given_fact(Parse *p, Span span, Name fact, Node *entity, Name value, Node *when);
Node *build_given_action(Parse *p, Span span, Name name, Name verb, Node *entity, Node *outcome);
Node *build_expect_members(Parse *p, Span span, MemberWord state, Node *entity);
Node *build_expect_unlocked(Parse *p, Span span, Name automation, Node *entity_or_text);
Node *build_expect_fact(Parse *p, Span span, Name fact, Node *entity, IsMode mode, Node *value);
List build_expect_more(Parse *p, List expects, Node *text); /* a further member of the expectation before it */

#endif
