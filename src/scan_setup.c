/*
 * scan_setup.c - the walk of set-up: what is there is watched, and nothing is told of it.
 *
 * A directory is opened, armed through that descriptor, and then looked at: where its link count
 * says that nothing is below it, it is not listed. One that is made in it later has its CREATE
 * queued. Opening it, but for O_PATH, and listing it make records of our own (OPEN, ACCESS,
 * CLOSE_NOWRITE) in its watch and its parent's, so these three are left out of a watch until all
 * that is below it is done.
 *
 * Most directories have nothing below them. Where that is to be expected they are armed by their
 * names, and looked at by their names, while their parent is our working directory: that takes
 * three quarters of the time. What is looked at has to be what the listing showed. Then the watch
 * could be on another directory only if that one came and went between the listing and the look,
 * and then the name has a CREATE or MOVED_TO in the queue, which makes track take it up anew (Race
 * 70). Where the expectation was wrong, the watch has its whole mask while we list: what we cause
 * then is not told (is_noise in track.c).
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inotify.h"
#include "scan_walker.h"

#define ENTRY_MOST 1024 /* more than an entry of a listing can take */

/*
 * With two walkers, each time that the lock is taken counts. These points can be left out then: the
 * queue is read a moment later, so that a watch passes for younger than it is (track_age.c).
 */
static void tick_alone(struct walker *w, enum scan_point point, nodeid id)
{
    if (!w->crew->shared)
        w->scan->hooks.tick(w->scan->hooks.arg, point, id);
}

/* Under the lock. */
static void tick(struct walker *w, enum scan_point point, nodeid id)
{
    w->scan->hooks.tick(w->scan->hooks.arg, point, id);
}

/* Where the lock is not held. */
static void failed(struct walker *w, nodeid id, int error)
{
    crew_lock(w);
    w->scan->hooks.failed(w->scan->hooks.arg, id, error);
    crew_unlock(w);
}

/* Under the lock: what was found out about a directory goes into the tree. False: it is not to be
 * listed. */
static bool settle(struct walker *w, nodeid id, int32_t wd, ino_t ino, dev_t dev)
{
    struct node *n = tree_node(w->scan->tree, id);

    if (w->scan->hooks.armed(w->scan->hooks.arg, id, wd) != SCAN_LIST)
        return false;
    n->ino = ino;
    n->dev = reach_dev(dev);
    w->armed++;
    return true;
}

/* Under the lock. */
static void not_quiet(struct walker *w, nodeid id)
{
    tree_node(w->scan->tree, id)->flags &= (uint16_t)~NODE_QUIET;
}

/*
 * Under the lock. Between our coming to a directory and now, the other walker may have found it
 * where it has been moved to, and its node there has the watch. Then what we saw is older than what
 * the tree says, and no news. (Or it has two paths, as with a bind mount.)
 */
static bool is_elsewhere(struct walker *w, nodeid id, int32_t wd)
{
    nodeid other = w->crew->shared ? tree_by_wd(w->scan->tree, wd) : NODE_NONE;

    return other != NODE_NONE && other != id;
}

/* An entry of the working directory that most likely has nothing below it. */
static void look_by_name(struct walker *w, struct child *c, dev_t dev)
{
    struct stat st;

    tick_alone(w, SCAN_OPENED, c->id);
    c->wd = inotify_arm(w->scan->fd, c->name, w->scan->full | IN_DONT_FOLLOW | IN_MASK_ADD);
    if (c->wd < 0)
        return;
    tick_alone(w, SCAN_ARMED, c->id);
    /* Another inode than the listing shows: a mount, of which no record tells. */
    c->leaf =
        lstat(c->name, &st) == 0 && st.st_nlink == 2 && st.st_dev == dev && st.st_ino == c->ino;
}

/*
 * The subdirectories of the directory p, which is our working directory, in the order of the
 * listing. What is not done with then is put on the list.
 */
static void do_children(struct walker *w, struct step *p, bool counts, size_t n)
{
    struct scan *s = w->scan;
    bool *leafy = crew_leafy(w);
    /* A one-shot watch would end with what we cause where the guess is wrong. */
    bool by_name = counts && !s->one_fs && s->nexcluded == 0 && !(s->full & IN_ONESHOT);

    for (size_t i = 0; i < n; i++) {
        struct child *c = &w->children[i];

        if (by_name && *leafy) {
            look_by_name(w, c, p->dev);
            *leafy = c->leaf;
        }
        crew_lock(w);
        p->counts = counts;
        if (c->leaf)
            tick(w, SCAN_LISTED, c->id);
        if (!c->leaf || is_elsewhere(w, c->id, c->wd))
            crew_push_todo(w, c->id, c->wd);
        else if (settle(w, c->id, c->wd, c->ino, p->dev))
            not_quiet(w, c->id);
        crew_unlock(w);
    }
}

