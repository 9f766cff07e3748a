/*
 * tree.c - see tree.h.
 *
 * Nodes lie in chunks that never move; numbers instead of pointers keep one at 48 bytes, and the
 * two hash tables add about 12 more.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "tree.h"

#define CHUNK 1024u
#define WD_ROW 8u

struct root {
    char *path;
    nodeid id;
};

struct tree {
    struct node **chunks;
    uint32_t nchunks, chunk_cap;
    uint32_t used; /* numbers given out so far, 0 included */
    nodeid free;   /* removed nodes, by next */
    size_t count, armed;
    uint64_t generation;

    nodeid *by_name; /* chained through hash_next */
    size_t name_cap;
    nodeid *by_wd; /* open addressing: see wd_home */
    size_t wd_cap;

    struct root *roots;
    size_t nroots;
    size_t free_root; /* no root before this one has gone */
    struct names *names;
};

static void *need(void *p)
{
    if (p == NULL)
        err(1, "out of memory for the watched directories");
    return p;
}

struct tree *tree_new(void)
{
    struct tree *t = need(calloc(1, sizeof(*t)));

    t->names = names_new();
    t->used = 1;
    t->name_cap = t->wd_cap = 64;
    t->by_name = need(calloc(t->name_cap, sizeof(nodeid)));
    t->by_wd = need(calloc(t->wd_cap, sizeof(nodeid)));
    return t;
}

void tree_free(struct tree *t)
{
    if (t == NULL)
        return;
    for (uint32_t i = 0; i < t->nchunks; i++)
        free(t->chunks[i]);
    for (size_t i = 0; i < t->nroots; i++)
        free(t->roots[i].path);
    free(t->chunks);
    free(t->roots);
    free(t->by_name);
    free(t->by_wd);
    names_free(t->names);
    free(t);
}

struct node *tree_node(const struct tree *t, nodeid id)
{
    return &t->chunks[id / CHUNK][id % CHUNK];
}

size_t tree_count(const struct tree *t)
{
    return t->count;
}

size_t tree_armed(const struct tree *t)
{
    return t->armed;
}

uint64_t tree_generation(const struct tree *t)
{
    return t->generation;
}

static size_t hash(nodeid parent, const char *name, size_t len)
{
    uint32_t h = 2166136261u ^ (parent * 2654435761u); /* FNV-1a, seeded with the parent */

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h ^ (h >> 15);
}

static const char *node_name(const struct tree *t, const struct node *n)
{
    return names_get(t->names, n->name);
}

void tree_set_root_path(struct tree *t, nodeid root, const char *path)
{
    struct root *r = &t->roots[tree_node(t, root)->name];
    char *copy = need(strdup(path));

    free(r->path);
    r->path = copy;
    t->generation++;
}

void tree_set_root_kind(struct tree *t, nodeid root, bool is_dir)
{
    struct node *n = tree_node(t, root);

    n->flags = (uint16_t)((n->flags & ~NODE_FILE) | (is_dir ? 0 : NODE_FILE));
    t->generation++;
}

struct str tree_name(const struct tree *t, nodeid id)
{
    const struct node *n = tree_node(t, id);

    return (struct str){ node_name(t, n), n->namelen };
}

/* The link that points to the node of that name, or the empty end of its chain. */
static nodeid *name_link(const struct tree *t, nodeid parent, const char *name, size_t len)
{
    nodeid *p = &t->by_name[hash(parent, name, len) & (t->name_cap - 1)];

    while (*p != NODE_NONE) {
        struct node *n = tree_node(t, *p);

        if (n->parent == parent && n->namelen == len &&
            memcmp(node_name(t, n), name, len) == 0)
            break;
        p = &n->hash_next;
    }
    return p;
}

static void grow_names(struct tree *t)
{
    size_t cap = t->name_cap * 2;
    nodeid *old = t->by_name, *table = need(calloc(cap, sizeof(*table)));

    for (size_t i = 0; i < t->name_cap; i++)
        for (nodeid id = old[i], next; id != NODE_NONE; id = next) {
            struct node *n = tree_node(t, id);
            size_t h = hash(n->parent, node_name(t, n), n->namelen) & (cap - 1);

            next = n->hash_next;
            n->hash_next = table[h];
            table[h] = id;
        }
    free(old);
    t->by_name = table;
    t->name_cap = cap;
}

static nodeid new_node(struct tree *t)
{
    nodeid id = t->free;
    struct node *n;

    if (id != NODE_NONE) {
        n = tree_node(t, id);
        t->free = n->next;
    } else {
        if (t->used == t->nchunks * CHUNK || t->nchunks == 0) {
            if (t->nchunks == t->chunk_cap) {
                t->chunk_cap = t->chunk_cap > 0 ? t->chunk_cap * 2 : 16;
                t->chunks =
                    need(reallocarray(t->chunks, t->chunk_cap, sizeof(*t->chunks)));
            }
            t->chunks[t->nchunks++] = need(malloc(CHUNK * sizeof(struct node)));
        }
        id = t->used++;
        n = tree_node(t, id);
    }
    memset(n, 0, sizeof(*n));
    n->wd = -1;
    t->count++;
    return id;
}

