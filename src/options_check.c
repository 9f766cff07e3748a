/*
 * options_check.c - what cannot be said together on one command line.
 *
 * Owns: those rules. Must not know: how the options were read. The sentences that inotifywait has
 * for a case are kept word for word.
 */
#include "config.h"

#include "options_impl.h"

#include <regex.h>
#include <string.h>

#include "inotify.h"

/* A conversion is two bytes, and "%%T" is none. */
static bool has_time(const char *format)
{
    for (const char *s = format; *s != '\0'; s++) {
        if (*s != '%')
            continue;
        if (*++s == 'T')
            return true;
        if (*s == '\0')
            break;
    }
    return false;
}

static int check_format(const struct parse *p)
{
    const struct options *o = p->o;

    if (p->csv && o->spec != NULL)
        return say_shared(p, "-c and --format cannot both be specified.");
    if (o->spec == NULL && o->no_newline)
        return say_shared(p, "--no-newline cannot be specified without --format.");
    if (o->spec == NULL && o->timefmt != NULL)
        return say_shared(p, "--timefmt cannot be specified without --format.");
    if (o->spec != NULL && o->timefmt == NULL && has_time(o->spec))
        return say_shared(p, "%%T is in --format string, but --timefmt was not specified.");
    if (o->null && o->no_newline)
        return say(p, "--null and --no-newline cannot both be specified.");
    return GO_ON;
}

static int check_json(const struct parse *p)
{
    const struct options *o = p->o;

    if (o->status && !p->json)
        return say(p, "--status needs --json.");
    if (o->status && o->summary)
        return say(p, "--status and --summary cannot both be specified.");
    if (o->status && o->quiet > 1)
        return say(p, "--status has nothing to print where --quiet is given twice.");
    if (!p->json && o->tags.n > 0)
        return say(p, "--tag cannot be specified without --json.");
    if (!p->json)
        return GO_ON;
    if (p->csv)
        return say(p, "--json and --csv cannot both be specified.");
    if (o->spec != NULL)
        return say(p, "--json and --format cannot both be specified.");
    if (o->no_newline)
        return say(p, "--json and --no-newline cannot both be specified.");
    if (o->null)
        return say(p, "--json and --null cannot both be specified.");
    return GO_ON;
}

static int check_control(const struct parse *p)
{
    const struct options *o = p->o;
    bool input = o->control != NULL && strcmp(o->control, "-") == 0;

    if (o->control == NULL)
        return GO_ON;
    if (!p->json)
        return say(p, "--control needs --json.");
    if (o->follow)
        return say(p, "--control and --follow cannot both be specified.");
    if (o->summary)
        return say(p, "--control and --summary cannot both be specified.");
    if (input && p->fromfile != NULL && strcmp(p->fromfile, "-") == 0)
        return say(p, "--control and --fromfile cannot both read standard input.");
    if (input && o->daemon)
        return say(p, "--control: standard input is closed with --daemon; accepted: a FIFO.");
    return GO_ON;
}

static int check_summary(const struct parse *p)
{
    const struct options *o = p->o;
    uint32_t asked = o->events != 0 ? o->events : IN_ALL_EVENTS;

    if (!o->summary && p->sorted)
        return say(p, "--sort cannot be specified without --summary.");
    if (!o->summary && o->zero)
        return say(p, "--zero cannot be specified without --summary.");
    if (!o->summary)
        return GO_ON;
    if (p->csv || o->spec != NULL || o->null)
        return say(p, "--summary and --%s cannot both be specified.",
                   p->csv ? "csv" : o->spec != NULL ? "format" : "null");
    if (o->settle_ns > 0 || o->join_moves)
        return say(p, "--summary counts events as they come: --%s cannot be specified with it.",
                   o->join_moves ? "join-moves" : "settle");
    if (o->quiet > 1)
        return say(p, "--summary has nothing to print where --quiet is given twice.");
    if ((o->sort & ~asked) != 0)
        return o->as_inotifywatch
                   ? say_exactly("Can't sort by an event which isn't being watched for!")
                   : say(p, "--sort: that event is not among those of --event.");
    return GO_ON;
}

static int check_settle(const struct parse *p)
{
    const struct options *o = p->o;

    if (o->max_delay_ns > 0 && o->settle_ns == 0)
        return say(p, "--max-delay cannot be specified without --settle.");
    if (o->max_delay_ns > 0 && o->max_delay_ns < o->settle_ns)
        return say(p, "--max-delay cannot be less than --settle, which is %lld.",
                   (long long)(o->settle_ns / 1000000));
    return GO_ON;
}

int check_together(const struct parse *p)
{
    const uint32_t both = IN_MASK_ADD | IN_MASK_CREATE;
    int status = check_json(p);

    if (status == GO_ON && p->o->daemon && p->o->outfile == NULL)
        status = say_shared(p, "-o must be specified with -d.");
    if (status == GO_ON && !p->o->daemon && p->o->pidfile != NULL)
        status = say(p, "--pidfile cannot be specified without --daemon.");
    if (status == GO_ON)
        status = check_format(p);
    if (status == GO_ON)
        status = check_settle(p);
    if (status == GO_ON)
        status = check_summary(p);
    if (status == GO_ON)
        status = check_control(p);
    if (status == GO_ON && p->o->follow && (p->o->flags & IN_ONESHOT))
        status = say(p, "--follow and --flags ONESHOT cannot both be specified.");
    if (status == GO_ON && p->o->follow && (p->o->flags & IN_MASK_CREATE))
        status = say(p, "--follow and --flags MASK_CREATE cannot both be specified.");
    /* inotify_add_watch(2) would refuse them for each path, with EINVAL and no word of why. */
    if (status == GO_ON && (p->o->flags & both) == both)
        status = say(p, "--flags: MASK_ADD and MASK_CREATE cannot both be specified.");
    return status;
}

int check_limits(const struct parse *p)
{
    if (p->o->paths.n > 0 || p->o->excluded.n > 0)
        return say(p, "--limits watches nothing, and takes no path.");
    if (p->json)
        return say(p, "--limits and --json cannot both be specified.");
    return GO_ON;
}

/*
 * A faulty expression is for filter_new to tell, which compiles them anyhow; only under the name
 * inotifywait it has to be told in other words, and so is looked for here.
 */
int check_rules(const struct parse *p)
{
    const struct options *o = p->o;
    regex_t re;

    if (!o->as_inotifywait)
        return GO_ON;
    for (size_t i = 0; i < o->nrules; i++) {
        const struct filter_rule *r = &o->rules[i];

        if (regcomp(&re, r->pattern, REG_EXTENDED | REG_NOSUB | (r->icase ? REG_ICASE : 0)) != 0)
            return say_shared(p, "Error in `%s' regular expression.",
                              r->include ? "include" : "exclude");
        regfree(&re);
    }
    return GO_ON;
}
