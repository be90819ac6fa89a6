/* quantity_parse: literals to quantities. One walk over the bytes; every way out that is not a value fills a
 * QuantityFault, which says what is wrong, where in the literal, and what to write instead. */
#include <config.h>

#include "lang/quantity.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lang/quantity_units.h"
#include "lang/suggest.h"
#include "lang/utf8.h"

#define MOST_DECIMALS 12
#define SHOWN_BYTES 40u /* of a user's text inside a message */

__extension__ typedef __int128 Wide;

typedef struct Reader {
  const char *s;
  uint32_t len, at;
  QuantityFault *fault;
} Reader;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_blank(char c) { return c == ' ' || c == '\t'; }
static bool at_end(const Reader *r) { return r->at == r->len; }
static char peek(const Reader *r) { return at_end(r) ? '\0' : r->s[r->at]; }

static void skip_blanks(Reader *r) {
  while (is_blank(peek(r))) r->at++;
}

/* ---- faults ---- */

static bool fault(const Reader *r, DiagCode code, uint32_t lo, uint32_t hi, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Always false, so that a reader can return it. */
static bool fault(const Reader *r, DiagCode code, uint32_t lo, uint32_t hi, const char *format, ...) {
  QuantityFault *f = r->fault;
  *f = (QuantityFault){.code = code, .lo = lo, .hi = hi};
  va_list ap;
  va_start(ap, format);
  vsnprintf(f->message, sizeof f->message, format, ap);
  va_end(ap);
  return false;
}

/* Bytes of a user's text that a message quotes: whole characters, not too many. */
static int shown(const char *s, uint32_t len) {
  if (len <= SHOWN_BYTES) return (int)len;
  uint32_t cut = SHOWN_BYTES;
  while (cut > 0 && ((unsigned char)s[cut] & 0xC0) == 0x80) cut--;
  return (int)cut;
}
#define QUOTED(r, lo, hi) shown((r)->s + (lo), (hi) - (lo)), (r)->s + (lo)

static bool fault_range(const Reader *r, uint32_t lo, uint32_t hi, QuantityKind kind) {
  Buf low = BUF_INIT, high = BUF_INIT;
  quantity_show(kind, quantity_kind_low(kind), &low);
  quantity_show(kind, quantity_kind_high(kind), &high);
  fault(r, E_NUMBER_RANGE, lo, hi, "`%.*s` is out of range: %s is at least %s and at most %s", QUOTED(r, lo, hi),
        quantity_kind_phrase(kind), low.data, high.data);
  buf_done(&low);
  buf_done(&high);
  return false;
}

/* ---- numbers ---- */

typedef struct Decimal {
  Wide mantissa;     /* all digits; the value is mantissa / 10^decimals */
  uint32_t decimals; /* trailing zeros are dropped */
  uint32_t lo, hi;
} Decimal;

static bool fault_underscore(const Reader *r, uint32_t lo) {
  uint32_t hi = lo, n = 0;
  fault(r, E_BAD_NUMBER, lo, lo, "a number is written without `_`");
  for (; hi < r->len && (is_digit(r->s[hi]) || r->s[hi] == '_' || r->s[hi] == '.'); hi++) {
    if (r->s[hi] != '_' && n + 1 < sizeof r->fault->fix) r->fault->fix[n++] = r->s[hi];
  }
  r->fault->hi = hi;
  r->fault->safe = n + 1 < sizeof r->fault->fix;
  if (!r->fault->safe) r->fault->fix[0] = '\0';
  return false;
}

static bool read_whole(Reader *r, Decimal *d) {
  for (; is_digit(peek(r)); r->at++) {
    d->mantissa = d->mantissa * 10 + (peek(r) - '0');
    if (d->mantissa > EXACT) d->mantissa = (Wide)EXACT + 1; /* too large already, whatever follows */
  }
  if (peek(r) == '_') return fault_underscore(r, d->lo);
  return true;
}

static bool read_decimals(Reader *r, Decimal *d) {
  uint32_t point = r->at++;
  if (!is_digit(peek(r)))
    return fault(r, E_BAD_NUMBER, d->lo, r->at, "digits are missing behind the decimal point of `%.*s`",
                 QUOTED(r, d->lo, r->at));
  uint32_t zeros = 0;
  for (; is_digit(peek(r)); r->at++) {
    if (peek(r) == '0') {
      zeros++;
      continue;
    }
    d->decimals += zeros + 1;
    if (d->decimals > MOST_DECIMALS) continue; /* said below, once all digits are seen */
    for (; zeros; zeros--) d->mantissa *= 10;
    d->mantissa = d->mantissa * 10 + (peek(r) - '0');
  }
  if (d->decimals > MOST_DECIMALS)
    return fault(r, E_TOO_PRECISE, point, r->at, "more than %d decimals", MOST_DECIMALS);
  if (peek(r) == '_') return fault_underscore(r, d->lo);
  if (peek(r) == '.') return fault(r, E_BAD_NUMBER, r->at, r->at + 1, "a second decimal point in one number");
  return true;
}

static bool read_decimal(Reader *r, Decimal *ret) {
  *ret = (Decimal){.lo = r->at};
  if (at_end(r)) return fault(r, E_BAD_NUMBER, r->at, r->len, "a number is missing");
  if (!is_digit(peek(r)))
    return fault(r, E_BAD_NUMBER, r->at, r->len, "`%.*s` is not a number", QUOTED(r, r->at, r->len));
  if (!read_whole(r, ret)) return false;
  if (peek(r) == '.' && !read_decimals(r, ret)) return false;
  if (peek(r) == ',') {
    fault(r, E_BAD_NUMBER, r->at, r->at + 1, "a comma inside a number");
    r->fault->note = "decimals follow a point, and thousands are not separated: `1.5kW`, `1800`";
    return false;
  }
  ret->hi = r->at;
  return true;
}

/* The decimal in base units of the unit, if it is a whole number of them and in range. */
static bool to_base(const Reader *r, const Decimal *d, const UnitInfo *unit, int64_t *ret) {
  Wide value, divisor = 1;
  for (uint32_t i = 0; i < d->decimals; i++) divisor *= 10;
  bool overflow = __builtin_mul_overflow(d->mantissa, (Wide)unit->factor, &value);
  if (overflow || value / divisor > quantity_kind_high(unit->kind))
    return fault_range(r, d->lo, r->at, unit->kind);
  if (value % divisor != 0) {
    fault(r, E_TOO_PRECISE, d->lo, r->at, "`%.*s` has more decimals than can be kept", QUOTED(r, d->lo, r->at));
    r->fault->note = unit->factor == 1 && unit->kind == QUANTITY_NUMBER
                         ? "a number without a unit is whole"
                         : "a value is kept as a whole number of its smallest unit: milliseconds, milliwatts, "
                           "parts per million, bytes, thousandths of a degree, millilitres per minute";
    return false;
  }
  *ret = (int64_t)(value / divisor);
  return true;
}

/* ---- units ---- */

static const struct { const char *written, *unit; } aliases[] = {
#define ALIAS(written, unit) {written, unit},
#include "lang/quantity.def"
};

static const char all_units[] = "the units are"
#define UNIT(kind, unit, factor) " " unit
#include "lang/quantity.def"
    "; a count of things has a blank before its name: `1800 nodes`";

static uint32_t find_unit(const char *s, uint32_t len) {
  for (uint32_t u = 1; u < quantity_unit_count; u++) {
    if (strlen(quantity_units[u].text) == len && memcmp(quantity_units[u].text, s, len) == 0) return u;
  }
  return 0;
}

/* What was probably meant; *ret_sure when it is only another way to say it. */
static const char *nearest_unit(const char *s, uint32_t len, bool *ret_sure) {
  *ret_sure = true;
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
    if (strlen(aliases[i].written) == len && strncasecmp(aliases[i].written, s, len) == 0) return aliases[i].unit;
  }
  *ret_sure = false;
  Suggest near = suggest_begin(s, len);
  for (uint32_t u = 1; u < quantity_unit_count; u++) suggest_offer(&near, quantity_units[u].text);
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) suggest_offer(&near, aliases[i].written);
  const char *best = suggest_best(&near);
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
    if (best == aliases[i].written) return aliases[i].unit;
  }
  return best;
}

