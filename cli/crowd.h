/* crowd: many members in few words. What happened to a row of racks at once is one line of the story, not a hundred; and members that
 * make up a container are named by it: "72 nodes (all of row w1)". */
#ifndef TAGOUT_CLI_CROWD_H
#define TAGOUT_CLI_CROWD_H

#include "cli/story.h"

#define CROWD_LEAST 4u /* so many make one line; fewer have one each */

/* "node r01-n07", "3 nodes (r01-n01, r01-n02, r02-n01)", "72 nodes (all of row w1)"; names beyond a line's worth are counted. */
void crowd_names(const Story *s, uint32_t kind, const uint32_t *entities, uint32_t count, Buf *out);

/* Do both say the same, of members of one kind, within a minute? */
bool crowd_same_note(const Note *a, const Note *b);
bool crowd_same_event(const Event *a, const Event *b);
/* How many notes from the first on are one line: at least 1. */
uint32_t crowd_run(const Note *notes, uint32_t count);
/* The line of so many notes that say the same: as story_note. */
Loudness crowd_note(const Story *s, const Note *notes, uint32_t count, Buf *out);

#endif
