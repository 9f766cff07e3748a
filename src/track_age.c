/*
 * track_age.c - which records are older than a watch.
 *
 * Owns: for each watch that was set after set-up, how many records had been read just before. The
 * disk is ahead of the records: a watch that is set for a name is on what has the name by then, and
 * a record that was queued before it may be about an earlier thing of that name.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "track_impl.h"

void age_note(struct track *t, int32_t wd)
{
    if (t->narms == t->arms_cap) {
        uint64_t taken = backlog_taken(t->backlog);
        size_t old = 0;

        /* What the records have caught up with is never asked for again. */
        while (old < t->narms && t->arms[old].after < taken)
            old++;
        t->narms -= old;
        if (old > 0)
            memmove(t->arms, t->arms + old, t->narms * sizeof(*t->arms));
        if (t->narms * 2 > t->arms_cap || t->arms_cap == 0) {
            t->arms_cap = t->arms_cap > 0 ? t->arms_cap * 2 : 64;
            t->arms = reallocarray(t->arms, t->arms_cap, sizeof(*t->arms));
            if (t->arms == NULL)
                err(1, "out of memory");
        }
    }
    t->arms[t->narms++] = (struct arm){ wd, backlog_read_count(t->backlog), UINT64_MAX };
}

void age_set(struct track *t)
{
    if (t->narms > 0 && t->arms[t->narms - 1].after == UINT64_MAX)
        t->arms[t->narms - 1].after = backlog_read_count(t->backlog);
}

static const struct arm *find(const struct track *t, int32_t wd)
{
    size_t low = 0, high = t->narms;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (t->arms[mid].wd < wd)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->narms && t->arms[low].wd == wd ? &t->arms[low] : NULL;
}

bool age_younger(const struct track *t, int32_t wd)
{
    const struct arm *a = find(t, wd);

    return a != NULL && a->read >= backlog_taken(t->backlog);
}

bool age_perhaps_younger(const struct track *t, int32_t wd)
{
    const struct arm *a = find(t, wd);

    return a != NULL && a->after >= backlog_taken(t->backlog);
}
