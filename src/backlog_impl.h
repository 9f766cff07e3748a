/*
 * backlog_impl.h - how the records lie that wait; between the files of backlog.
 *
 *   backlog.c        reads into the blocks and takes out of them
 *   backlog_ahead.c  looks at what has not been taken, and strikes it
 *
 * Two things that are asked of the records are modules of their own: cookies and marks.
 *
 * The records lie in blocks as the kernel wrote them. In front of what one read brought stands a
 * record of our own that holds the time, so that a block can take many small reads; a record that
 * was taken out of order is overwritten with another mark of our own and passed over later.
 */
#ifndef PYWATCH_BACKLOG_IMPL_H
#define PYWATCH_BACKLOG_IMPL_H

#include <stddef.h>
#include <sys/inotify.h>

#include "backlog.h"
#include "cookies.h"
#include "marks.h"

#define WD_TIME (-2) /* the kernel gives positive numbers, and -1 on Q_OVERFLOW */
#define WD_STRUCK (-3)

struct block {
    uint32_t len;
    /* Aligned as a struct inotify_event; records follow each other without a gap. */
    _Alignas(struct inotify_event) char data[];
};

/* A MOVED_FROM or MOVED_TO; mask is 0 where it is another record. */
struct half {
    int32_t wd;
    uint32_t mask, namelen;
    char name[256];
};

struct backlog {
    int fd;
    bool waits; /* a read waits where nothing is queued */
    struct block **blocks; /* blocks[head .. nblocks) are live */
    size_t head, nblocks, cap;
    struct block *spare;
    uint32_t base; /* number of blocks[head] */
    uint32_t off;  /* of the next record in blocks[head] */
    struct timespec time;
    uint64_t read, taken;

    struct marks marks;
    struct cookies cookies; /* of the MOVED_TO before `indexed` */
    struct cursor indexed;

    struct half last, before; /* the record last taken, and the one that stands before it */
};

#endif
