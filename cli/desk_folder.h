/* desk_folder: incidents as files. NAME.json is moved into the folder; once its incident is on the disk it is moved on to taken/, with
 * what it attaches. One that is wrong goes to refused/, with the reason in NAME.json.why. What it attaches lies beside it: a name
 * without a slash, or an address.
 *
 * A file that was moved in is whole. One that is written in place is taken when it is a whole JSON text, and refused only when it has
 * lain for a while and is none. */
#ifndef TAGOUT_CLI_DESK_FOLDER_H
#define TAGOUT_CLI_DESK_FOLDER_H

#include "cli/desk.h"

typedef struct DeskFolder DeskFolder;
DeskFolder *desk_folder_open(Desk *d, const char *path); /* NULL after saying why not */
void desk_folder_close(DeskFolder *f);                   /* accepts NULL */
int desk_folder_fd(const DeskFolder *f);
/* Takes what is there, for at most one turn (DESK_TURN_MS): true when there is more. Cheap when nothing is. */
bool desk_folder_take(DeskFolder *f);

#endif
