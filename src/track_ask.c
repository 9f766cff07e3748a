/*
 * track_ask.c - what each watched thing was asked for, where that differs.
 *
 * Owns: one entry for each node that was asked for by itself: a root, or, with track_add, a
 * directory within what a root covers. Its own events, those of what is below it, and whether it
 * covers what is below it at all. A node without an entry goes by the nearest one above it that
 * covers it. Where nothing can be added (no track_config.asks) there are no entries, and all goes
 * by the config.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>

#include "track_impl.h"

/* MOVE_SELF tells which of two directories was moved: see track_rename.c. */
#define STRUCTURE (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF)
/* The kernel takes UNMOUNT and the like as bits to ask for, and sends them unasked. */
#define EVENTS (IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ISDIR)

/* Open addressing: a power of two, never more than half full. */
struct asks {
    struct ask *slot; /* id NODE_NONE: free */
    size_t cap, n;
    nodeid id; /* the node that was looked up last, as of gen */
    uint64_t gen;
    uint32_t own, below;
    bool covers;
};

struct asks *asks_new(void)
{
    struct asks *a = calloc(1, sizeof(*a));

    if (a == NULL || (a->slot = calloc(16, sizeof(*a->slot))) == NULL)
        err(1, "out of memory");
    a->cap = 16;
    return a;
}

void asks_free(struct asks *a)
{
    if (a != NULL)
        free(a->slot);
    free(a);
}

static size_t home(const struct asks *a, nodeid id)
{
    return (id * 2654435761u) & (a->cap - 1);
}

static size_t find(const struct asks *a, nodeid id)
{
    size_t i = home(a, id);

    while (a->slot[i].id != NODE_NONE && a->slot[i].id != id)
        i = (i + 1) & (a->cap - 1);
    return i;
}

static void grow(struct asks *a)
{
    struct ask *old = a->slot;
    size_t n = a->cap;

    a->cap *= 2;
    if ((a->slot = calloc(a->cap, sizeof(*a->slot))) == NULL)
        err(1, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (old[i].id != NODE_NONE)
            a->slot[find(a, old[i].id)] = old[i];
    free(old);
}

void ask_set(struct track *t, const struct ask *ask)
{
    struct asks *a = t->asks;
    size_t i;

    a->id = NODE_NONE;
    if ((a->n + 1) * 2 > a->cap)
        grow(a);
    i = find(a, ask->id);
    a->n += a->slot[i].id == NODE_NONE;
    a->slot[i] = *ask;
    tree_node(t->tree, ask->id)->flags |= NODE_ASKED;
}

const struct ask *ask_get(const struct track *t, nodeid id)
{
    if (!(tree_node(t->tree, id)->flags & NODE_ASKED))
        return NULL;
    return &t->asks->slot[find(t->asks, id)];
}

void ask_drop(struct track *t, nodeid id)
{
    struct asks *a = t->asks;
    struct node *n = tree_node(t->tree, id);
    size_t hole, i;

    if (!(n->flags & NODE_ASKED))
        return;
    n->flags &= (uint16_t)~NODE_ASKED;
    a->id = NODE_NONE;
    a->n--;
    for (hole = i = find(a, id);;) {
        i = (i + 1) & (a->cap - 1);
        if (a->slot[i].id == NODE_NONE)
            break;
        /* It may move into the hole where its home does not lie between the two. */
        if (((i - home(a, a->slot[i].id)) & (a->cap - 1)) >= ((i - hole) & (a->cap - 1))) {
            a->slot[hole] = a->slot[i];
            hole = i;
        }
    }
    a->slot[hole].id = NODE_NONE;
}

const struct ask *ask_next(const struct track *t, size_t *at)
{
    const struct asks *a = t->asks;

    while (*at < a->cap) {
        const struct ask *ask = &a->slot[(*at)++];

        if (ask->id != NODE_NONE)
            return ask;
    }
    return NULL;
}

/* Records come in runs, so the answers for one node are kept. */
static const struct asks *look_up(const struct track *t, nodeid id)
{
    struct asks *a = t->asks;
    const struct ask *own, *over = NULL;

    if (a->id == id && a->gen == tree_generation(t->tree))
        return a;
    own = ask_get(t, id);
    for (nodeid i = id; i != NODE_NONE && over == NULL; i = tree_node(t->tree, i)->parent) {
        over = ask_get(t, i);
        if (over != NULL && !over->recursive)
            over = NULL;
    }
    a->id = id;
    a->gen = tree_generation(t->tree);
    a->covers = over != NULL;
    a->below = over != NULL ? over->below : 0;
    a->own = own != NULL ? own->own : over != NULL ? over->below : t->cfg.asked | t->cfg.flags;
    return a;
}

uint32_t ask_own(const struct track *t, nodeid id)
{
    if (t->asks == NULL || id == NODE_NONE)
        return t->cfg.asked | t->cfg.flags;
    return look_up(t, id)->own;
}

uint32_t ask_below(const struct track *t, nodeid id)
{
    return look_up(t, id)->below;
}

bool asks_cover(const struct track *t, nodeid id)
{
    return look_up(t, id)->covers;
}

uint32_t ask_dir_mask(uint32_t own)
{
    /* MASK_CREATE is of use for what the user names, not below it. */
    return (own & (IN_ALL_EVENTS | WATCH_FLAGS) & ~(uint32_t)IN_MASK_CREATE) | STRUCTURE |
           IN_ONLYDIR;
}

uint32_t ask_lone_mask(uint32_t own, bool is_dir)
{
    uint32_t mask = own & (EVENTS | WATCH_FLAGS);

    /* Only its MOVED_FROM tells where a MOVED_TO came from. A one-shot watch would end with it. */
    if (is_dir && (mask & IN_MOVED_TO) && !(mask & IN_ONESHOT))
        mask |= IN_MOVED_FROM;
    return mask;
}

uint32_t ask_mask(const struct track *t, nodeid id)
{
    bool is_dir = !(tree_node(t->tree, id)->flags & NODE_FILE);

    if (t->asks == NULL)
        return t->dir_mask;
    return is_dir && asks_cover(t, id) ? ask_dir_mask(ask_own(t, id))
                                       : ask_lone_mask(ask_own(t, id), is_dir);
}
