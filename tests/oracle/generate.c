/* generate SEED COUNT DIR [urgent]: made-up runbooks DIR/gSEED-NUMBER.runbook, with emergencies where that is asked for, and their
 * library DIR/rig.runbook. The same seed gives the same files. What the checker does not take is thrown away and made up anew. */
#include <config.h>

#include "lang/embedded.h"
#include "tests/oracle/load.h"
#include "tests/oracle/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const EmbeddedSet rig_files; /* tests/oracle/cases/NAME.runbook */

static bool write_file(const char *path, const char *bytes, size_t len) {
  FILE *f = fopen(path, "w");
  bool good = f && fwrite(bytes, 1, len, f) == len;
  if (f && fclose(f) != 0) good = false;
  if (!good) fprintf(stderr, "cannot write %s\n", path);
  return good;
}

static void head(Writer *w, uint64_t seed, uint32_t number, const char *kind) {
  static const char *const obeys[] = {"interlock, order, handback", "interlock, order, handback", "interlock, order, handback",
                                      "interlock, handback", "interlock", "order"};
  line(w, "# Made up: seed %llu, number %u, %s, %u slips in a hundred.", (unsigned long long)seed, number, kind, w->sloppy);
  line(w, "use rig");
  line(w, "%s", "");
  if (w->urgent) write_urgent_library(w);
  if (chance(w, 20)) {
    w->procedure = true;
    open_block(w, "procedure bring_up(n: Node)");
    write_call(w, (Scene){.node = true}, "start");
    write_call(w, (Scene){.node = true}, "give_back");
    close_block(w);
    line(w, "%s", "");
  }
  open_block(w, "runbook t \"Made up\"");
  line(w, "owner \"tests\"");
  line(w, "obey %s", w->urgent ? chance(w, 80) ? "urgent, order, handback" : "urgent, interlock" : obeys[draw(w, 6)]);
  line(w, "select nodes = n in Node");
  line(w, "select racks = r in Rack");
  if (w->urgent) write_emergency(w);
}

static void make_up(Writer *w, uint64_t seed, uint32_t number, uint32_t try) {
  static const uint32_t slips_in_hundred[] = {0, 3, 6, 10, 16};
  w->state = seed * UINT64_C(0x9e3779b97f4a7c15) + ((uint64_t)number << 20) + try;
  w->sloppy = slips_in_hundred[draw(w, 5)];
  bool wild = chance(w, 25);
  w->calls = wild ? 6 + draw(w, 6) : 40;
  head(w, seed, number, wild ? "wild" : "shaped");
  if (chance(w, 15)) line(w, "budget nodes out: at most %u at once", w->sloppy > 0 && chance(w, 30) ? 1 + draw(w, 2) : 3 + draw(w, 3));
  if (chance(w, 8)) line(w, "leave out n in nodes where service of n is not in_service, at most 50%% of nodes");
  if (chance(w, 8)) line(w, "require every r in racks: shelf of r is on \"the shelves are off\"");
  if (wild) write_wild(w);
  else write_shape(w);
  close_block(w);
}

static bool generate(uint64_t seed, uint32_t number, const char *dir, bool urgent, uint32_t *thrown) {
  char path[4096];
  snprintf(path, sizeof path, "%s/g%llu-%05u.runbook", dir, (unsigned long long)seed, number);
  for (uint32_t try = 0; try < 1000; try++, ++*thrown) {
    Writer w = {.urgent = urgent};
    make_up(&w, seed, number, try);
    bool written = write_file(path, w.out.data, w.out.len);
    buf_done(&w.out);
    if (!written) return false;
    Loaded l = load_file(path);
    bool good = l.program != NULL;
    if (!good && getenv("GENERATE_SAYS")) fprintf(stderr, "%s: %s\n", path, l.why);
    load_done(&l);
    if (good) return true;
  }
  fprintf(stderr, "%s: nothing that the checker takes in 1000 tries\n", path);
  return false;
}

int main(int argc, char **argv) {
  char path[4096];
  bool urgent = argc == 5 && strcmp(argv[4], "urgent") == 0;
  if (argc != 4 && !urgent) {
    fprintf(stderr, "generate SEED COUNT DIR [urgent]\n");
    return 2;
  }
  uint64_t seed = strtoull(argv[1], NULL, 10);
  uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10), thrown = 0;
  const EmbeddedFile *rig = embedded_find(&rig_files, "rig", 3);
  snprintf(path, sizeof path, "%s/rig.runbook", argv[3]);
  if (!rig || !write_file(path, rig->text, rig->len)) return 2;
  for (uint32_t i = 0; i < count; i++)
    if (!generate(seed, i, argv[3], urgent, &thrown)) return 2;
  printf("%u runbooks, %u thrown away\n", count, thrown);
  return 0;
}
