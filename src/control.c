/*
 * control.c - see control.h.
 *
 * How each kind of input is read without waiting for it:
 *   a FIFO by name    opened for reading and writing, so that it never ends (fifo(7)); where it may
 *                     only be read, it is opened anew at its end, before the old descriptor is
 *                     closed: so nothing that a writer puts there is lost.
 *   a pipe            RWF_NOWAIT (preadv2(2)): its description is shared with others, and is not
 *                     to be made non-blocking.
 *   otherwise         read(2) once poll(2) has said that there is something.
 */
#include "config.h"

#include "control.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "buf.h"

#define PIECE 65536 /* bytes of one read */

struct control {
    int fd;       /* -1: it has ended */
    char *reopen; /* a FIFO that may only be read: its path */
    int start;    /* the directory where that begins */
    struct buf in;
    size_t at;   /* the first byte of `in` that has not been taken */
    size_t seen; /* no newline stands before this byte */
    bool skip;   /* within a line that is too long */
    bool cut;    /* the end came within a line, which has not been told yet */
};

static struct control *new_control(int fd)
{
    struct control *c = calloc(1, sizeof(*c));

    if (c == NULL)
        err(1, "out of memory");
    c->fd = fd;
    c->start = -1;
    return c;
}

static struct control *open_fifo(const char *file, int *error)
{
    int fd = open(file, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct control *c;

    if (fd >= 0)
        return new_control(fd);
    fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        *error = errno;
        return NULL;
    }
    c = new_control(fd);
    c->start = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if ((c->reopen = strdup(file)) == NULL)
        err(1, "out of memory");
    return c;
}

struct control *control_open(const char *file, int *error)
{
    struct stat st;
    int fd;

    if (strcmp(file, "-") == 0)
        return new_control(STDIN_FILENO);
    if (stat(file, &st) == 0 && S_ISFIFO(st.st_mode))
        return open_fifo(file, error);
    fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        errno = EISDIR;
        fd = -1;
    }
    if (fd < 0) {
        *error = errno;
        return NULL;
    }
    return new_control(fd);
}

/* Standard input stays open: what is opened next would pass for it. */
static void close_input(struct control *c)
{
    if (c->fd > STDERR_FILENO)
        close(c->fd);
    c->fd = -1;
}

void control_free(struct control *c)
{
    if (c == NULL)
        return;
    close_input(c);
    if (c->start >= 0)
        close(c->start);
    free(c->reopen);
    buf_free(&c->in);
    free(c);
}

static bool has_line(const struct control *c)
{
    return c->cut ||
           (c->seen < c->in.len && memchr(c->in.data + c->seen, '\n', c->in.len - c->seen));
}

void control_pollfd(const struct control *c, struct pollfd *p)
{
    *p = (struct pollfd){ .fd = has_line(c) ? -1 : c->fd, .events = POLLIN };
}

bool control_ended(const struct control *c)
{
    return c->fd < 0 && !has_line(c);
}

/* What has been taken makes room. */
static void compact(struct control *c)
{
    if (c->at == 0)
        return;
    memmove(c->in.data, c->in.data + c->at, c->in.len - c->at);
    c->in.len -= c->at;
    c->seen -= c->at;
    c->at = 0;
}

static void end(struct control *c)
{
    int fd = -1;

    if (c->reopen != NULL)
        fd = openat(c->start, c->reopen, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    close_input(c);
    c->fd = fd;
    c->cut = c->skip || c->in.len > c->at;
    c->skip = false;
}

static ssize_t read_some(const struct control *c, char *p, size_t n)
{
    struct iovec iov = { .iov_base = p, .iov_len = n };
    struct pollfd poll_fd = { .fd = c->fd, .events = POLLIN };
    ssize_t got = preadv2(c->fd, &iov, 1, -1, RWF_NOWAIT);

    if (got >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL && errno != ESPIPE))
        return got;
    if (poll(&poll_fd, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return read(c->fd, p, n);
}

int control_fill(struct control *c)
{
    ssize_t got;

    if (c->fd < 0 || has_line(c))
        return 0;
    compact(c);
    got = read_some(c, buf_room(&c->in, PIECE), PIECE);
    if (got > 0) {
        c->in.len += (size_t)got;
    } else if (got == 0) {
        end(c);
    } else if (errno != EAGAIN && errno != EINTR) {
        int error = errno;

        close_input(c);
        return error;
    }
    return 0;
}

enum control_next control_next(struct control *c, struct str *line)
{
    const char *start, *newline;
    size_t len;

    if (c->cut) {
        c->cut = false;
        c->at = c->seen = c->in.len;
        return CONTROL_CUT_OFF;
    }
    start = c->in.len > 0 ? c->in.data + c->at : NULL;
    newline = c->seen < c->in.len ? memchr(c->in.data + c->seen, '\n', c->in.len - c->seen) : NULL;
    if (newline == NULL) {
        c->seen = c->in.len;
        if (c->in.len - c->at > CONTROL_LINE_MOST) {
            c->skip = true;
            c->at = c->in.len;
        }
        return CONTROL_NONE;
    }
    len = (size_t)(newline - start);
    c->at = c->seen = (size_t)(newline + 1 - c->in.data);
    if (c->skip || len > CONTROL_LINE_MOST) {
        c->skip = false;
        return CONTROL_TOO_LONG;
    }
    *line = (struct str){ start, len };
    return CONTROL_LINE;
}
