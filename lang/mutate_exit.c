/* mutate_exit: mistakes in how a member or a run leaves: by another exit, or another member than it should be. */
#include <config.h>

#include "lang/mutate_state.h"

bool stmt_is_exit(const Node *stmt) {
  switch ((AstKind)stmt->kind) {
  case AST_SET_ASIDE:
  case AST_KEEP_OUT:
  case AST_ROLL_BACK:
  case AST_END:
  case AST_FAIL:
  case AST_HOLD: return true;
  default: return false;
  }
}

static Node *why_of(Node *exit) {
  switch ((AstKind)exit->kind) {
  case AST_SET_ASIDE: return ((SetAside *)exit)->why;
  case AST_KEEP_OUT: return ((KeepOut *)exit)->why;
  case AST_ROLL_BACK: return ((RollBack *)exit)->why;
  case AST_END: return ((End *)exit)->why;
  case AST_FAIL: return ((Fail *)exit)->why;
  case AST_HOLD: return ((Hold *)exit)->why;
  default: return NULL;
  }
}

static void leave_by(Mutator *m, Node *exit, const char *word, const char *of, bool gate) {
  static const char *const words[AST_KIND_COUNT] = {
      [AST_SET_ASIDE] = "set aside", [AST_KEEP_OUT] = "keep out", [AST_ROLL_BACK] = "roll back",
      [AST_END] = "end",             [AST_FAIL] = "fail",         [AST_HOLD] = "hold"};
  Node *why = why_of(exit);
  Mutant *mutant = mutant_new(m, gate ? MUTANT_GATE_EXIT : MUTANT_OTHER_EXIT, exit->span, "%s instead of %s in %s",
                              word, words[exit->kind], of);
  mutant_replace(mutant, exit->span, words_of(m, "%s %s", word, why ? text_at(m, why->span) : "\"no reason\""));
}

/* `set aside n` where it said `set aside n.rack`. */
static void leave_smaller(Mutator *m, Node *target, const char *of) {
  if (!target || target->kind != AST_MEMBER) return;
  Span object = ((Member *)target)->object->span;
  Mutant *mutant = mutant_new(m, MUTANT_OTHER_MEMBER, target->span, "take out %s instead of %s in %s",
                              brief_at(m, object), brief_at(m, target->span), of);
  mutant_replace(mutant, target->span, text_at(m, object));
}

void mutate_exit(Mutator *m, Node *exit, const char *of, bool gate) {
  switch ((AstKind)exit->kind) {
  case AST_SET_ASIDE:
    leave_by(m, exit, "end", of, gate);
    leave_by(m, exit, "roll back", of, gate);
    leave_smaller(m, ((SetAside *)exit)->target, of);
    break;
  case AST_KEEP_OUT:
    leave_by(m, exit, "end", of, gate);
    leave_by(m, exit, "roll back", of, gate);
    leave_smaller(m, ((KeepOut *)exit)->target, of);
    break;
  case AST_ROLL_BACK:
    leave_by(m, exit, "end", of, gate);
    leave_by(m, exit, "fail", of, gate);
    break;
  case AST_END:
    leave_by(m, exit, "roll back", of, gate);
    leave_by(m, exit, "fail", of, gate);
    break;
  case AST_FAIL:
    leave_by(m, exit, "end", of, gate);
    leave_by(m, exit, "roll back", of, gate);
    break;
  case AST_HOLD: {
    Node *then = ((Hold *)exit)->then;
    Mutant *mutant = mutant_new(m, gate ? MUTANT_GATE_EXIT : MUTANT_OTHER_EXIT, exit->span,
                                "do not hold, `%s` at once, in %s", brief_at(m, then->span), of);
    mutant_replace(mutant, exit->span, text_at(m, then->span));
    break;
  }
  default: break;
  }
}
