/*
 * main_tables.c - the tables of --summary: when they are printed. See main_impl.h; what is in them
 * is summary's.
 */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "main_impl.h"

/* For --zero: what is watched has a row even where nothing happened. */
static void rows_of_zeros(struct program *p)
{
    const struct tree *tree = track_tree(p->track);
    struct buf path = { 0 };

    for (size_t i = 0; i < tree_roots(tree); i++) {
        nodeid top = tree_root(tree, i);

        for (nodeid id = top; id != NODE_NONE; id = tree_next(tree, id, top)) {
            const struct node *n = tree_node(tree, id);

            if (n->wd < 0)
                continue;
            path.len = 0;
            tree_path(tree, id, (n->flags & NODE_FILE) == 0, &path);
            summary_watched(print_summary(p->print), n->wd, (struct str){ path.data, path.len });
        }
    }
    buf_free(&path);
}

void main_asked_table(void *arg)
{
    struct program *p = arg;
    struct buf *out = output_buf(p->output);

    if (summary_empty(print_summary(p->print)))
        return;
    if (p->opt.zero)
        rows_of_zeros(p);
    summary_put(print_summary(p->print), time(NULL), out);
    if (p->opt.format != FORMAT_JSON)
        buf_putc(out, '\n');
}

void main_tick(void *arg)
{
    struct program *p = arg;

    main_asked_table(p);
    summary_clear(print_summary(p->print));
}

void main_last_table(struct program *p)
{
    if (!summary_empty(print_summary(p->print))) {
        if (p->opt.zero)
            rows_of_zeros(p);
        summary_put(print_summary(p->print), time(NULL), output_buf(p->output));
    } else if (*print_count(p->print) == 0 && p->opt.quiet == 0) {
        fputs("No events occurred.\n", stderr);
    }
}
