/* What the checker writes into the tree and the tables, as the compiler reads it: types, meanings, slots, codes. */
#include <config.h>

#include "tests/unit/check_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- looking for nodes ---- */

typedef struct Seek { AstKind kind; uint32_t skip; Node *found; } Seek;

static void seek(Seek *s, Node *n) {
  if (!n || s->found) return;
  if (n->kind == s->kind && s->skip-- == 0) {
    s->found = n;
    return;
  }
  const AstInfo *info = ast_info((AstKind)n->kind);
  for (uint32_t i = 0; i < info->field_count && !s->found; i++) {
    char *field = (char *)n + info->fields[i].offset;
    if (info->fields[i].kind == FIELD_NODE) seek(s, *(Node **)(void *)field);
    if (info->fields[i].kind != FIELD_LIST) continue;
    NodeList *list = (NodeList *)(void *)field;
    for (uint32_t j = 0; j < list->len; j++) seek(s, list->items[j]);
  }
}

/* The nth node of the kind, in order of the text, within the runbook. */
static Node *find(Compilation *c, AstKind kind, uint32_t nth) {
  Seek s = {kind, nth, NULL};
  seek(&s, c->runbooks.items[0]->decl);
  assert_non_null(s.found);
  return s.found;
}

static uint32_t kind_of(const Compilation *c, const char *name) {
  for (uint32_t i = 0; i < c->kinds.len; i++)
    if (strcmp(intern_text(c->names, c->kinds.items[i].symbol->name), name) == 0) return i;
  fail();
  return 0;
}

#define HEAD "runbook r \"x\" {\n  owner \"x\"\n  param site : Site\n  param soft : duration = 3min\n" \
             "  select racks = r in Rack where r.site is site\n  select nodes = n in Node where n.rack in racks\n"

static Compilation *right(const char *body) {
  Compilation *c = checked_runbook(body);
  for (uint32_t i = 0; i < diag_count(c->sink); i++)
    if (diag_get(c->sink, i)->severity == SEV_ERROR) print_message("%s\n", diag_get(c->sink, i)->message);
  assert_int_equal(diag_errors(c->sink), 0);
  return c;
}

/* ---- kinds ---- */

static void kinds_lead_up_as_an_inventory_does(void **state) {
  (void)state;
  Compilation *c = right("");
  uint32_t site = kind_of(c, "Site"), row = kind_of(c, "Row"), rack = kind_of(c, "Rack"), node = kind_of(c, "Node");
  uint32_t cooler = kind_of(c, "Cooler"), leaf = kind_of(c, "Leaf");
  assert_true(kind_leads_up(c, node, site) && kind_leads_up(c, node, rack) && kind_leads_up(c, rack, cooler));
  assert_true(kind_leads_up(c, node, cooler)); /* through its rack */
  assert_false(kind_leads_up(c, node, node));  /* `twin` would close a circle: a plain reference */
  assert_false(kind_leads_up(c, rack, node) || kind_leads_up(c, node, leaf));
  assert_true(kind_holds(c, row, node) && kind_holds(c, leaf, node)); /* the list of leaves, read downwards */
  assert_false(kind_holds(c, node, rack));
  assert_string_equal(intern_text(c->names, c->kinds.items[leaf].plural), "leaves");
  assert_string_equal(intern_text(c->names, c->kinds.items[node].singular), "node");
  compilation_free(c);
}

static void attributes_and_words_are_dense(void **state) {
  (void)state;
  Compilation *c = right("");
  uint32_t rack = kind_of(c, "Rack");
  const KindInfo *info = &c->kinds.items[rack];
  assert_int_equal(info->attr_len, 4);
  assert_ptr_equal(c->attrs.items[info->first_attr], info->key);
  for (uint32_t i = 0; i < c->attrs.len; i++) assert_int_equal(c->attrs.items[i]->index, i);
  Symbol *sku = kind_attr(c, kind_of(c, "Node"), intern_str(c->names, "sku"));
  assert_true(type_is(sku->type, TYPE_ENUM));
  assert_int_equal(enum_word(c, type_ref(sku->type), intern_str(c->names, "GB200"))->index, 2);
  assert_null(enum_word(c, type_ref(sku->type), intern_str(c->names, "on")));
  compilation_free(c);
}

/* ---- meanings ---- */

