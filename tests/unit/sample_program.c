/* sample_program: a small program with a row in every table. */
#include <config.h>

#include "tests/unit/sample_program.h"

#include <string.h>

CodeRef sample_number(ProgramBuild *b, int64_t value) {
  build_region_begin(b);
  build_int(b, value);
  return build_region_end(b);
}

CodeRef sample_text(ProgramBuild *b, const char *text) {
  build_region_begin(b);
  build_op(b, OPCODE_STR, build_str(b, text));
  return build_region_end(b);
}

static CodeRef collect_all(ProgramBuild *b, Opcode each, uint32_t operand, uint32_t slot) {
  build_region_begin(b);
  build_op(b, each, operand);
  uint32_t next = build_op2(b, OPCODE_NEXT, slot, 0);
  build_op(b, OPCODE_SLOT, slot);
  build_op(b, OPCODE_COLLECT, 0);
  build_op(b, OPCODE_JUMP, next);
  build_land(b, next);
  return build_region_end(b);
}

CodeRef sample_nodes(ProgramBuild *b) { return collect_all(b, OPCODE_EACH_SET, 0, 5); }

static CodeRef collect_slot(ProgramBuild *b, uint32_t slot) {
  build_region_begin(b);
  build_op(b, OPCODE_SLOT, slot);
  build_op(b, OPCODE_COLLECT, 0);
  return build_region_end(b);
}

/* power of the node in a slot is `code`. */
static CodeRef power_is(ProgramBuild *b, uint32_t slot, int64_t code) {
  build_region_begin(b);
  build_op(b, OPCODE_SLOT, slot);
  build_op2(b, OPCODE_FACT, 0, SAMPLE_NODE);
  build_int(b, code);
  build_op(b, OPCODE_EQ, 0);
  return build_region_end(b);
}

static void add_fleet(ProgramBuild *b) {
  StrId words[] = {build_str(b, "on"), build_str(b, "off")};
  for (int i = 0; i < 2; i++) build_row(b, enum_words, &words[i]);
  build_row(b, enums, (&(EnumRow){build_str(b, "power"), {0, 2}}));
  ValueType text = {.klass = VALUE_TEXT}, power = {.klass = VALUE_ENUM}, rack = {.klass = VALUE_ENTITY, .ref = SAMPLE_RACK};
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = text, .kind = SAMPLE_RACK}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = text, .kind = SAMPLE_NODE}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "rack"), .type = rack, .kind = SAMPLE_NODE}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "peers"), .type = {.klass = VALUE_LIST, .ref = SAMPLE_NODE}, .kind = SAMPLE_NODE}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Rack"), build_str(b, "racks"), NONE_INDEX, {0, 1}, 0}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Node"), build_str(b, "nodes"), SAMPLE_RACK, {1, 3}, 1}));
  uint32_t node = SAMPLE_NODE;
  build_row(b, facts, (&(FactRow){build_str(b, "power"), power, build_list(b, &node, 1)}));
  build_row(b, metrics, (&(MetricRow){build_str(b, "errors"), {.klass = VALUE_INT}, build_list(b, &node, 1)}));
  build_row(b, roles, (&(RoleRow){build_str(b, "facility"), build_str(b, "The facility")}));
  build_row(b, channels, (&(ChannelRow){build_str(b, "sev"), 0}));
}

static void add_action(ProgramBuild *b) {
  uint32_t off = 2, service = 0;
  build_row(b, param_types, (&(ValueType){.klass = VALUE_ENTITY, .ref = SAMPLE_NODE}));
  build_row(b, services, (&(ServiceRow){.group = NONE_INDEX, .name = build_str(b, "nsd"), .amount = 300, .per = 3600000}));
  EffectRow makes = {.fact = 0, .kind = SAMPLE_NODE, .targets = collect_slot(b, 0), .values = build_list(b, &off, 1)};
  build_row(b, effects, &makes);
  build_row(b, need_rows, (&(NeedRow){power_is(b, 0, 1), 0, build_str(b, "power of n is on"), 3}));
  build_row(b, learns, (&(LearnRow){0, SAMPLE_NODE, collect_slot(b, 0)}));
  ActionRow action = {.name = build_str(b, "shut_down"), .title = build_str(b, "Shut down"), .params = {0, 1}, .needs = {0, 1}};
  action.makes = (Slice){0, 1};
  action.learns = (Slice){0, 1};
  action.takes_low = 1000;
  action.takes_high = 2000;
  action.takes_most = 60000;
  action.undo = NONE_INDEX;
  action.repeat = REPEAT_RULE_CHECK;
  action.check = power_is(b, 0, 2);
  action.services = build_list(b, &service, 1);
  build_row(b, actions, &action);
}

