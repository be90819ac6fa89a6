/* zone.c: a time zone from its TZif file (RFC 8536). Only the second, 64-bit part of the file is read; every
 * file of the last twenty years has it. The changes that the file lists hold until the last of them, and from
 * there on its last line, a rule. Invariants of a Zone, checked when it is read:
 *
 *     (1) at[] is strictly increasing; kind[i] < kind_count; kind_count >= 1
 *     (2) every abbreviation ends in a NUL within its table
 *     (3) every offset is less than a day */
#include <config.h>

#include "runtime/calendar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/suggest.h"
#include "runtime/zone_rule.h"

#define SYSTEM_ZONES "/usr/share/zoneinfo"
enum { HEADER = 44, MOST_BYTES = 1 << 20, MOST_OFFSET = 86400 };

typedef struct ZoneKind {
  int32_t offset; /* seconds east of UTC */
  const char *abbreviation;
} ZoneKind;

struct Zone {
  const char *name;
  uint32_t count;      /* changes */
  const int64_t *at;   /* seconds since 1970 */
  const uint8_t *kind; /* in force from then on */
  const ZoneKind *kinds;
  uint32_t kind_count;
  bool has_rule;
  ZoneRule rule;
};

/* ---- reading ---- */

typedef struct TzHeader {
  uint32_t utc_count, standard_count, leap_count, time_count, kind_count, char_count;
} TzHeader;

static uint32_t big32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static int64_t big64(const uint8_t *p) { return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4)); }

static bool read_header(const uint8_t *p, size_t len, TzHeader *ret) {
  if (len < HEADER || memcmp(p, "TZif", 4) != 0) return false;
  *ret = (TzHeader){big32(p + 20), big32(p + 24), big32(p + 28), big32(p + 32), big32(p + 36), big32(p + 40)};
  const uint32_t most = MOST_BYTES;
  return ret->utc_count <= most && ret->standard_count <= most && ret->leap_count <= most &&
         ret->time_count <= most && ret->kind_count <= 256 && ret->char_count <= most;
}

/* Bytes of the part behind a header; times are 4 or 8 bytes long. */
static size_t part_size(const TzHeader *h, size_t time) {
  return h->time_count * (time + 1) + h->kind_count * 6u + h->char_count + h->leap_count * (time + 4) +
         h->standard_count + h->utc_count;
}

static const char *read_kinds(Arena *arena, Zone *z, const TzHeader *h, const uint8_t *p) {
  const char *chars = (const char *)p + h->kind_count * 6u;
  ZoneKind *kinds = arena_new_array(arena, ZoneKind, h->kind_count);
  for (uint32_t i = 0; i < h->kind_count; i++, p += 6) {
    uint32_t text = p[5];
    const char *nul = text < h->char_count ? memchr(chars + text, '\0', h->char_count - text) : NULL;
    kinds[i].offset = (int32_t)big32(p);
    if (!nul) return "an abbreviation is missing"; /* (2) */
    if (kinds[i].offset <= -MOST_OFFSET || kinds[i].offset >= MOST_OFFSET)
      return "an offset of more than a day"; /* (3) */
    kinds[i].abbreviation = arena_string(arena, chars + text, (size_t)(nul - (chars + text)));
  }
  z->kinds = kinds;
  z->kind_count = h->kind_count;
  return NULL;
}

/* The part at p, of 64-bit times; NULL or what is wrong with it. */
static const char *read_part(Arena *arena, Zone *z, const TzHeader *h, const uint8_t *p) {
  if (h->kind_count == 0) return "it describes no local time";
  if (h->leap_count != 0) return "it counts leap seconds";
  int64_t *at = arena_new_array(arena, int64_t, h->time_count);
  const uint8_t *kind = p + h->time_count * 8u;
  for (uint32_t i = 0; i < h->time_count; i++) {
    at[i] = big64(p + i * 8u);
    if ((i > 0 && at[i] <= at[i - 1]) || kind[i] >= h->kind_count)
      return "its changes are in disorder"; /* (1) */
  }
  z->count = h->time_count;
  z->at = at;
  z->kind = arena_copy(arena, kind, h->time_count);
  return read_kinds(arena, z, h, kind + h->time_count);
}

