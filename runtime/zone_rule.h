/* zone_rule: the rule behind the last change that a zone's file lists: a TZ text of POSIX, as in the last
 * line of a TZif file (RFC 8536): "MST7", "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30". For zone.c only. */
#ifndef TAGOUT_RUNTIME_ZONE_RULE_H
#define TAGOUT_RUNTIME_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZONE_ABBREVIATION = 12 }; /* bytes of one, with its NUL; longer ones are malformed here */

typedef enum RuleDay { RULE_JULIAN, RULE_ORDINAL, RULE_WEEKDAY } RuleDay; /* Jn (no 29 February), n, Mm.w.d */
typedef struct RuleChange {
  RuleDay form;
  int32_t month, week, day; /* RULE_WEEKDAY: 1-12, 1-5 (5: the last), 0 Sunday; else day only */
  int32_t seconds;          /* of the local day; may be negative or beyond it */
} RuleChange;

typedef struct ZoneRule {
  char standard[ZONE_ABBREVIATION], summer[ZONE_ABBREVIATION];
  int32_t standard_offset, summer_offset; /* seconds east of UTC */
  bool has_summer;
  RuleChange begins, ends;                /* summer time */
} ZoneRule;

/* The whole text must be a rule. */
bool zone_rule_parse(const char *text, size_t len, ZoneRule *ret);
/* Is summer time in force at these seconds since 1970? */
bool zone_rule_summer(const ZoneRule *r, int64_t seconds);

#endif
