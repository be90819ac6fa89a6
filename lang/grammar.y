/* The grammar, part 1: declarations to bison, files, declarations. The rules only build nodes; clauses that may
 * stand in any order are lists of carriers that build.c sorts into fields. Statements are in grammar_run.y, campaigns in
 * grammar_campaign.y, sites, tests and expressions in grammar_expr.y; the tokens of words and the rules `soft` and `opener` come from
 * keyword.def.
 * bison makes two parsers of it: syn_parse knows exactly what could have stood where a mistake is (LAC), quick_parse, for
 * texts without mistakes, only that something is wrong (syntax.mk, parse.c).
 * A line ends in NL, which newline.c puts there; inside parentheses and beside operators there is none. */
%define api.pure full
%define api.prefix {syn_}
%define api.token.prefix {SYN_}
%define api.value.type {Value}
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%param {Parse *p}
%expect 0

%code requires {
#include "lang/parse_state.h"
typedef union Value { Node *node; Atom atom; List list; uint32_t word; } Value;
}

%code {
#include "lang/build.h"
#define YYMAXDEPTH LIMIT_PARSER_DEPTH
#define YYLLOC_DEFAULT(current, rhs, n) ((current) = span_of(&YYRHSLOC(rhs, 0), (n)))
#define LIST(list) list_end(p, list)
static Span span_of(const Span *rhs, int n);
static int yylex(Value *value, Span *span, Parse *p);
static void yyerror(const Span *span, Parse *p, const char *message);
}

%token END 0 "end of the file"
%token NL "end of the line"
%token <atom> WORD "a name" TEXT "a text"
%token <atom> TEXT_HEAD "a text with ${" TEXT_MID "} inside a text" TEXT_TAIL "} of a text"
%token LITERAL "a number"
%token LE "<=" GE ">=" NE "!="
%token ON_FAILED "on failed" ON_UNKNOWN "on unknown" ON_NO "on no" ON_SILENCE "on silence"
%token ON_FAILURE "on failure" ON_INCIDENT "on incident" IN_ORDER "in order" ON_TO_A "on to a"
%token NEXT_PHASE "next phase when" NEXT_DATE "next date skipped" AFTER_FAILED_DAY "after a failed day"
%token IN_FLIGHT "in flight" MAY_LAND "may land"

%left OR
%left AND
%precedence NOT
%left '+' '-'
%left '*' '/'
%precedence NEGATIVE
%precedence OF
%precedence '.'

%nterm <atom> word callee plain
%nterm <node> block decl kind_option attr type typed type_line param type_opt title takes undo rate flying overdue
%nterm <node> action_line auto_line hazard_line policy_line unless effect effect_item of setting_block
%nterm <list> decls decls_1 words kind_options kind_block attr_lines attr_lines_1 params params_1 two_values
%nterm <list> effects ofs values_1
%nterm <list> action_block action_lines action_lines_1 auto_lines auto_lines_1 hazard_lines hazard_lines_1
%nterm <list> policy_lines policy_lines_1 fields fields_1
%nterm <node> field
%nterm <word> negated

%start file
%%

/* Lists of lines have no empty beginning where the first line may be wrong: the parser can shift `error` only in a
 * state that has seen nothing that is still to be reduced. */
file: decls END { p->file = (File *)NEW(File, FILE, @$, .decls = LIST($1)); }
  | MODULE word NL decls END {
      p->file = (File *)NEW(File, FILE, @$, .module = NAME($2, @2), .decls = LIST($4));
    } ;
decls: %empty { $$ = list_none(p); } | decls_1 ;
decls_1: decl NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | decls_1 decl NL { $$ = list_add(p, $1, $2); }
  | decls_1 bad NL { $$ = $1; yyerrok; } ;

/* A line that could not be read. What its blocks hold is read nevertheless, so that mistakes in them are named. */
bad: error | bad '{' again stmts '}' | bad OTHERWISE | bad UNKNOWN ;
again: %empty { yyerrok; } ;
bad_open: error '{' { yyerrok; } ;

word: WORD | soft | opener ;
callee: WORD | soft ;
plain: word | ON ;
words: word { $$ = list_one(p, build_word(p, $1, @1)); }
  | words ',' word { $$ = list_add(p, $1, build_word(p, $3, @3)); } ;

