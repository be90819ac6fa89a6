/* parse: the text of one file to its syntax tree. Every mistake of the file is reported to the sink; what could be
 * read around the mistakes is in the tree. */
#ifndef TAGOUT_LANG_PARSE_H
#define TAGOUT_LANG_PARSE_H

#include "lang/ast.h"
#include "lang/diag.h"

/* Never NULL. After a mistake, statements and declarations that could not be read are missing from the tree. */
File *parse_source(const Source *s, Arena *a, Intern *names, DiagSink *sink);

#endif
