/* answer: the text of a person's answer, as it stands in the journal: who, what was asked for besides a yes, and behind it how far it
 * is to be believed: ` [signed REF KEY]`, ` [claimed]`, or nothing where nobody asked. */
#ifndef TAGOUT_CLI_ANSWER_H
#define TAGOUT_CLI_ANSWER_H

#include "lang/buf.h"
#include <stdbool.h>
#include <stddef.h>

#define ANSWER_SIGNED " [signed "
#define ANSWER_CLAIMED " [claimed]"

/* The length of what the person said; the mark behind it in *ret_mark, "" none. */
size_t answer_mark(const char *text, const char **ret_mark);
/* The same; signed: it was signed, else it was believed. */
size_t answer_said(const char *text, bool *ret_signed);
/* For people: "ann; work_order=WO-7, signed". */
void answer_show(const char *text, Buf *out);

#endif
