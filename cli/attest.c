/* attest: the verdict on a run's record, in text and in JSON. */
#include <config.h>

#include "cli/attest.h"

#include "cli/run_record.h"
#include "cli/rundir.h"
#include "runtime/journal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEAD_DIGITS (JOURNAL_HEAD - 1)
#define MS_PER_SECOND 1000

typedef struct Verdict { JournalCheck check; const char *id, *noted; bool record_whole; } Verdict;

static bool sound(const Verdict *v) { return v->check.whole && v->record_whole && (!v->noted || v->check.noted_found); }

static bool head_parse(const char *text) {
  if (!text || (strlen(text) == HEAD_DIGITS && strspn(text, "0123456789abcdef") == HEAD_DIGITS)) return true;
  fprintf(stderr, "tagout log: --head is %d hexadecimal digits, as the report of a run and `tagout log --verify` print them\n", HEAD_DIGITS);
  return false;
}

static void show_bad(const Verdict *v, Buf *out) {
  const JournalCheck *c = &v->check;
  char when[40] = "";
  time_t seconds = (time_t)(c->bad_at / MS_PER_SECOND);
  struct tm tm;
  if (c->bad_at && gmtime_r(&seconds, &tm)) strftime(when, sizeof when, ", %Y-%m-%d %H:%M:%S UTC", &tm);
  buf_printf(out, "%s: the record was changed after it was written\n  first bad   %s%s", v->id, c->what, when);
  if (c->bad_line) buf_printf(out, ", line %u of the runbook", c->bad_line);
  buf_printf(out, "\n  whole       %llu events before it\n  restore the run's folder from a copy; what the run locked stays locked until then\n",
             (unsigned long long)c->events);
}

/* How far somebody else vouches for it: nobody, up to a turn, or to the end. */
static void show_anchor(const Verdict *v, Buf *out) {
  const JournalCheck *c = &v->check;
  buf_str(out, "  anchored    ");
  if (!v->noted)
    buf_str(out, "by nothing outside the run's folder: with a head that was noted elsewhere, --head HEX also finds\n"
                 "              an end that was cut off, and a journal that was made anew\n");
  else if (!c->noted_found)
    buf_str(out, "NO: the noted head is of no turn of this journal: its end was cut off, or it was made anew\n");
  else if (c->noted_events < c->events)
    buf_printf(out, "up to event %llu by the noted head; the %llu events behind it are chained to it, and vouched for by nothing else\n",
               (unsigned long long)c->noted_events, (unsigned long long)(c->events - c->noted_events));
  else buf_str(out, "to its end by the noted head\n");
}

static void show(const Verdict *v, Buf *out) {
  const JournalCheck *c = &v->check;
  if (!c->whole) {
    show_bad(v, out);
    return;
  }
  if (sound(v)) buf_printf(out, "%s: the record is whole\n", v->id);
  else buf_printf(out, "%s: the record is not what it was\n", v->id);
  if (!v->record_whole) buf_str(out, "  record      record.json was changed after the run was made: restore it from a copy\n");
  buf_printf(out, "  events      %llu in %llu turns, each with its commands and notes\n  head        %s\n", (unsigned long long)c->events,
             (unsigned long long)c->turns, c->head);
  show_anchor(v, out);
}

static void show_json(const Verdict *v, Buf *out) {
  const JournalCheck *c = &v->check;
  json_t *root = json_pack("{s:s,s:b,s:b,s:I,s:I,s:s}", "run", v->id, "whole", c->whole && v->record_whole, "sound", sound(v), "events",
                           (json_int_t)c->events, "turns", (json_int_t)c->turns, "head", c->head);
  if (v->noted && c->noted_found) json_object_set_new(root, "anchored_events", json_integer((json_int_t)c->noted_events));
  if (!c->whole)
    json_object_set_new(root, "first_bad", json_pack("{s:I,s:I,s:i,s:s}", "event", (json_int_t)c->bad_event, "at_ms", (json_int_t)c->bad_at,
                                                     "line", (int)c->bad_line, "what", c->what));
  char *text = json_dumps(root, JSON_INDENT(1));
  buf_printf(out, "%s\n", text);
  free(text);
  json_decref(root);
}

static bool check(const char *dir, Verdict *v) {
  JournalError error = {0};
  Journal *journal = NULL;
  bool read = journal_open(dir, JOURNAL_READ, NULL, &journal, &error) == 0 && journal_verify(journal, v->noted, &v->check, &error) == 0;
  if (read) v->record_whole = !v->check.whole || record_is(dir, journal_record(journal));
  else print_journal_error(&error);
  journal_close(journal);
  return read;
}

ExitCode attest(const char *dir, const char *noted, Format format) {
  Verdict v = {.id = rundir_id(dir), .noted = noted};
  Buf out = BUF_INIT;
  if (!head_parse(noted) || !check(dir, &v)) return EXIT_USAGE;
  if (format == FORMAT_JSON) show_json(&v, &out);
  else show(&v, &out);
  fputs(out.data, stdout);
  buf_done(&out);
  return sound(&v) ? EXIT_DONE : EXIT_CHECK;
}
