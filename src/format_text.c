/*
 * format_text.c - "WATCH EVENTS NAME", byte for byte as inotifywait prints it by default.
 *
 * Owns: the layout of that line. Must not know: where it goes. Where a terminal reads it
 * (--color=always into a pager, say), names are escaped: see visible.h.
 */
#include "config.h"

#include "format_impl.h"

struct text {
    struct format base;
    char end;
    bool colour;
    bool escape;
    struct labels names;
};

static struct format *text_create(const struct format_config *cfg, const char **error)
{
    struct text *t = format_alloc(sizeof(*t));

    (void)error; /* Nothing here can be wrong. */
    t->end = cfg->null ? '\0' : '\n';
    t->colour = cfg->colour;
    t->escape = cfg->colour || cfg->escape;
    t->names.style = EVENT_TEXT;
    return &t->base;
}

static void put(const struct text *t, struct str s, struct buf *out)
{
    if (t->escape)
        visible_put(s.s, s.len, out);
    else
        buf_put(out, s.s, s.len);
}

/* One look at the room for all of it, which saves an eighth of what an event costs. */
static bool plain(struct text *t, const struct event *ev, struct buf *out)
{
    const struct labels_slot *slot = labels_known(&t->names, event_label(ev), ',');
    char *p;

    if (t->escape || slot == NULL)
        return false;
    p = buf_room(out, ev->watch.len + ev->name.len + slot->len + 3);
    p = mempcpy(p, ev->watch.s, ev->watch.len);
    *p++ = ' ';
    p = mempcpy(p, slot->text, slot->len);
    *p++ = ' ';
    p = mempcpy(p, ev->name.s, ev->name.len);
    *p++ = t->end;
    out->len = (size_t)(p - out->data);
    return true;
}

static void text_event(struct format *f, const struct event *ev, struct buf *out)
{
    struct text *t = (struct text *)f;
    struct str on;

    if (plain(t, ev, out))
        return;
    on = t->colour ? colour_of(ev->mask) : (struct str){"", 0};
    put(t, ev->watch, out);
    buf_putc(out, ' ');
    buf_put(out, on.s, on.len);
    labels_put(&t->names, event_label(ev), ',', out);
    if (on.len > 0)
        buf_lit(out, COLOUR_OFF);
    buf_putc(out, ' '); /* also where no name follows: scripts read three fields */
    put(t, ev->name, out);
    buf_putc(out, t->end);
}

const struct format_verbs format_text = {text_create, text_event, format_destroy_plain};
