/*
 * inotify.c - see inotify.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inotify.h"

int inotify_open(void)
{
    return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

int inotify_arm(int fd, const char *path, uint32_t mask)
{
    return inotify_add_watch(fd, path, mask);
}

int inotify_arm_object(int fd, int object, uint32_t mask)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", object);
    return inotify_add_watch(fd, path, mask & ~(uint32_t)IN_DONT_FOLLOW);
}

int inotify_arm_inside(int fd, int dirfd, uint32_t mask, bool *inside)
{
    *inside = fchdir(dirfd) == 0;
    if (*inside)
        return inotify_add_watch(fd, ".", mask);
    /* One that may be read and not entered can be watched, though not by ".". */
    return errno == EACCES ? inotify_arm_object(fd, dirfd, mask) : -1;
}

int inotify_arm_fd(int fd, int dirfd, uint32_t mask)
{
    bool inside;

    return inotify_arm_inside(fd, dirfd, mask, &inside);
}

int inotify_arm_at(int fd, int dirfd, const char *name, uint32_t mask)
{
    if (fchdir(dirfd) < 0)
        return -1;
    return inotify_add_watch(fd, name, mask);
}

int inotify_disarm(int fd, int wd)
{
    return inotify_rm_watch(fd, wd);
}

ssize_t inotify_read(int fd, void *p, size_t n)
{
    ssize_t got = read(fd, p, n);

    return got < 0 && errno == EAGAIN ? 0 : got;
}

int inotify_block(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

bool inotify_queued(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) > 0;
}

/*
 * A user namespace has a limit of its own beside the host's (namespaces(7), /proc/sys/user), and
 * the smaller of the two holds.
 */
static long read_number(const char *dir, const char *name)
{
    char path[64], text[32]; /* the names are ours, and short */
    long n = -1;
    ssize_t len;
    int fd;

    /* Without stdio and asprintf, of which a start needs nothing else: 15 us. */
    stpcpy(stpcpy(path, dir), name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (len > 0) {
        text[len] = '\0';
        n = strtol(text, NULL, 10);
    }
    return n;
}

/* The limit of the machine and that of the namespace; -1 where there is none. */
static void read_limits(const char *name, long *host, long *ns)
{
    *host = read_number("/proc/sys/fs/inotify/", name);
    *ns = -1;
    /* max_user_watches is max_inotify_watches there. */
    if (strncmp(name, "max_user_", 9) == 0)
        *ns = read_number("/proc/sys/user/max_inotify_", name + 9);
}

long inotify_limit(const char *name)
{
    long host, ns;

    read_limits(name, &host, &ns);
    return ns >= 0 && (host < 0 || ns < host) ? ns : host;
}

const char *inotify_limit_name(const char *name)
{
    static char text[64];
    long host, ns;

    read_limits(name, &host, &ns);
    if (ns >= 0 && (host < 0 || ns < host))
        snprintf(text, sizeof(text), "user.max_inotify_%s", name + 9);
    else
        snprintf(text, sizeof(text), "fs.inotify.%s", name);
    return text;
}
