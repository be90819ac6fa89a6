/* lab_build: the library of the bench, and code from lines of text. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the library ---- */

static uint32_t add_enum(Lab *lab, const char *name, const char *a, const char *b, const char *c) {
  const char *words[] = {a, b, c};
  uint32_t first = build_program(lab->build)->enum_words_count, count = c ? 3 : 2;
  for (uint32_t i = 0; i < count; i++) build_row(lab->build, enum_words, &(StrId){build_str(lab->build, words[i])});
  return build_row(lab->build, enums, (&(EnumRow){build_str(lab->build, name), {first, count}}));
}

static void add_fact(Lab *lab, const char *name, uint32_t kind, const char *a, const char *b, const char *c) {
  ValueType t = {.klass = VALUE_ENUM, .ref = add_enum(lab, name, a, b, c)};
  build_row(lab->build, facts, (&(FactRow){build_str(lab->build, name), t, build_list(lab->build, &kind, 1)}));
}

static void add_kinds(Lab *lab) {
  ProgramBuild *b = lab->build;
  ValueType text = {.klass = VALUE_TEXT}, row = {.klass = VALUE_ENTITY, .ref = ROW}, rack = {.klass = VALUE_ENTITY, .ref = RACK};
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = text, .kind = ROW}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = text, .kind = RACK}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "row"), .type = row, .kind = RACK}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "name"), .type = text, .kind = NODE}));
  build_row(b, attrs, (&(AttrRow){.name = build_str(b, "rack"), .type = rack, .kind = NODE}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Row"), build_str(b, "rows"), NONE_INDEX, {0, 1}, 0}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Rack"), build_str(b, "racks"), ROW, {1, 2}, 1}));
  build_row(b, kinds, (&(KindRow){build_str(b, "Node"), build_str(b, "nodes"), RACK, {3, 2}, 3}));
  add_fact(lab, "power", NODE, "on", "off", NULL);
  add_fact(lab, "service", NODE, "in_service", "drained", "investigate");
  add_fact(lab, "controller", NODE, "answering", "silent", NULL);
  add_fact(lab, "feed", ROW, "closed", "open", NULL);
  build_row(b, metrics, (&(MetricRow){build_str(b, "errors"), {.klass = VALUE_INT}, build_list(b, &(uint32_t){ROW}, 1)}));
  build_row(b, roles, (&(RoleRow){build_str(b, "facility"), 0}));
  build_row(b, roles, (&(RoleRow){build_str(b, "repair"), 0}));
  build_row(b, channels, (&(ChannelRow){build_str(b, "sev"), 0}));
  build_row(b, services, (&(ServiceRow){.group = NONE_INDEX, .name = build_str(b, "nsd")}));
  build_row(b, settings, (&(SettingRow){build_str(b, "profile"), {.klass = VALUE_INT}, NODE}));
  build_row(b, remembers, (&(RememberRow){build_str(b, "before"), NODE, {.klass = VALUE_ENUM, .ref = 0}}));
  build_row(b, sources, (&(SourceRow){.name = build_str(b, "lab.runbook")}));
}

CodeRef lab_itself(Lab *lab) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_COLLECT, 0);
  return build_region_end(lab->build);
}

static CodeRef nodes_of_rack(Lab *lab) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_EACH_BELOW, NODE, RACK);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 1, 0);
  build_op(lab->build, OPCODE_SLOT, 1);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

static uint32_t effect(Lab *lab, uint32_t fact, uint32_t kind, CodeRef targets, uint32_t code) {
  return build_row(lab->build, effects,
                   (&(EffectRow){.fact = fact, .kind = kind, .targets = targets, .values = build_list(lab->build, &code, 1)}));
}

