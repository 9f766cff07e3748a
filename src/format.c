/*
 * format.c - picks the format, and holds what the formats share.
 *
 * Owns: the table of formats, the caches of names and times, and small things to put.
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

void labels_render(struct labels *n, uint32_t mask, char sep, struct buf *out)
{
    struct labels_slot *slot = labels_slot(n, mask, sep);
    struct joiner j = {out, out->len, sep, n->quoted};
    size_t len;

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
        tzset(); /* localtime_r(3) need not do it */
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

void put_path_escaped(const struct event *ev, struct buf *out)
{
    struct str head = event_path_head(ev);

    /* It ends in a slash where a name follows, so no character can span the two. */
    visible_put(head.s, head.len, out);
    visible_put(ev->name.s, ev->name.len, out);
}
