/*
 * track_rename.c - the halves of a rename.
 *
 * Owns: which MOVED_FROM and MOVED_TO belong together, and what a rename does to the tree. The
 * kernel queues both halves in one rename(2), under the locks of both directories, so no other
 * record that names an entry of these two directories can lie between them; records of elsewhere
 * can. The second half is looked for ahead, and both are worked on as one.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "track_impl.h"

#define HALVES 256 /* renames that can be under way at once: one a thread in rename(2) */
#define EXCHANGE_AHEAD 4096
#define FILL (1024 * 1024)

/* MOVED_FROM whose other half was not queued yet: a ring, by cookie. */
struct half {
    uint32_t cookie;
    struct buf path;
};

struct halves {
    struct half ring[HALVES];
    unsigned next;
};

void halves_free(struct halves *h)
{
    if (h == NULL)
        return;
    for (int i = 0; i < HALVES; i++)
        buf_free(&h->ring[i].path);
    free(h);
}

static void put_path(struct track *t, nodeid dir, struct str name, struct buf *out)
{
    out->len = 0;
    tree_path(t->tree, dir, true, out);
    buf_put(out, name.s, name.len);
}

static void halves_add(struct track *t, nodeid dir, const struct raw *r)
{
    struct half *h;

    if (t->halves == NULL && (t->halves = calloc(1, sizeof(*t->halves))) == NULL)
        err(1, "out of memory");
    h = &t->halves->ring[t->halves->next++ % HALVES];
    h->cookie = r->cookie;
    put_path(t, dir, (struct str){ r->name, r->namelen }, &h->path);
}

bool halves_find(struct track *t, uint32_t cookie, struct str *path)
{
    for (int i = 0; t->halves != NULL && i < HALVES; i++) {
        struct half *h = &t->halves->ring[i];

        if (h->cookie == cookie && cookie != 0) {
            *path = (struct str){ h->path.data, h->path.len };
            h->cookie = 0;
            return true;
        }
    }
    return false;
}

static bool same_name(const struct raw *a, const struct raw *b)
{
    return a->namelen == b->namelen && memcmp(a->name, b->name, a->namelen) == 0;
}

/*
 * Finds the MOVED_TO of r. Where it has not been read, waits until the rename(2) that r comes from
 * has let go of its locks and reads once more: after that, it does not come.
 */
static bool find_other_half(struct track *t, nodeid dir, const struct raw *r, struct cursor *at,
                            struct raw *to)
{
    struct cursor c;

    if (!backlog_find_cookie(t->backlog, r->cookie, at)) {
        (void)reach_barrier(t->reach, dir, r->name, r->namelen);
        (void)backlog_fill(t->backlog, FILL);
        if (!backlog_find_cookie(t->backlog, r->cookie, at))
            return false;
    }
    c = *at;
    return backlog_peek(t->backlog, &c, to, NULL);
}

/* The first record behind `at` that names an entry of one of the two directories. */
static bool next_naming(struct track *t, const struct cursor *at, int32_t wd1, int32_t wd2,
                        struct raw *r, struct cursor *found)
{
    struct cursor c = *at;

    for (int i = 0; i < EXCHANGE_AHEAD && backlog_peek(t->backlog, &c, r, found); i++)
        if ((r->wd == wd1 || r->wd == wd2) && (r->mask & (APPEARS | DISAPPEARS)) &&
            r->namelen > 0)
            return true;
    return false;
}

/* Whether, by disk and records, the name was there in that directory behind `at`. */
static bool was_there(struct track *t, nodeid dir, const struct raw *name, struct cursor at)
{
    int32_t wd = tree_node(t->tree, dir)->wd;
    struct stat st;
    struct raw r;
    bool now = reach_stat(t->reach, dir, name->name, name->namelen, &st) == 0;

    /* The disk as of now; the first record up to now about the name says what was before it. */
    (void)backlog_fill(t->backlog, FILL);
    while (backlog_peek(t->backlog, &at, &r, NULL))
        if (r.wd == wd && (r.mask & (APPEARS | DISAPPEARS)) && same_name(&r, name))
            return r.mask & DISAPPEARS;
    return now;
}

struct exchange {
    struct raw from, to; /* the second pair */
    struct cursor from_at, to_at;
};

/*
 * renameat2(2) with RENAME_EXCHANGE gives the records of two renames, a to b and b to a. So does
 * a rename back, but then b is not there afterwards.
 */
static bool find_exchange(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                          const struct raw *to, const struct cursor *to_at, struct exchange *x)
{
    struct cursor behind = *to_at;
    struct raw skip;
    struct stat st;

    backlog_peek(t->backlog, &behind, &skip, NULL);
    if (!next_naming(t, &behind, from->wd, to->wd, &x->from, &x->from_at)) {
        /* After an exchange both names are there. */
        if (reach_stat(t->reach, dir, from->name, from->namelen, &st) < 0)
            return false;
        (void)reach_barrier(t->reach, dir, from->name, from->namelen);
        (void)backlog_fill(t->backlog, FILL);
        if (!next_naming(t, &behind, from->wd, to->wd, &x->from, &x->from_at))
            return false;
    }
    if (!(x->from.mask & IN_MOVED_FROM) || x->from.wd != to->wd || !same_name(&x->from, to))
        return false;
    if (!find_other_half(t, to_dir, &x->from, &x->to_at, &x->to) || x->to.wd != from->wd ||
        !same_name(&x->to, from))
        return false;
    behind = x->to_at;
    backlog_peek(t->backlog, &behind, &skip, NULL);
    return was_there(t, to_dir, to, behind);
}

