/*
 * settle.c - see settle.h.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "buf.h"
#include "settle.h"

#define APPEARS (IN_CREATE | IN_MOVED_TO)
#define OVERHEAD 24 /* of a block of memory and the slot, for the bound */
#define SLOTS 1024  /* while few are held */

struct held {
    struct held *chain;       /* the next one with this hash */
    TAILQ_ENTRY(held) order;  /* by the first event */
    TAILQ_ENTRY(held) recent; /* by the last one */
    int64_t first, last;      /* when these came */
    uint64_t number;          /* the place in the order */
    struct event ev;          /* all events so far in one */
    struct str path;          /* the bytes of ev.watch and ev.name, but for slashes at the end */
    uint32_t hash;
    char *more;   /* ev's strings, where they are not those of the first event */
    char bytes[]; /* these */
};

TAILQ_HEAD(helds, held);

struct settle {
    struct settle_config cfg;
    struct held **slots; /* by hash of the path; a power of two of them */
    size_t nslots, nheld;
    struct helds order, recent;
    size_t bytes;
    uint64_t numbers;
    struct buf path; /* of the event that came last */
};

static void *need(void *memory)
{
    if (memory == NULL)
        err(1, "out of memory for --settle");
    return memory;
}

struct settle *settle_new(const struct settle_config *cfg)
{
    struct settle *s = need(calloc(1, sizeof(*s)));

    s->cfg = *cfg;
    TAILQ_INIT(&s->order);
    TAILQ_INIT(&s->recent);
    return s;
}

static size_t size_of(const struct held *h)
{
    return sizeof(*h) + event_bytes(&h->ev) + OVERHEAD;
}

/* FNV-1a. */
static uint32_t hash_of(struct str path)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < path.len; i++)
        h = (h ^ (unsigned char)path.s[i]) * 16777619u;
    return h;
}

static struct held **slot_of(const struct settle *s, uint32_t hash)
{
    return &s->slots[hash & (s->nslots - 1)];
}

/* Where the record of this path hangs, or would. */
static struct held **link_of(const struct settle *s, uint32_t hash, struct str path)
{
    struct held **at = slot_of(s, hash);

    while (*at != NULL && ((*at)->hash != hash || (*at)->path.len != path.len ||
                           memcmp((*at)->path.s, path.s, path.len) != 0))
        at = &(*at)->chain;
    return at;
}

static struct held *find(const struct settle *s, struct str path)
{
    return s->nheld > 0 ? *link_of(s, hash_of(path), path) : NULL;
}

static void make_slots(struct settle *s, size_t n)
{
    struct held *h;

    free(s->slots);
    s->slots = need(calloc(n, sizeof(struct held *)));
    s->nslots = n;
    TAILQ_FOREACH(h, &s->order, order)
    {
        h->chain = *slot_of(s, h->hash);
        *slot_of(s, h->hash) = h;
    }
}

static void hang_up(struct settle *s, struct held *h)
{
    if (s->slots == NULL)
        make_slots(s, SLOTS);
    h->chain = *slot_of(s, h->hash);
    *slot_of(s, h->hash) = h;
    TAILQ_INSERT_TAIL(&s->order, h, order);
    TAILQ_INSERT_TAIL(&s->recent, h, recent);
    if (++s->nheld > s->nslots)
        make_slots(s, 2 * s->nslots);
}

static void forget(struct settle *s, struct held *h)
{
    *link_of(s, h->hash, h->path) = h->chain;
    TAILQ_REMOVE(&s->order, h, order);
    TAILQ_REMOVE(&s->recent, h, recent);
    s->bytes -= size_of(h);
    free(h->more);
    free(h);
    /* A time when much was held is over. */
    if (--s->nheld == 0 && s->nslots > SLOTS)
        make_slots(s, SLOTS);
}

void settle_free(struct settle *s)
{
    struct held *h;

    if (s == NULL)
        return;
    while ((h = TAILQ_FIRST(&s->order)) != NULL)
        forget(s, h);
    free(s->slots);
    buf_free(&s->path);
    free(s);
}

static void go_on(struct settle *s, struct held *h)
{
    s->cfg.out(s->cfg.arg, &h->ev);
    forget(s, h);
}

/* Out of order: those of the directories that it lies in go before it, where these are new. All
 * that goes on stands before h, or is h. */
static void go_on_early(struct settle *s, struct held *h)
{
    const char *slash = memrchr(h->path.s, '/', h->path.len);
    struct held *dir = NULL;

    if (slash != NULL)
        dir = find(s, (struct str){ h->path.s, (size_t)(slash - h->path.s) });
    if (dir != NULL && dir->number < h->number && (dir->ev.mask & APPEARS) != 0)
        go_on_early(s, dir);
    go_on(s, h);
}

/* DELETE_SELF of a directory comes without ISDIR: the slash at the end of the watch tells it. */
static bool is_dir(const struct event *ev)
{
    return (ev->mask & IN_ISDIR) != 0 ||
           (ev->name.len == 0 && ev->watch.len > 0 && ev->watch.s[ev->watch.len - 1] == '/');
}

