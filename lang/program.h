/* program: a compiled runbook. Immutable, shared, self-contained: the runtime needs nothing else of the language.
 * All tables are plain arrays in the program's arena; all references between them are indices, so that a program is
 * written to a file as it is and verified by range checks (verify_code). Strings are indices into `strings`; index 0 is
 * the empty string and means "none". Durations are ms. A CodeRef is the address of a region of code that ends in
 * RETURN; 0 means "none" (address 0 always holds RETURN).
 *
 * A region is run with the arguments of its owner in slots 0..: actions: their parameters; automations, hazards: the
 * entity; fans, lockouts, gates (their `where`, release conditions, keys): the variables of the strand that meets them,
 * with the binder's variable in `slot`; parameters, sets, requires, goals, windows: none. */
#ifndef TAGOUT_LANG_PROGRAM_H
#define TAGOUT_LANG_PROGRAM_H

#include "lang/arena.h"
#include "lang/diag.h"
#include "lang/quantity.h"
#include <stdint.h>

#define VALUE_UNKNOWN INT64_MIN
#define NONE_INDEX UINT32_MAX /* no row, no kind */

typedef uint32_t StrId;
typedef uint32_t CodeRef;

typedef enum Opcode {
#define OP(name, a, b, pops, pushes, blocks, text) OPCODE_##name,
#include "lang/opcode.def"
#undef OP
  OPCODE_COUNT
} Opcode;

static inline Opcode code_op(uint32_t word) { return (Opcode)(word & 0xffu); }
static inline uint32_t code_a(uint32_t word) { return word >> 8; }
static inline int32_t code_imm(uint32_t word) { return (int32_t)word >> 8; }

/* What kind of thing an operand is: OPERAND(CLASS, table whose rows it indexes). IMM, SLOT, JUMP, COUNT index none. */
#define OPERAND_CLASSES(OPERAND) \
  OPERAND(NONE, code) OPERAND(IMM, code) OPERAND(COUNT, code) OPERAND(SLOT, code) OPERAND(JUMP, code) OPERAND(STR, code) \
  OPERAND(CONST, consts) OPERAND(KIND, kinds) OPERAND(ATTR, attrs) OPERAND(FACT, facts) OPERAND(METRIC, metrics) \
  OPERAND(ACTION, actions) OPERAND(AUTO, automations) OPERAND(CHANNEL, channels) OPERAND(PARAM, params) OPERAND(SET, sets) \
  OPERAND(GATE, gates) OPERAND(LOCKOUT, lockouts) OPERAND(ATTEMPT, attempts) OPERAND(FAN, fans) OPERAND(STEP, steps) \
  OPERAND(GUARD, guards) OPERAND(CALL, calls) OPERAND(CONFIRM, confirms) OPERAND(HOLD, holds) OPERAND(REMEMBER, remembers) \
  OPERAND(SHOW, shows) OPERAND(LEAVE, leave_outs) OPERAND(REQUIRE, requires) OPERAND(ADJUST, adjusts) \
  OPERAND(REFUSAL, refusals) OPERAND(EMERGENCY, emergencies)
typedef enum OperandClass {
#define OPERAND(name, table) OPERAND_##name,
  OPERAND_CLASSES(OPERAND)
#undef OPERAND
  OPERAND_CLASS_COUNT
} OperandClass;

/* A row of opcode.def. pops is -1 where the operand says how many. */
typedef struct OpInfo { const char *name; uint8_t a, b; int8_t pops, pushes; uint8_t blocks; const char *text; } OpInfo;
extern const OpInfo op_info[OPCODE_COUNT];
static inline uint32_t code_words(Opcode op) { return op_info[op].b == OPERAND_NONE ? 1 : 2; }

/* How values of attributes, facts, parameters and shown expressions are typed at run time. */
typedef enum ValueClass {
  VALUE_INT, VALUE_BOOL, VALUE_TEXT, VALUE_ENUM /* of enums[ref] */, VALUE_QUANTITY /* QuantityKind ref */,
  VALUE_ENTITY /* of kinds[ref] */, VALUE_LIST /* attribute: list of entities of kinds[ref] */
} ValueClass;
typedef struct ValueType { uint16_t klass; uint16_t pad; uint32_t ref; } ValueType;

