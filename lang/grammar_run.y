
/* The grammar, part 2: runbooks and statements. */
%nterm <node> item head stmt text goal_clause window_clause budget_limit zone limit period ;
%nterm <node> fan given_binder where fan_clause gate_fan gate_clause binder order_key lock_clause ;
%nterm <node> release_clause action call exit ;
%nterm <node> call_stmt called confirming branching arm guard handler stop_handler ;
%nterm <list> items items_1 stmts stmts_1 braces goal_clauses window_clauses budget_limits fan_clauses ;
%nterm <list> gate_clauses lock_clauses ;
%nterm <node> one_per_clause ;
%nterm <list> one_per_clauses ;
%nterm <list> release_clauses handlers stop_handlers arms arms_1 guard_block guards guards_1 args args_1 ;

items: %empty { $$ = list_none(p); } | items_1 ;
items_1: item NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | items_1 item NL { $$ = list_add(p, $1, $2); }
  | items_1 bad NL { $$ = $1; yyerrok; } ;
item: head | stmt
  | ON_INCIDENT word AS word braces { $$ = build_on_incident(p, @$, NAME($2, @2), NAME($4, @4), $5, @5); } ;

/* ---- the head ---- */

head: OWNER text { $$ = NEW(Owner, OWNER, @$, .text = $2); }
  | USE words { $$ = NEW(Use, USE, @$, .names = LIST($2)); }
  | OBEY words { $$ = NEW(Obey, OBEY, @$, .names = LIST($2)); }
  | PARAM word ':' typed default title {
      $$ = NEW(ParamDecl, PARAM, @$, .name = NAME($2, @2), .type = $4, .value = $5, .title = $6);
    }
  | SELECT word '=' fan_binder after {
      $$ = NEW(Select, SELECT, @$, .name = NAME($2, @2), .binder = $4);
      if ($5) ((Select *)$$)->after = ((Word *)$5)->name;
    }
  | LEAVE OUT fan_binder { $$ = NEW(LeaveOut, LEAVE_OUT, @$, .binder = $3); }
  | LEAVE OUT fan_binder ',' AT MOST operand { $$ = NEW(LeaveOut, LEAVE_OUT, @$, .binder = $3, .most = $7); }
  | WINDOW days operand TO operand IN zone window_clauses { $$ = build_window(p, @$, $2, $3, $5, $7, $8); }
  | BUDGET word OUT ':' budget_limits {
      $$ = NEW(Budget, BUDGET, @$, .of = NAME($2, @2), .limits = LIST($5));
    }
  | GOAL goal_clauses { $$ = build_goal(p, @$, $2); }
  | REQUIRE full title { $$ = NEW(Require, REQUIRE, @$, .condition = $2, .why = $3); }
  | EMERGENCY full ON emergency_of title emergency_block {
      $$ = NEW(EmergencyClause, EMERGENCY_CLAUSE, @$, .condition = $2, .binder = $4, .title = $5, .body = $6);
    }
  | WHILE full START NO MEMBER parking { $$ = NEW(Embargo, EMBARGO, @$, .condition = $2, .parks = $6); } ;
%nterm <node> emergency_of emergency_block ;
%nterm <list> urgent ;
emergency_of: word { $$ = build_emergency_binder(p, @$, NAME(0, @1), $1, @1); }
  | word ':' word { $$ = build_emergency_binder(p, @$, NAME($1, @1), $3, @3); } ;
emergency_block: '{' urgent stmts '}' { $$ = build_block(p, @$, list_join(p, $2, $3)); } ;
urgent: PREEMPTS RUNS ON word nl { $$ = list_one(p, NEW(Preempts, PREEMPTS, @$, .name = NAME($4, @4))); }
  | PREEMPTS RUNS ON word nl MAY SKIP words nl {
      $$ = list_add(p, list_one(p, NEW(Preempts, PREEMPTS, ((Span){@1.lo, @4.hi}), .name = NAME($4, @4))),
                    NEW(MaySkip, MAY_SKIP, ((Span){@6.lo, @8.hi}), .names = LIST($8)));
    } ;
