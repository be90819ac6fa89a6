## tests: unit (cmocka), conformance (golden), and checks of the tree itself. Everything speaks TAP.

## A failing program exits non-zero as well as printing `not ok`: counted once, from the TAP lines.
tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
AM_LOG_DRIVER_FLAGS = --ignore-exit
SH_LOG_DRIVER = $(tap_driver)
AM_SH_LOG_DRIVER_FLAGS = --ignore-exit
SH_LOG_COMPILER = $(SHELL)
## A conformance phase is data; one script runs them all, and make runs the phases beside each other.
TEST_EXTENSIONS += .phase
PHASE_LOG_DRIVER = $(tap_driver)
AM_PHASE_LOG_DRIVER_FLAGS = --ignore-exit
PHASE_LOG_COMPILER = $(SHELL) $(srcdir)/%D%/conformance/run.sh
AM_TESTS_ENVIRONMENT += \
  CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
  LC_ALL=C.UTF-8; export LC_ALL; \
  TZ=UTC; export TZ; \
  NO_COLOR=1; export NO_COLOR; \
  COLUMNS=80; export COLUMNS; \
  srcdir='$(srcdir)'; export srcdir; \
  builddir='$(builddir)'; export builddir; \
  TAGOUT='$(abs_top_builddir)/cli/tagout$(EXEEXT)'; export TAGOUT; \
  CC='$(CC)'; export CC; \
  CHECK_CFLAGS='$(AM_CPPFLAGS) $(WARN_CFLAGS) -Werror $(package_cflags)'; export CHECK_CFLAGS;

## Scripts that run as they are; keep sorted, one per line.
script_tests =
script_tests += %D%/bytecode-page.sh
script_tests += %D%/rules-page.sh
script_tests += %D%/syntax-page.sh
script_tests += %D%/command-line.sh
script_tests += %D%/certificates.sh
script_tests += %D%/check-checks.sh
script_tests += %D%/check-codes.sh
script_tests += %D%/check-harness.sh
script_tests += %D%/check-headers.sh
script_tests += %D%/check-layers.sh
script_tests += %D%/check-lists.sh
script_tests += %D%/check-sizes.sh
script_tests += %D%/check-words.sh
script_tests += %D%/docs-examples.sh
script_tests += %D%/explain-examples.sh
script_tests += %D%/library-page.sh
script_tests += %D%/mutants.sh
script_tests += %D%/replay.sh
script_tests += %D%/run-folders.sh
script_tests += %D%/repairs.sh
script_tests += %D%/runbooks.sh
script_tests += %D%/program-files.sh
script_tests += %D%/samples.sh

## Conformance: PHASE.phase names the verb, the folder PHASE/ holds the cases (see conformance/run.sh).
phase_tests =
phase_tests += %D%/conformance/calendar.phase
phase_tests += %D%/conformance/check.phase
phase_tests += %D%/conformance/code.phase
phase_tests += %D%/conformance/format.phase
phase_tests += %D%/conformance/mutate.phase
phase_tests += %D%/conformance/parse.phase
phase_tests += %D%/conformance/plan.phase
phase_tests += %D%/conformance/proof.phase
phase_tests += %D%/conformance/test.phase
phase_tests += %D%/conformance/syntax-errors.phase

TESTS += $(script_tests) $(phase_tests)
EXTRA_DIST += $(script_tests) %D%/conformance %D%/lib %D%/live

