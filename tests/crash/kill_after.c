/* kill_after MICROSECONDS COMMAND...: runs the command and kills it with SIGKILL when the time has come, unless it has ended.
 * Exit status: the command's, or 137 when it was killed. */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int status;
  sigset_t child;
  if (argc < 3) return 2;
  long us = strtol(argv[1], NULL, 10);
  struct timespec rest = {us / 1000000, us % 1000000 * 1000};
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  pid_t pid = fork();
  if (pid == 0) {
    sigprocmask(SIG_UNBLOCK, &child, NULL);
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  if (pid < 0) return 126;
  if (sigtimedwait(&child, NULL, &rest) < 0) kill(pid, SIGKILL);
  if (waitpid(pid, &status, 0) != pid) return 126;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
