/* drivers: the ways to reach a system that a site may bind. */
#include <config.h>

#include "cli/verb.h"
#include "runtime/drivers/driver.h"

#include <stdio.h>

static const Option options[] = {{NULL, NULL, NULL}};

static ExitCode run(const Args *args) {
  (void)args;
  for (uint32_t i = 0; drivers[i]; i++)
    printf("%-11s %s%s%s%s\n", drivers[i]->name, drivers[i]->sentence, drivers[i]->missing ? " (" : "",
           drivers[i]->missing ? drivers[i]->missing : "", drivers[i]->missing ? ")" : "");
  return EXIT_DONE;
}

const Verb verb_drivers = {.name = "drivers", .usage = "", .summary = "list the drivers that a site may bind", .help = NULL,
                           .options = options, .least = 0, .most = 0, .run = run};
