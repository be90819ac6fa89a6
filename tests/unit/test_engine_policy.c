/* What a policy forbids is not sent, whatever a proof has made of it: rules on actions and on what actions make, judged on readings
 * that are fresh when the command goes out. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static CodeRef slot(Lab *lab, uint32_t which) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, which);
  return build_region_end(lab->build);
}

static CodeRef rack_of_node(Lab *lab) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_UP, RACK, NODE);
  return build_region_end(lab->build);
}

/* policy care(PARAMETERS) { never ... } */
static void obey(Lab *lab, const uint32_t *kinds, uint32_t count, RuleRow rule) {
  uint32_t params = build_program(lab->build)->param_types_count;
  for (uint32_t i = 0; i < count; i++) build_row(lab->build, param_types, (&(ValueType){.klass = VALUE_ENTITY, .ref = kinds[i]}));
  rule.text = build_str(lab->build, "never so");
  uint32_t row = build_row(lab->build, rules, &rule);
  build_row(lab->build, policies, (&(PolicyRow){.name = build_str(lab->build, "care"), .params = {params, count}, .rules = {row, 1}}));
}

static RuleRow never_call(Lab *lab, uint32_t action, uint32_t kind, CodeRef unless) {
  return (RuleRow){.form = RULE_FORM_CALL, .fact = NONE_INDEX, .action = action, .kind = kind, .target = slot(lab, 0), .unless = unless};
}

static RuleRow never_off(Lab *lab, CodeRef unless) {
  uint32_t off = OFF;
  return (RuleRow){.form = RULE_FORM_MAKE, .fact = POWER, .action = NONE_INDEX, .kind = NODE, .target = slot(lab, 0), .unless = unless,
                   .values = build_list(lab->build, &off, 1)};
}

/* `before` and then the action on each of four nodes in two racks, or on each of the racks, all at once. */
static Lab *each(uint32_t kind, uint32_t action, const char *before) {
  Lab *lab = lab_new(2, 2);
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  uint32_t fan = lab_fan(lab, kind, 0, lab_set(lab, kind == NODE ? NODES : RACKS, 0), (Slice){all, 1}, (Slice){0, 0}, true);
  lab_call(lab, action);
  lab_code(lab, "FAN 0\n HALT\n body:");
  lab_code(lab, before);
  lab_code(lab, "SLOT 0\n ACT 0\n ON_OK @ok\n ON_FAILED @failed\n STR \"unknown\"\n NOTIFY 0\n MEMBER_DONE\n"
                "failed: STR \"failed\"\n NOTIFY 0\n ok: MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  return lab;
}

/* The inventory says in_service of all. */
static void begin(Lab *lab, int64_t service, uint32_t but, int64_t other) {
  lab_prepare(lab);
  for (uint32_t i = 0; i < 4; i++) lab->truth[SERVICE][NODE][i] = i == but ? other : service;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
}

static uint32_t sent(const Lab *lab, uint32_t action) { return lab_commands(lab, COMMAND_ACT, action, NONE_INDEX); }
static uint32_t reads(const Lab *lab) { return lab_commands(lab, COMMAND_READ, SERVICE, NONE_INDEX); }

static void refused(Lab *lab, uint32_t action, uint32_t entity, const char *text) {
  assert_int_equal(lab_commands(lab, COMMAND_ACT, action, entity), 0);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, action, entity), 1);
  assert_int_equal(lab_note(lab, NOTE_SURPRISE, action, entity)->value, OUT_FAILED);
  assert_string_equal(lab_note(lab, NOTE_SURPRISE, action, entity)->text, text);
}

static uint32_t said_failed(const Lab *lab) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->commands.len; i++)
    n += lab->commands.items[i].kind == COMMAND_NOTIFY && strcmp(lab->commands.items[i].text, "failed") == 0;
  return n;
}

static void what_is_found_forbids_a_call(void **state) {
  (void)state;
  Lab *lab = each(NODE, SHUT_DOWN, "");
  obey(lab, &(uint32_t){NODE}, 1, never_call(lab, SHUT_DOWN, NODE, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED)));
  begin(lab, DRAINED, 1, INVESTIGATE);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, SHUT_DOWN), 3);
  refused(lab, SHUT_DOWN, 1, "shut_down is not sent: policy care forbids it: never so");
  assert_int_equal(said_failed(lab), 1);
  assert_int_equal(engine_fact(lab->engine, POWER, NODE, 1), ON); /* nothing has changed */
  assert_int_equal(reads(lab), 4);
  lab_free(lab);
}

