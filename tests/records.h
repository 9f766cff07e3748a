/*
 * records.h - records to print, and the comparison of strings: for tests of formats.
 */
#ifndef PYWATCH_RECORDS_H
#define PYWATCH_RECORDS_H

#include "event.h"

#include <string.h>

static inline struct str str(const char *s)
{
    return (struct str){s, strlen(s)};
}

static inline bool same(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

static inline struct event base_event(void)
{
    struct event ev = {.time = {1795399200, 123456789}, .seq = 42, .wd = 1, .mask = IN_CREATE};

    ev.watch = str("d/");
    ev.name = str("f");
    return ev;
}

#endif
