/*
 * track_replace.c - what a followed path leads to has changed.
 *
 * Owns: the new watch, the end of the old one, and the order in which both are told of. See
 * track_follow.c.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "inotify.h"
#include "track_follow.h"

#define GRACE                                                                          \
    2000000 /* ns: the last records of what has been removed may be about to be queued \
             */
#define LIST_FLAGS (O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC)
#define LEASE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static void tell(struct track *t, nodeid id, uint32_t mask)
{
    track_synthetic(t, id, NO_NAME, mask);
}

static uint32_t isdir(const struct track *t, nodeid id)
{
    return tree_node(t->tree, id)->flags & NODE_FILE ? 0 : IN_ISDIR;
}

/* Directories of other roots that were not watched because this one was: now they can be. */
static void look_at_unarmed(struct track *t)
{
    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid top = tree_root(t->tree, i), id = top;

        for (; id != NODE_NONE; id = tree_next(t->tree, id, top))
            if (id != top && tree_node(t->tree, id)->wd < 0 &&
                !(tree_node(t->tree, id)->flags & (NODE_GONE | NODE_STARVED)))
                later_add(t, LATER_LOOSE, id, -1);
    }
}

void replace_closed(struct track *t, struct pursued *w, bool needed)
{
    if (!w->closed)
        return;
    TAILQ_REMOVE(&t->pursuit->closed, w, closed_order);
    w->closed = false;
    if (needed)
        track_finished(t, w->node, NO_NAME);
}

void replace_below(struct track *t, struct pursued *w)
{
    track_retire_below(t, w->node);
    window_close(t, w->node);
    if (t->snapshot != NULL)
        snapshot_drop_dir(t->snapshot, w->node);
}

void replace_end(struct track *t, struct pursued *w)
{
    struct node *n = tree_node(t->tree, w->node);

    if (!w->there)
        return;
    replace_closed(t, w, !w->ended);
    if (!w->ended)
        tell(t, w->node, IN_DELETE_SELF);
    w->there = w->ended = w->unarmed = false;
    pursued_other(t, w, -1);
    replace_below(t, w);
    n->flags &= NODE_ROOT | NODE_FILE;
    if (n->wd >= 0) {
        /* Records of it that are still queued are not of the path any more. */
        track_note(t, NOTE_DROPPED, w->node, 0);
        inotify_disarm(t->fd, n->wd);
        tree_set_wd(t->tree, w->node, -1);
    }
    if (t->cfg.recursive && !(n->flags & NODE_FILE))
        look_at_unarmed(t);
}

/* What came and went while nobody looked: there was no time to watch it. */
static void tell_between(struct track *t, struct pursued *w)
{
    for (size_t i = 0; i < w->between.len; i++) {
        bool dir = w->between.data[i] == 'd';

        tree_set_root_kind(t->tree, w->node, dir);
        tell(t, w->node, IN_CREATE | (dir ? IN_ISDIR : 0));
        tell(t, w->node, IN_DELETE_SELF);
    }
    w->between.len = 0;
}

void replace_tell(struct track *t, struct pursued *w)
{
    nodeid id = w->next;

    if (!w->pending)
        return;
    TAILQ_REMOVE(&t->pursuit->pending, w, order);
    w->pending = false;
    replace_end(t, w);
    tell_between(t, w);
    if (id != NODE_NONE) {
        track_remove(t, w->node);
        w->node = id;
        w->next = NODE_NONE;
        w->there = true;
        w->unarmed = tree_node(t->tree, id)->wd < 0;
        tree_node(t->tree, id)->flags &= (uint16_t)~NODE_LISTED;
        tell(t, id, IN_CREATE | isdir(t, id));
        if (w->finished) {
            w->close_mark = w->mark;
            w->closed = true;
            TAILQ_INSERT_TAIL(&t->pursuit->closed, w, closed_order);
            if (backlog_passed(t->backlog, &w->close_mark))
                replace_closed(t, w, true);
        }
    }
    if (w->again)
        follow_doubt(t->pursuit->follow, w->number);
    w->again = false;
}

void replace_expect(struct track *t, struct pursued *w, nodeid next)
{
    /* The kernel may be about to tell of the end itself. */
    bool may_end = w->there && !w->ended && tree_node(t->tree, w->node)->wd >= 0;

    w->next = next;
    w->mark = backlog_mark(t->backlog);
    w->until = may_end ? track_now() + GRACE : 0;
    w->pending = true;
    buf_put(&w->between, t->pursuit->found.between.data, t->pursuit->found.between.len);
    TAILQ_INSERT_TAIL(&t->pursuit->pending, w, order);
}

