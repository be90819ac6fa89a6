/* campaign_published: a calendar that people have, as its JSON or its CSV says it. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reading { const char *file; Arena *arena; DiagSink *sink; VEC(PublishedVisit) visits; } Reading;

__attribute__((format(printf, 3, 4))) static bool refuse(Reading *r, uint32_t line, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  Buf why = BUF_INIT;
  buf_vprintf(&why, format, ap);
  va_end(ap);
  diag_at(r->sink, E_PUBLISHED, r->file, line, 0, "%s", why.data);
  buf_done(&why);
  return false;
}

static bool add(Reading *r, uint32_t line, const char *member, const char *date, int64_t number, int64_t sequence) {
  Quantity day;
  QuantityFault fault;
  if (!quantity_parse_as(QUANTITY_DATE, date, strlen(date), &day, &fault)) return refuse(r, line, "`%s` is no date", date);
  if (number < 1 || number > INT32_MAX || sequence < 0 || sequence > INT32_MAX) return refuse(r, line, "visit %lld of %s cannot be", (long long)number, member);
  vec_push(&r->visits, ((PublishedVisit){arena_string(r->arena, member, strlen(member)), (uint32_t)number, (uint32_t)sequence, (int32_t)day.value}));
  return true;
}

/* ---- JSON: as campaign_json writes it ---- */

static bool read_cluster(Reading *r, const json_t *c) {
  const char *name = json_string_value(json_object_get(c, "name"));
  const json_t *visits = json_object_get(c, "visits");
  if (!name || !json_is_array(visits)) return refuse(r, 0, "a member without a name or without visits");
  size_t i;
  json_t *v;
  json_array_foreach(visits, i, v) {
    const char *date = json_string_value(json_object_get(v, "date"));
    if (!date) return refuse(r, 0, "a visit of %s has no date", name);
    if (!add(r, 0, name, date, json_integer_value(json_object_get(v, "visit")), json_integer_value(json_object_get(v, "sequence")))) return false;
  }
  return true;
}

static bool read_json(Reading *r, const char *bytes, size_t len) {
  json_error_t error;
  json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
  if (!root) return refuse(r, error.line > 0 ? (uint32_t)error.line : 0, "not JSON: %s", error.text);
  const json_t *members = json_object_get(root, "members");
  bool ok = json_is_array(members) || refuse(r, 0, "not the JSON of a calendar: it has no `members`");
  size_t i;
  json_t *c;
  if (ok) json_array_foreach(members, i, c) if (!(ok = read_cluster(r, c))) break;
  json_decref(root);
  return ok;
}

/* ---- CSV: as campaign_csv writes it; columns by name ---- */

typedef struct Columns { int member, visit, date, sequence; } Columns;

static char *next_cell(char **at) {
  char *cell = *at, *to = cell;
  if (*cell != '"') {
    char *comma = strchr(cell, ',');
    *at = comma ? comma + 1 : NULL;
    if (comma) *comma = '\0';
    return cell;
  }
  char *from = cell + 1;
  for (; *from && !(*from == '"' && from[1] != '"'); from++) {
    if (*from == '"') from++;
    *to++ = *from;
  }
  if (*from == '"') from++;
  *at = *from == ',' ? from + 1 : NULL;
  *to = '\0';
  return cell;
}

static bool read_header(Reading *r, char *line, Columns *c) {
  *c = (Columns){-1, -1, -1, -1};
  int i = 0;
  for (char *at = line; at; i++) {
    const char *cell = next_cell(&at);
    if (strcmp(cell, "member") == 0) c->member = i;
    else if (strcmp(cell, "visit") == 0) c->visit = i;
    else if (strcmp(cell, "date") == 0) c->date = i;
    else if (strcmp(cell, "sequence") == 0) c->sequence = i;
  }
  return (c->member >= 0 && c->visit >= 0 && c->date >= 0) || refuse(r, 1, "not the CSV of a calendar: it has no columns member, visit and date");
}

static bool read_row(Reading *r, char *line, uint32_t number, const Columns *c) {
  const char *member = "", *visit = "", *date = "", *sequence = "0";
  int i = 0;
  for (char *at = line; at; i++) {
    const char *cell = next_cell(&at);
    if (i == c->member) member = cell;
    if (i == c->visit) visit = cell;
    if (i == c->date) date = cell;
    if (i == c->sequence) sequence = cell;
  }
  return *date == '\0' || add(r, number, member, date, strtoll(visit, NULL, 10), strtoll(sequence, NULL, 10)); /* no date: it had no place */
}

static bool read_csv(Reading *r, const char *bytes, size_t len) {
  char *text = arena_string(r->arena, bytes, len), *end;
  Columns columns;
  uint32_t number = 1;
  for (char *line = text; line && *line; line = end ? end + 1 : NULL, number++) {
    end = strchr(line, '\n');
    if (end) *end = '\0';
    size_t n = strlen(line);
    if (n && line[n - 1] == '\r') line[n - 1] = '\0';
    if (number == 1 ? !read_header(r, line, &columns) : *line && !read_row(r, line, number, &columns)) return false;
  }
  return number > 1 || refuse(r, 0, "the file is empty");
}

bool published_read(const char *file, const char *bytes, size_t len, Arena *arena, Published *ret, DiagSink *sink) {
  Reading r = {.file = file, .arena = arena, .sink = sink};
  bool ok = len && bytes[0] == '{' ? read_json(&r, bytes, len) : read_csv(&r, bytes, len);
  *ret = (Published){arena_copy(arena, r.visits.items, size_product(r.visits.len, sizeof *r.visits.items)), r.visits.len};
  vec_done(&r.visits);
  return ok;
}