/* One record cannot tell of both. */
static bool conflict(const struct event *held, const struct event *ev)
{
    if (is_dir(held) != is_dir(ev))
        return true;
    if ((held->mask & IN_MOVE) == 0 || (ev->mask & IN_MOVE) == 0)
        return false;
    if (!held->joined || !ev->joined)
        return held->joined || ev->joined;
    return held->from.len != ev->from.len || memcmp(held->from.s, ev->from.s, ev->from.len) != 0;
}

/* Replaces the strings of h; those of `ev` may be its own. */
static void set_strings(struct settle *s, struct held *h, const struct event *ev)
{
    char *old = h->more;

    s->bytes -= size_of(h);
    h->more = need(malloc(event_bytes(ev)));
    event_keep(&h->ev, ev, h->more);
    h->path.s = h->more;
    s->bytes += size_of(h);
    free(old);
}

static void merge(struct settle *s, struct held *h, const struct event *ev)
{
    struct event all = h->ev;

    all.time = ev->time;
    all.mask |= ev->mask;
    all.synthetic &= ev->synthetic;
    all.joined |= ev->joined;
    all.exchanged |= ev->exchanged;
    if (ev->cookie != 0)
        all.cookie = ev->cookie;
    /* What its directory says of it tells its name as well. */
    if (ev->name.len > 0 || h->ev.name.len == 0) {
        all.wd = ev->wd;
        all.watch = ev->watch;
        all.name = ev->name;
    }
    if ((ev->mask & IN_MOVED_TO) != 0)
        all.from = ev->from;
    if (all.watch.len != h->ev.watch.len || all.name.len != h->ev.name.len ||
        all.from.s != h->ev.from.s) {
        set_strings(s, h, &all);
    } else {
        all.watch = h->ev.watch; /* the same bytes, but not ev's */
        all.name = h->ev.name;
        h->ev = all;
    }
}

static void add(struct settle *s, struct str path, const struct event *ev, int64_t now)
{
    struct held *h = need(malloc(sizeof(*h) + event_bytes(ev)));

    event_keep(&h->ev, ev, h->bytes);
    h->path = (struct str){ h->bytes, path.len };
    h->hash = hash_of(path);
    h->more = NULL;
    h->first = h->last = now;
    h->number = s->numbers++;
    s->bytes += size_of(h);
    hang_up(s, h);
}

void settle_event(struct settle *s, struct event *ev, int64_t now)
{
    struct str head = event_path_head(ev), path;
    struct held *h;

    if ((ev->mask & (IN_Q_OVERFLOW | IN_UNMOUNT)) != 0 || head.len + ev->name.len == 0) {
        settle_flush(s);
        s->cfg.out(s->cfg.arg, ev);
        return;
    }
    s->path.len = 0;
    buf_put(&s->path, head.s, head.len);
    buf_put(&s->path, ev->name.s, ev->name.len);
    path = (struct str){ s->path.data, s->path.len };
    /* Of an exchange, the first one may tell of both. */
    if (ev->joined && (h = find(s, ev->from)) != NULL && !(ev->exchanged && h->ev.exchanged))
        go_on_early(s, h);
    h = find(s, path);
    if (h != NULL && conflict(&h->ev, ev)) {
        go_on_early(s, h);
        h = NULL;
    }
    if (h == NULL) {
        add(s, path, ev, now);
    } else {
        merge(s, h, ev);
        h->last = now;
        TAILQ_REMOVE(&s->recent, h, recent);
        TAILQ_INSERT_TAIL(&s->recent, h, recent);
    }
    while (s->bytes > s->cfg.bytes)
        go_on(s, TAILQ_FIRST(&s->order));
}

static bool is_quiet(const struct settle *s, const struct held *h, int64_t now)
{
    return h->last + s->cfg.quiet_ns <= now;
}

/* What is quiet goes on, though busy ones are before it. */
static void overtake(struct settle *s, int64_t now)
{
    struct held *h, *next;

    for (h = TAILQ_FIRST(&s->order); h != NULL; h = next) {
        next = TAILQ_NEXT(h, order);
        if (is_quiet(s, h, now))
            go_on_early(s, h);
    }
}

void settle_run(struct settle *s, int64_t now)
{
    struct held *h;

    while ((h = TAILQ_FIRST(&s->order)) != NULL &&
           (is_quiet(s, h, now) || h->first + s->cfg.most_ns <= now))
        go_on(s, h);
    h = TAILQ_FIRST(&s->recent);
    if (h != NULL && h->last + 2 * s->cfg.quiet_ns <= now)
        overtake(s, now);
}

int64_t settle_wake(const struct settle *s)
{
    const struct held *h = TAILQ_FIRST(&s->order);
    int64_t wake, late;

    if (h == NULL)
        return 0;
    wake = h->last + s->cfg.quiet_ns;
    if (h->first + s->cfg.most_ns < wake)
        wake = h->first + s->cfg.most_ns;
    late = TAILQ_FIRST(&s->recent)->last + 2 * s->cfg.quiet_ns;
    return late < wake ? late : wake;
}

void settle_flush(struct settle *s)
{
    struct held *h;

    while ((h = TAILQ_FIRST(&s->order)) != NULL)
        go_on(s, h);
}
