/* program_names: rows of a program by the names that people write: in fault files, tests, sites, on the command line.
 * NONE_INDEX: nobody is called so. */
#ifndef TAGOUT_RUNTIME_PROGRAM_NAMES_H
#define TAGOUT_RUNTIME_PROGRAM_NAMES_H

#include "lang/program.h"
#include <stdbool.h>

uint32_t program_kind(const Program *p, const char *name); /* `cooling_unit` and `CoolingUnit` are the same */
uint32_t program_action(const Program *p, const char *name);
uint32_t program_automation(const Program *p, const char *name);
uint32_t program_fact(const Program *p, const char *name);
uint32_t program_metric(const Program *p, const char *name);
uint32_t program_setting(const Program *p, const char *name);
uint32_t program_gate(const Program *p, const char *name);
uint32_t program_step(const Program *p, const char *name);
/* The code of a word of an enumeration; 0: it has no such word. */
uint32_t program_enum_code(const Program *p, uint32_t enumeration, const char *word);
/* The same for a fact, whatever its type: 0 when it has no words. */
uint32_t program_fact_code(const Program *p, uint32_t fact, const char *word);
const char *program_enum_word(const Program *p, uint32_t enumeration, int64_t code); /* "unknown" for VALUE_UNKNOWN */

/* Is the parameter something that came with an incident: a path or an address, empty when nothing did? */
bool program_attachment(const Program *p, uint32_t param);

bool same_kind_name(const char *written, const char *declared);

#endif