%nterm <word> parking ;
parking: %empty { $$ = 0; } | ',' OTHERS GO ON_TO_A SAFE POINT { $$ = 1; } ;
%nterm <node> default fan_binder after ;
%nterm <list> days ;
default: %empty { $$ = NULL; } | '=' full { $$ = $2; } ;
after: %empty { $$ = NULL; } | AFTER STEP word { $$ = build_word(p, $3, @3); } ;
days: DAILY { $$ = list_none(p); } | words ;
zone: set | text ;
window_clauses: %empty { $$ = list_none(p); }
  | window_clauses ',' window_clause { $$ = list_add(p, $1, $3); } ;
window_clause: END_ HARD { $$ = NEW(Window, WINDOW, @$, .hard = 1); }
  | END_ GENTLE { $$ = NEW(Window, WINDOW, @$, .hard = 0); }
  | EXCEPT LITERAL { $$ = NEW(Window, WINDOW, @$, .except = LIST(list_one(p, decode_literal(p, @2)))); }
  | LITERAL { $$ = decode_literal(p, @1); }
  | FREEZE FROM zone { $$ = NEW(Window, WINDOW, @$, .freeze = $3); } ;
budget_limits: budget_limit { $$ = list_one(p, $1); }
  | budget_limits ',' budget_limit { $$ = list_add(p, $1, $3); } ;
budget_limit: AT MOST limit { $$ = $3; $$->span = @$; } ;
goal_clauses: goal_clause { $$ = list_one(p, $1); }
  | goal_clauses ',' goal_clause { $$ = list_add(p, $1, $3); } ;
goal_clause: FINISH WITHIN operand { $$ = NEW(Goal, GOAL, @$, .within = $3); }
  | AT LEAST operand BACK { $$ = NEW(Goal, GOAL, @$, .back = $3); } ;

/* ---- fan-out ---- */

fan_binder: word IN set { $$ = build_binder(p, @$, NAME($1, @1), $3, NULL); }
  | word IN set WHERE full { $$ = build_binder(p, @$, NAME($1, @1), $3, $5); } ;
/* Behind `every`: the condition must leave the colon to the quantifier. */
binder: word IN set { $$ = build_binder(p, @$, NAME($1, @1), $3, NULL); }
  | word IN set WHERE cond { $$ = build_binder(p, @$, NAME($1, @1), $3, $5); } ;
fan: FOR EACH fan_binder fan_clauses { $$ = build_fan(p, @$, $3, NAME(0, @3), $4); }
  | FOR EACH given_binder GIVEN word where fan_clauses {
      $$ = build_fan_given(p, @$, $3, NAME($5, @5), $6, $7);
    } ;
given_binder: word { $$ = build_binder(p, @$, NAME($1, @1), NULL, NULL); } ;
where: %empty { $$ = NULL; } | WHERE full { $$ = $2; } ;
fan_clauses: %empty { $$ = list_none(p); }
  | fan_clauses fan_clause { $$ = list_add(p, $1, $2); } ;
fan_clause: ORDERED BY order_key { $$ = $3; }
  | THEN order_key { $$ = $2; }
  | ',' word { $$ = build_word(p, $2, @2); }
  | ',' limit { $$ = $2; }
  | ',' STOP AFTER operand SET ASIDE { $$ = build_tolerance(p, (Span){@2.lo, @6.hi}, $4); }
  | ',' STOP AFTER operand SET ASIDE PER word {
      $$ = build_tolerance(p, (Span){@2.lo, @8.hi}, $4);
      ((Tolerance *)$$)->scope = NAME($8, @8);
    }
  | ',' STOP AFTER operand SET ASIDE PER word IN zone {
      $$ = build_tolerance(p, (Span){@2.lo, @10.hi}, $4);
      ((Tolerance *)$$)->scope = NAME($8, @8);
      ((Tolerance *)$$)->zone = $10;
    }
  | ',' STARTS ONLY WHILE IT FITS { $$ = NEW(Fan, FAN, @$, .fits = 1); }
  | ELSE exit { $$ = NEW(Fan, FAN, @$, .on_stop = $2); } ;
order_key: operand direction { $$ = NEW(OrderKey, ORDER_KEY, @$, .key = $1, .descending = $2); }
  | operand AS word {
      $$ = NEW(OrderKey, ORDER_KEY, @$, .key = $1, .words = LIST(list_one(p, build_word(p, $3, @3))));
    } ;
