/*
 * names.c - see names.h.
 *
 * Names are cut from large chunks in units of 4 bytes; one list of free places for each number of
 * units, threaded through the free places themselves.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

#define UNIT 4u
#define CHUNK_UNITS (16u * 1024) /* 64 KiB */
#define CLASSES 65               /* 1 .. 64 units hold 1 .. 256 bytes */

struct names {
    char **chunks;
    uint32_t nchunks, cap;
    uint32_t next, end;        /* the part of the newest chunk that was never used, in units */
    uint32_t free_at[CLASSES]; /* 0: none; unit 0 is never given out */
};

struct names *names_new(void)
{
    struct names *n = calloc(1, sizeof(*n));

    if (n == NULL)
        err(1, "out of memory");
    return n;
}

void names_free(struct names *n)
{
    if (n == NULL)
        return;
    for (uint32_t i = 0; i < n->nchunks; i++)
        free(n->chunks[i]);
    free(n->chunks);
    free(n);
}

static char *place(const struct names *n, uint32_t ref)
{
    return n->chunks[ref / CHUNK_UNITS] + (size_t)(ref % CHUNK_UNITS) * UNIT;
}

static void push_free(struct names *n, uint32_t ref, uint32_t units)
{
    memcpy(place(n, ref), &n->free_at[units], sizeof(uint32_t));
    n->free_at[units] = ref;
}

static void new_chunk(struct names *n)
{
    /* What is left of the old chunk serves as one free place. */
    if (n->end - n->next > 0 && n->end - n->next < CLASSES)
        push_free(n, n->next, n->end - n->next);
    if (n->nchunks == n->cap) {
        n->cap = n->cap > 0 ? n->cap * 2 : 16;
        n->chunks = reallocarray(n->chunks, n->cap, sizeof(*n->chunks));
        if (n->chunks == NULL)
            err(1, "out of memory for names");
    }
    if ((n->chunks[n->nchunks] = malloc((size_t)CHUNK_UNITS * UNIT)) == NULL)
        err(1, "out of memory for names");
    n->next = n->nchunks * CHUNK_UNITS;
    n->end = n->next + CHUNK_UNITS;
    if (n->nchunks++ == 0)
        n->next = 1;
}

uint32_t names_put(struct names *n, const char *s, size_t len)
{
    uint32_t units = (uint32_t)((len + UNIT - 1) / UNIT), ref;

    if (n->free_at[units] != 0) {
        ref = n->free_at[units];
        memcpy(&n->free_at[units], place(n, ref), sizeof(uint32_t));
    } else {
        if (n->end - n->next < units)
            new_chunk(n);
        ref = n->next;
        n->next += units;
    }
    memcpy(place(n, ref), s, len);
    return ref;
}

void names_drop(struct names *n, uint32_t ref, size_t len)
{
    push_free(n, ref, (uint32_t)((len + UNIT - 1) / UNIT));
}

const char *names_get(const struct names *n, uint32_t ref)
{
    return place(n, ref);
}
