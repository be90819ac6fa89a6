/* write: the pieces. */
#include <config.h>

#include "tests/oracle/write.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

uint32_t draw(Writer *w, uint32_t below) {
  uint64_t z = w->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)((z ^ z >> 31) >> 16) % below;
}

bool chance(Writer *w, uint32_t in_hundred) { return draw(w, 100) < in_hundred; }

/* ---- lines ---- */

static void put_line(Writer *w, const char *format, va_list ap, const char *tail) {
  buf_fill(&w->out, ' ', 2 * w->indent);
  buf_vprintf(&w->out, format, ap);
  buf_str(&w->out, tail);
}

void line(Writer *w, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  put_line(w, format, ap, "\n");
  va_end(ap);
}

void open_block(Writer *w, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  put_line(w, format, ap, " {\n");
  va_end(ap);
  w->indent++;
}

void close_block(Writer *w) {
  w->indent--;
  line(w, "}");
}

/* ---- exits ---- */

static void put_suitable(Scene s, Buf *out) {
  if (s.rack) buf_str(out, "set aside r \"it fails\"");
  else if (s.node && s.above) buf_str(out, "set aside n.rack \"it fails\"");
  else if (s.node) buf_str(out, "set aside n \"it fails\"");
  else if (s.attempt && !s.undo) buf_str(out, "roll back \"it fails\"");
  else buf_str(out, "fail \"it fails\"");
}

void put_exit(Writer *w, Scene s, Buf *out) {
  if (!slips(w)) {
    put_suitable(s, out);
    return;
  }
  switch (draw(w, 8)) {
    case 0: buf_str(out, s.node ? "set aside n \"it fails\"" : "fail \"it fails\""); break;
    case 1: buf_str(out, s.node ? "set aside n.rack \"it fails\"" : "end \"it fails\""); break;
    case 2: buf_str(out, "end \"it fails\""); break;
    case 3: buf_str(out, "fail \"it fails\""); break;
    case 4: buf_str(out, s.attempt ? "roll back \"it fails\"" : "fail \"it fails\""); break;
    case 5: buf_str(out, s.node ? "keep out n \"later\"" : s.rack ? "keep out r \"later\"" : "fail \"it fails\""); break;
    case 6:
      buf_str(out, "hold \"again?\" for lead 1min, then ");
      put_suitable(s, out);
      break;
    default: put_suitable(s, out); break;
  }
}

/* ---- statements ---- */

static const char *subject_of(const char *action, Scene s) {
  bool of_rack = strstr(action, "shelf") || strstr(action, "feed");
  if (of_rack) return s.rack ? "r" : "n.rack";
  return "n";
}

void write_call(Writer *w, Scene s, const char *action) {
  Buf b = BUF_INIT;
  if (w->calls == 0) return;
  w->calls--;
  buf_printf(&b, "%s(%s)", action, subject_of(action, s));
  if (chance(w, 8)) buf_str(&b, ", retry 1 after 10s");
  if (strcmp(action, "shut_down") == 0 && chance(w, 50)) buf_str(&b, " else cut(n)");
  uint32_t how = slips(w) ? draw(w, 5) : 0;
  if (how == 1) {
    buf_str(&b, " on failed ");
    put_exit(w, s, &b);
    buf_str(&b, " on unknown ");
    put_exit(w, s, &b);
  } else if (how != 2) { /* unhandled: the member is set aside */
    buf_str(&b, " else ");
    put_exit(w, s, &b);
  }
  line(w, "%s", b.data);
  buf_done(&b);
}

static const char *made_by(const char *action) {
  static const char *const made[][2] = {
      {"drain", "service of n is drained"}, {"give_back", "service of n is in_service"}, {"shut_down", "power of n is off"},
      {"cut", "power of n is off"}, {"start", "power of n is on"}, {"shelf_off", "shelf of r is off"}, {"shelf_on", "shelf of r is on"},
      {"open_feed", "feed of r is open"}, {"close_feed", "feed of r is closed"}};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++)
    if (strcmp(made[i][0], action) == 0) return made[i][1];
  return NULL;
}

void write_confirm(Writer *w, Scene s, const char *after) {
  static const char *const node[] = {"power of n is off", "power of n is on", "service of n is drained", "service of n is in_service"};
  static const char *const rack[] = {"shelf of r is off", "shelf of r is on", "every m in nodes of r: power of m is off"};
  Buf b = BUF_INIT;
  put_exit(w, s, &b);
  const char *condition = after && !slips(w) ? made_by(after) : s.node ? node[draw(w, 4)] : rack[draw(w, 3)];
  line(w, "confirm %s within 10s else %s", condition, b.data);
  buf_done(&b);
}

/* By what the node is: an arm for each. */
void write_decision(Writer *w, Scene s) {
  open_block(w, "decide on service of n");
  open_block(w, "is in_service");
  write_call(w, s, "drain");
  close_block(w);
  open_block(w, "is drained");
  write_call(w, s, chance(w, 50) ? "give_back" : "shut_down");
  close_block(w);
  open_block(w, "unknown");
  write_call(w, s, chance(w, 50) ? "drain" : "give_back");
  close_block(w);
  open_block(w, "otherwise");
  line(w, "wait 10s");
  close_block(w);
  close_block(w);
}

const char *condition_on_node(Writer *w) {
  static const char *const all[] = {"power of n is off", "power of n is on", "service of n is drained", "service of n is in_service",
                                    "power of n may be off", "service of n may be drained",
                                    "power of n is on and service of n is in_service"};
  return all[draw(w, sizeof all / sizeof *all)];
}

static const char *pace(Writer *w) { return chance(w, 70) ? ", all at once" : chance(w, 50) ? ", 1 at once" : ", 2 at once"; }

static const char *node_tolerance(Writer *w, bool all_may_leave) {
  if (all_may_leave) return slips(w) ? "" : ", stop after 100% of nodes set aside";
  return chance(w, 50) ? "" : ", stop after 1 nodes set aside";
}

/* Only those of which something is known: a slip, most of the time; in a roll back, what people write. */
static const char *filter(Writer *w) {
  static const char *const all[] = {" where power of n may be off", " where service of n may be drained", " where power of n is off",
                                    " where service of n is in_service", " where service of n is not in_service"};
  return slips(w) ? all[draw(w, sizeof all / sizeof *all)] : "";
}

void open_node_step(Writer *w, bool inner, bool all_may_leave) {
  if (inner) open_block(w, "for each n in nodes of r%s%s%s", filter(w), pace(w), node_tolerance(w, all_may_leave));
  else open_block(w, "step s%u for each n in nodes%s%s%s", ++w->steps, filter(w), pace(w), node_tolerance(w, all_may_leave));
}

void open_rack_step(Writer *w, bool all_may_leave) {
  bool some = all_may_leave && !slips(w);
  open_block(w, "step s%u for each r in racks%s%s", ++w->steps, pace(w), some ? ", stop after 100% of racks set aside" : "");
}
