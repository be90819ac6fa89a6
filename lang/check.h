/* check: the checker's inside, shared by resolve*.c and check*.c and by nobody else. The order of work is in
 * compilation.c: declare (every name of every module), contracts (what is declared), bodies (procedures
 * before those who run them, then runbooks), tests and sites. One walk over a body resolves names, types
 * expressions and keeps the rules, because all three need the same surroundings: this Checker.
 *
 * A mistake is reported once: what failed gets the type POISON, a name that failed gets no symbol, and
 * whatever meets either stays silent. */
#ifndef TAGOUT_LANG_CHECK_H
#define TAGOUT_LANG_CHECK_H

#include "lang/compilation.h"
#include "lang/limits.h"
#include "lang/scope.h"
#include "lang/suggest.h"

/* What is being walked: a plural without `all`, a gate, an exit mean different things there. */
typedef enum Where {
  WHERE_DECL,
  WHERE_CONTRACT,
  WHERE_RUNBOOK,
  WHERE_PROCEDURE,
  WHERE_SITE,
  WHERE_TEST
} Where;

/* How many items of one list are compared with each other, to say that something stands there twice: a longer
 * list is not written by hand, and comparing all of it would take the square of its length. */
#define COMPARED 64u

/* The fan-out that is being walked, innermost first. */
typedef struct FanContext {
  struct FanContext *outer;
  Node *node;    /* Step, Each, Gate */
  Symbol *var;   /* the member; NULL: reported */
  uint32_t kind; /* of the member; TYPE_NO_KIND: reported */
  Atom given;    /* the gate that said yes to the members, or 0 */
} FanContext;

typedef struct Checker {
  Compilation *c;
  Scope *scope;
  Module *module;       /* names are looked up from here */
  const uint8_t *extra; /* modules named by the runbook's own `use`, or NULL */
  Body *body;           /* runbook or procedure, or NULL */
  Where where;
  uint32_t slots;     /* variables in scope: the slot of the next one */
  uint32_t iterators; /* quantifiers and filters around here */
  uint32_t scopes;    /* lockouts, attempts, steps, guards around here */
  uint32_t
      fact_reads; /* facts read so far whose answer may be unknown: compared before and after a condition */
  uint32_t facts_seen; /* facts read so far, in whatever manner */
  FanContext *fan;
  FanContext *gate;                        /* the members of the gate whose branch is being walked */
  Node *lockout, *attempt, *undo, *window; /* what encloses, or NULL */
  Node *emergency;                         /* whose block is being walked, or NULL */
  Symbol *campaign;                        /* the member that a campaign speaks of; NULL: none, or it was reported */
  uint64_t held;                           /* automations that lockouts around here hold: lock_bits */
  SrcPos *broken;                          /* where the parser found mistakes */
  uint32_t broken_len;
  uint32_t stamp;                   /* of the walk over bodies that is going on: above every other mark */
  Atom count, unknown, name, power; /* words that mean something to the language */
  Symbol *builtin[3];               /* by Builtin */
} Checker;

/* ---- names: resolve.c ---- */
const char *name_text(const Checker *k, Atom a);
bool checker_quiet(
    const Checker *k); /* past the limit of diagnostics: do no work for a message that nobody sees */
/* The global symbol of that namespace, visible here, written to name->symbol; NULL and reported when there is
 * none. what: "the fact", "the role" for the message. */
