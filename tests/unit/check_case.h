/* check_case: a text as a compilation, for unit tests of the checker. Modules are given by name; the text is the root. */
#ifndef TAGOUT_TESTS_CHECK_CASE_H
#define TAGOUT_TESTS_CHECK_CASE_H

#include "lang/compilation.h"

typedef struct CheckModule { const char *name, *text; } CheckModule;

/* Compiles and checks. The last module has the name NULL; modules may be NULL. The caller frees. */
Compilation *checked_text(const char *text, const CheckModule *modules);
/* Declarations that most tests begin with: Site > Row > Rack > Node, facts, actions, an automation, a role, a channel. */
extern const char check_prelude[];
/* check_prelude and the text behind it. */
Compilation *checked_runbook(const char *text);
/* Errors and warnings of the code, and how many there are in all. */
uint32_t count_code(const Compilation *c, DiagCode code);
uint32_t count_all(const Compilation *c);

#endif
