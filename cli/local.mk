## cli: the program. One file per verb; prints and exits live here and nowhere else.

bin_PROGRAMS += %D%/tagout

## Keep sorted, one file per line.
%C%_tagout_SOURCES = \
  %D%/args.c \
  %D%/args.h \
  %D%/attest.c \
  %D%/attest.h \
  %D%/chronicle.c \
  %D%/chronicle.h \
  %D%/cmd_ack.c \
  %D%/cmd_check.c \
  %D%/cmd_compile.c \
  %D%/cmd_control.c \
  %D%/cmd_disasm.c \
  %D%/cmd_drivers.c \
  %D%/cmd_dump_ast.c \
  %D%/cmd_explain.c \
  %D%/cmd_fmt.c \
  %D%/cmd_log.c \
  %D%/cmd_plan.c \
  %D%/cmd_resume.c \
  %D%/cmd_run.c \
  %D%/cmd_status.c \
  %D%/cmd_test.c \
  %D%/conduct.c \
  %D%/conduct.h \
  %D%/evidence.c \
  %D%/evidence.h \
  %D%/launch.c \
  %D%/launch.h \
  %D%/look.c \
  %D%/look.h \
  %D%/main.c \
  %D%/output.c \
  %D%/output.h \
  %D%/planning.c \
  %D%/planning.h \
  %D%/post.c \
  %D%/post.h \
  %D%/progress.c \
  %D%/progress.h \
  %D%/progress_plain.c \
  %D%/progress_tty.c \
  %D%/project.c \
  %D%/project.h \
  %D%/repair.c \
  %D%/repair.h \
  %D%/repair_diff.c \
  %D%/repair_find.c \
  %D%/repair_lock.c \
  %D%/repair_make.c \
  %D%/repair_order.c \
  %D%/repair_return.c \
  %D%/repair_state.h \
  %D%/repair_text.c \
  %D%/repair_trial.c \
  %D%/run_record.c \
  %D%/run_record.h \
  %D%/run_replay.c \
  %D%/run_report.c \
  %D%/run_report.h \
  %D%/run_state.c \
  %D%/run_state.h \
  %D%/rundir.c \
  %D%/rundir.h \
  %D%/status.c \
  %D%/status.h \
  %D%/status_json.c \
  %D%/story.c \
  %D%/story.h \
  %D%/survey.c \
  %D%/survey.h \
  %D%/survey_report.c \
  %D%/survey_report.h \
  %D%/tally.c \
  %D%/tally.h \
  %D%/test_report.c \
  %D%/test_report.h \
  %D%/verb.h \
  %D%/verbs.def \
  %D%/wake.c \
  %D%/wake.h \
  %D%/zones.c \
  %D%/zones.h
%C%_tagout_LDADD = $(TAGOUT_LIBS)
