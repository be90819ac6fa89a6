/* calendar: a campaign planned over its days. */
#include <config.h>

#include "cli/planning.h"

#include "runtime/campaign_plan.h"
#include "runtime/schema.h"

#include <stdio.h>
#include <string.h>

enum { OPT_SITE, OPT_FLEET, OPT_CAMPAIGN, OPT_WHY, OPT_FORMAT, OPT_PUBLISHED, OPT_TODAY, OPT_FAILED, OPT_OUTPUT };
static const Option options[] = {
    {"site", "NAME", "the site whose inventory is meant"},
    {"fleet", "PATH", "the inventory (default: the site's)"},
    {"campaign", "NAME", "which campaign, when the files have several"},
    {"why", "MEMBER", "say for each day before its first which rule keeps it from being earlier"},
    {"format", "FORMAT", "text (default), json, csv, markdown or ics"},
    {"published", "FILE", "the JSON or CSV of an earlier calendar: change it as little as can be"},
    {"today", "DATE", "with --published: what lies before it stays"},
    {"failed", "MEMBER", "with --published: its last day before today was lost; may be given more than once"},
    {"output", "FILE", "write the calendar into FILE (-o)"},
    {NULL, NULL, NULL}};

typedef void Writer(const CampaignPlan *p, Buf *out);

static void write_text(const CampaignPlan *p, Buf *out) {
  campaign_text(p, p->verdict == CAMPAIGN_MEETS ? "tagout calendar ... --format json -o FILE to publish it" : NULL, out);
}

static const struct { const char *name; Writer *write; } forms[] = {
    {"text", write_text}, {"json", campaign_json}, {"csv", campaign_csv}, {"markdown", campaign_markdown}, {"ics", campaign_ics}};

static Writer *find_writer(const char *name) {
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    if (!name || strcmp(forms[i].name, name) == 0) return forms[i].write;
  fprintf(stderr, "tagout: `%s` is no format: text, json, csv, markdown or ics\n", name);
  return NULL;
}

/* ---- a slip ---- */

static bool parse_date(const char *text, int32_t *ret) {
  Quantity q;
  QuantityFault fault;
  if (quantity_parse_as(QUANTITY_DATE, text, strlen(text), &q, &fault)) return *ret = (int32_t)q.value, true;
  fprintf(stderr, "tagout: `%s` is no date: write 2026-01-05\n", text);
  return false;
}

static bool read_slip(const Args *args, Arena *arena, Published *published, Slip *ret, DiagSink *sink) {
  const char *file = args->values[OPT_PUBLISHED], *today = args->values[OPT_TODAY];
  *ret = (Slip){.failed = args->many, .failed_count = (uint32_t)args->many_count};
  if (!file && (today || args->many_count)) {
    fprintf(stderr, "tagout: --today and --failed are about a calendar that people have: name it with --published\n");
    return false;
  }
  if (!file) return true;
  if (!today) {
    fprintf(stderr, "tagout: --today says which days of the published calendar lie behind: write --today 2026-01-08\n");
    return false;
  }
  Buf bytes = BUF_INIT;
  bool ok = parse_date(today, &ret->today) && read_file(file, &bytes) && published_read(file, bytes.data, bytes.len, arena, published, sink);
  buf_done(&bytes);
  ret->published = published;
  return ok;
}

/* ---- the campaign and its inventory ---- */

typedef struct Words { const char **files; int file_count; ParamText *params; uint32_t param_count; } Words;

static Words sort_words(const Args *args, Arena *arena) {
  Words w = {arena_new_array(arena, const char *, (size_t)args->word_count), 0, arena_new_array(arena, ParamText, (size_t)args->word_count), 0};
  for (int i = 0; i < args->word_count; i++) {
    const char *equals = strchr(args->words[i], '=');
    if (!equals || equals == args->words[i]) w.files[w.file_count++] = args->words[i];
    else w.params[w.param_count++] = (ParamText){.name = arena_string(arena, args->words[i], (size_t)(equals - args->words[i])), .value = equals + 1};
  }
  return w;
}

