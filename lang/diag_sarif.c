/* diag_sarif: diagnostics as SARIF 2.1.0, the format of code-scanning services. One run; a rule for each code that
 * occurs, once, in the order of diag.def; columns are 1-based UTF-16 code units; a label of the record is a related
 * location; a fix is one replacement. The explanation of a code is its help text, so no rule needs a link. */
#include <config.h>

#include <string.h>

#include "lang/diag.h"
#include "lang/diag_machine.h"
#include "lang/limits.h"

_Static_assert(LIMIT_DIAGNOSTICS <= 5000, "services refuse a run with more than 5,000 results");

#define NO_RULE UINT32_MAX

/* ---- pieces ---- */

static bool plain_in_uri(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
}

/* A path as a URI reference: relative ones stay relative. */
static void write_uri(Buf *out, const char *path) {
  buf_str(out, path[0] == '/' ? "\"file://" : "\"");
  if (strncmp(path, "./", 2) == 0 && path[2]) path += 2;
  for (; *path; path++) {
    if (plain_in_uri(*path)) buf_char(out, *path);
    else buf_printf(out, "%%%02X", (unsigned char)*path);
  }
  buf_char(out, '"');
}

static void write_artifact(Buf *out, const char *path) {
  buf_str(out, "\"artifactLocation\": {\"uri\": ");
  write_uri(out, path);
  buf_char(out, '}');
}

static void write_region(const SourceMap *map, const Source *s, Span span, Buf *out) {
  SrcPos end = s->base + s->len, hi = span.hi < end ? span.hi : end;
  Utf16Pos from = source_utf16(map, span.lo), to = source_utf16(map, hi);
  buf_printf(out, "{\"startLine\": %u, \"startColumn\": %u, \"endLine\": %u, \"endColumn\": %u", from.line + 1,
             from.unit + 1, to.line + 1, to.unit + 1);
  buf_printf(out, ", \"byteOffset\": %u, \"byteLength\": %u}", span.lo - s->base, hi - span.lo);
}

static void write_physical(const SourceMap *map, const Source *s, Span span, Buf *out) {
  buf_str(out, "\"physicalLocation\": {");
  write_artifact(out, s->name);
  buf_str(out, ", \"region\": ");
  write_region(map, s, span, out);
  buf_char(out, '}');
}

static const Source *source_for(const SourceMap *map, Span span) { return map ? source_of(map, span.lo) : NULL; }

/* ---- rules ---- */

/* Numbers the codes that occur: ret_index[code] is the place of its rule, or NO_RULE. */
static void number_rules(DiagSink *sink, uint32_t ret_index[DIAG_COUNT]) {
  for (uint32_t c = 0; c < DIAG_COUNT; c++) ret_index[c] = NO_RULE;
  for (uint32_t i = 0; i < diag_count(sink); i++) ret_index[diag_get(sink, i)->code] = 0;
  uint32_t next = 0;
  for (uint32_t c = 0; c < DIAG_COUNT; c++) {
    if (ret_index[c] != NO_RULE) ret_index[c] = next++;
  }
}

static void write_rule(DiagCode code, Buf *out) {
  buf_printf(out, "{\"id\": \"%s\", \"shortDescription\": {\"text\": ", diag_code_text(code));
  machine_string(out, diag_code_title(code));
  const char *help = *diag_explain(code) ? diag_explain(code) : diag_code_title(code);
  buf_str(out, "}, \"help\": {\"text\": ");
  machine_string(out, help);
  buf_str(out, ", \"markdown\": ");
  machine_string(out, help);
  buf_printf(out, "}, \"defaultConfiguration\": {\"level\": \"%s\"}}", machine_severity(diag_code_severity(code)));
}

static void write_rules(const uint32_t index[DIAG_COUNT], Buf *out) {
  for (uint32_t c = 0; c < DIAG_COUNT; c++) {
    if (index[c] == NO_RULE) continue;
    buf_str(out, index[c] ? ",\n" : "\n");
    write_rule((DiagCode)c, out);
  }
}

/* ---- results ---- */