static void another_action_is_not_meant(void **state) {
  (void)state;
  Lab *lab = each(NODE, POWER_OFF, "");
  obey(lab, &(uint32_t){NODE}, 1, never_call(lab, SHUT_DOWN, NODE, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED)));
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, POWER_OFF), 4);
  assert_int_equal(reads(lab), 0);
  lab_free(lab);
}

static void without_an_unless_it_is_never_sent(void **state) {
  (void)state;
  Lab *lab = each(NODE, SHUT_DOWN, "");
  obey(lab, &(uint32_t){NODE}, 1, never_call(lab, SHUT_DOWN, NODE, 0));
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, SHUT_DOWN), 0);
  assert_int_equal(said_failed(lab), 4);
  lab_free(lab);
}

/* Whatever the action is called: of all that it makes so, each. */
static void what_is_found_forbids_what_an_action_makes(void **state) {
  (void)state;
  Lab *lab = each(RACK, SHELVES_OFF, "");
  obey(lab, &(uint32_t){NODE}, 1, never_off(lab, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED)));
  begin(lab, DRAINED, 3, IN_SERVICE);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, SHELVES_OFF), 1);
  refused(lab, SHELVES_OFF, 1, "shelves_off is not sent: policy care forbids it: never so");
  lab_free(lab);
}

static void another_value_is_not_meant(void **state) {
  (void)state;
  Lab *lab = each(NODE, POWER_ON, "");
  obey(lab, &(uint32_t){NODE}, 1, never_off(lab, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED)));
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, POWER_ON), 4);
  assert_int_equal(reads(lab), 0);
  lab_free(lab);
}

/* The other parameter: what contains the entity. Feeds of another row do not count. */
static void a_rule_speaks_of_what_contains_the_entity(void **state) {
  (void)state;
  Lab *lab = each(NODE, SHUT_DOWN, "");
  obey(lab, (uint32_t[]){NODE, ROW}, 2, never_call(lab, SHUT_DOWN, NODE, lab_fact_is(lab, FEED, ROW, 1, OPEN)));
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, SHUT_DOWN), 0);
  assert_true(lab_commands(lab, COMMAND_READ, FEED, 0) > 0);
  lab_free(lab);
}

/* The other parameter: each of what is in the entity, and of nothing else. */
static void a_rule_speaks_of_each_thing_in_the_entity(void **state) {
  (void)state;
  Lab *lab = each(RACK, SHELVES_OFF, "");
  obey(lab, (uint32_t[]){RACK, NODE}, 2, never_call(lab, SHELVES_OFF, RACK, lab_fact_is(lab, SERVICE, NODE, 1, DRAINED)));
  begin(lab, DRAINED, 3, IN_SERVICE);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, 0), 1);
  refused(lab, SHELVES_OFF, 1, "shelves_off is not sent: policy care forbids it: never so");
  assert_int_equal(reads(lab), 4);
  lab_free(lab);
}

/* never shelves_off(n.rack) unless service of n is drained */
static void a_rule_is_about_what_is_reached_from_a_parameter(void **state) {
  (void)state;
  Lab *lab = each(RACK, SHELVES_OFF, "");
  RuleRow rule = never_call(lab, SHELVES_OFF, RACK, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED));
  rule.target = rack_of_node(lab);
  obey(lab, &(uint32_t){NODE}, 1, rule);
  begin(lab, DRAINED, 0, IN_SERVICE);
  lab_ends(lab, RUN_COMPLETED);
  refused(lab, SHELVES_OFF, 0, "shelves_off is not sent: policy care forbids it: never so");
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, 1), 1);
  lab_free(lab);
}

