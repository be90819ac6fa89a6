/* desk_http: libmicrohttpd in the loop of the desk, in its one thread. */
#include <config.h>

#include "cli/desk_http.h"

#include "cli/attach.h"
#include "cli/bring.h"
#include "cli/desk_report.h"
#include "cli/planning.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define CONNECTIONS_MOST 64u
#define SILENCE_SECONDS 10u     /* on a connection */
#define REQUEST_MS 20000        /* from the opening of a connection, or the end of the request before, to the end of a request */
#define REQUEST_MEMORY 16384u   /* of a request line and its headers */
#define TOKEN_BYTES 32u
#define TOKEN_DIGITS (2 * TOKEN_BYTES)
#define PREFIX "/incidents/"

typedef struct Caller { int fd; int64_t since; } Caller; /* fd -1: none */

struct DeskHttp {
  Desk *desk;
  Caller callers[CONNECTIONS_MOST];
  struct MHD_Daemon *daemon;
  char token[TOKEN_DIGITS + 1];
};

typedef struct Request { Buf body; } Request;

/* ---- the token ---- */

static bool make_token(int fd, char *ret) {
  uint8_t chance[TOKEN_BYTES];
  if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance) return false;
  hex_digits(chance, TOKEN_BYTES, ret);
  return write(fd, ret, TOKEN_DIGITS) == (ssize_t)TOKEN_DIGITS && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
}

/* Made once; callers keep theirs over a restart. */
static bool open_token(DeskHttp *h) {
  const char *path = arena_printf(h->desk->arena, "%s/token", h->desk->home.dir), *half = arena_printf(h->desk->arena, "%s.new", path);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && read(fd, h->token, TOKEN_DIGITS) == (ssize_t)TOKEN_DIGITS;
  if (fd >= 0) close(fd);
  if (ok) return true;
  unlink(half);
  fd = open(half, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  ok = fd >= 0 && make_token(fd, h->token) && rename(half, path) == 0;
  if (!ok) fprintf(stderr, "tagout: %s: %s\n", path, strerror(errno));
  if (fd >= 0) close(fd);
  return ok;
}

/* Takes as long whatever is wrong. */
static bool may_call(const DeskHttp *h, struct MHD_Connection *c) {
  static const char scheme[] = "Bearer ";
  const char *given = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
  if (!given || strncmp(given, scheme, sizeof scheme - 1) != 0 || strlen(given) != sizeof scheme - 1 + TOKEN_DIGITS) return false;
  unsigned differs = 0;
  for (unsigned i = 0; i < TOKEN_DIGITS; i++) differs |= (unsigned)(given[sizeof scheme - 1 + i] ^ h->token[i]);
  return differs == 0;
}

/* ---- answers ---- */

/* Takes the text. */
static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, char *text, const char *header, const char *value) {
  struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
  MHD_add_response_header(r, "Content-Type", "application/json");
  if (header) MHD_add_response_header(r, header, value);
  enum MHD_Result result = MHD_queue_response(c, status, r);
  MHD_destroy_response(r);
  return result;
}

static char *json_text(json_t *o) {
  char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(o);
  return text;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, const char *why, const char *header, const char *value) {
  return answer(c, status, json_text(json_pack("{s:s}", "error", why)), header, value);
}

static json_t *one_error(const Diag *d) {
  json_t *notes = json_array();
  for (const DiagNote *n = d->notes; n; n = n->next) json_array_append_new(notes, json_string(n->text));
  return json_pack("{s:s,s:s,s:o}", "code", diag_code_text(d->code), "message", d->message, "notes", notes);
}

static enum MHD_Result answer_wrong(struct MHD_Connection *c, unsigned status, DiagSink *sink, uint64_t id) {
  json_t *errors = json_array();
  for (uint32_t i = 0; i < diag_count(sink); i++) json_array_append_new(errors, one_error(diag_get(sink, i)));
  json_t *o = json_pack("{s:s,s:o}", "error", diag_count(sink) ? diag_get(sink, 0)->message : "not taken", "errors", errors);
  if (id) json_object_set_new(o, "id", json_integer((json_int_t)id));
  bool later = status == MHD_HTTP_SERVICE_UNAVAILABLE;
  return answer(c, status, json_text(o), later ? "Retry-After" : NULL, "5");
}

