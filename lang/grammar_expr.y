
/* The grammar, part 4: sites, tests, expressions. */
%nterm <node> site_line bind_every driver_arg test_line entity given_outcome landing resume value number ;
%nterm <node> full cond operand set except expect times member_after ;
%nterm <list> site_lines site_lines_1 bind_params driver_args values expects test_lines test_lines_1 ;
%nterm <list> type_names ;
%nterm <word> outcome_state ;

/* ---- sites ---- */

site_lines: %empty { $$ = list_none(p); } | site_lines_1 ;
site_lines_1: site_line NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | site_lines_1 site_line NL { $$ = list_add(p, $1, $2); }
  | site_lines_1 bad NL { $$ = $1; yyerrok; } ;
site_line: ZONE text { $$ = NEW(SiteZone, SITE_ZONE, @$, .zone = $2); }
  | FLEET word text { $$ = NEW(SiteFleet, SITE_FLEET, @$, .format = NAME($2, @2), .path = $3); }
  | BIND callee '(' bind_params ')' BY word driver_args {
      $$ = NEW(Bind, BIND, @$, .what = BIND_ACTION, .name = NAME($2, @2), .params = LIST($4),
              .driver = NAME($7, @7), .args = LIST($8));
    }
  | BIND callee '(' bind_params ')' BY word driver_args '(' type_names ')' ':' type {
      $$ = NEW(Bind, BIND, @$, .what = BIND_NATIVE, .name = NAME($2, @2), .params = LIST($4),
              .driver = NAME($7, @7), .args = LIST(list_join(p, $8, $10)), .type = $13);
    }
  | BIND callee OF param BY word driver_args bind_every {
      $$ = NEW(Bind, BIND, @$, .what = BIND_FACT, .name = NAME($2, @2), .params = LIST(list_one(p, $4)),
              .driver = NAME($6, @6), .args = LIST($7), .every = $8);
    }
  | BIND callee word '(' bind_params ')' BY word driver_args {
      $$ = build_bind_verb(p, @$, NAME($2, @2), NAME($3, @3), $5, NAME($8, @8), $9); }
  | ROLE word driver_args { $$ = NEW(SiteRole, SITE_ROLE, @$, .name = NAME($2, @2), .args = LIST($3)); }
  | CHANNEL word word driver_args {
      $$ = NEW(SiteChannel, SITE_CHANNEL, @$, .name = NAME($2, @2), .driver = NAME($3, @3), .args = LIST($4));
    }
  | METRIC word OF words ':' type word driver_args stale {
      $$ = NEW(SiteMetric, SITE_METRIC, @$, .name = NAME($2, @2), .kinds = LIST($4), .type = $6,
              .driver = NAME($7, @7), .args = LIST($8), .stale = $9); } ;
%nterm <node> stale ;
stale: %empty { $$ = NULL; } | STALE AFTER operand { $$ = $3; } ;
bind_every: %empty { $$ = NULL; } | EVERY operand { $$ = $2; } ;
bind_params: %empty { $$ = list_none(p); } | bind_params_1 ;
%nterm <list> bind_params_1 ;
bind_params_1: word { $$ = list_one(p, NEW(ParamDecl, PARAM, @$, .name = NAME($1, @1))); }
  | bind_params_1 ',' word { $$ = list_add(p, $1, NEW(ParamDecl, PARAM, @3, .name = NAME($3, @3))); } ;
type_names: type { $$ = list_one(p, $1); } | type_names ',' type { $$ = list_add(p, $1, $3); } ;
driver_args: %empty { $$ = list_none(p); } | driver_args driver_arg { $$ = list_add(p, $1, $2); } ;
driver_arg: text | LITERAL { $$ = decode_literal(p, @1); } | dotted ;
%nterm <node> dotted ;
dotted: word { $$ = build_name_ref(p, $1, @1); }
  | dotted '.' word { $$ = NEW(Member, MEMBER, @$, .object = $1, .name = NAME($3, @3)); } ;

/* ---- tests ---- */

