/* mutate: a runbook with one mistake in it, for every mistake of a fixed list (mutate.def) and every place where it can
 * be made. Whoever judges a runbook (its tests, a proof) is judged by how many of these it notices. A mutant is a change
 * of the source text, which goes through the whole front end again; most check, some do not, and those are of no use: the
 * caller compiles each and drops what has errors.
 *
 *     MutantList list = {0};
 *     mutants_of(c, module->source, arena, &list);   // c: checked without errors
 *     mutant_source(&list.items[i], &buf);           // the whole file with the mistake in it
 *     vec_done(&list);
 *
 * Not every mutant is worse than the original: some are another way to say the same. */
#ifndef TAGOUT_LANG_MUTATE_H
#define TAGOUT_LANG_MUTATE_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/source.h"

struct Compilation; /* compilation.h */

typedef enum MutantKind {
#define MUTANT(kind, word) MUTANT_##kind,
#include "lang/mutate.def"
#undef MUTANT
  MUTANT_KIND_COUNT
} MutantKind;

/* The text at span is replaced; "" removes it. */
typedef struct SourceEdit { Span span; const char *text; } SourceEdit;

#define MUTANT_EDITS 3u

typedef struct Mutant {
  uint32_t id;            /* from 1, in order of place: the same for the same text and the same version of tagout */
  MutantKind kind;
  const Source *source;   /* the file that is changed */
  const char *runbook;    /* the runbook that it is in; "": a procedure, which any runbook of the files may run */
  Span span;              /* what is changed, as a place to show */
  LineCol at;             /* where that begins */
  const char *text;       /* what was done: "drop nsd from the lockout of line 55" */
  SourceEdit edits[MUTANT_EDITS]; /* they do not overlap; order is free */
  uint32_t edit_count;
} Mutant;

typedef struct MutantList { Mutant *items; uint32_t len, cap; } MutantList; /* a VEC: vec_done frees it */

/* Adds the mutants of every runbook and procedure that this file of the compilation declares. Ids count on from what the
 * list holds. Texts live in the arena. The compilation was checked without errors and stays as it is. */
void mutants_of(const struct Compilation *c, const Source *source, Arena *arena, MutantList *out);

/* The text of the file with the change, appended. A change that removes lines leaves them empty, so a line behind it keeps
 * its number, but for swaps. */
void mutant_source(const Mutant *m, Buf *out);
/* The same for edits of the caller's own; they do not overlap and lie in the source. At most 16. */
void source_edited(const Source *source, const SourceEdit *edits, uint32_t count, Buf *out);

const char *mutant_kind_word(MutantKind kind); /* "drop-lock" */

#endif
