/*
 * track_add.c - paths that come and go while all goes on.
 *
 * Owns: what track_add and track_drop do to the tree, to what was asked for, and to the kernel's
 * masks. Called when the records have caught up with the disk, so that what was asked for before
 * still holds for all that came before.
 *
 * A path that is not watched yet becomes a root. One that is, as a root or as a part of one, gets
 * an entry of its own (track_ask.c) and stays where it is. When a root goes, what was asked for by
 * itself within it becomes a root in its turn.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "inotify.h"
#include "track_impl.h"


void add_taken_in(struct track *t, nodeid id)
{
    t->taken_in = reallocarray(t->taken_in, t->ntaken_in + 1, sizeof(*t->taken_in));
    if (t->taken_in == NULL)
        err(1, "out of memory");
    t->taken_in[t->ntaken_in++] = id;
}

/*
 * A mask from which something has to be taken is set anew; see inotify.h. ONESHOT and EXCL_UNLINK
 * are kept by the watch, and IN_MASK_ADD takes neither away.
 */
static uint32_t change_of(uint32_t old, uint32_t new)
{
    return old & ~new & (IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK) ? 0 : IN_MASK_ADD;
}

/* What is below it has other masks now. how: as change_of has it. */
static void rearm_below(struct track *t, nodeid top, uint32_t how)
{
    for (nodeid id = tree_next(t->tree, top, top); id != NODE_NONE;
         id = tree_next(t->tree, id, top)) {
        const struct node *n = tree_node(t->tree, id);

        if (n->wd < 0 || (n->flags & NODE_GONE))
            continue;
        /* One that is elsewhere is put off: the record of why is queued. */
        if (scan_rearm(t->scan, id, ask_mask(t, id) | how) != 0)
            later_add(t, LATER_LOOSE, id, -1);
        (void)backlog_fill(t->backlog, FILL);
    }
}

static void walk(struct track *t, nodeid id)
{
    t->walk = t->cfg.initial ? WALK_NEW : WALK_SETUP;
    track_walk(t, id);
    /* As after set-up: what the walk has seen may be told of by records that are queued. */
    t->setup_mark = backlog_mark(t->backlog);
    t->setup_over = false;
    t->setup_wd = t->max_wd;
}

/* The thing is watched already, under the node. */
static int change(struct track *t, nodeid id, const char *path, uint32_t own, uint32_t how,
                  bool recursive)
{
    const struct ask *old = ask_get(t, id);
    struct ask a = { .id = id, .own = ask_own(t, id), .below = ask_below(t, id) };
    bool is_dir = !(tree_node(t->tree, id)->flags & NODE_FILE), covered = ask_covers(t, id);
    uint32_t follow = own & IN_DONT_FOLLOW, mask = ask_mask(t, id), below = a.below;
    int32_t wd;

    if (old != NULL && old->recursive)
        a.recursive = true;
    a.own = how & IN_MASK_ADD ? a.own | own : own;
    if (recursive && is_dir) {
        a.below = how & IN_MASK_ADD ? a.below | own : own;
        a.recursive = true;
    }
    ask_set(t, &a);
    wd = inotify_arm_at(t->fd, reach_start(t->reach), path,
                        ask_mask(t, id) | follow | change_of(mask, ask_mask(t, id)));
    if (wd < 0)
        return errno;
    if (wd != tree_node(t->tree, id)->wd) {
        /* Another thing has the path since a moment. */
        if (tree_by_wd(t->tree, wd) == NODE_NONE)
            inotify_disarm(t->fd, wd);
        return ESTALE;
    }
    if (recursive && is_dir && covered)
        rearm_below(t, id, change_of(below, a.below));
    else if (recursive && is_dir)
        walk(t, id);
    return 0;
}

/* Takes away what is known of a root that could not be walked, as if it had never been. */
static void undo(struct track *t, nodeid id)
{
    inotify_disarm(t->fd, tree_node(t->tree, id)->wd);
    track_retire_below(t, id);
    tree_set_wd(t->tree, id, -1);
    track_remove(t, id);
}