## Unit tests: one program per module, one line here; its source is the same name with .c.
unit_tests =
unit_tests += %D%/unit/test_approval
unit_tests += %D%/unit/test_arena
unit_tests += %D%/unit/test_buf
unit_tests += %D%/unit/test_calendar
unit_tests += %D%/unit/test_campaign
unit_tests += %D%/unit/test_campaign_plan
unit_tests += %D%/unit/test_ics
unit_tests += %D%/unit/test_check
unit_tests += %D%/unit/test_check_limits
unit_tests += %D%/unit/test_compile
unit_tests += %D%/unit/test_compile_site
unit_tests += %D%/unit/test_desk
unit_tests += %D%/unit/test_diag
unit_tests += %D%/unit/test_diag_json
unit_tests += %D%/unit/test_diag_text
unit_tests += %D%/unit/test_embedded
unit_tests += %D%/unit/test_engine_act
unit_tests += %D%/unit/test_engine_service
unit_tests += %D%/unit/test_engine_block
unit_tests += %D%/unit/test_engine_control
unit_tests += %D%/unit/test_engine_emergency
unit_tests += %D%/unit/test_engine_embargo
unit_tests += %D%/unit/test_engine_exit
unit_tests += %D%/unit/test_engine_fan
unit_tests += %D%/unit/test_engine_fresh
unit_tests += %D%/unit/test_engine_gate
unit_tests += %D%/unit/test_engine_lock
unit_tests += %D%/unit/test_engine_permit
unit_tests += %D%/unit/test_engine_policy
unit_tests += %D%/unit/test_engine_random
unit_tests += %D%/unit/test_engine_report
unit_tests += %D%/unit/test_engine_risk
unit_tests += %D%/unit/test_engine_resume
unit_tests += %D%/unit/test_engine_window
unit_tests += %D%/unit/test_exec
unit_tests += %D%/unit/test_fleet
unit_tests += %D%/unit/test_fleet_errors
unit_tests += %D%/unit/test_fleet_files
unit_tests += %D%/unit/test_fleet_json
unit_tests += %D%/unit/test_fleet_pages
unit_tests += %D%/unit/test_fmt
unit_tests += %D%/unit/test_intake
unit_tests += %D%/unit/test_intern
unit_tests += %D%/unit/test_journal
unit_tests += %D%/unit/test_journal_chain
unit_tests += %D%/unit/test_live_bind
unit_tests += %D%/unit/test_live_pace
unit_tests += %D%/unit/test_ledger
unit_tests += %D%/unit/test_ledger_losses
unit_tests += %D%/unit/test_ledger_reserve
unit_tests += %D%/unit/test_limits
unit_tests += %D%/unit/test_mutate
unit_tests += %D%/unit/test_parse
unit_tests += %D%/unit/test_peak
unit_tests += %D%/unit/test_plan
unit_tests += %D%/unit/test_program
unit_tests += %D%/unit/test_quantity
unit_tests += %D%/unit/test_quantity_text
unit_tests += %D%/unit/test_samples
unit_tests += %D%/unit/test_source
unit_tests += %D%/unit/test_source_load
unit_tests += %D%/unit/test_suggest
unit_tests += %D%/unit/test_text_table
unit_tests += %D%/unit/test_timers
unit_tests += %D%/unit/test_turn
unit_tests += %D%/unit/test_utf8
unit_tests += %D%/unit/test_verify_code
unit_tests += %D%/unit/test_vm
unit_tests += %D%/unit/test_vm_scan
unit_tests += %D%/unit/test_zone
unit_tests += %D%/unit/test_verify_strands
unit_tests += %D%/unit/test_world_sim

