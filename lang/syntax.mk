## The generated half of the front end: grammar*.y and keyword.def -> grammar.[ch] and grammar_quick.c, scanner.l ->
## scanner.c, in a library of their own because neither generator's output is clean under our warnings. The results are distributed:
## they are written to $(srcdir), only maintainer-clean removes them, and a tarball builds without bison and flex.

noinst_LIBRARIES += %D%/libsyntax.a
%C%_libsyntax_a_SOURCES = \
  %D%/grammar.c \
  %D%/grammar.h \
  %D%/grammar_quick.c \
  %D%/scanner.c
%C%_libsyntax_a_CFLAGS = -Wall -Wno-unused-function -Wno-unused-but-set-variable $(INSTRUMENT_CFLAGS)

## The parser calls lang's constructors, lang's parse() calls the parser: liblang.a stands on both sides.
SYNTAX_LIBS += %D%/libsyntax.a %D%/liblang.a

## The parts of the grammar, in their order; the tokens of words and the rules for names come from keyword.def.
grammar_parts = %D%/grammar.y %D%/grammar_run.y %D%/grammar_campaign.y %D%/grammar_expr.y
EXTRA_DIST += %D%/grammar.y %D%/grammar_run.y %D%/grammar_campaign.y %D%/grammar_expr.y %D%/grammar.awk %D%/scanner.l
BUILT_SOURCES += %D%/grammar.h
MAINTAINERCLEANFILES += $(srcdir)/%D%/grammar.c $(srcdir)/%D%/grammar.h $(srcdir)/%D%/grammar_quick.c $(srcdir)/%D%/scanner.c

## Without #line directives, which would point into the file that is put together. This file is a prerequisite, too: what
## other flags made is made again.
grammar_sources = %D%/grammar.y %D%/grammar_run.y %D%/grammar_campaign.y %D%/grammar_expr.y %D%/keyword.def %D%/grammar.awk %D%/syntax.mk
grammar_whole = cd $(srcdir) && $(AWK) -f %D%/grammar.awk %D%/keyword.def $(grammar_parts)
%D%/grammar.c: $(grammar_sources)
	$(AM_V_GEN)$(grammar_whole) >%D%/grammar_whole.y && \
	  $(BISON) -Wall --no-lines --header=%D%/grammar.h -o %D%/grammar.c %D%/grammar_whole.y \
	  || { rm -f %D%/grammar.c %D%/grammar.h; exit 1; }
	@rm -f $(srcdir)/%D%/grammar_whole.y

## The same grammar without LAC, for the first reading (parse.c).
%D%/grammar_quick.c: $(grammar_sources)
	$(AM_V_GEN)$(grammar_whole) >%D%/grammar_quick_whole.y && \
	  $(BISON) -Wall --no-lines -Fparse.lac=none '-Fapi.prefix={quick_}' -o %D%/grammar_quick.c %D%/grammar_quick_whole.y \
	  || { rm -f %D%/grammar_quick.c; exit 1; }
	@rm -f $(srcdir)/%D%/grammar_quick_whole.y

## One run of bison writes both files: a lost header is got back by making the .c again.
%D%/grammar.h: %D%/grammar.c
	@if test ! -f $(srcdir)/%D%/grammar.h; then rm -f $(srcdir)/%D%/grammar.c && $(MAKE) $(AM_MAKEFLAGS) %D%/grammar.c; fi

## -Cf: full tables, for speed (-CF is a little faster, but reads behind the end of its table for some bytes).
%D%/scanner.c: %D%/scanner.l %D%/syntax.mk
	$(AM_V_GEN)cd $(srcdir) && $(FLEX) -Cf -o %D%/scanner.c %D%/scanner.l || { rm -f %D%/scanner.c; exit 1; }

## These include the header; needed when one object is made by name in a clean tree, before it was ever compiled.
%D%/expected.$(OBJEXT) %D%/keyword.$(OBJEXT) %D%/newline.$(OBJEXT) %D%/parse.$(OBJEXT) %D%/scan_report.$(OBJEXT) %D%/syntax_error.$(OBJEXT): %D%/grammar.h
%D%/libsyntax_a-grammar.$(OBJEXT) %D%/libsyntax_a-scanner.$(OBJEXT): %D%/grammar.h
