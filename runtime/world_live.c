/* world_live: commands to drivers, their answers to events. The clock is the real one at the start plus the monotonic one
 * since, so a step of the machine's clock never moves a run. */
#include <config.h>

#include "runtime/world_live.h"

#include "runtime/drivers/driver.h"
#include "runtime/live_ledger.h"
#include "runtime/live_pace.h"
#include "runtime/live_prompt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#define READ_TIMEOUT_MS 60000    /* of a reading without a deadline */
#define GATHER_MS 10             /* a fifth of what a timer may be late */
#define STILL_MOST_MS 60000      /* between waking up and a change: whoever takes longer asks whether the member is still its own */
#define DETAIL_BYTES 2000u       /* of a program's output, kept in the journal */

typedef struct Sent { Command command; const Driver *driver; } Sent; /* in flight; text dropped */
typedef struct Arrived { Event event; char *text; } Arrived;

typedef struct LiveWorld {
  World world;
  LiveConfig config;
  uv_loop_t loop;
  uv_timer_t timer;
  uv_poll_t wake;
  bool woken, due;
  int64_t start_real;             /* ms UTC */
  uint64_t start_mono;            /* ns */
  int64_t woke;                   /* when wait returned last; what people sent is read then or a little before (runtime/turn.h) */
  void *instances[16];            /* per row of `drivers`, opened at first use */
  char *duty;                     /* owned; NULL: nobody is named */
  LivePace pace;                  /* readings that would come too soon */
  VEC(Sent) sent;                 /* in places of `spare` that are not free: a run of weeks holds only what is in flight */
  VEC(uint32_t) spare;
  IdMap place_of;                 /* command id -> place in sent */
  uint32_t messages;              /* being told */
  bool waited;                    /* for those that are still being told */
  VEC(Arrived) arrived;           /* not handed out yet, from `first` on */
  uint32_t first;
  VEC(char *) handed;             /* texts of the events handed out last */
} LiveWorld;

/* NULL: it is not in flight. */
static Sent *sent_of(LiveWorld *w, uint64_t id) {
  uint32_t place;
  return id && id_map_get(&w->place_of, id, &place) ? &w->sent.items[place] : NULL;
}

static void keep_sent(LiveWorld *w, const Command *c, const Driver *driver) {
  Sent s = {*c, driver}, *known = sent_of(w, c->id);
  s.command.text = NULL;
  if (known) {
    *known = s;
    return;
  }
  uint32_t place = w->spare.len ? w->spare.items[--w->spare.len] : w->sent.len;
  if (place == w->sent.len) vec_push(&w->sent, s);
  else w->sent.items[place] = s;
  id_map_put(&w->place_of, c->id, place);
}

static void drop_sent(LiveWorld *w, const Sent *s) {
  id_map_remove(&w->place_of, s->command.id);
  vec_push(&w->spare, (uint32_t)(s - w->sent.items));
}

static int64_t live_now(World *world) {
  LiveWorld *w = (LiveWorld *)world;
  return w->start_real + (int64_t)((uv_hrtime() - w->start_mono) / 1000000);
}

static void arrive(LiveWorld *w, Event e, const char *text) {
  Arrived a = {e, text && *text ? xstrdup(text) : NULL};
  vec_push(&w->arrived, a);
}

/* ---- answers ---- */

static bool is_reading(CommandKind k) { return k == COMMAND_READ || k == COMMAND_METER || k == COMMAND_GET || k == COMMAND_INSPECT; }
static bool is_message(CommandKind k) { return k == COMMAND_NOTIFY || k == COMMAND_TICKET; }

/* Why it went wrong, then the end of what the system said. */
static void detail(const DriverResult *r, Buf *out) {
  size_t len = strlen(r->output), from = len > DETAIL_BYTES ? len - DETAIL_BYTES : 0;
  while (from < len && ((unsigned char)r->output[from] & 0xc0) == 0x80) from++; /* not in the middle of a character */
  if (r->why) buf_printf(out, "%s%s", r->why, len > from ? ": " : "");
  buf_str(out, r->output + from);
  while (out->len && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == ' ')) out->data[--out->len] = '\0';
}

