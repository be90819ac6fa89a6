/* fleet_load: how long an inventory takes to load. It makes one of 18,500 and one of 1,000,000 nodes
 * (about 100 bytes a row, twelve columns, GB200 racks), as CSV and as JSON, loads each some times, and
 * prints the best CPU time, the memory that the fleet holds, and the peak of the process.
 * Usage: fleet_load [ROWS...] */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "lang/buf.h"
#include "tests/lib/fleet_schema.h"

enum { SLOTS = 18, RACKS_OF_ROW = 8, ROWS_OF_CLUSTER = 6, CLUSTERS_OF_SITE = 4 };

/* Where node number i is. */
typedef struct Place {
  uint32_t slot, rack, row, cluster, site;
} Place;

static Place place_of(uint32_t i) {
  Place p = {.slot = i % SLOTS + 1, .rack = i / SLOTS};
  p.row = p.rack / RACKS_OF_ROW;
  p.cluster = p.row / ROWS_OF_CLUSTER;
  p.site = p.cluster / CLUSTERS_OF_SITE;
  return p;
}

static void make_csv(uint32_t rows, Buf *out) {
  buf_str(out, "node,cluster,site,region,row,rack,rack.kw,rack.cooling,sku,slot,bmc,service\n");
  for (uint32_t i = 0; i < rows; i++) {
    Place p = place_of(i);
    buf_printf(out,
               "node-%07u,C%05u,S%04u,us,w%05u,rack-%06u,120kW,cu-%06u,GB200,%u,10.%u.%u.%u,in_service\n", i,
               p.cluster, p.site, p.row, p.rack, p.rack, p.slot, i >> 16 & 255, i >> 8 & 255, i & 255);
  }
}

static void make_json(uint32_t rows, Buf *out) {
  buf_char(out, '[');
  for (uint32_t i = 0; i < rows; i++) {
    Place p = place_of(i);
    buf_printf(out,
               "%s\n{\"node\":\"node-%07u\",\"cluster\":\"C%05u\",\"site\":\"S%04u\",\"region\":\"us\","
               "\"row\":\"w%05u\","
               "\"rack\":\"rack-%06u\",\"rack.kw\":\"120kW\",\"rack.cooling\":\"cu-%06u\",\"sku\":\"GB200\","
               "\"slot\":%u,"
               "\"bmc\":\"10.%u.%u.%u\",\"service\":\"in_service\"}",
               i ? "," : "", i, p.cluster, p.site, p.row, p.rack, p.rack, p.slot, i >> 16 & 255, i >> 8 & 255,
               i & 255);
  }
  buf_str(out, "\n]\n");
}

static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static long peak_mb(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

/* From a file, as a run would: written once, removed afterwards. */
static void measure(const char *what, FleetFormat format, uint32_t rows, void (*make)(uint32_t, Buf *),
                    int times) {
  char path[] = "fleet_load-XXXXXX";
  Buf text = BUF_INIT;
  make(rows, &text);
  int fd = mkstemp(path);
  FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
  size_t len = text.len;
  if (!f || fwrite(text.data, 1, len, f) != len || fclose(f) != 0) {
    perror(path);
    exit(2);
  }
  buf_done(&text);
  double best = 0;
  size_t bytes = 0;
  for (int i = 0; i < times; i++) {
    Arena *arena = arena_new();
    DiagSink *sink = diag_sink_new(arena, NULL);
    double start = cpu_ms();
    Fleet *fleet = fleet_load(&library_schema, path, format, sink);
    double took = cpu_ms() - start;
    if (!fleet || fleet_count(fleet, NODE) != rows) abort();
    bytes = fleet_bytes(fleet);
    if (i == 0 || took < best) best = took;
    fleet_free(fleet);
    arena_free(arena);
  }
  remove(path);
  printf("%-5s %9u rows %7.1f MB %9.2f ms CPU %7.0f ns/row %6.0f bytes/row, peak %ld MB\n", what, rows,
         (double)len / 1e6, best, best * 1e6 / rows, (double)bytes / rows, peak_mb());
}

int main(int argc, char **argv) {
  uint32_t sizes[] = {18500, 1000000};
  for (int i = 0; i < 2; i++) {
    uint32_t rows = argc > i + 1 ? (uint32_t)strtoul(argv[i + 1], NULL, 10) : argc > 1 ? 0 : sizes[i];
    if (!rows) continue;
    measure("CSV", FLEET_CSV, rows, make_csv, rows > 100000 ? 3 : 20);
    measure("JSON", FLEET_JSON, rows, make_json, rows > 100000 ? 3 : 20);
  }
  return 0;
}
