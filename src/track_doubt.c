/*
 * track_doubt.c - when the disk contradicts the tree.
 *
 * Owns: what to do about a directory that is watched under another path, that is not where the
 * tree has it, or that is not there at all; and the comparison of all of the tree with the disk
 * after an overflow. A record that is still queued mostly explains it, so nothing is concluded
 * before it is certain that none is coming.
 */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "inotify.h"
#include "track_impl.h"


/* No record since then that says anything: the IGNORED of watches that we took away do not. */
bool track_no_news(struct track *t)
{
    struct cursor c;
    struct raw r;

    if (t->told != t->quiet_told)
        return false;
    backlog_first(t->backlog, &c);
    while (backlog_peek(t->backlog, &c, &r, NULL))
        if ((r.mask & IN_Q_OVERFLOW) || tree_by_wd(t->tree, r.wd) != NODE_NONE)
            return false;
    return true;
}

/*
 * Whatever happened in this directory has been queued by now; where it cannot be reached, whatever
 * happened in the one above it, for that record tells why. Has still no record come since the node
 * that is looked at again was put off? Then none is coming.
 */
bool doubt_quiet(struct track *t, nodeid dir)
{
    while (dir != NODE_NONE && reach_barrier(t->reach, dir) < 0)
        dir = tree_node(t->tree, dir)->parent;
    (void)backlog_fill(t->backlog, FILL);
    return track_no_news(t);
}

