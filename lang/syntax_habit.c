/* syntax_habit: what people write who know other languages, or who write as they speak: `if`, `sleep 10min`,
 * `else rollback`, `retry 3 times`, `on error`. The message says how it is written here. Only asked when a line could
 * not be read, so none of these words is taken from anybody. */
#include <config.h>

#include "lang/syntax_error.h"

#include "lang/grammar.h"
#include <string.h>

typedef struct Habit {
  const char *words; /* each between blanks */
  const char *ours;  /* stands for them here, in their place; NULL: it is not as simple */
  const char *what;  /* is written so; without `ours` the whole sentence */
  const char *example;
} Habit;

/* Words where a statement or an exit begins. */
static const Habit opening[] = {
    {" if ", "when", "a branch on a condition", "`when CONDITION { ... } otherwise { ... }`"},
    {" unless ", NULL, "a branch on a condition is written `when`", "`when not CONDITION { ... }`"},
    {" elif elsif elseif ", NULL, "a choice among several is written `decide on`",
     "`decide on count n in nodes where ... { at least 16 { ... } otherwise { ... } }`"},
    {" switch match case ", NULL, "a choice among several is written `decide on`",
     "`decide on reset_level of n { is warm, cold { ... } unknown { ... } }`"},
    {" try ", "attempt", "a block with a way back", "`attempt { ... } roll back { ... }`"},
    {" catch rescue finally ", NULL, "the way back of `attempt` is written `roll back`",
     "`attempt { ... } roll back { ... }`"},
    {" sleep delay pause ", "wait", "letting time pass", "`wait 10min`"},
    {" foreach loop ", "for each", "what is done to each member", "`for each n in nodes, 4 at once { ... }`"},
    {" do until ", NULL, "there is no loop: what is awaited is written `confirm`",
     "`confirm CONDITION within 10min else ...` reads until it holds"},
    {" call exec execute invoke ", NULL, "an action is called by its name alone",
     "`drain(n)`; a procedure with `run`"},
    {" print echo log say alert email ", NULL, "people are told with `notify`",
     "`notify operations \"text\"`"},
    {" return exit quit abort break continue skip ignore pass raise throw die ", NULL,
     "the way out is an exit",
     "`end \"why\"` is done, `fail \"why\"` has failed; `set aside n \"why\"`, `keep out \"why\"`, `roll back`"},
    {" setaside aside ", "set aside", "a member that stays behind", "`set aside n \"why\"`"},
    {" rollback revert ", "roll back", "the way back", "`roll back`, inside an `attempt`"},
    {" keepout ", "keep out", "a healthy member that stays out", "`keep out \"why\"`"},
    {" let var const ", NULL, "there are no variables",
     "`param` is given, `select` freezes a set, `remember FACT of n as NAME` keeps a value"},
    {" parallel async ", NULL, "how many at once is said by the fan-out",
     "`for each n in nodes, 4 at once { ... }`"},
    {" assert ensure verify ", NULL, "what must hold is written `confirm`, or `require` in the head",
     "`confirm CONDITION within 10min else ...`"},
    {" approve approval prompt ", NULL, "people are asked with `gate`",
     "`gate \"text\" by ROLE as NAME within 1h else ...`"},
    {" function func def proc sub ", "procedure", "a named piece", "`procedure NAME(n: Node) { ... }`"},
    {" import include using ", "use", "naming modules", "`use fleet, power`"},
};

static const char *at(const Slip *s, SrcPos pos) { return parse_text(s->p, pos); }

static const char *spelled(const Slip *s, Span span) {
  return arena_string(s->p->arena, at(s, span.lo), span_length(span) < 60 ? span_length(span) : 60);
}

static bool word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static const Habit *habit_of(const Slip *s, Span word) {
  char key[24];
  size_t len = span_length(word);
  if (len == 0 || len > sizeof key - 3) return NULL;
  key[0] = ' ';
  memcpy(key + 1, at(s, word.lo), len);
  memcpy(key + 1 + len, " ", 2);
  for (size_t i = 0; i < sizeof opening / sizeof *opening; i++)
    if (strstr(opening[i].words, key)) return &opening[i];
  return NULL;
}

