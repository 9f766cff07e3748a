/*
 * main.c - the stations put together, and the exit status. Nothing else.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backlog.h"
#include "daemon.h"
#include "filter.h"
#include "format.h"
#include "inotify.h"
#include "limit.h"
#include "loop.h"
#include "options.h"
#include "output.h"
#include "summary.h"
#include "track.h"
#include "visible.h"

#define EXIT_TIMEOUT 2

struct program {
    struct options opt;
    struct filter *filter;
    struct format *format;
    struct summary *summary; /* NULL: records are printed */
    struct output *output;
    struct backlog *backlog;
    struct track *track;
    uint32_t asked; /* what is printed */
    uint64_t wanted;
    uint64_t printed;
    bool done;
    bool unasked; /* an event that was not asked for ended the run */
};

static bool event_names_line(struct buf *b, const struct event *ev);

/* --verbose: an event that is not printed, and why. */
static void say_dropped(const struct event *ev, const char *why)
{
    struct str head = event_path_head(ev);
    struct buf line = { 0 };

    if (event_names_line(&line, ev)) {
        buf_putc(&line, ' ');
        visible_put(head.s, head.len, &line);
        visible_put(ev->name.s, ev->name.len, &line);
        warnx("not printed: %.*s: %s", (int)line.len, line.data, why);
    }
    buf_free(&line);
}

/* A warning about one path; error: what errno was, 0 where there is nothing more to say. */
static void say_path(const char *before, const char *path, const char *after, int error)
{
    char *seen = visible(path);

    if (error != 0)
        warnc(error, "%s%s%s", before, seen, after);
    else
        warnx("%s%s%s", before, seen, after);
    free(seen);
}

static void put_name(void *arg, const char *name, size_t len)
{
    struct buf *b = arg;

    if (b->len > 0)
        buf_putc(b, ',');
    buf_put(b, name, len);
}

static bool event_names_line(struct buf *b, const struct event *ev)
{
    event_names(ev->mask, EVENT_TEXT, put_name, b);
    return b->len > 0;
}

static void on_emit(void *arg, const struct event *ev)
{
    struct program *p = arg;
    const char *why;
    struct event numbered;

    if (p->done)
        return;
    if (!filter_keep(p->filter, ev, &why)) {
        if (p->opt.verbose > 0 && !p->opt.as_inotifywatch)
            say_dropped(ev, why);
        return;
    }
    numbered = *ev;
    numbered.seq = ++p->printed;
    if (p->summary != NULL)
        summary_count(p->summary, &numbered);
    else if (p->opt.quiet < 2)
        format_event(p->format, &numbered, output_buf(p->output));
    if (p->wanted > 0 && p->printed == p->wanted)
        p->done = true;
}

static void on_note(void *arg, enum track_note what, const char *path, int error)
{
    struct program *p = arg;

    switch (what) {
    case NOTE_WATCHED:
        if (p->opt.verbose > 0 && !p->opt.as_inotifywatch)
            say_path("watching ", path, "", 0);
        break;
    case NOTE_DROPPED:
        if (p->opt.verbose > 0 && !p->opt.as_inotifywatch)
            say_path("no longer watching ", path, "", 0);
        break;
    case NOTE_UNWATCHED:
        if (error == ENOSPC)
            limit_watch_failed(path, error, track_needed(p->track), p->opt.as_inotifywait);
        else
            say_path("not watched: ", path, " and all below it", error);
        break;
    case NOTE_ROOT_MOVED:
        if (error != 0)
            say_path("", path,
                     " was moved away, it is not known where to: its events keep this path, and "
                     "directories that appear in it are not watched",
                     0);
        else if (p->opt.verbose > 0)
            say_path("a watched path is called ", path, " now", 0);
        break;
    case NOTE_ROOT_LOST:
        /* As inotifywait: without -m, the end of a watch that nobody asked for ends the run. */
        if (!p->done && !p->opt.monitor && p->opt.count == 0)
            p->done = p->unasked = true;
        break;
    case NOTE_OVERFLOW:
        warnx("the kernel's queue overflowed: events were lost; max_queued_events is %ld",
              inotify_limit("max_queued_events"));
        break;
    case NOTE_RESYNCED:
        if (p->opt.verbose > 0)
            warnx("the watched tree has been compared with the disk");
        break;
    }
}

static bool on_ignored(void *arg, const char *name)
{
    struct program *p = arg;

    return filter_ignored(p->filter, name);
}

static uint32_t asked_for(const struct options *o)
{
    uint32_t asked = o->events;

    if (asked == 0)
        asked = IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW;
    if (o->format == FORMAT_JSON)
        asked |= IN_UNMOUNT | IN_Q_OVERFLOW;
    /* It counts the end of a watch in its total. */
    if (o->as_inotifywatch)
        asked |= IN_IGNORED;
    return asked;
}

