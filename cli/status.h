/* status: how a run stands at this moment, for people and for programs: what is done, what is out, what it waits for, which
 * locks stand, which gates are open and with which command they are answered. */
#ifndef TAGOUT_CLI_STATUS_H
#define TAGOUT_CLI_STATUS_H

#include "cli/run_state.h"
#include "cli/story.h"

Story run_story(const RunState *r);

/* owner: who has the run in hands, or NULL: nobody. */
void status_text(RunState *r, const char *owner, Buf *out);
void status_json(RunState *r, const char *owner, Buf *out);

/* Who is on duty, and since when: who took the run, else who started it. */
const char *status_duty(const RunState *r, int64_t *ret_since);

/* Pieces that the live view and the report share. */
uint32_t status_locks(const RunState *r, uint32_t automation); /* how many stand */
int64_t status_expected_end(const RunState *r);                /* ms UTC, by the plan and by how late it is now */
void status_bar(double fraction, unsigned cells, Buf *out);
/* An open question: the gate, who is asked, for how many members, and the command that answers. One per gate, or per hold. */
typedef struct OpenGate { uint32_t gate, role, members, kind, first; int64_t since, until; uint64_t command; const char *text; } OpenGate;
uint32_t status_gates(RunState *r, OpenGate *ret, uint32_t max);
void gate_command(const RunState *r, const OpenGate *g, Buf *out); /* "tagout ack ID electrical_go yes --all" */
/* Commands in flight as "12 shut_down, 3 power_off, 4 readings". */
void status_in_flight(const RunState *r, Buf *out);
/* The same of those that are wanted; NULL: all. */
typedef bool FlightWanted(const void *ctx, const Command *c);
void status_flights(const RunState *r, FlightWanted *wanted, const void *ctx, Buf *out);

#endif
