/*
 * lookout.h - lets the loop wait in read(2): what else it waits for then is looked out for here.
 *
 * Owns: a thread that takes the signals which end the run, and sees the end of the output's
 * reader; SIGURG, by which it calls. Must not know: what is done then.
 *
 * A wait in ppoll(2) sees all of that itself, but takes one more system call for each record,
 * which takes time just where somebody waits for the line. The thread waits in ppoll(2) instead,
 * and wakes for nothing else. There is one at most.
 */
#ifndef PYWATCH_LOOKOUT_H
#define PYWATCH_LOOKOUT_H

#include <poll.h>
#include <stdbool.h>

/*
 * To be called by the thread that will wait, which has SIGINT, SIGTERM and SIGHUP blocked: their
 * handlers are called in the other thread from now on, or in this one where it lets them in, and
 * set *taken to other than 0. p: the output, with no events; revents bits in `gone` say that its
 * reader has gone. False: it cannot be begun, and nothing is changed.
 */
bool lookout_begin(const struct pollfd *p, short gone, const volatile int *taken);

/*
 * A signal has been taken, or the reader has gone. Until lookout_end is called, a read(2) of the
 * caller's that would wait ends with EINTR, also one that begins only then; so may any other
 * system call.
 */
bool lookout_calls(void);

/* The thread is gone when this returns. Does nothing where there is none. */
void lookout_end(void);

#endif
