/* plan_through: what the calls of a runbook go through. */
#include <config.h>

#include "runtime/plan_through.h"

#include "lang/quantity.h"

#include <jansson.h>

static bool goes_through(const Program *p, uint32_t service) {
  for (uint32_t i = 0; i < p->calls_count; i++) {
    Slice of = p->actions[p->calls[i].action].services;
    for (uint32_t k = 0; k < of.count; k++)
      if (p->index_list[of.first + k] == service) return true;
  }
  return false;
}

void plan_through(const Program *p, int label, Buf *out) {
  for (uint32_t i = 0; i < p->services_count; i++) {
    const ServiceRow *row = &p->services[i];
    if ((row->amount == 0 && row->in_flight == 0) || !goes_through(p, i)) continue;
    buf_printf(out, "  %-*s%s: ", label, "through", program_str(p, row->name));
    if (row->amount) {
      buf_printf(out, "%u per ", row->amount);
      quantity_show(QUANTITY_DURATION, row->per, out);
    }
    if (row->in_flight) buf_printf(out, "%s%u at once", row->amount ? ", " : "", row->in_flight);
    if (row->group != NONE_INDEX) buf_printf(out, " per %s", program_str(p, p->kinds[row->group].name));
    if (row->overdue) buf_printf(out, ", and at most %u overdue", row->overdue);
    buf_char(out, '\n');
  }
}

json_t *plan_through_json(const Program *p) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < p->services_count; i++) {
    const ServiceRow *row = &p->services[i];
    if (!goes_through(p, i)) continue;
    json_array_append_new(out, json_pack("{s:s,s:i,s:I,s:i,s:i,s:s?}", "name", program_str(p, row->name), "amount", (int)row->amount, "per_ms",
                                         (json_int_t)row->per, "at_once", (int)row->in_flight, "overdue", (int)row->overdue, "per_kind",
                                         row->group == NONE_INDEX ? NULL : program_str(p, p->kinds[row->group].name)));
  }
  return out;
}
