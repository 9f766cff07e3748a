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
#include "control.h"
#include "daemon.h"
#include "filter.h"
#include "inotify.h"
#include "limit.h"
#include "log.h"
#include "loop.h"
#include "options.h"
#include "output.h"
#include "print.h"
#include "spelled.h"
#include "ready.h"
#include "remote.h"
#include "serve.h"
#include "survey.h"
#include "tell.h"
#include "track.h"

#define EXIT_TIMEOUT 2

struct program {
    struct options opt;
    struct tell tell;
    FILE *log; /* NULL: none is wanted, or to be had */
    struct filter *filter;
    struct print *print;
    struct output *output;
    struct backlog *backlog;
    struct track *track;
    struct control *control; /* NULL: no --control, as is serve */
    struct serve *serve;
    struct remote *remote;
    bool unasked; /* an event that was not asked for ended the run */
};

static void on_dropped(void *arg, const struct event *ev, const char *why)
{
    const struct program *p = arg;

    tell_dropped(&p->tell, ev, why);
}

static void on_emit(void *arg, const struct event *ev)
{
    const struct program *p = arg;

    print_event(p->print, ev);
}

/* What a note of track is among the records of --status. */
static void note_status(const struct program *p, enum track_note what, const char *path, int error)
{
    struct status s = { .path = path, .error = error };

    switch (what) {
    case NOTE_UNWATCHED:
        s.kind = STATUS_UNWATCHED;
        break;
    case NOTE_ROOT_LOST:
        s.kind = STATUS_WATCH_LOST;
        break;
    case NOTE_RESYNCED:
        s.kind = STATUS_RESYNCED;
        break;
    default:
        return;
    }
    print_status(p->print, &s);
}

static void on_note(void *arg, enum track_note what, const char *path, int error)
{
    struct program *p = arg;

    tell_note(&p->tell, what, path, error, error == ENOSPC ? track_needed(p->track) : 0);
    note_status(p, what, path, error);
    /* As inotifywait: without -m, the end of a watch that nobody asked for ends the run. */
    if (what == NOTE_ROOT_LOST && !p->opt.monitor && p->opt.count == 0) {
        print_flush(p->print);
        p->unasked |= !*print_done(p->print);
        print_stop(p->print);
    }
}

static void on_remote(void *arg, const char *path, const char *kind)
{
    const struct program *p = arg;

    tell_remote(&p->tell, path, kind);
}

static bool on_ignored(void *arg, const char *name)
{
    const struct program *p = arg;

    return filter_ignored(p->filter, name);
}

/* What is printed. */
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
    const struct list *roots = &p->opt.paths, *excluded = &p->opt.excluded;
    struct filter_config cfg = { .rules = p->opt.rules,
                                 .nrules = p->opt.nrules,
                                 .globs = (const char *const *)p->opt.ignore.v,
                                 .nglobs = p->opt.ignore.n,
                                 .events = asked_for(&p->opt),
                                 .files = p->opt.type_files,
                                 .dirs = p->opt.type_dirs };
    char **left_out = spelled(roots->v, roots->n, excluded->v, excluded->n, &cfg.nleft_out);
    const char *error;

    cfg.left_out = (const char *const *)left_out;
    p->filter = filter_new(&cfg, &error);
    if (p->filter == NULL)
        warnx("%s", error);
    for (size_t i = 0; i < cfg.nleft_out; i++)
        free(left_out[i]);
    free(left_out);
    return p->filter != NULL ? 0 : -1;
}

/* Where records go: *fd is open then. */
static int open_outfile(const struct program *p, int *fd)
{
    *fd = STDOUT_FILENO;
    if (p->opt.outfile == NULL)
        return 0;
    *fd = open(p->opt.outfile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (*fd < 0)
        tell_no_outfile(&p->tell, p->opt.outfile, errno);
    return *fd < 0 ? -1 : 0;
}

static struct format_config records_look(const struct options *o, bool tty)
{
    struct format_config cfg = { .kind = o->format,
                                 .spec = o->spec,
                                 .timefmt = o->timefmt,
                                 .null = o->null,
                                 .no_newline = o->no_newline,
                                 .lenient = o->as_inotifywait,
                                 .colour = o->colour == WHEN_ALWAYS,
                                 .escape = tty };

    if (cfg.kind == FORMAT_TEXT && !cfg.null && tty) {
        cfg.kind = FORMAT_TTY;
        cfg.colour = o->colour != WHEN_NEVER;
    }
    return cfg;
}

static int open_print(struct program *p)
{
    const struct options *o = &p->opt;
    int fd;
    bool tty;
    const char *error;

    if (open_outfile(p, &fd) < 0)
        return -1;
    tty = isatty(fd);
    p->output = output_new(fd, o->buffer);

    const struct summary_config counts = { .sort = o->sort,
                                           .ascending = o->sort_ascending,
                                           .zero = o->zero,
                                           .events = o->events != 0 ? o->events : IN_ALL_EVENTS,
                                           .json = o->format == FORMAT_JSON,
                                           .escape = tty };
    const struct print_config cfg = { .filter = p->filter,
                                      .format = records_look(o, tty),
                                      .summary = o->summary ? &counts : NULL,
                                      .join = o->join_moves,
                                      .settle_ns = o->settle_ns,
                                      .max_delay_ns = o->max_delay_ns,
                                      .tags = (const char *const *)o->tags.v,
                                      .ntags = o->tags.n,
                                      .output = p->output,
                                      .wanted = o->count > 0 ? o->count : o->monitor ? 0 : 1,
                                      .status = o->status,
                                      .silent = o->quiet >= 2,
                                      .dropped = o->verbose > 0 ? on_dropped : NULL,
                                      .arg = p };

    p->print = print_new(&cfg, &error);
    if (p->print == NULL)
        warnx("%s", error);
    return p->print != NULL ? 0 : -1;
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
            summary_watched(print_summary(p->print), n->wd, (struct str){ path.data, path.len });
        }
    }
    buf_free(&path);
}

