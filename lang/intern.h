/* intern: names to small dense ids. Equal bytes give the equal Atom; ids count up from 1 in the order of
 * first sight, so tables may be indexed by them. Atom 0 is "no name". */
#ifndef TAGOUT_LANG_INTERN_H
#define TAGOUT_LANG_INTERN_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t Atom;
typedef struct Intern Intern;
struct Arena;

Intern *intern_new(void);
Intern *intern_new_in(struct Arena *names);                /* the names are the arena's: they outlive intern_free */
void intern_free(Intern *in);                              /* accepts NULL */
Atom intern_add(Intern *in, const char *bytes, size_t len);
Atom intern_str(Intern *in, const char *s);                /* NUL-terminated */
Atom intern_find(const Intern *in, const char *bytes, size_t len); /* 0 when never added */
const char *intern_text(const Intern *in, Atom a);         /* NUL-terminated; "" for 0; stable until intern_free */
size_t intern_length(const Intern *in, Atom a);
uint32_t intern_count(const Intern *in);                   /* highest Atom given out */

#endif
