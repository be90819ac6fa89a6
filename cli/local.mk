## cli: the program. One file per verb; prints and exits live here and nowhere else.

bin_PROGRAMS += %D%/tagout

## Keep sorted, one file per line.
%C%_tagout_SOURCES = \
  %D%/main.c
%C%_tagout_LDADD = $(TAGOUT_LIBS)
