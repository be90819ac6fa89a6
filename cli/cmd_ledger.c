/* ledger: what the runs of a fleet hold together, and a person's word that a member is back. */
#include <config.h>

#include "cli/claims.h"
#include "cli/consent.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/reserve.h"
#include "cli/rundir.h"
#include "cli/run_record.h"
#include "runtime/calendar.h"
#include "runtime/ledger_losses.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_BACK, OPT_BECAUSE, OPT_RELEASE, OPT_AS, OPT_STATE, OPT_YES };
static const Option options[] = {{"back", "KIND:NAME", "it is back in service, as a person has seen: its room is free"},
                                 {"because", "TEXT", "how that is known; with --back"},
                                 {"release", "PLAN", "nobody will run it: what is reserved for it is free; PLAN is a file, or how its digest begins"},
                                 {"as", "WHO", "who says so (default: the user)"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {"yes", NULL, "with --back or --release: without being asked"},
                                 {NULL, NULL, NULL}};

typedef struct Page { Buf runs, reserved, out, lost; uint32_t run_count, out_count, lost_count; } Page;

static void since(int64_t at, Buf *out) {
  buf_str(out, "since ");
  zone_format(zone_utc(), at, out);
}

static void add_run(void *ctx, const Holding *h) {
  Page *p = ctx;
  p->run_count++;
  buf_printf(&p->runs, "  %-40s %6u claimed %6u out, ", h->run, h->claims, h->out);
  since(h->since, &p->runs);
  buf_str(&p->runs, record_exists(h->dir) ? "\n" : "; its folder is gone\n");
}

static void add_out(void *ctx, Member m, const char *run, int64_t at) {
  Page *p = ctx;
  p->out_count++;
  buf_printf(&p->out, "  %s:%s of %s, ", m.kind, m.name, run);
  since(at, &p->out);
  buf_char(&p->out, '\n');
}

static void add_lost(void *ctx, Member m, const char *run, int64_t at, bool still) {
  Page *p = ctx;
  if (!still) return;
  p->lost_count++;
  buf_printf(&p->lost, "  %s:%s set aside by %s, ", m.kind, m.name, run);
  since(at, &p->lost);
  buf_char(&p->lost, '\n');
}

static void add_work(void *ctx, const char *run, const char *dir, uint32_t count) {
  Page *p = ctx;
  buf_printf(&p->runs, "  %u at work in run %s, under a tolerance of all runs%s\n", count, run, record_exists(dir) ? "" : "; its folder is gone");
}

static ExitCode show(Ledger *l) {
  Page p = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, 0, 0, 0};
  int r = ledger_runs(l, add_run, &p);
  if (r == 0) r = ledger_at_work(l, add_work, &p);
  if (r == 0) r = reserve_list(l, &p.reserved);
  if (r == 0) r = ledger_out(l, add_out, &p);
  if (r == 0) r = ledger_aside_since(l, INT64_MAX, add_lost, &p);
  if (r < 0) fprintf(stderr, "tagout: %s\n", ledger_why(l));
  else printf("%u run%s %s members or have some out\n%s%s%s%u out of service\n%s", p.run_count, p.run_count == 1 ? "" : "s",
              p.run_count == 1 ? "claims" : "claim", p.runs.len ? p.runs.data : "", p.reserved.len ? "reserved\n" : "",
              p.reserved.len ? p.reserved.data : "", p.out_count, p.out.len ? p.out.data : "");
  if (r == 0 && p.lost_count) printf("%u set aside and not back, counted by tolerances of all runs\n%s", p.lost_count, p.lost.data);
  buf_done(&p.runs);
  buf_done(&p.reserved);
  buf_done(&p.out);
  buf_done(&p.lost);
  return r < 0 ? EXIT_USAGE : EXIT_DONE;
}

typedef struct Sought { Member member; bool found; Buf where; } Sought;

static void seek(void *ctx, Member m, const char *run, int64_t at) {
  Sought *s = ctx;
  if (strcmp(m.kind, s->member.kind) != 0 || strcmp(m.name, s->member.name) != 0) return;
  s->found = true;
  buf_printf(&s->where, "%s:%s is out of service by %s, ", m.kind, m.name, run);
  since(at, &s->where);
}

static void seek_aside(void *ctx, Member m, const char *run, int64_t at, bool still) {
  Sought *s = ctx;
  if (!still || strcmp(m.kind, s->member.kind) != 0 || strcmp(m.name, s->member.name) != 0) return;
  if (s->found) buf_char(&s->where, '\n');
  s->found = true;
  buf_printf(&s->where, "%s:%s is set aside by %s, ", m.kind, m.name, run);
  since(at, &s->where);
}

