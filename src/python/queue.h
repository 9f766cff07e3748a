/*
 * queue.h - an inotify instance's queue, taken record by record.
 *
 * Owns: a descriptor of its own for the instance, so that whatever the caller's number is closed
 * and used again for meanwhile, reading goes on where it began. Must not know: Python, watches.
 *
 * A read gives as many records as there is room for, and what was read and not delivered would
 * have to be kept somewhere: out of sight of poll(2), and under the number of a descriptor that may
 * be another one's by then. So there is room for one record only, and all that has not been taken
 * stays in the kernel.
 */
#ifndef PYWATCH_PYTHON_QUEUE_H
#define PYWATCH_PYTHON_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/inotify.h>

#include "decode.h"

struct queue {
    int fd;
    bool waits;  /* the instance is not O_NONBLOCK: taking may wait where others read it too */
    size_t left; /* bytes that were queued at the start and have not been taken */
    union {
        struct inotify_event align;
        char bytes[RAW_MAX];
    } room;
};

/*
 * Begins with what is queued in the instance that fd stands for. Returns -1 with errno set, EAGAIN
 * where nothing is queued; the queue needs no queue_close then.
 */
int queue_open(struct queue *q, int fd);

/*
 * Takes the next record. Returns the bytes it took there, as decode does; 0 where there is none
 * any more; -1 with errno set, EINVAL where it was no inotify instance. The record's name is valid
 * until the next call.
 */
ssize_t queue_take(struct queue *q, struct raw *r);

/* Keeps errno. */
void queue_close(struct queue *q);

#endif
