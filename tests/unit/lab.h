/* lab: an engine on a bench. A library of racks and nodes, code from a few lines of text, a world that obeys contracts
 * unless a test's rule says otherwise, and a record of everything: at its end every lab feeds the recorded events to a
 * second engine and wants the same commands and the same digest. */
#ifndef TAGOUT_TESTS_LAB_H
#define TAGOUT_TESTS_LAB_H

#include "lang/program_build.h"
#include "runtime/engine.h"
#include "runtime/freeze.h"

enum { ROW, RACK, NODE };                              /* kinds */
enum { POWER, SERVICE, CONTROLLER, FEED };             /* facts */
enum { ON = 1, OFF }; enum { IN_SERVICE = 1, DRAINED, INVESTIGATE }; enum { ANSWERING = 1, SILENT }; enum { CLOSED = 1, OPEN };
enum { DRAIN, GIVE_BACK, SHUT_DOWN, POWER_OFF, POWER_ON, OPEN_BREAKERS, SHELVES_OFF, LEARN }; /* actions */
enum { NSD, ANVIL, OPS };                              /* automations: two on Node, one on Rack */
enum { SERVICE_NSD };                                  /* services */
enum { NODES, RACKS };                                 /* sets */
enum { FACILITY, REPAIR };                             /* roles */

#define T0 INT64_C(1767639600000)
#define SEC INT64_C(1000)
#define MIN (60 * SEC)

typedef struct Planned { int64_t at; uint64_t seq; Event event; Command effect; bool lands, answers; } Planned;
typedef struct Lab Lab;
/* What becomes of a command. Filled with what the contract says; a test's rule may change it. */
typedef struct Fate { bool answers; int64_t delay; Outcome outcome; int64_t value; bool lands; int64_t lands_after; } Fate;
typedef void LabRule(Lab *lab, const Command *c, Fate *fate);

struct Lab {
  Arena *arena;
  ProgramBuild *build;
  Program *program;
  Fleet *fleet;
  Engine *engine;
  uint32_t racks, nodes;
  Frozen frozen;
  Members sets[2], left_out[4];
  int64_t truth[4][3][256];        /* fact, kind, entity */
  int64_t locked[3][256];          /* automation, entity: 0 free, 1 locked and quiet, 2 not quiet */
  int64_t setting[256];
  LabRule *rule;
  int64_t knob[4];                 /* of a test's rule */
  int64_t now;
  uint64_t seq;
  uint64_t answered;               /* events fed that answer something */
  bool no_replay;
  const SiteImage *site;           /* how often holds are looked at; NULL: a minute */
  bool shared;                     /* other runs: room in the budget is asked for */
  VEC(Planned) planned;
  VEC(Event) fed;
  VEC(Command) commands;
  VEC(Note) notes;
  VEC(struct { char *name; uint32_t at; }) labels;
  VEC(struct { char *name; uint32_t at; }) wanted;
};

Lab *lab_new(uint32_t racks, uint32_t nodes_per_rack);
void lab_free(Lab *lab); /* checks the replay first */

/* ---- regions ---- */
CodeRef lab_number(Lab *lab, int64_t value);
CodeRef lab_text(Lab *lab, const char *text);
CodeRef lab_itself(Lab *lab);                                                 /* collects what is in slot 0 */
CodeRef lab_set(Lab *lab, uint32_t set, uint32_t slot);                      /* collects it */
CodeRef lab_below(Lab *lab, uint32_t set, uint32_t kind, uint32_t owner_slot, uint32_t slot);
CodeRef lab_above(Lab *lab, uint32_t set, uint32_t kind, uint32_t slot);
CodeRef lab_fact_is(Lab *lab, uint32_t fact, uint32_t kind, uint32_t slot, int64_t code);
CodeRef lab_every_below(Lab *lab, uint32_t kind, uint32_t owner_kind, uint32_t owner_slot, uint32_t slot, uint32_t fact, int64_t code);

/* ---- rows; the fields that they leave zero may be set through build_program ---- */
uint32_t lab_call(Lab *lab, uint32_t action);
uint32_t lab_limit(Lab *lab, LimitRule rule, int64_t amount, int64_t per, uint32_t group);
uint32_t lab_tolerance(Lab *lab, int64_t amount, uint32_t unit);
uint32_t lab_step(Lab *lab, const char *name);
uint32_t lab_fan(Lab *lab, uint32_t kind, uint32_t slot, CodeRef members, Slice limits, Slice tolerances, bool inner);
uint32_t lab_lockout(Lab *lab, const uint32_t *automations, uint32_t count, CodeRef release);

/* ---- code: one instruction per line, `label:` before it, `@label` as a JUMP operand, "text" as a STR operand ---- */
void lab_code(Lab *lab, const char *text);
uint32_t lab_place(Lab *lab, const char *label);

/* ---- the run ---- */
void lab_start(Lab *lab);                              /* finishes and verifies the program, begins */
void lab_prepare(Lab *lab);                            /* all of it but the first event */
void lab_feed(Lab *lab, Event event);                  /* at lab->now */
void lab_control(Lab *lab, ControlKind kind);
void lab_until(Lab *lab, int64_t at);                  /* lets the world go on up to and including that time */
void lab_go(Lab *lab);                                 /* until nothing is left to happen */
void lab_ends(Lab *lab, RunOutcome outcome);           /* lets it go, and wants this */
void lab_crash(Lab *lab, int64_t down);                /* answers are lost, time passes */
void lab_resume(Lab *lab, int64_t down);               /* answers are lost, time passes, then RESUMED */

uint32_t lab_commands(const Lab *lab, CommandKind kind, uint32_t subject, uint32_t entity); /* how many; NONE_INDEX: any */
const Command *lab_command(const Lab *lab, CommandKind kind, uint32_t subject, uint32_t entity); /* the last such; asserts */
uint32_t lab_notes(const Lab *lab, NoteKind kind, uint32_t subject, uint32_t entity);
const Note *lab_note(const Lab *lab, NoteKind kind, uint32_t subject, uint32_t entity);
MemberState lab_member(const Lab *lab, uint32_t kind, uint32_t entity);

#endif