/* The first word of the line that pos is on. */
static Span first_word(const Slip *s, SrcPos pos) {
  const char *text = s->p->source->text, *begin = at(s, pos);
  while (begin > text && begin[-1] != '\n') begin--;
  while (begin < at(s, pos) && (*begin == ' ' || *begin == '\t' || *begin == '}')) begin++;
  const char *end = begin;
  while (word_byte(*end)) end++;
  SrcPos lo = s->p->source->base + (SrcPos)(begin - text);
  return (Span){lo, lo + (SrcPos)(end - begin)};
}

static bool could(const Slip *s, int token) { return expected_has(&s->expected, token); }
static bool opens_line(int kind) { return !kind || kind == SYN_NL || kind == '{'; }
static bool handles(int kind) {
  return kind == SYN_ELSE || kind == SYN_ON_FAILED || kind == SYN_ON_UNKNOWN || kind == SYN_ON_NO ||
         kind == SYN_ON_SILENCE;
}

static bool say(const Slip *s, Span word, const Habit *h) {
  DiagSink *sink = s->p->sink;
  const char *text = spelled(s, word);
  const char *how = h->ours ? arena_printf(s->p->arena, "%s is written `%s`", h->what, h->ours) : h->what;
  Diag *d = diag_new(sink, E_FOREIGN_WORD, word, "`%s` cannot stand here: %s", text, how);
  diag_note(sink, d, "%s", h->example);
  if (h->ours) diag_fix(sink, d, word, false, h->ours, "write `%s`", h->ours);
  return true;
}

/* if power of n is off { */
static bool foreign_word(const Slip *s) {
  int before2 = parse_token(s->p, 2)->kind;
  Span word = s->before.span;
  bool exits = s->before.kind && word_byte(*at(s, word.lo)) && !handles(s->before.kind) &&
               (opens_line(before2) || handles(before2));
  bool first = opens_line(s->before.kind) || handles(s->before.kind) || s->found == SYN_UNLESS;
  if (!exits && first && s->found) {
    word = s->span; /* a word that has a meaning elsewhere: unless */
    exits = word_byte(*at(s, word.lo));
  }
  if (!exits && could(s, SYN_ROLL)) {
    word = s->span; /* } rollback { */
    exits = s->found == SYN_WORD;
  }
  if (!exits && !could(s, ')')) {
    word = first_word(s, s->span.lo); /* if (power of n is off) { */
    exits = word.hi <= s->span.lo && at(s, word.hi)[strspn(at(s, word.hi), " ")] == '(';
  }
  const Habit *h = exits ? habit_of(s, word) : NULL;
  return h && say(s, word, h);
}

static Diag *fixed(const Slip *s, Span span, const char *text, const char *message) {
  Diag *d = diag_new(s->p->sink, E_SYNTAX, span, "%s", message);
  diag_fix(s->p->sink, d, span, false, text, *text ? "write `%s`" : "remove it", text);
  return d;
}

/* } roll back { of an `attempt` that could not be read: said already */
static bool lost_attempt(const Slip *s) {
  return s->found == '{' && s->before.kind == SYN_BACK && diag_errors(s->p->sink) > 0;
}

/* } else { behind `when` */
static bool else_of_when(const Slip *s) {
  if (s->found != SYN_ELSE || !could(s, SYN_OTHERWISE)) return false;
  const char *behind = at(s, s->span.hi);
  behind += strspn(behind, " ");
  bool chain = strncmp(behind, "if ", 3) == 0 || strncmp(behind, "when ", 5) == 0;
  Diag *d = diag_new(s->p->sink, E_FOREIGN_WORD, s->span, "the other branch of `when` is written `otherwise`");
  if (chain)
    diag_note(s->p->sink, d, "a choice among several is `decide on`, or a `when` inside of `otherwise { ... }`");
  else diag_fix(s->p->sink, d, s->span, false, "otherwise", "write `otherwise`");
  return true;
}