static ActionRow *action(Lab *lab, const char *name, uint32_t kind, uint32_t fact, uint32_t fact_kind, CodeRef targets, uint32_t code) {
  ProgramBuild *b = lab->build;
  uint32_t param = build_row(b, param_types, (&(ValueType){.klass = VALUE_ENTITY, .ref = kind}));
  uint32_t made = effect(lab, fact, fact_kind, targets, code);
  ActionRow row = {.name = build_str(b, name), .params = {param, 1}, .makes = {made, 1}, .takes_low = SEC, .takes_high = 2 * SEC,
                   .takes_most = 5 * MIN, .undo = NONE_INDEX, .repeat = REPEAT_RULE_SAFE};
  uint32_t at = build_row(b, actions, &row);
  return &build_program(b)->actions[at];
}

static void add_actions(Lab *lab) {
  ProgramBuild *b = lab->build;
  action(lab, "drain", NODE, SERVICE, NODE, lab_itself(lab), DRAINED);
  action(lab, "give_back", NODE, SERVICE, NODE, lab_itself(lab), IN_SERVICE);
  action(lab, "shut_down", NODE, POWER, NODE, lab_itself(lab), OFF);
  CodeRef check = lab_fact_is(lab, POWER, NODE, 0, OFF);
  build_program(b)->actions[SHUT_DOWN].may_land = 15 * MIN;
  build_program(b)->actions[SHUT_DOWN].repeat = REPEAT_RULE_CHECK;
  build_program(b)->actions[SHUT_DOWN].check = check;
  action(lab, "power_off", NODE, POWER, NODE, lab_itself(lab), OFF)->repeat = REPEAT_RULE_ASK;
  action(lab, "power_on", NODE, POWER, NODE, lab_itself(lab), ON);
  action(lab, "open_breakers", ROW, FEED, ROW, lab_itself(lab), OPEN);
  action(lab, "shelves_off", RACK, POWER, NODE, nodes_of_rack(lab), OFF);
  effect(lab, CONTROLLER, NODE, nodes_of_rack(lab), SILENT);
  build_program(b)->actions[SHELVES_OFF].makes.count = 2;
  action(lab, "learn", NODE, SERVICE, NODE, lab_itself(lab), DRAINED);
  uint32_t learnt = build_row(b, learns, (&(LearnRow){POWER, NODE, lab_itself(lab)}));
  build_program(b)->actions[LEARN].makes.count = 0;
  build_program(b)->actions[LEARN].learns = (Slice){learnt, 1};
}

static void add_automations(Lab *lab) {
  static const char *const names[] = {"nsd", "anvil", "ops"};
  for (uint32_t i = 0; i < 3; i++)
    build_row(lab->build, automations,
              (&(AutomationRow){.name = build_str(lab->build, names[i]), .kind = i == OPS ? RACK : NODE, .lock_low = SEC,
                                .lock_high = 2 * SEC, .lock_most = 5 * MIN, .quiet = 10 * MIN}));
}

static CodeRef all_of(Lab *lab, uint32_t kind) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_EACH_KIND, kind);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 0, 0);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

Lab *lab_new(uint32_t racks, uint32_t nodes_per_rack) {
  Lab *lab = xcalloc(1, sizeof *lab);
  lab->arena = arena_new();
  lab->build = build_new(lab->arena);
  lab->racks = racks;
  lab->nodes = racks * nodes_per_rack;
  lab->now = T0;
  assert_true(lab->nodes <= 256);
  build_program(lab->build)->name = build_str(lab->build, "lab");
  add_kinds(lab);
  add_actions(lab);
  add_automations(lab);
  build_row(lab->build, sets, (&(SetRow){build_str(lab->build, "nodes"), NODE, all_of(lab, NODE), NONE_INDEX, 1}));
  build_row(lab->build, sets, (&(SetRow){build_str(lab->build, "racks"), RACK, all_of(lab, RACK), NONE_INDEX, 1}));
  build_line(lab->build, 0, 7);
  return lab;
}

/* ---- regions ---- */

CodeRef lab_number(Lab *lab, int64_t value) {
  build_region_begin(lab->build);
  build_int(lab->build, value);
  return build_region_end(lab->build);
}

