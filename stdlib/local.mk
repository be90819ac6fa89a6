## stdlib: the language's own library, written in the language, embedded as one table: stdlib_files of stdlib/stdlib.h.

noinst_LIBRARIES += %D%/libstdlib.a
%C%_libstdlib_a_SOURCES = %D%/stdlib.h
nodist_%C%_libstdlib_a_SOURCES = %D%/stdlib_files.c

CLEANFILES += %D%/stdlib_files.c
%D%/stdlib_files.c: FORCE
	@$(SHELL) $(srcdir)/lang/embed.sh $@ stdlib_files $(srcdir)/%D% .runbook

## Keep sorted, one module per line: all of these are embedded and distributed.
EXTRA_DIST += \
  %D%/automation.runbook \
  %D%/cooling.runbook \
  %D%/firmware.runbook \
  %D%/fleet.runbook \
  %D%/health.runbook \
  %D%/network.runbook \
  %D%/nvlink.runbook \
  %D%/nsd.runbook \
  %D%/people.runbook \
  %D%/policy.runbook \
  %D%/power.runbook \
  %D%/service.runbook \
  %D%/state.runbook \
  %D%/storm.runbook