/* else { among the arms of `decide` */
static bool arm_shape(const Slip *s) {
  bool arm = could(s, SYN_OTHERWISE) && could(s, SYN_UNKNOWN) && could(s, SYN_AT) && could(s, SYN_IS) && !could(s, SYN_STEP);
  bool otherwise = s->found == SYN_ELSE && s->before.kind == '}' && filter_begins_line(s->p, s->span.lo);
  if (otherwise) {
    Diag *d = diag_new(s->p->sink, E_FOREIGN_WORD, s->span, "no `else` can stand behind this `}`");
    diag_note(s->p->sink, d, "what is left over is written `otherwise { ... }`");
    return true;
  }
  if (!arm) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "expected an arm of `decide`");
  diag_note(s->p->sink, d, "`at least 16 { ... }`, `is warm, cold { ... }`, `unknown { ... }`, `otherwise { ... }`");
  return true;
}

/* for n in nodes */
static bool for_without_each(const Slip *s) {
  if (s->before.kind != SYN_FOR || s->found != SYN_WORD || !could(s, SYN_EACH)) return false;
  const char *behind = at(s, s->span.hi);
  if (strncmp(behind + strspn(behind, " "), "in ", 3) != 0) return false;
  fixed(s, s->before.span, "for each", "what is done to each member is written `for each`");
  return true;
}

/* retry 3 times after 2min, retry 3 else ... */
static bool retry_shape(const Slip *s) {
  if (s->before.kind == SYN_RETRY && s->found == SYN_LITERAL && opens_line(parse_token(s->p, 2)->kind)) {
    Diag *d = diag_new(s->p->sink, E_MISPLACED, s->before.span, "`retry` stands behind the call");
    diag_note(s->p->sink, d, "`drain(n), retry 3 after 2min else ...`");
    return true;
  }
  if (!could(s, SYN_AFTER) || could(s, SYN_NL) || could(s, SYN_WORD)) return false;
  if (s->found == SYN_TIMES) {
    Diag *d = fixed(s, (Span){s->before.span.hi, s->span.hi}, "", "`retry` counts without `times`");
    diag_note(s->p->sink, d, "`retry 3 after 2min`: how often, and how long after the last answer");
    return true;
  }
  if (s->found != SYN_ELSE && s->found != SYN_NL && s->found != ',' && s->found != SYN_WITHIN) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "`retry` does not say how long it waits");
  diag_note(s->p->sink, d, "`retry 3 after 2min`: how often, and how long after the last answer");
  return true;
}

/* on error set aside ... */
static bool on_error(const Slip *s) {
  bool on = s->found == SYN_ON || s->found == SYN_ON_FAILURE;
  if (!on || !could(s, SYN_ON_FAILED)) return false;
  const char *behind = at(s, s->span.hi), *end = behind;
  while (*end == ' ') end++;
  while (s->found == SYN_ON && word_byte(*end)) end++;
  Span span = {s->span.lo, s->span.hi + (SrcPos)(end - behind)};
  if (s->found == SYN_ON_FAILURE) span = s->span;
  Diag *d = diag_new(s->p->sink, E_FOREIGN_WORD, span, "`%s` is no outcome", spelled(s, span));
  diag_note(s->p->sink, d, "`on failed` and `on unknown` are for one outcome, `else` is for both");
  return true;
}

/* Is the word on the line before the place? */
static bool stands_before(const Slip *s, const char *word) {
  const char *text = s->p->source->text, *end = at(s, s->span.lo), *begin = end;
  size_t len = strlen(word);
  while (begin > text && begin[-1] != '\n') begin--;
  for (; begin + len <= end; begin++) {
    if (memcmp(begin, word, len) == 0 && !word_byte(begin[len]) && (begin == text || !word_byte(begin[-1]))) return true;
  }
  return false;
}

