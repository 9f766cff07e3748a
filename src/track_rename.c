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
#include <errno.h>
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

/* Behind the record under this cursor. */
static struct cursor behind(struct track *t, const struct cursor *at)
{
    struct cursor c = *at;
    struct raw r;

    backlog_peek(t->backlog, &c, &r, NULL);
    return c;
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
        (void)reach_barrier(t->reach, dir);
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

enum answer { NO, YES, UNKNOWN };

/*
 * `to` came to a name. If what stands there goes at once, moves *at behind that: true. (A rename
 * over a name says nothing of what was there before.)
 */
static bool skip_return(struct track *t, const struct raw *to, struct cursor *at)
{
    struct cursor c = *at;
    struct raw r;

    while (backlog_peek(t->backlog, &c, &r, NULL)) {
        if (r.wd != to->wd || r.namelen == 0 || !(r.mask & (APPEARS | DISAPPEARS)))
            continue;
        if (!(r.mask & IN_MOVED_FROM) || !same_name(&r, to))
            return false;
        *at = c;
        return true;
    }
    return false;
}

/*
 * Whether, by disk and records, the name was there in that directory behind `at`. Unknown where
 * the directory cannot be reached: a record that is still queued says why.
 */
static enum answer was_there(struct track *t, nodeid dir, struct str name, struct cursor at)
{
    int32_t wd = tree_node(t->tree, dir)->wd;
    struct stat st;
    struct raw r;
    /* The disk as of now; the first record up to now about the name says what was before it. A name
     * is visible a moment before its CREATE is queued. */
    bool now = reach_stat(t->reach, dir, name.s, name.len, &st) == 0;
    bool reached = reach_barrier(t->reach, dir) == 0;

    (void)backlog_fill(t->backlog, FILL);
    while (backlog_peek(t->backlog, &at, &r, NULL)) {
        if (r.wd != wd || !(r.mask & (APPEARS | DISAPPEARS)) || r.namelen != name.len ||
            memcmp(r.name, name.s, name.len) != 0)
            continue;
        if (r.mask & DISAPPEARS)
            return YES;
        if ((r.mask & IN_CREATE) || !skip_return(t, &r, &at))
            return NO;
        /* Something came and went again, or was exchanged once more: the end of it tells. */
    }
    if (!reached)
        return UNKNOWN;
    return now ? YES : NO;
}

bool rename_was_there(struct track *t, nodeid dir, struct str name, enum entry_kind kind)
{
    struct cursor first;
    enum answer there;

    backlog_first(t->backlog, &first);
    there = was_there(t, dir, name, first);
    if (there == YES) {
        track_announce(t, dir, name, kind, true);
        if (kind == ENTRY_DIR && t->cfg.recursive &&
            tree_find(t->tree, dir, name.s, name.len) == NODE_NONE)
            track_take_up(t, dir, name);
    }
    return there != UNKNOWN;
}

/*
 * Something left this name for a place that is not watched. If the name is there all the same, and
 * no record says that it appeared, that record was merged with an equal one (see inotify_merge).
 */
static void left_behind(struct track *t, nodeid dir, const struct raw *from)
{
    struct str name = { from->name, from->namelen };
    struct stat st;

    if (reach_stat(t->reach, dir, name.s, name.len, &st) == 0)
        (void)rename_was_there(t, dir, name,
                               S_ISDIR(st.st_mode)   ? ENTRY_DIR
                               : S_ISREG(st.st_mode) ? ENTRY_FILE
                                                     : ENTRY_OTHER);
}

/*
 * Whether the rename whose last naming record stands before `at` moved the directory that is
 * watched as wd: then its MOVE_SELF follows, before any other record names an entry of the two
 * directories, since the kernel queues it under their locks. If not, what is watched under that
 * node is a later directory of that name: the disk was ahead when it was armed.
 */
static enum answer moved_itself(struct track *t, int32_t wd, int32_t dir1, int32_t dir2,
                                struct cursor at)
{
    struct raw r;