%nterm <word> direction ;
direction: %empty { $$ = 0; } | DESCENDING { $$ = 1; } ;
limit: operand AT ONCE { $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_AT_ONCE, .amount = $1); }
  | operand AT ONCE PER word {
      $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_AT_ONCE, .amount = $1, .group = NAME($5, @5));
    }
  | ALL AT ONCE { $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_ALL_AT_ONCE); }
  | operand PER period { $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_PER_TIME, .amount = $1, .per = $3); }
  | operand PER period IN zone {
      $$ = NEW(Limit, LIMIT, @$, .mode = LIMIT_PER_TIME, .amount = $1, .per = $3, .zone = $5);
    } ;
period: operand { $$ = build_period(p, $1); } ;

/* ---- statements ---- */

block: braces { $$ = build_block(p, @$, $1); } ;
braces: '{' stmts '}' { $$ = $2; } ;
stmts: %empty { $$ = list_none(p); } | stmts_1 ;
stmts_1: stmt NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | stmts_1 stmt NL { $$ = list_add(p, $1, $2); }
  | stmts_1 bad NL { $$ = $1; yyerrok; } ;
stmt: LOCKOUT words ON set lock_clauses handlers braces {
      $$ = build_lockout(p, @$, LIST($2), $4, $5, $6, $7, @7);
    }
  | RELEASE EACH word WHEN full release_clauses { $$ = build_release(p, @$, NAME($3, @3), $5, $6); }
  | OTHERWISE HAND OVER TO word { $$ = NEW(HandOver, HAND_OVER, @$, .role = NAME($5, @5)); }
  | ATTEMPT block nl ROLL BACK block { $$ = NEW(Attempt, ATTEMPT, @$, .body = $2, .undo = $6); }
  | STEP word title block { $$ = NEW(Step, STEP, @$, .name = NAME($2, @2), .title = $3, .body = $4); }
  | STEP word title fan block {
      $$ = NEW(Step, STEP, @$, .name = NAME($2, @2), .title = $3, .fan = $4, .body = $5);
    }
  | fan block { $$ = NEW(Each, EACH, @$, .fan = $1, .body = $2); }
  | call_stmt
  | confirming handlers { $$ = build_handled(p, @$, $1, &((Confirm *)$1)->handlers, $2); }
  | WAIT operand { $$ = NEW(Wait, WAIT, @$, .duration = $2); }
  | GATE text BY word AS word gate_fan gate_clauses handlers {
      $$ = build_gate(p, @$, $2, NAME($4, @4), NAME($6, @6), $7, $8, $9);
    }
  | branching { $$ = $1; $$->span = @$; }
  | DECIDE ON full '{' arms '}' { $$ = NEW(Decide, DECIDE, @$, .on = $3, .arms = LIST($5)); }
  | DECIDE bad_open arms '}' { $$ = NULL; }
  | DECIDE error { $$ = NULL; }
  | THROUGHOUT guard_block stop_handlers {
      $$ = NEW(Throughout, THROUGHOUT, @$, .conditions = LIST($2), .handlers = LIST($3));
    }
  | THROUGHOUT guard_block stop_handlers block {
      $$ = NEW(Throughout, THROUGHOUT, @$, .conditions = LIST($2), .handlers = LIST($3), .body = $4);
    }
  | REMEMBER of AS word { $$ = NEW(Remember, REMEMBER, @$, .fact = $2, .name = NAME($4, @4)); }
  | NOTIFY word text { $$ = NEW(Notify, NOTIFY, @$, .channel = NAME($2, @2), .text = $3); }
  | RUN callee '(' args ')' { $$ = NEW(Run, RUN, @$, .name = NAME($2, @2), .args = LIST($4)); }
  | SETTING word OF set IS value handlers block {
      $$ = NEW(WithSetting, WITH_SETTING, @$, .name = NAME($2, @2), .set = $4, .value = $6,
              .handlers = LIST($7), .body = $8);
    }
  | SAFE POINT { $$ = NEW(SafePoint, SAFE_POINT, @$, .unused = 0); }
  | exit
  | exit UNLESS full { $$ = NEW(Unless, UNLESS, @$, .exit = $1, .condition = $3); }
  | ONE RUN PER operand one_per_clauses { $$ = build_one_per(p, @$, $4, $5); } ;
