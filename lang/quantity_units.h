/* quantity_units: the table of units, shared by the files of quantity and by nobody else. */
#ifndef TAGOUT_LANG_QUANTITY_UNITS_H
#define TAGOUT_LANG_QUANTITY_UNITS_H

#include "lang/quantity.h"
#include <inttypes.h>

#define EXACT INT64_C(9007199254740991)
#define DAY INT64_C(86400000)
#define CENTURY (INT64_C(36525) * DAY)
#define DATE_FIRST INT64_C(-719162) /* 0001-01-01 */
#define DATE_LAST INT64_C(2932896)  /* 9999-12-31 */

typedef struct UnitInfo {
  QuantityKind kind;
  const char *text;
  int64_t factor; /* base units in one */
} UnitInfo;

extern const UnitInfo quantity_units[]; /* Quantity.unit is an index; row 0 is "none" */
extern const uint32_t quantity_unit_count;

#endif