bool doubt_root_is_there(struct track *t, nodeid id)
{
    int fd;

    while (tree_node(t->tree, id)->parent != NODE_NONE)
        id = tree_node(t->tree, id)->parent;
    fd = reach_open(t->reach, id);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The path of the root leads nowhere, and so do all below it: that it is gone does not follow. */
static void out_of_reach(struct track *t, nodeid id, int error)
{
    struct node *n = tree_node(t->tree, id);

    if (n->wd < 0 && !(n->flags & NODE_WARNED) && !t->mute)
        track_note(t, NOTE_UNWATCHED, id, error);
    n->flags |= NODE_WARNED;
}

/*
 * The tree contradicts the disk, and no record explains it: all of it is compared, but not for
 * ever.
 */
void doubt_all(struct track *t, nodeid id, int error)
{
    if (!doubt_quiet(t, tree_node(t->tree, id)->parent))
        later_add(t, LATER_LOOSE, id, -1);
    else if (!doubt_root_is_there(t, id))
        out_of_reach(t, id, error);
    else if (t->doubts++ < 2)
        track_want_resync(t);
    else
        track_note(t, NOTE_UNWATCHED, id, error);
}

/* The directory is not there any more, and no record says so. */
static void say_gone(struct track *t, nodeid id)
{
    const struct node *n = tree_node(t->tree, id);
    struct str name = tree_name(t->tree, id);
    struct window *w = window_of(t, n->parent);

    if (n->flags & NODE_LISTED) { /* it was never announced, and is not to be */
        if (w != NULL)
            window_settle(w, name.s, name.len);
        return;
    }
    track_synthetic(t, n->parent, name, IN_DELETE | IN_ISDIR);
    if (w != NULL) /* a comparison may have missed it as well */
        window_correct(w, name.s, name.len, false);
}

/* The node goes; what has its place now, if it is a directory, is to be looked at. */
static void leave_place(struct track *t, nodeid id)
{
    nodeid above = tree_node(t->tree, id)->parent, heir;
    struct str name = tree_name(t->tree, id);
    struct buf copy = { 0 };
    struct stat st;
    bool taken;

    buf_put(&copy, name.s, name.len);
    taken = reach_stat(t->reach, above, copy.data, copy.len, &st) == 0 && S_ISDIR(st.st_mode);
    track_retire(t, id);
    if (taken) {
        heir = tree_add(t->tree, above, copy.data, copy.len);
        tree_node(t->tree, heir)->flags |= NODE_LISTED;
        later_add(t, LATER_LOOSE, heir, -1);
    }
    buf_free(&copy);
}

/*
 * `other` is not where the tree has it, and no record is coming that explains it: so it is here,
 * and not there. Returns true where the node has been replaced by it.
 */
static bool claim(struct track *t, nodeid id, nodeid other)
{
    nodeid above = tree_node(t->tree, other)->parent, parent = tree_node(t->tree, id)->parent;
    struct buf copy = { 0 };
    struct str name;

    if (!doubt_quiet(t, parent))
        return false;
    if (tree_within(t->tree, id, other)) {
        doubt_all(t, id, ESTALE);
        return true;
    }
    if (above != NODE_NONE) {
        say_gone(t, other);
        leave_place(t, other);
        return false;
    }
    if (pursuit_let_go(t, other))
        return false;
    /* A root that was renamed to a place within another root: now it is a part of that. */
    name = tree_name(t->tree, id);
    buf_put(&copy, name.s, name.len);
    track_retire(t, id);
    if (!ask_covers(t, other))
        add_taken_in(t, other);
    tree_move(t->tree, other, parent, copy.data, copy.len);
    buf_free(&copy);
    return true;
}

/*
 * `other` is a root of which only itself was asked for, and that lies in what is covered now: it
 * becomes a part of that, and keeps what it was asked for. False: it is no such root.
 */
static bool take_in(struct track *t, nodeid id, nodeid other)
{
    const struct node *n = tree_node(t->tree, id);
    uint16_t listed = n->flags & NODE_LISTED;
    nodeid parent = n->parent;
    struct str name;
    struct buf copy = { 0 };

    if (t->asks == NULL || !(tree_node(t->tree, other)->flags & NODE_ROOT) ||
        (n->flags & NODE_ROOT) || ask_covers(t, other))
        return false;
    name = tree_name(t->tree, id);
    buf_put(&copy, name.s, name.len);
    track_remove(t, id);
    tree_move(t->tree, other, parent, copy.data, copy.len);
    tree_node(t->tree, other)->flags |= listed;
    buf_free(&copy);
    add_taken_in(t, other);
    return true;
}

/*
 * The inode that was found under this node is watched as `other`. Either it can be reached under
 * both paths (a bind mount, a root within another root): then the first one has it. Or it has
 * been renamed, and the record of that is still queued.
 */
void doubt_elsewhere(struct track *t, nodeid id, nodeid other)
{
    struct node *n = tree_node(t->tree, id);

    if (reach_along(t->reach, other)) {
        if (!take_in(t, id, other)) {
            n->flags |= NODE_TWICE;
            t->twice = true;
        }
        return;
    }
    if (t->quiet && claim(t, id, other))
        return;
    if (t->walk == WALK_SETUP)
        n->flags |= NODE_LISTED; /* to be announced, should the record of its move be lacking */
    later_add(t, LATER_LOOSE, id, -1);
}

/*
 * The directory is not there, and no record has come that says so. Its own IGNORED may come a
 * moment before the DELETE under its parent: whoever is removing it holds the lock of the parent
 * until both are queued. After that, only a lost record can have told.
 */
void doubt_vanished(struct track *t, nodeid id)
{
    const struct node *n = tree_node(t->tree, id);

    if (!doubt_quiet(t, n->parent)) {
        later_add(t, LATER_LOOSE, id, -1);
        return;
    }
    if (!doubt_root_is_there(t, id)) {
        out_of_reach(t, id, ENOENT);
        return;
    }
    say_gone(t, id);
    track_retire(t, id); /* it may have a watch: on what was moved away, unheard of */
}

/* The IGNORED of what is hidden may be among what was lost. */
static void remove_gone(struct track *t)
{
    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid top = tree_root(t->tree, i), id = top, next;

        for (; id != NODE_NONE; id = next) {
            next = tree_next(t->tree, id, top);
            if (id == top || !(tree_node(t->tree, id)->flags & NODE_GONE))
                continue;
            inotify_disarm(t->fd, tree_node(t->tree, id)->wd);
            tree_set_wd(t->tree, id, -1);
            track_remove(t, id);
        }
    }
}

bool track_sure(struct track *t)
{
    if (t->untrue && !t->overflowed && t->nlater == 0)
        t->untrue = false;
    return !t->untrue;
}

void track_want_resync(struct track *t)
{
    t->mended = t->untrue = true;
    if (t->overflowed)
        return;
    t->overflowed = true;
    t->resync_mark = backlog_mark(t->backlog);
}