lab = %D%/unit/lab.c %D%/unit/lab.h %D%/unit/lab_build.c
%C%_unit_test_engine_lock_SOURCES = %D%/unit/test_engine_lock.c $(lab)
%C%_unit_test_engine_gate_SOURCES = %D%/unit/test_engine_gate.c $(lab)
%C%_unit_test_engine_resume_SOURCES = %D%/unit/test_engine_resume.c $(lab)
%C%_unit_test_engine_block_SOURCES = %D%/unit/test_engine_block.c $(lab)
%C%_unit_test_engine_random_SOURCES = %D%/unit/test_engine_random.c $(lab)
%C%_unit_test_engine_permit_SOURCES = %D%/unit/test_engine_permit.c $(lab)
%C%_unit_test_engine_policy_SOURCES = %D%/unit/test_engine_policy.c $(lab)
folder_case = %D%/unit/folder.c %D%/unit/folder.h
ledger_case = %D%/unit/ledger_case.c %D%/unit/ledger_case.h $(folder_case)
%C%_unit_test_intake_SOURCES = %D%/unit/test_intake.c $(folder_case)
%C%_unit_test_journal_SOURCES = %D%/unit/test_journal.c $(folder_case)
%C%_unit_test_turn_SOURCES = %D%/unit/test_turn.c $(lab) $(folder_case)
%C%_unit_test_ledger_SOURCES = %D%/unit/test_ledger.c $(ledger_case)
%C%_unit_test_ledger_reserve_SOURCES = %D%/unit/test_ledger_reserve.c $(ledger_case)
%C%_unit_test_ledger_losses_SOURCES = %D%/unit/test_ledger_losses.c
%C%_unit_test_limits_SOURCES = %D%/unit/test_limits.c $(lab)
%C%_unit_test_vm_SOURCES = %D%/unit/test_vm.c $(lab)
%C%_unit_test_engine_report_SOURCES = %D%/unit/test_engine_report.c $(lab)
%C%_unit_test_engine_risk_SOURCES = %D%/unit/test_engine_risk.c $(lab)
%C%_unit_test_engine_act_SOURCES = %D%/unit/test_engine_act.c $(lab)
%C%_unit_test_engine_service_SOURCES = %D%/unit/test_engine_service.c $(lab)
%C%_unit_test_engine_fan_SOURCES = %D%/unit/test_engine_fan.c $(lab)
%C%_unit_test_engine_fresh_SOURCES = %D%/unit/test_engine_fresh.c $(lab)
%C%_unit_test_engine_window_SOURCES = %D%/unit/test_engine_window.c $(lab)
%C%_unit_test_engine_control_SOURCES = %D%/unit/test_engine_control.c $(lab)
%C%_unit_test_engine_emergency_SOURCES = %D%/unit/test_engine_emergency.c $(lab)
%C%_unit_test_engine_embargo_SOURCES = %D%/unit/test_engine_embargo.c $(lab)
%C%_unit_test_engine_exit_SOURCES = %D%/unit/test_engine_exit.c $(lab)
## A text as a compilation.
check_case = %D%/unit/check_case.c %D%/unit/check_case.h
%C%_unit_test_check_SOURCES = %D%/unit/test_check.c $(check_case)
%C%_unit_test_mutate_SOURCES = %D%/unit/test_mutate.c $(check_case)
%C%_unit_test_check_limits_SOURCES = %D%/unit/test_check_limits.c $(check_case)

## A text as a program.
%C%_unit_test_peak_SOURCES = %D%/unit/test_peak.c %D%/unit/program_case.c %D%/unit/program_case.h

sample_program = %D%/unit/sample_program.c %D%/unit/sample_program.h

## The library's kinds without a compiler, for tests of the fleet.
fleet_schema = %D%/lib/fleet_schema.c %D%/lib/fleet_schema.h %D%/lib/fleet_case.h
%C%_unit_test_fleet_SOURCES = %D%/unit/test_fleet.c $(fleet_schema)
%C%_unit_test_fleet_errors_SOURCES = %D%/unit/test_fleet_errors.c $(fleet_schema)
%C%_unit_test_fleet_files_SOURCES = %D%/unit/test_fleet_files.c $(fleet_schema)
%C%_unit_test_fleet_json_SOURCES = %D%/unit/test_fleet_json.c $(fleet_schema)
%C%_unit_test_fleet_pages_SOURCES = %D%/unit/test_fleet_pages.c $(fleet_schema)
%C%_unit_test_samples_SOURCES = %D%/unit/test_samples.c $(fleet_schema)
%C%_unit_test_live_pace_SOURCES = %D%/unit/test_live_pace.c
%C%_unit_test_live_bind_SOURCES = %D%/unit/test_live_bind.c $(sample_program)
%C%_unit_test_approval_SOURCES = %D%/unit/test_approval.c $(sample_program)
%C%_unit_test_plan_SOURCES = %D%/unit/test_plan.c $(sample_program)
%C%_unit_test_program_SOURCES = %D%/unit/test_program.c $(sample_program)
verify_fixture = %D%/unit/verify_fixture.c %D%/unit/verify_fixture.h $(sample_program)
%C%_unit_test_verify_code_SOURCES = %D%/unit/test_verify_code.c $(verify_fixture)
%C%_unit_test_verify_strands_SOURCES = %D%/unit/test_verify_strands.c $(verify_fixture)
%C%_unit_test_world_sim_SOURCES = %D%/unit/test_world_sim.c $(sample_program)

