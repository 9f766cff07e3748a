/*
 * track_impl.h - what the files of track share, and for them alone: track_open.c (up to the end of
 * set-up), track.c (records in order), track_emit.c (events on their way out), track_rename.c (what
 * a rename does), track_exchange.c (what a rename was), track_scan.c (what a walk finds),
 * track_announce.c (telling of it), track_finish.c (files that no listing shows: are they closed?),
 * track_doubt.c (disk against tree), track_later.c (what waits for a mark), track_age.c (which
 * records are older than a watch), track_edge.c (no watches left, roots that move), track_follow.c
 * and track_replace.c (roots that are paths: track_follow.h), track_ask.c (what was asked for),
 * track_add.c (paths that come and go while it runs).
 */
#ifndef PYWATCH_TRACK_IMPL_H
#define PYWATCH_TRACK_IMPL_H

#include "noise.h"
#include "scan.h"
#include "snapshot.h"
#include "track.h"

#define FILL (1024 * 1024) /* bytes that one visit to the kernel's queue may bring */
#define NOISY (IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE) /* what listing a directory causes */
#define APPEARS (IN_CREATE | IN_MOVED_TO)
#define DISAPPEARS (IN_DELETE | IN_MOVED_FROM)
#define WATCH_FLAGS                                                                                \
    (IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | IN_ONESHOT | IN_ONLYDIR | IN_MASK_CREATE)
/* The others are about one call. */
#define FLAGS_KEPT (WATCH_FLAGS & ~(uint32_t)(IN_MASK_ADD | IN_MASK_CREATE))

/* Of what is watched itself; never NULL, for it is copied from like any other. */
#define NO_NAME ((struct str){ "", 0 })

#define HEARD_NAMES 8192 /* a power of 2 */
#define UNSURE 64
#define OWED_MOST 16 /* what follows from what track_synced waits for, and from that, and so on */

enum walk {
    WALK_SETUP, /* what is there was there before: nothing is announced */
    WALK_NEW,   /* everything found is new: windows decide */
    WALK_RESYNC /* after an overflow: the tree is compared with the disk */
};

enum later_kind {
    LATER_WINDOW, /* announce what is left in the window of a node */
    LATER_ORPHAN, /* take away a watch that no node has */
    LATER_LOOSE,  /* look at a node again */
    LATER_FINISH, /* files that were found closed: did their CLOSE_WRITE come? */
    LATER_NOISE   /* no record of our own making can still come */
};

struct later {
    enum later_kind kind;
    uint8_t owed; /* track_synced waits for it, and for what follows from it so many times */
    struct mark mark;
    nodeid id;
    int32_t wd; /* LOOSE: its number */
    uint64_t serial; /* WINDOW: of the window; LOOSE: track.told when it was added */
};

/* What was asked for by itself: events and watch flags. */
struct ask {
    nodeid id;
    uint32_t own, below;
    bool recursive; /* what is below it is covered, and asked for that */
};

/* How far track_sync has come. */
enum sync { SYNC_NONE, SYNC_MARK, SYNC_LATER };

/* Directories that wait for a watch to become free (ENOSPC). */
struct starved {
    nodeid *ids;
    size_t n, cap;
    int64_t wake; /* CLOCK_MONOTONIC: try again then */
    int64_t pause;
};

/* When these watches were set: so many records had been read then, or at the next read after it. */
struct arm {
    int32_t first, last;
    uint64_t after; /* UINT64_MAX: that read is still to come */
};

/* What was last said of a name. */
struct heard {
    uint32_t hash; /* of watch descriptor and name; 0: none */
    bool there;
};

struct slot {
    struct window *w; /* NULL: free */
    uint64_t serial;  /* node numbers are used again: this tells whose window it is */
    uint64_t told;    /* track.told when its mark passed last, and names were in doubt */
    unsigned vain;    /* so often in a row without a record in between */
};

struct track {
    struct track_config cfg;
    int fd;
    struct backlog *backlog;
    struct tree *tree;
    struct reach *reach;
    struct scan *scan;
    struct noise *noise;
    struct snapshot *snapshot; /* NULL: without --snapshot */
    uint32_t dir_mask; /* for directories under -r, where all were asked for the same */
    struct asks *asks; /* NULL: they were */
    bool adding;       /* the walk that is going on belongs to a new root of track_add */
    nodeid *taken_in;  /* roots that became part of what covers them, and are still to be walked */
    size_t ntaken_in;
    bool twice; /* some node has NODE_TWICE */
    enum walk walk;
    bool armed_once; /* set-up is over */
    int64_t next_tick; /* the queue is emptied then at the latest, during set-up */
    unsigned lively;   /* or at each of so many ticks that are next */
    struct mark setup_mark;
    bool setup_over; /* and every record has been worked off that was queued before its end */
    uint64_t overflows; /* so many Q_OVERFLOW came */
    uint64_t setup_read; /* records that were queued before nothing was listed any more */
    bool overflowed; /* a resync is due when this mark has passed */
    struct mark resync_mark;
    bool put_off; /* a directory could not be compared with the disk when the last was done */
    struct mark compared; /* when that was */
    bool mended; /* records were lost at some time: see doubt_told */
    bool untrue; /* and the tree has not been made true since: see track_sure */
    struct starved starved;
    nodeid *closed; /* directories that may not be read or entered, or are below such a one */
    size_t nclosed, closed_cap;
    unsigned doubts; /* resyncs in a row that were not asked for by an overflow */

