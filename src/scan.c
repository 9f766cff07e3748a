/*
 * scan.c - see scan.h.
 *
 * Depth first, without recursion: a frame for each directory on the way down, which holds its
 * descriptor and the part of the list of directories to do that is its own. Only the last frames
 * keep their descriptors, so that a tree of any depth needs few of them.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inotify.h"
#include "scan_impl.h"

#define OPEN_FRAMES 32

struct frame {
    nodeid id;
    int fd;      /* -1: closed to save descriptors */
    size_t todo; /* its own part of the list begins here */
};

struct scan *scan_new(int inotify_fd, struct tree *t, struct reach *r,
                      const struct scan_hooks *hooks)
{
    struct scan *s = calloc(1, sizeof(*s));

    if (s == NULL || (s->listing = malloc(LISTING)) == NULL)
        err(1, "out of memory");
    s->fd = inotify_fd;
    s->tree = t;
    s->reach = r;
    s->hooks = *hooks;
    return s;
}

void scan_free(struct scan *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->nexcluded; i++)
        free(s->excluded[i].path);
    free(s->excluded);
    free(s->frames);
    free(s->todo);
    free(s->listing);
    buf_free(&s->path);
    free(s);
}

void scan_mask(struct scan *s, uint32_t mask)
{
    s->mask = mask;
}

void scan_one_fs(struct scan *s, bool on)
{
    s->one_fs = on;
}

void scan_exclude(struct scan *s, const char *path)
{
    struct excluded *e;
    struct stat st;

    s->excluded = reallocarray(s->excluded, s->nexcluded + 1, sizeof(*s->excluded));
    if (s->excluded == NULL)
        err(1, "out of memory");
    e = &s->excluded[s->nexcluded++];
    if ((e->path = strdup(path)) == NULL)
        err(1, "out of memory");
    for (e->len = strlen(path); e->len > 1 && path[e->len - 1] == '/';)
        e->len--;
    e->exists = fstatat(reach_start(s->reach), path, &st, 0) == 0;
    if (e->exists) {
        e->dev = st.st_dev;
        e->ino = st.st_ino;
    }
}

/* The number of an inode is given to another one as soon as it is free. */
static bool still_there(const struct scan *s, const struct excluded *e)
{
    struct stat st;

    return fstatat(reach_start(s->reach), e->path, &st, 0) == 0 && st.st_dev == e->dev &&
           st.st_ino == e->ino;
}

/* By what it was when pywatch started, or by its path: it may have been made again since. */
static bool is_excluded(struct scan *s, nodeid id, const struct stat *st)
{
    /* As inotifywait: what is named beside that, it watches all the same. */
    if (s->nexcluded == 0 || (tree_node(s->tree, id)->flags & NODE_ROOT) != 0)
        return false;
    s->path.len = 0;
    tree_path(s->tree, id, false, &s->path);
    for (size_t i = 0; i < s->nexcluded; i++) {
        const struct excluded *e = &s->excluded[i];

        if (e->exists && e->dev == st->st_dev && e->ino == st->st_ino && still_there(s, e))
            return true;
        if (e->len == s->path.len && memcmp(e->path, s->path.data, e->len) == 0)
            return true;
    }
    return false;
}

bool scan_leaves_out(struct scan *s, nodeid id, const struct stat *st)
{
    nodeid parent = tree_node(s->tree, id)->parent;

    return is_excluded(s, id, st) ||
           (s->one_fs && parent != NODE_NONE &&
            tree_node(s->tree, parent)->dev != reach_dev(st->st_dev));
}

static void push_todo(struct scan *s, nodeid id)
{
    if (s->ntodo == s->todo_cap) {
        s->todo_cap = s->todo_cap > 0 ? s->todo_cap * 2 : 64;
        s->todo = reallocarray(s->todo, s->todo_cap, sizeof(*s->todo));
        if (s->todo == NULL)
            err(1, "out of memory");
    }
    s->todo[s->ntodo++] = id;
}

static void push_frame(struct scan *s, nodeid id, int fd)
{
    if (s->nframes == s->frame_cap) {
        s->frame_cap = s->frame_cap > 0 ? s->frame_cap * 2 : 64;
        s->frames = reallocarray(s->frames, s->frame_cap, sizeof(*s->frames));
        if (s->frames == NULL)
            err(1, "out of memory");
    }
    s->frames[s->nframes++] = (struct frame){ .id = id, .fd = fd, .todo = s->ntodo };
    if (s->nframes > OPEN_FRAMES) {
        struct frame *f = &s->frames[s->nframes - OPEN_FRAMES - 1];

        if (f->fd >= 0)
            close(f->fd);
        f->fd = -1;
    }
}

enum entry_kind scan_kind(int fd, const struct dirent64 *d)
{
    struct stat st;

    switch (d->d_type) {
    case DT_DIR:
        return ENTRY_DIR;
    case DT_REG:
        return ENTRY_FILE;
    case DT_UNKNOWN:
        if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            return S_ISDIR(st.st_mode) ? ENTRY_DIR : S_ISREG(st.st_mode) ? ENTRY_FILE : ENTRY_OTHER;
        /* fall through */
    default:
        return ENTRY_OTHER;
    }
}

