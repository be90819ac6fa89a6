/* site_json: a site's image as JSON, for the plan file. */
#ifndef TAGOUT_RUNTIME_SITE_JSON_H
#define TAGOUT_RUNTIME_SITE_JSON_H

#include "lang/site.h"

#include <jansson.h>

json_t *site_to_json(const SiteImage *site);                     /* a new reference */
const SiteImage *site_from_json(const json_t *json, Arena *arena); /* NULL when it is not one */

#endif
