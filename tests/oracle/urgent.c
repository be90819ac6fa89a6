/* urgent: emergencies that are made up: a fact that only somebody's reading brings about, an action that says what it spares an emergency,
 * rules that do so or do not; and slips: nothing is skipped, an action too many, a line missing. */
#include <config.h>

#include "tests/oracle/write.h"

/* Facts, actions and rules are those of rig; these stand in the runbook's own file. */
void write_urgent_library(Writer *w) {
  line(w, "fact smoke of Rack : none, seen");
  open_block(w, "action kill(n: Node) \"Cut the power at once\"");
  line(w, "needs      lockout of nsd, anvil on n%s", slips(w) ? "" : " or emergency");
  if (chance(w, 50)) line(w, "needs      service of n is drained%s", chance(w, 30) ? " or emergency" : "");
  line(w, "makes      power of n is off");
  if (chance(w, 30)) line(w, "may land   until 2min after");
  line(w, "takes      5s, at most 30s");
  line(w, "undo       start(n)");
  line(w, "repeat     check power of n is off");
  close_block(w);
  open_block(w, "policy urgent(n: Node) \"Power work, and emergencies\"");
  line(w, "never make power of n not on unless lockout of nsd, anvil on n%s", slips(w) ? "" : " or emergency");
  if (chance(w, 50)) line(w, "never kill(n) unless shut_down(n) tried since start(n)%s", chance(w, 40) ? " or emergency" : "");
  line(w, "never let an automation make service of n investigate%s", slips(w) ? "" : " unless emergency");
  line(w, "finally every lockout is released or handed over");
  close_block(w);
  line(w, "%s", "");
}

void write_emergency(Writer *w) {
  static const char *const skips[] = {"may skip drain, shut_down", "may skip drain, shut_down", "may skip drain", "may skip shut_down"};
  bool node = chance(w, 25);
  open_block(w, "emergency smoke of %s is seen on %s \"Smoke\"", node ? "n.rack" : "r", node ? "Node" : "Rack");
  line(w, "preempts runs on %s", node ? "n" : "r");
  if (!slips(w)) line(w, "%s", skips[draw(w, 4)]);
  if (!node && chance(w, 10)) line(w, "cut(nodes of r) else fail \"it stays on\"");
  line(w, "kill(%s)%s%s", node ? "n" : "nodes of r", chance(w, 30) ? ", retry 1 after 1min" : "", chance(w, 60) ? " else fail \"it stays on\"" : "");
  if (!node && chance(w, 15)) line(w, "shelf_off(r) else fail \"the shelves stay on\"");
  close_block(w);
}