static bool fault_unit(const Reader *r, uint32_t lo, uint32_t hi) {
  if (hi - lo == 2 && (strncasecmp(r->s + lo, "am", 2) == 0 || strncasecmp(r->s + lo, "pm", 2) == 0)) {
    fault(r, E_UNKNOWN_UNIT, lo, hi, "the hours of a day are counted to 24");
    r->fault->note = "11am is written `11:00`, 8pm `20:00`";
    return false;
  }
  bool sure;
  const char *meant = nearest_unit(r->s + lo, hi - lo, &sure);
  fault(r, E_UNKNOWN_UNIT, lo, hi, "there is no unit `%.*s`", QUOTED(r, lo, hi));
  r->fault->note = all_units;
  if (!meant) return false;
  snprintf(r->fault->fix, sizeof r->fault->fix, "%s", meant);
  r->fault->safe = sure;
  return false;
}

/* The unit at the reader, row 0 when there is none. */
static bool read_unit(Reader *r, uint32_t *ret_unit) {
  uint32_t number_end = r->at;
  skip_blanks(r);
  uint32_t lo = r->at;
  while (!at_end(r) && !is_blank(peek(r)) && !is_digit(peek(r)) && peek(r) != '-') r->at++;
  if (lo == r->at) {
    *ret_unit = 0;
    r->at = number_end;
    return true;
  }
  *ret_unit = find_unit(r->s + lo, r->at - lo);
  return *ret_unit != 0 || fault_unit(r, lo, r->at);
}

