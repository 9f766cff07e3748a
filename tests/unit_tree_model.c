/*
 * unit_tree_model.c - the tree against a model that is as simple as can be, over a million random
 * steps of fixed seeds.
 */
#include "config.h"

#include "tap.h"
#include "tree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MOST 400  /* nodes in the model */
#define NAMES 12  /* few, so that they are used again all the time */

struct known {
    nodeid id; /* NODE_NONE: not in use */
    int parent;
    char name[256];
    bool hidden;
    int32_t wd;
};

struct model {
    struct tree *tree;
    struct known k[MOST];
    uint64_t x;
    size_t wrong;
    const char *what;
};

static uint32_t roll(struct model *m, uint32_t below)
{
    m->x ^= m->x << 13, m->x ^= m->x >> 7, m->x ^= m->x << 17;
    return (uint32_t)(m->x >> 24) % below;
}

static void wrong(struct model *m, bool is, const char *what)
{
    if (is && m->wrong++ == 0)
        m->what = what;
}

static int child(const struct model *m, int parent, const char *name)
{
    for (int i = 1; i < MOST; i++)
        if (m->k[i].id != NODE_NONE && !m->k[i].hidden && m->k[i].parent == parent &&
            strcmp(m->k[i].name, name) == 0)
            return i;
    return -1;
}

static bool has_child(const struct model *m, int of)
{
    for (int i = 1; i < MOST; i++)
        if (m->k[i].id != NODE_NONE && m->k[i].parent == of)
            return true;
    return false;
}

static bool within(const struct model *m, int i, int top)
{
    while (i != top && i != 0)
        i = m->k[i].parent;
    return i == top;
}

static void name_of(struct model *m, char *name)
{
    uint32_t n = roll(m, NAMES);

    /* One of them as long as names can be. */
    if (n == 0)
        memset(name, 'L', 255), name[255] = '\0';
    else
        sprintf(name, "%.*s", (int)n, "nnnnnnnnnnnn");
}

static void path_of(const struct model *m, int i, char *path)
{
    if (i == 0) {
        strcpy(path, "root/");
        return;
    }
    path_of(m, m->k[i].parent, path);
    if (path[strlen(path) - 1] != '/')
        strcat(path, "/");
    strcat(path, m->k[i].name);
}

static void check(struct model *m, int i, struct buf *b)
{
    static char path[MOST * 257]; /* too much for the stack */
    unsigned depth = 0;

    path_of(m, i, path);
    b->len = 0;
    tree_path(m->tree, m->k[i].id, false, b);
    wrong(m, b->len != strlen(path) || memcmp(b->data, path, b->len) != 0, "path");
    for (int k = i; k != 0; k = m->k[k].parent)
        depth++;
    wrong(m, tree_depth(m->tree, m->k[i].id) != depth, "depth");
    wrong(m, tree_node(m->tree, m->k[i].id)->wd != m->k[i].wd, "wd");
    if (m->k[i].wd >= 0)
        wrong(m, tree_by_wd(m->tree, m->k[i].wd) != m->k[i].id, "node of a wd");
}

static void step(struct model *m, struct buf *b)
{
    int i = (int)roll(m, MOST), p = (int)roll(m, MOST);
    char name[256];
    int there;

    name_of(m, name);
    if (m->k[i].id == NODE_NONE) {
        if (m->k[p].id == NODE_NONE)
            p = 0;
        there = child(m, p, name);
        wrong(m, tree_find(m->tree, m->k[p].id, name, strlen(name)) !=
                     (there < 0 ? NODE_NONE : m->k[there].id), "find");
        if (there >= 0)
            return;
        m->k[i] = (struct known){ .parent = p, .wd = -1 };
        strcpy(m->k[i].name, name);
        m->k[i].id = tree_add(m->tree, m->k[p].id, name, strlen(name));
        return;
    }
    check(m, i, b);
    switch (roll(m, 6)) {
    case 0:
        if (i == 0 || has_child(m, i))
            break;
        tree_set_wd(m->tree, m->k[i].id, -1);
        tree_remove(m->tree, m->k[i].id);
        m->k[i].id = NODE_NONE;
        break;
    case 1:
    case 2:
        there = child(m, p, name);
        if (i == 0 || m->k[p].id == NODE_NONE || within(m, p, i) || (there >= 0 && there != i))
            break;
        tree_move(m->tree, m->k[i].id, m->k[p].id, name, strlen(name));
        m->k[i].parent = p;
        m->k[i].hidden = false;
        strcpy(m->k[i].name, name);
        break;
    case 3:
        if (i == 0)
            break;
        tree_hide(m->tree, m->k[i].id);
        m->k[i].hidden = true;
        break;
    default: {
        int32_t wd = (int32_t)roll(m, 1000);

        if (roll(m, 4) == 0)
            wd = -1;
        else if (roll(m, 2) == 0)
            wd = INT_MAX - wd;
        if (wd >= 0 && tree_by_wd(m->tree, wd) != NODE_NONE)
            break;
        tree_set_wd(m->tree, m->k[i].id, wd);
        m->k[i].wd = wd;
    }
    }
}

static void compare_all(struct model *m, struct buf *b)
{
    size_t n = 0, armed = 0, walked = 0, within_wrong = 0;

    for (int i = 0; i < MOST; i++) {
        if (m->k[i].id == NODE_NONE)
            continue;
        n++;
        armed += m->k[i].wd >= 0;
        check(m, i, b);
        within_wrong += !tree_within(m->tree, m->k[i].id, m->k[0].id);
    }
    for (nodeid id = m->k[0].id; id != NODE_NONE && walked <= n;
         id = tree_next(m->tree, id, m->k[0].id))
        walked++;
    wrong(m, within_wrong > 0, "within");
    wrong(m, tree_count(m->tree) != n, "count");
    wrong(m, tree_armed(m->tree) != armed, "armed");
    wrong(m, walked != n, "walk");
    for (int32_t wd = 0; wd < 1000; wd++) {
        nodeid low = NODE_NONE, high = NODE_NONE;

        for (int i = 0; i < MOST; i++)
            if (m->k[i].id != NODE_NONE) {
                low = m->k[i].wd == wd ? m->k[i].id : low;
                high = m->k[i].wd == INT_MAX - wd ? m->k[i].id : high;
            }
        wrong(m, tree_by_wd(m->tree, wd) != low || tree_by_wd(m->tree, INT_MAX - wd) != high,
              "map of wds");
    }
}

int main(void)
{
    struct buf b = { 0 };

    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct model *m = calloc(1, sizeof(*m));

        m->x = seed * 2654435761u + 88172645463325252u;
        m->tree = tree_new();
        m->k[0].id = tree_add_root(m->tree, "root/", true);
        m->k[0].wd = -1;
        for (int i = 0; i < 100000; i++) {
            step(m, &b);
            if (i % 10000 == 9999)
                compare_all(m, &b);
        }
        ok(m->wrong == 0, "100,000 random steps, seed %llu", (unsigned long long)seed);
        if (m->wrong > 0)
            printf("# %zu times wrong, first: %s\n", m->wrong, m->what);
        tree_free(m->tree);
        free(m);
    }
    buf_free(&b);
    return done_testing();
}