static int open_filter(struct program *p)
{
    const struct filter_config cfg = { .rules = p->opt.rules,
                                       .nrules = p->opt.nrules,
                                       .globs = (const char *const *)p->opt.ignore.v,
                                       .nglobs = p->opt.ignore.n,
                                       .events = p->asked,
                                       .files = p->opt.type_files,
                                       .dirs = p->opt.type_dirs };
    const char *error;

    p->filter = filter_new(&cfg, &error);
    if (p->filter == NULL)
        warnx("%s", error);
    return p->filter != NULL ? 0 : -1;
}

static void say_no_outfile(const struct program *p, int error)
{
    char *seen = visible(p->opt.outfile);

    if (p->opt.as_inotifywait)
        fprintf(stderr, "Failed to open output file %s\n", seen);
    else
        warnc(error, "Failed to open output file %s", seen);
    free(seen);
}

static int open_output(struct program *p)
{
    struct format_config cfg = { .kind = p->opt.format,
                                 .spec = p->opt.spec,
                                 .timefmt = p->opt.timefmt,
                                 .null = p->opt.null,
                                 .no_newline = p->opt.no_newline,
                                 .lenient = p->opt.as_inotifywait };
    const char *error;
    int fd = STDOUT_FILENO;

    if (p->opt.outfile != NULL) {
        fd = open(p->opt.outfile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) {
            say_no_outfile(p, errno);
            return -1;
        }
    }
    cfg.colour = p->opt.colour == WHEN_ALWAYS;
    cfg.escape = isatty(fd);
    if (cfg.kind == FORMAT_TEXT && !cfg.null && isatty(fd)) {
        cfg.kind = FORMAT_TTY;
        cfg.colour = p->opt.colour != WHEN_NEVER;
    }
    p->format = format_new(&cfg, &error);
    if (p->format == NULL) {
        warnx("%s", error);
        return -1;
    }
    p->output = output_new(fd, p->opt.buffer);
    if (p->opt.summary) {
        const struct summary_config counts = { .sort = p->opt.sort,
                                               .ascending = p->opt.sort_ascending,
                                               .zero = p->opt.zero,
                                               .events = p->opt.events != 0 ? p->opt.events
                                                                            : IN_ALL_EVENTS,
                                               .json = p->opt.format == FORMAT_JSON,
                                               .escape = isatty(fd) };

        p->summary = summary_new(&counts);
    }
    return 0;
}

/* For --zero: what is watched has a row even where nothing happened. */
static void rows_of_zeros(struct program *p)
{
    const struct tree *tree = track_tree(p->track);
    struct buf path = { 0 };

    for (size_t i = 0; i < tree_roots(tree); i++) {
        nodeid top = tree_root(tree, i);

        for (nodeid id = top; id != NODE_NONE; id = tree_next(tree, id, top)) {
            const struct node *n = tree_node(tree, id);

            if (n->wd < 0)
                continue;
            path.len = 0;
            tree_path(tree, id, (n->flags & NODE_FILE) == 0, &path);
            summary_watched(p->summary, n->wd, (struct str){ path.data, path.len });
        }
    }
    buf_free(&path);
}

/* The table of a moment in the middle, an empty line behind it; nothing where nothing happened. */
static void on_tick(void *arg)
{
    struct program *p = arg;
    struct buf *out = output_buf(p->output);

    if (summary_empty(p->summary))
        return;
    if (p->opt.zero)
        rows_of_zeros(p);
    summary_put(p->summary, time(NULL), out);
    if (p->opt.format != FORMAT_JSON)
        buf_putc(out, '\n');
}

static void last_table(struct program *p)
{
    if (!summary_empty(p->summary)) {
        if (p->opt.zero)
            rows_of_zeros(p);
        summary_put(p->summary, time(NULL), output_buf(p->output));
    } else if (p->printed == 0 && p->opt.quiet == 0) {
        fputs("No events occurred.\n", stderr);
    }
}

static void say_setting_up(const struct program *p)
{
    if (p->opt.as_inotifywatch)
        fputs("Establishing watches...\n", stderr);
    else if (p->opt.quiet == 0)
        fputs(p->opt.recursive ? "Setting up watches.  Beware: since -r was given, this may take "
                                 "a while!\n"
                               : "Setting up watches.\n",
              stderr);
}

static void say_ready(const struct program *p)
{
    if (!p->opt.as_inotifywatch) {
        if (p->opt.quiet == 0)
            fputs("Watches established.\n", stderr);
        return;
    }
    if (p->opt.verbose > 0)
        fprintf(stderr, "Total of %zu watches.\n", track_watches(p->track));
    fputs("Finished establishing watches, now collecting statistics.\n", stderr);
    if (p->opt.verbose > 0 && p->opt.timeout_ns > 0)
        fprintf(stderr, "Will listen for events for %lld seconds.\n",
                (long long)(p->opt.timeout_ns / 1000000000));
}

