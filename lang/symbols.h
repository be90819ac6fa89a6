/* symbols: what names mean. A Symbol stands for one declaration; Name.symbol of the tree points to it. The
 * table finds the symbol that a name means here and now: every atom heads a chain of its meanings, innermost
 * first, so a lookup is one step, whatever the size of the program. Symbols live in the arena of the
 * compilation. */
#ifndef TAGOUT_LANG_SYMBOLS_H
#define TAGOUT_LANG_SYMBOLS_H

#include "lang/ast.h"
#include "lang/types.h"

/* `index` of a symbol is dense within the table named here. Tables with (c) are lists of the Compilation,
 * those with (b) of the Body that declares it (runbook or procedure). */
typedef enum SymbolKind {
  SYM_MODULE, /* (c) modules */
  SYM_KIND, /* (c) kinds; type ENTITY. In Of.name or Units.kind it is the plural: all entities of the kind */
  SYM_ATTR, /* (c) attrs: contiguous per kind, in order of declaration; entity_kind: the kind that has it */
  SYM_TYPE, /* no table; type: what the name stands for */
  SYM_WORD, /* a value of an enumeration: index is its code, 1 + position; type ENUM */
  SYM_FACT, /* (c) facts; type of its values */
  SYM_METRIC,     /* (c) metrics; type of its values */
  SYM_SETTING,    /* (c) settings; type of its values */
  SYM_ROLE,       /* (c) roles */
  SYM_CHANNEL,    /* (c) channels */
  SYM_ACTION,     /* (c) actions */
  SYM_AUTOMATION, /* (c) automations; entity_kind: what it is locked on */
  SYM_HAZARD,     /* (c) hazards; entity_kind */
  SYM_SERVICE,    /* (c) services: declared by the first `through NAME` or `in flight ... per NAME` */
  SYM_POLICY,     /* (c) policies */
  SYM_SITE,       /* (c) sites */
  SYM_RUNBOOK,    /* (c) runbooks */
  SYM_PROCEDURE,  /* (c) procedures */
  SYM_PARAM,      /* (b) params of a runbook, behind them the fields of its incident */
  SYM_SET,        /* (b) sets; type SET; entity_kind */
  SYM_STEP,       /* (b) steps; entity_kind of its fan, or TYPE_NO_KIND */
  SYM_GATE,       /* (b) gates; entity_kind of its members, or TYPE_NO_KIND: one yes for the whole run */
  SYM_REMEMBER,   /* (b) remembers; type of the value; entity_kind: whose */
  SYM_ASK,        /* evidence that a gate asks for: index within the gate */
  SYM_VAR,    /* a variable of a binder, or a parameter of an action, procedure, policy, automation, hazard,
                 bind: index is its slot */
  SYM_BUILTIN, /* index: Builtin */
  SYM_INCIDENT, /* (c) incidents */
  SYM_ALIAS /* the incident that a standing runbook runs for: its fields are behind a point; decl: OnIncident */
} SymbolKind;

typedef enum Builtin {
  BUILTIN_UNKNOWN, /* the value `unknown` */
  BUILTIN_COUNT,   /* count of SET */
  BUILTIN_NAME     /* x.name of an entity whose kind has no attribute `name`: its key (opcode NAME) */
} Builtin;

/* Names of different namespaces never clash. */
typedef enum Namespace {
  NS_MODULE,
  NS_TYPE /* kinds and named types */,
  NS_MEMBER /* rack, racks: the words of a kind */,
  NS_PROPERTY /* X in `X of e`: facts, metrics, settings */,
  NS_ACTION /* and procedures */,
  NS_AUTOMATION /* and hazards */,
  NS_ROLE,
  NS_CHANNEL,
  NS_SERVICE,
  NS_POLICY,
  NS_SITE,
  NS_RUNBOOK,
  NS_VALUE /* local: params, sets, variables, remembers */,
  NS_STEP,
  NS_GATE,
  NS_INCIDENT
} Namespace;

struct Module;
struct Body;

typedef struct Symbol {
  uint8_t kind;      /* SymbolKind */
  uint8_t space;     /* Namespace */
  uint16_t uses;     /* how often it was named, saturating: for warnings about unused names */
  Node *takes;       /* ACTION: its clause `takes`; NULL: reported */
  bool writes_power; /* ACTION: the fact `power` is among what it makes, or what its failure may change */
  bool needs_gate;   /* ACTION: a need of it is a gate's yes */
  Atom name;
  uint32_t index; /* see SymbolKind */
  TypeId type;
  uint32_t entity_kind;  /* see SymbolKind; else TYPE_NO_KIND */
  Span span;             /* the name where it is declared; {0,0} for what the language declares */
  Node *decl;            /* the declaring node; NULL for what the language declares */
  struct Module *module; /* NULL for what the language declares */
  struct Body *body;     /* RUNBOOK, PROCEDURE: its tables. PARAM .. REMEMBER: the one that declares it */
  struct Symbol *outer;  /* next meaning of the same atom, any namespace */
} Symbol;

typedef struct SymbolList {
  Symbol **items;
  uint32_t len, cap;
} SymbolList;

/* A set that a procedure names by the plural of its kind. */
typedef struct RunSet {
  uint32_t kind;
  Span span;
} RunSet;

