/*
 * scan_walker.h - what the files of set-up share: scan_setup.c (what is done to a directory),
 * scan_crew.c (which one is next, and for whom), scan_counts.c (need it be listed?). For them
 * alone.
 *
 * A large tree is walked by two threads, on two cores in two thirds of the time. A walker goes
 * down from where it began: `steps` are the directories on its way, `todo` is what waits below
 * them. One that has nothing left takes of the other's what is furthest up, which mostly is the
 * largest part.
 *
 * Under the lock of the crew: the hooks, the tree, reach, and all walkers' steps and todo. Outside
 * of it: system calls, which is where the time goes, but for those that are rare, or that nothing
 * of the other walker's may come in between. Each walker has a working directory of its own.
 */
#ifndef PYWATCH_SCAN_WALKER_H
#define PYWATCH_SCAN_WALKER_H

#include <limits.h>
#include <pthread.h>

#include "scan_impl.h"

#define DEPTHS 256
#define KEPT 64 /* at most; see crew_keep */

/* Whether link counts of directories tell that they have no subdirectories. */
enum counts { COUNTS_NEVER, COUNTS_ALWAYS, COUNTS_PERHAPS };

/* A directory on the way down. */
struct step {
    nodeid id;
    int fd;      /* -1: closed to save descriptors */
    bool reads;  /* fd is no O_PATH one */
    bool shared; /* the other walker has taken something that is in it */
    int32_t wd;  /* -1: it could not be armed */
    size_t base; /* its own part of the list begins here, */
    size_t todo; /* and what the other walker has not taken of that, here */
    dev_t dev;
    nlink_t nlink;
    bool counts; /* the link counts of what is in it can be trusted */
};

/* A directory that is to be visited. */
struct todo {
    nodeid id;
    int32_t wd; /* the watch that was set by its name; else -1 */
};

/* A subdirectory in the part of a listing that is being worked on. */
struct child {
    nodeid id;
    const char *name;
    ino_t ino;
    int32_t wd; /* -1: not armed */
    bool leaf;  /* nothing is below it: it has its full mask */
};

struct walker {
    struct scan *scan;
    struct crew *crew;
    struct step *steps;
    size_t nsteps, step_cap, open_steps;
    struct todo *todo;
    size_t ntodo, todo_cap;
    struct child *children;
    size_t child_cap;
    size_t depth;       /* of its first step, counted from where set-up began */
    size_t armed;       /* so many directories */
    bool leafy[DEPTHS]; /* the last one this deep had nothing below it: so has the next, mostly */
    dev_t dev;          /* of which `counts` was found out; 0: none */
    enum counts counts;
    char *listing;
    char name[NAME_MAX + 1];
};

/* What a walker does next. */
enum next { NEXT_VISIT, NEXT_LEAVE, NEXT_END };

struct task {
    nodeid id;
    int fd;     /* for the caller to close; -1: `error` says why it could not be opened */
    bool reads; /* fd is no O_PATH one */
    int32_t by_name; /* the watch that was set by its name; else -1 */
    int error;
    struct step above; /* what it is in; its fd is not for the caller */
};

struct crew {
    struct scan *scan;
    void (*walk)(struct walker *);
    struct walker first, second;
    struct step kept[KEPT];
    size_t nkept, may_keep;
    bool shared;      /* both walk */
    bool alone;       /* no second walker is to be begun, or not another time */
    unsigned waiting; /* so many have nothing to do */
    pthread_mutex_t lock;
    pthread_cond_t news;
    pthread_t thread;
};

/* walk: crew_next until it says NEXT_END. */
void crew_begin(struct crew *c, struct scan *s, void (*walk)(struct walker *));
void crew_join(struct crew *c); /* after walk: so has the other one */
void crew_end(struct crew *c);

/*
 * NEXT_VISIT: *task. NEXT_LEAVE: task->above, of which all is done; its fd is for the caller to
 * close.
 */
enum next crew_next(struct walker *w, struct task *task);

/* Under the lock. The step is the last one from then on, and has fd. */
struct step *crew_push_step(struct walker *w, const struct step *step);
void crew_push_todo(struct walker *w, nodeid id, int32_t by_name);

/*
 * Under the lock: what is left of a step in which the other one has a part is to be done when all
 * is walked, by crew_kept after crew_join. By its descriptor: by its path, which is all that
 * track_unquiet has, it could not be found where something above the root has been renamed, of
 * which no record tells. Where there are too many, the last ones are kept, which are furthest up.
 */
void crew_keep(struct crew *c, const struct step *step);
bool crew_kept(struct crew *c, struct step *step);

/*
 * Under the lock: opens the directory of a node that is armed, O_PATH. -1: ESTALE where it is not
 * where the tree has it; then what was listed in it is there all the same, for all we know.
 */
int crew_reach(struct walker *w, nodeid id);

/* One more than there is room for. Never NULL. */
void *crew_grown(void *p, size_t *cap, size_t size, size_t least);

static inline void crew_lock(struct walker *w)
{
    if (w->crew->shared)
        pthread_mutex_lock(&w->crew->lock);
}

static inline void crew_unlock(struct walker *w)
{
    if (w->crew->shared)
        pthread_mutex_unlock(&w->crew->lock);
}

/*
 * Whether the link counts of what this directory shows can be trusted. Elsewhere (overlayfs shows
 * those of the file system below it, or 1) they are where it has at least one subdirectory, and its
 * own count is that of its listing.
 */
bool counts_trusted(struct walker *w, const struct step *p, int fd, size_t dirs, bool whole);

/* Whether directories as deep as what is in the last step have nothing below them, mostly. */
static inline bool *crew_leafy(struct walker *w)
{
    size_t depth = w->depth + w->nsteps;

    return &w->leafy[depth < DEPTHS ? depth : DEPTHS - 1];
}

#endif
