/* ics_rule: recurrence rules of RFC 5545 (3.3.10) by the day: DAILY, WEEKLY, MONTHLY and YEARLY with INTERVAL, COUNT, UNTIL, WKST,
 * BYDAY, BYMONTHDAY and BYMONTH. A day is a number, as in calendar.h. */
#ifndef TAGOUT_RUNTIME_ICS_RULE_H
#define TAGOUT_RUNTIME_ICS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICS_RULE_DAYS 32u

typedef enum IcsFrequency { ICS_ONCE, ICS_DAILY, ICS_WEEKLY, ICS_MONTHLY, ICS_YEARLY } IcsFrequency;
typedef struct IcsRule {
  IcsFrequency frequency;
  uint32_t interval;               /* from 1 */
  uint32_t count;                  /* occurrences, the first included; 0: no such bound */
  const char *until;               /* as written, until_len bytes; NULL none */
  size_t until_len;
  uint32_t months;                 /* bit 1 to 12; 0: not given */
  uint32_t month_days, from_end;   /* bit 1 to 31, counted from the month's begin and end; both 0: not given */
  struct { int8_t ordinal; uint8_t weekday; } days[ICS_RULE_DAYS]; /* ordinal 0: every one; weekday 0 Monday */
  uint32_t day_count;
  uint8_t week_start;
} IcsRule;

/* NULL, or why the text is no rule that is understood. */
const char *ics_rule_parse(const char *text, size_t len, IcsRule *ret);
/* Does the rule, which begins on `first`, name `day`? COUNT and UNTIL are the caller's. first <= day. */
bool ics_rule_names(const IcsRule *r, int32_t first, int32_t day);

#endif
