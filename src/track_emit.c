/*
 * track_emit.c - events and notes on their way out of track.
 *
 * Owns: the path of the directory that was told of last, and the event that the next record is put
 * into. Must not know: what a record does to the tree.
 */
#include "config.h"

#include "track_impl.h"

void track_note(struct track *t, enum track_note what, nodeid id, int error)
{
    if (!t->cfg.verbose && (what == NOTE_WATCHED || what == NOTE_DROPPED))
        return;
    t->note.len = 0;
    if (id != NODE_NONE)
        tree_path(t->tree, id, false, &t->note);
    buf_putc(&t->note, '\0');
    t->cfg.note(t->cfg.arg, what, t->note.data, error);
}

bool track_ignores(struct track *t, const char *name, size_t len)
{
    if (t->cfg.ignored == NULL)
        return false;
    t->note.len = 0;
    buf_put(&t->note, name, len);
    buf_putc(&t->note, '\0');
    return t->cfg.ignored(t->cfg.arg, t->note.data);
}

/* The path of the last directory is kept: records come in runs. */
static struct str watch_path(struct track *t, nodeid id)
{
    if (id == NODE_NONE)
        return (struct str){ "", 0 };
    if (t->watch_id != id || t->watch_gen != tree_generation(t->tree)) {
        t->watch.len = 0;
        tree_path(t->tree, id, true, &t->watch);
        t->watch_id = id;
        t->watch_gen = tree_generation(t->tree);
    }
    return (struct str){ t->watch.data, t->watch.len };
}

void track_emit(struct track *t, nodeid id, const struct raw *r, const struct str *from)
{
    struct event ev = { .time = backlog_time(t->backlog),
                        .wd = r->wd,
                        .mask = r->mask,
                        .cookie = r->cookie,
                        .watch = watch_path(t, id),
                        .name = { r->name, r->namelen },
                        .from = from != NULL ? *from : NO_NAME };

    if (t->asks != NULL)
        ev.asked = ask_own(t, id) | IN_UNMOUNT | IN_Q_OVERFLOW;
    exchange_heard(t, &ev);
    t->cfg.emit(t->cfg.arg, &ev);
}

/* What is not set here stays as in an event without anything, but for what print sets. */
void track_emit_plain(struct track *t, nodeid id, const struct raw *r)
{
    struct event *ev = &t->plain;

    ev->time = backlog_time(t->backlog);
    ev->wd = r->wd;
    ev->mask = r->mask;
    ev->watch = watch_path(t, id);
    ev->name.s = r->name;
    ev->name.len = r->namelen;
    t->cfg.emit(t->cfg.arg, ev);
}

void track_synthetic(struct track *t, nodeid dir, struct str name, uint32_t mask)
{
    struct event ev = { .wd = tree_node(t->tree, dir)->wd,
                        .mask = mask,
                        .synthetic = true,
                        .watch = watch_path(t, dir),
                        .name = name,
                        .from = NO_NAME };

    if (t->asks != NULL)
        ev.asked = ask_own(t, dir) | IN_UNMOUNT | IN_Q_OVERFLOW;
    clock_gettime(CLOCK_REALTIME, &ev.time);
    exchange_heard(t, &ev);
    t->cfg.emit(t->cfg.arg, &ev);
}