typedef struct Slice { uint32_t first, count; } Slice; /* rows first .. first+count-1 of another table */

typedef struct EnumRow { StrId name; Slice words; } EnumRow;            /* words: enum_words; code = 1 + position, 0 unused */
typedef struct KindRow { StrId name, plural; uint32_t parent; Slice attrs; uint32_t key; } KindRow; /* parent: kind or NONE_INDEX; key: attr */
typedef struct AttrRow { StrId name; ValueType type; uint32_t kind; uint8_t own, pad[3]; } AttrRow; /* own: an entity that no other has in it */
typedef struct FactRow { StrId name; ValueType type; Slice kinds; } FactRow; /* kinds: index_list */
typedef struct MetricRow { StrId name; ValueType type; Slice kinds; } MetricRow;
typedef struct RoleRow { StrId name, title; } RoleRow;
typedef struct ChannelRow { StrId name, title; } ChannelRow;
typedef struct ParamRow { StrId name, title; ValueType type; CodeRef value; uint32_t line; } ParamRow; /* value: default, 0 = must be given */

/* What an action writes. targets: region that collects the entities (of kind) concerned. values: index_list of codes; value:
 * of a fact whose values are no words. Neither: it may be anything afterwards. An action without rows for its failure: each
 * fact that it writes may be old, new or unknown. */
typedef struct EffectRow { uint32_t fact, kind; CodeRef targets; Slice values; CodeRef value; uint8_t may, pad[3]; } EffectRow;
typedef struct NeedRow { CodeRef condition, over; StrId text; uint32_t line; } NeedRow; /* text: the condition as written; over: of a guard: it must have failed for so long; 0: at once */
typedef struct LearnRow { uint32_t fact, kind; CodeRef targets; } LearnRow;
typedef enum RepeatRule { REPEAT_RULE_ASK, REPEAT_RULE_SAFE, REPEAT_RULE_CHECK } RepeatRule; /* default of a contract that says nothing: ask */
typedef struct ActionRow {
  StrId name, title;
  Slice params;                       /* param_types: entity kinds or value types */
  Slice needs, makes, on_failure, learns;
  int64_t takes_low, takes_high, takes_most; /* ms; 0 <= low <= high <= most */
  int64_t may_land;                   /* ms after the deadline in which a late effect may still land; 0 none */
  uint32_t undo;                      /* action, or NONE_INDEX */
  uint8_t repeat, has_undo_none, pad[2]; /* RepeatRule; has_undo_none: the contract says `undo none` */
  CodeRef check;                      /* with REPEAT_RULE_CHECK */
  Slice services;                     /* index_list: every one of them must admit the call */
} ActionRow;
/* A ceiling that all calls through it share: amount per `per` ms (0: none); at most in_flight at once (0: none), not counting
 * those that take longer than their action ordinarily does: while `overdue` of these are open nothing starts (0: all count). Both
 * are for each of `group`, a kind that the action's first argument is or is in; NONE_INDEX: for all together. */
typedef struct ServiceRow { StrId name; uint32_t amount; int64_t per; uint32_t in_flight, overdue, group, pad; } ServiceRow;
typedef struct TriggerRow { CodeRef condition; Slice effects; StrId why; } TriggerRow;
typedef struct AutomationRow {
  StrId name, title; uint32_t kind; Slice triggers;
  int64_t lock_low, lock_high, lock_most, quiet; uint8_t backlog_replay, pad[7];
} AutomationRow;
typedef struct HazardRow { StrId name, title; uint32_t kind; Slice triggers; } HazardRow;
/* What the runbook obeys. unless: with the policy's parameters in variables 0..; 0: never at all. target: what the rule is
 * about, a region that leaves an entity of `kind`. MAKE, LET: fact and the values that are forbidden; CALL: action. */
typedef enum RuleForm { RULE_FORM_MAKE, RULE_FORM_CALL, RULE_FORM_LET, RULE_FORM_RELEASED, RULE_FORM_NOT_ABANDONED, RULE_FORM_COUNT } RuleForm;
typedef struct RuleRow { uint32_t form, fact, kind, action; Slice values; CodeRef target, unless; StrId text; uint32_t line; } RuleRow;
typedef struct PolicyRow { StrId name, title; Slice params, rules; uint32_t line; } PolicyRow; /* params: param_types */
typedef struct SettingRow { StrId name; ValueType type; uint32_t kind; } SettingRow;

