/*
 * status.c - see status.h.
 */
#include "config.h"

#include "status.h"

#include <string.h>

#include "json.h"

static const char *const names[] = { [STATUS_READY] = "ready",
                                     [STATUS_UNWATCHED] = "unwatched",
                                     [STATUS_WATCH_LOST] = "watch_lost",
                                     [STATUS_RESYNCED] = "resynced" };

static struct str text(const char *s)
{
    return (struct str){ s, strlen(s) };
}

void status_put(const struct status *s, struct timespec when, uint64_t seq, struct str tags,
                struct buf *out)
{
    buf_putc(out, '{');
    json_put_time(when, out);
    buf_lit(out, ",\"seq\":");
    buf_put_u64(out, seq);
    json_put_member("status", text(names[s->kind]), out);
    switch (s->kind) {
    case STATUS_READY:
        buf_lit(out, ",\"watches\":");
        buf_put_u64(out, s->watches);
        break;
    case STATUS_UNWATCHED:
        json_put_member("path", text(s->path), out);
        json_put_member("error", text(strerror(s->error)), out);
        break;
    case STATUS_WATCH_LOST:
        json_put_member("path", text(s->path), out);
        break;
    case STATUS_RESYNCED:
        break;
    }
    buf_put(out, tags.s, tags.len);
    buf_lit(out, "}\n");
}
