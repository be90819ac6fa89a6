/* site_role: the words behind a role, two by two. */
#include <config.h>

#include "lang/site_role.h"

#include <string.h>

static const char *word(const Node *n, const Intern *names) {
  return n && n->kind == AST_NAME_REF ? intern_text(names, ((const NameRef *)n)->name.atom) : "";
}

static bool text(const Node *value, const Node **ret) {
  if (*ret || !value || value->kind != AST_TEXT) return false;
  *ret = value;
  return true;
}

static bool number(const Node *value, int64_t *ret, bool *said) {
  if (*said || !value || value->kind != AST_LITERAL) return false;
  Quantity q = ((const Literal *)value)->value;
  if (q.kind != QUANTITY_NUMBER || q.value < 1 || q.value > ROLE_QUORUM_MOST) return false;
  *ret = q.value;
  return *said = true;
}

SiteRoleWords site_role_words(const SiteRole *r, const Intern *names) {
  SiteRoleWords out = {.quorum = 1};
  bool quorum = false;
  for (uint32_t i = 0; i < r->args.len && !out.bad; i += 2) {
    const Node *value = i + 1 < r->args.len ? r->args.items[i + 1] : NULL;
    const char *what = word(r->args.items[i], names);
    bool ok = strcmp(what, "signers") == 0   ? text(value, &out.signers)
              : strcmp(what, "revoked") == 0 ? text(value, &out.revoked)
              : strcmp(what, "quorum") == 0  ? number(value, &out.quorum, &quorum)
              : strcmp(what, "approves") == 0 && !out.approves && strcmp(word(value, names), "plans") == 0;
    if (strcmp(what, "approves") == 0) out.approves = ok;
    if (!ok) out.bad = r->args.items[i];
  }
  if (!out.bad && !out.signers && r->args.len) out.bad = r->args.items[0]; /* the rest says something of the signers */
  return out;
}