/* ---- the runbook ---- */
typedef struct SetRow { StrId name; uint32_t kind; CodeRef members; uint32_t after_step; uint32_t line; } SetRow; /* members: collects; after_step NONE_INDEX: frozen by the plan */
typedef struct LeaveOutRow { uint32_t set; uint32_t slot; CodeRef condition; CodeRef most; StrId text; uint32_t line; } LeaveOutRow; /* condition on `slot`; most: count */
typedef struct RequireRow { CodeRef condition, text; StrId written; uint8_t asks, pad[3]; uint32_t line; } RequireRow; /* asks: needs facts or metrics, so the plan cannot decide it */
typedef struct EmbargoRow { CodeRef condition; StrId text; uint8_t parks, pad[3]; uint32_t line; } EmbargoRow; /* while the condition is not surely false no member starts; parks: who has started goes on to a safe point and waits there */
typedef struct WindowRow { uint32_t days; int64_t from, to; CodeRef zone; uint8_t hard, pad[3]; Slice except; StrId freeze, calendar; uint32_t line, pad2; } WindowRow; /* days: bit 0 Monday; from/to: ms of day; zone: text; except: index_list of days since 1970; freeze: name of a calendar, calendar: its text */
typedef enum LimitRule { LIMIT_RULE_AT_ONCE, LIMIT_RULE_PER_TIME, LIMIT_RULE_ALL } LimitRule;
typedef struct LimitRow { uint8_t rule, pad[3]; CodeRef amount; int64_t per; uint32_t group; StrId zone; StrId text; uint32_t line; } LimitRow; /* group: kind (`per row`) or NONE_INDEX; zone: of `per day` in a budget */
/* unit: kind; each: "2% of each 600" -> 600, else 0. group: so many in each of that kind, NONE_INDEX: in all. What has a group, is per day
 * of the zone or per fleet counts over the whole run, and over all runs of the fleet. */
typedef enum ToleranceReach { REACH_STEP, REACH_DAY, REACH_FLEET } ToleranceReach;
typedef struct ToleranceRow { CodeRef amount; CodeRef each; uint32_t unit; StrId text; uint32_t line; uint32_t group; StrId zone; uint8_t reach, pad[3]; } ToleranceRow; /* reach: ToleranceReach */
typedef struct BudgetRow { uint32_t kind; Slice limits; uint32_t line; } BudgetRow;
typedef struct GoalRow { CodeRef within, back; uint32_t line; } GoalRow; /* duration; count of the members that must be back */
typedef struct OrderRow { CodeRef key; Slice words; uint8_t descending, pad[3]; } OrderRow; /* words: index_list of codes in their order; empty: natural order */
typedef struct FanRow {
  uint32_t step;        /* the step that this is the fan of, or NONE_INDEX */
  uint32_t kind, slot;  /* the member and its variable */
  CodeRef members;      /* collects, in source order; ordering is applied by the engine */
  CodeRef sense;        /* same as members when it asks for facts that must be read first, else 0 */
  Slice order, limits, tolerances;
  CodeRef body;         /* first instruction; ends in MEMBER_DONE */
  CodeRef on_stop;      /* instruction to go on at when the fan stops by its tolerance; 0: fail the scope */
  uint8_t fits, inner, pad[2]; /* fits: starts only while it fits; inner: an `each` inside another fan */
  uint32_t line;
} FanRow;
typedef struct StepRow { StrId name, title; uint32_t fan; uint32_t line, parent; } StepRow; /* parent: enclosing step or NONE_INDEX */
typedef struct CallRow { uint32_t action; CodeRef within; CodeRef retry_after; uint32_t retries; uint32_t line; } CallRow; /* within: duration region, 0: the contract's */
typedef struct ConfirmRow { CodeRef condition, held, within; StrId text; uint32_t line; } ConfirmRow;
typedef struct AskRow { StrId name; ValueType type; } AskRow;
typedef struct GateRow {
  StrId name; uint32_t role, kind, slot; CodeRef text, members; CodeRef within; /* text: with slot set when it names the member */
  uint8_t until_last_safe, once, pad[2]; /* once: no `for each`: one yes for the whole run, member index 0 */
  Slice asks; uint32_t line;
} GateRow;
typedef struct RefusalRow { uint32_t gate; CodeRef why; } RefusalRow; /* why: a text, with the member in the gate's slot */
typedef struct LockoutRow {
  Slice automations;    /* index_list */
  uint32_t set, kind;   /* the locked set (NONE_INDEX: an expression, see members); for an automation on a container the distinct containers are locked */
  CodeRef members, because; Slice limits;
  uint32_t release_slot; CodeRef release;   /* condition on the member in release_slot */
  uint8_t as_soon_as_done, pad[3];
  Slice release_order;  /* index_list of automations */
  uint32_t canary_count, canary_kind; int64_t watch; /* first N KIND, watch ms; 0 none */
  uint32_t hand_over;   /* role */
  uint32_t line;
} LockoutRow;
typedef struct AttemptRow { CodeRef undo, end; uint32_t line; } AttemptRow;   /* undo: first instruction of the roll back; end: behind it */
typedef struct GuardRow { Slice conditions; CodeRef handler; uint32_t line; } GuardRow; /* conditions: need_rows; handler: instruction reached when one does, with outcome failed or, where it could not be read, unknown */
typedef struct AdjustRow { uint32_t setting, kind; CodeRef members, value; uint32_t line; } AdjustRow;
typedef struct HoldRow { uint32_t role; CodeRef duration; uint32_t line; } HoldRow;
typedef struct RememberRow { StrId name; uint32_t kind; ValueType type; } RememberRow;
typedef struct ShowRow { ValueType type; } ShowRow;
/* The runbook stands: each incident that is not joined to another is one run of it, with the fields as parameters. At most one
 * row. The limits are its server's to keep; per_member of the last `per` ms, this one not counted, makes `over` true. */
