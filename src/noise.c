/*
 * noise.c - see noise.h.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "noise.h"

struct expected {
    struct expected *next;
    int32_t wd;
    uint32_t asked; /* of the kernel for this wd */
    unsigned opens, closes; /* the same directory may be listed twice before its records come */
    unsigned bare;          /* of these, so many are opened and closed without being read */
    bool taken;             /* an OPEN was taken to be ours */
    bool read;              /* and then ACCESS came, as it does when a directory is listed */
    size_t len;
    char name[];
};

#define BUCKETS 1024u

struct noise {
    uint32_t asked; /* a bit that the kernel was not asked for never comes */
    size_t n;
    struct expected **bucket; /* BUCKETS of them; NULL as long as nothing was expected */
};

struct noise *noise_new(uint32_t asked)
{
    struct noise *n = calloc(1, sizeof(*n));

    if (n == NULL)
        err(1, "out of memory");
    n->asked = asked;
    return n;
}

void noise_free(struct noise *n)
{
    if (n == NULL)
        return;
    noise_clear(n);
    free(n->bucket);
    free(n);
}

void noise_asked(struct noise *n, uint32_t asked)
{
    n->asked = asked;
}

/* Where it is, or would be; something was expected once. */
static struct expected **find(struct noise *n, int32_t wd, const char *name, size_t len)
{
    uint32_t h = (uint32_t)wd * 2654435761u;
    struct expected **p;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    p = &n->bucket[(h ^ (h >> 16)) % BUCKETS];
    while (*p != NULL &&
           ((*p)->wd != wd || (*p)->len != len || (len > 0 && memcmp((*p)->name, name, len) != 0)))
        p = &(*p)->next;
    return p;
}

static struct expected *need(struct noise *n, int32_t wd, const char *name, size_t len)
{
    struct expected **p, *e;

    if (n->bucket == NULL && (n->bucket = calloc(BUCKETS, sizeof(*n->bucket))) == NULL)
        err(1, "out of memory");
    p = find(n, wd, name, len);
    e = *p;
    if (e == NULL) {
        if ((e = calloc(1, sizeof(*e) + len + 1)) == NULL)
            err(1, "out of memory");
        e->wd = wd;
        e->asked = n->asked;
        e->len = len;
        if (len > 0)
            memcpy(e->name, name, len);
        *p = e;
        n->n++;
    }
    return e;
}

static void drop(struct noise *n, struct expected **p)
{
    struct expected *e = *p;

    *p = e->next;
    free(e);
    n->n--;
}

void noise_expect(struct noise *n, int32_t wd, const char *name, size_t len, unsigned bits)
{
    struct expected *e = need(n, wd, name, len);

    e->opens += (bits & NOISE_OPEN) != 0 && (n->asked & IN_OPEN) != 0;
    e->closes += (bits & NOISE_CLOSE) != 0;
    e->bare += (bits & NOISE_BARE) != 0;
}

enum noise_verdict noise_ours(struct noise *n, int32_t wd, const char *name, size_t len,
                              uint32_t mask)
{
    struct expected **p, *e;

    if (n->n == 0)
        return NOISE_OTHER;
    p = find(n, wd, name, len);
    e = *p;
    if (e == NULL)
        return NOISE_OTHER;
    if (mask & IN_OPEN) {
        if (e->opens == 0)
            return NOISE_OTHER;
        e->opens--;
        e->taken = true;
        e->read = false;
        return NOISE_OURS;
    }
    if (mask & IN_ACCESS) {
        if (e->closes <= e->opens)
            return NOISE_OTHER;
        e->read = true;
        return NOISE_OURS;
    }
    if (e->closes <= e->opens)
        return NOISE_OTHER; /* ours comes after our OPEN */
    if (!e->read && e->bare == 0 && (e->asked & IN_ACCESS)) {
        /* Closed without having been read: then the OPEN was not ours either. */
        if (!e->taken)
            return NOISE_OTHER;
        e->taken = false;
        e->opens++;
        return NOISE_LATE;
    }
    if (!e->read && e->bare > 0)
        e->bare--;
    e->taken = e->read = false;
    if (--e->closes == 0 && e->opens == 0)
        drop(n, p);
    return NOISE_OURS;
}

void noise_moved(struct noise *n, int32_t wd, const char *name, size_t len, int32_t to_wd,
                 const char *to, size_t to_len)
{
    struct expected **p, *e;
    struct expected old;

    if (n->n == 0)
        return;
    p = find(n, wd, name, len);
    if (*p == NULL)
        return;
    old = **p;
    drop(n, p);
    e = need(n, to_wd, to, to_len);
    e->opens += old.opens;
    e->closes += old.closes;
    e->bare += old.bare;
    e->taken |= old.taken;
    e->read |= old.read;
}

void noise_clear(struct noise *n)
{
    for (size_t i = 0; n->n > 0 && i < BUCKETS; i++)
        while (n->bucket[i] != NULL)
            drop(n, &n->bucket[i]);
}

bool noise_empty(const struct noise *n)
{
    return n->n == 0;
}
