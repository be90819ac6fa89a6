/* arena: the memory of one compilation, program or plan. Everything allocated in it lives until
 * arena_free; nothing is freed alone. Allocation never fails: out of memory aborts with one line
 * (the journal makes a crash safe). Not thread-safe: one arena belongs to one thread. */
#ifndef TAGOUT_LANG_ARENA_H
#define TAGOUT_LANG_ARENA_H

#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *a);                               /* accepts NULL */
void *arena_alloc(Arena *a, size_t size);                /* 16-byte aligned, zeroed; size 0 gives a valid pointer */
void *arena_copy(Arena *a, const void *data, size_t size);
void arena_adopt(Arena *a, void *block);                 /* a block of the family below is freed with the arena; NULL: nothing */
char *arena_string(Arena *a, const char *bytes, size_t len); /* copy of bytes plus a final NUL */
char *arena_printf(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const Arena *a);                       /* bytes handed out, for reports */

/* One object, or an array of n of them, zeroed. The product is checked for overflow (abort). */
#define arena_new_object(a, Type) ((Type *)arena_alloc((a), sizeof(Type)))
#define arena_new_array(a, Type, n) ((Type *)arena_alloc((a), size_product(sizeof(Type), (n))))

/* a * b, or abort on overflow: no allocation is ever smaller than the code believes. */
size_t size_product(size_t a, size_t b);

/* malloc family that aborts instead of returning NULL; for state that outlives no arena. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

#endif
