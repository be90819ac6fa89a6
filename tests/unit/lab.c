/* lab: the bench. */
#include <config.h>

#include "tests/unit/lab.h"

#include "runtime/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
  build_row(b, attrs, (&(AttrRow){build_str(b, "name"), text, ROW}));
  build_row(b, attrs, (&(AttrRow){build_str(b, "name"), text, RACK}));
  build_row(b, attrs, (&(AttrRow){build_str(b, "row"), row, RACK}));
  build_row(b, attrs, (&(AttrRow){build_str(b, "name"), text, NODE}));
  build_row(b, attrs, (&(AttrRow){build_str(b, "rack"), rack, NODE}));
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
  build_row(b, services, (&(ServiceRow){.name = build_str(b, "nsd")}));
  build_row(b, settings, (&(SettingRow){build_str(b, "profile"), {.klass = VALUE_INT}, NODE}));
  build_row(b, remembers, (&(RememberRow){build_str(b, "before"), NODE, {.klass = VALUE_ENUM, .ref = 0}}));
  build_row(b, sources, (&(SourceRow){.name = build_str(b, "lab.runbook")}));
}

static CodeRef collect_slot(Lab *lab) {
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
  action(lab, "drain", NODE, SERVICE, NODE, collect_slot(lab), DRAINED);
  action(lab, "give_back", NODE, SERVICE, NODE, collect_slot(lab), IN_SERVICE);
  action(lab, "shut_down", NODE, POWER, NODE, collect_slot(lab), OFF);
  CodeRef check = lab_fact_is(lab, POWER, NODE, 0, OFF);
  build_program(b)->actions[SHUT_DOWN].may_land = 15 * MIN;
  build_program(b)->actions[SHUT_DOWN].repeat = REPEAT_RULE_CHECK;
  build_program(b)->actions[SHUT_DOWN].check = check;
  action(lab, "power_off", NODE, POWER, NODE, collect_slot(lab), OFF)->repeat = REPEAT_RULE_ASK;
  action(lab, "power_on", NODE, POWER, NODE, collect_slot(lab), ON);
  action(lab, "open_breakers", ROW, FEED, ROW, collect_slot(lab), OPEN);
  action(lab, "shelves_off", RACK, POWER, NODE, nodes_of_rack(lab), OFF);
  effect(lab, CONTROLLER, NODE, nodes_of_rack(lab), SILENT);
  build_program(b)->actions[SHELVES_OFF].makes.count = 2;
  action(lab, "learn", NODE, SERVICE, NODE, collect_slot(lab), DRAINED);
  uint32_t learnt = build_row(b, learns, (&(LearnRow){POWER, NODE, collect_slot(lab)}));
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
  return build_row(lab->build, tolerances, (&(ToleranceRow){.amount = lab_number(lab, amount), .unit = unit, .line = 7}));
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

/* ---- the run ---- */

static void make_fleet(Lab *lab) {
  Buf csv = BUF_INIT;
  buf_str(&csv, "name,rack,row,power,service\n");
  for (uint32_t i = 0; i < lab->nodes; i++) {
    uint32_t rack = i / (lab->nodes / lab->racks);
    buf_printf(&csv, "n%03u,r%02u,w%u,on,in_service\n", i, rack, rack / 4);
  }
  DiagSink *sink = diag_sink_new(lab->arena, NULL);
  lab->fleet = fleet_load_text(&schema_of_program(lab->program, lab->arena)->fleet, "lab.csv", FLEET_CSV, csv.data, csv.len, sink);
  if (!lab->fleet) fail_msg("%s", diag_get(sink, 0)->message);
  buf_done(&csv);
}

static Members everything(Lab *lab, uint32_t count) {
  uint32_t *items = arena_new_array(lab->arena, uint32_t, count);
  for (uint32_t i = 0; i < count; i++) items[i] = i;
  return (Members){items, count};
}

void lab_prepare(Lab *lab) {
  DiagSink *sink = diag_sink_new(lab->arena, NULL);
  for (uint32_t i = 0; i < lab->wanted.len; i++)
    if (lab->wanted.items[i].name) fail_msg("no label %s", lab->wanted.items[i].name);
  lab->program = build_finish(lab->build, 0, sink);
  assert_non_null(lab->program);
  if (!verify_code(lab->program, "lab", sink)) {
    Buf text = BUF_INIT;
    disasm(lab->program, &text);
    print_message("%s\n", text.data);
    const Diag *d = diag_get(sink, 0);
    fail_msg("%s: %s", d->message, d->notes ? d->notes->text : "");
  }
  make_fleet(lab);
  lab->sets[NODES] = everything(lab, lab->nodes);
  lab->sets[RACKS] = everything(lab, lab->racks);
  lab->frozen.sets = lab->sets;
  lab->frozen.left_out = lab->left_out;
  lab->engine = engine_new(lab->program, lab->fleet, &lab->frozen);
  for (uint32_t i = 0; i < 256; i++) {
    lab->truth[POWER][NODE][i] = ON;
    lab->truth[SERVICE][NODE][i] = IN_SERVICE;
    lab->truth[CONTROLLER][NODE][i] = ANSWERING;
    lab->truth[FEED][ROW][i] = CLOSED;
    lab->setting[i] = 5;
  }
}

/* How the world answers when no rule of the test says otherwise. */
static Fate contract_fate(Lab *lab, const Command *c) {
  Fate f = {.answers = true, .delay = 100, .outcome = OUT_OK, .value = VALUE_UNKNOWN};
  switch (c->kind) {
    case COMMAND_ACT: f.delay = SEC, f.lands = true; break;
    case COMMAND_READ: f.value = lab->truth[c->subject][c->kind_of_entity][c->entity]; break;
    case COMMAND_METER: f.value = 0; break;
    case COMMAND_LOCK: case COMMAND_UNLOCK: f.delay = SEC; break;
    case COMMAND_INSPECT: f.value = lab->locked[c->subject][c->entity]; break;
    case COMMAND_GET: f.value = lab->setting[c->entity]; break;
    case COMMAND_SET: break;
    case COMMAND_ASK: f.answers = false; break;
    case COMMAND_WITHDRAW: case COMMAND_STOP: case COMMAND_NOTIFY: case COMMAND_TICKET: case COMMAND_KIND_COUNT: f.answers = false; break;
  }
  return f;
}

static EventKind answer_kind(CommandKind k) {
  if (k == COMMAND_ASK) return EVENT_ANSWER;
  return k == COMMAND_READ || k == COMMAND_METER || k == COMMAND_INSPECT || k == COMMAND_GET ? EVENT_READING : EVENT_OUTCOME;
}

static void plan(Lab *lab, Planned p) {
  p.seq = lab->seq++;
  vec_push(&lab->planned, p);
}

static void take_command(Lab *lab, const Command *c) {
  vec_push(&lab->commands, *c);
  Fate f = contract_fate(lab, c);
  if (c->kind == COMMAND_LOCK) lab->locked[c->subject][c->entity] = 1;
  if (c->kind == COMMAND_UNLOCK) lab->locked[c->subject][c->entity] = 0;
  if (c->kind == COMMAND_SET) lab->setting[c->entity] = c->args[0];
  if (lab->rule) lab->rule(lab, c, &f);
  Event e = {.kind = answer_kind(c->kind), .command = c->id, .outcome = f.outcome, .value = f.value, .subject = c->subject,
             .entity = c->entity, .kind_of_entity = c->kind_of_entity};
  if (f.lands) plan(lab, (Planned){.at = lab->now + f.delay + f.lands_after, .effect = *c, .lands = true});
  if (f.answers) plan(lab, (Planned){.at = lab->now + f.delay, .event = e, .answers = true});
}

static void set_truth(Lab *lab, uint32_t fact, uint32_t kind, uint32_t e, int64_t value) { lab->truth[fact][kind][e] = value; }

static void take_effect(Lab *lab, const Command *c) {
  uint32_t e = (uint32_t)c->args[0], per_rack = lab->nodes / lab->racks;
  switch (c->subject) {
    case DRAIN: set_truth(lab, SERVICE, NODE, e, DRAINED); break;
    case GIVE_BACK: set_truth(lab, SERVICE, NODE, e, IN_SERVICE); break;
    case SHUT_DOWN: case POWER_OFF: set_truth(lab, POWER, NODE, e, OFF); break;
    case POWER_ON: set_truth(lab, POWER, NODE, e, ON); break;
    case OPEN_BREAKERS: set_truth(lab, FEED, ROW, e, OPEN); break;
    case SHELVES_OFF:
      for (uint32_t i = 0; i < per_rack; i++) set_truth(lab, POWER, NODE, e * per_rack + i, VALUE_UNKNOWN);
      for (uint32_t i = 0; i < per_rack; i++) set_truth(lab, CONTROLLER, NODE, e * per_rack + i, VALUE_UNKNOWN);
      break;
    default: break;
  }
}

void lab_feed(Lab *lab, Event event) {
  event.at = lab->now;
  vec_push(&lab->fed, event);
  engine_feed(lab->engine, &event);
  const Command *c;
  const Note *n;
  uint32_t count = engine_notes(lab->engine, &n);
  for (uint32_t i = 0; i < count; i++) vec_push(&lab->notes, n[i]);
  count = engine_commands(lab->engine, &c);
  for (uint32_t i = 0; i < count; i++) take_command(lab, &c[i]);
}

void lab_start(Lab *lab) {
  lab_prepare(lab);
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
}

void lab_control(Lab *lab, ControlKind kind) { lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = kind}); }