static void add_automation(ProgramBuild *b) {
  uint32_t off = 2;
  build_row(b, effects, (&(EffectRow){.fact = 0, .kind = SAMPLE_NODE, .targets = collect_slot(b, 0), .values = build_list(b, &off, 1), .may = 1}));
  build_row(b, triggers, (&(TriggerRow){power_is(b, 0, 1), {1, 1}, build_str(b, "it does as it likes")}));
  build_row(b, automations, (&(AutomationRow){.name = build_str(b, "anvil"), .kind = SAMPLE_NODE, .triggers = {0, 1}, .lock_most = 5000}));
  build_row(b, hazards, (&(HazardRow){build_str(b, "leak"), 0, SAMPLE_NODE, {0, 1}}));
  build_row(b, rules, (&(RuleRow){.form = RULE_FORM_RELEASED, .fact = NONE_INDEX, .kind = NONE_INDEX, .action = NONE_INDEX, .line = 3}));
  build_row(b, policies, (&(PolicyRow){.name = build_str(b, "interlock"), .rules = {0, 1}, .line = 2}));
  build_row(b, settings, (&(SettingRow){build_str(b, "profile"), {.klass = VALUE_INT}, SAMPLE_NODE}));
}

ProgramBuild *sample_library(Arena *arena) {
  ProgramBuild *b = build_new(arena);
  Program *p = build_program(b);
  p->name = build_str(b, "sample");
  p->title = build_str(b, "A sample");
  p->owner = build_str(b, "tests");
  add_fleet(b);
  add_action(b);
  add_automation(b);
  build_row(b, params, (&(ParamRow){build_str(b, "soft"), 0, {.klass = VALUE_QUANTITY, .ref = QUANTITY_DURATION}, sample_number(b, 600000), 1}));
  build_row(b, sets, (&(SetRow){build_str(b, "nodes"), SAMPLE_NODE, collect_all(b, OPCODE_EACH_KIND, SAMPLE_NODE, 0), NONE_INDEX, 2}));
  build_row(b, remembers, (&(RememberRow){build_str(b, "before"), SAMPLE_NODE, {.klass = VALUE_ENUM}}));
  build_row(b, shows, (&(ShowRow){{.klass = VALUE_ENTITY, .ref = SAMPLE_NODE}}));
  build_row(b, sources, (&(SourceRow){.name = build_str(b, "sample.runbook"), .digest = {1, 2, 3}}));
  return b;
}

static void add_head(ProgramBuild *b) {
  uint32_t day = 20000;
  build_row(b, windows, (&(WindowRow){.days = 5, .from = 0, .to = 3600000, .zone = sample_text(b, "UTC"), .except = build_list(b, &day, 1)}));
  build_row(b, limits, (&(LimitRow){.rule = LIMIT_RULE_AT_ONCE, .amount = sample_number(b, 1800), .group = NONE_INDEX}));
  build_row(b, budgets, (&(BudgetRow){SAMPLE_NODE, {0, 1}, 4}));
  build_row(b, goals, (&(GoalRow){sample_number(b, 3600000), sample_number(b, 1), 5}));
  build_row(b, leave_outs, (&(LeaveOutRow){.slot = 0, .condition = power_is(b, 0, 2), .most = sample_number(b, 3), .text = build_str(b, "off"), .line = 6}));
  build_row(b, embargoes, (&(EmbargoRow){.condition = sample_number(b, 0), .text = build_str(b, "a storm"), .parks = 1, .line = 7}));
  build_row(b, requires, (&(RequireRow){.condition = sample_number(b, 1), .text = sample_text(b, "no"), .line = 7}));
  build_op(b, OPCODE_REQUIRE, 0);
  build_op(b, OPCODE_LEAVE_OUT, 0);
}

