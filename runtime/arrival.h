/* arrival: an incident as somebody brings it, before it is kept: read from the JSON of a file or a request, or put together from a
 * command line, and written as the text by which two are compared. What it must say is asked elsewhere (arrival_form.h).
 *
 *   {"incident": "nvlink_switch", "key": "T-4711", "fields": {"node": "b1"}, "attach": {"logs": "b1.tgz"}}
 *
 * incident may be left out where only one is served; key, fields and attach may be left out. A value is a text, a whole number or
 * true or false. Anything else is an error: nobody would read it. */
#ifndef TAGOUT_RUNTIME_ARRIVAL_H
#define TAGOUT_RUNTIME_ARRIVAL_H

#include "lang/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRIVAL_BYTES 65536u        /* of the JSON; evidence is a file beside it, or an address */
#define ARRIVAL_FIELDS 64u
#define ARRIVAL_KEY 200u            /* bytes of a key */

typedef struct ArrivalField { const char *name, *value; } ArrivalField;
typedef struct ArrivalText {
  const char *file;                 /* what it was read from, for messages: a path, "the request", "the command line" */
  const char *name;                 /* "": it does not say */
  const char *key;                  /* "": none is given */
  ArrivalField *fields, *attach;    /* attach: what belongs to a field that is an attachment, a path or an address */
  uint32_t field_count, attach_count;
} ArrivalText;

/* False after one diagnostic (E_ARRIVAL_FORM). In the arena. */
bool arrival_parse(const char *file, const char *bytes, size_t len, Arena *arena, DiagSink *sink, ArrivalText *ret);
/* Its fields and attachments, names sorted: what is kept, and compared when the same key comes again. In the arena. */
const char *arrival_content(const ArrivalText *a, Arena *arena);
/* Back from what is kept. False: it is not what arrival_content wrote. */
bool arrival_of_content(const char *content, Arena *arena, ArrivalText *ret);
/* Can it be kept as a value: UTF-8 of one line? What is parsed can. */
bool arrival_plain(const char *value);
const char *arrival_value(const ArrivalField *fields, uint32_t count, const char *name); /* NULL: it is not given */

#endif
