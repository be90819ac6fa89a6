## runtime: program in, work done. libruntime.a needs liblang.a, libuv, sqlite3, jansson.

noinst_LIBRARIES += %D%/libruntime.a

## Keep sorted, one file per line; headers too, or the tarball misses them.
%C%_libruntime_a_SOURCES = \
  %D%/calendar.h \
  %D%/engine.h \
  %D%/event.def \
  %D%/fleet.h \
  %D%/journal.h \
  %D%/text_table.c \
  %D%/text_table.h \
  %D%/vm.h \
  %D%/world.h
