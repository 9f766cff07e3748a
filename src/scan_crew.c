/*
 * scan_crew.c - what set-up has still to do, and the two threads that do it.
 *
 * Owns: the walkers' ways down, what waits below them, and the second thread. Must not know: what
 * is done to a directory.
 *
 * What waits is one list for each walker: each step has the part from its `base` to that of the
 * next step. The walker itself takes from the end of its last step's part. The other one takes
 * from the beginning of the part of the first step that has one. So a step is not done with when
 * it is left: what was taken from it may be under way. Then it stays without OPEN, ACCESS and
 * CLOSE_NOWRITE, which it would see of that, until all is done (crew_keep).
 *
 * That two walk at a time makes nothing possible that others who rename what is walked could not
 * bring about: a directory that is found twice, or no more. The kernel gives watch descriptors in
 * order and sets one watch at a time (the group's mutex, fs/notify/inotify/inotify_user.c), so one
 * that is noted after a younger one is not younger than what is known of that (track_age.c).
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "scan_walker.h"

#define OPEN_STEPS 128 /* directories on the way down that keep their descriptor, at most */
#define ENOUGH_OPEN 8  /* with fewer, two might come to the end of what may be open */
#ifndef SHARE_FROM /* fewer, to try it under storms, as doc/HACKING.md says */
#define SHARE_FROM 64 /* directories: to start a thread takes as long as ten */
#endif

void *crew_grown(void *p, size_t *cap, size_t size, size_t least)
{
    *cap = *cap > 0 ? *cap * 2 : least;
    p = reallocarray(p, *cap, size);
    if (p == NULL)
        err(1, "out of memory");
    return p;
}

/* There is something that the other walker may take, should it wait for that. */
static void tell_news(struct crew *c)
{
    if (c->waiting > 0)
        pthread_cond_signal(&c->news);
}

void crew_push_todo(struct walker *w, nodeid id, int32_t by_name)
{
    if (w->ntodo == w->todo_cap)
        w->todo = crew_grown(w->todo, &w->todo_cap, sizeof(*w->todo), 64);
    w->todo[w->ntodo++] = (struct todo){ id, by_name };
    tell_news(w->crew);
}

struct step *crew_push_step(struct walker *w, const struct step *step)
{
    struct step *new;

    if (w->nsteps == w->step_cap)
        w->steps = crew_grown(w->steps, &w->step_cap, sizeof(*w->steps), 64);
    new = &w->steps[w->nsteps++];
    *new = *step;
    new->base = new->todo = w->ntodo;
    if (w->nsteps > w->open_steps) {
        struct step *old = &w->steps[w->nsteps - w->open_steps - 1];

        if (old->fd >= 0)
            close(old->fd);
        old->fd = -1;
    }
    return new;
}

/* A quarter of what may be open: two walkers have half of it, and crew_keep an eighth. */
static size_t open_steps(void)
{
    struct rlimit r;
    size_t n = OPEN_STEPS;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur / 4 < n)
        n = (size_t)(r.rlim_cur / 4);
    return n > 0 ? n : 1;
}

static void init_walker(struct crew *c, struct walker *w)
{
    w->scan = c->scan;
    w->crew = c;
    w->open_steps = open_steps();
    memset(w->leafy, true, sizeof(w->leafy));
    if ((w->listing = malloc(LISTING)) == NULL)
        err(1, "out of memory");
}

static void free_walker(struct walker *w)
{
    free(w->steps);
    free(w->todo);
    free(w->children);
    free(w->listing);
}

void crew_begin(struct crew *c, struct scan *s, void (*walk)(struct walker *))
{
    memset(c, 0, sizeof(*c));
    c->scan = s;
    c->walk = walk;
    c->alone = s->hooks.alone;
    init_walker(c, &c->first);
    c->may_keep = c->first.open_steps / 2 < KEPT ? c->first.open_steps / 2 : KEPT;
}

void crew_keep(struct crew *c, const struct step *step)
{
    size_t i;

    if (c->may_keep == 0) {
        close(step->fd);
        return;
    }
    i = c->nkept++ % c->may_keep;
    if (c->nkept > c->may_keep)
        close(c->kept[i].fd);
    c->kept[i] = *step;
}

bool crew_kept(struct crew *c, struct step *step)
{
    if (c->nkept > c->may_keep)
        c->nkept = c->may_keep;
    if (c->nkept == 0)
        return false;
    *step = c->kept[--c->nkept];
    step->shared = false;
    return true;
}

void crew_join(struct crew *c)
{
    if (c->shared)
        pthread_join(c->thread, NULL);
}

static void end_second(struct crew *c)
{
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->news);
    free_walker(&c->second);
}

void crew_end(struct crew *c)
{
    if (c->shared)
        end_second(c);
    free_walker(&c->first);
}

