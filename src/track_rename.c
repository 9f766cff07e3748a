/*
 * track_rename.c - the halves of a rename.
 *
 * Owns: what a rename does to the tree and to the order of what is printed. The kernel queues both
 * halves in one rename(2), under the locks of both directories, so no other record that names an
 * entry of these two directories can lie between them; records of elsewhere can. The second half is
 * looked for ahead (track_exchange.c), and both are worked on as one.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>

#include "track_impl.h"

#define HALVES 256 /* renames that can be under way at once: one a thread in rename(2) */

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

/* Its watch is on a later directory of its name: that one's own CREATE or MOVED_TO is to come. */
static void disown(struct track *t, nodeid id)
{
    struct node *n = tree_node(t->tree, id);

    if (n->wd < 0)
        return;
    later_add(t, LATER_ORPHAN, NODE_NONE, n->wd);
    track_retire_below(t, id);
    window_close(t, id);
    tree_set_wd(t->tree, id, -1);
    n->ino = 0;
}

/* It is not known whether the name is there. */
static void doubt_name(struct track *t, nodeid dir, const struct raw *r)
{
    window_doubt(window_open(t, dir, false), r->name, r->namelen,
                 r->mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER);
    later_add(t, LATER_WINDOW, dir, -1);
}

/* The MOVED_FROM of this cookie may be one half of an exchange. */
static bool is_unsure(const struct track *t, uint32_t cookie)
{
    for (int i = 0; i < UNSURE; i++)
        if (t->unsure[i] == cookie && cookie != 0)
            return true;
    return false;
}

/* --max-depth: a tree that has come to another level loses what is too deep, or gains. */
static void fit_depth(struct track *t, nodeid top)
{
    nodeid id = top;

    while (id != NODE_NONE) {
        if ((tree_node(t->tree, id)->flags & NODE_GONE) ||
            tree_depth(t->tree, id) <= (unsigned)t->cfg.max_depth) {
            id = tree_next(t->tree, id, top);
            continue;
        }
        track_retire(t, id);
        id = top; /* retiring may have taken any other node along */
    }
    t->walk = WALK_SETUP;
    track_walk(t, top);
}

/*
 * What arrives has a node without a watch, so it is a new directory as far as the tree is
 * concerned. Where records were lost, what was told to be in the old one need not be in this one.
 */
static void unknown_arrives(struct track *t, nodeid node, nodeid dir, struct str name)
{
    if (!track_sure(t)) {
        track_synthetic(t, dir, name, IN_DELETE | IN_ISDIR);
        track_synthetic(t, dir, name, IN_CREATE | IN_ISDIR);
    }
    track_retire(t, node);
}

/* A directory now has this name: `node` where it is known and armed, else as a new one. */
static void arrive(struct track *t, nodeid node, nodeid dir, const struct raw *to)
{
    struct str name = { to->name, to->namelen };
    nodeid there;
    unsigned depth;

    if (!ask_covers(t, dir)) {
        if (node != NODE_NONE)
            track_retire(t, node);
        return;
    }
    if (node != NODE_NONE && tree_node(t->tree, node)->wd < 0 &&
        !tree_within(t->tree, dir, node)) {
        unknown_arrives(t, node, dir, name);
        node = NODE_NONE;
    }
    there = child_of(t, dir, to);
    if (node == NODE_NONE && there != NODE_NONE &&
        (tree_node(t->tree, there)->flags & NODE_LISTED)) {
        /* A listing had shown it, and it has been taken up then: as with CREATE. */
        tree_node(t->tree, there)->flags &= (uint16_t)~NODE_LISTED;
        return;
    }
    if (there != NODE_NONE && there != node) {
        if (node != NODE_NONE && tree_within(t->tree, node, there)) {
            track_want_resync(t); /* not possible on any disk: the tree is wrong */
            node = NODE_NONE;
        }
        track_retire(t, there);
    }
    if (node != NODE_NONE && tree_within(t->tree, dir, node)) {
        /* Not possible on any disk: the tree is wrong. */
        track_retire(t, node);
        track_want_resync(t);
        return;
    }
    if (node != NODE_NONE && t->cfg.max_depth >= 0 &&
        tree_depth(t->tree, dir) >= (unsigned)t->cfg.max_depth) {
        track_retire(t, node);
        node = NODE_NONE;
    }
    if (node == NODE_NONE) {
        track_take_up(t, dir, name);
        return;
    }
    depth = tree_depth(t->tree, node);
    tree_node(t->tree, node)->flags &= (uint16_t)~NODE_LISTED;
    tree_move(t->tree, node, dir, name.s, name.len);
    /* Its disk was elsewhere when all was compared: what is below it may not be true. */
    if (t->put_off && !backlog_passed(t->backlog, &t->compared))
        later_add(t, LATER_LOOSE, node, -1);
    if (t->cfg.max_depth >= 0 && tree_depth(t->tree, node) != depth)
        fit_depth(t, node);
}

static void emit_to(struct track *t, nodeid dir, const struct raw *to, const struct buf *from)
{
    struct str path = { from->data, from->len };

    track_emit(t, dir, to, &path);
}

