/* compile_campaign: a campaign is a program without work of its own: its head as that of a runbook, and rows that say how its
 * members follow each other over the days. */
#include <config.h>

#include "lang/compile_core.h"

static const Select *selection(const RunbookDecl *r) {
  for (uint32_t i = 0; i < r->clauses.len; i++)
    if (r->clauses.items[i]->kind == AST_SELECT) return (const Select *)r->clauses.items[i];
  return NULL;
}

/* Nothing closes over it: it is in its variable in all regions that follow. */
void compile_campaign_member(Compiler *k) {
  if (!campaign_of(k->runbook)) return;
  const Binder *b = (const Binder *)selection(k->runbook)->binder;
  uint32_t slot = compile_binder_slot(k, b);
  k->kinds[slot] = b->name.symbol->entity_kind;
  k->slots = slot + 1;
}

/* The fraction alone: of what is the member's, and the calendar's to count. */
static CodeRef share_region(Compiler *k, const Node *share) {
  if (share->kind == AST_SHARE) return compile_value_region(k, ((const Share *)share)->amount);
  if (share->kind != AST_OF) return compile_value_region(k, share);
  build_region_begin(k->b);
  build_op(k->b, OPCODE_PARAM, ((const Of *)share)->name.symbol->index);
  return build_region_end(k->b);
}

static void rolling(Compiler *k, const Rolling *r, CampaignRuleRow *row) {
  row->form = CAMPAIGN_RULE_ROLL;
  row->where = compile_value_region(k, r->where);
  row->amount = share_region(k, r->share);
}

static void spread(Compiler *k, const Spread *s, CampaignRuleRow *row) {
  row->form = CAMPAIGN_RULE_SPREAD;
  row->where = compile_value_region(k, s->where);
  row->amount = share_region(k, s->share);
  row->over = compile_value_region(k, s->over);
  row->over_type = compile_value_type(s->over->type);
}

static void places(Compiler *k, const Places *p, CampaignRuleRow *row) {
  const Limit *l = (const Limit *)p->limit;
  row->form = l->mode == LIMIT_PER_TIME ? CAMPAIGN_RULE_STARTS : CAMPAIGN_RULE_AT_WORK;
  row->where = compile_value_region(k, p->where);
  row->amount = compile_value_region(k, l->amount);
  row->until = compile_value_region(k, p->until);
  row->then = compile_value_region(k, p->then);
}

static void rule(Compiler *k, const Node *n) {
  CampaignRuleRow row = {.text = 0};
  switch ((AstKind)n->kind) {
  case AST_ROLLING: rolling(k, (const Rolling *)n, &row); break;
  case AST_SPREAD: spread(k, (const Spread *)n, &row); break;
  case AST_PLACES: places(k, (const Places *)n, &row); break;
  default: return;
  }
  row.text = compile_slice(k, n->span);
  row.line = compile_line(k, n->span.lo);
  build_row(k->b, campaign_rules, &row);
}

static Slice arguments(Compiler *k, const Run *run) {
  Slice s = {build_program(k->b)->campaign_args_count, run->args.len};
  const SymbolList *params = &run->name.symbol->body->params;
  for (uint32_t i = 0; i < run->args.len; i++) {
    CampaignArgRow row = {.name = compile_atom(k, params->items[i]->name), .type = compile_value_type(params->items[i]->type)};
    row.value = compile_value_region(k, run->args.items[i]);
    build_row(k->b, campaign_args, &row);
  }
  return s;
}

static void clause(Compiler *k, const Node *n, CampaignRow *row) {
  switch ((AstKind)n->kind) {
  case AST_TERM:
    row->from = compile_value_region(k, ((const Term *)n)->from);
    row->by = compile_value_region(k, ((const Term *)n)->by);
    break;
  case AST_VISIT_SIZE: row->size = compile_value_region(k, ((const VisitSize *)n)->amount); break;
  case AST_TAKES: row->takes = compile_value_region(k, ((const Takes *)n)->low); break;
  case AST_THROUGH: {
    const Through *t = (const Through *)n;
    const Limit *l = (const Limit *)t->limit;
    row->service = compile_atom(k, t->service.atom);
    row->rate = compile_value_region(k, l->amount);
    row->rate_per = compile_constant(l->per);
    break;
  }
  case AST_PHASES: row->order = compile_order(k, &((const Phases *)n)->keys); break;
  case AST_NEXT_PHASE: row->when_done = intern_text(k->c->names, ((const NextPhase *)n)->when.atom)[0] == 'd'; break;
  case AST_FAILED_DAY:
    row->skip = ((const FailedDay *)n)->skip != 0;
    row->last = ((const FailedDay *)n)->last.atom != 0;
    row->stop = compile_value_region(k, ((const FailedDay *)n)->stop);
    break;
  case AST_RUN:
    row->run = compile_atom(k, ((const Run *)n)->name.atom);
    row->args = arguments(k, (const Run *)n);
    break;
  default: break;
  }
}

void compile_campaign(Compiler *k, const Campaign *c) {
  const Binder *b = (const Binder *)selection(k->runbook)->binder;
  const Program *p = build_program(k->b);
  CampaignRow row = {.set = 0, .slot = compile_binder_slot(k, b), .unit = p->budgets[0].kind};
  for (uint32_t i = 0; i < c->clauses.len; i++) clause(k, c->clauses.items[i], &row);
  row.rules.first = p->campaign_rules_count;
  for (uint32_t i = 0; i < c->clauses.len; i++) rule(k, c->clauses.items[i]);
  row.rules.count = p->campaign_rules_count - row.rules.first;
  row.line = compile_line(k, k->runbook->node.span.lo);
  build_row(k->b, campaigns, &row);
}
