/*
 * backlog.c - see backlog.h: reading into the blocks, and taking out of them.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "backlog_impl.h"
#include "inotify.h"

#define BLOCK_SIZE (256 * 1024)
#define READ_LEAST (16 * 1024) /* a block with less room than this is full */
#define QUEUE_DEFAULT 16384 /* max_queued_events where /proc is not to be had */

struct backlog *backlog_new(int fd)
{
    struct backlog *b = calloc(1, sizeof(*b));
    long max = inotify_limit("max_queued_events");

    if (b == NULL)
        err(1, "out of memory");
    b->fd = fd;
    b->marks.queue_max = max > 0 ? (uint64_t)max : QUEUE_DEFAULT;
    return b;
}

void backlog_free(struct backlog *b)
{
    if (b == NULL)
        return;
    for (size_t i = b->head; i < b->nblocks; i++)
        free(b->blocks[i]);
    free(b->blocks);
    free(b->spare);
    marks_free(&b->marks);
    cookies_free(&b->cookies);
    free(b);
}

uint64_t backlog_queue_max(const struct backlog *b)
{
    return b->marks.queue_max;
}

/* The block that the next read goes to, with READ_LEAST bytes of room. */
static struct block *block_for_read(struct backlog *b)
{
    struct block *k = NULL;

    if (b->nblocks > b->head)
        k = b->blocks[b->nblocks - 1];
    if (k != NULL && BLOCK_SIZE - k->len >= READ_LEAST)
        return k;
    k = b->spare;
    b->spare = NULL;
    if (k == NULL && (k = malloc(sizeof(*k) + BLOCK_SIZE)) == NULL)
        return NULL;
    k->len = 0;
    if (b->nblocks == b->cap) {
        if (b->head > b->cap / 2) {
            memmove(b->blocks, b->blocks + b->head,
                    (b->nblocks - b->head) * sizeof(*b->blocks));
            b->nblocks -= b->head;
            b->head = 0;
        } else {
            b->cap = b->cap > 0 ? b->cap * 2 : 16;
            b->blocks = reallocarray(b->blocks, b->cap, sizeof(struct block *));
            if (b->blocks == NULL)
                err(1, "out of memory for %zu records that wait", b->cap);
        }
    }
    b->blocks[b->nblocks++] = k;
    return k;
}

/* In front of what a read brings; it is set afterwards. */
static void put_time(struct block *k)
{
    struct inotify_event *ev = (void *)(k->data + k->len);

    memset(ev, 0, sizeof(*ev));
    ev->wd = WD_TIME;
    ev->len = sizeof(struct timespec);
    k->len += (uint32_t)(sizeof(*ev) + sizeof(struct timespec));
}

static void set_time(struct block *k, uint32_t at)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    memcpy(((struct inotify_event *)(void *)(k->data + at))->name, &now, sizeof(now));
}

static uint64_t count_records(const struct block *k, uint32_t off)
{
    uint64_t n = 0;

    while (off < k->len) {
        const struct inotify_event *ev = (const void *)(k->data + off);

        off += (uint32_t)sizeof(*ev) + ev->len;
        n += ev->wd != WD_TIME;
    }
    return n;
}

/* One read. *most: less what it brought, 0 where the queue was empty then. */
static int read_once(struct backlog *b, bool wait, size_t *most)
{
    struct block *k = block_for_read(b);
    uint32_t start;
    size_t room;
    ssize_t got;

    if (k == NULL)
        return ENOMEM;
    start = k->len;
    put_time(k);
    room = BLOCK_SIZE - k->len;
    got = !wait && b->waits && !inotify_queued(b->fd) ? 0 : inotify_read(b->fd, k->data + k->len, room);
    if (got <= 0) {
        k->len = start;
        *most = 0;
        if (got < 0)
            return errno;
        marks_drained(&b->marks, b->read, b->taken);
        return 0;
    }
    set_time(k, start);
    k->len += (uint32_t)got;
    b->read += count_records(k, start);
    *most -= (size_t)got < *most ? (size_t)got : *most;
    if ((size_t)got + RAW_MAX <= room) {
        marks_drained(&b->marks, b->read, b->taken);
        *most = 0;
    }
    return 0;
}

