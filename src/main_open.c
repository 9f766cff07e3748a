/*
 * main_open.c - the stations, each made from what the command line says. See main_impl.h.
 *
 * Owns: the translation of struct options into the config of each station. Must not know: when
 * anything happens.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "inotify.h"
#include "log.h"
#include "main_impl.h"
#include "spelled.h"

static void on_dropped(void *arg, const struct event *ev, const char *why)
{
    const struct program *p = arg;

    tell_dropped(&p->tell, ev, why);
}

/* What is printed. */
uint32_t main_asked(const struct options *o)
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

int main_open_filter(struct program *p)
{
    const struct list *roots = &p->opt.paths, *excluded = &p->opt.excluded;
    struct filter_config cfg = { .rules = p->opt.rules,
                                 .nrules = p->opt.nrules,
                                 .globs = (const char *const *)p->opt.ignore.v,
                                 .nglobs = p->opt.ignore.n,
                                 .events = main_asked(&p->opt),
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

int main_open_print(struct program *p)
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

/* Where messages go besides standard error. */
void main_open_log(struct program *p)
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

int main_open_control(struct program *p)
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

void main_open_serve(struct program *p)
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
