/*
 * track.c - records in order. See track.h; what the kernel may have queued and what the disk may
 * already be is said at each step, and doc/HACKING.md lists the races.
 *
 * The tree follows the records: it is as it was when the record that is being worked on was
 * queued. The disk is ahead of that by whatever is still queued. So what a record says is applied
 * to the tree as it stands, and what the disk shows is held back until the records have caught up
 * with it (track_later.c).
 */
#include "config.h"

#include "track_impl.h"

void track_remove(struct track *t, nodeid id)
{
    window_close(t, id);
    ask_drop(t, id);
    if (t->snapshot != NULL)
        snapshot_drop_dir(t->snapshot, id);
    tree_remove(t->tree, id);
}

/* It was asked for by itself, within what covers it, and goes with that. */
static void note_lost(struct track *t, nodeid id)
{
    if ((tree_node(t->tree, id)->flags & (NODE_ASKED | NODE_ROOT | NODE_GONE)) == NODE_ASKED)
        track_note(t, NOTE_ROOT_LOST, id, 0);
}

void track_retire_below(struct track *t, nodeid id)
{
    struct node *n;

    /* What is below has no more to say; what its watches still send is of another place. */
    while ((n = tree_node(t->tree, id))->child != NODE_NONE) {
        nodeid leaf = n->child;
        struct node *l;

        while ((l = tree_node(t->tree, leaf))->child != NODE_NONE)
            leaf = l->child;
        note_lost(t, leaf);
        if (l->wd >= 0) {
            later_add(t, LATER_ORPHAN, NODE_NONE, l->wd);
            track_note(t, NOTE_DROPPED, leaf, 0);
            tree_set_wd(t->tree, leaf, -1);
        }
        track_remove(t, leaf);
    }
}

void track_retire(struct track *t, nodeid id)
{
    const struct node *n = tree_node(t->tree, id);

    track_retire_below(t, id);
    note_lost(t, id);
    if (n->wd < 0) {
        track_remove(t, id);
        return;
    }
    window_close(t, id);
    if (t->snapshot != NULL)
        snapshot_drop_dir(t->snapshot, id);
    /* Its own DELETE_SELF or MOVE_SELF is still to come. It may also be that the watch is on a
     * later directory of the same name (the disk was ahead when it was armed): then that one's
     * CREATE comes before the mark passes, and takes the watch over. */
    tree_hide(t->tree, id);
    later_add(t, LATER_ORPHAN, id, n->wd);
    track_note(t, NOTE_DROPPED, id, 0);
}

void track_say(struct track *t, nodeid dir, struct str name, enum window_verdict what,
               const struct window_entry *e, bool finished)
{
    uint32_t old = IN_DELETE | (e->old == ENTRY_DIR ? IN_ISDIR : 0);
    nodeid child;

    switch (what) {
    case WINDOW_ANNOUNCE:
        track_announce(t, dir, name, e->kind, finished);
        break;
    case WINDOW_VANISHED:
    case WINDOW_REPLACED:
        child = tree_find(t->tree, dir, name.s, name.len);
        track_synthetic(t, dir, name, old);
        if (e->old == ENTRY_DIR && child != NODE_NONE)
            track_retire(t, child);
        if (what == WINDOW_REPLACED)
            track_announce(t, dir, name, e->kind, finished);
        if (t->snapshot != NULL && (what == WINDOW_VANISHED || e->kind == ENTRY_DIR))
            snapshot_drop(t->snapshot, dir, name.s, name.len);
        break;
    case WINDOW_MODIFIED:
        track_synthetic(t, dir, name, IN_MODIFY);
        if (finished)
            track_finished(t, dir, name);
        break;
    case WINDOW_UNTOLD:
        if (t->snapshot != NULL)
            snapshot_drop(t->snapshot, dir, name.s, name.len);
        break;
    case WINDOW_DOUBT:
    case WINDOW_KNOWN:
    case WINDOW_NOTHING:
        break;
    }
}

bool track_prelude(struct track *t, nodeid dir, const struct raw *r)
{
    struct str name = { r->name, r->namelen };
    struct window *w = window_of(t, dir);
    struct window_entry e;
    enum window_verdict v;

    if (tree_node(t->tree, dir)->flags & NODE_LISTED)
        track_announce_node(t, dir);
    /* Closed, or written to, after it was deleted before the watch: that one never appears. */
    if (w != NULL && (!window_strange(w, name.s, name.len, r->mask) ||
                      exchange_stands(t, dir, r))) {
        v = window_record(w, name.s, name.len, r->mask, &e);
        if (v == WINDOW_KNOWN)
            return false;
        /* Its writer's own MODIFY or CLOSE_WRITE shows that it was still open. */
        track_say(t, dir, name, v, &e,
                  e.listed && e.finished &&
                      !(r->mask & (IN_CLOSE_WRITE | IN_MODIFY | IN_DELETE)));
        if (v == WINDOW_ANNOUNCE && !e.listed && (r->mask & IN_MOVED_FROM) &&
            !(r->mask & IN_ISDIR))
            finish_leaves(t, r);
    }
    if (!(r->mask & IN_ISDIR))
        finish_record(t, r);
    if (t->snapshot != NULL && (r->mask & IN_ISDIR)) {
        /* No file has the name any more, or had it: what a listing showed has its own CREATE. */
        if (r->mask & (APPEARS | DISAPPEARS))
            snapshot_drop(t->snapshot, dir, name.s, name.len);
    } else if (t->snapshot != NULL) {
        if (r->mask & DISAPPEARS)
            snapshot_drop(t->snapshot, dir, name.s, name.len);
        else if ((r->mask & APPEARS) || ((r->mask & (IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB)) &&
                                         snapshot_has(t->snapshot, dir, name.s, name.len)))
            snapshot_touch(t->snapshot, dir, name.s, name.len);
    }
    return true;
}

