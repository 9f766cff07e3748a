/*
 * decode.h - the bytes of an inotify read as raw records. Pure: no system call, no allocation.
 *
 * Owns: the layout of struct inotify_event (inotify(7), "Reading events from an inotify file
 * descriptor"). Must not know: watches, paths, anything before or after one record.
 * Also used by the Python binding.
 */
#ifndef PYWATCH_DECODE_H
#define PYWATCH_DECODE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>

struct raw {
    int32_t wd; /* -1 on Q_OVERFLOW */
    uint32_t mask;
    uint32_t cookie;
    uint32_t namelen; /* without the NULs that pad it; 0: the event is about the watched thing */
    const char *name; /* points into the bytes; NUL after it where namelen > 0 */
};

/* The most that one record can take: header, NAME_MAX bytes, NUL. */
#define RAW_MAX (sizeof(struct inotify_event) + 256)

/*
 * Decodes the record at p, of which n bytes are there. Returns the bytes it takes, or 0 where n
 * is too small to hold it whole (a read never splits a record, so that means broken input).
 * p must be aligned as struct inotify_event is.
 */
static inline size_t decode(const char *p, size_t n, struct raw *r)
{
    const struct inotify_event *ev = (const void *)p;

    if (n < sizeof(*ev) || ev->len > n - sizeof(*ev))
        return 0;
    r->wd = ev->wd;
    r->mask = ev->mask;
    r->cookie = ev->cookie;
    /* The kernel pads the name with NULs up to a multiple of the header's size. */
    r->namelen = ev->len > 0 ? (uint32_t)strnlen(ev->name, ev->len) : 0;
    r->name = ev->name;
    return sizeof(*ev) + ev->len;
}

#endif