/* What is said before a record may let go of any directory, also of the record's own. */
static bool alive(const struct track *t, nodeid dir, const struct raw *r)
{
    return tree_by_wd(t->tree, r->wd) == dir && !(tree_node(t->tree, dir)->flags & NODE_GONE);
}

/* A MOVED_TO by itself. */
static void comes_alone(struct track *t, nodeid dir, const struct raw *to, const struct str *from)
{
    track_emit(t, dir, to, from);
    if (to->mask & IN_ISDIR)
        arrive(t, NODE_NONE, dir, to);
}

/* A MOVED_FROM of an exchange: what it is about goes, and its node. */
static void goes_alone(struct track *t, nodeid dir, const struct raw *from)
{
    nodeid node = t->cfg.recursive && (from->mask & IN_ISDIR) ? child_of(t, dir, from) : NODE_NONE;

    track_emit(t, dir, from, NULL);
    if (node != NODE_NONE)
        track_retire(t, node);
}

/* The same, of a directory that the records show to be elsewhere than the tree has it. */
static void exchanged_apart(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                            const struct raw *to, const struct exchange *x)
{
    track_want_resync(t);
    if (alive(t, dir, from))
        goes_alone(t, dir, from);
    if (alive(t, to_dir, to))
        goes_alone(t, to_dir, &x->from);
    if (alive(t, to_dir, to))
        comes_alone(t, to_dir, to, NULL);
    if (alive(t, dir, from))
        comes_alone(t, dir, &x->to, NULL);
}

/*
 * The node that is to leave for `to` is above where it would go, as no directory can be: the tree
 * is wrong, and it and all below is somewhere else. Something came to its place.
 */
static void impossible(struct track *t, nodeid dir, nodeid node, const struct raw *to)
{
    track_want_resync(t);
    track_synthetic(t, dir, (struct str){ to->name, to->namelen }, IN_DELETE | IN_ISDIR);
    track_retire(t, node);
    comes_alone(t, dir, to, NULL);
}

static void exchanged(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                      const struct raw *to, const struct cursor *to_at, const struct exchange *x)
{
    bool told;
    nodeid a, b;

    if (t->mended)
        doubt_told(t, to_dir, &x->from);
    told = alive(t, to_dir, to) && track_prelude(t, to_dir, &x->from);
    if (alive(t, to_dir, to))
        (void)track_prelude(t, to_dir, to);
    if (alive(t, dir, from))
        (void)track_prelude(t, dir, &x->to);
    if (!alive(t, dir, from) || !alive(t, to_dir, to)) {
        exchanged_apart(t, dir, from, to_dir, to, x);
        return;
    }
    a = (from->mask & IN_ISDIR) ? child_of(t, dir, from) : NODE_NONE;
    b = (x->from.mask & IN_ISDIR) ? child_of(t, to_dir, to) : NODE_NONE;
    if (a != NODE_NONE && !exchange_moved(t, a, dir, to_dir, exchange_behind(t, to_at)))
        disown(t, a);
    if (b != NODE_NONE && !exchange_moved(t, b, dir, to_dir, exchange_behind(t, &x->to_at)))
        disown(t, b);
    if (a != NODE_NONE && tree_within(t->tree, to_dir, a)) {
        impossible(t, dir, a, &x->to);
        return;
    }
    if (b != NODE_NONE && tree_within(t->tree, dir, b)) {
        impossible(t, to_dir, b, to);
        return;
    }
    /* Both leave before either arrives: whoever follows the records has the right end. */
    track_emit(t, dir, from, NULL);
    if (told)
        track_emit(t, to_dir, &x->from, NULL);
    put_path(t, dir, (struct str){ from->name, from->namelen }, &t->from);
    emit_to(t, to_dir, to, &t->from);
    put_path(t, to_dir, (struct str){ to->name, to->namelen }, &t->from);
    emit_to(t, dir, &x->to, &t->from);
    /* "/" is no entry's name: a place to stand aside. */
    if (a != NODE_NONE)
        tree_move(t->tree, a, dir, "/", 1);
    if (x->from.mask & IN_ISDIR)
        arrive(t, b, dir, &x->to);
    if (from->mask & IN_ISDIR)
        arrive(t, a, to_dir, to);
}

/* What just came goes back; whether something else stands there now is left open. */
static void renamed_back(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                         const struct raw *to)
{
    bool isdir = from->mask & IN_ISDIR;
    nodeid node = isdir ? child_of(t, dir, from) : NODE_NONE;

    track_emit(t, dir, from, NULL);
    put_path(t, dir, (struct str){ from->name, from->namelen }, &t->from);
    (void)track_prelude(t, to_dir, to);
    emit_to(t, to_dir, to, &t->from);
    if (isdir)
        arrive(t, node, to_dir, to);
    doubt_name(t, dir, from);
}

/*
 * Says what has to be said of the place that something is renamed to, before any node is looked
 * at: what is known to be there may have to go. Should that be above the directory from which it
 * comes, which is not possible on any disk, the tree is wrong: the directory goes along, and all
 * is compared.
 */