static uint32_t earliest(const Lab *lab) {
  uint32_t best = NONE_INDEX;
  for (uint32_t i = 0; i < lab->planned.len; i++) {
    const Planned *p = &lab->planned.items[i];
    if (best == NONE_INDEX || p->at < lab->planned.items[best].at ||
        (p->at == lab->planned.items[best].at && p->seq < lab->planned.items[best].seq))
      best = i;
  }
  return best;
}

/* One thing happens, not later than `until`. */
static bool one(Lab *lab, int64_t until) {
  uint32_t i = earliest(lab);
  int64_t timer = engine_next_timer(lab->engine);
  int64_t at = i == NONE_INDEX ? INT64_MAX : lab->planned.items[i].at;
  if (timer < at && timer <= until) {
    lab->now = timer;
    lab_feed(lab, (Event){.kind = EVENT_TICK});
    return true;
  }
  if (at > until || at == INT64_MAX) return false;
  Planned p = lab->planned.items[i];
  lab->planned.items[i] = lab->planned.items[--lab->planned.len];
  lab->now = at;
  if (p.lands) take_effect(lab, &p.effect);
  if (p.answers) {
    lab->answered++;
    lab_feed(lab, p.event);
  }
  return true;
}

void lab_until(Lab *lab, int64_t at) {
  while (one(lab, at)) continue;
  if (at > lab->now) lab->now = at;
}

