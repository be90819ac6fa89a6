## bench: benchmarks that put Tagout beside its peers, distributed whole.

EXTRA_DIST += %D%

## Programs that measure one part; built by name: make bench/fleet_load && bench/fleet_load
EXTRA_PROGRAMS += %D%/fleet_load
CLEANFILES += $(EXTRA_PROGRAMS)
%C%_fleet_load_SOURCES = %D%/fleet_load.c tests/lib/fleet_schema.c tests/lib/fleet_schema.h
%C%_fleet_load_LDADD = $(TAGOUT_LIBS)

EXTRA_PROGRAMS += %D%/front_end
%C%_front_end_SOURCES = %D%/front_end.c
%C%_front_end_LDADD = $(TAGOUT_LIBS)

EXTRA_PROGRAMS += %D%/engine
%C%_engine_SOURCES = %D%/engine.c %D%/engine_case.c %D%/engine_case.h
%C%_engine_LDADD = $(TAGOUT_LIBS)

EXTRA_PROGRAMS += %D%/timers
%C%_timers_SOURCES = %D%/timers.c %D%/engine_case.c %D%/engine_case.h
%C%_timers_LDADD = $(TAGOUT_LIBS)

EXTRA_PROGRAMS += %D%/proof
%C%_proof_SOURCES = %D%/proof.c
%C%_proof_LDADD = $(TAGOUT_LIBS)

## What carrying out programs costs: make bench/spawn_floor bench/beside && ../bench/processes.sh cli/tagout bench
EXTRA_PROGRAMS += %D%/spawn_floor %D%/beside
%C%_spawn_floor_SOURCES = %D%/spawn_floor.c
%C%_beside_SOURCES = %D%/beside.c
EXTRA_PROGRAMS += %D%/journal
%C%_journal_SOURCES = %D%/journal.c
%C%_journal_LDADD = $(TAGOUT_LIBS)
