/* desk_http: incidents by HTTP, on the loopback interface and nowhere else.
 *
 *   POST /incidents       the JSON of an incident (runtime/arrival.h). 202 {"id": N, "state": ...} once it is on the disk, also when the
 *                         same key was brought before; 400 what is wrong with which field; 404 an incident that is not served here;
 *                         409 the key of another; 413 longer than may be; 503 it cannot be kept now: bring it again
 *   GET /incidents/N      how it stands
 *
 * Callers send `Authorization: Bearer TOKEN`; the token is in the file `token` of the desk's folder, which only its user can read (401).
 * Without it every account of the machine could start runs, and so could a page in a browser on it. Another path is 404, another method
 * 405. Requests are bounded in size, number and time. */
#ifndef TAGOUT_CLI_DESK_HTTP_H
#define TAGOUT_CLI_DESK_HTTP_H

#include "cli/desk.h"

typedef struct DeskHttp DeskHttp;
/* listen: "127.0.0.1:PORT", port 0: any that is free; the record of the desk then says which. NULL after saying why not. */
DeskHttp *desk_http_open(Desk *d, const char *listen);
void desk_http_close(DeskHttp *h); /* accepts NULL */
int desk_http_fd(const DeskHttp *h);
int desk_http_timeout(const DeskHttp *h, int most); /* ms until it must be served again, at most so many */
void desk_http_serve(DeskHttp *h);                  /* what has come; never blocks */

#endif