/* The node becomes the root of that path. */
static void enter_root(struct tree *t, nodeid id, const char *path)
{
    struct node *n = tree_node(t, id);

    while (t->free_root < t->nroots && t->roots[t->free_root].id != NODE_NONE)
        t->free_root++;
    if (t->free_root == t->nroots) {
        t->roots = need(reallocarray(t->roots, t->nroots + 1, sizeof(*t->roots)));
        t->nroots++;
    }
    t->roots[t->free_root].path = need(strdup(path));
    t->roots[t->free_root].id = id;
    n->name = (uint32_t)t->free_root++;
    n->flags |= NODE_ROOT;
}

nodeid tree_add_root(struct tree *t, const char *path, bool is_dir)
{
    nodeid id = new_node(t);

    enter_root(t, id, path);
    if (!is_dir)
        tree_node(t, id)->flags |= NODE_FILE;
    return id;
}

size_t tree_roots(const struct tree *t)
{
    return t->nroots;
}

nodeid tree_root(const struct tree *t, size_t i)
{
    return t->roots[i].id;
}

const char *tree_root_path(const struct tree *t, nodeid root)
{
    return t->roots[tree_node(t, root)->name].path;
}

/* Takes a place under the parent; the caller has seen to it that it is free. */
static void link_in(struct tree *t, nodeid id, nodeid parent, const char *name, size_t len)
{
    struct node *n = tree_node(t, id), *p = tree_node(t, parent);
    nodeid *slot;

    n->name = names_put(t->names, name, len);
    n->namelen = (uint8_t)len;
    n->parent = parent;
    n->prev = NODE_NONE;
    n->next = p->child;
    if (p->child != NODE_NONE)
        tree_node(t, p->child)->prev = id;
    p->child = id;
    slot = &t->by_name[hash(parent, name, len) & (t->name_cap - 1)];
    n->hash_next = *slot;
    *slot = id;
    t->generation++;
}

/* A second node of that name may be there, hidden: so not by name_link. */
static void unhash(struct tree *t, nodeid id)
{
    struct node *n = tree_node(t, id);
    size_t h = hash(n->parent, node_name(t, n), n->namelen) & (t->name_cap - 1);
    nodeid *p = &t->by_name[h];

    while (*p != id)
        p = &tree_node(t, *p)->hash_next;
    *p = n->hash_next;
}

static void link_out(struct tree *t, nodeid id)
{
    struct node *n = tree_node(t, id);

    t->generation++;
    if (n->flags & NODE_ROOT) {
        t->roots[n->name].id = NODE_NONE;
        free(t->roots[n->name].path);
        t->roots[n->name].path = NULL;
        if (n->name < t->free_root)
            t->free_root = n->name;
        n->flags &= (uint16_t)~NODE_ROOT;
        return;
    }
    if (!(n->flags & NODE_GONE))
        unhash(t, id);
    if (n->prev != NODE_NONE)
        tree_node(t, n->prev)->next = n->next;
    else
        tree_node(t, n->parent)->child = n->next;
    if (n->next != NODE_NONE)
        tree_node(t, n->next)->prev = n->prev;
    names_drop(t->names, n->name, n->namelen);
}

nodeid tree_add(struct tree *t, nodeid parent, const char *name, size_t len)
{
    nodeid id;

    if (t->count >= t->name_cap)
        grow_names(t);
    id = new_node(t);
    link_in(t, id, parent, name, len);
    return id;
}

nodeid tree_find(const struct tree *t, nodeid parent, const char *name, size_t len)
{
    return *name_link(t, parent, name, len);
}

void tree_move(struct tree *t, nodeid id, nodeid parent, const char *name, size_t len)
{
    link_out(t, id);
    tree_node(t, id)->flags &= (uint16_t)~NODE_GONE;
    link_in(t, id, parent, name, len);
}

void tree_uproot(struct tree *t, nodeid id, const char *path)
{
    struct node *n = tree_node(t, id);

    link_out(t, id);
    n->parent = n->next = n->prev = NODE_NONE;
    n->namelen = 0;
    n->flags &= (uint16_t)~NODE_GONE;
    enter_root(t, id, path);
}

void tree_hide(struct tree *t, nodeid id)
{
    struct node *n = tree_node(t, id);

    if (!(n->flags & (NODE_ROOT | NODE_GONE)))
        unhash(t, id);
    n->flags = (uint16_t)((n->flags & ~NODE_LISTED) | NODE_GONE);
}

void tree_remove(struct tree *t, nodeid id)
{
    struct node *n = tree_node(t, id);

    link_out(t, id);
    n->flags = 0;
    n->parent = NODE_NONE;
    n->next = t->free;
    t->free = id;
    t->count--;
}

