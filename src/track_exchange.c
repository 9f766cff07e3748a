/*
 * track_exchange.c - which halves belong together, and what two renames in a row were.
 *
 * Owns: the questions that a rename asks of the queue and of the disk; it changes neither the tree
 * nor what is printed (but for exchange_was_there). renameat2(2) with RENAME_EXCHANGE gives the
 * records of two renames, there and back, and the kernel merges equal records: what really happened
 * is found out from MOVE_SELF, from the records behind, and from the disk, in this order.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "track_impl.h"

#define EXCHANGE_AHEAD 4096 /* records that may lie between the two pairs of an exchange */
#define MOMENT 5000000 /* ns */

nodeid exchange_watched(struct track *t, const struct raw *to)
{
    nodeid dir = tree_by_wd(t->tree, to->wd);

    return dir == NODE_NONE || (tree_node(t->tree, dir)->flags & NODE_GONE) ||
                   track_ignores(t, to->name, to->namelen)
               ? NODE_NONE
               : dir;
}

/* Behind the record under this cursor. */
struct cursor exchange_behind(struct track *t, const struct cursor *at)
{
    struct cursor c = *at;
    struct raw r;

    backlog_peek(t->backlog, &c, &r, NULL);
    return c;
}

/*
 * Of an exchange that was under way when the watch of this directory was set, the first records
 * lack. rename(2) holds the lock of the directory, so the others are the first that name an entry
 * of it, and its listing, which waits for that lock, is as it was afterwards. They may look as if
 * they belonged to those behind them, so all is asked for that comes while the window is open.
 */
bool exchange_cut(const struct track *t, nodeid dir)
{
    const struct window *w = window_of(t, dir);

    return !t->setup_over || (w != NULL && window_whole(w));
}

static bool same_name(const struct raw *a, const struct raw *b)
{
    return a->namelen == b->namelen && memcmp(a->name, b->name, a->namelen) == 0;
}

/*
 * Finds the MOVED_TO of r. Where it has not been read, waits until the rename(2) that r comes from
 * has let go of its locks and reads once more: after that, it does not come.
 */