one_per_clauses: %empty { $$ = list_none(p); }
  | one_per_clauses one_per_clause { $$ = list_add(p, $1, $2); } ;
one_per_clause: ',' REPEATS WITHIN operand JOIN IT { $$ = NEW(OnePer, ONE_PER, @$, .join = $4); }
  | ',' AT MOST operand AT ONCE { $$ = NEW(OnePer, ONE_PER, @$, .at_once = $4); }
  | ',' AT MOST operand PER word PER period {
      $$ = NEW(OnePer, ONE_PER, @$, .most = $4, .group = NAME($6, @6), .period = $8);
    }
  | ELSE exit { $$ = NEW(OnePer, ONE_PER, @$, .otherwise = $2); }
  | ELSE RUN callee '(' args ')' {
      $$ = NEW(Run, RUN, ((Span){@2.lo, @6.hi}), .name = NAME($3, @3), .args = LIST($5));
      $$ = NEW(OnePer, ONE_PER, @$, .otherwise = $$);
    } ;
nl: %empty | NL ;

lock_clauses: %empty { $$ = list_none(p); }
  | lock_clauses lock_clause { $$ = list_add(p, $1, $2); } ;
lock_clause: ',' limit { $$ = $2; } | BECAUSE text { $$ = $2; } ;
release_clauses: %empty { $$ = list_none(p); }
  | release_clause { $$ = list_one(p, $1); }
  | release_clauses ',' release_clause { $$ = list_add(p, $1, $3); }
  | release_clauses ',' word { $$ = list_add(p, $1, build_word(p, $3, @3)); } ;
release_clause: IN_ORDER word {
      $$ = NEW(Release, RELEASE, @$, .order = LIST(list_one(p, build_word(p, $2, @2))));
    }
  | FIRST operand { $$ = NEW(Release, RELEASE, @$, .first = $2); }
  | WATCH operand { $$ = NEW(Release, RELEASE, @$, .watch = $2); }
  | AS SOON AS IT IS DONE { $$ = NEW(Release, RELEASE, @$, .each_when_done = 1); } ;

/* The next line's `for each` belongs to the gate: a gate cannot end before its deadline. */
gate_fan: %empty { $$ = NULL; }
  | nl_for EACH fan_binder { $$ = build_fan(p, @$, $3, NAME(0, @3), list_none(p)); }
  | nl_for EACH given_binder GIVEN word where {
      $$ = build_fan_given(p, @$, $3, NAME($5, @5), $6, list_none(p));
    } ;
nl_for: FOR | NL FOR ;
gate_clauses: gate_clause { $$ = list_one(p, $1); }
  | gate_clauses gate_clause { $$ = list_add(p, $1, $2); } ;
gate_clause: WITHIN operand { $$ = NEW(Gate, GATE, @$, .within = $2); }
  | UNTIL LAST SAFE MOMENT { $$ = NEW(Gate, GATE, @$, .until_last_safe = 1); }
  | ASKS word ':' type { $$ = NEW(Asks, ASKS, @$, .name = NAME($2, @2), .type = $4); } ;

call: callee '(' args ')' { $$ = NEW(Call, CALL, @$, .name = NAME($1, @1), .args = LIST($3)); } ;
args: %empty { $$ = list_none(p); } | args_1 ;
args_1: full { $$ = list_one(p, $1); } | args_1 ',' full { $$ = list_add(p, $1, $3); } ;
call_stmt: called handlers { $$ = build_handled(p, @$, $1, &((Call *)$1)->handlers, $2); } ;
called: call
  | called WITHIN operand { $$ = $1; build_once(p, &((Call *)$$)->within, $3); }
  | called ',' WITHIN operand { $$ = $1; build_once(p, &((Call *)$$)->within, $4); }
  | called RETRY operand AFTER operand { $$ = $1; build_retry(p, (Call *)$$, $3, $5); }
  | called ',' RETRY operand AFTER operand { $$ = $1; build_retry(p, (Call *)$$, $4, $6); } ;
confirming: CONFIRM full { $$ = NEW(Confirm, CONFIRM, @$, .condition = $2); }
  | confirming HELD FOR operand { $$ = $1; build_once(p, &((Confirm *)$$)->held, $4); }
  | confirming WITHIN operand { $$ = $1; build_once(p, &((Confirm *)$$)->within, $3); }
  | confirming ',' WITHIN operand { $$ = $1; build_once(p, &((Confirm *)$$)->within, $4); } ;

