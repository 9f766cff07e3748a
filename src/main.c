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

#include "daemon.h"
#include "inotify.h"
#include "limit.h"
#include "log.h"
#include "loop.h"
#include "main_impl.h"
#include "ready.h"
#include "survey.h"

#define EXIT_TIMEOUT 2

static void on_emit(void *arg, struct event *ev)
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

static int set_up(struct program *p, int fd)
{
    const struct track_config cfg = { .asked = main_asked(&p->opt),
                                      .flags = p->opt.flags,
                                      .recursive = p->opt.recursive,
                                      .one_fs = p->opt.one_file_system,
                                      .initial = p->opt.initial,
                                      .snapshot = p->opt.snapshot,
                                      .asks = p->control != NULL,
                                      .verbose = p->opt.verbose > 0,
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
    main_open_serve(p);
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
                                     .tick = main_tick,
                                     .asked = main_asked_table,
                                     .arg = p,
                                     .patient = backlog_queue_max(p->backlog) >= 8192,
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
        main_last_table(p);
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
    if (main_open_filter(&p) < 0 || main_open_print(&p) < 0 || main_open_control(&p) < 0)
        goto out;
    loop_signals(print_summary(p.print) != NULL);
    if (p.opt.pidfile != NULL && daemon_pidfile(p.opt.pidfile) < 0)
        goto out;
    main_open_log(&p);
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
