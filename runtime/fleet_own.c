/* fleet_own.c: no two entities share what an attribute says is their own: `cooling : own CoolingUnit`. Looked at
 * row by row, because only there the cells are at hand that a message points to. */
#include <config.h>

#include "runtime/fleet_table_data.h"

#include <inttypes.h>
#include <stdlib.h>

/* Who said first that an entity is theirs, and where. The bytes of all files stay until the loading is done. */
typedef struct FleetClaim {
  Entity who;
  uint32_t file;
  FleetRow row;
  const char *at; /* NULL: nobody did */
} FleetClaim;

/* Of one attribute of a kind; claims by the entity that is claimed. */
struct FleetClaims {
  FleetClaim *items;
  uint32_t len, cap;
};

FleetClaims **fleet_claims_new(const FleetSchema *schema, Arena *arena) {
  FleetClaims **all = arena_new_array(arena, FleetClaims *, schema->kind_count);
  for (uint32_t k = 0; k < schema->kind_count; k++)
    all[k] = arena_new_array(arena, FleetClaims, schema->kinds[k].attr_count);
  return all;
}

void fleet_claims_done(FleetClaims **all, const FleetSchema *schema) {
  for (uint32_t k = 0; k < schema->kind_count; k++)
    for (uint32_t a = 0; a < schema->kinds[k].attr_count; a++) free(all[k][a].items);
}

static FleetClaim *claim_of(FleetClaims *c, Entity target) {
  while (c->len <= target) vec_push(c, (FleetClaim){.at = NULL});
  return &c->items[target];
}

static void report(FleetTable *t, uint32_t kind, uint32_t attr, Entity e, Entity target, const FleetClaim *first,
                   const char *at, FleetRow row) {
  const Fleet *f = t->load->f;
  const FleetKind *k = &f->schema->kinds[kind];
  const FleetAttr *a = &k->attrs[attr];
  const char *other = fleet_name(f, kind, first->who);
  Diag *d = fleet_table_diag(t, E_FLEET_NOT_OWN, row, at, "%s `%s`: %s is `%s`, which is `%s`'s own", k->name,
                             fleet_name(f, kind, e), a->name, fleet_name(f, a->kind, target), other);
  uint32_t line, column;
  fleet_table_place(first->row, first->at, &line, &column);
  diag_note(t->load->sink, d, "`%s` has it at %s:%" PRIu32 ":%" PRIu32, other, f->files[first->file], line, column);
  diag_note(t->load->sink, d, "every %s has a %s of its own: correct one of the rows", k->name,
            f->schema->kinds[a->kind].name);
}

void fleet_own_claim(FleetTable *t, uint32_t kind, uint32_t attr, Entity e, Entity target, const char *at,
                     FleetRow row) {
  FleetClaim *first = claim_of(&t->load->claims[kind][attr], target);
  if (first->at)
    report(t, kind, attr, e, target, first, at, row);
  else
    *first = (FleetClaim){e, t->file, row, at};
}