static int new_root(struct track *t, const char *path, const struct stat *st, int32_t wd,
                    uint32_t own, bool recursive)
{
    bool is_dir = S_ISDIR(st->st_mode);
    nodeid id = tree_add_root(t->tree, path, is_dir);

    tree_set_wd(t->tree, id, wd);
    tree_node(t->tree, id)->ino = st->st_ino;
    tree_node(t->tree, id)->dev = reach_dev(st->st_dev);
    if (wd > t->max_wd)
        age_note(t, wd);
    ask_set(t, &(struct ask){ .id = id,
                              .own = own,
                              .below = recursive ? own : 0,
                              .recursive = recursive && is_dir });
    track_note(t, NOTE_WATCHED, id, 0);
    t->setup_error = 0;
    if (is_dir && (recursive || t->cfg.initial || t->cfg.snapshot)) {
        t->adding = true;
        walk(t, id);
        t->adding = false;
    }
    if (t->setup_error != 0)
        undo(t, id);
    else if (!is_dir && t->cfg.initial)
        track_synthetic(t, id, NO_NAME, IN_CREATE);
    return t->setup_error;
}

int track_add(struct track *t, const char *path, const struct track_ask *ask, int32_t *wd)
{
    int at = reach_start(t->reach);
    uint32_t flags = ask->flags | t->cfg.flags;
    uint32_t own = (ask->events != 0 ? ask->events : ask_default(t)) | (flags & FLAGS_KEPT);
    /* Where the thing is watched already, nothing is to be lost before its new mask is known. */
    uint32_t how = flags & IN_MASK_CREATE ? IN_MASK_CREATE : IN_MASK_ADD;
    struct stat st;
    nodeid id;

    if (fstatat(at, path, &st, own & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0) < 0)
        return errno;
    *wd = inotify_arm_at(t->fd, at, path, ask_lone_mask(own, S_ISDIR(st.st_mode)) | how);
    if (*wd < 0)
        return errno;
    id = tree_by_wd(t->tree, *wd);
    if (id != NODE_NONE && !(tree_node(t->tree, id)->flags & NODE_GONE))
        return change(t, id, path, own, flags, ask->recursive);
    if (id != NODE_NONE || *wd <= t->max_wd) {
        /* It was let go a moment ago, and records of that time are still queued: with a new number
         * they are not taken for records of this path. */
        if (id != NODE_NONE) {
            tree_set_wd(t->tree, id, -1);
            track_remove(t, id);
        }
        inotify_disarm(t->fd, *wd);
        *wd = inotify_arm_at(t->fd, at, path, ask_lone_mask(own, S_ISDIR(st.st_mode)));
        if (*wd < 0)
            return errno;
    }
    return new_root(t, path, &st, *wd, own, ask->recursive);
}

/* What is asked for by itself within what goes becomes a root, under the path that it has. */
static void uproot(struct track *t, nodeid top)
{
    struct buf path = { 0 };
    nodeid id = tree_next(t->tree, top, top);

    while (id != NODE_NONE) {
        const struct ask *a = ask_get(t, id);

        if (a == NULL || (tree_node(t->tree, id)->flags & NODE_GONE)) {
            id = tree_next(t->tree, id, top);
            continue;
        }
        path.len = 0;
        tree_path(t->tree, id, false, &path);
        buf_putc(&path, '\0');
        track_announce_node(t, id);
        tree_uproot(t->tree, id, path.data);
        if (!a->recursive) {
            uproot(t, id);
            track_retire_below(t, id);
            (void)scan_rearm(t->scan, id, ask_mask(t, id));
        }
        id = tree_next(t->tree, top, top);
    }
    buf_free(&path);
}

/* What was left to the one that goes, since it had it under another path, is to be watched here. */
static void walk_twice(struct track *t)
{
    t->twice = false;
    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid top = tree_root(t->tree, i);

        for (nodeid id = top; id != NODE_NONE; id = tree_next(t->tree, id, top)) {
            struct node *n = tree_node(t->tree, id);

            if (!(n->flags & NODE_TWICE) || n->wd >= 0)
                continue;
            n->flags &= (uint16_t)~NODE_TWICE;
            t->walk = WALK_SETUP;
            track_walk(t, id);
        }
    }
}

static bool same_path(struct track *t, nodeid id, const char *path, size_t len)
{
    t->note.len = 0;
    tree_path(t->tree, id, false, &t->note);
    while (t->note.len > 1 && t->note.data[t->note.len - 1] == '/')
        t->note.len--;
    return t->note.len == len && memcmp(t->note.data, path, len) == 0;
}