CodeRef lab_text(Lab *lab, const char *text) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_STR, build_str(lab->build, text));
  return build_region_end(lab->build);
}

static CodeRef end_collect(Lab *lab, uint32_t slot) {
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, slot, 0);
  build_op(lab->build, OPCODE_SLOT, slot);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

CodeRef lab_set(Lab *lab, uint32_t set, uint32_t slot) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_EACH_SET, set);
  return end_collect(lab, slot);
}

CodeRef lab_below(Lab *lab, uint32_t set, uint32_t kind, uint32_t owner_slot, uint32_t slot) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, owner_slot);
  build_op2(lab->build, OPCODE_EACH_SET_BELOW, set, kind);
  return end_collect(lab, slot);
}

CodeRef lab_above(Lab *lab, uint32_t set, uint32_t kind, uint32_t slot) {
  build_region_begin(lab->build);
  build_op2(lab->build, OPCODE_EACH_ABOVE, set, kind);
  return end_collect(lab, slot);
}

static void fact_is(Lab *lab, uint32_t fact, uint32_t kind, uint32_t slot, int64_t code) {
  build_op(lab->build, OPCODE_SLOT, slot);
  build_op2(lab->build, OPCODE_FACT, fact, kind);
  build_int(lab->build, code);
  build_op(lab->build, OPCODE_EQ, 0);
}

CodeRef lab_fact_is(Lab *lab, uint32_t fact, uint32_t kind, uint32_t slot, int64_t code) {
  build_region_begin(lab->build);
  fact_is(lab, fact, kind, slot, code);
  return build_region_end(lab->build);
}

