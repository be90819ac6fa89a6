/* engine_parts: what the parts of the engine do for each other, a file after the other; for engine*.c only. Nobody owns anything here
 * that the engine does not own. */
#ifndef TAGOUT_RUNTIME_ENGINE_PARTS_H
#define TAGOUT_RUNTIME_ENGINE_PARTS_H

#include "runtime/engine_state.h"

/* ---- engine_strand.c ---- */
uint32_t strand_new(Engine *e, Task task);
void strand_free(Engine *e, uint32_t id);
void strand_run(Engine *e, uint32_t id);
Flow flow_next(Engine *e, Strand *s);               /* on behind the instruction, which has ended */
Flow flow_exit(Strand *s, ExitKind exit, TextId why);
bool strand_diverted(Engine *e, uint32_t id);       /* at a step: is there a reason to leave? then s->exit is set */
void strand_begins(Engine *e, uint32_t id);         /* something that changes the world is sent for it */
bool strand_given_up(Engine *e, uint32_t id);       /* the run is cancelled before anything was sent for its member */
bool strand_left(Engine *e, uint32_t id);           /* its member, or that of a strand around it, is no longer in */
uint32_t tripped_guard(const Engine *e, const Strand *s); /* a scope of its own, NONE_INDEX none */
int64_t region_value(Engine *e, const Strand *s, CodeRef region, int64_t none);

/* ---- engine_queue.c: ready strands and fans, queues, timers of strands ---- */
void ready_strand(Engine *e, uint32_t id);
void ready_fan(Engine *e, uint32_t id);
void ready_run(Engine *e);
void queue_add(Engine *e, Queue *q, uint32_t id);
void queue_add_first(Engine *e, Queue *q, uint32_t id);
uint32_t queue_take(Engine *e, Queue *q);           /* NONE_INDEX: empty */
void queue_drop(Engine *e, Queue *q, uint32_t id);
void queue_wake_all(Engine *e, Queue *q);
void strand_timer(Engine *e, uint32_t id, int64_t at);
void strand_no_timer(Engine *e, uint32_t id);

