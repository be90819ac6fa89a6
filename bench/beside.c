/* beside: runs commands beside each other, round after round, and prints what each cost as a ratio to the first: beside ROUNDS
 * UNITS NAME COMMAND [NAME COMMAND ...]. A command is a line for sh; what it prints is dropped. One round runs every command
 * once, so that a slow minute of the machine strikes them all. Figures are the least of the rounds: the wall, the CPU of the
 * command with all that it waited for, and units per second. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct Row { const char *name, *command; double wall, cpu; } Row;

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run(Row *row) {
  struct rusage used;
  int status, null = open("/dev/null", O_RDWR);
  double start = now();
  pid_t pid = fork();
  if (pid == 0) {
    dup2(null, 0), dup2(null, 1);
    execl("/bin/sh", "sh", "-c", row->command, (char *)NULL);
    _exit(127);
  }
  close(null);
  if (pid < 0 || wait4(pid, &status, 0, &used) != pid) return -1;
  double wall = now() - start, cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
  if (row->wall == 0 || wall < row->wall) row->wall = wall;
  if (row->cpu == 0 || cpu < row->cpu) row->cpu = cpu;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv) {
  int rows = (argc - 3) / 2, code;
  if (argc < 5 || argc % 2 == 0) {
    fprintf(stderr, "usage: beside ROUNDS UNITS NAME COMMAND [NAME COMMAND ...]\n");
    return 2;
  }
  Row *row = calloc((size_t)rows, sizeof *row);
  double units = strtod(argv[2], NULL);
  for (int round = 0; row && round < atoi(argv[1]); round++)
    for (int i = 0; i < rows; i++) {
      row[i].name = argv[3 + 2 * i], row[i].command = argv[4 + 2 * i];
      if ((code = run(&row[i])) == 0) continue;
      fprintf(stderr, "beside: %s ended with %d: %s\n", row[i].name, code, row[i].command);
      return 1;
    }
  printf("%-28s %8s %8s %12s %10s %10s\n", "", "wall s", "CPU s", "units/s", "wall", "CPU");
  for (int i = 0; row && i < rows; i++)
    printf("%-28s %8.2f %8.2f %12.0f %9.2fx %9.2fx\n", row[i].name, row[i].wall, row[i].cpu, units / row[i].wall,
           row[i].wall / row[0].wall, row[i].cpu / row[0].cpu);
  free(row);
  return 0;
}
