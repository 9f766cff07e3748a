/*
 * cookies.h - where the second half of each rename stands, by the cookie of the two.
 *
 * Owns: a hash table of cursors. Must not know: how records lie, who reads them, what a rename is;
 * all that it knows of a record is its cookie and its cursor (backlog.h).
 *
 * Nothing is ever taken out: a cursor that lies before the first record that waits counts as gone,
 * and is left behind when the table grows.
 */
#ifndef PYWATCH_COOKIES_H
#define PYWATCH_COOKIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backlog.h"

struct cookie_slot {
    uint32_t cookie; /* 0: free */
    struct cursor at;
};

struct cookies {
    struct cookie_slot *slots; /* open addressing */
    size_t cap, n;
};

void cookies_free(struct cookies *c);

/* cookie is not 0; first is the cursor of the first record that waits. */
void cookies_put(struct cookies *c, uint32_t cookie, struct cursor at, struct cursor first);

/* The cursor that was put last for this cookie, in *at. False where there is none that waits. */
bool cookies_find(const struct cookies *c, uint32_t cookie, struct cursor first, struct cursor *at);

/* Whether a stands before b. */
static inline bool cursor_before(struct cursor a, struct cursor b)
{
    /* Signed difference: the numbers of blocks may wrap round. */
    int32_t d = (int32_t)(a.block - b.block);

    return d < 0 || (d == 0 && a.off < b.off);
}

#endif
