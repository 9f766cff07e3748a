/*
 * status.h - what pywatch itself does, as records among those of events: --status.
 *
 * Owns: their names and keys. Must not know: what leads to them. Called by print, which numbers
 * them together with the events.
 */
#ifndef PYWATCH_STATUS_H
#define PYWATCH_STATUS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "buf.h"
#include "event.h"

enum status_kind {
    STATUS_READY,      /* all watches are in place: watches */
    STATUS_UNWATCHED,  /* the directory at path, and all below it, is not watched: error */
    STATUS_WATCH_LOST, /* what the user named by path is not watched any more */
    STATUS_RESYNCED    /* the tree has been compared with the disk, after records were lost */
};

struct status {
    enum status_kind kind;
    size_t watches;
    const char *path;
    int error; /* an errno value */
};

/*
 * Appends one JSON object and a newline. tags: members for its end, as json_put_tags writes them.
 */
void status_put(const struct status *s, struct timespec when, uint64_t seq, struct str tags,
                struct buf *out);

#endif
