/* vm_text: texts at run time. Equal texts have the equal id, wherever they come from: a program's string keeps its index,
 * any other text gets the next number when it is first seen. */
#include <config.h>

#include "runtime/vm_core.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void learn(Vm *vm, Atom atom, uint32_t id) {
  while (vm->text_of_atom.len < atom) vec_push(&vm->text_of_atom, NONE_INDEX);
  if (vm->text_of_atom.items[atom - 1] == NONE_INDEX) vm->text_of_atom.items[atom - 1] = id;
}

void vm_texts_init(Vm *vm) {
  vm->names = intern_new();
  for (uint32_t i = 0; i < vm->program->string_count; i++) {
    const char *s = vm->program->strings[i];
    if (*s) learn(vm, intern_str(vm->names, s), i);
  }
}

void vm_texts_done(Vm *vm) {
  intern_free(vm->names);
  vec_done(&vm->text_of_atom);
  vec_done(&vm->texts);
  free(vm->fleet_text);
  buf_done(&vm->scratch);
}

static int64_t text_id(Vm *vm, const char *s, size_t len) {
  if (len == 0) return 0;
  Atom atom = intern_add(vm->names, s, len);
  if (atom > vm->text_of_atom.len || vm->text_of_atom.items[atom - 1] == NONE_INDEX) {
    learn(vm, atom, vm->program->string_count + vm->texts.len);
    vec_push(&vm->texts, atom);
  }
  return vm->text_of_atom.items[atom - 1];
}

int64_t vm_intern(Vm *vm, const char *text) { return text_id(vm, text, strlen(text)); }

const char *vm_text(const Vm *vm, int64_t text) {
  if (text < 0) return "";
  if (text < vm->program->string_count) return vm->program->strings[text];
  uint64_t i = (uint64_t)text - vm->program->string_count;
  return i < vm->texts.len ? intern_text(vm->names, vm->texts.items[i]) : "";
}

int64_t vm_fleet_text(Vm *vm, int64_t fleet_id) {
  if (fleet_id < 0) return VALUE_UNKNOWN;
  if (!vm->fleet_text) vm->fleet_text = xcalloc((size_t)fleet_text_count(vm->fleet), sizeof *vm->fleet_text);
  uint32_t *known = &vm->fleet_text[fleet_id];
  if (*known == 0)
    *known = 1 + (uint32_t)text_id(vm, fleet_text(vm->fleet, fleet_id), fleet_text_length(vm->fleet, fleet_id));
  return *known - 1;
}

int64_t vm_name(Vm *vm, uint32_t kind, Entity e) {
  return text_id(vm, fleet_name(vm->fleet, kind, e), fleet_name_length(vm->fleet, kind, e));
}

static int64_t scratch_text(Vm *vm) { return text_id(vm, vm->scratch.data ? vm->scratch.data : "", vm->scratch.len); }

static int64_t show_enum(Vm *vm, uint32_t enumeration, int64_t code) {
  Slice words = vm->program->enums[enumeration].words;
  if (code < 1 || code > words.count) return vm_intern(vm, "unknown");
  return vm->program->enum_words[words.first + (uint32_t)code - 1];
}

int64_t vm_show(Vm *vm, ValueType type, int64_t value) {
  if (value == VALUE_UNKNOWN) return vm_intern(vm, "unknown");
  buf_reset(&vm->scratch);
  switch ((ValueClass)type.klass) {
    case VALUE_TEXT: return value;
    case VALUE_BOOL: return vm_intern(vm, value ? "yes" : "no");
    case VALUE_ENUM: return show_enum(vm, type.ref, value);
    case VALUE_ENTITY: return vm_name(vm, type.ref, (Entity)value);
    case VALUE_QUANTITY: quantity_show((QuantityKind)type.ref, value, &vm->scratch); return scratch_text(vm);
    case VALUE_INT:
    case VALUE_LIST: buf_printf(&vm->scratch, "%" PRId64, value); return scratch_text(vm);
  }
  return 0;
}

int64_t vm_join(Vm *vm, const int64_t *texts, uint32_t count) {
  buf_reset(&vm->scratch);
  for (uint32_t i = 0; i < count; i++) buf_str(&vm->scratch, texts[i] == VALUE_UNKNOWN ? "unknown" : vm_text(vm, texts[i]));
  return scratch_text(vm);
}
