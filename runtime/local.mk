## runtime: program in, work done. libruntime.a needs liblang.a, libuv, sqlite3, jansson.

noinst_LIBRARIES += %D%/libruntime.a

## Keep sorted, one file per line; headers too, or the tarball misses them.
%C%_libruntime_a_SOURCES = \
  %D%/calendar.h \
  %D%/drivers/driver.c \
  %D%/drivers/driver.h \
  %D%/drivers/exec.c \
  %D%/drivers/exec_output.c \
  %D%/drivers/exec_output.h \
  %D%/engine.h \
  %D%/event.def \
  %D%/event_names.c \
  %D%/fault_draw.c \
  %D%/fault_draw.h \
  %D%/faults.c \
  %D%/faults.h \
  %D%/fleet.c \
  %D%/fleet.h \
  %D%/fleet_build.c \
  %D%/fleet_cells.c \
  %D%/fleet_check.c \
  %D%/fleet_columns.c \
  %D%/fleet_conflict.c \
  %D%/fleet_csv.c \
  %D%/fleet_data.h \
  %D%/fleet_graph.c \
  %D%/fleet_json.c \
  %D%/fleet_load.c \
  %D%/fleet_read.h \
  %D%/fleet_relate.c \
  %D%/fleet_rows.c \
  %D%/fleet_table.h \
  %D%/fleet_table_data.h \
  %D%/freeze.c \
  %D%/freeze.h \
  %D%/journal.c \
  %D%/journal.h \
  %D%/journal_inbox.c \
  %D%/journal_sql.h \
  %D%/live_bind.c \
  %D%/live_bind.h \
  %D%/orphans.c \
  %D%/pace.c \
  %D%/pace.h \
  %D%/plan.c \
  %D%/plan.h \
  %D%/program_names.c \
  %D%/program_names.h \
  %D%/schema.c \
  %D%/schema.h \
  %D%/simfleet.c \
  %D%/simfleet.h \
  %D%/simulate.c \
  %D%/simulate.h \
  %D%/site_json.c \
  %D%/site_json.h \
  %D%/testfaults.c \
  %D%/testfaults.h \
  %D%/testrun.c \
  %D%/testrun.h \
  %D%/text_table.c \
  %D%/text_table.h \
  %D%/turn.c \
  %D%/turn.h \
  %D%/vm.c \
  %D%/vm.h \
  %D%/vm_core.h \
  %D%/vm_run.c \
  %D%/vm_sets.c \
  %D%/vm_text.c \
  %D%/world.h \
  %D%/world_live.c \
  %D%/world_live.h \
  %D%/world_sim.c \
  %D%/world_sim.h
