/*
 * scan_setup.c - the walk of set-up: what is there is watched, and nothing is told of it.
 *
 * A directory is opened, armed through that descriptor, and then looked at: where its link count
 * says that nothing is below it, it is not listed. One that is made in it later has its CREATE
 * queued. Opening it, but for O_PATH, and listing it make records of our own (OPEN, ACCESS,
 * CLOSE_NOWRITE) in its watch and its parent's, so these three are left out of a watch until all that
 * is below it is done.
 *
 * Most directories have nothing below them. Where that is to be expected they are armed by their
 * names, and looked at by their names, while their parent is our working directory: that takes
 * three quarters of the time. What is looked at has to be what the listing showed. Then the watch
 * could be on another directory only if that one came and went between the listing and the look,
 * and then the name has a CREATE or MOVED_TO in the queue, which makes track take it up anew (Race
 * 70). Where the expectation was wrong, the watch has its whole mask while we list: what we cause then
 * is not told (is_noise in track.c).
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "inotify.h"
#include "scan_impl.h"

#define OPEN_STEPS 128 /* directories on the way down that keep their descriptor, at most */
#define DEPTHS 32
#define ENTRY_MOST 1024 /* more than an entry of a listing can take */

/* Whether link counts of directories tell that they have no subdirectories. */
enum counts { COUNTS_NEVER, COUNTS_ALWAYS, COUNTS_PERHAPS };

/* A directory on the way down. */
struct step {
    nodeid id;
    int fd;      /* -1: closed to save descriptors */
    bool reads;  /* fd is no O_PATH one */
    int32_t wd;  /* -1: it could not be armed */
    size_t todo; /* its own part of the list begins here */
    dev_t dev;
    nlink_t nlink;
    bool counts; /* the link counts of what is in it can be trusted */
};

/* A directory that is to be visited. */
struct todo {
    nodeid id;
    int32_t wd; /* the watch that was set by its name; else -1 */
};

/* A subdirectory in the part of a listing that is being worked on. */
struct child {
    nodeid id;
    const char *name;
    ino_t ino;
    int32_t wd; /* -1: not armed */
    bool leaf;  /* nothing is below it: it has its full mask */
};

struct walker {
    struct scan *scan;
    struct step *steps;
    size_t nsteps, step_cap, open_steps;
    struct todo *todo;
    size_t ntodo, todo_cap;
    struct child *children;
    size_t child_cap;
    bool leafy[DEPTHS]; /* the last one this deep had nothing below it: so has the next, mostly */
    dev_t dev;          /* of which `counts` was found out; 0: none */
    enum counts counts;
};

static void *grown(void *p, size_t *cap, size_t size, size_t least)
{
    *cap = *cap > 0 ? *cap * 2 : least;
    p = reallocarray(p, *cap, size);
    if (p == NULL)
        err(1, "out of memory");
    return p;
}

static void push_todo(struct walker *w, nodeid id, int32_t wd)
{
    if (w->ntodo == w->todo_cap)
        w->todo = grown(w->todo, &w->todo_cap, sizeof(*w->todo), 64);
    w->todo[w->ntodo++] = (struct todo){ id, wd };
}

static struct step *push_step(struct walker *w, nodeid id, int fd, bool reads, int32_t wd,
                              const struct stat *st)
{
    if (w->nsteps == w->step_cap)
        w->steps = grown(w->steps, &w->step_cap, sizeof(*w->steps), 64);
    w->steps[w->nsteps++] = (struct step){
        .id = id, .fd = fd, .reads = reads, .wd = wd, .todo = w->ntodo, .dev = st->st_dev,
        .nlink = st->st_nlink
    };
    if (w->nsteps > w->open_steps) {
        struct step *old = &w->steps[w->nsteps - w->open_steps - 1];

        if (old->fd >= 0)
            close(old->fd);
        old->fd = -1;
    }
    return &w->steps[w->nsteps - 1];
}

static void tick(struct walker *w, enum scan_point point, nodeid id)
{
    w->scan->hooks.tick(w->scan->hooks.arg, point, id);
}

static void failed(struct walker *w, nodeid id, int error)
{
    w->scan->hooks.failed(w->scan->hooks.arg, id, error);
}

/*
 * ext4 gives a directory with very many subdirectories the count 1, as btrfs does for all; others
 * count right or give 1 too. What a server or a program in user space makes up is not to be
 * trusted.
 */
static enum counts counts_of(int fd)
{
    struct statfs fs;

