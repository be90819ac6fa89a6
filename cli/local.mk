## cli: the program. One file per verb; prints and exits live here and nowhere else.

bin_PROGRAMS += %D%/tagout

## Keep sorted, one file per line.
%C%_tagout_SOURCES = \
  %D%/args.c \
  %D%/args.h \
  %D%/cmd_drivers.c \
  %D%/cmd_explain.c \
  %D%/main.c \
  %D%/output.c \
  %D%/output.h \
  %D%/verb.h \
  %D%/verbs.def
%C%_tagout_LDADD = $(TAGOUT_LIBS)
