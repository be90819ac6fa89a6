/* replay: a stage, the way as faults, the engine, and a monitor; again with what the way leaves open, until it comes to the same end. */
#include <config.h>

#include "cli/replay.h"

#include "cli/output.h"
#include "cli/replay_script.h"
#include "cli/replay_stage.h"
#include "lang/waiver.h"
#include "runtime/monitor.h"
#include "runtime/schema.h"
#include "runtime/simulate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EVENTS_MOST 20000u
#define TRIES_MOST 256u
#define CROWD_MOST 120u
#define DAY_MS (24 * INT64_C(3600000))

struct Replay {
  ReplayOptions options;
  Arena *arena;
  const Program *program;
  const FleetSchema *schema;
  Fleet *given;               /* of --fleet */
  uint32_t saved[DIAG_COUNT]; /* per code: how many */
  uint32_t tries;             /* of this finding */
};

/* ---- life ---- */

Replay *replay_new(const ReplayOptions *options) {
  Replay *r = xcalloc(1, sizeof *r);
  r->options = *options;
  r->arena = arena_new();
  return r;
}

void replay_free(Replay *r) {
  if (!r) return;
  fleet_free(r->given);
  arena_free(r->arena);
  free(r);
}

bool replay_of(Replay *r, const Program *p) {
  r->program = p;
  r->schema = &schema_of_program(p, r->arena)->fleet;
  fleet_free(r->given);
  r->given = NULL;
  if (!r->options.fleet) return true;
  DiagSink *sink = diag_sink_new(r->arena, NULL);
  r->given = fleet_load(r->schema, r->options.fleet, FLEET_BY_NAME, sink);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  return r->given != NULL;
}

/* ---- the run ---- */

static BreachKind breach_of(FindingKind k) {
  switch (k) {
    case FINDING_NEED: return BREACH_NEED;
    case FINDING_MAKE: return BREACH_MAKE;
    case FINDING_CALL: return BREACH_CALL;
    case FINDING_LET: return BREACH_LET;
    case FINDING_ABANDONED: return BREACH_ABANDONED;
    case FINDING_LEFT: return BREACH_LEFT;
    case FINDING_CONFLICT: return BREACH_CLASH;
    default: return BREACH_NOT_DONE;
  }
}

static bool is_found(const Replay *r, const Finding *f, const Stage *s, const Breach *b) {
  bool acts = f->kind == FINDING_NEED || f->kind == FINDING_MAKE || f->kind == FINDING_CALL;
  if (b->kind != breach_of(f->kind)) return false;
  if (f->kind == FINDING_NEVER_DONE) return true;
  if (b->kind_of_entity != NONE_INDEX && s->who[b->kind_of_entity] != b->entity) return false;
  if (acts && b->line && b->line != program_line(r->program, f->pc, NULL)) return false;
  if (f->kind == FINDING_CONFLICT) return b->subject == f->subject;
  if (f->kind == FINDING_ABANDONED) return b->row == f->row && b->kind_of_entity == f->member_kind;
  if (f->kind == FINDING_LEFT) return b->kind_of_entity == f->member_kind;
  return b->row == f->row && b->subject == f->subject;
}

static bool comes_to_it(Replay *r, const Finding *f, const Stage *s, const Faults *faults) {
  Monitor *m = monitor_new(r->program, s->fleet, s->frozen);
  SimulateConfig config = {.program = r->program, .fleet = s->fleet, .frozen = s->frozen, .faults = faults, .start = s->start,
                           .monitor = m, .events_most = EVENTS_MOST};
  Simulation *sim = simulate(&config);
  uint32_t n;
  bool seen = false;
  const Breach *breaches = monitor_breaches(m, &n);
  for (uint32_t i = 0; i < n && !seen; i++) seen = is_found(r, f, s, &breaches[i]);
  simulation_free(sim);
  monitor_free(m);
  return seen;
}

static int64_t until_closed(const Stage *s) {
  return s->frozen->opening_count ? s->frozen->openings[0].close - s->start + 60000 : DAY_MS;
}

