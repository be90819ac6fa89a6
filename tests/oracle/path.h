/* path: one run of the real engine, driven by choices. A choice says what happens next by its content (which command gets
 * which answer), never by a number that another order of events would change. */
#ifndef TAGOUT_TESTS_ORACLE_PATH_H
#define TAGOUT_TESTS_ORACLE_PATH_H

#include "lang/buf.h"
#include "tests/oracle/truth.h"

typedef enum ChoiceKind { CHOICE_BEGIN, CHOICE_ANSWER, CHOICE_TICK, CHOICE_CANCEL, CHOICE_CRASH, CHOICE_AUTO, CHOICE_LAND } ChoiceKind;
/* ANSWER: command, subject, kind, entity say of what; outcome and variant (of its effects; of a reading: 1 mute from now
 * on; of a lock: 1 it took effect). CRASH: of the oldest action in flight, what it has left behind: a variant of its failure,
 * or, from the number of those on, of its success. AUTO: subject is the trigger, command the automation. LAND: subject is the action. */
typedef struct Choice {
  uint8_t kind, command, outcome, variant, kind_of_entity, entity;
  uint16_t subject;
  uint8_t faults, delays;   /* what it costs */
} Choice;
typedef VEC(Choice) ChoiceVec;

typedef enum RuleCode { RULE_NEED, RULE_MAKE, RULE_CALL, RULE_LET, RULE_LEAK, RULE_ABANDON, RULE_LEFT, RULE_STUCK, RULE_CODE_COUNT } RuleCode;
extern const char *const rule_names[RULE_CODE_COUNT];
typedef struct Hit { RuleCode code; uint32_t line; } Hit;
typedef VEC(Hit) HitVec;

typedef struct Path {
  Ground *ground;
  Engine *engine;
  Truth truth;
  int64_t now;
  uint32_t delays;          /* spent */
  uint32_t line;            /* of the runbook: where the run was last */
  bool begun, cancelled, ended;
  bool silent;              /* nobody answers the questions that are open */
  bool lenient;             /* what the engine refuses to send is no breach: only what it sends */
  uint32_t act_line[MAX_ACTIONS]; /* of the call that sent it last: what a resumed run sends again has no note */
  HitVec hits;              /* of the last step */
  void (*tape)(void *ctx, const Event *e); /* NULL, or who keeps what the engine is fed */
  void *tape_ctx;
} Path;

void path_begin(Path *p, Ground *g);
void path_done(Path *p);
/* Makes it happen. False: nothing like that is possible here. */
bool path_step(Path *p, Choice c);
/* An event that is no choice: now. */
void path_feed(Path *p, Event e);
/* What may happen next, the ordinary first. */
void path_choices(Path *p, ChoiceVec *ret);
uint64_t path_shape(const Path *p);
bool path_oldest_act(const Path *p, Command *ret);
void choice_show(const Ground *g, Choice c, Buf *out);

/* rules.c: what the last step did that it must not. */
void rules_sent(Path *p, const Command *c, uint32_t line);
void rules_refused(Path *p, const Note *note);
void rules_forbidden(Path *p, const Note *note);
void rules_automation(Path *p, const Effects *e, uint32_t variant);
void rules_ended(Path *p);
void path_hit(Path *p, RuleCode code, uint32_t line);

#endif