/* Says where it is out, and who has set it aside. */
static ExitCode is_out(Ledger *l, Member m) {
  Sought s = {.member = m};
  int r = ledger_out(l, seek, &s);
  if (r == 0) r = ledger_aside_since(l, INT64_MAX, seek_aside, &s);
  if (r < 0) fprintf(stderr, "tagout: %s\n", ledger_why(l));
  else if (!s.found) fprintf(stderr, "tagout ledger: %s:%s is not out; without --back it lists what is\n", m.kind, m.name);
  else printf("%s\n", s.where.data);
  buf_done(&s.where);
  return r < 0 || !s.found ? EXIT_USAGE : EXIT_DONE;
}

/* Room is given back by a run that has read it; where no run will, a person answers for it by name. */
static ExitCode give_back(Ledger *l, const Args *args, Arena *arena) {
  const char *word = args->values[OPT_BACK], *colon = strchr(word, ':'), *because = args->values[OPT_BECAUSE];
  if (!colon || !because || !*because) {
    fprintf(stderr, "tagout ledger: write --back Node:NAME --because \"how it is known\"\n");
    return EXIT_USAGE;
  }
  Member m = {arena_string(arena, word, (size_t)(colon - word)), colon + 1};
  ExitCode code = is_out(l, m);
  if (code != EXIT_DONE) return code;
  printf("  it counts as back from then on, in every budget and tolerance of this site; no run reads whether it is\n");
  code = consent("ledger", args->values[OPT_YES] != NULL, "back", "Type back to say it");
  if (code != EXIT_DONE) return code;
  const char *by = arena_printf(arena, "%s: %s", args->values[OPT_AS] ? args->values[OPT_AS] : user_name(arena), because);
  int r = ledger_refund(l, m, wall_clock(), by);
  if (r < 0) fprintf(stderr, "tagout: %s\n", ledger_why(l));
  else if (r == 0) fprintf(stderr, "tagout ledger: %s has come back meanwhile\n", word);
  else printf("%s is back, says %s\n", word, by);
  return r > 0 ? EXIT_DONE : EXIT_USAGE;
}

static int is_ledger(const struct dirent *entry) {
  size_t len = strlen(entry->d_name);
  return len > 3 && strcmp(entry->d_name + len - 3, ".db") == 0;
}

/* Nobody has said which site: those that there are. */
static ExitCode sites(const Args *args) {
  struct dirent **names;
  Arena *arena = arena_new();
  const char *state = state_folder(arena, args->values[OPT_STATE]);
  int n = scandir(ledger_folder(arena, state), &names, is_ledger, alphasort);
  ExitCode code = args->values[OPT_BACK] || args->values[OPT_RELEASE] ? EXIT_USAGE : EXIT_DONE;
  if (code != EXIT_DONE) fprintf(stderr, "tagout ledger: of which site? Name it behind the options\n");
  printf(n > 0 ? "sites whose live runs share a ledger in %s:\n" : "no site has had a live run in %s\n", state);
  for (int i = 0; i < n; i++) {
    printf("  %.*s\n", (int)strlen(names[i]->d_name) - 3, names[i]->d_name);
    free(names[i]);
  }
  if (n >= 0) free(names);
  arena_free(arena);
  return code;
}

static ExitCode run(const Args *args) {
  if (args->word_count == 0) return sites(args);
  Arena *arena = arena_new();
  const char *path = ledger_path(arena, state_folder(arena, args->values[OPT_STATE]), args->words[0]);
  ExitCode code = EXIT_USAGE;
  Ledger *l = NULL;
  if (access(path, F_OK) < 0) fprintf(stderr, "tagout: %s: site `%s` has had no live run here, or its name is another\n", path, args->words[0]);
  else l = claims_open(path);
  if (l && args->values[OPT_RELEASE]) code = reserve_release(l, args->values[OPT_RELEASE], args->values[OPT_YES] != NULL);
  else if (l) code = args->values[OPT_BACK] ? give_back(l, args, arena) : show(l);
  ledger_close(l);
  arena_free(arena);
  return code;
}

const Verb verb_ledger = {.name = "ledger", .usage = "[options] [SITE]",
                          .summary = "show what the runs of a site hold, and what is out of service",
                          .help = "What a plan may have out at most is reserved when its last approval is given, or when it starts, and until its run\n"
                                  "has ended, or --release by a person before it has begun.\n"
                                  "A run claims its members before it begins, and takes room for each that leaves service. Claims end with the run; room\n"
                                  "is given back when a run has read that the member is in service again, or with --back by a person.\n"
                                  "Without SITE: which there are.",
                          .options = options, .least = 0, .most = 1, .run = run};
