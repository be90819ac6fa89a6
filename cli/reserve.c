/* reserve: see reserve.h. */
#include <config.h>

#include "cli/reserve.h"

#include "cli/claims.h"
#include "cli/consent.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/run_record.h"
#include "cli/rundir.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNS_CLEARED_MOST 100u
#define DIGEST_SHOWN 12
#define DIGEST_LEAST 6u   /* characters that name a plan */

/* ---- refused ---- */

static void say_holder(DiagSink *sink, Diag *d, const ReserveHolder *h) {
  if (!*h->plan) diag_note(sink, d, "%lld of runs that have ended are not back: `tagout ledger` lists them", (long long)h->amount);
  else if (*h->run) diag_note(sink, d, "%lld are for %s: run %s", (long long)h->amount, h->title, h->run);
  else diag_note(sink, d, "%lld are for %s: plan %.*s, approved and not begun", (long long)h->amount, h->title, DIGEST_SHOWN, h->plan);
}

static ExitCode refuse(const Plan *plan, const char *file, const PlanNeed *need, const ReserveRefusal *r, DiagSink *sink) {
  const Program *p = plan->program;
  Buf day = BUF_INIT;
  plan_need_date(need->zone, r->day.from, &day);
  uint32_t limit = r->at_once ? need->limits.at_once : need->limits.per_day, wants = r->at_once ? r->day.out : r->day.leaves;
  Diag *d = diag_at(sink, E_NO_ROOM, file, 0, 0, "the fleet's budget has no room for this run on %s: it may need %u %s %s, %lld of %u are spoken for",
                    day.data, wants, program_str(p, wants == 1 ? p->kinds[need->kind].name : p->kinds[need->kind].plural), r->at_once ? "out at once" : "leaving that day",
                    (long long)r->taken, limit);
  for (uint32_t i = 0; i < r->holder_count; i++) say_holder(sink, d, &r->holders[i]);
  buf_reset(&day);
  if (r->next != INT64_MAX) {
    plan_need_date(need->zone, r->next, &day);
    diag_note(sink, d, "the next day with room is %s: plan it with --start, or for fewer members", day.data);
  } else diag_note(sink, d, "no day of the next year has room for it: plan it for fewer members");
  diag_note(sink, d, "what nobody will run is given up by `tagout ledger %s --release PLAN`", plan->site->name);
  buf_done(&day);
  return EXIT_INFEASIBLE;
}

/* A holder that cannot run any more; the texts stay in the arena. */
static const ReserveHolder *dead_holder(const ReserveRefusal *r) {
  for (uint32_t i = 0; i < r->holder_count; i++)
    if (*r->holders[i].run && claims_over(r->holders[i].dir)) return &r->holders[i];
  return NULL;
}

ExitCode reserve_take(Ledger *l, const Plan *plan, const char *plan_file, const char *run, const PlanNeed *need, Arena *arena, DiagSink *sink) {
  const Program *p = plan->program;
  if (need->kind == NONE_INDEX) return EXIT_DONE;
  Reservation wanted = {.plan = plan->digest, .title = program_str(p, p->name), .run = run, .kind = program_str(p, p->kinds[need->kind].name),
                        .days = need->days, .count = need->count, .limits = need->limits};
  ReserveRefusal no;
  int r = 0;
  for (uint32_t i = 0; i < RUNS_CLEARED_MOST; i++) {
    r = ledger_reserve(l, &wanted, wall_clock(), arena, &no);
    const ReserveHolder *dead = r == 0 ? dead_holder(&no) : NULL;
    if (!dead || ledger_end(l, dead->run) < 0) break;
  }
  if (r < 0) fprintf(stderr, "tagout: %s\n", ledger_why(l));
  return r > 0 ? EXIT_DONE : r == 0 ? refuse(plan, plan_file, need, &no, sink) : EXIT_USAGE;
}

/* ---- looked at, given up ---- */

static void add_line(void *ctx, const Reserved *r) {
  Buf *out = ctx;
  buf_printf(out, "  %.*s %s: %u %s at once, %u a day, ", DIGEST_SHOWN, r->plan, r->title, r->most.out, r->kind, r->most.leaves);
  plan_need_date(zone_utc(), r->most.from, out);
  if (r->days > 1) buf_printf(out, " and %u more day%s", r->days - 1, r->days == 2 ? "" : "s");
  if (!*r->run) buf_str(out, "; approved, not begun");
  else buf_printf(out, "; run %s%s", r->run, record_exists(r->dir) ? "" : ", its folder is gone");
  buf_char(out, '\n');
}

int reserve_list(Ledger *l, Buf *out) { return ledger_reserved(l, wall_clock(), add_line, out); }

static const char *digest_of(const char *word, Arena *arena) {
  Buf bytes = BUF_INIT;
  DiagSink *sink = diag_sink_new(arena, NULL);
  if (access(word, R_OK) < 0) return word;
  const Plan *plan = read_file(word, &bytes) ? plan_read(word, bytes.data, bytes.len, arena, sink) : NULL;
  buf_done(&bytes);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  return plan ? plan->digest : NULL;
}

typedef struct Going { const char *digest; Buf lines; } Going;

static void add_going(void *ctx, const Reserved *r) {
  Going *g = ctx;
  if (!*r->run && strncmp(r->plan, g->digest, strlen(g->digest)) == 0) add_line(&g->lines, r);
}

/* The digest of a plan, or how it begins; NULL after saying why it is none. */
static const char *meant(const char *word, Arena *arena) {
  const char *digest = digest_of(word, arena);
  if (!digest || (strlen(digest) >= DIGEST_LEAST && strspn(digest, "0123456789abcdef") == strlen(digest))) return digest;
  fprintf(stderr, "tagout ledger: `%s` is no plan file, nor the first %u characters or more of a plan's digest\n", word, DIGEST_LEAST);
  return NULL;
}

static ExitCode release(Ledger *l, const char *digest) {
  int n = ledger_release(l, digest);
  if (n < 0) fprintf(stderr, "tagout: %s\n", ledger_why(l));
  else if (n == 0) fprintf(stderr, "tagout ledger: plan %.*s has nothing reserved that it could give up; a run that has begun keeps it until it ends\n", DIGEST_SHOWN, digest);
  else printf("plan %.*s has nothing reserved any more; running it asks again\n", DIGEST_SHOWN, digest);
  return n > 0 ? EXIT_DONE : EXIT_USAGE;
}

ExitCode reserve_release(Ledger *l, const char *word, bool given) {
  Arena *arena = arena_new();
  Going going = {.digest = meant(word, arena)};
  ExitCode code = going.digest ? EXIT_DONE : EXIT_USAGE;
  if (going.digest && ledger_reserved(l, wall_clock(), add_going, &going) == 0 && going.lines.len) {
    printf("this is free for other plans from then on\n%s", going.lines.data);
    code = consent("ledger", given, "release", "Type release to do it");
  }
  if (code == EXIT_DONE) code = release(l, going.digest);
  buf_done(&going.lines);
  arena_free(arena);
  return code;
}
