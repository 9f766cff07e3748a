/*
 * track_later.c - what waits until the records have caught up with the disk.
 *
 * Owns: the ring of things that wait for a mark, and the windows. A mark passes when every record
 * queued before it was taken has been worked on: then the tree is as the disk was at the mark.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>

#include "inotify.h"
#include "track_impl.h"

#define VAIN 3 /* marks that may pass without any record while a window is in doubt */
#define LAST_TIME UINT64_MAX /* in the serial of a LATER_ORPHAN: it is the second try */

struct window *window_of(const struct track *t, nodeid id)
{
    uint32_t w = tree_node(t->tree, id)->window;

    return w != 0 ? t->windows[w].w : NULL;
}

struct window *window_open(struct track *t, nodeid id, bool whole)
{
    struct node *n = tree_node(t->tree, id);
    uint32_t i = t->free_window_hint > 0 ? t->free_window_hint : 1;

    if (n->window != 0)
        return t->windows[n->window].w;
    while (i < t->nwindows && t->windows[i].w != NULL)
        i++;
    if (i >= t->nwindows) {
        uint32_t cap = t->nwindows > 0 ? t->nwindows * 2 : 16;

        t->windows = reallocarray(t->windows, cap, sizeof(*t->windows));
        if (t->windows == NULL)
            err(1, "out of memory");
        for (uint32_t k = t->nwindows; k < cap; k++)
            t->windows[k].w = NULL;
        i = t->nwindows > 0 ? t->nwindows : 1;
        t->nwindows = cap;
    }
    t->free_window_hint = i + 1;
    n->window = i;
    t->windows[i].serial = ++t->window_serial;
    t->windows[i].told = t->windows[i].vain = 0;
    return t->windows[i].w = window_new(whole);
}

void window_close(struct track *t, nodeid id)
{
    struct node *n = tree_node(t->tree, id);

    if (n->window == 0)
        return;
    window_free(t->windows[n->window].w);
    t->windows[n->window].w = NULL;
    if (n->window < t->free_window_hint)
        t->free_window_hint = n->window;
    n->window = 0;
}

/*
 * Node numbers are used again: an entry counts only where it is the last that was added for its
 * node. Else one for a node that has gone would pass, too early, for its successor.
 */
static uint32_t number_loose(struct track *t, nodeid id)
{
    if (id >= t->nloose) {
        size_t n = t->nloose > 0 ? t->nloose : 64;

        while (n <= id)
            n *= 2;
        t->loose = reallocarray(t->loose, n, sizeof(*t->loose));
        if (t->loose == NULL)
            err(1, "out of memory");
        t->nloose = n;
    }
    return t->loose[id] = ++t->loose_number;
}

void later_add(struct track *t, enum later_kind kind, nodeid id, int32_t wd)
{
    struct later *l;

    if (kind == LATER_LOOSE) {
        struct node *n = tree_node(t->tree, id);

        if (n->flags & NODE_LOOSE) {
            if (t->owing > 0)
                later_owe(t, kind, id);
            return;
        }
        n->flags |= NODE_LOOSE;
        t->put_off = true;
        wd = (int32_t)number_loose(t, id);
    }
    if (t->nlater == t->later_cap) {
        size_t old = t->later_cap, wrapped = t->later_head;

        t->later_cap = old > 0 ? old * 2 : 64;
        t->later = reallocarray(t->later, t->later_cap, sizeof(*t->later));
        if (t->later == NULL)
            err(1, "out of memory");
        for (size_t i = 0; i < wrapped; i++)
            t->later[old + i] = t->later[i];
    }
    l = &t->later[(t->later_head + t->nlater++) % t->later_cap];
    *l = (struct later){ .kind = kind, .mark = backlog_mark(t->backlog), .id = id, .wd = wd };
    l->owed = t->owing;
    t->owed += t->owing > 0;
    l->serial = kind == LATER_WINDOW ? t->windows[tree_node(t->tree, id)->window].serial
                                     : t->told;
}