decl: USE words { $$ = NEW(Use, USE, @$, .names = LIST($2)); }
  | KIND word kind_options kind_block { $$ = build_kind(p, @$, NAME($2, @2), $3, $4); }
  | KIND bad_open attr_lines '}' { $$ = NULL; }
  | KIND error { $$ = NULL; }
  | TYPE word ':' type_line { $$ = NEW(TypeDecl, TYPE, @$, .name = NAME($2, @2), .type = $4); }
  | FACT word OF words ':' type_line title {
      $$ = NEW(FactDecl, FACT, @$, .name = NAME($2, @2), .kinds = LIST($4), .type = $6, .title = $7);
    }
  | METRIC word OF words ':' typed title {
      $$ = NEW(MetricDecl, METRIC, @$, .name = NAME($2, @2), .kinds = LIST($4), .type = $6, .title = $7);
    }
  | ROLE word title { $$ = NEW(RoleDecl, ROLE, @$, .name = NAME($2, @2), .title = $3); }
  | CHANNEL word title { $$ = NEW(ChannelDecl, CHANNEL, @$, .name = NAME($2, @2), .title = $3); }
  | ACTION word '(' params ')' title action_block {
      $$ = NEW(ActionDecl, ACTION, @$, .name = NAME($2, @2), .params = LIST($4), .title = $6,
               .clauses = build_clauses(p, $7));
    }
  | ACTION bad_open action_lines '}' { $$ = NULL; }
  | ACTION error { $$ = NULL; }
  | AUTOMATION word title '{' auto_lines '}' { $$ = build_automation(p, @$, NAME($2, @2), $3, $5); }
  | AUTOMATION bad_open auto_lines '}' { $$ = NULL; }
  | AUTOMATION error { $$ = NULL; }
  | HAZARD word ON param title '{' hazard_lines '}' {
      $$ = NEW(HazardDecl, HAZARD, @$, .name = NAME($2, @2), .on = $4, .title = $5, .clauses = LIST($7));
    }
  | HAZARD bad_open hazard_lines '}' { $$ = NULL; }
  | HAZARD error { $$ = NULL; }
  | SETTING word title OF words ':' type_line setting_block {
      $$ = NEW(SettingDecl, SETTING, @$, .name = NAME($2, @2), .title = $3, .kinds = LIST($5), .type = $7,
               .clauses = $8 ? ((SettingDecl *)$8)->clauses : (NodeList){NULL, 0});
    }
  | SETTING bad_open action_lines '}' { $$ = NULL; }
  | SETTING error { $$ = NULL; }
  | POLICY word '(' params ')' title '{' policy_lines '}' {
      $$ = NEW(PolicyDecl, POLICY, @$, .name = NAME($2, @2), .params = LIST($4), .title = $6,
              .rules = LIST($8));
    }
  | POLICY bad_open policy_lines '}' { $$ = NULL; }
  | POLICY error { $$ = NULL; }
  | SITE word title '{' site_lines '}' {
      $$ = NEW(SiteDecl, SITE, @$, .name = NAME($2, @2), .title = $3, .clauses = build_clauses(p, $5));
    }
  | SITE bad_open site_lines '}' { $$ = NULL; }
  | SITE error { $$ = NULL; }
  | RUNBOOK word title '{' items '}' {
      $$ = build_runbook(p, @$, NAME($2, @2), $3, $5, (Span){@4.lo, @6.hi});
    }
  | RUNBOOK bad_open items '}' { $$ = NULL; (void)build_runbook(p, @$, NAME(0, @1), NULL, $3, @$); }
  | RUNBOOK error { $$ = NULL; }
  | PROCEDURE word '(' params ')' title block {
      $$ = NEW(ProcedureDecl, PROCEDURE, @$, .name = NAME($2, @2), .params = LIST($4), .title = $6,
              .body = $7);
    }
  | TEST text OF word '{' test_lines '}' {
      $$ = NEW(TestDecl, TEST, @$, .title = $2, .runbook = NAME($4, @4), .clauses = LIST($6));
    }
  | TEST bad_open test_lines '}' { $$ = NULL; }
  | TEST error { $$ = NULL; }
  | INCIDENT word title '{' fields '}' {
      $$ = NEW(IncidentDecl, INCIDENT, @$, .name = NAME($2, @2), .title = $3, .fields = LIST($5));
    }
  | INCIDENT bad_open fields '}' { $$ = NULL; }
  | INCIDENT error { $$ = NULL; }
  | CAMPAIGN word title '{' campaign_items '}' {
      $$ = build_campaign(p, @$, NAME($2, @2), $3, $5, (Span){@4.lo, @6.hi});
    }
  | CAMPAIGN bad_open campaign_items '}' { $$ = NULL; }
  | CAMPAIGN error { $$ = NULL; } ;