static const char *read_footer(Zone *z, const uint8_t *p, size_t len) {
  if (len < 2 || p[0] != '\n') return "its last line is missing";
  const uint8_t *end = memchr(p + 1, '\n', len - 1);
  if (!end) return "it ends in the middle";
  size_t text = (size_t)(end - p - 1);
  z->has_rule = text > 0;
  if (z->has_rule && !zone_rule_parse((const char *)p + 1, text, &z->rule)) return "its last line is no rule";
  return NULL;
}

Zone *zone_parse(Arena *arena, const char *name, const void *bytes, size_t len, const char **ret_why) {
  const uint8_t *p = bytes;
  TzHeader h;
  *ret_why = "it is no time zone file";
  if (len > MOST_BYTES || !read_header(p, len, &h)) return NULL;
  *ret_why = "it has no 64-bit part";
  size_t first = HEADER + part_size(&h, 4);
  if (p[4] < '2') return NULL;
  *ret_why = "it ends in the middle";
  if (first > len || !read_header(p + first, len - first, &h)) return NULL;
  size_t second = first + HEADER, size = part_size(&h, 8);
  if (size > len - second) return NULL;
  Zone *z = arena_new_object(arena, Zone);
  z->name = arena_string(arena, name, strlen(name));
  *ret_why = read_part(arena, z, &h, p + second);
  if (!*ret_why) *ret_why = read_footer(z, p + second + size, len - second - size);
  return *ret_why ? NULL : z;
}

const Zone *zone_utc(void) {
  static const ZoneKind kind = {0, "UTC"};
  static const Zone utc = {.name = "UTC", .kinds = &kind, .kind_count = 1};
  return &utc;
}

const char *zone_name(const Zone *z) { return z->name; }

/* ---- offsets ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* The last change that is not after the instant; count > 0 and at[0] <= seconds. */
static uint32_t change_before(const Zone *z, int64_t seconds) {
  uint32_t low = 0, high = z->count;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (z->at[middle] <= seconds)
      low = middle;
    else
      high = middle;
  }
  return low;
}

int32_t zone_offset(const Zone *z, int64_t t, const char **ret_abbreviation) {
  int64_t seconds = floor_div(t, 1000);
  bool listed = z->count > 0 && seconds >= z->at[0];
  if (z->has_rule && (z->count == 0 || (listed && seconds >= z->at[z->count - 1]))) {
    bool summer = zone_rule_summer(&z->rule, seconds);
    if (ret_abbreviation) *ret_abbreviation = summer ? z->rule.summer : z->rule.standard;
    return summer ? z->rule.summer_offset : z->rule.standard_offset;
  }
  const ZoneKind *kind = &z->kinds[listed ? z->kind[change_before(z, seconds)] : 0];
  if (ret_abbreviation) *ret_abbreviation = kind->abbreviation;
  return kind->offset;
}

/* ---- from the system ---- */

/* A name is words of letters, digits, `_`, `+` and `-`, with single slashes between them: it cannot leave
 * the folder. */