static void what_of_means(void **state) {
  (void)state;
  Compilation *c = right(HEAD "  require every r in racks: every n in nodes of r: power of n is on \"a\"\n"
                              "  require every r in racks: every n in all nodes of r: load of n < 5% \"b\"\n"
                              "  require every w in rows of racks: feed of w is closed \"c\"\n"
                              "  require count of nodes > 3 \"d\"\n  wait soft\n}\n");
  assert_int_equal(of_meaning((Of *)find(c, AST_OF, 0)), OF_SET_BELOW);
  assert_int_equal(of_meaning((Of *)find(c, AST_OF, 1)), OF_FACT);
  assert_int_equal(of_meaning((Of *)find(c, AST_OF, 2)), OF_BELOW);
  assert_int_equal(of_meaning((Of *)find(c, AST_OF, 3)), OF_METRIC);
  assert_int_equal(of_meaning((Of *)find(c, AST_OF, 4)), OF_ABOVE);
  assert_int_equal(of_meaning((Of *)find(c, AST_OF, 6)), OF_COUNT);
  assert_int_equal(find(c, AST_OF, 6)->type, type_of(TYPE_COUNT, kind_of(c, "Node")));
  assert_int_equal(find(c, AST_OF, 4)->type, type_of(TYPE_SET, kind_of(c, "Row")));
  compilation_free(c);
}

static void what_members_and_words_mean(void **state) {
  (void)state;
  Compilation *c = right(HEAD "  require every n in nodes: n.site is site and n.rack.kw > 1kW \"a\"\n"
                              "  require every n in nodes: n.sku is GB200 and n.name is \"x\" \"b\"\n  wait soft\n}\n");
  Member *site = (Member *)find(c, AST_MEMBER, 2), *kw = (Member *)find(c, AST_MEMBER, 3), *rack = (Member *)kw->object;
  assert_int_equal(member_meaning(site), MEMBER_UP); /* through rack and row */
  assert_int_equal(member_meaning(kw), MEMBER_ATTR);
  assert_int_equal(member_meaning(rack), MEMBER_UP);
  assert_int_equal(kw->node.type, type_of(TYPE_QUANTITY, QUANTITY_POWER));
  Is *is = (Is *)find(c, AST_IS, 3);
  NameRef *word = (NameRef *)is->values.items[0];
  assert_int_equal(ref_meaning(word), REF_WORD);
  assert_int_equal(word->name.symbol->index, 2);
  compilation_free(c);
}

static void or_between_values_is_regrouped(void **state) {
  (void)state;
  Compilation *c = right(HEAD "  require every n in nodes: n.sku is H100 or GB200 \"a\"\n  wait soft\n}\n");
  Binary *b = (Binary *)find(c, AST_BINARY, 0);
  assert_int_equal(b->op, OP_OR);
  assert_int_equal(b->right->kind, AST_IS);
  assert_ptr_equal(((Is *)b->right)->subject, ((Is *)b->left)->subject);
  compilation_free(c);
}

static void shares_know_their_whole(void **state) {
  (void)state;
  Compilation *c = right(HEAD "  step a \"x\" for each r in racks, 10% of racks at once, stop after 50% of racks set aside {\n    wait soft\n  }\n"
                              "  step b \"x\" for each w in rows of racks, 10% of rows at once, stop after 2% of each 600 set aside {\n"
                              "    wait soft\n  }\n}\n");
  Share *racks = (Share *)find(c, AST_SHARE, 0), *each = (Share *)find(c, AST_SHARE, 3);
  Share *rows = (Share *)find(c, AST_SHARE, 2);
  assert_int_equal(ref_meaning((NameRef *)racks->whole), REF_SET);
  assert_int_equal(ref_meaning((NameRef *)rows->whole), REF_FAN); /* no set is called rows */
  assert_int_equal(rows->node.type, type_of(TYPE_COUNT, kind_of(c, "Row")));
  assert_int_equal(each->node.type, type_plain(TYPE_INT));
  compilation_free(c);
}

/* ---- slots ---- */

static void slots_count_the_variables_around(void **state) {
  (void)state;
  Compilation *c = right("procedure p(x: Node, y: duration) {\n  wait y\n  touch(x)\n}\n" HEAD
                         "  step a \"x\" for each r in racks {\n    for each n in nodes of r, all at once {\n"
                         "      run p(n, soft)\n      confirm every m in all nodes of r: power of m is on within 1min\n    }\n  }\n}\n");
  Body *b = c->runbooks.items[0]->body;
  assert_int_equal(((Binder *)find(c, AST_BINDER, 2))->name.symbol->index, 0); /* r of the step */
  assert_int_equal(((Binder *)find(c, AST_BINDER, 3))->name.symbol->index, 1); /* n */
  assert_int_equal(((Binder *)find(c, AST_BINDER, 4))->name.symbol->index, 2); /* m */
  assert_int_equal(b->slots, 4);                                               /* r, n, x, y */
  assert_int_equal(b->steps.len, 1);
  assert_int_equal(b->run_len, 1);
  assert_int_equal(c->procedures.items[0]->body->params.len, 2);
  assert_int_equal(c->procedures.items[0]->body->params.items[1]->index, 1);
  compilation_free(c);
}