static nodeid child_of(struct track *t, nodeid dir, const struct raw *r)
{
    return tree_find(t->tree, dir, r->name, r->namelen);
}

/* A directory now has this name: `node` where it is known and armed, else as a new one. */
static void arrive(struct track *t, nodeid node, nodeid dir, const struct raw *to)
{
    struct str name = { to->name, to->namelen };
    nodeid there = child_of(t, dir, to);

    if (there != NODE_NONE && there != node)
        track_retire(t, there);
    if (node != NODE_NONE && tree_within(t->tree, dir, node)) {
        /* Not possible on any disk: the tree is wrong. */
        track_retire(t, node);
        t->overflowed = true;
        return;
    }
    if (node != NODE_NONE &&
        (tree_node(t->tree, node)->wd < 0 ||
         (t->cfg.max_depth >= 0 && tree_depth(t->tree, dir) >= (unsigned)t->cfg.max_depth))) {
        track_retire(t, node);
        node = NODE_NONE;
    }
    if (node == NODE_NONE) {
        track_take_up(t, dir, name);
        return;
    }
    tree_node(t->tree, node)->flags &= (uint16_t)~NODE_LISTED;
    tree_move(t->tree, node, dir, name.s, name.len);
}

static void emit_to(struct track *t, nodeid dir, const struct raw *to, const struct buf *from)
{
    struct str path = { from->data, from->len };

    track_emit(t, dir, to, &path);
}

static void exchanged(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                      const struct raw *to, const struct exchange *x)
{
    bool dirs = t->cfg.recursive;
    nodeid a = dirs && (from->mask & IN_ISDIR) ? child_of(t, dir, from) : NODE_NONE;
    nodeid b = dirs && (x->from.mask & IN_ISDIR) ? child_of(t, to_dir, to) : NODE_NONE;

    /* Both leave before either arrives: whoever follows the records has the right end. */
    track_emit(t, dir, from, NULL);
    if (track_prelude(t, to_dir, &x->from))
        track_emit(t, to_dir, &x->from, NULL);
    put_path(t, dir, (struct str){ from->name, from->namelen }, &t->from);
    (void)track_prelude(t, to_dir, to);
    emit_to(t, to_dir, to, &t->from);
    put_path(t, to_dir, (struct str){ to->name, to->namelen }, &t->from);
    (void)track_prelude(t, dir, &x->to);
    emit_to(t, dir, &x->to, &t->from);
    /* "/" is no entry's name: a place to stand aside. */
    if (a != NODE_NONE)
        tree_move(t->tree, a, dir, "/", 1);
    if (dirs && (x->from.mask & IN_ISDIR))
        arrive(t, b, dir, &x->to);
    if (dirs && (from->mask & IN_ISDIR))
        arrive(t, a, to_dir, to);
}

static void moved_from(struct track *t, nodeid dir, const struct raw *from)
{
    bool isdir = (from->mask & IN_ISDIR) && t->cfg.recursive;
    struct exchange x;
    struct cursor at;
    struct raw to;
    nodeid to_dir = NODE_NONE, node;

    if (!track_prelude(t, dir, from))
        return;
    if (find_other_half(t, dir, from, &at, &to)) {
        to_dir = tree_by_wd(t->tree, to.wd);
        if (to_dir != NODE_NONE && ((tree_node(t->tree, to_dir)->flags & NODE_GONE) ||
                                    track_ignores(t, to.name, to.namelen)))
            to_dir = NODE_NONE;
        if (to_dir != NODE_NONE && find_exchange(t, dir, from, to_dir, &to, &at, &x)) {
            backlog_strike(t->backlog, &at);
            backlog_strike(t->backlog, &x.from_at);
            backlog_strike(t->backlog, &x.to_at);
            exchanged(t, dir, from, to_dir, &to, &x);
            return;
        }
        backlog_strike(t->backlog, &at);
    }
    node = isdir ? child_of(t, dir, from) : NODE_NONE;
    track_emit(t, dir, from, NULL);
    if (to_dir == NODE_NONE) {
        if (node != NODE_NONE)
            track_retire(t, node);
        halves_add(t, dir, from);
        return;
    }
    put_path(t, dir, (struct str){ from->name, from->namelen }, &t->from);
    noise_moved(t->noise, from->wd, from->name, from->namelen, to.wd, to.name, to.namelen);
    (void)track_prelude(t, to_dir, &to);
    emit_to(t, to_dir, &to, &t->from);
    if (isdir)
        arrive(t, node, to_dir, &to);
}

void rename_record(struct track *t, nodeid dir, const struct raw *r)
{
    struct str from;

    if (r->mask & IN_MOVED_FROM) {
        moved_from(t, dir, r);
        return;
    }
    /* Its MOVED_FROM was of a directory that is not watched, or came long before. */
    (void)track_prelude(t, dir, r);
    track_emit(t, dir, r, halves_find(t, r->cookie, &from) ? &from : NULL);
    if ((r->mask & IN_ISDIR) && t->cfg.recursive)
        arrive(t, NODE_NONE, dir, r);
}