    while (backlog_peek(t->backlog, &at, &r, NULL)) {
        if ((r.mask & IN_MOVE_SELF) && r.wd == wd)
            return YES;
        if ((r.wd == dir1 || r.wd == dir2) && r.namelen > 0 && (r.mask & (APPEARS | DISAPPEARS)))
            return NO;
    }
    return UNKNOWN;
}

/* The same, having seen to it that the record is there if it is to come. */
static bool is_moved(struct track *t, nodeid node, nodeid dir, nodeid to_dir, struct cursor at)
{
    int32_t wd, dir1 = tree_node(t->tree, dir)->wd, dir2 = tree_node(t->tree, to_dir)->wd;
    enum answer moved;

    if (node == NODE_NONE || (wd = tree_node(t->tree, node)->wd) < 0)
        return false;
    moved = moved_itself(t, wd, dir1, dir2, at);
    if (moved == UNKNOWN) {
        bool sure = reach_barrier(t->reach, dir) == 0 || reach_barrier(t->reach, to_dir) == 0;

        (void)backlog_fill(t->backlog, FILL);
        moved = moved_itself(t, wd, dir1, dir2, at);
        if (moved == UNKNOWN)
            return !sure;
    }
    return moved == YES;
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

static uint32_t hash_name(int32_t wd, struct str name)
{
    uint32_t h = 2166136261u ^ ((uint32_t)wd * 2654435761u);

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.s[i]) * 16777619u;
    h ^= h >> 15;
    return h != 0 ? h : 1;
}

void rename_heard(struct track *t, const struct event *ev)
{
    uint32_t h;

    if (!(ev->mask & (APPEARS | DISAPPEARS)))
        return;
    h = hash_name(ev->wd, ev->name);
    if (ev->mask & DISAPPEARS)
        t->gone[h % GONE_NAMES] = h;
    else if (t->gone[h % GONE_NAMES] == h)
        t->gone[h % GONE_NAMES] = 0;
}

/* The last that was said of the name is that it went: nothing can have been exchanged with it. */
static bool known_gone(const struct track *t, int32_t wd, const struct raw *r)
{
    uint32_t h = hash_name(wd, (struct str){ r->name, r->namelen });

    return t->gone[h % GONE_NAMES] == h;
}

/*
 * Something came to a name (`came`), and right after that something went from there (`went`; `at`
 * is behind its records). Was it what had stood there, in an exchange? Else it was what had come,
 * in a rename back.
 */
static enum answer was_exchanged(struct track *t, nodeid dir, const struct raw *came,
                                 nodeid came_node, const struct raw *went, nodeid went_to,
                                 struct cursor came_at, struct cursor at)
{
    nodeid stood;

    if ((came->mask ^ went->mask) & IN_ISDIR)
        return YES;
    if (known_gone(t, came->wd, came))
        return NO;
    if (t->cfg.recursive && (came->mask & IN_ISDIR)) {
        stood = tree_find(t->tree, dir, came->name, came->namelen);
        if (is_moved(t, stood, dir, went_to, at))
            return YES;
        if (is_moved(t, came_node, dir, went_to, at))
            return NO;
        /* What came had a watch, and told so; what went did not: then it is not the same. */
        if (came_node != NODE_NONE && is_moved(t, came_node, dir, went_to, came_at))
            return YES;
        /* What moved has no watch; so what has one did not move, or is a later directory. */
    }
    return was_there(t, dir, (struct str){ came->name, came->namelen }, at);
}

/* It is not known whether the name is there. */
static void doubt_name(struct track *t, nodeid dir, const struct raw *r)
{
    window_doubt(window_open(t, dir, false), r->name, r->namelen,
                 r->mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER);
    later_add(t, LATER_WINDOW, dir, -1);
}

struct exchange {
    struct raw from, to; /* the second pair */
    struct cursor from_at, to_at;
};

static nodeid child_of(struct track *t, nodeid dir, const struct raw *r)
{
    return tree_find(t->tree, dir, r->name, r->namelen);
}

/*
 * renameat2(2) with RENAME_EXCHANGE gives the records of two renames, a to b and b to a. So does
 * a rename back, but then b is not there afterwards.
 */
static enum answer find_exchange(struct track *t, nodeid dir, const struct raw *from,
                                 nodeid to_dir, const struct raw *to, const struct cursor *to_at,
                                 struct exchange *x)
{
    struct cursor rest = behind(t, to_at);
    struct stat st;