static bool is_zone_name(const char *name) {
  bool word = false;
  if (strlen(name) > 255) return false;
  for (const char *p = name; *p; p++) {
    bool plain =
        (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("_+-", *p);
    if (!plain && (*p != '/' || !word)) return false;
    word = plain;
  }
  return word;
}

static bool is_region(Arena *arena, const char *dir, const char *name) {
  struct stat st;
  return is_zone_name(name) && stat(arena_printf(arena, "%s/%s", dir, name), &st) == 0 && S_ISDIR(st.st_mode);
}

/* Zones by name, the nearest to a wanted one. A wanted name without a region is compared with cities only. */
typedef struct Nearest {
  Suggest cities, names;
  const char *city; /* the whole name of cities.best */
} Nearest;

static void offer_zones(Arena *arena, const char *dir, const char *region, unsigned depth, Nearest *n) {
  DIR *folder = opendir(dir);
  for (struct dirent *e; folder && (e = readdir(folder));) {
    if (e->d_name[0] < 'A' || e->d_name[0] > 'Z' || strchr(e->d_name, '.')) continue; /* tables and rules */
    const char *name = arena_printf(arena, "%s%s", region, e->d_name), *before = n->cities.best;
    if (depth > 0 || strcmp(name, "UTC") == 0) { /* PST is no misspelt MST */
      suggest_offer(&n->names, name);
      suggest_offer(&n->cities, name + strlen(region));
      if (n->cities.best != before) n->city = name;
    }
    if (depth < 2) /* America/Argentina/Ushuaia */
      offer_zones(arena, arena_printf(arena, "%s/%s", dir, e->d_name), arena_printf(arena, "%s/", name), depth + 1,
                  n);
  }
  if (folder) closedir(folder);
}

static const char *nearest_zone(Arena *arena, const char *dir, const char *name) {
  size_t len = strlen(name);
  Nearest n = {.cities = suggest_begin(name, len), .names = suggest_begin(name, len)};
  offer_zones(arena, dir, "", 0, &n);
  return strchr(name, '/') ? suggest_best(&n.names) : n.city;
}

static void unknown_zone(Arena *arena, const char *dir, const char *name, DiagSink *sink, Span place) {
  if (!*name) {
    Diag *d = diag_new(sink, E_ZONE_UNKNOWN, place, "no time zone is given where one is needed");
    if (!place.hi)
      diag_note(sink, d, "fill the column `site.zone` of the inventory: a region and a city, such as America/Phoenix");
    else diag_note(sink, d, "write a region and a city, such as America/Phoenix");
    return;
  }
  Diag *d = diag_new(sink, E_ZONE_UNKNOWN, place, "no time zone is called `%.60s`", name);
  if (access(dir, R_OK) != 0) {
    diag_note(sink, d, "there are no time zones in %s: install them (Debian package tzdata)", dir);
    return;
  }
  bool region = is_region(arena, dir, name);
  if (region) diag_note(sink, d, "`%s` is a region: add a city", name);
  const char *best = region ? NULL : nearest_zone(arena, dir, name);
  if (best && place.hi)
    diag_fix(sink, d, place, false, arena_printf(arena, "\"%s\"", best), "did you mean `%s`?", best);
  else if (best) diag_note(sink, d, "did you mean `%s`?", best);
  diag_note(sink, d, "zones are named by region and city, such as America/Phoenix");
}

/* The whole of a regular file of up to MOST_BYTES; NULL when there is none. */
static uint8_t *read_small_file(Arena *arena, const char *path, size_t *ret_len) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  uint8_t *bytes = NULL;
  if (fd < 0) return NULL;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MOST_BYTES) {
    bytes = arena_alloc(arena, (size_t)st.st_size);
    *ret_len = 0;
    for (ssize_t got; *ret_len < (size_t)st.st_size; *ret_len += (size_t)got) {
      got = read(fd, bytes + *ret_len, (size_t)st.st_size - *ret_len);
      if (got <= 0) break; /* what is missing is found when the bytes are read */
    }
  }
  close(fd);
  return bytes;
}

Zone *zone_load(Arena *arena, const char *dir, const char *name, DiagSink *sink, Span place) {
  if (!dir) dir = SYSTEM_ZONES;
  if (strcmp(name, "UTC") == 0) return arena_copy(arena, zone_utc(), sizeof(Zone));
  size_t len;
  const char *why;
  uint8_t *bytes =
      is_zone_name(name) ? read_small_file(arena, arena_printf(arena, "%s/%s", dir, name), &len) : NULL;
  if (!bytes) {
    unknown_zone(arena, dir, name, sink, place);
    return NULL;
  }
  Zone *z = zone_parse(arena, name, bytes, len, &why);
  if (z) return z;
  Diag *d =
      diag_new(sink, E_ZONE_DAMAGED, place, "the file of the time zone `%s` cannot be used: %s", name, why);
  diag_note(sink, d, "install the system's time zones again (Debian package tzdata)");
  return NULL;
}