    if (fstatfs(fd, &fs) < 0)
        return COUNTS_NEVER;
    switch ((uint32_t)fs.f_type) {
    case 0xef53:     /* ext2, ext3, ext4 */
    case 0x58465342: /* xfs */
    case 0x01021994: /* tmpfs */
    case 0xf2f52010: /* f2fs */
        return COUNTS_ALWAYS;
    case 0x6969:     /* nfs */
    case 0x517b:     /* smb */
    case 0xff534d42: /* cifs */
    case 0xfe534d42: /* smb2 */
    case 0x01021997: /* 9p */
    case 0x00c36400: /* ceph */
    case 0x65735546: /* fuse */
        return COUNTS_NEVER;
    }
    return COUNTS_PERHAPS;
}

/*
 * Whether the link counts of what this directory shows can be trusted. Elsewhere (overlayfs shows
 * those of the file system below it, or 1) they are where it has at least one subdirectory, and its
 * own count is that of its listing.
 */
static bool trusts(struct walker *w, const struct step *p, int fd, size_t dirs, bool whole)
{
    if (w->dev != p->dev || w->dev == 0) {
        w->dev = p->dev;
        w->counts = counts_of(fd);
    }
    return w->counts == COUNTS_ALWAYS ||
           (w->counts == COUNTS_PERHAPS && whole && dirs > 0 && p->nlink == 2 + dirs);
}

/* What was found out about a directory goes into the tree. False: it is not to be listed. */
static bool settle(struct walker *w, nodeid id, int32_t wd, ino_t ino, dev_t dev)
{
    struct node *n = tree_node(w->scan->tree, id);

    if (w->scan->hooks.armed(w->scan->hooks.arg, id, wd) != SCAN_LIST)
        return false;
    n->ino = ino;
    n->dev = reach_dev(dev);
    return true;
}

static void not_quiet(struct walker *w, nodeid id)
{
    tree_node(w->scan->tree, id)->flags &= (uint16_t)~NODE_QUIET;
}

/* An entry of the working directory that most likely has nothing below it. */
static void look_by_name(struct walker *w, struct child *c, dev_t dev)
{
    struct stat st;

    tick(w, SCAN_OPENED, c->id);
    c->wd = inotify_arm(w->scan->fd, c->name, w->scan->full | IN_DONT_FOLLOW | IN_MASK_ADD);
    if (c->wd < 0)
        return;
    tick(w, SCAN_ARMED, c->id);
    /* Another inode than the listing shows: a mount, of which no record tells. */
    c->leaf =
        lstat(c->name, &st) == 0 && st.st_nlink == 2 && st.st_dev == dev && st.st_ino == c->ino;
    if (c->leaf)
        tick(w, SCAN_LISTED, c->id);
}

/* Whether directories as deep as what is in the last step have nothing below them, mostly. */
static bool *leafy(struct walker *w)
{
    return &w->leafy[w->nsteps < DEPTHS ? w->nsteps : DEPTHS - 1];
}

/*
 * The subdirectories of the directory p, which is our working directory, in the order of the
 * listing. What is not done with then is put on the list.
 */
static void do_children(struct walker *w, const struct step *p, size_t n)
{
    struct scan *s = w->scan;

    for (size_t i = 0; i < n; i++) {
        struct child *c = &w->children[i];

        /* A one-shot watch would end with what we cause where the guess is wrong. */
        if (p->counts && *leafy(w) && !s->one_fs && s->nexcluded == 0 && !(s->full & IN_ONESHOT)) {
            look_by_name(w, c, p->dev);
            *leafy(w) = c->leaf;
        }
        if (!c->leaf)
            push_todo(w, c->id, c->wd);
        else if (settle(w, c->id, c->wd, c->ino, p->dev))
            not_quiet(w, c->id);
    }
}

/* Reads as much of a listing as the buffer holds. *whole: that was all. */
static ssize_t read_listing(struct walker *w, int fd, bool *whole)
{
    ssize_t len = 0, got;

    do {
        got = getdents64(fd, w->scan->listing + len, (size_t)(LISTING - len));
        if (got > 0)
            len += got;
    } while (got > 0 && LISTING - len >= ENTRY_MOST);
    *whole = got <= 0;
    /* A directory that was removed while it was open reads as ENOENT: it is empty. */
    return got < 0 && errno != ENOENT && len == 0 ? -1 : len;
}

