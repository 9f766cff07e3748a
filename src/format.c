/*
 * format.c - picks the format, and holds what the formats share.
 *
 * Owns: the table of formats, the caches of names and times, UTF-8 and the escaping for terminals.
 * Must not know: the layout of any one format.
 */
#include "config.h"

#include "format_impl.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

static const struct format_verbs *const formats[] = {
#define FORMAT(kind, name) [FORMAT_##kind] = &format_##name,
#include "format.def"
};

struct format *format_new(const struct format_config *cfg, const char **error)
{
    const struct format_verbs *verbs = formats[cfg->kind];
    struct format *f;

    tzset(); /* localtime_r(3) need not do it */
    f = verbs->create(cfg, error);
    if (f != NULL)
        f->verbs = verbs;
    return f;
}

void format_free(struct format *f)
{
    if (f != NULL)
        f->verbs->destroy(f);
}

void format_event(struct format *f, const struct event *ev, struct buf *out)
{
    f->verbs->event(f, ev, out);
}

void *format_alloc(size_t size)
{
    void *p = calloc(1, size);

    if (p == NULL)
        err(1, "cannot make a format");
    return p;
}

void format_destroy_plain(struct format *f)
{
    free(f);
}

/* Event names. */

struct joiner {
    struct buf *out;
    size_t start;
    char sep;
    bool quoted;
};

static void join(void *arg, const char *name, size_t len)
{
    struct joiner *j = arg;

    if (j->out->len > j->start)
        buf_putc(j->out, j->sep);
    if (j->quoted)
        buf_putc(j->out, '"');
    buf_put(j->out, name, len);
    if (j->quoted)
        buf_putc(j->out, '"');
}

void labels_put(struct labels *n, uint32_t mask, char sep, struct buf *out)
{
    uint32_t hash = (mask ^ ((uint32_t)(unsigned char)sep << 16)) * UINT32_C(0x9E3779B1);
    struct labels_slot *slot = &n->slot[hash >> 26];
    struct joiner j = {out, out->len, sep, n->quoted};
    size_t len;

    if (slot->mask == mask && slot->sep == sep && mask != 0) {
        buf_put(out, slot->text, slot->len);
        return;
    }
    event_names(mask, n->style, join, &j);
    len = out->len - j.start;
    if (len > 0 && len <= sizeof(slot->text)) {
        memcpy(slot->text, out->data + j.start, len);
        slot->len = (uint8_t)len;
        slot->sep = sep;
        slot->mask = mask;
    }
}

/* Times. */

void clock_put_local(struct clock *c, const char *fmt, time_t second, struct buf *out)
{
    if (!c->valid || c->second != second) {
        /* An empty result and one that does not fit both come back as 0 from strftime(3): a
         * byte at the end, taken off again, tells them apart. No field takes 100 times the two
         * bytes that name it, so what is still 0 then is a format strftime(3) cannot render. */
        size_t n = strlen(fmt), most = 100 * n + 100, got = 0;
        char *marked = format_alloc(n + 2);
        struct tm tm;

        memcpy(marked, fmt, n);
        marked[n] = '.';
        c->text.len = 0;
        if (localtime_r(&second, &tm) != NULL) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* The format is the user's. */
            got = strftime(buf_room(&c->text, most), most, marked, &tm);
#pragma GCC diagnostic pop
        }
        free(marked);
        c->text.len = got > 0 ? got - 1 : 0;
        c->second = second;
        c->valid = true;
    }
    buf_put(out, c->text.data, c->text.len);
}

void clock_put_utc(struct clock *c, time_t second, struct buf *out)
{
    if (!c->valid || c->second != second) {
        struct tm tm;
        int n = 0;

        c->text.len = 0;
        if (gmtime_r(&second, &tm) != NULL)
            n = snprintf(buf_room(&c->text, 80), 80, "%04lld-%02d-%02dT%02d:%02d:%02d",
                         tm.tm_year + 1900LL, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                         tm.tm_sec);
        c->text.len = n > 0 ? (size_t)n : 0;
        c->second = second;
        c->valid = true;
    }
    buf_put(out, c->text.data, c->text.len);
}

