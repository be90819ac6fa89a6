/* journal_facts: a run's journal as lines for the crash tests, in the order in which it was written:
 *   issued ID KIND                 a command went out (once more after a crash: one more line)
 *   answered ID                    its answer came
 * and at the end
 *   waits ID KIND                  a command that wants an answer, has none, was not given up, and was not looked into after a
 *                                  crash: its contract's check read what had become of it
 *   known AUTOMATION.ENTITY        a lock that was asked for, and of which no unlock has succeeded since
 *   letter                         a message in the inbox that nobody has taken */
#include <config.h>

#include "lang/arena.h"
#include "runtime/fleet.h"
#include "runtime/journal.h"
#include "runtime/plan.h"
#include "runtime/schema.h"
#include "tests/lib/each_command.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Known { uint64_t issue, answer; Command command; bool given_up, ok; } Known;
typedef struct Line { uint64_t seq; bool answer; uint64_t id; CommandKind kind; } Line;
typedef struct Facts {
  VEC(Known) commands;       /* by id */
  VEC(Line) issued, answers;
  uint64_t resumed;          /* the last time */
} Facts;

static Known *known(Facts *f, uint64_t id) {
  static const Known none;
  while (f->commands.len <= id) vec_push(&f->commands, none);
  return &f->commands.items[id];
}

static void take_command(void *ctx, const Command *c, uint64_t seq) {
  Facts *f = ctx;
  Line line = {seq, false, c->id, c->kind};
  Known *k = known(f, c->id);
  k->command = *c;
  k->issue = seq;
  k->answer = 0;
  if (c->kind == COMMAND_STOP || c->kind == COMMAND_WITHDRAW) known(f, (uint64_t)c->args[0])->given_up = true;
  vec_push(&f->issued, line);
}

static void take_event(void *ctx, const Event *e, uint64_t seq) {
  Facts *f = ctx;
  if (e->kind == EVENT_RESUMED) f->resumed = seq;
  if (e->command == 0 || (e->kind == EVENT_ANSWER && e->value > ANSWER_YES)) return; /* heard, and no answer yet */
  Line line = {seq, true, e->command, COMMAND_KIND_COUNT};
  Known *k = known(f, e->command);
  k->answer = seq;
  k->ok = e->kind == EVENT_OUTCOME && e->outcome == OUT_OK;
  vec_push(&f->answers, line);
}

static void print_lines(const Facts *f) {
  uint32_t a = 0;
  for (uint32_t i = 0; i < f->issued.len; i++) {
    for (; a < f->answers.len && f->answers.items[a].seq <= f->issued.items[i].seq; a++)
      printf("answered %llu\n", (unsigned long long)f->answers.items[a].id);
    printf("issued %llu %s\n", (unsigned long long)f->issued.items[i].id, command_kind_text(f->issued.items[i].kind));
  }
  for (; a < f->answers.len; a++) printf("answered %llu\n", (unsigned long long)f->answers.items[a].id);
}

static bool wants_answer(CommandKind k) {
  static const bool answered[] = {
#define COMMAND(name, text, answer, sentence) [COMMAND_##name] = answer,
#include "runtime/event.def"
#undef COMMAND
  };
  return k < COMMAND_KIND_COUNT && answered[k];
}

/* Was the lock of this command let go by a later one? */
static bool unlocked(const Facts *f, const Command *lock) {
  for (uint64_t id = lock->id + 1; id < f->commands.len; id++) {
    const Known *k = &f->commands.items[id];
    if (k->issue && k->ok && k->command.kind == COMMAND_UNLOCK && k->command.subject == lock->subject && k->command.entity == lock->entity)
      return true;
  }
  return false;
}

static void print_end(const Facts *f, const Program *p, const Fleet *fleet) {
  for (uint64_t id = 1; id < f->commands.len; id++) {
    const Known *k = &f->commands.items[id];
    const Command *c = &k->command;
    bool looked_into = c->kind == COMMAND_ACT && k->issue <= f->resumed;
    if (k->issue && !k->answer && !k->given_up && !looked_into && wants_answer(c->kind))
      printf("waits %llu %s\n", (unsigned long long)id, command_kind_text(c->kind));
    if (k->issue && c->kind == COMMAND_LOCK && !unlocked(f, c))
      printf("known %s.%s\n", program_str(p, p->automations[c->subject].name), fleet_name(fleet, c->kind_of_entity, c->entity));
  }
}

static void print_letter(void *ctx, const Event *e) {
  (void)ctx, (void)e;
  printf("letter\n");
}

static const char *inventory(const char *dir, Arena *arena) {
  const char *folder = arena_printf(arena, "%s/inventory", dir), *found = NULL;
  DIR *d = opendir(folder);
  struct dirent *entry;
  while (d && (entry = readdir(d)) != NULL)
    if (entry->d_name[0] != '.') found = arena_printf(arena, "%s/%s", folder, entry->d_name);
  if (d) closedir(d);
  return found ? found : folder;
}

int main(int argc, char **argv) {
  Journal *journal;
  JournalError error = {0};
  Facts facts = {0};
  size_t len;
  if (argc != 2) return 2;
  if (journal_open(argv[1], JOURNAL_READ, NULL, &journal, &error) < 0) return fprintf(stderr, "%s\n", error.text), 1;
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  const char *bytes = journal_plan(journal, &len);
  const Plan *plan = plan_read(argv[1], bytes, len, arena, sink);
  Fleet *fleet = plan ? fleet_load(&schema_of_program(plan->program, arena)->fleet, inventory(argv[1], arena), FLEET_BY_NAME, sink) : NULL;
  bool ok = fleet && each_command(journal, take_command, &facts, &error) == 0 && journal_replay(journal, take_event, &facts, &error) == 0;
  if (ok) {
    print_lines(&facts);
    print_end(&facts, plan->program, fleet);
    ok = inbox_left(journal, print_letter, NULL, &error) == 0;
  }
  vec_done(&facts.commands);
  vec_done(&facts.issued);
  vec_done(&facts.answers);
  fleet_free(fleet);
  journal_close(journal);
  arena_free(arena);
  return ok ? 0 : 1;
}
