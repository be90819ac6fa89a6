/* verify_code: the check that every program passes before it is used, from a file or fresh from the compiler: first the
 * rows (verify_tables), then that the code decodes, then regions and strands. */
#include <config.h>

#include "lang/verify.h"

#include "lang/program_layout.h"

#include <stdlib.h>

static const char *const rule_texts[] = {
#define RULE(name, text) text,
  VERIFY_RULES(RULE)
#undef RULE
};

static const uint8_t operand_tables[] = {
#define OPERAND(name, table) TABLE_##table,
  OPERAND_CLASSES(OPERAND)
#undef OPERAND
};

/* The classes of rows that exactly one instruction meets. */
static const uint8_t step_classes[] = {OPERAND_CALL, OPERAND_CONFIRM, OPERAND_GATE, OPERAND_FAN, OPERAND_STEP, OPERAND_LOCKOUT,
  OPERAND_ATTEMPT, OPERAND_ADJUST, OPERAND_GUARD, OPERAND_REQUIRE, OPERAND_LEAVE, OPERAND_HOLD,
  OPERAND_REFUSAL, OPERAND_EMERGENCY};

bool verify_fault(Verifier *v, uint32_t pc, VerifyRule rule, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  Buf why = BUF_INIT;
  buf_vprintf(&why, format, ap);
  va_end(ap);
  const char *name = "no instruction";
  if (pc < v->p->code_count && (uint32_t)code_op(v->p->code[pc]) < OPCODE_COUNT) name = op_info[code_op(v->p->code[pc])].name;
  Diag *d = diag_at(v->sink, E_PROGRAM_CODE, v->file, 0, 0, "the program's code breaks a rule at instruction %u (%s, offset %zu): %s",
                    pc, name, layout_offset(v->p, TABLE_code, pc), why.data);
  diag_note(v->sink, d, "rule %d: %s", (int)rule + 1, rule_texts[rule]);
  buf_done(&why);
  return false;
}

static void mark_landing(Verifier *v, uint32_t pc, OperandClass klass, uint32_t target) {
  if (klass != OPERAND_JUMP || target > pc) return;
  v->starts[target] |= START_LANDING;
  if (code_op(v->p->code[pc]) == OPCODE_ON_OK) vec_push(&v->retries, ((Retry){pc, target}));
}

static bool decode_one(Verifier *v, uint32_t pc, uint32_t *ret_words) {
  uint32_t word = v->p->code[pc];
  if ((word & 0xff) >= OPCODE_COUNT) return verify_fault(v, pc, RULE_DECODES, "no instruction has the number %u", word & 0xff);
  const OpInfo *op = &op_info[code_op(word)];
  uint32_t words = code_words(code_op(word));
  if (words > v->p->code_count - pc) return verify_fault(v, pc, RULE_DECODES, "its second word is missing");
  uint32_t a = code_a(word), b = words == 2 ? v->p->code[pc + 1] : 0;
  if (a >= v->row_count[op->a]) return verify_fault(v, pc, RULE_OPERANDS, "operand A is %u", a);
  if (b >= v->row_count[op->b]) return verify_fault(v, pc, RULE_OPERANDS, "operand B is %u", b);
  v->starts[pc] |= START_INSTRUCTION;
  mark_landing(v, pc, (OperandClass)op->a, a);
  mark_landing(v, pc, (OperandClass)op->b, b);
  *ret_words = words;
  return true;
}

static bool decode(Verifier *v) {
  if (v->p->code_count == 0 || v->p->code_count > LIMIT_CODE_WORDS || v->p->code[0] != OPCODE_RETURN)
    return verify_fault(v, 0, RULE_DECODES, "there are %u words", v->p->code_count);
  uint32_t words = 1;
  for (uint32_t pc = 0; pc < v->p->code_count; pc += words)
    if (!decode_one(v, pc, &words)) return false;
  return true;
}

enum { PROVED_FIRST = 256 };

static void verifier_begin(Verifier *v) {
  uint32_t words = v->p->code_count;
  v->starts = xcalloc(words + 1, 1);
  v->proved = xcalloc(PROVED_FIRST, sizeof *v->proved);
  v->proved_mask = PROVED_FIRST - 1;
  for (uint32_t c = 0; c < OPERAND_CLASS_COUNT; c++) v->row_count[c] = layout_count(v->p, (TableId)operand_tables[c]);
  v->row_count[OPERAND_NONE] = 1;
  v->row_count[OPERAND_IMM] = UINT32_MAX;
  v->row_count[OPERAND_COUNT] = LIMIT_STACK + 1;
  v->row_count[OPERAND_SLOT] = LIMIT_SLOTS;
  v->row_count[OPERAND_STR] = v->p->string_count;
  for (size_t i = 0; i < sizeof step_classes; i++) v->met[step_classes[i]] = xcalloc(v->row_count[step_classes[i]] + 1, 1);
}

static void verifier_done(Verifier *v) {
  for (size_t i = 0; i < sizeof step_classes; i++) free(v->met[step_classes[i]]);
  vec_done(&v->region.labels);
  vec_done(&v->strands.labels);
  vec_done(&v->retries);
  free(v->starts);
  free(v->proved);
  arena_free(v->arena);
}

bool verify_code(const Program *p, const char *file, DiagSink *sink) {
  if (!verify_tables(p, file, sink)) return false;
  Verifier v = {.p = p, .file = file, .sink = sink, .arena = arena_new()};
  verifier_begin(&v);
  bool ok = decode(&v) && verify_row_regions(&v) && verify_strands(&v);
  verifier_done(&v);
  return ok;
}