/* ---- requests ---- */

static enum MHD_Result get_incident(DeskHttp *h, struct MHD_Connection *c, const char *number) {
  Arena *arena = arena_new();
  Incident i;
  char *end;
  errno = 0;
  unsigned long long id = strtoull(number, &end, 10);
  int found = *number >= '0' && *number <= '9' && *end == '\0' && errno == 0 ? intake_get(h->desk->intake, id, arena, &i) : 0;
  enum MHD_Result result = found > 0    ? answer(c, MHD_HTTP_OK, desk_incident_json(&i), NULL, NULL)
                           : found == 0 ? refuse(c, MHD_HTTP_NOT_FOUND, "there is no such incident", NULL, NULL)
                                        : refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, intake_why(h->desk->intake), "Retry-After", "5");
  arena_free(arena);
  return result;
}

/* Over HTTP nobody names a file of this machine: the desk would read it for them. */
static bool only_addresses(const ArrivalText *a, DiagSink *sink) {
  for (uint32_t i = 0; i < a->attach_count; i++) {
    const char *value = a->attach[i].value;
    if (attach_is_address(value)) continue;
    Diag *d = diag_at(sink, E_EVIDENCE, a->file, 0, 0, "`%s`: `%s` is no address", a->attach[i].name, value);
    diag_note(sink, d, "by HTTP evidence is attached as an address, like https://HOST/PATH; a file comes by the folder or by `tagout incident --attach`");
    return false;
  }
  return true;
}

static enum MHD_Result answer_brought(DeskHttp *h, struct MHD_Connection *c, Brought brought, uint64_t id, Arena *arena, DiagSink *sink) {
  Incident i;
  switch (brought) {
    case BROUGHT_NEW: case BROUGHT_BEFORE:
      if (intake_get(h->desk->intake, id, arena, &i) != 1) i.state = INCIDENT_RECEIVED;
      return answer(c, MHD_HTTP_ACCEPTED, json_text(json_pack("{s:I,s:s}", "id", (json_int_t)id, "state", incident_state_text(i.state))), "Location",
                    arena_printf(arena, PREFIX "%llu", (unsigned long long)id));
    case BROUGHT_WRONG: return answer_wrong(c, MHD_HTTP_BAD_REQUEST, sink, 0);
    case BROUGHT_NOBODY: return answer_wrong(c, MHD_HTTP_NOT_FOUND, sink, 0);
    case BROUGHT_CLASH: return answer_wrong(c, MHD_HTTP_CONFLICT, sink, id);
    case BROUGHT_NOT_KEPT: break;
  }
  return answer_wrong(c, MHD_HTTP_SERVICE_UNAVAILABLE, sink, 0);
}

static enum MHD_Result post_incident(DeskHttp *h, struct MHD_Connection *c, const Buf *body) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  ArrivalText a;
  uint64_t id = 0;
  Bringing b = {h->desk->state, h->desk->intake, &h->desk->home, "by HTTP", wall_clock()};
  Brought brought = BROUGHT_WRONG;
  if (arrival_parse("the request", body->data ? body->data : "", body->len, arena, sink, &a) && only_addresses(&a, sink)) brought = bring(&b, &a, arena, sink, &id);
  if (brought == BROUGHT_NEW) desk_say("incident %llu by HTTP", (unsigned long long)id);
  enum MHD_Result result = answer_brought(h, c, brought, id, arena, sink);
  arena_free(arena);
  return result;
}

/* What can be said before the body is there. MHD_YES: nothing was said. */
static bool refuse_early(DeskHttp *h, struct MHD_Connection *c, const char *url, const char *method, enum MHD_Result *ret) {
  bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0, get = strcmp(method, MHD_HTTP_METHOD_GET) == 0;
  bool all = strcmp(url, "/incidents") == 0, one = strncmp(url, PREFIX, sizeof PREFIX - 1) == 0;
  const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
  if (!may_call(h, c)) *ret = refuse(c, MHD_HTTP_UNAUTHORIZED, "send `Authorization: Bearer TOKEN`, with the token of the desk's folder", "WWW-Authenticate", "Bearer");
  else if (!all && !one) *ret = refuse(c, MHD_HTTP_NOT_FOUND, "there is only POST /incidents and GET /incidents/ID", NULL, NULL);
  else if (all && !post) *ret = refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "incidents are brought with POST", "Allow", "POST");
  else if (one && !get) *ret = refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "an incident is looked at with GET", "Allow", "GET");
  else if (length && strtoull(length, NULL, 10) > ARRIVAL_BYTES) *ret = refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "an incident has at most 65536 bytes", NULL, NULL);
  else return false;
  return true;
}

