/*
 * follow.h - paths, and what they lead to.
 *
 * Owns: an inotify instance of its own, the watches on every directory that a path leads through
 * (those of symbolic links' targets too), and which paths are to be looked at again because one of
 * the names on the way has changed. Must not know: the tree, what is watched at the end of a path,
 * events, who prints what.
 *
 * An instance of its own, since one inode has one watch for an instance: a directory on the way may
 * be watched for the user as well, with another mask and for another time. So what is watched for
 * the way is never printed, and a busy directory on the way takes no room in the user's queue. What
 * order the two queues have among each other is not known: the caller goes by marks (backlog.h).
 *
 * Each directory is armed first and looked at second. Whatever changes after that is queued, and
 * makes the path one that is to be looked at again: so no change is missed, and nothing here ever
 * waits for the disk to come to rest.
 */
#ifndef PYWATCH_FOLLOW_H
#define PYWATCH_FOLLOW_H

#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "buf.h"

struct follow;

/* What a look has found. */
struct follow_found {
    int fd;  /* O_PATH descriptor of it; -1: nothing is there. See follow_close */
    int dir; /* the same of the directory that it is in; -1: the path ends in "." or "..", say */
    char name[NAME_MAX + 1]; /* its name there */
    struct stat st;
    bool blind; /* a directory on the way cannot be watched: names in it change unseen */
    /*
     * What had the path between this look and the one before, and has gone: 'd' for a directory,
     * 'f' for anything else, in order. What the look itself has found is not in it. Lower bound:
     * where the path's end is in another directory than last time, nothing is known.
     */
    struct buf between;
};

/* Where relative paths start. */
struct follow_start {
    int fd;           /* the working directory; -1: it has been removed */
    const char *path; /* its name, or what it was; NULL where it is not known */
};

/* NULL with errno: there is no inotify instance to be had. */
struct follow *follow_new(void);
void follow_free(struct follow *f);

/*
 * A path is to be followed; its number counts up from 0. It is to be looked at, at first. nofollow:
 * a symbolic link at its end is what is meant, not what it leads to.
 */
size_t follow_add(struct follow *f, const char *path, bool nofollow);

/* Takes what is queued. */
void follow_read(struct follow *f);

/* What to wait for, and what the wait has brought: two descriptors, -1 where there is none. */
void follow_pollfd(const struct follow *f, struct pollfd p[2]);
void follow_polled(struct follow *f, const struct pollfd p[2]);

/* The path is to be looked at again: its own watch says so. */
void follow_doubt(struct follow *f, size_t path);
void follow_doubt_all(struct follow *f);

/* The next path to be looked at, which is in doubt no longer then. False: there is none. */
bool follow_next(struct follow *f, size_t *path);
bool follow_doubts(const struct follow *f); /* there is one */

/*
 * Arms the way, and looks. Changes the working directory (inotify.h). `between` of *found is
 * reused, and freed by the caller in the end; the rest need not be set. 0: *found is what the path
 * leads to. Else an errno value: ENOENT, ENOTDIR, ELOOP or EACCES where it leads nowhere (it is in
 * doubt again once that may be different; `between` holds all the same), ENOSPC and others where it
 * cannot be watched.
 */
int follow_look(struct follow *f, size_t path, const struct follow_start *start,
                struct follow_found *found);

/* Lets go of the descriptors: what has been removed lives on while it is open. */
void follow_close(struct follow_found *found);

/* Watches on the way. */
size_t follow_watches(const struct follow *f);

/* For tests: called where the disk may change under our feet, between arming and looking. */
void follow_between(struct follow *f, void (*hook)(void *arg, const char *name), void *arg);

#endif