    struct slot *windows; /* by node.window; slot 0 unused */
    uint32_t nwindows, free_window_hint;
    uint64_t window_serial;
    uint64_t initial_serial; /* the windows up to this one are those of --initial */
    int64_t patience, patience_at; /* ns, and when it was so much: see track_is_finished */
    bool whole; /* the directory that is being listed is new: every entry is a candidate */
    uint64_t told;       /* records that were about something that is watched */
    uint64_t quiet_told; /* so many when the node that is looked at again was put off */
    bool mute;  /* the warning about it has been given */
    bool quiet; /* no record has come since the node that is looked at again was put off */
    struct arm *arms; /* in the order of wd; those that the records have caught up with go */
    size_t narms, arms_cap;
    int32_t setup_wd; /* the highest one that set-up was given */
    int32_t max_wd; /* the kernel counts up: a watch with a higher number is a new one */
    int setup_error;
    size_t unrooted; /* roots that could not be watched */

    struct later *later; /* a ring: marks are taken in order, so they pass in order */
    size_t later_head, nlater, later_cap;
    enum sync sync;
    struct mark sync_mark;
    size_t owed;        /* entries of the ring that track_synced waits for */
    uint8_t owing;      /* what is added now is owed, and what follows from it so many times */
    bool resync_owed;
    uint32_t *loose; /* by node: the number of its latest LATER_LOOSE */
    size_t nloose;
    uint32_t loose_number;
    bool noise_noted; /* a LATER_NOISE is in the ring */

    struct buf watch; /* the path of watch_id, as of watch_gen */
    nodeid watch_id;
    uint64_t watch_gen;
    struct event plain; /* see track_emit_plain */
    nodeid plain_id;    /* the last one of such a record: a number that may be another's by now */
    struct buf from; /* where the MOVED_TO that is being emitted came from */
    struct buf note;
    uint32_t unsure[UNSURE]; /* cookies: see moved_to */
    unsigned nunsure;
    struct halves *halves; /* MOVED_FROM of files whose MOVED_TO may still come */
    struct finish *finish; /* NULL: none yet */
    struct pursuit *pursuit; /* NULL: without --follow */
    struct heard *heard; /* HEARD_NAMES of them, by hash of the name; NULL: nothing was said yet */
};

/* CLOCK_MONOTONIC, ns. */
static inline int64_t track_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* track_emit.c */
void track_emit(struct track *t, nodeid id, const struct raw *r, const struct str *from);
/* A record that makes nothing appear or disappear, where nothing is asked for by itself. */
void track_emit_plain(struct track *t, nodeid id, const struct raw *r);
void track_synthetic(struct track *t, nodeid dir, struct str name, uint32_t mask);
void track_note(struct track *t, enum track_note what, nodeid id, int error);
bool track_ignores(struct track *t, const char *name, size_t len);

/* track.c */
/* Says first what has to be said before a record about this name of a directory. False: the
 * record itself is not to be printed. */
bool track_prelude(struct track *t, nodeid dir, const struct raw *r);
/* Prints what a window's verdict asks for. finished: a regular file may be closed. */
void track_say(struct track *t, nodeid dir, struct str name, enum window_verdict what,
               const struct window_entry *e, bool finished);
/* The node, which has no children and no watch any more, and all that is kept for it. */
void track_remove(struct track *t, nodeid id);
/* The node's directory is no longer where it was: its subtree goes, and its watches. */
void track_retire(struct track *t, nodeid id);
void track_retire_below(struct track *t, nodeid id); /* only what is below it */