/* Small things. */

void put_hex(struct buf *out, uint32_t n)
{
    char digits[8];
    char *p = digits + sizeof(digits);

    do {
        *--p = "0123456789abcdef"[n & 15];
        n >>= 4;
    } while (n > 0);
    buf_put(out, p, (size_t)(digits + sizeof(digits) - p));
}

void put_path(const struct event *ev, struct buf *out)
{
    struct str head = event_path_head(ev);

    buf_put(out, head.s, head.len);
    buf_put(out, ev->name.s, ev->name.len);
}

struct str colour_of(uint32_t mask)
{
#define COLOUR(code) ((struct str){"\033[" code "m", sizeof("\033[" code "m") - 1})
    if (mask & (IN_Q_OVERFLOW | IN_UNMOUNT))
        return COLOUR("1;31");
    if (mask & (IN_DELETE | IN_DELETE_SELF))
        return COLOUR("31");
    if (mask & IN_CREATE)
        return COLOUR("32");
    if (mask & (IN_MOVE | IN_MOVE_SELF))
        return COLOUR("35");
    if (mask & (IN_MODIFY | IN_CLOSE_WRITE))
        return COLOUR("33");
    if (mask & (IN_ACCESS | IN_OPEN | IN_CLOSE_NOWRITE))
        return COLOUR("2");
    return (struct str){"", 0};
#undef COLOUR
}

/* UTF-8. */

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

size_t plain_run(const char *s, size_t n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    size_t i = 0;

    /* Eight bytes at a time. (x - k * ones) & ~x & tops is non-zero exactly where some byte of x
     * is below k (k <= 128); after an exclusive or with c, below 1 means equal to c. */
    for (; n - i >= 8; i += 8) {
        uint64_t x, quote, slash, del;

        memcpy(&x, s + i, 8);
        quote = x ^ (ones * '"');
        slash = x ^ (ones * '\\');
        del = x ^ (ones * 0x7f);
        if ((x | ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
             ((del - ones) & ~del)) &
            tops)
            break;
    }
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

/* One hazardous character, or a bad byte (len 0), in place of itself. */
static void put_visible(uint32_t cp, size_t len, struct buf *out)
{
    static const char letters[] = "\n\t\r\033", shown[] = "ntre";
    const char *hit = cp != 0 && cp < 0x80 ? strchr(letters, (int)cp) : NULL;

    buf_putc(out, '\\');
    if (hit != NULL) {
        buf_putc(out, shown[hit - letters]);
    } else if (len < 2) {
        buf_putc(out, 'x');
        if (cp < 16)
            buf_putc(out, '0');
        put_hex(out, cp);
    } else if (cp > 0xffff) {
        buf_lit(out, "u{");
        put_hex(out, cp);
        buf_putc(out, '}');
    } else {
        buf_putc(out, 'u');
        if (cp < 0x1000)
            buf_putc(out, '0');
        if (cp < 0x100)
            buf_putc(out, '0');
        put_hex(out, cp);
    }
}

void put_escaped(struct str s, struct buf *out)
{
    size_t i = 0;

    while (i < s.len) {
        size_t n = plain_run(s.s + i, s.len - i);
        uint32_t cp = 0;

        if (n == 0) {
            n = utf8_decode(s.s + i, s.len - i, &cp);
            if (n == 0 || utf8_hazard(cp)) {
                put_visible(n == 0 ? (unsigned char)s.s[i] : cp, n, out);
                i += n == 0 ? 1 : n;
                continue;
            }
            if (cp == '\\')
                buf_putc(out, '\\');
        }
        buf_put(out, s.s + i, n);
        i += n;
    }
}

void put_path_escaped(const struct event *ev, struct buf *out)
{
    /* The head ends in a slash where a name follows, so no character can span the two. */
    put_escaped(event_path_head(ev), out);
    put_escaped(ev->name, out);
}
