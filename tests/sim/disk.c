/* disk: files as two images, what was written and what was synced; and what of SQLite's locks and shared memory one process needs. */
#include <config.h>

#include "tests/sim/disk.h"

#include "lang/arena.h"
#include "lang/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 24, SECTOR = 512, PATH_MOST = 400, SHM_REGIONS = 64, SHM_LOCKS = SQLITE_SHM_NLOCK };

typedef struct Image { uint8_t *bytes; size_t len, cap; } Image;
typedef struct DiskFile {
  char name[PATH_MOST];
  bool there;                /* it has that name; one that was deleted lives on while it is open */
  uint32_t open;
  Image now, safe;
  uint8_t *dirty;            /* per sector of now: written since the last sync */
  size_t dirty_cap, dirty_from, dirty_to;
  bool waits;                /* something was written since the last sync */
  uint32_t shared;           /* how many handles read */
  uint8_t reserved, pending, exclusive;
  void *shm[SHM_REGIONS];
  int shm_size;
  int16_t shm_lock[SHM_LOCKS]; /* -1 exclusive, else how many share it */
} DiskFile;

typedef struct Handle {
  sqlite3_file base;
  DiskFile *file;
  int lock;
  uint8_t shm_shared[SHM_LOCKS], shm_exclusive[SHM_LOCKS];
  bool temporary;
} Handle;

static DiskFile files[FILES];
static uint64_t random_state, calls;
static DiskFault armed, struck;
static uint32_t armed_in;
static bool dead, full, lying;

