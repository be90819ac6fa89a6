
/* The grammar, part 3: campaigns. Their clauses stand in any order, among those of a runbook's head. */
%nterm <node> campaign_item campaign_clause phase_key where_cond until then slip_rule ;
%nterm <list> campaign_items campaign_items_1 phase_keys slip_rules ;

campaign_items: %empty { $$ = list_none(p); } | campaign_items_1 ;
campaign_items_1: campaign_item NL { $$ = list_one(p, $1); }
  | bad NL { $$ = list_none(p); yyerrok; }
  | campaign_items_1 campaign_item NL { $$ = list_add(p, $1, $2); }
  | campaign_items_1 bad NL { $$ = $1; yyerrok; } ;
campaign_item: head | campaign_clause ;
campaign_clause: FROM operand { $$ = NEW(Term, TERM, @$, .from = $2); }
  | FROM operand BY operand { $$ = NEW(Term, TERM, @$, .from = $2, .by = $4); }
  | SIZE operand { $$ = NEW(VisitSize, VISIT_SIZE, @$, .amount = $2); }
  | takes
  | THROUGH word rate { $$ = NEW(Through, THROUGH, @$, .service = NAME($2, @2), .limit = $3); }
  | ORDER phase_keys { $$ = NEW(Phases, PHASES, @$, .keys = LIST($2)); }
  | NEXT_PHASE word { $$ = NEW(NextPhase, NEXT_PHASE, @$, .when = NAME($2, @2)); }
  | ROLLING where_cond ':' operand PER period { $$ = NEW(Rolling, ROLLING, @$, .where = $2, .share = $4, .per = $6); }
  | SPREAD OVER operand where_cond ':' AT MOST operand PER period {
      $$ = NEW(Spread, SPREAD, @$, .over = $3, .where = $4, .share = $8, .per = $10);
    }
  | LIMIT limit where_cond until { $$ = $4; $$->span = @$; ((Places *)$$)->limit = $2; ((Places *)$$)->where = $3; }
  | AFTER_FAILED_DAY ':' slip_rules { $$ = build_failed_day(p, @$, $3); }
  | RUN callee '(' args ')' { $$ = NEW(Run, RUN, @$, .name = NAME($2, @2), .args = LIST($4)); } ;
where_cond: %empty { $$ = NULL; } | WHERE cond { $$ = $2; } ;
phase_keys: phase_key { $$ = list_one(p, $1); } | phase_keys THEN phase_key { $$ = list_add(p, $1, $3); } ;
phase_key: operand direction { $$ = NEW(OrderKey, ORDER_KEY, @$, .key = $1, .descending = $2); }
  | operand AS words { $$ = NEW(OrderKey, ORDER_KEY, @$, .key = $1, .words = LIST($3)); }
  | cond FIRST { $$ = NEW(OrderKey, ORDER_KEY, @$, .key = $1, .first = 1); } ;
until: %empty { $$ = NEW(Places, PLACES, @$, .until = NULL); }
  | UNTIL operand then { $$ = NEW(Places, PLACES, @$, .until = $2, .then = $3); } ;
then: %empty { $$ = NULL; } | ',' THEN operand { $$ = $3; } ;
slip_rules: slip_rule { $$ = list_one(p, $1); } | slip_rules ',' slip_rule { $$ = list_add(p, $1, $3); } ;
slip_rule: NEXT_DATE { $$ = NEW(FailedDay, FAILED_DAY, @$, .skip = 1); }
  | THAT word LAST { $$ = NEW(FailedDay, FAILED_DAY, @$, .last = NAME($2, @2)); }
  | STOP AFTER operand { $$ = NEW(FailedDay, FAILED_DAY, @$, .stop = $3); } ;