bool scan_is_dots(const struct dirent64 *d)
{
    const char *name = d->d_name;

    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

int scan_stat(struct scan *s, const char *name, struct stat *st)
{
    return fstatat(s->frames[s->nframes - 1].fd, name, st, AT_SYMLINK_NOFOLLOW);
}

int scan_open(struct scan *s, const char *name, int flags)
{
    return openat(s->frames[s->nframes - 1].fd, name, flags);
}

static int list(struct scan *s, nodeid id, int fd)
{
    ssize_t got;

    while ((got = getdents64(fd, s->listing, LISTING)) > 0) {
        for (ssize_t at = 0; at < got;) {
            const struct dirent64 *d = (const void *)(s->listing + at);
            nodeid child;

            at += d->d_reclen;
            if (scan_is_dots(d))
                continue;
            child = s->hooks.entry(s->hooks.arg, id, d->d_name, strlen(d->d_name), scan_kind(fd, d));
            if (child != NODE_NONE)
                push_todo(s, child);
        }
        s->hooks.tick(s->hooks.arg, SCAN_LISTED, id);
    }
    /* A directory that was removed while it was open reads as ENOENT: it is empty. */
    return got < 0 && errno != ENOENT ? errno : 0;
}

/* fd: the directory, opened for reading. Arms and lists it; its frame takes over fd. */
static void visit(struct scan *s, nodeid id, int fd)
{
    struct node *n = tree_node(s->tree, id);
    enum scan_answer answer;
    struct stat st;
    int32_t wd;
    int error;

    s->hooks.opened(s->hooks.arg, id);
    if (fstat(fd, &st) < 0) {
        error = errno;
        goto fail;
    }
    if (scan_leaves_out(s, id, &st)) {
        error = EXDEV;
        goto fail;
    }
    s->hooks.tick(s->hooks.arg, SCAN_OPENED, id);
arm:
    wd = inotify_arm_fd(s->fd, fd, (s->mask & ~(uint32_t)IN_MASK_CREATE) | IN_MASK_ADD);
    if (wd < 0) {
        error = errno;
        if (error != ENOSPC || !s->hooks.go_on(s->hooks.arg, id))
            goto fail;
        push_frame(s, id, fd);
        (void)list(s, id, fd);
        return;
    }
    answer = s->hooks.armed(s->hooks.arg, id, wd);
    if (answer == SCAN_AGAIN)
        goto arm;
    if (answer == SCAN_SKIP) {
        close(fd);
        return;
    }
    n->ino = st.st_ino;
    n->dev = reach_dev(st.st_dev);
    s->hooks.tick(s->hooks.arg, SCAN_ARMED, id);
    push_frame(s, id, fd);
    error = list(s, id, fd);
    s->hooks.listed(s->hooks.arg, id);
    if (error != 0)
        s->hooks.failed(s->hooks.arg, id, error);
    return;
fail:
    close(fd);
    s->hooks.failed(s->hooks.arg, id, error);
}

/* Makes sure that the frame on top has its descriptor. */
static int frame_fd(struct scan *s, struct frame *f)
{
    if (f->fd < 0)
        f->fd = reach_open(s->reach, f->id);
    return f->fd;
}

const char *scan_name(struct scan *s, nodeid id)
{
    struct str name = tree_name(s->tree, id);

    s->path.len = 0;
    buf_put(&s->path, name.s, name.len);
    buf_putc(&s->path, '\0');
    return s->path.data;
}

int scan_open_top(struct scan *s, nodeid top, int more)
{
    const struct node *n = tree_node(s->tree, top);
    int parent, fd, error;

    if (n->flags & NODE_ROOT)
        return openat(reach_start(s->reach), tree_root_path(s->tree, top),
                      (OPEN_FLAGS & (s->mask & IN_DONT_FOLLOW ? -1 : ~O_NOFOLLOW)) | more);
    parent = reach_open(s->reach, n->parent);
    if (parent < 0)
        return -1;
    fd = openat(parent, scan_name(s, top), OPEN_FLAGS | more);
    error = errno;
    close(parent);
    errno = error;
    return fd;
}

void scan_go_home(const struct scan *s)
{
    if (reach_start(s->reach) < 0 || fchdir(reach_start(s->reach)) < 0)
        (void)!chdir("/");
}

void scan_walk(struct scan *s, nodeid top)
{
    scan_walk_fd(s, top, scan_open_top(s, top, 0));
}

void scan_walk_fd(struct scan *s, nodeid top, int fd)
{
    if (fd < 0) {
        s->hooks.failed(s->hooks.arg, top, errno);
        return;
    }
    visit(s, top, fd);
    while (s->nframes > 0) {
        struct frame *f = &s->frames[s->nframes - 1];
        nodeid id;
        int at;

        if (s->ntodo == f->todo) {
            if (f->fd >= 0)
                close(f->fd);
            s->nframes--;
            continue;
        }
        id = s->todo[--s->ntodo];
        at = frame_fd(s, f);
        if (at < 0) {
            s->hooks.failed(s->hooks.arg, id, errno);
            continue;
        }
        fd = openat(at, scan_name(s, id), OPEN_FLAGS);
        if (fd < 0)
            s->hooks.failed(s->hooks.arg, id, errno);
        else
            visit(s, id, fd);
    }
    scan_go_home(s);
}

int scan_rearm(struct scan *s, nodeid id, uint32_t mask)
{
    const struct node *n = tree_node(s->tree, id);
    int fd = reach_open(s->reach, id), error = 0;
    int32_t wd;

    if (fd < 0)
        return errno;
    wd = inotify_arm_fd(s->fd, fd, mask);
    if (wd < 0)
        error = errno;
    else if (wd != n->wd) {
        /* The inode's number is in use again, for another directory. */
        if (tree_by_wd(s->tree, wd) == NODE_NONE)
            inotify_disarm(s->fd, wd);
        error = ESTALE;
    }
    close(fd);
    scan_go_home(s);
    return error;
}