static void clear_place(struct track *t, nodeid dir, nodeid to_dir, const struct raw *to)
{
    nodeid there = child_of(t, to_dir, to);

    if (there != NODE_NONE && tree_within(t->tree, dir, there))
        track_want_resync(t);
    if (t->mended)
        doubt_told(t, to_dir, to);
    (void)track_prelude(t, to_dir, to);
}

/* stays: what has the name now is known, from a record that was worked on before this one. */
static void moved_from(struct track *t, nodeid dir, const struct raw *from, bool stays)
{
    bool isdir = from->mask & IN_ISDIR;
    struct exchange x;
    struct cursor at;
    struct raw to, again;
    nodeid to_dir = NODE_NONE, node;
    enum answer exchange = NO;
    bool cut = exchange_cut(t, dir);

    if (t->mended)
        doubt_told(t, dir, from);
    if (!track_prelude(t, dir, from))
        return;
    if (exchange_half(t, dir, from, &at, &to)) {
        to_dir = exchange_watched(t, &to);
        /* With stays it has been found out: what lies behind is told after what came. */
        if (to_dir != NODE_NONE && !stays)
            exchange = exchange_find(t, dir, from, to_dir, &to, &at, &x);
        if (exchange == YES) {
            exchanged(t, dir, from, to_dir, &to, &at, &x);
            backlog_strike(t->backlog, &at);
            backlog_strike(t->backlog, &x.from_at);
            backlog_strike(t->backlog, &x.to_at);
            return;
        }
        if (to_dir != NODE_NONE)
            clear_place(t, dir, to_dir, &to);
        if (to_dir != NODE_NONE && !alive(t, to_dir, &to))
            to_dir = NODE_NONE;
        if (!alive(t, dir, from)) {
            backlog_strike(t->backlog, &at);
            if (to_dir != NODE_NONE)
                comes_alone(t, to_dir, &to, NULL);
            return;
        }
        node = isdir ? child_of(t, dir, from) : NODE_NONE;
        if (to_dir != NODE_NONE && node != NODE_NONE && tree_within(t->tree, to_dir, node)) {
            track_want_resync(t); /* into itself: no more possible */
            to_dir = NODE_NONE;
        }
        if (to_dir != NODE_NONE && node != NODE_NONE &&
            !exchange_moved(t, node, dir, to_dir, exchange_behind(t, &at)))
            disown(t, node);
        backlog_strike(t->backlog, &at);
    }
    node = isdir ? child_of(t, dir, from) : NODE_NONE;
    track_emit(t, dir, from, NULL);
    if (to_dir == NODE_NONE) {
        if (node != NODE_NONE)
            track_retire(t, node);
        halves_add(t, dir, from);
        if (!stays && (is_unsure(t, from->cookie) || !exchange_left(t, dir, from, cut)))
            doubt_name(t, dir, from);
        return;
    }
    put_path(t, dir, (struct str){ from->name, from->namelen }, &t->from);
    noise_moved(t->noise, from->wd, from->name, from->namelen, to.wd, to.name, to.namelen);
    emit_to(t, to_dir, &to, &t->from);
    if (isdir)
        arrive(t, node, to_dir, &to);
    if (exchange == UNKNOWN) {
        /* As if it were renamed back: then one question is left. */
        again = x.from;
        backlog_strike(t->backlog, &x.from_at);
        backlog_strike(t->backlog, &x.to_at);
        renamed_back(t, to_dir, &again, dir, &x.to);
        /* And another: what has the name is on the disk in either case, if that can be reached. */
        node = isdir ? child_of(t, dir, from) : NODE_NONE;
        if (node != NODE_NONE)
            later_add(t, LATER_LOOSE, node, -1);
    } else if ((cut || is_unsure(t, from->cookie)) && !stays && alive(t, dir, from) &&
               !exchange_left(t, dir, from, true)) {
        doubt_name(t, dir, from);
    }
}

static void moved_to(struct track *t, nodeid dir, const struct raw *to)
{
    struct raw from;
    struct cursor at;
    struct str path;
    enum answer exchange;

    exchange = exchange_find_half(t, dir, to, &from, &at);
    if (exchange == YES) {
        backlog_strike(t->backlog, &at);
        moved_from(t, dir, &from, true);
    }
    /* Its MOVED_FROM was of a directory that is not watched, or came long before. */
    if (t->mended && exchange != YES)
        doubt_told(t, dir, to);
    (void)track_prelude(t, dir, to);
    comes_alone(t, dir, to, halves_find(t, to->cookie, &path) ? &path : NULL);
    if (exchange == UNKNOWN) /* then it is not known either whether the name is there afterwards */
        t->unsure[t->nunsure++ % UNSURE] = from.cookie;
}

void rename_record(struct track *t, nodeid dir, const struct raw *r)
{
    if (r->mask & IN_MOVED_FROM)
        moved_from(t, dir, r, false);
    else
        moved_to(t, dir, r);
}
