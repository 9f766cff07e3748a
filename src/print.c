/*
 * print.c - see print.h.
 */
#include "config.h"

#include "print.h"

#include <err.h>
#include <stdlib.h>

struct print {
    struct print_config cfg;
    struct format *format;
    struct summary *summary; /* NULL: records are printed */
    uint64_t count; /* of events */
    uint64_t seq;   /* of them and of records of --status */
    bool done;
};

struct print *print_new(const struct print_config *cfg, const char **error)
{
    struct print *p = calloc(1, sizeof(*p));

    if (p == NULL)
        err(1, NULL);
    p->cfg = *cfg;
    p->format = format_new(&cfg->format, error);
    if (p->format == NULL) {
        print_free(p);
        return NULL;
    }
    if (cfg->summary != NULL)
        p->summary = summary_new(cfg->summary);
    return p;
}

void print_free(struct print *p)
{
    if (p == NULL)
        return;
    summary_free(p->summary);
    format_free(p->format);
    free(p);
}

void print_event(struct print *p, const struct event *ev)
{
    const char *why;
    struct event numbered;

    if (p->done)
        return;
    if (!filter_keep(p->cfg.filter, ev, &why)) {
        if (p->cfg.dropped != NULL)
            p->cfg.dropped(p->cfg.arg, ev, why);
        return;
    }
    numbered = *ev;
    p->count++;
    numbered.seq = ++p->seq;
    if (p->summary != NULL)
        summary_count(p->summary, &numbered);
    else if (!p->cfg.silent)
        format_event(p->format, &numbered, output_buf(p->cfg.output));
    if (p->cfg.wanted > 0 && p->count == p->cfg.wanted)
        p->done = true;
}

void print_status(struct print *p, const struct status *s)
{
    struct timespec now;

    if (!p->cfg.status || p->done)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    status_put(s, now, ++p->seq, output_buf(p->cfg.output));
}

void print_stop(struct print *p)
{
    p->done = true;
}

const uint64_t *print_count(const struct print *p)
{
    return &p->count;
}

const bool *print_done(const struct print *p)
{
    return &p->done;
}

struct summary *print_summary(const struct print *p)
{
    return p->summary;
}
