/*
 * reach.c - see reach.h.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "buf.h"
#include "reach.h"

struct reach {
    const struct tree *tree;
    int start;
    char *home; /* what the directory was called at last; NULL: not known */
    struct buf path;
    char name[NAME_MAX + 2]; /* one entry's name, terminated: the kernel's own limit */
};

struct reach *reach_new(const struct tree *t)
{
    struct reach *r = calloc(1, sizeof(*r));

    if (r == NULL)
        err(1, "out of memory");
    r->tree = t;
    r->start = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (r->start < 0)
        err(1, "cannot open the working directory");
    return r;
}

void reach_free(struct reach *r)
{
    if (r == NULL)
        return;
    if (r->start >= 0)
        close(r->start);
    buf_free(&r->path);
    free(r->home);
    free(r);
}

int reach_start(const struct reach *r)
{
    return r->start;
}

static bool is_removed(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

/* Its name by now. The kernel puts something behind that of a removed one. */
static void learn_name(struct reach *r)
{
    char name[PATH_MAX], link[32];
    ssize_t len;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", r->start);
    len = readlink(link, name, sizeof(name) - 1);
    if (len <= 0 || *name != '/' || is_removed(r->start))
        return;
    name[len] = '\0';
    if (r->home != NULL && strcmp(r->home, name) == 0)
        return;
    free(r->home);
    if ((r->home = strdup(name)) == NULL)
        err(1, "out of memory");
}

int reach_begin(struct reach *r, const char **name)
{
    bool removed = is_removed(r->start);
    int fd;

    if (removed && r->home != NULL &&
        (fd = open(r->home, O_PATH | O_DIRECTORY | O_CLOEXEC)) >= 0) {
        close(r->start);
        r->start = fd;
        removed = false;
    }
    if (!removed)
        learn_name(r);
    *name = r->home;
    return removed ? -1 : r->start;
}

void reach_leave(const struct reach *r)
{
    if (fchdir(r->start) < 0)
        (void)!chdir("/");
}

uint32_t reach_dev(dev_t dev)
{
    unsigned maj = major(dev), min = minor(dev);

    return (min & 0xff) | (maj << 8) | ((min & ~0xffu) << 12);
}

/* openat(2) for a path of any length: in parts that end at a slash. */
static int open_long(int start, char *path, size_t len)
{
    int at = start;

    while (len >= PATH_MAX) {
        size_t cut = PATH_MAX - 1;
        int next;

        while (cut > 0 && path[cut] != '/')
            cut--;
        if (cut == 0) {
            errno = ENAMETOOLONG;
            next = -1;
        } else {
            path[cut] = '\0';
            next = openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
        if (at != start)
            close(at);
        if (next < 0)
            return -1;
        at = next;
        path += cut + 1;
        len -= cut + 1;
    }
    if (at == start)
        return openat(start, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    start = at;
    at = openat(start, len > 0 ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    close(start);
    return at;
}

int reach_open(struct reach *r, nodeid id)
{
    const struct node *n = tree_node(r->tree, id);
    struct stat st;
    int fd;

    r->path.len = 0;
    tree_path(r->tree, id, false, &r->path);
    buf_putc(&r->path, '\0');
    fd = open_long(r->start, r->path.data, r->path.len - 1);
    if (fd < 0)
        return -1;
    if (n->ino == 0)
        return fd;
    if (fstat(fd, &st) < 0 || st.st_ino != n->ino || reach_dev(st.st_dev) != n->dev) {
        close(fd);
        errno = ESTALE;
        return -1;
    }
    return fd;
}

bool reach_along(struct reach *r, nodeid id)
{
    for (; id != NODE_NONE; id = tree_node(r->tree, id)->parent) {
        int fd = reach_open(r, id);

        if (fd < 0)
            return false;
        close(fd);
    }
    return true;
}

static const char *terminated(struct reach *r, const char *name, size_t len)
{
    if (len > NAME_MAX)
        len = NAME_MAX;
    memcpy(r->name, name, len);
    r->name[len] = '\0';
    return r->name;
}

int reach_entry(struct reach *r, nodeid dir, const char *name, size_t len, int flags)
{
    int fd = reach_open(r, dir), entry;

    if (fd < 0)
        return -1;
    entry = openat(fd, terminated(r, name, len), flags);
    close(fd);
    return entry;
}

int reach_stat(struct reach *r, nodeid dir, const char *name, size_t len, struct stat *st)
{
    int fd = reach_open(r, dir), got;

    if (fd < 0)
        return -1;
    got = fstatat(fd, terminated(r, name, len), st, AT_SYMLINK_NOFOLLOW);
    close(fd);
    return got;
}

int reach_barrier(struct reach *r, nodeid dir)
{
    int fd = reach_open(r, dir);
    struct stat st;

    if (fd < 0)
        return -1;
    /* Longer than any name can be: never cached, and refused only by the file system itself. */
    memset(r->name, 'x', NAME_MAX + 1);
    r->name[NAME_MAX + 1] = '\0';
    (void)fstatat(fd, r->name, &st, AT_SYMLINK_NOFOLLOW);
    close(fd);
    return 0;
}
