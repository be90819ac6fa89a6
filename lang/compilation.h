/* compilation: one set of files being given a meaning. It owns the arena, the source map, the names, the
 * diagnostics, and every declaration in tables whose indices are dense, in order of declaration over all
 * modules: what the compiler writes as the tables of a program. lang/ opens no module by itself: a loader
 * finds the text.
 *
 *     Compilation *c = compilation_new(&loader);
 *     compilation_add(c, source);                 // any number of root files; follows `use`
 *     if (compilation_check(c)) ...               // every mistake is in c->sink; true: no errors
 *     compilation_free(c); */
#ifndef TAGOUT_LANG_COMPILATION_H
#define TAGOUT_LANG_COMPILATION_H

#include "lang/arena.h"
#include "lang/ast.h"
#include "lang/diag.h"
#include "lang/intern.h"
#include "lang/source.h"
#include "lang/symbols.h"
#include "lang/types.h"
#include <stdbool.h>

/* What lang/ cannot know by itself. Finds modules: the embedded library, a search path, or a test's own; knows the
 * system's time zones. Each function may be NULL. */
typedef struct ModuleLoader {
  void *ctx;
  /* The text of `module`, wanted by the file `from`, added to the map; NULL when there is none of that name,
   * or when it could not be read (then said in the sink). */
  Source *(*load)(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from,
                  const char *module);
  /* Offers the names of the modules that `from` could use, for "did you mean"; a name must live as long as
   * the loader. */
  void (*offer)(void *ctx, const Source *from, void (*take)(void *take_ctx, const char *module),
                void *take_ctx);
  /* Says in the sink, at place, what is wrong with the name of a time zone. */
  void (*check_zone)(void *ctx, Arena *arena, DiagSink *sink, const char *name, Span place);
  /* The calendar that the file `from` names, added to the map; NULL when it cannot be read or is none (then said). */
  Source *(*calendar)(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from, const char *path, Span place);
} ModuleLoader;

typedef struct MissingUse {
  struct MissingUse *next;
  const char *module;
} MissingUse;

typedef struct Module {
  Symbol *symbol; /* SYM_MODULE; name 0: a file without `module` line, which nobody can use */
  Source *source;
  File *file;
  uint8_t *visible; /* one byte per module: named by `use` here, or the module itself */
  uint32_t visible_len;
  struct Module *user; /* while following `use`: who wanted it */
  bool done;           /* everything that it uses is there */
  bool lacks;          /* something that it uses is not there: names from it are not reported one by one */
  bool root;           /* given by compilation_add, not found by `use` */
  Span used_at;        /* the first `use` that named it */
  struct MissingUse *missing; /* modules whose `use` was missed and reported here */
} Module;

typedef struct KindInfo {
  Symbol *symbol;
  KindDecl *decl;
  Atom singular, plural;         /* "cooling_unit", "cooling_units" */
  uint32_t parent;               /* kind, or TYPE_NO_KIND */
  uint32_t first_attr, attr_len; /* in Compilation.attrs */
  Symbol *key;                   /* attribute; NULL: reported */
} KindInfo;

typedef struct EnumInfo {
  Atom name;      /* of the type or fact that declares it */
  Symbol **words; /* SYM_WORD, code = 1 + position */
  uint32_t word_len;
  Symbol *owner; /* SYM_TYPE, SYM_FACT, SYM_ATTR, SYM_METRIC, SYM_SETTING, SYM_PARAM or NULL */
} EnumInfo;

typedef struct ServiceInfo {
  Symbol *symbol;
  int64_t amount, per;    /* at most amount per `per` ms; 0: no such rule */
  int64_t in_flight;      /* at most so many at once; 0: no such rule */
  const Symbol *group;    /* kind: so many for each of it; NULL: in all */
  int64_t overdue;        /* and so many more that take longer than ordinarily; 0: not said */
  Node *through, *flight, *late; /* the clauses that said so first */
} ServiceInfo;

typedef struct CalendarRef { const Node *window; const Source *source; } CalendarRef;

typedef struct Compilation {
  Arena *arena;
  SourceMap *map;
  Intern *names;
  DiagSink *sink;
  ModuleLoader loader;

  struct {
    Module **items;
    uint32_t len, cap;
  } modules; /* in order of arrival: a module comes after those it uses */
  VEC(CalendarRef) calendars; /* that windows are frozen by */
  struct {
    KindInfo *items;
    uint32_t len, cap;
  } kinds;
  struct {
    EnumInfo *items;
    uint32_t len, cap;
  } enums;
  struct {
    ServiceInfo *items;
    uint32_t len, cap;
  } services;
  SymbolList attrs, facts, metrics, settings, roles, channels, actions, automations, hazards, policies, sites,
      runbooks, procedures, incidents;
  struct {
    TestDecl **items;
    uint32_t len, cap;
  } tests;
  struct {
    Body **items;
    uint32_t len, cap;
  } bodies; /* of every runbook and procedure */

  uint8_t *reach; /* kinds.len squared: reach[a * n + b]: links lead from a up to b, a != b */
  bool checked;
  struct Scope *scope;         /* the table of names: scope.h */
  struct Elsewhere *elsewhere; /* what modules that nobody uses declare: modules.c */
} Compilation;

Compilation *compilation_new(const ModuleLoader *loader); /* loader may be NULL: no modules */
void compilation_free(Compilation *c);                    /* accepts NULL */
/* Parses the file and everything it uses. The source belongs to c->map. NULL when it was added already. */
Module *compilation_add(Compilation *c, Source *source);
bool compilation_check(Compilation *c); /* once; true when the sink holds no error */

/* ---- what the compiler asks, besides the annotations ---- */

/* Does a chain of links (parent, attributes naming one entity) lead up from kind to `to`? A kind does not
 * lead to itself. */
bool kind_leads_up(const Compilation *c, uint32_t kind, uint32_t to);
/* Does `members of x` make sense for x of kind: links or a list attribute lead from member to kind? */
bool kind_holds(const Compilation *c, uint32_t kind, uint32_t member);
Symbol *kind_attr(const Compilation *c, uint32_t kind, Atom name);        /* NULL: none */
/* No two entities share what it names: `cooling : own CoolingUnit`. The loader of an inventory holds to it. */
bool attr_is_own(const Symbol *attr);
Symbol *enum_word(const Compilation *c, uint32_t enumeration, Atom word); /* NULL: none; index is the code */
/* The value of an expression that is the same for every run (literals and arithmetic on them), in base units,
 * words as their codes, truth as 0 or 1; false when it depends on more. */
bool constant_value(const Node *expr, int64_t *ret_value);
/* A procedure says `nodes of r`: the set called by the plural of the kind in the runbook that runs it.
 * Checked: not NULL. */
const Campaign *campaign_of(const RunbookDecl *r); /* NULL: an ordinary runbook */
Symbol *body_set(const Compilation *c, const Body *runbook, uint32_t kind);
/* The type as people say it: "a set of nodes", "a duration", "one of on, off". Stable until the arena dies.
 */
const char *type_text(Compilation *c, TypeId t);

#endif