/* The message with what a reader needs who sees nothing else: the label and the notes. */
static void write_message(const Diag *d, Buf *out) {
  Buf text = BUF_INIT;
  buf_str(&text, *d->message ? d->message : diag_code_title(d->code));
  if (d->label && *d->label) buf_printf(&text, ": %s", d->label);
  for (const DiagNote *n = d->notes; n; n = n->next) buf_printf(&text, "\nnote: %s", n->text);
  buf_str(out, "{\"text\": ");
  machine_bytes(out, text.data, text.len);
  buf_char(out, '}');
  buf_done(&text);
}

static void write_data_location(const Diag *d, Buf *out) {
  buf_str(out, ", \"locations\": [{\"physicalLocation\": {");
  write_artifact(out, d->file);
  if (d->line) {
    buf_printf(out, ", \"region\": {\"startLine\": %u", d->line);
    if (d->column) buf_printf(out, ", \"startColumn\": %u", d->column);
    buf_char(out, '}');
  }
  buf_str(out, "}}]");
}

static void write_location(const SourceMap *map, const Diag *d, Buf *out) {
  const Source *s = source_for(map, d->span);
  if (d->file) {
    write_data_location(d, out);
    return;
  }
  if (!s) return;
  buf_str(out, ", \"locations\": [{");
  write_physical(map, s, d->span, out);
  buf_str(out, "}]");
}

static void write_related(const SourceMap *map, const Diag *d, Buf *out) {
  uint32_t id = 0;
  for (const DiagLabel *l = d->labels; l; l = l->next) {
    const Source *s = source_for(map, l->span);
    if (!s) continue;
    buf_printf(out, "%s{\"id\": %u, ", id ? ", " : ", \"relatedLocations\": [", id);
    write_physical(map, s, l->span, out);
    buf_str(out, ", \"message\": {\"text\": ");
    machine_string(out, *l->text ? l->text : "see here");
    buf_str(out, "}}");
    id++;
  }
  if (id) buf_char(out, ']');
}

static void write_replacement(const SourceMap *map, const Source *s, const DiagFix *f, Buf *out) {
  buf_str(out, "{\"deletedRegion\": ");
  write_region(map, s, f->span, out);
  buf_str(out, ", \"insertedContent\": {\"text\": ");
  machine_string(out, f->text);
  buf_str(out, "}}");
}

/* The parts of one fix are in one file. */
static void write_fixes(const SourceMap *map, const Diag *d, Buf *out) {
  bool any = false;
  for (const DiagFix *f = d->fixes; f; f = f->next) {
    const Source *s = source_for(map, f->span);
    if (!s || f->part) continue;
    buf_str(out, any ? ", {\"description\": {\"text\": " : ", \"fixes\": [{\"description\": {\"text\": ");
    machine_string(out, *f->help ? f->help : "replace");
    buf_str(out, "}, \"artifactChanges\": [{");
    write_artifact(out, s->name);
    buf_str(out, ", \"replacements\": [");
    write_replacement(map, s, f, out);
    for (const DiagFix *part = f->next; part && part->part; part = part->next) {
      buf_str(out, ", ");
      write_replacement(map, s, part, out);
    }
    buf_str(out, "]}]}");
    any = true;
  }
  if (any) buf_char(out, ']');
}

static void write_result(const SourceMap *map, const Diag *d, uint32_t rule, Buf *out) {
  buf_printf(out, "{\"ruleId\": \"%s\", \"ruleIndex\": %u, \"level\": \"%s\", \"message\": ", diag_code_text(d->code),
             rule, machine_severity(d->severity));
  write_message(d, out);
  write_location(map, d, out);
  write_related(map, d, out);
  write_fixes(map, d, out);
  buf_char(out, '}');
}

void diag_render_sarif(DiagSink *sink, const SourceMap *map, Buf *out) {
  uint32_t rules[DIAG_COUNT];
  number_rules(sink, rules);
  buf_str(out, "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", \"version\": \"2.1.0\", \"runs\": [\n"
               "{\"tool\": {\"driver\": {\"name\": \"tagout\", \"version\": \"" PACKAGE_VERSION "\", \"rules\": [");
  write_rules(rules, out);
  buf_str(out, "]}}, \"columnKind\": \"utf16CodeUnits\", \"results\": [");
  for (uint32_t i = 0; i < diag_count(sink); i++) {
    const Diag *d = diag_get(sink, i);
    buf_str(out, i ? ",\n" : "\n");
    write_result(map, d, rules[d->code], out);
  }
  buf_str(out, "]}]}\n");
}
