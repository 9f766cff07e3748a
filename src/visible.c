/*
 * visible.c - names, written so that nobody can take them for something else.
 *
 * Owns: which characters may be shown as they are, UTF-8, and what stands for all others.
 * Must not know: what a name names, or where it is shown.
 */
#include "config.h"

#include "visible.h"

#include <string.h>

/* UTF-8. */

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/*
 * Eight bytes at once. (x - k * ones) & ~x & tops is non-zero exactly where some byte of x is
 * below k (k <= 128); after an exclusive or with c, below 1 means equal to c.
 */
static bool plain_eight(const char *s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t x, quote, slash, del;

    memcpy(&x, s, 8);
    quote = x ^ (ones * '"');
    slash = x ^ (ones * '\\');
    del = x ^ (ones * 0x7f);
    return ((x | ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
             ((del - ones) & ~del)) &
            tops) == 0;
}

size_t plain_run(const char *s, size_t n)
{
    size_t i = 0;

    while (n - i >= 8 && plain_eight(s + i))
        i += 8;
    /* What is left is less than eight bytes: with some that were looked at already. */
    if (n >= 8 && n - i < 8 && plain_eight(s + n - 8))
        return n;
    while (i < n && plain((unsigned char)s[i]))
        i++;
    return i;
}

size_t utf8_decode(const char *s, size_t n, uint32_t *cp)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t len, i;
    uint32_t c = u[0], least;

    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    if (c >= 0xc2 && c <= 0xdf)
        len = 2, c &= 0x1f, least = 0x80;
    else if (c >= 0xe0 && c <= 0xef)
        len = 3, c &= 0x0f, least = 0x800;
    else if (c >= 0xf0 && c <= 0xf4)
        len = 4, c &= 0x07, least = 0x10000;
    else
        return 0;
    if (n < len)
        return 0;
    for (i = 1; i < len; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (u[i] & 0x3fu);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return len;
}

bool utf8_hazard(uint32_t cp)
{
    if (cp < 0xa0)
        return cp < 0x20 || cp >= 0x7f;
    if (cp < 0x2000)
        return cp == 0xad || cp == 0x61c || cp == 0x180e;
    return (cp >= 0x200b && cp <= 0x200f) || /* zero width, left-to-right and back marks */
           (cp >= 0x2028 && cp <= 0x202e) || /* separators, embeddings, overrides */
           (cp >= 0x2060 && cp <= 0x206f) || /* joiner, isolates, invisible operators */
           cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
           (cp >= 0xe0000 && cp <= 0xe007f); /* tags */
}

/* What stands for a code: a backslash, what introduces it, and so many digits in base 16. */
static void put_code(const char *intro, uint32_t code, int digits, struct buf *out)
{
    buf_putc(out, '\\');
    buf_put(out, intro, strlen(intro));
    while (digits-- > 0)
        buf_putc(out, "0123456789abcdef"[code >> (4 * digits) & 15]);
}

/* One hazardous character of len bytes, or a bad byte (len 0), in place of itself. */
static void put_hazard(uint32_t cp, size_t len, struct buf *out)
{
    static const char letters[] = "\n\t\r\033", shown[] = "ntre";
    const char *hit = cp != 0 && cp < 0x80 ? strchr(letters, (int)cp) : NULL;

    if (hit != NULL) {
        buf_putc(out, '\\');
        buf_putc(out, shown[hit - letters]);
    } else if (len < 2) {
        put_code("x", cp, 2, out);
    } else if (cp <= 0xffff) {
        put_code("u", cp, 4, out);
    } else {
        put_code("u{", cp, cp > 0xfffff ? 6 : 5, out);
        buf_putc(out, '}');
    }
}

void visible_put(const char *s, size_t n, struct buf *out)
{
    const char *end = s + n;

    while (s < end) {
        size_t len = plain_run(s, (size_t)(end - s));
        uint32_t cp = 0;

        if (len == 0) {
            len = utf8_decode(s, (size_t)(end - s), &cp);
            if (len == 0 || utf8_hazard(cp)) {
                put_hazard(len == 0 ? (unsigned char)*s : cp, len, out);
                s += len == 0 ? 1 : len;
                continue;
            }
            if (cp == '\\')
                buf_putc(out, '\\');
        }
        buf_put(out, s, len);
        s += len;
    }
}

char *visible(const char *s)
{
    struct buf text = {0};

    visible_put(s, strlen(s), &text);
    buf_putc(&text, '\0');
    return text.data;
}