void later_owe(struct track *t, enum later_kind kind, nodeid id)
{
    for (size_t i = 0; i < t->nlater; i++) {
        struct later *l = &t->later[(t->later_head + i) % t->later_cap];

        if (l->kind == kind && l->id == id && l->owed == 0) {
            l->owed = t->owing;
            t->owed++;
        }
    }
}

void track_sync(struct track *t)
{
    t->sync = SYNC_MARK;
    t->sync_mark = backlog_mark(t->backlog);
}

void later_sync(struct track *t)
{
    if (!backlog_passed(t->backlog, &t->sync_mark))
        return;
    t->sync = SYNC_LATER;
    t->resync_owed = t->overflowed;
    for (size_t i = 0; i < t->nlater; i++)
        t->later[(t->later_head + i) % t->later_cap].owed = OWED_MOST;
    t->owed = t->nlater;
}

bool track_synced(const struct track *t)
{
    return t->sync == SYNC_LATER && t->owed == 0 && !t->resync_owed;
}

/* No record has told of these: they were there before the watch, or changed before the listing. */
static void pass_window(struct track *t, const struct later *l)
{
    nodeid id = l->id;
    struct window *w = window_of(t, id);
    bool finished = l->serial > t->initial_serial; /* --initial tells only that they are there */
    struct window_entry e;
    enum window_verdict v;
    size_t at = 0, unsure = 0;
    struct slot *slot;

    if (w == NULL || t->windows[tree_node(t->tree, id)->window].serial != l->serial)
        return;
    track_announce_node(t, id);
    while ((v = window_next(w, &at, &e)) != WINDOW_NOTHING) {
        struct str name = { e.name, e.len };

        if (v != WINDOW_DOUBT) {
            track_say(t, id, name, v, &e, finished && e.finished);
        } else if (!exchange_was_there(t, id, name, e.kind)) {
            window_doubt(w, name.s, name.len, e.kind);
            unsure++;
        }
    }
    /* It cannot be reached at the moment: the record of why is queued. Where none comes, as for a
     * root that was moved away, it is not asked for ever. */
    slot = &t->windows[tree_node(t->tree, id)->window];
    slot->vain = unsure > 0 && slot->told == t->told ? slot->vain + 1 : 0;
    slot->told = t->told;
    if (unsure > 0 && slot->vain < VAIN)
        later_add(t, LATER_WINDOW, id, -1);
    else
        window_close(t, id);
}

static void pass_orphan(struct track *t, const struct later *l)
{
    nodeid id = tree_by_wd(t->tree, l->wd);

    /* Taken up again under another name meanwhile. */
    if (id != NODE_NONE && !(tree_node(t->tree, id)->flags & NODE_GONE))
        return;
    if (inotify_disarm(t->fd, l->wd) == 0 || id == NODE_NONE)
        return; /* IGNORED comes, and takes the node away */
    /*
     * EINVAL: the directory was deleted, and the watch went with it. Its IGNORED was queued by
     * now; if it has not come after the next mark, it was lost.
     */
    if (l->id == id && l->serial == LAST_TIME) {
        tree_set_wd(t->tree, id, -1);
        track_remove(t, id);
        return;
    }
    later_add(t, LATER_ORPHAN, id, l->wd);
    t->later[(t->later_head + t->nlater - 1) % t->later_cap].serial = LAST_TIME;
}

/* Whether a directory below it is still watched. */
static bool has_armed(struct track *t, nodeid top)
{
    for (nodeid id = tree_next(t->tree, top, top); id != NODE_NONE; id = tree_next(t->tree, id, top))
        if (tree_node(t->tree, id)->wd >= 0)
            return true;
    return false;
}

/*
 * The records have caught up with the moment at which this directory could not be armed, or turned
 * out to be watched under another path. If it is still in the tree, it is to be looked at again.
 */
