/*
 * buf.c - bytes that grow at the end.
 *
 * Owns: one heap block for each struct buf. Must not know: what the bytes mean.
 */
#include "config.h"

#include "buf.h"

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

void buf_grow(struct buf *b, size_t more)
{
    size_t cap = b->cap < 128 ? 128 : b->cap;
    char *data;

    if (more > SIZE_MAX / 2 - b->len) {
        errno = ENOMEM;
        err(1, "cannot hold %zu more bytes", more);
    }
    /* Doubling keeps the copying linear in all that is ever appended. */
    while (cap - b->len < more)
        cap *= 2;
    if (cap == b->cap)
        return;
    data = realloc(b->data, cap);
    if (data == NULL)
        err(1, "cannot hold %zu bytes", cap);
    b->data = data;
    b->cap = cap;
}

void buf_free(struct buf *b)
{
    free(b->data);
    b->data = NULL;
    b->len = b->cap = 0;
}

void buf_put_u64(struct buf *b, unsigned long long n)
{
    char *p = put_digits(buf_room(b, U64_DIGITS), n);

    b->len = (size_t)(p - b->data);
}
