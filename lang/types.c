/* types: see types.h. What a type is called in a message is compilation.c's: it needs the tables. */
#include <config.h>

#include "lang/types.h"

bool type_is_value(TypeId t) {
  switch (type_class(t)) {
  case TYPE_TEXT:
  case TYPE_INT:
  case TYPE_QUANTITY:
  case TYPE_FRACTION:
  case TYPE_COUNT:
  case TYPE_ENTITY:
  case TYPE_ENUM: return true;
  case TYPE_NONE:
  case TYPE_POISON:
  case TYPE_TRUTH:
  case TYPE_RATE:
  case TYPE_SET:
  case TYPE_LIST:
  case TYPE_UNKNOWN: return false;
  }
  return false;
}

TypeId type_of_quantity(QuantityKind kind) {
  if (kind == QUANTITY_NUMBER) return type_plain(TYPE_INT);
  if (kind == QUANTITY_FRACTION) return type_plain(TYPE_FRACTION);
  return type_of(TYPE_QUANTITY, kind);
}

bool type_quantity(TypeId t, QuantityKind *ret_kind) {
  TypeClass c = type_class(t);
  if (c == TYPE_QUANTITY) *ret_kind = (QuantityKind)type_ref(t);
  else if (c == TYPE_INT || c == TYPE_COUNT) *ret_kind = QUANTITY_NUMBER;
  else if (c == TYPE_FRACTION) *ret_kind = QUANTITY_FRACTION;
  else return false;
  return true;
}