typedef enum BodyWant {
  WANT_ATTEMPT, /* it rolls back */
  WANT_LOCKOUT, /* it keeps out */
  WANT_MEMBER,  /* it has an exit of the member that it is run for */
  WANT_WINDOW,  /* it speaks of the window */
  WANT_NO_FAN,  /* it has a step, a lockout, an attempt: nothing for within a fan-out */
  BODY_WANTS
} BodyWant;

/* What a runbook or a procedure declares. A procedure is inlined where it is run: its slots, steps, gates,
 * remembers count from 0, and the compiler adds its own base for each inlining (slots: the number of
 * variables in scope at the `run`; a binder's slot is the number of variables around it). */
typedef struct Body {
  Symbol *symbol;
  SymbolList params; /* runbook: PARAM. Procedure: VAR with slots 0.. */
  SymbolList sets, steps, gates, remembers;
  Symbol *alias;           /* runbook: the incident that it runs for, or NULL */
  uint32_t first_field;    /* runbook: in params; none: their number */
  uint32_t slots;          /* most variables in scope at once, procedures that it runs included */
  struct RunSet *run_sets; /* procedure: the sets that it wants of the runbook that runs it, procedures that
                              it runs included */
  uint32_t run_set_len, run_set_cap;
  Span wants[BODY_WANTS]; /* procedure: the first place that asks something of where it is run; {0,0}: none */
  uint32_t inline_depth;  /* procedures that run procedures: 1 runs none */
  uint32_t scope_depth;   /* LIMIT_SCOPES: most scopes open at once */
  struct Run **runs;      /* every `run` in it */
  uint32_t run_len, run_cap;
  uint32_t mark; /* of walks over who runs whom */
  uint64_t locks; /* automations that its lockouts take, those of procedures that it runs included: lock_bits */
  int64_t least; /* procedure: ms that it takes when nothing fails, 1 more than that; 0: not asked yet */
} Body;

/* Node.meaning of an Of: what `X of y` is. In COUNT .. REACH, SYM_KIND as name is the plural of that kind,
 * all of the inventory; SYM_SET a frozen set, members still in. */
typedef enum OfMeaning {
  OF_WRONG,      /* reported */
  OF_FACT,       /* power of n: name SYM_FACT; the object's type has the kind */
  OF_METRIC,     /* unreachable of c: name SYM_METRIC */
  OF_REMEMBERED, /* old_firmware of n: name SYM_REMEMBER */
  OF_COUNT,      /* count of X: type COUNT; X any SET expression */
  OF_BELOW,      /* nodes of r, name SYM_KIND: opcode EACH_BELOW */
  OF_SET_BELOW,  /* nodes of r, name SYM_SET: the members of the set that belong to r. EACH_SET_BELOW */
  OF_RUN_BELOW,  /* nodes of r in a procedure or a contract, name SYM_KIND: as OF_SET_BELOW with body_set() of
                    the runbook that runs it; in a contract that may be NULL: then every one below and
                    still in */
  OF_ABOVE       /* rows of racks: name SYM_KIND of an ancestor kind, object a NameRef to a set (REF_SET,
                    REF_RUN_SET). EACH_ABOVE */
} OfMeaning;
static inline OfMeaning of_meaning(const Of *of) { return (OfMeaning)of->node.meaning; }

/* Node.meaning of a Member. */
typedef enum MemberMeaning {
  MEMBER_WRONG,
  MEMBER_ATTR, /* r.kw: name SYM_ATTR. Opcode ATTR; of type LIST it is a source of members (EACH_REF) */
  MEMBER_UP,   /* n.rack: name SYM_KIND. Opcode UP */
  MEMBER_NAME, /* x.name: name SYM_BUILTIN. Opcode NAME */
  MEMBER_BELOW, /* r.nodes, in the arguments of a binding only: name SYM_KIND, type LIST */
  MEMBER_FIELD /* i.node of an incident: name SYM_PARAM. Opcode PARAM */
} MemberMeaning;
static inline MemberMeaning member_meaning(const Member *m) { return (MemberMeaning)m->node.meaning; }

/* Node.meaning of a NameRef. */
typedef enum RefMeaning {
  REF_WRONG,
  REF_VAR,     /* SYM_VAR: opcode SLOT */
  REF_PARAM,   /* SYM_PARAM */
  REF_WORD,    /* SYM_WORD: its index is the code */
  REF_UNKNOWN, /* SYM_BUILTIN: the value `unknown` */
  REF_SET,     /* SYM_SET: type SET. EACH_SET */
  REF_RUN_SET, /* SYM_KIND, in a procedure: `racks` is body_set() of the runbook that runs it */
  REF_KIND,    /* SYM_KIND: every entity of the kind in the inventory. EACH_KIND */
  REF_ALIAS,   /* SYM_ALIAS: only before a point */
  REF_FAN /* SYM_KIND, the whole of a Share in a limit or a tolerance: the members of this very fan-out */
} RefMeaning;
static inline RefMeaning ref_meaning(const NameRef *r) { return (RefMeaning)r->node.meaning; }

/* Units (18 nodes): kind.symbol is SYM_KIND, type COUNT. Share: type COUNT of the whole's kind, INT when the
 * whole is a number (2% of each 600, 16 of 32). */

/* A gate that a contract names (GateRef) has no symbol: it is whichever gate of that name is in force where
 * the action is called, so look for the name in Body.gates. `gate G` speaks of the innermost variable whose
 * kind is, or leads up to, the gate's; in a contract, of the first such parameter. */

#endif
