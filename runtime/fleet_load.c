/* fleet_load.c: from a path to a fleet. An inventory is one of
 *
 *     nodes.csv, any other name.csv   one table of nodes; what they are in comes from its columns
 *     inventory.json                  the same as JSON, or all tables in one object
 *     a folder                        one table per kind that has attributes of its own: nodes.csv,
 *                                     racks.csv, clusters.csv ...; nodes.csv must be among them, files
 *                                     that do not end in .csv are not looked at
 *
 * Tables are read containers first, so that a reference to something without a row is found where it
 * stands. What is wrong anywhere is reported, and then there is no fleet: half an inventory is worse than
 * none. */
#include <config.h>

#include "runtime/fleet.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/limits.h"
#include "lang/suggest.h"
#include "lang/utf8.h"
#include "runtime/fleet_read.h"

enum { BYTES_PER_TEXT = 64 }; /* of a file, roughly, for every text in it that is not a repetition */

/* ---- bytes ---- */

static void unreadable(DiagSink *sink, const char *path, const char *why, const char *help) {
  Diag *d = diag_at(sink, E_FLEET_UNREADABLE, path, 0, 0, "cannot read the inventory: %s", why);
  if (help) diag_note(sink, d, "%s", help);
}

/* Up to size bytes of the descriptor; -errno, or their number, which is less when the file shrank. */
static ssize_t read_all(int fd, char *bytes, size_t size) {
  size_t n = 0;
  while (n < size) {
    ssize_t got = read(fd, bytes + n, size - n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    n += (size_t)got;
  }
  return (ssize_t)n;
}

/* The whole file and a NUL behind it, from malloc; NULL and reported when that fails. */
static char *read_file(DiagSink *sink, const char *path, size_t *ret_len) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  char *bytes = NULL;
  if (fd < 0 || fstat(fd, &st) < 0) {
    unreadable(sink, path, strerror(errno),
               "is the path right? It counts from the current folder, or from that of the site file");
  } else if (!S_ISREG(st.st_mode)) {
    unreadable(sink, path, S_ISDIR(st.st_mode) ? "it is a folder" : "it is no regular file", NULL);
  } else if ((uint64_t)st.st_size > LIMIT_FLEET_BYTES) {
    diag_at(sink, E_FLEET_LIMIT, path, 0, 0, "an inventory file of more than %u bytes", LIMIT_FLEET_BYTES);
  } else {
    bytes = xmalloc((size_t)st.st_size + 1);
    ssize_t got = read_all(fd, bytes, (size_t)st.st_size);
    if (got < 0) {
      unreadable(sink, path, strerror((int)-got), NULL);
      free(bytes);
      bytes = NULL;
    } else {
      bytes[got] = '\0';
      *ret_len = (size_t)got;
    }
  }
  if (fd >= 0) close(fd);
  return bytes;
}

/* Reports the first bad byte of every line that has one, and marks it for the reader. */
static void find_bad_bytes(DiagSink *sink, const char *path, FleetFile *file) {
  char *line_start = file->bytes, *p = file->bytes, *stop = file->bytes + file->len;
  uint32_t line = 1;
  for (;;) {
    size_t valid = utf8_first_invalid(p, (size_t)(stop - p));
    char *nul = memchr(p, '\0', valid), *bad = nul ? nul : p + valid;
    if (bad == stop) return;
    for (char *n; (n = memchr(line_start, '\n', (size_t)(bad - line_start))); line_start = n + 1) line++;
    Diag *d = diag_at(sink, E_FLEET_BYTES, path, line,
                      (uint32_t)utf8_clusters(line_start, (size_t)(bad - line_start)) + 1,
                      nul ? "a NUL byte" : "a byte that is not valid UTF-8: 0x%02x", (unsigned char)*bad);
    diag_note(sink, d, nul ? "is this a text file?" : "save the file as UTF-8");
    *bad = FLEET_BAD_BYTE;
    file->damaged = true;
    p = memchr(bad, '\n', (size_t)(stop - bad));
    if (!p) return;
  }
}

/* ---- one file ---- */

static void read_bytes(FleetLoad *load, uint32_t kind, const char *path, FleetFormat format, char *bytes,
                       size_t len) {
  FleetFile file = {.bytes = bytes, .len = len, .number = fleet_add_file(load->f, path)};
  file.buffer = text_table_adopt(load->f->texts, bytes, len + 1);
  text_table_reserve(load->f->texts, len / BYTES_PER_TEXT);
  find_bad_bytes(load->sink, path, &file);
  if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
    file.bytes += 3;
    file.len -= 3;
  }
  if (format == FLEET_CSV)
    fleet_read_csv(load, kind, &file);
  else if (!file.damaged)
    fleet_read_json(load, &file);
  load->complete[kind] = 1;
}

static void read_path(FleetLoad *load, uint32_t kind, const char *path, FleetFormat format) {
  size_t len;
  if (load->f->file_count == LIMIT_FLEET_TABLES) {
    diag_at(load->sink, E_FLEET_LIMIT, path, 0, 0, "more than %u tables in one folder", LIMIT_FLEET_TABLES);
    return;
  }
  char *bytes = read_file(load->sink, path, &len);
  if (bytes) read_bytes(load, kind, path, format, bytes, len);
}

