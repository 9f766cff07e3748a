/*
 * join.c - see join.h.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "join.h"

struct held {
    TAILQ_ENTRY(held) all, halves;
    bool waits; /* a MOVED_FROM whose partner may come; then it is among the halves too */
    int64_t until;
    struct event ev;
    char bytes[];
};

TAILQ_HEAD(helds, held);

struct join {
    void (*out)(void *arg, struct event *ev);
    void *arg;
    struct helds all;    /* in order; the first one is a half that waits */
    struct helds halves; /* in order, so that the first one waits no longer first */
    size_t nall, nhalves;
};

struct join *join_new(void (*out)(void *arg, struct event *ev), void *arg)
{
    struct join *j = calloc(1, sizeof(*j));

    if (j == NULL)
        err(1, NULL);
    j->out = out;
    j->arg = arg;
    TAILQ_INIT(&j->all);
    TAILQ_INIT(&j->halves);
    return j;
}

static struct held *hold(struct join *j, const struct event *ev)
{
    struct held *h = malloc(sizeof(*h) + event_bytes(ev));

    if (h == NULL)
        err(1, "out of memory for renames");
    event_keep(&h->ev, ev, h->bytes);
    h->waits = false;
    TAILQ_INSERT_TAIL(&j->all, h, all);
    j->nall++;
    return h;
}

static void wait_no_longer(struct join *j, struct held *h)
{
    h->waits = false;
    TAILQ_REMOVE(&j->halves, h, halves);
    j->nhalves--;
}

static void let_go(struct join *j, struct held *h)
{
    TAILQ_REMOVE(&j->all, h, all);
    j->nall--;
    free(h);
}

/* What stands before the first half that waits goes on. */
static void go_on(struct join *j)
{
    struct held *h;

    while ((h = TAILQ_FIRST(&j->all)) != NULL && !h->waits) {
        j->out(j->arg, &h->ev);
        let_go(j, h);
    }
}

void join_free(struct join *j)
{
    struct held *h;

    if (j == NULL)
        return;
    while ((h = TAILQ_FIRST(&j->all)) != NULL)
        let_go(j, h);
    free(j);
}

/* The latest first: most often it came just before. */
static struct held *half_of(const struct join *j, const struct event *to)
{
    struct held *h;

    if ((to->mask & IN_MOVED_TO) == 0 || to->cookie == 0)
        return NULL;
    TAILQ_FOREACH_REVERSE(h, &j->halves, helds, halves)
    if (h->ev.cookie == to->cookie)
        return h;
    return NULL;
}

/* A MOVED_FROM has a name, and event_keep puts that right behind the watch. */
static struct str path_of(const struct held *h)
{
    return (struct str){ h->ev.watch.s, h->ev.watch.len + h->ev.name.len };
}

static bool is_path(struct str path, const struct event *ev)
{
    return path.len == ev->watch.len + ev->name.len &&
           memcmp(path.s, ev->watch.s, ev->watch.len) == 0 &&
           memcmp(path.s + ev->watch.len, ev->name.s, ev->name.len) == 0;
}

/*
 * An exchange comes as both that leave and then both that arrive. So what arrived first stands
 * behind the half that completes the second pair, and each of the two comes from where the other
 * one went.
 */
static struct held *exchanged(const struct join *j, const struct held *from, const struct event *to)
{
    struct held *other = TAILQ_LAST(&j->all, helds);

    if (other != from && other->ev.joined && is_path(path_of(from), &other->ev) &&
        is_path(other->ev.from, to))
        return other;
    return NULL;
}

static void complete(struct join *j, struct held *from, const struct event *to)
{
    struct held *other = exchanged(j, from, to);
    struct event one = *to;

    one.mask |= from->ev.mask;
    one.joined = true;
    if (one.from.len == 0)
        one.from = path_of(from);
    if (other != NULL)
        one.exchanged = other->ev.exchanged = true;
    (void)hold(j, &one);
    wait_no_longer(j, from);
    let_go(j, from);
}

/* The oldest half goes on as itself where too much waits for it. */
static void keep_bounds(struct join *j)
{
    while (j->nhalves > JOIN_HALVES || j->nall > JOIN_RECORDS) {
        wait_no_longer(j, TAILQ_FIRST(&j->halves));
        go_on(j);
    }
}

void join_event(struct join *j, struct event *ev, int64_t now)
{
    struct held *h;

    if ((ev->mask & (IN_Q_OVERFLOW | IN_UNMOUNT)) != 0) {
        join_flush(j);
        j->out(j->arg, ev);
    } else if ((ev->mask & IN_MOVED_FROM) != 0 && ev->cookie != 0) {
        h = hold(j, ev);
        h->waits = true;
        h->until = now + JOIN_WAIT_NS;
        TAILQ_INSERT_TAIL(&j->halves, h, halves);
        j->nhalves++;
        keep_bounds(j);
    } else if ((h = half_of(j, ev)) != NULL) {
        complete(j, h, ev);
        go_on(j);
    } else if (j->nhalves > 0) {
        (void)hold(j, ev);
        keep_bounds(j);
    } else {
        j->out(j->arg, ev);
    }
}

void join_dropped(struct join *j, const struct event *ev)
{
    struct held *h = half_of(j, ev);

    if (h == NULL)
        return;
    wait_no_longer(j, h);
    go_on(j);
}

void join_run(struct join *j, int64_t now)
{
    struct held *h;

    while ((h = TAILQ_FIRST(&j->halves)) != NULL && h->until <= now)
        wait_no_longer(j, h);
    go_on(j);
}

int64_t join_wake(const struct join *j)
{
    const struct held *h = TAILQ_FIRST(&j->halves);

    return h != NULL ? h->until : 0;
}

void join_flush(struct join *j)
{
    join_run(j, INT64_MAX);
}