/* The node of a directory has lost its watch: the kernel says so. */
static void ignored_record(struct track *t, nodeid id, const struct raw *r)
{
    struct node *n = tree_node(t->tree, id);

    t->starved.wake = t->starved.n > 0 ? 1 : 0; /* a watch is free: try at once */
    track_emit(t, id, r, NULL);
    tree_set_wd(t->tree, id, -1);
    if (n->flags & NODE_GONE) {
        track_remove(t, id);
        return;
    }
    track_note(t, NOTE_DROPPED, id, 0);
    if (n->flags & NODE_ROOT) {
        /* What is below it is on a file system that has gone, or was deleted before it. */
        if (t->pursuit == NULL)
            track_note(t, NOTE_ROOT_LOST, id, 0);
        track_retire_below(t, id);
        pursuit_self(t, id, r->mask);
        if (t->asks != NULL) /* else it stays, for there are only so many */
            track_remove(t, id);
    } else if ((n->flags & NODE_UNMOUNTED) && tree_node(t->tree, n->parent)->dev == n->dev) {
        return; /* it goes with the root of its file system */
    } else if (!(ask_own(t, id) & IN_ONESHOT)) {
        /* Deleted: its parent's DELETE is queued. Unmounted: what was covered is there now. */
        later_add(t, LATER_LOOSE, id, -1);
    }
}

/* The record is of our own making: it is not to be printed. */
static bool is_noise(struct track *t, nodeid id, const struct raw *r)
{
    struct raw late = *r;

    /* Masks that are whole already see what set-up goes on listing, should that be moved to them.
     * Of a directory that others open, set-up says nothing either. */
    if ((r->mask & IN_ISDIR) && backlog_taken(t->backlog) <= t->setup_read)
        return true;
    if (noise_empty(t->noise))
        return false;
    switch (noise_ours(t->noise, r->wd, r->name, r->namelen, r->mask)) {
    case NOISE_OURS:
        return true;
    case NOISE_LATE:
        late.mask = (r->mask & ~(uint32_t)NOISY) | IN_OPEN;
        track_emit(t, id, &late, NULL);
        break;
    case NOISE_OTHER:
        break;
    }
    return false;
}

static void self_record(struct track *t, nodeid id, const struct raw *r)
{
    struct node *n = tree_node(t->tree, id);

    if (r->mask & IN_IGNORED) {
        if ((n->flags & NODE_LISTED) && (n->flags & NODE_ROOT))
            track_announce_node(t, id);
        ignored_record(t, id, r);
        return;
    }
    if ((r->mask & NOISY) && is_noise(t, id, r))
        return;
    if ((n->flags & NODE_GONE) && !(r->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)))
        return;
    if ((n->flags & NODE_GONE) && (n->flags & NODE_LISTED))
        return; /* it was never told of, and its name is another's by now */
    if (n->flags & NODE_LISTED)
        track_announce_node(t, id);
    track_emit(t, id, r, NULL);
    if (r->mask & IN_ATTRIB)
        closed_retry(t, id);
    if (r->mask & IN_UNMOUNT)
        n->flags |= NODE_UNMOUNTED;
    if (t->pursuit != NULL)
        pursuit_self(t, id, r->mask);
    else if ((r->mask & IN_MOVE_SELF) && (n->flags & NODE_ROOT))
        track_root_moved(t, id);
}

static void dir_created(struct track *t, nodeid dir, const struct raw *r)
{
    struct str name = { r->name, r->namelen };
    nodeid child = tree_find(t->tree, dir, name.s, name.len);

    if (child != NODE_NONE && !(tree_node(t->tree, child)->flags & NODE_LISTED) &&
        t->setup_over)
        track_synthetic(t, dir, name, IN_DELETE | IN_ISDIR); /* the record of that was lost */
    track_emit(t, dir, r, NULL);
    if (child != NODE_NONE) {
        struct node *c = tree_node(t->tree, child);

        if (c->flags & NODE_LISTED) {
            /* A listing had shown it, and it has been taken up then. Should another directory
             * have had the name at that time, its DELETE and CREATE follow. */
            c->flags &= (uint16_t)~NODE_LISTED;
            return;
        }
        /* Seen by set-up, which announces nothing: but this one is new, and so is all that is in
         * it. Or its DELETE was lost. */
        track_retire(t, child);
    }
    track_take_up(t, dir, name);
}