/* track_ask.c */
struct asks *asks_new(void);
void asks_free(struct asks *a);
void ask_set(struct track *t, const struct ask *ask);
const struct ask *ask_get(const struct track *t, nodeid id); /* NULL: not asked for by itself */
void ask_drop(struct track *t, nodeid id);
const struct ask *ask_next(const struct track *t, size_t *at); /* all of them: *at is 0 at first */
/* Where no events are named. UNMOUNT and Q_OVERFLOW come unasked, and track_emit lets them by. */
static inline uint32_t ask_default(const struct track *t)
{
    return t->cfg.asked & ~(uint32_t)(IN_UNMOUNT | IN_Q_OVERFLOW);
}
/* The events and flags that the node's own records were asked for. */
uint32_t ask_own(const struct track *t, nodeid id);
uint32_t ask_below(const struct track *t, nodeid id); /* only with t->asks; 0: it is not covered */
bool asks_cover(const struct track *t, nodeid id);
/* The directory is covered with all that is in it. */
static inline bool ask_covers(const struct track *t, nodeid id)
{
    return t->asks == NULL ? t->cfg.recursive : asks_cover(t, id);
}
/* The kernel's mask: for a covered directory, for a thing by itself, and for this node. */
uint32_t ask_dir_mask(uint32_t own);
uint32_t ask_lone_mask(uint32_t own, bool is_dir);
uint32_t ask_mask(const struct track *t, nodeid id);

/* track_add.c */
/* This root is part of a covered directory from now on: what is below it is to be covered too. */
void add_taken_in(struct track *t, nodeid id);

/* track_rename.c */
void rename_record(struct track *t, nodeid dir, const struct raw *r);
void halves_free(struct halves *h);
bool halves_find(struct track *t, uint32_t cookie, struct str *path);

/* track_exchange.c */
enum answer { NO, YES, UNKNOWN };

/* The second pair of an exchange, and where its records stand. */
struct exchange {
    struct raw from, to;
    struct cursor from_at, to_at;
};

static inline nodeid child_of(struct track *t, nodeid dir, const struct raw *r)
{
    return tree_find(t->tree, dir, r->name, r->namelen);
}

/* The directory to which this MOVED_TO brings something; NODE_NONE where that is not watched. */
nodeid exchange_watched(struct track *t, const struct raw *to);
/* Every directory in it that was told of has a node: none is left out on purpose. */
static inline bool track_has_all(const struct track *t, nodeid dir)
{
    return ask_covers(t, dir) && t->cfg.max_depth < 0 && !t->cfg.one_fs && t->cfg.nexcluded == 0;
}

/* Whether what is in the tree, and what was last heard of a name, can be relied on: records that
 * were lost have been made good. */
bool track_sure(struct track *t);

/* Behind the record under this cursor. */
struct cursor exchange_behind(struct track *t, const struct cursor *at);
/* The MOVED_TO of the MOVED_FROM r. False: it does not come. */
bool exchange_half(struct track *t, nodeid dir, const struct raw *r, struct cursor *at,
                   struct raw *to);
/* The record that is next may be of an exchange whose first records lack. */
bool exchange_cut(const struct track *t, nodeid dir);
/* Whether the rename whose records end before `at` moved this node's directory. */
bool exchange_moved(struct track *t, nodeid node, nodeid dir, nodeid to_dir, struct cursor at);
/* Whether the pair from, to is the first one of an exchange. */
enum answer exchange_find(struct track *t, nodeid dir, const struct raw *from, nodeid to_dir,
                          const struct raw *to, const struct cursor *to_at, struct exchange *x);
/* The same, where the other place is not watched. */
enum answer exchange_find_half(struct track *t, nodeid dir, const struct raw *to, struct raw *from,
                               struct cursor *at);
/* A name of which it was not known whether it is there: announces it where it is. False: that
 * cannot be said yet. */
bool exchange_was_there(struct track *t, nodeid dir, struct str name, enum entry_kind kind);
/* Whether the name that this record is about is there, as far as disk and records show. */
bool exchange_stands(struct track *t, nodeid dir, const struct raw *r);
/* After a MOVED_FROM: is the name there all the same? False: that cannot be said yet. cut: as
 * exchange_cut had it before the record. */
bool exchange_left(struct track *t, nodeid dir, const struct raw *from, bool cut);
/* An event about a name goes out: remembers whether it is there. */
void exchange_heard(struct track *t, const struct event *ev);

/* track_scan.c */
struct scan *track_scan_new(struct track *t);
/* scan_walk, and then the same for roots that it has taken in. */
void track_walk(struct track *t, nodeid top);
/* Set-up leaves OPEN, ACCESS and CLOSE_NOWRITE out of the masks, to be added when all is listed. */
static inline bool track_makes_quiet(const struct track *t)
{
    return !t->armed_once && t->cfg.recursive && (t->dir_mask & NOISY);
}

/* A directory that the user named has been armed: lists it and all below it. */
void track_list_root(struct track *t, nodeid id);
/* A directory has appeared under this name: makes its node, arms and lists it and all below. */
void track_take_up(struct track *t, nodeid dir, struct str name);
void track_announce(struct track *t, nodeid dir, struct str name, enum entry_kind kind,
                    bool finished);
