/* crowd: many members in few words. What happened to a row of racks at once is one line of the story, not a hundred; and members that
 * make up a container are named by it: "72 nodes (all of row w1)". */
#ifndef TAGOUT_CLI_CROWD_H
#define TAGOUT_CLI_CROWD_H

#include "cli/story.h"

#define CROWD_MS 600000    /* what happens within this time is told together */
#define CROWD_LEAST 4u /* so many make one line; fewer have one each */

/* "node r01-n07", "3 nodes (r01-n01, r01-n02, r02-n01)", "72 nodes (all of row w1)"; names beyond a line's worth are counted. */
void crowd_names(const Story *s, uint32_t kind, const uint32_t *entities, uint32_t count, Buf *out);

/* Do both say the same, of members of one kind, within CROWD_MS? Each may name its own member. */
bool crowd_same_note(const Story *s, const Note *a, const Note *b);
bool crowd_same_event(const Event *a, const Event *b);
/* It belongs to the line before it, as what is in a container to the container: a crowd of such is not told across others. */
bool crowd_follows(const Note *n);
/* What a note says, told of many: `each` in the place of its own member. NULL when it says nothing; the caller's to free. */
char *crowd_said(const Story *s, const Note *n);

/* Notes that say the same are one line, whatever stands between them; fewer than CROWD_LEAST are lines of their own. */
typedef struct CrowdLine { uint32_t first, last, count; } CrowdLine; /* indices of notes */
typedef struct CrowdLines {
  VEC(CrowdLine) lines;      /* in the order of their first notes */
  const Note *notes;
  uint32_t *next;            /* per note: the next one of its line */
} CrowdLines;
/* "; the last at Mon 11:19:18" where that is more than a minute later. */
void crowd_until(const Story *s, int64_t first, int64_t last, Buf *out);
void crowd_lines(const Story *s, const Note *notes, uint32_t count, CrowdLines *ret); /* borrows the notes */
void crowd_lines_done(CrowdLines *l);
void crowd_line(const Story *s, const CrowdLines *l, uint32_t line, Buf *out); /* "Mon 11:02:07  3 nodes (...) are set aside (line 20)\n" */

#endif