title: %empty { $$ = NULL; } | text ;

/* ---- kinds and types ---- */

kind_options: %empty { $$ = list_none(p); }
  | kind_options kind_option { $$ = list_add(p, $1, $2); } ;
kind_option: IN word { $$ = NEW(KindDecl, KIND, @$, .parent = NAME($2, @2)); }
  | PLURAL word { $$ = NEW(KindDecl, KIND, @$, .plural = NAME($2, @2)); }
  | text { $$ = NEW(KindDecl, KIND, @$, .title = $1); } ;
kind_block: %empty { $$ = list_none(p); }
  | '{' attr_lines '}' { $$ = $2; } ;
attr_lines: %empty { $$ = list_none(p); } | attr_lines_1 ;
attr_lines_1: attr NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | attr_lines_1 attr NL { $$ = list_add(p, $1, $2); }
  | attr_lines_1 bad NL { $$ = $1; yyerrok; } ;
attr: KEY word type_opt { $$ = NEW(AttrDecl, ATTR, @$, .is_key = 1, .name = NAME($2, @2), .type = $3); }
  | word ':' typed { $$ = NEW(AttrDecl, ATTR, @$, .name = NAME($1, @1), .type = $3); } ;
type_opt: %empty { $$ = NULL; } | ':' typed { $$ = $2; } ;
type: word { $$ = NEW(TypeName, TYPE_NAME, @$, .name = NAME($1, @1)); }
  | COUNT { $$ = NEW(TypeName, TYPE_NAME, @$, .name = NAME($1, @1)); }
  | LIST OF word { $$ = NEW(TypeName, TYPE_NAME, @$, .is_list = 1, .name = NAME($3, @3)); } ;
/* `own` where no word may stand behind a type; the metric of a site has one there. */
typed: type
  | OWN word { $$ = NEW(TypeName, TYPE_NAME, @$, .is_own = 1, .name = NAME($2, @2)); }
  | OWN LIST OF word { $$ = NEW(TypeName, TYPE_NAME, @$, .is_own = 1, .is_list = 1, .name = NAME($4, @4)); } ;
/* One word names a type, several are its values. */
type_line: typed | two_values { $$ = NEW(TypeEnum, TYPE_ENUM, @$, .values = LIST($1)); } ;
two_values: plain ',' plain { $$ = list_add(p, list_one(p, build_word(p, $1, @1)), build_word(p, $3, @3)); }
  | two_values ',' plain { $$ = list_add(p, $1, build_word(p, $3, @3)); } ;

params: %empty { $$ = list_none(p); } | params_1 ;
params_1: param { $$ = list_one(p, $1); } | params_1 ',' param { $$ = list_add(p, $1, $3); } ;
param: word ':' typed { $$ = NEW(ParamDecl, PARAM, @$, .name = NAME($1, @1), .type = $3); } ;

