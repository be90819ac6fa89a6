/* scan_report: what the scanner says about bytes that are no token, and the few tokens that need a look at their
 * bytes. Internal to the front end. Functions that return a count say how many bytes the token or the mistake has. */
#ifndef TAGOUT_LANG_SCAN_REPORT_H
#define TAGOUT_LANG_SCAN_REPORT_H

#include "lang/parse_state.h"

size_t scan_wide_name(const char *s, size_t len); /* bytes of the name at s, 0 when none begins */
size_t scan_unknown(Parse *p, const char *s, size_t len, Span span);
size_t scan_unit(const char *s, size_t len); /* of "30 min": 0 when the word is a unit, else bytes of the number */
size_t scan_open_text(Parse *p, const char *s, size_t len, Span span);
void scan_unclosed_text(Parse *p, Span span); /* a line or the file ends inside ${} */
void scan_foreign(Parse *p, Span span, const char *ours);
void scan_foreign_comment(Parse *p, Span span);
void scan_semicolon(Parse *p, Span span);

#endif
