/*
 * queue.c - see queue.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "inotify.h"
#include "python/queue.h"

int queue_open(struct queue *q, int fd)
{
    int flags, queued;

    q->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (q->fd < 0)
        return -1;
    flags = fcntl(q->fd, F_GETFL);
    if (flags < 0 || ioctl(q->fd, FIONREAD, &queued) < 0)
        goto fail;
    if (queued == 0) {
        errno = EAGAIN;
        goto fail;
    }
    q->waits = !(flags & O_NONBLOCK);
    q->left = (unsigned int)queued;
    return 0;

fail:
    queue_close(q);
    return -1;
}

ssize_t queue_take(struct queue *q, struct raw *r)
{
    size_t room = sizeof(struct inotify_event), size;
    ssize_t got;

    if (q->left == 0)
        return 0;
    /*
     * The kernel refuses to give a part of a record (EINVAL). Each try has room for one more
     * header, which is the least that a record takes: the first that succeeds leaves too little
     * for a second record.
     */
    for (;;) {
        got = inotify_read(q->fd, q->room.bytes, room);
        if (got >= 0 || errno != EINVAL || room >= sizeof(q->room.bytes))
            break;
        room += sizeof(struct inotify_event);
    }
    if (got <= 0)
        return got;
    size = decode(q->room.bytes, (size_t)got, r);
    if (size == 0 || size != (size_t)got) {
        errno = EINVAL;
        return -1;
    }
    q->left -= size < q->left ? size : q->left;
    return got;
}

void queue_close(struct queue *q)
{
    int saved = errno;

    close(q->fd);
    q->fd = -1;
    errno = saved;
}