static void on_done(void *ctx, uint64_t id, const DriverResult *r) {
  LiveWorld *w = ctx;
  Sent *s = sent_of(w, id);
  if (!s) return;
  Command command = s->command, *c = &command;
  drop_sent(w, s);
  w->messages -= is_message(c->kind);
  Event e = {.kind = EVENT_OUTCOME, .at = live_now(&w->world), .command = id, .outcome = r->outcome, .value = VALUE_UNKNOWN};
  Buf text = BUF_INIT;
  if (is_reading(c->kind)) {
    e.kind = EVENT_READING;
    e.outcome = OUT_OK;
    if (r->outcome == OUT_OK) e.value = live_value(w->config.bind, c, r->output, e.at, &text);
  }
  if (!is_reading(c->kind) || e.value == VALUE_UNKNOWN) {
    buf_reset(&text);
    detail(r, &text);
  }
  arrive(w, e, text.data);
  buf_done(&text);
}

/* ---- commands ---- */

static void *instance(LiveWorld *w, const Driver *driver) {
  uint32_t i = 0;
  while (drivers[i] != driver) i++;
  if (!w->instances[i]) w->instances[i] = driver->open(&w->loop, on_done, w);
  return w->instances[i];
}

static void not_bound(LiveWorld *w, const Command *c) {
  bool well = is_reading(c->kind) || is_message(c->kind); /* a channel that nobody listens to */
  Event e = {.kind = is_reading(c->kind) ? EVENT_READING : EVENT_OUTCOME, .at = live_now(&w->world), .command = c->id,
             .outcome = well ? OUT_OK : OUT_FAILED, .value = VALUE_UNKNOWN};
  if (c->kind != COMMAND_TICKET) arrive(w, e, well ? NULL : "the site binds nothing to this"); /* or wants no tickets */
}

static void begin(LiveWorld *w, const Command *c) {
  const SiteBinding *binding = live_binding(w->config.bind, c);
  const Driver *driver = driver_find(binding->driver);
  keep_sent(w, c, driver);
  w->messages += is_message(c->kind);
  char **args = live_args(w->config.bind, binding, c);
  int64_t left = c->deadline ? c->deadline - live_now(&w->world) : READ_TIMEOUT_MS;
  DriverJob job = {.id = c->id, .args = (const char *const *)args, .timeout = left > 0 ? left : 1, .run = w->config.run, .duty = w->duty};
  driver->start(instance(w, driver), &job);
  live_args_free(args);
}

static void begin_in_time(LiveWorld *w, const Command *c) {
  const SiteBinding *binding = live_binding(w->config.bind, c);
  if (!binding) not_bound(w, c);
  else if (!live_pace_waits(&w->pace, c, binding->every, live_now(&w->world))) begin(w, c);
}

static void begin_due(LiveWorld *w) {
  Command c;
  while (live_pace_take(&w->pace, live_now(&w->world), &c)) begin(w, &c);
}

/* The ledger is a file beside the journal: asking it is one more commit, and the answer is there at once. */
static void ask_ledger(LiveWorld *w, const Command *c) {
  Buf why = BUF_INIT;
  Event e = {.kind = EVENT_OUTCOME, .at = live_now(&w->world), .command = c->id, .value = VALUE_UNKNOWN};
  e.outcome = c->kind == COMMAND_PERMIT ? live_permit(&w->config, c, e.at, &why)
              : c->kind == COMMAND_RISK ? live_risk(&w->config, c, e.at, &why)
                                        : live_tally(&w->config, c, e.at, &why);
  arrive(w, e, why.data);
  buf_done(&why);
}

/* The process may have been stopped (a signal, a debugger, a machine without breath) since it decided upon this. Whoever cuts the
 * power under an emergency waits for minutes and no longer (cli/preempt.h), so what is done in less needs no look. */
