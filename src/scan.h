/*
 * scan.h - walking directories: arm each, then list it.
 *
 * Owns: the walk, its open descriptors, the mask that directories get. Must not know: records,
 * filters, what is printed; it asks its hooks. Called by track, for the roots at set-up and for
 * each directory that appears later.
 *
 * Every directory is opened relative to its parent, armed through that descriptor and listed
 * through it: what is armed is what is listed, whatever its name is by then.
 */
#ifndef PYWATCH_SCAN_H
#define PYWATCH_SCAN_H

#include "reach.h"
#include "tree.h"
#include "window.h"

enum scan_point { SCAN_OPENED, SCAN_ARMED, SCAN_LISTED };

enum scan_answer {
    SCAN_LIST, /* the node has the wd now: list the directory */
    SCAN_SKIP, /* it has not (the wd belongs to another node, say): do not list it */
    SCAN_AGAIN /* the watch has been taken away: arm it once more */
};

struct scan_hooks {
    void *arg;
    bool alone; /* scan_setup: in one thread */
    /* At each point of each directory: the kernel's queue can be emptied here. */
    void (*tick)(void *arg, enum scan_point point, nodeid id);
    /* The directory has been opened, and is about to be armed and listed. */
    void (*opened)(void *arg, nodeid id);
    /* It has the watch descriptor wd. */
    enum scan_answer (*armed)(void *arg, nodeid id, int32_t wd);
    /* scan_setup alone: this watch was set, and no node may have it. */
    void (*stray)(void *arg, int32_t wd);
    /* There are no more watches (ENOSPC). True: walk on, to see how many are needed. */
    bool (*go_on)(void *arg, nodeid id);
    /* An entry of a listing. Where it is a directory to descend into: its node. */
    nodeid (*entry)(void *arg, nodeid dir, const char *name, size_t len, enum entry_kind kind);
    /* The listing of dir is complete. */
    void (*listed)(void *arg, nodeid dir);
    /* Could not be opened, armed or listed: errno. The node has no wd. */
    void (*failed)(void *arg, nodeid id, int error);
};

struct scan;

/* inotify_fd and the others stay the caller's. */
struct scan *scan_new(int inotify_fd, struct tree *t, struct reach *r,
                      const struct scan_hooks *hooks);
void scan_free(struct scan *s);

/* The mask for directories from now on. */
void scan_mask(struct scan *s, uint32_t mask);

/* From within the entry hook: lstat(2) of that entry. */
int scan_stat(struct scan *s, const char *name, struct stat *st);

/* Do not cross into other file systems (-x). */
void scan_one_fs(struct scan *s, bool on);

/* Leave out the directory that this path leads to now (@PATH), and what has that path later. */
void scan_exclude(struct scan *s, const char *path);

/* Opens an entry of the directory that is being listed, with these flags; -1 as openat(2). */
int scan_open(struct scan *s, const char *name, int flags);

/* Arms and lists the directory and all below it that the hooks let it descend into. */
void scan_walk(struct scan *s, nodeid top);
/*
 * The same, where the directory is open for reading: takes over fd. -1: errno says why it is not.
 */
void scan_walk_fd(struct scan *s, nodeid top, int fd);

/*
 * The same at set-up, where what is there is only to be watched: a directory that has no
 * subdirectory, as its link count says, is not listed; `opened` and `listed` are not called. What
 * is done with has the mask `full` in the end, and no NODE_QUIET. A large tree is walked by two
 * threads; the hooks are called by one of them at a time.
 */
void scan_setup(struct scan *s, nodeid top, uint32_t full);

/*
 * Arms an already known directory anew, with `mask`, without opening or listing it. Returns 0, or
 * an errno value: ESTALE where another directory is there now.
 */
int scan_rearm(struct scan *s, nodeid id, uint32_t mask);

#endif
