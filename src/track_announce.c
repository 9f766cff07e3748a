/*
 * track_announce.c - synthetic records about what is found, and what it looks like.
 *
 * Owns: the wording of "this was there before": CREATE, and CLOSE_WRITE where the file is finished.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "track_impl.h"

#define PATIENCE 20000000 /* ns */
#define LEASE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC)

/*
 * A read lease can be had only where nobody has the file open for writing (fcntl(2), F_SETLEASE).
 */
static bool is_leased(int fd)
{
    return fcntl(fd, F_SETLEASE, F_RDLCK) == 0 || errno != EAGAIN;
}

/*
 * Who closes a file counts as one who writes for a moment after his CLOSE_WRITE was queued, or was
 * not because there was no watch yet (Linux 6.18, fs/file_table.c, __fput): microseconds, or as
 * long as he waits for a processor. So it is asked again, but no more than a tenth of the time
 * goes into that, nor more than PATIENCE at once.
 */
static bool is_leased_soon(struct track *t, int fd)
{
    int64_t now = track_now(), rest = t->patience + (now - t->patience_at) / 10;
    struct timespec pause = { .tv_nsec = 20000 };
    bool finished = false;

    rest = rest < PATIENCE ? rest : PATIENCE;
    while (!finished && rest > 0) {
        nanosleep(&pause, NULL);
        rest -= pause.tv_nsec;
        if (pause.tv_nsec < 1000000)
            pause.tv_nsec *= 2;
        (void)backlog_fill(t->backlog, FILL);
        finished = is_leased(fd);
    }
    t->patience = rest;
    t->patience_at = track_now();
    return finished;
}

/*
 * Was the file still open for writing? Where leases cannot be had, it counts as finished. Closes
 * fd.
 */
bool track_is_finished(struct track *t, nodeid dir, struct str name, int fd)
{
    bool finished;

    if (fd < 0)
        return true;
    track_expect_noise(t, dir, tree_node(t->tree, dir)->wd, name,
                       NOISE_OPEN | NOISE_CLOSE | NOISE_BARE);
    finished = is_leased(fd) || is_leased_soon(t, fd);
    close(fd); /* gives the lease back as well */
    return finished;
}

/*
 * The directory is being listed, and has its watch: a file that is finished now was closed before
 * the watch, or its CLOSE_WRITE is queued before the mark that its window waits for. One that is
 * not will have its own. Asked later, both could be.
 */
void track_lease(struct track *t, nodeid dir, const char *name, size_t len)
{
    struct window *w = window_of(t, dir);
    int fd;

    if (w == NULL || !(ask_own(t, dir) & IN_CLOSE_WRITE) || !t->armed_once || t->adding ||
        !window_listed(w, name, len))
        return;
    fd = scan_open(t->scan, name, LEASE_FLAGS);
    if (track_is_finished(t, dir, (struct str){ name, len }, fd))
        window_finished(w, name, len);
}

/* The queue is empty: what records have told of is looked at, before something else changes it. */
void track_look(struct track *t)
{
    struct stat st;
    struct str name;
    nodeid dir;

    while (snapshot_next_touched(t->snapshot, &dir, &name)) {
        bool there = reach_stat(t->reach, dir, name.s, name.len, &st) == 0;

        snapshot_look(t->snapshot, dir, name.s, name.len, there ? &st : NULL);
    }
}

void track_announce(struct track *t, nodeid dir, struct str name, enum entry_kind kind,
                    bool finished)
{
    nodeid child;

    track_synthetic(t, dir, name, IN_CREATE | (kind == ENTRY_DIR ? IN_ISDIR : 0));
    if (t->snapshot != NULL && kind == ENTRY_DIR)
        snapshot_drop(t->snapshot, dir, name.s, name.len);
    else if (t->snapshot != NULL && !snapshot_has(t->snapshot, dir, name.s, name.len))
        snapshot_touch(t->snapshot, dir, name.s, name.len);
    if (kind == ENTRY_DIR) {
        child = tree_find(t->tree, dir, name.s, name.len);
        if (child != NODE_NONE)
            tree_node(t->tree, child)->flags &= (uint16_t)~NODE_LISTED;
    } else if (kind == ENTRY_FILE && finished) {
        track_finished(t, dir, name);
    }
}

void track_finished(struct track *t, nodeid dir, struct str name)
{
    if (ask_own(t, dir) & IN_CLOSE_WRITE)
        track_synthetic(t, dir, name, IN_CLOSE_WRITE);
}

void track_announce_node(struct track *t, nodeid id)
{
    struct node *n = tree_node(t->tree, id);
    enum entry_kind kind = ENTRY_OTHER;
    struct window_entry e;
    struct window *w;
    struct str name;

    if (!(n->flags & NODE_LISTED))
        return;
    if (n->parent == NODE_NONE) {
        pursuit_announce(t, id);
        return;
    }
    track_announce_node(t, n->parent);
    name = tree_name(t->tree, id);
    n->flags &= (uint16_t)~NODE_LISTED;
    w = window_of(t, n->parent);
    /* Something else may have been known under the name. */
    if (t->mended && w != NULL &&
        window_said(w, name.s, name.len, &kind) == WINDOW_SAID_THERE && kind != ENTRY_DIR) {
        track_synthetic(t, n->parent, name, IN_DELETE);
        window_told_dir(w, name.s, name.len);
    }
    if (t->mended && t->snapshot != NULL && snapshot_has(t->snapshot, n->parent, name.s, name.len) &&
        (w == NULL || !window_covers(w, name.s, name.len)))
        track_synthetic(t, n->parent, name, IN_DELETE);
    if (w != NULL && window_record(w, name.s, name.len, IN_OPEN | IN_ISDIR, &e) == WINDOW_REPLACED)
        track_synthetic(t, n->parent, name, IN_DELETE | (e.old == ENTRY_DIR ? IN_ISDIR : 0));
    if (t->snapshot != NULL)
        snapshot_drop(t->snapshot, n->parent, name.s, name.len);
    track_synthetic(t, n->parent, name, IN_CREATE | IN_ISDIR);
}