LDADD += $(TAGOUT_LIBS) $(CMOCKA_LIBS)

## Crash tests: real programs, killed with their runtime. The library is preloaded, so it is none of ours to link.
crash_tests = \
  %D%/crash/adjusted.sh \
  %D%/crash/approve.sh \
  %D%/crash/certified.sh \
  %D%/crash/charged.sh \
  %D%/crash/drill.sh \
  %D%/crash/control.sh \
  %D%/crash/desk.sh \
  %D%/crash/fails.sh \
  %D%/crash/fails_desk.sh \
  %D%/crash/fails_moves.sh \
  %D%/crash/garbled.sh \
  %D%/crash/hands.sh \
  %D%/crash/incident.sh \
  %D%/crash/preempt.sh \
  %D%/crash/shared.sh \
  %D%/crash/toll.sh \
  %D%/crash/odds.sh \
  %D%/crash/rehearsed.sh \
  %D%/crash/locks.sh \
  %D%/crash/signed.sh \
  %D%/crash/status.sh \
  %D%/crash/still.sh \
  %D%/crash/storm.sh \
  %D%/crash/story.sh \
  %D%/crash/takers.sh \
  %D%/crash/told.sh \
  %D%/crash/view.sh \
  %D%/crash/writes.sh
crash_helpers = \
  %D%/crash/inbox_send \
  %D%/crash/journal_edit \
  %D%/crash/journal_facts \
  %D%/crash/journal_forge \
  %D%/crash/kill_after \
  %D%/crash/on_terminal
check_PROGRAMS += $(crash_helpers)
check_DATA += %D%/crash/fail_at.so %D%/crash/kill_at.so %D%/crash/stand_still.so
%C%_crash_on_terminal_LDADD = -lutil
## A standing runbook with its desk, its ways in and its runs, for real.
live_tests = \
  %D%/live/desk.sh \
  %D%/live/desk_http.sh
TESTS += $(live_tests)
EXTRA_DIST += $(live_tests) %D%/live/desk_lib.sh %D%/live/link.runbook
TESTS += $(crash_tests)
EXTRA_DIST += $(crash_tests) \
  %D%/crash/adjusted.runbook \
  %D%/crash/asked.runbook \
  %D%/crash/control.runbook \
  %D%/crash/early.runbook \
  %D%/crash/fail_at.c \
  %D%/crash/fleet.csv \
  %D%/crash/gated.runbook \
  %D%/crash/incident.runbook \
  %D%/crash/leaks.runbook \
  %D%/crash/kill_at.c \
  %D%/crash/lib.sh \
  %D%/crash/said.sh \
  %D%/crash/shared.runbook \
  %D%/crash/toll.runbook \
  %D%/crash/slow.runbook \
  %D%/crash/stand_still.c \
  %D%/crash/small.runbook \
  %D%/crash/tiny.runbook \
  %D%/crash/told.runbook
CLEANFILES += %D%/crash/fail_at.so %D%/crash/kill_at.so %D%/crash/stand_still.so
%D%/crash/fail_at.so: %D%/crash/fail_at.c %D%/crash/$(am__dirstamp)
	$(AM_V_CC)$(CC) $(WARN_CFLAGS) -shared -fPIC -o $@ $(srcdir)/%D%/crash/fail_at.c
%D%/crash/kill_at.so: %D%/crash/kill_at.c %D%/crash/$(am__dirstamp)
	$(AM_V_CC)$(CC) $(WARN_CFLAGS) -shared -fPIC -o $@ $(srcdir)/%D%/crash/kill_at.c
