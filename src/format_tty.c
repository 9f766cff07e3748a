/*
 * format_tty.c - a record for a person at a terminal: time, events in a column, path.
 *
 * Owns: that layout and its colours. Must not know: whether this really is a terminal.
 * Names are always escaped: nothing but the colours below reaches the terminal raw.
 */
#include "config.h"

#include "format_impl.h"

#include <stdlib.h>

enum {
    COLUMN_LEAST = 17, /* CLOSE_WRITE,CLOSE */
    COLUMN_MOST = 25   /* CLOSE_NOWRITE,CLOSE,ISDIR */
};

struct tty {
    struct format base;
    char end;
    bool colour;
    size_t column; /* widest names so far, between the two above: it grows and stays */
    struct labels names;
    struct clock clock;
};

static struct format *tty_create(const struct format_config *cfg, const char **error)
{
    struct tty *t = format_alloc(sizeof(*t));

    (void)error; /* Nothing here can be wrong. */
    t->end = cfg->null ? '\0' : '\n';
    t->colour = cfg->colour;
    t->column = COLUMN_LEAST;
    t->names.style = EVENT_TEXT;
    return &t->base;
}

static void tty_destroy(struct format *f)
{
    struct tty *t = (struct tty *)f;

    buf_free(&t->clock.text);
    free(t);
}

static void put_clock(struct tty *t, time_t second, struct buf *out)
{
    if (t->colour)
        buf_lit(out, COLOUR_DIM);
    clock_put_local(&t->clock, "%H:%M:%S", second, out);
    if (t->colour)
        buf_lit(out, COLOUR_OFF);
    buf_putc(out, ' ');
}

/* Returns the blanks that are still missing for the column. */
static size_t put_names(struct tty *t, const struct event *ev, struct buf *out)
{
    struct str on = t->colour ? colour_of(ev->mask) : (struct str){"", 0};
    size_t start, width;

    buf_put(out, on.s, on.len);
    start = out->len;
    labels_put(&t->names, event_label(ev), ',', out);
    width = out->len - start;
    if (on.len > 0)
        buf_lit(out, COLOUR_OFF);
    if (width > t->column)
        t->column = width > COLUMN_MOST ? COLUMN_MOST : width;
    return width < t->column ? t->column - width : 0;
}

static void tty_event(struct format *f, const struct event *ev, struct buf *out)
{
    struct tty *t = (struct tty *)f;
    size_t blanks;

    put_clock(t, ev->time.tv_sec, out);
    blanks = put_names(t, ev, out);
    if (ev->watch.len + ev->name.len > 0) { /* Q_OVERFLOW has neither. */
        memset(buf_room(out, blanks + 1), ' ', blanks + 1);
        out->len += blanks + 1;
        if (ev->from.len > 0) {
            visible_put(ev->from.s, ev->from.len, out);
            buf_lit(out, " -> ");
        }
        put_path_escaped(ev, out);
    }
    buf_putc(out, t->end);
}

const struct format_verbs format_tty = {tty_create, tty_event, tty_destroy};