bool exchange_half(struct track *t, nodeid dir, const struct raw *r, struct cursor *at,
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

/*
 * Whether the record that is being worked on stands right behind one with that mask, about this
 * name: then one more of these may have been queued between them, and merged with it (Race 48).
 */
static bool follows(struct track *t, uint32_t mask, const struct raw *about)
{
    struct raw r;

    return backlog_before(t->backlog, &r) && r.mask == mask && r.wd == about->wd &&
           same_name(&r, about);
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

/*
 * `to` came to a name; was anything there before? No, as far as is known: a rename over a name says
 * nothing of it. If what has the name goes at once, it may have been what was there, in an
 * exchange: yes where it is of another kind than what came, else *at is behind that and it is not
 * known, but for what comes next.
 */
static enum answer came_over(struct track *t, const struct raw *to, struct cursor *at)
{
    struct cursor c = *at;
    struct raw r;

    while (backlog_peek(t->backlog, &c, &r, NULL)) {
        if (r.wd != to->wd || r.namelen == 0 || !(r.mask & (APPEARS | DISAPPEARS)))
            continue;
        if (!(r.mask & IN_MOVED_FROM) || !same_name(&r, to))
            return NO;
        if ((r.mask ^ to->mask) & IN_ISDIR)
            return YES;
        *at = c;
        return UNKNOWN;
    }
    return NO;
}

static enum entry_kind kind_of(const struct stat *st)
{
    return S_ISDIR(st->st_mode) ? ENTRY_DIR : S_ISREG(st->st_mode) ? ENTRY_FILE : ENTRY_OTHER;
}

/*
 * Whether, by disk and records, the name was there in that directory behind `at`. Unknown where
 * the directory cannot be reached: a record that is still queued says why. *kind is corrected by
 * the record, or the disk, that tells.
 */
static enum answer was_there(struct track *t, nodeid dir, struct str name, struct cursor at,
                             enum entry_kind *kind)
{
    const struct node *n = tree_node(t->tree, dir);
    int32_t wd = n->wd;
    enum answer over;
    struct stat st;
    struct raw r;
    /* The disk as of now; the first record up to now about the name says what was before it. A name
     * is visible a moment before its CREATE is queued. */
    bool now = reach_stat(t->reach, dir, name.s, name.len, &st) == 0;
    bool reached = reach_barrier(t->reach, dir) == 0;

    (void)backlog_fill(t->backlog, FILL);
    /* Its IGNORED has come: as below. */
    if (wd < 0 && n->ino != 0)
        return NO;
    while (backlog_peek(t->backlog, &at, &r, NULL)) {
        /* It was deleted, so it was empty; what is there now may bear the same inode number. */
        if (r.wd == wd && (r.mask & IN_IGNORED))
            return NO;
        if (r.wd != wd || !(r.mask & (APPEARS | DISAPPEARS)) || r.namelen != name.len ||
            memcmp(r.name, name.s, name.len) != 0)
            continue;
        if (r.mask & DISAPPEARS) {
            /* The disk may show a later thing of that name. */
            if ((*kind == ENTRY_DIR) != ((r.mask & IN_ISDIR) != 0))
                *kind = r.mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER;
            return YES;
        }
        if (r.mask & IN_CREATE)
            return NO;
        over = came_over(t, &r, &at);
        if (over == YES && (*kind == ENTRY_DIR) == ((r.mask & IN_ISDIR) != 0))
            *kind = r.mask & IN_ISDIR ? ENTRY_OTHER : ENTRY_DIR;
        if (over != UNKNOWN)
            return over;
        /* Something came and went again, or was exchanged once more: the end of it tells. */
    }
    if (!reached)
        return UNKNOWN;
    if (now)
        *kind = kind_of(&st);
    return now ? YES : NO;
}

bool exchange_stands(struct track *t, nodeid dir, const struct raw *r)
{
    enum entry_kind kind = r->mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER;
    struct cursor first;

    backlog_first(t->backlog, &first);
    return was_there(t, dir, (struct str){ r->name, r->namelen }, first, &kind) == YES &&
           (kind == ENTRY_DIR) == ((r->mask & IN_ISDIR) != 0);
}

bool exchange_was_there(struct track *t, nodeid dir, struct str name, enum entry_kind kind)
{
    struct cursor first;
    enum answer there;

    backlog_first(t->backlog, &first);
    there = was_there(t, dir, name, first, &kind);
    if (there == YES) {
        if (window_of(t, dir) != NULL)
            window_correct(window_of(t, dir), name.s, name.len, true);
        track_announce(t, dir, name, kind, false);
        if (kind == ENTRY_FILE)
            finish_expect(t, dir, name);
        if (kind == ENTRY_DIR && ask_covers(t, dir) &&
            tree_find(t->tree, dir, name.s, name.len) == NODE_NONE)
            track_take_up(t, dir, name);
    }
    return there != UNKNOWN;
}

/*
 * Something left this name, and it was no exchange as far as the records show. Right after a
 * MOVED_TO of the name, it may have been one all the same, whose MOVED_TO was merged with that one
 * (see inotify_merge); or it was cut. Then the name is there.
 */
bool exchange_left(struct track *t, nodeid dir, const struct raw *from, bool cut)
{
    struct str name = { from->name, from->namelen };

    if (!cut && !follows(t, IN_MOVED_TO | (from->mask & IN_ISDIR), from))
        return true;
    return exchange_was_there(t, dir, name, from->mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER);
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

/*
 * Neither directory can be reached, and so there is no lock to wait for. But rename(2) queues its
 * records right after one another: when those before `at` were read that long ago, there are no
 * more. False: they were.
 */
static bool wait_behind(struct track *t, const struct cursor *at)
{
    struct timespec read = backlog_read_at(t->backlog, at), now, pause = { 0, MOMENT };
    long long passed;

    clock_gettime(CLOCK_REALTIME, &now);
    passed = (now.tv_sec - read.tv_sec) * 1000000000LL + now.tv_nsec - read.tv_nsec;
    if (passed > MOMENT)
        return false;
    nanosleep(&pause, NULL);
    return true;
}

/* The same, having seen to it that the record is there if it is to come. */
bool exchange_moved(struct track *t, nodeid node, nodeid dir, nodeid to_dir, struct cursor at)
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
        if (moved == UNKNOWN && !sure && wait_behind(t, &at)) {
            (void)backlog_fill(t->backlog, FILL);
            moved = moved_itself(t, wd, dir1, dir2, at);
        }
    }
    return moved == YES;
}

/* The node of these two whose directory that was; NODE_NONE where it was neither. */
static nodeid which_moved(struct track *t, nodeid a, nodeid b, nodeid dir, nodeid to_dir,
                          struct cursor at)
{
    return exchange_moved(t, a, dir, to_dir, at)   ? a
           : exchange_moved(t, b, dir, to_dir, at) ? b
                                                   : NODE_NONE;
}

static uint32_t hash_name(int32_t wd, struct str name)
{
    uint32_t h = 2166136261u ^ ((uint32_t)wd * 2654435761u);

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.s[i]) * 16777619u;
    h ^= h >> 15;
    return h != 0 ? h : 1;
}

void exchange_heard(struct track *t, const struct event *ev)
{
    uint32_t h;

    if (!(ev->mask & (APPEARS | DISAPPEARS)))
        return;
    if (t->heard == NULL)
        t->heard = calloc(HEARD_NAMES, sizeof(*t->heard));
    if (t->heard == NULL)
        err(1, "out of memory");
    h = hash_name(ev->wd, ev->name);
    t->heard[h % HEARD_NAMES] = (struct heard){ h, (ev->mask & APPEARS) != 0 };
}

/*
 * Whether the last that was said of the name is that it is there; unknown where that is long ago.
 */
static enum answer last_heard(const struct track *t, int32_t wd, const struct raw *r)
{
    uint32_t h = hash_name(wd, (struct str){ r->name, r->namelen });
    const struct heard *heard = t->heard != NULL ? &t->heard[h % HEARD_NAMES] : NULL;

