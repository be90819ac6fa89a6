/* diag_machine: what the machine-readable renderers share. Nobody else includes it. */
#ifndef TAGOUT_LANG_DIAG_MACHINE_H
#define TAGOUT_LANG_DIAG_MACHINE_H

#include "lang/diag.h"

const char *machine_severity(Severity severity);   /* "error", "warning", "note"; also SARIF's levels */
void machine_string(Buf *out, const char *s);      /* a JSON string; bytes that are no UTF-8 become U+FFFD */
void machine_bytes(Buf *out, const char *s, size_t len);

#endif