static const Faults *try_stage(Replay *r, const Proof *proof, const Finding *f, Stage *s, ReplayTry attempt) {
  if (!stage_freeze(s)) return NULL;
  ReplayStage stage = {.program = r->program, .proof = proof, .finding = f, .fleet = s->fleet, .who = s->who, .rows = r->schema->row_kind, .pass = until_closed(s), .attempt = attempt};
  const Faults *faults = replay_script(&stage, r->arena);
  r->tries++;
  return comes_to_it(r, f, s, faults) ? faults : NULL;
}

/* ---- what is tried ---- */

static bool has_move(const Finding *f, MoveKind kind) {
  for (uint32_t i = 0; i < f->len; i++)
    if (f->path[i].kind == kind) return true;
  return false;
}

/* One in so many, of a part: 50 for 2%. */
static uint32_t one_in(const Program *p, CodeRef amount) {
  int64_t ppm = 0;
  bool part = false;
  if (!amount) return 0;
  for (uint32_t pc = amount; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    if (op == OPCODE_INT && ppm == 0) ppm = code_imm(p->code[pc]);
    if (op == OPCODE_CONST && ppm == 0) ppm = p->consts[code_a(p->code[pc])];
    part |= op == OPCODE_PART_DOWN || op == OPCODE_PART_UP;
  }
  return part && ppm > 0 && ppm <= 1000000 ? (uint32_t)((1000000 + ppm - 1) / ppm) : 0;
}

static uint32_t at_most(uint32_t a, uint32_t b) { return b > a && b <= CROWD_MOST ? b : a; }

/* How many others the limits of the fan-outs let through at once, and of how many one may be left out, where these are plain. */
static uint32_t crowd(const Program *p) {
  uint32_t most = 0;
  for (uint32_t i = 0; i < p->limits_count; i++) {
    uint32_t word = p->limits[i].amount ? p->code[p->limits[i].amount] : 0;
    if (code_op(word) == OPCODE_INT && code_imm(word) > 0) most = at_most(most, (uint32_t)code_imm(word));
  }
  for (uint32_t i = 0; i < p->leave_outs_count; i++) most = at_most(most, one_in(p, p->leave_outs[i].most));
  for (uint32_t i = 0; i < p->tolerances_count; i++) most = at_most(most, one_in(p, p->tolerances[i].amount));
  return most + 4;
}

typedef struct Tries { ReplayTry items[TRIES_MOST]; uint32_t count; } Tries;

static void add_try(Tries *out, ReplayTry t) {
  if (out->count < TRIES_MOST) out->items[out->count++] = t;
}

/* One with each of what only some ways leave open. */
static void add_open(const Finding *f, ReplayTry base, Tries *out) {
  static const uint32_t delays[] = {700, 1500, 2500, 4000};
  bool between = has_move(f, MOVE_AUTOMATION) || has_move(f, MOVE_LATE);
  add_try(out, base);
  base.from_start = true;
  add_try(out, base);
  base.from_start = false;
  for (uint32_t i = 0; between && i < sizeof delays / sizeof *delays; i++) base.delay = delays[i], add_try(out, base);
  base.delay = 0;
  base.in_step = has_move(f, MOVE_CANCEL);
  if (base.in_step) add_try(out, base);
  base.in_step = false;
  for (base.seed = 1; f->kind == FINDING_CONFLICT && base.seed < 6; base.seed++) add_try(out, base);
}

static void add_tries(const Finding *f, ReplayTry base, bool before, Tries *out) {
  uint32_t acts = has_move(f, MOVE_OTHER_OUT) || has_move(f, MOVE_OTHER_STOP) ? 4 : 1, readings = has_move(f, MOVE_HAND_OVER) ? 2 : 1;
  for (base.act = 0; base.act < acts; base.act++)
    for (base.reading = 0; base.reading < readings; base.reading++)
      for (uint32_t last = 0; last < (base.others ? 2 : 1); last++) {
        base.last = (last == 1) != before;
        add_open(f, base, out);
      }
}

