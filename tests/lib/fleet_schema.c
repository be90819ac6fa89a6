/* fleet_schema.c: see fleet_schema.h. */
#include <config.h>

#include "tests/lib/fleet_schema.h"

#include "lang/quantity.h"

#define LEN(a) (sizeof(a) / sizeof *(a))
#define ENUM(name, words)                                                                                    \
  { name, FLEET_ENUM, 0, 0, words, LEN(words), false }
#define TEXT(name)                                                                                           \
  { name, FLEET_TEXT, 0, 0, NULL, 0, false }
#define INT(name)                                                                                            \
  { name, FLEET_INT, 0, 0, NULL, 0, false }
#define POWER(name)                                                                                          \
  { name, FLEET_QUANTITY, QUANTITY_POWER, 0, NULL, 0, false }
#define REF(name, kind)                                                                                      \
  { name, FLEET_REF, 0, kind, NULL, 0, false }

/* As REF, and no two entities share it. */
#define OWN(name, kind)                                                                                      \
  { name, FLEET_REF, 0, kind, NULL, 0, true }

static const char *const sku[] = {"H100", "H200", "GB200"};
static const char *const group[] = {"US", "EU", "UK", "CA", "AU", "OTH"};
static const char *const owner[] = {"research", "applied"};
static const char *const workload[] = {"training", "chat", "api"};
static const char *const role[] = {"leaf", "spine", "nvlink", "management"};
static const char *const service[] = {"in_service", "draining",    "drained",
                                      "repair",     "investigate", "unallocatable"};
static const char *const power[] = {"on", "off"};

static const FleetAttr region[] = {TEXT("name"), ENUM("group", group)};
static const FleetAttr site[] = {TEXT("name"), TEXT("zone")};
static const FleetAttr cluster[] = {TEXT("name"),
                                    ENUM("sku", sku),
                                    ENUM("owner", owner),
                                    ENUM("workload", workload),
                                    {"shared", FLEET_BOOL, 0, 0, NULL, 0, false}};
static const FleetAttr row[] = {TEXT("name")};
static const FleetAttr cooling[] = {TEXT("name"), POWER("kw")};
static const FleetAttr rack[] = {TEXT("name"), ENUM("sku", sku), INT("slot"), POWER("kw"),
                                 OWN("cooling", COOLING)};
static const FleetAttr shelf[] = {TEXT("name"), INT("slot")};
static const FleetAttr pod[] = {TEXT("name"), ENUM("sku", sku)};
static const FleetAttr switches[] = {TEXT("name"), ENUM("role", role), REF("pod", POD), REF("rack", RACK)};
static const FleetAttr node[] = {
    TEXT("name"), ENUM("sku", sku), INT("slot"), REF("pod", POD), {"leaves", FLEET_REFS, 0, SWITCH, NULL, 0, false},
    TEXT("bmc")};

static const FleetFact node_facts[] = {{"service", service, LEN(service)}, {"power", power, LEN(power)}};

#define KIND(name, plural, parent, attrs)                                                                    \
  { name, plural, parent, 0, attrs, LEN(attrs), NULL, 0 }

static const FleetKind kinds[KINDS] = {
    [REGION] = KIND("Region", "regions", FLEET_NO_KIND, region),
    [SITE] = KIND("Site", "sites", REGION, site),
    [CLUSTER] = KIND("Cluster", "clusters", SITE, cluster),
    [ROW] = KIND("Row", "rows", CLUSTER, row),
    [COOLING] = KIND("CoolingUnit", "cooling_units", CLUSTER, cooling),
    [RACK] = KIND("Rack", "racks", ROW, rack),
    [SHELF] = KIND("PowerShelf", "power_shelves", RACK, shelf),
    [POD] = KIND("Pod", "pods", CLUSTER, pod),
    [SWITCH] = KIND("Switch", "switches", CLUSTER, switches),
    [NODE] = {"Node", "nodes", RACK, 0, node, LEN(node), node_facts, LEN(node_facts)},
};

const FleetSchema library_schema = {kinds, KINDS, NODE};