/* ---- amounts: 18, 6%, 125kW, 1h 30min ---- */

static bool more_follows(Reader *r) {
  skip_blanks(r);
  return !at_end(r);
}

/* The further parts of a duration; each unit is smaller than the one before. */
static bool read_duration_rest(Reader *r, uint32_t unit, int64_t *value) {
  while (more_follows(r)) {
    Decimal d;
    uint32_t next;
    int64_t more;
    if (!read_decimal(r, &d) || !read_unit(r, &next) || !to_base(r, &d, &quantity_units[next], &more)) return false;
    const UnitInfo *info = &quantity_units[next];
    if (info->kind != QUANTITY_DURATION || info->factor >= quantity_units[unit].factor)
      return fault(r, E_BAD_NUMBER, d.lo, r->at, "the parts of a duration go from large units to small ones");
    if (!quantity_add(*value, more, value) || *value > quantity_kind_high(QUANTITY_DURATION))
      return fault_range(r, 0, r->at, QUANTITY_DURATION);
    unit = next;
  }
  return true;
}

static bool read_amount(Reader *r, Quantity *ret) {
  bool negative = peek(r) == '-';
  if (negative) r->at++;
  Decimal d;
  uint32_t unit;
  int64_t value;
  if (!read_decimal(r, &d) || !read_unit(r, &unit) || !to_base(r, &d, &quantity_units[unit], &value)) return false;
  QuantityKind kind = quantity_units[unit].kind;
  uint32_t first_end = r->at;
  if (more_follows(r)) {
    if (kind != QUANTITY_DURATION)
      return fault(r, E_BAD_NUMBER, r->at, r->len, "`%.*s` follows the number", QUOTED(r, r->at, r->len));
    if (!read_duration_rest(r, unit, &value)) return false;
    unit = 0;
  }
  if (negative) value = -value;
  if (value < quantity_kind_low(kind)) return fault_range(r, 0, first_end, kind);
  *ret = (Quantity){.value = value, .kind = kind, .unit = unit};
  return true;
}

/* ---- times and dates ---- */

/* Reads digits into *ret; returns how many there were. */
static uint32_t read_digits(Reader *r, uint32_t most, int64_t *ret) {
  uint32_t lo = r->at;
  *ret = 0;
  while (is_digit(peek(r)) && r->at - lo < most) *ret = *ret * 10 + (r->s[r->at++] - '0');
  return r->at - lo;
}

static bool take(Reader *r, char c) {
  if (peek(r) != c) return false;
  r->at++;
  return true;
}

static bool fault_time(const Reader *r, uint32_t lo, uint32_t hi) {
  fault(r, E_BAD_TIME, lo, hi, "`%.*s` is not a time of day", QUOTED(r, lo, hi));
  r->fault->note = "a time of day is written `11:00` or `23:59:30`, from 00:00 to 24:00";
  return false;
}

/* H:MM, HH:MM, HH:MM:SS or HH:MM:SS.mmm at the reader. */
static bool read_clock(Reader *r, int64_t *ret_ms) {
  int64_t hour, minute, second = 0, ms = 0;
  if (read_digits(r, 2, &hour) == 0 || !take(r, ':') || read_digits(r, 2, &minute) != 2) return false;
  if (take(r, ':') && read_digits(r, 2, &second) != 2) return false;
  if (take(r, '.') && read_digits(r, 3, &ms) != 3) return false;
  if (is_digit(peek(r)) || minute > 59 || second > 59) return false;
  *ret_ms = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
  return *ret_ms <= DAY;
}