/* inotifywatch -v tells about each path where -r is given. */
static int watch_root(struct program *p, const char *path)
{
    bool tell = p->opt.as_inotifywatch && p->opt.recursive && p->opt.verbose > 0;
    char *seen = visible(path);
    int error;

    if (tell)
        fprintf(stderr, "Setting up watch(es) on %s\n", seen);
    error = track_root(p->track, path);
    if (error == 0 && tell)
        fprintf(stderr, "OK, %s is now being watched.\n", seen);
    else if (error != 0 && error != ENOSPC && p->opt.as_inotifywatch)
        fprintf(stderr, "Failed to watch %s: %s\n", seen, strerror(error));
    else if (error != 0)
        limit_watch_failed(path, error, track_needed(p->track), p->opt.as_inotifywait);
    free(seen);
    return error == 0 ? 0 : -1;
}

static int set_up(struct program *p, int fd)
{
    const struct track_config cfg = { .asked = p->asked,
                                      .flags = p->opt.flags,
                                      .recursive = p->opt.recursive,
                                      .one_fs = p->opt.one_file_system,
                                      .initial = p->opt.initial,
                                      .snapshot = p->opt.snapshot,
                                      .max_depth = p->opt.max_depth,
                                      .excluded = (const char *const *)p->opt.excluded.v,
                                      .nexcluded = p->opt.excluded.n,
                                      .arg = p,
                                      .emit = on_emit,
                                      .note = on_note,
                                      .ignored = p->opt.ignore.n > 0 ? on_ignored : NULL };

    p->backlog = backlog_new(fd);
    p->track = track_new(fd, p->backlog, &cfg);
    say_setting_up(p);
    for (size_t i = 0; i < p->opt.paths.n; i++)
        if (watch_root(p, p->opt.paths.v[i]) < 0)
            return -1;
    track_setup(p->track);
    say_ready(p);
    return p->opt.daemon ? daemon_ready() : 0;
}

static int run(struct program *p, int fd)
{
    const struct loop_config cfg = { .inotify_fd = fd,
                                     .backlog = p->backlog,
                                     .track = p->track,
                                     .output = p->output,
                                     .timeout_ns = p->opt.timeout_ns,
                                     .restart = p->summary == NULL,
                                     .every_ns = p->opt.summary_ns,
                                     .tick = on_tick,
                                     .arg = p,
                                     .patient = inotify_limit("max_queued_events") >= 8192,
                                     .printed = &p->printed,
                                     .done = &p->done };
    int detail = 0, error;
    enum loop_end end = loop_run(&cfg, &detail);

    if (p->summary != NULL && end != LOOP_OUTPUT)
        last_table(p);
    loop_signals_again();
    error = end == LOOP_OUTPUT ? detail : output_drain(p->output, &loop_signal);
    if (error == EPIPE)
        loop_die(SIGPIPE);
    if (error != 0 && error != EINTR) {
        warnx("writing failed: %s", strerror(error));
        return EXIT_FAILURE;
    }
    switch (end) {
    case LOOP_DONE:
        return p->unasked ? EXIT_FAILURE : EXIT_SUCCESS;
    case LOOP_TIMEOUT:
        return p->summary != NULL ? EXIT_SUCCESS : EXIT_TIMEOUT;
    case LOOP_NOTHING:
        if (p->opt.as_inotifywatch)
            return EXIT_SUCCESS;
        warnx("nothing is left to watch");
        return EXIT_FAILURE;
    case LOOP_SIGNAL:
        if (p->summary != NULL)
            return EXIT_SUCCESS;
        loop_die(detail);
        break;
    case LOOP_INPUT:
        warnx("reading events failed: %s", strerror(detail));
        return EXIT_FAILURE;
    case LOOP_OUTPUT:
        break;
    }
    return EXIT_FAILURE;
}

/* Started with stdout or stderr closed, the next descriptor would pass for it. */
static void hold_standard_fds(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY); /* writing there fails, as it should */
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct program p = { 0 };
    int fd, status = options_parse(argc, argv, &p.opt);

    if (status >= 0) {
        options_free(&p.opt);
        return status;
    }
    hold_standard_fds();
    p.asked = asked_for(&p.opt);
    p.wanted = p.opt.count > 0 ? p.opt.count : p.opt.monitor ? 0 : 1;
    status = EXIT_FAILURE;
    if (p.opt.daemon && daemon_start() < 0)
        goto out;
    loop_signals();
    if (open_filter(&p) < 0 || open_output(&p) < 0)
        goto out;
    fd = inotify_open();
    if (fd < 0) {
        limit_instance_failed(errno, p.opt.as_inotifywait);
        goto out;
    }
    if (set_up(&p, fd) == 0)
        status = run(&p, fd);
    close(fd);
out:
    track_free(p.track);
    backlog_free(p.backlog);
    summary_free(p.summary);
    output_free(p.output);
    format_free(p.format);
    filter_free(p.filter);
    options_free(&p.opt);
    return status;
}