    if (!next_naming(t, &rest, from->wd, to->wd, &x->from, &x->from_at)) {
        /* After an exchange both names are there. */
        if (reach_stat(t->reach, dir, from->name, from->namelen, &st) < 0 && errno == ENOENT)
            return NO;
        (void)reach_barrier(t->reach, dir);
        (void)backlog_fill(t->backlog, FILL);
        if (!next_naming(t, &rest, from->wd, to->wd, &x->from, &x->from_at))
            return NO;
    }
    if (!(x->from.mask & IN_MOVED_FROM) || x->from.wd != to->wd || !same_name(&x->from, to))
        return NO;
    if (!find_other_half(t, to_dir, &x->from, &x->to_at, &x->to) || x->to.wd != from->wd ||
        !same_name(&x->to, from))
        return NO;
    return was_exchanged(t, to_dir, to, child_of(t, dir, from), &x->from, dir, behind(t, to_at),
                         behind(t, &x->to_at));
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
    scan_walk(t->scan, top);
}

/* A directory now has this name: `node` where it is known and armed, else as a new one. */
static void arrive(struct track *t, nodeid node, nodeid dir, const struct raw *to)
{
    struct str name = { to->name, to->namelen };
    nodeid there = child_of(t, dir, to);
    unsigned depth;

    if (node == NODE_NONE && there != NODE_NONE &&
        (tree_node(t->tree, there)->flags & NODE_LISTED)) {
        /* A listing had shown it, and it has been taken up then: as with CREATE. */
        tree_node(t->tree, there)->flags &= (uint16_t)~NODE_LISTED;
        return;
    }
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
    depth = tree_depth(t->tree, node);
    tree_node(t->tree, node)->flags &= (uint16_t)~NODE_LISTED;
    tree_move(t->tree, node, dir, name.s, name.len);
    if (t->cfg.max_depth >= 0 && tree_depth(t->tree, node) != depth)
        fit_depth(t, node);
}

static void emit_to(struct track *t, nodeid dir, const struct raw *to, const struct buf *from)
{
    struct str path = { from->data, from->len };

    track_emit(t, dir, to, &path);
}

static void exchanged(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                      const struct raw *to, const struct cursor *to_at, const struct exchange *x)
{
    bool dirs = t->cfg.recursive;
    nodeid a = dirs && (from->mask & IN_ISDIR) ? child_of(t, dir, from) : NODE_NONE;
    nodeid b = dirs && (x->from.mask & IN_ISDIR) ? child_of(t, to_dir, to) : NODE_NONE;

    if (a != NODE_NONE && !is_moved(t, a, dir, to_dir, behind(t, to_at)))
        disown(t, a);
    if (b != NODE_NONE && !is_moved(t, b, dir, to_dir, behind(t, &x->to_at)))
        disown(t, b);
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
    if ((a != NODE_NONE && tree_within(t->tree, to_dir, a)) ||
        (b != NODE_NONE && tree_within(t->tree, dir, b))) {
        /* Not possible on any disk: the tree is wrong. */
        t->overflowed = true;
        return;
    }
    /* "/" is no entry's name: a place to stand aside. */
    if (a != NODE_NONE)
        tree_move(t->tree, a, dir, "/", 1);
    if (dirs && (x->from.mask & IN_ISDIR))
        arrive(t, b, dir, &x->to);
    if (dirs && (from->mask & IN_ISDIR))
        arrive(t, a, to_dir, to);
}

/* What just came goes back; whether something else stands there now is left open. */
static void renamed_back(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                         const struct raw *to)
{
    bool isdir = (from->mask & IN_ISDIR) && t->cfg.recursive;
    nodeid node = isdir ? child_of(t, dir, from) : NODE_NONE;

    track_emit(t, dir, from, NULL);
    put_path(t, dir, (struct str){ from->name, from->namelen }, &t->from);
    (void)track_prelude(t, to_dir, to);
    emit_to(t, to_dir, to, &t->from);
    if (isdir)
        arrive(t, node, to_dir, to);
    doubt_name(t, dir, from);
}

/* stays: what has the name now is known, from a record that was worked on before this one. */
static void moved_from(struct track *t, nodeid dir, const struct raw *from, bool stays)
{
    bool isdir = (from->mask & IN_ISDIR) && t->cfg.recursive;
    struct exchange x;
    struct cursor at;
    struct raw to, again;
    nodeid to_dir = NODE_NONE, node;
    enum answer exchange = NO;

    if (!track_prelude(t, dir, from))
        return;
    if (find_other_half(t, dir, from, &at, &to)) {
        to_dir = tree_by_wd(t->tree, to.wd);
        if (to_dir != NODE_NONE && ((tree_node(t->tree, to_dir)->flags & NODE_GONE) ||
                                    track_ignores(t, to.name, to.namelen)))
            to_dir = NODE_NONE;
        if (to_dir != NODE_NONE)
            exchange = find_exchange(t, dir, from, to_dir, &to, &at, &x);
        if (exchange == YES) {
            exchanged(t, dir, from, to_dir, &to, &at, &x);
            backlog_strike(t->backlog, &at);
            backlog_strike(t->backlog, &x.from_at);
            backlog_strike(t->backlog, &x.to_at);
            return;
        }
        node = isdir ? child_of(t, dir, from) : NODE_NONE;
        if (to_dir != NODE_NONE && node != NODE_NONE &&
            !is_moved(t, node, dir, to_dir, behind(t, &at)))
            disown(t, node);
        backlog_strike(t->backlog, &at);
    }
    node = isdir ? child_of(t, dir, from) : NODE_NONE;
    track_emit(t, dir, from, NULL);
    if (to_dir == NODE_NONE) {
        if (node != NODE_NONE)
            track_retire(t, node);
        halves_add(t, dir, from);
        if (!stays)
            left_behind(t, dir, from);
        return;
    }
    put_path(t, dir, (struct str){ from->name, from->namelen }, &t->from);
    noise_moved(t->noise, from->wd, from->name, from->namelen, to.wd, to.name, to.namelen);
    (void)track_prelude(t, to_dir, &to);
    emit_to(t, to_dir, &to, &t->from);
    if (isdir)
        arrive(t, node, to_dir, &to);
    if (exchange == UNKNOWN) {
        /* As if it were renamed back: then one question is left. */
        again = x.from;
        backlog_strike(t->backlog, &x.from_at);
        backlog_strike(t->backlog, &x.to_at);
        renamed_back(t, to_dir, &again, dir, &x.to);
    }
}

/*
 * An exchange with an entry of a directory that is not watched: the MOVED_TO of what came stands
 * before the MOVED_FROM of what was there. It looks like something that came and went again, but
 * then the name is not there afterwards. The same comes of an exchange whose first MOVED_FROM the
 * kernel left out: it merges a record with the one before it where watch, mask and name are equal,
 * though the cookies differ (fs/notify/inotify/inotify_fsnotify.c, inotify_merge).
 */
static enum answer find_half_exchange(struct track *t, nodeid dir, const struct raw *to,
                                      struct raw *from, struct cursor *at)
{
    struct cursor first;