int backlog_fill(struct backlog *b, size_t most)
{
    int error = 0;

    if (b->fd < 0) {
        marks_drained(&b->marks, b->read, b->taken);
        return 0;
    }
    while (error == 0 && most > 0)
        error = read_once(b, false, &most);
    return error;
}

int backlog_wait(struct backlog *b, size_t most)
{
    int error;

    if (!b->waits && inotify_block(b->fd) < 0)
        return errno;
    b->waits = true;
    error = read_once(b, true, &most);
    return error == 0 && most > 0 ? backlog_fill(b, most) : error;
}

void backlog_push(struct backlog *b, const void *p, size_t n)
{
    struct block *k = block_for_read(b);
    uint32_t start;

    if (k == NULL)
        err(1, "out of memory");
    start = k->len;
    put_time(k);
    set_time(k, start);
    memcpy(k->data + k->len, p, n);
    k->len += (uint32_t)n;
    b->read += count_records(k, start);
    marks_drained(&b->marks, b->read, b->taken);
}

/* Lets go of a block that has been worked off; one is kept, since the next read needs one. */
static void drop_head(struct backlog *b)
{
    struct block *k = b->blocks[b->head++];

    b->base++;
    b->off = 0;
    if (b->spare == NULL)
        b->spare = k;
    else
        free(k);
    if (b->head == b->nblocks)
        b->head = b->nblocks = 0;
}

/* Whether r has been struck or not, it stands where it was queued. */
static void pass_half(struct backlog *b, const struct raw *r)
{
    struct half *h = &b->last;

    if (r->mask & IN_MOVE_SELF)
        return;
    if (h->mask != 0)
        b->before = *h;
    else
        b->before.mask = 0;
    h->mask = 0;
    if ((r->mask & (IN_MOVED_FROM | IN_MOVED_TO)) && r->namelen < sizeof(h->name)) {
        h->wd = r->wd != WD_STRUCK ? r->wd : (int32_t)r->cookie;
        h->mask = r->mask;
        h->namelen = r->namelen;
        memcpy(h->name, r->name, r->namelen);
    }
}

bool backlog_next(struct backlog *b, struct raw *r)
{
    while (b->nblocks > b->head) {
        struct block *k = b->blocks[b->head];
        size_t n;

        if (b->off >= k->len) {
            drop_head(b);
            continue;
        }
        n = decode(k->data + b->off, k->len - b->off, r);
        if (n == 0)
            errx(1, "the kernel gave a broken inotify record");
        b->off += (uint32_t)n;
        if (r->wd == WD_TIME) {
            memcpy(&b->time, r->name, sizeof(b->time));
            continue;
        }
        pass_half(b, r);
        b->taken++;
        marks_taken(&b->marks, b->taken);
        if (r->wd != WD_STRUCK)
            return true;
    }
    return false;
}

bool backlog_before(const struct backlog *b, struct raw *r)
{
    if (b->before.mask == 0)
        return false;
    *r = (struct raw){ .wd = b->before.wd,
                       .mask = b->before.mask,
                       .namelen = b->before.namelen,
                       .name = b->before.name };
    return true;
}

struct timespec backlog_time(const struct backlog *b)
{
    return b->time;
}

uint64_t backlog_read_count(const struct backlog *b)
{
    return b->read;
}

uint64_t backlog_taken(const struct backlog *b)
{
    return b->taken;
}

bool backlog_empty(const struct backlog *b)
{
    return b->taken == b->read;
}

size_t backlog_bytes(const struct backlog *b)
{
    size_t live = b->nblocks - b->head;

    return live > 0 ? (live - 1) * BLOCK_SIZE + b->blocks[b->nblocks - 1]->len - b->off : 0;
}

struct mark backlog_mark(const struct backlog *b)
{
    return marks_set(&b->marks, b->read);
}

bool backlog_passed(const struct backlog *b, const struct mark *m)
{
    return marks_passed(&b->marks, m, b->taken);
}