/* The table of a moment in the middle, an empty line behind it; nothing where nothing happened. */
static void on_tick(void *arg)
{
    struct program *p = arg;
    struct buf *out = output_buf(p->output);

    if (summary_empty(print_summary(p->print)))
        return;
    if (p->opt.zero)
        rows_of_zeros(p);
    summary_put(print_summary(p->print), time(NULL), out);
    if (p->opt.format != FORMAT_JSON)
        buf_putc(out, '\n');
}

static void last_table(struct program *p)
{
    if (!summary_empty(print_summary(p->print))) {
        if (p->opt.zero)
            rows_of_zeros(p);
        summary_put(print_summary(p->print), time(NULL), output_buf(p->output));
    } else if (*print_count(p->print) == 0 && p->opt.quiet == 0) {
        fputs("No events occurred.\n", stderr);
    }
}

/* Whoever waits for the watches is told that they are in place. */
static void ready(struct program *p)
{
    int error = p->opt.ready_fd >= 0 ? ready_fd_tell(p->opt.ready_fd) : 0;

    if (error != 0)
        tell_not_told(&p->tell, p->opt.ready_fd, NULL, error);
    error = ready_notify(track_watches(p->track));
    if (error != 0)
        tell_not_told(&p->tell, -1, ready_socket(), error);
}

/* Where messages go besides standard error. */
static void open_log(struct program *p)
{
    const struct options *o = &p->opt;

    p->tell.progress = stderr;
    if (!o->syslog && !o->daemon)
        return;
    p->log = log_stream();
    if (o->syslog && p->log == NULL)
        warn("--syslog: messages go to standard error: /dev/log");
    else
        p->tell.progress = p->log; /* for -d too: a caller takes any word of it for an error */
}

static int open_control(struct program *p)
{
    int error = 0;

    if (p->opt.control == NULL)
        return 0;
    p->control = control_open(p->opt.control, &error);
    if (p->control == NULL)
        tell_no_control(p->opt.control, error);
    return p->control != NULL ? 0 : -1;
}

static void on_no_commands(void *arg, int error)
{
    const struct program *p = arg;

    tell_no_control(p->opt.control, error);
}

static void on_added(void *arg, int32_t wd)
{
    const struct program *p = arg;

    remote_look(p->remote, track_tree(p->track), wd);
}

static void open_serve(struct program *p)
{
    const struct serve_config cfg = { .control = p->control,
                                      .backlog = p->backlog,
                                      .track = p->track,
                                      .print = p->print,
                                      .output = p->output,
                                      .arg = p,
                                      .added = on_added,
                                      .failed = on_no_commands };

    if (p->control != NULL)
        p->serve = serve_new(&cfg);
}

static int set_up(struct program *p, int fd)
{
    const struct track_config cfg = { .asked = asked_for(&p->opt),
                                      .flags = p->opt.flags,
                                      .recursive = p->opt.recursive,
                                      .one_fs = p->opt.one_file_system,
                                      .initial = p->opt.initial,
                                      .snapshot = p->opt.snapshot,
                                      .asks = p->control != NULL,
                                      .max_depth = p->opt.max_depth,
                                      .excluded = (const char *const *)p->opt.excluded.v,
                                      .nexcluded = p->opt.excluded.n,
                                      .arg = p,
                                      .emit = on_emit,
                                      .note = on_note,
                                      .ignored = p->opt.ignore.n > 0 ? on_ignored : NULL };

    int error;

    /* What came before this is about the command line: that is for whoever typed it. */
    if (p->opt.syslog && p->log != NULL)
        stderr = p->log;
    p->backlog = backlog_new(fd);
    p->track = track_new(fd, p->backlog, &cfg);
    if (p->opt.follow && (error = track_follow(p->track)) != 0) {
        limit_instance_failed(error, p->opt.as_inotifywait);
        return -1;
    }
    tell_setting_up(&p->tell);
    for (size_t i = 0; i < p->opt.paths.n; i++) {
        const char *path = p->opt.paths.v[i];

        tell_root(&p->tell, path);
        error = track_root(p->track, path);
        tell_root_done(&p->tell, path, error, track_needed(p->track));
        if (error != 0)
            return -1;
    }
    track_setup(p->track);
    p->remote = remote_new(on_remote, p);
    remote_look(p->remote, track_tree(p->track), -1);
    tell_ready(&p->tell, track_watches(p->track));
    if (p->opt.daemon) {
        if (daemon_ready() < 0)
            return -1;
        /* Nobody listens to standard error any more. */
        if (p->log != NULL)
            stderr = p->log;
    }
    print_status(p->print, &(struct status){ .kind = STATUS_READY,
                                             .watches = track_watches(p->track) });
    ready(p);
    open_serve(p);
    return 0;
}

