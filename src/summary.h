/*
 * summary.h - what happened, counted by watched path and by event.
 *
 * Owns: the counts, the table and its JSON form. Must not know: where events come from, when a
 * table is due, where it goes.
 */
#ifndef PYWATCH_SUMMARY_H
#define PYWATCH_SUMMARY_H

#include <stdbool.h>
#include <time.h>

#include "buf.h"
#include "event.h"

struct summary_config {
    uint32_t sort;   /* the bit of the column to sort by; 0: the total */
    bool ascending;  /* least first */
    bool zero;       /* rows and columns of nothing but zeros too */
    uint32_t events; /* the columns that `zero` shows */
    bool json;       /* one object a path instead of a table */
    struct str tags; /* json: members for the end of each object; borrowed */
    bool escape;     /* a terminal reads it: control characters in names are made visible */
};

struct summary;

/*
 * The bit of a column named as in the table, in either case; "total" is 0. False: there is no
 * such column.
 */
bool summary_column(const char *name, uint32_t *bit);
const char *summary_columns(void); /* all of them, for messages; static storage */

/* Does not return without memory, nor do the others. The config is copied. */
struct summary *summary_new(const struct summary_config *cfg);
void summary_free(struct summary *s);

/* Counts one record, under its `watch`; one without (Q_OVERFLOW) is not counted. */
void summary_count(struct summary *s, const struct event *ev);

/* For `zero`: this path is watched, and has a row even where nothing happens. */
void summary_watched(struct summary *s, int wd, struct str watch);

/* True: there is nothing to tell, not even rows of zeros. */
bool summary_empty(const struct summary *s);

/* Appends the table. */
void summary_put(struct summary *s, time_t now, struct buf *out);

/* Begins anew: all rows are let go. */
void summary_clear(struct summary *s);

#endif