/* drain(n) else set aside n "why" within 30min */
static bool clause_order(const Slip *s) {
  const char *behind = at(s, s->span.hi);
  behind += strspn(behind, " ");
  bool comma = s->found == ',' && (strncmp(behind, "retry ", 6) == 0 || strncmp(behind, "within ", 7) == 0);
  bool clause = s->found == SYN_WITHIN || s->found == SYN_RETRY || comma;
  if (!clause || could(s, s->found) || !stands_before(s, "else")) return false;
  const char *word = s->found == SYN_RETRY || (comma && *behind == 'r') ? "retry" : "within";
  Diag *d = diag_new(s->p->sink, E_MISPLACED, s->span, "`%s` stands before `else`", word);
  diag_note(s->p->sink, d, "the order is: `drain(n) within 30min, retry 1 after 2min else set aside n \"why\"`");
  return true;
}

/* fail, set aside n: and no reason; set aside "why": and nobody */
static bool exit_shape(const Slip *s) {
  if (s->before.kind == SYN_ASIDE && (s->found == SYN_TEXT || s->found == SYN_TEXT_HEAD)) {
    Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "`set aside` does not say who");
    diag_note(s->p->sink, d, "`set aside n \"why\"`");
    return true;
  }
  bool aside = stands_before(s, "aside") || stands_before(s, "fail") || stands_before(s, "end") || stands_before(s, "keep");
  if (!aside || !could(s, SYN_TEXT) || could(s, SYN_NL) || (s->found != SYN_NL && s->found != '}')) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "the exit does not say why");
  diag_note(s->p->sink, d, "the reason follows in quotes: whoever takes over reads it");
  return true;
}

/* wait until power of n is off */
static bool wait_until(const Slip *s) {
  if (s->before.kind != SYN_WAIT || (s->found != SYN_UNTIL && s->found != SYN_FOR)) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, (Span){s->before.span.lo, s->span.hi}, "`wait` lets time pass");
  diag_note(s->p->sink, d, "`confirm CONDITION within 10min else ...` reads until it holds; `wait 10min` waits");
  return true;
}

/* while power of n is on { */
static bool while_loop(const Slip *s) {
  if (s->found != '{' || !could(s, SYN_START) || !stands_before(s, "while")) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "`while` holds starts back: it repeats nothing");
  diag_note(s->p->sink, d, "there is no loop: `confirm CONDITION within 10min else ...` reads until it holds");
  diag_note(s->p->sink, d, "`while CONDITION start no member, others go on to a safe point`");
  return true;
}

/* is off or on */
static bool half_comparison(const Slip *s) {
  if ((s->before.kind != SYN_OR && s->before.kind != SYN_AND) || s->found != SYN_ON) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "`on` cannot stand behind `%s`", spelled(s, s->before.span));
  diag_note(s->p->sink, d, "one of several values is asked with `power of n in (off, on)`");
  return true;
}

/* else: set aside ... */
static bool colon(const Slip *s) {
  if (s->found != ':') return false;
  bool behind = handles(s->before.kind) || s->before.kind == SYN_OTHERWISE;
  if (!behind && could(s, '{')) fixed(s, s->span, "", "no `:` stands before `{`");
  if (!behind) return could(s, '{');
  fixed(s, s->span, "", arena_printf(s->p->arena, "no `:` stands behind `%s`", spelled(s, s->before.span)));
  return true;
}

static bool begins(const Slip *s, const char *word) {
  Span first = first_word(s, s->span.lo);
  return span_length(first) == strlen(word) && memcmp(at(s, first.lo), word, strlen(word)) == 0;
}

/* window Mon-Fri 11:00 to 20:00, 11:00-20:00, 11:00 until 20:00 */
static bool window_shape(const Slip *s) {
  if (!begins(s, "window") || !could(s, SYN_TO)) return false;
  Span word = first_word(s, s->span.lo);
  const char *days = at(s, word.hi), *dash = days + strcspn(days, "-0123456789\n");
  if (*dash == '-') {
    SrcPos lo = word.hi + (SrcPos)(dash - days);
    Diag *d = diag_new(s->p->sink, E_SYNTAX, (Span){lo, lo + 1}, "days are listed one by one");
    diag_note(s->p->sink, d, "`window Mon, Tue, Wed, Thu, Fri 11:00 to 20:00 in ...`, or `daily`");
    return true;
  }
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "a window goes from one time `to` another");
  diag_note(s->p->sink, d, "`window Mon, Wed 11:00 to 20:00 in \"America/Phoenix\", end hard`");
  return true;
}

