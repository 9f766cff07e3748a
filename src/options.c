/*
 * options.c - argv as struct options.
 *
 * Owns: what each option sets. Must not know: what the settings lead to; that is main.c's.
 * A new option is a row in options.def, a case in apply, and a field in struct options.
 */
#include "config.h"

#include "options_impl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define BUFFER_DEFAULT ((size_t)256 << 20)

static int add_rule(struct options *o, const char *pattern, bool include, bool icase)
{
    o->rules = say_need(reallocarray(o->rules, o->nrules + 1, sizeof(*o->rules)));
    o->rules[o->nrules].pattern = pattern;
    o->rules[o->nrules].include = include;
    o->rules[o->nrules].icase = icase;
    o->nrules++;
    return GO_ON;
}

static int set_on(bool *what)
{
    *what = true;
    return GO_ON;
}

static int set_text(const char **what, const char *value)
{
    *what = value;
    return GO_ON;
}

static int set_once(const struct parse *p, int id, const char **what, const char *value)
{
    if (*what != NULL)
        return say_shared(p, "Multiple --%s options given.", option_name(id));
    return set_text(what, value);
}

/* Where it may stand among events, ONESHOT is a flag all the same. */
static int add_events(const struct parse *p, const char *value)
{
    struct options *o = p->o;
    int status = value_events(p, OPT_EVENT, value, &o->events);

    o->flags |= o->events & IN_ONESHOT;
    return status;
}

static int set_depth(const struct parse *p, const char *value)
{
    long long n = 0;
    int status = value_number(p, OPT_MAX_DEPTH, value, 0, INT_MAX, &n);

    p->o->max_depth = (int)n;
    return status;
}

/* Without -m the run would end with the first record, whatever the number. */
static int set_count(const struct parse *p, const char *value)
{
    long long n = 0;
    int status = value_number(p, OPT_COUNT, value, 1, LLONG_MAX, &n);

    p->o->count = (uint64_t)n;
    p->o->monitor = true;
    return status;
}

static int add_ignore(const struct parse *p, const char *value)
{
    int status = value_glob(p, OPT_IGNORE, value);

    if (status == GO_ON)
        list_add(&p->o->ignore, value, strlen(value));
    return status;
}

static int set_colour(const struct parse *p, const char *value)
{
    return value_when(p, OPT_COLOR, value == NULL ? "always" : value, &p->o->colour);
}

/* Without -m the first event would end the run, and be all that there is to count. */
static int set_summary(const struct parse *p, const char *value)
{
    p->o->summary = p->o->monitor = true;
    return value == NULL ? GO_ON : value_seconds(p, OPT_SUMMARY, value, &p->o->summary_ns);
}

static int set_sort(struct parse *p, int id, const char *value)
{
    struct options *o = p->o;

    if (id == OPT_SORT) {
        p->sorted = true;
        return value_sort(p, id, value, &o->sort, &o->sort_ascending);
    }
    if (p->sorted)
        return say_exactly("Please specify -a or -d once only!");
    p->sorted = true;
    if (value_sort(p, id, value, &o->sort, &o->sort_ascending) != GO_ON)
        return MISTAKE;
    o->sort_ascending = id == OPT_ASCENDING;
    return GO_ON;
}

static int refuse(const struct parse *p, int id)
{
    if (id == OPT_FILENAME && p->o->as_inotifywait)
        return say_exactly("The '--filename' option no longer exists.  The option it enabled in "
                           "earlier\nversions of inotifywait is now turned on by default.");
    if (id == OPT_FILENAME)
        return say(p, "--filename is no option any more: names are always printed");
    return say(p, "--%s is not supported by this version; accepted: --inotify, or neither",
               option_name(id));
}

