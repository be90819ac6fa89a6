/* vm: runs regions of code, which cannot block: conditions, sets, amounts, texts. The engine's strands use it for their
 * expression instructions, the plan for selections and integers, the simulated fleet for effects and triggers. Where a fact
 * comes from (observed by a run, written in an inventory, true in a simulation) is the host's business. Deterministic; total:
 * verified code has no loops but over iterators. */
#ifndef TAGOUT_RUNTIME_VM_H
#define TAGOUT_RUNTIME_VM_H

#include "lang/buf.h"
#include "lang/intern.h"
#include "lang/program.h"
#include "runtime/fleet.h"

typedef VEC(uint32_t) EntityVec;

/* What code may ask of its surroundings. A NULL function answers unknown, no, or nothing. */
typedef struct VmHost {
  void *ctx;
  int64_t (*fact)(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity);     /* code or VALUE_UNKNOWN */
  int64_t (*metric)(void *ctx, uint32_t metric, uint32_t kind, uint32_t entity);
  int64_t (*locked)(void *ctx, uint32_t automation, uint32_t kind, uint32_t entity);
  int64_t (*tried)(void *ctx, uint32_t action, uint32_t since, uint32_t entity);
  int64_t (*yes)(void *ctx, uint32_t gate, uint32_t entity);
  int64_t (*recall)(void *ctx, uint32_t remember, uint32_t entity);
  bool (*still_in)(void *ctx, uint32_t kind, uint32_t entity);                    /* NULL: everything is in */
  const uint32_t *(*set)(void *ctx, uint32_t set, uint32_t *ret_count);
  const uint32_t *(*yeses)(void *ctx, uint32_t gate, uint32_t *ret_count);
  const int64_t *params;
} VmHost;

typedef struct Vm Vm;
/* texts: run-time texts get ids from program->string_count on, in the order of first sight. Borrows program, fleet, host. */
Vm *vm_new(const Program *program, const Fleet *fleet, const VmHost *host);
void vm_free(Vm *vm);
int64_t vm_value(Vm *vm, CodeRef region, const int64_t *slots, uint32_t slot_count);        /* top of the stack at RETURN */
void vm_collect(Vm *vm, CodeRef region, const int64_t *slots, uint32_t slot_count, EntityVec *out); /* appends what it collects */
const char *vm_text(const Vm *vm, int64_t text);   /* "" for unknown */
int64_t vm_intern(Vm *vm, const char *text);
void vm_emergency(Vm *vm, bool emergency);         /* whether what is judged from now on is an emergency's doing; at first not */

#endif