/* The simplest first. of: the kind whose others the way needs, or NONE_INDEX. */
static void make_tries(const Replay *r, const Finding *f, uint32_t of, bool before, Tries *out) {
  const uint32_t counts[] = {1, 2, 5, crowd(r->program)};
  uint32_t rows = r->schema->row_kind, up = r->program->kinds[rows].parent;
  out->count = 0;
  if (of == NONE_INDEX) add_tries(f, (ReplayTry){.of = rows}, before, out);
  for (uint32_t i = 0; i < sizeof counts / sizeof *counts; i++)
    add_tries(f, (ReplayTry){.of = of == NONE_INDEX ? rows : of, .others = counts[i]}, before, out);
  if (of != NONE_INDEX && of != rows)
    for (uint32_t i = 0; i < 2; i++) add_tries(f, (ReplayTry){.of = of, .others = counts[i], .in_others = 5}, before, out);
  for (uint32_t u = 0; of != NONE_INDEX && of != rows && u < replay_upsets(r->program, rows); u++)
    add_tries(f, (ReplayTry){.of = of, .others = 1, .upset = u + 1}, before, out);
  add_tries(f, (ReplayTry){.of = rows, .others = 1, .outside = true}, before, out);
  if (up != NONE_INDEX) add_tries(f, (ReplayTry){.of = up, .others = 1}, before, out);
  if (up != NONE_INDEX) add_tries(f, (ReplayTry){.of = up, .others = 1, .outside = true}, before, out);
  for (uint32_t i = 0; i < r->program->params_count; i++) {
    ValueType t = r->program->params[i].type;
    if (t.klass == VALUE_ENTITY) add_tries(f, (ReplayTry){.of = t.ref, .others = 1, .elsewhere = i + 1}, before, out);
  }
  for (uint32_t u = 0; u < replay_upsets(r->program, rows); u++)
    for (uint32_t others = 5; others <= 25; others += 10) add_tries(f, (ReplayTry){.of = rows, .others = others, .upset = u + 1}, before, out);
}

/* What is looked for once per kind of others. */
static const StageWish *wish_for(Replay *r, const Proof *proof, const Finding *f, const ReplayTry *t, StageWish *known) {
  if (known->attrs && known->of == t->of && known->outside == t->outside && known->elsewhere == t->elsewhere) return known;
  *known = (StageWish){.program = r->program, .schema = r->schema, .proof = proof, .finding = f, .options = &r->options, .of = t->of,
                       .outside = t->outside, .elsewhere = t->elsewhere, .arena = r->arena};
  stage_wish(known);
  return known;
}

static const Faults *on_made_up(Replay *r, const Proof *proof, const Finding *f, StageWish *wish, Stage *s) {
  Tries tries;
  bool before = false;
  bool clash = f->kind == FINDING_CONFLICT && emergency_at(r->program, f->pc) == NONE_INDEX;
  make_tries(r, f, clash ? r->program->fans[f->row].kind : replay_others(r->program, f, &before), before, &tries);
  for (uint32_t i = 0; i < tries.count; i++) {
    const ReplayTry *t = &tries.items[i];
    if (!stage_made_up(s, wish_for(r, proof, f, t, wish), t->others, t->in_others, t->last)) continue;
    const Faults *faults = try_stage(r, proof, f, s, *t);
    if (faults) return faults;
    stage_done(s);
  }
  return NULL;
}

/* The first and the last of what the inventory has, and some between them. */
static const Faults *on_given(Replay *r, const Proof *proof, const Finding *f, StageWish *wish, Stage *s) {
  Tries tries;
  uint32_t n = fleet_count(r->given, r->schema->row_kind);
  make_tries(r, f, NONE_INDEX, false, &tries);
  for (uint32_t i = 0; i < 4 && n > 0; i++)
    for (uint32_t k = 0; k < tries.count && k < 8; k++) {
      stage_of_given(s, wish_for(r, proof, f, &tries.items[0], wish), r->given, i == 3 ? n - 1 : n * i / 3);
      const Faults *faults = try_stage(r, proof, f, s, tries.items[k]);
      if (faults) return faults;
    }
  return NULL;
}

/* ---- what is said ---- */

static uint32_t main_kind(const Replay *r, const Finding *f) {
  const Program *p = r->program;
  if (f->kind == FINDING_NEED || f->kind == FINDING_MAKE || f->kind == FINDING_CALL) {
    const ActionRow *a = &p->actions[f->subject];
    ValueType t = a->params.count ? p->param_types[a->params.first] : (ValueType){0};
    if (a->params.count && t.klass == VALUE_ENTITY) return t.ref;
  }
  return f->member_kind != NONE_INDEX ? f->member_kind : r->schema->row_kind;
}

