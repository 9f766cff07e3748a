/*
 * output.c - the queue of formatted bytes on its way to stdout or to the --outfile.
 *
 * Owns: the descriptor and the bytes not yet written. Must not know: what they mean.
 *
 * How a write is kept from blocking, without O_NONBLOCK on a description that others share:
 *   regular files     write(2): the disk takes it.
 *   pipes             RWF_NOWAIT: the kernel takes what fits. FIFOs opened by name refuse it.
 *   FIFOs, terminals  a description of our own, opened non-blocking through /proc/self/fd, or
 *                     through /dev/tty where the terminal belongs to another user (su, sudo).
 *   sockets           MSG_DONTWAIT.
 *   otherwise         poll(2), then no more than what it promised. For a pipe that is PIPE_BUF
 *                     bytes; for a terminal, less.
 */
#include "config.h"

#include "output.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum {
    CHUNK = 128 << 10,              /* bytes of a chunk */
    CHUNK_FULL = CHUNK - CHUNK / 8, /* a fuller one takes no further record */
    IOV_MOST = 16,                  /* chunks in one write */
    FLUSH_MOST = 4 << 20,           /* bytes in one flush: the kernel queue wants to be read, too */
    TRIM_LEAST = 8 << 20,           /* a backlog worth giving back to the system */
    TTY_STEP = 64,                  /* bytes in one write to a terminal that could block */
    DRAIN_POLL_MS = 200             /* a signal may come just before poll(2): look that often */
};

enum way { WAY_PLAIN, WAY_NOWAIT, WAY_OWN, WAY_SOCKET, WAY_POLL };

struct chunk {
    struct chunk *next;
    struct buf b;
};

struct output {
    int fd;
    int own; /* WAY_OWN: the description of our own; else -1 */
    enum way way;
    size_t step; /* WAY_POLL: bytes a write */
    short gone;  /* poll(2) bits that say that nobody reads any more */
    int error;   /* the errno value that ended it all */
    size_t limit;

    /* At least one chunk; records are appended to the last, whose bytes `sealed` leaves out. */
    struct chunk *head, *tail, *spare;
    size_t off; /* bytes of the head that have been written */
    size_t sealed;
    size_t peak; /* most that waited since memory was last given back */
    bool large;  /* and some was given back, but not yet all */
};

/* Choosing the way. */

/* True where a and b are the same terminal, whatever path they were opened by. */
static bool same_tty(int a, int b)
{
    unsigned int da, db;

    return ioctl(a, TIOCGDEV, &da) == 0 && ioctl(b, TIOCGDEV, &db) == 0 && da == db;
}

static int open_own(int fd, bool tty)
{
    const int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    char path[32];
    int own;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    own = open(path, flags);
    if (!tty || (own >= 0 && same_tty(own, fd)))
        return own;
    if (own >= 0)
        close(own); /* The master of a pseudo-terminal: another one was made. */
    own = open("/dev/tty", flags);
    if (own >= 0 && same_tty(own, fd))
        return own;
    if (own >= 0)
        close(own);
    return -1;
}

static void use_own(struct output *o, bool tty)
{
    o->own = open_own(o->fd, tty);
    o->way = o->own >= 0 ? WAY_OWN : WAY_POLL;
    o->step = tty ? TTY_STEP : PIPE_BUF;
}

static void choose(struct output *o)
{
    struct stat st;

    o->way = WAY_PLAIN;
    if (fstat(o->fd, &st) < 0) {
        o->error = errno;
    } else if (S_ISFIFO(st.st_mode)) {
        o->way = WAY_NOWAIT;
        o->gone = POLLERR;
    } else if (S_ISSOCK(st.st_mode)) {
        o->way = WAY_SOCKET;
        o->gone = POLLHUP | POLLERR;
    } else if (S_ISCHR(st.st_mode) && isatty(o->fd)) {
        o->gone = POLLHUP;
        use_own(o, true);
    }
}

/* Chunks. */

static struct chunk *chunk_new(void)
{
    struct chunk *c = calloc(1, sizeof(*c));

    if (c == NULL)
        err(1, "cannot hold more output");
    buf_grow(&c->b, CHUNK); /* Pages that no record reaches cost nothing. */
    return c;
}

static void chunk_free(struct chunk *c)
{
    if (c != NULL) {
        buf_free(&c->b);
        free(c);
    }
}

/* The head has been written: it goes, or starts afresh where it is the only one. */
static void pop(struct output *o)
{
    struct chunk *c = o->head;

    o->off = 0;
    if (c->next == NULL) {
        if (c->b.cap > 2 * CHUNK)
            buf_free(&c->b); /* One huge record need not stay for ever. */
        c->b.len = 0;
        return;
    }
    o->sealed -= c->b.len;
    o->head = c->next;
    if (o->spare == NULL && c->b.cap <= 2 * CHUNK) {
        c->b.len = 0;
        c->next = NULL;
        o->spare = c;
    } else {
        chunk_free(c);
    }
}

static void consume(struct output *o, size_t n)
{
    while (n > 0) {
        size_t left = o->head->b.len - o->off;

        if (n < left) {
            o->off += n;
            return;
        }
        n -= left;
        pop(o);
    }
}

