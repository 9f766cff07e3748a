/*
 * marks.h - whether all that the kernel had queued at a moment has been taken.
 *
 * Owns: the moments at which the queue was seen to be empty (drains) and that have not passed yet,
 * the size of the queue. Must not know: how records lie, who reads or takes them; how many of them
 * were, its caller says each time. What a mark promises stands in backlog.h.
 */
#ifndef PYWATCH_MARKS_H
#define PYWATCH_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backlog.h"

struct drain {
    uint64_t number;
    uint64_t read; /* records read when it happened */
};

struct marks {
    uint64_t queue_max;  /* so many records does the kernel's queue hold */
    struct drain *drain; /* a ring of those that have not passed */
    size_t head, n, cap;
    uint64_t drains; /* so many have happened */
    uint64_t passed; /* number of the last one whose records have all been taken */
};

void marks_free(struct marks *m);

/* The queue was found empty: what has been read so far is all there was. */
void marks_drained(struct marks *m, uint64_t read, uint64_t taken);

/* So many have been taken by now. Called for each record, and so in line. */
static inline void marks_taken(struct marks *m, uint64_t taken)
{
    while (m->n > 0 && m->drain[m->head].read <= taken) {
        m->passed = m->drain[m->head].number;
        m->head = (m->head + 1) % m->cap;
        m->n--;
    }
}

static inline struct mark marks_set(const struct marks *m, uint64_t read)
{
    return (struct mark){ .drains = m->drains + 1, .read = read };
}

static inline bool marks_passed(const struct marks *m, const struct mark *mark, uint64_t taken)
{
    /* One more than the queue holds: the record that announces the overflow. */
    return m->passed >= mark->drains || taken > mark->read + m->queue_max;
}

#endif