static bool too_late(LiveWorld *w, const Command *c) {
  Event e = {.kind = EVENT_OUTCOME, .at = live_now(&w->world), .command = c->id, .outcome = OUT_FAILED, .value = VALUE_UNKNOWN};
  Buf why = BUF_INIT;
  bool late = e.at - w->woke > STILL_MOST_MS && live_lost(&w->config, c, &why);
  if (late) arrive(w, e, why.data);
  buf_done(&why);
  return late;
}

static void give_up(LiveWorld *w, uint64_t id) {
  if (live_pace_drop(&w->pace, id)) return; /* whoever gives up waits for no answer */
  const Sent *s = sent_of(w, id);
  if (s) s->driver->cancel(instance(w, s->driver), id);
}

static void live_submit(World *world, const Command *c) {
  LiveWorld *w = (LiveWorld *)world;
  switch (c->kind) {
  case COMMAND_STOP: give_up(w, (uint64_t)c->args[0]); break;
  case COMMAND_PERMIT:
  case COMMAND_RISK:
  case COMMAND_TALLY: ask_ledger(w, c); break;
  case COMMAND_REFUND: live_refund(&w->config, c, live_now(world)); break;
  case COMMAND_ASK:
  case COMMAND_WITHDRAW: break; /* people read the run's status and answer through its inbox */
  case COMMAND_ACT:
  case COMMAND_LOCK:
  case COMMAND_UNLOCK:
  case COMMAND_SET:
    if (!too_late(w, c)) begin_in_time(w, c);
    break;
  case COMMAND_READ:
  case COMMAND_METER:
  case COMMAND_INSPECT:
  case COMMAND_GET:
  case COMMAND_NOTIFY:
  case COMMAND_TICKET: begin_in_time(w, c); break;
  case COMMAND_KIND_COUNT: break;
  }
}

/* ---- waiting ---- */

static void on_timer(uv_timer_t *t) { ((LiveWorld *)t->data)->due = true; }
static void on_wake(uv_poll_t *p, int status, int events) {
  (void)status, (void)events;
  ((LiveWorld *)p->data)->woken = true;
}

static uint32_t hand_out(LiveWorld *w, Event *ret, uint32_t max) {
  for (uint32_t i = 0; i < w->handed.len; i++) free(w->handed.items[i]);
  w->handed.len = 0;
  uint32_t n = 0;
  for (; n < max && w->first < w->arrived.len; n++) {
    Arrived *a = &w->arrived.items[w->first++];
    ret[n] = a->event;
    ret[n].text = a->text;
    if (a->text) vec_push(&w->handed, a->text);
  }
  if (w->first == w->arrived.len) w->first = w->arrived.len = 0;
  return n;
}

/* Sets the timer for whatever comes first: the end of the wait, or a reading whose turn comes. */
static void set_timer(LiveWorld *w, int64_t until) {
  int64_t next = live_pace_next(&w->pace);
  if (until < next) next = until;
  uv_timer_stop(&w->timer);
  if (next == INT64_MAX) return;
  int64_t left = next - live_now(&w->world);
  uv_update_time(&w->loop);
  uv_timer_start(&w->timer, on_timer, left > 0 ? (uint64_t)left : 0, 0);
}

static bool behind(const LiveWorld *w) {
  for (uint32_t i = 0; drivers[i]; i++)
    if (w->instances[i] && drivers[i]->behind && drivers[i]->behind(w->instances[i])) return true;
  return false;
}

/* While a driver is behind, a command more would only wait: whatever ends meanwhile shares one commit. */
static void gather(LiveWorld *w, int64_t until, uint32_t max) {
  int64_t end = live_now(&w->world) + GATHER_MS;
  if (until < end) end = until;
  set_timer(w, end);
  while (w->arrived.len > 0 && w->arrived.len < max && !w->woken && live_now(&w->world) < end && behind(w))
    uv_run(&w->loop, UV_RUN_ONCE);
}