/* The node of the directory that this is, where it is watched. */
static nodeid node_of_dir(struct track *t, int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return NODE_NONE;
    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid top = tree_root(t->tree, i), id = top;

        for (; id != NODE_NONE; id = tree_next(t->tree, id, top)) {
            const struct node *n = tree_node(t->tree, id);

            if (n->wd >= 0 && !(n->flags & NODE_FILE) && n->ino == st.st_ino &&
                n->dev == reach_dev(st.st_dev))
                return id;
        }
    }
    return NODE_NONE;
}

/* We are about to open what was found: where its directory is watched too, it is seen there. */
static void expect_above(struct track *t, const struct follow_found *found, unsigned bits)
{
    nodeid dir;

    if ((t->dir_mask & NOISY) && (dir = node_of_dir(t, found->dir)) != NODE_NONE)
        track_expect_noise(t, dir, tree_node(t->tree, dir)->wd,
                           (struct str){ found->name, strlen(found->name) }, bits);
}

/* The file, for reading: by its descriptor, or where there is no /proc by its name. */
static int open_file(const struct follow_found *found)
{
    char path[32];
    int fd;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", found->fd);
    fd = open(path, LEASE_FLAGS);
    if (fd < 0 && errno == ENOENT)
        fd = openat(found->dir, found->name, LEASE_FLAGS | O_NOFOLLOW);
    return fd;
}

/* Race 10: the file has its watch; has it been closed already? */
static bool is_finished(struct track *t, nodeid id, const struct follow_found *found)
{
    if (!t->armed_once || !S_ISREG(found->st.st_mode) || !(t->cfg.asked & IN_CLOSE_WRITE))
        return false;
    expect_above(t, found, NOISE_OPEN | NOISE_CLOSE | NOISE_BARE);
    return track_is_finished(t, id, NO_NAME, open_file(found));
}

/* A file. By its descriptor, or where there is no /proc by its name, if that has stayed its name.
 */
