/* parse: the text of one file to its syntax tree. Every mistake of the file is reported to the sink; what could be
 * read around the mistakes is in the tree. */
#ifndef TAGOUT_LANG_PARSE_H
#define TAGOUT_LANG_PARSE_H

#include "lang/ast.h"
#include "lang/diag.h"

/* Never NULL. After a mistake, statements and declarations that could not be read are missing from the tree. */
File *parse_source(const Source *s, Arena *a, Intern *names, DiagSink *sink);

typedef struct SpanList { Span *items; uint32_t len, cap; } SpanList;
/* As parse_source, and adds the places of the comments, `#` to the end of the line, to the caller's vector. */
File *parse_with_comments(const Source *s, Arena *a, Intern *names, DiagSink *sink, SpanList *comments);

#endif