/* Fields may share a line: behind a type there is no further word of it. */
fields: %empty { $$ = list_none(p); } | fields_1 ;
fields_1: field { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | fields_1 field { $$ = list_add(p, $1, $2); }
  | fields_1 NL
  | fields_1 bad NL { $$ = $1; yyerrok; } ;
field: word ':' type title { $$ = NEW(ParamDecl, PARAM, @$, .name = NAME($1, @1), .type = $3, .title = $4); } ;

/* ---- contracts ---- */

setting_block: %empty { $$ = NULL; }
  | action_block { $$ = NEW(SettingDecl, SETTING, @$, .clauses = build_clauses(p, $1)); } ;
action_block: '{' action_lines '}' { $$ = $2; } ;
/* Clauses may share a line: each begins with its own word. */
action_lines: %empty { $$ = list_none(p); } | action_lines_1 ;
action_lines_1: action_line { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | action_lines_1 action_line { $$ = list_add(p, $1, $2); }
  | action_lines_1 NL
  | action_lines_1 bad NL { $$ = $1; yyerrok; } ;
action_line: NEEDS full { $$ = NEW(Needs, NEEDS, @$, .condition = $2); }
  | MAKES effects { $$ = NEW(Makes, MAKES, @$, .effects = LIST($2)); }
  | ALSO MAKES effects { $$ = NEW(Makes, MAKES, @$, .also = 1, .effects = LIST($3)); }
  | LEARNS ofs { $$ = NEW(Learns, LEARNS, @$, .targets = LIST($2)); }
  | ON_FAILURE effects { $$ = NEW(OnFailure, ON_FAILURE, @$, .effects = LIST($2)); }
  | MAY_LAND UNTIL operand AFTER { $$ = NEW(MayLand, MAY_LAND, @$, .until = $3); }
  | takes
  | takes ',' AT MOST operand { $$ = $1; ((Takes *)$$)->most = $5; $$->span = @$; }
  | THROUGH word { $$ = NEW(Through, THROUGH, @$, .service = NAME($2, @2)); }
  | THROUGH word rate { $$ = NEW(Through, THROUGH, @$, .service = NAME($2, @2), .limit = $3); }
  | THROUGH word flying overdue { $$ = NEW(Through, THROUGH, @$, .service = NAME($2, @2), .limit = $3, .overdue = $4); }
  | IN_FLIGHT AT MOST operand PER word { $$ = NEW(InFlight, IN_FLIGHT, @$, .count = $4, .per = NAME($6, @6)); }
  | IN_FLIGHT AT MOST operand PER word overdue {
      $$ = NEW(InFlight, IN_FLIGHT, @$, .count = $4, .per = NAME($6, @6), .overdue = $7);
    }
  | UNDO undo { $$ = NEW(Undo, UNDO, @$, .call = $2); }
  | REPEAT SAFE { $$ = NEW(Repeat, REPEAT, @$, .mode = REPEAT_SAFE); }
  | REPEAT CHECK full { $$ = NEW(Repeat, REPEAT, @$, .mode = REPEAT_CHECK, .condition = $3); }
  | REPEAT ASK { $$ = NEW(Repeat, REPEAT, @$, .mode = REPEAT_ASK); } ;
takes: TAKES operand { $$ = NEW(Takes, TAKES, @$, .low = $2); }
  | TAKES operand TO operand { $$ = NEW(Takes, TAKES, @$, .low = $2, .high = $4); } ;
flying: number AT ONCE { $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_AT_ONCE, .amount = $1); }
  | number AT ONCE PER word { $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_AT_ONCE, .amount = $1, .group = NAME($5, @5)); } ;
rate: flying
  | number PER period { $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_PER_TIME, .amount = $1, .per = $3); } ;
overdue: ',' AT MOST operand OVERDUE { $$ = $4; } ;
undo: NONE { $$ = NULL; } | call ;

of: word OF set { $$ = NEW(Of, OF, @$, .name = NAME($1, @1), .object = $3); } ;
ofs: of { $$ = list_one(p, $1); } | ofs ',' of { $$ = list_add(p, $1, $3); } ;
effects: effect { $$ = list_one(p, $1); }
  | effects ',' effect_item { $$ = build_effect_add(p, $1, $3); } ;
effect_item: effect | plain { $$ = build_name_ref(p, $1, @1); } ;
effect: of IS plain { $$ = build_effect(p, @$, $1, EFFECT_IS, build_name_ref(p, $3, @3)); }
  | of MAY BE plain { $$ = build_effect(p, @$, $1, EFFECT_MAY, build_name_ref(p, $4, @4)); }
  | of MAY BECOME plain { $$ = build_effect(p, @$, $1, EFFECT_MAY_BECOME, build_name_ref(p, $4, @4)); }
  | EVERY binder ':' effect { $$ = $4; ((Effect *)$$)->over = $2; $$->span = @$; } ;

