/*
 * backlog_ahead.c - looking ahead among the records that wait: cursors, and the index of cookies.
 */
#include "config.h"

#include <err.h>
#include <string.h>

#include "backlog_impl.h"

void backlog_first(const struct backlog *b, struct cursor *c)
{
    c->block = b->base;
    c->off = b->off;
}

struct timespec backlog_read_at(const struct backlog *b, const struct cursor *c)
{
    const struct block *k = b->blocks[b->head + (uint32_t)(c->block - b->base)];
    struct timespec time = b->time;
    struct raw r;

    for (uint32_t off = 0; off < c->off; off += (uint32_t)decode(k->data + off, k->len - off, &r)) {
        const struct inotify_event *ev = (const void *)(k->data + off);

        if (ev->wd == WD_TIME)
            memcpy(&time, ev->name, sizeof(time));
    }
    return time;
}

bool backlog_peek(const struct backlog *b, struct cursor *c, struct raw *r, struct cursor *at)
{
    /* Unsigned difference: the numbers of blocks may wrap round. */
    size_t i = b->head + (uint32_t)(c->block - b->base);

    while (i < b->nblocks) {
        const struct block *k = b->blocks[i];
        struct cursor here = *c;
        size_t n;

        if (c->off >= k->len) {
            if (i + 1 == b->nblocks)
                return false;
            i++;
            c->block++;
            c->off = 0;
            continue;
        }
        n = decode(k->data + c->off, k->len - c->off, r);
        if (n == 0)
            errx(1, "the kernel gave a broken inotify record");
        c->off += (uint32_t)n;
        if (r->wd == WD_TIME || r->wd == WD_STRUCK)
            continue;
        if (at != NULL)
            *at = here;
        return true;
    }
    return false;
}

void backlog_strike(struct backlog *b, const struct cursor *c)
{
    struct block *k = b->blocks[b->head + (uint32_t)(c->block - b->base)];
    struct inotify_event *ev = (void *)(k->data + c->off);

    ev->cookie = (uint32_t)ev->wd; /* for backlog_before; nobody looks for the cookie any more */
    ev->wd = WD_STRUCK;
}

/* Puts into the index what has been read since it was last asked for. */
static void index_rest(struct backlog *b)
{
    struct cursor first, at;
    struct raw r;

    backlog_first(b, &first);
    if (cursor_before(b->indexed, first))
        b->indexed = first;
    while (backlog_peek(b, &b->indexed, &r, &at))
        if ((r.mask & IN_MOVED_TO) && r.cookie != 0)
            cookies_put(&b->cookies, r.cookie, at, first);
}

bool backlog_find_cookie(struct backlog *b, uint32_t cookie, struct cursor *c)
{
    struct cursor first, next;
    struct raw r;

    backlog_first(b, &first);
    next = first;
    /* Nearly always it stands right behind, and there is no need for the index: a fifth of what
     * the two records of a rename cost. */
    if (backlog_peek(b, &next, &r, c) && r.cookie == cookie && (r.mask & IN_MOVED_TO))
        return true;
    index_rest(b);
    if (!cookies_find(&b->cookies, cookie, first, c))
        return false;
    next = *c;
    /* Struck meanwhile: then peek gives the one behind it. */
    return backlog_peek(b, &next, &r, NULL) && r.cookie == cookie && (r.mask & IN_MOVED_TO);
}
