/* site: how a site carries things out, as plain data: which driver does which action, reads which fact, locks which
 * automation. Made by the compiler from a `site` block, kept in the plan, used by the live world. Everything is named,
 * nothing is an index: a site is bound to a program when a run starts. Strings are NUL-terminated and live in the arena of
 * whoever made the image. */
#ifndef TAGOUT_LANG_SITE_H
#define TAGOUT_LANG_SITE_H

#include "lang/arena.h"
#include <stdbool.h>
#include <stdint.h>

/* A piece of an argument: literal text, or the path of a value: a parameter of the binding and attributes from it on,
 * `n.rack.name` = param 0, path {"rack", "name"}. An entity without a path stands for its name. */
typedef struct SitePart {
  const char *literal;        /* NULL: a value */
  uint32_t param;
  const char *const *path;
  uint32_t path_len;
} SitePart;
typedef struct SiteArg { const SitePart *parts; uint32_t part_count; } SiteArg; /* the parts joined */

typedef enum SiteBindWhat { SITE_ACTION, SITE_FACT, SITE_AUTOMATION, SITE_SETTING, SITE_METRIC, SITE_CHANNEL, SITE_TICKET } SiteBindWhat;
typedef struct SiteBinding {
  SiteBindWhat what;
  const char *name;           /* of the action, fact, automation ... */
  const char *verb;           /* automation: "lock", "unlock", "state"; setting: "set", "get"; else "" */
  const char *kind;           /* fact, setting, metric: of this kind only; else "" */
  const char *driver;         /* "exec" ... */
  const SiteArg *args;
  uint32_t arg_count;
  int64_t every;              /* ms between readings; 0: when asked */
  const char *file;           /* where it is written, for diagnostics */
  uint32_t line;
} SiteBinding;
/* A role whose people sign: files in OpenSSH's formats (allowed_signers, a revocation list), from the site's folder. */
typedef struct SiteSigners {
  const char *name;
  const char *signers, *revoked; /* "" none: who says yes is believed */
  uint32_t quorum;            /* people that a yes takes, 1 at least */
  bool approves;              /* a plan needs the role's yes before it is run live */
} SiteSigners;

typedef struct SiteImage {
  const char *name, *title, *zone;
  const char *fleet_format, *fleet_path; /* "" when the site names no inventory */
  const SiteBinding *bindings;
  uint32_t binding_count;
  const SiteSigners *roles;
  uint32_t role_count;
} SiteImage;

#endif
