/*
 * track_lines.c - see track_lines.h.
 */
#include "config.h"

#include "track_lines.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

static char *sorted(const char *lines)
{
    char *copy = strdup(lines), *rest = copy, *line, **all = NULL;
    struct buf b = { 0 };
    size_t n = 0;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (*line == '\0')
            continue;
        if ((all = reallocarray(all, n + 1, sizeof(*all))) == NULL)
            err(1, "out of memory");
        all[n++] = line;
    }
    if (n > 0)
        qsort(all, n, sizeof(*all), by_text);
    for (size_t i = 0; i < n; i++) {
        buf_put(&b, all[i], strlen(all[i]));
        buf_putc(&b, '\n');
    }
    buf_putc(&b, '\0');
    free(all);
    free(copy);
    return b.data;
}

static void show(const char *title, const char *lines)
{
    printf("# %s:\n", title);
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");

        printf("#     %.*s\n", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}

bool lines_same(struct buf *b, const char *want, bool any_order)
{
    char *got, *wanted;
    bool same;

    buf_putc(b, '\0');
    got = any_order ? sorted(b->data) : strdup(b->data);
    wanted = any_order ? sorted(want) : strdup(want);
    same = strcmp(got, wanted) == 0;
    if (!same) {
        show("got", got);
        show("want", wanted);
    }
    free(got);
    free(wanted);
    b->len = 0;
    return same;
}
