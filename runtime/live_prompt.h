/* live_prompt: the thread that leads a live run is served soon, where the kernel has a way to ask for it. */
#ifndef TAGOUT_RUNTIME_LIVE_PROMPT_H
#define TAGOUT_RUNTIME_LIVE_PROMPT_H

/* Of the calling thread, for good; the programs and threads that it starts are as if it had never asked. */
void live_prompt(void);

#endif
