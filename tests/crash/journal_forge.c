/* journal_forge: a run's journal written anew, whole in itself, as a program with another engine would have written it: the
 * first command is for another entity.
 *
 *   journal_forge FOLDER VERSION       the version that says it made it */
#include <config.h>

#include "lang/arena.h"
#include "lang/buf.h"
#include "runtime/journal.h"
#include "tests/lib/each_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct EventRow { Event event; uint64_t seq; } EventRow;
typedef struct CommandRow { Command command; uint64_t seq; } CommandRow;
typedef struct NoteRow { Note note; uint64_t seq; } NoteRow;
typedef struct Rows { Arena *arena; VEC(EventRow) events; VEC(CommandRow) commands; VEC(NoteRow) notes; } Rows;

static const char *copy(const Rows *r, const char *text) { return text ? arena_string(r->arena, text, strlen(text)) : NULL; }

static void take_event(void *ctx, const Event *e, uint64_t seq) {
  Rows *r = ctx;
  EventRow row = {*e, seq};
  row.event.text = copy(r, e->text);
  vec_push(&r->events, row);
}
static void take_command(void *ctx, const Command *c, uint64_t seq) {
  Rows *r = ctx;
  CommandRow row = {*c, seq};
  row.command.text = copy(r, c->text);
  if (r->commands.len == 0) row.command.entity = 1 - row.command.entity;
  vec_push(&r->commands, row);
}
static void take_note(void *ctx, const Note *n, uint64_t seq) {
  Rows *r = ctx;
  NoteRow row = {*n, seq};
  row.note.text = copy(r, n->text);
  vec_push(&r->notes, row);
}

static int write_all(const Rows *r, Journal *j) {
  uint32_t c = 0, n = 0;
  int bad = 0;
  for (uint32_t i = 0; i < r->events.len; i++) {
    uint64_t seq = r->events.items[i].seq;
    bad |= journal_event(j, &r->events.items[i].event);
    for (; c < r->commands.len && r->commands.items[c].seq == seq; c++) bad |= journal_command(j, &r->commands.items[c].command);
    for (; n < r->notes.len && r->notes.items[n].seq == seq; n++) bad |= journal_note(j, &r->notes.items[n].note);
    bad |= journal_commit(j, NULL);
  }
  return bad;
}

int main(int argc, char **argv) {
  JournalError error = {0};
  Journal *from, *to;
  size_t len;
  Rows rows = {.arena = arena_new()};
  if (argc != 3) return fprintf(stderr, "usage: journal_forge FOLDER VERSION\n"), 2;
  if (journal_open(argv[1], JOURNAL_READ, NULL, &from, &error) < 0) return fprintf(stderr, "%s\n", error.text), 1;
  const char *plan = journal_plan(from, &len), *dir = arena_printf(rows.arena, "%s/forged", argv[1]);
  JournalBirth birth = {.plan = plan, .plan_len = len, .record = journal_record(from), .version = argv[2]};
  int bad = journal_replay(from, take_event, &rows, &error) | each_command(from, take_command, &rows, &error) |
            journal_notes(from, take_note, &rows, &error) | journal_open(dir, JOURNAL_CREATE, &birth, &to, &error);
  if (bad) return fprintf(stderr, "%s\n", error.text), 1;
  bad = write_all(&rows, to);
  journal_close(to);
  journal_close(from);
  unlink(arena_printf(rows.arena, "%s/journal.db-wal", argv[1]));
  unlink(arena_printf(rows.arena, "%s/journal.db-shm", argv[1]));
  bad |= rename(arena_printf(rows.arena, "%s/journal.db", dir), arena_printf(rows.arena, "%s/journal.db", argv[1]));
  vec_done(&rows.events);
  vec_done(&rows.commands);
  vec_done(&rows.notes);
  arena_free(rows.arena);
  return bad ? 1 : 0;
}