static void add_incident(ProgramBuild *b) {
  uint32_t first = build_row(b, params, (&(ParamRow){build_str(b, "node"), 0, {.klass = VALUE_ENTITY, .ref = SAMPLE_NODE}, 0, 6}));
  uint32_t logs = build_row(b, params, (&(ParamRow){build_str(b, "logs"), 0, {.klass = VALUE_TEXT}, sample_text(b, ""), 6}));
  uint32_t over = build_row(b, params, (&(ParamRow){build_str(b, "over_limit"), 0, {.klass = VALUE_BOOL}, sample_number(b, 0), 6}));
  IncidentRow row = {.name = build_str(b, "fault"), .params = {first, 3}, .key = first, .over = over, .at_once = 5, .per_member = 2, .per = 86400000};
  row.attachments = build_list(b, &logs, 1);
  build_row(b, incidents, &row);
}

static void add_campaign(ProgramBuild *b) {
  CampaignRow row = {.unit = SAMPLE_NODE, .from = sample_number(b, 20000), .by = sample_number(b, 20013), .takes = sample_number(b, 60000)};
  build_row(b, campaign_rules, (&(CampaignRuleRow){.form = CAMPAIGN_RULE_ROLL, .amount = sample_number(b, 60000), .text = build_str(b, "6%")}));
  build_row(b, campaign_args, (&(CampaignArgRow){build_str(b, "soft"), {.klass = VALUE_QUANTITY, .ref = QUANTITY_DURATION}, sample_number(b, 1)}));
  row.run = build_str(b, "visit");
  row.args = row.rules = (Slice){0, 1};
  build_row(b, campaigns, &row);
}

static void add_fan(ProgramBuild *b) {
  build_row(b, steps, (&(StepRow){build_str(b, "down"), 0, 0, 8, NONE_INDEX}));
  build_op(b, OPCODE_STEP_BEGIN, 0);
  build_row(b, limits, (&(LimitRow){.rule = LIMIT_RULE_ALL, .group = NONE_INDEX}));
  build_row(b, tolerances, (&(ToleranceRow){sample_number(b, 2), 0, SAMPLE_RACK, build_str(b, "2 racks"), 8, NONE_INDEX, 0, 0, {0}}));
  build_region_begin(b);
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_ATTR, 2);
  build_row(b, orders, (&(OrderRow){.key = build_region_end(b)}));
  CodeRef members = sample_nodes(b);
  uint32_t fan = build_row(b, fans, (&(FanRow){.step = 0, .kind = SAMPLE_NODE, .slot = 0, .members = members, .sense = members, .order = {0, 1}}));
  FanRow *f = &build_program(b)->fans[fan];
  f->limits = (Slice){1, 1};
  f->tolerances = (Slice){0, 1};
  build_op(b, OPCODE_FAN, 0);
  uint32_t over = build_op(b, OPCODE_JUMP, 0);
  f->body = build_here(b);
  uint32_t again = build_here(b);
  build_row(b, calls, (&(CallRow){.action = 0, .within = sample_number(b, 600000), .line = 9}));
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_ACT, 0);
  uint32_t ok = build_op(b, OPCODE_ON_OK, 0);
  build_row(b, holds, (&(HoldRow){0, sample_number(b, 60000), 11}));
  build_op(b, OPCODE_STR, build_str(b, "it stays on"));
  build_op(b, OPCODE_HOLD, 0);
  build_op(b, OPCODE_ON_OK, again);
  build_op(b, OPCODE_SLOT, 0);
  build_op(b, OPCODE_SHOW, 0);
  build_op(b, OPCODE_STR, build_str(b, " stays on"));
  build_op(b, OPCODE_JOIN, 2);
  build_op(b, OPCODE_SLOT, 0);
  build_op2(b, OPCODE_UP, SAMPLE_RACK, SAMPLE_NODE);
  build_op(b, OPCODE_SET_ASIDE, SAMPLE_RACK);
  build_land(b, ok);
  build_row(b, confirms, (&(ConfirmRow){power_is(b, 0, 2), 0, sample_number(b, 60000), build_str(b, "power of n is off"), 10}));
  build_op(b, OPCODE_CONFIRM, 0);
  uint32_t sure = build_op(b, OPCODE_ON_OK, 0);
  build_op(b, OPCODE_STR, build_str(b, "not off"));
  build_op(b, OPCODE_ROLL_BACK, 0);
  build_land(b, sure);
  build_op(b, OPCODE_MEMBER_DONE, 0);
  build_land(b, over);
  build_op(b, OPCODE_STEP_END, 0);
}