Symbol *resolve_global(Checker *k, Name *name, Namespace space, const char *what);
/* The same, silent; ambiguity counts as found. */
Symbol *find_global(Checker *k, Atom name, Namespace space);
Symbol *find_local(const Checker *k, Atom name, Namespace space);
/* Adds "did you mean" to d from the candidates that were offered. */
void suggest_fix(Checker *k, Diag *d, Span span, const Suggest *s);
void offer_globals(Checker *k, Suggest *s, Namespace space);
void offer_locals(Checker *k, Suggest *s, Namespace space);
void offer_words(Checker *k, Suggest *s, uint32_t enumeration);
/* Says which `use` is missing when another module declares the name; false when none does. */
bool report_missing_use(Checker *k, const Name *name, Namespace space, const char *what);
void symbol_used(Symbol *s);
/* A new symbol of that name, not in the table yet. */
Symbol *symbol_new(Checker *k, SymbolKind kind, Namespace space, const Name *name, Node *decl);
/* Puts a local name into scope; reports one that hides another of its namespace. */
void declare_local(Checker *k, Symbol *s, const char *what);
/* Names that come into scope after enter go out of it at leave, and their slots with them. */
typedef struct ScopeMark {
  uint32_t locals, slots;
} ScopeMark;
ScopeMark enter_names(const Checker *k);
void leave_names(Checker *k, ScopeMark mark);
void symbols_add(SymbolList *list, Symbol *s); /* gives it its index */

/* ---- what the parser could not read: check_broken.c ---- */
void collect_broken(Checker *k);
bool lost_line(const Checker *k, const char *word); /* a line that begins with the word could not be read */
bool lost_declaration(const Checker *k); /* a declaration of the module could not be read at all */
bool incomplete(const Checker *k,
                const Node *n); /* a mistake is in it: what is missing there may only be unread */
bool maybe_dropped(const Checker *k, Atom name); /* the name stands where something could not be read */

/* ---- modules: modules.c ---- */
bool decl_name(Node *decl, Name **ret_name, Namespace *ret_space); /* false: declares no global name */
/* The module, used by nobody so far, that declares the name; NULL: none that the loader knows. */
const char *module_that_declares(Compilation *c, const Source *from, Atom name, Namespace space);
void modules_done(Compilation *c);

/* ---- declarations: resolve_declare.c, check_kinds.c ---- */
void declare_module(Checker *k, Module *m);
void check_kinds(Checker *k); /* parents, attributes, keys, reach */
bool find_named_kind(Checker *k, Name *name, uint32_t *ret_kind, const char *what); /* Node */
bool find_plural(Checker *k, Atom word, uint32_t *ret_kind);                        /* nodes, node */
/* The type that a TypeName or TypeEnum says; owner gets the words of an enumeration. */
TypeId check_type(Checker *k, Node *type, Symbol *owner, bool lists);
void check_declarations(Checker *k); /* facts, metrics, types, settings: their types */

/* ---- contracts: check_action.c, check_automation.c, check_policy.c ---- */
void check_action(Checker *k, Symbol *s);
void check_automation(Checker *k, Symbol *s);
void check_hazard(Checker *k, Symbol *s);
void check_setting(Checker *k, Symbol *s);
void check_policy(Checker *k, Symbol *s);
void check_effects(Checker *k, NodeList *effects);
void check_fact_target(Checker *k, Node *target);                        /* `FACT of x` */
void check_once(Checker *k, const NodeList *clauses, const char *owner); /* owner: "a lockout" */
/* Variables with slots from 0; their types were checked with the declarations. limit: LIMIT_PARAMS or less.
 */
void declare_params(Checker *k, NodeList *params, uint32_t limit, SymbolList *into);
bool check_takes(Checker *k, Takes *t);
void check_call_needs(Checker *k, const Call *call,
                      const Symbol *action); /* gates that the action's contract names */

/* ---- expressions: check_expr.c, check_compare.c, check_of.c, check_set.c, check_name.c ---- */
TypeId check_expr(Checker *k, Node *e, TypeId wanted); /* wanted: helps bare words; 0 when nothing is known */
TypeId check_name_ref(Checker *k, NameRef *r, TypeId wanted);
TypeId check_of(Checker *k, Of *of);
Diag *report_no_fact(Checker *k, Span at, const Symbol *s,
                     uint32_t kind); /* s: fact, metric or setting of other kinds */
void want_run_set(Checker *k, uint32_t kind,
                  Span span); /* a procedure names a set of the runbook that runs it */
TypeId check_member(Checker *k, Member *m);
TypeId check_is(Checker *k, Is *is);
TypeId check_binary(Checker *k, Binary *b);
TypeId check_share(Checker *k, Share *s,
                   uint32_t fan_kind); /* fan_kind: of the limits' fan, or TYPE_NO_KIND */