static void __attribute__((noreturn)) die(int signal_number)
{
    daemon_end();
    loop_die(signal_number);
}

static int run(struct program *p, int fd)
{
    const struct loop_config cfg = { .inotify_fd = fd,
                                     .backlog = p->backlog,
                                     .track = p->track,
                                     .print = p->print,
                                     .output = p->output,
                                     .serve = p->serve,
                                     .timeout_ns = p->opt.timeout_ns,
                                     .restart = print_summary(p->print) == NULL,
                                     .every_ns = p->opt.summary_ns,
                                     .tick = on_tick,
                                     .arg = p,
                                     .patient = inotify_limit("max_queued_events") >= 8192,
                                     .printed = print_count(p->print),
                                     .done = print_done(p->print) };
    int detail = 0, error;
    enum loop_end end = loop_run(&cfg, &detail);

    (void)ready_notify_stopping(); /* of what is wrong there has been told at the start */
    if (end != LOOP_OUTPUT)
        print_flush(p->print);
    /* What was held back was all that was wanted. */
    if (end == LOOP_NOTHING && *print_done(p->print))
        end = LOOP_DONE;
    if (print_summary(p->print) != NULL && end != LOOP_OUTPUT)
        last_table(p);
    loop_signals_again();
    error = end == LOOP_OUTPUT ? detail : output_drain(p->output, &loop_signal);
    if (error == EPIPE)
        die(SIGPIPE);
    if (error != 0 && error != EINTR) {
        warnx("writing failed: %s", strerror(error));
        return EXIT_FAILURE;
    }
    switch (end) {
    case LOOP_DONE:
        return p->unasked ? EXIT_FAILURE : EXIT_SUCCESS;
    case LOOP_TIMEOUT:
        return print_summary(p->print) != NULL ? EXIT_SUCCESS : EXIT_TIMEOUT;
    case LOOP_NOTHING:
        if (p->opt.as_inotifywatch)
            return EXIT_SUCCESS;
        warnx("nothing is left to watch");
        return EXIT_FAILURE;
    case LOOP_SIGNAL:
        if (print_summary(p->print) != NULL)
            return EXIT_SUCCESS;
        die(detail);
    case LOOP_INPUT:
        warnx("reading events failed: %s", strerror(detail));
        return EXIT_FAILURE;
    case LOOP_OUTPUT:
        break;
    }
    return EXIT_FAILURE;
}

/* --limits */
static int report_limits(void)
{
    survey_print(stdout);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_SUCCESS;
    warn("standard output");
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
    if (p.opt.limits) {
        options_free(&p.opt);
        return report_limits();
    }
    p.tell = (struct tell){ .quiet = p.opt.quiet,
                            .verbose = p.opt.verbose,
                            .recursive = p.opt.recursive,
                            .timeout_ns = p.opt.timeout_ns,
                            .as_inotifywait = p.opt.as_inotifywait,
                            .as_inotifywatch = p.opt.as_inotifywatch };
    status = EXIT_FAILURE;
    if (p.opt.daemon && daemon_start() < 0)
        goto out;
    /* Before signals wait for the loop: a FIFO is open when it has a reader. */
    if (open_filter(&p) < 0 || open_print(&p) < 0 || open_control(&p) < 0)
        goto out;
    loop_signals();
    if (p.opt.pidfile != NULL && daemon_pidfile(p.opt.pidfile) < 0)
        goto out;
    open_log(&p);
    fd = inotify_open();
    if (fd < 0) {
        limit_instance_failed(errno, p.opt.as_inotifywait);
        goto out;
    }
    if (set_up(&p, fd) == 0)
        status = run(&p, fd);
    close(fd);
out:
    serve_free(p.serve);
    remote_free(p.remote);
    control_free(p.control);
    track_free(p.track);
    backlog_free(p.backlog);
    print_free(p.print);
    output_free(p.output);
    filter_free(p.filter);
    options_free(&p.opt);
    return status;
}
