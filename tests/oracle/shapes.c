/* shapes: drained, locked out, down, up and back, with a roll back, as real procedures are; and then with slips: a line
 * missing, two in the wrong order, an exit that is none, a lock too few, a release too early, a roll back that forgets. */
#include <config.h>

#include "tests/oracle/write.h"

#include <stdio.h>

typedef struct Plan { bool racks, shelves, feeds, attempt, hard, undrained, left_down; } Plan;

static const Scene NODE = {.node = true}, NODE_OF_RACK = {.node = true, .rack = true}, RACK = {.rack = true};

static Scene inside(Scene s, const Plan *p, bool undo) {
  s.attempt = p->attempt;
  s.undo = undo;
  return s;
}

/* Calls in a row; a slip leaves one out, or does two in the other order. */
static void calls(Writer *w, Scene s, const char *const *actions, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (slips(w)) continue;
    bool swap = i + 1 < count && slips(w);
    if (swap) write_call(w, s, actions[i + 1]);
    write_call(w, s, actions[i]);
    if (chance(w, 6)) write_confirm(w, s, actions[i]);
    if (swap) i++;
  }
}

static void drain_step(Writer *w, const Plan *p, bool all) {
  static const char *const drain[] = {"drain"};
  Scene s = inside(NODE, p, false);
  s.above = p->racks; /* its rack goes down as a whole, or not at all */
  open_node_step(w, false, all);
  calls(w, s, drain, 1);
  close_block(w);
}

static void down_step(Writer *w, const Plan *p, bool all) {
  static const char *const down[] = {"shut_down"}, *const off[] = {"shelf_off"};
  const char *const cut[] = {"cut"};
  bool hard = p->hard;
  if (!p->racks) {
    open_node_step(w, false, all);
    calls(w, inside(NODE, p, false), hard ? cut : down, 1);
    close_block(w);
    return;
  }
  open_rack_step(w, all);
  open_node_step(w, true, slips(w));
  calls(w, inside(slips(w) ? NODE : NODE_OF_RACK, p, false), hard ? cut : down, 1);
  close_block(w);
  if (p->shelves) calls(w, inside(RACK, p, false), off, 1);
  if (chance(w, 10)) line(w, "wait 10s");
  close_block(w);
}

static void feed_steps(Writer *w, const Plan *p) {
  static const char *const open[] = {"open_feed"}, *const shut[] = {"close_feed"};
  Buf exit = BUF_INIT;
  put_exit(w, inside((Scene){0}, p, false), &exit);
  line(w, "gate \"Open?\" by lead as go for each r in racks%s within 1min else %s",
       slips(w) ? "" : " where every m in all nodes of r: power of m is off", exit.data);
  w->gate_go = true;
  open_block(w, "step s%u for each r given go", ++w->steps);
  calls(w, inside(RACK, p, false), open, 1);
  close_block(w);
  open_block(w, "step s%u for each r given go", ++w->steps);
  calls(w, inside(RACK, p, false), shut, 1);
  close_block(w);
  buf_done(&exit);
}

static void up_step(Writer *w, const Plan *p, bool undo, bool all) {
  static const char *const shelf[] = {"shelf_on"}, *const node[] = {"start", "give_back"};
  static const char *const all_of_rack[] = {"close_feed", "shelf_on"};
  if (!p->racks) {
    open_node_step(w, false, all);
    if (w->procedure && !slips(w)) line(w, "run bring_up(n)");
    else calls(w, inside(NODE, p, undo), node, 2);
    close_block(w);
    return;
  }
  open_rack_step(w, all);
  if (p->feeds && undo) calls(w, inside(RACK, p, undo), all_of_rack, 2);
  else if (p->shelves) calls(w, inside(RACK, p, undo), shelf, 1);
  open_node_step(w, true, true);
  if (w->procedure && !slips(w)) line(w, "run bring_up(n)");
  else calls(w, inside(NODE, p, undo), node, 2);
  close_block(w);
  close_block(w);
}

static void way(Writer *w, const Plan *p) {
  if (!p->undrained) drain_step(w, p, chance(w, 50));
  if (!slips(w)) down_step(w, p, chance(w, 50));
  if (p->feeds) feed_steps(w, p);
  if (chance(w, 8)) line(w, "wait 1min");
  if (!p->left_down) up_step(w, p, false, chance(w, 50));
}

static void way_back(Writer *w, const Plan *p) {
  if (chance(w, 30)) line(w, "wait 2min");
  if (slips(w)) {
    line(w, "wait 10s");
    return;
  }
  if (slips(w) && !p->racks) { /* only where it seems to be needed */
    open_node_step(w, false, true);
    open_block(w, "when %s", condition_on_node(w));
    write_call(w, inside(NODE, p, true), chance(w, 50) ? "start" : "give_back");
    close_block(w);
    if (chance(w, 70)) write_call(w, inside(NODE, p, true), "give_back");
    close_block(w);
    return;
  }
  up_step(w, p, true, true);
}

static void lockout_head(Writer *w) {
  static const char *const orders[] = {"", " in order anvil, nsd", " in order nsd, anvil", ", first 1 node, watch 2min", ", as soon as it is done"};
  open_block(w, "lockout %s on nodes because \"work\"", !slips(w) ? "nsd, anvil" : chance(w, 50) ? "nsd" : "anvil");
  const char *when = w->sloppy > 0 && chance(w, 25) ? condition_on_node(w) : "power of n is on and service of n is in_service";
  line(w, "release each n when %s%s", when, orders[chance(w, 25) ? draw(w, 5) : 0]);
  line(w, "otherwise hand over to repair");
}

static void with_attempt(Writer *w, const Plan *p) {
  if (!p->attempt) {
    way(w, p);
    return;
  }
  open_block(w, "attempt");
  way(w, p);
  w->indent--;
  open_block(w, "} roll back");
  way_back(w, p);
  close_block(w);
}

void write_shape(Writer *w) {
  Plan p = {.racks = chance(w, 50), .attempt = !slips(w)};
  bool broken = w->sloppy > 0;
  p.hard = broken && chance(w, 12);
  p.undrained = broken && chance(w, 10);
  p.left_down = broken && chance(w, 12);
  p.shelves = p.racks && chance(w, 60);
  p.feeds = p.shelves && chance(w, 30);
  Plan outside = p;
  outside.attempt = false;
  if (slips(w)) drain_step(w, &outside, true);
  if (slips(w)) {
    with_attempt(w, &p);
    return;
  }
  lockout_head(w);
  with_attempt(w, &p);
  close_block(w);
  if (slips(w)) up_step(w, &outside, false, true);
}