/*
 * The node that has this path, or that is what the path leads to: the kernel knows that by the
 * number of the watch. NODE_NONE where nothing is watched by it.
 */
static nodeid by_path(struct track *t, const char *path)
{
    size_t len = strlen(path), at = 0;
    nodeid found = NODE_NONE;
    const struct ask *a;

    for (int i = 0; i < 2; i++) {
        uint32_t follow = i == 0 ? 0 : IN_DONT_FOLLOW;
        int32_t wd = inotify_arm_at(t->fd, reach_start(t->reach), path,
                                    IN_DELETE_SELF | IN_MASK_ADD | follow);
        nodeid id = tree_by_wd(t->tree, wd);

        if (wd >= 0 && id == NODE_NONE)
            inotify_disarm(t->fd, wd);
        if (id == NODE_NONE || (tree_node(t->tree, id)->flags & NODE_GONE))
            continue;
        found = id;
        if (ask_get(t, id) != NULL)
            return id;
    }
    while (len > 1 && path[len - 1] == '/')
        len--;
    while ((a = ask_next(t, &at)) != NULL)
        if (!(tree_node(t->tree, a->id)->flags & NODE_GONE) && same_path(t, a->id, path, len))
            return a->id;
    return found;
}

/* The path of what covers the node, for a message. */
static const char *covering(struct track *t, nodeid id)
{
    const struct ask *a;

    while (((a = ask_get(t, id)) == NULL || !a->recursive) &&
           tree_node(t->tree, id)->parent != NODE_NONE)
        id = tree_node(t->tree, id)->parent;
    t->note.len = 0;
    tree_path(t->tree, id, false, &t->note);
    buf_putc(&t->note, '\0');
    return t->note.data;
}

int track_drop(struct track *t, const char *path, int32_t *wd, const char **of)
{
    nodeid id = path != NULL ? by_path(t, path) : tree_by_wd(t->tree, *wd);

    if (id == NODE_NONE || (tree_node(t->tree, id)->flags & NODE_GONE))
        return ENOENT;
    *wd = tree_node(t->tree, id)->wd;
    if (ask_get(t, id) == NULL) {
        *of = covering(t, id);
        return EBUSY;
    }
    if (!(tree_node(t->tree, id)->flags & NODE_ROOT)) {
        uint32_t mask = ask_mask(t, id), below = ask_below(t, id);

        ask_drop(t, id);
        if (scan_rearm(t->scan, id, ask_mask(t, id) | change_of(mask, ask_mask(t, id))) != 0)
            later_add(t, LATER_LOOSE, id, -1);
        rearm_below(t, id, change_of(below, ask_below(t, id)));
        return 0;
    }
    uproot(t, id);
    track_retire_below(t, id);
    window_close(t, id);
    if (t->snapshot != NULL)
        snapshot_drop_dir(t->snapshot, id);
    track_note(t, NOTE_DROPPED, id, 0);
    tree_hide(t->tree, id);
    inotify_disarm(t->fd, *wd);
    if (t->twice)
        walk_twice(t);
    return 0;
}

void track_dropped(struct track *t, int32_t wd)
{
    nodeid id = tree_by_wd(t->tree, wd);

    if (id == NODE_NONE || !(tree_node(t->tree, id)->flags & NODE_GONE))
        return;
    /* Its IGNORED was lost in an overflow. */
    tree_set_wd(t->tree, id, -1);
    track_remove(t, id);
}

void track_each(struct track *t, void (*each)(void *arg, const struct track_watch *w), void *arg)
{
    struct buf path = { 0 };

    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid top = tree_root(t->tree, i);

        for (nodeid id = top; id != NODE_NONE; id = tree_next(t->tree, id, top)) {
            const struct node *n = tree_node(t->tree, id);
            const struct ask *a = t->asks != NULL ? ask_get(t, id) : NULL;
            struct track_watch w = { .wd = n->wd, .mask = ask_own(t, id) };

            if (n->wd < 0 || (n->flags & NODE_GONE))
                continue;
            path.len = 0;
            tree_path(t->tree, id, false, &path);
            w.path = (struct str){ path.data, path.len };
            w.recursive = a != NULL ? a->recursive : id == top && t->cfg.recursive;
            each(arg, &w);
        }
    }
    buf_free(&path);
}
