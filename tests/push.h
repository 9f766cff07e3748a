/*
 * push.h - one record as the kernel would queue it: for tests of the backlog.
 */
#ifndef PYWATCH_PUSH_H
#define PYWATCH_PUSH_H

#include "backlog.h"

#include <string.h>

static inline void push(struct backlog *b, int32_t wd, uint32_t mask, uint32_t cookie, const char *name)
{
    _Alignas(struct inotify_event) char bytes[sizeof(struct inotify_event) + 256];
    struct inotify_event *ev = (void *)bytes;
    size_t len = strlen(name);

    memset(bytes, 0, sizeof(bytes));
    *ev = (struct inotify_event){ .wd = wd, .mask = mask, .cookie = cookie };
    ev->len = len > 0 ? (uint32_t)(len / 16 + 1) * 16 : 0;
    memcpy(bytes + sizeof(*ev), name, len);
    backlog_push(b, bytes, sizeof(*ev) + ev->len);
}

#endif
