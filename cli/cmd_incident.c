/* incident: somebody brings an incident at the command line. */
#include <config.h>

#include "cli/bring.h"
#include "cli/desk_report.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/run_record.h"
#include "cli/rundir.h"

#include <stdio.h>
#include <string.h>

enum { OPT_ATTACH, OPT_KEY, OPT_AS, OPT_STATE };
static const Option options[] = {{"attach", "FIELD=FILE", "evidence: a file, or an address; more than once for several fields"},
                                 {"key", "KEY", "what this incident is known by elsewhere: the same key twice is one incident"},
                                 {"as", "WHO", "who brings it (default: the user)"},
                                 {"state", "FOLDER", "where incidents are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {NULL, NULL, NULL}};

static bool take_pair(const char *word, const char *how, Arena *arena, ArrivalField *ret) {
  const char *equals = strchr(word, '=');
  if (!equals || equals == word || !equals[1] || !arrival_plain(word)) {
    fprintf(stderr, "tagout incident: `%s` is no %s of one line\n", word, how);
    return false;
  }
  *ret = (ArrivalField){arena_string(arena, word, (size_t)(equals - word)), equals + 1};
  return true;
}

static bool read_words(const Args *args, Arena *arena, ArrivalText *ret) {
  const char *key = args->values[OPT_KEY];
  *ret = (ArrivalText){.file = "the command line", .name = args->words[0], .key = key ? key : ""};
  if (key && (!*key || strlen(key) > ARRIVAL_KEY || !arrival_plain(key))) {
    fprintf(stderr, "tagout incident: --key is a line of at most %u bytes\n", ARRIVAL_KEY);
    return false;
  }
  ret->fields = arena_new_array(arena, ArrivalField, (size_t)args->word_count);
  ret->attach = arena_new_array(arena, ArrivalField, (size_t)args->many_count + 1);
  for (int i = 1; i < args->word_count; i++)
    if (!take_pair(args->words[i], "FIELD=VALUE", arena, &ret->fields[ret->field_count++])) return false;
  for (int i = 0; i < args->many_count; i++)
    if (!take_pair(args->many[i], "FIELD=FILE", arena, &ret->attach[ret->attach_count++])) return false;
  return true;
}

/* A slip in the name must not look like success. */
static void say_what_stands(const char *state) {
  Buf names = BUF_INIT;
  desk_names(state, &names);
  if (names.len) printf("  what stands here is %s\n", names.data);
  buf_done(&names);
}

static void say_kept(const Bringing *b, const ArrivalText *a, Brought brought, uint64_t id) {
  char who[160];
  Arena *arena = arena_new();
  bool served = b->home && desk_served(b->home->dir, who, sizeof who);
  printf("incident %llu: %s\n", (unsigned long long)id, brought == BROUGHT_NEW ? "kept" : "kept already, by this key");
  if (served) printf("  served at once by %s\n", who);
  else if (b->home) printf("  no desk is up: it is served once `tagout stand` is\n");
  else printf("  no plan has stood for `%s` yet: it is kept as it is, and looked at once one does\n", a->name);
  if (!b->home) say_what_stands(b->state);
  arena_free(arena);
}

static ExitCode exit_of(Brought brought) {
  switch (brought) {
    case BROUGHT_NEW: case BROUGHT_BEFORE: return EXIT_DONE;
    case BROUGHT_WRONG: case BROUGHT_NOBODY: case BROUGHT_CLASH: return EXIT_CHECK;
    case BROUGHT_NOT_KEPT: break;
  }
  return EXIT_USAGE;
}

static ExitCode bring_it(Bringing *b, const ArrivalText *a, Arena *arena) {
  DeskHome home;
  uint64_t id = 0;
  DiagSink *sink = diag_sink_new(arena, NULL);
  bool stands = desk_exists(b->state, a->name);
  ExitCode code = stands ? desk_open(b->state, a->name, sink, &home) : EXIT_DONE;
  if (code == EXIT_DONE) {
    b->home = stands ? &home : NULL;
    Brought brought = bring(b, a, arena, sink, &id);
    code = exit_of(brought);
    if (code == EXIT_DONE) say_kept(b, a, brought, id);
  }
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (stands) desk_close(&home);
  return code;
}

static ExitCode run(const Args *args) {
  if (args->values[OPT_AS] && !arrival_plain(args->values[OPT_AS])) return fprintf(stderr, "tagout incident: --as is a name of one line\n"), EXIT_USAGE;
  Arena *arena = arena_new();
  ArrivalText a;
  ExitCode code = EXIT_USAGE;
  const char *who = args->values[OPT_AS] ? args->values[OPT_AS] : user_name(arena);
  Bringing b = {.state = state_folder(arena, args->values[OPT_STATE]), .way = arena_printf(arena, "by %s", who), .now = wall_clock()};
  if (read_words(args, arena, &a) && (b.intake = bring_queue(b.state))) code = bring_it(&b, &a, arena);
  intake_close(b.intake);
  arena_free(arena);
  return code;
}

const Verb verb_incident = {
    .name = "incident", .usage = "[options] INCIDENT [field=value ...]", .summary = "bring an incident to the standing runbook that serves it",
    .help = "When it returns with 0 the incident and its evidence are on the disk: it is served at once by the desk that is up, or by the\n"
            "next one. A key that was brought before is the same incident, and is not taken twice. Exit code 1: it is not as the runbook\n"
            "asks, or its key is that of another incident; nothing was taken.",
    .options = options, .many = "attach", .least = 1, .most = -1, .run = run};
