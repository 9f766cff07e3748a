/*
 * track.h - raw records become events, and the tree is kept true.
 *
 * Owns: what each record means given all before it: which path a watch descriptor has, which
 * halves of a rename belong together, what a new directory already holds, which watches have to
 * go. Must not know: filters (but for the names that -r is to pass over), formats, output.
 *
 * Called by the loop: track_root for each path, track_setup once, then track_run whenever there is
 * something to read. Every event goes out through the emit hook, in order.
 */
#ifndef PYWATCH_TRACK_H
#define PYWATCH_TRACK_H

#include <poll.h>

#include "backlog.h"
#include "event.h"
#include "tree.h"

/* What pywatch itself did: for --verbose and warnings. */
enum track_note {
    NOTE_WATCHED,   /* a watch was added */
    NOTE_DROPPED,   /* a watch was taken away, or the kernel took it */
    NOTE_UNWATCHED, /* error says why this directory, and all below it, is not watched */
    NOTE_ROOT_MOVED, /* error 0: the path is the new one; else what hindered finding it */
    NOTE_ROOT_LOST, /* a path that the user named is not watched any more; error: the mask */
    NOTE_AWAITED,   /* a followed path leads nowhere; error: why */
    NOTE_BLIND,     /* a directory that a followed path leads through cannot be watched */
    NOTE_OVERFLOW,  /* the kernel lost records */
    NOTE_RESYNCED   /* after that: the tree is true again */
};

/* Points for `between` beside those of scan.h. */
enum track_point {
    TRACK_FOUND = 16, /* --follow: a path was looked up, and what is there is about to be armed */
    TRACK_TAKEN       /* it has its watch */
};

struct track_config {
    uint32_t asked;    /* the events that will be printed */
    uint32_t flags;    /* watch flags of --flags, -P */
    bool recursive;
    bool one_fs;
    bool initial;  /* announce what is there at set-up */
    bool snapshot; /* remember what entries look like, for the time after an overflow */
    bool asks;     /* track_add is used: events bear what was asked for (event.asked) */
    int max_depth; /* -1: no limit */
    const char *const *excluded;
    size_t nexcluded;
    void *arg;
    void (*emit)(void *arg, struct event *ev);
    bool verbose; /* NOTE_WATCHED and NOTE_DROPPED are wanted too */
    void (*note)(void *arg, enum track_note what, const char *path, int error);
    /* True: a directory entry of this name is to be passed over (--ignore). */
    bool (*ignored)(void *arg, const char *name);
    /* For tests: called wherever the disk may change under our feet. May be NULL. */
    void (*between)(void *arg, int point, nodeid id);
};

struct track;

/* The inotify descriptor and the backlog on it stay the caller's. */
struct track *track_new(int fd, struct backlog *b, const struct track_config *cfg);
void track_free(struct track *t);

/*
 * --follow: the roots are paths, whatever these lead to. To be called before the first root.
 * Returns 0, or an errno value: there is no second inotify instance to be had.
 */
int track_follow(struct track *t);

/* For it there are two descriptors more to wait for (-1: none), and what the wait has brought. */
void track_pollfd(const struct track *t, struct pollfd p[2]);
void track_polled(struct track *t, const struct pollfd p[2]);

/*
 * Watches a path, and with `recursive` all below it. Returns 0, or an errno value. ENOSPC: the
 * limit on watches. What leads nowhere is no error where it is followed.
 */
int track_root(struct track *t, const char *path);

/*
 * Afterwards, and only where the config says `asks`: paths that come and go. Each is to be called
 * right after track_synced.
 */
struct track_ask {
    uint32_t events; /* 0: those of the config */
    uint32_t flags;  /* WATCH_FLAG of event.def; those of the config count as well */
    bool recursive;
};

/*
 * Watches the path for this. As inotify_add_watch(2) does, it changes what is asked for where the
 * thing is watched already, and extends that with MASK_ADD; so does `recursive` for all below it.
 * Returns 0 and *wd, or an errno value: nothing has changed then.
 */
int track_add(struct track *t, const char *path, const struct track_ask *ask, int32_t *wd);

/*
 * Takes back what was added: by its path, or where that is NULL by *wd, which is set in any case.
 * What covers it as a part of itself goes on doing so. ENOENT: nothing was asked for by that;
 * EBUSY: it is watched as a part of *of, which is valid until the next call. IGNORED comes, and
 * when track_synced says so once more, track_dropped is to be called.
 */
int track_drop(struct track *t, const char *path, int32_t *wd, const char **of);
void track_dropped(struct track *t, int32_t wd);

/* One watch of all; the path is as in events, without a slash at its end. */
struct track_watch {
    int32_t wd;
    struct str path;
    uint32_t mask; /* what was asked for: events and flags */
    bool recursive;
};

void track_each(struct track *t, void (*each)(void *arg, const struct track_watch *w), void *arg);

/*
 * True, some time after track_sync: all that happened before that call has been handed out. The
 * time is bounded, whatever goes on; track_run has to be called meanwhile, after backlog_fill.
 */
void track_sync(struct track *t);
bool track_synced(const struct track *t);

/* All roots are in place. */
void track_setup(struct track *t);

/*
 * Works off the backlog: `most` records, or all. Returns true where records are left, or where
 * work waits for the queue to be read again: call it again soon, after backlog_fill.
 */
bool track_run(struct track *t, size_t most);

/* So many things are watched; and whether anything could bring one back. */
size_t track_watches(const struct track *t);
uint64_t track_overflows(const struct track *t); /* so often the kernel lost records */
size_t track_needed(const struct track *t); /* after ENOSPC at set-up: so many are wanted */
bool track_hopeless(const struct track *t);

/* CLOCK_MONOTONIC in nanoseconds: track_run is to be called then, whatever happens. 0: never. */
int64_t track_wake(const struct track *t);

const struct tree *track_tree(const struct track *t); /* for tests, and for listing what is watched */

#endif