/* ---- automations, hazards, policies ---- */

auto_lines: %empty { $$ = list_none(p); } | auto_lines_1 ;
auto_lines_1: auto_line NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | auto_lines_1 auto_line NL { $$ = list_add(p, $1, $2); }
  | auto_lines_1 bad NL { $$ = $1; yyerrok; } ;
auto_line: ON param { $$ = $2; }
  | WHEN cond ':' effects title {
      $$ = NEW(AutoWhen, AUTO_WHEN, @$, .condition = $2, .effects = LIST($4), .why = $5);
    }
  | WHEN cond ',' values_1 ':' effects title {
      $$ = NEW(AutoWhen, AUTO_WHEN, @$, .effects = LIST($6), .why = $7);
      ((AutoWhen *)$$)->condition = build_more_values(p, $2, $4);
    }
  | LOCK takes ',' QUIET WITHIN operand { $$ = NEW(AutoLock, AUTO_LOCK, @$, .takes = $2, .quiet = $6); }
  | LOCK takes ',' AT MOST operand ',' QUIET WITHIN operand {
      ((Takes *)$2)->most = $6;
      $2->span.hi = @6.hi;
      $$ = NEW(AutoLock, AUTO_LOCK, @$, .takes = $2, .quiet = $10);
    }
  | BACKLOG DISCARD { $$ = NEW(AutoBacklog, AUTO_BACKLOG, @$, .mode = BACKLOG_DISCARD); }
  | BACKLOG REPLAY { $$ = NEW(AutoBacklog, AUTO_BACKLOG, @$, .mode = BACKLOG_REPLAY); } ;
hazard_lines: %empty { $$ = list_none(p); } | hazard_lines_1 ;
hazard_lines_1: hazard_line NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | hazard_lines_1 hazard_line NL { $$ = list_add(p, $1, $2); }
  | hazard_lines_1 bad NL { $$ = $1; yyerrok; } ;
hazard_line: effects title { $$ = NEW(AutoWhen, AUTO_WHEN, @$, .effects = LIST($1), .why = $2); }
  | WHEN cond ':' effects title {
      $$ = NEW(AutoWhen, AUTO_WHEN, @$, .condition = $2, .effects = LIST($4), .why = $5);
    }
  | WHEN cond ',' values_1 ':' effects title {
      $$ = NEW(AutoWhen, AUTO_WHEN, @$, .effects = LIST($6), .why = $7);
      ((AutoWhen *)$$)->condition = build_more_values(p, $2, $4);
    } ;

policy_lines: %empty { $$ = list_none(p); } | policy_lines_1 ;
policy_lines_1: policy_line NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | policy_lines_1 policy_line NL { $$ = list_add(p, $1, $2); }
  | policy_lines_1 bad NL { $$ = $1; yyerrok; } ;
policy_line: NEVER MAKE of negated values_1 unless {
      $$ = NEW(NeverMake, NEVER_MAKE, @$, .target = $3, .negated = $4, .values = LIST($5), .unless = $6);
    }
  | NEVER call unless { $$ = NEW(NeverCall, NEVER_CALL, @$, .call = $2, .unless = $3); }
  | NEVER LET AN AUTOMATION MAKE of values_1 unless {
      $$ = NEW(NeverLet, NEVER_LET, @$, .target = $6, .values = LIST($7), .unless = $8);
    }
  | FINALLY EVERY LOCKOUT IS RELEASED OR HANDED OVER {
      $$ = NEW(Finally, FINALLY, @$, .rule = FINALLY_RELEASED);
    }
  | FINALLY NOTHING HANDED OVER UNLESS IT OR ITS CONTAINER FAILED {
      $$ = NEW(Finally, FINALLY, @$, .rule = FINALLY_NOT_ABANDONED);
    } ;
negated: %empty { $$ = 0; } | NOT { $$ = 1; } ;
unless: %empty { $$ = NULL; } | UNLESS full { $$ = $2; } ;
values_1: plain { $$ = list_one(p, build_name_ref(p, $1, @1)); }
  | values_1 ',' plain { $$ = list_add(p, $1, build_name_ref(p, $3, @3)); } ;