    backlog_first(t->backlog, &first);
    if (!next_naming(t, &first, to->wd, to->wd, from, at)) {
        (void)reach_barrier(t->reach, dir);
        (void)backlog_fill(t->backlog, FILL);
        backlog_first(t->backlog, &first);
        if (!next_naming(t, &first, to->wd, to->wd, from, at))
            return NO;
    }
    if (!(from->mask & IN_MOVED_FROM) || !same_name(from, to))
        return NO;
    return was_exchanged(t, dir, to, NODE_NONE, from, dir, behind(t, at), behind(t, at));
}

static void moved_to(struct track *t, nodeid dir, const struct raw *to)
{
    bool dirs = t->cfg.recursive;
    struct raw from;
    struct cursor at;
    struct str path;
    enum answer exchange;

    exchange = find_half_exchange(t, dir, to, &from, &at);
    if (exchange == YES) {
        backlog_strike(t->backlog, &at);
        moved_from(t, dir, &from, true);
    }
    /* Its MOVED_FROM was of a directory that is not watched, or came long before. */
    (void)track_prelude(t, dir, to);
    track_emit(t, dir, to, halves_find(t, to->cookie, &path) ? &path : NULL);
    if (dirs && (to->mask & IN_ISDIR))
        arrive(t, NODE_NONE, dir, to);
    if (exchange == UNKNOWN) {
        /* What goes may go to a directory that is watched. */
        backlog_strike(t->backlog, &at);
        moved_from(t, dir, &from, true);
        doubt_name(t, dir, &from);
    }
}

void rename_record(struct track *t, nodeid dir, const struct raw *r)
{
    if (r->mask & IN_MOVED_FROM)
        moved_from(t, dir, r, false);
    else
        moved_to(t, dir, r);
}