static void a_need_is_told_before_a_policy(void **state) {
  (void)state;
  Lab *lab = each(NODE, SHUT_DOWN, "");
  CodeRef drained = lab_fact_is(lab, SERVICE, NODE, 0, DRAINED);
  uint32_t row = build_row(lab->build, need_rows, (&(NeedRow){.condition = drained, .text = build_str(lab->build, "it"), .line = 3}));
  build_program(lab->build)->actions[SHUT_DOWN].needs = (Slice){row, 1};
  obey(lab, &(uint32_t){NODE}, 1, never_call(lab, SHUT_DOWN, NODE, drained));
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  refused(lab, SHUT_DOWN, 2, "shut_down is not sent: it needs it");
  lab_free(lab);
}

/* ---- readings ---- */

static void cannot_be_read(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_READ && c->subject == SERVICE && c->entity == 2) f->value = VALUE_UNKNOWN;
}

static void what_cannot_be_read_allows_nothing(void **state) {
  (void)state;
  Lab *lab = each(NODE, SHUT_DOWN, "");
  obey(lab, &(uint32_t){NODE}, 1, never_off(lab, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED)));
  lab->rule = cannot_be_read;
  begin(lab, DRAINED, 0, DRAINED);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, SHUT_DOWN), 3);
  refused(lab, SHUT_DOWN, 2, "shut_down is not sent: policy care forbids it: never so");
  lab_free(lab);
}

static void hazard(Lab *lab) {
  uint32_t word = INVESTIGATE;
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_COLLECT, 0);
  CodeRef self = build_region_end(lab->build);
  uint32_t made = build_row(lab->build, effects, (&(EffectRow){.fact = SERVICE, .kind = NODE, .targets = self, .may = 1,
                                                               .values = build_list(lab->build, &word, 1)}));
  uint32_t row = build_row(lab->build, triggers, (&(TriggerRow){.effects = {made, 1}}));
  build_row(lab->build, hazards, (&(HazardRow){.name = build_str(lab->build, "fire"), .kind = NODE, .triggers = {row, 1}}));
}

/* Drained by this run; then each stands in line for the one place of the service, and another hand takes node 1. */
static void what_changes_while_it_waits_is_seen(void **state) {
  (void)state;
  Lab *lab = each(NODE, SHUT_DOWN, "SLOT 0\n ACT 1");
  lab_call(lab, DRAIN);
  obey(lab, &(uint32_t){NODE}, 1, never_call(lab, SHUT_DOWN, NODE, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED)));
  hazard(lab);
  build_program(lab->build)->actions[SHUT_DOWN].services = build_list(lab->build, &(uint32_t){SERVICE_NSD}, 1);
  build_program(lab->build)->services[0].in_flight = 1;
  lab_start(lab);
  for (uint32_t i = 0; i < 1000 && sent(lab, SHUT_DOWN) == 0; i++) lab_until(lab, lab->now + 10);
  lab->truth[SERVICE][NODE][1] = INVESTIGATE;
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, SHUT_DOWN), 3);
  refused(lab, SHUT_DOWN, 1, "shut_down is not sent: policy care forbids it: never so");
  assert_int_equal(reads(lab), 8); /* in line nothing is read, and what has just been read is not read again to refuse it */
  lab_free(lab);
}

static void what_the_run_wrote_is_not_read_again(void **state) {
  (void)state;
  Lab *lab = each(NODE, SHUT_DOWN, "SLOT 0\n ACT 1\n CONST 3600000\n WAIT");
  lab_call(lab, DRAIN);
  obey(lab, &(uint32_t){NODE}, 1, never_off(lab, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED)));
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, SHUT_DOWN), 4);
  assert_int_equal(reads(lab), 4);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_found_forbids_a_call),
      cmocka_unit_test(another_action_is_not_meant),
      cmocka_unit_test(without_an_unless_it_is_never_sent),
      cmocka_unit_test(what_is_found_forbids_what_an_action_makes),
      cmocka_unit_test(another_value_is_not_meant),
      cmocka_unit_test(a_rule_speaks_of_what_contains_the_entity),
      cmocka_unit_test(a_rule_speaks_of_each_thing_in_the_entity),
      cmocka_unit_test(a_rule_is_about_what_is_reached_from_a_parameter),
      cmocka_unit_test(a_need_is_told_before_a_policy),
      cmocka_unit_test(what_cannot_be_read_allows_nothing),
      cmocka_unit_test(what_changes_while_it_waits_is_seen),
      cmocka_unit_test(what_the_run_wrote_is_not_read_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
