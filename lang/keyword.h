/* keyword: the words of the language as a table, for the parser, its messages, the manual and the editors. */
#ifndef TAGOUT_LANG_KEYWORD_H
#define TAGOUT_LANG_KEYWORD_H

#include <stddef.h>
#include <stdint.h>

typedef enum WordClass { WORD_RESERVED, WORD_OPENER, WORD_SOFT, WORD_LATER } WordClass;

typedef struct Keyword {
  const char *spelling;
  const char *sentence; /* what it is for */
  uint16_t token;       /* of the parser */
  uint8_t class;        /* WordClass */
} Keyword;

extern const Keyword keywords[];
extern const size_t keyword_count;

const Keyword *keyword_of_token(int token); /* NULL: the token is no word */

#endif
