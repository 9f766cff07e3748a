/*
 * follow_impl.h - what follow.c (paths, steps, records) and follow_walk.c (the walk along a path)
 * share. For them alone.
 */
#ifndef PYWATCH_FOLLOW_IMPL_H
#define PYWATCH_FOLLOW_IMPL_H

#include "follow.h"

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

struct step {
    RB_ENTRY(step) by_watch;
    LIST_ENTRY(step) of_path;
    int32_t wd;
    size_t path;
    uint64_t look;    /* the last that went this way */
    const char *name; /* of its own, or the key of a search; "": the directory itself */
};

RB_HEAD(steps, step);

struct path {
    TAILQ_ENTRY(path) doubted;
    LIST_HEAD(, step) steps;
    size_t number;
    char *text;
    struct step *last; /* the name at its end; NULL: the way does not lead so far */
    struct buf came;   /* what has come under that name since the last look: 'd', 'f' */
    bool nofollow, doubt;
    bool slash; /* it ends in one: only a directory will do */
};

struct follow {
    int fd, mounts;
    struct steps steps;
    size_t nwatches;
    struct path **paths;
    size_t npaths, cap;
    TAILQ_HEAD(, path) doubted;
    uint64_t look;
    void (*between)(void *arg, const char *name);
    void *arg;
};

static inline void *follow_need(void *p)
{
    if (p == NULL)
        err(1, "out of memory for the paths that are followed");
    return p;
}

/*
 * Arms the directory for this name of the path; *step is where it stands (step may be NULL).
 * Returns 0, or an errno value. Steps that no walk has gone again are dropped after it.
 */
int follow_step(struct follow *f, size_t path, int dir, const char *name, struct step **step);

/*
 * Goes along the path: a step for each name, and what is at the end in *found. *last is the step of
 * its last name, where the way leads so far. Returns 0, or an errno value; both descriptors of
 * *found are -1 then.
 */
int follow_walk(struct follow *f, struct path *p, const struct follow_start *start,
                struct follow_found *found, struct step **last);

#endif
