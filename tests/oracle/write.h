/* write: a runbook's text being made up: chance, lines, and the pieces that every made-up runbook consists of. */
#ifndef TAGOUT_TESTS_ORACLE_WRITE_H
#define TAGOUT_TESTS_ORACLE_WRITE_H

#include "lang/buf.h"
#include <stdbool.h>

/* Where a statement stands: which variables there are and which exits are allowed. */
typedef struct Scene { bool node, rack, attempt, undo, above; } Scene; /* above: its rack leaves with it */

typedef struct Writer {
  uint64_t state;       /* of the generator of random numbers (splitmix64) */
  Buf out;
  uint32_t indent, steps, gates;
  uint32_t calls;       /* that may still be written */
  uint32_t sloppy;      /* how often, in a hundred, something is not as it should be */
  bool procedure;       /* `bring_up(n)` was declared: start and give_back */
  bool gate_go;         /* a gate called `go` has been written */
  bool urgent;          /* with emergencies, and what they need */
} Writer;

uint32_t draw(Writer *w, uint32_t below);
bool chance(Writer *w, uint32_t in_hundred);
static inline bool slips(Writer *w) { return chance(w, w->sloppy); }

void line(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void open_block(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));  /* the line ends in ` {` */
void close_block(Writer *w);

/* An exit that suits the scene; rarely, another one. subject: "n", "r". */
void put_exit(Writer *w, Scene s, Buf *out);
/* A call and its handlers; a confirm; a condition on the member. */
void write_call(Writer *w, Scene s, const char *action);
void write_confirm(Writer *w, Scene s, const char *after); /* after: the action whose effect it looks for, or NULL: anything */
void write_decision(Writer *w, Scene s);
const char *condition_on_node(Writer *w);
void open_node_step(Writer *w, bool inner, bool all_may_leave); /* `step s1 for each n in nodes ... {`, or `for each n in nodes of r` */
void open_rack_step(Writer *w, bool all_may_leave);

/* shapes.c: near the shape of a real power procedure. wild.c: statements at random. Both write the body of a runbook. */
void write_shape(Writer *w);
void write_wild(Writer *w);
/* urgent.c: an emergency, in the head of a runbook; and before that, what it needs. */
void write_urgent_library(Writer *w);
void write_emergency(Writer *w);

#endif
