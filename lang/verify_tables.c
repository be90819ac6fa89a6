/* verify_tables: what the rows of a program must satisfy before its code is looked at: every index in range (by
 * program_layout.def), then what one row promises about another. */
#include <config.h>

#include "lang/program_layout.h"
#include "lang/verify.h"

#include <string.h>

typedef struct Tables {
  const Program *p;
  const char *file;
  DiagSink *sink;
} Tables;

__attribute__((format(printf, 4, 5))) static bool row_fault(const Tables *t, TableId table, uint32_t row, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  Buf why = BUF_INIT;
  buf_vprintf(&why, format, ap);
  va_end(ap);
  diag_at(t->sink, E_PROGRAM_TABLE, t->file, 0, 0, "section `%s`, row %u (offset %zu) of the program: %s", layout_tables[table].name, row,
          layout_offset(t->p, table, row), why.data);
  buf_done(&why);
  return false;
}

/* ---- fields ---- */

static bool type_fits(const Program *p, ValueType type) {
  switch (type.klass) {
    case VALUE_INT: case VALUE_BOOL: case VALUE_TEXT: return type.ref == 0;
    case VALUE_ENUM: return type.ref < p->enums_count;
    case VALUE_QUANTITY: return type.ref < QUANTITY_KIND_COUNT;
    case VALUE_ENTITY: case VALUE_LIST: return type.ref < p->kinds_count;
    default: return false;
  }
}

static bool slice_fits(Slice s, uint32_t count) { return s.first <= count && s.count <= count - s.first; }

static bool list_fits(const Program *p, Slice s, uint32_t count) {
  if (!slice_fits(s, p->index_list_count)) return false;
  for (uint32_t i = 0; i < s.count; i++)
    if (p->index_list[s.first + i] >= count) return false;
  return true;
}

static bool field_fits(const Program *p, const LayoutField *f, const uint8_t *at) {
  int64_t wide;
  ValueType type;
  switch ((FieldClass)f->klass) {
    case CLASS_WORD: case CLASS_INT: case CLASS_BYTES: return true;
    case CLASS_SMALL: return layout_u32(at) <= INT32_MAX;
    case CLASS_MS: memcpy(&wide, at, sizeof wide); return wide >= 0 && wide <= quantity_kind_high(QUANTITY_DURATION);
    case CLASS_FLAG: return *at <= 1;
    case CLASS_CHOICE3: return *at <= 2;
    case CLASS_STR: return layout_u32(at) < p->string_count;
    case CLASS_SLOT: return layout_u32(at) < LIMIT_SLOTS;
    case CLASS_TYPE: memcpy(&type, at, sizeof type); return type_fits(p, type);
    case CLASS_REF: return layout_u32(at) < layout_count(p, (TableId)f->target);
    case CLASS_OPT: return layout_u32(at) < layout_count(p, (TableId)f->target) || layout_u32(at) == NONE_INDEX;
    case CLASS_ROWS: return slice_fits(layout_slice(at), layout_count(p, (TableId)f->target));
    case CLASS_LIST: return list_fits(p, layout_slice(at), layout_count(p, (TableId)f->target));
    case CLASS_CODES: return slice_fits(layout_slice(at), p->index_list_count);
    case CLASS_REGION: case CLASS_PLACE: return layout_u32(at) < p->code_count;
  }
  __builtin_unreachable();
}

static bool table_fits(const Tables *t, TableId table) {
  uint32_t field_count, count = layout_count(t->p, table);
  const LayoutField *f = layout_fields(table, &field_count);
  if (field_count == 1 && (f->klass == CLASS_WORD || f->klass == CLASS_INT)) return true;
  const uint8_t *row = layout_rows(t->p, table);
  for (uint32_t i = 0; i < count; i++, row += layout_tables[table].row_size)
    for (uint32_t k = 0; k < field_count; k++)
      if (!field_fits(t->p, &f[k], row + f[k].offset))
        return row_fault(t, table, i, "field `%s` is out of range", f[k].name);
  return true;
}

