/*
 * tree.h - the watched directories, and the roots that the user named.
 *
 * Owns: one node a directory (parent, name, watch descriptor, inode), the maps from watch
 * descriptor and from (parent, name) to a node. Must not know: the kernel, records, the disk: the
 * tree says where a directory is according to the records worked on so far, and track keeps it so.
 *
 * Paths are built from the parents when they are wanted; a renamed directory renames all below it
 * at no cost. A node is a number; the struct behind it stays in place until tree_remove.
 */
#ifndef PYWATCH_TREE_H
#define PYWATCH_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"

typedef uint32_t nodeid;
#define NODE_NONE 0u

#define NODE_ROOT 0x01u   /* named by the user; name is the number of the root */
#define NODE_FILE 0x02u   /* not a directory (roots only) */
#define NODE_LISTED 0x08u /* seen in a listing, not yet announced: see window.h */
#define NODE_GONE 0x10u   /* hidden: no longer there, but its last records are still to come */
#define NODE_LOOSE 0x20u  /* stands in track's list of nodes to look at again */
#define NODE_WARNED 0x40u /* a warning about it has been given */
#define NODE_QUIET 0x80u  /* still without OPEN, ACCESS, CLOSE_NOWRITE, though set-up is over */
#define NODE_SEEN 0x100u  /* the listing that is going on has shown it */
#define NODE_STARVED 0x400u  /* waits for a watch to become free */
#define NODE_UNMOUNTED 0x800u /* its file system is being unmounted */
#define NODE_ASKED 0x2000u /* track has an entry of what it was asked for */
#define NODE_TWICE 0x4000u /* can be reached by another path, under which it is watched */
#define NODE_REPLACED 0x200u /* another directory than the known one has its place */

struct node {
    uint64_t ino;
    uint32_t dev; /* as the kernel packs it: 32 bits are all there are */
    int32_t wd;   /* -1: not armed */
    nodeid parent, child, next, prev;
    nodeid hash_next;
    uint32_t name; /* number in names, or of the root */
    uint32_t window; /* number of its window in track, or 0 */
    uint16_t flags;
    uint8_t namelen;
};

struct tree;

struct tree *tree_new(void);
void tree_free(struct tree *t);

struct node *tree_node(const struct tree *t, nodeid id);
size_t tree_count(const struct tree *t); /* nodes, roots included */
size_t tree_armed(const struct tree *t); /* nodes with a watch descriptor */

/* A root. The path is copied as it was given. Numbers of roots that were removed are used again. */
nodeid tree_add_root(struct tree *t, const char *path, bool is_dir);
size_t tree_roots(const struct tree *t);
nodeid tree_root(const struct tree *t, size_t i); /* NODE_NONE once removed */
const char *tree_root_path(const struct tree *t, nodeid root);
void tree_set_root_path(struct tree *t, nodeid root, const char *path);
void tree_set_root_kind(struct tree *t, nodeid root, bool is_dir);

/* Not of a root. Not terminated; valid until the node is moved or removed. */
struct str tree_name(const struct tree *t, nodeid id);

/* There must be no such child yet. */
nodeid tree_add(struct tree *t, nodeid parent, const char *name, size_t len);
nodeid tree_find(const struct tree *t, nodeid parent, const char *name, size_t len);
/* Not into its own subtree; no such child may be there. Roots become plain nodes. */
void tree_move(struct tree *t, nodeid id, nodeid parent, const char *name, size_t len);
/* The other way: a node becomes a root of that path, with all that is below it. */
void tree_uproot(struct tree *t, nodeid id, const char *path);
/*
 * Takes the node's name away from it, so that another child can have it; the node keeps its wd
 * and its path until it is removed. Sets NODE_GONE, and clears NODE_LISTED: what had not been
 * announced by then never is.
 */
void tree_hide(struct tree *t, nodeid id);
/* Has no children and no wd any more. */
void tree_remove(struct tree *t, nodeid id);
bool tree_within(const struct tree *t, nodeid id, nodeid ancestor); /* or the same */
unsigned tree_depth(const struct tree *t, nodeid id);               /* of a root: 0 */

/* The node in pre-order after id within top; NODE_NONE at the end. */
nodeid tree_next(const struct tree *t, nodeid id, nodeid top);

/* wd -1 takes it away. No other node may have that wd. */
void tree_set_wd(struct tree *t, nodeid id, int32_t wd);
nodeid tree_by_wd(const struct tree *t, int32_t wd);

/*
 * Appends the path: a root's is as given. With slash, one stands at the end of a directory's
 * (where the root was given with one, no second one).
 */
void tree_path(const struct tree *t, nodeid id, bool slash, struct buf *out);

/* Counts up whenever a path may have changed: what was built before is stale. */
uint64_t tree_generation(const struct tree *t);

#endif