/* ---- engine_flight.c ---- */
uint64_t issue(Engine *e, uint32_t strand, Command c, uint32_t item); /* fills id, issued; c.deadline as given */
void tell(Engine *e, Command c);                     /* a command without an answer */
void note(Engine *e, NoteKind kind, uint32_t subject, uint32_t entity_kind, uint32_t entity, int64_t value, uint32_t line, TextId text);
bool flight_take(Engine *e, uint64_t command, Flight *ret); /* it is answered: out of the table */
Flight *flight_find(Engine *e, uint64_t command);
void flight_expired(Engine *e, uint64_t command);    /* the engine's own timer */
void flights_drop(Engine *e, uint32_t strand);       /* nobody waits for these any more */
void flight_answer(Engine *e, const Event *event);
int64_t flight_reading(Engine *e, ValueType type, const Event *event); /* what was read, or unknown */
/* Formats into the VM's texts; an argument may be a text of the VM. */
TextId text_printf(Engine *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_of(const Engine *e, TextId text);
const char *entity_name(const Engine *e, uint32_t kind, uint32_t entity);

TextId event_detail(Engine *e, const char *text);    /* what a system said, cut to what is kept of it; 0: nothing */

/* ---- engine_message.c ---- */
void message_sent(Engine *e, const Command *c);
bool message_known(const Engine *e, uint64_t id);    /* it went out, and how it ended is not known */
bool message_answered(Engine *e, const Event *event); /* false: it is the answer to something else */
void messages_resumed(Engine *e);
void messages_done(Engine *e);

/* ---- engine_facts.c ---- */
void facts_init(Engine *e);
void facts_done(Engine *e);
Cell *fact_cell(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity);
Cell *metric_cell(Engine *e, uint32_t metric, uint32_t kind, uint32_t entity);
void fact_read(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity, int64_t value, uint64_t command);
bool fact_silent(Engine *e, uint32_t kind, uint32_t entity);
void host_init(Engine *e, VmHost *host);

/* ---- engine_sense.c ---- */
typedef void SenseCode(Engine *e, Strand *s);        /* runs the code whose facts are to be read */
void sense_begin(Engine *e, Strand *s);
bool sense_round(Engine *e, uint32_t id, SenseCode *code); /* true: nothing new was asked for */
void read_fact(Engine *e, uint32_t strand, uint32_t fact, uint32_t kind, uint32_t entity);
Flow op_sense(Engine *e, uint32_t id);
Flow op_confirm(Engine *e, uint32_t id);
Flow op_require(Engine *e, uint32_t id);
Flow op_leave_out(Engine *e, uint32_t id);
Flow op_select(Engine *e, uint32_t id);

/* ---- engine_fresh.c ---- */
void fresh_init(Engine *e);
void fresh_time(Engine *e);                          /* the time is another */
bool cell_fresh(const Engine *e, const Cell *cell, Asked what);

/* ---- engine_act.c, engine_admit.c, engine_budget.c, engine_late.c, engine_resume.c ---- */
enum { ACT_NEW, ACT_NEEDS, ACT_SENSE, ACT_ADMIT, ACT_PERMIT, ACT_ROOM, ACT_FRESH, ACT_FLIGHT, ACT_BACK, ACT_LEARN, ACT_PAUSE, ACT_LOOK, ACT_ASK }; /* phases */
typedef enum Admission { ADMISSION_NOW, ADMISSION_WAITS, ADMISSION_NEVER } Admission;
Flow op_act(Engine *e, uint32_t id);
Command act_command(Engine *e, const Strand *s);     /* of the call in progress, without id and times */
bool effect_has(const Engine *e, Slice values, int64_t value);
int64_t effect_value(Engine *e, const EffectRow *row, const ActionRow *action, const Strand *s); /* of a fact that has no words */
Admission act_admitted(Engine *e, uint32_t id, const ActionRow *action); /* NOW: it has taken what the call needs */
bool act_hindered(Engine *e, uint32_t id, const ActionRow *action); /* it was admitted: has something come in between? */
bool act_loose(Engine *e, uint32_t id, const ActionRow *action); /* an automation that was locked on what it is about is loose */
void act_sent(Engine *e, uint32_t id, const ActionRow *action, int64_t deadline); /* it holds its places while it may be working */
void act_silent(Engine *e, uint32_t id, const ActionRow *action); /* it is unanswered: overdue, if its time for that has come */
void act_ended(Engine *e, uint32_t id, const ActionRow *action);  /* gives back the services */
void act_goes(Engine *e, uint32_t id, const ActionRow *action);   /* what was admitted is sent now */
void act_unsent(Engine *e, uint32_t id, const ActionRow *action); /* what was admitted is not: it never counted */
void act_note(Engine *e, const Strand *s, NoteKind kind, int64_t value, TextId text); /* about the action in progress */
void act_note_waiting(Engine *e, const Strand *s, const ActionRow *action, const char *what);
void act_wait(Engine *e, uint32_t id, WaitKind wait);
void bucket_leave(Engine *e, uint32_t id);           /* it waits no more, in no line */
void queue_leave(Engine *e, uint32_t id);            /* out of the line that it stands in, if any */
void bucket_pump(Engine *e, uint32_t bucket);
void buckets_stop(Engine *e);                        /* the run has ended: nobody will stand in a line */
void buckets_done(Engine *e);
void budget_init(Engine *e);
void budget_done(Engine *e);
bool budget_admits(Engine *e, uint32_t id, const ActionRow *action, int64_t *ret_when);
void budget_charge(Engine *e, const Strand *s, const ActionRow *action);
uint32_t budget_targets(Engine *e, const Strand *s, const ActionRow *action, Charge which); /* in e->scratch: those it takes out that are so charged */
void budget_uncharge(Engine *e, uint32_t entity, int64_t at); /* it was charged at that time, and did not leave */
void budget_pump(Engine *e);
void budget_refund(Engine *e, uint32_t entity);      /* if it is verified back in service */
void budget_released(Engine *e, uint32_t kind, uint32_t entity); /* the same for it and all in it, at their release from a lockout */

/* ---- engine_permit.c ---- */
bool permits_ask(Engine *e, uint32_t id, const ActionRow *action); /* true: answers are awaited, s->answer says how it went */
Flow permits_answered(Engine *e, uint32_t id, const ActionRow *action);
Flow permits_wait(Engine *e, uint32_t id, const ActionRow *action);
void permit_refund(Engine *e, uint32_t entity);
void late_record(Engine *e, const ActionRow *action, const Strand *s);
const Late *late_against(Engine *e, const ActionRow *action, const Strand *s); /* a late effect that contradicts, or NULL */
void late_masked(Engine *e, const ActionRow *action, const Strand *s);
void late_seen(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity, int64_t value);
uint32_t *ids_of(Engine *e, uint32_t **column, uint32_t kind);
Flow act_looks(Engine *e, uint32_t id);              /* after a resume: what became of it */
void run_resumed(Engine *e);

/* ---- engine_fan.c, engine_order.c, engine_tolerance.c ---- */
Flow op_fan(Engine *e, uint32_t id);
void fan_pump(Engine *e, uint32_t fan);
void fan_stop(Engine *e, uint32_t fan, StopKind stop, TextId why);
void fan_free(Engine *e, uint32_t fan);
void member_end(Engine *e, uint32_t id, ExitKind how);
void fan_order(Engine *e, const FanRow *row, const Strand *s, EntityVec *members);
void tolerances_open(Engine *e, Fan *f, const FanRow *row, const Strand *s);
void tolerances_close(Fan *f);
void tolerance_count(Engine *e, uint32_t strand, uint32_t kind, uint32_t entity, uint32_t mark, TextId why);
void tolerance_count_in(Engine *e, uint32_t fan, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t mark, TextId why);
uint32_t tolerance_before(Engine *e, FanTolerance *t, uint32_t ordinal, uint32_t kind, uint32_t entity); /* what counts where it would */
void tolerance_uncount(Engine *e, uint32_t fan, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t mark);
uint32_t tolerance_units(Engine *e, uint32_t unit, uint32_t kind, uint32_t entity, uint32_t mark);
void tolerance_passed(Engine *e, uint32_t fan, const FanTolerance *t, uint32_t count, TextId why); /* the fan stops */

/* ---- engine_tally.c ---- */
void tallies_init(Engine *e);
void tallies_done(Engine *e);
void tally_lost(Engine *e, uint32_t kind, uint32_t entity, uint32_t mark);   /* set aside, or rolled back: mark NONE_INDEX */
void tally_in_again(Engine *e, uint32_t mark, bool never);                   /* never: as if it had not been set aside */
uint32_t tally_at(Engine *e, uint32_t tally, uint32_t kind, uint32_t entity); /* what counts now where it would */
/* The most that counts where any that left with this mark does. */
uint32_t tally_most(Engine *e, uint32_t tally, uint32_t kind, uint32_t entity, uint32_t mark);
bool tallies_stop(Engine *e, uint32_t fan, uint32_t member);                 /* more has been lost than lets it start: the fan has stopped */

/* ---- engine_window.c ---- */
int64_t window_open_at(Engine *e, int64_t needs);    /* now, the next opening, or INT64_MAX: none is left */
int64_t window_for(Engine *e, uint32_t id);          /* the same for what the strand is about to begin: now, where no window holds it */
void window_wait(Engine *e, uint32_t id, int64_t open, const char *what);
void window_goes_on(Engine *e, uint32_t id, const char *what); /* it does not wait any more: is to be said, if that was */
bool window_keeps(Engine *e, uint32_t id);           /* the main strand does not begin this lockout or setting now */

/* ---- engine_risk.c ---- */
void loss_tell(Engine *e, TallyKind what, uint32_t kind, uint32_t entity);
bool losses_open(const Engine *e);                   /* something lost is not written yet */
bool risk_taken(Engine *e, uint32_t fan, uint32_t ordinal); /* it may start; false: the ledger is asked, or has no room */
bool risk_waits(const Fan *f);                       /* other runs have too many at work */
bool risks_open(Engine *e, const Fan *f);            /* it does not end before that is answered */
void risks_close(Engine *e, uint32_t fan);
void risk_over(Engine *e, const Fan *f, uint32_t member);
void risks_stop(Engine *e);                          /* the run has ended */
void ledger_answered(Engine *e, const Flight *flight, Outcome outcome, TextId why);
void ledger_run(Engine *e, uint32_t id);

/* ---- engine_members.c ---- */
void members_init(Engine *e);
void members_done(Engine *e);
MemberState member_state(const Engine *e, uint32_t kind, uint32_t entity);
bool member_out(const Engine *e, uint32_t kind, uint32_t entity);
TextId member_why(const Engine *e, uint32_t kind, uint32_t entity);
uint32_t member_mark(const Engine *e, uint32_t kind, uint32_t entity); /* NONE_INDEX none */
void member_claim(Engine *e, uint32_t kind, uint32_t entity);
uint32_t member_put_out(Engine *e, uint32_t kind, uint32_t entity, MemberState state, TextId why); /* the mark, NONE_INDEX: was out */
void marks_lift(Engine *e, uint32_t from);           /* a roll back takes them in again */
void mark_lift(Engine *e, uint32_t index);
void members_settle(Engine *e, MemberState state);   /* those still in, at the end */

/* ---- engine_exit.c ---- */
uint32_t scope_open(Engine *e, uint32_t strand, ScopeKind kind, uint32_t row, uint32_t data);
void scope_close(Engine *e, uint32_t strand);        /* its innermost */
bool scope_is(const Engine *e, const Strand *s, ScopeKind kind, uint32_t row);
Flow unwind(Engine *e, uint32_t id);
Flow op_out(Engine *e, uint32_t id, MemberState state); /* SET_ASIDE, KEEP_OUT */
Flow op_refused(Engine *e, uint32_t id, MemberState state);
Flow op_attempt_end(Engine *e, uint32_t id);
Flow op_undo_end(Engine *e, uint32_t id);
Flow op_hold(Engine *e, uint32_t id);
void run_end(Engine *e, RunOutcome outcome, TextId reason);
void run_cancel(Engine *e);

/* ---- engine_control.c, engine_held.c: what people do ---- */
void control(Engine *e, const Event *event);
void control_init(Engine *e);
void control_done(Engine *e);
void control_step_ended(Engine *e, uint32_t step);
bool member_held(const Engine *e, uint32_t kind, uint32_t entity); /* it, or what it is in */
bool strand_held(Engine *e, uint32_t id);            /* of a member that is held, outside of any roll back */
bool action_held(Engine *e, const Strand *s, const ActionRow *action); /* an argument is held, is in what is, or contains it */
TextId held_refused(Engine *e, const Event *event);  /* 0: not */
void held_take(Engine *e, const Event *event, TextId by);
void aside_take(Engine *e, const Event *event, TextId why);
bool aside_may_end(const Engine *e, uint32_t kind, uint32_t entity); /* a person said so, and nothing has passed it by since */
void aside_end(Engine *e, uint32_t kind, uint32_t entity);
void aside_passed(Engine *e, uint32_t kind, uint32_t entity); /* it, or what it is in, had its turn; NONE_INDEX: all had */
TextId aside_refused(Engine *e, const Event *event);
void aside_put(Engine *e, uint32_t kind, uint32_t entity, TextId why); /* out, counted, and nobody waits for it */
TextId break_refused(Engine *e, const Event *event);
void break_take(Engine *e, const Event *event, TextId by);
void aside_counts(Engine *e, uint32_t fan);          /* a fan opens: whoever was set aside by people before it */

/* ---- engine_gate.c ---- */
void gates_drop_out(Engine *e);                      /* nobody is asked any more about members that are out */
void gates_init(Engine *e);
void gates_done(Engine *e);
Flow op_gate(Engine *e, uint32_t id);
void ask_answer(Engine *e, const Flight *f, int64_t value, TextId text); /* of a gate, a hold, or a resume */
bool gate_of(Engine *e, uint32_t gate, uint32_t entity, uint64_t *ret_command);
void gates_void(Engine *e, uint32_t since_pass);
void strand_asked_forget(Engine *e, uint32_t id);

/* ---- engine_guard.c, engine_adjust.c ---- */
Flow op_guard_begin(Engine *e, uint32_t id);
Flow op_guard_end(Engine *e, uint32_t id);
void guard_run(Engine *e, uint32_t id);
void guard_close(Engine *e, uint32_t scope);
Flow op_set_begin(Engine *e, uint32_t id);
Flow op_set_end(Engine *e, uint32_t id);
Flow adjust_restore(Engine *e, uint32_t id, uint32_t adjust);
void adjust_answer(Engine *e, const Flight *f, const Event *event);
#include "runtime/engine_lock.h"

#endif