static enum MHD_Result begin(DeskHttp *h, struct MHD_Connection *c, const char *url, const char *method, void **state) {
  enum MHD_Result result = MHD_YES;
  if (refuse_early(h, c, url, method, &result)) return result;
  *state = xcalloc(1, sizeof(Request));
  return MHD_YES;
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *bytes, size_t *len, void **state) {
  DeskHttp *h = ctx;
  Request *r = *state;
  (void)version;
  if (!r) return begin(h, c, url, method, state);
  if (*len > 0) {
    if (r->body.len <= ARRIVAL_BYTES) buf_add(&r->body, bytes, *len);
    *len = 0;
    return MHD_YES;
  }
  if (r->body.len > ARRIVAL_BYTES) return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "an incident has at most 65536 bytes", NULL, NULL);
  return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ? get_incident(h, c, url + sizeof PREFIX - 1) : post_incident(h, c, &r->body);
}

static void completed(void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why) {
  Request *r = *state;
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  Caller *caller = info ? info->socket_context : NULL;
  (void)ctx, (void)why;
  if (caller) caller->since = wall_clock();
  if (r) buf_done(&r->body);
  free(r);
  *state = NULL;
}

/* ---- who takes too long ---- */

static void connected(void *ctx, struct MHD_Connection *c, void **socket, enum MHD_ConnectionNotificationCode what) {
  DeskHttp *h = ctx;
  Caller *caller = *socket;
  if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (caller) caller->fd = -1;
    return;
  }
  for (unsigned i = 0; i < CONNECTIONS_MOST; i++) {
    if (h->callers[i].fd >= 0) continue;
    h->callers[i] = (Caller){MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd, wall_clock()};
    *socket = &h->callers[i];
    return;
  }
}

/* A caller that sends a byte now and then is not silent; the server then sees that the connection has ended. */
static void end_slow_ones(DeskHttp *h) {
  int64_t now = wall_clock();
  for (unsigned i = 0; i < CONNECTIONS_MOST; i++)
    if (h->callers[i].fd >= 0 && now - h->callers[i].since > REQUEST_MS) shutdown(h->callers[i].fd, SHUT_RDWR);
}

/* ---- the server ---- */

static bool say_where(DeskHttp *h) {
  const union MHD_DaemonInfo *bound = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
  DeskHome *home = &h->desk->home;
  home->record.listen = arena_printf(h->desk->arena, "127.0.0.1:%u", (unsigned)bound->port);
  desk_say("POST http://%s/incidents, the token is in %s/token", home->record.listen, home->dir);
  return desk_note(home->dir, &home->record);
}

DeskHttp *desk_http_open(Desk *d, const char *listen) {
  DeskHttp *h = xcalloc(1, sizeof *h);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  h->desk = d;
  for (unsigned i = 0; i < CONNECTIONS_MOST; i++) h->callers[i].fd = -1;
  at.sin_port = htons((uint16_t)strtoul(strchr(listen, ':') + 1, NULL, 10));
  if (open_token(h)) {
    h->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, h, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MOST,
                                 MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MEMORY,
                                 MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, connected, h, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
    if (!h->daemon) fprintf(stderr, "tagout: cannot listen on %s: %s\n", listen, strerror(errno));
  }
  if (h->daemon && say_where(h)) return h;
  desk_http_close(h);
  return NULL;
}

void desk_http_close(DeskHttp *h) {
  if (!h) return;
  if (h->daemon) MHD_stop_daemon(h->daemon);
  free(h);
}

int desk_http_fd(const DeskHttp *h) { return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd; }

int desk_http_timeout(const DeskHttp *h, int most) {
  MHD_UNSIGNED_LONG_LONG ms;
  return MHD_get_timeout(h->daemon, &ms) == MHD_YES && ms < (MHD_UNSIGNED_LONG_LONG)most ? (int)ms : most;
}

void desk_http_serve(DeskHttp *h) {
  end_slow_ones(h);
  MHD_run(h->daemon);
}
