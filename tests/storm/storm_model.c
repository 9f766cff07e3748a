/*
 * storm_model.c - see storm_model.h. Entries are never freed: the program ends soon.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "storm_model.h"

#define BUCKETS (1u << 16)

struct entry {
    struct entry *parent, *child, *next, *prev, *chain;
    struct text name;
    size_t children;
    bool dir;
};

struct model {
    struct entry root;
    struct entry *bucket[BUCKETS];
};

struct model *model_new(void)
{
    struct model *m = calloc(1, sizeof(*m));

    if (m == NULL)
        err(2, "malloc");
    m->root.dir = true;
    return m;
}

static struct entry **slot(struct model *m, const struct entry *parent, struct text name)
{
    size_t h = (size_t)parent * 0x9e3779b97f4a7c15u >> 20;
    struct entry **p;

    for (size_t i = 0; i < name.len; i++)
        h = h * 31 + (unsigned char)name.s[i];
    p = &m->bucket[h % BUCKETS];
    while (*p != NULL && ((*p)->parent != parent || (*p)->name.len != name.len ||
                          memcmp((*p)->name.s, name.s, name.len) != 0))
        p = &(*p)->chain;
    return p;
}

/* The entry of the directory part, and the name behind it. */
static struct entry *parent_of(struct model *m, struct text path, struct text *name)
{
    struct entry *e = &m->root;
    const char *slash;

    while (e != NULL && (slash = memchr(path.s, '/', path.len)) != NULL) {
        size_t len = (size_t)(slash - path.s);

        e = *slot(m, e, (struct text){ path.s, len });
        path.s += len + 1;
        path.len -= len + 1;
    }
    *name = path;
    return e;
}

struct entry *model_find(struct model *m, struct text path)
{
    struct text name;
    struct entry *e;

    if (path.len == 0)
        return &m->root;
    e = parent_of(m, path, &name);
    return e != NULL ? *slot(m, e, name) : NULL;
}

bool entry_is_dir(const struct entry *e)
{
    return e->dir;
}

size_t entry_children(const struct entry *e)
{
    return e->children;
}

bool model_attach(struct model *m, struct entry *e, struct text path)
{
    struct text name;
    struct entry *parent = parent_of(m, path, &name);
    char *copy;

    if (parent == NULL || !parent->dir)
        return false;
    if ((copy = malloc(name.len + 1)) == NULL)
        err(2, "malloc");
    memcpy(copy, name.s, name.len);
    e->name = (struct text){ copy, name.len };
    *slot(m, parent, name) = e;
    e->chain = NULL;
    e->parent = parent;
    e->prev = NULL;
    e->next = parent->child;
    if (e->next != NULL)
        e->next->prev = e;
    parent->child = e;
    parent->children++;
    return true;
}

struct entry *model_add(struct model *m, struct text path, bool dir)
{
    struct entry *e = calloc(1, sizeof(*e));

    if (e == NULL)
        err(2, "malloc");
    e->dir = dir;
    if (model_attach(m, e, path))
        return e;
    free(e);
    return NULL;
}

void model_detach(struct model *m, struct entry *e)
{
    struct entry **p = slot(m, e->parent, e->name);

    *p = e->chain;
    if (e->prev != NULL)
        e->prev->next = e->next;
    else
        e->parent->child = e->next;
    if (e->next != NULL)
        e->next->prev = e->prev;
    e->parent->children--;
    e->parent = NULL;
}

struct walk {
    char *path;
    size_t len, cap;
    void (*each)(void *arg, struct text path, bool dir);
    void *arg;
};

static void visit(struct walk *w, const struct entry *dir)
{
    size_t len = w->len;

    for (const struct entry *e = dir->child; e != NULL; e = e->next) {
        if (len + e->name.len + 2 > w->cap) {
            w->cap = (len + e->name.len + 2) * 2;
            if ((w->path = realloc(w->path, w->cap)) == NULL)
                err(2, "malloc");
        }
        w->len = len;
        if (len > 0)
            w->path[w->len++] = '/';
        memcpy(w->path + w->len, e->name.s, e->name.len);
        w->len += e->name.len;
        w->each(w->arg, (struct text){ w->path, w->len }, e->dir);
        visit(w, e);
    }
    w->len = len;
}

void model_each(const struct model *m, void (*each)(void *arg, struct text path, bool dir),
                void *arg)
{
    struct walk w = { .each = each, .arg = arg };

    visit(&w, &m->root);
    free(w.path);
}