static void *second_thread(void *arg)
{
    struct crew *c = arg;

    /* To change the working directory is how it arms: the first one has to keep its own. */
    if (unshare(CLONE_FS) == 0) {
        c->walk(&c->second);
        scan_go_home(c->scan);
        return NULL;
    }
    pthread_mutex_lock(&c->lock);
    c->waiting++;
    pthread_cond_broadcast(&c->news);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static bool has_two_cores(void)
{
    cpu_set_t set;

    /* More than a cpu_set_t holds: EINVAL. */
    return sched_getaffinity(0, sizeof(set), &set) < 0 || CPU_COUNT(&set) > 1;
}

/* From now on there is a second walker, if there can be. */
static void share(struct crew *c)
{
    pthread_mutexattr_t spins;
    sigset_t all, before;
    bool begun;

    c->alone = true;
    if (!has_two_cores() || c->first.open_steps < ENOUGH_OPEN)
        return;
    /* One heap for both: another one takes memory. */
    mallopt(M_ARENA_MAX, 1);
    init_walker(c, &c->second);
    memcpy(c->second.leafy, c->first.leafy, sizeof(c->second.leafy));
    pthread_mutexattr_init(&spins);
    pthread_mutexattr_settype(&spins, PTHREAD_MUTEX_ADAPTIVE_NP); /* it is held for very short */
    pthread_mutex_init(&c->lock, &spins);
    pthread_mutexattr_destroy(&spins);
    pthread_cond_init(&c->news, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    c->shared = true;
    begun = pthread_create(&c->thread, NULL, second_thread, c) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!begun) {
        c->shared = false;
        end_second(c);
    }
}

int crew_reach(struct walker *w, nodeid id)
{
    int fd = reach_open(w->scan->reach, id);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        errno = ESTALE;
    return fd;
}

/* The step's directory: a descriptor that stays its own, or -1. */
static int step_fd(struct walker *w, struct step *p)
{
    if (p->fd < 0) {
        p->fd = crew_reach(w, p->id);
        p->reads = false;
        tell_news(w->crew);
    }
    return p->fd;
}

static int open_entry(int dir, const char *name, bool reads)
{
    return openat(dir, name, OPEN_FLAGS | (reads ? 0 : O_PATH));
}

/* The last that waits below w's last step. The lock is let go for the system call. */
static void take_own(struct walker *w, struct task *task)
{
    struct step *p = &w->steps[w->nsteps - 1];
    struct todo d = w->todo[--w->ntodo];
    int dir = step_fd(w, p);

    /* Where it will most likely have to be listed, one descriptor does for all. */
    *task = (struct task){
        .id = d.id, .by_name = d.wd, .reads = !*crew_leafy(w), .error = errno, .fd = -1, .above = *p
    };
    if (dir < 0)
        return;
    strlcpy(w->name, scan_name(w->scan, d.id), sizeof(w->name));
    crew_unlock(w);
    task->fd = open_entry(dir, w->name, task->reads);
    task->error = errno;
    crew_lock(w);
}

/*
 * The first that waits below the first step of the other walker where something waits, of those
 * that are open: to open one again takes its path, which a rename above it makes useless, and one
 * more descriptor. The other walker finds it from below (find_up).
 */
static bool take_from(struct walker *w, struct walker *other, struct task *task)
{
    struct step *p = other->steps;
    size_t i, end = 0;
    struct todo d;

    for (i = 0; i < other->nsteps; i++, p++) {
        end = i + 1 < other->nsteps ? p[1].base : other->ntodo;
        if (p->fd >= 0 && p->todo < end)
            break;
    }
    if (i == other->nsteps)
        return false;
    d = other->todo[p->todo++];
    p->shared = true;
    w->depth = other->depth + i + 1;
    *task = (struct task){
        .id = d.id, .by_name = d.wd, .reads = !*crew_leafy(w), .above = *p
    };
    /* Its owner may close the directory as soon as the lock is let go. */
    task->fd = open_entry(p->fd, scan_name(w->scan, d.id), task->reads);
    task->error = errno;
    return true;
}

/* w has nothing of its own. False: neither has the other one. */
static bool take_other(struct walker *w, struct task *task)
{
    struct crew *c = w->crew;
    struct walker *other = w == &c->first ? &c->second : &c->first;

    if (!c->shared)
        return false;
    c->waiting++;
    while (!take_from(w, other, task)) {
        if (c->waiting == 2) {
            pthread_cond_signal(&c->news);
            return false;
        }
        pthread_cond_wait(&c->news, &c->lock);
    }
    c->waiting--;
    return true;
}

/*
 * The step p is the last one again, and its descriptor was closed. What has been left below it
 * knows where it is, even where others have renamed what is above it, so that its path leads
 * nowhere until their records are worked off.
 */
static void find_up(struct walker *w, struct step *p, int below)
{
    const struct node *n = tree_node(w->scan->tree, p->id);
    int fd = openat(below, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_ino == n->ino && reach_dev(st.st_dev) == n->dev) {
        p->fd = fd;
        p->reads = false;
        tell_news(w->crew);
    } else {
        close(fd);
    }
}

enum next crew_next(struct walker *w, struct task *task)
{
    enum next next = NEXT_VISIT;
    struct crew *c = w->crew;

    if (!c->alone && w->armed >= SHARE_FROM && w->ntodo > 0)
        share(c);
    crew_lock(w);
    if (w->nsteps == 0) {
        if (!take_other(w, task))
            next = NEXT_END;
    } else if (w->ntodo > w->steps[w->nsteps - 1].todo) {
        take_own(w, task);
    } else {
        task->above = w->steps[--w->nsteps];
        w->ntodo = task->above.base;
        if (w->nsteps > 0 && w->steps[w->nsteps - 1].fd < 0 && task->above.fd >= 0)
            find_up(w, &w->steps[w->nsteps - 1], task->above.fd);
        next = NEXT_LEAVE;
    }
    crew_unlock(w);
    return next;
}
