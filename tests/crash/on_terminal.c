/* on_terminal COLSxROWS [-t PATTERN TEXT]... [-r PATTERN COLSxROWS]... -- COMMAND...: runs the command on a terminal of its own
 * and copies what it shows to the standard output. Each -t types TEXT (^C in it is the key) and each -r changes the size of the
 * terminal once PATTERN has been shown behind what the one before waited for. Exit status: the command's; 124 when nothing was
 * shown for a minute. */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SILENCE_MS 60000
#define SHOWN_MAX (1u << 22)

typedef struct Cue { const char *pattern, *what; bool resize; } Cue;

static struct winsize size_of(const char *text) {
  unsigned columns = 80, rows = 24;
  if (sscanf(text, "%ux%u", &columns, &rows) != 2) exit(2);
  return (struct winsize){.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
}

static void type(int terminal, const char *text) {
  for (; *text; text++) {
    bool control = text[0] == '^' && text[1];
    char key = control ? (char)(*++text & 0x1f) : *text;
    if (write(terminal, &key, 1) != 1) return;
  }
}

static void act(int terminal, const Cue *cue) {
  struct winsize size;
  if (!cue->resize) {
    type(terminal, cue->what);
    return;
  }
  size = size_of(cue->what);
  ioctl(terminal, TIOCSWINSZ, &size); /* the kernel tells the command */
}

static int watch(int terminal, const Cue *cues, int count) {
  static char shown[SHOWN_MAX];
  size_t len = 0, from = 0;
  struct pollfd fd = {.fd = terminal, .events = POLLIN};
  int next = 0;
  while (poll(&fd, 1, SILENCE_MS) > 0 && len + 4097 < sizeof shown) {
    ssize_t n = read(terminal, shown + len, 4096);
    if (n <= 0) return 0; /* the other side is closed */
    if (fwrite(shown + len, 1, (size_t)n, stdout) != (size_t)n) return 1;
    len += (size_t)n;
    shown[len] = '\0';
    for (char *at; next < count && (at = strstr(shown + from, cues[next].pattern)) != NULL; next++) {
      from = (size_t)(at - shown) + strlen(cues[next].pattern);
      act(terminal, &cues[next]);
    }
  }
  return 124;
}

int main(int argc, char **argv) {
  Cue cues[16];
  int count = 0, i = 2, terminal, status;
  if (argc < 4) return 2;
  for (; i + 2 < argc && strcmp(argv[i], "--") != 0 && count < 16; i += 3)
    cues[count++] = (Cue){argv[i + 1], argv[i + 2], strcmp(argv[i], "-r") == 0};
  if (i + 1 >= argc || strcmp(argv[i], "--") != 0) return 2;
  struct winsize size = size_of(argv[1]);
  pid_t pid = forkpty(&terminal, NULL, NULL, &size);
  if (pid < 0) return 126;
  if (pid == 0) {
    execvp(argv[i + 1], argv + i + 1);
    _exit(127);
  }
  int result = watch(terminal, cues, count);
  if (result) kill(pid, SIGKILL);
  if (waitpid(pid, &status, 0) != pid) return 126;
  return result ? result : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