/* ---- rows ---- */

static bool kinds_fit(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->kinds_count; i++) {
    const KindRow *k = &p->kinds[i];
    uint32_t up = k->parent, steps = 0;
    while (up != NONE_INDEX && steps++ < p->kinds_count) up = p->kinds[up].parent;
    if (up != NONE_INDEX) return row_fault(t, TABLE_kinds, i, "the kind contains itself");
    for (uint32_t a = 0; a < k->attrs.count; a++)
      if (p->attrs[k->attrs.first + a].kind != i) return row_fault(t, TABLE_kinds, i, "it claims an attribute of another kind");
    if (k->key - k->attrs.first >= k->attrs.count || p->attrs[k->key].type.klass != VALUE_TEXT)
      return row_fault(t, TABLE_kinds, i, "its key is not a text among its attributes");
  }
  for (uint32_t i = 0; i < p->attrs_count; i++) {
    Slice own = p->kinds[p->attrs[i].kind].attrs;
    if (i - own.first >= own.count) return row_fault(t, TABLE_attrs, i, "its kind does not have it");
    if (p->attrs[i].own && p->attrs[i].type.klass != VALUE_ENTITY) return row_fault(t, TABLE_attrs, i, "only an entity can be its own");
  }
  return true;
}

/* Lists are attributes of the inventory only; nothing on a stack is one. */
static bool no_lists(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->facts_count; i++)
    if (p->facts[i].type.klass == VALUE_LIST) return row_fault(t, TABLE_facts, i, "a fact is not a list");
  for (uint32_t i = 0; i < p->metrics_count; i++)
    if (p->metrics[i].type.klass == VALUE_LIST) return row_fault(t, TABLE_metrics, i, "a metric is not a list");
  for (uint32_t i = 0; i < p->params_count; i++)
    if (p->params[i].type.klass == VALUE_LIST) return row_fault(t, TABLE_params, i, "a parameter is not a list");
  for (uint32_t i = 0; i < p->param_types_count; i++)
    if (p->param_types[i].klass == VALUE_LIST) return row_fault(t, TABLE_param_types, i, "a parameter is not a list");
  for (uint32_t i = 0; i < p->settings_count; i++)
    if (p->settings[i].type.klass == VALUE_LIST) return row_fault(t, TABLE_settings, i, "a setting is not a list");
  for (uint32_t i = 0; i < p->remembers_count; i++)
    if (p->remembers[i].type.klass == VALUE_LIST) return row_fault(t, TABLE_remembers, i, "what is remembered is not a list");
  for (uint32_t i = 0; i < p->shows_count; i++)
    if (p->shows[i].type.klass == VALUE_LIST) return row_fault(t, TABLE_shows, i, "what is shown is not a list");
  return true;
}

static bool effects_fit(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->enums_count; i++)
    if (p->enums[i].words.count > LIMIT_WORDS) return row_fault(t, TABLE_enums, i, "it has more than %u words", LIMIT_WORDS);
  for (uint32_t i = 0; i < p->effects_count; i++) {
    const EffectRow *e = &p->effects[i];
    ValueType type = p->facts[e->fact].type;
    uint32_t codes = type.klass == VALUE_ENUM ? p->enums[type.ref].words.count : UINT32_MAX - 1;
    for (uint32_t k = 0; k < e->values.count; k++)
      if (p->index_list[e->values.first + k] > codes) return row_fault(t, TABLE_effects, i, "its fact does not have that value");
  }
  return true;
}

static bool in_order(int64_t low, int64_t high, int64_t most) { return low <= high && high <= most; }

static bool actions_fit(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->actions_count; i++) {
    const ActionRow *a = &p->actions[i];
    if (a->params.count > LIMIT_ACTION_PARAMS)
      return row_fault(t, TABLE_actions, i, "it has more than %u parameters", LIMIT_ACTION_PARAMS);
    if (!in_order(a->takes_low, a->takes_high, a->takes_most)) return row_fault(t, TABLE_actions, i, "its durations are out of order");
  }
  for (uint32_t i = 0; i < p->automations_count; i++) {
    const AutomationRow *a = &p->automations[i];
    if (!in_order(a->lock_low, a->lock_high, a->lock_most)) return row_fault(t, TABLE_automations, i, "its durations are out of order");
  }
  return true;
}

