/*
 * follow_walk.c - a walk along a path, as the kernel goes: name by name, links by what they say.
 *
 * Owns: the walk, its one open directory. Each directory is armed first, and the name looked up
 * second. The kernel itself is not asked to resolve more than one name: what it had found on the
 * way would not be known.
 */
#include "config.h"

#include "follow_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS 40 /* as the kernel: path_resolution(7) */
#define DIR_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* The way that is being walked. */
struct walk {
    struct follow *f;
    struct path *path;
    int dir;    /* where it has come to; -1: it has arrived */
    char *rest; /* what is to go, from `at` on */
    size_t at;
    int links;
    struct follow_found *found;
    struct step *last;
};

/* A directory that cannot be watched does not end the way. */
static int watch_name(struct walk *w, const char *name, struct step **step)
{
    int error = follow_step(w->f, w->path->number, w->dir, name, step);

    if (error == EACCES || error == EPERM) {
        w->found->blind = true;
        error = 0;
    }
    if (w->f->between != NULL)
        w->f->between(w->f->arg, name);
    return error;
}

static int enter(struct walk *w, int fd)
{
    if (fd < 0)
        return errno;
    if (w->dir >= 0)
        close(w->dir);
    w->dir = fd;
    return 0;
}

/* fd is open on a symbolic link, which stands for what it says. */
static int go_by_link(struct walk *w, int fd)
{
    char target[PATH_MAX], *rest;
    ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);
    bool more = w->at > 0 && (w->rest[w->at] != '\0' || w->rest[w->at - 1] == '/');

    if (len < 0)
        return errno;
    if (len == 0)
        return ENOENT;
    if (++w->links > LINKS)
        return ELOOP;
    target[len] = '\0';
    if (asprintf(&rest, "%s%s%s", target, more ? "/" : "", w->rest + w->at) < 0)
        follow_need(NULL);
    free(w->rest);
    w->rest = rest;
    w->at = 0;
    return *target == '/' ? enter(w, open("/", DIR_FLAGS)) : 0;
}

static void arrive(struct walk *w, int fd, const char *name, const struct stat *st)
{
    w->found->fd = fd;
    w->found->dir = w->dir != fd ? w->dir : -1;
    w->found->st = *st;
    strlcpy(w->found->name, name, sizeof(w->found->name));
    w->dir = -1;
}

static int arrive_here(struct walk *w)
{
    struct stat st;
    int error = watch_name(w, "", NULL);

    if (error != 0)
        return error;
    if (fstat(w->dir, &st) < 0)
        return errno;
    if (st.st_nlink == 0)
        return ENOENT; /* the working directory, which we hold open ourselves */
    arrive(w, w->dir, ".", &st);
    return 0;
}

/* One name, which is in the directory. */
static int go(struct walk *w, const char *name, bool end, bool slash)
{
    struct step *step = NULL;
    struct stat st;
    int fd, error = watch_name(w, name, &step);

    if (error != 0)
        return error;
    if (end)
        w->last = step; /* where there is nothing, what comes and goes is of interest too */
    fd = openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno;
    if (fstat(fd, &st) < 0) {
        error = errno;
    } else if (S_ISLNK(st.st_mode) && !(end && !slash && w->path->nofollow)) {
        w->last = NULL;
        error = go_by_link(w, fd);
    } else if ((!end || slash) && !S_ISDIR(st.st_mode)) {
        error = ENOTDIR;
    } else if (end) {
        arrive(w, fd, name, &st);
        return 0;
    } else {
        return enter(w, fd);
    }
    close(fd);
    return error;
}

/* Up: the directory may be moved to another one. */
static int go_up(struct walk *w)
{
    int error = watch_name(w, "", NULL);

    return error != 0 ? error : enter(w, openat(w->dir, "..", DIR_FLAGS));
}

static int walk(struct walk *w)
{
    int error = 0;

    while (error == 0 && w->dir >= 0) {
        char name[NAME_MAX + 1];
        const char *s;
        size_t len;

        w->at += strspn(w->rest + w->at, "/");
        s = w->rest + w->at;
        len = strcspn(s, "/");
        if (len == 0)
            return arrive_here(w);
        if (len > NAME_MAX)
            return ENAMETOOLONG;
        memcpy(name, s, len);
        name[len] = '\0';
        w->at += len + strspn(s + len, "/");
        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0)
            error = go_up(w);
        else
            error = go(w, name, w->rest[w->at] == '\0', s[len] == '/');
    }
    return error;
}

/* The removal of the directory that we stand in is told of by the one above alone: while we have it
 * open, it has no DELETE_SELF. */
static void watch_start(struct walk *w, const struct follow_start *start)
{
    const char *name = start->path != NULL ? strrchr(start->path, '/') : NULL;

    if (name == NULL || name[1] == '\0' || enter(w, openat(start->fd, "..", DIR_FLAGS)) != 0)
        return;
    (void)watch_name(w, name + 1, NULL);
}

static int set_out(struct walk *w, const struct follow_start *start)
{
    const char *text = w->path->text;
    bool removed = *text != '/' && start->fd < 0;

    if (*text == '\0' || (removed && start->path == NULL))
        return ENOENT;
    if (asprintf(&w->rest, "%s%s%s", removed ? start->path : "", removed ? "/" : "", text) < 0)
        follow_need(NULL);
    if (*text == '/' || removed)
        return enter(w, open("/", DIR_FLAGS));
    watch_start(w, start);
    return enter(w, fcntl(start->fd, F_DUPFD_CLOEXEC, 0));
}

int follow_walk(struct follow *f, struct path *p, const struct follow_start *start,
                struct follow_found *found, struct step **last)
{
    struct walk w = { .f = f, .path = p, .dir = -1, .found = found };
    int error = set_out(&w, start);

    if (error == 0)
        error = walk(&w);
    if (w.dir >= 0)
        close(w.dir);
    free(w.rest);
    *last = w.last;
    return error;
}