CodeRef lab_every_below(Lab *lab, uint32_t kind, uint32_t owner_kind, uint32_t owner_slot, uint32_t slot, uint32_t fact, int64_t code) {
  build_region_begin(lab->build);
  build_int(lab->build, 1);
  build_op(lab->build, OPCODE_SLOT, owner_slot);
  build_op2(lab->build, OPCODE_EACH_BELOW, kind, owner_kind);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, slot, 0);
  fact_is(lab, fact, kind, slot, code);
  build_op(lab->build, OPCODE_AND, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

/* ---- rows ---- */

uint32_t lab_call(Lab *lab, uint32_t action_row) {
  return build_row(lab->build, calls, (&(CallRow){.action = action_row, .line = 7}));
}

uint32_t lab_limit(Lab *lab, LimitRule rule, int64_t amount, int64_t per, uint32_t group) {
  LimitRow row = {.rule = (uint8_t)rule, .per = per, .group = group, .line = 7};
  if (rule != LIMIT_RULE_ALL) row.amount = lab_number(lab, amount);
  return build_row(lab->build, limits, &row);
}

uint32_t lab_tolerance(Lab *lab, int64_t amount, uint32_t unit) {
  return build_row(lab->build, tolerances, (&(ToleranceRow){.amount = lab_number(lab, amount), .unit = unit, .line = 7, .group = NONE_INDEX}));
}

uint32_t lab_step(Lab *lab, const char *name) {
  return build_row(lab->build, steps, (&(StepRow){build_str(lab->build, name), build_str(lab->build, name), NONE_INDEX, 7, NONE_INDEX}));
}

uint32_t lab_fan(Lab *lab, uint32_t kind, uint32_t slot, CodeRef members, Slice limits, Slice tolerances, bool inner) {
  return build_row(lab->build, fans, (&(FanRow){.step = NONE_INDEX, .kind = kind, .slot = slot, .members = members, .limits = limits,
                                                .tolerances = tolerances, .inner = inner, .line = 7}));
}

uint32_t lab_lockout(Lab *lab, const uint32_t *automations, uint32_t count, CodeRef release) {
  LockoutRow row = {.automations = build_list(lab->build, automations, count), .set = NODES, .kind = NODE,
                    .members = lab_set(lab, NODES, 5), .because = lab_text(lab, "work"), .release_slot = 4, .release = release,
                    .hand_over = REPAIR, .canary_kind = NONE_INDEX, .line = 7};
  return build_row(lab->build, lockouts, &row);
}

/* ---- code ---- */

static char *copy(Lab *lab, const char *s, size_t len) { return arena_string(lab->arena, s, len); }

static void define(Lab *lab, const char *s, size_t len) {
  char *name = copy(lab, s, len);
  vec_grow((void **)&lab->labels.items, lab->labels.len, &lab->labels.cap, sizeof *lab->labels.items);
  lab->labels.items[lab->labels.len].name = name;
  lab->labels.items[lab->labels.len++].at = build_here(lab->build);
  for (uint32_t i = 0; i < lab->wanted.len; i++)
    if (lab->wanted.items[i].name && strcmp(lab->wanted.items[i].name, name) == 0) {
      build_land(lab->build, lab->wanted.items[i].at);
      lab->wanted.items[i].name = NULL;
    }
}

uint32_t lab_place(Lab *lab, const char *label) {
  for (uint32_t i = 0; i < lab->labels.len; i++)
    if (strcmp(lab->labels.items[i].name, label) == 0) return lab->labels.items[i].at;
  fail_msg("no label %s", label);
  return 0;
}

static bool known(const Lab *lab, const char *label, uint32_t *ret) {
  for (uint32_t i = 0; i < lab->labels.len; i++)
    if (strcmp(lab->labels.items[i].name, label) == 0) return *ret = lab->labels.items[i].at, true;
  return false;
}

static void want(Lab *lab, char *name, uint32_t at) {
  vec_grow((void **)&lab->wanted.items, lab->wanted.len, &lab->wanted.cap, sizeof *lab->wanted.items);
  lab->wanted.items[lab->wanted.len].name = name;
  lab->wanted.items[lab->wanted.len++].at = at;
}

static const char *skip_blanks(const char *s) {
  while (*s == ' ') s++;
  return s;
}

static const char *word(const char *s, size_t *ret_len) {
  *ret_len = strcspn(s, " \n");
  return s;
}

static const char *operand(Lab *lab, const char *s, uint32_t *ret, char **ret_label) {
  size_t len;
  s = skip_blanks(s);
  *ret = 0;
  if (*s == '"') {
    const char *end = strchr(s + 1, '"');
    *ret = build_string(lab->build, s + 1, (size_t)(end - s - 1));
    return end + 1;
  }
  word(s, &len);
  if (*s == '@') *ret_label = copy(lab, s + 1, len - 1);
  else if (len) *ret = (uint32_t)strtol(s, NULL, 0);
  return s + len;
}

static void one_line(Lab *lab, const char *line) {
  char *label = NULL;
  uint32_t a, b, at, to = 0;
  size_t len;
  const char *s = skip_blanks(line);
  word(s, &len);
  if (len == 0) return;
  if (s[len - 1] == ':') {
    define(lab, s, len - 1);
    one_line(lab, s + len);
    return;
  }
  uint32_t op = 0;
  while (op < OPCODE_COUNT && (strlen(op_info[op].name) != len || strncmp(op_info[op].name, s, len) != 0)) op++;
  if (op == OPCODE_COUNT) fail_msg("no instruction %.*s", (int)len, s);
  s = operand(lab, s + len, &a, &label);
  s = operand(lab, s, &b, &label);
  bool backward = label && known(lab, label, &to);
  if (op == OPCODE_CONST) a = build_const(lab->build, a);
  if (backward && op_info[op].a == OPERAND_JUMP) a = to;
  at = code_words((Opcode)op) == 2 ? build_op2(lab->build, (Opcode)op, a, b) : build_op(lab->build, (Opcode)op, a);
  if (label && !backward) want(lab, label, at);
}

void lab_code(Lab *lab, const char *text) {
  while (*text) {
    size_t len = strcspn(text, "\n");
    one_line(lab, copy(lab, text, len));
    text += len + (text[len] == '\n');
  }
}