static int gather(const struct output *o, struct iovec *iov)
{
    const struct chunk *c;
    size_t off = o->off;
    int n = 0;

    for (c = o->head; c != NULL && n < IOV_MOST; c = c->next, off = 0) {
        if (c->b.len > off) {
            iov[n].iov_base = c->b.data + off;
            iov[n].iov_len = c->b.len - off;
            n++;
        }
    }
    return n;
}

/* free(3) keeps what lies between blocks in use: after a large backlog that is nearly all. */
static void give_back(struct output *o)
{
    size_t pending = output_pending(o);

    if (o->peak >= TRIM_LEAST && pending <= o->peak / 2)
        o->large = pending > 0; /* Then once more at the end. */
    else if (o->large && pending == 0)
        o->large = false;
    else
        return;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    o->peak = pending;
}

/* Writing. */

/*
 * How much poll(2) promised. A terminal promises room for one piece: to turn a newline into two
 * bytes it asks for room again, and sleeps if there is none. So control characters go alone.
 */
static size_t promised(const struct output *o, const char *s, size_t n)
{
    size_t i;

    if (n > o->step)
        n = o->step;
    if (o->step == TTY_STEP)
        for (i = 0; i < n; i++)
            if ((unsigned char)s[i] < 0x20)
                return i > 0 ? i : 1;
    return n;
}

static ssize_t write_polled(const struct output *o, struct iovec *iov)
{
    struct pollfd p = {.fd = o->fd, .events = POLLOUT};

    int ready = poll(&p, 1, 0);

    if (ready <= 0) {
        errno = ready == 0 ? EAGAIN : errno;
        return -1;
    }
    return write(o->fd, iov->iov_base, promised(o, iov->iov_base, iov->iov_len));
}

static ssize_t write_nowait(struct output *o, struct iovec *iov, int n)
{
#ifdef RWF_NOWAIT
    ssize_t done = pwritev2(o->fd, iov, n, -1, RWF_NOWAIT);

    if (done >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
        return done;
#else
    (void)iov;
    (void)n;
#endif
    use_own(o, false);
    errno = EINTR; /* The caller tries again, the other way. */
    return -1;
}

static ssize_t write_some(struct output *o)
{
    struct iovec iov[IOV_MOST];
    struct msghdr msg = {.msg_iov = iov};
    int n = gather(o, iov);

    switch (o->way) {
    case WAY_NOWAIT:
        return write_nowait(o, iov, n);
    case WAY_OWN:
        return writev(o->own, iov, n);
    case WAY_SOCKET:
        msg.msg_iovlen = (size_t)n;
        return sendmsg(o->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
    case WAY_POLL:
        return write_polled(o, iov);
    case WAY_PLAIN:
        break;
    }
    return writev(o->fd, iov, n);
}

int output_flush(struct output *o)
{
    size_t written = 0;

    if (output_pending(o) > o->peak)
        o->peak = output_pending(o);
    while (o->error == 0 && output_pending(o) > 0 && written < FLUSH_MOST) {
        ssize_t n = write_some(o);

        if (n > 0) {
            consume(o, (size_t)n);
            written += (size_t)n;
        } else if (n == 0 || errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR) {
            o->error = errno;
        }
    }
    give_back(o);
    return output_pending(o) > 0 ? o->error : 0;
}

int output_drain(struct output *o, const volatile int *stop)
{
    for (;;) {
        struct pollfd p;
        int error = output_flush(o);

        if (error != 0)
            return error;
        if (output_pending(o) == 0)
            return 0;
        if (stop != NULL && *stop != 0)
            return EINTR;
        output_pollfd(o, &p);
        poll(&p, 1, DRAIN_POLL_MS); /* Whatever it says, the next write knows better. */
    }
}

/* The rest of the interface. */

struct output *output_new(int fd, size_t limit)
{
    struct output *o = calloc(1, sizeof(*o));

    if (o == NULL)
        err(1, "cannot make an output");
    o->fd = fd;
    o->own = -1;
    o->limit = limit;
    o->head = o->tail = chunk_new();
    choose(o);
    return o;
}

void output_free(struct output *o)
{
    if (o == NULL)
        return;
    while (o->head != NULL) {
        struct chunk *next = o->head->next;

        chunk_free(o->head);
        o->head = next;
    }
    chunk_free(o->spare);
    if (o->own >= 0)
        close(o->own);
    if (o->fd >= 0)
        close(o->fd);
    free(o);
}

struct buf *output_buf(struct output *o)
{
    struct chunk *c = o->tail;

    if (c->b.len >= CHUNK_FULL) {
        o->sealed += c->b.len;
        c->next = o->spare != NULL ? o->spare : chunk_new();
        o->spare = NULL;
        o->tail = c = c->next;
    }
    return &c->b;
}

size_t output_pending(const struct output *o)
{
    return o->sealed + o->tail->b.len - o->off;
}

bool output_full(const struct output *o)
{
    return output_pending(o) >= o->limit;
}

void output_pollfd(const struct output *o, struct pollfd *p)
{
    /* A descriptor that is not open would make every poll(2) return at once. */
    p->fd = o->error == EBADF ? -1 : o->fd;
    p->events = output_pending(o) > 0 ? POLLOUT : 0;
    p->revents = 0;
}

bool output_gone(const struct output *o, short revents)
{
    return (revents & o->gone) != 0;
}

short output_gone_bits(const struct output *o)
{
    return o->gone;
}
