/*
 * buf.h - bytes that grow at the end.
 *
 * Owns: one heap block. Must not know: what the bytes mean.
 * Memory that cannot be had ends the program (err(3)): nothing above could go on without it.
 */
#ifndef PYWATCH_BUF_H
#define PYWATCH_BUF_H

#include <stddef.h>
#include <string.h>

struct buf {
    char *data; /* NULL until first used */
    size_t len; /* bytes in use */
    size_t cap; /* bytes allocated */
};

/* Grows so that at least `more` bytes fit after len. */
void buf_grow(struct buf *b, size_t more);
void buf_free(struct buf *b);

/* Room for `more` bytes at the end: write there, then add to len. */
static inline char *buf_room(struct buf *b, size_t more)
{
    if (b->cap - b->len < more)
        buf_grow(b, more);
    return b->data + b->len;
}

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
    if (n > 0) {
        memcpy(buf_room(b, n), p, n);
        b->len += n;
    }
}

static inline void buf_putc(struct buf *b, char c)
{
    *buf_room(b, 1) = c;
    b->len++;
}

#define buf_lit(b, literal) buf_put((b), (literal), sizeof(literal) - 1)

#define U64_DIGITS 20 /* 2^64 - 1 has so many */

/* Writes n in base 10 at p, without printf, and returns where it ends: for who has made room for as
 * many digits as n can have. */
static inline char *put_digits(char *p, unsigned long long n)
{
    char digits[U64_DIGITS];
    unsigned i = sizeof(digits);

    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    while (i < sizeof(digits))
        *p++ = digits[i++];
    return p;
}

/* The same at the end of b. */
void buf_put_u64(struct buf *b, unsigned long long n);

#endif