test_lines: %empty { $$ = list_none(p); } | test_lines_1 ;
test_lines_1: GIVEN test_line NL { $$ = list_one(p, $2); $2->span.lo = @1.lo; }
  | EXPECT expects NL { $$ = $2; }
  | bad NL { $$ = list_none(p); yyerrok; }
  | test_lines_1 GIVEN test_line NL { $$ = list_add(p, $1, $3); $3->span.lo = @2.lo; }
  | test_lines_1 EXPECT expects NL { $$ = list_join(p, $1, $3); }
  | test_lines_1 bad NL { $$ = $1; yyerrok; } ;
test_line: FLEET text { $$ = NEW(GivenFleet, GIVEN_FLEET, @$, .path = $2); }
  | PARAM word '=' full { $$ = NEW(GivenParam, GIVEN_PARAM, @$, .name = NAME($2, @2), .value = $4); }
  | INCIDENT word '=' full { $$ = NEW(GivenField, GIVEN_FIELD, @$, .name = NAME($2, @2), .value = $4); }
  | SEED number { $$ = NEW(GivenSeed, GIVEN_SEED, @$, .value = $2); }
  | START number number IN text { $$ = NEW(GivenStart, GIVEN_START, @$, .date = $2, .time = $3, .zone = $5); }
  | CRASH DURING STEP word resume {
      $$ = NEW(GivenEvent, GIVEN_EVENT, @$, .event = GIVEN_CRASH, .step = NAME($4, @4), .after = $5);
    }
  | CANCEL DURING STEP word resume {
      $$ = NEW(GivenEvent, GIVEN_EVENT, @$, .event = GIVEN_CANCEL, .step = NAME($4, @4), .after = $5);
    }
  | ANSWER YES TO word member member_after { $$ = build_given_gate(p, @$, NAME($4, @4), ANSWER_YES, $5, $6); }
  | ANSWER NO TO word member member_after { $$ = build_given_gate(p, @$, NAME($4, @4), ANSWER_NO, $5, $6); }
  | NO ANSWER TO word member { $$ = build_given_gate(p, @$, NAME($4, @4), ANSWER_SILENT, $5, NULL); }
  | callee OF entity IS plain { $$ = build_given_fact(p, @$, NAME($1, @1), $3, NAME($5, @5), NULL); }
  | callee OF entity IS plain fact_when { $$ = build_given_fact(p, @$, NAME($1, @1), $3, NAME($5, @5), $6); }
  | callee OF entity IS number { $$ = build_given_metric(p, @$, NAME($1, @1), $3, $5, NULL); }
  | callee OF entity IS number fact_when { $$ = build_given_metric(p, @$, NAME($1, @1), $3, $5, $6); }
  | callee member given_outcome { $$ = build_given_action(p, @$, NAME($1, @1), NAME(0, @1), $2, $3); }
  | callee lock_verb member given_outcome {
      $$ = build_given_action(p, @$, NAME($1, @1), NAME($2, @2), $3, $4);
    } ;
%nterm <node> fact_when fact_lasts ;
fact_when: AT operand fact_lasts { $$ = $3; ((GivenFact *)$$)->at = $2; }
  | DURING STEP word fact_lasts { $$ = $4; ((GivenFact *)$$)->step = NAME($3, @3); }
  | FOR operand { $$ = NEW(GivenFact, GIVEN_FACT, @$, .lasts = $2); } ;
fact_lasts: %empty { $$ = NEW(GivenFact, GIVEN_FACT, @$, .at = NULL); }
  | FOR operand { $$ = NEW(GivenFact, GIVEN_FACT, @$, .lasts = $2); } ;
%nterm <atom> lock_verb ;
%nterm <node> member ;
lock_verb: LOCK | UNLOCK | STATE ;
number: LITERAL { $$ = decode_literal(p, @1); } ;
resume: %empty { $$ = NULL; } | ',' RESUME AFTER operand { $$ = $4; } ;
member: %empty { $$ = NULL; } | ON entity { $$ = $2; } ;
entity: WORD text { $$ = NEW(Entity, ENTITY, @$, .kind = NAME($1, @1), .member = $2); }
  | SITE text { $$ = NEW(Entity, ENTITY, @$, .kind = NAME($1, @1), .member = $2); } ;
