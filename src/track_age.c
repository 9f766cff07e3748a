/*
 * track_age.c - which records are older than a watch.
 *
 * Owns: for each watch, how many records had been read at the first read after it was set. The disk
 * is ahead of the records: a watch that is set for a name is on what has the name by then, and a
 * record that was queued before it may be about an earlier thing of that name.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "track_impl.h"

/* What the records have caught up with is never asked for again. */
static void drop_old(struct track *t)
{
    uint64_t taken = backlog_taken(t->backlog);
    size_t old = 0;

    while (old < t->narms && t->arms[old].after < taken)
        old++;
    t->narms -= old;
    if (old > 0)
        memmove(t->arms, t->arms + old, t->narms * sizeof(*t->arms));
}

static bool is_open(const struct track *t)
{
    return t->narms > 0 && t->arms[t->narms - 1].after == UINT64_MAX;
}

/*
 * Those between may be watches as well: one that was set by name and guessed wrong is noted by the
 * walk only when it comes to it (scan_setup.c). They are taken for as young as this one.
 */
void age_note(struct track *t, int32_t wd)
{
    int32_t first = t->max_wd + 1;

    t->max_wd = wd;
    if (is_open(t)) {
        t->arms[t->narms - 1].last = wd;
        return;
    }
    if (t->narms == t->arms_cap) {
        drop_old(t);
        if (t->narms * 2 > t->arms_cap || t->arms_cap == 0) {
            t->arms_cap = t->arms_cap > 0 ? t->arms_cap * 2 : 64;
            t->arms = reallocarray(t->arms, t->arms_cap, sizeof(*t->arms));
            if (t->arms == NULL)
                err(1, "out of memory");
        }
    }
    t->arms[t->narms++] = (struct arm){ first, wd, UINT64_MAX };
}

void age_set(struct track *t)
{
    struct arm *a;

    if (!is_open(t))
        return;
    a = &t->arms[t->narms - 1];
    a->after = backlog_read_count(t->backlog);
    /* Nothing has come for a while: one entry does for all of that. */
    if (t->narms > 1 && a[-1].after == a->after) {
        a[-1].last = a->last;
        t->narms--;
    }
}

bool age_perhaps_younger(const struct track *t, int32_t wd)
{
    size_t low = 0, high = t->narms;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (t->arms[mid].last < wd)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->narms && t->arms[low].first <= wd &&
           t->arms[low].after >= backlog_taken(t->backlog);
}
