/*
 * settle.h - one record a path, once nothing has happened to it for a while: --settle.
 *
 * Owns: the records that are held back, one a path. Must not know: filters, formats, where events
 * come from. Called by print alone.
 *
 * A record is held until its path has been quiet for so long, or, where it is never quiet, for
 * --max-delay. Records go on in the order in which their paths were first heard of. One that is
 * quiet waits for those before it that are not, but no longer than the same time once more, for
 * one busy path is not to hold up all others.
 *
 * These end a record early, since what is in it would not be true afterwards, or not be told:
 * - The path is renamed (a joined rename): its record goes on first.
 * - Another kind of thing has the path now, or something comes to it by another rename than the one
 *   that the record tells of.
 * - A record goes on out of order and lies in a directory that is new itself: that one's goes
 * first.
 * - Q_OVERFLOW or UNMOUNT: everything goes before them.
 * - More memory is in use than the bound: the oldest goes on.
 */
#ifndef PYWATCH_SETTLE_H
#define PYWATCH_SETTLE_H

#include "event.h"

#define SETTLE_BYTES ((size_t)32 << 20) /* some 130,000 paths */

struct settle_config {
    int64_t quiet_ns;
    int64_t most_ns; /* at least quiet_ns: no record is held longer */
    size_t bytes;    /* the bound on memory */
    /* Records go on here; borrowed while it runs. */
    void (*out)(void *arg, struct event *ev);
    void *arg;
};

struct settle;

/* Does not return without memory, nor does settle_event. The config is copied. */
struct settle *settle_new(const struct settle_config *cfg);
void settle_free(struct settle *s); /* what is held is lost: settle_flush first */

/* The next event. now: CLOCK_MONOTONIC in nanoseconds, here and below. */
void settle_event(struct settle *s, struct event *ev, int64_t now);

/* What is due goes on. To be called at settle_wake; 0: nothing is held. */
void settle_run(struct settle *s, int64_t now);
int64_t settle_wake(const struct settle *s);

/* All goes on. */
void settle_flush(struct settle *s);

#endif