handlers: %empty { $$ = list_none(p); }
  | handlers handler { $$ = list_add(p, $1, $2); } ;
handler: ELSE action { $$ = NEW(Handler, HANDLER, @$, .on = ON_ELSE, .stmt = $2); }
  | ON_FAILED action { $$ = NEW(Handler, HANDLER, @$, .on = ON_FAILED, .stmt = $2); }
  | ON_UNKNOWN action { $$ = NEW(Handler, HANDLER, @$, .on = ON_UNKNOWN, .stmt = $2); }
  | ON_NO action { $$ = NEW(Handler, HANDLER, @$, .on = ON_NO, .stmt = $2); }
  | ON_SILENCE action { $$ = NEW(Handler, HANDLER, @$, .on = ON_SILENCE, .stmt = $2); } ;
action: exit | block | called { $$ = $1; $$->span = @$; } ;

branching: WHEN full block { $$ = NEW(When, WHEN, @$, .condition = $2, .then = $3); }
  | branching OTHERWISE block { $$ = $1; build_once(p, &((When *)$$)->otherwise, $3); }
  | branching UNKNOWN block { $$ = $1; build_once(p, &((When *)$$)->unknown, $3); } ;
arms: %empty { $$ = list_none(p); } | arms_1 ;
arms_1: arm NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | arms_1 arm NL { $$ = list_add(p, $1, $2); }
  | arms_1 bad NL { $$ = $1; yyerrok; } ;
arm: AT LEAST operand block {
      $$ = NEW(Arm, ARM, @$, .mode = ARM_AT_LEAST, .values = LIST(list_one(p, $3)), .body = $4);
    }
  | AT MOST operand block {
      $$ = NEW(Arm, ARM, @$, .mode = ARM_AT_MOST, .values = LIST(list_one(p, $3)), .body = $4);
    }
  | IS values block { $$ = NEW(Arm, ARM, @$, .mode = ARM_IS, .values = LIST($2), .body = $3); }
  | UNKNOWN block { $$ = NEW(Arm, ARM, @$, .mode = ARM_UNKNOWN, .body = $2); }
  | OTHERWISE block { $$ = NEW(Arm, ARM, @$, .mode = ARM_OTHERWISE, .body = $2); } ;
guard_block: '{' guards '}' { $$ = $2; } ;
guards: %empty { $$ = list_none(p); } | guards_1 ;
guards_1: guard NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | guards_1 guard NL { $$ = list_add(p, $1, $2); }
  | guards_1 bad NL { $$ = $1; yyerrok; } ;
guard: full | full OVER operand { $$ = NEW(Over, OVER, @$, .condition = $1, .duration = $3); } ;
stop_handlers: %empty { $$ = list_none(p); }
  | stop_handlers stop_handler { $$ = list_add(p, $1, $2); } ;
stop_handler: ELSE START NO MORE ',' exit { $$ = NEW(Handler, HANDLER, @$, .on = ON_ELSE, .stmt = $6); }
  | ON_UNKNOWN START NO MORE ',' exit { $$ = NEW(Handler, HANDLER, @$, .on = ON_UNKNOWN, .stmt = $6); }
  | ON_FAILED START NO MORE ',' exit { $$ = NEW(Handler, HANDLER, @$, .on = ON_FAILED, .stmt = $6); } ;

exit: SET ASIDE set text { $$ = NEW(SetAside, SET_ASIDE, @$, .target = $3, .why = $4); }
  | KEEP OUT text { $$ = NEW(KeepOut, KEEP_OUT, @$, .why = $3); }
  | KEEP OUT set text { $$ = NEW(KeepOut, KEEP_OUT, @$, .target = $3, .why = $4); }
  | ROLL BACK title { $$ = NEW(RollBack, ROLL_BACK, @$, .why = $3); }
  | END_ text { $$ = NEW(End, END, @$, .why = $2); }
  | FAIL text { $$ = NEW(Fail, FAIL, @$, .why = $2); }
  | HOLD text FOR word operand ',' THEN exit {
      $$ = NEW(Hold, HOLD, @$, .why = $2, .role = NAME($4, @4), .duration = $5, .then = $8);
    } ;