static uint64_t next_random(void) { /* splitmix64 */
  uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* ---- images ---- */

static void image_resize(Image *m, size_t len) {
  if (len > m->cap) {
    m->cap = len * 2;
    m->bytes = xrealloc(m->bytes, m->cap);
  }
  if (len > m->len) memset(m->bytes + m->len, 0, len - m->len);
  m->len = len;
}

static void image_put(Image *m, size_t at, const void *bytes, size_t n) {
  if (at + n > m->len) image_resize(m, at + n);
  memcpy(m->bytes + at, bytes, n);
}

static void mark_dirty(DiskFile *f, size_t at, size_t n) {
  size_t sectors = (at + n + SECTOR - 1) / SECTOR;
  if (sectors > f->dirty_cap) {
    size_t cap = sectors * 2;
    f->dirty = xrealloc(f->dirty, cap);
    memset(f->dirty + f->dirty_cap, 0, cap - f->dirty_cap);
    f->dirty_cap = cap;
  }
  for (size_t s = at / SECTOR; s < sectors; s++) f->dirty[s] = 1;
  if (f->dirty_to == 0 || at / SECTOR < f->dirty_from) f->dirty_from = at / SECTOR;
  if (sectors > f->dirty_to) f->dirty_to = sectors;
  f->waits = true;
}

static void copy_sector(const Image *from, Image *to, size_t sector) {
  size_t at = sector * SECTOR, end = at + SECTOR < from->len ? at + SECTOR : from->len;
  if (at < end) image_put(to, at, from->bytes + at, end - at);
}

/* dirty_from, dirty_to: no other sector is. */
static void make_safe(DiskFile *f) {
  for (size_t s = f->dirty_from; s < f->dirty_to; s++)
    if (f->dirty[s]) copy_sector(&f->now, &f->safe, s), f->dirty[s] = 0;
  image_resize(&f->safe, f->now.len);
  f->dirty_from = f->dirty_to = 0;
  f->waits = false;
}

/* ---- files ---- */

static DiskFile *find_file(const char *name) {
  for (uint32_t i = 0; i < FILES; i++)
    if (files[i].there && strcmp(files[i].name, name) == 0) return &files[i];
  return NULL;
}

/* Its memory is kept for the next one. */
static void empty_file(DiskFile *f) {
  for (uint32_t i = 0; i < SHM_REGIONS; i++) free(f->shm[i]);
  DiskFile next = {.now = f->now, .safe = f->safe, .dirty = f->dirty, .dirty_cap = f->dirty_cap};
  next.now.len = next.safe.len = 0;
  if (next.dirty_cap) memset(next.dirty, 0, next.dirty_cap);
  *f = next;
}

static DiskFile *make_file(const char *name) {
  for (uint32_t i = 0; i < FILES; i++) {
    DiskFile *f = &files[i];
    if (f->there || f->open) continue;
    empty_file(f);
    f->there = true;
    strncpy(f->name, name, PATH_MOST - 1);
    return f;
  }
  return NULL;
}

/* ---- faults ---- */

/* What becomes of this call: SQLITE_OK, or what it fails with. */
static int meets(bool sync) {
  calls++;
  if (dead) return SQLITE_IOERR;
  bool fits = armed == DISK_DEAD || (sync ? armed == DISK_SYNC : armed == DISK_FULL || armed == DISK_WRITE);
  if (fits && armed_in-- == 0) {
    struck = armed;
    armed = DISK_WELL;
    dead = struck == DISK_DEAD;
    full = struck == DISK_FULL;
    if (dead) return SQLITE_IOERR;
    if (struck == DISK_SYNC) return SQLITE_IOERR_FSYNC;
    if (struck == DISK_WRITE) return SQLITE_IOERR_WRITE;
  }
  return full && !sync ? SQLITE_FULL : SQLITE_OK;
}

void disk_break(DiskFault fault, uint32_t in_calls) { armed = fault, armed_in = in_calls; }
DiskFault disk_struck(void) { return struck; }
void disk_mend(void) { armed = struck = DISK_WELL, dead = full = false; }
void disk_stop(void) { dead = true; }
void disk_lie(bool lies) { lying = lies; }
uint64_t disk_calls(void) { return calls; }

void disk_wipe(uint64_t seed) {
  for (uint32_t i = 0; i < FILES; i++) empty_file(&files[i]);
  disk_mend();
  random_state = seed;
  calls = 0;
  sqlite3_randomness(0, NULL); /* what it draws from us it draws anew */
}

void disk_power_fails(void) {
  for (uint32_t i = 0; i < FILES; i++) {
    DiskFile *f = &files[i];
    bool longer = f->now.len > f->safe.len;
    size_t len = f->waits && longer && next_random() % 2 ? f->now.len : f->safe.len;
    if (!f->there || !f->waits) continue;
    for (size_t s = 0; s < f->dirty_cap; s++)
      if (f->dirty[s] && s * SECTOR < len && next_random() % 2) copy_sector(&f->now, &f->safe, s);
    image_resize(&f->safe, len);
    image_resize(&f->now, len);
    if (len) memcpy(f->now.bytes, f->safe.bytes, len);
    memset(f->dirty, 0, f->dirty_cap);
    f->dirty_from = f->dirty_to = 0;
    f->waits = false;
  }
}

bool disk_synced(const char *name) {
  size_t n = strlen(name);
  for (uint32_t i = 0; i < FILES; i++) {
    size_t len = strlen(files[i].name);
    if (files[i].there && files[i].waits && len >= n && strcmp(files[i].name + len - n, name) == 0) return false;
  }
  return true;
}

/* ---- what SQLite calls: bytes ---- */

static int disk_read(sqlite3_file *base, void *to, int n, sqlite3_int64 at) {
  const DiskFile *f = ((Handle *)base)->file;
  if (dead) return SQLITE_IOERR_READ;
  size_t have = (size_t)at < f->now.len ? f->now.len - (size_t)at : 0;
  if (have > (size_t)n) have = (size_t)n;
  if (have) memcpy(to, f->now.bytes + at, have);
  if (have == (size_t)n) return SQLITE_OK;
  memset((uint8_t *)to + have, 0, (size_t)n - have);
  return SQLITE_IOERR_SHORT_READ;
}

static int disk_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 at) {
  DiskFile *f = ((Handle *)base)->file;
  bool was_dead = dead;
  int r = meets(false);
  int done = r == SQLITE_OK ? n : was_dead || r == SQLITE_FULL ? 0 : n / 2; /* struck in the middle of it */
  if (done) {
    image_put(&f->now, (size_t)at, from, (size_t)done);
    mark_dirty(f, (size_t)at, (size_t)done);
  }
  return r;
}

