/*
 * track_follow.h - what the files of --follow share: track_follow.c (when a path is looked at, and
 * what comes of it) and track_replace.c (what a path leads to has changed: new watch, telling of
 * it). For them alone.
 */
#ifndef PYWATCH_TRACK_FOLLOW_H
#define PYWATCH_TRACK_FOLLOW_H

#include <sys/queue.h>

#include "follow.h"
#include "track_impl.h"

struct pursued {
    TAILQ_ENTRY(pursued) order, closed_order;
    nodeid node;      /* what was told of; where the path leads nowhere, a root without a watch */
    nodeid next;      /* armed, and not told of yet; or NODE_NONE */
    struct mark mark; /* then it is told of */
    struct mark close_mark; /* then it is known of `closed` */
    int64_t until;          /* but the end of what was there not before this */
    struct buf between;     /* see struct follow_found */
    int32_t other;          /* node is watched under another path, by this watch; or -1 */
    int error;              /* why the path leads nowhere, where that was told */
    size_t number;
    bool there;    /* node stands for something */
    bool ended;    /* its DELETE_SELF was told */
    bool pending;  /* something is about to be told */
    bool again;    /* the path is to be looked at after that */
    bool finished; /* next is a regular file that nobody had open for writing at the mark */
    bool closed;   /* node is one, and its writer's own CLOSE_WRITE may be queued */
    bool unarmed;  /* there, and without a watch of its own */
    bool blind;    /* it was told that a name on the way cannot be watched */
};

struct pursuit {
    struct follow *follow;
    struct follow_found found;
    struct pursued **path; /* by their numbers in follow */
    size_t n, cap;
    size_t nother;   /* so many have `other` */
    size_t *of_root; /* by number of root, that of the path, counted from 1 */
    size_t nroots;
    TAILQ_HEAD(, pursued) pending, closed;
    int64_t wake, pause; /* there was no watch to be had: then all is looked at again */
};

/* The path that this root is of; NULL where it is none. */
struct pursued *pursued_of(const struct track *t, nodeid id);
nodeid pursued_root(struct track *t, struct pursued *w, const char *path, bool is_dir);
void pursued_other(struct track *t, struct pursued *w, int32_t wd); /* sets it */
/* There is no watch to be had for it, or for its path. */
void pursued_unwatched(struct track *t, struct pursued *w, int error);
/* Nothing is there, or it cannot be reached. Returns 0. */
int pursued_nowhere(struct track *t, struct pursued *w, int error);

/* track_replace.c */
/* The path leads to pursuit.found. Returns 0, or an errno value: at set-up only. */
int replace_found(struct track *t, struct pursued *w);
/* Something is to be told of the path: once the records that are queued now have been worked off.
 */
void replace_expect(struct track *t, struct pursued *w, nodeid next);
void replace_tell(struct track *t, struct pursued *w); /* tells it now */
/* Of its node: a CLOSE_WRITE is needed (true), or has come. */
void replace_closed(struct track *t, struct pursued *w, bool needed);
/* Its node is a directory that has gone: so has all below it, told or not. */
void replace_below(struct track *t, struct pursued *w);
/* The path does not lead to its node any more. */
void replace_end(struct track *t, struct pursued *w);

#endif