static void pass_loose(struct track *t, const struct later *l)
{
    struct node *n = tree_node(t->tree, l->id);
    bool warned = n->flags & NODE_WARNED;
    struct buf copy = { 0 };
    struct str name;
    nodeid dir;

    if (!(n->flags & NODE_LOOSE) || t->loose[l->id] != (uint32_t)l->wd)
        return; /* the node has gone; the number may be another's */
    n->flags &= (uint16_t)~NODE_LOOSE;
    t->quiet_told = l->serial;
    if ((n->flags & NODE_QUIET) && !(n->flags & NODE_GONE) && n->wd >= 0) {
        if (track_widen(t, l->id))
            return;
        if (!track_no_news(t)) {
            later_add(t, LATER_LOOSE, l->id, -1); /* it has gone on */
            return;
        }
        /* It keeps its watch, without what set-up left out. */
        if (!doubt_root_is_there(t, l->id) || track_widen(t, l->id))
            return;
    }
    dir = n->parent;
    if ((n->flags & (NODE_GONE | NODE_ROOT)) || tree_node(t->tree, dir)->wd < 0)
        return; /* it comes, or goes, with its parent */
    if ((n->flags & NODE_UNMOUNTED) && has_armed(t, l->id)) {
        later_add(t, LATER_LOOSE, l->id, -1); /* their own UNMOUNT is about to come */
        return;
    }
    t->quiet_told = l->serial;
    t->quiet = track_no_news(t);
    if (n->wd >= 0) {
        t->walk = WALK_RESYNC;
        track_walk(t, l->id);
        later_postpone(t);
        if (!(n->flags & NODE_REPLACED)) {
            t->quiet = false;
            return;
        }
    } else if (t->mended && n->ino != 0 && !(n->flags & (NODE_LISTED | NODE_UNMOUNTED))) {
        /* It was watched, and was deleted: its DELETE was lost. */
        n->flags |= NODE_REPLACED;
    }
    track_announce_node(t, l->id);
    name = tree_name(t->tree, l->id);
    buf_put(&copy, name.s, name.len);
    name.s = copy.data;
    if (n->flags & NODE_REPLACED) {
        track_synthetic(t, dir, name, IN_DELETE | IN_ISDIR);
        track_synthetic(t, dir, name, IN_CREATE | IN_ISDIR);
    }
    track_retire(t, l->id);
    t->mute = warned;
    track_take_up(t, dir, name);
    t->mute = t->quiet = false;
    buf_free(&copy);
}

void later_postpone(struct track *t)
{
    for (size_t i = 0; i < t->nlater; i++) {
        struct later *l = &t->later[(t->later_head + i) % t->later_cap];

        if (l->kind == LATER_WINDOW)
            l->mark = backlog_mark(t->backlog);
    }
}

bool later_run(struct track *t)
{
    /* What is put off again waits for the next turn: the queue may have to be read for it, and a
     * path that is followed to be looked at. */
    for (size_t due = t->nlater; due > 0; due--) {
        struct later l = t->later[t->later_head];

        if (!backlog_passed(t->backlog, &l.mark))
            return true;
        t->later_head = (t->later_head + 1) % t->later_cap;
        t->nlater--;
        t->owed -= l.owed > 0;
        t->owing = l.owed > 0 ? l.owed - 1 : 0;
        switch (l.kind) {
        case LATER_WINDOW:
            pass_window(t, &l);
            break;
        case LATER_ORPHAN:
            pass_orphan(t, &l);
            break;
        case LATER_LOOSE:
            pass_loose(t, &l);
            break;
        case LATER_FINISH:
            finish_run(t);
            break;
        case LATER_NOISE:
            t->noise_noted = false;
            if (t->nlater == 0)
                noise_clear(t->noise);
            break;
        }
        t->owing = 0;
    }
    return t->nlater > 0;
}
