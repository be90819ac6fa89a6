/* moment: has a moment of a run come? The engine's notes tell. */
#ifndef TAGOUT_RUNTIME_MOMENT_H
#define TAGOUT_RUNTIME_MOMENT_H

#include "runtime/engine.h"
#include "runtime/faults.h"

/* Is the note what the moment waits for, whichever time it is? */
bool moment_is(const Program *p, const Fleet *fleet, const Moment *m, const Note *note);

/* How often the moments of a list of faults have come; NULL faults: none. */
typedef struct Moments { const Faults *faults; uint32_t *came; } Moments;
void moments_init(Moments *m, const Faults *faults);
void moments_done(Moments *m);
/* The next fault, from *iterator on, whose moment this note is; NULL: no more. Call it to the end once per note. */
const Fault *moments_come(Moments *m, const Program *p, const Fleet *fleet, const Note *note, uint32_t *iterator);

#endif