TypeId check_rate(Checker *k, Rate *r);
TypeId check_quantified(Checker *k, Quantified *q);
TypeId check_locked(Checker *k, Locked *l);
TypeId check_tried(Checker *k, Tried *t);
TypeId check_gate_ref(Checker *k, GateRef *g);
bool gate_in_force(const Checker *k, const Symbol *gate); /* a roll back inherits no yes */
Symbol *find_gate(Checker *k, Name *name);       /* one that was asked on every way to here; NULL: reported */
void check_text(Checker *k, Node *text);         /* a Text node and its parts; NULL is fine */
void check_condition(Checker *k, Node *e);       /* a truth that is not constant */
bool check_condition_facts(Checker *k, Node *e); /* the same; true: it reads facts, so it may be unknown */
/* A value of that type; what names the place: "the deadline of `within`". False when reported. */
bool check_value(Checker *k, Node *e, TypeId wanted, const char *what);
/* A constant one is longer than nothing; with zero, nothing will do. */
bool check_duration(Checker *k, Node *e, const char *what, bool zero);
/* A set of members: set name, `Rack`, nodes of r, rows of racks, list attribute. Its kind. */
bool check_source(Checker *k, Node *e, uint32_t *ret_kind);
bool check_entity(Checker *k, Node *e, uint32_t *ret_kind); /* an entity; its kind */
/* Opens the binder: resolves its source, puts the variable into scope, checks the filter; between enter_names
 * and leave_names. kind: of the member when the binder has no source (release each n). */
Symbol *open_binder(Checker *k, Binder *b, uint32_t kind);
Symbol *reopen_binder(Checker *k, const Binder *b); /* the variable of one that was left, in the same slot: none is open */
bool check_arguments(Checker *k, Span call, NodeList *args, NodeList *params, const Symbol *callee);
/* E_WRONG_TYPE: this is T where wanted is needed. */
Diag *report_type(Checker *k, Node *e, const char *wanted);
const char *kind_text(const Checker *k, uint32_t kind);   /* "Node" */
const char *plural_text(const Checker *k, uint32_t kind); /* "nodes" */
bool type_compatible(TypeId a, TypeId b); /* equal, or a plain number for a count, or poison */