typedef struct IncidentRow {
  StrId name, title; Slice params; /* params: the fields, in order, and behind them `over` */
  uint32_t key, over;     /* params: what a run is for; true when the limit per member is passed, or NONE_INDEX: no such limit */
  uint32_t at_once, per_member; /* 0: no such limit */
  int64_t per, join;      /* ms; repeats within `join` go to the run that there is; 0: they are runs of their own */
  Slice attachments;      /* index_list of params: texts, a path or an URL; empty: nothing came */
  uint32_t line, pad;
} IncidentRow;
typedef struct SourceRow { StrId name; uint8_t digest[32]; } SourceRow;
/* What is done at once when the condition reads true of something of that kind that the run has to do with, the thing in `slot`. body: its
 * strand, which ends like that of a fan's member; the bodies stand behind the main strand, in their order. skips: index_list of actions. */
typedef struct EmergencyRow { StrId title, text; uint32_t kind, slot; CodeRef condition, body; Slice skips; uint32_t line; } EmergencyRow;
/* A campaign: the program has no work of its own, its members are planned over days. At most one row. The regions of it and of its
 * rows have the member in `slot`; from, by, until are days since 1970. */
typedef struct CampaignRow {
  uint32_t set, slot, unit;    /* unit: the kind that the budget counts */
  CodeRef from, by;            /* by 0: no deadline */
  CodeRef size, takes;         /* 0: the units below the member; no time is said */
  CodeRef rate; StrId service; int64_t rate_per; /* rate 0: none */
  Slice order;                 /* orders: members with equal keys are one phase */
  uint8_t when_done, skip, last, pad; /* when_done: the next phase waits for the end; skip, last: what a failed day does to its member */
  CodeRef stop;                /* failed days after which it is over; 0: never */
  StrId run; Slice args;       /* the runbook of a visit, 0 none */
  Slice rules; uint32_t line, pad2;
} CampaignRow;
/* ROLL: a share of the member's units per day; the first that holds for a member counts. SPREAD: at most that share of the units of
 * members with the same `over`. STARTS, AT_WORK: so many members per day, in work at a time, until that day, `then` so many. */