static int disk_truncate(sqlite3_file *base, sqlite3_int64 len) {
  DiskFile *f = ((Handle *)base)->file;
  if (dead) return SQLITE_IOERR_TRUNCATE;
  image_resize(&f->now, (size_t)len);
  f->waits = true; /* of its sectors those that are left */
  return SQLITE_OK;
}

static int disk_sync(sqlite3_file *base, int flags) {
  (void)flags;
  int r = meets(true);
  if (r == SQLITE_OK && !lying) make_safe(((Handle *)base)->file);
  return r;
}

static int disk_file_size(sqlite3_file *base, sqlite3_int64 *ret) {
  *ret = (sqlite3_int64)((Handle *)base)->file->now.len;
  return SQLITE_OK;
}

/* ---- locks ---- */

static int disk_lock(sqlite3_file *base, int level) {
  Handle *h = (Handle *)base;
  DiskFile *f = h->file;
  if (h->lock >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (f->pending || f->exclusive) return SQLITE_BUSY;
    f->shared++;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (f->reserved || f->exclusive) return SQLITE_BUSY;
    f->reserved = 1;
  } else {
    if (h->lock < SQLITE_LOCK_RESERVED && (f->reserved || f->exclusive)) return SQLITE_BUSY;
    if (f->shared > 1) return SQLITE_BUSY; /* its own is one */
    f->reserved = f->exclusive = 1;
  }
  h->lock = level;
  return SQLITE_OK;
}

static int disk_unlock(sqlite3_file *base, int level) {
  Handle *h = (Handle *)base;
  DiskFile *f = h->file;
  if (h->lock <= level) return SQLITE_OK;
  if (h->lock >= SQLITE_LOCK_RESERVED) f->reserved = 0;
  if (h->lock >= SQLITE_LOCK_PENDING) f->exclusive = 0;
  if (level == SQLITE_LOCK_NONE) f->shared--;
  h->lock = level;
  return SQLITE_OK;
}

static int disk_check_reserved(sqlite3_file *base, int *ret) {
  *ret = ((Handle *)base)->file->reserved;
  return SQLITE_OK;
}

/* ---- the index of a log, in memory that is shared ---- */

static int shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **ret) {
  DiskFile *f = ((Handle *)base)->file;
  *ret = NULL;
  if (region >= SHM_REGIONS) return SQLITE_NOMEM;
  if (!f->shm[region] && extend) f->shm[region] = xcalloc(1, (size_t)size);
  f->shm_size = size;
  *ret = f->shm[region];
  return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int first, int n, int flags) {
  Handle *h = (Handle *)base;
  int16_t *lock = h->file->shm_lock;
  for (int i = first; i < first + n; i++) {
    if (flags & SQLITE_SHM_UNLOCK) {
      if (h->shm_exclusive[i]) lock[i] = 0;
      else if (h->shm_shared[i]) lock[i]--;
      h->shm_exclusive[i] = h->shm_shared[i] = 0;
    } else if (flags & SQLITE_SHM_SHARED) {
      if (lock[i] < 0 && !h->shm_exclusive[i]) return SQLITE_BUSY;
      if (!h->shm_shared[i]) lock[i]++;
      h->shm_shared[i] = 1;
    } else if (lock[i] != 0 && !h->shm_exclusive[i]) {
      return SQLITE_BUSY;
    }
  }
  for (int i = first; i < first + n && (flags & SQLITE_SHM_LOCK) && (flags & SQLITE_SHM_EXCLUSIVE); i++) lock[i] = -1, h->shm_exclusive[i] = 1;
  return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base) { (void)base; }

static int shm_unmap(sqlite3_file *base, int deletes) {
  DiskFile *f = ((Handle *)base)->file;
  shm_lock(base, 0, SHM_LOCKS, SQLITE_SHM_UNLOCK);
  if (!deletes && f->open > 1) return SQLITE_OK;
  for (uint32_t i = 0; i < SHM_REGIONS; i++) {
    free(f->shm[i]);
    f->shm[i] = NULL;
  }
  return SQLITE_OK;
}

/* ---- the rest of it ---- */