member_after: %empty { $$ = NULL; } | AFTER operand { $$ = $2; } ;
given_outcome: FAILS times { $$ = $2; ((GivenAction *)$$)->outcome = OUTCOME_FAILED; }
  | IS UNKNOWN times landing {
      $$ = $3;
      ((GivenAction *)$$)->outcome = OUTCOME_UNKNOWN;
      ((GivenAction *)$$)->landing = $4;
    }
  | SUCCEEDS times { $$ = $2; ((GivenAction *)$$)->outcome = OUTCOME_OK; } ;
times: ONCE { $$ = NEW(GivenAction, GIVEN_ACTION, @$, .times = TIMES_ONCE); }
  | ALWAYS { $$ = NEW(GivenAction, GIVEN_ACTION, @$, .times = TIMES_ALWAYS); }
  | number TIMES { $$ = NEW(GivenAction, GIVEN_ACTION, @$, .times = TIMES_COUNT, .count = $1); } ;
landing: %empty { $$ = NULL; } | ',' LANDING operand LATER { $$ = $3; } ;

expects: expect { $$ = list_one(p, $1); }
  | expects ',' expect { $$ = list_add(p, $1, $3); }
  | expects ',' text { $$ = build_expect_more(p, $1, $3); } ;
expect: OUTCOME word { $$ = NEW(ExpectOutcome, EXPECT_OUTCOME, @$, .outcome = NAME($2, @2)); }
  | OUTCOME STALE { $$ = NEW(ExpectOutcome, EXPECT_OUTCOME, @$, .outcome = NAME($2, @2)); }
  | outcome_state entity { $$ = build_expect_members(p, @$, $1, $2); }
  | NOTHING outcome_state { $$ = NEW(ExpectMembers, EXPECT_MEMBERS, @$, .state = $2); }
  | EVERY AUTOMATION UNLOCKED except { $$ = build_expect_unlocked(p, @$, NAME(0, @1), $4); }
  | WORD UNLOCKED except { $$ = build_expect_unlocked(p, @$, NAME($1, @1), $3); }
  | word OF entity IS value { $$ = build_expect_fact(p, @$, NAME($1, @1), $3, IS_IS, $5); }
  | word OF entity IS NOT value { $$ = build_expect_fact(p, @$, NAME($1, @1), $3, IS_NOT, $6); }
  | WORD OUT AT MOST operand { $$ = NEW(ExpectOut, EXPECT_OUT, @$, .of = NAME($1, @1), .most = $5); }
  | FINISH WITHIN operand { $$ = NEW(ExpectFinish, EXPECT_FINISH, @$, .within = $3); } ;
outcome_state: HANDED OVER { $$ = MEMBERS_HANDED_OVER; } | SET ASIDE { $$ = MEMBERS_SET_ASIDE; }
  | KEPT OUT { $$ = MEMBERS_KEPT_OUT; } | LEFT OUT { $$ = MEMBERS_LEFT_OUT; } | DONE { $$ = MEMBERS_DONE; } ;
except: %empty { $$ = NULL; } | EXCEPT ON entity { $$ = $3; } | EXCEPT ON text { $$ = $3; } ;

/* ---- conditions ---- */

/* A quantifier takes the whole rest of the condition; it stands at the top or in parentheses. */
full: cond
  | EVERY binder ':' full {
      $$ = NEW(Quantified, QUANTIFIED, @$, .quantifier = QUANT_EVERY, .binder = $2, .condition = $4);
    }
  | SOME binder ':' full {
      $$ = NEW(Quantified, QUANTIFIED, @$, .quantifier = QUANT_SOME, .binder = $2, .condition = $4);
    }
  | COUNT fan_binder { $$ = build_count(p, @$, $2); }
  | LOCKOUT OF words ON EVERY binder { $$ = build_locked_every(p, @$, LIST($3), $6); } ;
