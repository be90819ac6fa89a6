## lang: text in, proven program out. liblang.a needs libc and utf8proc.

noinst_LIBRARIES += %D%/liblang.a

## Keep sorted, one file per line; headers and .def files too, or the tarball misses them.
%C%_liblang_a_SOURCES = \
  %D%/arena.c \
  %D%/arena.h \
  %D%/ast.c \
  %D%/ast.def \
  %D%/ast.h \
  %D%/ast_enum.def \
  %D%/buf.c \
  %D%/buf.h \
  %D%/build.c \
  %D%/build.h \
  %D%/build_block.c \
  %D%/check.h \
  %D%/check_action.c \
  %D%/check_automation.c \
  %D%/check_body.c \
  %D%/check_broken.c \
  %D%/check_call.c \
  %D%/check_clauses.c \
  %D%/check_compare.c \
  %D%/check_decide.c \
  %D%/check_exit.c \
  %D%/check_expr.c \
  %D%/check_fan.c \
  %D%/check_gate.c \
  %D%/check_head.c \
  %D%/check_kinds.c \
  %D%/check_lockout.c \
  %D%/check_name.c \
  %D%/check_of.c \
  %D%/check_set.c \
  %D%/check_site.c \
  %D%/check_stmt.c \
  %D%/check_test.c \
  %D%/check_types.c \
  %D%/check_unused.c \
  %D%/compilation.c \
  %D%/compilation.h \
  %D%/compile.c \
  %D%/compile.h \
  %D%/compile_contract.c \
  %D%/compile_core.h \
  %D%/compile_exit.c \
  %D%/compile_expr.c \
  %D%/compile_head.c \
  %D%/compile_scope.c \
  %D%/compile_set.c \
  %D%/compile_site.c \
  %D%/compile_stmt.c \
  %D%/compile_tables.c \
  %D%/compile_test.c \
  %D%/constant.c \
  %D%/decode.c \
  %D%/diag.c \
  %D%/diag.def \
  %D%/diag.h \
  %D%/diag_json.c \
  %D%/diag_machine.h \
  %D%/diag_paint.h \
  %D%/diag_places.c \
  %D%/diag_sarif.c \
  %D%/diag_snippet.c \
  %D%/diag_text.c \
  %D%/disasm.c \
  %D%/embedded.c \
  %D%/embedded.h \
  %D%/expected.c \
  %D%/intern.c \
  %D%/intern.h \
  %D%/keyword.c \
  %D%/keyword.def \
  %D%/keyword.h \
  %D%/limits.h \
  %D%/modules.c \
  %D%/newline.c \
  %D%/opcode.c \
  %D%/opcode.def \
  %D%/parse.c \
  %D%/parse.h \
  %D%/parse_state.h \
  %D%/program.c \
  %D%/program.h \
  %D%/program_build.c \
  %D%/program_build.h \
  %D%/program_layout.c \
  %D%/program_layout.def \
  %D%/program_layout.h \
  %D%/program_read.c \
  %D%/quantity.c \
  %D%/quantity.def \
  %D%/quantity.h \
  %D%/quantity_parse.c \
  %D%/quantity_show.c \
  %D%/quantity_units.h \
  %D%/resolve.c \
  %D%/resolve_declare.c \
  %D%/scan_report.c \
  %D%/scan_report.h \
  %D%/scope.c \
  %D%/scope.h \
  %D%/site.h \
  %D%/source.c \
  %D%/source.h \
  %D%/source_load.c \
  %D%/source_load.h \
  %D%/suggest.c \
  %D%/suggest.h \
  %D%/symbols.h \
  %D%/syntax_error.c \
  %D%/syntax_error.h \
  %D%/testcase.h \
  %D%/type_text.c \
  %D%/types.c \
  %D%/types.h \
  %D%/utf8.c \
  %D%/utf8.h \
  %D%/verify.h \
  %D%/verify_code.c \
  %D%/verify_regions.c \
  %D%/verify_state.c \
  %D%/verify_strands.c \
  %D%/verify_tables.c \
  %D%/verify_values.c
nodist_%C%_liblang_a_SOURCES = %D%/explain_files.c

## The long texts of the diagnostics, lang/explain/CODE.md, as one table: explain_files of lang/embedded.h.
EXTRA_DIST += %D%/embed.sh %D%/explain
CLEANFILES += %D%/explain_files.c
%D%/explain_files.c: FORCE
	@$(SHELL) $(srcdir)/%D%/embed.sh $@ explain_files $(srcdir)/%D%/explain .md
