/*
 * tell.c - see tell.h.
 */
#include "config.h"

#include "tell.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inotify.h"
#include "limit.h"
#include "visible.h"

static void put_name(void *arg, const char *name, size_t len)
{
    struct buf *b = arg;

    if (b->len > 0)
        buf_putc(b, ',');
    buf_put(b, name, len);
}

/* False: the event has no name, and there is nothing to tell of it. */
static bool event_names_line(struct buf *b, const struct event *ev)
{
    event_names(ev->mask, EVENT_TEXT, put_name, b);
    return b->len > 0;
}

/* A warning about one path; error: what errno was, 0 where there is nothing more to say. */
static void about_path(const char *before, const char *path, const char *after, int error)
{
    char *seen = visible(path);

    if (error != 0)
        warnc(error, "%s%s%s", before, seen, after);
    else
        warnx("%s%s%s", before, seen, after);
    free(seen);
}

void tell_dropped(const struct tell *t, const struct event *ev, const char *why)
{
    struct str head = event_path_head(ev);
    struct buf line = { 0 };

    if (t->verbose == 0 || t->as_inotifywatch)
        return;
    if (event_names_line(&line, ev)) {
        buf_putc(&line, ' ');
        visible_put(head.s, head.len, &line);
        visible_put(ev->name.s, ev->name.len, &line);
        warnx("not printed: %.*s: %s", (int)line.len, line.data, why);
    }
    buf_free(&line);
}

void tell_note(const struct tell *t, enum track_note what, const char *path, int error,
               size_t needed)
{
    bool verbose = t->verbose > 0 && !t->as_inotifywatch;

    switch (what) {
    case NOTE_WATCHED:
        if (verbose)
            about_path("watching ", path, "", 0);
        break;
    case NOTE_DROPPED:
        if (verbose)
            about_path("no longer watching ", path, "", 0);
        break;
    case NOTE_UNWATCHED:
        if (error == ENOSPC)
            limit_watch_failed(path, error, needed, t->as_inotifywait);
        else
            about_path("not watched: ", path, " and all below it", error);
        break;
    case NOTE_ROOT_MOVED:
        if (error != 0)
            about_path("", path,
                     " was moved away, it is not known where to: its events keep this path, and "
                     "directories that appear in it are not watched",
                     0);
        else if (t->verbose > 0)
            about_path("a watched path is called ", path, " now", 0);
        break;
    case NOTE_ROOT_LOST:
        break;
    case NOTE_AWAITED:
        /* That it is not there yet is what --follow is for. */
        if (verbose || error != ENOENT)
            about_path("waiting for ", path, "", error);
        break;
    case NOTE_BLIND:
        about_path("", path,
                   ": a directory on the way to it cannot be read: it may be replaced unseen", 0);
        break;
    case NOTE_OVERFLOW:
        warnx("the kernel's queue overflowed: events were lost; max_queued_events is %ld",
              inotify_limit("max_queued_events"));
        break;
    case NOTE_RESYNCED:
        if (t->verbose > 0)
            warnx("the watched tree has been compared with the disk");
        break;
    }
}

void tell_setting_up(const struct tell *t)
{
    if (t->progress == NULL)
        return;
    if (t->as_inotifywatch)
        fputs("Establishing watches...\n", t->progress);
    else if (t->quiet == 0)
        fputs(t->recursive ? "Setting up watches.  Beware: since -r was given, this may take "
                             "a while!\n"
                           : "Setting up watches.\n",
              t->progress);
}

void tell_ready(const struct tell *t, size_t watches)
{
    if (t->progress == NULL)
        return;
    if (!t->as_inotifywatch) {
        if (t->quiet == 0)
            fputs("Watches established.\n", t->progress);
        return;
    }
    if (t->verbose > 0)
        fprintf(t->progress, "Total of %zu watches.\n", watches);
    fputs("Finished establishing watches, now collecting statistics.\n", t->progress);
    if (t->verbose > 0 && t->timeout_ns > 0)
        fprintf(t->progress, "Will listen for events for %lld seconds.\n",
                (long long)(t->timeout_ns / 1000000000));
}

/* inotifywatch -v tells about each path where -r is given. */
static bool each_root(const struct tell *t)
{
    return t->as_inotifywatch && t->recursive && t->verbose > 0;
}

void tell_root(const struct tell *t, const char *path)
{
    char *seen = visible(path);

    if (each_root(t))
        fprintf(stderr, "Setting up watch(es) on %s\n", seen);
    free(seen);
}

void tell_root_done(const struct tell *t, const char *path, int error, size_t needed)
{
    char *seen = visible(path);

    if (error == 0 && each_root(t))
        fprintf(stderr, "OK, %s is now being watched.\n", seen);
    else if (error != 0 && error != ENOSPC && t->as_inotifywatch)
        fprintf(stderr, "Failed to watch %s: %s\n", seen, strerror(error));
    else if (error != 0)
        limit_watch_failed(path, error, needed, t->as_inotifywait);
    free(seen);
}

void tell_not_told(const struct tell *t, int fd, const char *socket, int error)
{
    (void)t;
    if (socket != NULL)
        about_path("cannot notify the service manager at ", socket, " ($NOTIFY_SOCKET)", error);
    else
        warnc(error, "cannot write to descriptor %d (--ready-fd)", fd);
}

void tell_remote(const struct tell *t, const char *path, const char *kind)
{
    char *seen = visible(path);

    if (t->quiet == 0)
        warnx("%s is on a file system (%s) that others can change: only what is done through this "
              "mount is reported; to see the rest, watch where it is done",
              seen, kind);
    free(seen);
}

void tell_no_control(const char *file, int error)
{
    if (strcmp(file, "-") == 0)
        warnc(error, "cannot read commands from standard input");
    else
        about_path("cannot read commands from ", file, "", error);
}

void tell_no_outfile(const struct tell *t, const char *path, int error)
{
    char *seen = visible(path);

    if (t->as_inotifywait)
        fprintf(stderr, "Failed to open output file %s\n", seen);
    else
        warnc(error, "Failed to open output file %s", seen);
    free(seen);
}