static void lower_kind(const Program *p, uint32_t kind, Buf *out) {
  for (const char *c = program_str(p, p->kinds[kind].name), *from = c; *c; c++) {
    if (*c >= 'A' && *c <= 'Z' && c > from) buf_char(out, ' ');
    buf_char(out, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
  }
}

/* ---- what is saved ---- */

static bool is_param(const char *word) {
  const char *equals = strchr(word, '=');
  return equals && equals != word;
}

/* The command that shows the same. */
static const char *command(const Replay *r, const Stage *s, const char *faults, const char *fleet) {
  Buf out = BUF_INIT;
  buf_str(&out, "tagout plan");
  for (int i = 0; i < r->options.word_count; i++)
    if (!is_param(r->options.words[i])) buf_printf(&out, " %s", r->options.words[i]);
  buf_printf(&out, " --runbook %s --unproved --trials 1 --faults %s --fleet %s --start ", program_str(r->program, r->program->name), faults, fleet);
  quantity_show(QUANTITY_DATETIME, s->start, &out);
  for (uint32_t i = 0; i < s->param_count; i++) buf_printf(&out, " %s=%s", s->params[i].name, s->params[i].value);
  const char *text = arena_string(r->arena, out.data, out.len);
  buf_done(&out);
  return text;
}

/* Said once. */
static bool make_folder(Replay *r) {
  if (mkdir(r->options.save, 0777) == 0 || errno == EEXIST) return true;
  fprintf(stderr, "tagout: cannot make the folder %s: %s\n", r->options.save, strerror(errno));
  r->options.save = NULL;
  return false;
}

static void save(Replay *r, const Finding *f, const Stage *s, const Faults *faults, DiagReplay *data) {
  DiagCode code = proof_code(f->kind);
  const char *stem = arena_printf(r->arena, "%s/%s-%u", r->options.save, diag_code_text(code), ++r->saved[code]);
  const char *file = arena_printf(r->arena, "%s.json", stem), *fleet = r->given ? r->options.fleet : arena_printf(r->arena, "%s.fleet.json", stem);
  Buf out = BUF_INIT;
  faults_write(r->program, s->fleet, faults, &out);
  bool ok = make_folder(r) && write_file(file, out.data, out.len) && (r->given || write_file(fleet, s->text.data, s->text.len));
  buf_done(&out);
  if (!ok) return;
  data->saved = file;
  data->command = command(r, s, file, fleet);
}

static ProofExample *shown(Replay *r, const Finding *f, const Stage *s, const Faults *faults) {
  ProofExample *out = arena_new_object(r->arena, ProofExample);
  uint32_t kind = main_kind(r, f);
  if (!faults || !s->names[kind]) {
    out->note = r->tries ? arena_printf(r->arena, "the engine did not come to this end in %u replay%s: look at the way with care, it counts all the same",
                                        r->tries, r->tries == 1 ? "" : "s")
                         : "not replayed: no small inventory fits what is selected; it counts all the same";
    return out;
  }
  Buf word = BUF_INIT;
  lower_kind(r->program, kind, &word);
  out->names = s->names;
  out->data = (DiagReplay){.reproduced = true, .kind = arena_string(r->arena, word.data, word.len), .member = s->names[kind]};
  if (r->options.save) save(r, f, s, faults, &out->data);
  if (out->data.saved)
    out->note = arena_printf(r->arena, "replayed on the engine with %s %s; see it happen: %s", word.data, s->names[kind], out->data.command);
  else out->note = arena_printf(r->arena, "replayed on the engine with %s %s; --save-faults DIR keeps it as a fault file", word.data, s->names[kind]);
  buf_done(&word);
  return out;
}

static bool can_be_replayed(const Finding *f) {
  return f->kind != FINDING_UNREACHED && f->kind != FINDING_IDLE && f->kind != FINDING_OPAQUE && f->kind != FINDING_TOO_LARGE;
}

const ProofExample *replay_finding(void *ctx, const Proof *proof, const Finding *f) {
  Replay *r = ctx;
  Stage s = {.text = BUF_INIT};
  StageWish wish = {.attrs = NULL};
  if (!can_be_replayed(f)) return NULL;
  r->tries = 0;
  const Faults *faults = r->given ? on_given(r, proof, f, &wish, &s) : on_made_up(r, proof, f, &wish, &s);
  const ProofExample *out = shown(r, f, &s, faults);
  if (faults) stage_done(&s);
  return out;
}
