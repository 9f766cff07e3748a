/*
 * decode.c - see decode.h.
 */
#include "config.h"

#include <string.h>
#include <sys/inotify.h>

#include "decode.h"

size_t decode(const char *p, size_t n, struct raw *r)
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