/* Reads as much of a listing as the buffer holds. *whole: that was all. */
static ssize_t read_listing(struct walker *w, int fd, bool *whole)
{
    ssize_t len = 0, got;

    do {
        got = getdents64(fd, w->listing + len, (size_t)(LISTING - len));
        if (got > 0)
            len += got;
    } while (got > 0 && LISTING - len >= ENTRY_MOST);
    *whole = got <= 0;
    /* A directory that was removed while it was open reads as ENOENT: it is empty. */
    return got < 0 && errno != ENOENT && len == 0 ? -1 : len;
}

/*
 * Under the lock: gives a node to each subdirectory in that part of a listing. Returns how many
 * there are.
 */
static size_t take_names(struct walker *w, nodeid id, int fd, size_t len, size_t *dirs)
{
    struct scan *s = w->scan;
    size_t n = 0;

    *dirs = 0;
    for (size_t at = 0; at < len;) {
        const struct dirent64 *d = (const void *)(w->listing + at);
        nodeid child;

        at += d->d_reclen;
        if ((d->d_type != DT_DIR && d->d_type != DT_UNKNOWN) || scan_is_dots(d) ||
            scan_kind(fd, d) != ENTRY_DIR)
            continue;
        ++*dirs;
        child = s->hooks.entry(s->hooks.arg, id, d->d_name, strlen(d->d_name), ENTRY_DIR);
        if (child == NODE_NONE)
            continue;
        if (n == w->child_cap)
            w->children = crew_grown(w->children, &w->child_cap, sizeof(*w->children), 128);
        w->children[n++] =
            (struct child){ .id = child, .name = d->d_name, .ino = d->d_ino, .wd = -1 };
    }
    return n;
}

/* By its descriptor: one that may be read and not entered has no "." for us. */
static int open_closed(int path_fd)
{
    char link[32];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", path_fd);
    return open(link, OPEN_FLAGS & ~O_NOFOLLOW);
}

/*
 * Lists the step, which is our working directory if we are inside of it, and does or puts on the
 * list what is in it.
 */
static void list(struct walker *w, struct step *p, bool inside)
{
    int fd = p->reads ? p->fd : inside ? open(".", OPEN_FLAGS) : open_closed(p->fd);
    bool whole = false, first = true, counts;

    if (fd < 0) {
        failed(w, p->id, errno);
        return;
    }
    while (!whole) {
        ssize_t len = read_listing(w, fd, &whole);
        size_t n, dirs;

        if (len < 0) {
            failed(w, p->id, errno);
            break;
        }
        crew_lock(w);
        n = take_names(w, p->id, fd, (size_t)len, &dirs);
        tick(w, SCAN_LISTED, p->id);
        crew_unlock(w);
        if (n == 0)
            continue;
        counts = inside && counts_trusted(w, p, fd, dirs, whole && first);
        first = false;
        do_children(w, p, counts, n);
    }
    if (fd != p->fd)
        close(fd);
}

/*
 * The rest of the mask for what c is open on, which is closed. To close what was open for reading
 * makes a record, so that comes first, from within. -1: as it is, it stays.
 */
static int32_t arm_rest(struct walker *w, int c, bool reads)
{
    uint32_t mask = w->scan->full | IN_MASK_ADD;
    int32_t wd = -1;

    if (!reads)
        wd = inotify_arm_fd(w->scan->fd, c, mask);
    else if (fchdir(c) < 0)
        reads = false;
    close(c);
    return reads ? inotify_arm(w->scan->fd, ".", mask) : wd;
}

/* Whether the directory is to be left out, or could not be opened. Returns 0, or why. */
static int open_error(struct walker *w, const struct task *task)
{
    struct scan *s = w->scan;
    struct stat st;
    int error = 0;

    if (task->fd >= 0 && !s->one_fs && s->nexcluded == 0)
        return 0;
    crew_lock(w);
    if (task->fd < 0) {
        error = task->error;
        if (task->by_name >= 0)
            s->hooks.stray(s->hooks.arg, task->by_name);
    } else if (fstat(task->fd, &st) < 0 || scan_leaves_out(s, task->id, &st)) {
        error = EXDEV;
    }
    crew_unlock(w);
    return error;
}

/*
 * Under the lock, which is held until this is done: opens and arms it once more, so that it is
 * found here after it was found there, or not at all. Returns 0, or why it is not to be looked at.
 */
static int look_again(struct walker *w, struct task *task, int32_t *wd, bool *inside)
{
    struct scan *s = w->scan;
    const struct step *last = w->nsteps > 0 ? &w->steps[w->nsteps - 1] : NULL;
    bool ours = last != NULL && last->id == task->above.id && last->fd >= 0;
    int dir = ours ? last->fd : crew_reach(w, task->above.id), error = errno;

    close(task->fd);
    task->fd = -1;
    task->reads = false;
    if (dir < 0)
        return error;
    task->fd = openat(dir, scan_name(s, task->id), OPEN_FLAGS | O_PATH);
    error = errno;
    if (!ours)
        close(dir);
    if (task->fd < 0)
        return error;
    *wd = inotify_arm_inside(s->fd, task->fd, s->mask | IN_MASK_ADD, inside);
    return *wd < 0 ? errno : 0;
}

