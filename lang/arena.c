/* arena: see arena.h. Memory comes in chunks of quickly growing size from calloc, so that fresh pages are zero without
 * being touched; an object larger than a chunk gets a chunk of its own. Under AddressSanitizer the unused part
 * of a chunk is poisoned and every object is followed by a red zone: an overrun of an arena object is found. */
#include <config.h>

#include "lang/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define RED_ZONE 16u
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define RED_ZONE 0u
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define ALIGNMENT 16u
#define CHUNK_FIRST ((size_t)16 << 10)
#define CHUNK_GROWTH 4u                /* from the first to the largest in few steps: small pages cost a fault each */
#define CHUNK_LARGEST ((size_t)4 << 20)
#define HUGE_PAGE ((size_t)2 << 20) /* of a chunk of CHUNK_LARGEST: a fault for each 2 MiB, not for each 4 KiB */

typedef struct Chunk {
  struct Chunk *next; /* the chunk before it in time */
  size_t size;        /* bytes of data */
  size_t used;
  size_t pad; /* keeps data 16-byte aligned */
  char data[];
} Chunk;

typedef struct Adopted {
  struct Adopted *next;
  void *block;
} Adopted;

struct Arena {
  Chunk *top;        /* where small objects go */
  size_t next_chunk; /* size of the next ordinary chunk */
  size_t used;       /* bytes asked for */
  Adopted *adopted;  /* blocks that came from elsewhere */
};

static _Noreturn void out_of_memory(void) {
  static const char line[] = "tagout: out of memory\n";
  fwrite(line, 1, sizeof line - 1, stderr);
  abort();
}

size_t size_product(size_t a, size_t b) {
  size_t product;
  if (__builtin_mul_overflow(a, b, &product)) out_of_memory();
  return product;
}

void *xmalloc(size_t size) {
  void *p = malloc(size ? size : 1);
  if (!p) out_of_memory();
  return p;
}

void *xcalloc(size_t n, size_t size) {
  void *p = n && size ? calloc(n, size) : calloc(1, 1);
  if (!p) out_of_memory();
  return p;
}

void *xrealloc(void *p, size_t size) {
  void *q = realloc(p, size ? size : 1);
  if (!q) out_of_memory();
  return q;
}

char *xstrdup(const char *s) {
  size_t size = strlen(s) + 1;
  return memcpy(xmalloc(size), s, size);
}

Arena *arena_new(void) {
  Arena *a = xcalloc(1, sizeof *a);
  a->next_chunk = CHUNK_FIRST;
  return a;
}

static bool is_huge(size_t size) { return size == CHUNK_LARGEST - sizeof(Chunk); }

void arena_free(Arena *a) {
  if (!a) return;
  for (Adopted *o = a->adopted; o; o = o->next) free(o->block);
  for (Chunk *c = a->top, *next; c; c = next) {
    next = c->next;
    UNPOISON(c->data, c->size);
    if (is_huge(c->size)) munmap(c, CHUNK_LARGEST);
    else free(c);
  }
  free(a);
}

/* Zero pages on a boundary of huge ones; that they are huge is a wish. */
static void *huge_pages(size_t size) {
  size_t room = size + HUGE_PAGE;
  char *all = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) out_of_memory();
  char *start = (char *)(((uintptr_t)all + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
  if (start > all) munmap(all, (size_t)(start - all));
  if (all + HUGE_PAGE > start) munmap(start + size, (size_t)(all + HUGE_PAGE - start));
  madvise(start, size, MADV_HUGEPAGE);
  return start;
}

static Chunk *chunk_new(size_t size) {
  if (size > SIZE_MAX - sizeof(Chunk)) out_of_memory();
  Chunk *c = is_huge(size) ? huge_pages(CHUNK_LARGEST) : xcalloc(1, sizeof(Chunk) + size);
  c->size = size;
  POISON(c->data, c->size);
  return c;
}

/* A chunk with room for need bytes: a new top, or, for a large object, one put below the top so that the
 * rest of the top stays in use. */
static Chunk *chunk_for(Arena *a, size_t need) {
  if (need > a->next_chunk / 4 && a->top) {
    Chunk *own = chunk_new(need);
    own->next = a->top->next;
    a->top->next = own;
    return own;
  }
  size_t ordinary = a->next_chunk - sizeof(Chunk);
  Chunk *c = chunk_new(need > ordinary ? need : ordinary);
  if (a->next_chunk < CHUNK_LARGEST) a->next_chunk *= CHUNK_GROWTH;
  c->next = a->top;
  a->top = c;
  return c;
}

void *arena_alloc(Arena *a, size_t size) {
  if (size > SIZE_MAX - ALIGNMENT - RED_ZONE) out_of_memory();
  size_t need = ((size ? size : 1) + RED_ZONE + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  Chunk *c = a->top;
  if (!c || need > c->size - c->used) c = chunk_for(a, need);
  char *p = c->data + c->used;
  c->used += need;
  a->used += size;
  UNPOISON(p, size);
  return p;
}

void *arena_copy(Arena *a, const void *data, size_t size) {
  void *p = arena_alloc(a, size);
  if (size) memcpy(p, data, size);
  return p;
}

void arena_adopt(Arena *a, void *block) {
  if (!block) return;
  Adopted *o = arena_new_object(a, Adopted);
  *o = (Adopted){a->adopted, block};
  a->adopted = o;
}

char *arena_string(Arena *a, const char *bytes, size_t len) {
  if (len == SIZE_MAX) out_of_memory();
  char *s = arena_alloc(a, len + 1);
  if (len) memcpy(s, bytes, len);
  return s; /* the final NUL is there: the memory is zeroed */
}

char *arena_printf(Arena *a, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  va_list measure;
  va_copy(measure, ap);
  int len = vsnprintf(NULL, 0, format, measure);
  va_end(measure);
  if (len < 0) out_of_memory();
  char *s = arena_alloc(a, (size_t)len + 1);
  vsnprintf(s, (size_t)len + 1, format, ap);
  va_end(ap);
  return s;
}

size_t arena_used(const Arena *a) { return a->used; }