%D%/crash/stand_still.so: %D%/crash/stand_still.c %D%/crash/$(am__dirstamp)
	$(AM_V_CC)$(CC) $(WARN_CFLAGS) -shared -fPIC -o $@ $(srcdir)/%D%/crash/stand_still.c

## The oracle: the engine itself, driven through all outcomes on a tiny fleet (oracle/README.md).
oracle_search = %D%/oracle/effects.c %D%/oracle/moves.c %D%/oracle/path.c %D%/oracle/path.h %D%/oracle/rules.c %D%/oracle/search.c \
  %D%/oracle/search.h %D%/oracle/truth.c %D%/oracle/truth.h %D%/oracle/view.c %D%/oracle/view.h
check_PROGRAMS += %D%/oracle/explore
%C%_oracle_explore_SOURCES = %D%/oracle/explore.c %D%/oracle/load.c %D%/oracle/load.h $(oracle_search)
check_PROGRAMS += %D%/oracle/storm
%C%_oracle_storm_SOURCES = %D%/oracle/storm.c %D%/oracle/load.c %D%/oracle/load.h $(oracle_search)
check_PROGRAMS += %D%/oracle/generate
%C%_oracle_generate_SOURCES = %D%/oracle/generate.c %D%/oracle/load.c %D%/oracle/load.h %D%/oracle/shapes.c %D%/oracle/urgent.c %D%/oracle/wild.c \
  %D%/oracle/write.c %D%/oracle/write.h
nodist_%C%_oracle_generate_SOURCES = %D%/oracle/rig_files.c
CLEANFILES += %D%/oracle/rig_files.c
%D%/oracle/rig_files.c: FORCE
	@$(SHELL) $(srcdir)/lang/embed.sh $@ rig_files $(srcdir)/%D%/oracle/cases .runbook
oracle_tests = %D%/oracle/cases.sh %D%/oracle/made-up.sh %D%/oracle/mutants.sh %D%/oracle/shipped.sh %D%/oracle/spin.sh %D%/oracle/storm.sh
oracle_spin = %D%/oracle/spin/act.c %D%/oracle/spin/adversary.c %D%/oracle/spin/effect.c %D%/oracle/spin/emergency.c %D%/oracle/spin/expr.c %D%/oracle/spin/fan.c \
  %D%/oracle/spin/fleet.c %D%/oracle/spin/flow.c %D%/oracle/spin/gate.c %D%/oracle/spin/promela.h %D%/oracle/spin/scope.c \
  %D%/oracle/spin/set.c %D%/oracle/spin/state.c
check_PROGRAMS += %D%/oracle/spin/promela
%C%_oracle_spin_promela_SOURCES = %D%/oracle/spin/promela.c %D%/oracle/load.c %D%/oracle/load.h $(oracle_spin)
TESTS += $(oracle_tests)
EXTRA_DIST += $(oracle_tests) %D%/oracle/spin/look.sh %D%/oracle/README.md %D%/oracle/cases %D%/oracle/fleets

## Whole runs on a rough disk, in a rough world, among people (sim/README.md).
sim_parts = %D%/sim/disk.c %D%/sim/disk.h %D%/sim/judge.c %D%/sim/judge.h %D%/sim/judge_limits.c %D%/sim/judge_way.c %D%/sim/lives.c %D%/sim/people.c \
  %D%/sim/rough.c %D%/sim/rough.h %D%/sim/sim.c %D%/sim/sim.h %D%/sim/tally.c %D%/sim/tally.def %D%/sim/tally.h
check_PROGRAMS += %D%/sim/sim
%C%_sim_sim_SOURCES = %D%/sim/main.c %D%/oracle/load.c %D%/oracle/load.h $(sim_parts)
sim_tests = %D%/sim/limits.sh %D%/sim/made-up.sh %D%/sim/sim.sh %D%/sim/total.sh
TESTS += $(sim_tests)
EXTRA_DIST += $(sim_tests) %D%/sim/README.md %D%/sim/fleets %D%/sim/lib.sh %D%/sim/limits.runbook

