/* program_build: a program while it grows: strings, constants, rows and code. The compiler fills it, and so do tests that
 * want a program of their own. Regions and strands grow in two pieces of code, because a region is wanted while a strand
 * is being written; program_finish puts them behind each other and moves every address of a strand along. */
#ifndef TAGOUT_LANG_PROGRAM_BUILD_H
#define TAGOUT_LANG_PROGRAM_BUILD_H

#include "lang/program.h"

typedef struct ProgramBuild ProgramBuild;

ProgramBuild *build_new(Arena *arena);
void build_free(ProgramBuild *b); /* accepts NULL; the finished program lives in the arena */

/* The program as it stands; rows are reached through it. Valid until the next row of the same table is added. */
Program *build_program(ProgramBuild *b);

StrId build_string(ProgramBuild *b, const char *text, size_t len); /* equal texts, equal ids; bytes from a NUL on are lost */
StrId build_str(ProgramBuild *b, const char *text);
uint32_t build_const(ProgramBuild *b, int64_t value);

/* Adds a zeroed row, or a copy of *row, to a table; returns its index: build_row(b, fans, &(FanRow){...}). */
#define build_row(b, table, row) build_add_row((b), BUILD_##table, (row))
typedef enum BuildTable {
#define TABLE(Type, field) BUILD_##field,
  PROGRAM_TABLES(TABLE)
#undef TABLE
} BuildTable;
uint32_t build_add_row(ProgramBuild *b, BuildTable table, const void *row);
/* A slice of index_list. */
Slice build_list(ProgramBuild *b, const uint32_t *items, uint32_t count);

/* ---- code ---- */

/* Instructions go to the open region, or to the strands when none is open. Addresses of strands count from 0 until
 * program_finish; PLACE fields and JUMP operands are moved then. */
void build_region_begin(ProgramBuild *b);
CodeRef build_region_end(ProgramBuild *b);        /* adds RETURN; the address of the region, final; equal ones share it */
bool build_in_region(const ProgramBuild *b);
uint32_t build_here(const ProgramBuild *b);       /* address of the next instruction */
uint32_t build_op(ProgramBuild *b, Opcode op, uint32_t a);             /* its address */
uint32_t build_op2(ProgramBuild *b, Opcode op, uint32_t a, uint32_t operand_b);
void build_int(ProgramBuild *b, int64_t value);   /* INT, CONST or UNKNOWN */
/* Points the JUMP operand of the instruction at `at` to here. */
void build_land(ProgramBuild *b, uint32_t at);
/* From here on code comes from this line. */
void build_line(ProgramBuild *b, uint32_t source, uint32_t line);

/* Puts the pieces together, hands everything over to the arena, seals. entry counts in the strands. What is past the
 * limit of code is a diagnostic, and NULL. */
Program *build_finish(ProgramBuild *b, uint32_t entry, DiagSink *sink);

#endif