static bool rules_fit(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->rules_count; i++) {
    const RuleRow *r = &p->rules[i];
    bool of_fact = r->form == RULE_FORM_MAKE || r->form == RULE_FORM_LET, of_call = r->form == RULE_FORM_CALL;
    if (r->form >= RULE_FORM_COUNT) return row_fault(t, TABLE_rules, i, "it is of no known form");
    if (of_fact != (r->fact != NONE_INDEX) || of_call != (r->action != NONE_INDEX) || (of_fact || of_call) != (r->kind != NONE_INDEX))
      return row_fault(t, TABLE_rules, i, "it does not say what it is about");
  }
  for (uint32_t i = 0; i < p->policies_count; i++)
    if (p->policies[i].params.count > LIMIT_ACTION_PARAMS)
      return row_fault(t, TABLE_policies, i, "it has more than %u parameters", LIMIT_ACTION_PARAMS);
  return true;
}

static bool head_fits(const Tables *t) {
  const Program *p = t->p;
  const int64_t day = 86400000;
  if (p->params_count > LIMIT_PARAMS) return row_fault(t, TABLE_params, LIMIT_PARAMS, "there are more than %u", LIMIT_PARAMS);
  if (p->sets_count > LIMIT_SETS) return row_fault(t, TABLE_sets, LIMIT_SETS, "there are more than %u", LIMIT_SETS);
  for (uint32_t i = 0; i < p->windows_count; i++) {
    const WindowRow *w = &p->windows[i];
    if (w->days == 0 || w->days > 0x7f || w->from > day || w->to > day) return row_fault(t, TABLE_windows, i, "its days or hours do not exist");
  }
  for (uint32_t i = 0; i < p->limits_count; i++)
    if (p->limits[i].rule == LIMIT_RULE_PER_TIME && p->limits[i].per == 0) return row_fault(t, TABLE_limits, i, "its period is empty");
  return true;
}

static bool steps_fit(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->steps_count; i++) {
    const StepRow *s = &p->steps[i];
    if (s->parent != NONE_INDEX && s->parent >= i) return row_fault(t, TABLE_steps, i, "the step stands in a later one");
    if (s->fan != NONE_INDEX && p->fans[s->fan].step != i) return row_fault(t, TABLE_steps, i, "its fan-out belongs to another step");
  }
  for (uint32_t i = 0; i < p->fans_count; i++) {
    const FanRow *f = &p->fans[i];
    if (f->sense != 0 && f->sense != f->members) return row_fault(t, TABLE_fans, i, "it reads for other members than its own");
    if (f->step != NONE_INDEX && p->steps[f->step].fan != i) return row_fault(t, TABLE_fans, i, "its step has another fan-out");
  }
  return true;
}

static bool gates_fit(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->gates_count; i++)
    if (p->gates[i].once != (p->gates[i].kind == NONE_INDEX)) return row_fault(t, TABLE_gates, i, "it asks once and per member");
  for (uint32_t i = 0; i < p->lockouts_count; i++) {
    const LockoutRow *l = &p->lockouts[i];
    if (l->automations.count == 0) return row_fault(t, TABLE_lockouts, i, "it locks nothing");
    if ((l->canary_count == 0) != (l->canary_kind == NONE_INDEX)) return row_fault(t, TABLE_lockouts, i, "its first members have no kind");
    if (l->set != NONE_INDEX && p->sets[l->set].kind != l->kind) return row_fault(t, TABLE_lockouts, i, "its set has members of another kind");
  }
  for (uint32_t i = 0; i < p->adjusts_count; i++)
    if (p->settings[p->adjusts[i].setting].kind != p->adjusts[i].kind)
      return row_fault(t, TABLE_adjusts, i, "members of that kind do not have the setting");
  return true;
}