/* ---- a folder ---- */

uint32_t fleet_table_named(const FleetSchema *schema, const char *name, size_t len, const char **ret_near) {
  Suggest s = suggest_begin(name, len);
  for (uint32_t k = 0; k < schema->kind_count; k++) {
    const char *plural = schema->kinds[k].plural;
    if (strlen(plural) == len && memcmp(plural, name, len) == 0) return k;
    suggest_offer(&s, plural);
  }
  if (ret_near) *ret_near = suggest_best(&s);
  return UINT32_MAX;
}

static bool ends_in(const char *path, const char *suffix) {
  size_t n = strlen(path), m = strlen(suffix);
  return n > m && strcasecmp(path + n - m, suffix) == 0;
}

static void check_entry(FleetLoad *load, const char *folder, const char *name) {
  const char *near;
  if (name[0] == '.' || !ends_in(name, ".csv")) return;
  uint32_t kind = fleet_table_named(load->f->schema, name, strlen(name) - 4, &near);
  if (kind != UINT32_MAX) {
    load->tabled[kind] = 1;
    return;
  }
  Diag *d = diag_at(load->sink, E_FLEET_TABLE, arena_printf(load->arena, "%s/%s", folder, name), 0, 0,
                    "no kind has the table `%s`", name);
  if (near)
    diag_note(load->sink, d, "did you mean `%s.csv`?", near);
  else
    diag_note(load->sink, d, "tables are named by the plurals of the kinds: nodes.csv, racks.csv ...");
}

static void read_folder(FleetLoad *load, const char *folder) {
  const FleetSchema *schema = load->f->schema;
  DIR *dir = opendir(folder);
  if (!dir) {
    unreadable(load->sink, folder, strerror(errno), NULL);
    return;
  }
  for (struct dirent *entry; (entry = readdir(dir));) check_entry(load, folder, entry->d_name);
  closedir(dir);
  if (!load->tabled[schema->row_kind]) {
    Diag *d = diag_at(load->sink, E_FLEET_EMPTY, folder, 0, 0, "no %s.csv in the folder",
                      schema->kinds[schema->row_kind].plural);
    diag_note(load->sink, d, "a folder holds one table per kind, and one for %s",
              schema->kinds[schema->row_kind].plural);
  }
  for (uint32_t i = 0; i < schema->kind_count; i++) {
    uint32_t k = load->f->graph.order[i];
    if (load->tabled[k])
      read_path(load, k, arena_printf(load->arena, "%s/%s.csv", folder, schema->kinds[k].plural), FLEET_CSV);
  }
}

/* ---- the whole ---- */

static FleetLoad *load_new(const FleetSchema *schema, DiagSink *sink) {
  Arena *arena = arena_new();
  FleetLoad *load = arena_new_object(arena, FleetLoad);
  load->f = fleet_new(schema);
  load->sink = sink;
  load->arena = arena;
  load->tabled = arena_alloc(arena, schema->kind_count);
  load->complete = arena_alloc(arena, schema->kind_count);
  load->claims = fleet_claims_new(schema, arena);
  return load;
}

/* The rules of the whole are looked at only when every row is good: otherwise they would speak of what is
 * missing. */
static Fleet *load_done(FleetLoad *load, uint32_t errors_before) {
  Fleet *f = load->f;
  fleet_claims_done(load->claims, f->schema);
  if (diag_errors(load->sink) == errors_before) fleet_check_references(f, load->tabled, load->sink);
  if (diag_errors(load->sink) == errors_before) {
    fleet_relate_up(f);
    fleet_check_rules(f, load->sink);
  }
  if (diag_errors(load->sink) == errors_before) {
    fleet_relate_members(f);
  } else {
    fleet_free(f);
    f = NULL;
  }
  arena_free(load->arena);
  return f;
}

Fleet *fleet_load(const FleetSchema *schema, const char *path, FleetFormat format, DiagSink *sink) {
  uint32_t before = diag_errors(sink);
  FleetLoad *load = load_new(schema, sink);
  struct stat st;
  bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
  if (format == FLEET_BY_NAME && !folder) {
    if (ends_in(path, ".csv")) format = FLEET_CSV;
    if (ends_in(path, ".json")) format = FLEET_JSON;
  }
  if (folder && format != FLEET_JSON) {
    read_folder(load, path);
  } else if (format == FLEET_BY_NAME) {
    unreadable(sink, path, "neither .csv, nor .json, nor a folder", "an inventory is one of them");
  } else {
    load->tabled[schema->row_kind] = format == FLEET_CSV;
    read_path(load, schema->row_kind, path, format);
  }
  return load_done(load, before);
}

Fleet *fleet_load_text(const FleetSchema *schema, const char *file, FleetFormat format, const char *bytes,
                       size_t len, DiagSink *sink) {
  uint32_t before = diag_errors(sink);
  FleetLoad *load = load_new(schema, sink);
  char *copy = xmalloc(len + 1);
  memcpy(copy, bytes, len);
  copy[len] = '\0';
  load->tabled[schema->row_kind] = format == FLEET_CSV;
  read_bytes(load, schema->row_kind, file, format, copy, len);
  return load_done(load, before);
}