typedef enum CampaignRuleForm { CAMPAIGN_RULE_ROLL, CAMPAIGN_RULE_SPREAD, CAMPAIGN_RULE_STARTS, CAMPAIGN_RULE_AT_WORK, CAMPAIGN_RULE_COUNT } CampaignRuleForm;
typedef struct CampaignRuleRow { uint32_t form; CodeRef where, amount, over; ValueType over_type; CodeRef until, then; StrId text; uint32_t line; } CampaignRuleRow; /* where 0: all; until 0: always; then 0: no more limit */
typedef struct CampaignArgRow { StrId name; ValueType type; CodeRef value; } CampaignArgRow; /* of the runbook's parameter */
typedef struct LineRow { uint32_t pc, source, line; } LineRow; /* sorted by pc: code from pc on came from there */

/* Every table once: TABLE(Row type, field). program.c writes, reads and frees by this list; verify_code and
 * disasm walk it. */
#define PROGRAM_TABLES(TABLE) \
  TABLE(uint32_t, code) TABLE(int64_t, consts) TABLE(uint32_t, index_list) TABLE(StrId, enum_words) \
  TABLE(EnumRow, enums) TABLE(KindRow, kinds) TABLE(AttrRow, attrs) TABLE(FactRow, facts) TABLE(MetricRow, metrics) \
  TABLE(RoleRow, roles) TABLE(ChannelRow, channels) TABLE(ParamRow, params) TABLE(ValueType, param_types) \
  TABLE(EffectRow, effects) TABLE(NeedRow, need_rows) TABLE(LearnRow, learns) TABLE(ActionRow, actions) TABLE(ServiceRow, services) \
  TABLE(TriggerRow, triggers) TABLE(AutomationRow, automations) TABLE(HazardRow, hazards) TABLE(RuleRow, rules) TABLE(PolicyRow, policies) \
  TABLE(SettingRow, settings) \
  TABLE(SetRow, sets) TABLE(LeaveOutRow, leave_outs) TABLE(RequireRow, requires) TABLE(WindowRow, windows) TABLE(LimitRow, limits) \
  TABLE(ToleranceRow, tolerances) TABLE(BudgetRow, budgets) TABLE(GoalRow, goals) TABLE(OrderRow, orders) TABLE(FanRow, fans) \
  TABLE(StepRow, steps) TABLE(CallRow, calls) TABLE(ConfirmRow, confirms) TABLE(AskRow, asks) TABLE(GateRow, gates) TABLE(RefusalRow, refusals) \
  TABLE(LockoutRow, lockouts) TABLE(AttemptRow, attempts) TABLE(GuardRow, guards) TABLE(AdjustRow, adjusts) TABLE(HoldRow, holds) \
  TABLE(RememberRow, remembers) TABLE(ShowRow, shows) TABLE(SourceRow, sources) TABLE(LineRow, lines) \
  TABLE(IncidentRow, incidents) \
  TABLE(EmergencyRow, emergencies) TABLE(EmbargoRow, embargoes) \
  TABLE(CampaignRow, campaigns) TABLE(CampaignRuleRow, campaign_rules) TABLE(CampaignArgRow, campaign_args)

typedef struct Program {
  uint8_t digest[32];        /* SHA-256 of everything else in the file's image */
  StrId name, title, owner;
  CodeRef entry;             /* first instruction of the main strand: requires, leave-outs, body, HALT */
  const char **strings;      /* NUL-terminated, UTF-8 */
  uint32_t string_count;
#define TABLE(Type, field) Type *field; uint32_t field##_count;
  PROGRAM_TABLES(TABLE)
#undef TABLE
} Program;

/* The file image: format in program.c. program_read verifies digest, ranges and code (verify_code) and never returns a
 * program that did not pass; what is wrong is a Diag about `file`. */
void program_write(const Program *p, Buf *out);            /* also the bytes that p->digest covers */
void program_seal(Program *p);                              /* computes p->digest; called by the compiler at the end */
const Program *program_read(const char *file, const uint8_t *bytes, size_t len, Arena *arena, DiagSink *sink);
static inline const char *program_str(const Program *p, StrId s) { return p->strings[s]; }
uint32_t program_line(const Program *p, uint32_t pc, const char **ret_source); /* source line of an instruction; 0 unknown */
bool verify_code(const Program *p, const char *file, DiagSink *sink); /* every rule a numbered diagnostic note; file: for the message */
void disasm(const Program *p, Buf *out);
void disasm_runbook(const Program *p, Buf *out); /* without what the modules declare, and without digests */

#endif
