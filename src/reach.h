/*
 * reach.h - from a node of the tree to the directory on the disk.
 *
 * Owns: the directory that relative roots start from, and one buffer. Must not know: events,
 * watches. The disk may be ahead of the tree (records are still queued), so what is found under a
 * node's path is compared with the inode that was armed.
 */
#ifndef PYWATCH_REACH_H
#define PYWATCH_REACH_H

#include <sys/stat.h>

#include "tree.h"

struct reach;

/* Remembers the working directory of this moment: roots are relative to it. */
struct reach *reach_new(const struct tree *t);
void reach_free(struct reach *r);

/*
 * The same, with its name as far as that is known (else NULL). -1: it has been removed, and *name
 * is what it was called; once there is a directory of that name again, relative roots start from
 * it.
 */
int reach_begin(struct reach *r, const char **name);
/* Makes it the working directory again, or "/" where that cannot be. */
void reach_leave(const struct reach *r);

int reach_start(const struct reach *r); /* that directory: an O_PATH descriptor, not the caller's */

/*
 * Opens the directory of a node, O_PATH: that makes no event. Paths longer than PATH_MAX are
 * walked in parts. Returns a descriptor for the caller to close, or -1: ESTALE where another
 * directory is there than the one that was armed, else what openat(2) says.
 */
int reach_open(struct reach *r, nodeid id);
/* Whether that can be done, and each directory above it is the one that the tree has there: while
 * the disk is ahead of the tree, a path may lead to the directory through others. */
bool reach_along(struct reach *r, nodeid id);

/* Opens the entry `name` of that directory with these flags; -1 as above. */
int reach_entry(struct reach *r, nodeid dir, const char *name, size_t len, int flags);

/* lstat(2) of the entry; -1 as above. */
int reach_stat(struct reach *r, nodeid dir, const char *name, size_t len, struct stat *st);

/*
 * Returns when every operation that held the lock of this directory at the time of the call has
 * put its records into the queue. The kernel queues what it has to say of a name (both halves of a
 * rename, DELETE after the IGNORED of the directory that is deleted) before it lets go of the lock
 * of the directory; looking up a name that is not cached takes that lock as well (fs/namei.c,
 * lookup_slow). Returns 0, or -1 where the directory cannot be reached.
 */
int reach_barrier(struct reach *r, nodeid dir);

/* Packs st_dev as the kernel does, into the 32 bits that a node has. */
uint32_t reach_dev(dev_t dev);

#endif
