/*
 * event_lines.h - events to feed to a station, and what comes out of it as lines.
 *
 * Owns: how an event is written in these tests: its names, its path, and "< FROM" where it comes
 * from somewhere. Must not know: which station.
 */
#ifndef PYWATCH_EVENT_LINES_H
#define PYWATCH_EVENT_LINES_H

#include "buf.h"
#include "event.h"
#include "tap.h"

struct lines {
    struct buf text;
    struct event last; /* the numbers alone: its strings are gone */
    size_t count;
    bool quiet; /* only count */
};

static inline void lines_name(void *arg, const char *name, size_t len)
{
    struct buf *b = arg;

    if (b->len > 0 && b->data[b->len - 1] != '\n')
        buf_putc(b, ',');
    buf_put(b, name, len);
}

/* The `out` of a station: arg is a struct lines. */
static inline void lines_put(void *arg, struct event *ev)
{
    struct lines *l = arg;
    struct str head = event_path_head(ev);

    l->count++;
    l->last = *ev;
    if (l->quiet)
        return;
    event_names(event_label(ev), EVENT_EXACT, lines_name, &l->text);
    buf_putc(&l->text, ' ');
    buf_put(&l->text, head.s, head.len);
    buf_put(&l->text, ev->name.s, ev->name.len);
    if (ev->from.len > 0) {
        buf_lit(&l->text, " < ");
        buf_put(&l->text, ev->from.s, ev->from.len);
    }
    if (ev->synthetic)
        buf_lit(&l->text, " synthetic");
    if (ev->exchanged)
        buf_lit(&l->text, " exchanged");
    buf_putc(&l->text, '\n');
}

/* What has come out since the last time. */
static inline void lines_are(struct lines *l, const char *want, const char *what)
{
    buf_putc(&l->text, '\0');
    is_str(l->text.data, want, what);
    l->text.len = 0;
}

static inline struct str str_of(const char *s)
{
    return (struct str){ s, strlen(s) };
}

static inline struct event event_of(uint32_t mask, const char *watch, const char *name)
{
    return (struct event){ .wd = 1, .mask = mask, .watch = str_of(watch), .name = str_of(name) };
}

#endif
