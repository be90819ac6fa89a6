/* types: what an expression may be. A TypeId is a plain number: a class in the low five bits, a reference
 * (kind, enumeration, quantity kind) above it; equal types have equal numbers, and 0 is "not typed yet". The
 * checker writes Node.type of every expression and Symbol.type of every name; the compiler reads them.
 *
 *     TRUTH              condition, three-valued      COUNT of kind   1800 nodes, 6% of nodes, count of nodes
 *     TEXT               "..."                        RATE of kind    300 nodes per hour
 *     QUANTITY kind      30min 125kW 11:00 date       RATE of nothing 300 per hour (ref TYPE_NO_KIND)
 *     INT                18, int attribute            ENTITY of kind  r, r.cooling, n.rack, site
 *     FRACTION           6%, of nothing yet           SET of kind     nodes; nodes of r; rows of racks; Rack
 *     ENUM of words      of a fact or an attribute    LIST of kind    attribute `list of Switch`
 *     POISON             a mistake in it was reported: everything accepts it silently */
#ifndef TAGOUT_LANG_TYPES_H
#define TAGOUT_LANG_TYPES_H

#include "lang/quantity.h"
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t TypeId;

typedef enum TypeClass {
  TYPE_NONE, TYPE_POISON, TYPE_TRUTH, TYPE_TEXT, TYPE_INT, TYPE_QUANTITY, TYPE_FRACTION, TYPE_COUNT,
  TYPE_RATE, TYPE_ENTITY, TYPE_SET, TYPE_LIST, TYPE_ENUM,
  TYPE_UNKNOWN /* the word `unknown` as a value: of every type */
} TypeClass;

#define TYPE_NO_KIND 0x7ffffffu /* reference of a rate of plain numbers */

static inline TypeId type_of(TypeClass c, uint32_t ref) { return ref << 5 | (uint32_t)c; }
static inline TypeId type_plain(TypeClass c) { return (uint32_t)c; }
static inline TypeClass type_class(TypeId t) { return (TypeClass)(t & 31u); }
/* ENTITY, SET, LIST, COUNT, RATE: index of the kind. ENUM: of the enumeration. QUANTITY: QuantityKind. */
static inline uint32_t type_ref(TypeId t) { return t >> 5; }
static inline bool type_is(TypeId t, TypeClass c) { return type_class(t) == c; }
static inline bool type_silent(TypeId t) { return type_class(t) <= TYPE_POISON; }
/* A value that is stored as it is compared: everything but truth, sets and lists. */
bool type_is_value(TypeId t);
/* The type of a quantity of that kind: numbers are INT, fractions FRACTION. */
TypeId type_of_quantity(QuantityKind kind);
/* The other way round; false when it is no quantity. INT, COUNT: NUMBER. */
bool type_quantity(TypeId t, QuantityKind *ret_kind);

#endif