/* ---- bodies: check_body.c and below ---- */
void check_emergency_clause(Checker *k, EmergencyClause *e);
void check_emergencies(Checker *k, RunbookDecl *r); /* behind the runbook's body */
void check_procedures(Checker *k);
void check_runbook(Checker *k, Symbol *s);
void begin_body(Checker *k, Body *b, Where where);
void end_body(Checker *k);
void check_head(Checker *k, RunbookDecl *r);
const uint8_t *runbook_uses(Checker *k, const RunbookDecl *r); /* Checker.extra */
void check_embargoes(Checker *k, const RunbookDecl *r);          /* check_embargo.c: behind the body */
void freeze_sets_after(Checker *k, const Symbol *step);        /* selects `after step`: in scope from here */
bool find_set(Checker *k, Node *e, uint32_t *ret_kind); /* a selected set by its name; false: reported */
const Select *later_set(const Checker *k, Atom name);   /* the runbook's set of that name, in scope or not */
bool report_early_set(Checker *k, const Name *name);    /* true: it is one that is not frozen yet */
/* Statements. True: control never goes on behind it. */
bool check_block(Checker *k, Node *block);
bool check_statement(Checker *k, Node *s);
bool check_exit(Checker *k, Node *s); /* SET_ASIDE .. HOLD */
bool is_exit(const Node *s);
void check_call(Checker *k, Call *call, NodeList handlers); /* its own, or those behind its `else` */
bool check_run(Checker *k, Run *run);
bool check_confirm(Checker *k, Confirm *s);
bool check_gate(Checker *k, Gate *g);
bool check_step(Checker *k, Step *s);
bool check_each(Checker *k, Each *e);
bool check_lockout(Checker *k, Lockout *l);
bool check_attempt(Checker *k, Attempt *a);
bool check_when(Checker *k, When *w);
bool check_decide(Checker *k, Decide *d);
bool check_throughout(Checker *k, Throughout *t);
bool check_with_setting(Checker *k, WithSetting *s);
void check_remember(Checker *k, Remember *r);
/* ---- campaigns: check_campaign.c ---- */
void open_campaign(Checker *k, RunbookDecl *r);      /* its member, known in all of it; nothing for another runbook */
bool campaign_refuses(Checker *k, const Node *n);    /* a clause of its head that means nothing there */
void check_campaign(Checker *k, Campaign *c);
/* ---- incidents: check_incident.c ---- */
void check_incidents(Checker *k);                      /* their fields */
void open_incident(Checker *k, RunbookDecl *r);        /* its alias and fields, known in the whole runbook */
bool check_on_incident(Checker *k, OnIncident *o);
TypeId check_field(Checker *k, Member *m, const Symbol *alias); /* i.node */
TypeId check_attached(Checker *k, Attached *a);
void report_one_per(Checker *k, const OnePer *o);      /* where no incident is */
bool field_is_attachment(const Checker *k, const Node *field); /* a Param of an incident */
typedef enum HandlerSet { HANDLERS_ACTION, HANDLERS_CONFIRM, HANDLERS_GATE, HANDLERS_OTHER } HandlerSet;
/* Which outcomes have a branch, as bits 1 << HandlerOn. */
uint32_t check_handlers(Checker *k, NodeList *handlers, HandlerSet set, const char *what);
/* Opens the binder and checks limits and tolerances; between enter_names and leave_names. */
void open_fan(Checker *k, Fan *fan, Node *owner, FanContext *ret);
void close_fan(Checker *k, FanContext *ctx);
void check_order_keys(Checker *k, NodeList *order);           /* OrderKey nodes about k->fan's member */
bool refuse_in_fan(Checker *k, const Node *s, const char *what); /* true: reported */
void check_limits(Checker *k, NodeList *limits, uint32_t kind, const char *what);
/* A time zone: an expression, or a text that names one. */
void check_zone(Checker *k, Node *zone, const char *what);
void check_zone_name(Checker *k, const Node *zone); /* a text that is checked */
void check_group(Checker *k, Limit *l, uint32_t kind); /* of a limit: a kind that contains this one; TYPE_NO_KIND: any */
bool check_amount(Checker *k, Node *amount, uint32_t kind,
                  const char *what);     /* a number of members of that kind */
bool enter_scope(Checker *k, Span span); /* LIMIT_SCOPES; false: reported */
void leave_scope(Checker *k);

/* ---- numbers: check_void.c, check_lasts.c, check_capacity.c ---- */
const char *duration_text(const Checker *k, int64_t ms);          /* "1h 30min"; these live as long as the arena */
const char *limit_text(const Checker *k, const Limit *l);         /* "6 per 10min" */
int64_t rounds_up(int64_t a, int64_t b);                          /* a / b, upwards; both above zero */
void report_void(Checker *k, const Limit *l, const Limit *lesser, const char *when, const char *why); /* W_LIMIT_VOID */
bool void_beside(Checker *k, const NodeList *limits, const Limit *l); /* another of the list is always reached first */
void check_void_limits(Checker *k, const NodeList *limits);       /* those of which that is so */
void check_void_rates(Checker *k, const Fan *fan, const Node *body); /* one that is never reached, by how long a member takes */
void check_lasts(Checker *k, const RunbookDecl *r);               /* longer than its window or its goal, when nothing fails */
void check_capacity(Checker *k, const RunbookDecl *r);            /* more out at once than the budget allows */

/* ---- the order of locks: check_lock_order.c ---- */
uint64_t lock_bits(const NodeList *automations);
void check_lock_order(Checker *k, Span span, uint64_t locks); /* taken here; of a `run`: somewhere in it */

/* ---- tests, sites, unused names ---- */
void check_test(Checker *k, TestDecl *t, Module *m);
void check_site(Checker *k, Symbol *s);
void check_unused(Checker *k, Body *b);

#endif
