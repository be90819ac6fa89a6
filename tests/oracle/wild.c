/* wild: statements at random, as deep as is allowed. Most of it is nonsense that nobody would write, and must be judged
 * right all the same. */
#include <config.h>

#include "tests/oracle/write.h"

static void block(Writer *w, Scene s, uint32_t depth);

static void node_statement(Writer *w, Scene s, uint32_t depth) {
  static const char *const actions[] = {"drain", "give_back", "shut_down", "cut", "start", "shelf_on", "close_feed", "drain", "give_back", "start"};
  switch (draw(w, 13)) {
    case 12: write_decision(w, s); break;
    case 10: write_call(w, s, "drain"); write_call(w, s, "shut_down"); break;
    case 11: write_call(w, s, "start"); write_call(w, s, "give_back"); break;
    case 0: write_confirm(w, s, NULL); break;
    case 1: line(w, "wait 10s"); break;
    case 2:
      if (depth == 0) break;
      open_block(w, "when %s", condition_on_node(w));
      block(w, s, depth - 1);
      w->indent--;
      open_block(w, "} otherwise");
      block(w, s, 0);
      w->indent--;
      open_block(w, "} unknown");
      block(w, s, 0);
      close_block(w);
      break;
    default: write_call(w, s, actions[draw(w, sizeof actions / sizeof *actions)]); break;
  }
}

static void rack_statement(Writer *w, Scene s, uint32_t depth) {
  static const char *const actions[] = {"shelf_off", "shelf_on", "close_feed", "shelf_on", "open_feed"};
  uint32_t what = draw(w, 10);
  if (what < 4 && depth > 0) {
    open_node_step(w, true, chance(w, 70));
    block(w, (Scene){.node = true, .rack = chance(w, 50), .attempt = s.attempt, .undo = s.undo}, depth - 1);
    close_block(w);
  } else if (what == 4) {
    write_confirm(w, s, NULL);
  } else {
    write_call(w, s, actions[draw(w, w->gate_go ? 5 : 4)]);
  }
}

static void lockout(Writer *w, Scene s, uint32_t depth) {
  static const char *const which[] = {"nsd, anvil", "nsd, anvil", "nsd, anvil", "nsd", "anvil"};
  open_block(w, "lockout %s on nodes because \"work\"", which[draw(w, 5)]);
  line(w, "release each n when %s", condition_on_node(w));
  line(w, "otherwise hand over to repair");
  block(w, s, depth - 1);
  close_block(w);
}

static void guarded(Writer *w, Scene s, uint32_t depth) {
  static const char *const holds[] = {"every r in racks: shelf of r is on", "every n in nodes: power of n is on", "some n in nodes: service of n is in_service"};
  Buf exit = BUF_INIT;
  put_exit(w, s, &exit);
  open_block(w, "throughout");
  line(w, "%s", holds[draw(w, 3)]);
  w->indent--;
  open_block(w, "} else start no more, %s", exit.data);
  block(w, s, depth - 1);
  close_block(w);
  buf_done(&exit);
}

static void attempt(Writer *w, Scene s, uint32_t depth) {
  open_block(w, "attempt");
  s.attempt = true;
  block(w, s, depth - 1);
  w->indent--;
  open_block(w, "} roll back");
  s.undo = true;
  block(w, s, depth - 1);
  close_block(w);
}

static void gate(Writer *w, Scene s) {
  Buf exit = BUF_INIT;
  put_exit(w, s, &exit);
  const char *name = w->gate_go ? "again" : "go";
  if (w->gates++ < 2) line(w, "gate \"May we?\" by lead as %s for each r in racks within 1min else %s", name, exit.data);
  w->gate_go = true;
  buf_done(&exit);
}

static void outer_statement(Writer *w, Scene s, uint32_t depth) {
  uint32_t what = depth > 1 ? draw(w, 13) : 6 + draw(w, 6);
  if (what < 4 && !s.attempt) lockout(w, s, depth);
  else if (what < 6 && !s.attempt) attempt(w, s, depth);
  else if (what == 12) guarded(w, s, depth);
  else if (what == 6) gate(w, s);
  else if (what == 7) line(w, "wait 10s");
  else if (what < 10) {
    open_node_step(w, false, chance(w, 60));
    block(w, (Scene){.node = true, .attempt = s.attempt, .undo = s.undo}, 1);
    close_block(w);
  } else {
    open_rack_step(w, chance(w, 60));
    block(w, (Scene){.rack = true, .attempt = s.attempt, .undo = s.undo}, 1);
    close_block(w);
  }
}

static void block(Writer *w, Scene s, uint32_t depth) {
  for (uint32_t i = 0, n = 1 + draw(w, 3); i < n && w->calls > 0; i++) {
    if (s.node) node_statement(w, s, depth);
    else if (s.rack) rack_statement(w, s, depth);
    else outer_statement(w, s, depth);
  }
}

void write_wild(Writer *w) {
  w->sloppy = 20 + draw(w, 40);
  block(w, (Scene){0}, 4);
}
