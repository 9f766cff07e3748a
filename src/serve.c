/*
 * serve.c - see serve.h.
 */
#include "config.h"

#include "serve.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "reply.h"

#define AT_ONCE 64 /* commands in one go: events want to be read, too */

struct serve {
    struct serve_config cfg;
    struct command command;
    bool busy;     /* the command waits until all before it has been printed */
    bool dropping; /* it was a `remove`, and waits for what still comes of that */
    bool quit;
};

struct serve *serve_new(const struct serve_config *cfg)
{
    struct serve *s = calloc(1, sizeof(*s));

    if (s == NULL)
        err(1, "out of memory");
    s->cfg = *cfg;
    return s;
}

void serve_free(struct serve *s)
{
    if (s == NULL)
        return;
    command_free(&s->command);
    free(s);
}

void serve_pollfd(const struct serve *s, struct pollfd *p)
{
    control_pollfd(s->cfg.control, p);
    if (s->busy || s->quit)
        p->fd = -1;
}

bool serve_open(const struct serve *s)
{
    return !s->quit && (s->busy || !control_ended(s->cfg.control));
}

static struct str text(const char *s)
{
    return (struct str){ s, strlen(s) };
}

/* An answer that is ready: ok where there is no error. */
static void answer(struct serve *s, struct str error)
{
    struct buf *out = output_buf(s->cfg.output);

    reply_begin(&s->command, out);
    if (error.len > 0)
        reply_error(error, out);
    else
        reply_ok(out);
    reply_end(print_tags(s->cfg.print), out);
}

/* What was wrong with a line that is not even to be read. */
static void answer_junk(struct serve *s, const char *what)
{
    s->command.kind = COMMAND_BAD;
    s->command.path.len = 0;
    answer(s, text(what));
}

static const char *why_not(int error)
{
    switch (error) {
    case ENOSPC:
        return "upper limit on inotify watches reached: pywatch --limits tells who has them";
    case EEXIST:
        return "it is watched already, and MASK_CREATE was given";
    case ESTALE:
        return "it was replaced while it was being added";
    default:
        return strerror(error);
    }
}

static void add(struct serve *s)
{
    struct command *c = &s->command;
    const struct track_ask ask = { .events = c->events,
                                   .flags = c->flags,
                                   .recursive = c->recursive };
    int error = track_add(s->cfg.track, c->path.data, &ask, &c->wd);

    if (error != 0)
        c->wd = -1;
    else
        s->cfg.added(s->cfg.arg, c->wd);
    answer(s, text(error != 0 ? why_not(error) : ""));
}

/* Takes it away. False: it was answered with an error. */
static bool drop(struct serve *s)
{
    struct command *c = &s->command;
    const char *path = c->path.len > 0 ? c->path.data : NULL, *of = NULL;
    struct buf error = { 0 };

    switch (track_drop(s->cfg.track, path, &c->wd, &of)) {
    case 0:
        return true;
    case EBUSY:
        buf_lit(&error, "it is watched as a part of ");
        buf_put(&error, of, strlen(of));
        buf_lit(&error, ", which can be removed");
        break;
    default:
        buf_lit(&error, "it is not watched");
        break;
    }
    answer(s, (struct str){ error.data, error.len });
    buf_free(&error);
    return false;
}

static void dropped(struct serve *s)
{
    track_dropped(s->cfg.track, s->command.wd);
    answer(s, text(""));
}

static void put_watch(void *arg, const struct track_watch *w)
{
    reply_watch(w->wd, w->path, w->mask, w->recursive, arg);
}

static void list(struct serve *s)
{
    struct buf *out = output_buf(s->cfg.output);

    reply_begin(&s->command, out);
    reply_ok(out);
    reply_watches_begin(out);
    track_each(s->cfg.track, put_watch, out);
    reply_watches_end(out);
    reply_end(print_tags(s->cfg.print), out);
}

static void stats(struct serve *s)
{
    size_t pending = output_pending(s->cfg.output);
    struct buf *out = output_buf(s->cfg.output);

    reply_begin(&s->command, out);
    reply_ok(out);
    reply_number("watches", track_watches(s->cfg.track), out);
    reply_number("printed", *print_count(s->cfg.print), out);
    reply_number("read", backlog_read_count(s->cfg.backlog), out);
    reply_number("overflows", track_overflows(s->cfg.track), out);
    reply_number("unread", pending, out);
    reply_end(print_tags(s->cfg.print), out);
}

/* All that had happened before has been printed. */
static void carry_out(struct serve *s)
{
    s->busy = false;
    switch (s->command.kind) {
    case COMMAND_ADD:
        add(s);
        break;
    case COMMAND_REMOVE:
        if (s->dropping) {
            s->dropping = false;
            dropped(s);
        } else if (drop(s)) {
            s->busy = s->dropping = true;
            track_sync(s->cfg.track);
        }
        break;
    case COMMAND_LIST:
        list(s);
        break;
    case COMMAND_STATS:
        stats(s);
        break;
    case COMMAND_QUIT:
        s->quit = true;
        answer(s, text(""));
        print_stop(s->cfg.print);
        break;
    default:
        answer(s, text(""));
        break;
    }
}

/* Takes the next line. False: there is none. */
static bool take(struct serve *s)
{
    struct str line;

    switch (control_next(s->cfg.control, &line)) {
    case CONTROL_NONE:
        return false;
    case CONTROL_TOO_LONG:
        answer_junk(s, "the line is longer than 65536 bytes");
        break;
    case CONTROL_CUT_OFF:
        answer_junk(s, "the input ended within a line");
        break;
    case CONTROL_LINE:
        if (!command_parse(line.s, line.len, &s->command)) {
            answer(s, (struct str){ s->command.error.data, s->command.error.len });
        } else if (s->command.kind != COMMAND_NONE) {
            s->busy = true;
            track_sync(s->cfg.track);
        }
        break;
    }
    return true;
}

bool serve_run(struct serve *s, bool read)
{
    for (int i = 0; i < AT_ONCE && !s->quit && !output_full(s->cfg.output); i++) {
        int error = 0;

        if (s->busy) {
            if (!track_synced(s->cfg.track))
                return true;
            print_flush(s->cfg.print);
            carry_out(s);
            continue;
        }
        if (take(s))
            continue;
        if (read)
            error = control_fill(s->cfg.control);
        if (error != 0)
            s->cfg.failed(s->cfg.arg, error);
        if (!read || !take(s))
            return false;
        read = false;
    }
    return !s->quit && !output_full(s->cfg.output);
}
