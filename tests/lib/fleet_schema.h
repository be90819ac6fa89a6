/* fleet_schema: the kinds of stdlib/fleet.runbook as a FleetSchema, written by hand, so that the fleet
 * room is tested and measured without a compiler. */
#ifndef TAGOUT_TESTS_FLEET_SCHEMA_H
#define TAGOUT_TESTS_FLEET_SCHEMA_H

#include "runtime/fleet.h"

enum { REGION, SITE, CLUSTER, ROW, COOLING, RACK, SHELF, POD, SWITCH, NODE, KINDS };
enum { REGION_NAME, REGION_GROUP };
enum { SITE_NAME, SITE_ZONE };
enum { CLUSTER_NAME, CLUSTER_SKU, CLUSTER_OWNER, CLUSTER_WORKLOAD, CLUSTER_SHARED };
enum { COOLING_NAME, COOLING_KW };
enum { RACK_NAME, RACK_SKU, RACK_SLOT, RACK_KW, RACK_COOLING };
enum { SHELF_NAME, SHELF_SLOT };
enum { POD_NAME, POD_SKU };
enum { SWITCH_NAME, SWITCH_ROLE, SWITCH_POD, SWITCH_RACK };
enum { NODE_NAME, NODE_SKU, NODE_SLOT, NODE_POD, NODE_LEAVES, NODE_BMC };
enum { NODE_SERVICE, NODE_POWER };
enum { SKU_H100 = 1, SKU_H200, SKU_GB200 };

extern const FleetSchema library_schema;

#endif