void lab_go(Lab *lab) {
  uint32_t steps = 0;
  while (one(lab, INT64_MAX - 1) && engine_outcome(lab->engine) == RUN_GOING)
    if (++steps > 1000000) fail_msg("it does not end");
}

void lab_ends(Lab *lab, RunOutcome outcome) {
  lab_go(lab);
  if (engine_outcome(lab->engine) != outcome) {
    Buf text = BUF_INIT;
    fail_msg("outcome %d instead of %d: %s; it waits for %s", engine_outcome(lab->engine), outcome, engine_reason(lab->engine),
             engine_waiting_for(lab->engine, &text));
  }
  const Command *c;
  assert_int_equal(engine_in_flight(lab->engine, &c), 0);
  assert_true(engine_next_timer(lab->engine) == INT64_MAX);
}

void lab_resume(Lab *lab, int64_t down) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < lab->planned.len; i++) {
    Planned p = lab->planned.items[i];
    p.answers = false;
    if (p.lands) lab->planned.items[kept++] = p;
  }
  lab->planned.len = kept;
  for (int64_t until = lab->now + down;;) { /* effects land while nobody looks */
    uint32_t i = earliest(lab);
    if (i == NONE_INDEX || lab->planned.items[i].at > until) break;
    take_effect(lab, &lab->planned.items[i].effect);
    lab->planned.items[i] = lab->planned.items[--lab->planned.len];
  }
  lab->now += down;
  lab_feed(lab, (Event){.kind = EVENT_RESUMED});
}