/* A half whose other half does not come is a directory that came from, or went, elsewhere. */
static void named_record(struct track *t, nodeid dir, const struct raw *r)
{
    bool isdir = r->mask & IN_ISDIR;
    nodeid child;

    if (tree_node(t->tree, dir)->flags & NODE_GONE)
        return;
    if ((r->mask & NOISY) && is_noise(t, dir, r))
        return;
    if (t->cfg.ignored != NULL && track_ignores(t, r->name, r->namelen))
        return;
    if (r->mask & (IN_MOVED_FROM | IN_MOVED_TO)) {
        rename_record(t, dir, r);
        return;
    }
    if (t->mended)
        doubt_told(t, dir, r);
    if (!track_prelude(t, dir, r))
        return;
    if (!isdir || !(r->mask & (IN_CREATE | IN_DELETE | IN_ATTRIB)) || !ask_covers(t, dir)) {
        track_emit(t, dir, r, NULL);
        return;
    }
    if (r->mask & IN_CREATE) {
        dir_created(t, dir, r);
        return;
    }
    track_emit(t, dir, r, NULL);
    child = tree_find(t->tree, dir, r->name, r->namelen);
    if (child == NODE_NONE)
        return;
    if (r->mask & IN_DELETE)
        track_retire(t, child);
    else {
        if (tree_node(t->tree, child)->wd < 0)
            later_add(t, LATER_LOOSE, child, -1); /* its mode may allow it now */
        closed_retry(t, child);
    }
}

static void record(struct track *t, const struct raw *r)
{
    nodeid id;

    if (r->mask & IN_Q_OVERFLOW) {
        track_emit(t, NODE_NONE, r, NULL);
        track_note(t, NOTE_OVERFLOW, NODE_NONE, 0);
        t->overflows++;
        if (t->cfg.recursive || t->cfg.snapshot || t->asks != NULL)
            track_want_resync(t);
        pursuit_overflow(t);
        return;
    }
    id = tree_by_wd(t->tree, r->wd);
    if (id == NODE_NONE)
        return; /* of a watch that has been taken away, or is about to be */
    t->told++;
    t->doubts = 0;
    if (r->namelen == 0)
        self_record(t, id, r);
    else
        named_record(t, id, r);
}

/* Does what waits for marks that have passed. */
static void caught_up(struct track *t)
{
    if (t->overflowed && backlog_passed(t->backlog, &t->resync_mark))
        track_resync(t);
    if (t->nlater > 0)
        later_run(t);
    if (t->sync == SYNC_MARK)
        later_sync(t);
}

/* Bits that say nothing of what is where. */
#define PLAIN                                                                                      \
    (IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE | IN_OPEN)

/* Nobody waits for records: one of these bits about a file is told, and that is all. Holds until
 * another record has been worked on. */
static bool nobody_waits(const struct track *t)
{
    return t->setup_over && t->nlater == 0 && !t->overflowed && t->sync != SYNC_MARK &&
           !t->mended && t->snapshot == NULL && t->asks == NULL && t->pursuit == NULL &&
           t->cfg.ignored == NULL && finish_empty(t) && noise_empty(t->noise);
}

/*
 * Most records are of this kind, and need not go the long way: a third of the instructions of an
 * event printed as text. False: it has to. (A window whose mark has not passed is in the ring of
 * what waits; one that is still open after that is of doubt.)
 */
static bool plain_record(struct track *t, const struct raw *r)
{
    const struct node *n;
    nodeid id;

    if (r->namelen == 0 || (r->mask & ~(uint32_t)PLAIN) != 0)
        return false;
    id = t->plain_id; /* records come in runs */
    n = tree_node(t->tree, id);
    if (id == NODE_NONE || n->wd != r->wd) {
        id = tree_by_wd(t->tree, r->wd);
        if (id == NODE_NONE)
            return true; /* of a watch that has been taken away, or is about to be */
        n = tree_node(t->tree, id);
        t->plain_id = id;
    }
    if ((n->flags & (NODE_GONE | NODE_LISTED)) != 0 || n->window != 0)
        return false;
    t->told++;
    t->doubts = 0;
    track_emit_plain(t, id, r);
    return true;
}

bool track_run(struct track *t, size_t most)
{
    bool plain = nobody_waits(t);
    struct raw r;
    bool more;

    if (t->pursuit != NULL)
        pursuit_look(t);
    for (; most > 0; most--) {
        /* Before it is taken: the last record that the mark waits for is one of set-up itself. */
        if (!t->setup_over)
            t->setup_over = backlog_passed(t->backlog, &t->setup_mark);
        if (!backlog_next(t->backlog, &r))
            break;
        if (plain && plain_record(t, &r))
            continue;
        record(t, &r);
        caught_up(t);
        plain = nobody_waits(t);
    }
    caught_up(t);
    more = t->pursuit != NULL && pursuit_settle(t);
    if (!backlog_empty(t->backlog) || t->nlater > 0 || t->overflowed)
        return true;
    if (t->snapshot != NULL)
        track_look(t);
    if (t->starved.n > 0)
        starve_retry(t);
    return t->nlater > 0 || more;
}
