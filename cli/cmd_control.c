/* pause, go-on, abort: control of a run from another process. Each says first what it will do. */
#include <config.h>

#include "cli/post.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OPT_AS, OPT_STATE, OPT_YES };
static const Option options[] = {{"as", "WHO", "who says so (default: the user)"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"}, {NULL, NULL, NULL}};
static const Option abort_options[] = {{"as", "WHO", "who says so (default: the user)"},
                                       {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                       {"yes", NULL, "live: without being asked"}, {NULL, NULL, NULL}};

static void say_in_flight(RunState *r) {
  Buf text = BUF_INIT;
  status_in_flight(r, &text);
  printf("  in flight, and going on to their end: %s\n", text.data);
  buf_done(&text);
}

static void say_locks(const RunState *r) {
  uint32_t n = 0;
  for (uint32_t a = 0; a < r->program->automations_count; a++) n += status_locks(r, a);
  if (n) printf("  %u locks stand\n", n);
}

static void say_pause(RunState *r) {
  printf("%s: nothing new is started\n", r->id);
  say_in_flight(r);
  say_locks(r);
  printf("  `tagout go-on %s` ends the pause\n", run_short(r));
}

static void say_go_on(RunState *r) { printf("%s: the pause ends, work goes on where it stopped\n", r->id); }

static void say_abort(RunState *r) {
  printf("%s: nothing new is started, gates are closed\n", r->id);
  say_in_flight(r);
  if (r->program->attempts_count) printf("  then the roll back of the open attempt runs, as the runbook declares it (line %u)\n", r->program->attempts[0].line);
  else printf("  the runbook has no roll back: members stay as they are\n");
  say_locks(r);
  printf("  every lock is released where its condition holds, and handed over by name where not\n");
}

static bool agreed(const RunState *r, const Args *args) {
  char answer[32] = "";
  if (r->record.world != WORLD_LIVE || args->values[OPT_YES]) return true;
  if (!isatty(STDIN_FILENO)) {
    fprintf(stderr, "tagout abort: without a terminal a live run needs --yes\n");
    return false;
  }
  fprintf(stderr, "Type abort to do it: ");
  return fgets(answer, sizeof answer, stdin) && strncmp(answer, "abort", 5) == 0;
}

static ExitCode control(const Args *args, ControlKind what, void (*effect)(RunState *)) {
  RunState r;
  ExitCode code = post_open(args->word_count ? args->words[0] : NULL, args->values[OPT_STATE], &r);
  if (code == EXIT_DONE) {
    bool paused = r.tally.paused_since != 0, idle = (what == CONTROL_PAUSE && paused) || (what == CONTROL_GO_ON && !paused);
    Event e = {.kind = EVENT_CONTROL, .value = what, .subject = NONE_INDEX, .entity = NONE_INDEX, .kind_of_entity = NONE_INDEX};
    e.text = arena_printf(r.arena, "by %s", args->values[OPT_AS] ? args->values[OPT_AS] : user_name(r.arena));
    if (idle) printf("%s is %s\n", r.id, paused ? "paused already" : "not paused");
    else effect(&r);
    fflush(stdout);
    if (what == CONTROL_CANCEL && !agreed(&r, args)) code = EXIT_USAGE;
    else if (!idle && !post_send(&r, &e)) code = EXIT_USAGE;
    else if (!idle) post_say_when(&r);
  }
  run_close(&r);
  return code;
}

static ExitCode run_pause(const Args *args) { return control(args, CONTROL_PAUSE, say_pause); }
static ExitCode run_go_on(const Args *args) { return control(args, CONTROL_GO_ON, say_go_on); }
static ExitCode run_abort(const Args *args) { return control(args, CONTROL_CANCEL, say_abort); }

const Verb verb_pause = {.name = "pause", .usage = "[options] [RUN]", .summary = "let a run start nothing new",
                         .help = "What is in flight goes on to its end; every lock stands.", .options = options, .least = 0, .most = 1, .run = run_pause};
const Verb verb_go_on = {.name = "go_on", .usage = "[options] [RUN]", .summary = "end a pause", .help = NULL, .options = options, .least = 0,
                         .most = 1, .run = run_go_on};
const Verb verb_abort = {.name = "abort", .usage = "[options] [RUN]", .summary = "give a run up: its roll back, then its end",
                         .help = "What is in flight ends, nothing new starts, the roll back that the runbook declares runs over all members.",
                         .options = abort_options, .least = 0, .most = 1, .run = run_abort};
