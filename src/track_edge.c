/*
 * track_edge.c - when there are no watches left, and when a root is renamed.
 *
 * Owns: the list of directories that wait for a watch. A root is an inode that the user named by
 * a path: the kernel says that it was renamed (MOVE_SELF), but not to what.
 */
#include "config.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "track_impl.h"

#define PAUSE_FIRST 500000000   /* ns: other programs free watches, or the limit is raised */
#define PAUSE_MOST 30000000000

void starve_add(struct track *t, nodeid id)
{
    struct starved *s = &t->starved;
    struct node *n = tree_node(t->tree, id);

    if (n->flags & NODE_STARVED)
        return;
    if (s->n == 0) {
        /* One warning, until a watch has been had again. */
        track_note(t, NOTE_UNWATCHED, id, ENOSPC);
        s->pause = PAUSE_FIRST;
        s->wake = track_now() + s->pause;
    }
    if (s->n == s->cap) {
        s->cap = s->cap > 0 ? s->cap * 2 : 64;
        s->ids = reallocarray(s->ids, s->cap, sizeof(*s->ids));
        if (s->ids == NULL)
            err(1, "out of memory");
    }
    n->flags |= NODE_STARVED;
    s->ids[s->n++] = id;
}

/* Takes the oldest up again; stops at the first for which there is still no watch. */
void starve_retry(struct track *t)
{
    struct starved *s = &t->starved;
    size_t done = 0, had = s->n;

    if (s->wake == 0 || track_now() < s->wake)
        return;
    while (done < had) {
        nodeid id = s->ids[done++], dir;
        struct buf name = { 0 };
        size_t before = s->n;

        /* The node may have gone, and its number be another's. */
        if (!(tree_node(t->tree, id)->flags & NODE_STARVED))
            continue;
        tree_node(t->tree, id)->flags &= (uint16_t)~NODE_STARVED;
        dir = tree_node(t->tree, id)->parent;
        if (dir == NODE_NONE || (tree_node(t->tree, id)->flags & NODE_GONE))
            continue;
        track_announce_node(t, id);
        buf_put(&name, tree_name(t->tree, id).s, tree_name(t->tree, id).len);
        track_retire(t, id);
        track_take_up(t, dir, (struct str){ name.data, name.len });
        buf_free(&name);
        if (s->n > before)
            break; /* it stands at the end of the list now */
    }
    memmove(s->ids, s->ids + done, (s->n - done) * sizeof(*s->ids));
    s->n -= done;
    s->pause = done > 1 ? PAUSE_FIRST : s->pause < PAUSE_MOST / 2 ? s->pause * 2 : PAUSE_MOST;
    s->wake = s->n > 0 ? track_now() + s->pause : 0;
}

void closed_add(struct track *t, nodeid id)
{
    for (size_t i = 0; i < t->nclosed; i++)
        if (t->closed[i] == id)
            return;
    if (t->nclosed == t->closed_cap) {
        t->closed_cap = t->closed_cap > 0 ? t->closed_cap * 2 : 16;
        t->closed = reallocarray(t->closed, t->closed_cap, sizeof(*t->closed));
        if (t->closed == NULL)
            err(1, "out of memory");
    }
    t->closed[t->nclosed++] = id;
}

void closed_retry(struct track *t, nodeid top)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->nclosed; i++) {
        nodeid id = t->closed[i];
        const struct node *n = tree_node(t->tree, id);

        /* Node numbers are used again: the flag is of those that were warned about. */
        if (n->wd >= 0 || !(n->flags & NODE_WARNED) || (n->flags & NODE_GONE))
            continue;
        t->closed[kept++] = id;
        if (tree_within(t->tree, id, top))
            later_add(t, LATER_LOOSE, id, -1);
    }
    t->nclosed = kept;
}

/* Where the directory that is about to be listed is watched, that makes records of our own. */
static void expect_listing(struct track *t, int fd)
{
    const unsigned bits = NOISE_OPEN | NOISE_CLOSE;
    struct stat st;

    if (fstat(fd, &st) < 0)
        return;
    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid top = tree_root(t->tree, i);

        for (nodeid id = top; id != NODE_NONE; id = tree_next(t->tree, id, top)) {
            const struct node *n = tree_node(t->tree, id);

            if (n->wd < 0 || n->ino != st.st_ino || n->dev != reach_dev(st.st_dev))
                continue;
            track_expect_noise(t, id, n->wd, NO_NAME, bits);
            if (n->parent != NODE_NONE && tree_node(t->tree, n->parent)->wd >= 0)
                track_expect_noise(t, n->parent, tree_node(t->tree, n->parent)->wd,
                                   tree_name(t->tree, id), bits);
        }
    }
}

/* The entry of the directory at `path` that is this inode, or an empty buffer. */
static int find_inode(struct track *t, const char *path, const struct node *n, struct buf *name)
{
    int fd = openat(reach_start(t->reach), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct dirent *d;
    struct stat st;
    DIR *dir;

    name->len = 0;
    if (fd < 0)
        return errno;
    if ((dir = fdopendir(fd)) == NULL) {
        int error = errno;

        close(fd);
        return error;
    }
    expect_listing(t, fd);
    while (name->len == 0 && (d = readdir(dir)) != NULL)
        if (d->d_ino == n->ino && fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            st.st_ino == n->ino && reach_dev(st.st_dev) == n->dev)
            buf_put(name, d->d_name, strlen(d->d_name) + 1);
    closedir(dir);
    return name->len > 0 ? 0 : ENOENT;
}

void track_root_moved(struct track *t, nodeid id)
{
    struct node *n = tree_node(t->tree, id);
    const char *path = tree_root_path(t->tree, id), *base;
    size_t len = strlen(path);
    struct buf name = { 0 }, parent = { 0 };
    struct stat st;
    int error;

    if (fstatat(reach_start(t->reach), path, &st, 0) == 0 && st.st_ino == n->ino &&
        reach_dev(st.st_dev) == n->dev)
        return; /* it is back already, or was reached through a link */
    while (len > 1 && path[len - 1] == '/')
        len--;
    buf_put(&parent, path, len);
    buf_putc(&parent, '\0');
    base = memrchr(parent.data, '/', len);
    parent.len = base == NULL ? 0 : (size_t)(base - parent.data) + 1;
    buf_putc(&parent, '\0');
    error = find_inode(t, parent.len > 1 ? parent.data : ".", n, &name);
    if (error == 0) {
        parent.len--;
        buf_put(&parent, name.data, name.len);
        tree_set_root_path(t->tree, id, parent.data);
    }
    track_note(t, NOTE_ROOT_MOVED, id, error);
    buf_free(&name);
    buf_free(&parent);
}