    return heard == NULL || heard->hash != h ? UNKNOWN : heard->there ? YES : NO;
}

/*
 * Nothing has been said of the name since its directory was listed, which may have been after it
 * had gone (Race 7), or what was said of it is in doubt (Race 45).
 */
static bool in_question(const struct track *t, nodeid dir, struct str name)
{
    const struct window *w = window_of(t, dir);
    enum entry_kind kind;

    return w != NULL && window_covers(w, name.s, name.len) &&
           window_said(w, name.s, name.len, &kind) == WINDOW_UNSAID;
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
    enum entry_kind kind = ENTRY_OTHER;
    struct str name = { came->name, came->namelen };
    nodeid stood, first = NODE_NONE, second;
    enum answer heard;

    /* Nothing can have been exchanged with what is not there. */
    if ((came->mask ^ went->mask) & IN_ISDIR)
        return YES;
    heard = in_question(t, dir, name) ? UNKNOWN : last_heard(t, came->wd, came);
    if (heard == NO && track_sure(t))
        return NO;
    if ((came->mask & IN_ISDIR) && ask_covers(t, dir)) {
        stood = tree_find(t->tree, dir, name.s, name.len);
        if (stood == NODE_NONE && track_has_all(t, dir) && track_sure(t) && t->setup_over &&
            !in_question(t, dir, name))
            return NO;
        /* Of one directory that goes there and back both MOVE_SELF are the same, and of two they are
         * not. Of what has no watch there is none. */
        if (came_node != NODE_NONE)
            first = which_moved(t, came_node, stood, dir, went_to, came_at);
        second = which_moved(t, stood, came_node, dir, went_to, at);
        if (first != NODE_NONE)
            return first == second ? NO : YES;
        /* Set between the two renames, a watch is on the other directory. */
        if (second != NODE_NONE && !age_perhaps_younger(t, tree_node(t->tree, second)->wd))
            return second == stood ? YES : NO;
        /* What moved has no watch; so what has one did not move, or is a later directory. */
    } else if (heard == UNKNOWN && came->wd > t->setup_wd) {
        /* Everything in a directory that is new was told of, but it may be long ago. */
        return UNKNOWN;
    }
    return was_there(t, dir, name, at, &kind);
}

/*
 * renameat2(2) with RENAME_EXCHANGE gives the records of two renames, a to b and b to a. So does
 * a rename back, but then b is not there afterwards.
 */
enum answer exchange_find(struct track *t, nodeid dir, const struct raw *from,
                                 nodeid to_dir, const struct raw *to, const struct cursor *to_at,
                                 struct exchange *x)
{
    struct cursor rest = exchange_behind(t, to_at);
    struct raw next;
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
    if (!exchange_half(t, to_dir, &x->from, &x->to_at, &x->to) || x->to.wd != from->wd ||
        !same_name(&x->to, from))
        return NO;
    /* The second pair is the first one of another exchange: another kind of thing stood there, and
     * leaves next. */
    rest = exchange_behind(t, &x->to_at);
    if (next_naming(t, &rest, from->wd, to->wd, &next, NULL) && (next.mask & IN_MOVED_FROM) &&
        next.wd == from->wd && same_name(&next, from) && ((next.mask ^ x->to.mask) & IN_ISDIR))
        return NO;
    return was_exchanged(t, to_dir, to, child_of(t, dir, from), &x->from, dir, exchange_behind(t, to_at),
                         exchange_behind(t, &x->to_at));
}

/*
 * An exchange with an entry of a directory that is not watched: the MOVED_TO of what came stands
 * before the MOVED_FROM of what was there. It looks like something that came and went again, but
 * then the name is not there afterwards. The same comes of an exchange whose first MOVED_FROM the
 * kernel left out: it merges a record with the one before it where watch, mask and name are equal,
 * though the cookies differ (fs/notify/inotify/inotify_fsnotify.c, inotify_merge). What goes to a
 * directory that is watched shows that it was no exchange, but for the latter.
 */
enum answer exchange_find_half(struct track *t, nodeid dir, const struct raw *to,
                                      struct raw *from, struct cursor *at)
{
    struct cursor first, partner, behind;
    nodeid went_to = dir;
    struct raw gone;

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
    behind = exchange_behind(t, at);
    if (((to->mask ^ from->mask) & IN_ISDIR) == 0 &&
        exchange_half(t, dir, from, &partner, &gone) &&
        exchange_watched(t, &gone) != NODE_NONE) {
        went_to = exchange_watched(t, &gone);
        if (!age_perhaps_younger(t, gone.wd) && !exchange_cut(t, dir) && !exchange_cut(t, went_to) &&
            !follows(t, IN_MOVED_FROM | (to->mask & IN_ISDIR), &gone))
            return NO;
        behind = exchange_behind(t, &partner); /* MOVE_SELF follows the second half */
    }
    return was_exchanged(t, dir, to, NODE_NONE, from, went_to, behind, behind);
}