/* drain(n) in 30min */
static bool deadline(const Slip *s) {
  if (s->found != SYN_IN || !could(s, SYN_WITHIN)) return false;
  fixed(s, s->span, "within", "a deadline is written `within`");
  return true;
}

/* gate ... as NAME else */
static bool gate_shape(const Slip *s) {
  if (s->found != SYN_ELSE || !could(s, SYN_ASKS) || !could(s, SYN_WITHIN)) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "the gate does not say how long it waits for an answer");
  diag_note(s->p->sink, d, "`within 1h` or `until last safe moment` stands before `else`");
  return true;
}

/* ordered by r.row, r.slot, 12 at once */
static bool order_shape(const Slip *s) {
  if (!could(s, SYN_PER) || could(s, SYN_NL) || !stands_before(s, "ordered")) return false;
  if (s->before.kind != SYN_WORD || (s->found != ',' && s->found != '{')) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->before.span, "further keys of an order follow `then`");
  diag_note(s->p->sink, d, "`ordered by r.row then r.slot, 12 at once`");
  return true;
}

/* else "why" */
static bool reason_alone(const Slip *s) {
  if (!handles(s->before.kind) || (s->found != SYN_TEXT && s->found != SYN_TEXT_HEAD)) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "this says why, and not what happens");
  diag_note(s->p->sink, d, "`set aside n \"why\"`, `keep out \"why\"`, `roll back`, `fail \"why\"` or `end \"why\"`");
  return true;
}

/* "${n.name does not drain" */
static bool open_value(const Slip *s) {
  if (!could(s, SYN_TEXT_TAIL)) return false;
  Diag *d = diag_new(s->p->sink, E_UNCLOSED, s->span, "`${` is not closed");
  diag_primary_label(s->p->sink, d, "expected `}` before this");
  for (uint32_t i = s->p->depth; i > 0; i--) {
    if (s->p->openers[i].bracket != '$') continue;
    diag_label(s->p->sink, d, s->p->openers[i].span, "opened here");
    break;
  }
  s->p->open_text = s->span.lo; /* its quote looks like a beginning now */
  s->p->uncertain = true;
  return true;
}

/* (Node n), (n) */
static bool parameter(const Slip *s) {
  if (s->before.kind != SYN_WORD || !could(s, ':') || s->expected.count > 1) return false;
  if (s->found != SYN_WORD && s->found != ')' && s->found != ',') return false;
  bool swapped = s->found == SYN_WORD, inside = s->p->depth && s->p->openers[s->p->depth].bracket == '(';
  if (!inside && s->found != ')') return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->before.span, "a name here has its kind or type behind a `:`");
  diag_note(s->p->sink, d, "`%s: %s`", spelled(s, swapped ? s->span : s->before.span),
            swapped ? spelled(s, s->before.span) : "Node");
  return true;
}

/* power of n off */
static bool missing_is(const Slip *s) {
  bool off = s->found == SYN_WORD && span_length(s->span) == 3 && memcmp(at(s, s->span.lo), "off", 3) == 0;
  if ((!off && s->found != SYN_ON) || s->before.kind != SYN_WORD || !could(s, SYN_IS)) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "expected `is`, found `%s`", spelled(s, s->span));
  diag_fix(s->p->sink, d, (Span){s->span.lo, s->span.lo}, false, "is ", "write `is %s`", spelled(s, s->span));
  return true;
}

/* n.drain() */
static bool method(const Slip *s) {
  if (s->found != '.' || s->before.kind != SYN_WORD || !opens_line(parse_token(s->p, 2)->kind)) return false;
  const char *end = at(s, s->span.hi);
  while (word_byte(*end)) end++;
  SrcPos hi = s->span.hi + (SrcPos)(end - at(s, s->span.hi));
  if (hi == s->span.hi || *end != '(') return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, (Span){s->before.span.lo, hi}, "an action is called by its name alone");
  diag_note(s->p->sink, d, "`%s(%s)`", spelled(s, (Span){s->span.hi, hi}), spelled(s, s->before.span));
  return true;
}