/* Gives a node to each subdirectory in that part of a listing. Returns how many there are. */
static size_t take_names(struct walker *w, nodeid id, int fd, size_t len, size_t *dirs)
{
    struct scan *s = w->scan;
    size_t n = 0;

    *dirs = 0;
    for (size_t at = 0; at < len;) {
        const struct dirent64 *d = (const void *)(s->listing + at);
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
            w->children = grown(w->children, &w->child_cap, sizeof(*w->children), 128);
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
 * Lists the step, which is our working directory if we are inside of it, and does or puts on the list
 * what is in it.
 */
static void list(struct walker *w, struct step *p, bool inside)
{
    int fd = p->reads ? p->fd : inside ? open(".", OPEN_FLAGS) : open_closed(p->fd);
    bool whole = false, first = true;

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
        n = take_names(w, p->id, fd, (size_t)len, &dirs);
        tick(w, SCAN_LISTED, p->id);
        if (n == 0)
            continue;
        p->counts = inside && trusts(w, p, fd, dirs, whole && first);
        first = false;
        do_children(w, p, n);
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

/*
 * Arms the directory c is open on, and lists it where it has to be. c is taken over; reads: it is no
 * O_PATH one. by_name: the watch that was set by its name, or -1.
 */
static void visit(struct walker *w, nodeid id, int c, bool reads, const struct step *above,
                  int32_t by_name)
{
    struct scan *s = w->scan;
    dev_t dev = above != NULL ? above->dev : 0;
    bool counts = above != NULL && above->counts, inside = false;
    struct stat st;
    int32_t wd = -1;
    int error = 0;

    if ((s->one_fs || s->nexcluded > 0) && (fstat(c, &st) < 0 || scan_leaves_out(s, id, &st))) {
        error = EXDEV;
        goto fail;
    }
    tick(w, SCAN_OPENED, id);
    wd = inotify_arm_inside(s->fd, c, s->mask | IN_MASK_ADD, &inside);
    if (by_name >= 0 && by_name != wd)
        s->hooks.stray(s->hooks.arg, by_name);
    if (wd < 0 && (errno != ENOSPC || !s->hooks.go_on(s->hooks.arg, id))) {
        error = errno;
        goto fail;
    }
    if (fstat(c, &st) < 0 || (wd >= 0 && !settle(w, id, wd, st.st_ino, st.st_dev))) {
        close(c);
        return;
    }
    tick(w, SCAN_ARMED, id);
    *leafy(w) = counts && st.st_nlink == 2 && st.st_dev == dev;
    if (!*leafy(w)) {
        list(w, push_step(w, id, c, reads, wd, &st), inside);
        return;
    }
    if (wd < 0 || s->full == s->mask)
        close(c);
    else if (arm_rest(w, c, reads) == wd)
        not_quiet(w, id);
    tick(w, SCAN_LISTED, id);
    return;
fail:
    close(c);
    failed(w, id, error);
}

/* All below it has been listed: its watch gets the rest of its mask. Else track_unquiet does that.
 */
static void leave(struct walker *w)
{
    struct step *p = &w->steps[--w->nsteps];
    struct scan *s = w->scan;
    int32_t wd;

    if (p->fd < 0)
        return;
    if (p->wd < 0 || s->full == s->mask) {
        close(p->fd);
        return;
    }
    wd = arm_rest(w, p->fd, p->reads);
    if (wd == p->wd)
        not_quiet(w, p->id);
    else if (wd >= 0)
        s->hooks.stray(s->hooks.arg, wd);
}

/* The next directory that waits below the last step. */
static void descend(struct walker *w, struct step *p)
{
    struct scan *s = w->scan;
    const struct todo d = w->todo[--w->ntodo];
    /* Where it will most likely have to be listed, one descriptor does for all. */
    bool reads = !*leafy(w);
    int fd;

    if (p->fd < 0) {
        p->fd = reach_open(s->reach, p->id);
        p->reads = false;
    }
    fd = p->fd < 0 ? -1 : openat(p->fd, scan_name(s, d.id), OPEN_FLAGS | (reads ? 0 : O_PATH));
    if (fd >= 0) {
        visit(w, d.id, fd, reads, p, d.wd);
        return;
    }
    failed(w, d.id, errno);
    if (d.wd >= 0)
        s->hooks.stray(s->hooks.arg, d.wd);
}

/* A quarter of what this process may have open. */
static size_t open_steps(void)
{
    struct rlimit r;
    size_t n = OPEN_STEPS;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur / 4 < n)
        n = (size_t)(r.rlim_cur / 4);
    return n > 0 ? n : 1;
}

void scan_setup(struct scan *s, nodeid top, uint32_t full)
{
    struct walker w = { .scan = s, .open_steps = open_steps() };
    int fd = scan_open_top(s, top, O_PATH);

    memset(w.leafy, true, sizeof(w.leafy));
    s->full = full;
    if (fd < 0)
        failed(&w, top, errno);
    else
        visit(&w, top, fd, false, NULL, -1);
    while (w.nsteps > 0) {
        struct step *p = &w.steps[w.nsteps - 1];

        if (w.ntodo == p->todo)
            leave(&w);
        else
            descend(&w, p);
    }
    scan_go_home(s);
    free(w.steps);
    free(w.todo);
    free(w.children);
}