%D%/sim/total.log: %D%/sim/limits.log %D%/sim/made-up.log %D%/sim/sim.log

## The long mode: make storm SEEDS=1000000
SEEDS = 100000
storm:
	SEEDS=$(SEEDS) STORM=$(SEEDS) $(MAKE) $(AM_MAKEFLAGS) check TESTS='%D%/sim/limits.sh %D%/sim/made-up.sh %D%/sim/sim.sh %D%/oracle/storm.sh'
.PHONY: storm

## Forged certificates (certificate/forge.c).
check_PROGRAMS += %D%/certificate/forge
%C%_certificate_forge_SOURCES = %D%/certificate/forge.c %D%/oracle/load.c %D%/oracle/load.h

## Fuzz targets: fuzz_NAME.c. Here main.c replays their corpora; `make fuzzers` with CC=clang brings libFuzzer instead.
fuzz_tests =
fuzz_tests += %D%/fuzz/fuzz_arrival
fuzz_tests += %D%/fuzz/fuzz_certificate
fuzz_tests += %D%/fuzz/fuzz_check
fuzz_tests += %D%/fuzz/fuzz_compile
fuzz_tests += %D%/fuzz/fuzz_diag
fuzz_tests += %D%/fuzz/fuzz_fleet_csv
fuzz_tests += %D%/fuzz/fuzz_fleet_json
fuzz_tests += %D%/fuzz/fuzz_parse
fuzz_tests += %D%/fuzz/fuzz_plan
fuzz_tests += %D%/fuzz/fuzz_program
fuzz_tests += %D%/fuzz/fuzz_quantity
fuzz_main = %D%/fuzz/main.c %D%/fuzz/fuzz.h
EXTRA_DIST += %D%/fuzz/corpus
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)

%C%_fuzz_fuzz_arrival_SOURCES = %D%/fuzz/fuzz_arrival.c $(fuzz_main)
%C%_fuzz_fuzz_certificate_SOURCES = %D%/fuzz/fuzz_certificate.c $(fuzz_main)
%C%_fuzz_fuzz_check_SOURCES = %D%/fuzz/fuzz_check.c $(fuzz_main)
%C%_fuzz_fuzz_compile_SOURCES = %D%/fuzz/fuzz_compile.c $(fuzz_main)
%C%_fuzz_fuzz_diag_SOURCES = %D%/fuzz/fuzz_diag.c $(fuzz_main)
%C%_fuzz_fuzz_fleet_csv_SOURCES = %D%/fuzz/fuzz_fleet_csv.c %D%/fuzz/fuzz_fleet.h $(fuzz_main)
%C%_fuzz_fuzz_fleet_json_SOURCES = %D%/fuzz/fuzz_fleet_json.c %D%/fuzz/fuzz_fleet.h $(fuzz_main)
%C%_fuzz_fuzz_parse_SOURCES = %D%/fuzz/fuzz_parse.c $(fuzz_main)
%C%_fuzz_fuzz_plan_SOURCES = %D%/fuzz/fuzz_plan.c $(fuzz_main)
%C%_fuzz_fuzz_program_SOURCES = %D%/fuzz/fuzz_program.c $(fuzz_main)
%C%_fuzz_fuzz_quantity_SOURCES = %D%/fuzz/fuzz_quantity.c $(fuzz_main)

## Needs ./configure CC=clang CFLAGS='-g -O1 -fsanitize=address,undefined,fuzzer-no-link', then make fuzzers.
fuzzers: all
	@for target in $(fuzz_tests); do \
	  echo "  FUZZER   $${target}.libfuzzer"; \
	  $(CC) $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -fsanitize=fuzzer \
	    -o $${target}.libfuzzer $(srcdir)/$$target.c $(TAGOUT_LIBS) $(LIBS) || exit 1; \
	done
.PHONY: fuzzers
clean-local:
	-rm -f $(fuzz_tests:=.libfuzzer)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
else
check-local:
	@echo "make check needs cmocka (Debian package libcmocka-dev): install it and run configure again" >&2; exit 1
endif
