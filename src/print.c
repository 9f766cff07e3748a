/*
 * print.c - see print.h.
 */
#include "config.h"

#include "print.h"

#include <err.h>
#include <stdlib.h>
#include <time.h>

#include "join.h"
#include "json.h"
#include "settle.h"

struct print {
    struct print_config cfg;
    struct format *format;
    struct summary *summary; /* NULL: records are printed */
    struct join *join;       /* NULL: halves stay halves */
    struct settle *settle;   /* NULL: nothing is held until it is quiet */
    struct buf tags;
    int64_t now; /* while one of the two is at work */
    uint64_t count; /* of events */
    uint64_t seq;   /* of them and of records of --status */
    bool done;
};

static void joined(void *arg, struct event *ev);
static void settled(void *arg, struct event *ev);

struct print *print_new(const struct print_config *cfg, const char **error)
{
    struct print *p = calloc(1, sizeof(*p));
    struct settle_config settle = { .quiet_ns = cfg->settle_ns,
                                    .most_ns = cfg->max_delay_ns,
                                    .bytes = SETTLE_BYTES,
                                    .out = settled,
                                    .arg = p };
    struct summary_config counts;

    if (p == NULL)
        err(1, NULL);
    p->cfg = *cfg;
    json_put_tags(cfg->tags, cfg->ntags, &p->tags);
    p->cfg.format.tags = (struct str){ p->tags.data, p->tags.len };
    p->format = format_new(&p->cfg.format, error);
    if (p->format == NULL) {
        print_free(p);
        return NULL;
    }
    if (cfg->summary != NULL) {
        counts = *cfg->summary;
        counts.tags = p->cfg.format.tags;
        p->summary = summary_new(&counts);
    }
    if (cfg->join)
        p->join = join_new(joined, p);
    if (cfg->settle_ns > 0)
        p->settle = settle_new(&settle);
    return p;
}

void print_free(struct print *p)
{
    if (p == NULL)
        return;
    join_free(p->join);
    settle_free(p->settle);
    summary_free(p->summary);
    format_free(p->format);
    buf_free(&p->tags);
    free(p);
}

/* To the end of the way. */
static void settled(void *arg, struct event *ev)
{
    struct print *p = arg;

    if (p->done)
        return;
    p->count++;
    ev->seq = ++p->seq;
    if (p->summary != NULL)
        summary_count(p->summary, ev);
    else if (!p->cfg.silent)
        format_event(p->format, ev, output_buf(p->cfg.output));
    if (p->cfg.wanted > 0 && p->count == p->cfg.wanted)
        p->done = true;
}

static void joined(void *arg, struct event *ev)
{
    struct print *p = arg;

    if (p->settle != NULL)
        settle_event(p->settle, ev, p->now);
    else
        settled(p, ev);
}

static void set_now(struct print *p)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    p->now = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void print_event(struct print *p, struct event *ev)
{
    const char *why;
    bool keep;

    if (p->done)
        return;
    keep = filter_keep(p->cfg.filter, ev, &why);
    if (p->join != NULL || p->settle != NULL)
        set_now(p);
    if (!keep) {
        if (p->cfg.dropped != NULL)
            p->cfg.dropped(p->cfg.arg, ev, why);
        if (p->join != NULL)
            join_dropped(p->join, ev);
    } else if (p->join != NULL) {
        join_event(p->join, ev, p->now);
    } else if (p->settle != NULL) {
        settle_event(p->settle, ev, p->now);
    } else {
        settled(p, ev);
    }
}

int64_t print_wake(const struct print *p)
{
    int64_t join = p->join != NULL ? join_wake(p->join) : 0;
    int64_t settle = p->settle != NULL ? settle_wake(p->settle) : 0;

    return join > 0 && (settle == 0 || join < settle) ? join : settle;
}

void print_due(struct print *p)
{
    if (print_wake(p) == 0)
        return;
    set_now(p);
    if (p->join != NULL)
        join_run(p->join, p->now);
    if (p->settle != NULL)
        settle_run(p->settle, p->now);
}

void print_flush(struct print *p)
{
    set_now(p);
    if (p->join != NULL)
        join_flush(p->join);
    if (p->settle != NULL)
        settle_flush(p->settle);
}

void print_status(struct print *p, const struct status *s)
{
    struct timespec now;

    if (!p->cfg.status)
        return;
    print_flush(p);
    if (p->done)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    status_put(s, now, ++p->seq, p->cfg.format.tags, output_buf(p->cfg.output));
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

struct str print_tags(const struct print *p)
{
    return p->cfg.format.tags;
}

struct summary *print_summary(const struct print *p)
{
    return p->summary;
}