static void procedures_work_on_the_sets_of_the_runbook(void **state) {
  (void)state;
  Compilation *c = right("procedure p(x: Rack) {\n  for each n in nodes of x, all at once {\n    touch(n)\n  }\n}\n" HEAD
                         "  step a \"x\" for each r in racks {\n    run p(r)\n  }\n  wait soft\n}\n");
  Body *p = c->procedures.items[0]->body, *r = c->runbooks.items[0]->body;
  assert_int_equal(p->run_set_len, 1);
  assert_int_equal(p->run_sets[0].kind, kind_of(c, "Node"));
  Seek s = {AST_OF, 0, NULL};
  seek(&s, c->procedures.items[0]->decl);
  assert_int_equal(of_meaning((Of *)s.found), OF_RUN_BELOW);
  assert_ptr_equal(body_set(c, r, kind_of(c, "Node")), r->sets.items[1]);
  assert_null(body_set(c, r, kind_of(c, "Row")));
  compilation_free(c);
}

/* ---- gates, remembered values, contracts ---- */

static void a_roll_back_asks_again(void **state) {
  (void)state;
  Compilation *c =
      right(HEAD "  attempt {\n    gate \"x\" by facility as go for each r in racks within 1h else roll back \"n\"\n"
                 "    step a \"x\" for each n in nodes {\n      remember build of n as before\n    }\n"
                 "    step b \"x\" for each r given go {\n      wait soft\n    }\n"
                 "  } roll back {\n    gate \"x\" by facility as go for each r in racks within 1h else fail \"n\"\n"
                 "    step d \"x\" for each r given go {\n      wait soft\n    }\n"
                 "    step e \"x\" for each n in nodes where before of n is \"old\" {\n      wait soft\n    }\n  }\n}\n");
  Body *b = c->runbooks.items[0]->body;
  assert_int_equal(b->gates.len, 2);
  assert_ptr_equal(((Fan *)find(c, AST_FAN, 2))->given.symbol, b->gates.items[0]);
  assert_ptr_equal(((Fan *)find(c, AST_FAN, 4))->given.symbol, b->gates.items[1]);
  assert_int_equal(b->gates.items[0]->entity_kind, kind_of(c, "Rack"));
  assert_int_equal(b->remembers.items[0]->entity_kind, kind_of(c, "Node"));
  assert_true(type_is(b->remembers.items[0]->type, TYPE_TEXT));
  compilation_free(c);
}

static void contracts_are_summed_up(void **state) {
  (void)state;
  Compilation *c = right("action slow(n: Node) \"x\" {\n  needs gate go\n  makes mark of n is set\n  takes 1min\n"
                         "  through depot 300 per hour\n  in flight at most 4 per depot\n}\n");
  const Symbol *cut = c->actions.items[1], *slow = c->actions.items[2];
  assert_true(cut->writes_power && !cut->needs_gate);
  assert_true(slow->needs_gate && !slow->writes_power);
  assert_int_equal(c->services.len, 1);
  assert_int_equal(c->services.items[0].amount, 300);
  assert_int_equal(c->services.items[0].per, 3600000);
  assert_int_equal(c->services.items[0].in_flight, 4);
  assert_int_equal(c->automations.items[0]->entity_kind, kind_of(c, "Node"));
  compilation_free(c);
}

/* The places of a service may stand with `through` or by themselves, and with how many may be overdue. */
static void places_of_a_service(void **state) {
  (void)state;
  static const struct { const char *clause; int64_t overdue; } all[] = {
      {"through depot 4 at once", 0},
      {"through depot 4 at once, at most 9 overdue", 9},
      {"in flight at most 4 per depot", 0},
      {"in flight at most 4 per depot, at most 9 overdue", 9},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    char text[200];
    snprintf(text, sizeof text, "action slow(n: Node) \"x\" {\n  makes mark of n is set\n  takes 1min\n  %s\n}\n", all[i].clause);
    Compilation *c = right(text);
    assert_int_equal(c->services.len, 1);
    assert_int_equal(c->services.items[0].in_flight, 4);
    assert_int_equal(c->services.items[0].overdue, all[i].overdue);
    compilation_free(c);
  }
}

static void constants_are_computed(void **state) {
  (void)state;
  Compilation *c = right(HEAD "  wait 2min + 3 * 10s\n  wait soft + 1min\n}\n");
  int64_t value;
  assert_true(constant_value(((Wait *)find(c, AST_WAIT, 0))->duration, &value));
  assert_int_equal(value, 150000);
  assert_false(constant_value(((Wait *)find(c, AST_WAIT, 1))->duration, &value));
  compilation_free(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(kinds_lead_up_as_an_inventory_does),
    cmocka_unit_test(attributes_and_words_are_dense),
    cmocka_unit_test(what_of_means),
    cmocka_unit_test(what_members_and_words_mean),
    cmocka_unit_test(or_between_values_is_regrouped),
    cmocka_unit_test(shares_know_their_whole),
    cmocka_unit_test(slots_count_the_variables_around),
    cmocka_unit_test(procedures_work_on_the_sets_of_the_runbook),
    cmocka_unit_test(a_roll_back_asks_again),
    cmocka_unit_test(contracts_are_summed_up),
    cmocka_unit_test(places_of_a_service),
    cmocka_unit_test(constants_are_computed),
  };
  return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
