/* compile: from the checked tree to plain data: a runbook to a program, a site and a test to their images. Nothing is
 * reported here that the checker could know; what is left is limits of the machine. Compiling twice gives equal bytes. */
#ifndef TAGOUT_LANG_COMPILE_H
#define TAGOUT_LANG_COMPILE_H

#include "lang/compilation.h"
#include "lang/program.h"
#include "lang/site.h"
#include "lang/testcase.h"

/* The program of a runbook of a compilation that was checked without errors: verified, sealed, in the arena. NULL when a
 * limit was passed; the sink says which. Contains the kinds, facts and so on of the compilation, and of actions those
 * that the runbook can reach. */
const Program *compile_runbook(Compilation *c, RunbookDecl *r, Arena *arena);
const SiteImage *compile_site(Compilation *c, SiteDecl *s, Arena *arena);
const TestCase *compile_test(Compilation *c, TestDecl *t, Arena *arena);

#endif