static uint32_t live_wait(World *world, int64_t until, Event *ret, uint32_t max) {
  LiveWorld *w = (LiveWorld *)world;
  w->woken = w->due = false;
  begin_due(w);
  set_timer(w, until);
  uv_run(&w->loop, UV_RUN_NOWAIT);
  while (w->arrived.len == 0 && !w->woken) {
    if (w->due && until <= live_pace_next(&w->pace)) break;
    if (w->due) {
      w->due = false;
      begin_due(w);
      set_timer(w, until);
    }
    uv_run(&w->loop, UV_RUN_ONCE);
  }
  gather(w, until, max);
  uv_timer_stop(&w->timer);
  w->woke = live_now(world);
  return hand_out(w, ret, max);
}

/* ---- life ---- */

/* Of a run that is left: closing a driver ends what it has started. What nobody can be told of any more is told again later. */
static void tell_rest(LiveWorld *w) {
  int64_t until = live_now(&w->world) + (w->waited ? 0 : WORLD_LAST_WORD);
  uv_update_time(&w->loop);
  uv_timer_start(&w->timer, on_timer, WORLD_LAST_WORD, 0);
  while (w->messages > 0 && live_now(&w->world) < until) uv_run(&w->loop, UV_RUN_ONCE);
}

static void live_free(World *world) {
  LiveWorld *w = (LiveWorld *)world;
  if (w->config.wake_fd >= 0) uv_close((uv_handle_t *)&w->wake, NULL);
  tell_rest(w);
  uv_close((uv_handle_t *)&w->timer, NULL);
  for (uint32_t i = 0; drivers[i]; i++)
    if (w->instances[i]) drivers[i]->close(w->instances[i]);
  uv_run(&w->loop, UV_RUN_DEFAULT);
  uv_loop_close(&w->loop);
  while (w->first < w->arrived.len) free(w->arrived.items[w->first++].text);
  for (uint32_t i = 0; i < w->handed.len; i++) free(w->handed.items[i]);
  free(w->duty);
  vec_done(&w->arrived);
  vec_done(&w->handed);
  vec_done(&w->sent);
  vec_done(&w->spare);
  id_map_done(&w->place_of);
  live_pace_done(&w->pace);
  free(w);
}

static const WorldOps live_ops = {.name = "live", .now = live_now, .submit = live_submit, .wait = live_wait, .free = live_free};

World *world_live_new(const LiveConfig *config) {
  uv_replace_allocator(xmalloc, xrealloc, xcalloc, free); /* a lack of memory ends the process, here as elsewhere */
  LiveWorld *w = xcalloc(1, sizeof *w);
  struct timespec t;
  w->world.ops = &live_ops;
  w->config = *config;
  clock_gettime(CLOCK_REALTIME, &t);
  w->start_real = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
  w->start_mono = uv_hrtime();
  w->woke = w->start_real;
  int r = uv_loop_init(&w->loop);
  if (r < 0) {
    errno = -r;
    free(w);
    return NULL;
  }
  live_prompt();
  uv_timer_init(&w->loop, &w->timer);
  w->timer.data = w;
  if (config->wake_fd >= 0) {
    uv_poll_init(&w->loop, &w->wake, config->wake_fd);
    w->wake.data = w;
    uv_poll_start(&w->wake, UV_READABLE, on_wake);
  }
  return &w->world;
}

void world_live_duty(World *world, const char *who) {
  LiveWorld *w = (LiveWorld *)world;
  free(w->duty);
  w->duty = who && *who ? xstrdup(who) : NULL;
}

int64_t world_live_answers(const World *world) {
  Command ticket = {.kind = COMMAND_TICKET};
  return BEGIN_NOTICES | (live_binding(((const LiveWorld *)world)->config.bind, &ticket) ? BEGIN_TICKETS : 0);
}

uint32_t world_live_telling(const World *world) { return ((const LiveWorld *)world)->messages; }

void world_live_waited(World *world) { ((LiveWorld *)world)->waited = true; }