static bool in_slice(Slice s, uint32_t i) { return i - s.first < s.count; }

static bool incidents_fit(const Tables *t) {
  const Program *p = t->p;
  if (p->incidents_count > 1) return row_fault(t, TABLE_incidents, 1, "there are more than one");
  for (uint32_t i = 0; i < p->incidents_count; i++) {
    const IncidentRow *r = &p->incidents[i];
    if (!in_slice(r->params, r->key) || p->params[r->key].type.klass != VALUE_ENTITY)
      return row_fault(t, TABLE_incidents, i, "its runs are for no entity among its fields");
    if ((r->over == NONE_INDEX) != (r->per_member == 0) || (r->per_member == 0) != (r->per == 0))
      return row_fault(t, TABLE_incidents, i, "its limit per member is half a limit");
    if (r->over != NONE_INDEX && (!in_slice(r->params, r->over) || p->params[r->over].type.klass != VALUE_BOOL))
      return row_fault(t, TABLE_incidents, i, "no parameter says that its limit is passed");
    for (uint32_t a = 0; a < r->attachments.count; a++) {
      uint32_t param = p->index_list[r->attachments.first + a];
      if (!in_slice(r->params, param) || p->params[param].type.klass != VALUE_TEXT)
        return row_fault(t, TABLE_incidents, i, "an attachment is no text among its fields");
    }
  }
  return true;
}

static bool campaigns_fit(const Tables *t) {
  const Program *p = t->p;
  if (p->campaigns_count > 1) return row_fault(t, TABLE_campaigns, 1, "there are more than one");
  for (uint32_t i = 0; i < p->campaigns_count; i++) {
    const CampaignRow *c = &p->campaigns[i];
    if (p->sets[c->set].after_step != NONE_INDEX) return row_fault(t, TABLE_campaigns, i, "its members are not known when it is planned");
    if (p->budgets_count == 0 || p->budgets[0].kind != c->unit) return row_fault(t, TABLE_campaigns, i, "its budget counts something else");
    if ((c->rate == 0) != (c->rate_per == 0)) return row_fault(t, TABLE_campaigns, i, "its rate is half a rate");
  }
  for (uint32_t i = 0; i < p->campaign_rules_count; i++) {
    const CampaignRuleRow *r = &p->campaign_rules[i];
    if (r->form >= CAMPAIGN_RULE_COUNT) return row_fault(t, TABLE_campaign_rules, i, "it is of no known form");
    if ((r->form == CAMPAIGN_RULE_SPREAD) != (r->over != 0)) return row_fault(t, TABLE_campaign_rules, i, "it does not say over what it spreads");
  }
  return true;
}

static bool lines_fit(const Tables *t) {
  const Program *p = t->p;
  for (uint32_t i = 0; i < p->lines_count; i++)
    if (p->lines[i].pc >= p->code_count || (i && p->lines[i].pc <= p->lines[i - 1].pc))
      return row_fault(t, TABLE_lines, i, "the lines are out of order");
  return true;
}

bool verify_tables(const Program *p, const char *file, DiagSink *sink) {
  Tables t = {p, file, sink};
  if (p->name >= p->string_count || p->title >= p->string_count || p->owner >= p->string_count) {
    diag_at(sink, E_PROGRAM_TABLE, file, 0, 0, "the head of the program (offset %d): a name is out of range", PROGRAM_HEAD_AT);
    return false;
  }
  for (uint32_t table = 0; table < TABLE_COUNT; table++)
    if (!table_fits(&t, (TableId)table)) return false;
  return kinds_fit(&t) && no_lists(&t) && effects_fit(&t) && actions_fit(&t) && rules_fit(&t) && head_fits(&t) && steps_fit(&t) && gates_fit(&t) && lines_fit(&t) &&
         incidents_fit(&t) && campaigns_fit(&t);
}
