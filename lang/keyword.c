/* keyword: see keyword.h; the rows are keyword.def. */
#include <config.h>

#include "lang/keyword.h"

#include "lang/grammar.h"

const Keyword keywords[] = {
#define KEYWORD(token, spelling, class, newline, sentence) {spelling, sentence, SYN_##token, WORD_##class},
#include "lang/keyword.def"
#undef KEYWORD
};
const size_t keyword_count = sizeof keywords / sizeof *keywords;

const Keyword *keyword_of_token(int token) {
  for (size_t i = 0; i < keyword_count; i++) {
    if (keywords[i].token == token) return &keywords[i];
  }
  return NULL;
}
