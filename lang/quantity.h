/* quantity: numbers with units. A value is one int64 in the base unit of its kind (quantity.def); there is no
 * floating point. INT64_MIN is never a value (the VM uses it for "unknown"). A rate (300 per hour) is a count and a
 * duration and is the checker's; which entities a count counts is the checker's too.
 *
 * Literals, as a runbook, a fleet file or a parameter writes them:
 *   18   6%  0.5%   250ms 30min 1.5h 1h30min "1h 30min"   125kW   35degC   80lpm   64GB 4KiB   11:00 23:59:30 24:00
 *   2026-01-18   2026-01-18T11:00Z
 * Between a number and its unit there may be blanks. A scanner need not know more than that a literal begins with a
 * digit and goes on with letters, digits, `.` `:` `%` `_` and, inside a date, `-`: what is wrong is said here. */
#ifndef TAGOUT_LANG_QUANTITY_H
#define TAGOUT_LANG_QUANTITY_H

#include "lang/buf.h"
#include "lang/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum QuantityKind {
#define QUANTITY(kind, word, phrase, low, high, example, base) QUANTITY_##kind,
#include "lang/quantity.def"
  QUANTITY_KIND_COUNT
} QuantityKind;

typedef struct Quantity {
  int64_t value; /* in the base unit of its kind */
  uint32_t kind; /* QuantityKind */
  uint32_t unit; /* how it was written: 1 + row of UNIT; 0: in its best form */
} Quantity;

/* Why a literal was refused. The places are bytes of the literal. */
typedef struct QuantityFault {
  DiagCode code;
  uint32_t lo, hi;    /* the part that is wrong */
  char message[200];
  const char *note;   /* more about it, or NULL; static */
  char fix[40];       /* what to write at lo..hi instead, or "" */
  bool safe;          /* the fix is what was meant, not a guess */
} QuantityFault;

bool quantity_parse(const char *s, size_t len, Quantity *ret, QuantityFault *ret_fault);
/* As quantity_parse, and refuses any other kind (E_WRONG_QUANTITY). For cells, parameters, settings. */
bool quantity_parse_as(QuantityKind kind, const char *s, size_t len, Quantity *ret, QuantityFault *ret_fault);
/* The fault of a literal that stands at span.lo of the source, as a diagnostic with its note and fix. */
Diag *quantity_diagnose(DiagSink *sink, Span span, const QuantityFault *fault);

const char *quantity_kind_word(QuantityKind kind);    /* "duration" */
const char *quantity_kind_phrase(QuantityKind kind);  /* "a duration", "a plain number" */
const char *quantity_kind_example(QuantityKind kind); /* "30min" */
bool quantity_kind_find(const char *word, size_t len, QuantityKind *ret_kind);
int64_t quantity_kind_low(QuantityKind kind);         /* range of literals and parameters */
int64_t quantity_kind_high(QuantityKind kind);

/* Exact text. show: in the best unit (1h 30min, 9h, 125kW, 5.76MW, 0.5%, 11:00); it parses to the same value.
 * write: in the unit that it was written in (90min), as a formatter wants it. */
void quantity_show(QuantityKind kind, int64_t value, Buf *out);
void quantity_write(Quantity q, Buf *out);

/* Checked arithmetic on values: false on overflow or division by zero, *ret untouched. Quotients are rounded
 * towards zero. */
bool quantity_add(int64_t a, int64_t b, int64_t *ret);
bool quantity_sub(int64_t a, int64_t b, int64_t *ret);
bool quantity_mul(int64_t a, int64_t b, int64_t *ret);
bool quantity_div(int64_t a, int64_t b, int64_t *ret);
bool quantity_neg(int64_t a, int64_t *ret);

/* What may be combined, and what comes out; the values are then simply added, multiplied ... A fraction times
 * something is a Part (below); a quotient of two quantities of one kind other than NUMBER is a ratio. A DATE counts
 * days and therefore takes part in no arithmetic with durations. */
bool quantity_kinds_add(QuantityKind a, QuantityKind b, QuantityKind *ret);
bool quantity_kinds_sub(QuantityKind a, QuantityKind b, QuantityKind *ret);
bool quantity_kinds_mul(QuantityKind a, QuantityKind b, QuantityKind *ret);
bool quantity_kinds_div(QuantityKind a, QuantityKind b, QuantityKind *ret);

/* A fraction of a whole as an integer, with what it was computed from, because integers are printed with their
 * denominators. up: rounded up, for what must be reached; down: for limits and tolerances. */
typedef struct Part {
  int64_t amount;   /* the integer */
  int64_t whole;    /* the denominator */
  int64_t fraction; /* parts per million */
} Part;
bool quantity_part_down(int64_t fraction, int64_t whole, Part *ret);
bool quantity_part_up(int64_t fraction, int64_t whole, Part *ret);
bool quantity_ratio(int64_t part, int64_t whole, int64_t *ret_fraction); /* part / whole in ppm, rounded down */
void quantity_show_part(Part p, Buf *out);                               /* "51 (6% of 864)" */

/* The calendar: proleptic Gregorian. */
bool date_is_valid(int64_t year, int64_t month, int64_t day);
int64_t date_to_days(int64_t year, int64_t month, int64_t day); /* since 1970-01-01 */
void date_from_days(int64_t days, int64_t *ret_year, int64_t *ret_month, int64_t *ret_day);

#endif
