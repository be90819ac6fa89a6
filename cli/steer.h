/* steer: what the verbs have in common by which people steer a run: which run and which members are meant, who says so and why,
 * whether the run would do it, a yes before it is done, and the message. */
#ifndef TAGOUT_CLI_STEER_H
#define TAGOUT_CLI_STEER_H

#include "cli/post.h"

/* Every such verb has these four options first, in this order. */
enum { STEER_AS, STEER_BECAUSE, STEER_STATE, STEER_YES, STEER_OWN };
#define STEER_OPTIONS                                                                            \
  {"as", "WHO", "who says so (default: the user)"}, {"because", "TEXT", "why: it stays in the journal"}, \
  {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"}, {"yes", NULL, "without being asked"}

typedef struct Steer {
  const char *verb;          /* as it is typed: "set-aside" */
  const Args *args;
  RunState run;
  VEC(Event) events;         /* what will be sent */
} Steer;

/* Opens the run; in all cases steer_close. word: which run, NULL: the latest. */
ExitCode steer_open(Steer *s, const char *verb, const Args *args, const char *word);
void steer_close(Steer *s);
const char *steer_who(const Steer *s);                  /* the person; owned by the run */
Event steer_event(const Steer *s, ControlKind what);    /* about nothing in particular */

/* Words of a verb about members or steps: one word is such a name and the latest run is meant; else the first names the run. */
const char *steer_run_word(const Args *args, int *ret_first);
/* A member by its name, or KIND:NAME: false after saying what it may have been. */
bool steer_member(const Steer *s, const char *word, uint32_t *ret_kind, uint32_t *ret_entity);
bool steer_step(const Steer *s, const char *word, uint32_t *ret_step);
/* Would the run do it? EXIT_DONE and it is kept to be sent; EXIT_CHECK after saying why not. */
ExitCode steer_add(Steer *s, Event e);
/* Asks the person, unless --yes; then sends everything that was kept, and says when it will be taken. */
ExitCode steer_send(Steer *s);
ExitCode steer_agreed(const Steer *s);                  /* its first half: the asking */

/* What is in flight for a member, with what is in it; the locks that stand on a member: "anvil, nsd". */
void steer_in_flight(const Steer *s, uint32_t kind, uint32_t entity, Buf *out);
void steer_locks(const Steer *s, uint32_t kind, uint32_t entity, Buf *out);

#endif
