/*
 * marks.c - see marks.h.
 */
#include "config.h"

#include "marks.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

void marks_free(struct marks *m)
{
    free(m->drain);
}

static void grow(struct marks *m)
{
    size_t old = m->cap;

    m->cap = old > 0 ? old * 2 : 16;
    m->drain = reallocarray(m->drain, m->cap, sizeof(*m->drain));
    if (m->drain == NULL)
        err(1, "out of memory for %zu records that wait", m->cap);
    /* The part that had wrapped round goes behind the rest. */
    memcpy(m->drain + old, m->drain, m->head * sizeof(*m->drain));
}

void marks_drained(struct marks *m, uint64_t read, uint64_t taken)
{
    struct drain *last;

    m->drains++;
    if (taken == read) {
        m->passed = m->drains;
        m->n = 0;
        return;
    }
    last = m->n > 0 ? &m->drain[(m->head + m->n - 1) % m->cap] : NULL;
    if (last == NULL || last->read != read) {
        if (m->n == m->cap)
            grow(m);
        last = &m->drain[(m->head + m->n++) % m->cap];
        last->read = read;
    }
    last->number = m->drains;
}
