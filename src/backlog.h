/*
 * backlog.h - the raw records that were read from the kernel and not yet worked on.
 *
 * Owns: the bytes, the moment each block was read, and the position: a count of records from the
 * first on, by which the rest of the program says "everything that was queued before". Must not
 * know: what a record means.
 *
 * Why it exists: the kernel's queue holds max_queued_events (16,384) and then loses what comes.
 * While a directory tree is walked, while a reader of stdout sleeps, while a rename waits for its
 * second half, the queue is emptied into here.
 */
#ifndef PYWATCH_BACKLOG_H
#define PYWATCH_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "decode.h"

struct backlog;

/* Reads from fd, an inotify instance; -1 in tests that only push. Never fails. */
struct backlog *backlog_new(int fd);
void backlog_free(struct backlog *b);

/* How many records the kernel's queue holds; where /proc does not tell, its usual size. */
uint64_t backlog_queue_max(const struct backlog *b);

/*
 * Reads until the kernel's queue is empty, or until `most` bytes have been read by this call.
 * Returns 0, or an errno value (EBADF, ENOMEM ...). A read that brings less than was asked for
 * shows that the queue was empty at that moment: see backlog_mark.
 */
int backlog_fill(struct backlog *b, size_t most);

/*
 * The same, but waits for records where there are none. From the first call on the instance is one
 * that blocks, and all other reads look first. EINTR where a signal was taken before any record
 * came.
 */
int backlog_wait(struct backlog *b, size_t most);

/* Appends records as if they had been read and the queue were empty then: for tests. */
void backlog_push(struct backlog *b, const void *p, size_t n);

/*
 * Takes the oldest record. False where there is none. r->name stays valid until the next call
 * that takes a record (not a look ahead).
 */
bool backlog_next(struct backlog *b, struct raw *r);

/*
 * The MOVED_FROM or MOVED_TO that stands right before the record last taken, but for MOVE_SELF, in
 * the order of the queue, whether it has been struck or not (its cookie is not kept). False where
 * another record stands there. r->name is valid until the next record is taken.
 */
bool backlog_before(const struct backlog *b, struct raw *r);

/* When the record last taken was read. */
struct timespec backlog_time(const struct backlog *b);

/* How many records have been read, and how many of them taken. */
uint64_t backlog_read_count(const struct backlog *b);
uint64_t backlog_taken(const struct backlog *b);

bool backlog_empty(const struct backlog *b);
size_t backlog_bytes(const struct backlog *b);

/*
 * Looking ahead. A cursor stands on a record that has not been taken; cursors stay valid while
 * records are appended, and until that record is taken.
 */
struct cursor {
    uint32_t block; /* number of the block, from the first on */
    uint32_t off;
};

void backlog_first(const struct backlog *b, struct cursor *c);
/* When the record before the cursor was read. */
struct timespec backlog_read_at(const struct backlog *b, const struct cursor *c);
/* The record under the cursor, and moves the cursor past it; *at (where at is not NULL) becomes
 * the cursor of that record. False at the end. */
bool backlog_peek(const struct backlog *b, struct cursor *c, struct raw *r, struct cursor *at);
/* Takes the record under the cursor out of the order: backlog_next will pass over it. Its bytes
 * stay as long as those of the next record that backlog_next gives. */
void backlog_strike(struct backlog *b, const struct cursor *c);

/*
 * The cursor of the MOVED_TO that carries this cookie and has not been taken; false where none
 * has been read. Costs O(1) over the life of a record: an index is built as it is asked for.
 */
bool backlog_find_cookie(struct backlog *b, uint32_t cookie, struct cursor *c);

/*
 * Marks. A mark taken now has passed when every record that the kernel had queued before now has
 * been taken. That is known once a read that began after the mark found the queue empty, or
 * brought more records than the queue can hold; and then when those have been taken.
 */
struct mark {
    uint64_t drains; /* the drain that has to happen */
    uint64_t read;   /* records read so far */
};

struct mark backlog_mark(const struct backlog *b);
bool backlog_passed(const struct backlog *b, const struct mark *m);

#endif