static bool read_time(Reader *r, Quantity *ret) {
  int64_t ms = 0;
  if (!read_clock(r, &ms) || !at_end(r)) return fault_time(r, 0, r->len);
  *ret = (Quantity){.value = ms, .kind = QUANTITY_TIME};
  return true;
}

static bool fault_date(const Reader *r, int64_t year, int64_t month, int64_t day, bool padded) {
  fault(r, E_BAD_DATE, 0, r->at, "`%.*s` is not a date", QUOTED(r, 0, r->at));
  r->fault->note = "a date is written `2026-01-18`: year, month and day";
  if (padded || !date_is_valid(year, month, day)) return false;
  snprintf(r->fault->fix, sizeof r->fault->fix, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
  r->fault->safe = true;
  return false;
}

static bool read_date_part(Reader *r, int64_t *ret_days) {
  int64_t year, month = 0, day = 0;
  bool padded = read_digits(r, 9, &year) == 4;
  bool whole = take(r, '-');
  uint32_t month_digits = read_digits(r, 9, &month);
  whole = take(r, '-') && whole;
  uint32_t day_digits = read_digits(r, 9, &day);
  padded = padded && month_digits == 2 && day_digits == 2;
  if (!whole || !padded) return fault_date(r, year, month, day, padded);
  if (!date_is_valid(year, month, day)) {
    fault_date(r, year, month, day, true);
    if (date_is_valid(year, month, 1))
      snprintf(r->fault->message, sizeof r->fault->message, "there is no day %d in %04d-%02d", (int)day, (int)year,
               (int)month);
    return false;
  }
  *ret_days = date_to_days(year, month, day);
  return true;
}

static bool read_date(Reader *r, Quantity *ret) {
  int64_t days = 0, ms = 0;
  if (!read_date_part(r, &days)) return false;
  if (at_end(r)) {
    *ret = (Quantity){.value = days, .kind = QUANTITY_DATE};
    return true;
  }
  if (!take(r, 'T')) {
    r->at = r->len;
    return fault_date(r, 0, 0, 0, true);
  }
  uint32_t clock = r->at;
  if (!read_clock(r, &ms) || ms == DAY) return fault_time(r, clock, r->len);
  if (!take(r, 'Z') || !at_end(r)) {
    fault(r, E_BAD_DATE, clock, r->len, "a datetime ends in `Z`: it is in UTC");
    return false;
  }
  *ret = (Quantity){.value = days * DAY + ms, .kind = QUANTITY_DATETIME};
  return true;
}

/* ---- the whole literal ---- */

static bool read_literal(Reader *r, Quantity *ret) {
  uint32_t digits = 0;
  while (digits < r->len && is_digit(r->s[digits])) digits++;
  char behind = digits < r->len ? r->s[digits] : '\0';
  if (digits && behind == ':') return read_time(r, ret);
  if (digits && behind == '-') return read_date(r, ret);
  return read_amount(r, ret);
}

bool quantity_parse(const char *s, size_t len, Quantity *ret, QuantityFault *ret_fault) {
  Reader r = {.s = s, .len = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len, .fault = ret_fault};
  return read_literal(&r, ret);
}

bool quantity_parse_as(QuantityKind kind, const char *s, size_t len, Quantity *ret, QuantityFault *ret_fault) {
  Quantity q;
  if (!quantity_parse(s, len, &q, ret_fault)) return false;
  if (q.kind == kind) {
    *ret = q;
    return true;
  }
  Reader r = {.s = s, .len = (uint32_t)len, .fault = ret_fault};
  return fault(&r, E_WRONG_QUANTITY, 0, r.len, "expected %s such as %s, found %s", quantity_kind_phrase(kind),
               quantity_kind_example(kind), quantity_kind_phrase((QuantityKind)q.kind));
}

Diag *quantity_diagnose(DiagSink *sink, Span span, const QuantityFault *f) {
  Span place = {span.lo + f->lo, span.lo + f->hi};
  Diag *d = diag_new(sink, f->code, place, "%s", f->message);
  if (f->note) diag_note(sink, d, "%s", f->note);
  if (f->fix[0]) diag_fix(sink, d, place, f->safe, f->fix, "write `%s`", f->fix);
  return d;
}