/* What was told to be there under this name goes, for the record says that it has. */
static void tell_gone(struct track *t, nodeid dir, struct str name, bool isdir)
{
    nodeid child = isdir ? tree_find(t->tree, dir, name.s, name.len) : NODE_NONE;

    track_synthetic(t, dir, name, IN_DELETE | (isdir ? IN_ISDIR : 0));
    if (child != NODE_NONE)
        track_retire(t, child);
    else if (!isdir)
        snapshot_drop(t->snapshot, dir, name.s, name.len);
}

/* The same where the name's window knows best what was told. */
static void doubt_window(struct track *t, nodeid dir, const struct raw *r, struct window *w)
{
    struct str name = { r->name, r->namelen };
    uint32_t isdir = r->mask & IN_ISDIR;
    enum entry_kind kind = ENTRY_OTHER;
    enum window_said said = window_said(w, name.s, name.len, &kind);
    bool other = (kind == ENTRY_DIR) != (isdir != 0);
    nodeid child;

    if (track_sure(t) || said == WINDOW_UNSAID || !(r->mask & (APPEARS | DISAPPEARS)))
        return;
    if (said == WINDOW_SAID_THERE && (other || (r->mask & IN_CREATE))) {
        child = kind == ENTRY_DIR ? tree_find(t->tree, dir, name.s, name.len) : NODE_NONE;
        track_synthetic(t, dir, name, IN_DELETE | (kind == ENTRY_DIR ? IN_ISDIR : 0));
        if (child != NODE_NONE)
            track_retire(t, child);
        window_correct(w, name.s, name.len, false);
        said = WINDOW_SAID_GONE;
    }
    if (said == WINDOW_SAID_GONE && (r->mask & DISAPPEARS)) {
        track_synthetic(t, dir, name, IN_CREATE | isdir);
        window_correct(w, name.s, name.len, true);
    }
}

void doubt_told(struct track *t, nodeid dir, const struct raw *r)
{
    struct str name = { r->name, r->namelen };
    nodeid child = child_of(t, dir, r);
    bool isdir = r->mask & IN_ISDIR;
    bool file = t->snapshot != NULL && snapshot_has(t->snapshot, dir, name.s, name.len);
    struct window *w = window_of(t, dir);
    bool is_there = child != NODE_NONE && !(tree_node(t->tree, child)->flags & NODE_LISTED);

    if (w != NULL && window_covers(w, name.s, name.len)) {
        doubt_window(t, dir, r, w);
        return;
    }
    if (r->mask & APPEARS) {
        /* A file can be renamed over a file, and a directory over an empty one. */
        bool over = r->mask & IN_MOVED_TO;

        if (file && (isdir || !over))
            tell_gone(t, dir, name, false);
        if (is_there && !(isdir && over && track_sure(t) && t->snapshot == NULL &&
                          tree_node(t->tree, child)->child == NODE_NONE))
            tell_gone(t, dir, name, true);
    } else if (r->mask & DISAPPEARS) {
        if (isdir ? file : is_there)
            tell_gone(t, dir, name, !isdir);
        if (isdir && child != NODE_NONE)
            track_announce_node(t, child);
        else if (isdir && track_has_all(t, dir))
            track_synthetic(t, dir, name, IN_CREATE | IN_ISDIR);
        if (!isdir && t->snapshot != NULL && !file)
            track_synthetic(t, dir, name, IN_CREATE);
    }
}

void track_resync(struct track *t)
{
    t->overflowed = t->put_off = false;
    t->owing = t->resync_owed ? OWED_MOST : 0;
    t->resync_owed = false;
    remove_gone(t);
    t->walk = WALK_RESYNC;
    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid id = tree_root(t->tree, i);

        if (id == NODE_NONE || (tree_node(t->tree, id)->flags & (NODE_FILE | NODE_GONE)))
            continue;
        /* A path that is followed may lead nowhere, or elsewhere: then it is looked at again. */
        if (t->pursuit != NULL && tree_node(t->tree, id)->wd < 0)
            continue;
        if (t->snapshot != NULL || ask_covers(t, id))
            track_walk(t, id);
    }
    t->owing = 0;
    later_postpone(t);
    t->compared = backlog_mark(t->backlog);
    track_note(t, NOTE_RESYNCED, NODE_NONE, 0);
}