static int disk_close(sqlite3_file *base) {
  Handle *h = (Handle *)base;
  disk_unlock(base, SQLITE_LOCK_NONE);
  shm_lock(base, 0, SHM_LOCKS, SQLITE_SHM_UNLOCK);
  h->file->open--;
  if (h->file->open == 0) shm_unmap(base, 1);
  if (h->temporary) h->file->there = false;
  if (!h->file->there && h->file->open == 0) empty_file(h->file);
  return SQLITE_OK;
}

static int disk_control(sqlite3_file *base, int op, void *arg) { return (void)base, (void)op, (void)arg, SQLITE_NOTFOUND; }
static int sector_size(sqlite3_file *base) { return (void)base, SECTOR; }
static int device(sqlite3_file *base) { return (void)base, SQLITE_IOCAP_POWERSAFE_OVERWRITE; } /* as the real one says by default */

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = disk_close, .xRead = disk_read, .xWrite = disk_write, .xTruncate = disk_truncate, .xSync = disk_sync,
    .xFileSize = disk_file_size, .xLock = disk_lock, .xUnlock = disk_unlock, .xCheckReservedLock = disk_check_reserved,
    .xFileControl = disk_control, .xSectorSize = sector_size, .xDeviceCharacteristics = device, .xShmMap = shm_map, .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier, .xShmUnmap = shm_unmap};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags) {
  (void)vfs;
  Handle *h = (Handle *)base;
  DiskFile *f = name ? find_file(name) : NULL;
  *h = (Handle){.temporary = name == NULL};
  if (dead || (!f && name && !(flags & SQLITE_OPEN_CREATE))) return SQLITE_CANTOPEN;
  if (!f) f = make_file(name ? name : "(temporary)");
  if (!f) return SQLITE_CANTOPEN;
  f->open++;
  h->file = f;
  h->base.pMethods = &methods;
  if (ret_flags) *ret_flags = flags;
  return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs, (void)sync;
  DiskFile *f = find_file(name);
  if (dead) return SQLITE_IOERR_DELETE;
  if (!f) return SQLITE_IOERR_DELETE_NOENT;
  f->there = false;
  if (f->open == 0) empty_file(f);
  return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret) {
  (void)vfs;
  const DiskFile *f = find_file(name);
  *ret = f != NULL && (flags != SQLITE_ACCESS_EXISTS || f->now.len > 0);
  return SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *name, int n, char *ret) {
  (void)vfs;
  strncpy(ret, name, (size_t)n - 1);
  ret[n - 1] = '\0';
  return SQLITE_OK;
}

static int randomness(sqlite3_vfs *vfs, int n, char *ret) {
  (void)vfs;
  for (int i = 0; i < n; i++) ret[i] = (char)next_random();
  return n;
}

static int do_sleep(sqlite3_vfs *vfs, int microseconds) { return (void)vfs, microseconds; } /* who has the lock is this very thread */
static int last_error(sqlite3_vfs *vfs, int n, char *ret) { return (void)vfs, (void)n, (void)ret, 0; }
static int current_time(sqlite3_vfs *vfs, double *ret) { return (void)vfs, *ret = 2461000.5, SQLITE_OK; }

/* ---- names that are not SQLite's business ---- */

/* A file of this disk gets its name when it is whole; in place of the C library's, for whatever is linked with this. */
int link(const char *from, const char *to) {
  DiskFile *f = find_file(from);
  if (!f) return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
  if (dead || find_file(to)) return errno = dead ? EIO : EEXIST, -1;
  memset(f->name, 0, sizeof f->name);
  strncpy(f->name, to, sizeof f->name - 1);
  return 0;
}

int access(const char *name, int mode) { return find_file(name) ? 0 : faccessat(AT_FDCWD, name, mode, 0); }

void disk_mount(void) {
  static sqlite3_vfs vfs = {.iVersion = 1, .szOsFile = sizeof(Handle), .mxPathname = PATH_MOST, .zName = "disk", .xOpen = disk_open,
                            .xDelete = disk_delete, .xAccess = disk_access, .xFullPathname = full_path, .xRandomness = randomness,
                            .xSleep = do_sleep, .xCurrentTime = current_time, .xGetLastError = last_error};
  sqlite3_vfs_register(&vfs, 1);
}