cond: operand
  | operand IS value { $$ = build_is(p, @$, $1, IS_IS, list_one(p, $3)); }
  | operand IS NOT value { $$ = build_is(p, @$, $1, IS_NOT, list_one(p, $4)); }
  | operand NE value { $$ = build_is(p, @$, $1, IS_NOT, list_one(p, $3)); }
  | operand MAY BE plain { $$ = build_is(p, @$, $1, IS_MAY_BE, list_one(p, build_name_ref(p, $4, @4))); }
  | operand MAY BE '(' values ')' { $$ = build_is(p, @$, $1, IS_MAY_BE, $5); }
  | operand IN set { $$ = build_is(p, @$, $1, IS_IN, list_one(p, $3)); }
  | operand IN '(' values ')' { $$ = build_is(p, @$, $1, IS_IN, $4); }
  | operand NOT IN set { $$ = build_is(p, @$, $1, IS_NOT_IN, list_one(p, $4)); }
  | operand NOT IN '(' values ')' { $$ = build_is(p, @$, $1, IS_NOT_IN, $5); }
  | operand '<' operand { $$ = build_binary(p, @$, OP_LT, $1, $3); }
  | operand LE operand { $$ = build_binary(p, @$, OP_LE, $1, $3); }
  | operand '>' operand { $$ = build_binary(p, @$, OP_GT, $1, $3); }
  | operand GE operand { $$ = build_binary(p, @$, OP_GE, $1, $3); }
  | operand AT MOST operand { $$ = build_binary(p, @$, OP_LE, $1, $4); }
  | operand AT LEAST operand { $$ = build_binary(p, @$, OP_GE, $1, $4); }
  | NOT cond { $$ = NEW(Unary, UNARY, @$, .op = OP_NOT, .operand = $2); }
  | cond AND cond { $$ = build_binary(p, @$, OP_AND, $1, $3); }
  | cond OR cond { $$ = build_binary(p, @$, OP_OR, $1, $3); }
  | LOCKOUT OF words ON set { $$ = NEW(Locked, LOCKED, @$, .automations = LIST($3), .target = $5); }
  | call TRIED { $$ = NEW(Tried, TRIED, @$, .call = $1); }
  | call TRIED SINCE call { $$ = NEW(Tried, TRIED, @$, .call = $1, .since = $4); }
  | GATE word { $$ = NEW(GateRef, GATE_REF, @$, .name = NAME($2, @2)); }
  | EMERGENCY { $$ = NEW(Emergency, EMERGENCY, @$, .unused = 0); }
  | operand ATTACHED { $$ = NEW(Attached, ATTACHED, @$, .object = $1); } ;
value: operand | ON { $$ = build_name_ref(p, $1, @1); } ;
values: value { $$ = list_one(p, $1); } | values ',' value { $$ = list_add(p, $1, $3); } ;

/* ---- operands ---- */

operand: number
  | LITERAL WORD { $$ = NEW(Units, UNITS, @$, .amount = decode_literal(p, @1), .kind = NAME($2, @2)); }
  | LITERAL OF set { $$ = NEW(Share, SHARE, @$, .amount = decode_literal(p, @1), .whole = $3); }
  | LITERAL OF LITERAL {
      $$ = NEW(Share, SHARE, @$, .amount = decode_literal(p, @1), .whole = decode_literal(p, @3));
    }
  | LITERAL OF EACH LITERAL {
      $$ = NEW(Share, SHARE, @$, .amount = decode_literal(p, @1), .each = 1, .whole = decode_literal(p, @4));
    }
  | text
  | TRUE { $$ = NEW(Bool, BOOL, @$, .value = 1); }
  | FALSE { $$ = NEW(Bool, BOOL, @$, .value = 0); }
  | word { $$ = build_name_ref(p, $1, @1); }
  | word OF set { $$ = NEW(Of, OF, @$, .name = NAME($1, @1), .object = $3); }
  | ALL word OF set { $$ = NEW(Of, OF, @$, .all = 1, .name = NAME($2, @2), .object = $4); }
  | COUNT OF set { $$ = NEW(Of, OF, @$, .name = NAME($1, @1), .object = $3); }
  | operand '.' word { $$ = NEW(Member, MEMBER, @$, .object = $1, .name = NAME($3, @3)); }
  | operand '+' operand { $$ = build_binary(p, @$, OP_ADD, $1, $3); }
  | operand '-' operand { $$ = build_binary(p, @$, OP_SUB, $1, $3); }
  | operand '*' operand { $$ = build_binary(p, @$, OP_MUL, $1, $3); }
  | operand '/' operand { $$ = build_binary(p, @$, OP_DIV, $1, $3); }
  | '-' operand %prec NEGATIVE { $$ = NEW(Unary, UNARY, @$, .op = OP_NEG, .operand = $2); }
  | '(' full ')' { $$ = $2; } ;