static int32_t arm_file(struct track *t, const struct follow_found *found, uint32_t mask)
{
    int32_t wd = inotify_arm_object(t->fd, found->fd, mask);
    struct stat st;

    if (wd >= 0 || errno != ENOENT)
        return wd;
    wd = inotify_arm_at(t->fd, found->dir, found->name, mask | IN_DONT_FOLLOW);
    if (wd < 0 || (fstatat(found->dir, found->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                   st.st_ino == found->st.st_ino && st.st_dev == found->st.st_dev))
        return wd;
    if (tree_by_wd(t->tree, wd) == NODE_NONE)
        inotify_disarm(t->fd, wd);
    errno = EAGAIN; /* its directory's watch tells, and the path is looked at again */
    return -1;
}

/* Arms what was found. Returns its watch, which no node has, or one of another path; -1 with errno.
 */
static int32_t arm(struct track *t, const struct follow_found *found, uint32_t mask)
{
    for (;;) {
        int32_t wd = S_ISDIR(found->st.st_mode)
                         ? inotify_arm_fd(t->fd, found->fd, mask | IN_MASK_ADD)
                         : arm_file(t, found, mask | IN_MASK_ADD);
        nodeid other = wd >= 0 ? tree_by_wd(t->tree, wd) : NODE_NONE;

        if (other != NODE_NONE && (tree_node(t->tree, other)->flags & NODE_GONE)) {
            tree_set_wd(t->tree, other, -1);
            track_remove(t, other);
            other = NODE_NONE;
        }
        if (wd < 0 || other != NODE_NONE || wd > t->max_wd)
            return wd;
        /* It was watched under another path, and records of that time are still queued. */
        inotify_disarm(t->fd, wd);
    }
}

/* At set-up by its path, which is faster: should that lead elsewhere by now, it is looked at again.
 * Later, and for --initial, what is listed has to be what has the watch. */
static void list_below(struct track *t, nodeid id)
{
    const struct follow_found *found = &t->pursuit->found;
    int error = t->setup_error;

    if (!t->armed_once && !t->cfg.initial) {
        if (t->cfg.recursive || t->cfg.snapshot)
            track_list_root(t, id);
        if (t->setup_error == ENOENT || t->setup_error == ENOTDIR || t->setup_error == ELOOP ||
            t->setup_error == ESTALE)
            t->setup_error = error;
        return;
    }
    if (t->armed_once)
        expect_above(t, found, NOISE_OPEN | NOISE_CLOSE);
    else if (track_makes_quiet(t))
        tree_node(t->tree, id)->flags |= NODE_QUIET;
    t->walk = WALK_NEW;
    scan_mask(t->scan, track_root_mask(t, true));
    scan_walk_fd(t->scan, id, openat(found->fd, ".", LIST_FLAGS));
    if (!noise_empty(t->noise))
        later_add(t, LATER_NOISE, NODE_NONE, -1);
    if (!t->armed_once)
        return;
    scan_mask(t->scan, t->dir_mask);
    t->setup_error = error;
}

/* The node gets this watch, and is listed where it is a directory. */
static void take(struct track *t, struct pursued *w, nodeid id, int32_t wd)
{
    const struct follow_found *found = &t->pursuit->found;

    tree_set_wd(t->tree, id, wd);
    track_note(t, NOTE_WATCHED, id, 0);
    if (t->cfg.between != NULL)
        t->cfg.between(t->cfg.arg, TRACK_TAKEN, id);
    if (S_ISDIR(found->st.st_mode)) {
        list_below(t, id);
        return;
    }
    t->max_wd = wd;
    w->finished = is_finished(t, id, found);
}

static bool is_node(const struct track *t, const struct pursued *w, const struct stat *st)
{
    const struct node *n = tree_node(t->tree, w->node);

    return w->there && n->ino == st->st_ino && n->dev == reach_dev(st->st_dev);
}

/* A root of its own for what the path leads to now. */
static void begins(struct track *t, struct pursued *w, int32_t wd, int32_t other)
{
    const struct follow_found *found = &t->pursuit->found;
    bool told = t->armed_once || t->cfg.initial;
    nodeid id = pursued_root(t, w, tree_root_path(t->tree, w->node), S_ISDIR(found->st.st_mode));
    struct node *n = tree_node(t->tree, id);

    n->ino = found->st.st_ino;
    n->dev = reach_dev(found->st.st_dev);
    w->finished = false;
    if (told) {
        n->flags |= NODE_LISTED;
    } else {
        track_remove(t, w->node);
        w->node = id;
        w->there = true;
        w->unarmed = wd < 0;
    }
    if (wd >= 0)
        take(t, w, id, wd);
    else if (other >= 0)
        w->finished = is_finished(t, tree_by_wd(t->tree, other), found);
    if (told)
        replace_expect(t, w, id);
    pursued_other(t, w, other);
}

int replace_found(struct track *t, struct pursued *w)
{
    const struct follow_found *found = &t->pursuit->found;
    uint32_t mask = track_root_mask(t, S_ISDIR(found->st.st_mode));
    int32_t wd;
    int error;

    if (found->blind) {
        mask |= IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB; /* all that can tell */
        if (!w->blind)
            track_note(t, NOTE_BLIND, w->node, 0);
        w->blind = true;
    }
    if (t->cfg.between != NULL)
        t->cfg.between(t->cfg.arg, TRACK_FOUND, w->node);
    wd = arm(t, found, mask);
    error = wd < 0 ? errno : 0;
    switch (error) {
    case 0:
        w->error = 0;
        break;
    case EAGAIN:
        return 0;
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
        return pursued_nowhere(t, w, error);
    default:
        if (!t->armed_once && error != EACCES && error != EPERM)
            return error;
        pursued_unwatched(t, w, error);
        if (!is_node(t, w, &found->st))
            begins(t, w, -1, -1);
        return 0;
    }
    if (w->there && (wd == tree_node(t->tree, w->node)->wd || (w->other >= 0 && wd == w->other)))
        return 0;
    if (tree_by_wd(t->tree, wd) != NODE_NONE) {
        /* Named twice: its events come once, under the first path. */
        if (w->unarmed && is_node(t, w, &found->st))
            pursued_other(t, w, wd);
        else
            begins(t, w, -1, wd);
    } else if (w->unarmed && is_node(t, w, &found->st)) {
        w->unarmed = false;
        pursued_other(t, w, -1);
        take(t, w, w->node, wd);
    } else {
        begins(t, w, wd, -1);
    }
    return 0;
}