/* runbook "Title" {, runbook r Title {, runbook r(n: Node) { */
static bool header(const Slip *s) {
  Span word = first_word(s, s->span.lo);
  bool runbook = span_length(word) == 7 && memcmp(at(s, word.lo), "runbook", 7) == 0;
  if (!runbook || s->p->depth > 1) return false;
  if (s->before.kind == SYN_RUNBOOK && s->found == SYN_TEXT) {
    Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "a runbook has a name before its title");
    diag_note(s->p->sink, d, "`runbook dc_power \"Power shutdown\" { ... }`: the name is for plans and tests");
    return true;
  }
  if (!could(s, '{')) return false;
  if (s->found == '(') {
    Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "the parameters of a runbook stand in its block");
    diag_note(s->p->sink, d, "`param cluster : Cluster`, one on each line");
    return true;
  }
  if (s->found != SYN_WORD || !could(s, SYN_TEXT)) return false;
  Diag *d = diag_new(s->p->sink, E_SYNTAX, s->span, "a title stands in quotes");
  diag_note(s->p->sink, d, "`runbook dc_power \"Power shutdown\" { ... }`");
  return true;
}

bool syntax_gate(const Slip *s) {
  if (!begins(s, "gate")) return false;
  const char *next = at(s, s->span.lo);
  next += strcspn(next, "\n");
  next += strspn(next, " \t\r\n");
  return strncmp(next, "for each ", 9) == 0;
}

void syntax_shape(const Slip *s, Diag *d) {
  static const struct { const char *word, *shape; } shapes[] = {
      {"owner", "owner \"team\""},
      {"param", "param soft : duration = 10min \"what it is for\""},
      {"select", "select racks = r in Rack where CONDITION"},
      {"leave", "leave out n in nodes where CONDITION, at most 1% of nodes"},
      {"window", "window Mon, Wed 11:00 to 20:00 in \"America/Phoenix\", end hard"},
      {"budget", "budget nodes out: at most 1800 at once, at most 1800 per day in \"UTC\""},
      {"goal", "goal finish within 9h, at least 98% of nodes back"},
      {"require", "require CONDITION \"why not\""},
      {"lockout", "lockout nsd, anvil on nodes, 600 at once because \"why\" { ... }"},
      {"release", "release each n when CONDITION in order anvil, nsd"},
      {"gate", "gate \"text\" by ROLE as NAME for each w in rows within 1h else roll back"},
      {"step", "step NAME \"text\" for each n in nodes, 4 at once, stop after 2 nodes set aside { ... }"},
      {"for", "for each n in nodes of r, all at once { ... }"},
      {"confirm", "confirm CONDITION held for 2min within 10min else ..."},
      {"remember", "remember FACT of n as NAME"},
      {"set", "set aside n \"why\""},
      {"otherwise", "otherwise hand over to ROLE"},
      {"given", "given fleet \"nodes.csv\"`, `given param NAME = VALUE`, `given ACTION on node \"n01\" fails once"},
      {"expect", "expect outcome completed`, `expect nothing handed over`, `expect power of node \"n01\" is on"},
      {"notify", "notify CHANNEL \"text\""},
  };
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    if (begins(s, shapes[i].word)) diag_note(s->p->sink, d, "its form: `%s`", shapes[i].shape);
}

bool syntax_habit(const Slip *s) {
  static bool (*const habits[])(const Slip *) = {header, lost_attempt,  foreign_word, else_of_when, for_without_each, retry_shape,
                                                 on_error, clause_order, exit_shape,   method,
                                                 wait_until, while_loop, half_comparison, colon, window_shape, deadline,
                                                 gate_shape, parameter, missing_is, arm_shape,  order_shape, reason_alone, open_value};
  for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
    if (habits[i](s)) return true;
  return false;
}
