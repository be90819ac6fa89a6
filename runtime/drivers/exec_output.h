/* exec_output: what a program said, bounded: the first and the last half of LIMIT_OUTPUT_BYTES are kept, the middle is
 * counted. */
#ifndef TAGOUT_RUNTIME_DRIVERS_EXEC_OUTPUT_H
#define TAGOUT_RUNTIME_DRIVERS_EXEC_OUTPUT_H

#include "lang/buf.h"

typedef struct ExecOutput {
  Buf head, tail;  /* tail: a window over what came last */
  size_t dropped;  /* bytes that slid out of the window */
} ExecOutput;

void exec_output_add(ExecOutput *o, const char *bytes, size_t len);
/* Appends it as valid UTF-8 without NULs: what is not is shown as a question mark. out->data is never NULL afterwards. */
void exec_output_text(const ExecOutput *o, Buf *out);
void exec_output_done(ExecOutput *o);

#endif