/* ---- the replay ---- */

static void same_command(const Command *a, const Command *b) {
  assert_true(a->id == b->id && a->kind == b->kind && a->subject == b->subject && a->entity == b->entity);
  assert_true(a->kind_of_entity == b->kind_of_entity && a->arg_count == b->arg_count && a->issued == b->issued);
  assert_true(a->deadline == b->deadline && a->attempt == b->attempt && a->again == b->again);
  for (uint32_t i = 0; i < a->arg_count; i++) assert_true(a->args[i] == b->args[i]);
  assert_true(!a->text == !b->text);
  if (a->text) assert_string_equal(a->text, b->text);
}

static void check_replay(Lab *lab) {
  Engine *again = engine_new(lab->program, lab->fleet, &lab->frozen);
  uint32_t at = 0;
  for (uint32_t i = 0; i < lab->fed.len; i++) {
    const Command *c;
    engine_feed(again, &lab->fed.items[i]);
    uint32_t n = engine_commands(again, &c);
    for (uint32_t j = 0; j < n; j++, at++) same_command(&c[j], &lab->commands.items[at]);
  }
  assert_int_equal(at, lab->commands.len);
  assert_true(engine_digest(again) == engine_digest(lab->engine));
  engine_free(again);
}

void lab_free(Lab *lab) {
  if (lab->engine && !lab->no_replay) check_replay(lab);
  engine_free(lab->engine);
  fleet_free(lab->fleet);
  build_free(lab->build);
  vec_done(&lab->planned);
  vec_done(&lab->fed);
  vec_done(&lab->commands);
  vec_done(&lab->notes);
  vec_done(&lab->labels);
  vec_done(&lab->wanted);
  arena_free(lab->arena);
  free(lab);
}

/* ---- questions ---- */

static bool fits(uint32_t have, uint32_t want_one) { return want_one == NONE_INDEX || have == want_one; }

uint32_t lab_commands(const Lab *lab, CommandKind kind, uint32_t subject, uint32_t entity) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->commands.len; i++) {
    const Command *c = &lab->commands.items[i];
    n += c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity);
  }
  return n;
}

const Command *lab_command(const Lab *lab, CommandKind kind, uint32_t subject, uint32_t entity) {
  for (uint32_t i = lab->commands.len; i-- > 0;) {
    const Command *c = &lab->commands.items[i];
    if (c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity)) return c;
  }
  fail_msg("no such command");
  return NULL;
}

uint32_t lab_notes(const Lab *lab, NoteKind kind, uint32_t subject, uint32_t entity) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->notes.len; i++) {
    const Note *c = &lab->notes.items[i];
    n += c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity);
  }
  return n;
}

const Note *lab_note(const Lab *lab, NoteKind kind, uint32_t subject, uint32_t entity) {
  for (uint32_t i = lab->notes.len; i-- > 0;) {
    const Note *c = &lab->notes.items[i];
    if (c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity)) return c;
  }
  fail_msg("no such note");
  return NULL;
}

MemberState lab_member(const Lab *lab, uint32_t kind, uint32_t entity) { return engine_member(lab->engine, kind, entity, NULL); }
