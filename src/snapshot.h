/*
 * snapshot.h - what every entry that is not a directory looked like (--snapshot).
 *
 * Owns: for each entry of each watched directory its inode, and a fingerprint of size and time of
 * change. Must not know: the disk, records, what is printed. After an overflow the listing is
 * compared with it, and only what differs is reported.
 */
#ifndef PYWATCH_SNAPSHOT_H
#define PYWATCH_SNAPSHOT_H

#include <sys/stat.h>

#include "tree.h"

struct snapshot;

enum snapshot_verdict {
    SNAPSHOT_NEW,     /* was not known */
    SNAPSHOT_SAME,    /* is as it was */
    SNAPSHOT_CHANGED, /* the same inode, with other content, or it may have */
    SNAPSHOT_REPLACED /* another inode, or another kind of thing */
};

struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *s);

/* Compares the entry with what is known, then remembers it as it is now, and as seen. */
enum snapshot_verdict snapshot_see(struct snapshot *s, nodeid dir, const char *name, size_t len,
                                   const struct stat *st);

/*
 * What was touched looks like this now; st NULL: it cannot be looked at, so whether it changes
 * before the next listing will not be known.
 */
void snapshot_look(struct snapshot *s, nodeid dir, const char *name, size_t len,
                   const struct stat *st);

/* Whether the entry is known to be there. */
bool snapshot_has(const struct snapshot *s, nodeid dir, const char *name, size_t len);

/* A record says that it is there, or has changed: how it looks is to be found out. */
void snapshot_touch(struct snapshot *s, nodeid dir, const char *name, size_t len);

/* A record says that it is gone. */
void snapshot_drop(struct snapshot *s, nodeid dir, const char *name, size_t len);
void snapshot_drop_dir(struct snapshot *s, nodeid dir);

/*
 * Takes the next entry of which it is to be found out how it looks; false where there is none.
 * name is valid until the next call of any function.
 */
bool snapshot_next_touched(struct snapshot *s, nodeid *dir, struct str *name);

/*
 * After a listing: the next entry of dir that was not seen, from *at (0 at first) on. At the end
 * (false) nothing counts as seen any more.
 */
bool snapshot_next_unseen(struct snapshot *s, nodeid dir, uint32_t *at, struct str *name);

size_t snapshot_count(const struct snapshot *s);

#endif
