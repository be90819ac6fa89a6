/* driver: the table. A driver that a site may name but this build cannot carry out says so here, and is refused when a run
 * is started, not when its first step is due. */
#include <config.h>

#include "runtime/drivers/driver.h"

#include <string.h>

#define PLANNED(id, text) static const Driver driver_##id = {.name = #id, .sentence = text, .missing = "not in this version"}
PLANNED(redfish, "management controllers over Redfish");
PLANNED(ssh, "commands on hosts over OpenSSH");
PLANNED(ipmi, "management controllers over IPMI");
PLANNED(prometheus, "instant queries of Prometheus");
PLANNED(slurm, "drain, resume and steps through Slurm");
PLANNED(http, "requests to an HTTP API");
PLANNED(webhook, "messages to an HTTP endpoint");
PLANNED(native, "functions of a shared object");

const Driver *const drivers[] = {&driver_exec, &driver_redfish, &driver_ssh, &driver_ipmi, &driver_prometheus,
                                 &driver_slurm, &driver_http, &driver_webhook, &driver_native, NULL};

const Driver *driver_find(const char *name) {
  for (uint32_t i = 0; drivers[i]; i++)
    if (strcmp(drivers[i]->name, name) == 0) return drivers[i];
  return NULL;
}
