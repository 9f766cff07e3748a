/*
 * inotify.c - see inotify.h.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

int inotify_arm_fd(int fd, int dirfd, uint32_t mask)
{
    if (fchdir(dirfd) < 0)
        return -1;
    return inotify_add_watch(fd, ".", mask);
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
    ssize_t got;

    do
        got = read(fd, p, n);
    while (got < 0 && errno == EINTR);
    return got < 0 && errno == EAGAIN ? 0 : got;
}

/*
 * A user namespace has a limit of its own beside the host's (namespaces(7), /proc/sys/user), and
 * the smaller of the two holds.
 */
static long read_number(const char *path)
{
    FILE *fp = fopen(path, "re");
    long n = -1;

    if (fp == NULL)
        return -1;
    if (fscanf(fp, "%ld", &n) != 1)
        n = -1;
    fclose(fp);
    return n;
}

long inotify_limit(const char *name)
{
    char *path;
    long host, ns = -1;

    if (asprintf(&path, "/proc/sys/fs/inotify/%s", name) < 0)
        return -1;
    host = read_number(path);
    free(path);
    if (asprintf(&path, "/proc/sys/user/%.4sinotify_%s", name, name + 9) >= 0) {
        /* max_user_watches is max_inotify_watches there. */
        ns = read_number(path);
        free(path);
    }
    return ns >= 0 && (host < 0 || ns < host) ? ns : host;
}
