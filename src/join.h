/*
 * join.h - both halves of a rename as one record: --join-moves.
 *
 * Owns: the MOVED_FROM that waits for its MOVED_TO, and what has come behind it. Must not know:
 * filters, formats, where events come from. Called by print alone.
 *
 * The order stays: nothing overtakes a half that waits. The one record stands where the MOVED_TO
 * stood. rename(2) queues its halves one right after the other, so that a wait is short: a half
 * whose partner has not come by then goes on as itself, as does the oldest where more halves or
 * records wait than the kernel could have in between.
 */
#ifndef PYWATCH_JOIN_H
#define PYWATCH_JOIN_H

#include "event.h"

#define JOIN_WAIT_NS 20000000 /* for the other half: for as long nothing behind it is printed */
#define JOIN_HALVES 256       /* that wait: as many threads may be in rename(2) at a time */
#define JOIN_RECORDS 8192     /* that wait in all */

struct join;

/* Events go on by `out`, in order; they are borrowed while it runs. Does not return without
 * memory, nor does join_event. */
struct join *join_new(void (*out)(void *arg, struct event *ev), void *arg);
void join_free(struct join *j); /* what waits is lost: join_flush first */

/* The next event. now: CLOCK_MONOTONIC in nanoseconds, here and below. Q_OVERFLOW and UNMOUNT wait
 * for nothing: all that waits goes before them. */
void join_event(struct join *j, struct event *ev, int64_t now);

/* This event is not to be printed: if it is a second half, the first one need not wait for it. */
void join_dropped(struct join *j, const struct event *ev);

/* What has waited long enough goes on. To be called at join_wake; 0: nothing waits. */
void join_run(struct join *j, int64_t now);
int64_t join_wake(const struct join *j);

/* All goes on. */
void join_flush(struct join *j);

#endif