set: word { $$ = build_name_ref(p, $1, @1); }
  | set '.' word { $$ = NEW(Member, MEMBER, @$, .object = $1, .name = NAME($3, @3)); }
  | word OF set { $$ = NEW(Of, OF, @$, .name = NAME($1, @1), .object = $3); }
  | ALL word OF set { $$ = NEW(Of, OF, @$, .all = 1, .name = NAME($2, @2), .object = $4); } ;

text: TEXT { $$ = build_text(p, $1, @1); }
  | text_open TEXT_TAIL { $$ = build_text_end(p, @$, $1, $2, @2); } ;
%nterm <list> text_open ;
text_open: TEXT_HEAD full { $$ = list_add(p, list_one(p, build_part(p, $1, @1)), $2); }
  | text_open TEXT_MID full { $$ = list_add(p, list_add(p, $1, build_part(p, $2, @2)), $3); } ;

%%

static Span span_of(const Span *rhs, int n) {
  return n ? span_make(rhs[1].lo, rhs[n].hi) : span_make(rhs[0].hi, rhs[0].hi);
}

static int yylex(Value *value, Span *span, Parse *p) {
  const Token *t = filter_next(p);
  value->atom = t->atom;
  *span = t->span;
  return t->kind;
}

/* Only for bison's own stack, since syntax errors go the other way. */
static void yyerror(const Span *span, Parse *p, const char *message) {
  (void)message;
  syntax_too_deep(p, *span);
}

#ifdef SYN_DEBUG /* what bison makes of YYDEBUG for the prefix syn_: this is the parser with LAC */

/* Symbols of the parser are not tokens of the scanner: the inverse of bison's table. */
static int token_of(yysymbol_kind_t symbol) {
  for (int token = 0; token <= YYMAXUTOK; token++) {
    if (YYTRANSLATE(token) == symbol) return token;
  }
  return SYN_SYN_UNDEF;
}

static int yyreport_syntax_error(const yypcontext_t *context, Parse *p) {
  if (!syntax_error_wanted(p)) return 0;
  if (diag_errors(p->sink) >= LIMIT_DIAGNOSTICS) { /* counted, not kept: not worth looking for the words */
    syntax_error(p, SYN_SYN_UNDEF, *yypcontext_location(context), NULL, 0);
    return 0;
  }
  yysymbol_kind_t symbols[YYNTOKENS];
  int tokens[YYNTOKENS], count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
  for (int i = 0; i < count; i++) tokens[i] = token_of(symbols[i]);
  yysymbol_kind_t found = yypcontext_token(context);
  syntax_error(p, found == YYSYMBOL_YYEMPTY ? SYN_SYN_UNDEF : token_of(found), *yypcontext_location(context), tokens,
               count < 0 ? 0 : (uint32_t)count);
  return 0;
}

const char *syntax_token_name(int token) { return yysymbol_name(YYTRANSLATE(token)); }

#else

/* What could have stood here is not known any more: reductions that LAC would have refused are done. */
static int yyreport_syntax_error(const yypcontext_t *context, Parse *p) {
  (void)context;
  p->stopped = p->slipped = true;
  return 0;
}

#endif