/*
 * What came of arming it. Returns 0, or why it is not to be looked at: ECANCELED, of that all is
 * said.
 */
static int take_armed(struct walker *w, struct task *task, int32_t *wd, int error, bool *inside,
                      struct stat *st)
{
    struct scan *s = w->scan;
    bool known = fstat(task->fd, st) == 0;

    crew_lock(w);
    if (task->by_name >= 0 && task->by_name != *wd)
        s->hooks.stray(s->hooks.arg, task->by_name);
    if (*wd >= 0 && is_elsewhere(w, task->id, *wd)) {
        error = look_again(w, task, wd, inside);
        known = error == 0 && fstat(task->fd, st) == 0;
    }
    if (error == ENOSPC && s->hooks.go_on(s->hooks.arg, task->id))
        error = 0;
    if (error == 0 &&
        (!known || (*wd >= 0 && !settle(w, task->id, *wd, st->st_ino, st->st_dev))))
        error = ECANCELED;
    if (error == 0)
        tick(w, SCAN_ARMED, task->id);
    crew_unlock(w);
    return error;
}

/* Arms the directory. Returns as take_armed. */
static int arm(struct walker *w, struct task *task, int32_t *wd, bool *inside, struct stat *st)
{
    struct scan *s = w->scan;
    int error = open_error(w, task);

    if (error != 0)
        return error;
    tick_alone(w, SCAN_OPENED, task->id);
    *wd = inotify_arm_inside(s->fd, task->fd, s->mask | IN_MASK_ADD, inside);
    return take_armed(w, task, wd, *wd < 0 ? errno : 0, inside, st);
}

/* Arms the directory, and lists it where it has to be. */
static void visit(struct walker *w, struct task *task)
{
    struct scan *s = w->scan;
    const struct step *above = &task->above;
    nodeid id = task->id;
    bool inside = false, whole = false;
    struct step *new;
    struct stat st;
    int32_t wd = -1;
    int error = arm(w, task, &wd, &inside, &st);

    if (error != 0) {
        if (task->fd >= 0)
            close(task->fd);
        if (error != ECANCELED)
            failed(w, id, error);
        return;
    }
    *crew_leafy(w) = above->counts && st.st_nlink == 2 && st.st_dev == above->dev;
    if (!*crew_leafy(w)) {
        crew_lock(w);
        new = crew_push_step(w, &(struct step){ .id = id,
                                                .fd = task->fd,
                                                .reads = task->reads,
                                                .wd = wd,
                                                .dev = st.st_dev,
                                                .nlink = st.st_nlink });
        crew_unlock(w);
        list(w, new, inside);
        return;
    }
    if (wd < 0 || s->full == s->mask)
        close(task->fd);
    else
        whole = arm_rest(w, task->fd, task->reads) == wd;
    crew_lock(w);
    if (whole)
        not_quiet(w, id);
    tick(w, SCAN_LISTED, id);
    crew_unlock(w);
}

/*
 * All below it has been listed: its watch gets the rest of its mask. Else track_unquiet does that.
 */
static void leave(struct walker *w, const struct step *p)
{
    struct scan *s = w->scan;
    int32_t wd;

    if (p->fd < 0)
        return;
    if (p->wd < 0 || s->full == s->mask) {
        close(p->fd);
        return;
    }
    if (p->shared) {
        crew_lock(w);
        crew_keep(w->crew, p);
        crew_unlock(w);
        return;
    }
    wd = arm_rest(w, p->fd, p->reads);
    crew_lock(w);
    if (wd == p->wd)
        not_quiet(w, p->id);
    else if (wd >= 0)
        s->hooks.stray(s->hooks.arg, wd);
    crew_unlock(w);
}

static void walk(struct walker *w)
{
    struct task task;

    for (;;) {
        switch (crew_next(w, &task)) {
        case NEXT_VISIT:
            visit(w, &task);
            break;
        case NEXT_LEAVE:
            leave(w, &task.above);
            break;
        case NEXT_END:
            return;
        }
    }
}

void scan_setup(struct scan *s, nodeid top, uint32_t full)
{
    struct task task = { .id = top, .by_name = -1, .fd = scan_open_top(s, top, O_PATH) };
    struct crew crew;
    struct step kept;

    task.error = errno;
    s->full = full;
    crew_begin(&crew, s, walk);
    visit(&crew.first, &task);
    walk(&crew.first);
    crew_join(&crew);
    while (crew_kept(&crew, &kept))
        leave(&crew.first, &kept);
    crew_end(&crew);
    scan_go_home(s);
}
