/* project: the sources that a command line names, compiled: modules found, everything checked, one runbook chosen. */
#ifndef TAGOUT_CLI_PROJECT_H
#define TAGOUT_CLI_PROJECT_H

#include "cli/output.h"
#include "cli/replay.h"
#include "lang/mutate.h"
#include "lang/program.h"
#include "lang/site.h"
#include "lang/testcase.h"
#include "runtime/plan_rows.h"

/* Opaque, and so is the syntax tree behind it: the verbs that run programs know nothing of trees. */
typedef struct Project Project;

Project *project_new(void);
void project_free(Project *p);                    /* accepts NULL */
/* Reads and checks the files, the ones that can be read also when others cannot; the sink has what is wrong.
 * EXIT_DONE: no errors; EXIT_CHECK: there are; EXIT_USAGE: a file could not be read. */
ExitCode project_open(Project *p, const char *const *paths, int count);
/* The same, as if the file of that path held the text. */
ExitCode project_open_with(Project *p, const char *const *paths, int count, const char *path, const char *text, size_t len);
void project_print(Project *p, Format format);    /* its diagnostics */
void project_print_errors(Project *p);            /* as text, and only when there is an error: warnings are for check */
DiagSink *project_sink(Project *p);
Arena *project_arena(Project *p);
uint32_t project_runbook_count(const Project *p);

/* The runbook so named, or the only one when name is NULL, compiled; else NULL after saying which there are. */
const Program *project_compile(Project *p, const char *name); /* where campaigns stand beside it, the only other one */
/* The same of the campaigns. */
const Program *project_compile_campaign(Project *p, const char *name);
/* The site so named, or the only one when name is NULL. NULL when there is none: said only when a name was given. */
const SiteImage *project_site(Project *p, const char *name);
/* Proves every runbook of the files; what is found is replayed, and then in the sink. EXIT_DONE: all are proved. people: also
 * against people who set members aside. */
ExitCode project_prove(Project *p, bool people, Replay *replay);
/* The same for one that is compiled. Of a proof that holds: *ret_says a line about it; without people, *ret_certificate what it leaves
 * behind. Both may be NULL. */
ExitCode project_prove_program(Project *p, const Program *program, bool people, Replay *replay, const char **ret_says, Buf *ret_certificate);
/* Proves it and says nothing. True: it holds, and *out has the certificate. */
bool project_certify(const Program *program, Buf *out);
uint32_t project_test_count(const Project *p);
const TestCase *project_test(Project *p, uint32_t index);

/* What was compiled, with the digest of each text. In the arena. */
PlanSources project_sources(const Project *p, Arena *arena);
/* Of a module of the program's own library, as `stdlib/power.runbook`; "" when it has none of that name. */
void project_library_digest(const char *name, char ret[DIGEST_HEX]);

/* Every mutant of every file that was added, in its arena. Only of files without errors. */
void project_mutants(const Project *p, MutantList *out);

/* A path that a file names, seen from the folder of that file; in the arena. */
const char *path_beside(Arena *arena, const char *file, const char *path);
const char *folder_of(Arena *arena, const char *file);

#endif
