/* limits: every limit of the language and the runtime, named, with its reason. Each has a test at the limit
 * and one past it, and a diagnostic that names it. */
#ifndef TAGOUT_LANG_LIMITS_H
#define TAGOUT_LANG_LIMITS_H

#define LIMIT_SOURCE_BYTES (64u << 20)  /* one file; flex takes an int length, and offsets are 32 bits */
#define LIMIT_SOURCES 1000u             /* files of one compilation */
#define LIMIT_NESTING 200u              /* brackets and blocks: bounds every recursive walk over the AST */
#define LIMIT_OPERATORS 1000u           /* in one statement: bounds the depth of an expression without brackets */
#define LIMIT_PARSER_DEPTH 10000        /* bison's stack (YYMAXDEPTH) */
#define LIMIT_NAME_BYTES 255u           /* one name */
#define LIMIT_STRING_BYTES 65535u       /* one string literal */
#define LIMIT_DIAGNOSTICS 100u          /* kept and printed in one run; the rest is counted */
#define LIMIT_WORDS 250u                /* words of one enumeration: a fact is a byte per entity */
#define LIMIT_SLOTS 12u                 /* variables of a strand: nested fan-out and procedure variables */
#define LIMIT_PARAMS 16u                /* parameters of a runbook, an action or a procedure */
#define LIMIT_ACTION_PARAMS 4u          /* of those, of an action: what one command carries */
#define LIMIT_KINDS 256u                /* kinds of a compilation: what leads to what is a square of bytes */
#define LIMIT_ATTRS 255u                /* attributes of a kind: found one by one */
#define LIMIT_ENUM_WORDS 254u           /* values of a fact or an enumeration: a fleet keeps them in a byte */
#define LIMIT_SETS 64u                  /* selected sets of a runbook */
#define LIMIT_CODE_WORDS (1u << 24)     /* bytecode of one program, in 32-bit words */
#define LIMIT_STACK 64u                 /* VM expression stack */
#define LIMIT_ITERATORS 8u              /* nested quantifiers and filters of one expression */
#define LIMIT_SCOPES 32u                /* nesting of lockout, attempt, step, guard */
#define LIMIT_ENTITIES (1u << 24)       /* entities of one kind in a fleet */
#define LIMIT_CSV_LINE (1u << 20)       /* bytes of one inventory line */
#define LIMIT_FLEET_BYTES (1u << 30)    /* one inventory file: it is held in memory */
#define LIMIT_FLEET_TABLES 64u          /* files of one inventory; their numbers are bytes */
#define LIMIT_FLEET_COLUMNS 256u        /* columns of one inventory table */
#define LIMIT_CALENDAR_DAYS 3660        /* days that the next opening of a window is looked for: ten years */
#define LIMIT_CALENDAR_TIMES 100000u    /* times that a calendar closes within what is looked ahead */
#define LIMIT_OUTPUT_BYTES 65536u       /* captured output of one bound program, head and tail kept */
#define LIMIT_RETRIES 100u              /* of one call: more is a loop by another name */
#define LIMIT_INLINE 64u                /* depth of procedures that run procedures */
#define LIMIT_PROGRAM_BYTES (256u << 20) /* a program file */

#endif
