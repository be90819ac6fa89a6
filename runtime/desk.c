/* desk: the order of the rules. Joining comes first: it takes no room and is no new run. A refusal does not wait for room. */
#include <config.h>

#include "runtime/desk.h"

/* A run that has not begun will see the member as it is then, so every repeat belongs to it. After that the window counts from the
 * begin of the run to the moment at which the repeat came, however much later somebody looks at it. */
static bool joins(const DeskLimits *l, const DeskView *v, int64_t at) {
  return v->before && !v->vain && l->join > 0 && (v->waits || at - v->begun < l->join);
}

DeskVerdict desk_decide(const DeskLimits *limits, const DeskView *view, int64_t at) {
  if (joins(limits, view, at)) return DESK_JOIN;
  if (view->going || view->waits) return DESK_WAIT_MEMBER;
  bool passed = limits->per_member && view->lately >= limits->per_member;
  if (passed && !limits->otherwise) return DESK_REFUSE;
  if (limits->at_once && view->open >= limits->at_once) return DESK_WAIT_ROOM;
  return passed ? DESK_OTHERWISE : DESK_START;
}