bool tree_within(const struct tree *t, nodeid id, nodeid ancestor)
{
    while (id != NODE_NONE && id != ancestor)
        id = tree_node(t, id)->parent;
    return id != NODE_NONE;
}

unsigned tree_depth(const struct tree *t, nodeid id)
{
    unsigned depth = 0;

    while ((id = tree_node(t, id)->parent) != NODE_NONE)
        depth++;
    return depth;
}

nodeid tree_next(const struct tree *t, nodeid id, nodeid top)
{
    const struct node *n = tree_node(t, id);

    if (n->child != NODE_NONE)
        return n->child;
    while (id != top) {
        if (n->next != NODE_NONE)
            return n->next;
        id = n->parent;
        n = tree_node(t, id);
    }
    return NODE_NONE;
}

/*
 * wds are given out in a row: a few of them lie side by side, for records come in runs. But rows of
 * these are spread: taking one out of the table costs a walk to the next gap, and all in one row
 * would have none.
 */
static size_t wd_home(const struct tree *t, int32_t wd)
{
    uint32_t row = (uint32_t)wd / WD_ROW, rows = (uint32_t)(t->wd_cap / WD_ROW);

    row = (row * 2654435769u) >> (32 - __builtin_ctz(rows));
    return (size_t)row * WD_ROW + (uint32_t)wd % WD_ROW;
}

static size_t wd_slot(const struct tree *t, int32_t wd)
{
    size_t i = wd_home(t, wd);

    while (t->by_wd[i] != NODE_NONE && tree_node(t, t->by_wd[i])->wd != wd)
        i = (i + 1) & (t->wd_cap - 1);
    return i;
}

static void grow_wds(struct tree *t)
{
    nodeid *old = t->by_wd;
    size_t n = t->wd_cap;

    t->wd_cap *= 2;
    t->by_wd = need(calloc(t->wd_cap, sizeof(*t->by_wd)));
    for (size_t i = 0; i < n; i++)
        if (old[i] != NODE_NONE)
            t->by_wd[wd_slot(t, tree_node(t, old[i])->wd)] = old[i];
    free(old);
}

/* Closes the gap, so that no marks of deleted entries are needed. */
static void forget_wd(struct tree *t, int32_t wd)
{
    size_t hole = wd_slot(t, wd), i = hole;

    for (;;) {
        size_t home;

        i = (i + 1) & (t->wd_cap - 1);
        if (t->by_wd[i] == NODE_NONE)
            break;
        home = wd_home(t, tree_node(t, t->by_wd[i])->wd);
        /* It may move into the hole where its home does not lie between the two. */
        if (((i - home) & (t->wd_cap - 1)) >= ((i - hole) & (t->wd_cap - 1))) {
            t->by_wd[hole] = t->by_wd[i];
            hole = i;
        }
    }
    t->by_wd[hole] = NODE_NONE;
}

void tree_set_wd(struct tree *t, nodeid id, int32_t wd)
{
    struct node *n = tree_node(t, id);

    if (n->wd == wd)
        return;
    if (n->wd >= 0) {
        forget_wd(t, n->wd);
        t->armed--;
    }
    n->wd = wd;
    if (wd < 0)
        return;
    if ((t->armed + 1) * 4 > t->wd_cap * 3)
        grow_wds(t);
    t->by_wd[wd_slot(t, wd)] = id;
    t->armed++;
}

nodeid tree_by_wd(const struct tree *t, int32_t wd)
{
    return wd < 0 ? NODE_NONE : t->by_wd[wd_slot(t, wd)];
}

void tree_path(const struct tree *t, nodeid id, bool slash, struct buf *out)
{
    const struct node *n;
    size_t len = 0, at;
    const char *root;
    size_t rootlen;
    nodeid i;

    for (i = id; n = tree_node(t, i), !(n->flags & NODE_ROOT); i = n->parent)
        len += n->namelen + 1u;
    root = t->roots[n->name].path;
    rootlen = strlen(root);
    if (len > 0 || (slash && !(n->flags & NODE_FILE)))
        slash = slash && (len > 0 || rootlen == 0 || root[rootlen - 1] != '/');
    else
        slash = false;
    /* "dir" and "dir/" both go on with "/name". */
    if (len > 0 && rootlen > 0 && root[rootlen - 1] == '/')
        len--;
    buf_room(out, rootlen + len + 1);
    memcpy(out->data + out->len, root, rootlen);
    at = out->len + rootlen + len;
    for (i = id; n = tree_node(t, i), !(n->flags & NODE_ROOT); i = n->parent) {
        at -= n->namelen;
        memcpy(out->data + at, node_name(t, n), n->namelen);
        if (at > out->len + rootlen)
            out->data[--at] = '/';
    }
    out->len += rootlen + len;
    if (slash)
        buf_putc(out, '/');
}