static void add_gate(ProgramBuild *b) {
  build_row(b, gates, (&(GateRow){.name = build_str(b, "go"), .role = 0, .kind = SAMPLE_NODE, .slot = 0, .text = sample_text(b, "go?"),
                                  .members = sample_nodes(b), .within = sample_number(b, 60000), .asks = {0, 1}}));
  build_row(b, asks, (&(AskRow){build_str(b, "work_order"), {.klass = VALUE_TEXT}}));
  build_op(b, OPCODE_GATE, 0);
  uint32_t ok = build_op(b, OPCODE_ON_OK, 0);
  build_row(b, refusals, (&(RefusalRow){0, sample_text(b, "refused")}));
  build_op(b, OPCODE_OUT_WITHOUT_YES, 0);
  build_land(b, ok);
}

static void add_guarded(ProgramBuild *b) {
  build_row(b, need_rows, (&(NeedRow){sample_number(b, 1), sample_number(b, 60000), build_str(b, "true"), 12}));
  build_row(b, guards, (&(GuardRow){{1, 1}, 0, 12}));
  build_op(b, OPCODE_GUARD_BEGIN, 0);
  build_row(b, adjusts, (&(AdjustRow){0, SAMPLE_NODE, sample_nodes(b), sample_number(b, 7), 13}));
  build_op(b, OPCODE_SET_BEGIN, 0);
  build_int(b, 60000);
  build_op(b, OPCODE_WAIT, 0);
  build_op(b, OPCODE_SET_END, 0);
  build_op(b, OPCODE_GUARD_END, 0);
  uint32_t over = build_op(b, OPCODE_JUMP, 0);
  build_program(b)->guards[0].handler = build_here(b);
  build_op(b, OPCODE_STR, build_str(b, "the guard fell"));
  build_op(b, OPCODE_FAIL, 0);
  build_land(b, over);
}

static void add_lockout(ProgramBuild *b) {
  uint32_t anvil = 0;
  LockoutRow row = {.automations = build_list(b, &anvil, 1), .set = 0, .kind = SAMPLE_NODE, .members = sample_nodes(b), .because = sample_text(b, "work")};
  row.release_slot = 0;
  row.release = power_is(b, 0, 1);
  row.release_order = row.automations;
  row.canary_kind = SAMPLE_RACK;
  row.canary_count = 1;
  build_row(b, lockouts, &row);
  build_op(b, OPCODE_LOCK, 0);
  build_row(b, attempts, (&(AttemptRow){.line = 8}));
  build_op(b, OPCODE_ATTEMPT, 0);
  add_fan(b);
  build_op(b, OPCODE_ATTEMPT_END, 0);
  build_program(b)->attempts[0].undo = build_here(b);
  build_op(b, OPCODE_UNDO_END, 0);
  build_program(b)->attempts[0].end = build_here(b);
  add_gate(b);
  add_guarded(b);
  build_op(b, OPCODE_UNLOCK, 0);
}

/* Watched for from the head on; its block stands behind the main strand. */
static void add_watch(ProgramBuild *b) {
  uint32_t skipped = 0;
  EmergencyRow row = {.title = build_str(b, "Cut it"), .text = build_str(b, "power of n is off"), .kind = SAMPLE_NODE, .slot = 0, .line = 7};
  row.condition = power_is(b, 0, 2);
  row.skips = build_list(b, &skipped, 1);
  build_op(b, OPCODE_WATCH, build_row(b, emergencies, &row));
}

static void add_block(ProgramBuild *b) {
  build_program(b)->emergencies[0].body = build_here(b);
  build_op(b, OPCODE_IN_EMERGENCY, 0);
  build_op(b, OPCODE_DROP, 0);
  build_int(b, 1000);
  build_op(b, OPCODE_WAIT, 0);
  build_op(b, OPCODE_MEMBER_DONE, 0);
}

Program *sample_program(Arena *arena) {
  ProgramBuild *b = sample_library(arena);
  build_line(b, 0, 6);
  add_head(b);
  add_incident(b);
  add_campaign(b);
  add_watch(b);
  build_line(b, 0, 8);
  add_lockout(b);
  build_line(b, 0, 14);
  build_op(b, OPCODE_HALT, 0);
  add_block(b);
  DiagSink *sink = diag_sink_new(arena, NULL);
  Program *p = build_finish(b, 0, sink);
  build_free(b);
  return p;
}
