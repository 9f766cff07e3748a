/*
 * cookies.c - see cookies.h.
 */
#include "config.h"

#include "cookies.h"

#include <err.h>
#include <stdlib.h>

void cookies_free(struct cookies *c)
{
    free(c->slots);
}

static struct cookie_slot *slot_of(const struct cookies *c, uint32_t cookie)
{
    size_t i = cookie & (c->cap - 1);

    while (c->slots[i].cookie != 0 && c->slots[i].cookie != cookie)
        i = (i + 1) & (c->cap - 1);
    return &c->slots[i];
}

/* Makes room, leaving behind what has been taken meanwhile. */
static void grow(struct cookies *c, struct cursor first)
{
    struct cookie_slot *old = c->slots;
    size_t n = c->cap, live = 0;

    for (size_t i = 0; i < n; i++)
        if (old[i].cookie != 0 && !cursor_before(old[i].at, first))
            live++;
    while (c->cap == 0 || live * 4 > c->cap)
        c->cap = c->cap > 0 ? c->cap * 2 : 64;
    c->slots = calloc(c->cap, sizeof(*c->slots));
    if (c->slots == NULL)
        err(1, "out of memory");
    c->n = 0;
    for (size_t i = 0; i < n; i++)
        if (old[i].cookie != 0 && !cursor_before(old[i].at, first)) {
            *slot_of(c, old[i].cookie) = old[i];
            c->n++;
        }
    free(old);
}

void cookies_put(struct cookies *c, uint32_t cookie, struct cursor at, struct cursor first)
{
    if (c->n * 2 >= c->cap)
        grow(c, first);
    *slot_of(c, cookie) = (struct cookie_slot){ cookie, at };
    c->n++;
}

bool cookies_find(const struct cookies *c, uint32_t cookie, struct cursor first, struct cursor *at)
{
    const struct cookie_slot *slot;

    if (c->cap == 0)
        return false;
    slot = slot_of(c, cookie);
    if (slot->cookie == 0 || cursor_before(slot->at, first))
        return false;
    *at = slot->at;
    return true;
}
