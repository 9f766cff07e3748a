/*
 * print.h - what happens to an event once track has handed it out: kept or dropped, numbered,
 * held back and put together with others, formatted or counted.
 *
 * Owns: the stations between filter and output: join and settle, the format, the counts of
 * --summary, the sequence number. Must not know: where events come from, and when they are written.
 * Called by main.c, and by loop for what is held back.
 */
#ifndef PYWATCH_PRINT_H
#define PYWATCH_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "filter.h"
#include "format.h"
#include "output.h"
#include "status.h"
#include "summary.h"

struct print_config {
    struct filter *filter;                /* stays the caller's, as does output */
    struct format_config format;
    const struct summary_config *summary; /* NULL: records are printed; copied */
    bool join;                            /* --join-moves */
    int64_t settle_ns, max_delay_ns;      /* --settle; 0: nothing is held back */
    const char *const *tags;              /* KEY=VALUE for the end of JSON objects; ntags of them */
    size_t ntags;
    struct output *output;
    uint64_t wanted;                      /* done after so many records; 0: no limit */
    bool status;                          /* records of what pywatch does are printed, too */
    bool silent;                          /* records are numbered, and not written (-qq) */
    /* An event is not printed, and why; may be NULL. */
    void (*dropped)(void *arg, const struct event *ev, const char *why);
    void *arg;
};

struct print;

/* NULL with one line in *error where the format has a mistake in it. */
struct print *print_new(const struct print_config *cfg, const char **error);
void print_free(struct print *p);

/* The next event. Nothing is printed any more once print_done is true. */
void print_event(struct print *p, struct event *ev);

/* A record of what pywatch does itself, at its place among the events. --count leaves it out. */
void print_status(struct print *p, const struct status *s);

/*
 * CLOCK_MONOTONIC in nanoseconds: print_due is to be called then, or whenever it suits, but after
 * what can be read has been read. 0: nothing is held back.
 */
int64_t print_wake(const struct print *p);
void print_due(struct print *p);

/* Prints all that is held back: at the end, and before anything that must not come before it. */
void print_flush(struct print *p);

/* The run is over, whatever comes. */
void print_stop(struct print *p);

/* So many records were printed or counted; and true: no more are. They live as long as p does. */
const uint64_t *print_count(const struct print *p);
const bool *print_done(const struct print *p);

/* What --tag gives, for the end of other JSON objects among the records. */
struct str print_tags(const struct print *p);

/* The counts; NULL where records are printed. */
struct summary *print_summary(const struct print *p);

#endif