static ExitCode load_fleet(const Args *args, Project *project, const Program *p, Arena *arena, DiagSink *sink, Fleet **ret) {
  const SiteImage *site = project_site(project, args->values[OPT_SITE]);
  if (args->values[OPT_SITE] && !site) return EXIT_USAGE;
  const char *path = args->values[OPT_FLEET];
  if (!path && site) path = site_fleet_path(site, arena);
  if (!path || !*path) {
    fprintf(stderr, "tagout: which inventory? Name it with --fleet, or a site that has one\n");
    return EXIT_USAGE;
  }
  *ret = fleet_load(&schema_of_program(p, arena)->fleet, path, FLEET_BY_NAME, sink);
  return *ret ? EXIT_DONE : EXIT_USAGE;
}

static ExitCode write_plan(const Args *args, const CampaignPlan *plan, Writer *writer) {
  Buf out = BUF_INIT;
  const char *path = args->values[OPT_OUTPUT], *why = args->values[OPT_WHY];
  if (why && !campaign_explain(plan, why, &out)) {
    fprintf(stderr, "tagout: no %s of the campaign that is still to be done is called `%s`\n", plan->facts->member, why);
    return EXIT_USAGE;
  }
  if (!why) writer(plan, &out);
  bool written = !path || write_file(path, out.data ? out.data : "", out.len);
  if (!path) fwrite(out.data, 1, out.len, stdout);
  buf_reset(&out);
  if (path && !why && strcmp(path, "-") != 0) {
    write_text(plan, &out);
    fwrite(out.data, 1, out.len, stdout);
  }
  buf_done(&out);
  return !written ? EXIT_USAGE : plan->verdict == CAMPAIGN_MEETS ? EXIT_DONE : plan->verdict == CAMPAIGN_STOPPED ? EXIT_STOPPED : EXIT_INFEASIBLE;
}

static ExitCode plan_it(const Args *args, Project *project, Writer *writer, Arena *arena, DiagSink *sink, Fleet **fleet) {
  Words w = sort_words(args, arena);
  Published published;
  Slip slip;
  if (w.file_count == 0) {
    fprintf(stderr, "tagout: which campaign? Name its file\n");
    return EXIT_USAGE;
  }
  ExitCode code = project_open(project, w.files, w.file_count);
  project_print_errors(project);
  if (code != EXIT_DONE) return code;
  const Program *p = project_compile_campaign(project, args->values[OPT_CAMPAIGN]);
  if (!p) return EXIT_USAGE;
  code = load_fleet(args, project, p, arena, sink, fleet);
  if (code != EXIT_DONE) return code;
  if (!read_slip(args, arena, &published, &slip, sink)) return EXIT_USAGE;
  const CampaignFacts *facts = campaign_facts(p, *fleet, w.params, w.param_count, arena, sink);
  const CampaignPlan *plan = facts ? campaign_make(facts, &slip, arena, sink) : NULL;
  return plan ? write_plan(args, plan, writer) : EXIT_USAGE;
}

static ExitCode run(const Args *args) {
  Writer *writer = find_writer(args->values[OPT_FORMAT]);
  if (!writer) return EXIT_USAGE;
  Project *project = project_new();
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  Fleet *fleet = NULL;
  ExitCode code = plan_it(args, project, writer, arena, sink, &fleet);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  fleet_free(fleet);
  project_free(project);
  arena_free(arena);
  return code;
}

const Verb verb_calendar = {
    .name = "calendar", .usage = "[options] FILE... [name=value ...]", .summary = "plan a campaign: which cluster on which day, and what binds",
    .help = "Shows the verdict first, a bound that no calendar is below, the rule that binds each day, and, where the deadline cannot be met, which\n"
            "single line would have to say something else. With --published the calendar that people have is changed as little as can be.\n"
            "Exit code 0: it meets its deadline, 3: it misses it or cannot be, 5: too many days failed, 1: the campaign has errors.",
    .options = options, .least = 1, .most = -1, .run = run, .many = "failed"};
