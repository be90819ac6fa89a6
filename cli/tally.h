/* tally: what has happened in a run so far, counted from its events and notes: for the live view, the status, the report. It
 * keeps single lines only for what a person must know of: members that are out, alarms, surprises, roll backs. */
#ifndef TAGOUT_CLI_TALLY_H
#define TAGOUT_CLI_TALLY_H

#include "lang/buf.h"
#include "runtime/engine.h"

typedef struct StepTally { int64_t begin, end; bool begun, ended; StepCount count; } StepTally; /* count: at its last end */

/* A note worth a line of its own; its text is a copy. */
typedef VEC(Note) Incidents;

/* A yes that came with evidence; text, a copy: who, and what. Answers to one gate with the same text are one. */
typedef struct EvidenceTally { uint32_t gate, kind, first, members; const char *text; } EvidenceTally;

typedef struct Tally {
  const Program *program;
  Arena *arena;
  StepTally *steps;         /* per step of the program */
  Incidents incidents;      /* SET_ASIDE, KEPT_OUT, LEFT_OUT, HANDED_OVER, ROLL_BACK, SURPRISE, ALARM, REFUSED, UNTOLD, in order */
  VEC(EvidenceTally) evidence;
  uint64_t actions;         /* begun */
  uint64_t failed, unknown; /* of those that ended */
  int64_t began, latest;    /* ms UTC of the first and the last event; 0 none */
  bool ended;               /* what is said behind the end is no part of how long it took */
  uint64_t events;
  uint32_t resumes;
  int64_t paused_since;     /* 0: not paused */
  const char *paused_by;
  bool paused_here;         /* by Ctrl-C: a resume goes on by itself */
  uint32_t joined;          /* incidents that belong to this run besides its own */
  const char *joined_last;  /* "incident 7: by ann, key T-2" */
  bool cancelled;           /* a person asked for it */
  uint32_t asides;          /* times that a person has said that members leave */
} Tally;

/* subject of a CONTROL event that came from the terminal of the run itself. */
#define CONTROL_HERE 1u

void tally_init(Tally *t, const Program *p, Arena *arena);
void tally_done(Tally *t);
void tally_event(Tally *t, const Event *e);
void tally_note(Tally *t, const Engine *engine, const Note *n);
uint32_t tally_incidents(const Tally *t, NoteKind kind);

#endif
