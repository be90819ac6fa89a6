/* verify_fixture: a program that a test writes instruction by instruction, and the question which rule it breaks. */
#ifndef TAGOUT_TESTS_VERIFY_FIXTURE_H
#define TAGOUT_TESTS_VERIFY_FIXTURE_H

#include "lang/verify.h"
#include "tests/unit/sample_program.h"

typedef struct Fixture { Arena *arena; ProgramBuild *b; } Fixture;

int fixture_begin(void **state); /* a library and no code yet */
int fixture_end(void **state);

/* The number of the rule that the program breaks, 0 when it breaks none, -1 when its rows are refused. */
int broken_rule(Fixture *f, const Program *p);
Program *finished(Fixture *f);
void keeps(Fixture *f);                     /* the program so far passes */
void breaks(Fixture *f, VerifyRule rule);

/* Instructions of the main strand, or of the open region. */
uint32_t op(Fixture *f, Opcode o, uint32_t a);
void text(Fixture *f);
void halt(Fixture *f);
void steps(Fixture *f, uint32_t count);     /* opens that many steps within each other */
void loop(Fixture *f, Opcode each, uint32_t operand, uint32_t slot); /* an empty one */

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)

#endif