/* One option; value is part of argv, or NULL. */
static int apply(struct parse *p, int id, const char *value)
{
    struct options *o = p->o;

    switch (id) {
    case OPT_RECURSIVE:
        return set_on(&o->recursive);
    case OPT_MAX_DEPTH:
        return set_depth(p, value);
    case OPT_INITIAL:
        o->initial = true;
        return -1;
    case OPT_SNAPSHOT:
        o->snapshot = true;
        return -1;
    case OPT_FOLLOW:
        return set_on(&o->follow);
    case OPT_ONE_FILE_SYSTEM:
        return set_on(&o->one_file_system);
    case OPT_IGNORE:
        return add_ignore(p, value);
    case OPT_FROMFILE:
        return set_once(p, id, &p->fromfile, value);
    case OPT_CONTROL:
        o->monitor = true;
        return set_once(p, id, &o->control, value);
    case OPT_NO_DEREFERENCE:
        o->flags |= IN_DONT_FOLLOW;
        return GO_ON;
    case OPT_FLAGS:
        return value_flags(p, id, value, &o->flags);
    case OPT_INOTIFY:
        return GO_ON; /* there is no other way that it could turn off */
    case OPT_EVENT:
        return add_events(p, value);
    case OPT_EXCLUDE:
    case OPT_EXCLUDEI:
        return add_rule(o, value, false, id == OPT_EXCLUDEI);
    case OPT_INCLUDE:
    case OPT_INCLUDEI:
        return add_rule(o, value, true, id == OPT_INCLUDEI);
    case OPT_TYPE:
        return value_types(p, id, value, &o->type_files, &o->type_dirs);
    case OPT_MONITOR:
        return set_on(&o->monitor);
    case OPT_DAEMON:
        o->daemon = true;
        return set_on(&o->monitor);
    case OPT_PIDFILE:
        return set_once(p, id, &o->pidfile, value);
    case OPT_COUNT:
        return set_count(p, value);
    case OPT_TIMEOUT:
        return value_seconds(p, id, value, &o->timeout_ns);
    case OPT_JSON:
        return set_on(&p->json);
    case OPT_STATUS:
        return set_on(&o->status);
    case OPT_CSV:
        return set_on(&p->csv);
    case OPT_FORMAT:
        return set_text(&o->spec, value);
    case OPT_NO_NEWLINE:
        return set_on(&o->no_newline);
    case OPT_TIMEFMT:
        return set_text(&o->timefmt, value);
    case OPT_NULL_END:
        return set_on(&o->null);
    case OPT_COLOR:
        return set_colour(p, value);
    case OPT_SUMMARY:
        return set_summary(p, value);
    case OPT_SORT:
    case OPT_ASCENDING:
    case OPT_DESCENDING:
        return set_sort(p, id, value);
    case OPT_ZERO:
        return set_on(&o->zero);
    case OPT_SETTLE:
        return value_ms(p, id, value, &o->settle_ns);
    case OPT_MAX_DELAY:
        return value_ms(p, id, value, &o->max_delay_ns);
    case OPT_JOIN_MOVES:
        return set_on(&o->join_moves);
    case OPT_TAG:
        return value_tag(p, id, value);
    case OPT_OUTFILE:
        return set_once(p, id, &o->outfile, value);
    case OPT_BUFFER:
        return value_size(p, id, value, &o->buffer);
    case OPT_READY_FD:
        return value_fd(p, id, value, &o->ready_fd);
    case OPT_QUIET:
        o->quiet++;
        return GO_ON;
    case OPT_VERBOSE:
        o->verbose++;
        return GO_ON;
    case OPT_LIMITS:
        return set_on(&o->limits);
    case OPT_SYSLOG:
        return set_on(&o->syslog);
    case OPT_HELP:
        return o->as_inotifywatch ? watch_help_print(p) : help_print(p);
    case OPT_VERSION:
        return version_print(p);
    default:
        return refuse(p, id);
    }
}

static int read_argv(struct parse *p, struct reader *r)
{
    int status = GO_ON;
    char *value;
    int id;

    while (status == GO_ON && (id = reader_next(r, &value)) != OPT_END)
        status = id == OPT_BAD ? MISTAKE : apply(p, id, value);
    return status;
}

/* After the last option: the paths, and whether it all fits together. */
static int finish(struct parse *p, struct reader *r)
{
    struct options *o = p->o;
    int status = check_together(p);

    if (status == GO_ON)
        status = check_rules(p);
    if (status == GO_ON && p->fromfile != NULL)
        status = paths_from_file(p, p->fromfile);
    if (status == GO_ON)
        status = paths_from_operands(p, reader_operands(r));
    if (status == GO_ON && o->limits)
        return check_limits(p);
    if (status == GO_ON && o->paths.n == 0 && o->control == NULL)
        status = say_exactly("No files specified to watch!");
    if (p->json)
        o->format = FORMAT_JSON;
    else if (p->csv)
        o->format = FORMAT_CSV;
    else if (o->spec != NULL)
        o->format = FORMAT_PRINTF;
    if (o->max_delay_ns == 0)
        o->max_delay_ns = 10 * o->settle_ns;
    if (!o->type_files && !o->type_dirs)
        o->type_files = o->type_dirs = true;
    return status;
}

static void set_defaults(struct options *o, const char *argv0)
{
    const char *slash = argv0 == NULL ? NULL : strrchr(argv0, '/');
    const char *name = slash != NULL ? slash + 1 : argv0;

    memset(o, 0, sizeof(*o));
    o->max_depth = -1;
    o->ready_fd = -1;
    o->buffer = BUFFER_DEFAULT;
    o->format = FORMAT_TEXT;
    o->colour = WHEN_AUTO;
    o->as_inotifywatch = name != NULL && strcmp(name, "inotifywatch") == 0;
    o->as_inotifywait = o->as_inotifywatch || (name != NULL && strcmp(name, "inotifywait") == 0);
    o->summary = o->monitor = o->as_inotifywatch;
}

int options_parse(int argc, char **argv, struct options *o)
{
    struct parse p = { .o = o };
    struct reader *r;
    int status;

    set_defaults(o, argc > 0 ? argv[0] : NULL);
    p.program = o->as_inotifywatch ? "inotifywatch" : o->as_inotifywait ? "inotifywait" : "pywatch";
    r = reader_new(&p, argc, argv);
    status = read_argv(&p, r);
    if (status == GO_ON)
        status = finish(&p, r);
    reader_free(r);
    return status;
}

void options_free(struct options *o)
{
    list_free(&o->paths);
    list_free(&o->excluded);
    list_free(&o->ignore);
    list_free(&o->tags);
    free(o->rules);
    o->rules = NULL;
    o->nrules = 0;
}