void track_finished(struct track *t, nodeid dir, struct str name);
/* A listing shows this file: is it finished? Its window remembers. */
void track_lease(struct track *t, nodeid dir, const char *name, size_t len);
/* The entry that fd is open on: nobody has it open for writing. Closes fd. */
bool track_is_finished(struct track *t, nodeid dir, struct str name, int fd);
void track_look(struct track *t);
/* Announces the node, and those above it first, where that has not been done. */
void track_announce_node(struct track *t, nodeid id);
void track_unquiet(struct track *t);
bool track_widen(struct track *t, nodeid id); /* false: it cannot be reached at the moment */
uint32_t track_root_mask(const struct track *t, bool is_dir);

/* We are about to cause these records ourselves, under the node's wd: NOISE_ bits. */
void track_expect_noise(struct track *t, nodeid id, int32_t wd, struct str name, unsigned bits);

/* track_finish.c */
/* A file that no listing shows has been announced: it gets a CLOSE_WRITE, if it is finished and its
 * writer's own does not come. */
void finish_expect(struct track *t, nodeid dir, struct str name);
/* The same for one that was announced because of this MOVED_FROM. */
void finish_leaves(struct track *t, const struct raw *r);
/* A record about a name that is no directory is next. */
void finish_record(struct track *t, const struct raw *r);
void finish_run(struct track *t); /* a LATER_FINISH has passed */
bool finish_empty(const struct track *t);
void finish_free(struct finish *s);

/* track_doubt.c */
/* No record that says anything has come since the node that is looked at again was put off. */
bool track_no_news(struct track *t);
/* The same, and none is coming from this directory either. */
bool doubt_quiet(struct track *t, nodeid dir);
/*
 * The root of this node is where its path leads. Else something above it has been renamed, of which
 * no record tells, and what paths lead to says nothing of what is there.
 */
bool doubt_root_is_there(struct track *t, nodeid id);
void doubt_all(struct track *t, nodeid id, int error);
void doubt_elsewhere(struct track *t, nodeid id, nodeid other);
void doubt_vanished(struct track *t, nodeid id);
/* All of the tree is to be compared with the disk. */
void track_want_resync(struct track *t);
void track_resync(struct track *t);
/*
 * After a loss: a record about this name is next. Says first what makes it true, where it
 * contradicts what was told of the name.
 */
void doubt_told(struct track *t, nodeid dir, const struct raw *r);

/* track_age.c */
/* This new watch has been set: its number is above max_wd, and is that now. */
void age_note(struct track *t, int32_t wd);
/* Records have been read: those that were queued before any watch so far was set are among them. */
void age_set(struct track *t);
/* The record that is being worked on may have been queued before this watch was set. */
bool age_perhaps_younger(const struct track *t, int32_t wd);

/* track_edge.c */
void starve_add(struct track *t, nodeid id);
void starve_retry(struct track *t);
/* This directory could not be opened or armed for its mode, or that of one above it. */
void closed_add(struct track *t, nodeid id);
/* The mode of this directory may have changed: what is closed there is to be looked at again. */
void closed_retry(struct track *t, nodeid top);
void track_root_moved(struct track *t, nodeid id);

/* track_follow.c; but for pursuit_root and pursuit_free, all may be called without --follow. */
int pursuit_root(struct track *t, const char *path);
void pursuit_free(struct pursuit *p);
/* Looks at what may be another thing by now. */
void pursuit_look(struct track *t);
/* Tells what is due. True where something still waits for records. */
bool pursuit_settle(struct track *t);
int64_t pursuit_wake(const struct track *t); /* as track_wake */
/* A record of this root itself is being told. */
void pursuit_self(struct track *t, nodeid id, uint32_t mask);
/* The root is new, and its first record comes, or one from below it. */
void pursuit_announce(struct track *t, nodeid id);
/* The root has turned up within another one. False: it is no path that is followed. */
bool pursuit_let_go(struct track *t, nodeid id);
void pursuit_overflow(struct track *t);

/* track_later.c */
void later_add(struct track *t, enum later_kind kind, nodeid id, int32_t wd);
/* What waits there is owed as well, for what is being done now depends on it. */
void later_owe(struct track *t, enum later_kind kind, nodeid id);
/* Once the mark of track_sync has passed, what waits then is owed. */
void later_sync(struct track *t);
/* Does what is due. True where something still waits. */
bool later_run(struct track *t);
/* Directories have been listed again: their windows wait for the records up to now. */
void later_postpone(struct track *t);
struct window *window_of(const struct track *t, nodeid id);
struct window *window_open(struct track *t, nodeid id, bool whole);
void window_close(struct track *t, nodeid id);

#endif
