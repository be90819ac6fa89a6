/* site_role: what a site says of a role: `role board signers "board.allowed" revoked "revoked" quorum 2 approves plans`. The
 * words stand in any order behind the name, each once; the parser keeps them as arguments. */
#ifndef TAGOUT_LANG_SITE_ROLE_H
#define TAGOUT_LANG_SITE_ROLE_H

#include "lang/ast.h"
#include "lang/intern.h"
#include <stdbool.h>

#define ROLE_QUORUM_MOST 20 /* people that a yes may ask for: more are never on duty */

typedef struct SiteRoleWords {
  const Node *signers, *revoked; /* texts: files in OpenSSH's format; NULL: not said */
  int64_t quorum;                /* how many of the role a yes takes; 1 when nothing is said */
  bool approves;                 /* a plan that is to be run live needs the role's yes */
  const Node *bad;               /* the first argument that does not fit; NULL: all do */
} SiteRoleWords;

SiteRoleWords site_role_words(const SiteRole *r, const Intern *names);

#endif
